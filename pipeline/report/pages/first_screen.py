"""What the first screen of the report says: the answer, how sure it is, why another one was published, what matters.

Belongs here: choosing these few facts from the headline of an edition. How they are written stands in
``index.html.j2``; all that follows on the page is chosen in ``index``.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from pipeline.facts.editions import Edition
from pipeline.report.rows import Row
from pipeline.report.wording import per_pound

# In how many choices the page says what matters most; the third place is that of the contracts that carry most.
CHOICES_SHOWN = 2


class Choice(NamedTuple):
    """A choice of method in a reader's words: what it is about, what each edition does, and each other option.

    ``done``: by the edition's own option, what it does; ``otherwise``: by option, what would have to be done for the
    figure beside it.
    """

    heading: str
    done: Mapping[str, str]
    otherwise: Mapping[str, str]


CHOICES = {
    "deadweight_layer": Choice(
        "What would have happened anyway",
        {
            "none": "Some people would have found work or a home without the contract. This edition takes nothing off "
            "for them.",
            "assumed": "Some people would have found work or a home without the contract. This edition takes them off "
            "by rules of thumb.",
            "studied": "Some people would have found work or a home without the contract. We take them off, at rates "
            "from studies.",
        },
        {
            "none": "if nothing were taken off",
            "assumed": "with rules of thumb",
            "studied": "with rates from studies",
        },
    ),
    "unit_value_level": Choice(
        "What one result is worth",
        {
            "low": "Each result has a published unit cost, with a low and a high value. This edition takes the "
            "low one.",
            "central": "Each result has a published unit cost, such as the cost of a year in care. We take the middle "
            "of its range.",
            "high": "Each result has a published unit cost, with a low and a high value. This edition takes the high "
            "one.",
        },
        {
            "low": "with every unit cost at its low end",
            "central": "with every unit cost in the middle of its range",
            "high": "with every unit cost at its high end",
        },
    ),
    "time_convention": Choice(
        "How long results last",
        {
            "measured": "We count a result only for as long as somebody checked that it lasted.",
            "annual": "This edition counts each lasting result for one year.",
            "horizon": "This edition lets results last for years, fading as studies show.",
        },
        {
            "measured": "if results counted only for as long as they were checked",
            "annual": "if each lasting result counted for a year",
            "horizon": "if results lasted for years",
        },
    ),
    "value_set": Choice(
        "Which price list",
        {
            "2026": "Unit costs come from our price list of 2026.",
            "2015": "Unit costs come from the price list of 2015, as in the published study.",
        },
        {"2026": "with the price list of 2026", "2015": "with the price list of 2015"},
    ),
    "price_base": Choice(
        "How inflation is treated",
        {
            "edition's prices": "Payments and values are in the prices of one year.",
            "cash": "Payments are as they were paid, without inflation.",
        },
        {"edition's prices": "with payments in the same prices", "cash": "with payments as they were made"},
    ),
}


def verdict(data: Mapping[str, Any], sure: Mapping[str, Any]) -> str:
    """Return in words whether results were worth what was paid; the range decides where there is one."""
    low, high = (sure["bcr"]["p10"], sure["bcr"]["p90"]) if sure else (data["bcr"], data["bcr"])
    if data["bcr"] is None:
        return ""
    return "less than was paid" if high < 1 else "more than was paid" if low > 1 else "about as much as was paid"


def line_of_pounds(
    data: Mapping[str, Any], sure: Mapping[str, Any], span: Mapping[str, float], published: float | None
) -> dict[str, float]:
    """Return where on a line from £0 on the figures of the first screen lie, in per cent of its length.

    ``at``, ``even`` (£1), ``lowest`` and ``highest`` of ``span``, ``low`` and ``high`` of the range and ``published``,
    those of them that there are; ``whole``: the pounds at its end.
    """
    ends = {"at": data["bcr"], "even": 1.0, "published": published, **span}
    if sure:
        ends |= {"low": sure["bcr"]["p10"], "high": sure["bcr"]["p90"]}
    known = {name: value for name, value in ends.items() if value is not None}
    whole = ceil(max(known.values()) * 1.02)
    return {name: round(100 * max(value, 0.0) / whole, 2) for name, value in known.items()} | {"whole": whole}


def what_matters(edition: Edition, data: Mapping[str, Any]) -> list[Row]:
    """Return the choices that move the ratio most: ``heading, done``, and ``others``, each with its ratio in words."""
    own = data["bcr"]
    found = []
    for name, choice in CHOICES.items():
        options = data["by_choice"].get(name, {})
        others = {
            key: option["bcr"]
            for key, option in options.items()
            if key != _own(edition, name) and option["bcr"] is not None
        }
        if others and own is not None:
            moves = max(abs(value - own) for value in others.values())
            found.append((moves, name, choice, others))
    largest = sorted(found, key=lambda each: (-each[0], each[1]))[:CHOICES_SHOWN]
    return [
        {
            "name": name,
            "heading": choice.heading,
            "done": choice.done[_own(edition, name)],
            "others": [f"{per_pound(value)} {choice.otherwise[key]}" for key, value in others.items()],
        }
        for _, name, choice, others in largest
    ]


def span_of_choices(data: Mapping[str, Any]) -> dict[str, float]:
    """Return the lowest and the highest ratio when one choice at a time is changed; nothing without a ratio."""
    ratios = [
        option["bcr"]
        for options in data["by_choice"].values()
        for option in options.values()
        if option["bcr"] is not None
    ]
    return {"lowest": min(ratios), "highest": max(ratios)} if ratios else {}


def _own(edition: Edition, choice: str) -> str:
    """The option that the edition takes; prices are a choice of scenarios alone, of which it takes its own."""
    return str(getattr(edition, choice, "edition's prices"))
