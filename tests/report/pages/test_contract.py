"""The page of a contract and that of its area: what they say first, what they draw, and where their rows are."""

import re
from collections.abc import Callable
from html import unescape

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import area_path, contract_path, no_effect, no_time, why_it_is_low
from pipeline.report.pages.pictures import HIGH, WIDE, between, lines_over_time, widths
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.report.wording import about, chance, ratio_text
from pipeline.tables.vocabulary import COUNTED_TREATMENTS, POLICY_AREAS
from tests.report.conftest import CONTRACT_WITH_CLAIMS, EDITION_WITH_CLAIMS, VERSIONS
from tests.report.taken_apart import TakenApart
from tests.report.undrawn import undrawn

Tables = dict[str, pd.DataFrame]


def words_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def part_of(page: str, id_: str) -> str:
    """A section of a page by the id of its heading, empty if it has none."""
    return page.partition(f'aria-labelledby="{id_}"')[2].partition("<section ")[0]


@pytest.fixture
def pages(edition_id: str, site_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return {path: text for path, text in site_of(edition_id).items() if path.startswith(("contracts/", "areas/"))}


@pytest.fixture(scope="module")
def pages_with_claims(with_claims: tuple[Reference, Tables]) -> dict[str, str]:
    reference, tables = with_claims
    edition = reference.editions[EDITION_WITH_CLAIMS]
    return site(Site(edition, tables, headline(tables, edition), reference, VERSIONS), undrawn)


# --- What they say first ----------------------------------------------------------------------------------------


def test_one_line_says_payments_value_net_value_chance_and_evidence(tables: Tables, pages: dict[str, str]) -> None:
    summaries = tables["value_summary"].set_index("scope")
    chances = tables["uncertainty"].query("measure == 'bcr'").set_index("scope")
    for row in tables["contract_value"].query("is_in_bcr").to_dict("records"):
        page = pages[contract_path(row["contract_id"])]
        strip = words_of(page.partition('class="strip"')[2].partition("</dl>")[0])
        summary, sure = summaries.loc[row["contract_id"]], chances.loc[row["contract_id"]]
        least = "at least " if summary["time_is_least"] else ""
        assert f"Paid {about(row['outcome_payments_real_gbp'])} " in strip
        assert f"Worth {least}{about(row['public_value_gbp'])} " in strip
        assert f"Net value {least}{about(summary['net_value_gbp'])} " in strip
        assert f"Public value for each £1 paid {least}£{ratio_text(row['bcr'])}" in strip
        shown = f"exceeds payments {chance(sure['chance_above_1'])}"
        assert (shown in strip) is bool(sure["has_range"])
        dots = {"strong": "●●●", "medium": "●●○", "weak": "●○○"}.get(summary["strength"], "")
        assert (f"Evidence {dots} {summary['strength'].capitalize()}" in strip) is bool(dots)


def test_every_low_ratio_begins_with_what_keeps_it_down(tables: Tables, pages: dict[str, str]) -> None:
    rows = tables["uncertainty"].query("scope_kind != 'market' and measure == 'bcr'")
    for row in rows.to_dict("records"):
        page = pages[(area_path if row["scope"] in POLICY_AREAS else contract_path)(row["scope"])]
        first = page.partition("<section ")[0]
        assert "About this ratio." in words_of(first) or row["ratio"] >= 1


def test_reasons_count_what_has_no_time_and_no_value() -> None:
    value = {"public_value_gbp": 40.0, "gross_public_value_gbp": 100.0}
    zero = [{"has_later": True}, {"has_later": False}]
    found = why_it_is_low(value, zero, [{}], {"time_is_least": True})
    assert found == {"zero": 1, "gaps": 1, "is_mostly_taken": True, "is_least": True}
    found = why_it_is_low({"public_value_gbp": 50.0, "gross_public_value_gbp": 100.0}, [], [], None)
    assert found == {"zero": 0, "gaps": 0, "is_mostly_taken": False, "is_least": False}
    found = why_it_is_low({"public_value_gbp": None, "gross_public_value_gbp": None}, [], [], None)
    assert not found["is_mostly_taken"]


# --- What counts no time ----------------------------------------------------------------------------------------


def report(metric_id: str, outcome_id: str, **more: object) -> dict[str, object]:
    return {"metric_id": metric_id, "outcome_id": outcome_id, "treatment": "valued", "quantity_counted": 9.0} | more


def test_what_was_reached_and_counts_no_time_is_found() -> None:
    lines = [
        {"outcome_id": "job", "metric_ids": "a", "units": 0.0, "deadweight": 0.2},
        {"outcome_id": "job_held", "metric_ids": "b; c", "units": 2.0, "deadweight": 0.2},
        {"outcome_id": "course", "metric_ids": "d; e; f", "units": 0.0, "deadweight": 0.0},
        {"outcome_id": "course", "metric_ids": "g", "units": 0.0, "deadweight": 1.0},
        {"outcome_id": "job", "metric_ids": "h", "units": 3.0, "deadweight": 1.1},
    ]
    metrics = [
        report("a", "job", treatment="rung"),
        report("b", "job_held"),
        report("d", "course"),
        report("e", "course", quantity_counted=0.0),
        report("f", "course", treatment="overlap"),
        report("g", "course"),
        report("h", "job"),
    ]
    ladders = {"job": "work", "job_held": "work", "course": "course"}
    found = no_time(lines, metrics, ladders)
    assert [(row["metric_id"], row["has_later"]) for row in found] == [("a", True), ("d", False)]
    # Where a study found no effect, more time would be worth no more.
    assert [row["metric_id"] for row in no_effect(lines, metrics)] == ["g", "h"]


def test_all_that_is_reached_and_worth_nothing_for_want_of_time_is_told_on_both_pages(
    edition_id: str, tables: Tables, pages: dict[str, str]
) -> None:
    lines = pd.concat([tables["valued_outcomes"], tables["overlaps"]])
    told = 0
    reported = tables["reported_outcomes"].merge(tables["contracts"][["contract_id", "policy_area"]])
    for contract_id, own in lines[lines["units"] == 0].groupby("contract_id"):
        ids = {id_ for cell in own["metric_ids"] for id_ in cell.split("; ")}
        reached = (reported["contract_id"] == contract_id) & reported["metric_id"].isin(ids)
        reached &= reported["treatment"].isin(COUNTED_TREATMENTS) & (reported["quantity_counted"] > 0)
        page = part_of(pages[contract_path(contract_id)], "gaps")
        alone = page.partition("nobody measured how long they lasted")[2].partition("</ul>")[0]
        for row in reported[reached].to_dict("records"):
            assert row["label"] in unescape(page)
            if row["label"] in unescape(alone):
                told += 1
                of_area = unescape(part_of(pages[area_path(row["policy_area"])], "gaps"))
                assert row["label"].casefold() in of_area.casefold()
    # Where each person counts one year, nobody's time is nothing.
    assert bool(told) is (edition_id == "open-2026")


# --- What they draw ---------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    rows = widths([{"n": 50.0}, {"n": 200.0}, {"n": 0.0}, {"n": None}, {"n": 0.1}, {"n": -100.0}], "n")
    assert [row["width"] for row in rows] == [25.0, 100.0, 0, 0, 0.5, 50.0]
    assert widths([{"n": None}], "n")[0]["width"] == 0
    assert widths([], "n") == []


def test_a_scale_begins_at_nothing_or_below() -> None:
    place = between([1.0, 4.0])
    assert (place(0.0), place(1.0), place(4.0)) == (0.0, 25.0, 100.0)
    place = between([-1.0, 3.0])
    assert (place(-1.0), place(0.0), place(3.0)) == (0.0, 25.0, 100.0)
    assert between([0.0, 0.0])(0.0) == 50.0


def test_payments_over_time_rise_to_the_last_and_stay_below_the_maximum() -> None:
    days = [pd.Timestamp(2020, 1, 1), pd.Timestamp(2020, 1, 11), pd.Timestamp(2020, 1, 21)]
    amounts = (10.0, 20.0, 40.0)
    paid = [{"series": "paid", "period_end": d, "cumulated_gbp": a} for d, a in zip(days, amounts, strict=True)]
    shape = lines_over_time(paid, {"amount_gbp": 80.0})
    assert shape
    (line,) = shape["lines"]
    middle, end = HIGH * (1 - 20 / 80), HIGH / 2
    assert line["points"] == f"0,{HIGH * (1 - 10 / 80):g} {WIDE / 2:g},{middle:g} {WIDE},{end:g}"
    assert (shape["maximum"]["height"], line["last"]["cumulated_gbp"]) == (0.0, 40.0)
    assert lines_over_time(paid[:1], None) is None
    assert lines_over_time([], None) is None


def test_each_contract_draws_who_gains_its_milestones_and_what_moves_it(tables: Tables, pages: dict[str, str]) -> None:
    gains = tables["value_by_agency"].query("not is_transfer and value_gbp != 0").groupby("contract_id").size()
    rungs = tables["reported_outcomes"].query("treatment == 'rung' and milestone == milestone")
    ladders = rungs.groupby(["contract_id", "outcome_id"]).size()
    ladders = ladders[ladders > 1].groupby("contract_id").sum()
    moved = tables["contract_sensitivity"].groupby("contract_id").size()
    people = tables["contracts"].set_index("contract_id")[["people_engaged", "people_targeted"]].astype(float)
    beside = (people["people_engaged"].notna() & (people["people_targeted"] > 0)) * 2
    months = tables["service"].pivot_table(index="contract_id", columns="fact", values="number", observed=True)
    both = months[["months_lasted", "months_planned"]].notna().all(axis=1) * 2
    beside = beside.add(both, fill_value=0)
    for contract_id in tables["contracts"]["contract_id"]:
        page = pages[contract_path(contract_id)]
        bars = {id_: part_of(page, id_).count('<svg class="bar"') for id_ in ("gains", "reported", "moved")}
        assert bars["gains"] == gains.get(contract_id, 0)
        assert bars["reported"] == ladders.get(contract_id, 0) + beside[contract_id]
        assert bars["moved"] == min(moved.get(contract_id, 0), 6)


def test_every_picture_has_words_or_is_beside_them(pages: dict[str, str]) -> None:
    for path, page in pages.items():
        for tag in re.findall(r"<svg [^>]*>", page.partition("<main")[2]):
            if 'class="bar"' in tag or 'class="lines"' in tag:
                assert ('aria-hidden="true"' in tag) is not ('role="img" aria-label="' in tag), path


def test_each_ratio_is_given_under_each_way_of_counting_time(tables: Tables, pages: dict[str, str]) -> None:
    for row in tables["value_by_time"].to_dict("records"):
        page = pages[(area_path if row["scope_kind"] == "policy_area" else contract_path)(row["scope"])]
        bars = words_of(part_of(page, "time"))
        assert f"£{ratio_text(row['bcr'])} {about(row['public_value_gbp'])}" in bars
        assert bars.count("used in this edition") == 1


# --- Where their rows are ---------------------------------------------------------------------------------------


def test_each_row_of_results_payments_and_prices_has_a_place_of_its_own(tables: Tables, pages: dict[str, str]) -> None:
    places = {"reported_outcomes": "r", "payments": "p", "prices": "c", "targets": "t"}
    for contract_id in tables["contracts"]["contract_id"]:
        page = pages[contract_path(contract_id)]
        ids = {tag["id"] for _, tag in TakenApart(page).tags if "id" in tag}
        for table, letter in places.items():
            number = int((tables[table]["contract_id"] == contract_id).sum())
            assert {f"{letter}{place}" for place in range(1, number + 1)} <= ids, (contract_id, table)


def test_payments_come_last_and_folded(tables: Tables, pages: dict[str, str]) -> None:
    for contract_id in tables["payments"]["contract_id"].unique():
        page = pages[contract_path(contract_id)]
        sections = re.findall(r'<section aria-labelledby="([a-z-]+)"', page)
        assert sections[-2:] == ["paid", "sources"]
        assert "</details>" in part_of(page, "paid").partition('<caption id="paid-caption"')[2]
        assert "<details>" in part_of(page, "paid").partition('<caption id="paid-caption"')[0]


def test_rows_of_a_contract_with_claims_are_the_protected_ones(
    with_claims: tuple[Reference, Tables], pages_with_claims: dict[str, str]
) -> None:
    _, tables = with_claims
    (contract_id,) = tables["contracts"]["contract_id"]
    assert CONTRACT_WITH_CLAIMS in contract_id
    page = pages_with_claims[contract_path(contract_id)]
    counted = tables["reported_outcomes"]
    shown = re.findall(r'<tr id="r\d+">.*?<td class="number">([^<]*)', page, re.DOTALL)
    allowed = {f"{quantity:,.0f}" for quantity in counted["quantity"].dropna()} | {"withheld"}
    assert shown
    assert {words.partition(" ")[0].strip() for words in shown} <= allowed
    # A milestone of which the number is withheld has no bar whose length would tell it.
    for label in counted.loc[counted["quantity"].isna(), "metric_id"]:
        for bar in re.findall(
            rf"{label}.*?<rect width=\"([\d.]+)%\"", part_of(page, "reported").partition("<table")[0]
        ):
            assert float(bar) == 0


def test_nothing_that_cannot_happen_is_given_as_a_number(tables: Tables, pages: dict[str, str]) -> None:
    for row in tables["switching_values"].query("scope_kind != 'market'").to_dict("records"):
        page = pages[(area_path if row["scope_kind"] == "policy_area" else contract_path)(row["scope"])]
        words = words_of(part_of(page, "wrong-heading"))
        assert not re.search(r"−\d", words.replace(f"now £{ratio_text(row['ratio'])}", ""))
        if row["switching_deadweight"] < 0:
            assert "It cannot reach £1 this way" in words
        if row["further_fall"] < 0:
            assert "They would have to be higher: value is already below payments." in words
