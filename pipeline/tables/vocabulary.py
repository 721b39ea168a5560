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
    "investor": "committed money before outcomes were paid for",
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
    "rung": "one milestone of a ladder: counted together with the other milestones of the same people",
    "process": "a step on the way, without a value of its own; what was paid for it stays in the cost",
    "overlap": "the same benefit for the same people as another metric; worked out, shown, not counted",
    "no_unit_cost": "an outcome for which no defensible unit cost was found",
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
    "reported": "recorded as a payment without saying of which type",
    "commitment": "the most that may be paid under the contract",
    "evaluation": "a total in an evaluation or on a project page, not a record of payments",
    "returned": "money that went back, such as a clawback or a credit; its amount is below 0",
}
# The records of money that moved: each in a period, from which its prices follow.
RETURNED: Final = "returned"
MOVED: Final = ("paid", "reported", RETURNED)

# In which pounds a price of a contract is quoted.
PRICE_BASES: Final = {
    "cash": "pounds of the day of payment, as agreed; the source names no increase",
    "cash_rising": "pounds as first agreed; the contract lets the price rise",
}

# Of what a maximum beside a price is the most.
PRICE_MAXIMA: Final = {
    "all_targets": "what is paid for the metric if all its targets are reached",
    "per_person": "what is paid for one person, whatever metrics they reach",
    "not_said": "one sum beside prices that differ, so not of one metric; the source does not say of what",
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
    "long_term_condition": "people with, or at risk of, a long-term condition of health",
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
    "link_worker": "one person as link, key worker, mentor or navigator",
    "multisystemic_therapy": "multisystemic therapy",
    "palliative_care": "care near the end of life",
    "social_prescribing": "social prescribing",
    "travel_training": "training to travel alone",
    "treatment_foster_care": "therapeutic foster care, also in place of residential care",
}
# Short facts about a service: those with a code, and those with a number.
SERVICE_CODES: Final = {
    "target_group": "for whom it was",
    "intervention": "what it did",
}
SERVICE_NUMBERS: Final = {
    "months_planned": "months that it was to last",
    "months_lasted": "months that it lasted",
    "return_target": "return that investors aimed at, a year, as a share",
    "return_latest": "return when last stated, a year, as a share",
    "return_most": "the most that investors can gain, as a share, as the source has it",
}

# How a price times the results reported compares with what was paid for them.
PRICE_FINDINGS: Final = {
    "fits": "no further apart than a quarter",
    "differs": "further apart than a quarter, so that a price, a count or the payment is not what it seems",
    "above_maximum": "more than may be paid under the contract, so that its maximum may have been paid and no more",
    "incomplete": "some results have no price, so that less is worked out than was earned",
    "paid_together": "payments do not say for which metric they are; see the contract as a whole",
    "no_payment": "no payment is known",
    "no_result": "no result with a number is known",
}

# What a target of a metric counts.
TARGET_MEASURES: Final = {
    "users": "people, or other units, whom the service is to reach for the metric",
    "outcome": "the target of the metric itself",
}
TARGET_UNITS: Final = {
    "person": "one person",
    "family": "one family",
    "day": "one person, one day",
    "other": "what the source names otherwise",
}

# What can hardly be, and has to be accepted by a row of accepted.csv if it is so; each is a rule of that name.
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
# Checks of a run that a row of accepted.csv can let pass too: there is no last edition to hold a new contract against.
RUN_DOUBTS: Final = {
    "new_contracts_like_others": "value for each £1 and each person of a contract that is new, or first published",
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
    "none": "gross: nothing is taken off",
    "assumed": "contract terms and conventions",
    "studied": "published impact studies where there are any, else as assumed",
}

GRADES: Final = {
    "strong": "official, or a trial or matched study of the same outcome",
    "medium": "official but dated, read in a second-hand copy, or a study of another group",
    "weak": "a convention, a benchmark without matching, our own judgement",
    "contract": "a term of the contract itself",
}

# From the best to the worst.
MAPPING_GRADES: Final = {
    "strong": "the source itself says what is counted, in which unit and when, and that is the outcome",
    "medium": "the outcome is counted, but its unit, time or hours are inferred (from terms, payment per result, "
    "sister contracts) or not stated, nor how it was judged",
    "weak": "what is counted stands for the outcome by our judgement: a beginning for the thing itself, the least that "
    "it can be, or that something did not happen where nobody knows how often it would have",
}

# From the oldest to the newest: where a list lacks a row, an edition takes that of the next older one.
VALUE_SETS: Final = {
    "2015": "the price list published in 2015, with the values that were added to it before 2026",
    "2026": "newer values; it holds only what it changes or adds",
}

# How old the data behind a unit cost are: an old figure that is uprated stays old.
RECENT_FROM: Final = "2015-16"
AGES: Final = {
    "recent": f"its data are of {RECENT_FROM} or later",
    "checked": f"its data are older, but an official figure of {RECENT_FROM} or later, read at first hand, lies within "
    "its range",
    "old": "its data are older, and no such figure confirms it",
    "by definition": "a definition, such as a pound, does not age",
}

# For which parts of its value the ratio of the market stands beside the whole; payments stay as they were made.
ROBUSTNESS_PARTS: Final = {
    "all": "all value of the edition",
    "contracts of the superseded edition": "the contracts alone that the edition before it had in its ratio",
    "without weak unit costs": "no value whose unit cost is graded weak",
    "without weak unit costs or mappings": "nor value whose mapping is a judgement",
}

UNIT_VALUE_LEVELS: Final = ("low", "central", "high")

