"""Running a suite and telling how it came out.

Belongs here: asking Great Expectations about the views of all editions at once, and a row of ``Checks`` for each check.
What is checked is said in ``suites``, how it is asked in ``great_expectations``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.checks.great_expectations import Question, broken_rows
from pipeline.checks.suites import MAY_BE_ACCEPTED, Check, Suite
from pipeline.checks.views import Tables
from pipeline.facts.editions import Edition
from pipeline.facts.problems import Problem
from pipeline.tables.publication import Checks
from pipeline.tables.vocabulary import RUN_DOUBTS

EXAMPLES = 10
COLUMNS = Checks.to_schema().columns
# Columns of a view that are compared; all others are keys.
COMPARED = ("found", "expected", "lowest", "highest")


def run_suite(
    suite: Suite, tables: Mapping[str, Tables], editions: Mapping[str, Edition], accepted: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Run the checks of a suite over the tables of each edition; returns the columns of ``Checks`` by edition id.

    ``accepted``: names of checks against the last edition that are known not to hold and are accepted. Nothing is
    raised for a check that fails: see ``problems_of``.
    """
    views = [
        {edition_id: check.view(seen, editions[edition_id]) for edition_id, seen in tables.items()}
        for check in suite.checks
    ]
    wrong = _rows_that_do_not_hold(suite.checks, views)
    rows: dict[str, list[dict[str, Any]]] = {edition_id: [] for edition_id in tables}
    for number, (check, by_edition) in enumerate(zip(suite.checks, views, strict=True)):
        for edition_id, view in by_edition.items():
            broken = view.loc[wrong.get((number, edition_id), [])]
            rows[edition_id].append(_row(suite, check, view, broken, check.name in accepted))
    return {edition_id: pd.DataFrame(made, columns=list(COLUMNS)) for edition_id, made in rows.items()}


def problems_of(edition_id: str, checks: pd.DataFrame) -> list[Problem]:
    """Return a problem for each check that failed: ``edition: check: what it guards against (found …)``."""
    failed = checks[checks["outcome"] == "failed"]
    return [
        Problem(
            f"{edition_id}, {row.suite}",
            0,
            str(row.check),
            f"{row.guards}: {row.saw}",
            "; ".join(str(row.examples).splitlines()),
            "every row to hold" + _or_else(str(row.check), str(row.examples).partition("\n")[0]),
        )
        for row in failed.itertuples()
    ]


def _or_else(check: str, example: str) -> str:
    """What lets a check pass though it does not hold: a row of accepted.csv stays, a name is for one run."""
    by_name = f", or --accept {check} if it is right" if check in MAY_BE_ACCEPTED else ""
    if check not in RUN_DOUBTS:
        return by_name
    key, _, found = example.partition(": found ")
    value = found.partition(", expected")[0].replace(",", "")
    return f"{by_name}, or for good, a row in reference/accepted.csv: {check},{key},{value}"


def _rows_that_do_not_hold(
    checks: Sequence[Check], views: Sequence[Mapping[str, pd.DataFrame]]
) -> dict[tuple[int, str], list[int]]:
    """Index of the rows of each view that break what its check asks, by number of the check and edition.

    What is asked in the same way is asked at once: a question takes Great Expectations longer than thousands of rows.
    """
    batches: dict[tuple[str, str, str], list[pd.DataFrame]] = {}
    for number, (check, by_edition) in enumerate(zip(checks, views, strict=True)):
        for edition_id, view in by_edition.items():
            compared = [name for name in COMPARED if name in view]
            batch = view[compared].assign(number=number, edition=edition_id, position=view.index)
            asked = (check.asks, check.severity, view["found"].dtype.kind)
            batches.setdefault(asked, []).append(batch)
    wrong: dict[tuple[int, str], list[int]] = {}
    for (asks, severity, _), parts in batches.items():
        batch = pd.concat(parts, ignore_index=True)
        broken = batch.loc[broken_rows(Question(asks, severity, batch)) if len(batch) else []]
        for row in broken.itertuples():
            wrong.setdefault((row.number, row.edition), []).append(row.position)
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
        "examples": "\n".join(_example(row) for row in broken.head(EXAMPLES).to_dict("records")),
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
    """What the check saw, in a sentence: how many rows, how many do not hold, and totals where they say something."""
    if not len(view):
        return f"no {check.of}" + (f": {check.when_none}" if check.when_none else "")
    words = f"{len(view):,} {check.of}, " + (f"{failed:,} of them do not hold" if failed else "all hold")
    if check.total_of:
        form = "£{:,.2f}" if check.total_of == "GBP" else "{:,.0f}"
        found, expected = (form.format(view[side].sum()) for side in ("found", "expected"))
        words += f"; {found} found of {expected} expected"
    return words


def _example(row: Mapping[str, Any]) -> str:
    keys = ", ".join(str(value) for name, value in row.items() if name not in COMPARED)
    if "expected" in row:
        return f"{keys}: found {_plain(row['found'])}, expected {_plain(row['expected'])}"
    return f"{keys}: found {_plain(row['found'])}, expected {_bounds(row['lowest'], row['highest'])}"


def _bounds(lowest: float, highest: float) -> str:
    if highest == float("inf"):
        return f"at least {_plain(lowest)}"
    return f"{_plain(lowest)} to {_plain(highest)}"


def _plain(value: object) -> str:
    """A number as it is read; anything else as it is."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "nothing"
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")  # type: ignore[arg-type]
