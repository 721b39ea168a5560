"""Tables of the project's editions by the names that the checks use.

Belongs here: putting them together once; what is done to them stands in the tests.
"""

import pandas as pd
import pytest

from pipeline.checks.last import headline_tables, last_edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import REFERENCE_TABLES, Reference
from pipeline.method.optimism_bias import corrections_of
from pipeline.method.published import published_tables
from pipeline.method.valuation import Valuation, edition_factors
from pipeline.method.value import gross_value, net_value
from pipeline.orchestration.inputs import FACT_ASSETS
from pipeline.report.headline import headline

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
    edition = valuation.edition
    published = published_tables(facts, reference, valuation)
    gross = gross_value(valuation.units, valuation.unit_values, edition, edition_factors(reference, edition))
    return {
        **{name: getattr(reference, name) for name in REFERENCE_TABLES},
        **{asset: getattr(facts, name) for name, asset in FACT_ASSETS.items()},
        "outcomes_in_scope": valuation.mapped,
        "payments_in_scope": valuation.payments,
        "outcome_units": valuation.units,
        "unit_values": valuation.unit_values,
        "net_value": net_value(
            gross, reference.deadweight, edition.deadweight_layer, corrections_of(reference, edition)
        ),
        "valued_outcomes": valuation.valued_outcomes,
        "overlaps": valuation.overlaps,
        "contract_value": valuation.contract_value,
        "policy_area_value": valuation.policy_area_value,
        "market_value": valuation.market_value,
        **{f"published_{name}": table for name, table in published.items()},
        **headline_tables(headline(published, edition), VERSIONS, "published"),
    }
