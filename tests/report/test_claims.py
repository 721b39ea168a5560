"""What the report claims: no number comes from nowhere, and no word says more than the tables do.

Belongs here: rules that hold on every page. Each number is looked for among those of the published tables and the
reference tables, as the report writes them; whether the right one stands in the right place is tested page by page.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from html import unescape
from numbers import Real
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.gap import parts_of_the_gap
from pipeline.method.analysis.reconstruction.readings import where_readings_lie
from pipeline.method.analysis.reconstruction.steps import reached, resting
from pipeline.method.analysis.spread import spread_by_option
from pipeline.method.analysis.wellbeing_scales import values_of_a_point
from pipeline.report import wording
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.pages import bridge
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import gather
from pipeline.report.published_figures import gap_of
from pipeline.report.text.headline import headline
from pipeline.tables import vocabulary
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.vocabulary import RATIOS
from tests.conftest import EDITIONS
from tests.report.conftest import VERSIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]

DOWNLOADS = ("tables/", "datapackage.json")
# Pages that quote others, who may call fiscal value so.
QUOTING = ("published.html", "sources.html")
SAVED = re.compile(r"\bsav(?:ed|es?|ings?)\b", re.IGNORECASE)
NUMBER = re.compile(r"−?£?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?[m%]?")
# Charts say what the table behind each says; their axes have numbers of their own.
DRAWN = re.compile(r"<(svg|style|script)\b.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
SUMMED_BY = {
    "valued_outcomes": (
        ["unit_cost_id"],
        ["source_id"],
        ["deadweight_source_id"],
        ["mapping_grade"],
        ["treatment"],
        ["deadweight_layer"],
        ["outcome_id"],
        ["outcome_id", "mapping_grade"],
        ["outcome_id", "deadweight_layer"],
        ["outcome_id", "deadweight_layer", "deadweight"],
        ["outcome_id", "deadweight_layer", "contract_id"],
    ),
    "overlaps": (["overlap_reason"],),
}
WORDS = (
    wording.million,
    wording.money,
    wording.about,
    wording.whole_pounds,
    wording.thousand,
    wording.pounds,
    wording.ratio_text,
    wording.percent,
    wording.chance,
    wording.share,
    wording.plain_number,
    wording.factor,
)
# What templates say of themselves: £1 of payments, 100% of the values, P10 and P90, what the ends of a range are (the
# 2.5th and 97.5th percentile), Creative Commons 4.0.
OF_TEMPLATES = {"£1", "1", "0", "4.0", "10", "90", "5", "95", "2.5", "97.5", "100%", "0%"}


def numbers_of(text: str) -> set[str]:
    return {found.rstrip(",") for found in NUMBER.findall(text)}


def words_of(page: str) -> str:
    """What a reader sees."""
    return " ".join(unescape(TAG.sub(" ", DRAWN.sub(" ", page))).split())


def shown(page: str) -> set[str]:
    """The numbers that a reader sees."""
    return numbers_of(words_of(page))


@cache
def as_shown(value: float) -> frozenset[str]:
    """A number in every way in which the report writes one."""
    if not math.isfinite(value):
        return frozenset()
    ways = {way(value) for way in WORDS}
    ways |= {f"{wording.plain_number(value * 100)}%", f"£{wording.ratio_text(value)}", f"£{value:.1f}"}
    return frozenset(found for way in ways for found in numbers_of(way))


def of_cells(cells: Iterable[Any]) -> Iterator[str]:
    """What cells show: numbers in any way, days, and the numbers within a text."""
    for cell in cells:
        if isinstance(cell, bool) or cell is None or cell is pd.NaT:
            continue
        if isinstance(cell, Real):
            yield from as_shown(float(cell))
        elif isinstance(cell, datetime.date):
            yield from numbers_of(f"{cell:%-d} {cell:%Y} {cell:%Y-%m}")
        elif isinstance(cell, dict):
            yield from of_cells([*cell, *cell.values()])
        elif isinstance(cell, list | tuple):
            yield from of_cells(cell)
        else:
            yield from numbers_of(str(cell))


def of_table(table: pd.DataFrame) -> set[str]:
    found: set[str] = {str(len(table)), f"{len(table):,}"}
    for column in table:
        found.update(of_cells(table[column].unique()))
    return found


@pytest.fixture(scope="module", params=EDITIONS)
def made_from(request: pytest.FixtureRequest, tables_of: TablesOf, reference: Reference) -> Site:
    tables, edition = tables_of(request.param), reference.editions[request.param]
    return Site(edition, tables, headline(tables, edition), reference, VERSIONS)


@pytest.fixture(scope="module")
def files(made_from: Site, site_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return site_of(made_from.edition.edition)


@pytest.fixture(scope="module")
def pages(files: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.endswith(".html")}


@pytest.fixture(scope="module")
def everywhere(made_from: Site) -> set[str]:
    """The numbers that any page may show: of the edition, its headline, the reference tables and the vocabulary."""
    tables = (getattr(made_from.reference, name) for name in REFERENCE_TABLES)
    words = [value for name, value in vars(vocabulary).items() if name.isupper()]
    edition = vars(made_from.edition)
    return set().union(
        OF_TEMPLATES, of_cells([made_from.data, words, edition, *edition.values()]), *(of_table(t) for t in tables)
    )


def sums_of(tables: Mapping[str, pd.DataFrame]) -> set[str]:
    """What rests on each unit cost, rate, mapping and source: the sums of the lines of value that name it."""
    known: set[str] = set()
    counted = tables["contract_value"].query("is_in_bcr")["contract_id"]
    for name, groups in SUMMED_BY.items():
        lines = with_treatment(tables[name], tables["reported_outcomes"])
        lines["taken_gbp"] = lines["gross_gbp"] - lines["net_gbp"]
        for part in (lines, lines[lines["contract_id"].isin(counted)]):
            for rows in (part[~part["is_transfer"]], part[part["is_transfer"]]):
                for keys in groups:
                    sums = rows.groupby(keys)[["net_gbp", "taken_gbp"]].sum()
                    known.update(of_cells([*sums.to_numpy().ravel(), *(sums / sums.sum()).to_numpy().ravel()]))
    return known


def with_treatment(lines: pd.DataFrame, reported: pd.DataFrame) -> pd.DataFrame:
    """Lines with how their metrics are treated, in one way or in several."""
    treatments = dict(zip(reported["contract_id"] + reported["metric_id"], reported["treatment"], strict=True))
    of_lines = zip(lines["contract_id"], lines["metric_ids"].str.split("; "), strict=True)
    return lines.assign(
        treatment=[" ".join(sorted({treatments[contract + name] for name in ids})) for contract, ids in of_lines]
    )


def worked_out(made_from: Site) -> set[str]:
    """Numbers that no table has: sums and differences of its rows, ratios of deflators, rows that name a source.

    And what a point of a wellbeing scale is worth.
    """
    tables, reference, year = made_from.tables, made_from.reference, made_from.edition.price_year
    gap = gap_of(tables, made_from.edition, made_from.data)
    assert gap
    areas = tables["policy_area_value"]
    deflators = reference.gdp_deflators.set_index("price_year")["gdp_deflator"]
    ours = [tables[name] for name in ("contracts", "reported_outcomes", "payments", "rejected_rows")]
    others = [getattr(reference, name) for name in REFERENCE_TABLES if name != "sources"]
    named = [table["source_id"] for table in (*ours, *others) if "source_id" in table]
    gains = tables["payer_beneficiary"].groupby(["agency", "payer_kind"])["value_gbp"].sum()
    cells = [
        gap,
        parts_of_the_gap(gap, made_from.data),
        list(areas["fiscal_gbp"] - areas["transfers_gbp"]),
        [spread_by_option(tables["scenarios"], choice) for choice in CHOICE_WORDS],
        list(deflators[year] / deflators),
        [list(ids.value_counts()) for ids in (*named, pd.concat(named))],
        [*gains, *gains.groupby("agency").sum(), gains.sum()],
        sum(map(len, tables.values())),
        *_of_the_reading(tables["reconstruction"], tables["reading_combinations"]),
        *_of_the_bridge(tables["bridge"]),
    ]
    return sums_of(tables).union(of_cells(cells), of_table(values_of_a_point(reference.wellbeing_scales)))


def _of_the_reading(terms: pd.DataFrame, combinations: pd.DataFrame) -> Iterator[Any]:
    """How far the steps of a study rebuilt lead, and what they rest on; how many steps and questions there are."""
    if len(terms):
        far = reached(terms)
        yield [*far["explained"], *far["left"], *(-far["left"]), *far["begin"]]
        yield [*resting(terms)["term"], *resting(terms)["steps"]]
        yield list(terms.groupby(["measure", "scope", "is_plug"])["step_id"].nunique() - 2)
        yield [wording.change(term) for name in ("term", "low_term", "high_term") for term in terms[name].dropna()]
        published = far[far["scope"] == "market"].set_index("measure")["published"]
        cells = where_readings_lie(combinations, published[list(RATIOS)].to_dict())
        yield list(cells.to_numpy().ravel())
        yield [len(terms[terms["scope"] == "market"]["step_id"].unique()), int((~terms["is_plug"]).sum())]
        yield [*(far["published"] - far["end"]).abs(), *far["end"]]


def _of_the_bridge(terms: pd.DataFrame) -> Iterator[Any]:
    """By how much causes move what they move, where they lead, how many there are and how many carry each."""
    whole = terms[terms["detail"] == ""]
    ratios = whole["measure"].isin(["bcr", "fiscal_bcr"])
    yield [wording.change(term) for name in ("term", "least", "most") for term in whole.loc[ratios, name].dropna()]
    yield [wording.moved(term) for term in terms.loc[~terms["measure"].isin(["bcr", "fiscal_bcr"]), "term"]]
    for keys in (["publication_id"], ["publication_id", "cause"]):
        for kind in ("scope", "detail", "cause"):
            counted = terms.groupby([*keys, "scope_kind", "measure"])[kind].nunique()
            yield [number - less for number in set(counted) for less in (0, 1, bridge.NAMED, bridge.NAMED + 1)]
    ends = whole[ratios].groupby(["publication_id", "scope", "measure"])
    yield [float(rows["after"].iloc[-1] - rows["term"].sum()) for _, rows in ends]


def test_every_number_of_a_contract_is_of_its_rows_or_its_area(
    made_from: Site, pages: dict[str, str], everywhere: set[str]
) -> None:
    of_contract: dict[str, set[str]] = {}
    of_scope: dict[str, set[str]] = {}
    for table in made_from.tables.values():
        if "contract_id" in table:
            for contract_id, rows in table.groupby("contract_id"):
                of_contract.setdefault(contract_id, set()).update(of_table(rows))
        if "scope" in table:
            for scope, rows in table.groupby("scope"):
                # A figure about several contracts is on the page of each.
                for part in scope.split("+"):
                    of_scope.setdefault(part, set()).update(of_table(rows))
    gathered = gather(made_from)
    areas = {area["policy_area"]: set(of_cells(area.values())) for area in gathered.areas}
    for contract in gathered.contracts:
        contract_id, area = contract["contract_id"], contract["policy_area"]
        known = everywhere.union(
            of_contract[contract_id], of_scope.get(contract_id, ()), of_scope.get(area, ()), areas[area]
        )
        assert shown(pages[contract["path"]]) - known == set(), contract_id


def test_every_number_of_the_other_pages_is_of_a_table(
    made_from: Site, files: dict[str, str], pages: dict[str, str], everywhere: set[str]
) -> None:
    known = everywhere.union(worked_out(made_from), *map(of_table, made_from.tables.values()))
    # What the models hold columns to is said in the package too, where it is tested.
    limits = dict.fromkeys(("data.html", "columns.html"), numbers_of(files["datapackage.json"]))
    for path, page in pages.items():
        if not path.startswith("contracts/"):
            assert shown(page) - known - limits.get(path, set()) == set(), path


def test_a_number_that_is_of_no_table_is_noticed(made_from: Site, pages: dict[str, str], everywhere: set[str]) -> None:
    known = everywhere.union(worked_out(made_from), *map(of_table, made_from.tables.values()))
    ratio = wording.ratio_text(made_from.data["bcr"])
    wrong = pages["index.html"].replace(f"£{ratio}", "£98.76")
    assert shown(wrong) - known == {"£98.76"}


def test_the_site_is_small(files: dict[str, str]) -> None:
    """Under 4 MB with the page of the checks, which is made with the edition and takes less than the rest of it."""
    read = {path: text for path, text in files.items() if not path.startswith(DOWNLOADS)}
    assert sum(len(text.encode()) for text in read.values()) < 3_900_000


def test_no_page_is_too_long_to_load_but_the_one_that_holds_the_model(pages: dict[str, str]) -> None:
    long = {path for path, text in pages.items() if len(text.encode()) >= 250_000}
    assert long <= {"assumptions.html"}
    assert len(pages["assumptions.html"].encode()) < 350_000


def test_fiscal_value_is_never_called_saved(pages: dict[str, str]) -> None:
    said = {path: SAVED.findall(words_of(page)) for path, page in pages.items() if path not in QUOTING}
    assert {path: words for path, words in said.items() if words} == {}
