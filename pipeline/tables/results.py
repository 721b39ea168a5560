"""Tables that a run publishes for each edition.

Belongs here: models of the Parquet files under ``<out>/<edition>/tables/``, with the meaning and the unit of each
column, which go into the files; nothing that computes them.
"""

from collections.abc import Mapping

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.base import PRICE_YEAR_PATTERN, Table, described, filled, valid_by_edition
from pipeline.tables.raw import Contracts, RawOrganisations, RawPlaces, RejectedRows
from pipeline.tables.reference import Accepted, Corrections, OptimismBias
from pipeline.tables.vocabulary import (
    AGES,
    CHECK_OUTCOMES,
    DEADWEIGHT_LAYERS,
    GRADES,
    KINDS,
    MAPPING_GRADES,
    OPTIMISM_BIASES,
    PAYER_KINDS,
    PAYMENT_BASES,
    POLICY_AREAS,
    RANGE_BASES,
    RECONCILIATION_STATUSES,
    ROBUSTNESS_PARTS,
    SEVERITIES,
    TIME_CONVENTIONS,
    TREATMENTS,
    UNIT_VALUE_LEVELS,
    UNITS,
    VALUE_SETS,
)
from pipeline.timing import PANDERA, timed

PRICES = "GBP, prices of the edition"
CASH = "GBP, cash"
WITHHELD = "missing: withheld, because too few people stand behind it or one could work out another that is"
NOT_KNOWN = "empty where none is known"
NOT_VALUED = "empty where nothing is valued"
WITH_PAYMENTS = "part of it of contracts with payments, of which one without value counts as worth nothing"
NEAR = "where at most one choice differs from the edition's"


class PublishedContracts(Contracts):
    """One row per contract: what it is for, when it runs, and what is known of it."""

    has_outcomes: bool = described("some result is reported")
    has_payments: bool = described("some payment is recorded, of the bases that the edition counts")


