"""Tables of the project's editions by the names that the checks use.

Belongs here: putting them together once; what is done to them stands in the tests.
"""

from functools import cache

import pytest

from pipeline.checks.last_edition import TABLES, headline_tables, last_edition, moves
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import tables_of as tables_of_inputs
from pipeline.method.valuation import valued_tables
from pipeline.report.text.headline import headline
from tests.checks.faults import Named, Seen

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}


@pytest.fixture(autouse=True, scope="module")
def asked_of_all(checks_ready: None) -> None:
    """Checks are run by the Great Expectations of all workers."""


@pytest.fixture(scope="session")
def seen(facts: RawFacts, reference: Reference, tables_of: Seen, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """By edition of the project, never published before, the tables that checks read; not to be changed."""
    nothing = last_edition(tmp_path_factory.mktemp("nothing published"))

    def of(edition_id: str) -> Named:
        edition, published = reference.editions[edition_id], tables_of(edition_id)
        inputs = tables_of_inputs(facts, reference)
        return {
            **inputs,
            **valued_tables(inputs, edition),
            **{f"published_{name}": table for name, table in published.items()},
            **headline_tables(headline(published, edition), VERSIONS, "published"),
            **nothing,
            "published_moves": moves(None),
        }

    return cache(of)


@pytest.fixture(scope="session")
def seen_again(seen: Seen) -> Seen:
    """The same, where the last publication of each edition was no other; not to be changed."""
    names = [f"last_{name}" for name in ("headline", "versions", *TABLES)]

    def again(edition: str) -> Named:
        tables = seen(edition)
        return tables | {name: tables[name.replace("last_", "published_", 1)] for name in names}

    return cache(again)
