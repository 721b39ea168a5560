"""Draws have the moments that they should have, and depend on the seed and on nothing else."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.method.analysis.draws import Draws, NoTriangleError, drawn, reach
from pipeline.method.analysis.simulation import Simulation
from tests.method.analysis.made_up_ratios import (
    DRAWS,
    ERRORS,
    table,
)

pounds = st.floats(1, 1e6)
# Where central lies between low and high: at neither end.
inside = st.floats(0.02, 0.98)


@given(low=pounds, place=inside, width=st.floats(1, 1e6), seed=st.integers(0, 5))
def test_draws_have_central_as_their_mean_whatever_the_range(low: float, place: float, width: float, seed: int) -> None:
    central, high = low + place * width, low + width
    used = table(a=(low, central, high))
    draws, ((least, most),) = drawn(used, DRAWS, seed)[0], reach(used)
    # The variance of a beta distribution whose two parameters add up to 6.
    deviation = math.sqrt((central - least) * (most - central) / 7)
    assert (draws >= least - 1e-6 * width).all()
    assert (draws <= most + 1e-6 * width).all()
    assert draws.mean() == pytest.approx(central, abs=ERRORS * deviation / math.sqrt(DRAWS) + 1e-9)
    assert draws.std() == pytest.approx(deviation, rel=0.06)


@given(low=st.floats(0, 0.5), place=inside, width=st.floats(0.01, 0.5), seed=st.integers(0, 5))
def test_shares_are_drawn_between_none_and_all(low: float, place: float, width: float, seed: int) -> None:
    central, high = low + place * width, low + width
    for kind in ("deadweight", "hours_weight"):
        draws = drawn(table(a=(low, central, high)).assign(kind=kind), DRAWS, seed)[0]
        assert draws.min() >= 0
        assert draws.max() <= 1
        assert draws.mean() == pytest.approx(central, abs=ERRORS * draws.std() / math.sqrt(DRAWS) + 1e-9)


def test_where_a_study_shows_harm_a_rate_is_drawn_above_one() -> None:
    harm = table(a=(0.7, 1.0, 1.3)).assign(kind="deadweight")
    np.testing.assert_allclose(reach(harm), [[1 - 0.3 * 1.415, 1 + 0.3 * 1.415]])
    assert (drawn(harm, DRAWS, seed=1)[0] > 1).mean() == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(reach(table(a=(0.7, 0.9, 1.0)).assign(kind="deadweight"))[0, 1], 1.0)


@pytest.mark.parametrize("place", [0.06, 0.07, 0.085, 0.1, 0.115, 0.14, 0.23, 0.37, 0.5, 0.66, 0.9])
def test_95_of_100_draws_lie_between_low_and_high(place: float) -> None:
    draws = drawn(table(a=(100.0, 100 + place * 50, 150.0)), 200_000, seed=1)[0]
    below, above = (draws < 100).mean(), (draws > 150).mean()
    assert below + above == pytest.approx(0.05, abs=0.004)
    if place == 0.5:
        assert (below, above) == (pytest.approx(0.025, abs=0.002), pytest.approx(0.025, abs=0.002))


def test_triangles_have_central_as_their_mean_or_are_refused(make_edition: Callable[..., Edition]) -> None:
    draws = drawn(table(a=(100.0, 120.0, 150.0)), DRAWS, seed=1, distribution="triangular")[0]
    assert draws.mean() == pytest.approx(120, abs=ERRORS * draws.std() / math.sqrt(DRAWS))
    some = table(a=(100.0, 105.0, 150.0), b=(100.0, 120.0, 150.0), c=(7.0, 7.0, 7.0), d=(10.0, 190.5, 200.0))
    edition = make_edition(edition="sharp", distribution="triangular")
    with pytest.raises(NoTriangleError) as refused:
        Draws(Simulation(draws=100)).values(some, edition)
    # As they stand in their rows, and not how far beyond them is drawn.
    assert (refused.value.edition, refused.value.found) == (
        "sharp",
        ["a: low 100, central 105, high 150", "d: low 10, central 190.5, high 200"],
    )
    assert Draws(Simulation(draws=100)).values(some.iloc[1:3], edition).shape == (2, 100)


def test_what_is_certain_is_not_drawn() -> None:
    assert (drawn(table(a=(3.0, 3.0, 3.0)), 10, seed=1) == 3.0).all()
    assert (drawn(table(a=(1.0, 3.0, 9.0)), 10, seed=1, distribution="fixed") == 3.0).all()


def test_draws_depend_on_the_seed_and_on_nothing_else() -> None:
    alone = drawn(table(b=(1, 2, 3)), 100, seed=7)
    among_others = drawn(table(a=(0, 1, 2), b=(1, 2, 3), c=(5, 6, 7)), 100, seed=7)
    in_another_order = drawn(table(c=(5, 6, 7), b=(1, 2, 3), a=(0, 1, 2)), 100, seed=7)
    np.testing.assert_array_equal(alone[0], among_others[1])
    np.testing.assert_array_equal(alone[0], in_another_order[1])
    np.testing.assert_array_equal(alone[0], drawn(table(b=(1, 2, 3)), 300, seed=7)[0, :100])
    assert not (alone == drawn(table(b=(1, 2, 3)), 100, seed=8)).any()
    correlations = np.atleast_2d(np.corrcoef(among_others))
    assert abs(correlations[0, 1]) < ERRORS / math.sqrt(100)


@given(low=st.floats(1e7, 1e8), place=inside, width=st.floats(1, 1e6), more=st.floats(0, 1e6))
def test_a_wider_range_never_has_less_variance(low: float, place: float, width: float, more: float) -> None:
    """As a formula, without any error of sampling; of a range that nothing cuts, far from nothing."""
    central = low + place * width

    def variance(least: float, most: float) -> float:
        ((start, end),) = reach(table(a=(least, central, most)))
        return float((central - start) * (end - central) / 7)

    before = variance(low, low + width)
    assert variance(low, low + width + more) >= before * (1 - 1e-9)
    assert variance(low - more, low + width) >= before * (1 - 1e-9)


@pytest.mark.parametrize(("draws", "seed"), [(99, 1), (1_000_001, 1), (1000, -1)])
def test_a_simulation_that_says_nothing_is_refused(draws: int, seed: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        Simulation(draws, seed)
