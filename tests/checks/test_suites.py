"""Every check holds for the project's data, and each catches what it is there to catch."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline.checks.last import last_edition
from pipeline.checks.suites import MAY_BE_ACCEPTED, SUITES, Check, Suite
from pipeline.checks.validation import problems_of, run_suite
from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.method.valuation import STEPS
from pipeline.orchestration.assets.publication import HEADLINE, REPORTED
from pipeline.tables.publication import Checks
from tests.conftest import EDITIONS

Named = dict[str, pd.DataFrame]
Fault = Callable[[Named], Named]
EDITION = "open-2026"
CHECKS = [(suite, check) for suite in SUITES for check in suite.checks]


def outcomes(tables: Named, edition: Edition, accepted: tuple[str, ...] = ()) -> dict[str, str]:
    """How each check of an edition comes out."""
    found = [run_suite(suite, {"x": tables}, {"x": edition}, accepted)["x"] for suite in SUITES]
    return pd.concat(found).set_index("check")["outcome"].to_dict()


def not_passed(came_out: dict[str, str]) -> dict[str, str]:
    return {name: outcome for name, outcome in came_out.items() if outcome != "passed"}


# --- The suites as data ---------------------------------------------------------------------------------------


def test_every_suite_guards_an_asset_of_the_graph() -> None:
    assets = {table for step in STEPS for table in step.makes} | {*REPORTED, HEADLINE}
    assert {suite.asset for suite in SUITES} <= assets
    assert len({suite.asset for suite in SUITES}) == len(SUITES)


def test_names_of_checks_are_their_own_and_fit_dagster() -> None:
    names = [check.name for _, check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


def test_only_what_is_held_against_the_last_edition_may_be_accepted() -> None:
    assert {
        "no_contract_dropped",
        "coverage_did_not_shrink",
        "unit_values_near_the_last",
        "contracts_near_the_last",
        "past_periods_as_last_reported",
        "new_contracts_like_others",
        "market_near_the_last",
        "nothing_moved_without_a_cause",
    } == set(MAY_BE_ACCEPTED)


@pytest.mark.parametrize(("suite", "check"), CHECKS, ids=lambda x: x.name)
def test_every_check_says_why_there_may_be_nothing_to_compare_with_the_last(suite: Suite, check: Check) -> None:
    assert bool(check.when_none) == check.is_against_last


# --- The project's own data ------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_project_passes_every_check(seen_again: dict[str, Named], reference: Reference, edition_id: str) -> None:
    came_out = outcomes(seen_again[edition_id], reference.editions[edition_id])
    assert not_passed(came_out) == {"ladders_fall": "warned", "new_contracts_like_others": "nothing to compare"}


def test_an_edition_that_was_never_published_has_nothing_to_be_held_against(
    seen: dict[str, Named], reference: Reference
) -> None:
    came_out = outcomes(seen[EDITION], reference.editions[EDITION])
    nothing = set(MAY_BE_ACCEPTED) - {"new_contracts_like_others"}
    assert not_passed(came_out) == {"ladders_fall": "warned", **dict.fromkeys(nothing, "nothing to compare")}


def test_each_check_looks_at_every_edition_by_itself(seen: dict[str, Named], reference: Reference) -> None:
    suite = next(suite for suite in SUITES if suite.asset == "market_value")
    wrong = {**seen["atq-2024"], "market_value": more(seen["atq-2024"]["market_value"], "fiscal_gbp")}
    came_out = run_suite(suite, seen | {"atq-2024": wrong}, reference.editions)
    assert {edition: table["outcome"].item() for edition, table in came_out.items()} == {
        "atq-2022": "passed",
        "atq-2024": "failed",
        "open-2025": "passed",
        "open-2026": "passed",
    }


# --- What each check catches -----------------------------------------------------------------------------------


def more(table: pd.DataFrame, column: str, by: float = 1.0) -> pd.DataFrame:
    """The same table with the first figure that is known raised."""
    changed = table.copy()
    changed.loc[changed[column].first_valid_index(), column] += by
    return changed


def raised(name: str, column: str, by: float = 1.0) -> Fault:
    return lambda tables: {name: more(tables[name], column, by)}


def written(name: str, column: str, value: object) -> Fault:
    """One cell of a table says something else."""

    def fault(tables: Named) -> Named:
        changed = tables[name].copy()
        changed.loc[changed.index[0], column] = value
        return {name: changed}

    return fault


def joined_twice(name: str) -> Fault:
    """A join that multiplies: one row comes out twice."""
    return lambda tables: {name: pd.concat([tables[name], tables[name].head(1)], ignore_index=True)}


def lost(name: str) -> Fault:
    return lambda tables: {name: tables[name].iloc[1:]}


def doubled(name: str, column: str) -> Fault:
    return lambda tables: {name: tables[name].assign(**{column: tables[name][column] * 2})}


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


def headline_was(figure: str, by: float) -> Fault:
    """The last headline had another figure."""

    def fault(tables: Named) -> Named:
        last = tables["last_headline"].copy()
        last.loc[last["figure"] == figure, "value"] *= by
        return {"last_headline": last}

    return fault


FAULTS: list[tuple[str, Fault]] = [
    ("every_metric_counted_once", joined_twice("outcomes_in_scope")),
    ("every_metric_counted_once", lost("outcomes_in_scope")),
    ("every_metric_counted_once", lost("outcomes")),
    ("quantities_as_reported", raised("outcomes_in_scope", "quantity")),
    ("quantities_as_reported", written("outcomes_in_scope", "quantity", float("nan"))),
    ("counts_of_claims_protected", written("outcomes_in_scope", "quantity", float("nan"))),
    ("treatments_as_mapped", written("outcomes_in_scope", "treatment", "overlap")),
    ("treatments_as_mapped", written("outcomes_in_scope", "outcome_id", "another")),
    ("every_payment_counted_once", joined_twice("payments_in_scope")),
    ("every_payment_counted_once", lost("payments_in_scope")),
    ("payments_as_recorded", raised("payments_in_scope", "amount_counted_gbp")),
    ("payments_as_recorded", doubled("payments_in_scope", "amount_counted_gbp")),
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
    ("every_contract_there_once", lost("contract_value")),
    ("every_contract_there_once", joined_twice("contract_value")),
    ("value_is_the_sum_of_its_lines", raised("contract_value", "public_value_gbp", 0.01)),
    ("value_is_the_sum_of_its_lines", doubled("valued_outcomes", "net_gbp")),
    ("payments_are_the_sum_of_their_rows", raised("contract_value", "outcome_payments_real_gbp", 0.01)),
    ("areas_are_the_sum_of_their_contracts", raised("policy_area_value", "fiscal_gbp", 0.01)),
    ("areas_are_the_sum_of_their_contracts", lost("policy_area_value")),
    ("market_is_the_sum_of_contracts", raised("market_value", "contracts_in_bcr")),
    ("market_is_the_sum_of_contracts", raised("market_value", "social_gbp", 0.01)),
    ("levels_agree", raised("published_policy_area_value", "fiscal_gbp", 0.01)),
    ("every_row_read_is_published", lost("published_reported_outcomes")),
    ("every_row_read_is_published", lost("published_rejected_rows")),
    ("every_row_read_is_published", joined_twice("published_payments")),
    ("every_year_of_claims_is_published", year_of_claims_too_many),
    ("no_small_count_is_published", small_count_published),
    ("no_small_overlap_is_published", small_overlap_published),
    ("published_lines_add_up", raised("published_contract_value", "public_value_gbp", 0.01)),
    ("every_published_figure_beside_ours", lost("published_reconciliation")),
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
    ("nothing_moved_without_a_cause", headline_was("by_choice.time_convention.annual.bcr", 1.0001)),
]


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[name for name, _ in FAULTS])
def test_a_fault_is_caught_by_the_check_that_guards_against_it(
    seen_again: dict[str, Named], reference: Reference, name: str, fault: Fault
) -> None:
    tables, edition = seen_again[EDITION], reference.editions[EDITION]
    suite, check = next((suite, check) for suite, check in CHECKS if check.name == name)
    suite = replace(suite, checks=(check,))
    wrong = {**tables, **fault(tables)}
    checks = Checks.validate(run_suite(suite, {EDITION: wrong}, {EDITION: edition})[EDITION])
    row = checks.iloc[0]
    assert row["outcome"] == "failed"
    assert row["failed"] > 0
    assert "found" in row["examples"]
    assert [(p.path, p.column) for p in problems_of(EDITION, checks)] == [(f"{EDITION}, {suite.name}", name)]


def test_every_check_that_stops_a_run_is_shown_to_catch_something() -> None:
    assert {name for name, _ in FAULTS} == {check.name for _, check in CHECKS if check.severity == "error"}


# --- What comes of it ------------------------------------------------------------------------------------------


def test_what_is_held_against_the_last_edition_can_be_accepted_by_name(
    seen_again: dict[str, Named], reference: Reference
) -> None:
    wrong = seen_again[EDITION] | headline_was("bcr", 1.5)(seen_again[EDITION])
    edition = reference.editions[EDITION]
    assert outcomes(wrong, edition, ("market_near_the_last",))["market_near_the_last"] == "accepted"
    assert outcomes(wrong, edition, ("no_contract_dropped",))["market_near_the_last"] == "failed"


def test_what_can_be_accepted_is_said_with_how(seen_again: dict[str, Named], reference: Reference) -> None:
    wrong = seen_again[EDITION] | headline_was("bcr", 1.5)(seen_again[EDITION])
    suite = next(suite for suite in SUITES if suite.asset == "headline")
    problems = problems_of(EDITION, run_suite(suite, {EDITION: wrong}, reference.editions)[EDITION])
    assert [problem.column for problem in problems] == ["market_near_the_last", "nothing_moved_without_a_cause"]
    assert str(problems[0]).endswith("expected every row to hold, or --accept market_near_the_last if it is right)")


@pytest.mark.parametrize(
    ("was", "now", "outcome"),
    [(100.0, 110.0, "passed"), (100.0, 110.1, "failed"), (1_000.0, 899.9, "failed"), (20.0, 30.0, "passed")],
)
def test_a_result_may_be_restated_by_a_tenth(
    seen_again: dict[str, Named], reference: Reference, was: float, now: float, outcome: str
) -> None:
    """A few more or less are none of its business; a later end of the period is no restatement."""
    row = seen_again[EDITION]["published_reported_outcomes"].query("quantity > 0").head(1)
    at_all_times = {"last_payments": seen_again[EDITION]["last_payments"].iloc[:0]}
    tables = seen_again[EDITION] | at_all_times | {"last_reported_outcomes": row.assign(quantity=was)}
    found = {"published_reported_outcomes": row.assign(quantity=now)}
    edition = reference.editions[EDITION]
    assert outcome_of("past_periods_as_last_reported", tables | found, edition) == outcome
    later = {"published_reported_outcomes": found["published_reported_outcomes"].assign(period_end=pd.Timestamp.max)}
    assert outcome_of("past_periods_as_last_reported", tables | later, edition) == "nothing to compare"


def outcome_of(name: str, tables: Named, edition: Edition) -> str:
    """How one check of an edition comes out."""
    suite, check = next((suite, check) for suite, check in CHECKS if check.name == name)
    return str(run_suite(replace(suite, checks=(check,)), {"x": tables}, {"x": edition})["x"]["outcome"].item())


def test_a_new_contract_is_accepted_by_a_row_for_that_value_only(
    seen_again: dict[str, Named], reference: Reference
) -> None:
    """A row lets it pass in runs that nobody watches too; the message gives the row."""
    name = "new_contracts_like_others"
    tables = seen_again[EDITION] | new_and_worth_much("bcr", 20.0)(seen_again[EDITION])
    suite, check = next((suite, check) for suite, check in CHECKS if check.name == name)
    checks = run_suite(replace(suite, checks=(check,)), {EDITION: tables}, reference.editions)[EDITION]
    (problem,) = problems_of(EDITION, checks)
    assert ", or --accept new_contracts_like_others if it is right, or for good, a row" in str(problem)
    row = problem.expected.partition("a row in reference/accepted.csv: ")[2].split(",")
    assert (row[0], row[1].split()[1:], row[2]) == (name, [EDITION, "bcr"], "20.02")
    for value, outcome in ((row[2], "passed"), ("20.03", "failed"), ("", "failed")):
        accepted = pd.DataFrame([{"check": name, "key": row[1], "value": value}])
        assert outcome_of(name, tables | {"published_accepted": accepted}, reference.editions[EDITION]) == outcome


def test_all_that_would_be_accepted_by_name_is_named(seen_again: dict[str, Named], reference: Reference) -> None:
    tables = seen_again[EDITION]
    both = (
        tables | restated("reported_outcomes", "quantity", 1.3)(tables) | restated("payments", "amount_gbp", 2)(tables)
    )
    suite, check = next((suite, check) for suite, check in CHECKS if check.name == "past_periods_as_last_reported")
    checks = run_suite(replace(suite, checks=(check,)), {EDITION: both}, reference.editions)[EDITION]
    (problem,) = problems_of(EDITION, checks)
    assert problem.found.count(": found ") == 2


def test_a_broken_sum_is_never_accepted(seen_again: dict[str, Named], reference: Reference) -> None:
    tables = seen_again[EDITION]
    wrong = tables | {"market_value": more(tables["market_value"], "fiscal_gbp")}
    came_out = outcomes(wrong, reference.editions[EDITION], ("market_is_the_sum_of_contracts",))
    assert came_out["market_is_the_sum_of_contracts"] == "failed"


def test_figures_may_move_when_data_reference_or_code_have_changed(
    seen_again: dict[str, Named], reference: Reference
) -> None:
    tables = seen_again[EDITION]
    moved = tables | headline_was("bcr", 1.01)(tables)
    changed = moved | {"last_versions": moved["last_versions"].assign(hash="another")}
    edition = reference.editions[EDITION]
    assert outcomes(moved, edition)["nothing_moved_without_a_cause"] == "failed"
    assert outcomes(changed, edition)["nothing_moved_without_a_cause"] == "nothing to compare"


def test_what_was_seen_is_said_in_words(seen_again: dict[str, Named], reference: Reference) -> None:
    tables = seen_again[EDITION]
    suite = next(suite for suite in SUITES if suite.asset == "contract_value")
    wrong = tables | {"contract_value": tables["contract_value"].iloc[1:]}
    row = run_suite(suite, {EDITION: wrong}, reference.editions)[EDITION].iloc[0]
    assert row["saw"] == "100 contracts, 1 of them do not hold; 99 found of 100 expected"
    first = tables["contract_value"]["contract_id"].iloc[0]
    assert row["examples"] == f"{first}: found 0, expected 1"
    assert [str(p) for p in problems_of(EDITION, pd.DataFrame([row]))] == [
        "open-2026, contracts:0: every_contract_there_once: a contract dropped or doubled: 100 contracts, 1 of them do "
        f"not hold; 99 found of 100 expected (found '{first}: found 0, expected 1', expected every row to hold)"
    ]


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


def test_the_readme_names_every_suite_and_what_it_guards(project_root: Path) -> None:
    readme = (project_root / "README.md").read_text(encoding="utf-8")
    assert [suite.name for suite in SUITES if f"| {suite.name} | {suite.guards} |" not in readme] == []
