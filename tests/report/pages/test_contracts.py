"""The pages of contracts and areas: all there, linked, their pounds those of the tables; and names that carry HTML."""

import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import PAGES, contracts
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import UnsafePathError, area_path, contract_path
from pipeline.report.site import with_charts
from pipeline.report.text.editions import FRONT
from pipeline.report.text.headline import headline
from pipeline.report.wording import about, day, per_pound, quantity, ratio_text, thousand, whole_pounds
from pipeline.tables.vocabulary import INTERVENTIONS, POLICY_AREAS, TARGET_GROUPS
from tests.report.conftest import VERSIONS
from tests.report.taken_apart import TakenApart

Pages = dict[str, str]
TablesOf = Callable[[str], dict[str, pd.DataFrame]]

EDITIONS = ("open-2026", "atq-2022")
HOSTILE = """<script>alert(1)</script> =cmd|'/c' {{ 7 * 7 }} " onclick='x'"""
LARGEST_SET = 2_550_000


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def made_of(edition_id: str, tables: dict[str, pd.DataFrame], reference: Reference) -> Site:
    edition = reference.editions[edition_id]
    return Site(edition, tables, headline(tables, edition), reference, VERSIONS)


def pages_of(made_from: Site) -> Pages:
    return contracts.render(with_charts(made_from, [contracts.PAGE]))


@pytest.fixture(scope="module", params=EDITIONS)
def made_from(request: pytest.FixtureRequest, tables_of: TablesOf, reference: Reference) -> Site:
    # Only what the pages show: checks are run, and so made, by the pipeline.
    return made_of(request.param, tables_of(request.param), reference)


@pytest.fixture(scope="module")
def pages(made_from: Site) -> Pages:
    return pages_of(made_from)


@pytest.fixture(scope="module")
def hostile_pages(tables_of: TablesOf, reference: Reference) -> Pages:
    """Pages on which every text that somebody else wrote carries HTML, script and a formula."""
    tables = dict(tables_of("open-2026"))
    texts = {
        "contracts": ["outcomes_fund", "service_end_basis"],
        "contract_value": ["name"],
        "reported_outcomes": ["label", "reason", "locator", "metric_id"],
        "payments": ["payer", "note", "locator"],
        "organisations": ["name", "locator"],
        "places": ["place", "locator"],
        "valued_outcomes": ["agency", "sum", "locator"],
        "overlaps": ["overlap_reason"],
        "not_valued": ["reason"],
        "flags": ["flag", "detail", "metric_id"],
        "price_checks": ["label"],
        "corrections": ["reported", "used", "reason", "locator"],
        "accepted": ["value", "reason"],
        "rejected_rows": ["value", "reason", "locator"],
    }
    for name, columns in texts.items():
        tables[name] = tables[name].assign(**dict.fromkeys(columns, HOSTILE))
    sources = reference.sources.assign(title=HOSTILE, publisher=HOSTILE, licence=HOSTILE, address="javascript:alert(1)")
    return pages_of(made_of("open-2026", tables, replace(reference, sources=sources)))


# --- The folder -------------------------------------------------------------------------------------------------


def test_every_contract_and_every_area_has_its_page(
    made_from: Site, pages: Pages, site_of: Callable[[str], dict[str, str]]
) -> None:
    of_contracts = {contract_path(contract_id) for contract_id in made_from.tables["contracts"]["contract_id"]}
    areas = {area_path(area) for area in made_from.tables["policy_area_value"]["policy_area"]}
    assert set(pages) == {"contracts.html"} | of_contracts | areas
    assert pages.items() <= site_of(made_from.edition.edition).items()


def test_every_link_leads_to_a_file_of_the_folder_and_to_a_place_in_it(
    made_from: Site, pages: Pages, site_of: Callable[[str], dict[str, str]]
) -> None:
    made = site_of(made_from.edition.edition)
    known = set(made) | {page.path for page in PAGES} | {f"../{name}" for name in FRONT}
    for path, html in pages.items():
        parsed = TakenApart(html)
        links = [a["href"] for a in parsed.named("a")] + [a["href"] for a in parsed.named("link")]
        for link in links + [script["src"] for script in parsed.named("script")]:
            if link.startswith(("https://", "http://")):
                continue
            file, _, place = link.partition("#")
            led_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), file)) if file else path
            assert led_to in known
            assert not place or f'id="{place}"' in (pages | made)[led_to]


