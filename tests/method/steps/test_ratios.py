"""Ratios, and the values at which they would turn."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.method.steps.ratios import further_fall, ratio, switching_deadweight

pounds = st.floats(1, 1e10)


def test_value_per_pound_paid() -> None:
    assert ratio(300, 200) == 1.5
    assert ratio(-300, 200) == -1.5


@pytest.mark.parametrize("paid", [0, -1])
def test_without_payments_there_is_no_ratio(paid: float) -> None:
    assert math.isnan(ratio(300, paid))


@pytest.mark.parametrize("value", [0, -1])
def test_without_value_there_is_nothing_to_lose(value: float) -> None:
    assert math.isnan(switching_deadweight(value, 100))
    assert math.isnan(further_fall(value, 100))


@given(pounds, pounds)
def test_at_the_switching_deadweight_value_equals_payments(gross: float, paid: float) -> None:
    assert gross * (1 - switching_deadweight(gross, paid)) == pytest.approx(paid, rel=1e-6)


@given(pounds, pounds)
def test_after_the_further_fall_value_equals_payments(net: float, paid: float) -> None:
    assert net * (1 - further_fall(net, paid)) == pytest.approx(paid, rel=1e-6)


@given(pounds, pounds)
def test_there_is_room_to_fall_exactly_where_the_ratio_is_above_one(value: float, paid: float) -> None:
    assert (switching_deadweight(value, paid) > 0) == (ratio(value, paid) > 1)
