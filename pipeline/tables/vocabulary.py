"""The closed lists of words that tables may use.

Belongs here: names of units, treatments, kinds and so on, each with its meaning; nothing that computes.
"""

from typing import Final

POLICY_AREAS: Final = {
    "child_and_family_welfare": "children at risk of care, in care or leaving it, and their families; carers",
    "criminal_justice": "people who have offended",
    "education": "pupils and young children",
    "employment_and_training": "people out of work or training",
    "health": "patients and people with health needs",
    "homelessness": "people without a secure home",
}

STAGES: Final = {"implementation": "still delivering when last published", "complete": "delivery has ended"}

ORGANISATION_ROLES: Final = {
    "commissioner": "committed to pay for outcomes, or paid",
    "provider": "delivered the service",
    "investor": "put money in before outcomes were paid for",
}

RESULT_TYPES: Final = {"interim": "the contract was still running", "final": "reported after its end"}

TIME_UNITS: Final = {
    "day": "one person, one day",
    "week": "one person, one week",
    "month": "one person, one month",
    "quarter": "one person, three months",
    "year": "one person, one year",
}
DAYS_PER_YEAR: Final = 365.25
YEARS_PER_UNIT: Final = {
    "day": 1 / DAYS_PER_YEAR,
    "week": 7 / DAYS_PER_YEAR,
    "month": 1 / 12,
    "quarter": 1 / 4,
    "year": 1.0,
}
COUNT_UNITS: Final = {
    "person": "one person, once",
    "incident": "one event: an admission, a conviction, an application",
    "pound": "one pound of money, in the prices of its time",
}
UNITS: Final = TIME_UNITS | COUNT_UNITS

MILESTONE_UNITS: Final = {
    "week": "weeks since the outcome began",
    "month": "months since the outcome began",
    "year": "years since the outcome began",
    "pound": "pounds earned since the outcome began",
}

TREATMENTS: Final = {
    "valued": "counted by itself and given a unit cost",
    "rung": "one of several milestones for the same people: all of them are counted together, once",
    "process": "a step on the way: it has no value of its own, but what was paid for it counts as a cost",
    "overlap": "the same benefit for the same people as another metric: calculated and shown, but not counted",
    "no_unit_cost": "an outcome for which we found no unit cost that we could defend, so it counts as zero",
}
COUNTED_TREATMENTS: Final = ("valued", "rung")
PRICED_TREATMENTS: Final = ("valued", "rung", "overlap")

KINDS: Final = {
    "fiscal": "public budgets",
    "economic": "earnings and output",
    "social": "wellbeing and harm avoided",
}

PAYMENT_BASES: Final = {
    "paid": "recorded as an actual payment",
    "reported": "recorded as a payment; the source does not say of which type",
    "commitment": "the maximum payment under the contract",
    "evaluation": "a total from an evaluation or a project page, not a record of payments",
    "returned": "money paid back, for example a clawback or a credit; the amount is negative",
}
# The records of money that moved: each in a period, from which its prices follow.
RETURNED: Final = "returned"
MOVED: Final = ("paid", "reported", RETURNED)

# In which pounds a price of a contract is quoted.
PRICE_BASES: Final = {
    "cash": "cash prices, as agreed; the source names no increase",
    "cash_rising": "cash prices as first agreed; the contract lets them rise",
}

# What the maximum given with a price is a maximum of.
PRICE_MAXIMA: Final = {
    "all_targets": "the most for the metric, if all its targets are reached",
    "per_person": "the most for one person, across all metrics",
    "not_said": "one sum given with several prices, so not the maximum of one metric; the source does not explain it",
}

