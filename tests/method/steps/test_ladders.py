"""Person-time from milestone counts: its bounds, and how a ladder falls away."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.method.steps.ladders import (
    falling_away_rate,
    longest_time,
    measured_time,
    projected_time,
    rises,
    running_years,
)

Ladder = tuple[list[float], list[float]]

UNDISCOUNTED = np.ones(61)
DISCOUNTED = np.asarray(0.965 ** np.arange(61), dtype=np.float64)


@st.composite
def ladders(draw: st.DrawFn, falling: bool = True) -> Ladder:
    """Counts and milestones in years, up to five of them; falling: nobody joins on the way."""
    milestones = sorted(draw(st.lists(st.integers(0, 24), min_size=1, max_size=5, unique=True)))
    people = st.integers(0, 1000)
    counts = draw(st.lists(people, min_size=len(milestones), max_size=len(milestones)))
    counts = sorted(counts, reverse=True) if falling else counts
    return [float(n) for n in counts], [month / 12 for month in milestones]


@given(ladders(), st.floats(0, 40))
def test_of_a_falling_ladder_what_is_measured_is_at_most_what_is_possible(ladder: Ladder, horizon: float) -> None:
    counts, milestones = ladder
    low, high = measured_time(counts, milestones), longest_time(counts, milestones, horizon)
    assert 0 <= low <= high + 1e-9
    assert high <= counts[0] * max(horizon, milestones[-1]) + 1e-9


@given(ladders(), st.integers(0, 40))
def test_what_is_projected_stays_between_what_is_measured_and_what_is_possible(ladder: Ladder, horizon: int) -> None:
    counts, milestones = ladder
    low, high = measured_time(counts, milestones), longest_time(counts, milestones, horizon)
    projected = projected_time(counts, milestones, horizon, UNDISCOUNTED)
    assert low <= low + projected <= high + 1e-9
    assert projected_time(counts, milestones, horizon, DISCOUNTED) <= projected + 1e-9


@given(ladders(falling=False), st.integers(0, 40))
def test_twice_the_people_are_twice_the_time(ladder: Ladder, horizon: int) -> None:
    counts, milestones = ladder
    twice = [2 * n for n in counts]
    assert measured_time(twice, milestones) == pytest.approx(2 * measured_time(counts, milestones))
    assert longest_time(twice, milestones, horizon) == pytest.approx(2 * longest_time(counts, milestones, horizon))
    assert projected_time(twice, milestones, horizon, DISCOUNTED) == pytest.approx(
        2 * projected_time(counts, milestones, horizon, DISCOUNTED)
    )


@given(ladders())
def test_a_further_horizon_is_never_less_time(ladder: Ladder) -> None:
    counts, milestones = ladder
    for time in (
        [longest_time(counts, milestones, horizon) for horizon in range(10)],
        [projected_time(counts, milestones, horizon, DISCOUNTED) for horizon in range(10)],
    ):
        assert all(b >= a - 1e-9 for a, b in pairwise(time))


def test_people_seen_only_at_the_beginning_have_no_measured_time() -> None:
    assert measured_time([40], [0]) == 0
    assert longest_time([40], [0], 2) == 80


def test_a_horizon_before_the_last_milestone_is_taken_as_that_milestone() -> None:
    assert longest_time([10, 5], [0, 4], 1) == 5 * 4 + 5 * 4


@pytest.mark.parametrize(("counts", "is_rising"), [([3, 2, 2], False), ([3, 2, 3], True), ([5], False), ([0, 1], True)])
def test_a_ladder_that_rises_is_told(counts: list[float], is_rising: bool) -> None:
    assert rises(counts) is is_rising


@pytest.mark.parametrize("time", [measured_time, lambda counts, milestones: longest_time(counts, milestones, 5)])
@pytest.mark.parametrize(
    ("counts", "milestones"),
    [([], []), ([1, 2], [1]), ([1], [1, 2]), ([2, 1], [1, 1]), ([2, 1], [2, 1]), ([2, 1], [-1, 1])],
)
def test_what_is_no_ladder_is_refused(
    time: Callable[[Sequence[float], Sequence[float]], float], counts: Sequence[float], milestones: Sequence[float]
) -> None:
    with pytest.raises(ValueError, match=r"ladder|milestones"):
        time(counts, milestones)


# --- Falling away -------------------------------------------------------------------------------------------


def test_a_ladder_that_halves_each_year() -> None:
    rate = falling_away_rate([100, 80, 40, 20], [0, 1, 2, 3])
    assert rate == pytest.approx(math.log(2))
    expected = 20 * (1 - 0.25) / math.log(2)
    assert projected_time([100, 80, 40, 20], [0, 1, 2, 3], 5, UNDISCOUNTED) == pytest.approx(expected)


def test_how_many_started_says_nothing_about_how_fast_they_leave() -> None:
    assert falling_away_rate([1000, 80, 40], [0, 1, 2]) == falling_away_rate([80, 80, 40], [0, 1, 2])


@pytest.mark.parametrize(
    ("counts", "milestones", "rate"),
    [
        ([40], [1], None),
        ([40, 30], [0, 1], None),
        ([0, 0], [1, 2], None),
        ([40, 0], [1, 2], math.inf),
        ([40, 40], [1, 2], 0),
        ([40, 50], [1, 2], 0),
    ],
)
def test_ladders_without_a_rate_or_with_an_extreme_one(
    counts: list[float], milestones: list[float], rate: float | None
) -> None:
    assert falling_away_rate(counts, milestones) == rate


@pytest.mark.parametrize(
    ("counts", "milestones", "horizon"),
    [([40], [1], 5), ([40, 30], [0, 1], 5), ([40, 0], [1, 2], 5), ([40, 30], [1, 2], 2), ([40, 30], [1, 2], 1)],
)
def test_nothing_is_projected_without_a_rate_or_past_the_horizon(
    counts: list[float], milestones: list[float], horizon: float
) -> None:
    assert projected_time(counts, milestones, horizon, UNDISCOUNTED) == 0


def test_each_year_of_the_projection_is_discounted_with_its_own_factor() -> None:
    factors = np.array([1, 0.9, 0.8, 0.7])
    # Nobody leaves: ten people, from half a year to three and a half.
    assert projected_time([10, 10], [0.25, 0.5], 3.5, factors) == pytest.approx(10 * (0.5 + 0.9 + 0.8 + 0.5 * 0.7))


# --- Lines that run on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("horizon", "line", "years"),
    [(3, 40, 1 + 0.9 + 0.8), (40, 2, 1 + 0.9), (2.5, 40, 1 + 0.9 + 0.4), (0.5, 40, 0.5), (4, 4, 1 + 0.9 + 0.8 + 0.7)],
)
def test_a_line_runs_to_the_horizon_or_to_its_own_end(horizon: float, line: float, years: float) -> None:
    assert running_years(horizon, line, np.array([1, 0.9, 0.8, 0.7])) == pytest.approx(years)


def test_a_line_that_runs_past_the_last_factor_is_refused_not_cut_short() -> None:
    with pytest.raises((ValueError, IndexError)):
        running_years(40, 40, np.ones(11))


def test_a_projection_past_the_last_factor_is_refused() -> None:
    with pytest.raises((ValueError, IndexError)):
        projected_time([10, 10], [1, 2], 40, np.ones(11))
