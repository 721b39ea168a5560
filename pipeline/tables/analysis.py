"""Tables of what is said about a valuation: facts of the market, ranges, evidence, bounds.

Belongs here: models of what the analyses make, with the meaning and the unit of each column; nothing that computes
them. The valuation itself stands in ``valuation``.
"""

import pandera.pandas as pa

from pipeline.tables.base import CASH, NOT_KNOWN, PRICES, Table, described, filled
from pipeline.tables.vocabulary import (
    AGES,
    COMPARISONS,
    DEADWEIGHT_LAYERS,
    GRADES,
    KINDS,
    MAPPING_GRADES,
    OPTIMISM_BIASES,
    PAYER_KINDS,
    POLICY_AREAS,
    PRICE_FINDINGS,
    RANGE_BASES,
    RATIOS,
    READING_MEASURES,
    RECONCILIATION_STATUSES,
    RESTS_ON,
    ROBUSTNESS_PARTS,
    TIME_CONVENTIONS,
    UNIT_VALUE_LEVELS,
    UNITS,
    VALUE_SETS,
)

WITH_PAYMENTS = "The part that belongs to contracts with payments. One without a value counts as worth nothing."
# What payments over time are of.
SERIES = ["paid", "first plan"]
STRENGTHS = ["", *MAPPING_GRADES]
NEAR = "It is given where at most one choice differs from the edition's."


class MarketFacts(Table):
    """One row per scope and fact of the market: counts, sums and shares, no values."""

    scope: str = described("The market, or a policy area.", isin=["market", *POLICY_AREAS])
    measure: str = filled("What is counted or added up.")
    ours: float = described(
        "Our figure from public data. It is missing where nothing is public.", unit="as in column unit", nullable=True
    )
    unit: str = filled("The unit of the figures.")
    published: float = described(
        "The figure of the study that the edition reproduces, or of the latest study that has one.",
        unit="as in column unit",
        nullable=True,
    )
    value_qualifier: str = described(
        "How the published figure is given: exact, approximate, more than, derived and so on."
    )
    published_edition: str = described("The study that published it. It is empty where there is none.")
    source_id: str = described("The source of the published figure, by its id.")
    note: str = filled("What our figure covers.")

    class Config:
        """A fact stands once for each scope."""

        unique = ["scope", "measure"]


class Reconciliation(Table):
    """One row per published figure or claim, with our figure, how the two compare and what would settle it."""

    figure_id: str = filled("The published figure, by its id.", unique=True)
    published_edition: str = filled(
        "The study that published it, by its year. It is context or claim for figures from elsewhere."
    )
    scope: str = filled("What the figure covers, such as the market, a policy area, some contracts or a fund.")
    measure: str = filled("What was measured.")
    published: float = described("The published figure. Of a range it is the lower end.", unit="as in column unit")
    published_high: float = described("The upper end of a published range.", unit="as in column unit", nullable=True)
    value_qualifier: str = filled("How the figure is given: exact, approximate, more than, derived and so on.")
    unit: str = filled("The unit of the figures.")
    ours: float = described(
        "Our figure. It is missing where there is none, or where public data leave a range.",
        unit="as in column unit",
        nullable=True,
    )
    ours_low: float = described(
        "The least that public data allow, or the figure of the lowest contract.",
        unit="as in column unit",
        nullable=True,
    )
    ours_high: float = described(
        "The most that public data allow, or the figure of the highest contract. It is missing where "
        "there is no limit.",
        unit="as in column unit",
        nullable=True,
    )
    difference: float = described("Our figure less the published one.", unit="as in column unit", nullable=True)
    data_share: float = described(
        "The share of the data behind the figure that is public. It is missing where that is not "
        "known, or where the two figures come from different studies.",
        unit="share",
        ge=0,
        le=1,
        nullable=True,
    )
    is_like_for_like: bool = described("True if the edition reproduces that study, or the figure belongs to no study.")
    status: str = described("How the two figures compare.", isin=list(RECONCILIATION_STATUSES))
    reason: str = filled("Why they differ, or do not.")
    comparison: str = described("What a claimed difference is compared with.", isin=list(COMPARISONS))
    nearest_measure: str = described(
        "The nearest thing that public data measure, where nothing of ours is the same quantity."
    )
    nearest: float = described("That figure, for all contracts together.", unit="as in nearest_unit", nullable=True)
    nearest_low: float = described("That figure, for the lowest contract.", unit="as in nearest_unit", nullable=True)
    nearest_high: float = described("That figure, for the highest contract.", unit="as in nearest_unit", nullable=True)
    nearest_unit: str = described("The unit of that figure.")
    would_settle: str = described("What would have to be published for the figure to be worked out or refuted.")
    source_id: str = filled("The source of the published figure, by its id.")