# For whom a service was, as far as its source names them; a service may be for several.
TARGET_GROUPS: Final = {
    "care_leavers": "young people who have left care",
    "child_protection": "children in need, or on a child protection plan",
    "edge_of_care": "children at risk of going into care, or into residential care",
    "end_of_life": "people near the end of life",
    "homeless": "people without a home, or at risk of losing it",
    "in_care": "children in care",
    "learning_disability": "people with a learning disability or autism",
    "long_term_condition": "people with a long-term health condition, or at risk of one",
    "mental_health": "people with poor mental health",
    "neet": "young people not in education, employment or training, or at risk of it",
    "offenders": "people who have offended, or are at risk of it",
    "primary_pupils": "primary school children",
    "refugees": "people with refugee status or humanitarian protection",
    "repeat_care_proceedings": "women who have lost, or may lose, several children to care",
    "rough_sleepers": "people who sleep rough",
    "special_needs": "young people with special educational needs",
    "substance_misuse": "people who misuse alcohol or drugs",
}
# What a service did, where its source names it by a term of the field.
INTERVENTIONS: Final = {
    "adoption": "finding adopters, and support for them",
    "functional_family_therapy": "functional family therapy",
    "housing_first": "housing first",
    "individual_placement_and_support": "individual placement and support into work",
    "link_worker": "support by one link worker, key worker, mentor or navigator",
    "multisystemic_therapy": "multisystemic therapy",
    "palliative_care": "care near the end of life",
    "social_prescribing": "social prescribing",
    "travel_training": "training to travel alone",
    "treatment_foster_care": "therapeutic foster care, sometimes instead of residential care",
}
# Short facts about a service: those with a code, and those with a number.
SERVICE_CODES: Final = {
    "target_group": "who it was for",
    "intervention": "what it did",
}
SERVICE_NUMBERS: Final = {
    "months_planned": "months that it was planned to last",
    "months_lasted": "months that it lasted",
    "return_target": "yearly return that investors aimed for, as a share",
    "return_latest": "yearly return when last stated, as a share",
    "return_most": "the most that investors can gain, as a share, in the words of the source",
}

# How a price times the results reported compares with what was paid for them.
PRICE_FINDINGS: Final = {
    "fits": "the two are within a quarter of each other",
    "differs": "the two are more than a quarter apart, so a price, a count or the payment is not what it seems",
    "above_maximum": "more than the contract allows, so perhaps only its maximum was paid",
    "incomplete": "some results have no price, so more was earned than prices and results show",
    "paid_together": "payments do not say which metric they are for; see the contract as a whole",
    "no_payment": "we know of no payment",
    "no_result": "we know of no result with a number",
}

# What a target of a metric counts.
TARGET_MEASURES: Final = {
    "users": "how many people, or other units, the service plans to reach for the metric",
    "outcome": "the target of the metric itself",
}
TARGET_UNITS: Final = {
    "person": "one person",
    "family": "one family",
    "day": "one person, one day",
    "other": "another unit, as the source names it",
}

# What can hardly be true, and needs a row of accepted.csv if it is; each is a rule of that name.
DOUBTS: Final = {
    "time_within_people": "time reported is at most people times the days of the period",
    "people_within_engaged": "no more people reached an outcome than were engaged",
    "paid_within_maximum": "no more is paid than the maximum of the contract and a tenth of it",
    "payments_differ": "no payment stands twice: rows differ in more than their locator",
    "no_total_beside_its_parts": "no payment is the sum of all others, or of several within its period",
    "within_the_service": "results and payments begin at most a year before the service and end at most three after it",
    "services_like_others": "a service begins within three years of its signing and lasts at most 15",
    "contracts_like_others": "a contract has at most 100,000 people, of whom an eighth to three times those targeted "
    "are engaged; as many places as are listed, at most 400; is paid at least £10,000 and at most £100m, and £250,000 "
    "for each person; and has achieved something if it was paid",
    "sizes_like_others_of_their_area": "payments, maximum and results for each person are at most five times the most, "
    "and at least a fifth of the least, of three or more other contracts of the policy area",
    "unit_costs_like_others": "a unit cost is at most £500,000 a year, £250,000 a person over a lifetime and £150,000 "
    "an event; its central is at most ten times its low, and its high ten times its central",
}
# Checks of a run that a row of accepted.csv can let pass too: a new contract has no last edition to be compared with.
RUN_DOUBTS: Final = {
    "new_contracts_like_others": "value for each £1 and for each person, of a contract that is new or first published",
}

