"""The sheets of results and payments as rows of ``outcomes.csv`` and ``payments.csv``.

Belongs here: finding the headings, telling hints, empty rows and totals from rows that count, and reading each cell by
what its column holds. The lines of the sheet of the contract are read in ``contract``.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.facts.characters import odd_character
from pipeline.facts.files import close_match
from pipeline.facts.problems import Problem
from pipeline.importers.imported import OUTCOMES_FILE, PAYMENTS_FILE, Row, TableFile
from pipeline.importers.outcomes import cells
from pipeline.importers.outcomes.cells import WHY_SUPPRESSED, NotReadError, SuppressedError
from pipeline.importers.outcomes.forms import (
    NEEDED,
    OPTIONAL,
    PAYMENTS,
    RESULTS,
    TABLES,
    TELLING,
    Field,
    Kind,
    locator_of,
    row_of,
)
from pipeline.importers.outcomes.grid import HEADINGS_WITHIN, Grid, name_of
from pipeline.tables.vocabulary import PAYER_KINDS

FILE_OF: dict[str, TableFile] = {RESULTS: OUTCOMES_FILE, PAYMENTS: PAYMENTS_FILE}
HINT = re.compile(rf"({NEEDED}|{OPTIONAL}):.*")
TOTALS_ROW = re.compile(
    r"((grand|sub|overall)[ -]?)?totals?( (paid|payments|results|outcomes|to date))?( [0-9]{4}([/–-][0-9]{2,4})?)?:?"
    r"|sum:?|overall:?|all (payments|results|outcomes):?",
    re.IGNORECASE,
)
NOBODY = "unknown"
SECOND_NUMBER = "a second number for the same metric, type and period"
# What tells the results of one source apart.
REPORTED_ONCE = ("metric_id", "result_type", "period_start", "period_end")


@dataclass
class Read:
    """What a sheet came to: rows, cells that were rejected, what was left out, problems, and hints for the mapping."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Row] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    # The outcome that whoever filled in the sheet thinks of, by metric.
    outcome_of: dict[str, str] = field(default_factory=dict)


def read_rows(table: str, grid: Grid) -> Read:
    """Return what a sheet of results or payments says, with every problem in it."""
    read = Read()
    head = _headings_at(table, grid)
    if head is None:
        needed = ", ".join(column.heading for column in TABLES[table] if column.needed)
        expected = f"a row with the headings of the template: {needed} are needed"
        read.problems.append(grid.problem(0, "header", "no row of headings found", expected=expected))
        return read
    places, problems = _columns_of(table, grid, head)
    body = [
        (row, _by_column(texts, places)) for row, texts in grid.rows[head + 1 :] if any(texts) and not _is_hint(texts)
    ]
    totals = {row: total for row, said in body if (total := _total_in(table, said)) and not _is_whole(table, said)}
    counted = [(row, said) for row, said in body if row not in totals]
    # A heading may be missing because it is merged with another: then that is what is wrong.
    troubles = list(_troubles_in(grid, head, [grid.rows[head][0], *(row for row, _ in counted)]))
    read.problems += troubles or problems
    if not counted and not read.problems:
        read.problems.append(grid.problem(0, "row", "no rows", expected="at least one row"))
    read.left_out += [
        f"{locator_of(table, row)}: left out: a row of totals ({total!r}) would count everything twice"
        for row, total in totals.items()
    ]
    if not read.problems:
        for row, said in counted:
            _take_row(table, grid, row, said, places, read)
    if table == RESULTS:
        read.problems += _reported_twice(grid, read.rows)
    return read


def _troubles_in(grid: Grid, head: int, read_rows: list[int]) -> Iterator[Problem]:
    """What is wrong with cells of the rows that are read; what stands elsewhere does not matter."""
    for trouble in grid.troubles:
        place = bisect_left(read_rows, trouble.rows.start)
        if place < len(read_rows) and read_rows[place] in trouble.rows:
            column = _at(grid.rows[head][1], trouble.column - 1) or "row"
            yield grid.problem(read_rows[place], column, trouble.what, trouble.found, trouble.expected)


def is_empty(table: str, grid: Grid) -> bool:
    """Tell whether nobody has filled in anything below the headings of a sheet."""
    head = _headings_at(table, grid)
    return head is not None and not any(any(texts) and not _is_hint(texts) for _, texts in grid.rows[head + 1 :])


# --- Headings ------------------------------------------------------------------------------------------------


def _headings_at(table: str, grid: Grid) -> int | None:
    """Where among the rows the headings stand; titles may stand above them."""
    known = {column.name for column in TABLES[table]}
    for place, (_, texts) in enumerate(grid.rows[:HEADINGS_WITHIN]):
        if len(known & {name_of(text) for text in texts}) > 1:
            return place
    return None


