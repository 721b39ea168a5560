"""The suites of checks as Dagster's asset checks.

Belongs here: running the suites of an asset before its tables are stored, telling Dagster how each check came out,
and keeping the outcomes for the page of the report. What is checked is said in ``pipeline.checks``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

import dagster as dg
import pandas as pd

from pipeline.checks.suite import Check, Suite, Tables
from pipeline.checks.suites import SUITE_OF, SUITES
from pipeline.checks.validation import problems_of, run_suite
from pipeline.facts.editions import Edition
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.orchestration.assets.inputs import Inputs
from pipeline.report.previews import markdown_table

OUTCOME_COLUMNS = ("edition", "outcome", "saw", "examples")
SEVERITIES = {"error": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def check_specs(assets: Iterable[str]) -> list[dg.AssetCheckSpec]:
    """Return the checks that guard some assets; one whose severity is error stops the run when it fails."""
    return [
        dg.AssetCheckSpec(
            check.name,
            asset=suite.asset,
            description=f"Guards against {check.guards}.",
            blocking=check.severity == "error",
        )
        for suite in _suites_of(assets)
        for check in suite.checks
    ]


def checked_across(
    assets: Iterable[str],
    editions: Iterable[Edition],
    made: Mapping[str, Tables],
    inputs: Inputs,
    accepted: Collection[str] = (),
) -> Iterator[dg.AssetCheckResult]:
    """Run the suites of some assets over the tables of each edition, about to be stored; yields how each came out.

    ``made``: these tables by edition; what else a suite reads is stored. Of an edition that is not in it the tables
    are as they were, and so is how the checks came out. ``accepted``: names of checks against the last edition that may
    fail. Raises ``DataProblems`` after the last result when a check has failed in some edition.
    """
    problems: list[Problem] = []
    for suite in _suites_of(assets):
        tables = {key: _read(suite, made[key], inputs, inputs.editions[key]) for key in made}
        fresh = run_suite(suite, tables, inputs.editions, accepted) if made else {}
        for edition_id, table in fresh.items():
            inputs.store.write(_stored_as(suite.asset), table, inputs.edition_version, edition_id)
            problems += problems_of(edition_id, table)
        outcomes = {e.edition: inputs.edition_table(_stored_as(suite.asset), e) for e in editions}
        yield from (_result(suite, check, outcomes) for check in suite.checks)
    raise_if_any(problems)


def outcomes_stored_as(assets: Iterable[str]) -> list[str]:
    """Return under which names it is stored how the checks of some assets came out."""
    return [_stored_as(suite.asset) for suite in _suites_of(assets)]


def outcomes_of(inputs: Inputs, edition: Edition) -> pd.DataFrame:
    """Return how the checks of an edition came out, of all suites.

    Raises ``DataProblems`` when a suite was not run on this version of all: none is left out unsaid.
    """
    names = outcomes_stored_as(suite.asset for suite in SUITES)
    return pd.concat([inputs.edition_table(name, edition) for name in names], ignore_index=True)


def _suites_of(assets: Iterable[str]) -> list[Suite]:
    return [SUITE_OF[asset] for asset in assets if asset in SUITE_OF]


def _read(suite: Suite, made: Tables, inputs: Inputs, edition: Edition) -> Tables:
    """The tables that the checks of a suite name: those just made, else as they are stored."""
    return {name: made[name] if name in made else inputs.table(name, edition) for name in suite.reads}


def _stored_as(asset: str) -> str:
    return f"checks_of_{asset}"


def _result(suite: Suite, check: Check, outcomes: Mapping[str, pd.DataFrame]) -> dg.AssetCheckResult:
    """How a check came out over the editions of the run."""
    rows = [(key, table[table["check"] == check.name].iloc[0]) for key, table in outcomes.items()]
    return dg.AssetCheckResult(
        asset_key=suite.asset,
        check_name=check.name,
        passed=all(row["outcome"] not in ("failed", "warned") for _, row in rows),
        severity=SEVERITIES[check.severity],
        description="; ".join(f"{key}: {row['outcome']}, {row['saw']}" for key, row in rows),
        metadata={
            "editions": dg.MetadataValue.md(
                markdown_table(
                    OUTCOME_COLUMNS,
                    [(key, *(str(row[name]) for name in OUTCOME_COLUMNS[1:])) for key, row in rows],
                )
            ),
            "rows": int(sum(row["rows"] for _, row in rows)),
        },
    )
