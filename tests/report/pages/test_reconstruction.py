"""The page of a study rebuilt: only where there is one, labelled as a reading, with every step, area and question."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import index, published, reconstruction
from pipeline.report.pages.frame import Site
from pipeline.report.reading_words import said_of_the_way, said_of_what_remains
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
    assert f"What would turn £{begin} into £{end}?" in words
    assert "This is our reading of somebody else's study." in words
    assert "None of our own figures uses anything on this page" in words
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


@pytest.mark.parametrize("edition_id", STUDIES)
def test_each_value_stands_under_its_step_and_each_source_beside_it(
    edition_id: str, site_from: Callable[[str], Site]
) -> None:
    made_from = site_from(edition_id)
    page = rendered(made_from, reconstruction.PAGE)[PATH]
    words = words_of(page)
    values, steps = made_from.reference.reading_values, made_from.reference.reconstruction
    for row in values.itertuples():
        assert " ".join(row.locator.split()) in words
    table = page.partition('id="explaining"')[2].partition('id="values"')[0]
    for step in steps[steps["choice"] == "added_values"].itertuples():
        row = table.partition(f">{step.name[:1].upper()}{step.name[1:]}</th>")[2].partition("</tr>")[0]
        for source in values.loc[values["added_value"] == step.setting, "source_id"].unique():
            assert f"#{source}" in row
    assert "is in none of them, because the contracts whose value it raises have no public payments" in words


def test_where_what_is_put_in_leads_is_worked_out() -> None:
    row = {"explained": 7.1, "end": 10.29, "published": 8.57}
    nearer = {"explained": 3.0, "end": 2.5, "published": 2.34}
    assert said_of_the_way({"bcr": row, "fiscal_bcr": nearer}) == (
        "public value from £7.10 up to £10.29, past the published £8.57, and fiscal value from £3.00 down to £2.50, "
        "nearer to the published £2.34"
    )
    assert "further from the published" in said_of_the_way({"bcr": row, "fiscal_bcr": nearer | {"end": 4.0}})
    assert said_of_what_remains(row, "bcr") == (
        "public value is £1.47 below the published one before any published figure is put in, and £1.72 above the "
        "published one after all steps"
    )


def test_an_area_of_which_it_is_not_said_what_the_sum_is_is_no_test(site_from: Callable[[str], Site]) -> None:
    words = words_of(rendered(site_from("atq-2024"), reconstruction.PAGE)[PATH])
    assert words.count("unclear which value") == 3


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
    assert "1 reading without published figures comes near ; 1 of them fits" in words
    assert "Each takes these steps: wellbeing values for outcomes left at nil." in words