def test_every_contract_is_reached_from_the_list_and_from_its_area(made_from: Site, pages: Pages) -> None:
    for row in made_from.tables["contract_value"].to_dict("records"):
        assert f'href="{contract_path(row["contract_id"])}"' in pages["contracts.html"]
        assert f'href="../{contract_path(row["contract_id"])}"' in pages[area_path(row["policy_area"])]
        assert f'href="../{area_path(row["policy_area"])}"' in pages[contract_path(row["contract_id"])]


@pytest.mark.parametrize("name", ["../x", "..", "a/b", "A\\B", "", "A B", "INDIGO-POJ-0137\n", "/etc/passwd", "a", "É"])
def test_an_id_that_could_lead_out_of_the_folder_has_no_page(name: str) -> None:
    with pytest.raises(UnsafePathError):
        contract_path(name)
    with pytest.raises(UnsafePathError):
        area_path(name)


def test_a_set_of_pages_is_small(pages: Pages) -> None:
    assert sum(len(html.encode()) for html in pages.values()) < LARGEST_SET


# --- What they say ----------------------------------------------------------------------------------------------


def test_the_net_pounds_of_the_lines_are_those_of_the_tables(made_from: Site, pages: Pages) -> None:
    lines, values = made_from.tables["valued_outcomes"], made_from.tables["contract_value"]
    for row in values.to_dict("records"):
        html = pages[contract_path(row["contract_id"])]
        shown = [text.replace("−", "-") for text in re.findall(r'class="number net">(.*?)</td>', html)]
        net = [round(float(text.replace("£", "").replace(",", "")), 2) for text in shown]
        own = lines[lines["contract_id"] == row["contract_id"]]
        assert len(net) == len(own)
        assert sum(net) == pytest.approx(own["net_gbp"].sum(), abs=0.005)
        value = row["fiscal_gbp"] + row["economic_gbp"] + row["social_gbp"]
        assert sum(net) == pytest.approx(value if row["is_valued"] else 0.0, abs=0.005)


def test_each_ratio_has_its_range_price_year_and_layer_of_deadweight(made_from: Site, pages: Pages) -> None:
    basis = f"prices of {made_from.edition.price_year}, deadweight: {made_from.edition.deadweight_layer}"
    rows = made_from.tables["uncertainty"].query("scope_kind != 'market'").to_dict("records")
    summaries = made_from.tables["value_summary"].set_index("scope")
    for row in rows:
        path = (area_path if row["scope"] in POLICY_AREAS else contract_path)(row["scope"])
        low, own, high = (per_pound(row[name]) for name in ("p10", "ratio", "p90"))
        least = "at least " if summaries.loc[row["scope"], "time_is_least"] else ""
        words = {"bcr": "Public", "fiscal_bcr": "Fiscal"}[row["measure"]]
        said, between = f"{words} value for each £1 paid {least}{own}", f" 80% range: {low} to {high}"
        if row["scope_kind"] == "contract" and row["measure"] == "fiscal_bcr":
            if 'id="gains"' not in pages[path]:
                continue
            said, between = f"Public budgets gain {least}{own} for each £1 paid", f" (80% range: {low} to {high})"
        assert said in words_of(pages[path])
        assert (said + between in words_of(pages[path])) is row["has_range"]
    listed = words_of(pages["contracts.html"])
    for row in rows:
        if row["scope_kind"] == "contract" and row["measure"] == "bcr":
            assert span_of(row) in listed
    assert all(basis in words_of(html) for html in pages.values())


def span_of(row: dict[str, Any]) -> str:
    """A ratio with its range, or alone where it has none."""
    ends = f" ({ratio_text(row['p10'])} to {ratio_text(row['p90'])})" if row["has_range"] else ""
    return f"{per_pound(row['ratio'])}{ends}"


