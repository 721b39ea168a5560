"""What is said of the range of an edition's ratio, and of an edition whose values are floors or ceilings.

Belongs here: when a range is shown, and the sentences that say of what it is one. How it is worked out stands in
``method.uncertainty``.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.facts.editions import Edition
from pipeline.report.wording import percent

# What the ratios of an edition are that takes an end of every unit cost.
BOUNDS = {"low": "floor", "high": "ceiling"}


def ranges_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``uncertainty`` of a headline; nothing where the ratio of public value has no range worth showing."""
    sure = data["uncertainty"]
    return sure if sure and sure["bcr"]["has_range"] else {}


def said_of_the_bound(edition: Edition) -> str:
    """Return, of an edition that takes an end of every unit cost, what its values are; of others nothing."""
    if edition.unit_value_level == "central":
        return ""
    kind = {"low": "cheapest", "high": "dearest"}[edition.unit_value_level]
    return (
        f"Every value of this edition is a {BOUNDS[edition.unit_value_level]}: each unit cost stands at its {kind} "
        f"kind, or at the {edition.unit_value_level} end of its range."
    )


def said_of_the_range(edition: Edition, data: Mapping[str, Any]) -> str:
    """Return what the range of the market's ratio is a range of, or why none is given; nothing without a ratio."""
    sure = data["uncertainty"]
    if not sure:
        return ""
    if edition.distribution == "fixed":
        return "No range is given: this edition draws nothing, every parameter stands at its central value."
    drawn, fixed = sure["bcr"]["drawn_share"], sure["bcr"]["fixed_unit_cost_share"]
    at_level = f", and its unit costs stay at the {edition.unit_value_level} level"
    if not sure["bcr"]["has_range"]:
        why = at_level if edition.unit_value_level != "central" else ""
        return f"No range is given: {percent(1 - drawn)} of the value rests on nothing that is drawn{why}."
    rates = "weights of hours" + ("" if edition.deadweight_layer == "none" else " and rates of deadweight")
    if edition.unit_value_level != "central":
        return (
            f"The range is that of the {BOUNDS[edition.unit_value_level]} itself: only {rates} are drawn{at_level} "
            f"({percent(fixed)} of the value)."
        )
    words = f"Each unit cost and the {rates} are drawn once in each simulation, with their central value as the mean."
    if round(fixed, 2) > 0:
        words += f" {percent(fixed)} of the value has a unit cost without a range, which stays as it is."
    return words
