"""Words of a page that a reader takes at their word: what "at least" is about, and pounds below zero.

Belongs here: what is true of every page of all three editions. What one page says is tested beside that page.
"""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.glossary import TERMS
from pipeline.report.pages.gathered import area_path, contract_path
from pipeline.report.ranges import KEPT_THROUGHOUT
from tests.conftest import EDITIONS
from tests.report.pages.test_contracts import words_of

SiteOf = Callable[[str], dict[str, str]]
TablesOf = Callable[[str], dict[str, pd.DataFrame]]

AT_LEAST = re.compile(r"\bat least −?£", re.IGNORECASE)
WRONG_SIGN = re.compile(r"£\s*[−-]\s*\d")
# A quantity with its unit, and then what was counted, which begins with its unit too.
TWICE = re.compile(r"\d (people|days|weeks|months|quarters|years|incidents|pounds) \1\b")
NEGATIVE_NOTHING = re.compile(r"−£?0(\.0+)?[m%]?(?![\d.,])")


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_wherever_a_figure_is_at_least_so_much_the_page_says_that_this_is_about_time(
    edition_id: str, site_of: SiteOf
) -> None:
    assert "time alone" in TERMS["at-least"].meaning
    for path, html in site_of(edition_id).items():
        if path.endswith(".html") and AT_LEAST.search(words_of(html)):
            assert "glossary.html#at-least" in html, path


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_floor_stands_before_value_and_net_value_and_a_lower_figure_beside_it_is_explained(
    edition_id: str, site_of: SiteOf, tables_of: TablesOf
) -> None:
    tables, pages = tables_of(edition_id), site_of(edition_id)
    times = tables["value_by_time"]
    lowest = times.groupby("scope")["bcr"].min()
    own = times[times["is_edition"]].set_index("scope")["bcr"]
    for row in tables["value_summary"].to_dict("records"):
        path = (area_path if row["scope_kind"] == "policy_area" else contract_path)(row["scope"])
        words = words_of(pages[path])
        if row["net_value_gbp"] == row["net_value_gbp"]:
            said = re.search(r"(?:Net value|Value minus payments is) (at least )?−?£", words)
            assert said, path
            assert bool(said[1]) is row["time_is_least"], path
        if row["scope"] in own:
            is_lower = bool(row["time_is_least"] and lowest[row["scope"]] < own[row["scope"]])
            assert ("A figure below it leaves out some of that time" in words) is is_lower, path


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_pounds_below_zero_have_their_sign_first_and_nothing_has_none(edition_id: str, site_of: SiteOf) -> None:
    for path, text in site_of(edition_id).items():
        if path.endswith((".html", ".md", ".json", ".svg")):
            assert not WRONG_SIGN.search(text), path
        if path.endswith(".html"):
            assert not NEGATIVE_NOTHING.search(words_of(text)), path


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_where_one_of_two_values_counts_the_page_says_that_it_counts_throughout(
    edition_id: str, site_of: SiteOf, tables_of: TablesOf
) -> None:
    tables, pages = tables_of(edition_id), site_of(edition_id)
    overlaps = tables["overlaps"]
    chosen = set(overlaps.loc[overlaps["overlap_reason"].str.startswith("the same benefit"), "contract_id"])
    values = tables["contract_value"]
    for contract_id in values["contract_id"]:
        html = pages[contract_path(contract_id)]
        assert (KEPT_THROUGHOUT in html) is (contract_id in chosen and 'id="moved"' in html), contract_id
    with_ratio = values[values["is_in_bcr"]].groupby("policy_area")["contract_id"]
    assert {area for area, ids in with_ratio if KEPT_THROUGHOUT in pages[area_path(area)]} == {
        area for area, ids in with_ratio if chosen & set(ids)
    }
    assert chosen


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_no_unit_is_named_twice(edition_id: str, site_of: SiteOf) -> None:
    for path, html in site_of(edition_id).items():
        assert not (path.endswith(".html") and TWICE.search(words_of(html))), path
    assert TWICE.search("276 days days out of care")


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_a_rate_above_a_whole_is_explained_beside_it(
    edition_id: str, site_of: SiteOf, tables_of: TablesOf, reference: Reference
) -> None:
    words = words_of(site_of(edition_id)["assumptions.html"])
    assert (reference.deadweight["high"] > 1).any()
    assert "A rate above 100% means that people may have done better without the contract." in words
    if "Try other assumptions" in words:
        assert "A share above 100% would mean that people did better without the contract." in words


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_what_we_publish_is_not_called_by_the_word_for_what_others_published(edition_id: str, site_of: SiteOf) -> None:
    """On the page of assumptions our own settings are those of the edition; published are studies and statistics."""
    page = site_of(edition_id)["assumptions.html"]
    controls = page.partition('id="model"')[2].partition("</section>")[0]
    assert "published" not in words_of(controls).casefold()
    assert "as published" not in words_of(page).casefold()
    assert ">Published<" not in page