class Coverage(Table):
    """One row per measure of how much of the market the public data cover: known, mapped, valued."""

    measure: str = filled("What is counted.", unique=True)
    ours: float = described(
        f"How much of it the public data have. {NOT_KNOWN}",
        unit="people, contracts, metrics or GBP cash",
        nullable=True,
    )
    published: float = described("How much of it the published study has.", unit="as ours", nullable=True)
    share: float = described("Our figure as a share of the published one.", unit="share", nullable=True)


class NotValued(Table):
    """One row per outcome without a defensible unit cost, and how often it is reported."""

    outcome_id: str = filled("The outcome, by its id.", unique=True)
    name: str = filled("The name of the outcome.")
    metrics: int = described("How many metrics count it.", unit="metrics")
    contracts: int = described("How many contracts report it.", unit="contracts")
    quantity: float = described(
        "How many were reported, without counts that are withheld. It is empty where all are.",
        unit="as in the metrics",
        nullable=True,
    )
    reason: str = filled("Why it has no value.")


class Scenarios(Table):
    """One row per combination of choices, the edition's own among them."""

    time_convention: str = described("How long an outcome is counted.", isin=list(TIME_CONVENTIONS))
    annual_rung: str = described("Which milestone counts for a year. It is empty where time is counted otherwise.")
    discounting: str = described("The discount rates for later years. It is empty where no later years are counted.")
    unit_value_level: str = described(
        "Which end of their ranges the unit costs are taken at.", isin=list(UNIT_VALUE_LEVELS)
    )
    deadweight_layer: str = described(
        "The evidence used for what would have happened anyway.", isin=list(DEADWEIGHT_LAYERS)
    )
    transfers: str = described(
        "Where benefits that somebody else loses are counted: in fiscal value only, in both, or in neither."
    )
    payment_bases: str = filled("The kinds of payment that are counted.")
    price_base: str = described("The prices in which payments are counted.", isin=["edition's prices", "cash"])
    straddling: str = described(
        "How results and payments that run past the cut-off are counted. It is empty without a cut-off."
    )
    optimism_bias: str = described("Whether value is reduced for optimism bias.", isin=list(OPTIMISM_BIASES))
    value_set: str = described("The price list of the unit costs.", isin=list(VALUE_SETS))
    changes: int = described("How many of these choices differ from the edition's.", unit="choices", ge=0)
    changed: str = described("The choice that differs, if it is the only one.")
    is_edition: bool = described("True for the edition's own choices.")
    contracts_in_bcr: int = described("How many contracts count in the ratio.", unit="contracts")
    outcome_payments_gbp: float = described("The payments of those contracts.", unit=f"{PRICES}, or cash where said")
    public_value_gbp: float = described("The public value of those contracts.", unit=PRICES)
    bcr: float = described("Public value for every £1 of payments.", unit="ratio", nullable=True)
    fiscal_bcr: float = described("Fiscal value for every £1 of payments.", unit="ratio", nullable=True)
    bcr_p10: float = described(f"10% of simulations give a lower bcr. {NEAR}", unit="ratio", nullable=True)
    bcr_p90: float = described(f"90% of simulations give a lower bcr. {NEAR}", unit="ratio", nullable=True)
    fiscal_bcr_p10: float = described(
        f"10% of simulations give a lower fiscal_bcr. {NEAR}", unit="ratio", nullable=True
    )
    fiscal_bcr_p90: float = described(
        f"90% of simulations give a lower fiscal_bcr. {NEAR}", unit="ratio", nullable=True
    )

    class Config:
        """A combination stands once."""

        unique = [
            *("time_convention", "annual_rung", "discounting", "unit_value_level", "deadweight_layer"),
            *("transfers", "payment_bases", "price_base", "straddling", "optimism_bias"),
            "value_set",
        ]


class UnitsByChoice(Table):
    """One row per outcome of a contract and way of counting: the units achieved under each of them.

    Ways of counting: each time convention, price list and way with periods that straddle the cut-off. With the unit
    costs and the rates of deadweight it is everything from which a ratio under other choices is worked out.
    """

    value_set: str = described("The price list that says which outcomes have a value.", isin=list(VALUE_SETS))
    straddling: str = described(
        "How results and payments that cross the cut-off date count. It is empty without a cut-off."
    )
    time_convention: str = described("How long an outcome counts.", isin=list(TIME_CONVENTIONS))
    annual_rung: str = described("Which milestone counts for a year. It is empty where time counts in another way.")
    discounting: str = described("The discount rates of later years. It is empty where no later year counts.")
    contract_id: str = filled("The id of the contract.")
    outcome_id: str = filled("The id of the outcome.")
    is_counted: bool = described("False for metrics that repeat what another metric counts.")
    is_net_of_deadweight: bool = described("Whether the count already leaves out what would have happened anyway.")
    ladder: str = filled("The group of milestones to which the outcome belongs.")
    mapping_grade: str = described("The worst grade among the mappings of its metrics.", isin=list(MAPPING_GRADES))
    people: float = described("How many people or events it began with, as far as the counts show.", ge=0)
    units: float = described("The units counted in this way.", unit="as in outcome_types.unit", ge=0)

    class Config:
        """An outcome stands once for each way of counting."""

        unique = [
            *("value_set", "straddling", "time_convention", "annual_rung", "discounting"),
            *("contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"),
        ]


