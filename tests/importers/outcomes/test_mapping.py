"""What is left to do after an import: rows to fill in, and what to choose from."""

from dataclasses import replace

import pytest

from pipeline.facts.reference import Reference
from pipeline.importers.outcomes.mapping import left_to_map


def lines_of(reference: Reference, outcome_of: dict[str, str], **metrics: str) -> list[str]:
    return list(left_to_map("N-1", metrics, outcome_of, "homelessness", reference))


@pytest.mark.parametrize(
    ("words", "outcome_id"),
    [("home", "housed"), ("HOUSED", "housed"), ("crime avoided", "crime"), ("crime", "crime"), ("a job", ""), ("", "")],
)
def test_an_outcome_that_is_named_in_full_is_filled_in(small_reference: Reference, words: str, outcome_id: str) -> None:
    (row,) = [line for line in lines_of(small_reference, {"m": words}, m="x") if line.startswith("N-1,")]
    assert row == f"N-1,m,{outcome_id},,,,,,,results-of-n-1"


def test_what_is_nearest_is_named_where_none_is_named_in_full(small_reference: Reference) -> None:
    near = [line for line in lines_of(small_reference, {"b": "homes"}, a="crimes avoided", b="x") if "may fit" in line]
    assert near == [
        "outcome_id that may fit a (crimes avoided): crime (crime avoided)",
        "outcome_id that may fit b (x): housed (home)",
    ]


def test_an_id_with_a_comma_is_quoted(small_reference: Reference) -> None:
    assert 'N-1,"a, b",,,,,,,,results-of-n-1' in lines_of(small_reference, {}, **{"a, b": "x"})


def test_an_outcome_without_a_unit_cost_is_said_to_be_without_value(small_reference: Reference) -> None:
    assert lines_of(small_reference, {}, m="x")[-1] == "  housed: home (counted by the year)"
    unpriced = replace(small_reference, outcome_unit_costs=small_reference.outcome_unit_costs.iloc[:0])
    assert lines_of(unpriced, {}, m="x")[-1] == (
        "  housed: home (counted by the year; it has no unit cost, so it cannot be valued or rung)"
    )


def test_nothing_is_left_to_do_without_a_new_metric(small_reference: Reference) -> None:
    assert lines_of(small_reference, {}) == []
    assert list(left_to_map("C-1", {"started": "x"}, {}, "homelessness", small_reference)) == []
