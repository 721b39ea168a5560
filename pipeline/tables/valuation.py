"""Tables of the valuation of an edition, from results in scope to the market.

Belongs here: models of what the steps of the method make, with the row rules that make a wrong step stop; nothing that
computes them. What is said about a valuation stands in ``analysis``.
"""

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import CASH, NOT_KNOWN, PENNY, PRICE_YEAR_PATTERN, PRICES, WITHHELD, Table, described, filled
from pipeline.tables.raw import RawOutcomes, RawPayments
from pipeline.tables.vocabulary import (
    GRADES,
    KINDS,
    MAPPING_GRADES,
    MOVED,
    POLICY_AREAS,
    TREATMENTS,
    UNIT_VALUE_LEVELS,
    UNITS,
    VALUE_SETS,
)

NOT_VALUED = "empty where nothing is valued"


class OutcomesInScope(RawOutcomes):
    """One row per metric that the edition counts, with its outcome and treatment; counts of claims protected."""

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
    """One row per payment or commitment that the edition counts by its cut-off, in cash and in its prices."""

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
    """One row per contract, outcome and kind of count: the units achieved, a ladder counted as one cohort."""

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
    """One row per outcome and unit cost: what one unit is worth, at the level and in the prices of the edition."""

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
    """One row per contract, outcome and unit cost: units × unit value, before anything is taken off."""

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
    """One row per contract, outcome and unit cost, less what would have happened anyway and optimism bias."""

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


# Between the steps they keep all columns of ``NetValue``; these are the ones that readers get.
class ValuedOutcomes(Table):
    """One row per contract, outcome and unit cost: every pound of the headline, no benefit twice."""

    contract_id: str = filled("contract")
    outcome_id: str = filled("outcome")
    unit_cost_id: str = filled("unit cost")
    metric_ids: str = filled("metrics from which the units come")
    kind: str = described("fiscal, economic or social", isin=list(KINDS))
    agency: str = filled("who bears the cost, or gains")
    is_transfer: bool = described("fiscal value that is no part of public value")
    sum: str = filled("the sum that leads from the metrics to the units")
    units: float = described("units of the outcome", unit="as in column unit", ge=0)
    unit: str = filled("unit of the outcome")
    units_low: float = described("units as far as measured", unit="as in column unit", ge=0)
    units_high: float = described(
        "most units that the counts that are shown allow up to the horizon", unit="as in column unit", ge=0
    )
    unit_cost_gbp: float = described("unit cost as in its source", unit="GBP per unit_cost_unit, at its price year")
    unit_cost_unit: str = filled("unit of the unit cost")
    unit_cost_price_year: str = filled("price year of the unit cost")
    value_set: str = described("price list from which the unit cost comes", isin=list(VALUE_SETS))
    data_year: str = filled("financial year of the data behind the unit cost")
    price_factor: float = described("deflator of the edition's price year / that of the unit cost", gt=0)
    cost_units_per_unit: float = described("units of the unit cost in one unit of the outcome", gt=0)
    units_per_outcome: float = described("units of the unit cost in one unit of the outcome, by judgement", gt=0)
    hours_weight: float = described("weight of its hours; 1 where a year of it is a whole one", unit="share", gt=0)
    unit_value_gbp: float = described(
        "value of one unit of the outcome: unit_cost_gbp and the four factors before", unit=PRICES
    )
    gross_gbp: float = described("units × unit_value_gbp", unit=PRICES)
    deadweight: float = described("share that would have happened anyway", unit="share")
    deadweight_layer: str = filled("layer from which the rate comes: none, assumed, studied or already_net")
    optimism_bias: float = described("share taken off for weak evidence", unit="share", ge=0, lt=1)
    net_gbp: float = described("gross_gbp × (1 - deadweight) × (1 - optimism_bias)", unit=PRICES)
    is_estimated: bool = described("some metric is counted pro rata")
    unit_cost_grade: str = filled("grade of the unit cost")
    deadweight_grade: str = described("grade of the deadweight rate")
    mapping_grade: str = described("worst grade of the mapping of its metrics", isin=list(MAPPING_GRADES))
    source_id: str = filled("source of the unit cost")
    locator: str = filled("where in that source")
    deadweight_source_id: str = described("source of the deadweight rate")


