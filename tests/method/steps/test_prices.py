"""Price years, deflation and discounting."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.reference import Reference
from pipeline.method.steps.prices import discount_factors, price_factors
from pipeline.tables.dates import financial_year, middle_day

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2018, 3, 31), "2017-18"),
        (date(2018, 4, 1), "2018-19"),
        (date(2018, 12, 31), "2018-19"),
        (date(2019, 1, 1), "2018-19"),
        (date(1999, 4, 1), "1999-00"),
        (date(2009, 4, 1), "2009-10"),
    ],
)
def test_a_financial_year_runs_from_april_to_march(day: date, year: str) -> None:
    assert financial_year(day) == year


@given(days)
def test_a_financial_year_begins_on_the_first_of_april(day: date) -> None:
    first = int(financial_year(day)[:4])
    assert date(first, 4, 1) <= day < date(first + 1, 4, 1)


@given(st.data())
def test_restating_prices_by_way_of_another_year_changes_nothing(reference: Reference, data: st.DataObject) -> None:
    deflators = reference.gdp_deflators
    first, second, third = (data.draw(st.sampled_from(list(deflators["price_year"]))) for _ in range(3))
    by_way = price_factors(deflators, second)[first] * price_factors(deflators, third)[second]
    assert by_way == pytest.approx(price_factors(deflators, third)[first], rel=1e-12)
    assert price_factors(deflators, first)[first] == 1


@pytest.mark.parametrize(("from_year", "to_year"), [("2020-21", "1066-67"), ("1066-67", "2020-21")])
def test_a_year_without_a_deflator_is_refused(
    make_deflators: Callable[..., pd.DataFrame], from_year: str, to_year: str
) -> None:
    with pytest.raises(KeyError, match="1066-67"):
        price_factors(make_deflators({"price_year": "2020-21"}), to_year)[from_year]


def schedule(*spans: tuple[int, int, float], name: str = "standard") -> pd.DataFrame:
    rows = [(name, first, last, rate) for first, last, rate in spans]
    return pd.DataFrame(rows, columns=["schedule", "year_from", "year_to", "discount_rate"])


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=12))
def test_each_discount_factor_follows_from_the_one_before(rates: list[float]) -> None:
    spans = schedule(*((year, year, rate) for year, rate in enumerate(rates, start=1)))
    factors = discount_factors(spans, len(rates))
    assert factors[0] == 1
    assert list(factors[1:] * (1 + np.array(rates))) == pytest.approx(list(factors[:-1]), rel=1e-12)
    assert all(np.diff(factors) <= 0)


def test_one_pound_in_two_years_at_ten_per_cent() -> None:
    assert list(discount_factors(schedule((1, 9, 0.1)), 2)) == pytest.approx([1, 1 / 1.1, 1 / 1.21])


def test_another_schedule_is_left_alone() -> None:
    both = pd.concat([schedule((1, 5, 0.1)), schedule((1, 5, 0.01), name="lower")])
    assert discount_factors(both, 1, "lower")[1] == pytest.approx(1 / 1.01)


@pytest.mark.parametrize(("spans", "year"), [(((1, 3, 0.1), (5, 9, 0.1)), 4), (((1, 3, 0.1),), 4), ((), 1)])
def test_a_year_without_a_rate_is_refused(spans: tuple[tuple[int, int, float], ...], year: int) -> None:
    with pytest.raises(ValueError, match=f"no standard discount rate for year {year}"):
        discount_factors(schedule(*spans), 9)


def test_the_project_s_rates_leave_no_gap_and_do_not_overlap(reference: Reference) -> None:
    for _, spans in reference.discount_rates.sort_values("year_from").groupby("schedule"):
        assert spans["year_from"].iloc[0] == 1
        assert list(spans["year_from"].iloc[1:]) == [last + 1 for last in spans["year_to"].iloc[:-1]]
        assert spans["discount_rate"].is_monotonic_decreasing


@given(days, st.integers(0, 4000))
def test_the_middle_of_a_period_lies_half_way(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    middle = middle_day(start, end)
    assert abs((middle - start) - (end - middle)) <= timedelta(days=1)
    assert start <= middle <= end


def test_the_middle_of_a_financial_year() -> None:
    assert middle_day(date(2018, 4, 1), date(2019, 3, 31)) == date(2018, 9, 30)