def test_each_ratio_in_the_list_has_its_range_or_none(made_from: Site, pages: Pages) -> None:
    shown = [words_of(cell) for cell in re.findall(r'<div class="ratio-said">(.*?)</div>', pages["contracts.html"])]
    table = made_from.tables["uncertainty"]
    rows = table.query("scope_kind == 'contract' and measure == 'bcr'").to_dict("records")
    assert shown
    assert sorted(shown) == sorted(map(span_of, rows))


def test_what_keeps_a_contract_out_of_the_ratio_is_said(made_from: Site, pages: Pages) -> None:
    for row in made_from.tables["contract_value"].to_dict("records"):
        words = words_of(pages[contract_path(row["contract_id"])])
        assert ("This contract has no ratio:" in words) is not bool(row["is_in_bcr"])
        assert not ("How much could be missing" in words and row["is_in_bcr"])
        assert ("How we calculated the value" in words) or not row["is_valued"]


def test_the_coverage_of_an_area_stands_beside_its_ratio(made_from: Site, pages: Pages) -> None:
    for row in made_from.tables["policy_area_value"].to_dict("records"):
        words = words_of(pages[area_path(row["policy_area"])])
        assert f"ratio covers {row['contracts_in_bcr']} of {row['contracts']} contracts and " in words
        is_small = row["contracts_in_bcr"] < 5 or 2 * row["contracts_in_bcr"] < row["contracts"]
        assert ("Low coverage" in words) or not is_small
        assert "Do not compare areas" in words


def test_a_ratio_lies_within_its_range_and_one_without_is_explained(made_from: Site, pages: Pages) -> None:
    table = made_from.tables["uncertainty"]
    for row in table.query("scope_kind != 'market' and measure == 'bcr'").to_dict("records"):
        assert row["p10"] <= row["ratio"] <= row["p90"] or not row["has_range"]
        page = pages[(area_path if row["scope_kind"] == "policy_area" else contract_path)(row["scope"])]
        # What is said of the ratio itself; that of the area stands elsewhere.
        (beside,) = re.findall(
            r'<p class="muted">([^<]*8 in 10 simulations fall inside it.[^<]*)</p>', page.split("<section")[0]
        )
        assert ("It is £0.00 because nothing reported" in beside) is (row["ratio"] == 0)
        assert ("We give no range" in beside) is (row["ratio"] != 0 and not row["has_range"])


def test_an_area_says_what_of_it_is_not_valued(made_from: Site, pages: Pages) -> None:
    outcomes = made_from.tables["reported_outcomes"].merge(
        made_from.tables["contracts"][["contract_id", "policy_area"]], on="contract_id"
    )
    names = made_from.reference.outcome_types.set_index("outcome_id")["name"]
    for area, rows in outcomes[outcomes["treatment"] == "no_unit_cost"].groupby("policy_area"):
        words = words_of(pages[area_path(str(area))])
        assert all(names[outcome_id] in words for outcome_id in rows["outcome_id"])


def test_every_reported_metric_flag_and_correction_is_on_the_page_of_its_contract(
    made_from: Site, pages: Pages
) -> None:
    shown = {"reported_outcomes": ["label", "reason"], "flags": ["flag", "detail"], "corrections": ["reason"]}
    for name, columns in shown.items():
        for row in made_from.tables[name].to_dict("records"):
            words = words_of(pages[contract_path(row["contract_id"])])
            assert all(" ".join(row[column].split()).casefold() in words.casefold() for column in columns)


def test_who_took_part_and_each_place_stand_by_name_with_what_was_invested(made_from: Site, pages: Pages) -> None:
    for row in made_from.tables["organisations"].to_dict("records"):
        words = words_of(pages[contract_path(row["contract_id"])].split('id="part"')[1].split("</section>")[0])
        assert row["name"] in words
        assert row["locator"].partition(" #")[0] in words
        if row["investment_committed_gbp"] > 0:
            assert f"{about(row['investment_committed_gbp'])}{' or more' if row['is_low_end'] else ''}" in words
    for row in made_from.tables["places"].to_dict("records"):
        words = words_of(pages[contract_path(row["contract_id"])].split('id="part"')[1].split("</section>")[0])
        assert " ".join(row["place"].split()) in words


