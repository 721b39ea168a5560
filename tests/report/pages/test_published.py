"""Every published figure is on the page once, beside ours, with its status and its source."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.frame import Site
from pipeline.report.pages.published import AREAS, CONTRACTS, EDUCATION_AND_EMPLOYMENT, MARKET, OTHERS, render
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
    headings = (MARKET, EDUCATION_AND_EMPLOYMENT, AREAS, CONTRACTS, OTHERS)
    places = [page.index(f">{heading[:1].upper()}{heading[1:]}</h2>") for heading in headings]
    assert places == sorted(places)


def test_a_hostile_figure_shows_as_text(page_of: Callable[..., str], tables_of: TablesOf) -> None:
    hostile = "<script>alert(1)</script>"
    table = tables_of("open-2026")["reconciliation"].assign(scope=hostile, measure=hostile, reason=hostile)
    page = page_of("open-2026", reconciliation=table)
    assert hostile not in page
    assert hostile in Text(page).said()
