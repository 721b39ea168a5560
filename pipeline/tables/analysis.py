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

WITH_PAYMENTS = "part of it of contracts with payments, of which one without value counts as worth nothing"
# What payments over time are of.
SERIES = ["paid", "first plan"]
STRENGTHS = ["", *MAPPING_GRADES]
NEAR = "where at most one choice differs from the edition's"


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
    """One row per published figure or claim: ours beside it, how they compare, why, and what would settle it."""

    figure_id: str = filled("published figure", unique=True)
    published_edition: str = filled("study in which it was published, by its year; context, or claim")
    scope: str = filled("market, policy areas, contracts, or those of a fund or an investor")
    measure: str = filled("what was measured")
    published: float = described("the published figure; of a range its lower end", unit="as in column unit")
    published_high: float = described("upper end of a published range", unit="as in column unit", nullable=True)
    value_qualifier: str = filled("exact, approximate, more than, derived, …")
    unit: str = filled("unit")
    ours: float = described(
        "ours; missing where there is none, or where public data leave a range", unit="as in column unit", nullable=True
    )
    ours_low: float = described(
        "least that public data allow, or of any one contract", unit="as in column unit", nullable=True
    )
    ours_high: float = described(
        "most that public data allow, or of any one contract; missing where there is no limit",
        unit="as in column unit",
        nullable=True,
    )
    difference: float = described("ours less published", unit="as in column unit", nullable=True)
    data_share: float = described(
        "share of the data it needs that is public; missing where none is known to be missing, or the two are of other "
        "studies",
        unit="share",
        ge=0,
        le=1,
        nullable=True,
    )
    is_like_for_like: bool = described("the edition reproduces that study, or the figure is of none")
    status: str = described("how the two compare", isin=list(RECONCILIATION_STATUSES))
    reason: str = filled("why they differ, or do not")
    comparison: str = described("what a claim of a difference is held against", isin=list(COMPARISONS))
    nearest_measure: str = described("what public data give where nothing of ours is of the same quantity")
    nearest: float = described("that figure over the contracts together", unit="as in nearest_unit", nullable=True)
    nearest_low: float = described("of the contract with the least of it", unit="as in nearest_unit", nullable=True)
    nearest_high: float = described("of the contract with the most of it", unit="as in nearest_unit", nullable=True)
    nearest_unit: str = described("unit of nearest")
    would_settle: str = described("what would have to be public for the figure to be worked out, or refuted")
    source_id: str = filled("source of the published figure")


class Coverage(Table):
    """One row per measure of how much of the market the public data cover: known, mapped, valued."""

    measure: str = filled("what is counted", unique=True)
    ours: float = described(
        f"in the public data; {NOT_KNOWN}", unit="people, contracts, metrics or GBP cash", nullable=True
    )
    published: float = described("in the study that the edition reproduces", unit="as ours", nullable=True)
    share: float = described("ours / published", unit="share", nullable=True)


class NotValued(Table):
    """One row per outcome without a defensible unit cost, and how often it is reported."""

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


class UnitsByChoice(Table):
    """One row per outcome of a contract and way of counting: the units achieved under each of them.

    Ways of counting: each time convention, price list and way with periods that straddle the cut-off. With the unit
    costs and the rates of deadweight it is everything from which a ratio under other choices is worked out.
    """

    value_set: str = described("price list that says which outcomes have a value", isin=list(VALUE_SETS))
    straddling: str = described("results and payments that straddle the cut-off; empty without one")
    time_convention: str = described("how long an outcome counts", isin=list(TIME_CONVENTIONS))
    annual_rung: str = described("which rung counts for a year; empty where time counts otherwise")
    discounting: str = described("discount rates of later years; empty where none are counted")
    contract_id: str = filled("contract")
    outcome_id: str = filled("outcome")
    is_counted: bool = described("false for metrics treated as overlap")
    is_net_of_deadweight: bool = described("the count is already net of what would have happened anyway")
    ladder: str = filled("ladder of the outcome")
    mapping_grade: str = described("worst grade of the mappings of its metrics", isin=list(MAPPING_GRADES))
    people: float = described("people, or events, with which it began, as far as shown", ge=0)
    units: float = described("units counted this way", unit="as in outcome_types.unit", ge=0)

    class Config:
        """An outcome stands once for each way of counting."""

        unique = [
            *("value_set", "straddling", "time_convention", "annual_rung", "discounting"),
            *("contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"),
        ]