def test_for_whom_a_service_was_is_said_by_what_its_codes_mean(made_from: Site, pages: Pages) -> None:
    service = made_from.tables["service"]
    for row in service[service["code"] != ""].to_dict("records"):
        words = words_of(pages[contract_path(row["contract_id"])].split('class="strip"')[0])
        assert (TARGET_GROUPS | INTERVENTIONS)[row["code"]].casefold() in words.casefold()
    nobody = set(made_from.tables["contracts"]["contract_id"]) - set(
        service.loc[service["fact"] == "target_group", "contract_id"]
    )
    assert all("It was for" not in pages[contract_path(contract_id)] for contract_id in nobody)


def test_what_was_agreed_to_be_paid_stands_beside_what_was_paid(made_from: Site, pages: Pages) -> None:
    checks = made_from.tables["price_checks"]
    for row in checks.to_dict("records"):
        words = words_of(pages[contract_path(row["contract_id"])].split('id="prices"')[1].split("</section>")[0])
        if row["metric_id"]:
            priced = f"{row['label']} {row['metric_id']} £{row['price_gbp']:,.2f}".strip().removesuffix(".00")
            assert priced in words
        elif row["ratio"] > 0:
            assert f"That is £{ratio_text(row['ratio'])} for each £1 paid" in words
            assert ("leaves this payment out everywhere else" in words) == (row["contract_id"] == "INDIGO-POJ-0135")
            assert ("with the prices in the source it is £4,659,370, or £1.47" in words) == (row["grade"] == "weak")
    without = set(made_from.tables["contracts"]["contract_id"]) - set(checks["contract_id"])
    assert len(without) == 75
    assert all('id="prices"' not in pages[contract_path(contract_id)] for contract_id in without)


def test_every_source_of_a_line_is_cited(made_from: Site, pages: Pages) -> None:
    for row in made_from.tables["valued_outcomes"].to_dict("records"):
        cited = pages[contract_path(row["contract_id"])].split('aria-labelledby="sources"')[1]
        for source_id in (row["source_id"], row["deadweight_source_id"]):
            assert f'id="source-{source_id}"' in cited or not source_id


# --- Shape ------------------------------------------------------------------------------------------------------


def test_pages_are_well_formed_and_say_what_their_parts_are(pages: Pages) -> None:
    for html in pages.values():
        parsed = TakenApart(html)
        ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert [len(parsed.named(tag)) for tag in ("main", "h1", "footer", "nav")] == [1, 1, 1, 1]
        levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch("h[1-6]", tag)]
        assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
        labels = [a["aria-labelledby"] for _, a in parsed.tags if "aria-labelledby" in a]
        assert set(labels) <= set(ids)
        assert len(parsed.named("caption")) == len(parsed.named("table"))
        assert all("scope" in attributes for attributes in parsed.named("th"))


def test_a_hostile_name_is_text_and_nothing_else(hostile_pages: Pages) -> None:
    for path, html in hostile_pages.items():
        parsed = TakenApart(html)
        assert all(set(script) == {"src"} for script in parsed.named("script"))
        names = {script["src"].rpartition("/")[2] for script in parsed.named("script")}
        assert names <= {"table.js", "charts.js", "frame.js", "find.js", "editions.js"}
        assert not any(name.startswith("on") for _, attributes in parsed.tags for name in attributes)
        assert "<script>alert" not in html
        assert "javascript:" not in html
        assert " ".join(HOSTILE.split()) in words_of(html), path


def test_figures_are_written_as_they_are_read() -> None:
    assert (quantity(326.5, "year"), quantity(1, "incident"), quantity(12, "person")) == (
        "326.5 years",
        "1 incident",
        "12 people",
    )
    assert (day(pd.Timestamp("2015-01-01")), day(None)) == ("1 Jan 2015", "–")
    assert (thousand(-1_234_567.0), thousand(None)) == ("−1,235", "–")
    assert (whole_pounds(-2.6), whole_pounds(None)) == ("−£3", "–")
