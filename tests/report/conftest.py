"""The published tables and the valuation of each edition, from the project's own data, made once."""

from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import published_tables
from pipeline.method.valuation import Valuation, value_edition


@pytest.fixture(scope="session")
def valuation_of(facts: RawFacts, reference: Reference) -> Callable[[str], Valuation]:
    """Value an edition, once."""
    return cache(lambda edition_id: value_edition(facts, reference, reference.editions[edition_id]))


@pytest.fixture(scope="session")
def tables_of(
    facts: RawFacts, reference: Reference, valuation_of: Callable[[str], Valuation]
) -> Callable[[str], dict[str, pd.DataFrame]]:
    """Make the published tables of an edition, once."""
    return cache(lambda edition_id: published_tables(facts, reference, valuation_of(edition_id)))
