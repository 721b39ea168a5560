"""The checks of results: each catches what it is there to catch; of claims they show no exact count."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from pipeline.checks.results import SUITE
from pipeline.checks.validation import run_suite
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.valuation import value_edition
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
    written,
)

FAULTS: list[tuple[str, Fault]] = [
    ("every_metric_counted_once", joined_twice("outcomes_in_scope")),
    ("every_metric_counted_once", lost("outcomes_in_scope")),
    ("every_metric_counted_once", lost("outcomes")),
    ("quantities_as_reported", raised("outcomes_in_scope", "quantity")),
    ("quantities_as_reported", written("outcomes_in_scope", "quantity", float("nan"))),
    ("counts_of_claims_protected", written("outcomes_in_scope", "quantity", float("nan"))),
    ("treatments_as_mapped", written("outcomes_in_scope", "treatment", "overlap")),
    ("treatments_as_mapped", written("outcomes_in_scope", "outcome_id", "another")),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(SUITE)


# --- Counts of claims --------------------------------------------------------------------------------------------

# What nobody may see: exact totals, and the quantities of single years.
EXACT = ("43", "81", "103", "412", "611", "7")


@pytest.fixture
def claimed(make_claimed_facts: Callable[..., RawFacts]) -> RawFacts:
    """Ladders of many and of few people, many days of few people, a metric never claimed."""
    return make_claimed_facts(
        {
            ("C-1", "started"): (43, 38, 22),
            ("C-1", "full_13_weeks"): (0, 7, 0),
            ("C-1", "full_26_weeks"): (0, 0, 0),
            ("C-1", "days"): (412, 0, 199),
        },
        {("C-1", "days"): (7, 0, 3)},
    )


@pytest.fixture
def claims_seen(
    claimed: RawFacts, made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> tuple[Named, Edition]:
    """The tables of the suite of results, by the names of their assets, and the edition."""
    edition = make_edition(edition="x")
    return {
        "outcomes": claimed.outcomes,
        "claim_counts": claimed.claim_counts,
        **{name: getattr(made_up_reference, name) for name in ("metric_outcomes", "outcome_unit_costs")},
        "outcomes_in_scope": value_edition(claimed, made_up_reference, edition).outcomes_in_scope,
    }, edition


def came_out(tables: Named, edition: Edition) -> pd.DataFrame:
    return run_suite(SUITE, {"x": tables}, {"x": edition})["x"].set_index("check")


def with_quantity(tables: Named, metric_id: str, quantity: float) -> Named:
    counted = tables["outcomes_in_scope"]
    changed = counted["quantity"].mask(counted["metric_id"] == metric_id, quantity)
    return tables | {"outcomes_in_scope": counted.assign(quantity=changed)}


def test_the_checks_hold_for_protected_counts(claims_seen: tuple[Named, Edition]) -> None:
    found = came_out(*claims_seen)
    assert found["outcome"].to_dict() == {
        "every_metric_counted_once": "passed",
        "quantities_as_reported": "nothing to compare",
        "counts_of_claims_protected": "passed",
        "treatments_as_mapped": "passed",
        # Two rungs are withheld or none: no ladder to be seen.
        "ladders_fall": "passed",
    }
    assert found["rows"]["counts_of_claims_protected"] == found["rows"]["every_metric_counted_once"] == 4


@pytest.mark.parametrize(
    ("metric_id", "quantity", "said"),
    [
        ("started", 103.0, "C-1, started: found otherwise, expected as protected"),
        ("started", 110.0, "C-1, started: found otherwise, expected as protected"),
        ("started", float("nan"), "C-1, started: found withheld, expected as protected"),
        ("full_13_weeks", 7.0, "C-1, full_13_weeks: found otherwise, expected withheld"),
        ("full_13_weeks", 0.0, "C-1, full_13_weeks: found otherwise, expected withheld"),
        ("full_26_weeks", 5.0, "C-1, full_26_weeks: found otherwise, expected as protected"),
        ("days", 611.0, "C-1, days: found otherwise, expected withheld"),
    ],
)
def test_another_count_is_caught_and_not_shown(
    claims_seen: tuple[Named, Edition], metric_id: str, quantity: float, said: str
) -> None:
    tables, edition = claims_seen
    row = came_out(with_quantity(tables, metric_id, quantity), edition).loc["counts_of_claims_protected"]
    assert (row["outcome"], row["examples"]) == ("failed", said)


def test_a_policy_that_lets_a_small_count_through_is_caught(
    claims_seen: tuple[Named, Edition], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check has a rule of its own for what is too small."""
    tables, edition = claims_seen
    lax = replace(edition, disclosure_threshold=0, disclosure_rounding=1)
    counts = tables["outcomes_in_scope"].set_index("metric_id")["quantity"]
    exact = tables["outcomes"].groupby("metric_id")["quantity"].last()
    tables = tables | {
        "outcomes_in_scope": tables["outcomes_in_scope"].assign(quantity=exact.reindex(counts.index).to_numpy())
    }
    assert came_out(tables, lax)["outcome"]["counts_of_claims_protected"] == "passed"
    monkeypatch.setattr(
        "pipeline.checks.results.protected_counts",
        lambda claims, _: claims.assign(total=claims.groupby("metric_id")["quantity"].cumsum()),
    )
    row = came_out(tables, edition).loc["counts_of_claims_protected"]
    assert row["outcome"] == "failed"
    assert row["examples"].splitlines() == [
        "C-1, full_13_weeks: found otherwise, expected withheld",
        "C-1, days: found as protected, expected withheld",
    ]


def test_rungs_that_count_by_totals_of_different_years_are_no_ladder(
    make_claimed_facts: Callable[..., RawFacts], made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    edition = make_edition(edition="x", cut_off=date(2019, 3, 31))

    def seen_of(counts: dict[tuple[str, str], tuple[int, ...]]) -> Named:
        facts = make_claimed_facts(counts)
        return {
            "outcomes": facts.outcomes,
            "claim_counts": facts.claim_counts,
            **{name: getattr(made_up_reference, name) for name in ("metric_outcomes", "outcome_unit_costs")},
            "outcomes_in_scope": value_edition(facts, made_up_reference, edition).outcomes_in_scope,
        }

    # Of those who started the total of 2018-19 is withheld for the sake of 2019-20.
    by_earlier_year = seen_of({("C-1", "started"): (60, 30, 4), ("C-1", "full_13_weeks"): (50, 32, 30)})
    assert by_earlier_year["outcomes_in_scope"]["quantity"].tolist() == [60, 80]
    found = came_out(by_earlier_year, edition)
    assert found["outcome"][["counts_of_claims_protected", "ladders_fall"]].tolist() == ["passed", "nothing to compare"]
    rising = seen_of({("C-1", "started"): (60,), ("C-1", "full_13_weeks"): (80,)})
    assert came_out(rising, edition)["outcome"]["ladders_fall"] == "warned"


def test_no_check_shows_an_exact_count_whatever_is_wrong(claims_seen: tuple[Named, Edition]) -> None:
    tables, edition = claims_seen
    wrong = tables | {
        "outcomes_in_scope": pd.concat(
            [with_quantity(tables, "started", 81.0)["outcomes_in_scope"].head(2), tables["outcomes_in_scope"].head(1)]
        )
    }
    found = came_out(wrong, edition)
    assert found["outcome"]["every_metric_counted_once"] == "failed"
    words = set(" ".join([*found["saw"], *found["examples"]]).replace(",", " ").replace(".", " ").split())
    assert not words & set(EXACT)