class Overlaps(Table):
    """One row per line that would count a benefit twice, worked out and left out."""

    contract_id: str = filled("contract")
    outcome_id: str = filled("outcome")
    unit_cost_id: str = filled("unit cost")
    metric_ids: str = filled("metrics from which the units come")
    kind: str = described("fiscal, economic or social", isin=list(KINDS))
    is_transfer: bool = described("fiscal value that is no part of public value")
    units: float = described("units of the outcome", unit="as in column unit", ge=0)
    unit: str = filled("unit of the outcome")
    unit_value_gbp: float = described("value of one unit of the outcome", unit=PRICES)
    gross_gbp: float = described("gross value left out", unit=PRICES)
    deadweight: float = described("share that would have happened anyway", unit="share")
    net_gbp: float = described("net value left out: by so much the sums would be larger", unit=PRICES)
    overlap_reason: str = filled("with what it overlaps")
    source_id: str = filled("source of the unit cost")


class _Sums(Table):
    """Sums that contracts, policy areas and the market share."""

    outcome_payments_gbp: float = described(
        f"payments of the bases that the edition counts, less what went back; {NOT_KNOWN}", unit=CASH, nullable=True
    )
    outcome_payments_real_gbp: float = described(
        f"the same, deflated, each by its own period; {NOT_KNOWN}", unit=PRICES, nullable=True
    )
    fiscal_gbp: float = described(
        f"fiscal value, with transfers, net of deadweight; {NOT_VALUED}", unit=PRICES, nullable=True
    )
    economic_gbp: float = described(f"economic value, net of deadweight; {NOT_VALUED}", unit=PRICES, nullable=True)
    social_gbp: float = described(f"social value, net of deadweight; {NOT_VALUED}", unit=PRICES, nullable=True)
    transfers_gbp: float = described(
        f"part of fiscal value that someone else loses; {NOT_VALUED}", unit=PRICES, nullable=True
    )
    public_value_gbp: float = described(
        f"fiscal without transfers + economic + social; {NOT_VALUED}", unit=PRICES, nullable=True
    )
    gross_public_value_gbp: float = described(
        f"public value before deadweight; {NOT_VALUED}", unit=PRICES, nullable=True
    )
    bcr: float = described("public value / payments, in the edition's prices", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal value / payments, in the edition's prices", unit="ratio", nullable=True)


class ContractValue(_Sums):
    """One row per contract: payments, value and ratios; a ratio only where both sides are known.

    What is not known is empty, and 0 is what is known to be 0. The ratio of several contracts is the sum of their
    public value over that of their payments in the edition's prices, of the rows where is_in_bcr is true.
    """

    contract_id: str = filled("contract", unique=True)
    name: str = filled("name")
    policy_area: str = described("policy area", isin=list(POLICY_AREAS))
    is_valued: bool = described("at least one achieved outcome has a unit cost")
    is_in_bcr: bool = described("valued, and with known payments: it enters the ratio")
    is_estimated: bool = described("some metric or payment is counted pro rata")

    @pa.dataframe_check(error="value: missing though the contract is valued, or 0 though it is not")
    @classmethod
    def value_is_there_if_valued(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is not valued is not worth nothing: it is not known."""
        of_value = [name for name in _Sums.to_schema().columns if name.endswith("_gbp") and "payments" not in name]
        value = df[of_value]
        return value.notna().all(axis=1).where(df["is_valued"], ~(value == 0).all(axis=1))


class SummedContracts(_Sums):
    """Sums over several contracts, and what of them enters the ratio."""

    contracts: int = described("contracts", unit="contracts")
    contracts_valued: int = described("contracts that are valued", unit="contracts")
    contracts_with_payments: int = described("contracts with known payments", unit="contracts")
    contracts_in_bcr: int = described("contracts in the ratio", unit="contracts")
    public_value_in_bcr_gbp: float = described("public value of the contracts in the ratio", unit=PRICES)
    fiscal_in_bcr_gbp: float = described("fiscal value of the contracts in the ratio", unit=PRICES)
    gross_public_value_in_bcr_gbp: float = described("their public value before deadweight", unit=PRICES)
    outcome_payments_in_bcr_gbp: float = described("their payments", unit=CASH)
    outcome_payments_in_bcr_real_gbp: float = described("their payments, deflated", unit=PRICES)
    bcr_cash: float = described("public value / payments in cash", unit="ratio", nullable=True)
    fiscal_bcr_cash: float = described("fiscal value / payments in cash", unit="ratio", nullable=True)


class PolicyAreaValue(SummedContracts):
    """One row per policy area: the payments, value and ratios of its contracts."""

    policy_area: str = described("policy area", isin=list(POLICY_AREAS), unique=True)


class MarketValue(SummedContracts):
    """One row: the market, with the payments, value and ratios of all contracts."""

    scope: str = described("the market", isin=["market"])
