"""The words that readers may not know, each explained once.

Belongs here: terms of the field and of this report, in words for somebody who has never met them. Pages link to them by
``parts.term``; ``pages/glossary`` lists them all. What a word of a table means stands in ``tables.vocabulary``.
"""

from typing import NamedTuple


class Term(NamedTuple):
    """A term as it is written within a sentence, and what it means, in one or two sentences."""

    word: str
    meaning: str


TERMS = {
    "social-outcomes-contract": Term(
        "social outcomes contract",
        "A contract that pays a provider for results, such as a person staying in work, and not for running a service. "
        "Social investors often lend the money to start. Also called a social impact bond.",
    ),
    "outcome-payment": Term(
        "outcome payment",
        "Money paid under a contract because a result was achieved. It is the only cost counted here.",
    ),
    "public-value": Term(
        "public value",
        "What results are worth to everybody: to public budgets, to the economy and to people’s lives. Money that only "
        "moves from one person to another, such as a benefit payment, is left out.",
    ),
    "fiscal-value": Term(
        "fiscal value",
        "The part of the value that public budgets gain, such as a place in care that is not needed. Only some of it "
        "can be turned into cash.",
    ),
    "unit-cost": Term(
        "unit cost",
        "A published price for one result or problem, such as the cost of a year in care. We multiply it by the number "
        "of results.",
    ),
    "deadweight": Term(
        "deadweight",
        "The share of results that would have happened without the contract. We take their value off.",
    ),
    "range": Term(
        "80% range",
        "We repeat the sum thousands of times, each time with other plausible unit costs and rates. In 8 of 10 "
        "repetitions the result falls within this range. It covers doubt about those figures and not about what was "
        "counted, nor about the choice of method.",
    ),
    "ratio": Term(
        "value for every £1",
        "Public value divided by outcome payments. Above £1, results were worth more than they cost.",
    ),
    "net-value": Term("net value", "Public value minus outcome payments, in pounds."),
    "edition": Term(
        "edition",
        "One complete answer with one set of choices. Two editions follow the published studies as we read them. "
        "One is our own estimate.",
    ),
    "prices": Term(
        "prices of one year",
        "Pounds of different years, adjusted for inflation to one year so that they can be added up. “2024-25 prices” "
        "are pounds of that financial year.",
    ),
    "milestone": Term(
        "milestone",
        "A point that a person can reach on the way to a lasting result, such as 13 and then 26 weeks in work. The "
        "same people appear at each, so we count each person once.",
    ),
    "measured-time": Term(
        "measured time",
        "The time for which a result is known to have lasted. A job that was checked at 26 weeks counts for 26 weeks, "
        "although it may have lasted longer.",
    ),
    "horizon": Term(
        "horizon",
        "The last year for which a result may count when we project it beyond its measured time. The projection counts "
        "fewer people each year, as milestones showed, and discounts later years.",
    ),
    "at-least": Term(
        "at least, as far as time goes",
        "This is about time alone: results may have lasted longer than anybody measured. Other unit costs, rates or "
        "choices of method can still make the figure lower.",
    ),
    "evidence-grade": Term(
        "evidence grade",
        "Our judgement of how good a source is. Strong: a national statistic or a well-designed study. Weak: a rule of "
        "thumb, a benchmark without a comparison group, or our own judgement.",
    ),
    "provider": Term("provider", "The charity, company or public body that works with people under the contract."),
    "commissioner": Term(
        "commissioner",
        "The public body that asks for the results and pays for them, often with help from a central fund.",
    ),
    "rebuilt": Term(
        "rebuilt study",
        "Our attempt to reach a published figure from public data, step by step. It shows what one would have to "
        "assume.",
    ),
}
