"""Tables between the steps of the valuation, as the assets of the graph hand them on.

Belongs here: models of what one step gives to the next, with the row rules that make a wrong step stop; what is
published is in ``pipeline.tables.results``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import PRICE_YEAR_PATTERN, Table, described, filled
from pipeline.tables.raw import RawOutcomes, RawPayments
from pipeline.tables.results import PRICES, WITHHELD
from pipeline.tables.vocabulary import (
    GRADES,
    KINDS,
    MAPPING_GRADES,
    MOVED,
    TREATMENTS,
    UNIT_VALUE_LEVELS,
    UNITS,
    VALUE_SETS,
)

PENNY = 0.01


class OutcomesInScope(RawOutcomes):
    """One row per metric that the edition counts, with its outcome and treatment."""

    quantity: float = described(f"how many were reported; {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    share_counted: float = described("share that the edition counts", unit="share", gt=0, le=1)
    quantity_counted: float = described(
        "quantity × share_counted; 0 where it is withheld", unit="as in column unit", ge=0
    )
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")
    outcome_id: str = filled("outcome that the metric counts")
    outcome_unit: str = described("unit of the outcome", isin=list(UNITS))
    ladder: str = filled("ladder of the outcome; its own id where it has none")
    milestone: float = described("how far along its ladder", unit="milestone_unit", ge=0, nullable=True)
    milestone_unit: str = described("unit of the milestone")
    quantity_per_unit: float = described("reported units in one of the outcome, if stated", gt=0, nullable=True)
    treatment: str = described("how the metric is treated", isin=list(TREATMENTS))
    mapping_grade: str = described("grade of the mapping, where priced", isin=["", *MAPPING_GRADES])
    reason: str = filled("why")

    class Config:
        """A metric counts once, whatever was reported of it."""

        unique = ["contract_id", "metric_id"]


class PaymentsInScope(RawPayments):
    """One row per payment or commitment that the edition counts."""

    share_counted: float = described("share that the edition counts", unit="share", gt=0, le=1)
    amount_counted_gbp: float = described("amount_gbp × share_counted", unit="GBP, cash")
    amount_real_gbp: float = described("the same, deflated", unit=PRICES, nullable=True)
    price_year: str = described("financial year of the middle of the period; empty without one")
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")

    @pa.dataframe_check(error="amount_real_gbp: what was paid has no prices")
    @classmethod
    def paid_has_prices(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A payment without real prices would be missing from every ratio."""
        return df["amount_real_gbp"].notna() | ~df["basis"].isin(MOVED)


class OutcomeUnits(Table):
    """One row per contract, outcome, whether it counts and whether it is net already."""

    contract_id: str = filled("contract")
    outcome_id: str = filled("outcome")
    is_counted: bool = described("false for metrics treated as overlap")
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    ladder: str = filled("ladder of the outcome")
    unit: str = described("unit of the outcome", isin=list(UNITS))
    people: float = described("people, or events, with which it began, as far as shown", ge=0)
    units: float = described("units under the edition's time convention", unit="as in column unit", ge=0)
    units_low: float = described("units as far as measured", unit="as in column unit", ge=0)
    units_high: float = described("most units that the counts that are shown allow", unit="as in column unit", ge=0)
    is_estimated: bool = described("some metric is counted pro rata")
    metric_ids: str = filled("metrics from which the units come")
    mapping_grade: str = described("worst grade of their mappings", isin=list(MAPPING_GRADES))
    sum: str = filled("the sum in words")

    class Config:
        """One row per key."""

        unique = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]