# On what the ends of a range rest, with the grade of the range.
RANGE_BASES: Final = {
    "confidence_interval": "the 95% interval that a study gives",
    "estimates": "defensible estimates of the same mean differ by so much",
    "convention": "nobody has measured it: a share of the central value by convention, or a judgement",
    "fixed": "no range: a definition, or no evidence of how far the mean is in doubt",
}

# What each pound of outcome payments brings: public value, and fiscal value.
RATIOS: Final = ("bcr", "fiscal_bcr")

TIME_CONVENTIONS: Final = {
    "measured": "time counts as far as it was measured",
    "annual": "each person who reached the outcome counts one year, once per ladder",
    "horizon": "the measured time, then the ladder's own falling away up to the horizon, discounted",
}

# Which rung of a ladder the annual convention counts.
ANNUAL_RUNGS: Final = ("first_sustained", "entry", "every_rung")
# Of these, the rungs by which a person counts once: every rung counts the same person at each milestone again.
RUNGS_COUNTED_ONCE: Final = ("first_sustained", "entry")

# Benefits that somebody else loses: where they count.
TRANSFERS: Final = {
    "fiscal only": "what someone else loses counts in fiscal value, not in public value",
    "both": "what someone else loses counts in fiscal value and in public value too",
    "neither": "what someone else loses counts nowhere",
}

SET_ASIDES: Final = {
    "largest": "of the ladders of a contract that bring the same benefit the largest counts",
    "none": "every ladder counts, also where two of a contract bring the same benefit",
}

DISCOUNT_SCHEDULES: Final = {
    "standard": "the rates of the Green Book for costs and benefits in pounds",
    "lower": "its second, lower schedule, a sensitivity test for what lies beyond 50 years",
    "health": "its rates for effects on health and life",
}

DISCOUNTINGS: Final = {
    "standard": "later years are discounted by the standard rates",
    "lower": "later years are discounted by the lower schedule",
    "none": "later years are not discounted",
}

OPTIMISM_BIASES: Final = {
    "none": "nothing is taken off",
    "by_grade": "value is less by the optimism bias of the weakest evidence on which it rests",
}

DISTRIBUTIONS: Final = {
    "beta": "a beta distribution whose mean is central, with 95 of 100 draws between low and high",
    "triangular": "a triangle whose mean is central, with 95 of 100 draws between low and high",
    "fixed": "not drawn: central throughout",
}

# On what a step rests that rebuilds somebody else's study, from the firmest.
RESTS_ON: Final = {
    "published": "the study, or what was published with it, says so",
    "follows from published figures": "published figures leave hardly any other reading",
    "usual practice": "others who value outcomes do so, or publish the value",
    "free": "nothing that is published says so; it is one way among others",
}
READING_MEASURES: Final = {
    "combinations": "readings in all",
    "near": "within a tenth of both published market ratios",
    "fits_areas": "of these, those that fit each published ratio of areas too",
    "near_with_step": "near readings that make the step",
    "nearest": "the nearest of all",
    "nearest_without_long_values": "the nearest without wellbeing or lifetime values",
    "most_without_long_values": "of those without wellbeing or lifetime values the one of most public value",
}
# Values that reach beyond what a year spares, or beyond pounds.
LONG_VALUES: Final = {"wellbeing": "a wellbeing value", "lifetime": "a value of a whole life"}

# Which choices such a step can make.
READING_CHOICES: Final = (
    *("unit_value_level", "time_convention", "annual_rung", "deadweight_layer", "value_set"),
    *("transfers", "set_asides", "flat_deadweight", "added_values", "published_ratio"),
)
COUNTS_BY: Final = {
    "person": "once for each person who reached the outcome",
    "unit": "for each unit of the outcome, as the edition counts it",
}
VALUED_IN: Final = {
    "pound": "pounds of its price year",
    "wellby": "points of life satisfaction for a year, each worth what wellbeing_scales.csv says",
}

# By which rule a published figure gets which of them stands in ``method.analysis.reconciliation``.
RECONCILIATION_STATUSES: Final = {
    "reproduced": "ours lies within the tolerance stated for the figure, or on the right side of a published bound",
    "partly": "ours falls short by no more than the data that are not public explain, or agrees over the part that is",
    "not comparable": "another study, another method, no stated comparison, or another day",
    "not reproducible": "no public data, or a difference that missing data cannot explain",
}

# How a published figure came about, as far as it is told.
PUBLISHED_METHODS: Final = {
    "as here": "it is of the quantity that is worked out here",
    "own estimate": "it is an estimate of the project or its investor, by a method of its own that is not published",
    "forecast": "it is what was expected, not what was counted",
    "indicative": "it is worked out from figures that need not fit together",
    "not stated": "what it counts is not stated",
}

# What a claim of a difference was held against.
COMPARISONS: Final = {
    "none needed": "it is no claim of a difference",
    "not stated": "it claims a difference, and says from what nowhere",
    "unmatched": "it is held against other people, who are not matched",
}

SEVERITIES: Final = {
    "error": "nothing is published",
    "warning": "it is said, and the run goes on",
}

CHECK_OUTCOMES: Final = {
    "passed": "every row holds",
    "failed": "some row does not hold, and nothing is published",
    "warned": "some row does not hold; it is said and left as it is",
    "accepted": "some row does not hold; whoever started the run has accepted it by name",
    "nothing to compare": "there was no row, such as no last edition to hold this one against",
}

# What a bridge calls what no cause explains: it is left to the program.
NO_CAUSE = "code"
