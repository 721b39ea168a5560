"""What the choices of method and their options are called on the pages and in the headline.

Belongs here: all words for readers of a choice, and which choices a reader may switch. What the options mean in the
tables stands in ``tables.vocabulary``, what each does in the table of assumptions in ``pages.assumption_words``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from pipeline.method.analysis import scenarios

_NONE: Mapping[str, str] = MappingProxyType({})


class Choice(NamedTuple):
    """A choice of method in a reader's words; by option where there are several.

    ``name``: within a sentence. ``options``: what they are called in a switch. For a choice that the first screen may
    show, ``heading``: what it is about, ``done``: what an edition with the option does, and ``otherwise``: what would
    have to be done for the figure beside it.
    """

    name: str
    options: Mapping[str, str] = _NONE
    heading: str = ""
    done: Mapping[str, str] = _NONE
    otherwise: Mapping[str, str] = _NONE


# In the order in which other choices are shown.
CHOICES: Final[Mapping[str, Choice]] = {
    "time_convention": Choice(
        "how long a result counts",
        options={
            "measured": "only as long as it was measured",
            "annual/first_sustained": "one year for each person who kept it",
            "annual/entry": "one year for each person who started",
            "annual/every_rung": "one year at every milestone",
            "horizon/standard": "as measured, then fading out, discounted",
            "horizon/lower": "as measured, then fading out, at lower discount rates",
            "horizon/none": "as measured, then fading out, not discounted",
        },
        heading="How long results last",
        done={
            "measured": "We count a result only for as long as somebody checked that it lasted.",
            "annual": "This edition counts each lasting result for one year.",
            "horizon": "This edition lets results last for years, fading as studies show.",
        },
        otherwise={
            "measured": "if results counted only for as long as they were checked",
            "annual": "if each lasting result counted for a year",
            "horizon": "if results lasted for years",
        },
    ),
    "annual_rung": Choice("which milestone counts for a year"),
    "discounting": Choice("discounting of later years"),
    "unit_value_level": Choice(
        "level of unit costs",
        options={
            "low": "the low end",
            "central": "the central estimate",
            "high": "the high end",
        },
        heading="What one result is worth",
        done={
            "low": "Each result has a published unit cost, with a low and a high value. This edition takes the low "
            "one.",
            "central": "Each result has a published unit cost, such as the cost of a year in care. We take the middle "
            "of its range.",
            "high": "Each result has a published unit cost, with a low and a high value. This edition takes the high "
            "one.",
        },
        otherwise={
            "low": "with every unit cost at its low end",
            "central": "with every unit cost in the middle of its range",
            "high": "with every unit cost at its high end",
        },
    ),
    "value_set": Choice(
        "price list",
        heading="Which price list",
        done={
            "2026": "Unit costs come from our price list of 2026.",
            "2015": "Unit costs come from the price list of 2015, as in the published study.",
        },
        otherwise={
            "2026": "with the price list of 2026",
            "2015": "with the price list of 2015",
        },
    ),
    "deadweight_layer": Choice(
        "rates of deadweight",
        options={
            "none": "none: gross value",
            "assumed": "contract terms and conventions",
            "studied": "impact studies where possible",
        },
        heading="What would have happened anyway",
        done={
            "none": "Some people would have found work or a home without the contract. This edition takes nothing off "
            "for them.",
            "assumed": "Some people would have found work or a home without the contract. This edition takes them off "
            "by rules of thumb.",
            "studied": "Some people would have found work or a home without the contract. We take them off, at rates "
            "from studies.",
        },
        otherwise={
            "none": "if nothing were taken off",
            "assumed": "with rules of thumb",
            "studied": "with rates from studies",
        },
    ),
    "optimism_bias": Choice(
        "correction for optimism bias",
        options={
            "none": "none",
            "by_grade": "more, the weaker the evidence",
        },
    ),
    "transfers": Choice(
        "money that only changes hands counts in",
        options={
            "fiscal only": "fiscal value only",
            "both": "fiscal and public value",
            "neither": "neither",
        },
    ),
    "payment_bases": Choice(
        "which payments count",
        options={
            "paid": "recorded payments",
            "paid + reported": "recorded and reported payments",
            "paid + reported + evaluation": "these, and totals in evaluations",
        },
    ),
    "price_base": Choice(
        "prices of payments",
        options={
            "cash": "cash, as paid",
        },
        heading="How inflation is treated",
        done={
            "edition's prices": "Payments and values are in the prices of one year.",
            "cash": "Payments are as they were paid, without inflation.",
        },
        otherwise={
            "edition's prices": "with payments in the same prices",
            "cash": "with payments as they were made",
        },
    ),
    "straddling": Choice(
        "periods that cross the cut-off date",
        options={
            "pro rata": "the share up to the cut-off counts",
            "left out": "left out",
        },
    ),
    "set_asides": Choice(
        "two results with the same benefit",
        options={
            "largest": "only the larger counts",
            "none": "both count",
        },
    ),
}
# The choices that table ``scenarios`` combines.
CHOICE_WORDS: Final = {name: choice.name for name, choice in CHOICES.items() if name in scenarios.CHOICES}
# The choices that a reader may switch, in this order. ``time`` is the time convention with what it asks. Which
# options an edition allows is worked out in ``pages.model``; what is no switch is a fact or a term of the simulation.
# ``horizon_years`` and ``flat_deadweight`` are neither switch nor slider: table ``units_by_choice`` has the years of
# one horizon alone, and no source bounds a flat rate. ``what_if`` takes both.
SWITCHES: Final = (
    *("time", "deadweight_layer", "unit_value_level", "value_set", "transfers", "set_asides", "optimism_bias"),
    *("payment_bases", "price_base", "straddling"),
)
