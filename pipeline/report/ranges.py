"""What readers are told of the range of an edition's ratio, and of an edition whose values are floors or ceilings.

Belongs here: when a range is shown, the sentences that say what it is a range of, and the ranges of the parameters of
a line of value. ``method.analysis.uncertainty`` works a range out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import rate_ids, taken_rates
from pipeline.method.steps.value import SAME_BENEFIT
from pipeline.report.rows import Row
from pipeline.report.wording import percent

# What the ratios of an edition are that takes an end of every unit cost.
BOUNDS = {"low": "floor", "high": "ceiling"}
# Of simulations and of one parameter at a time: which of two values counts is decided once, by the edition.
KEPT_THROUGHOUT = (
    "Where two outcomes bring the same benefit, the one that counts in this edition counts throughout. A new run "
    "decides again, so its figures can differ slightly."
)


def ranges_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``uncertainty`` of a headline; nothing where the ratio of public value has no range worth showing."""
    sure = data["uncertainty"]
    return sure if sure and sure["bcr"]["has_range"] else {}


def said_of_the_bound(edition: Edition) -> str:
    """Return, of an edition that takes an end of every unit cost, what its values are; of others nothing."""
    if edition.unit_value_level == "central":
        return ""
    kind, end = {"low": ("cheapest", "lowest"), "high": ("dearest", "highest")}[edition.unit_value_level]
    words = (
        f"Every value in this edition is a {BOUNDS[edition.unit_value_level]} in its unit costs: each is the {end} in "
        f"the {edition.value_set} price list. That is its {kind} kind, or the {edition.unit_value_level} end of its "
        "range, or its only value where neither is known."
    )
    if edition.deadweight_layer == "none":
        words += " Nothing is taken off for what would have happened anyway (deadweight); that would lower the ratio."
    return words


def said_of_the_range(edition: Edition, data: Mapping[str, Any]) -> str:
    """Return what the range of the market's ratio is a range of, or why none is given; nothing without a ratio."""
    sure = data["uncertainty"]
    if not sure:
        return ""
    if edition.distribution == "fixed":
        return "There is no range: this edition keeps every parameter at its central value."
    drawn, fixed = sure["bcr"]["drawn_share"], sure["bcr"]["fixed_unit_cost_share"]
    at_level = f"unit costs stay at their {edition.unit_value_level} level"
    if not sure["bcr"]["has_range"]:
        why = f", because {at_level}" if edition.unit_value_level != "central" else ""
        return f"There is no range: the simulations do not vary {percent(1 - drawn)} of the value{why}."
    rates = ["weights of hours"] if edition.deadweight_layer == "none" else ["weights of hours", "rates of deadweight"]
    if edition.unit_value_level != "central":
        return (
            f"The range is of the {BOUNDS[edition.unit_value_level]} itself. The simulations vary only "
            f"{' and '.join(rates)}; {at_level} ({percent(fixed)} of the value)."
        )
    varied = " and ".join([", ".join(["unit costs", *rates[:-1]]), rates[-1]])
    words = f"The simulations vary {varied}, each around its central value."
    if round(fixed, 2) > 0:
        words += f" Unit costs without a range stay the same: they carry {percent(fixed)} of the value."
    return words


def said_of_overlaps(overlaps: Iterable[Row]) -> str:
    """Return what a range, and a change of one parameter, leaves as it is where one of two values counts.

    ``overlaps``: rows of that table, of what the ratio is about; nothing without a value that another takes out.
    """
    return KEPT_THROUGHOUT if any(row["overlap_reason"].startswith(SAME_BENEFIT) for row in overlaps) else ""


def with_ranges(lines: pd.DataFrame, reference: Reference) -> pd.DataFrame:
    """Return lines of value with the ranges of their unit cost and of their rate, and the basis of each.

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
