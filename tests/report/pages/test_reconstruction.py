"""The page of a study rebuilt: only where there is one, labelled as a reading, with every step, area and question."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import index, published, reconstruction
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.report.wording import change, ratio_text
from tests.report.pages.test_index import VERSIONS
from tests.report.taken_apart import TakenApart
from tests.report.test_claims import words_of
from tests.report.undrawn import rendered, undrawn

STUDIES = ("atq-2022", "atq-2024")
PATH = "reconstruction.html"


@pytest.fixture
def site_from(tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference) -> Callable[[str], Site]:
    """What the pages of an edition are made from."""

    def of(edition_id: str) -> Site:
        tables, edition = tables_of(edition_id), reference.editions[edition_id]
        return Site(edition, tables, headline(tables, edition), reference, VERSIONS)

    return of


@pytest.mark.parametrize("edition_id", STUDIES)
def test_the_page_says_what_it_is_and_shows_each_step_area_and_question(
    edition_id: str, site_from: Callable[[str], Site]
) -> None:
    made_from = site_from(edition_id)
    words = words_of(rendered(made_from, reconstruction.PAGE)[PATH])
    tables = made_from.tables
    terms = tables["reconstruction"]
    market = terms[(terms["scope"] == "market") & (terms["measure"] == "bcr")]
    begin, end = (ratio_text(market.iloc[place]["after"]) for place in (0, -1))
    assert f"How £{begin} becomes £{end}" in words
    assert "This is our reading of somebody else's study." in words
    assert "None of our own figures takes anything from this page" in words
    for row in market.iloc[1:-1].itertuples():
        assert row.name[1:] in words
        assert change(row.term) in words
    for question in tables["questions"]["question"]:
        assert question in words
    for scope in terms.loc[terms["scope_kind"] == "policy_areas", "scope"].unique():
        assert scope.replace("_", " ").replace("+", ", ")[1:] in words


@pytest.mark.parametrize("edition_id", STUDIES)
def test_what_is_put_in_stands_apart(edition_id: str, site_from: Callable[[str], Site]) -> None:
    page = rendered(site_from(edition_id), reconstruction.PAGE)[PATH]
    explaining, put_in = page.partition('id="put-in"')[::2]
    steps = site_from(edition_id).reference.reconstruction
    for row in steps.itertuples():
        assert f">{row.name[:1].upper()}{row.name[1:]}</th>" in (put_in if row.is_plug else explaining)


def test_the_first_page_and_that_of_published_figures_lead_to_it(site_from: Callable[[str], Site]) -> None:
    for page in (index.PAGE, published.PAGE):
        (html,) = (text for path, text in rendered(site_from("atq-2024"), page).items() if path == page.path)
        # Once in the menu, and once where it is told what it is.
        assert [tag.get("href") for tag in TakenApart(html).named("a")].count(PATH) == 2


def test_where_there_is_no_study_there_is_no_page_and_none_names_it(site_from: Callable[[str], Site]) -> None:
    files = site(site_from("open-2026"), undrawn)
    assert PATH not in files
    assert not [path for path, text in files.items() if path.endswith(".html") and PATH in text]
    emptied = site_from("atq-2024")
    empty = {name: emptied.tables[name].head(0) for name in ("reconstruction", "readings", "questions")}
    assert PATH not in site(replace(emptied, tables={**emptied.tables, **empty}), undrawn)


def test_where_some_reading_comes_near_the_page_says_what_it_makes(site_from: Callable[[str], Site]) -> None:
    made_from = site_from("atq-2024")
    readings = made_from.tables["readings"].copy()
    is_without = readings["plugs"] == "without plugs"
    readings.loc[is_without & readings["measure"].isin(["near", "fits_areas"]), "number"] = 1
    of_step = is_without & (readings["step_id"] == "wellbeing")
    readings.loc[of_step, ["number", "share"]] = [1, 1.0]
    words = words_of(
        rendered(replace(made_from, tables={**made_from.tables, "readings": readings}), reconstruction.PAGE)[PATH]
    )
    assert "1 reading of those that put nothing in comes near ; 1 of these fits" in words
    assert "Each makes these steps: wellbeing values for outcomes left at nil." in words
