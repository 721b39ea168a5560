"""What the words of the closed lists mean, as the page of assumptions tells readers.

Belongs here: options, grades and treatments in plain words, for sentences that begin with "in this edition" or stand in
a cell. The lists themselves, and what their words mean to whoever writes the tables, stand in ``tables.vocabulary``.
"""

from pipeline.method.analysis.evidence import NO_RATE

TIMES = {
    "measured": "a result counts only for as long as it was measured",
    "annual": "each person who reached the outcome counts for one year, once",
    "horizon": "a result counts for the time measured, then for fewer and fewer people up to a horizon, discounted",
}
MILESTONES = {
    "first_sustained": "the first one after the start",
    "entry": "the start",
    "every_rung": "every one after the start",
}
LAYERS = {
    "none": "we take nothing off",
    "assumed": "we take off rates from contract terms and conventions",
    "studied": "we take off rates from published impact studies, and assumed rates where there is no study",
}
TRANSFERS_COUNT = {
    "fiscal only": "money that public budgets gain and somebody else loses counts in fiscal value, not in public value",
    "both": "money that public budgets gain and somebody else loses counts in fiscal and in public value",
    "neither": "money that public budgets gain and somebody else loses counts nowhere",
}
BASES = {
    "paid": "recorded as an actual payment",
    "reported": "recorded as a payment, of unknown type",
    "commitment": "the most that the contract may pay",
    "evaluation": "a total in an evaluation or on a project page",
    "returned": "money that went back, as an amount below 0",
}
BIASES = {"none": "we take nothing off", "by_grade": "we take off more, the weaker the evidence"}
DRAWN = {
    "beta": "from a beta distribution with the central value as its mean; 95 of 100 draws fall between low and high",
    "triangular": "from a triangle with the central value as its mean; 95 of 100 draws fall between low and high",
    "fixed": "not at all: every value stays central",
}
WEAK = "a convention, a benchmark without a comparison group, or our own judgement"
GRADE_WORDS = {
    "strong": "an official figure, or a trial or matched study of the same outcome",
    "medium": "official but dated, read in a second-hand copy, or a study of another group",
    "weak": WEAK,
    "contract": "a term of the contract itself",
    NO_RATE: "we take nothing off: the edition takes no rate, or the count was net when it was reported",
}
TREATED = {
    "valued": ("valued", "counts by itself, with a unit cost"),
    "rung": ("milestone", "one milestone of several for the same people, counted together"),
    "process": ("process", "a step on the way without a value of its own; payments for it still count"),
    "overlap": ("overlap", "the same benefit for the same people as another metric: shown and not counted"),
    "no_unit_cost": ("no unit cost", "we found no unit cost that we could defend"),
}
READ = {
    "strong": "the source itself says what it counts, in which unit and when, and that is the outcome",
    "medium": "the outcome is counted, but we infer its unit, its time or its hours, or the source does not state them",
    "weak": "what is counted stands for the outcome by our judgement, such as a start for the result itself",
}