PAYER_KINDS: Final = {
    "central": "central government or a national fund",
    "local": "local bodies",
    "mixed": "central and local together",
    "unknown": "no payer named",
}

# The layer of a line from which one rate for all is taken off, whatever the outcome.
FLAT: Final = "flat"

DEADWEIGHT_LAYERS: Final = {
    "none": "nothing is taken off for what would have happened anyway",
    "assumed": "rates from contract terms and conventions",
    "studied": "rates from published impact studies where there are any, otherwise assumed rates",
}

GRADES: Final = {
    "strong": "official, or a trial or matched study of the same outcome",
    "medium": "official but old, read in a second-hand copy, or a study of another group",
    "weak": "a convention, a benchmark without matching, or our own judgement",
    "contract": "a term of the contract",
}

# From the best to the worst.
MAPPING_GRADES: Final = {
    "strong": "the source says what is counted, in which unit and when, and that is the outcome",
    "medium": "the outcome is counted, but we infer its unit, time or hours (from terms, payments for each result or "
    "similar contracts), or the source does not say how it was judged",
    "weak": "we judge that what is counted can represent the outcome: a start for the whole, the least that it can be, "
    "or something that did not happen, where nobody knows how often it would have",
}

# From the oldest to the newest: where a list lacks a row, an edition takes that of the next older one.
VALUE_SETS: Final = {
    "2015": "the price list published in 2015, with the values added to it before 2026",
    "2026": "newer values; it lists only what it changes or adds",
}

# How old the data behind a unit cost are: an old figure that is uprated stays old.
RECENT_FROM: Final = "2015-16"
AGES: Final = {
    "recent": f"the data are from {RECENT_FROM} or later",
    "checked": f"the data are older, but an official figure from {RECENT_FROM} or later, which we read ourselves, is "
    "within the range",
    "old": "the data are older, and no newer official figure confirms them",
    "by definition": "a definition, such as a pound, does not age",
}

# The parts of its value for which the ratio of the market is shown besides the whole; payments stay the same.
ROBUSTNESS_PARTS: Final = {
    "all": "all value",
    "contracts of the superseded edition": "only the contracts in the ratio of the edition before this one",
    "without weak unit costs": "without values whose unit cost is graded weak",
    "without weak unit costs or mappings": "also without values whose mapping is graded weak",
}

UNIT_VALUE_LEVELS: Final = ("low", "central", "high")

# What the ends of a range are based on.
RANGE_BASES: Final = {
    "confidence_interval": "the 95% confidence interval from a study",
    "estimates": "how far defensible estimates of the same mean differ",
    "convention": "nobody has measured it: we take a share of the central value by convention, or judge",
    "fixed": "no range: it is a definition, or nothing shows how uncertain the mean is",
}

# What each pound of outcome payments brings: public value, and fiscal value.
RATIOS: Final = ("bcr", "fiscal_bcr")

TIME_CONVENTIONS: Final = {
    "measured": "time counts only as far as it was measured",
    "annual": "each person who reached the outcome counts for one year, once for all milestones of the outcome",
    "horizon": "the measured time, then time up to a horizon, falling away as the milestones did, discounted",
}

# Which rung of a ladder the annual convention counts.
ANNUAL_RUNGS: Final = ("first_sustained", "entry", "every_rung")
# Of these, the rungs by which a person counts once: every rung counts the same person at each milestone again.
RUNGS_COUNTED_ONCE: Final = ("first_sustained", "entry")

# Transfers, benefits that somebody else pays for: where they count.
TRANSFERS: Final = {
    "fiscal only": "transfers count in fiscal value, but not in public value",
    "both": "transfers count in fiscal value and in public value",
    "neither": "transfers do not count at all",
}

SET_ASIDES: Final = {
    "largest": "where two outcomes of a contract bring the same benefit, only the larger counts",
    "none": "every outcome counts, even where two of a contract bring the same benefit",
}

