"""Time conventions: how the people of a ladder become years, one function for each convention.

Belongs here: what each convention counts, and which choices of an edition have a say only under it. What a convention
is called and means stands in ``tables.vocabulary``; the arithmetic of ladders stands in ``ladders``.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.facts.editions import Edition
from pipeline.method.steps.ladders import measured_time, projected_time


@dataclass(frozen=True)
class Rungs:
    """One branch of a ladder of time: people at each milestone, not a number where they are withheld; years.

    ``is_entered``, ``is_sustained``: some branch of the ladder reports an entry, or people beyond it.
    """

    counts: Sequence[float]
    milestones: Sequence[float]
    is_entered: bool
    is_sustained: bool

    @property
    def at_least(self) -> list[float]:
        """People at each milestone, nobody where they are withheld."""
        return at_least(self.counts)

    @cached_property
    def measured(self) -> float:
        """Years as far as they were measured, which most conventions begin with."""
        return measured_time(self.at_least, self.milestones)


# Units in years, and what puts the sum into words: most who ask for the units show no sum.
Years = tuple[float, Callable[[], str]]
Factors = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TimeConvention:
    """How a convention counts.

    ``years``: the years of a branch, by the choices of an edition and its discount factors. ``asks``: the choices that
    have a say only under it. ``runs_on``: a line of value with a horizon of its own counts its years up to there.
    """

    years: Callable[[Rungs, Edition, Factors], Years]
    asks: tuple[str, ...] = ()
    runs_on: bool = False


def at_least(counts: Sequence[float]) -> list[float]:
    """Return counts, nobody where they are withheld."""
    return [0.0 if math.isnan(count) else count for count in counts]


def plain(number: float) -> str:
    """Return a number as it stands in a sum in words."""
    if math.isnan(number):
        return "withheld"
    return f"{number:,.4f}".rstrip("0").rstrip(".")


def _measured(rungs: Rungs, edition: Edition, factors: Factors) -> Years:
    """Time counts as far as it was measured."""
    return rungs.measured, lambda: _measured_words(rungs)


def _measured_words(rungs: Rungs) -> str:
    steps = (after - before for before, after in pairwise([0.0, *rungs.milestones]))
    return " + ".join(
        f"{plain(people)} × {plain(step)} years" for people, step in zip(rungs.counts, steps, strict=True)
    )


def _annual(rungs: Rungs, edition: Edition, factors: Factors) -> Years:
    """One year for each person at the rung that counts, on whichever branch of the ladder it stands.

    With ``every_rung`` a year for each person at each rung after entry: the same people once for each milestone.
    """
    counts, at_least = rungs.counts, rungs.at_least
    has_entry, has_sustained = rungs.milestones[0] == 0, rungs.milestones[-1] > 0
    if edition.annual_rung == "entry" and rungs.is_entered:
        if has_entry:
            return at_least[0], lambda: f"{plain(counts[0])} people at entry × 1 year"
        return 0.0, lambda: "the same people belong to the entry of their ladder"
    if has_sustained and edition.annual_rung == "every_rung":
        places = [place for place, milestone in enumerate(rungs.milestones) if milestone > 0]
        return sum(at_least[place] for place in places), lambda: _every_rung_words([counts[p] for p in places])
    if has_sustained:
        first = next(place for place, milestone in enumerate(rungs.milestones) if milestone > 0)
        return at_least[first], lambda: f"{plain(counts[first])} people at the first sustained milestone × 1 year"
    if rungs.is_sustained:
        return 0.0, lambda: "entry only: a later milestone counts the same people"
    return at_least[0], lambda: f"{plain(counts[0])} people at entry × 1 year"


def _every_rung_words(counts: Sequence[float]) -> str:
    return " + ".join(f"{plain(people)} people × 1 year" for people in counts)


def _horizon(rungs: Rungs, edition: Edition, factors: Factors) -> Years:
    """The measured time, then the ladder's own falling away up to the horizon, discounted."""
    projected = projected_time(rungs.at_least, rungs.milestones, edition.horizon_years, factors)
    return rungs.measured + projected, lambda: f"{_measured_words(rungs)} + {plain(projected)} projected"


CONVENTIONS: Mapping[str, TimeConvention] = {
    "measured": TimeConvention(_measured),
    "annual": TimeConvention(_annual, asks=("annual_rung",)),
    "horizon": TimeConvention(_horizon, asks=("horizon_years", "discounting"), runs_on=True),
}


def convention_of(edition: Edition) -> TimeConvention:
    """Return how the time convention of an edition counts."""
    return CONVENTIONS[edition.time_convention]


def is_asked(choice: str, edition: Edition) -> bool:
    """Tell whether a choice of an edition has a say under its time convention; one that none asks always has."""
    asking = [name for name, convention in CONVENTIONS.items() if choice in convention.asks]
    return not asking or edition.time_convention in asking
