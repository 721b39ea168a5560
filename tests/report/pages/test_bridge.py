"""The page of what has changed: each earlier publication with its causes, contracts and areas; none without any."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.method.analysis.bridge.causes import CAUSES
from pipeline.report.pages import bridge
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.report.wording import change, ratio_text
from tests.report.pages.test_index import VERSIONS
from tests.report.test_claims import words_of
from tests.report.undrawn import rendered, undrawn

PATH = "bridge.html"


@pytest.fixture(scope="module")
def made_from(tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference) -> Site:
    tables, edition = tables_of("open-2026"), reference.editions["open-2026"]
    return Site(edition, tables, headline(tables, edition), reference, VERSIONS)


def test_the_page_leads_from_each_publication_to_today(made_from: Site) -> None:
    page = rendered(made_from, bridge.PAGE)[PATH]
    words = words_of(page)
    terms = made_from.tables["bridge"]
    market = terms[(terms["scope"] == "market") & (terms["measure"] == "bcr") & (terms["detail"] == "")]
    register = made_from.reference.earlier_publications.set_index("publication_id")
    assert market["publication_id"].nunique() == 2
    for publication, rows in market.groupby("publication_id"):
        begin, end = (ratio_text(value) for value in (rows["before"].iloc[0], rows["after"].iloc[-1]))
        assert f"Public value per £1 was £{begin} and is now £{end}" in words
        assert register.loc[publication, "note"] in words
        for row in rows[rows["term"] != 0].itertuples():
            assert CAUSES[row.cause][1:] in words
            assert change(row.term) in words
    assert words.count("The causes below explain the whole change.") == 2
    # From the audit on, the first edition of ours is the last to be told.
    assert page.index("from-2026-11-28-open-2026") < page.index("from-2026-11-28-open-2025")


def test_contracts_lead_to_their_pages_and_areas_to_theirs(made_from: Site) -> None:
    page = rendered(made_from, bridge.PAGE)[PATH]
    files = site(made_from, undrawn)
    for link in ("contracts/INDIGO-POJ-0178.html", "areas/child-and-family-welfare.html"):
        assert f'href="{link}"' in page
        assert link in files


def test_without_an_earlier_publication_there_is_no_page_and_nothing_leads_to_it(made_from: Site) -> None:
    nothing = {**made_from.tables, "bridge": made_from.tables["bridge"].head(0)}
    files = site(replace(made_from, tables=nothing), undrawn)
    assert PATH not in files
    assert f'href="{PATH}"' not in files["index.html"]
