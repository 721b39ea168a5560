"""Ladders: one cohort counted at successive milestones.

Belongs here: person-time from milestone counts, its bounds, and how a ladder falls away. Milestones and times are
in one unit of the caller's choice (years throughout the pipeline); counts are people.

With milestones m1 < … < mK, counts n1 … nK and m0 = 0:

    low  = sum of n_k (m_k - m_{k-1})                                 everyone leaves just after a milestone
    high = sum over k < K of (n_k - n_{k+1}) m_{k+1} + n_K H          everyone leaves just before the next one
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt


def _checked(counts: Sequence[float], milestones: Sequence[float]) -> None:
    if len(counts) != len(milestones) or not counts:
        raise ValueError("a ladder needs one count per milestone, and at least one")
    if milestones[0] < 0 or any(b <= a for a, b in pairwise(milestones)):
        raise ValueError(f"milestones must rise from 0 or more: {list(milestones)}")


def measured_time(counts: Sequence[float], milestones: Sequence[float]) -> float:
    """Return the person-time that the counts prove: the low bound above.

    Raises ``ValueError`` when milestones do not rise, or counts and milestones differ in number.
    """
    _checked(counts, milestones)
    steps = [after - before for before, after in pairwise([0.0, *milestones])]
    return float(np.dot(counts, steps))


def longest_time(counts: Sequence[float], milestones: Sequence[float], horizon: float) -> float:
    """Return the most person-time that the counts allow up to ``horizon``: the high bound above.

    A count that rises along the ladder is taken as it is; a horizon before the last milestone is taken as the last
    milestone. Raises ``ValueError`` as ``measured_time`` does.
    """
    _checked(counts, milestones)
    leavers = [(n - following) * m for n, following, m in zip(counts, counts[1:], milestones[1:], strict=False)]
    return float(sum(leavers) + counts[-1] * max(horizon, milestones[-1]))


def rises(counts: Sequence[float]) -> bool:
    """Tell whether a count rises along the ladder, which one cohort cannot do."""
    return any(b > a for a, b in pairwise(counts))


def falling_away_rate(counts: Sequence[float], milestones: Sequence[float]) -> float | None:
    """Return the ladder's own rate of falling away, per unit of time, or None when it shows none.

    The constant rate that leads from the first sustained milestone (after 0) to the last:
    ``-ln(n_K / n_1) / (m_K - m_1)``. One sustained milestone alone shows no rate. A ladder that does not fall has
    rate 0; one that ends at no one has rate infinity.
    """
    sustained = [(n, m) for n, m in zip(counts, milestones, strict=True) if m > 0]
    if len(sustained) < 2 or sustained[0][0] <= 0:
        return None
    (first, start), (last, end) = sustained[0], sustained[-1]
    if last <= 0:
        return math.inf
    return max(0.0, -math.log(last / first) / (end - start))


def projected_time(
    counts: Sequence[float],
    milestones_years: Sequence[float],
    horizon_years: float,
    factors: npt.NDArray[np.float64],
) -> float:
    """Return the person-years expected after the last milestone, up to the horizon, discounted.

    Those still there at the last milestone fall away at the ladder's own rate; time in year t is weighted with
    ``factors[t]`` (``discount_factors``). Nothing is projected when the ladder shows no rate, or past the horizon.
    """
    rate = falling_away_rate(counts, milestones_years)
    end = milestones_years[-1]
    if rate is None or math.isinf(rate) or horizon_years <= end:
        return 0.0
    edges = [end, *[float(y) for y in range(math.floor(end) + 1, math.ceil(horizon_years))], horizon_years]
    total = 0.0
    for begin, stop in pairwise(edges):
        total += _survival_area(rate, begin - end, stop - end) * factors[math.floor(begin)]
    return float(counts[-1] * total)


def _survival_area(rate: float, begin: float, stop: float) -> float:
    """Integral of exp(-rate t) from begin to stop."""
    if rate == 0:
        return stop - begin
    return (math.exp(-rate * begin) - math.exp(-rate * stop)) / rate


def running_years(horizon_years: float, line_years: float, factors: npt.NDArray[np.float64]) -> float:
    """Return the discounted years that a line of value runs on: up to the horizon, or its own end if sooner.

    Raises ``ValueError`` when the factors end before.
    """
    end = min(horizon_years, line_years)
    if end > len(factors):
        raise ValueError(f"no discount factor for year {len(factors)}")
    whole = math.floor(end)
    part = (end - whole) * factors[whole] if end > whole else 0.0
    return float(factors[:whole].sum() + part)