DISCOUNT_SCHEDULES: Final = {
    "standard": "the rates of the Green Book for costs and benefits in pounds",
    "lower": "the lower schedule of the Green Book, a sensitivity test for effects beyond 50 years",
    "health": "the rates of the Green Book for effects on health and life",
}

DISCOUNTINGS: Final = {
    "standard": "later years are discounted at the standard rates",
    "lower": "later years are discounted at the rates of the lower schedule",
    "none": "later years are not discounted",
}

OPTIMISM_BIASES: Final = {
    "none": "nothing is taken off",
    "by_grade": "value is reduced by the optimism bias for the weakest evidence behind it",
}

DISTRIBUTIONS: Final = {
    "beta": "a beta distribution with the central value as its mean; 95 in 100 draws are between low and high",
    "triangular": "a triangular distribution with the central value as its mean; 95 in 100 draws are between low and "
    "high",
    "fixed": "not simulated: always the central value",
}

# What a step that rebuilds somebody else's study is based on, from the firmest.
RESTS_ON: Final = {
    "published": "the study, or something published with it, says so",
    "follows from published figures": "published figures hardly allow any other reading",
    "usual practice": "others who value outcomes do it, or publish the value",
    "free": "nothing published says so; it is one way among others",
}
READING_MEASURES: Final = {
    "combinations": "readings in total",
    "near": "within a tenth of both published ratios of the market",
    "fits_areas": "near readings that also fit each published ratio of areas",
    "near_with_step": "near readings that take the step",
    "nearest": "the nearest reading",
    "nearest_without_long_values": "the nearest reading without wellbeing or lifetime values",
    "most_without_long_values": "the reading without wellbeing or lifetime values that has the most public value",
}
# Values that reach beyond one year, or beyond pounds.
LONG_VALUES: Final = {"wellbeing": "a wellbeing value", "lifetime": "a value of a whole life"}

# Which choices such a step can make.
READING_CHOICES: Final = (
    *("unit_value_level", "time_convention", "annual_rung", "deadweight_layer", "value_set"),
    *("transfers", "set_asides", "flat_deadweight", "added_values", "published_ratio"),
)
COUNTS_BY: Final = {
    "person": "once for each person who reached the outcome",
    "unit": "for each unit of the outcome, as this edition counts it",
}
VALUED_IN: Final = {
    "pound": "pounds of its price year",
    "wellby": "points of life satisfaction for a year, each worth what wellbeing_scales.csv says",
}

# By which rule a published figure gets which of them stands in ``method.analysis.reconciliation``.
RECONCILIATION_STATUSES: Final = {
    "reproduced": "our figure is within the tolerance stated for it, or on the right side of a published bound",
    "partly": "missing data can explain why our figure falls short, or the two agree as far as the data go",
    "not comparable": "it is from another study or method, counts to another day, or does not say what it compares",
    "not reproducible": "there are no public data, or missing data cannot explain the difference",
}

# How a published figure came about, as far as it is told.
PUBLISHED_METHODS: Final = {
    "as here": "it measures what we measure here",
    "own estimate": "the project or its investor estimated it by their own method, which is not published",
    "forecast": "it is a forecast, not a count",
    "indicative": "it is calculated from figures that may not fit together",
    "not stated": "the source does not say what it counts",
}

# What a claim of a difference compares with.
COMPARISONS: Final = {
    "none needed": "it does not claim a difference",
    "not stated": "it claims a difference and does not say from what",
    "unmatched": "it is compared with other people who were not matched",
}

SEVERITIES: Final = {
    "error": "if the check fails, nothing is published",
    "warning": "if the check fails, the run reports it and goes on",
}

CHECK_OUTCOMES: Final = {
    "passed": "every row passed",
    "failed": "some rows failed, so nothing is published",
    "warned": "some rows failed; the run reported them and went on",
    "accepted": "some rows failed; a person looked at them and accepted the check by name",
    "nothing to compare": "there were no rows to check, for example because there is no last edition",
}

# What a bridge calls the part that no cause explains: it comes from the program.
NO_CAUSE = "code"
