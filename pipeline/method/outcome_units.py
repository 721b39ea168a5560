"""From reported metrics to units of an outcome.

Belongs here: mapping, conversion of units, ladders and the three time conventions. Money comes later.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.ladders import longest_time, measured_time, projected_time
from pipeline.method.units import UnitError, conversion, is_time
from pipeline.tables.reference import is_priced
from pipeline.tables.vocabulary import COUNTED_TREATMENTS

KEYS = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]
COLUMNS = [
    *KEYS,
    "ladder",
    "unit",
    "people",
    "units",
    "units_low",
    "units_high",
    "is_estimated",
    "metric_ids",
    "sum",
]


@dataclass(frozen=True)
class _Units:
    """Units of one group of metrics: what the edition counts, the bounds, who began, and the sum in words."""

    people: float
    units: float
    low: float
    high: float
    words: str


def mapped_outcomes(
    outcomes: pd.DataFrame, metric_outcomes: pd.DataFrame, outcome_types: pd.DataFrame
) -> pd.DataFrame:
    """Join each reported metric to its treatment and outcome; row for row.

    Adds the columns of ``metric_outcomes`` and, of the outcome, ``outcome_unit, ladder`` (its own id where it has
    none). Raises ``ValueError`` when rows would be lost or multiplied.
    """
    types = outcome_types[["outcome_id", "unit", "ladder"]].rename(columns={"unit": "outcome_unit"})
    mapping = metric_outcomes.drop(columns="source_id").merge(types, on="outcome_id", validate="many_to_one")
    mapping["ladder"] = mapping["ladder"].where(mapping["ladder"] != "", mapping["outcome_id"])
    joined = outcomes.merge(mapping, on=["contract_id", "metric_id"], validate="one_to_one")
    if len(joined) != len(outcomes):
        raise ValueError(f"{len(outcomes)} results came in, {len(joined)} are mapped")
    return joined


def outcome_units(
    mapped: pd.DataFrame, edition: Edition, factors: npt.NDArray[np.float64]
) -> pd.DataFrame:
    """Return the units of each outcome of each contract under the edition's time convention.

    ``mapped``: ``mapped_outcomes`` of ``outcomes_in_scope``; ``factors``: discount factors by year. One row per
    contract, outcome, whether it is counted and whether it is net already; ``units`` in ``unit`` (the outcome's),
    with ``units_low`` (as far as measured) and ``units_high`` (the most that the counts allow up to the horizon),
    ``people`` who began, and ``sum``, the arithmetic in words. Raises ``UnitError`` for units that do not agree.
    """
    priced = mapped[is_priced(mapped["treatment"])].copy()
    priced["is_counted"] = priced["treatment"].isin(COUNTED_TREATMENTS)
    sustained = _ladders_with_sustained_rungs(priced)
    rows = []
    for key, metrics in priced.groupby(KEYS, sort=True):
        contract_id, ladder = key[0], str(metrics["ladder"].iloc[0])
        units = _group_units(metrics, edition, factors, (contract_id, ladder) in sustained)
        rows.append(
            {
                **dict(zip(KEYS, key, strict=True)),
                "ladder": ladder,
                "unit": metrics["outcome_unit"].iloc[0],
                "people": units.people,
                "units": units.units,
                "units_low": units.low,
                "units_high": units.high,
                "is_estimated": bool(metrics["is_estimated"].any()),
                "metric_ids": "; ".join(metrics["metric_id"]),
                "sum": units.words,
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def _ladders_with_sustained_rungs(priced: pd.DataFrame) -> set[tuple[str, str]]:
    """Ladders of which some branch reports people beyond the entry: there the entry is not counted as well."""
    rungs = priced[priced["is_counted"] & (priced["milestone"].fillna(0) > 0)]
    return set(zip(rungs["contract_id"], rungs["ladder"], strict=True))


def _group_units(
    metrics: pd.DataFrame, edition: Edition, factors: npt.NDArray[np.float64], ladder_is_sustained: bool
) -> _Units:
    """Units of the metrics of one outcome: one ladder of its rungs, plus each metric that stands alone."""
    rungs = metrics[metrics["treatment"] != "valued"]
    alone = [metrics.loc[[index]] for index in metrics.index[metrics["treatment"] == "valued"]]
    cohorts = ([rungs] if len(rungs) else []) + alone
    parts = [_cohort_units(cohort, edition, factors, ladder_is_sustained) for cohort in cohorts]
    return _Units(
        people=sum(part.people for part in parts),
        units=sum(part.units for part in parts),
        low=sum(part.low for part in parts),
        high=sum(part.high for part in parts),
        words=" + ".join(part.words for part in parts),
    )


def _cohort_units(
    cohort: pd.DataFrame, edition: Edition, factors: npt.NDArray[np.float64], ladder_is_sustained: bool
) -> _Units:
    unit, outcome_unit = str(cohort["unit"].iloc[0]), str(cohort["outcome_unit"].iloc[0])
    by_person = unit == "person" and outcome_unit != "person" and cohort["units_per_quantity"].isna().all()
    if not by_person:
        return _direct_units(cohort)
    cohort = cohort.sort_values("milestone")
    counts = [float(n) for n in cohort["quantity_counted"]]
    if is_time(outcome_unit):
        milestones = [_milestone_years(row.milestone, row.milestone_unit) for row in cohort.itertuples()]
        units = _time_ladder(counts, milestones, edition, factors, ladder_is_sustained)
        scale = conversion("year", outcome_unit)
        return _Units(units.people, units.units * scale, units.low * scale, units.high * scale, units.words)
    if outcome_unit == "pound":
        return _pound_ladder(counts, [float(m) for m in cohort["milestone"]])
    raise UnitError(f"{unit!r} cannot be converted into {outcome_unit!r} ({cohort['contract_id'].iloc[0]})")


def _direct_units(cohort: pd.DataFrame) -> _Units:
    """Metrics already in units of the outcome, or convertible, or with a stated conversion: they simply add."""
    total, words = 0.0, []
    for row in cohort.itertuples():
        stated = row.units_per_quantity
        factor = float(stated) if pd.notna(stated) else conversion(row.unit, row.outcome_unit)
        total += row.quantity_counted * factor
        words.append(_times(row.quantity_counted, row.unit, factor, row.outcome_unit))
    return _Units(total, total, total, total, " + ".join(words))


def _times(quantity: float, unit: str, factor: float, outcome_unit: str) -> str:
    said = f"{_plain(quantity)} {unit}s"
    if factor == 1:
        return said
    if factor < 1:
        return f"{said} / {_plain(1 / factor)} {unit}s per {outcome_unit}"
    return f"{said} × {_plain(factor)}"


def _milestone_years(milestone: float, unit: str) -> float:
    """Years since the outcome began; a metric without a milestone was seen only at its beginning."""
    return 0.0 if pd.isna(milestone) else float(milestone) * conversion(unit, "year")


def _time_ladder(
    counts: Sequence[float],
    milestones: Sequence[float],
    edition: Edition,
    factors: npt.NDArray[np.float64],
    ladder_is_sustained: bool,
) -> _Units:
    low = measured_time(counts, milestones)
    high = longest_time(counts, milestones, edition.horizon_years)
    if edition.time_convention == "annual":
        units, words = _annual(counts, milestones, edition.annual_rung, ladder_is_sustained)
    elif edition.time_convention == "horizon":
        projected = projected_time(counts, milestones, edition.horizon_years, factors)
        units, words = low + projected, f"{_steps(counts, milestones)} + {_plain(projected)} projected"
    else:
        units, words = low, _steps(counts, milestones)
    return _Units(counts[0], units, low, high, words)


def _annual(
    counts: Sequence[float], milestones: Sequence[float], annual_rung: str, ladder_is_sustained: bool
) -> tuple[float, str]:
    """One year for each person at the rung that counts: the first sustained one where the ladder has one."""
    if annual_rung == "entry":
        return counts[0], f"{_plain(counts[0])} people × 1 year"
    for count, milestone in zip(counts, milestones, strict=True):
        if milestone > 0:
            return count, f"{_plain(count)} people at the first sustained rung × 1 year"
    if ladder_is_sustained:
        return 0.0, "entry only: the same people are counted at a sustained rung"
    return counts[0], f"{_plain(counts[0])} people at entry × 1 year"


def _pound_ladder(counts: Sequence[float], milestones: Sequence[float]) -> _Units:
    """Thresholds of money are a ladder in pounds, the same under every time convention; none projects earnings."""
    low = measured_time(counts, milestones)
    steps = np.diff([0.0, *milestones])
    words = " + ".join(f"{_plain(n)} × £{_plain(step)}" for n, step in zip(counts, steps, strict=True))
    return _Units(counts[0], low, low, longest_time(counts, milestones, milestones[-1]), words)


def _steps(counts: Sequence[float], milestones: Sequence[float]) -> str:
    steps = np.diff([0.0, *milestones])
    return " + ".join(f"{_plain(n)} × {_plain(step)} years" for n, step in zip(counts, steps, strict=True))


def _plain(number: float) -> str:
    return f"{number:,.4f}".rstrip("0").rstrip(".")
