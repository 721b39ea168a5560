"""The checks of what is about to be published: each catches what it is there to catch."""

import pandas as pd
import pytest

from pipeline.checks.publication import SUITE
from pipeline.facts.reference import Reference
from tests.checks.faults import (
    EDITION,
    Fault,
    Named,
    Seen,
    assert_caught,
    joined_twice,
    lost,
    raised,
    stops_a_run,
)


def small_count_published(tables: Named) -> Named:
    """A count of three people stands among the published ones of a contract."""
    contract_id = tables["contracts"]["contract_id"].iloc[0]
    key = {"contract_id": contract_id, "metric_id": "m1", "financial_year": "2018-19"}
    claims = pd.DataFrame([key | {"unit": "person", "people": 3, "quantity": 3.0}])
    return {"claim_counts": claims, "published_claims": claims.assign(total_to_year_end=3.0)}


def small_overlap_published(tables: Named) -> Named:
    """That three people are on two ladders of many stands among what is published of a contract."""
    reported = tables["outcomes"].dropna(subset="period_end")
    key = {"contract_id": reported["contract_id"].iloc[0], "financial_year": "2000-01"}
    pairs = (("m1", "m1", 30), ("m2", "m2", 40), ("m1", "m2", 3))
    overlaps = pd.DataFrame([key | {"metric_id": a, "other_metric_id": b, "people": n} for a, b, n in pairs])
    return {"claim_overlaps": overlaps, "published_double_counting": overlaps.tail(1)}


def year_of_claims_too_many(tables: Named) -> Named:
    """A year of claims is published of a metric that was reported as a total."""
    return {"published_claims": tables["outcomes"].head(1)}


FAULTS: list[tuple[str, Fault]] = [
    ("levels_agree", raised("published_policy_area_value", "fiscal_gbp", 0.01)),
    ("every_row_read_is_published", lost("published_reported_outcomes")),
    ("every_row_read_is_published", lost("published_rejected_rows")),
    ("every_row_read_is_published", joined_twice("published_payments")),
    ("every_year_of_claims_is_published", year_of_claims_too_many),
    ("no_small_count_is_published", small_count_published),
    ("no_small_overlap_is_published", small_overlap_published),
    ("published_lines_add_up", raised("published_contract_value", "public_value_gbp", 0.01)),
    ("every_published_figure_beside_ours", lost("published_reconciliation")),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(SUITE)