SCOPE_KIND = described("market, policy area or contract", isin=["market", "policy_area", "contract"])
MEASURE = described("which ratio: public value or fiscal value per pound of payments", isin=list(RATIOS))


# Between the analyses only: it is neither kept nor published.
class UsedParameters(Table):
    """One row per uncertain parameter on which some lines of value rest, sorted by id."""

    parameter_id: str = described("id of the parameter", unique=True)
    kind: str = described("what it is", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("low end of its range; unit costs in pounds at their own price year, others as shares")
    central: float = described("best estimate of its mean")
    high: float = described("high end of its range")
    grade: str = described("how good the evidence is", isin=list(GRADES))
    range_basis: str = described("on what the range rests", isin=list(RANGE_BASES))
    source_id: str = filled("source")
    taken: float = described("value that the edition takes")


class Uncertainty(Table):
    """One row per ratio: its range over draws of unit costs, rates and weights of hours, the same for all contracts."""

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
    """One row per ratio of the market and threshold: the chance that it lies above, by the draws of its range."""

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


class ContractSensitivity(Table):
    """One row per contract in the ratio and uncertain parameter on which it rests, its largest swing first."""

    contract_id: str = filled("contract")
    parameter_id: str = filled("as in sensitivity")
    kind: str = described("kind of parameter", isin=["unit_cost", "hours_weight", "deadweight"])
    low: float = described("its low end", unit="GBP at its price year, or share")
    high: float = described("its high end", unit="GBP at its price year, or share")
    taken: float = described("what the edition takes", unit="GBP at its price year, or share")
    grade: str = described("how good its evidence is", isin=list(GRADES))
    ratio_at_low: float = described("public value per pound at its low end, all else as in the edition", unit="ratio")
    ratio_at_high: float = described("public value per pound at its high end, likewise", unit="ratio")
    swing: float = described("distance of the two", unit="ratio", gt=0)

    class Config:
        """A parameter stands once for each contract."""

        unique = ["contract_id", "parameter_id"]


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
    """One row per ratio of the market, kind of evidence and grade: the share that rests on it."""

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


class ValueByAgency(Table):
    """One row per contract, agency that gains and kind of value: the lines of value of the contract added up."""

    contract_id: str = filled("contract")
    agency: str = filled("who gains")
    kind: str = described("fiscal, economic or social", isin=list(KINDS))
    is_transfer: bool = described("fiscal value that public value leaves out")
    value_gbp: float = described("net value", unit=PRICES)

    class Config:
        """An agency stands once for each kind of value."""

        unique = ["contract_id", "agency", "kind", "is_transfer"]


class ValueSummary(Table):
    """One row per policy area and contract with value: what it is worth net of payments, and on how good evidence.

    Public value is graded line by line, each by the worst grade among its unit cost, its rate of deadweight (if it
    takes one) and its mapping.
    """

    scope_kind: str = described("policy area or contract", isin=["policy_area", "contract"])
    scope: str = filled("which policy area or contract")
    net_value_gbp: float = described(
        "public value less outcome payments, of the contracts in the ratio; empty where there is none",
        unit=PRICES,
        nullable=True,
    )
    strength: str = described(
        "best grade that at least half of the public value reaches; empty where nothing is worth anything",
        isin=STRENGTHS,
    )
    unit_cost_strength: str = described("likewise by the grade of unit costs alone", isin=STRENGTHS)
    deadweight_strength: str = described("likewise by the grade of rates of deadweight alone", isin=STRENGTHS)
    mapping_strength: str = described("likewise by the grade of mappings alone", isin=STRENGTHS)
    time_is_least: bool = described("some time behind the value counts only as far as it was measured, and may be more")

    class Config:
        """A scope stands once."""

        unique = ["scope_kind", "scope"]


class ValueByTime(Table):
    """One row per policy area and contract in the ratio and time convention, all other choices the edition's."""

    scope_kind: str = described("policy area or contract", isin=["policy_area", "contract"])
    scope: str = filled("which policy area or contract")
    time_convention: str = described("time convention", isin=list(TIME_CONVENTIONS))
    is_edition: bool = described("the convention of the edition")
    outcome_payments_real_gbp: float = described("payments of the contracts in the ratio", unit=PRICES)
    public_value_gbp: float = described("public value of the contracts in the ratio", unit=PRICES)
    bcr: float = described("public value for each pound of payments", unit="ratio")
    fiscal_bcr: float = described("fiscal value for each pound of payments", unit="ratio")

    class Config:
        """A convention stands once for each scope."""

        unique = ["scope_kind", "scope", "time_convention"]


class PaymentsOverTime(Table):
    """One row per contract, series and day: what was paid, or had been planned at first, up to that day."""

    contract_id: str = filled("contract")
    series: str = described("paid: of the bases that the edition counts; first plan: planned", isin=SERIES)
    period_end: pa.DateTime = described("last day of the period paid for")
    amount_gbp: float = described("paid or planned for periods that end on that day", unit=CASH)
    cumulated_gbp: float = described("all up to and including that day", unit=CASH)

    class Config:
        """A day stands once in each series."""

        unique = ["contract_id", "series", "period_end"]


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


class PriceChecks(Table):
    """One row per price of a contract, and one for all of them together: price times results beside what was paid.

    Of all that was reported, whatever the cut-off of the edition. Nothing here enters a value. Contracts with
    participant-level claims are left out: a payment divided by a price would tell a count that may be withheld.
    """

    contract_id: str = filled("contract")
    metric_id: str = described("metric; empty: all metrics together that have a price and a result")
    label: str = described("what the metric counts; empty for all together, and without a result")
    price_gbp: float = described("price of one; empty for all together", unit=CASH, gt=0, nullable=True)
    price_reported_gbp: float = described(
        "price as the source has it; another one where it was corrected", unit=CASH, gt=0, nullable=True
    )
    grade: str = described(
        "on what the price rests: contract, or weak where it was inferred; for all together the weaker",
        isin=["contract", "weak"],
    )
    quantity: float = described("results reported; empty for all together", unit="as in column unit", nullable=True)
    unit: str = described("what one result is; empty for all together, and without a result", isin=["", *UNITS])
    priced_gbp: float = described("price times results", unit=CASH, nullable=True)
    priced_as_reported_gbp: float = described("the same at prices as the source has them", unit=CASH, nullable=True)
    paid_gbp: float = described("what was paid for them, as the source has it", unit=CASH, nullable=True)
    paid_per_unit_gbp: float = described(
        "what was paid for one of them, where payments name the metric", unit=CASH, nullable=True
    )
    is_payment_left_out: bool = described("of that a correction leaves something out everywhere else")
    maximum_gbp: float = described("the most that may be paid under the contract", unit=CASH, nullable=True)
    ratio: float = described("price times results for each £1 paid", unit="ratio", nullable=True)
    ratio_as_reported: float = described("the same at prices as the source has them", unit="ratio", nullable=True)
    finding: str = described("how the two compare", isin=list(PRICE_FINDINGS))

    class Config:
        """A price is held once against what was paid."""

        unique = ["contract_id", "metric_id"]


class ReconstructionTerms(Table):
    """One row per step by which a published study is rebuilt, scope and measure: what the step adds, beside the study.

    A reading of somebody else's study: no edition of ours takes anything from it. The terms of a scope and measure add
    up from the edition as it is to the published figure, where there is one, by a last step for what remains.
    """

    step_id: str = filled("id of the step; edition: where it begins; remains: what no step has added")
    step_order: int = described("place of the step", ge=0)
    name: str = filled("what the step does")
    choice: str = described("choice of an edition that it makes; empty at both ends")
    setting: str = described("what is chosen")
    rests_on: str = described("on what the step rests", isin=["", *RESTS_ON])
    is_plug: bool = described("it puts in what was published, so that it explains nothing")
    scope_kind: str = described("what the scope is", isin=["market", "policy_area", "policy_areas", "contract"])
    scope: str = filled("the market, a policy area, areas that the study takes together, or a contract")
    measure: str = filled("a sum, of all contracts or of those in the ratio, or a ratio")
    before: float = described("the measure before the step", unit=f"{PRICES}, or a ratio")
    after: float = described("the measure after it", unit=f"{PRICES}, or a ratio")
    term: float = described("what the step adds", unit=f"{PRICES}, or a ratio")
    low_term: float = described("what it adds at its low setting", unit=f"{PRICES}, or a ratio", nullable=True)
    high_term: float = described("what it adds at its high setting", unit=f"{PRICES}, or a ratio", nullable=True)
    figure_id: str = described("published figure of the scope and measure; empty where there is none")
    published: float = described("the published figure", unit="as the measure", nullable=True)
    value_qualifier: str = described("of the published figure: exact, approximate, more than, derived, …")
    is_test: bool = described("there is a published figure, no step has used it, and it is clear what it is of")
    is_unclear: bool = described("the study does not say whether the published figure is fiscal or public value")

    class Config:
        """A step stands once for each scope and measure."""

        unique = ["step_id", "scope", "measure"]


class Readings(Table):
    """One row per count over all readings of a published study, per step, and per single reading worth a look.

    A reading makes some of the steps of the reconstruction. The list of candidates decides the shares: they are ours,
    and no chances.
    """

    plugs: str = described("whether readings may put in a published result", isin=["without plugs", "with plugs"])
    measure: str = described("what is counted, or which reading it is", isin=list(READING_MEASURES))
    step_id: str = described("step that the readings make; empty where none is named")
    number: int = described("readings", unit="readings", ge=0)
    share: float = described("share of those among which they are counted", unit="share", nullable=True)
    bcr: float = described("public value / payments of a single reading", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal value / payments of a single reading", unit="ratio", nullable=True)
    steps: str = described("steps that a single reading makes")

    class Config:
        """A count stands once for each step."""

        unique = ["plugs", "measure", "step_id"]


class ReadingCombinations(Table):
    """One row per reading of a published study, each a combination of steps that move anything; how near it comes."""

    reading: int = described("the steps that it makes, as bits: 1 for the first in order, 2 for the second, 4 …", ge=0)
    bcr: float = described("public value / payments of the market, to four places", unit="ratio", nullable=True)
    fiscal_bcr: float = described("fiscal value / payments of the market, to four places", unit="ratio", nullable=True)
    has_plug: bool = described("it puts in a published result")
    is_near: bool = described("within a tenth of both published market ratios")
    fits_areas: bool = described("near, and it fits each published ratio of areas too")

    class Config:
        """A reading stands once."""

        unique = ["reading"]


class Questions(Table):
    """One row per answer to the questions that would leave fewest readings of a published study."""

    question_order: int = described("place of the question: each tells most beside those before it", ge=1)
    subject_kind: str = described("what it asks about", isin=["choice", "policy_area"])
    subject: str = filled("step or policy area that it asks about")
    question: str = filled("the question in words")
    answer: str = filled("the answer")
    asked_about: str = filled("which readings it tells apart")
    readings: int = described("how many these are", unit="readings", ge=0)
    readings_left: int = described("how many of them the answer leaves, without any other", unit="readings", ge=0)
    readings_ruled_out: int = described("how many it rules out", unit="readings", ge=0)
    information_bits: float = described("what the question tells beside those before it", unit="bits", ge=0)
    expected_left: float = described("readings left on average once it and those before are answered", unit="readings")
    then_made: str = described("steps that all readings make that it leaves; before it was open")
    then_not_made: str = described("steps that none of them makes; before it was open")

    class Config:
        """An answer stands once."""

        unique = ["question_order", "answer"]


class Bridge(Table):
    """One row per cause, scope and measure: what it adds on the way from an earlier publication to this one.

    Rows without a detail add up to the whole move, pounds to the penny; those with one add up to their cause. A ratio
    has rows where there is one in both publications.
    """

    publication_id: str = filled("earlier publication from which the bridge leads")
    from_edition: str = filled("edition that it was")
    place: int = described("place of the cause in the order in which they are taken", ge=0)
    cause: str = filled("cause; code: what the others leave")
    detail: str = described(
        "unit cost or rate of deadweight within the cause; empty: the whole cause, which such rows add up to, so that "
        "they are left out when causes are added up"
    )
    scope_kind: str = SCOPE_KIND
    scope: str = filled("market, or which policy area or contract")
    measure: str = filled("what is measured")
    before: float = described("before the cause is taken", unit="GBP in the prices of that side, or a ratio")
    after: float = described("after it", unit="GBP in the prices of that side, or a ratio")
    term: float = described("what the cause adds: after - before", unit="GBP, or a ratio")
    least: float = described(
        "the least that it would add, whichever other causes came before it", unit="GBP, or a ratio", nullable=True
    )
    most: float = described(
        "the most that it would add, whichever other causes came before it", unit="GBP, or a ratio", nullable=True
    )

    class Config:
        """A cause, or a part of one, stands once for each scope and measure."""

        unique = ["publication_id", "cause", "detail", "scope_kind", "scope", "measure"]


class Choices(Table):
    """One row per choice of the edition, as it was made."""

    choice: str = filled("name of the choice, as in the file of the edition", unique=True)
    setting: str = described("what was chosen: a text as it is, anything else as JSON; empty where it is left open")