class UnitValues(Table):
    """One row per outcome and unit cost."""

    outcome_id: str = filled("outcome")
    unit_cost_id: str = filled("unit cost")
    value_set: str = described("price list from which the unit cost comes", isin=list(VALUE_SETS))
    data_year: str = described("financial year of the data behind the unit cost", str_matches=PRICE_YEAR_PATTERN)
    unit_value_level: str = described("level at which the unit cost is taken", isin=list(UNIT_VALUE_LEVELS))
    name: str = filled("what it is the value of")
    kind: str = described("fiscal, economic or social", isin=list(KINDS))
    agency: str = filled("who bears the cost, or gains")
    is_transfer: bool = described("fiscal value that is no part of public value")
    unit: str = described("unit of the outcome", isin=list(UNITS))
    unit_cost_gbp: float = described("unit cost as in its source", unit="GBP per unit_cost_unit", ge=0)
    unit_cost_unit: str = described("unit of the unit cost", isin=list(UNITS))
    unit_cost_price_year: str = described("its price year", str_matches=PRICE_YEAR_PATTERN)
    unit_cost_grade: str = described("its grade", isin=list(GRADES))
    price_factor: float = described("deflator of the edition's price year / that of the unit cost", gt=0)
    cost_units_per_unit: float = described("units of the unit cost in one unit of the outcome", gt=0)
    units_per_outcome: float = described("units of the unit cost in one unit of the outcome", gt=0)
    hours_weight_id: str = described("weight of its hours of work; empty where a year of it is a whole one")
    hours_weight: float = described("weight of its hours; 1 where a year of it is a whole one", unit="share", gt=0)
    unit_value_gbp: float = described("value of one unit of the outcome", unit=PRICES, ge=0)
    horizon_years: float = described("years over which the line runs on", unit="years", gt=0, nullable=True)
    overlap_group: str = described("lines of one group save the same money")
    source_id: str = filled("source of the unit cost")
    locator: str = filled("where in the source")

    class Config:
        """A unit cost values an outcome once."""

        unique = ["outcome_id", "unit_cost_id"]


class GrossValue(OutcomeUnits, UnitValues):
    """One row per contract, outcome and unit cost, before anything is taken off."""

    gross_gbp: float = described("units × unit_value_gbp", unit=PRICES, ge=0)

    class Config:
        """One row per key of the units and unit cost."""

        unique = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight", "unit_cost_id"]

    @pa.dataframe_check(error="gross_gbp: not units × unit_value_gbp")
    @classmethod
    def is_the_product(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Gross value is the product of its two factors, to the penny."""
        return (df["units"] * df["unit_value_gbp"] - df["gross_gbp"]).abs() < PENNY


class NetValue(GrossValue):
    """One row per contract, outcome and unit cost, less what would have happened anyway."""

    deadweight: float = described("share that would have happened anyway", unit="share")
    deadweight_layer: str = filled("layer from which the rate comes")
    deadweight_grade: str = described("grade of the rate")
    deadweight_source_id: str = described("source of the rate")
    optimism_bias: float = described("share taken off for weak evidence", unit="share", ge=0, lt=1)
    net_gbp: float = described("gross_gbp × (1 - deadweight) × (1 - optimism_bias)", unit=PRICES)

    @pa.dataframe_check(error="net_gbp: not gross_gbp × (1 - deadweight) × (1 - optimism_bias)")
    @classmethod
    def is_less_what_is_taken_off(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """Net value is gross value less deadweight and optimism bias, to the penny."""
        expected = df["gross_gbp"] * (1 - df["deadweight"]) * (1 - df["optimism_bias"])
        return (expected - df["net_gbp"]).abs() < PENNY

    @pa.dataframe_check(error="deadweight: taken off a count that is net already")
    @classmethod
    def net_takes_none(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A count that is net already takes no deadweight on top."""
        return ~df["is_net_of_deadweight"] | (df["deadweight"] == 0)


STEP_TABLES: dict[str, type[Table]] = {
    "outcomes_in_scope": OutcomesInScope,
    "payments_in_scope": PaymentsInScope,
    "outcome_units": OutcomeUnits,
    "unit_values": UnitValues,
    "gross_value": GrossValue,
    "net_value": NetValue,
}
