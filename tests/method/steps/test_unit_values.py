"""What one unit of an outcome is worth: level, prices, unit."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.price_lists import price_list
from pipeline.facts.reference import Reference
from pipeline.method.steps.prices import price_factors
from pipeline.method.steps.unit_values import unit_values
from pipeline.tables.units import UnitError

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]


@pytest.fixture(scope="module")
def value(
    make_outcome_unit_costs: Builder,
    make_unit_costs: Builder,
    make_outcome_types: Builder,
    make_hours_weights: Builder,
    make_deflators: Builder,
) -> Callable[..., float]:
    """Return the value of one unit of one outcome with one unit cost; prices double from 2010-11 to 2020-21."""
    deflators = make_deflators({"price_year": "2010-11", "gdp_deflator": 50.0}, {"price_year": "2020-21"})

    def one(
        cost: Row | None = None,
        outcome: Row | None = None,
        link: Row | None = None,
        level: str = "central",
        price_year: str = "2020-21",
    ) -> float:
        (line,) = unit_values(
            make_outcome_unit_costs(link or {}),
            make_unit_costs(cost or {}),
            make_outcome_types(outcome or {}),
            make_hours_weights({}),
            deflators,
            level=level,
            price_year=price_year,
        ).itertuples()
        return float(line.unit_value_gbp)

    return one


@pytest.mark.parametrize(("level", "pounds"), [("low", 50), ("central", 100), ("high", 200)])
def test_the_level_chosen_is_the_one_used(value: Callable[..., float], level: str, pounds: float) -> None:
    assert value(level=level) == pounds


def test_a_level_that_does_not_exist_is_refused(value: Callable[..., float]) -> None:
    with pytest.raises(KeyError, match="highest"):
        value(level="highest")


def test_a_cost_is_restated_in_the_prices_of_the_edition(value: Callable[..., float]) -> None:
    assert value(cost={"price_year": "2010-11"}) == 200
    assert value(price_year="2010-11") == 50
    assert value(cost={"price_year": "2010-11"}, price_year="2010-11") == 100


@pytest.mark.parametrize("change", [{"cost": {"price_year": "2011-12"}}, {"price_year": "2011-12"}])
def test_a_year_without_a_deflator_is_refused(value: Callable[..., float], change: Row) -> None:
    with pytest.raises(KeyError, match="2011-12"):
        value(**change)


@pytest.mark.parametrize(
    ("cost_unit", "outcome_unit", "factor"),
    [("week", "year", 365.25 / 7), ("day", "week", 7), ("year", "day", 1 / 365.25), ("incident", "incident", 1)],
)
def test_a_cost_is_brought_to_the_unit_of_the_outcome(
    value: Callable[..., float], cost_unit: str, outcome_unit: str, factor: float
) -> None:
    found = value(cost={"unit": cost_unit}, outcome={"unit": outcome_unit})
    assert found == pytest.approx(100 * factor)


@pytest.mark.parametrize(
    ("cost_unit", "outcome_unit"), [("incident", "year"), ("year", "person"), ("week", "incident"), ("pound", "year")]
)
def test_units_that_do_not_agree_are_refused(value: Callable[..., float], cost_unit: str, outcome_unit: str) -> None:
    with pytest.raises(UnitError, match="cannot be converted"):
        value(cost={"unit": cost_unit}, outcome={"unit": outcome_unit})


def test_half_a_job_is_half_the_value(value: Callable[..., float]) -> None:
    assert value(outcome={"hours_weight_id": "part"}) == 50
    assert value(outcome={"hours_weight_id": "part"}, level="high") == 100


def test_an_outcome_may_be_worth_several_units_of_a_cost(value: Callable[..., float]) -> None:
    assert value(link={"units_per_outcome": 3.0}) == 300


def test_the_steps_of_the_sum_stand_beside_it(reference: Reference) -> None:
    lines = all_values(reference, "central", "2024-25")
    product = lines["unit_cost_gbp"] * lines["price_factor"] * lines["cost_units_per_unit"]
    product *= lines["units_per_outcome"] * lines["hours_weight"]
    pd.testing.assert_series_equal(lines["unit_value_gbp"], product, check_names=False)


# --- The project's own unit costs ----------------------------------------------------------------------------


def all_values(reference: Reference, level: str, price_year: str) -> pd.DataFrame:
    """Values by the list of 2026, which takes what it lacks from that of 2015."""
    costs, lines = price_list(reference.unit_costs, reference.outcome_unit_costs, "2026")
    return unit_values(
        lines,
        costs,
        reference.outcome_types,
        reference.hours_weights,
        reference.gdp_deflators,
        level=level,
        price_year=price_year,
    )


def test_every_outcome_and_unit_cost_has_one_value(reference: Reference) -> None:
    lines = all_values(reference, "central", "2024-25")
    keys = ["outcome_id", "unit_cost_id"]
    pd.testing.assert_frame_equal(
        lines[keys].sort_values(keys, ignore_index=True),
        price_list(reference.unit_costs, reference.outcome_unit_costs, "2026")[1][keys].sort_values(
            keys, ignore_index=True
        ),
    )
    assert (lines["unit_value_gbp"] >= 0).all()


def test_low_is_at_most_central_and_central_at_most_high(reference: Reference) -> None:
    low, central, high = (
        all_values(reference, level, "2024-25")["unit_value_gbp"] for level in ("low", "central", "high")
    )
    assert (low <= central).all()
    assert (central <= high).all()


def test_another_price_year_moves_every_value_alike(reference: Reference) -> None:
    factor = price_factors(reference.gdp_deflators, "2024-25")["2021-22"]
    earlier, later = (all_values(reference, "low", year)["unit_value_gbp"] for year in ("2021-22", "2024-25"))
    pd.testing.assert_series_equal(later, earlier * factor)


def test_the_unit_of_a_value_is_that_of_its_outcome(reference: Reference) -> None:
    lines = all_values(reference, "low", "2024-25")
    units = reference.outcome_types.set_index("outcome_id")["unit"]
    assert list(lines["unit"]) == list(units[lines["outcome_id"]])
