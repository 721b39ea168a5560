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

NOT_VALUED = "It is empty where nothing is valued."


class OutcomesInScope(RawOutcomes):
    """One row per metric that the edition counts, with its outcome and treatment; counts of claims protected."""

    quantity: float = described(f"How many were reported. {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    share_counted: float = described("The share of the row that the edition counts.", unit="share", gt=0, le=1)
    quantity_counted: float = described(
        "How many the edition counts: the quantity times the share counted. It is 0 where the quantity is withheld.",
        unit="as in column unit",
        ge=0,
    )
    is_estimated: bool = described(
        "True if the period runs past the cut-off, so that only a share of the row is counted."
    )
    outcome_id: str = filled("The outcome that the metric counts, by its id.")
    outcome_unit: str = described("The unit in which the outcome is counted.", isin=list(UNITS))
    ladder: str = filled(
        "The ladder of milestones to which the outcome belongs. It is the outcome itself where there is none."
    )
    milestone: float = described("How far along its ladder the outcome is.", unit="milestone_unit", ge=0, nullable=True)
    milestone_unit: str = described("The unit of the milestone.")
    quantity_per_unit: float = described(
        "How many reported units make one unit of the outcome, where the source says so.", gt=0, nullable=True
    )
    treatment: str = described(
        "How the edition treats the metric, such as valued or not valued.", isin=list(TREATMENTS)
    )
    mapping_grade: str = described(
        "How good the evidence is that the metric counts this outcome. It is empty where no value is worked out.",
        isin=["", *MAPPING_GRADES],
    )
    reason: str = filled("Why the metric is treated in this way.")

    class Config:
        """A metric counts once, whatever was reported of it."""

        unique = ["contract_id", "metric_id"]


class PaymentsInScope(RawPayments):
    """One row per payment or commitment that the edition counts by its cut-off, in cash and in its prices."""

    share_counted: float = described("The share of the payment that the edition counts.", unit="share", gt=0, le=1)
    amount_counted_gbp: float = described(
        "How much the edition counts: the amount times the share counted.", unit="GBP, cash"
    )
    amount_real_gbp: float = described("The amount counted, adjusted for inflation.", unit=PRICES, nullable=True)
    price_year: str = described(
        "The financial year in the middle of the payment's period. It is empty where the period is not known."
    )
    is_estimated: bool = described(
        "True if the period runs past the cut-off, so that only a share of the row is counted."
    )

    @pa.dataframe_check(error="amount_real_gbp: what was paid has no prices")
    @classmethod
    def paid_has_prices(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A payment without real prices would be missing from every ratio."""
        return df["amount_real_gbp"].notna() | ~df["basis"].isin(MOVED)


class OutcomeUnits(Table):
    """One row per contract, outcome and kind of count: the units achieved, a ladder counted as one cohort."""

    contract_id: str = filled("The contract, by its id.")
    outcome_id: str = filled("The outcome that was achieved, by its id.")
    is_counted: bool = described("False for results that overlap with others and are left out.")
    is_net_of_deadweight: bool = described("True if the reported count leaves out what would have happened anyway.")
    ladder: str = filled("The ladder of milestones to which the outcome belongs.")
    unit: str = described("The unit in which the outcome is counted.", isin=list(UNITS))
    people: float = described(
        "How many people, or events, reached the first milestone, as far as counts are shown.", ge=0
    )
    units: float = described(
        "How many units were achieved under the edition's time convention.", unit="as in column unit", ge=0
    )
    units_low: float = described("The fewest units that the reported counts prove.", unit="as in column unit", ge=0)
    units_high: float = described("The most units that the counts shown allow.", unit="as in column unit", ge=0)
    is_estimated: bool = described("True if a result runs past the cut-off, so that only a share of it is counted.")
    metric_ids: str = filled("The metrics whose results were added up into the units.")
    mapping_grade: str = described(
        "How good the evidence is that the results are this outcome. It is the weakest grade among its metrics.",
        isin=list(MAPPING_GRADES),
    )
    sum: str = filled("The sum that leads from the reported results to the units, in words.")

    class Config:
        """One row per key."""

        unique = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]


class UnitValues(Table):
    """One row per outcome and unit cost: what one unit is worth, at the level and in the prices of the edition."""

    outcome_id: str = filled("The outcome, by its id.")
    unit_cost_id: str = filled("The unit cost that values it, by its id.")
    value_set: str = described("The price list from which the unit cost comes.", isin=list(VALUE_SETS))
    data_year: str = described("The financial year of the data behind the unit cost.", str_matches=PRICE_YEAR_PATTERN)
    unit_value_level: str = described(
        "Which end of its range the edition takes: low, central or high.", isin=list(UNIT_VALUE_LEVELS)
    )
    name: str = filled("What the unit cost is the price of.")
    kind: str = described("The kind of value: fiscal (public budgets), economic or social.", isin=list(KINDS))
    agency: str = filled("The public body or group that bears the cost or gains.")
    is_transfer: bool = described(
        "True for fiscal value that somebody else loses, such as a benefit no longer paid. It is no "
        "part of public value."
    )
    unit: str = described("The unit in which the outcome is counted.", isin=list(UNITS))
    unit_cost_gbp: float = described("The unit cost as its source gives it.", unit="GBP per unit_cost_unit", ge=0)
    unit_cost_unit: str = described("The unit that the unit cost is for.", isin=list(UNITS))
    unit_cost_price_year: str = described(
        "The financial year whose prices the unit cost is in.", str_matches=PRICE_YEAR_PATTERN
    )
    unit_cost_grade: str = described("How good the evidence for the unit cost is.", isin=list(GRADES))
    price_factor: float = described("What the unit cost is multiplied by to bring it into the edition's prices.", gt=0)
    cost_units_per_unit: float = described(
        "How many units of the unit cost are in one unit of the outcome, such as 52 weeks in a year.", gt=0
    )
    units_per_outcome: float = described(
        "How many units of the unit cost one outcome brings, where that is a judgement.", gt=0
    )
    hours_weight_id: str = described("The weight of hours that applies. It is empty where hours do not matter.")
    hours_weight: float = described(
        "How much of a full-time job the hours count as. It is 1 where hours do not matter.", unit="share", gt=0
    )
    unit_value_gbp: float = described(
        "What one unit of the outcome is worth, in the edition's prices.", unit=PRICES, ge=0
    )
    horizon_years: float = described("For how many years the value runs on.", unit="years", gt=0, nullable=True)
    overlap_group: str = described("Values in the same group are the same benefit, so that only one of them counts.")
    source_id: str = filled("The source of the unit cost, by its id.")
    locator: str = filled("Where to find the unit cost in that source.")

    class Config:
        """A unit cost values an outcome once."""

        unique = ["outcome_id", "unit_cost_id"]


class GrossValue(OutcomeUnits, UnitValues):
    """One row per contract, outcome and unit cost: what the outcome is worth, before anything is taken off."""

    gross_gbp: float = described(
        "What the outcome is worth before anything is taken off: units times the value of one.", unit=PRICES, ge=0
    )

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

    deadweight: float = described(
        "The share of the outcome that would have happened anyway. It is above 1 where a study found harm.",
        unit="share",
    )
    deadweight_layer: str = filled("The evidence from which that share comes.")
    deadweight_grade: str = described("How good the evidence for that share is.")
    deadweight_source_id: str = described("The source of that share.")
    optimism_bias: float = described(
        "The share taken off because the evidence behind the value is weak.", unit="share", ge=0, lt=1
    )
    net_gbp: float = described(
        "What the outcome is worth after taking off what would have happened anyway and optimism bias.", unit=PRICES
    )

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
    """One row per contract, outcome and unit cost: every pound of the headline, with no benefit counted twice."""

    contract_id: str = filled("The contract, by its id.")
    outcome_id: str = filled("The outcome that was achieved, by its id.")
    unit_cost_id: str = filled("The unit cost that values it, by its id.")
    metric_ids: str = filled("The metrics whose results were added up into the units.")
    kind: str = described("The kind of value: fiscal (public budgets), economic or social.", isin=list(KINDS))
    agency: str = filled("The public body or group that bears the cost or gains.")
    is_transfer: bool = described(
        "True for fiscal value that somebody else loses, such as a benefit no longer paid. It is no "
        "part of public value."
    )
    sum: str = filled("The sum that leads from the reported results to the units, in words.")
    units: float = described("How many units of the outcome were achieved.", unit="as in column unit", ge=0)
    unit: str = filled("The unit in which the outcome is counted.")
    units_low: float = described("The fewest units that the reported counts prove.", unit="as in column unit", ge=0)
    units_high: float = described(
        "The most units that the reported counts allow, up to the horizon of the edition.",
        unit="as in column unit",
        ge=0,
    )
    unit_cost_gbp: float = described(
        "The unit cost as its source gives it.", unit="GBP per unit_cost_unit, at its price year"
    )
    unit_cost_unit: str = filled("The unit that the unit cost is for.")
    unit_cost_price_year: str = filled("The financial year whose prices the unit cost is in.")
    value_set: str = described("The price list from which the unit cost comes.", isin=list(VALUE_SETS))
    data_year: str = filled("The financial year of the data behind the unit cost.")
    price_factor: float = described("What the unit cost is multiplied by to bring it into the edition's prices.", gt=0)
    cost_units_per_unit: float = described(
        "How many units of the unit cost are in one unit of the outcome, such as 52 weeks in a year.", gt=0
    )
    units_per_outcome: float = described(
        "How many units of the unit cost one outcome brings, where that is a judgement.", gt=0
    )
    hours_weight: float = described(
        "How much of a full-time job the hours count as. It is 1 where hours do not matter.", unit="share", gt=0
    )
    unit_value_gbp: float = described(
        "What one unit of the outcome is worth: the unit cost times the four factors before it.", unit=PRICES
    )
    gross_gbp: float = described(
        "What the outcome is worth before anything is taken off: units times the value of one.", unit=PRICES
    )
    deadweight: float = described(
        "The share of the outcome that would have happened anyway. It is above 1 where a study found harm.",
        unit="share",
    )
    deadweight_layer: str = filled(
        "The evidence from which that share comes: none, assumed, studied, or already_net where the "
        "count is net already."
    )
    optimism_bias: float = described(
        "The share taken off because the evidence behind the value is weak.", unit="share", ge=0, lt=1
    )
    net_gbp: float = described(
        "What the outcome is worth after taking off what would have happened anyway and optimism bias.", unit=PRICES
    )
    is_estimated: bool = described("True if a result runs past the cut-off, so that only a share of it is counted.")
    unit_cost_grade: str = filled("How good the evidence for the unit cost is.")
    deadweight_grade: str = described("How good the evidence is for what would have happened anyway.")
    mapping_grade: str = described(
        "How good the evidence is that the results are this outcome. It is the weakest grade among its metrics.",
        isin=list(MAPPING_GRADES),
    )
    source_id: str = filled("The source of the unit cost, by its id in the table of sources.")
    locator: str = filled("Where to find the unit cost in that source.")
    deadweight_source_id: str = described("The source of the share that would have happened anyway.")


class Overlaps(Table):
    """One row per value that is left out because it would count a benefit twice."""

    contract_id: str = filled("The contract, by its id.")
    outcome_id: str = filled("The outcome that was achieved, by its id.")
    unit_cost_id: str = filled("The unit cost that values it, by its id.")
    metric_ids: str = filled("The metrics whose results were added up into the units.")
    kind: str = described("The kind of value: fiscal (public budgets), economic or social.", isin=list(KINDS))
    is_transfer: bool = described(
        "True for fiscal value that somebody else loses, such as a benefit no longer paid. It is no "
        "part of public value."
    )
    units: float = described("How many units of the outcome were achieved.", unit="as in column unit", ge=0)
    unit: str = filled("The unit in which the outcome is counted.")
    unit_value_gbp: float = described("What one unit of the outcome is worth.", unit=PRICES)
    gross_gbp: float = described("The gross value that is left out.", unit=PRICES)
    deadweight: float = described(
        "The share of the outcome that would have happened anyway. It is above 1 where a study found harm.",
        unit="share",
    )
    net_gbp: float = described("The net value that is left out. The totals would be larger by this much.", unit=PRICES)
    overlap_reason: str = filled("The value that counts instead, because both are the same benefit.")
    source_id: str = filled("The source of the unit cost, by its id.")


class _Sums(Table):
    """Sums that contracts, policy areas and the market share."""

    outcome_payments_gbp: float = described(
        f"What was paid for outcomes, less what was paid back. {NOT_KNOWN}", unit=CASH, nullable=True
    )
    outcome_payments_real_gbp: float = described(
        f"The same payments at constant prices, each adjusted for inflation by its own period. {NOT_KNOWN}",
        unit=PRICES,
        nullable=True,
    )
    fiscal_gbp: float = described(
        "What the outcomes are worth to public budgets, with transfers, after taking off what would "
        f"have happened anyway. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    economic_gbp: float = described(
        f"What the outcomes are worth to the economy, after taking off what would have happened anyway. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    social_gbp: float = described(
        "What the outcomes are worth to people and society, after taking off what would have happened"
        f" anyway. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    transfers_gbp: float = described(
        f"The part of fiscal value that somebody else loses, such as benefits no longer paid. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    public_value_gbp: float = described(
        f"Public value: fiscal value without transfers, plus economic and social value. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    gross_public_value_gbp: float = described(
        f"Public value before anything is taken off for what would have happened anyway. {NOT_VALUED}",
        unit=PRICES,
        nullable=True,
    )
    bcr: float = described(
        "Public value for every £1 of payments, both in the edition's prices. It is empty unless both are known.",
        unit="ratio",
        nullable=True,
    )
    fiscal_bcr: float = described(
        "Fiscal value for every £1 of payments, both in the edition's prices. It is empty unless both are known.",
        unit="ratio",
        nullable=True,
    )


class ContractValue(_Sums):
    """One row per contract: payments, value and ratios; a ratio only where both sides are known.

    What is not known is empty, and 0 is what is known to be 0. The ratio of several contracts is the sum of their
    public value over that of their payments in the edition's prices, of the rows where is_in_bcr is true.
    """

    contract_id: str = filled("The contract, by its id.", unique=True)
    name: str = filled("The name of the contract.")
    policy_area: str = described("The policy area of the contract.", isin=list(POLICY_AREAS))
    is_valued: bool = described("True if at least one outcome that it achieved has a unit cost.")
    is_in_bcr: bool = described(
        "True if the contract is valued and its payments are known, so that it counts in the ratio."
    )
    is_estimated: bool = described(
        "True if a result or a payment runs past the cut-off, so that only a share of it is counted."
    )

    @pa.dataframe_check(error="value: missing though the contract is valued, or 0 though it is not")
    @classmethod
    def value_is_there_if_valued(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is not valued is not worth nothing: it is not known."""
        of_value = [name for name in _Sums.to_schema().columns if name.endswith("_gbp") and "payments" not in name]
        value = df[of_value]
        return value.notna().all(axis=1).where(df["is_valued"], ~(value == 0).all(axis=1))


class SummedContracts(_Sums):
    """Sums over several contracts, and what of them enters the ratio."""

    contracts: int = described("How many contracts there are.", unit="contracts")
    contracts_valued: int = described("How many of them are valued.", unit="contracts")
    contracts_with_payments: int = described("How many of them have known payments.", unit="contracts")
    contracts_in_bcr: int = described(
        "How many of them are valued and have known payments, so that they count in the ratio.", unit="contracts"
    )
    public_value_in_bcr_gbp: float = described(
        "The public value of the contracts that count in the ratio.", unit=PRICES
    )
    fiscal_in_bcr_gbp: float = described("The fiscal value of the contracts that count in the ratio.", unit=PRICES)
    gross_public_value_in_bcr_gbp: float = described(
        "The public value of the contracts that count in the ratio, before anything is taken off.", unit=PRICES
    )
    outcome_payments_in_bcr_gbp: float = described(
        "The payments of the contracts that count in the ratio, as they were paid.", unit=CASH
    )
    outcome_payments_in_bcr_real_gbp: float = described(
        "The payments of the contracts that count in the ratio, at constant prices.", unit=PRICES
    )
    bcr_cash: float = described(
        "Public value for every £1 of payments as they were paid, without adjusting them for inflation.",
        unit="ratio",
        nullable=True,
    )
    fiscal_bcr_cash: float = described(
        "Fiscal value for every £1 of payments as they were paid, without adjusting them for inflation.",
        unit="ratio",
        nullable=True,
    )


class PolicyAreaValue(SummedContracts):
    """One row per policy area: the payments, value and ratios of its contracts."""

    policy_area: str = described("The policy area whose contracts are added up.", isin=list(POLICY_AREAS), unique=True)


class MarketValue(SummedContracts):
    """One row: the market, with the payments, value and ratios of all contracts."""

    scope: str = described("Always market: all contracts together.", isin=["market"])
