"""What a reading of another study adds: to whom, how much, and in the place of what."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.method.steps.added_values import added_lines, levels_of, with_added, with_rates_of_readings

Builder = Callable[..., pd.DataFrame]
VALUE: dict[str, Any] = {
    **{"reading_value_id": "calm", "added_value": "more", "name": "calm", "outcome_id": "job", "contract_id": ""},
    **{"metric_id": "", "counts_by": "person", "is_instead": False, "kind": "social", "agency": "the person"},
    **{"is_transfer": False, "valued_in": "pound", "low_gbp": 10.0, "central_gbp": 20.0, "high_gbp": 40.0},
    **{"price_year": "2018-19", "low_units": 1.0, "central_units": 2.0, "high_units": 3.0, "deadweight": 0.25},
    **{"grade": "weak", "source_id": "s-1", "locator": "1", "reason": "made up"},
}
SCALES = pd.DataFrame(
    [{"scale_id": "life_satisfaction", "low_gbp": 100.0, "central_gbp": 130.0, "high_gbp": 160.0}]
).assign(price_year="2020-21")
UNITS = {
    **{"contract_id": "C-1", "outcome_id": "job", "is_counted": True, "is_net_of_deadweight": False, "ladder": "job"},
    **{"unit": "year", "people": 8.0, "units": 5.0, "units_low": 5.0, "units_high": 9.0, "is_estimated": False},
    **{"metric_ids": "m1", "mapping_grade": "strong", "sum": "as counted"},
}
RESULT = {
    **{"contract_id": "C-2", "metric_id": "m1", "outcome_id": "nil", "outcome_unit": "person", "ladder": "nil"},
    **{"quantity_counted": 30.0, "quantity_per_unit": float("nan"), "treatment": "no_unit_cost"},
    **{"is_net_of_deadweight": False, "is_estimated": False},
}


@pytest.fixture
def added(make_edition: Callable[..., Edition], make_deflators: Builder) -> Callable[..., pd.DataFrame]:
    """Lines that some values add to five years of eight people in C-1, and to results of C-2."""

    def of(*values: dict[str, Any], added_values: tuple[str, ...] = ("more",), results: Any = ()) -> pd.DataFrame:
        deflators = make_deflators({"price_year": "2018-19", "gdp_deflator": 80.0}, {"price_year": "2020-21"})
        edition = make_edition(added_values=added_values)
        reading_values = pd.DataFrame([VALUE | value for value in values])
        scope = pd.DataFrame([RESULT | result for result in results] or [RESULT]).iloc[: len(results)]
        return added_lines(edition, scope, pd.DataFrame([UNITS]), reading_values, SCALES, deflators)

    return of


@pytest.mark.parametrize(
    ("word", "counts_by", "gross"),
    [
        ("more", "person", 8 * 20 * 2 * 1.25),
        ("more", "unit", 5 * 20 * 2 * 1.25),
        ("more:low", "person", 8 * 10 * 1 * 1.25),
        ("more:high", "unit", 5 * 40 * 3 * 1.25),
    ],
)
def test_what_is_counted_is_multiplied_by_units_pounds_and_prices(
    added: Callable[..., pd.DataFrame], word: str, counts_by: str, gross: float
) -> None:
    (line,) = added({"counts_by": counts_by}, added_values=(word,)).to_dict("records")
    assert line["gross_gbp"] == pytest.approx(gross)
    assert (line["unit"], line["people"]) == ("person" if counts_by == "person" else "year", 8)


def test_a_wellby_is_worth_what_the_scales_say(added: Callable[..., pd.DataFrame]) -> None:
    none = dict.fromkeys(("low_gbp", "central_gbp", "high_gbp"), float("nan"))
    (line,) = added({"valued_in": "wellby", "price_year": "", **none, "central_units": 0.5}).to_dict("records")
    assert line["gross_gbp"] == 8 * 130 * 0.5
    assert line["unit_cost_price_year"] == "2020-21"


def test_of_an_outcome_without_value_the_metric_of_most_people_counts_once(added: Callable[..., pd.DataFrame]) -> None:
    results = [{}, {"metric_id": "m2", "quantity_counted": 50.0}, {"metric_id": "m3", "treatment": "process"}]
    (line,) = added({"outcome_id": "nil"}, results=results).to_dict("records")
    assert (line["contract_id"], line["people"], line["metric_ids"]) == ("C-2", 50, "m2")
    assert line["gross_gbp"] == 50 * 20 * 2 * 1.25


def test_a_stated_conversion_makes_units(added: Callable[..., pd.DataFrame]) -> None:
    results = [{"quantity_per_unit": 6.0}]
    (line,) = added({"outcome_id": "nil", "counts_by": "unit"}, results=results).to_dict("records")
    assert (line["units"], line["people"]) == (5, 30)


def test_a_metric_of_a_contract_counts_by_itself_whatever_it_is(added: Callable[..., pd.DataFrame]) -> None:
    results = [{"treatment": "process"}, {"metric_id": "m2"}]
    value = {"outcome_id": "nil", "contract_id": "C-2", "metric_id": "m1"}
    (line,) = added(value, results=results).to_dict("records")
    assert (line["metric_ids"], line["people"]) == ("m1", 30)


def test_a_value_of_another_contract_and_what_nobody_reached_add_nothing(added: Callable[..., pd.DataFrame]) -> None:
    assert added({"contract_id": "C-2"}).empty
    assert added({"outcome_id": "nil"}, results=[{"quantity_counted": 0.0}]).empty


def test_a_group_that_does_not_exist_is_refused(added: Callable[..., pd.DataFrame]) -> None:
    with pytest.raises(ValueError, match="no added value is called less"):
        added({}, added_values=("less:low",))


def test_what_stands_instead_takes_the_place_of_the_lines_of_its_outcome_in_that_contract(
    added: Callable[..., pd.DataFrame],
) -> None:
    lines = added({"reading_value_id": "old"})
    others = pd.concat([lines, lines.assign(contract_id="C-9"), lines.assign(outcome_id="other")], ignore_index=True)
    new, beside = added({"reading_value_id": "new"}), pd.DataFrame([VALUE | {"reading_value_id": "new"}])
    assert list(with_added(others, new, beside)["unit_cost_id"]) == ["old", "old", "old", "new"]
    found = with_added(others, new, beside.assign(is_instead=True))
    assert list(zip(found["contract_id"], found["outcome_id"], found["unit_cost_id"], strict=True)) == [
        ("C-9", "job", "old"),
        ("C-1", "other", "old"),
        ("C-1", "job", "new"),
    ]


def test_an_outcome_without_a_rate_takes_that_of_the_reading(make_deadweight: Builder) -> None:
    rates = make_deadweight({"outcome_id": "job", "central": 0.5})
    values = pd.DataFrame([VALUE, VALUE | {"outcome_id": "nil"}, VALUE | {"outcome_id": "none", "deadweight": None}])
    found = with_rates_of_readings(rates, values).set_index("outcome_id")["central"].to_dict()
    assert found == {"job": 0.5, "nil": 0.25}


def test_a_group_is_taken_at_its_central_values_unless_it_says_otherwise() -> None:
    assert levels_of(("more", "less:low", "most:high")) == {"more": "central", "less": "low", "most": "high"}
