"""What one unit of an outcome is worth.

Belongs here: choosing the level of a unit cost, bringing it to the edition's prices, to the outcome's unit and hours.
"""

from typing import Any

import pandas as pd

from pipeline.method.steps.prices import price_factors
from pipeline.tables.parameters import GdpDeflators, HoursWeights, OutcomeUnitCosts, UnitCosts
from pipeline.tables.reference import OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.units import conversion
from pipeline.tables.valuation import UnitValues

# Of each level: the kind that an old list names for it, else the end of the range of the mean.
LEVELS = {"low": ("lowest_kind_gbp", "low_gbp"), "high": ("highest_kind_gbp", "high_gbp")}


def unit_values(
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    unit_costs: DataFrame[UnitCosts],
    outcome_types: DataFrame[OutcomeTypes],
    hours_weights: DataFrame[HoursWeights],
    gdp_deflators: DataFrame[GdpDeflators],
    *,
    level: str,
    price_year: str,
) -> DataFrame[UnitValues]:
    """Return one row per outcome and unit cost with the value of one unit of the outcome.

    ``unit_value_gbp = cost × D[price_year] / D[its price year] × units of the cost in one unit of the outcome ×
    units_per_outcome × hours_weight``, the weight at its central value and 1 where hours do not matter.
    ``outcome_unit_costs, unit_costs``: of one price list (``price_lists.price_list``); ``level``: see ``at_level``.
    Raises ``UnitError`` when the unit of a cost cannot be converted into that of its outcome, ``KeyError`` for a year
    without a deflator or a weight that does not exist.
    """
    costs = unit_costs.rename(
        columns={"unit": "unit_cost_unit", "price_year": "unit_cost_price_year", "grade": "unit_cost_grade"}
    )
    costs = costs.assign(unit_cost_gbp=at_level(costs, level), unit_value_level=level)
    kept = [
        "unit_cost_id",
        "value_set",
        "data_year",
        "unit_value_level",
        "name",
        "kind",
        "agency",
        "is_transfer",
        "unit_cost_gbp",
        "unit_cost_unit",
        "unit_cost_price_year",
        "unit_cost_grade",
        "source_id",
        "locator",
    ]
    lines = outcome_unit_costs.drop(columns=["value_set", "source_id", "locator"]).merge(
        costs[kept], on="unit_cost_id", validate="many_to_one"
    )
    lines = lines.merge(
        outcome_types[["outcome_id", "unit", "hours_weight_id"]], on="outcome_id", validate="many_to_one"
    )
    weights = {"": 1.0, **hours_weights.set_index("hours_weight_id")["central"]}
    lines["hours_weight"] = [float(weights[weight]) for weight in lines["hours_weight_id"].to_list()]
    factors = price_factors(gdp_deflators, price_year).to_dict()
    lines["price_factor"] = [factors[year] for year in lines["unit_cost_price_year"].to_list()]
    units = zip(lines["unit"].to_list(), lines["unit_cost_unit"].to_list(), strict=True)
    lines["cost_units_per_unit"] = [conversion(unit, cost_unit) for unit, cost_unit in units]
    return lines.assign(unit_value_gbp=pounds_per_unit(lines["unit_cost_gbp"], lines))


def at_level(unit_costs: DataFrame[UnitCosts], level: str) -> "pd.Series[float]":
    """Return the unit costs at a level, in GBP at their own price years: low, central or high.

    Low is the cheapest kind where a row names one, else the low end of the range of the mean; high likewise.
    """
    if level == "central":
        return unit_costs["central_gbp"]
    kind, end = LEVELS[level]
    return unit_costs[kind].fillna(unit_costs[end])


def pounds_per_unit(costs: Any, lines: pd.DataFrame) -> "pd.Series[float]":
    """Return the value of one unit of an outcome; ``lines``: the factors of each, as ``unit_values`` has them."""
    per_unit = lines["cost_units_per_unit"] * lines["units_per_outcome"] * lines["hours_weight"]
    return costs * lines["price_factor"] * per_unit
