"""The checks of payments: each catches what it is there to catch."""

import pytest

from pipeline.checks.payments import SUITE
from pipeline.facts.reference import Reference
from tests.checks.faults import EDITION, Fault, Seen, assert_caught, doubled, joined_twice, lost, raised, stops_a_run

FAULTS: list[tuple[str, Fault]] = [
    ("every_payment_counted_once", joined_twice("payments_in_scope")),
    ("every_payment_counted_once", lost("payments_in_scope")),
    ("payments_as_recorded", raised("payments_in_scope", "amount_counted_gbp")),
    ("payments_as_recorded", doubled("payments_in_scope", "amount_counted_gbp")),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(SUITE)
