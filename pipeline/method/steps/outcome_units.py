"""From reported metrics to units of an outcome.

Belongs here: mapping, conversion of units, ladders of time and of pounds. Which years a time convention counts stands
in ``time_conventions``. Money comes later.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.ladders import longest_time, measured_time
from pipeline.method.steps.time_conventions import Factors, Rungs, at_least, convention_of, plain
from pipeline.tables.ladders import milestone_years
from pipeline.tables.raw import RawOutcomes
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes, is_priced
from pipeline.tables.typed import DataFrame
from pipeline.tables.units import UnitError, conversion, is_time
from pipeline.tables.valuation import OutcomesInScope, OutcomeUnits
from pipeline.tables.vocabulary import COUNTED_TREATMENTS, MAPPING_GRADES

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
    "mapping_grade",
    "sum",
]
# What ``mapped_outcomes`` adds to a result.
MAPPED = [
    *("outcome_id", "outcome_unit", "ladder", "milestone", "milestone_unit", "quantity_per_unit"),
    *("treatment", "mapping_grade", "reason"),
]
_FROM_BEST_TO_WORST = list(MAPPING_GRADES)


class _Metric(NamedTuple):
    """What is needed of a mapped metric."""

    contract_id: str
    outcome_id: str
    is_counted: bool
    is_net_of_deadweight: bool
    ladder: str
    outcome_unit: str
    metric_id: str
    treatment: str
    unit: str
    quantity: float
    quantity_counted: float
    quantity_per_unit: float
    milestone: float
    milestone_unit: str
    is_estimated: bool
    mapping_grade: str

    def key(self) -> tuple[str, str, bool, bool]:
        """Return the group to which the metric belongs: its ``KEYS``."""
        return self.contract_id, self.outcome_id, self.is_counted, self.is_net_of_deadweight

    def ladder_key(self) -> tuple[str, str]:
        """Return the ladder to which the metric belongs, within its contract."""
        return self.contract_id, self.ladder

    def is_withheld(self) -> bool:
        """Whether nobody may know how many there are; then ``quantity_counted`` is 0."""
        return math.isnan(self.quantity)

    def count_or_nan(self) -> float:
        """Return how many count, or not a number where it is withheld."""
        return math.nan if self.is_withheld() else self.quantity_counted

    def milestone_years(self) -> float:
        """Years since the outcome began."""
        return milestone_years(self.milestone, self.milestone_unit)


@dataclass(frozen=True)
class _Begun:
    """Ladders, by contract, of which some branch reports an entry, and those of which some reports people beyond."""

    entered: set[tuple[str, str]]
    sustained: set[tuple[str, str]]

    def on(self, ladder: tuple[str, str]) -> tuple[bool, bool]:
        """Return whether the ladder is entered and whether it is sustained."""
        return ladder in self.entered, ladder in self.sustained


@dataclass(frozen=True)
class _Units:
    """Units that are the same under every time convention: who began, units, their bounds, and the sum in words."""

    people: float
    units: float
    low: float
    high: float
    words: str

    def units_at(self, edition: Edition, factors: Factors) -> float:
        """Return the units that an edition counts."""
        return self.units

    def at(self, edition: Edition, factors: Factors) -> "_Units":
        """Return what an edition makes of them."""
        return self


@dataclass(frozen=True)
class _TimeLadder:
    """A ladder of time: its years depend on the time convention. ``units_per_year``: units of the outcome in a year."""

    rungs: Rungs
    units_per_year: float

    def units_at(self, edition: Edition, factors: Factors) -> float:
        """Return the units that an edition counts."""
        return convention_of(edition).years(self.rungs, edition, factors)[0] * self.units_per_year

    def at(self, edition: Edition, factors: Factors) -> _Units:
        """Return what an edition makes of it."""
        years, words = convention_of(edition).years(self.rungs, edition, factors)
        shown, scale = _shown(self.rungs.counts, self.rungs.milestones), self.units_per_year
        high = longest_time(*shown, edition.horizon_years)
        return _Units(shown[0][0], years * scale, self.rungs.measured * scale, high * scale, words())


@dataclass(frozen=True)
class _Group:
    """What makes one row: metrics of one key, as one ladder of its rungs plus each metric that stands alone."""

    key: tuple[str, str, bool, bool]
    metrics: Sequence[_Metric]
    parts: Sequence[_Units | _TimeLadder]


def mapped_outcomes(
    outcomes: DataFrame[RawOutcomes], metric_outcomes: DataFrame[MetricOutcomes], outcome_types: DataFrame[OutcomeTypes]
) -> pd.DataFrame:
    """Join each reported metric to its treatment and outcome; row for row.

    Adds ``MAPPED``: the columns of ``metric_outcomes``, its ``grade`` as ``mapping_grade``, and, of the outcome,
    ``outcome_unit, ladder`` (its own id where it has none). Raises ``ValueError`` when rows would be lost or
    multiplied.
    """
    types = with_ladder(outcome_types)[["outcome_id", "unit", "ladder"]].rename(columns={"unit": "outcome_unit"})
    mapping = metric_outcomes.drop(columns="source_id").rename(columns={"grade": "mapping_grade"})
    mapping = mapping.merge(types, on="outcome_id", validate="many_to_one")
    joined = outcomes.merge(mapping, on=["contract_id", "metric_id"], validate="many_to_one")
    if len(joined) != len(outcomes):
        raise ValueError(f"{len(outcomes)} results came in, {len(joined)} are mapped")
    return joined


def with_ladder(outcome_types: DataFrame[OutcomeTypes]) -> DataFrame[OutcomeTypes]:
    """Return the outcome types, each with a ladder: its own id where it has none."""
    ladder = outcome_types["ladder"]
    return outcome_types.assign(ladder=ladder.where(ladder != "", outcome_types["outcome_id"]))


def outcome_units(mapped: DataFrame[OutcomesInScope], edition: Edition, factors: Factors) -> DataFrame[OutcomeUnits]:
    """Return the units of each outcome of each contract under the edition's time convention.

    ``factors``: discount factors by year. One row per contract, outcome, whether it is counted and whether it is net
    already; ``units`` in ``unit`` (the outcome's), with ``units_low`` (as far as measured) and ``units_high`` (the most
    that the counts allow up to the horizon), ``people`` who began, ``mapping_grade``, the worst of the metrics, and
    ``sum``, the arithmetic in words. What is withheld makes no line: one of £0 would be wrong. Beside other rungs of
    its ladder it counts as nobody, which is the least that it can be, and no bound above. Raises ``UnitError`` for
    units that do not agree.
    """
    rows = []
    for group in _groups(mapped):
        units = [part.at(edition, factors) for part in group.parts]
        rows.append(
            (
                *group.key,
                group.metrics[0].ladder,
                group.metrics[0].outcome_unit,
                sum(part.people for part in units),
                sum(part.units for part in units),
                sum(part.low for part in units),
                sum(part.high for part in units),
                any(m.is_estimated for m in group.metrics),
                "; ".join(m.metric_id for m in group.metrics),
                _worst(m.mapping_grade for m in group.metrics),
                " + ".join(part.words for part in units),
            )
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def units_under(mapped: DataFrame[OutcomesInScope], choices: Sequence[tuple[Edition, Factors]]) -> Factors:
    """Return the ``units`` of each row of ``outcome_units`` under some editions and their factors: choices × rows."""
    groups = _groups(mapped)
    return np.array(
        [[sum(part.units_at(*choice) for part in group.parts) for group in groups] for choice in choices],
        dtype=np.float64,
    )


def _groups(mapped: DataFrame[OutcomesInScope]) -> list[_Group]:
    """The groups that make a row each, in order. Raises ``UnitError`` for units that do not agree."""
    priced = mapped[is_priced(mapped["treatment"])]
    priced = priced.assign(is_counted=priced["treatment"].isin(COUNTED_TREATMENTS))
    # Plain records: a few hundred small groups are many times faster than as many small tables.
    columns = (priced[name].to_list() for name in _Metric._fields)
    metrics = [_Metric._make(row) for row in zip(*columns, strict=True)]
    begun = _Begun(
        entered={m.ladder_key() for m in metrics if m.is_counted and not m.milestone > 0},
        sustained={m.ladder_key() for m in metrics if m.is_counted and m.milestone > 0},
    )
    by_key: dict[tuple[str, str, bool, bool], list[_Metric]] = defaultdict(list)
    for metric in metrics:
        by_key[metric.key()].append(metric)
    with_a_count = ((key, _with_a_count(by_key[key])) for key in sorted(by_key))
    return [_Group(key, group, _parts(group, begun)) for key, group in with_a_count if group]


def _with_a_count(group: Sequence[_Metric]) -> list[_Metric]:
    """The metrics that make a line: all that are not withheld, and beside a rung of these the rungs that are."""
    is_ladder = any(metric.treatment != "valued" and not metric.is_withheld() for metric in group)
    return [m for m in group if not m.is_withheld() or (m.treatment != "valued" and is_ladder)]


def _worst(grades: Iterable[str]) -> str:
    """The worst grade: a sum is no better than the least of what goes into it."""
    return max(grades, key=_FROM_BEST_TO_WORST.index)


def _parts(group: Sequence[_Metric], begun: _Begun) -> list[_Units | _TimeLadder]:
    """The metrics of one outcome: one ladder of its rungs, plus each metric that stands alone."""
    rungs = [metric for metric in group if metric.treatment != "valued"]
    cohorts = ([rungs] if rungs else []) + [[metric] for metric in group if metric.treatment == "valued"]
    return [_part(cohort, begun) for cohort in cohorts]


def _part(cohort: Sequence[_Metric], begun: _Begun) -> _Units | _TimeLadder:
    first = cohort[0]
    if len({(metric.unit, math.isnan(metric.quantity_per_unit)) for metric in cohort}) > 1:
        raise UnitError(f"the rungs of {first.outcome_id!r} are not counted alike ({first.contract_id})")
    is_ladder = first.unit == "person" and first.outcome_unit != "person" and math.isnan(first.quantity_per_unit)
    if not is_ladder:
        return _direct_units(cohort)
    if is_time(first.outcome_unit):
        cohort = sorted(cohort, key=_Metric.milestone_years)
        milestones = [metric.milestone_years() for metric in cohort]
        counts = [metric.count_or_nan() for metric in cohort]
        rungs = Rungs(counts, milestones, *begun.on(first.ladder_key()))
        return _TimeLadder(rungs, conversion("year", first.outcome_unit))
    if first.outcome_unit == "pound":
        cohort = sorted(cohort, key=lambda metric: metric.milestone)
        return _pound_ladder([metric.count_or_nan() for metric in cohort], [metric.milestone for metric in cohort])
    raise UnitError(f"{first.unit!r} cannot be converted into {first.outcome_unit!r} ({first.contract_id})")


def _direct_units(cohort: Sequence[_Metric]) -> _Units:
    """Metrics already in units of the outcome, or convertible, or with a stated conversion: they simply add."""
    total, words = 0.0, []
    for metric in cohort:
        stated = metric.quantity_per_unit
        factor = conversion(metric.unit, metric.outcome_unit) if math.isnan(stated) else 1 / stated
        total += metric.quantity_counted * factor
        words.append(_times(metric.count_or_nan(), metric.unit, factor, metric.outcome_unit))
    return _Units(total, total, total, total, " + ".join(words))


def _times(quantity: float, unit: str, factor: float, outcome_unit: str) -> str:
    said = f"{plain(quantity)} {unit}s"
    if factor == 1:
        return said
    if factor < 1:
        return f"{said} / {plain(1 / factor)} {unit}s per {outcome_unit}"
    return f"{said} × {plain(factor)}"


def _shown(counts: Sequence[float], milestones: Sequence[float]) -> tuple[list[float], list[float]]:
    """Counts and milestones of the rungs that are not withheld."""
    rungs = [(n, m) for n, m in zip(counts, milestones, strict=True) if not math.isnan(n)]
    return [n for n, _ in rungs], [m for _, m in rungs]


def _pound_ladder(counts: Sequence[float], milestones: Sequence[float]) -> _Units:
    """Thresholds of money are a ladder in pounds, the same under every time convention; none projects earnings."""
    low, shown = measured_time(at_least(counts), milestones), _shown(counts, milestones)
    steps = (after - before for before, after in pairwise([0.0, *milestones]))
    words = " + ".join(f"{plain(n)} × £{plain(step)}" for n, step in zip(counts, steps, strict=True))
    return _Units(shown[0][0], low, low, longest_time(*shown, milestones[-1]), words)
