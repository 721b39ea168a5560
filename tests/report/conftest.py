"""What the tests of the report share: all pages of the project's editions, drawn once."""

from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from tests.shared import Shared

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}


@pytest.fixture(scope="session")
def site_of(
    tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference, shared: Shared
) -> Callable[[str], dict[str, str]]:
    """Make the pages of one of the project's editions, with ``VERSIONS``, once: its charts take seconds to draw."""

    def made(edition_id: str) -> dict[str, str]:
        tables, edition = tables_of(edition_id), reference.editions[edition_id]
        made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
        return shared.value(f"site-{edition_id}", lambda: site(made_from))

    return cache(made)
