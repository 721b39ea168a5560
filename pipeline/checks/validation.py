"""Running a suite and telling how it came out.

Belongs here: asking Great Expectations about the views of all editions at once, and a row of ``Checks`` for each check.
What is checked is said by the module of each layer, how it is asked in ``great_expectations``.
"""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from pipeline.checks.great_expectations import Question, broken_rows
from pipeline.checks.suite import COMPARED, Check, Suite, Tables
from pipeline.checks.suites import MAY_BE_ACCEPTED
from pipeline.facts.editions import Edition
from pipeline.facts.problems import Problem
from pipeline.tables.publication import Checks
from pipeline.tables.vocabulary import RUN_DOUBTS

EXAMPLES = 10
COLUMNS = Checks.to_schema().columns


def run_suite(
    suite: Suite, tables: Mapping[str, Tables], editions: Mapping[str, Edition], accepted: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Run the checks of a suite over the tables of each edition; returns the columns of ``Checks`` by edition id,
    with nobody yet who accepted what.

    ``tables``: by edition, at least those that the suite reads. ``accepted``: names of checks against the last edition
    that are known to fail and are accepted; with the id of an edition before the name, in that one alone. Nothing
    is raised for a check that fails: see ``problems_of``.
    """
    views = {
        (check.name, edition_id): check.compared(of_edition, editions[edition_id])
        for check in suite.checks
        for edition_id, of_edition in tables.items()
    }
    wrong = _rows_that_failed(suite, views)
    rows: dict[str, list[dict[str, Any]]] = {edition_id: [] for edition_id in tables}
    for check in suite.checks:
        for edition_id in tables:
            view = views[check.name, edition_id]
            broken = view.loc[wrong.get((check.name, edition_id), [])]
            rows[edition_id].append(_row(suite, check, view, broken, _is_accepted(check.name, edition_id, accepted)))
    return {edition_id: pd.DataFrame(made, columns=list(COLUMNS)) for edition_id, made in rows.items()}


def _is_accepted(check: str, edition_id: str, accepted: Collection[str]) -> bool:
    """Whether a check may fail: in every edition, or, as ``open-2026 check``, in this one."""
    return check in accepted or f"{edition_id} {check}" in accepted


def problems_of(edition_id: str, checks: pd.DataFrame) -> list[Problem]:
    """Return a problem for each check that failed: its first rows, what lets it pass, and how many failed."""
    failed = checks[checks["outcome"] == "failed"]
    return [
        Problem(
            f"{edition_id}, {row.suite}",
            0,
            str(row.check),
            f"{'; '.join(str(row.examples).splitlines())}. {_or_else(row)}"
            f"{str(row.saw)[:1].upper()}{str(row.saw)[1:]}. "
            f"The check guards against {row.guards}",
        )
        for row in failed.itertuples()
    ]


def _first(row: Any) -> str:
    return str(row.examples).partition("\n")[0]


def _or_else(row: Any) -> str:
    """What lets a check pass that failed: a row of accepted.csv stays, the word of a person is for once."""
    if row.check not in MAY_BE_ACCEPTED:
        return ""
    by_name = f"If that is right: publicvalue accept {row.check} --by NAME --because TEXT"
    if row.check not in RUN_DOUBTS:
        return f"{by_name}. "
    key, _, found = _first(row).partition(": found ")
    value = found.partition(", expected")[0].replace(",", "")
    return f"{by_name}, or for good a row in reference/accepted.csv: {row.check},{key},{value}. "


def _rows_that_failed(suite: Suite, views: Mapping[tuple[str, str], pd.DataFrame]) -> dict[tuple[str, str], list[int]]:
    """Index of the rows of each view that failed, by check and edition; all views are asked about at once."""
    parts = [
        view[list(COMPARED[check.asks])].assign(check=check.name, edition=edition_id, position=view.index)
        for check in suite.checks
        for (name, edition_id), view in views.items()
        if name == check.name and len(view)
    ]
    wrong: dict[tuple[str, str], list[int]] = {}
    if parts:
        table = pd.concat(parts, ignore_index=True)
        for row in table.loc[broken_rows(Question(suite, table))].itertuples():
            wrong.setdefault((row.check, row.edition), []).append(row.position)
    return wrong


def _row(suite: Suite, check: Check, view: pd.DataFrame, broken: pd.DataFrame, is_accepted: bool) -> dict[str, Any]:
    return {
        "suite": suite.name,
        "guards_suite": suite.guards,
        "asset": suite.asset,
        "check": check.name,
        "guards": check.guards,
        "severity": check.severity,
        "rows": len(view),
        "failed": len(broken),
        "outcome": _outcome(check, len(view), len(broken), is_accepted),
        "saw": _saw(check, view, len(broken)),
        # Who accepted it is known to the run that publishes.
        "accepted_by": "",
        "accepted_because": "",
        "examples": "\n".join(_example(check, row) for row in broken.head(EXAMPLES).to_dict("records")),
    }


def _outcome(check: Check, rows: int, failed: int, is_accepted: bool) -> str:
    if not rows:
        return "nothing to compare"
    if not failed:
        return "passed"
    if check.severity == "warning":
        return "warned"
    return "accepted" if check.is_against_last and is_accepted else "failed"


def _saw(check: Check, view: pd.DataFrame, failed: int) -> str:
    """What the check saw, in a sentence: how many rows, how many failed, and totals where they say something."""
    if not len(view):
        return f"there are no {check.of}" + (f": {check.when_none}" if check.when_none else "")
    all_passed = f"all {len(view):,} {check.of} passed" if len(view) > 1 else f"1 of 1 {check.of} passed"
    words = f"{failed:,} of {len(view):,} {check.of} failed" if failed else all_passed
    if check.total_of:
        form = "£{:,.2f}" if check.total_of == "GBP" else "{:,.0f}"
        found, expected = (form.format(view[side].sum()) for side in ("found", "expected"))
        words += f"; {found} found, {expected} expected"
    return words


def _example(check: Check, row: Mapping[str, Any]) -> str:
    if check.says:
        return check.says.format(**{name: row[name] for name in check.keys})
    keys = ", ".join(str(row[name]) for name in check.keys)
    expected = _plain(row["expected"]) if check.asks == "equal" else _bounds(row["lowest"], row["highest"])
    return f"{keys}: found {_plain(row['found'])}, expected {expected}"


def _bounds(lowest: float, highest: float) -> str:
    return f"at least {_plain(lowest)}" if highest == float("inf") else f"{_plain(lowest)} to {_plain(highest)}"


def _plain(value: object) -> str:
    """A number as it is read; anything else as it is."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "nothing"
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")  # type: ignore[arg-type]
