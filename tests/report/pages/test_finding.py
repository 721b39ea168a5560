"""The list of contracts: regions and evidence beside each, marks to filter by, and no name that is more than a name."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.finding import REGIONS, evidence_of, list_page, regions_of
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import gather
from pipeline.report.text.headline import headline
from tests.conftest import EDITIONS
from tests.report.conftest import VERSIONS
from tests.report.taken_apart import TakenApart

TablesOf = Callable[[str], dict[str, pd.DataFrame]]

LARGEST_PAGE = 250_000
HOSTILE = """<script>alert(1)</script> =cmd|'/c' " onclick='x'; x"""


def made_of(edition_id: str, tables: dict[str, pd.DataFrame], reference: Reference) -> Site:
    edition = reference.editions[edition_id]
    return Site(edition, tables, headline(tables, edition), reference, VERSIONS)


@pytest.fixture(scope="module", params=EDITIONS)
def made_from(request: pytest.FixtureRequest, tables_of: TablesOf, reference: Reference) -> Site:
    return made_of(request.param, tables_of(request.param), reference)


@pytest.fixture(scope="module")
def page(made_from: Site) -> str:
    return list_page(made_from, gather(made_from))


def rows_of(page: str) -> dict[str, str]:
    """The row of each contract, by its id."""
    found = re.findall(r'<tr data-contract="([A-Z0-9-]+)".*?</tr>', page, re.DOTALL)
    return dict(zip(found, re.findall(r"<tr data-contract=.*?</tr>", page, re.DOTALL), strict=True))


@pytest.mark.parametrize(
    ("places", "regions"),
    [
        (["Gloucestershire, South West, UK"], ["South West"]),
        (["Leeds", "Sheffield City Council"], ["Yorkshire and The Humber"]),
        (["The London Boroughs of Lewisham, Bromley, and Greenwich in South East London"], ["London"]),
        (["West and North West London (“WNW”): Kensington & Chelsea"], ["London"]),
        (["North West and London: Manchester City Council"], ["North West", "London"]),
        (["Norfolk, East England, UK", "KENT"], ["East of England", "South East"]),
        (["Great Britain"], []),
        (["Kentish Town"], []),
        ([], []),
    ],
)
def test_a_place_is_in_the_regions_that_its_name_tells(places: list[str], regions: list[str]) -> None:
    assert regions_of(places) == regions


def test_nearly_every_contract_is_in_a_region(tables_of: TablesOf) -> None:
    places = tables_of("open-2026")["places"]
    without = [rows["place"].tolist() for _, rows in places.groupby("contract_id") if not regions_of(rows["place"])]
    assert without == [["Great Britain"]] * len(without)
    assert len(without) <= 2
    assert set().union(*(regions_of([place]) for place in places["place"])) <= set(REGIONS)


def line(net_gbp: float, cost: str, rate: str, mapping: str, is_transfer: bool = False) -> dict[str, object]:
    grades = {"unit_cost_grade": cost, "deadweight_grade": rate, "mapping_grade": mapping}
    return {"net_gbp": net_gbp, "is_transfer": is_transfer, **grades}


def test_evidence_is_the_grade_behind_most_of_the_value() -> None:
    lines = [
        line(60, "weak", "", "strong"),
        line(50, "strong", "", "medium"),
        line(30, "strong", "", "medium"),
        line(500, "medium", "weak", "weak", is_transfer=True),
    ]
    # No rate is taken off where the count is net: nothing is said of it.
    assert evidence_of(lines) == {"costs": "strong", "match": "medium"}
    assert evidence_of([]) == {}
    assert evidence_of([line(0, "weak", "weak", "weak")]) == {}


def test_the_page_is_small_and_has_every_contract_with_all_that_is_searched(made_from: Site, page: str) -> None:
    assert len(page.encode()) < LARGEST_PAGE
    rows, tables = rows_of(page), made_from.tables
    assert set(rows) == set(tables["contracts"]["contract_id"])
    for name, column in (("organisations", "name"), ("places", "place"), ("contracts", "name")):
        for contract_id, text in tables[name][["contract_id", column]].itertuples(index=False):
            assert " ".join(text.split()) in " ".join(unescape(rows[contract_id]).split())


def test_each_contract_is_found_by_its_area_fund_region_and_ratio(made_from: Site, page: str) -> None:
    options = dict(re.findall(r'<option value="([a-z]+-\d+)" class="given">(.*?)</option>', page))
    values = made_from.tables["contract_value"].set_index("contract_id")
    funds = made_from.tables["contracts"].set_index("contract_id")["outcomes_fund"]
    for contract_id, row in rows_of(page).items():
        marks = set(TakenApart(row).named("tr")[0]["data-marks"].split())
        of_kind = {kind: {unescape(options[m]) for m in marks if m.startswith(kind)} for kind in ("area", "fund")}
        assert of_kind["area"] == {values["policy_area"][contract_id].replace("_", " ").capitalize()}
        assert of_kind["fund"] == set(filter(None, funds[contract_id].split("; ")))
        assert ("ratio" in marks) is bool(values["is_in_bcr"][contract_id])


def test_the_highest_ratios_are_named_with_what_they_rest_on(made_from: Site, page: str) -> None:
    note = unescape(page.partition('id="no-league-table"')[2].partition("</div>")[0])
    values = made_from.tables["contract_value"].sort_values("bcr", ascending=False)
    assert all(name in note for name in values["name"].head(3))
    lines = made_from.tables["valued_outcomes"].query("not is_transfer")
    outcomes = made_from.reference.outcome_types.set_index("outcome_id")["name"]
    for contract_id in values["contract_id"].head(3):
        sums = lines[lines["contract_id"] == contract_id].groupby("outcome_id")["net_gbp"].sum()
        assert outcomes[sums.idxmax()] in note


def test_a_hostile_name_is_text_and_nothing_else(tables_of: TablesOf, reference: Reference) -> None:
    tables = dict(tables_of("open-2026"))
    texts = {"contracts": ["outcomes_fund"], "contract_value": ["name"], "organisations": ["name"], "places": ["place"]}
    for name, columns in texts.items():
        tables[name] = tables[name].assign(**dict.fromkeys(columns, HOSTILE))
    made_from = made_of("open-2026", tables, replace(reference))
    page = list_page(made_from, gather(made_from))
    parsed = TakenApart(page)
    assert [script["src"] for script in parsed.named("script")] == [
        *("table.js", "../editions.js", "frame.js", "find.js")
    ]
    assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
    assert not any("alert" in value for _, attributes in parsed.tags for value in attributes.values())
    assert page.count(HOSTILE.partition(";")[0]) == 0