SCOPE_KIND = described(
    "What the row is about: the market, a policy area or a contract.", isin=["market", "policy_area", "contract"]
)
MEASURE = described("Which ratio it is: public value or fiscal value for every £1 of payments.", isin=list(RATIOS))


# Between the analyses only: it is neither kept nor published.
class UsedParameters(Table):
    """One row per uncertain parameter on which some lines of value rest, sorted by id."""

    parameter_id: str = described("The id of the parameter.", unique=True)
    kind: str = described("What it is.", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("Low end of its range; unit costs in pounds at their own price year, others as shares.")
    central: float = described("The best estimate of its mean.")
    high: float = described("High end of its range.")
    grade: str = described("How good the evidence is.", isin=list(GRADES))
    range_basis: str = described("On what the range rests.", isin=list(RANGE_BASES))
    source_id: str = filled("The source.")
    taken: float = described("The value that the edition takes.")


class Uncertainty(Table):
    """One row per ratio: its range when unit costs, rates of deadweight and weights of hours vary."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("What the ratio is of: the market, or the name of a policy area or the id of a contract.")
    measure: str = MEASURE
    ratio: float = described("The edition's own ratio.", unit="ratio")
    mean: float = described("The mean of the simulated ratios.", unit="ratio")
    p5: float = described("The 5th percentile of the simulations: 5% of them give a lower ratio.", unit="ratio")
    p10: float = described("The 10th percentile of the simulations: 10% of them give a lower ratio.", unit="ratio")
    p50: float = described("The median: half of the simulations give a lower ratio.", unit="ratio")
    p90: float = described("The 90th percentile of the simulations: 90% of them give a lower ratio.", unit="ratio")
    p95: float = described("The 95th percentile of the simulations: 95% of them give a lower ratio.", unit="ratio")
    p10_if_independent: float = described(
        "What p10 would be if each contract drew parameters of its own, which would be wrong. It is "
        "shown for the market only, as a lesson.",
        unit="ratio",
        nullable=True,
    )
    p90_if_independent: float = described(
        "What p90 would be if each contract drew parameters of its own, which would be wrong. It is "
        "shown for the market only, as a lesson.",
        unit="ratio",
        nullable=True,
    )
    chance_above_1: float = described(
        "The share of simulations in which the ratio is above 1.", unit="share", ge=0, le=1
    )
    chance_above_2: float = described(
        "The share of simulations in which the ratio is above 2.", unit="share", ge=0, le=1
    )
    published: float = described("The published ratio with which the edition is compared.", unit="ratio", nullable=True)
    chance_above_published: float = described(
        "The share of simulations in which the ratio is above the published one.",
        unit="share",
        ge=0,
        le=1,
        nullable=True,
    )
    drawn_share: float = described(
        "The share of the value that rests on at least one parameter that is drawn.", unit="share", ge=0, le=1.000001
    )
    fixed_unit_cost_share: float = described(
        "The share of the value whose unit cost is not drawn.", unit="share", ge=0, le=1.000001
    )
    has_range: bool = described(
        "True if at least half of the value rests on something that is drawn. Otherwise the range "
        "says too little to be shown."
    )
    monte_carlo_error: float = described(
        "The standard error of the mean, which comes from the limited number of simulations.", unit="ratio", ge=0
    )
    draws: int = described("How many simulations there are.", unit="draws", gt=0)
    seed: int = described("The seed of the simulations. The same seed gives the same draws.", ge=0)

    class Config:
        """A ratio stands once."""

        unique = ["scope_kind", "scope", "measure"]


class Acceptability(Table):
    """One row per ratio of the market and threshold: the share of simulations in which the ratio is higher."""

    measure: str = MEASURE
    threshold: float = described("The ratio that somebody may ask for.", unit="ratio", ge=0)
    chance_above: float = described(
        "The share of simulations in which the ratio is above it.", unit="share", ge=0, le=1
    )

    class Config:
        """A threshold stands once for each ratio."""

        unique = ["measure", "threshold"]


class Sensitivity(Table):
    """One row per ratio of the market and uncertain parameter. Those that move it most come first."""

    measure: str = MEASURE
    parameter_id: str = filled("The unit cost, weight of hours or rate of deadweight that is varied.")
    kind: str = described("What kind of parameter it is.", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("The low end of its range.", unit="GBP at its price year, or share")
    high: float = described("The high end of its range.", unit="GBP at its price year, or share")
    taken: float = described("The value that the edition uses.", unit="GBP at its price year, or share")
    grade: str = described("How good the evidence for it is.", isin=list(GRADES))
    ratio_at_low: float = described(
        "The ratio if the parameter were at its low end and all else stayed the same.", unit="ratio"
    )
    ratio_at_high: float = described(
        "The ratio if the parameter were at its high end and all else stayed the same.", unit="ratio"
    )
    swing: float = described("How far apart the two ratios are.", unit="ratio", ge=0)
    first_order_index: float = described(
        "The share of the variance of the ratio that this parameter explains by itself.", unit="share", ge=0
    )
    value_of_knowing: float = described(
        "What it would be worth to know the parameter exactly, to somebody who pays only if the ratio is above 1.",
        unit="GBP per GBP of payments",
    )

    class Config:
        """A parameter stands once for each ratio."""

        unique = ["measure", "parameter_id"]


class ContractSensitivity(Table):
    """One row per contract in the ratio and uncertain parameter on which it rests, its largest swing first."""

    contract_id: str = filled("The id of the contract.")
    parameter_id: str = filled("The parameter, named as in the table sensitivity.")
    kind: str = described("The kind of parameter.", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("The low end of its range.", unit="GBP at its price year, or share")
    high: float = described("The high end of its range.", unit="GBP at its price year, or share")
    taken: float = described("The value that the edition takes.", unit="GBP at its price year, or share")
    grade: str = described("How good its evidence is.", isin=list(GRADES))
    ratio_at_low: float = described(
        "Public value for every £1 at its low end, with everything else as in the edition.", unit="ratio"
    )
    ratio_at_high: float = described(
        "Public value for every £1 at its high end, with everything else as in the edition.", unit="ratio"
    )
    swing: float = described("The distance between the two.", unit="ratio", gt=0)

    class Config:
        """A parameter stands once for each contract."""

        unique = ["contract_id", "parameter_id"]


class SwitchingValues(Table):
    """One row per ratio: what it would take to reach £1 for every £1, and whether the evidence allows that."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("What the ratio is of: the market, or the name of a policy area or the id of a contract.")
    measure: str = MEASURE
    ratio: float = described("The edition's own ratio.", unit="ratio")
    switching_deadweight: float = described(
        "The share of outcomes happening anyway at which the ratio would be 1. It is below 0 where "
        "the ratio is below 1 already.",
        unit="share",
        nullable=True,
    )
    highest_deadweight: float = described(
        "The share that would have happened anyway if every rate were at its high end, weighted by value.",
        unit="share",
        nullable=True,
    )
    deadweight_reaches: bool = described("True if the evidence allows a share that high.")
    further_fall: float = described(
        "The fall in unit values at which the ratio would be 1. It is below 0 where the ratio is below 1 already.",
        unit="share",
        nullable=True,
    )
    largest_fall: float = described(
        "The fall in unit values if every unit cost were at its low end.", unit="share", nullable=True
    )
    fall_reaches: bool = described("True if the evidence allows a fall that large.")
    rise_in_payments: float = described(
        "The rise in payments at which the ratio would be 1. It is below 0 where the ratio is below 1 already.",
        unit="share",
    )

    class Config:
        """A ratio stands once."""

        unique = ["scope_kind", "scope", "measure"]


class Concentration(Table):
    """One row per contract, outcome and unit cost: how much of the market's public value rests on it."""

    kind: str = described(
        "What the row is about: a contract, an outcome or a unit cost.", isin=["contract", "outcome", "unit_cost"]
    )
    id: str = filled("Its id.")
    rank: int = described("Its place among its kind. The largest net public value is 1.", ge=1)
    public_value_gbp: float = described("Its net public value in the ratio, without transfers.", unit=PRICES)
    share: float = described("Its share of all public value in the ratio.", unit="share", nullable=True)
    cumulative_share: float = described(
        "Its share together with those of all larger ones.", unit="share", nullable=True
    )
    bcr_without: float = described(
        "What the market's ratio would be without it. Without a contract, its payments go too; "
        "without an outcome or unit cost, payments stay.",
        unit="ratio",
        nullable=True,
    )
    fiscal_bcr_without: float = described(
        "What the market's fiscal ratio would be without it.", unit="ratio", nullable=True
    )

    class Config:
        """Each stands once."""

        unique = ["kind", "id"]


class EvidenceQuality(Table):
    """One row per ratio of the market, kind of evidence and grade: the share of value that rests on it."""

    measure: str = MEASURE
    evidence: str = described(
        "The kind of evidence: for unit costs, deadweight or mappings.", isin=["unit_cost", "deadweight", "mapping"]
    )
    grade: str = described(
        "How good that evidence is. No rate means that nothing is taken off.", isin=[*GRADES, "no rate"]
    )
    value_gbp: float = described(
        "The net value that rests on evidence of this grade, over the contracts in the ratio.", unit=PRICES
    )
    share: float = described("That value as a share of all net value in the ratio.", unit="share")

    class Config:
        """A grade stands once."""

        unique = ["measure", "evidence", "grade"]


class EvidenceAge(Table):
    """One row per unit cost, rate and weight behind the ratio: how old it is, and when to review it."""

    parameter_id: str = filled(
        "The unit cost with its price list, the weight of hours, or the rate of deadweight.", unique=True
    )
    kind: str = described("What kind of parameter it is.", isin=["unit_cost", "hours_weight", "deadweight"])
    grade: str = described("How good the evidence for it is.", isin=list(GRADES))
    range_basis: str = described("What its range rests on. Fixed means that it has none.", isin=list(RANGE_BASES))
    data_year: str = described("The financial year of the data behind a unit cost. It is empty for rates and weights.")
    age: str = described(
        "How old the data behind a unit cost are. It is empty for rates and weights.", isin=["", *AGES]
    )
    checked_on: str = filled("The day on which somebody last compared it with its source.")
    review_by: str = filled("The day by which somebody should look for a newer value.")
    public_value_gbp: float = described(
        "The net public value that rests on it, over the contracts in the ratio.", unit=PRICES
    )
    share: float = described("That value as a share of all net public value in the ratio.", unit="share")


class Robustness(Table):
    """One row per part of the value: the market's ratio if only that part counted, starting with all of it."""

    part: str = described("Which part of the value counts here.", isin=list(ROBUSTNESS_PARTS), unique=True)
    contracts: int = described("How many contracts count in that ratio.", unit="contracts")
    outcome_payments_real_gbp: float = described("What was paid for those contracts.", unit=PRICES)
    public_value_gbp: float = described("The public value of those contracts, as far as it counts here.", unit=PRICES)
    fiscal_gbp: float = described("The fiscal value of those contracts, as far as it counts here.", unit=PRICES)
    bcr: float = described("Public value for every £1 of payments.", unit="ratio", nullable=True)
    fiscal_bcr: float = described("Fiscal value for every £1 of payments.", unit="ratio", nullable=True)


class PayerBeneficiary(Table):
    """One row per kind of payer and agency that gains, over the contracts in the ratio."""

    payer_kind: str = described(
        "Who pays: central government, local government, mixed or unknown.", isin=list(PAYER_KINDS)
    )
    agency: str = filled("Who gains.")
    kind: str = described("The kind of value: fiscal (public budgets), economic or social.", isin=list(KINDS))
    is_transfer: bool = described("True for fiscal value that somebody else loses. It is no part of public value.")
    value_gbp: float = described("The net value, shared among payers in proportion to what they paid.", unit=PRICES)
    payer_payments_real_gbp: float = described(
        "All that payers of this kind paid, less what went back. It is the same in each of their rows.", unit=PRICES
    )

    class Config:
        """A pair stands once for each kind of value."""

        unique = ["payer_kind", "agency", "kind", "is_transfer"]


class ValueByAgency(Table):
    """One row per contract, agency that gains and kind of value: the lines of value of the contract added up."""

    contract_id: str = filled("The id of the contract.")
    agency: str = filled("Who gains.")
    kind: str = described("Whether the value is fiscal, economic or social.", isin=list(KINDS))
    is_transfer: bool = described("Whether it is fiscal value that public value leaves out.")
    value_gbp: float = described("The value after deadweight.", unit=PRICES)

    class Config:
        """An agency stands once for each kind of value."""

        unique = ["contract_id", "agency", "kind", "is_transfer"]


class ValueSummary(Table):
    """One row per policy area and contract with value: what it is worth net of payments, and on how good evidence.

    Public value is graded line by line, each by the worst grade among its unit cost, its rate of deadweight (if it
    takes one) and its mapping.
    """

    scope_kind: str = described(
        "Whether the row is about a policy area or a contract.", isin=["policy_area", "contract"]
    )
    scope: str = filled("The name of the policy area or the id of the contract.")
    net_value_gbp: float = described(
        "Public value minus outcome payments of the contracts in the ratio. It is empty where there are none.",
        unit=PRICES,
        nullable=True,
    )
    strength: str = described(
        "The best grade that at least half of the public value reaches. It is empty where nothing has a value.",
        isin=STRENGTHS,
    )
    unit_cost_strength: str = described("The same, by the grade of unit costs alone.", isin=STRENGTHS)
    deadweight_strength: str = described("The same, by the grade of rates of deadweight alone.", isin=STRENGTHS)
    mapping_strength: str = described("The same, by the grade of mappings alone.", isin=STRENGTHS)
    time_is_least: bool = described(
        "Whether some time behind the value counts only as far as it was measured, and may be longer."
    )

    class Config:
        """A scope stands once."""

        unique = ["scope_kind", "scope"]


class ValueByTime(Table):
    """One row per policy area and contract in the ratio and time convention, all other choices the edition's."""

    scope_kind: str = described(
        "Whether the row is about a policy area or a contract.", isin=["policy_area", "contract"]
    )
    scope: str = filled("The name of the policy area or the id of the contract.")
    time_convention: str = described("How long results count.", isin=list(TIME_CONVENTIONS))
    is_edition: bool = described("Whether the edition itself counts time in this way.")
    outcome_payments_real_gbp: float = described("The payments of the contracts in the ratio.", unit=PRICES)
    public_value_gbp: float = described("The public value of the contracts in the ratio.", unit=PRICES)
    bcr: float = described("Public value for every £1 of payments.", unit="ratio")
    fiscal_bcr: float = described("Fiscal value for every £1 of payments.", unit="ratio")

    class Config:
        """A convention stands once for each scope."""

        unique = ["scope_kind", "scope", "time_convention"]


class PaymentsPerResult(Table):
    """One row per contract with payments whose results are all of one outcome: what was paid for each of them.

    All payments are divided by the results, before anything is taken off for what would have happened anyway. Steps on
    the way to the outcome are no results.
    """

    contract_id: str = described("The id of the contract.", unique=True)
    metric_id: str = filled("The metric that counts the results.")
    outcome_id: str = filled("The outcome that the metric counts.")
    milestone: float = described(
        "How far along its ladder of milestones the metric is.", unit="milestone_unit", nullable=True
    )
    milestone_unit: str = described("The unit of the milestone. It is empty where there is none.")
    is_first_milestone: bool = described("True if the metric is the first of several milestones of the outcome.")
    quantity_counted: float = described("How many results the edition counts.", unit="as in column unit", gt=0)
    unit: str = described("What one result is, such as a person or a day.", isin=list(UNITS))
    outcome_payments_real_gbp: float = described("The payments that the edition counts.", unit=PRICES, gt=0)
    payments_per_result_gbp: float = described("Payments divided by results.", unit=PRICES, ge=0)


class PaymentsOverTime(Table):
    """One row per contract, series and day: what was paid, or had been planned at first, up to that day."""

    contract_id: str = filled("The id of the contract.")
    series: str = described(
        "Paid: payments that the edition counts. First plan: payments that were first planned.", isin=SERIES
    )
    period_end: pa.DateTime = described("The last day of the period paid for.")
    amount_gbp: float = described("What was paid or planned for periods that end on that day.", unit=CASH)
    cumulated_gbp: float = described("Everything up to and including that day.", unit=CASH)

    class Config:
        """A day stands once in each series."""

        unique = ["contract_id", "series", "period_end"]


class Bounds(Table):
    """One row per low and high case: how much could be missing from the market, a policy area or a contract."""

    scope_kind: str = SCOPE_KIND
    scope: str = filled("The market, or the name of a policy area or the id of a contract.")
    bound: str = described(
        "Low counts only what is reported. High goes up to the most that may be paid.", isin=["low", "high"]
    )
    contracts: int = described("How many contracts there are.", unit="contracts")
    contracts_with_payments: int = described("How many of them have payments in this case.", unit="contracts")
    contracts_with_value: int = described("How many of them have a value in this case.", unit="contracts")
    contracts_covered: int = described("How many of them have both.", unit="contracts")
    coverage_share: float = described("The contracts with both as a share of all.", unit="share", ge=0, le=1)
    outcome_payments_real_gbp: float = described(
        "In the low case, the payments that the edition counts, or else the total on an evaluation or"
        " project page. In the high case, the maximum commitment of a contract that is not in the "
        "ratio, if it is more; a cut-off does not reduce it. Amounts are adjusted for inflation from "
        "the middle of their period or, without one, from the year in which it or the service begins."
        f" {NOT_KNOWN}",
        unit=PRICES,
        ge=0,
        nullable=True,
    )
    public_value_gbp: float = described(
        "In the low case, the public value of reported outcomes. In the high case, a contract with "
        f"payments and no value is given its payments times the market's own ratio. {NOT_KNOWN}",
        unit=PRICES,
        nullable=True,
    )
    public_value_with_payments_gbp: float = described(WITH_PAYMENTS, unit=PRICES, nullable=True)
    fiscal_gbp: float = described(
        f"Fiscal value, with transfers, worked out in the same way with the market's fiscal ratio. {NOT_KNOWN}",
        unit=PRICES,
        nullable=True,
    )
    fiscal_with_payments_gbp: float = described(WITH_PAYMENTS, unit=PRICES, nullable=True)
    bcr: float = described(
        "Public value for every £1 of payments, over the contracts with payments.", unit="ratio", nullable=True
    )
    fiscal_bcr: float = described(
        "Fiscal value for every £1 of payments, over the contracts with payments.", unit="ratio", nullable=True
    )

    class Config:
        """A bound stands once for each scope."""

        unique = ["scope_kind", "scope", "bound"]


class Flags(Table):
    """One row per reported result or payment that looks unusual and was kept."""

    contract_id: str = filled("The contract, by its id.")
    metric_id: str = described("The metrics concerned. It is empty for payments.")
    flag: str = filled("What looks odd.")
    detail: str = filled("The figures that look odd.")


class PriceChecks(Table):
    """One row per price of a contract, and one for all its prices: price times results, compared with payments.

    Of all that was reported, whatever the cut-off of the edition. Nothing here enters a value. Contracts with
    participant-level claims are left out: a payment divided by a price would tell a count that may be withheld.
    """

    contract_id: str = filled("The contract, by its id.")
    metric_id: str = described(
        "The metric, by its id. It is empty for all metrics together that have a price and a result."
    )
    label: str = described("What the metric counts. It is empty for all together, and without a result.")
    price_gbp: float = described("The price of one. It is empty for all together.", unit=CASH, gt=0, nullable=True)
    price_reported_gbp: float = described(
        "The price as the source gives it. It differs where it was corrected.", unit=CASH, gt=0, nullable=True
    )
    grade: str = described(
        "What the price rests on: the contract, or weak where it was inferred. For all together it is the weaker.",
        isin=["contract", "weak"],
    )
    quantity: float = described(
        "How many results were reported. It is empty for all together.", unit="as in column unit", nullable=True
    )
    unit: str = described("What one result is. It is empty for all together, and without a result.", isin=["", *UNITS])
    priced_gbp: float = described("The price times the results.", unit=CASH, nullable=True)
    priced_as_reported_gbp: float = described(
        "The same with the prices that the source gives.", unit=CASH, nullable=True
    )
    paid_gbp: float = described("What was paid for them, as the source gives it.", unit=CASH, nullable=True)
    paid_per_unit_gbp: float = described(
        "What was paid for one result, where payments name the metric.", unit=CASH, nullable=True
    )
    is_payment_left_out: bool = described("True if a correction leaves part of that payment out everywhere else.")
    maximum_gbp: float = described("The most that may be paid under the contract.", unit=CASH, nullable=True)
    ratio: float = described("The price times the results for every £1 paid.", unit="ratio", nullable=True)
    ratio_as_reported: float = described("The same with the prices that the source gives.", unit="ratio", nullable=True)
    finding: str = described("How the two compare.", isin=list(PRICE_FINDINGS))

    class Config:
        """A price is held once against what was paid."""

        unique = ["contract_id", "metric_id"]


class ReconstructionTerms(Table):
    """One row per step, scope and measure: what the step adds when a published study is rebuilt.

    A reading of somebody else's study: no edition of ours takes anything from it. The terms of a scope and measure add
    up from the edition as it is to the published figure, where there is one, by a last step for what remains.
    """

    step_id: str = filled("The step, by its id. Edition is where it begins, and remains is what no step has added.")
    step_order: int = described("The place of the step.", ge=0)
    name: str = filled("What the step does.")
    choice: str = described("The choice of an edition that it makes. It is empty at both ends.")
    setting: str = described("What is chosen.")
    rests_on: str = described("What the step rests on.", isin=["", *RESTS_ON])
    is_plug: bool = described("True if it puts in what was published, so that it explains nothing.")
    scope_kind: str = described("What the scope is.", isin=["market", "policy_area", "policy_areas", "contract"])
    scope: str = filled("The market, a policy area, areas that the study takes together, or a contract.")
    measure: str = filled("Which sum or ratio it is, over all contracts or over those in the ratio.")
    before: float = described("The measure before the step.", unit=f"{PRICES}, or a ratio")
    after: float = described("The measure after it.", unit=f"{PRICES}, or a ratio")
    term: float = described("What the step adds.", unit=f"{PRICES}, or a ratio")
    low_term: float = described("What it adds at its low setting.", unit=f"{PRICES}, or a ratio", nullable=True)
    high_term: float = described("What it adds at its high setting.", unit=f"{PRICES}, or a ratio", nullable=True)
    figure_id: str = described("The published figure of the scope and measure. It is empty where there is none.")
    published: float = described("The published figure.", unit="as the measure", nullable=True)
    value_qualifier: str = described(
        "How the published figure is given: exact, approximate, more than, derived and so on."
    )
    is_test: bool = described("True if there is a published figure that no step has used and that is clear.")
    is_unclear: bool = described(
        "True if the study does not say whether the published figure is fiscal or public value."
    )

    class Config:
        """A step stands once for each scope and measure."""

        unique = ["step_id", "scope", "measure"]


class Readings(Table):
    """One row per count over all readings of a published study, per step, and per single reading worth a look.

    A reading makes some of the steps of the reconstruction. The list of candidates decides the shares: they are ours,
    and no chances.
    """

    plugs: str = described("Whether readings may put in a published result.", isin=["without plugs", "with plugs"])
    measure: str = described("What is counted, or which reading it is.", isin=list(READING_MEASURES))
    step_id: str = described("The step that the readings make. It is empty where none is named.")
    number: int = described("How many readings there are.", unit="readings", ge=0)
    share: float = described("Their share of those among which they are counted.", unit="share", nullable=True)
    bcr: float = described("Public value for every £1 of payments, of a single reading.", unit="ratio", nullable=True)
    fiscal_bcr: float = described(
        "Fiscal value for every £1 of payments, of a single reading.", unit="ratio", nullable=True
    )
    steps: str = described("The steps that a single reading makes.")

    class Config:
        """A count stands once for each step."""

        unique = ["plugs", "measure", "step_id"]


class ReadingCombinations(Table):
    """One row per reading of a published study, each a combination of steps that move anything; how near it comes."""

    reading: int = described(
        "The steps that it makes, as a sum: 1 for the first step, 2 for the second, 4 for the third and so on.", ge=0
    )
    bcr: float = described(
        "The market's public value for every £1 of payments, to four places.", unit="ratio", nullable=True
    )
    fiscal_bcr: float = described(
        "The market's fiscal value for every £1 of payments, to four places.", unit="ratio", nullable=True
    )
    has_plug: bool = described("True if it puts in a published result.")
    is_near: bool = described("True if it comes within a tenth of both published ratios of the market.")
    fits_areas: bool = described("True if it is near and also fits each published ratio of a policy area.")

    class Config:
        """A reading stands once."""

        unique = ["reading"]


class Questions(Table):
    """One row per answer to the questions that would tell most about how a published study was made."""

    question_order: int = described("The place of the question. Each one tells most, given those before it.", ge=1)
    subject_kind: str = described("What it asks about.", isin=["choice", "policy_area"])
    subject: str = filled("The step or policy area that it asks about.")
    question: str = filled("The question in words.")
    answer: str = filled("The answer.")
    asked_about: str = filled("Which readings it tells apart.")
    readings: int = described("How many readings these are.", unit="readings", ge=0)
    readings_left: int = described(
        "How many of them the answer leaves, without any other answer.", unit="readings", ge=0
    )
    readings_ruled_out: int = described("How many it rules out.", unit="readings", ge=0)
    information_bits: float = described("How much the question tells, given those before it.", unit="bits", ge=0)
    expected_left: float = described(
        "How many readings are left on average once it and those before it are answered.", unit="readings"
    )
    then_made: str = described("The steps that all remaining readings make, where that was open before.")
    then_not_made: str = described("The steps that no remaining reading makes, where that was open before.")

    class Config:
        """An answer stands once."""

        unique = ["question_order", "answer"]


class Bridge(Table):
    """One row per cause, scope and measure: how much of the change since an earlier publication it explains.

    Rows without a detail add up to the whole move, pounds to the penny; those with one add up to their cause. A ratio
    has rows where there is one in both publications.
    """

    publication_id: str = filled("The earlier publication from which the bridge leads.")
    from_edition: str = filled("The edition that was published then.")
    place: int = described("The place of the cause in the order in which causes are taken.", ge=0)
    cause: str = filled("What caused the move. Code means whatever the other causes leave.")
    detail: str = described(
        "The unit cost or rate of deadweight within the cause. It is empty for the whole cause, and "
        "only those rows add up to the whole move."
    )
    scope_kind: str = SCOPE_KIND
    scope: str = filled("The market, or the name of a policy area or the id of a contract.")
    measure: str = filled("What is measured.")
    before: float = described(
        "The figure before the cause is taken.", unit="GBP in the prices of that side, or a ratio"
    )
    after: float = described("The figure after the cause is taken.", unit="GBP in the prices of that side, or a ratio")
    term: float = described("What the cause adds: after less before.", unit="GBP, or a ratio")
    least: float = described(
        "The least that it would add, whichever causes came before it.", unit="GBP, or a ratio", nullable=True
    )
    most: float = described(
        "The most that it would add, whichever causes came before it.", unit="GBP, or a ratio", nullable=True
    )

    class Config:
        """A cause, or a part of one, stands once for each scope and measure."""

        unique = ["publication_id", "cause", "detail", "scope_kind", "scope", "measure"]


class Choices(Table):
    """One row per choice that the edition makes."""

    choice: str = filled("The name of the choice, as in the file of the edition.", unique=True)
    setting: str = described(
        "What was chosen. A text is shown as it is, anything else as JSON. It is empty where nothing was chosen."
    )
