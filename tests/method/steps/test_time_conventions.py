"""Time conventions: each word of the vocabulary has a function, and what is varied under it is what it asks."""

from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest

from pipeline.facts.editions import Edition
from pipeline.method.analysis.scenarios import TIME, TIMES
from pipeline.method.steps.time_conventions import CONVENTIONS, Rungs, convention_of, is_asked
from pipeline.tables.vocabulary import DISCOUNTINGS, RUNGS_COUNTED_ONCE, TIME_CONVENTIONS

FACTORS = np.ones(61)


def test_every_word_has_a_function_and_asks_choices_that_there_are() -> None:
    assert list(CONVENTIONS) == list(TIME_CONVENTIONS)
    choices = {field.name for field in fields(Edition)}
    assert {choice for convention in CONVENTIONS.values() for choice in convention.asks} <= choices


@pytest.mark.parametrize(
    ("convention", "years"),
    # 100 who began, 80 at half a year, 40 at a year.
    [("measured", 80 * 0.5 + 40 * 0.5), ("annual", 80), ("horizon", None)],
)
def test_each_counts_its_own_years_of_one_ladder(
    convention: str, years: float | None, make_edition: Callable[..., Edition]
) -> None:
    rungs = Rungs([100.0, 80.0, 40.0], [0.0, 0.5, 1.0], is_entered=True, is_sustained=True)
    edition = make_edition(time_convention=convention, horizon_years=3.0)
    found, words = convention_of(edition).years(rungs, edition, FACTORS)
    assert words()
    if years is None:
        # Half of them are gone after each half year: the area under that curve, for two years more.
        assert found == pytest.approx(60 + 40 * (1 - 0.5**4) / (2 * np.log(2)))
    else:
        assert found == pytest.approx(years)


def test_a_choice_has_a_say_where_it_is_asked(make_edition: Callable[..., Edition]) -> None:
    under = {name: make_edition(time_convention=name) for name in CONVENTIONS}
    assert [is_asked("annual_rung", edition) for edition in under.values()] == [False, True, False]
    assert [is_asked("horizon_years", edition) for edition in under.values()] == [False, False, True]
    assert all(is_asked("deadweight_layer", edition) for edition in under.values())


def test_scenarios_vary_under_each_what_it_asks() -> None:
    assert TIME[0] == "time_convention"
    varied = {name: [options for convention, *options in TIMES if convention == name] for name in CONVENTIONS}
    assert varied == {
        "measured": [["", ""]],
        "annual": [[rung, ""] for rung in RUNGS_COUNTED_ONCE],
        "horizon": [["", discounting] for discounting in DISCOUNTINGS],
    }
