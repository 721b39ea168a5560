"""Every published figure is on the page once, beside ours, with its status and its source."""

import re
from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.frame import Site
from pipeline.report.pages.published import GROUPS, render
from pipeline.report.published_figures import counted_by_status, said_of_the_figures, shown, status_said
from pipeline.report.text.headline import headline
from pipeline.report.wording import figure
from tests.conftest import EDITIONS
from tests.report.pages.test_index import VERSIONS, TablesOf, Text


@pytest.fixture(scope="module")
def page_of(tables_of: TablesOf, reference: Reference) -> Callable[..., str]:
    """Make the page of an edition, its reconciliation replaced if so wished."""

    def of(edition_id: str, **other: pd.DataFrame) -> str:
        tables, edition = tables_of(edition_id) | other, reference.editions[edition_id]
        site = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
        return render(site)["published.html"]

    return of


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_published_figure_stands_beside_ours(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf
) -> None:
    page, table = page_of(edition_id), tables_of(edition_id)["reconciliation"]
    assert page.count('<th scope="row"') == len(table)
    said = Text(page).said()
    for row in table.itertuples():
        assert figure(row.published, row.unit) in said
        assert figure(row.ours, row.unit) in said
        assert row.reason in said
        assert status_said(row.status, row.data_share) in said
        assert f"To settle it: {row.would_settle}." in said
    places = [page.index(f">{heading[:1].upper()}{heading[1:]}</h2>") for heading in GROUPS]
    assert places == sorted(places)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_lede_counts_what_the_table_holds(
    edition_id: str, page_of: Callable[..., str], tables_of: TablesOf
) -> None:
    table = tables_of(edition_id)["reconciliation"]
    held = table[table["is_like_for_like"]]
    counts = counted_by_status(table)
    assert sum(counts.values()) == len(held)
    said = Text(page_of(edition_id)).said()
    assert said_of_the_figures(counts) in said
    # What is listed and not counted is told with its number.
    assert f"The tables list {len(table)} in all. The other {len(table) - len(held)} cannot be compared" in said
    for status, number in held["status"].value_counts().items():
        counted = "partly reproduced" if status == "partly" else status
        assert re.search(rf"{number} {'is' if number == 1 else 'are'} {counted}(,| and|\.) ", f"{said} ")
    # Another table, another lede.
    other = table.assign(status="partly", is_like_for_like=[True, *[False] * (len(table) - 1)])
    assert (
        "We compared this edition with one published figure or claim: none is reproduced, 1 is partly reproduced, "
        in (Text(page_of(edition_id, reconciliation=other)).said())
    )


def test_partly_says_for_how_much_and_nothing_else_does() -> None:
    assert status_said("partly", 0.622) == "partly: data for 62%"
    assert status_said("partly", float("nan")) == "partly"
    assert status_said("not reproducible", 0.47) == "not reproducible"
    none = dict.fromkeys(("reproduced", "partly", "not comparable", "not reproducible"), 0)
    assert said_of_the_figures(none) == "No published figure can be compared with this edition."


def test_ranges_are_shown_as_what_they_are(tables_of: TablesOf) -> None:
    """Of what public data leave open the range stands in place of a number, of several contracts beside it."""
    rows = {row["figure_id"]: row for row in shown(tables_of("atq-2022")["reconciliation"])}
    payers = rows["claim_central_payments_share_two_funds"]
    assert (payers["published_said"], payers["ours_said"], payers["ours_span"]) == ("20% to 30%", "12% to 100%", "")
    leavers = rows["claim_outcome_rate_reboot_west_and_i_aspire"]
    assert (leavers["ours_said"], leavers["ours_span"]) == ("56%", "52% to 60% by contract")
    nothing = rows["claim_better_outcomes_share_family_therapy"]
    assert (nothing["ours_said"], nothing["is_of"]) == ("–", "better outcomes")


def test_figures_to_which_the_edition_is_held_stand_first(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    table = tables_of("atq-2024")["reconciliation"]
    market = table[(table["scope"] == "market") & (table["published_edition"] != "claim")]
    page = Text(page_of("atq-2024")).said()
    places = {row.figure_id: page.index(row.reason) for row in market.itertuples()}
    last = max(places[name] for name in market.loc[market["is_like_for_like"], "figure_id"])
    assert all(places[name] > last for name in market.loc[~market["is_like_for_like"], "figure_id"])


def test_a_hostile_figure_shows_as_text(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    hostile = "<script>alert(1)</script>"
    table = tables_of("open-2026")["reconciliation"].assign(scope=hostile, measure=hostile, reason=hostile)
    page = page_of("open-2026", reconciliation=table)
    assert hostile not in page
    assert hostile in Text(page).said()
