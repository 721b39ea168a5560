"""What is said of the range of an edition's ratio, and of an edition whose values are floors or ceilings.

Belongs here: when a range is shown, the sentences that say of what it is one, and the ranges of the parameters of a
line of value. How a range is worked out stands in ``method.analysis.uncertainty``.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import rate_ids, taken_rates
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
    words = (
        f"Every value of this edition is a {BOUNDS[edition.unit_value_level]} in its unit costs, by the price list of "
        f"{edition.value_set}: each stands at its {kind} kind, at the {edition.unit_value_level} end of its range or, "
        "where neither is known, at its one value."
    )
    if edition.deadweight_layer == "none":
        words += " Nothing is taken off for what would have happened anyway; with that the ratio would be lower."
    return words


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


def with_ranges(lines: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return lines of value with the ranges of their unit cost and of their rate, and on what these rest.

    ``lines``: table ``valued_outcomes``. Adds ``unit_cost_low_gbp, unit_cost_high_gbp, unit_cost_range_basis,
    unit_cost_range_reason`` and ``deadweight_low, deadweight_high, deadweight_range_basis, deadweight_range_reason``,
    the latter missing where no rate is taken. A unit cost at another level than the central one has the range of its
    row beside it all the same: it is one of the mean.
    """
    named = {"low_gbp": "low_gbp", "high_gbp": "high_gbp", "range_basis": "range_basis", "range_reason": "range_reason"}
    costs = reference.unit_costs[["unit_cost_id", "value_set", *named]]
    costs = costs.rename(columns={name: f"unit_cost_{name}" for name in named})
    lines = lines.merge(costs, on=["unit_cost_id", "value_set"], how="left", validate="many_to_one")
    rates = reference.deadweight
    of_rates = rates.set_index(rate_ids(rates))[["low", "high", "range_basis", "range_reason"]]
    taken = taken_rates(lines[["contract_id", "outcome_id", "deadweight_layer"]], rates)
    return lines.join(of_rates.add_prefix("deadweight_"), on=taken.to_numpy())
