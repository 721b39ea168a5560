"""Reading one CSV file, or many of the same kind, into a typed and validated table.

Belongs here: headers, rows, and turning what Pandera finds into problems with the row of the file. What a cell of a
type looks like is said in ``pipeline.facts.plain``, what a column may contain by the table models.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.common.timing import GATE, timed
from pipeline.facts.characters import ODD_CHARACTER, PLACEHOLDER, PLAIN_TEXT, named, odd_character
from pipeline.facts.files import UnreadableFileError, close_match, read_text
from pipeline.facts.plain import Kind, kind_of
from pipeline.facts.problems import Problem
from pipeline.tables.base import Table
from pipeline.tables.of_pandera import SchemaErrors
from pipeline.tables.typed import DataFrame, T

# A line end breaks lines where the cell is shown; it has no name that a reader knows.
LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# A tab, and spaces at which no line is broken, are harmless where nobody looks anything up by the text.
SPACES_OF_TEXT = str.maketrans(dict.fromkeys("\t\u00a0\u202f", " "))
# Columns of ids: whatever else they hold, people and programs tell rows apart by them.
ID_ENDING = "_id"
# What stands between the cells of files that are no CSV as it is meant here.
OTHER_SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
USED_TWICE, SAME_KEY, SAME_ROW = "used twice", "the same key twice", "the same row twice"
HEADER_AGAIN = "the header again"
# What a failed check of Pandera means to a reader, and what was expected where more is to be said than its argument;
# the check itself stands in the model.
CHECK_WORDS = {
    "not_nullable": ("missing", ""),
    "str_length": ("missing", ""),
    "isin": ("not one of the words allowed", "{}"),
    "str_matches": ("not of the form required", "{}"),
    "greater_than_or_equal_to": ("too small", "at least {}"),
    "greater_than": ("too small", "more than {}"),
    "less_than": ("too large", "less than {}"),
    "less_than_or_equal_to": ("too large", "at most {}"),
}
UNIQUE_CHECKS = ("field_uniqueness", "multiple_fields_uniqueness")


@dataclass
class TextRows:
    """Rows as text, each with the file and the row (header = 1) it came from.

    ``lines``: of a file that is one row, where each column stands in it, by path.
    """

    records: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: dict[str, dict[str, int]] = field(default_factory=dict)


def read_text_rows(
    path: Path,
    shown_path: str,
    columns: Sequence[str],
    constants: dict[str, str] | None = None,
    *,
    expected_rows: str | None = "at least one row",
) -> TextRows:
    """Read a CSV file as text.

    ``columns`` are those that the header must have, in any order; ``constants`` are added to every row;
    ``expected_rows``: what to say of a file without rows, None where that is nothing to speak of. A byte order mark
    and CRLF line ends are accepted. Never raises for bad content: it is reported.
    """
    rows = TextRows()
    try:
        text = read_text(path, shown_path)
    except UnreadableFileError as error:
        rows.problems.append(error.problem)
        return rows
    rows = rows_of(text, shown_path, columns, constants)
    if expected_rows is not None and not rows.records and not rows.problems:
        rows.problems.append(Problem(shown_path, 1, "row", "no rows", expected=expected_rows))
    return rows


def rows_of(
    text: str,
    shown_path: str,
    columns: Sequence[str],
    constants: dict[str, str] | None = None,
    *,
    name_of: Callable[[str], str] = str,
    is_export: bool = False,
) -> TextRows:
    """Return the rows of the text of a CSV file, as ``read_text_rows`` does.

    ``name_of``: what a column is called here, by its name in the header. ``is_export``: a program wrote it, so that it
    has columns of no interest here, but no empty line among its rows and no NUL.
    """
    rows = TextRows(problems=_header_problems(text, columns, shown_path, name_of, is_export))
    if is_export and "\0" in text:
        rows.problems.append(Problem(shown_path, text[: text.index("\0")].count("\n") + 1, "row", "a NUL character"))
    if rows.problems:
        return rows
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start, empty = 1, 0
    try:
        header = next(reader)
        names = [name_of(name) for name in header]
        start = reader.line_num + 1
        for cells in reader:
            if cells and empty and is_export:
                rows.problems.append(Problem(shown_path, empty, "row", "an empty line among the rows"))
            empty = 0 if cells else start
            _take_row(cells, header, names, shown_path, start, constants or {}, rows)
            start = reader.line_num + 1
    except csv.Error as error:
        rows.problems.append(_not_csv(error, shown_path, start))
    return rows


def unread_files(problems: Iterable[Problem]) -> set[str]:
    """Return the paths of files, and of folders, of which something could not be read at all.

    Nothing can be looked up in them: what is not found there may stand in the part that was not read.
    """
    readable = (SAME_KEY, SAME_ROW, HEADER_AGAIN)
    return {p.path for p in problems if p.row <= 1 or (p.column in ("file", "row") and p.what not in readable)}


def _take_row(
    cells: list[str],
    header: list[str],
    names: list[str],
    shown_path: str,
    row: int,
    constants: dict[str, str],
    rows: TextRows,
) -> None:
    if not cells:
        return
    if cells == header:
        rows.problems.append(Problem(shown_path, row, "row", HEADER_AGAIN))
        return
    if len(cells) != len(header):
        rows.problems.append(
            Problem(shown_path, row, "row", "wrong number of cells", str(len(cells)), f"{len(header)} cells")
        )
        return
    rows.records.append({**constants, **{name: cell.strip() for name, cell in zip(names, cells, strict=True)}})
    rows.places.append((shown_path, row))


def _not_csv(error: csv.Error, shown_path: str, row: int) -> Problem:
    if "field limit" in str(error):
        return Problem(shown_path, row, "row", f"a cell longer than {csv.field_size_limit():,} characters")
    return Problem(shown_path, row, "row", f"not readable as CSV: {error}")


def _header_problems(
    text: str, columns: Sequence[str], shown_path: str, name_of: Callable[[str], str], is_export: bool
) -> list[Problem]:
    first_line = text.partition("\n")[0]
    for separator, words in OTHER_SEPARATORS.items():
        names = {name_of(name.strip().strip('"')) for name in first_line.split(separator)}
        if len(names & set(columns)) > 1:
            return [Problem(shown_path, 1, "header", f"the cells are separated by {words}", expected="','")]
    try:
        header = next(csv.reader(io.StringIO(text, newline=""), strict=True), None)
    except csv.Error as error:
        return [_not_csv(error, shown_path, 1)]
    if header is None:
        return [Problem(shown_path, 1, "header", "the file is empty", expected=",".join(columns))]
    return list(_column_problems([name_of(name) for name in header], columns, shown_path, may_have_more=is_export))


def _column_problems(
    header: list[str], columns: Sequence[str], shown_path: str, may_have_more: bool = False
) -> Iterable[Problem]:
    """Yield what is wrong with the names of a header; a name that was probably meant is not said to be missing too."""
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns and not may_have_more]
    meant = {name: close_match(name, missing) for name in unknown}
    others = [name for name in header if name not in columns]
    for name in missing:
        if repr(name) not in meant.values():
            renamed = close_match(name, others) if may_have_more else ""
            what = f"column missing; {renamed} looks like it, renamed" if renamed else "column missing"
            yield Problem(shown_path, 1, name, what, "" if renamed else ",".join(header))
    for name in unknown:
        found = name if meant[name] else ""
        yield Problem(shown_path, 1, name or "(no name)", "unknown column", found, meant[name])
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield Problem(shown_path, 1, name, "column given twice")


def to_table(rows: TextRows, model: type[T], *, index_by_row: bool = False) -> tuple[DataFrame[T], list[Problem]]:
    """Convert text rows to the types of ``model`` and validate them, all problems at once.

    Returns the table with every row, each column of its type, and the problems found. A cell that cannot be read is
    the empty value of its type; nothing more is said of it, and no rule over its whole row. ``index_by_row``: the
    index of the table is the row in the file (header = 1), for rows of one file.
    """
    table, unreadable = _typed(rows, model)
    problems = list(unreadable.values())
    try:
        with timed(GATE):
            table = model.validate(table, lazy=True)
    except SchemaErrors as error:
        problems.extend(_problems_of(error.failure_cases, rows, unreadable))
        # Pandera names the rows of a key that is given twice, but not which of them came first.
        if error.failure_cases["check"].isin(UNIQUE_CHECKS).any():
            problems.extend(_repetitions(table, rows, model, {position for position, _ in unreadable}))
    if index_by_row:
        table = table.set_axis([row for _, row in rows.places], axis=0)
    return table, problems


def _typed(rows: TextRows, model: type[Table]) -> tuple[pd.DataFrame, dict[tuple[int, str], Problem]]:
    """Return the rows with the types of ``model``, and the problem of each cell that could not be read."""
    unreadable: dict[tuple[int, str], Problem] = {}
    columns = {}
    for name, column in model.to_schema().columns.items():
        kind = kind_of(str(column.dtype))
        texts = [record[name] for record in rows.records]
        # Most texts of a column stand there many times.
        read = {text: _read(text, name, kind) for text in set(texts)}
        values = [read[text][0] for text in texts]
        if any(said for _, said in read.values()):
            for position, text in enumerate(texts):
                if said := read[text][1]:
                    unreadable[position, name] = Problem(*rows.places[position], name, *said)
        columns[name] = pd.Series(values, dtype=str(column.dtype) if kind.name != "text" else "str")
    return pd.DataFrame(columns), unreadable


def _read(text: str, column: str, kind: "Kind") -> tuple[Any, tuple[str, str, str] | None]:
    """The value of a text, and what is wrong with it if anything is: that, the text, and what was expected."""
    try:
        value = kind.convert(text)
    except ValueError:
        return kind.empty, kind.said_of(text)
    what, expected = _misleading(column, text)
    return value, (what, text, expected) if what else None


def _misleading(column: str, text: str) -> tuple[str, str]:
    """What is wrong with a text that is not what it looks like, and what was expected; two empty texts if it is."""
    is_id = column.endswith(ID_ENDING)
    if text.isascii() and text.isprintable():
        return ("stands for no id", "an id, or an empty cell") if is_id and PLACEHOLDER.fullmatch(text) else ("", "")
    if LINE_END.search(text):
        return "a line end within the cell", ""
    if odd := odd_character(text if is_id else text.translate(SPACES_OF_TEXT)):
        return f"{ODD_CHARACTER}, {odd}", PLAIN_TEXT
    if is_id and not text.isascii():
        strange = next(character for character in text if not character.isascii())
        return f"a character that no id has, {named(strange)}", "plain letters, digits and signs"
    return "", ""


def _problems_of(cases: pd.DataFrame, rows: TextRows, unreadable: dict[tuple[int, str], Problem]) -> Iterable[Problem]:
    """Turn Pandera's failure cases into problems, keys that are given twice aside.

    A check over whole rows, whose name begins with the column concerned and a colon, is reported once per row.
    """
    broken_rows = {position for position, _ in unreadable}
    seen: set[tuple[int, str, str]] = set()
    told = cases[~cases["check"].isin(UNIQUE_CHECKS)]
    for index, check, of_column in zip(*(told[name].tolist() for name in ("index", "check", "column")), strict=True):
        position = int(index)
        column, is_row_rule, what = check.partition(": ")
        if not is_row_rule:
            column = of_column
        if (position, column, check) in seen:
            continue
        seen.add((position, column, check))
        path, row = rows.places[position]
        found = rows.records[position].get(column, "")
        if is_row_rule and position not in broken_rows:
            yield Problem(path, row, column, what, found)
        elif not is_row_rule and (position, column) not in unreadable:
            what, expected = _words_of(check)
            yield Problem(path, row, column, what, found, expected)


@cache
def _words_of(check: str) -> tuple[str, str]:
    """What is wrong and what was expected, of a check over one column such as ``isin(['a', 'b'])``."""
    name, _, argument = check.partition("(")
    what, expected = CHECK_WORDS.get(name, (check, ""))
    return what, expected.format(argument.removesuffix(")"))


def _repetitions(table: pd.DataFrame, rows: TextRows, model: type[Table], broken_rows: set[int]) -> Iterable[Problem]:
    """Yield the rows that repeat the key of an earlier one; the whole row, the key of the table, or one column."""
    schema = model.to_schema()
    keys = [[name] for name, column in schema.columns.items() if column.unique]
    keys += [list(schema.unique)] if schema.unique else []
    sound = table.drop(index=list(broken_rows))
    told: set[int] = set()
    for key in keys:
        firsts = sound.groupby(key, dropna=False, sort=False)[key[0]].transform(lambda part: part.index[0])
        for position in sound.index[sound.duplicated(key)]:
            if position not in told:
                yield _repetition(int(position), int(firsts[position]), key, rows)
                told.add(position)


def _repetition(position: int, first: int, key: Sequence[str], rows: TextRows) -> Problem:
    (path, row), (first_path, first_row) = rows.places[position], rows.places[first]
    where = f"first in row {first_row}" if first_path == path else f"first in {first_path}:{first_row}"
    same, other = ({k: v for k, v in rows.records[at].items() if k != "row"} for at in (position, first))
    if same == other:
        return Problem(path, row, "row", SAME_ROW, expected=f"each row once; {where}")
    found = ", ".join(same[name] for name in key)
    if len(key) == 1:
        return Problem(path, row, key[0], USED_TWICE, found, f"each once; {where}")
    return Problem(path, row, "row", SAME_KEY, found, f"{', '.join(key[:-1])} and {key[-1]} together once; {where}")
