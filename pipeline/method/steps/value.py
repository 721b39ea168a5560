"""From units to pounds: gross value, net value, overlaps.

Belongs here: joining units to unit values, applying deadweight and optimism bias, counting no benefit twice. Pounds of
a line are rounded to the penny here, once, so that all sums above agree to the penny.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.additionality import with_deadweight
from pipeline.method.steps.ladders import running_years
from pipeline.method.steps.optimism_bias import with_optimism_bias
from pipeline.method.steps.time_conventions import convention_of
from pipeline.tables.parameters import Deadweight, OptimismBias
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import GrossValue, NetValue, OutcomeUnits, Overlaps, UnitValues, ValuedOutcomes

# How the reason begins of a value that is left out because another outcome brings it already.
SAME_BENEFIT = "the same benefit"


def gross_value(
    units: DataFrame[OutcomeUnits],
    values: DataFrame[UnitValues],
    edition: Edition,
    factors: npt.NDArray[np.float64],
) -> DataFrame[GrossValue]:
    """Return one row per contract, outcome and unit cost with its gross value.

    ``gross_gbp = units × unit_value_gbp``. Under a time convention that runs on, a line with a ``horizon_years`` of its
    own counts its discounted years for each person.
    Raises ``ValueError`` when an outcome has no unit value.
    """
    without = sorted(set(units["outcome_id"].unique()) - set(values["outcome_id"].unique()))
    if without:
        raise ValueError(f"outcomes without a unit value: {', '.join(without)}")
    lines = units.merge(values.drop(columns="unit"), on="outcome_id", validate="many_to_many")
    lines["units"] = line_units(lines, edition, factors)
    lines["gross_gbp"] = (lines["units"] * lines["unit_value_gbp"]).round(2)
    return lines


def line_units(lines: pd.DataFrame, edition: Edition, factors: npt.NDArray[np.float64]) -> "pd.Series[float]":
    """Return the units of each line: those of its outcome, or its years where it runs on."""
    units = lines["units"].astype(float)
    if convention_of(edition).runs_on:
        runs_on = lines["horizon_years"].notna()
        ends = lines.loc[runs_on, "horizon_years"]
        # Hundreds of lines have the same few ends.
        years = {end: running_years(edition.horizon_years, end, factors) for end in ends.unique()}
        units[runs_on] = lines.loc[runs_on, "people"] * ends.map(years)
    return units


def net_value(
    lines: DataFrame[GrossValue],
    rates: DataFrame[Deadweight],
    layer: str,
    corrections: DataFrame[OptimismBias] | None = None,
    flat_deadweight: float | None = None,
) -> DataFrame[NetValue]:
    """Add deadweight, optimism bias and ``net_gbp = gross_gbp × (1 - deadweight) × (1 - optimism_bias)``.

    ``corrections``: those that are taken off for weak evidence, if any; ``flat_deadweight``: see ``with_deadweight``. A
    count that is net already takes no
    deadweight. Raises ``NoRateError`` as ``with_deadweight`` does, ``KeyError`` as ``with_optimism_bias``.
    """
    net = with_optimism_bias(with_deadweight(lines, rates, layer, flat_deadweight), corrections)
    net["net_gbp"] = additional(net["gross_gbp"], net["deadweight"], net["optimism_bias"])
    return typed(NetValue, net)


def additional(gross: Any, deadweight: Any, optimism_bias: Any) -> Any:
    """Return ``gross × (1 - deadweight) × (1 - optimism_bias)``, of columns or arrays, rounded to the penny."""
    return (gross * (1 - deadweight) * (1 - optimism_bias)).round(2)


def without_overlaps(
    lines: DataFrame[NetValue], set_asides: str = "largest"
) -> tuple[DataFrame[ValuedOutcomes], DataFrame[Overlaps]]:
    """Split the lines into those that count and those that would count a benefit twice.

    Within a contract, lines of one ``overlap_group`` save the same money: the ladder with the largest net value in
    the group counts (the longest one where values are equal), the others do not. Metrics treated as ``overlap``
    never count. ``set_asides``: with ``none`` every ladder of a group counts. Returns ``(counted, overlaps)``, the
    latter with ``overlap_reason``.
    """
    lines = lines.reset_index(drop=True)
    is_counted = lines["is_counted"].astype(bool)
    candidates = lines[is_counted & (lines["overlap_group"] != "") & (set_asides != "none")]
    winner = counting_ladder(candidates)
    loses = candidates[candidates["ladder"] != winner]
    reasons = [
        pd.Series("the same people as another metric of the contract", lines.index[~is_counted], dtype="str"),
        f"{SAME_BENEFIT} (" + loses["overlap_group"] + "): only " + winner[loses.index] + " counts",
    ]
    reason = pd.concat(reasons).sort_index()
    return lines.drop(index=reason.index), lines.loc[reason.index].assign(overlap_reason=reason)


def with_transfers(
    lines: DataFrame[ValuedOutcomes], overlaps: DataFrame[Overlaps], transfers: str
) -> tuple[DataFrame[ValuedOutcomes], DataFrame[Overlaps]]:
    """Return the lines that count, and those that do not, with transfers where they are to count.

    With ``fiscal only`` both as they are. With ``both`` no line that counts is one of a transfer any more: it is part
    of public value like any other. With ``neither`` those lines are set aside.
    """
    if transfers == "both":
        return lines.assign(is_transfer=False), overlaps
    if transfers == "fiscal only":
        return lines, overlaps
    is_transfer = lines["is_transfer"].astype(bool)
    left = lines[is_transfer].assign(overlap_reason="a transfer, which does not count")
    return lines[~is_transfer], pd.concat([overlaps, left]).sort_index() if len(left) else overlaps


def counting_ladder(lines: pd.DataFrame) -> Any:
    """Return of each line the ladder that counts in its overlap group; see ``without_overlaps``."""
    # By number, since every step of it is taken thousands of times where valuations are many.
    group = lines.groupby(["contract_id", "overlap_group"], sort=False).ngroup().to_numpy()
    sizes = lines.groupby([group, "ladder"])
    net, units = sizes["net_gbp"].sum(), sizes["units"].max()
    groups, ladders = (net.index.get_level_values(level) for level in (0, 1))
    largest_first = np.lexsort((-units.to_numpy(np.float64), -net.to_numpy(np.float64), groups))
    first = largest_first[np.unique(groups[largest_first], return_index=True)[1]]
    return pd.Series(ladders[first].to_numpy()[group], lines.index, dtype=lines["ladder"].dtype, name="kept")
