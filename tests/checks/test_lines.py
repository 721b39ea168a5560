"""The checks of lines of value: each catches what it is there to catch."""

import pandas as pd
import pytest

from pipeline.checks.lines import SUITE
from pipeline.facts.reference import Reference
from tests.checks.faults import (
    EDITION,
    Fault,
    Named,
    Seen,
    assert_caught,
    doubled,
    joined_twice,
    lost,
    raised,
    stops_a_run,
    written,
)


def overlap_counted(tables: Named) -> Named:
    """The lines that were left out of an overlap group count all the same."""
    left_out = tables["overlaps"].drop(columns="overlap_reason")
    in_group = left_out[left_out["is_counted"]]
    return {"valued_outcomes": pd.concat([tables["valued_outcomes"], in_group], ignore_index=True)}


def overlap_treatment_ignored(tables: Named) -> Named:
    left_out = tables["overlaps"].drop(columns="overlap_reason")
    by_treatment = left_out[~left_out["is_counted"]]
    assert len(by_treatment)
    return {"valued_outcomes": pd.concat([tables["valued_outcomes"], by_treatment], ignore_index=True)}


FAULTS: list[tuple[str, Fault]] = [
    ("every_outcome_valued_once_by_each_unit_cost", joined_twice("valued_outcomes")),
    ("every_outcome_valued_once_by_each_unit_cost", lost("overlaps")),
    ("net_value_split_without_loss", joined_twice("valued_outcomes")),
    ("net_value_split_without_loss", raised("valued_outcomes", "net_gbp", 0.01)),
    ("unit_costs_as_registered", doubled("valued_outcomes", "unit_cost_gbp")),
    ("unit_costs_within_their_unit", written("valued_outcomes", "unit_cost_unit", "week")),
    ("unit_costs_within_their_unit", doubled("valued_outcomes", "cost_units_per_unit")),
    ("unit_values_from_the_registers", doubled("valued_outcomes", "unit_value_gbp")),
    ("unit_values_from_the_registers", doubled("outcome_unit_costs", "units_per_outcome")),
    ("unit_values_from_the_registers", doubled("hours_weights", "central")),
    ("deadweight_from_the_register", raised("valued_outcomes", "deadweight", 2.0)),
    ("deadweight_from_the_register", raised("valued_outcomes", "deadweight", -2.0)),
    ("each_overlap_group_counted_once", overlap_counted),
    ("metrics_left_out_stay_out", overlap_treatment_ignored),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(SUITE)
