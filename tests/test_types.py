"""Types tell tables apart: what hands a function the table of another model is refused before anything runs."""

import subprocess
import sys
from pathlib import Path

import pytest

# Each hands a public function a wrong table.
WRONG = {
    "gross_for_net": "without_overlaps(tables.gross)",
    "lines_for_payments": "contract_value(tables.contracts, tables.counted, tables.counted, ())",
    "sums_for_contracts": "summed(tables.market)",
    "facts_for_reference": "parameters(tables.counted, tables.contracts, tables.weights, tables.rates)",
    "payments_for_results": "mapped_outcomes(tables.facts.payments, tables.mapping, tables.types)",
    "swapped_arguments": "without_rates(tables.rates, tables.counted)",
    "recorded_for_counted_payments": "payments_counted(edition, tables.facts.payments, tables.facts.payments)",
    "results_for_counts_of_claims": "protected_counts(tables.facts.outcomes, DisclosurePolicy())",
}
RIGHT = {
    "the_right_ones": "contract_value(tables.contracts, tables.counted, tables.payments, ())",
    # Net value has the columns of gross value.
    "a_table_with_more_columns": "net_value(tables.net, tables.rates, 'none')",
    "payments_by_their_names": "payments_counted(edition, tables.payments, tables.facts.payments)",
    "counts_of_claims": "protected_counts(tables.facts.claim_counts, DisclosurePolicy())",
    # What an operation makes of a table has no type until it is named.
    "what_was_made_of_a_table": "without_overlaps(tables.gross.assign(net_gbp=0.0))",
}
SNIPPET = """
from dataclasses import dataclass
from pipeline.checks.payments import payments_counted
from pipeline.claims.disclosure import DisclosurePolicy, protected_counts
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.method.analysis.parameters import parameter_ids as without_rates, parameters
from pipeline.method.steps.outcome_units import mapped_outcomes
from pipeline.method.steps.sums import contract_value, summed
from pipeline.method.steps.value import net_value, without_overlaps
from pipeline.tables.raw import Contracts
from pipeline.tables.parameters import Deadweight, HoursWeights
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import GrossValue, MarketValue, NetValue, PaymentsInScope, ValuedOutcomes

@dataclass
class Tables:
    facts: RawFacts
    contracts: DataFrame[Contracts]
    payments: DataFrame[PaymentsInScope]
    gross: DataFrame[GrossValue]
    net: DataFrame[NetValue]
    counted: DataFrame[ValuedOutcomes]
    market: DataFrame[MarketValue]
    rates: DataFrame[Deadweight]
    weights: DataFrame[HoursWeights]
    mapping: DataFrame[MetricOutcomes]
    types: DataFrame[OutcomeTypes]

def use(tables: Tables, edition: Edition) -> None:
    {call}
"""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> dict[str, str]:
    """What mypy has to say of each snippet, by its name; all of them in one go, since its start is what takes time."""
    folder = tmp_path_factory.mktemp("snippets")
    for name, call in {**WRONG, **RIGHT}.items():
        (folder / f"{name}.py").write_text(SNIPPET.replace("{call}", call), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(project_root / "pyproject.toml")]
    command += ["--cache-dir", str(folder / "cache"), *(str(path) for path in folder.glob("*.py"))]
    said = subprocess.run(command, cwd=project_root, capture_output=True, text=True, check=False)
    assert said.returncode in (0, 1), said.stderr
    lines = [line for line in said.stdout.splitlines() if ": error: " in line]
    return {name: "\n".join(line for line in lines if f"/{name}.py:" in line) for name in (*WRONG, *RIGHT)}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_table_is_refused(name: str, refused: dict[str, str]) -> None:
    assert "[arg-type]" in refused[name]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_one_is_not(name: str, refused: dict[str, str]) -> None:
    assert refused[name] == ""
