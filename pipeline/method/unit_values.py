"""What one unit of an outcome is worth.

Belongs here: choosing the level of a unit cost, bringing it to the edition's prices and to the outcome's unit.
"""

import pandas as pd

from pipeline.method.prices import price_factors
from pipeline.tables.units import conversion


def unit_values(
    outcome_unit_costs: pd.DataFrame,
    unit_costs: pd.DataFrame,
    outcome_types: pd.DataFrame,
    gdp_deflators: pd.DataFrame,
    *,
    level: str,
    price_year: str,
) -> pd.DataFrame:
    """Return one row per outcome and unit cost with the value of one unit of the outcome.

    ``unit_value_gbp = cost × D[price_year] / D[its price year] × units of the cost in one unit of the outcome ×
    units_per_outcome``. ``level``: low, central or high. Raises ``UnitError`` when the unit of a cost cannot be
    converted into that of its outcome, ``KeyError`` for a year without a deflator.
    """
    costs = unit_costs.rename(
        columns={"unit": "unit_cost_unit", "price_year": "unit_cost_price_year", "grade": "unit_cost_grade"}
    )
    costs = costs.assign(unit_cost_gbp=costs[f"{level}_gbp"])
    kept = [
        "unit_cost_id",
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
    lines = outcome_unit_costs.drop(columns=["source_id", "locator"]).merge(
        costs[kept], on="unit_cost_id", validate="many_to_one"
    )
    lines = lines.merge(outcome_types[["outcome_id", "unit"]], on="outcome_id", validate="many_to_one")
    factors = price_factors(gdp_deflators, price_year)
    lines["price_factor"] = [float(factors[year]) for year in lines["unit_cost_price_year"]]
    lines["cost_units_per_unit"] = [
        conversion(unit, cost_unit) for unit, cost_unit in zip(lines["unit"], lines["unit_cost_unit"], strict=True)
    ]
    lines["unit_value_gbp"] = (
        lines["unit_cost_gbp"] * lines["price_factor"] * lines["cost_units_per_unit"] * lines["units_per_outcome"]
    )
    return lines
