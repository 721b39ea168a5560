"""Which rows of the price lists an edition takes: its own, and where it has none those of the next older list."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition, current, first_choice
from pipeline.facts.price_lists import lines_of_lists, lists_to, of_edition, price_list
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import Valuation, value_edition
from pipeline.tables.reference import is_priced
from pipeline.tables.vocabulary import VALUE_SETS

Builder = Callable[..., pd.DataFrame]
NEW = {"value_set": "2026"}


@pytest.fixture(scope="module")
def costs(make_unit_costs: Builder) -> pd.DataFrame:
    """One unit cost in both lists, one in the old alone, one in the new alone."""
    return make_unit_costs(
        {"unit_cost_id": "both", "central_gbp": 100.0},
        {"unit_cost_id": "both", "central_gbp": 150.0, **NEW},
        {"unit_cost_id": "old"},
        {"unit_cost_id": "new", **NEW},
    )


@pytest.fixture(scope="module")
def lines(make_outcome_unit_costs: Builder) -> pd.DataFrame:
    """An outcome valued alike in both lists, one that the new list values otherwise, one that only it values."""
    return make_outcome_unit_costs(
        {"outcome_id": "same", "unit_cost_id": "both"},
        {"outcome_id": "same", "unit_cost_id": "old"},
        {"outcome_id": "changed", "unit_cost_id": "old"},
        {"outcome_id": "changed", "unit_cost_id": "both", **NEW},
        {"outcome_id": "added", "unit_cost_id": "new", **NEW},
    )


def test_an_old_list_knows_nothing_of_a_newer_one(costs: pd.DataFrame, lines: pd.DataFrame) -> None:
    of_list, used = price_list(costs, lines, "2015")
    assert list(zip(of_list["unit_cost_id"], of_list["central_gbp"], strict=True)) == [("both", 100), ("old", 100)]
    assert list(zip(used["outcome_id"], used["unit_cost_id"], strict=True)) == [
        ("same", "both"),
        ("same", "old"),
        ("changed", "old"),
    ]


def test_a_new_list_falls_back_row_by_row_and_says_so(costs: pd.DataFrame, lines: pd.DataFrame) -> None:
    of_list, used = price_list(costs, lines, "2026")
    assert dict(zip(of_list["unit_cost_id"], of_list["value_set"], strict=True)) == {
        "both": "2026",
        "old": "2015",
        "new": "2026",
    }
    # An outcome of which it has any line takes none of the older list.
    assert list(zip(used["outcome_id"], used["unit_cost_id"], used["value_set"], strict=True)) == [
        ("same", "both", "2015"),
        ("same", "old", "2015"),
        ("changed", "both", "2026"),
        ("added", "new", "2026"),
    ]


def test_lists_are_in_order_and_one_that_does_not_exist_holds_nothing(costs: pd.DataFrame, lines: pd.DataFrame) -> None:
    assert [lists_to(name) for name in VALUE_SETS] == [["2015"], ["2015", "2026"]]
    assert lists_to("2030") == []
    assert all(table.empty for table in price_list(costs, lines, "2030"))


def test_a_metric_that_the_list_does_not_value_is_one_without_a_unit_cost(
    reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    old = of_edition(reference, make_edition(value_set="2015"))
    new = of_edition(reference, make_edition(value_set="2026"))
    lonely = old.metric_outcomes.query("outcome_id == 'loneliness_reduced'")
    assert set(lonely["treatment"]) == {"no_unit_cost"}
    assert set(lonely["grade"]) == {""}
    assert set(lonely["reason"]) == {"the price list of 2015 has no unit cost for it"}
    pd.testing.assert_frame_equal(new.metric_outcomes, reference.metric_outcomes)
    # Nothing is narrowed twice.
    pd.testing.assert_frame_equal(of_edition(new, make_edition(value_set="2026")).unit_costs, new.unit_costs)


def test_every_priced_outcome_has_lines_whose_unit_costs_are_there(reference: Reference) -> None:
    found = lines_of_lists(reference)
    for value_set in VALUE_SETS:
        _, lines = price_list(reference.unit_costs, reference.outcome_unit_costs, value_set)
        assert len(found[found["list"] == value_set]) == len(lines)
    mapping = reference.metric_outcomes
    priced = set(mapping.loc[is_priced(mapping["treatment"]), "outcome_id"])
    assert priced <= set(found.loc[found["list"] == "2026", "outcome_id"])


def test_the_list_of_2026_holds_only_what_it_changes(reference: Reference) -> None:
    """A row that says the same as the older list would hide that nothing newer was found."""
    values = ["low_gbp", "central_gbp", "high_gbp", "unit", "price_year", "kind", "is_transfer"]
    old, new = (reference.unit_costs.query("value_set == @name").set_index("unit_cost_id") for name in VALUE_SETS)
    both = old.index.intersection(new.index).difference(["earned_pound", "hospital_pound"])
    assert not (old.loc[both, values].astype(str) == new.loc[both, values].astype(str)).all(axis=1).any()


def test_an_edition_of_the_new_list_says_line_by_line_where_it_falls_back(valuations: dict[str, Valuation]) -> None:
    assert set(valuations["open-2026"].valued_outcomes["value_set"]) <= {"2015", "2026"}
    assert "2026" in set(valuations["open-2026"].valued_outcomes["value_set"])
    assert set(valuations["atq-2024"].valued_outcomes["value_set"]) == {"2015"}


def test_what_only_the_new_list_values_is_worth_nothing_by_the_old_one(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    edition = replace(reference.editions["open-2026"], value_set="2015")
    old = value_edition(facts, reference, edition).contract_value.set_index("contract_id")
    new = valuations["open-2026"].contract_value.set_index("contract_id")
    assert not old.loc["INDIGO-POJ-0119", "is_valued"]
    assert new.loc["INDIGO-POJ-0119", "is_valued"]


def test_an_edition_that_another_superseded_is_run_only_when_it_is_named(reference: Reference) -> None:
    assert reference.editions["open-2025"].superseded_by == "open-2026"
    superseded = {name for name, edition in reference.editions.items() if edition.superseded_by}
    assert set(reference.editions) - set(current(reference.editions)) == superseded >= {"open-2025"}
    assert first_choice(reference.editions) == "open-2026"
    assert first_choice({}) == ""


def test_the_two_editions_of_ours_differ_in_their_list_alone(reference: Reference) -> None:
    own: dict[str, Any] = {name: vars(reference.editions[name]) for name in ("open-2025", "open-2026")}
    differ = {name for name in own["open-2025"] if own["open-2025"][name] != own["open-2026"][name]}
    assert differ == {"edition", "title", "reasons", "value_set", "superseded_by"}
