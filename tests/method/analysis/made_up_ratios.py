"""Parameters and ratios of a few rows, and the ratios of the valuations of the tests."""

import numpy as np
import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import parameters
from pipeline.method.analysis.ratios import Ratios, ratios
from pipeline.method.valuation import Valuation

DRAWS = 20_000
Valuations = dict[str, Valuation]
# By how many standard errors a mean of draws may miss.
ERRORS = 5


def table(**ranges: tuple[float, float, float]) -> pd.DataFrame:
    rows = [(name, *values) for name, values in ranges.items()]
    return pd.DataFrame(rows, columns=["parameter_id", "low", "central", "high"]).assign(kind="unit_cost")


def model_of(valuation: Valuation, reference: Reference) -> tuple[pd.DataFrame, Ratios]:
    used = parameters(valuation.valued_outcomes, reference.unit_costs, reference.hours_weights, reference.deadweight)
    return used, ratios(valuation.valued_outcomes, valuation.contract_value, used, reference.deadweight)


# The one parameter of ``model_with``.
ONE = table(a=(1.0, 2.0, 3.0)).assign(taken=2.0)


def model_with(rows: pd.DataFrame) -> Ratios:
    """Ratios of which only the rows matter, since the draws are made up."""
    return Ratios(rows, np.ones((len(rows), 1)), np.zeros(1, int), -np.ones(1, int), -np.ones(1, int))


def of_two_contracts(cost_of_second: int) -> Ratios:
    """Two contracts of £1 each, worth one and two units of a cost: the market, and both."""
    rows = pd.DataFrame({"scope_kind": ["market", "contract", "contract"], "scope": ["market", "C-1", "C-2"]})
    weights = np.array([[0.5, 1.0], [1.0, 0.0], [0.0, 2.0]])
    none = np.array([-1, -1])
    return Ratios(rows.assign(measure="bcr", ratio=1.0), weights, np.array([0, cost_of_second]), none, none)