def _columns_of(table: str, grid: Grid, head: int) -> tuple[dict[str, int], list[Problem]]:
    """At which place each column stands, and what is wrong with the headings."""
    row, texts = grid.rows[head]
    known = {column.name: column for column in TABLES[table]}
    places: dict[str, int] = {}
    problems = []
    missing = [name for name in known if name not in {name_of(text) for text in texts}]
    for place, text in enumerate(texts):
        name = name_of(text)
        if name in places:
            problems.append(grid.problem(row, name, "column given twice"))
        elif name in known:
            places[name] = place
        elif text:
            expected = close_match(name, missing).replace("_", " ") or "a column of the template, or none"
            problems.append(grid.problem(row, text, "unknown column", text, expected))
        elif any(_at(below, place) and not _is_hint(below) for _, below in grid.rows[head + 1 :]):
            expected = "nothing in a column without a heading"
            problems.append(grid.problem(row, f"(column {place + 1})", "no heading", expected=expected))
    problems += [
        grid.problem(row, known[name].heading, "column missing", ", ".join(filter(None, texts)))
        for name in missing
        if known[name].needed
    ]
    return places, problems


def _at(texts: list[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


def _by_column(texts: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: _at(texts, place) for name, place in places.items()}


def _is_hint(texts: list[str]) -> bool:
    return all(HINT.fullmatch(text) for text in texts if text)


# --- Rows ----------------------------------------------------------------------------------------------------


def _take_row(table: str, grid: Grid, number: int, said: Row, places: Mapping[str, int], read: Read) -> None:
    """Read one row into ``read``: as a row, as a rejected cell, or as problems."""
    if total := _total_in(table, said):
        what, expected = "a totals row that is filled in like any other", "another name, or no such row"
        read.problems.append(grid.problem(number, "row", what, total, expected))
        return
    telling = TELLING[table]
    if (number, places[telling] + 1) in grid.sums:
        what = "a sum of its own column, which would count everything twice"
        expected = "no such row, or the value itself if it is no total"
        read.problems.append(grid.problem(number, telling.replace("_", " "), what, said[telling], expected))
        return
    row, suppressed, problems = _cells_of(table, grid, number, said)
    read.problems += problems
    place = {"locator": locator_of(table, number)}
    if suppressed and not problems:
        read.rejected.append(_rejected(table, number, telling, said[telling]) | place)
    elif not problems:
        if hint := row.pop("outcome_type", ""):
            read.outcome_of.setdefault(row["metric_id"], hint)
        read.rows.append({name: (row | place).get(name, "") for name in FILE_OF[table].columns})


def _reported_twice(grid: Grid, rows: Iterable[Row]) -> Iterator[Problem]:
    """Results of a metric that has one of the same type and period: which of them counts nobody can tell."""
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        number = row_of(row["locator"])
        before = first.setdefault(tuple(row[name] for name in REPORTED_ONCE), number)
        if before != number:
            expected = f"one; the first is in row {before}"
            yield grid.problem(number, "metric id", SECOND_NUMBER, row["metric_id"], expected)


def _total_in(table: str, said: Row) -> str:
    """The text by which a row calls itself a total, nothing if it does not."""
    texts = (said.get(column.name, "") for column in TABLES[table] if column.kind is not Kind.NUMBER)
    return next((text for text in texts if TOTALS_ROW.fullmatch(text)), "")


def _is_whole(table: str, said: Row) -> bool:
    """Whether all that is needed of a row is filled in."""
    return all(said.get(column.name) for column in TABLES[table] if column.needed)


def _rejected(table: str, number: int, column: str, value: str) -> Row:
    shown = f"(text with {odd})" if (odd := odd_character(value)) else value
    column = column.replace("_", " ")
    return {"file": table, "row": str(number), "column": column, "value": shown, "reason": WHY_SUPPRESSED}


def _cells_of(table: str, grid: Grid, number: int, said: Row) -> tuple[Row, bool, list[Problem]]:
    """The cells of a row as ``raw/`` has them, whether its number is suppressed, and what is wrong."""
    row: Row = {}
    is_suppressed, problems = False, []
    for column in TABLES[table]:
        text = said.get(column.name, "")
        try:
            row[column.name] = _read(column, text, said)
            if column.needed and not text:
                raise NotReadError("empty", column.expected)
        except SuppressedError:
            is_suppressed = True
        except NotReadError as error:
            problems.append(grid.problem(number, column.heading, error.what, text, error.expected))
    if table == PAYMENTS and not row.get("payer_kind"):
        if row.get("payer"):
            what, expected = "empty, though a payer is named", ", ".join(PAYER_KINDS)
            problems.append(grid.problem(number, "payer kind", what, expected=expected))
        row["payer_kind"] = NOBODY
    return row, is_suppressed, problems


def _read(column: Field, text: str, said: Row) -> str:
    """The text of a cell, read by what its column holds."""
    if column.kind is Kind.NUMBER:
        return cells.number(text)
    if column.kind is Kind.START:
        return cells.start_of(text)
    if column.kind is Kind.END:
        return cells.end_of(text, said.get("period_start", ""))
    if column.kind is Kind.WORD:
        return cells.word(text, column.words)
    return cells.truth(text) if column.kind is Kind.TRUTH else text


def metrics_of(rows: Iterable[Row]) -> dict[str, str]:
    """Return the label of each metric of results, in the order in which they come."""
    return {row["metric_id"]: row["label"] for row in rows}
