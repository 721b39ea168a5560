"""The checks of sums: each catches what it is there to catch."""

import pytest

from pipeline.checks.sums import OF_CONTRACTS, OF_POLICY_AREAS, OF_THE_MARKET
from pipeline.facts.reference import Reference
from tests.checks.faults import EDITION, Fault, Seen, assert_caught, doubled, joined_twice, lost, raised, stops_a_run

FAULTS: list[tuple[str, Fault]] = [
    ("every_contract_there_once", lost("contract_value")),
    ("every_contract_there_once", joined_twice("contract_value")),
    ("value_is_the_sum_of_its_lines", raised("contract_value", "public_value_gbp", 0.01)),
    ("value_is_the_sum_of_its_lines", doubled("valued_outcomes", "net_gbp")),
    ("payments_are_the_sum_of_their_rows", raised("contract_value", "outcome_payments_real_gbp", 0.01)),
    ("areas_are_the_sum_of_their_contracts", raised("policy_area_value", "fiscal_gbp", 0.01)),
    ("areas_are_the_sum_of_their_contracts", lost("policy_area_value")),
    ("market_is_the_sum_of_contracts", raised("market_value", "contracts_in_bcr")),
    ("market_is_the_sum_of_contracts", raised("market_value", "social_gbp", 0.01)),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(OF_CONTRACTS, OF_POLICY_AREAS, OF_THE_MARKET)
