"""Uncertain parameters: the unit costs, weights for hours and deadweight rates that lines of value depend on.

Belongs here: which parameters a valuation takes, with the range of each, and their ids. How they are drawn stands in
``draws``, what comes of it in ``ratios``.
"""

import pandas as pd

from pipeline.method.steps.unit_values import at_level
from pipeline.tables.analysis import UsedParameters
from pipeline.tables.parameters import Deadweight, HoursWeights, UnitCosts
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ValuedOutcomes

# The level of unit costs whose ranges are drawn.
CENTRAL = "central"


def parameters(
    lines: DataFrame[ValuedOutcomes],
    unit_costs: DataFrame[UnitCosts],
    hours_weights: DataFrame[HoursWeights],
    deadweight: DataFrame[Deadweight],
) -> DataFrame[UsedParameters]:
    """Return one row per parameter on which some lines of value rest, sorted by id.

    A unit cost taken at its low or high level has no range: the range of its row is that of the mean, and the level is
    not the mean.
    """
    return parameters_of(lines, parameter_ids(lines, deadweight), unit_costs, hours_weights, deadweight)


def parameters_of(
    lines: DataFrame[ValuedOutcomes],
    ids: pd.DataFrame,
    unit_costs: DataFrame[UnitCosts],
    hours_weights: DataFrame[HoursWeights],
    deadweight: DataFrame[Deadweight],
) -> DataFrame[UsedParameters]:
    """Return what ``parameters`` does, of lines of which the ``parameter_ids`` are known."""
    rates = deadweight.assign(parameter_id=rate_ids(deadweight), kind="deadweight")
    hours = hours_weights.assign(parameter_id=weight_ids(hours_weights), kind="hours_weight")
    costs = [_costs_at(unit_costs, level) for level in sorted(lines["unit_value_level"].unique())]
    columns = ["parameter_id", "kind", "low", "central", "high", "grade", "range_basis", "source_id"]
    # An empty table would take the types of the others away.
    known = pd.concat([table[columns] for table in (*costs, hours, rates) if len(table)], ignore_index=True)
    values = lines[["unit_cost_gbp", "hours_weight", "deadweight"]].astype(float)
    taken = pd.concat([values[own].groupby(ids[of]).first() for own, of in zip(values, ids, strict=True)])
    taken = taken.drop(index="", errors="ignore").rename("taken")
    table = known.merge(taken, left_on="parameter_id", right_index=True, validate="one_to_one")
    return table.sort_values("parameter_id", ignore_index=True)


def _costs_at(unit_costs: pd.DataFrame, level: str) -> pd.DataFrame:
    """Unit costs as parameters: with their ranges at the central level, fixed at another."""
    taken = at_level(unit_costs, level)
    is_central = level == CENTRAL
    return unit_costs.assign(
        parameter_id=cost_ids(unit_costs.assign(unit_value_level=level)),
        kind="unit_cost",
        low=unit_costs["low_gbp"] if is_central else taken,
        central=taken,
        high=unit_costs["high_gbp"] if is_central else taken,
        range_basis=unit_costs["range_basis"] if is_central else "fixed",
    )


def parameter_ids(lines: DataFrame[ValuedOutcomes], deadweight: DataFrame[Deadweight]) -> pd.DataFrame:
    """Return the parameters that each line takes, one column each: ``cost``, ``hours``, ``rate``.

    Empty where hours do not matter, or no deadweight is taken off.
    """
    hours = weight_ids(lines).where(lines["hours_weight_id"] != "", "")
    return pd.DataFrame({"cost": cost_ids(lines), "hours": hours, "rate": taken_rates(lines, deadweight)})


def taken_rates(lines: pd.DataFrame, deadweight: DataFrame[Deadweight]) -> "pd.Series[str]":
    """Return the parameter id of the rate that each line takes, empty where nothing is taken off.

    A rate of the contract itself comes before a general one, as in ``additionality.with_deadweight``.
    """
    named = lines[["contract_id", "outcome_id", "deadweight_layer"]].rename(columns={"deadweight_layer": "layer"})
    known, own, general = rate_ids(deadweight), rate_ids(named), rate_ids(named.assign(contract_id=""))
    return own.where(own.isin(known), general.where(general.isin(known), ""))


def has_own_rate(lines: pd.DataFrame, deadweight: DataFrame[Deadweight]) -> "pd.Series[bool]":
    """Tell which lines take a rate of the contract itself, which comes before a general one."""
    return rate_ids(lines.rename(columns={"deadweight_layer": "layer"})).isin(rate_ids(deadweight))


def cost_ids(costs: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of unit costs: ``unit_cost/child_in_care/2026``, with the level if it is not central."""
    level = ("/" + costs["unit_value_level"]).where(costs["unit_value_level"] != CENTRAL, "")
    return "unit_cost/" + costs["unit_cost_id"] + "/" + costs["value_set"] + level


def weight_ids(weights: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of weights of hours."""
    return "hours_weight/" + weights["hours_weight_id"]


def rate_ids(rates: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of rates of deadweight."""
    contract = ("/" + rates["contract_id"]).where(rates["contract_id"] != "", "")
    return "deadweight/" + rates["layer"] + "/" + rates["outcome_id"] + contract
