"""What the first screen of the report says: the answer, how sure it is, why another one was published, what matters.

Belongs here: choosing these few facts from the headline of an edition. The words of a choice stand in ``choice_words``,
how facts are written in ``index.html.j2``; all that follows on the page is chosen in ``index``.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

from pipeline.facts.editions import Edition
from pipeline.report.choice_words import CHOICES
from pipeline.report.rows import Row
from pipeline.report.wording import per_pound

# In how many choices the page says what matters most; the third place is that of the contracts that carry most.
CHOICES_SHOWN = 2


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
        if not choice.heading:
            continue
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
