"""Tables of the project's editions by the names that the checks use.

Belongs here: putting them together once; what is done to them stands in the tests.
"""

import pandas as pd
import pytest

from pipeline.checks.last import headline_tables, last_edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.published import published_tables
from pipeline.method.valuation import Valuation, tables_of, valued_tables
from pipeline.report.text.headline import headline

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
Named = dict[str, pd.DataFrame]


@pytest.fixture(scope="session")
def seen(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Named]:
    """For each edition of the project, never published before, the tables of its assets; not to be changed."""
    nowhere = tmp_path_factory.mktemp("nothing published")
    return {name: _tables(facts, reference, v) | last_edition(nowhere) for name, v in valuations.items()}


@pytest.fixture(scope="session")
def seen_again(seen: dict[str, Named]) -> dict[str, Named]:
    """The same, where the last publication of each edition was no other; not to be changed."""
    names = ("headline", "versions", "contract_value", "valued_outcomes", "reported_outcomes", "payments")
    return {
        edition: tables | {f"last_{name}": tables[f"published_{name}"] for name in names}
        for edition, tables in seen.items()
    }


def _tables(facts: RawFacts, reference: Reference, valuation: Valuation) -> Named:
    published = published_tables(facts, reference, valuation)
    return {
        **tables_of(facts, reference),
        **valued_tables(facts, reference, valuation.edition),
        **{f"published_{name}": table for name, table in published.items()},
        **headline_tables(headline(published, valuation.edition), VERSIONS, "published"),
    }
