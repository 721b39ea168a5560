"""What the tests of the report share: the pages of the project's editions, drawn, and a market of claims, made once."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.load import load
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import value_edition
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from pipeline.synthetic.project import synthetic_project
from tests.shared import Shared

# The edition and the contract of which there are claims for each person.
EDITION_WITH_CLAIMS, CONTRACT_WITH_CLAIMS = "open-2026", "INDIGO-POJ-0137"
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


@pytest.fixture(scope="session")
def with_claims(project_root: Path, shared: Shared) -> tuple[Reference, dict[str, pd.DataFrame]]:
    """A market of one contract with claims for each person: its reference, and the tables of an edition."""

    def made() -> tuple[Reference, dict[str, pd.DataFrame]]:
        with TemporaryDirectory() as folder:
            project = Path(folder) / "made"
            synthetic_project(project_root / "raw", project_root / "reference", project, 1, [CONTRACT_WITH_CLAIMS])
            facts, reference = load(project / "raw", project / "reference")
        edition = reference.editions[EDITION_WITH_CLAIMS]
        return reference, published_tables(facts, reference, value_edition(facts, reference, edition))

    return shared.value("with-claims", made)