class ReportedOutcomes(Table):
    """One row per contract, metric and period, as reported and as treated."""

    contract_id: str = filled("contract")
    metric_id: str = filled("metric")
    label: str = filled("what the metric counts")
    result_type: str = filled("interim or final")
    period_start: pa.DateTime = described("first day of the period", nullable=True)
    period_end: pa.DateTime = described("last day of the period", nullable=True)
    quantity: float = described(f"how many were reported; {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    unit: str = filled("what one of them is")
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    share_counted: float = described("share that the edition counts, by its cut-off", unit="share", ge=0, le=1)
    quantity_counted: float = described(
        f"quantity × share_counted; {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")
    outcome_id: str = filled("outcome that the metric counts")
    milestone: float = described("how far along its ladder", unit="milestone_unit", nullable=True)
    milestone_unit: str = described("unit of the milestone")
    treatment: str = described("how the metric is treated", isin=list(TREATMENTS))
    mapping_grade: str = described(
        "how good the evidence is that the metric counts the outcome; empty where no value is worked out",
        isin=["", *MAPPING_GRADES],
    )
    reason: str = filled("why")
    source_id: str = filled("source of the result")
    locator: str = filled("where in the source")


class Claims(Table):
    """One row per metric and financial year of a contract with participant-level claims, up to the cut-off.

    Each person counts once for each milestone, in the year in which they first reached it. Counts are protected: those
    of too few people are withheld, with others from which they could be worked out, and the rest is rounded, each count
    and each total by itself, so that they need not add up. A metric that nobody ever claimed has no row.
    """

    contract_id: str = filled("contract")
    metric_id: str = filled("metric")
    outcome_id: str = filled("outcome that the metric counts")
    financial_year: str = described("financial year in which it was achieved", str_matches=PRICE_YEAR_PATTERN)
    quantity: float = described(f"how many in that year; {WITHHELD}", unit="as in column unit", ge=0, nullable=True)
    unit: str = described("what one of them is", isin=list(UNITS))
    is_withheld: bool = described("the count of the year is withheld")
    total_to_year_end: float = described(
        f"how many up to and including that year; {WITHHELD}", unit="as in column unit", ge=0, nullable=True
    )
    is_total_withheld: bool = described("the total up to the year is withheld")

    class Config:
        """A metric stands once for each year."""

        unique = ["contract_id", "metric_id", "financial_year"]

    @pa.dataframe_check(error="quantity, total_to_year_end: shown though withheld, or missing though not")
    @classmethod
    def withheld_is_missing(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """What is withheld is not there, and nothing else is missing."""
        return (df["quantity"].isna() == df["is_withheld"]) & (
            df["total_to_year_end"].isna() == df["is_total_withheld"]
        )


class DoubleCounting(Table):
    """One row per two ladders of a contract with participant-level claims: how many people are counted on both.

    Of metrics that count people and are worked out in pounds; one that is no rung is a ladder by itself. Each ladder is
    known by its first metric. Protected as in ``claims``.
    """

    contract_id: str = filled("contract")
    metric_id: str = filled("first metric of the one ladder")
    outcome_id: str = filled("outcome that it counts")
    other_metric_id: str = filled("first metric of the other ladder")
    other_outcome_id: str = filled("outcome that it counts")
    people: float = described(f"people on both up to the cut-off; {WITHHELD}", unit="people", ge=0, nullable=True)
    is_withheld: bool = described("the number is withheld")
    is_counted_once: bool = described(
        "of the two only one counts: they bring the same benefit (overlap_group), or one is treated as overlap"
    )

    class Config:
        """Two ladders stand together once."""

        unique = ["contract_id", "metric_id", "other_metric_id"]


class Payments(Table):
    """One row per payment or commitment."""

    contract_id: str = filled("contract")
    payer: str = described("who pays")
    payer_kind: str = filled("central, local, mixed or unknown")
    period_start: pa.DateTime = described("first day of the period paid for", nullable=True)
    period_end: pa.DateTime = described("last day of the period paid for", nullable=True)
    amount_gbp: float = described("amount as recorded; below 0 if it went back", unit=CASH)
    share_counted: float = described("share that the edition counts, by its cut-off", unit="share", ge=0, le=1)
    amount_counted_gbp: float = described("amount_gbp × share_counted", unit=CASH)
    amount_real_gbp: float = described("amount counted, deflated", unit=PRICES, nullable=True)
    price_year: str = described("financial year of the middle of the period")
    basis: str = described("kind of figure", isin=list(PAYMENT_BASES))
    is_estimated: bool = described("counted pro rata, because the period straddles the cut-off")
    metric_id: str = described("metric paid for, if stated")
    note: str = described("what is special about it")
    source_id: str = filled("source")
    locator: str = filled("where in the source")


class ValuedOutcomes(Table):
    """One row per contract, outcome and unit cost: every pound of the headline."""

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
    """One row per contract: its payments, its value and its ratios.

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


class _SummedContracts(_Sums):
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


class PolicyAreaValue(_SummedContracts):
    """One row per policy area: the payments, value and ratios of its contracts."""

    policy_area: str = described("policy area", isin=list(POLICY_AREAS), unique=True)


class MarketValue(_SummedContracts):
    """One row: the market, with the payments, value and ratios of all contracts."""

    scope: str = described("the market", isin=["market"])


class MarketFacts(Table):
    """One row per scope and fact of the market: counts, sums and shares, no values."""

    scope: str = described("the market, or which policy area", isin=["market", *POLICY_AREAS])
    measure: str = filled("what is counted or summed")
    ours: float = described(
        "in the public data; missing where nothing is public", unit="as in column unit", nullable=True
    )
    unit: str = filled("unit")
    published: float = described(
        "figure of the study that the edition reproduces, else of the latest that has one",
        unit="as in column unit",
        nullable=True,
    )
    value_qualifier: str = described("of the published figure: exact, approximate, more than, derived, …")
    published_edition: str = described("study in which it was published; empty where there is none")
    source_id: str = described("source of the published figure")
    note: str = filled("what our figure covers")

    class Config:
        """A fact stands once for each scope."""

        unique = ["scope", "measure"]


class Reconciliation(Table):
    """One row per published figure: ours beside it, and why they differ."""

    figure_id: str = filled("published figure", unique=True)
    published_edition: str = filled("study in which it was published")
    scope: str = filled("market, policy areas or contracts")
    measure: str = filled("what was measured")
    published: float = described("the published figure", unit="as in column unit")
    value_qualifier: str = filled("exact, approximate, more than, derived, …")
    unit: str = filled("unit")
    ours: float = described("ours, missing where there is none", unit="as in column unit", nullable=True)
    difference: float = described("ours less published", unit="as in column unit", nullable=True)
    is_like_for_like: bool = described("the edition reproduces that study")
    status: str = described("how the two compare", isin=list(RECONCILIATION_STATUSES))
    reason: str = filled("why they differ, or do not")
    source_id: str = filled("source of the published figure")


class Coverage(Table):
    """One row per measure of coverage."""

    measure: str = filled("what is counted", unique=True)
    ours: float = described(
        f"in the public data; {NOT_KNOWN}", unit="people, contracts, metrics or GBP cash", nullable=True
    )
    published: float = described("in the study that the edition reproduces", unit="as ours", nullable=True)
    share: float = described("ours / published", unit="share", nullable=True)


class NotValued(Table):
    """One row per outcome without a unit cost."""

    outcome_id: str = filled("outcome", unique=True)
    name: str = filled("name")
    metrics: int = described("metrics that count it", unit="metrics")
    contracts: int = described("contracts that report it", unit="contracts")
    quantity: float = described(
        "how many were reported, without what is withheld; empty where all is", unit="as in the metrics", nullable=True
    )
    reason: str = filled("why no value is given")


class Scenarios(Table):
    """One row per combination of choices, the edition's own among them."""

    time_convention: str = described("how long an outcome counts", isin=list(TIME_CONVENTIONS))
    annual_rung: str = described("which rung counts for a year; empty where time counts otherwise")
    discounting: str = described("discount rates of later years; empty where none are counted")
    unit_value_level: str = described("level of unit costs", isin=list(UNIT_VALUE_LEVELS))
    deadweight_layer: str = described("evidence of deadweight", isin=list(DEADWEIGHT_LAYERS))
    transfers: str = described("benefits that somebody else loses: in fiscal value only, in both, in neither")
    payment_bases: str = filled("kinds of payment that count")
    price_base: str = described("prices of the payments", isin=["edition's prices", "cash"])
    straddling: str = described("results and payments that straddle the cut-off; empty without one")
    optimism_bias: str = described("whether value is less by optimism bias", isin=list(OPTIMISM_BIASES))
    value_set: str = described("price list of the unit costs", isin=list(VALUE_SETS))
    changes: int = described("how many of these are not as in the edition", unit="choices", ge=0)
    changed: str = described("which of them, if it is one")
    is_edition: bool = described("all is as in the edition")
    contracts_in_bcr: int = described("contracts in the ratio", unit="contracts")
    outcome_payments_gbp: float = described("payments of those contracts", unit=f"{PRICES}, or cash where said")
    public_value_gbp: float = described("public value of those contracts", unit=PRICES)
    bcr: float = described("public value / payments", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal value / payments", unit="ratio", nullable=True)
    bcr_p10: float = described(f"10 % of the draws of bcr lie below; {NEAR}", unit="ratio", nullable=True)
    bcr_p90: float = described(f"90 % of the draws of bcr lie below; {NEAR}", unit="ratio", nullable=True)
    fiscal_bcr_p10: float = described(f"10 % of the draws of fiscal_bcr lie below; {NEAR}", unit="ratio", nullable=True)
    fiscal_bcr_p90: float = described(f"90 % of the draws of fiscal_bcr lie below; {NEAR}", unit="ratio", nullable=True)

    class Config:
        """A combination stands once."""

        unique = [
            *("time_convention", "annual_rung", "discounting", "unit_value_level", "deadweight_layer"),
            *("transfers", "payment_bases", "price_base", "straddling", "optimism_bias"),
            "value_set",
        ]


SCOPE_KIND = described("market, policy area or contract", isin=["market", "policy_area", "contract"])
MEASURE = described("which ratio: public value or fiscal value per pound of payments", isin=["bcr", "fiscal_bcr"])


class Uncertainty(Table):
    """One row per ratio, over the draws of all unit costs and rates of deadweight on which it rests."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("market, or which policy area or contract")
    measure: str = MEASURE
    ratio: float = described("the ratio as the edition has it", unit="ratio")
    mean: float = described("mean over the draws", unit="ratio")
    p5: float = described("5 % of the draws lie below", unit="ratio")
    p10: float = described("10 % of the draws lie below", unit="ratio")
    p50: float = described("half of the draws lie below", unit="ratio")
    p90: float = described("90 % of the draws lie below", unit="ratio")
    p95: float = described("95 % of the draws lie below", unit="ratio")
    p10_if_independent: float = described(
        "a lesson, of the market only: p10 had each contract drawn parameters of its own, which would be wrong",
        unit="ratio",
        nullable=True,
    )
    p90_if_independent: float = described("the same of p90, and as wrong", unit="ratio", nullable=True)
    chance_above_1: float = described("share of the draws above 1", unit="share", ge=0, le=1)
    chance_above_2: float = described("share of the draws above 2", unit="share", ge=0, le=1)
    published: float = described("ratio of the study beside which the edition is held", unit="ratio", nullable=True)
    chance_above_published: float = described(
        "share of the draws above the published ratio", unit="share", ge=0, le=1, nullable=True
    )
    drawn_share: float = described("share of the value that rests on something drawn", unit="share", ge=0, le=1.000001)
    fixed_unit_cost_share: float = described(
        "share of the value of which the unit cost is not drawn", unit="share", ge=0, le=1.000001
    )
    has_range: bool = described("at least half of the value rests on something drawn, so that the range says something")
    monte_carlo_error: float = described("standard error of the mean over the draws", unit="ratio", ge=0)
    draws: int = described("simulations", unit="draws", gt=0)
    seed: int = described("seed of the draws", ge=0)

    class Config:
        """A ratio stands once."""

        unique = ["scope_kind", "scope", "measure"]


class Acceptability(Table):
    """One row per ratio of the market and threshold, over the draws of table ``uncertainty``."""

    measure: str = MEASURE
    threshold: float = described("ratio that somebody may ask for", unit="ratio", ge=0)
    chance_above: float = described("share of the draws above it", unit="share", ge=0, le=1)

    class Config:
        """A threshold stands once for each ratio."""

        unique = ["measure", "threshold"]


class Sensitivity(Table):
    """One row per ratio of the market and uncertain parameter, the one that moves it furthest first."""

    measure: str = MEASURE
    parameter_id: str = filled(
        "unit cost, weight of hours, or rate of deadweight by layer, outcome and, where it has its own, contract"
    )
    kind: str = described("kind of parameter", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("its low end", unit="GBP at its price year, or share")
    high: float = described("its high end", unit="GBP at its price year, or share")
    taken: float = described("what the edition takes", unit="GBP at its price year, or share")
    grade: str = described("how good its evidence is", isin=list(GRADES))
    ratio_at_low: float = described("the ratio at its low end, all else as in the edition", unit="ratio")
    ratio_at_high: float = described("the ratio at its high end, all else as in the edition", unit="ratio")
    swing: float = described("distance of the two", unit="ratio", ge=0)
    first_order_index: float = described("share of the variance that it explains by itself", unit="share", ge=0)
    value_of_knowing: float = described(
        "what knowing it before would be worth to somebody who pays only where the ratio lies above 1",
        unit="GBP per GBP of payments",
    )

    class Config:
        """A parameter stands once for each ratio."""

        unique = ["measure", "parameter_id"]


class SwitchingValues(Table):
    """One row per ratio: what would have to be so for it to be 1, and whether the evidence reaches that far."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("market, or which policy area or contract")
    measure: str = MEASURE
    ratio: float = described("the ratio as the edition has it", unit="ratio")
    switching_deadweight: float = described(
        "deadweight at which it is 1; below 0 it is less even without", unit="share", nullable=True
    )
    highest_deadweight: float = described(
        "deadweight with every rate at its high end, weighted by value", unit="share", nullable=True
    )
    deadweight_reaches: bool = described("the highest deadweight of the evidence is at least the switching one")
    further_fall: float = described(
        "fall in unit values at which it is 1; below 0 it is less already", unit="share", nullable=True
    )
    largest_fall: float = described("fall with every unit cost at its low end", unit="share", nullable=True)
    fall_reaches: bool = described("the largest fall of the evidence is at least the switching one")
    rise_in_payments: float = described("rise in payments at which it is 1; below 0 it is less already", unit="share")

    class Config:
        """A ratio stands once."""

        unique = ["scope_kind", "scope", "measure"]


class Concentration(Table):
    """One row per contract, outcome and unit cost: what it carries of the market's public value in the ratio."""

    kind: str = described("what it is", isin=["contract", "outcome", "unit_cost"])
    id: str = filled("which contract, outcome or unit cost")
    rank: int = described("place among its kind, 1 for the largest net public value", ge=1)
    public_value_gbp: float = described("its net public value in the ratio, without transfers", unit=PRICES)
    share: float = described("share of all public value in the ratio", unit="share", nullable=True)
    cumulative_share: float = described("share of it and of all larger ones", unit="share", nullable=True)
    bcr_without: float = described(
        "the market's ratio without the value and payments of the contract, or without the value of the outcome or "
        "unit cost, whose payments stay",
        unit="ratio",
        nullable=True,
    )
    fiscal_bcr_without: float = described("the fiscal ratio, likewise", unit="ratio", nullable=True)

    class Config:
        """Each stands once."""

        unique = ["kind", "id"]


class EvidenceQuality(Table):
    """One row per ratio of the market, kind of evidence and grade."""

    measure: str = MEASURE
    evidence: str = described("kind of evidence", isin=["unit_cost", "deadweight", "mapping"])
    grade: str = described("how good it is; no rate: nothing is taken off", isin=[*GRADES, "no rate"])
    value_gbp: float = described("net value of the contracts in the ratio that rests on it", unit=PRICES)
    share: float = described("share of all such value", unit="share")

    class Config:
        """A grade stands once."""

        unique = ["measure", "evidence", "grade"]


class EvidenceAge(Table):
    """One row per unit cost, rate and weight on which public value in the ratio rests: how old it is, when due."""

    parameter_id: str = filled("unit cost with its price list, weight of hours, or rate of deadweight", unique=True)
    kind: str = described("kind of parameter", isin=["unit_cost", "hours_weight", "deadweight"])
    grade: str = described("how good its evidence is", isin=list(GRADES))
    range_basis: str = described("on what its range rests; fixed: it has none", isin=list(RANGE_BASES))
    data_year: str = described("financial year of the data behind a unit cost; empty for rates and weights")
    age: str = described("how old the data behind a unit cost are; empty for rates and weights", isin=["", *AGES])
    checked_on: str = filled("day on which somebody last held it against its source")
    review_by: str = filled("day by which somebody should look for a newer value")
    public_value_gbp: float = described("net public value of the contracts in the ratio that rests on it", unit=PRICES)
    share: float = described("share of all such value", unit="share")


class Robustness(Table):
    """One row per part of the value for which the ratio of the market stands too, the whole of it first."""

    part: str = described("what of the value counts", isin=list(ROBUSTNESS_PARTS), unique=True)
    contracts: int = described("contracts in that ratio", unit="contracts")
    outcome_payments_real_gbp: float = described("their payments", unit=PRICES)
    public_value_gbp: float = described("their public value, as far as it counts", unit=PRICES)
    fiscal_gbp: float = described("their fiscal value, likewise", unit=PRICES)
    bcr: float = described("public value / payments", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal value / payments", unit="ratio", nullable=True)


class PayerBeneficiary(Table):
    """One row per kind of payer and agency that gains, over the contracts in the ratio."""

    payer_kind: str = described("who pays: central, local, mixed or unknown", isin=list(PAYER_KINDS))
    agency: str = filled("who gains")
    kind: str = described("fiscal, economic or social", isin=list(KINDS))
    is_transfer: bool = described("fiscal value that is no part of public value")
    value_gbp: float = described("net value, laid to payers by what each paid", unit=PRICES)
    payer_payments_real_gbp: float = described(
        "all that payers of this kind paid, less what went back, the same in each of its rows", unit=PRICES
    )

    class Config:
        """A pair stands once for each kind of value."""

        unique = ["payer_kind", "agency", "kind", "is_transfer"]


class Bounds(Table):
    """One row per bound of the market, of each policy area and of each contract not in the ratio; no headline."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("market, or which policy area or contract")
    bound: str = described("low: reported only; high: up to the maximum commitment", isin=["low", "high"])
    contracts: int = described("contracts", unit="contracts")
    contracts_with_payments: int = described("contracts with payments in this bound", unit="contracts")
    contracts_with_value: int = described("contracts with value in this bound", unit="contracts")
    contracts_covered: int = described("contracts with both", unit="contracts")
    coverage_share: float = described("contracts_covered / contracts", unit="share", ge=0, le=1)
    outcome_payments_real_gbp: float = described(
        "low: payments that the edition counts, else the total of an evaluation or project page; high: the maximum "
        "commitment of a contract not in the ratio, if more, whole also with a cut-off; deflated from the middle of "
        f"the period, or, without one, from the year in which it or the service begins; {NOT_KNOWN}",
        unit=PRICES,
        ge=0,
        nullable=True,
    )
    public_value_gbp: float = described(
        "public value: low from reported outcomes; high, where a contract with payments has none, payments × the "
        f"market's own bcr; {NOT_KNOWN}",
        unit=PRICES,
        nullable=True,
    )
    public_value_with_payments_gbp: float = described(WITH_PAYMENTS, unit=PRICES, nullable=True)
    fiscal_gbp: float = described(
        f"fiscal value, with transfers; likewise, by the market's fiscal_bcr; {NOT_KNOWN}", unit=PRICES, nullable=True
    )
    fiscal_with_payments_gbp: float = described(WITH_PAYMENTS, unit=PRICES, nullable=True)
    bcr: float = described("public_value_with_payments_gbp / payments", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal_with_payments_gbp / payments", unit="ratio", nullable=True)

    class Config:
        """A bound stands once for each scope."""

        unique = ["scope_kind", "scope", "bound"]


class Flags(Table):
    """One row per reported result or payment that looks odd and was left as it is."""

    contract_id: str = filled("contract")
    metric_id: str = described("metrics concerned; empty for payments")
    flag: str = filled("what is odd")
    detail: str = filled("the figures")


class Checks(Table):
    """One row per check across tables, as it came out."""

    suite: str = filled("suite to which the check belongs: the layer that it guards")
    guards_suite: str = filled("what the suite guards")
    asset: str = filled("asset whose tables are checked before they are stored")
    check: str = filled("name of the check")
    guards: str = filled("what the check guards against")
    severity: str = described("error: nothing is published; warning: it is said", isin=list(SEVERITIES))
    rows: int = described("rows compared", unit="rows", ge=0)
    failed: int = described("rows that do not hold", unit="rows", ge=0)
    outcome: str = described("how it came out", isin=list(CHECK_OUTCOMES))
    saw: str = filled("what the check saw")
    examples: str = described("the first rows that do not hold, one a line")

    class Config:
        """A check is named once in its suite."""

        unique = ["suite", "check"]


# The form of the published tables, for those who read them by program: a step up when a column goes or changes its
# type. What is added needs none. `make schema` and a test hold it to docs/published-columns.json.
SCHEMA_VERSION = 1

PUBLISHED_TABLES: dict[str, type[Table]] = {
    "contracts": PublishedContracts,
    "reported_outcomes": ReportedOutcomes,
    "claims": Claims,
    "double_counting": DoubleCounting,
    "payments": Payments,
    "organisations": RawOrganisations,
    "places": RawPlaces,
    "rejected_rows": RejectedRows,
    "valued_outcomes": ValuedOutcomes,
    "overlaps": Overlaps,
    "contract_value": ContractValue,
    "policy_area_value": PolicyAreaValue,
    "market_value": MarketValue,
    "market_facts": MarketFacts,
    "reconciliation": Reconciliation,
    "coverage": Coverage,
    "not_valued": NotValued,
    "uncertainty": Uncertainty,
    "acceptability": Acceptability,
    "sensitivity": Sensitivity,
    "switching_values": SwitchingValues,
    "concentration": Concentration,
    "evidence_quality": EvidenceQuality,
    "evidence_age": EvidenceAge,
    "robustness": Robustness,
    "payer_beneficiary": PayerBeneficiary,
    "bounds": Bounds,
    "scenarios": Scenarios,
    "flags": Flags,
    "corrections": Corrections,
    "accepted": Accepted,
    "optimism_bias": OptimismBias,
    "checks": Checks,
}


def columns_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the columns of a published table, in order; it is not validated."""
    return table[list(PUBLISHED_TABLES[name].to_schema().columns)].reset_index(drop=True)


def shaped(tables: Mapping[str, pd.DataFrame], name: str) -> dict[str, pd.DataFrame]:
    """Return the columns of a published table of some editions, in order, validated.

    Raises ``pandera.errors.SchemaErrors`` when a table is not what it is published as.
    """
    with timed(PANDERA):
        return valid_by_edition(PUBLISHED_TABLES[name], {key: columns_of(table, name) for key, table in tables.items()})
