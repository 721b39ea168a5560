"""Faults that a check is there to catch, and how to see that it does.

Belongs here: what the tests of several layers share. A fault is given the tables that the checks see, and returns
those that it changes.
"""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from pipeline.checks.suite import Suite
from pipeline.checks.suites import SUITES
from pipeline.checks.validation import problems_of, run_suite
from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.tables.publication import Checks

Named = dict[str, pd.DataFrame]
# The tables that the checks of an edition see, by its id.
Seen = Callable[[str], Named]
Fault = Callable[[Named], Named]
EDITION = "open-2026"


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


def stops_a_run(*suites: Suite) -> set[str]:
    """The names of the checks of which each has to be shown to catch something."""
    return {check.name for suite in suites for check in suite.checks if check.severity == "error"}


def only(name: str) -> Suite:
    """The suite of a check, with that check alone."""
    suite, check = next((suite, check) for suite in SUITES for check in suite.checks if check.name == name)
    return replace(suite, checks=(check,))


def assert_caught(name: str, fault: Fault, tables: Named, reference: Reference) -> None:
    """A check fails for what it guards against, and says which rows failed."""
    suite = only(name)
    wrong = {EDITION: {**tables, **fault(tables)}}
    checks = Checks.validate(run_suite(suite, wrong, reference.editions)[EDITION])
    row = checks.iloc[0]
    assert row["outcome"] == "failed", f"{name} does not see the fault: {row['outcome']}, {row['saw']}"
    assert row["failed"] > 0
    assert "found" in row["examples"] or "is missing" in row["examples"]
    assert [(p.path, p.column) for p in problems_of(EDITION, checks)] == [(f"{EDITION}, {suite.name}", name)]


def outcome_of(name: str, tables: Named, edition: Edition) -> str:
    """How one check of an edition comes out."""
    return str(run_suite(only(name), {"x": tables}, {"x": edition})["x"]["outcome"].item())


def outcomes(tables: Named, edition: Edition, accepted: tuple[str, ...] = ()) -> dict[str, str]:
    """How each check of an edition comes out."""
    found = [run_suite(suite, {"x": tables}, {"x": edition}, accepted)["x"] for suite in SUITES]
    return pd.concat(found).set_index("check")["outcome"].to_dict()


def not_passed(came_out: dict[str, str]) -> dict[str, str]:
    return {name: outcome for name, outcome in came_out.items() if outcome != "passed"}
