"""The checks beside the last edition: each catches what it is there to catch, and what may be accepted can be."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.checks.last_edition import SUITE, last_edition
from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.checks.validation import problems_of, run_suite
from pipeline.facts.reference import Reference
from tests.checks.faults import (
    EDITION,
    Fault,
    Named,
    Seen,
    assert_caught,
    doubled,
    lost,
    not_passed,
    only,
    outcome_of,
    outcomes,
    stops_a_run,
)


def contract_known_before(tables: Named) -> Named:
    last = tables["last_contract_value"]
    return {"last_contract_value": pd.concat([last, last.tail(1).assign(contract_id="GONE-1")], ignore_index=True)}


def new_and_worth_much(measure: str, at_most: float) -> Fault:
    """A contract that the last edition did not have, with a value that no contract has."""

    def fault(tables: Named) -> Named:
        last, now = tables["last_contract_value"], tables["published_contract_value"].copy()
        people = tables["published_contracts"].set_index("contract_id")["people_engaged"]
        known = now["contract_id"].map(people) > 0
        row = now.index[known & now["bcr"].notna()][0]
        much = at_most if measure == "bcr" else at_most * people[now.at[row, "contract_id"]]
        now.loc[row, measure] = much * 1.001
        new = last[last["contract_id"] != now.at[row, "contract_id"]]
        return {"published_contract_value": now, "last_contract_value": new}

    return fault


def restated(name: str, measure: str, by: float) -> Fault:
    """The largest figure of a period is another than it was."""

    def fault(tables: Named) -> Named:
        now = tables[f"published_{name}"].copy()
        now.loc[now[measure].idxmax(), measure] *= by
        return {f"published_{name}": now}

    return fault


def moved_by(cause: str, share: float) -> Fault:
    """A contract has moved by a cause, by a share of what the market came to."""

    def fault(tables: Named) -> Named:
        pounds = tables["last_contract_value"]["public_value_gbp"].sum() * share
        move = {"cause": cause, "detail": "", "scope_kind": "contract", "scope": "C-1", "measure": "public_value_gbp"}
        return {"published_moves": pd.DataFrame([move | {"term": pounds}])}

    return fault


def headline_was(figure: str, by: float) -> Fault:
    """The last headline had another figure."""

    def fault(tables: Named) -> Named:
        last = tables["last_headline"].copy()
        last.loc[last["figure"] == figure, "value"] *= by
        return {"last_headline": last}

    return fault


FAULTS: list[tuple[str, Fault]] = [
    ("no_contract_dropped", contract_known_before),
    ("no_contract_dropped", lost("published_contract_value")),
    ("coverage_did_not_shrink", headline_was("contracts_valued", 1.1)),
    ("coverage_did_not_shrink", headline_was("by_policy_area.health.outcome_payments_gbp", 1.01)),
    ("unit_values_near_the_last", doubled("published_valued_outcomes", "unit_value_gbp")),
    ("contracts_near_the_last", doubled("published_contract_value", "public_value_gbp")),
    ("past_periods_as_last_reported", restated("reported_outcomes", "quantity", 1.11)),
    ("past_periods_as_last_reported", restated("payments", "amount_gbp", 0.89)),
    ("new_contracts_like_others", new_and_worth_much("bcr", 20.0)),
    ("new_contracts_like_others", new_and_worth_much("public_value_gbp", 350_000.0)),
    ("market_near_the_last", headline_was("bcr", 1.5)),
    ("market_near_the_last", headline_was("fiscal_gbp", 0.7)),
    ("no_contract_carries_the_move", moved_by("results", 0.11)),
    ("every_move_has_a_cause", moved_by("code", 1e-6)),
    ("nothing_moved_without_a_cause", headline_was("by_choice.time_convention.annual.bcr", 1.0001)),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: Seen, reference: Reference, name: str, fault: Fault
) -> None:
    assert_caught(name, fault, seen_again(EDITION), reference)


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == stops_a_run(SUITE)


def test_only_what_is_held_against_the_last_edition_may_be_accepted() -> None:
    assert {
        "no_contract_dropped",
        "coverage_did_not_shrink",
        "unit_values_near_the_last",
        "contracts_near_the_last",
        "past_periods_as_last_reported",
        "new_contracts_like_others",
        "market_near_the_last",
        "no_contract_carries_the_move",
        "every_move_has_a_cause",
        "nothing_moved_without_a_cause",
    } == set(MAY_BE_ACCEPTED)


def test_an_edition_that_was_never_published_has_nothing_to_be_held_against(seen: Seen, reference: Reference) -> None:
    came_out = outcomes(seen(EDITION), reference.editions[EDITION])
    nothing = set(MAY_BE_ACCEPTED) - {"new_contracts_like_others"}
    assert not_passed(came_out) == {"ladders_fall": "warned", **dict.fromkeys(nothing, "nothing to compare")}


def test_what_is_held_against_the_last_edition_can_be_accepted_by_name(seen_again: Seen, reference: Reference) -> None:
    wrong = seen_again(EDITION) | headline_was("bcr", 1.5)(seen_again(EDITION))
    edition = reference.editions[EDITION]
    assert outcomes(wrong, edition, ("market_near_the_last",))["market_near_the_last"] == "accepted"
    assert outcomes(wrong, edition, ("no_contract_dropped",))["market_near_the_last"] == "failed"


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [(100.0, 110.0, "passed"), (100.0, 110.1, "failed"), (1_000.0, 899.9, "failed"), (20.0, 30.0, "passed")],
)
def test_a_result_may_be_restated_by_a_tenth(
    seen_again: Seen, reference: Reference, was: float, now: float, outcome: str
) -> None:
    """A few more or less are none of its business; a later end of the period is no restatement."""
    row = seen_again(EDITION)["published_reported_outcomes"].query("quantity > 0").head(1)
    at_all_times = {"last_payments": seen_again(EDITION)["last_payments"].iloc[:0]}
    tables = seen_again(EDITION) | at_all_times | {"last_reported_outcomes": row.assign(quantity=was)}
    found = {"published_reported_outcomes": row.assign(quantity=now)}
    edition = reference.editions[EDITION]
    assert outcome_of("past_periods_as_last_reported", tables | found, edition) == outcome
    later = {"published_reported_outcomes": found["published_reported_outcomes"].assign(period_end=pd.Timestamp.max)}
    assert outcome_of("past_periods_as_last_reported", tables | later, edition) == "nothing to compare"


def test_a_new_contract_is_accepted_by_a_row_for_that_value_only(seen_again: Seen, reference: Reference) -> None:
    """A row lets it pass in runs that nobody watches too; the message gives the row."""
    name = "new_contracts_like_others"
    tables = seen_again(EDITION) | new_and_worth_much("bcr", 20.0)(seen_again(EDITION))
    checks = run_suite(only(name), {EDITION: tables}, reference.editions)[EDITION]
    (problem,) = problems_of(EDITION, checks)
    assert "publicvalue accept new_contracts_like_others --by NAME --because TEXT, or for good a row" in str(problem)
    row = problem.what.partition("a row in reference/accepted.csv: ")[2].partition(". ")[0].split(",")
    assert (row[0], row[1].split()[1:], row[2]) == (name, [EDITION, "bcr"], "20.02")
    for value, outcome in ((row[2], "passed"), ("20.03", "failed"), ("", "failed")):
        accepted = pd.DataFrame([{"check": name, "key": row[1], "value": value}])
        assert outcome_of(name, tables | {"published_accepted": accepted}, reference.editions[EDITION]) == outcome


def test_all_that_would_be_accepted_by_name_is_named(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    both = (
        tables | restated("reported_outcomes", "quantity", 1.3)(tables) | restated("payments", "amount_gbp", 2)(tables)
    )
    checks = run_suite(only("past_periods_as_last_reported"), {EDITION: both}, reference.editions)[EDITION]
    (problem,) = problems_of(EDITION, checks)
    assert problem.what.count(": found ") == 2


def test_figures_may_move_when_data_reference_or_code_have_changed(seen_again: Seen, reference: Reference) -> None:
    tables = seen_again(EDITION)
    moved = tables | headline_was("bcr", 1.01)(tables)
    changed = moved | {"last_versions": moved["last_versions"].assign(hash="another")}
    edition = reference.editions[EDITION]
    assert outcomes(moved, edition)["nothing_moved_without_a_cause"] == "failed"
    assert outcomes(changed, edition)["nothing_moved_without_a_cause"] == "nothing to compare"


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"bcr": "much"}', "\x00"])
def test_a_last_edition_that_cannot_be_read_is_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "headline.json").write_text(content, encoding="utf-8")
        (tmp_path / "versions.json").write_text("[]" if content.startswith("{") else content, encoding="utf-8")
        (tmp_path / "tables").mkdir()
        (tmp_path / "tables/contract_value.parquet").write_text(content, encoding="utf-8")
    assert {name: len(table) for name, table in last_edition(tmp_path).items()} == {
        "last_headline": 0,
        "last_versions": 0,
        "last_contract_value": 0,
        "last_valued_outcomes": 0,
        "last_reported_outcomes": 0,
        "last_payments": 0,
    }
