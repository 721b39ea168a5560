"""The page of a contract beside others: totals that it shares, what one result cost, what others have published."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import contracts
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import area_path, contract_path
from pipeline.report.text.headline import headline
from pipeline.report.wording import about, day, quantity
from tests.report.conftest import VERSIONS
from tests.report.pages.test_contract import part_of, words_of
from tests.report.taken_apart import TakenApart

Tables = dict[str, pd.DataFrame]
NOTE = '<div class="note" id="{}">'


@pytest.fixture
def pages(edition_id: str, site_of: Callable[[str], dict[str, str]]) -> dict[str, str]:
    return {path: text for path, text in site_of(edition_id).items() if path.startswith("contracts/")}


@pytest.fixture(scope="module")
def remade(tables_of: Callable[[str], Tables], reference: Reference) -> Callable[..., dict[str, str]]:
    """Pages of our own edition made from other rows."""

    def of(other: Reference = reference, **tables: pd.DataFrame) -> dict[str, str]:
        edition = reference.editions["open-2026"]
        real = tables_of("open-2026")
        return contracts.render(Site(edition, {**real, **tables}, headline(real, edition), other, VERSIONS))

    return of


def note_of(page: str, id_: str) -> str:
    return page.partition(NOTE.format(id_))[2].partition("</div>")[0]


def links_in(html: str) -> set[str]:
    return {tag["href"] for tag in TakenApart(html).named("a")}


# --- Totals of several contracts --------------------------------------------------------------------------------


def test_both_sides_of_a_total_say_so_and_lead_to_each_other(
    tables: Tables, pages: dict[str, str], reference: Reference
) -> None:
    names = tables["contracts"].set_index("contract_id")["name"]
    shared = reference.shared_results
    assert len(shared)
    for contract_id, rows in shared.groupby("contract_id"):
        others = set(rows["shared_with"])
        own = note_of(pages[contract_path(contract_id)], "shared")
        assert f"These results are a total of {len(others) + 1} contracts:" in words_of(own)
        assert {f"../{contract_path(other)}" for other in others} <= links_in(own)
        for other in others:
            page = pages[contract_path(other)]
            note = note_of(page, "shared-under")
            assert f"only as part of a total of {len(others) + 1} contracts" in words_of(note)
            assert links_in(note) == {f"../{contract_path(contract_id)}"}
            assert names[contract_id] in words_of(note)
            assert "No outcomes have been published" not in words_of(page)
            assert "no outcomes have been published" not in words_of(page)
    told = {path for path, page in pages.items() if 'id="shared' in page}
    assert told == {contract_path(id_) for id_ in {*shared["contract_id"], *shared["shared_with"]}}


def test_every_label_that_speaks_of_several_contracts_is_in_the_table(tables: Tables, reference: Reference) -> None:
    """A total that the analyst marked in its label is told on all the pages that it is about."""
    outcomes = tables["reported_outcomes"]
    marked = outcomes[outcomes["label"].str.contains(r"contracts|INDIGO-POJ")]
    told = set(zip(reference.shared_results["contract_id"], reference.shared_results["metric_id"], strict=True))
    assert set(zip(marked["contract_id"], marked["metric_id"], strict=True)) == told


def test_the_list_of_contracts_says_that_the_outcomes_are_elsewhere(
    site_of: Callable[[str], dict[str, str]], edition_id: str, reference: Reference
) -> None:
    listed = words_of(site_of(edition_id)["contracts.html"])
    others = reference.shared_results["shared_with"].nunique()
    assert listed.count("its outcomes are published only as part of a total with other contracts") == others


def test_an_area_names_its_contracts_whose_outcomes_are_elsewhere(
    site_of: Callable[[str], dict[str, str]], tables: Tables, edition_id: str, reference: Reference
) -> None:
    areas = tables["contracts"].set_index("contract_id")["policy_area"]
    others = reference.shared_results["shared_with"].drop_duplicates()
    for area in areas.unique():
        note = site_of(edition_id)[area_path(area)].partition('<div class="note')[2].partition("</div>")[0]
        own = others[others.map(areas) == area]
        assert links_in(note) == {f"../{contract_path(other)}" for other in own}
        assert ("which we count once" in words_of(note)) is bool(len(own))


def test_a_total_counts_once_and_no_payments_are_set_against_it(tables: Tables, reference: Reference) -> None:
    """What the pages say of it: its value stands under one contract, and none of them is in a ratio."""
    values = tables["contract_value"].set_index("contract_id")
    shared = reference.shared_results
    assert not values.loc[shared["contract_id"].unique(), "is_in_bcr"].any()
    assert not values.loc[shared["shared_with"].unique(), "is_valued"].any()


def test_what_a_total_does_to_a_ratio_and_to_other_results_is_said(
    remade: Callable[..., dict[str, str]], reference: Reference
) -> None:
    first = {"contract_id": "INDIGO-POJ-0178", "metric_id": "outcomemetric1", "shared_with": "INDIGO-POJ-0131"}
    row = pd.DataFrame([first | {"reason": "one <figure>", "source_id": "indigo-2025-05", "locator": "1"}])
    pages = remade(replace(reference, shared_results=row))
    own = words_of(note_of(pages[contract_path("INDIGO-POJ-0178")], "shared"))
    assert "payments of this contract alone, so it is too high" in own
    assert "because one <figure>" in own
    other = words_of(note_of(pages[contract_path("INDIGO-POJ-0131")], "shared-under"))
    assert other.startswith("Other results of this contract are published only")
    some = remade(
        replace(
            reference,
            shared_results=row.assign(
                contract_id="INDIGO-POJ-0131", shared_with="INDIGO-POJ-0178", metric_id="outcomemetric4"
            ),
        )
    )
    own = words_of(note_of(some[contract_path("INDIGO-POJ-0131")], "shared"))
    assert own.startswith("Some of these results are a total of 2 contracts:")
    assert "The totals are: " in own


# --- What was paid for one result -------------------------------------------------------------------------------


def test_what_one_result_cost_is_first_on_the_page_where_a_table_has_it(tables: Tables, pages: dict[str, str]) -> None:
    table = tables["payments_per_result"].set_index("contract_id")
    for contract_id in tables["contracts"]["contract_id"]:
        first = words_of(pages[contract_path(contract_id)].partition("<section ")[0])
        assert ("Paid per result" in first) is (contract_id in table.index)
        if contract_id in table.index:
            row = table.loc[contract_id]
            assert f"Paid per result {about(row['payments_per_result_gbp'])} for each of " in first
            assert quantity(row["quantity_counted"], row["unit"]) in first
            assert "Nothing is taken off for what would have happened anyway" in first


def test_pounds_are_rounded_once() -> None:
    assert [about(pounds) for pounds in (64.51, 64.49, 107.5, 8_377.65)] == ["£65", "£64", "£108", "£8,380"]


# --- What others have published ---------------------------------------------------------------------------------


def test_each_figure_about_single_contracts_is_on_their_pages(
    tables: Tables, pages: dict[str, str], reference: Reference
) -> None:
    figures = tables["reconciliation"]
    locators = reference.published_figures.set_index("figure_id")["locator"]
    of_contracts: dict[str, list[dict[str, object]]] = {}
    for row in figures.to_dict("records"):
        for part in row["scope"].split("+"):
            of_contracts.setdefault(part, []).append(row)
    for contract_id in tables["contracts"]["contract_id"]:
        section = part_of(pages[contract_path(contract_id)], "others")
        rows = of_contracts.get(contract_id, [])
        assert bool(section) is bool(rows)
        assert section.count('<tr><th scope="row"') == len(rows)
        for row in rows:
            assert str(row["reason"]) in unescape(section)
            assert f'href="#source-{row["source_id"]}"' in section
            assert locators[row["figure_id"]] in unescape(section)


def test_what_others_publish_is_text_and_nothing_else(
    remade: Callable[..., dict[str, str]], tables_of: Callable[[str], Tables], reference: Reference
) -> None:
    hostile = "<script>alert('\"')</script>"
    figures = reference.published_figures.assign(note=hostile, locator=hostile)
    told = tables_of("open-2026")["reconciliation"].assign(reason=hostile)
    pages = remade(replace(reference, published_figures=figures), reconciliation=told)
    section = part_of(pages[contract_path("INDIGO-POJ-0178")], "others")
    assert section.count("&lt;script&gt;") >= 3
    assert "<script" not in section


# --- When it ran, and how time counts ---------------------------------------------------------------------------


def test_a_service_is_told_in_a_tense_that_stays_true(tables: Tables, pages: dict[str, str]) -> None:
    for row in tables["contracts"].to_dict("records"):
        lede = words_of(pages[contract_path(row["contract_id"])].partition('<p class="lede">')[2].partition("</p>")[0])
        assert not re.search(r"\bIt runs\b|– to|from –", lede)
        start, end = row["service_start"], row["service_end"]
        if pd.isna(end):
            assert f"It began on {day(start)}" in lede
            assert ("is not public" in lede) is (row["stage"] == "complete")
        elif row["service_end_basis"] in ("actual", "completion_actual"):
            assert f"It ran from {day(start)} to {day(end)}." in lede
        elif row["stage"] == "complete":
            assert f"It is complete, and was expected to run from {day(start)} to {day(end)}." in lede
        else:
            assert f"It began on {day(start)}. The source expected it to end on {day(end)}." in lede


def test_how_time_counts_is_told_in_words(tables: Tables, pages: dict[str, str]) -> None:
    for contract_id in tables["valued_outcomes"]["contract_id"].unique():
        page = pages[contract_path(contract_id)]
        said = words_of(part_of(page, "pounds"))
        assert "This edition counts" in said
        assert not re.search(r"Time: (measured|annual|horizon)|[Hh]orizon:", words_of(page))


def test_no_code_of_a_metric_stands_for_its_name(pages: dict[str, str]) -> None:
    """In pictures and lists a metric goes by what it counts; its id is small print."""
    for page in pages.values():
        for label in re.findall(r"<li[^>]*>(?:<span>)?(.*?)<small", part_of(page, "reported"), re.DOTALL):
            assert not re.search(r"outcomemetric\d|[a-z]+_[a-z]+", words_of(label))


def test_a_page_without_any_figure_has_no_empty_strip(pages: dict[str, str]) -> None:
    for page in pages.values():
        strip = re.search(r'<dl class="strip">(.*?)</dl>', page, re.DOTALL)
        assert strip is None or "<dt>" in strip[1]
