"""Reading one CSV file, or many of the same kind, into a typed and validated table.

Belongs here: decoding, headers, plain numbers and dates, and turning what Pandera finds into problems with
the row of the file. What a column may contain is said by the table models, not here.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from pipeline.facts.problems import Problem
from pipeline.tables.base import Table

# Plain digits, and no more of them than a number of that size can hold exactly.
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
ISO_DATE = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
EXPECTED = {
    "number": "a plain number such as 1234.5",
    "whole number": "a plain whole number such as 1234",
    "date": "a date such as 2018-10-31",
    "truth": "true or false",
}
# What a failed check of Pandera means to a reader; the check itself stands in the model.
CHECK_WORDS = {
    "not_nullable": "missing",
    "str_length": "missing",
    "isin": "not one of the words allowed",
    "str_matches": "not of the form required",
    "greater_than_or_equal_to": "too small",
    "greater_than": "too small",
    "less_than": "too large",
    "less_than_or_equal_to": "too large",
    "field_uniqueness": "used twice",
    "multiple_fields_uniqueness": "the same key twice",
}


@dataclass
class TextRows:
    """Rows as text, each with the file and the row (header = 1) it came from."""

    records: list[dict[str, str]] = field(default_factory=list)
    places: list[tuple[str, int]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_text_rows(
    path: Path, shown_path: str, columns: Sequence[str], constants: dict[str, str] | None = None
) -> TextRows:
    """Read a CSV file as text.

    ``columns`` are those that the header must have, in any order; ``constants`` are added to every row.
    A byte order mark and CRLF line ends are accepted. Never raises for bad content: it is reported.
    """
    rows = TextRows()
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        rows.problems.append(Problem(shown_path, 0, "file", "missing"))
        return rows
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        rows.problems.append(Problem(shown_path, line, "file", "not UTF-8 text", expected="UTF-8; save it again"))
        return rows
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if not _header_is_right(header, columns, shown_path, rows.problems):
            return rows
        assert header is not None
        start = reader.line_num + 1
        for cells in reader:
            _take_row(cells, header, shown_path, start, constants or {}, rows)
            start = reader.line_num + 1
    except csv.Error as error:
        rows.problems.append(Problem(shown_path, reader.line_num, "row", f"not readable as CSV: {error}"))
    return rows


def _take_row(
    cells: list[str], header: list[str], shown_path: str, row: int, constants: dict[str, str], rows: TextRows
) -> None:
    if not cells:
        return
    if len(cells) != len(header):
        rows.problems.append(
            Problem(shown_path, row, "row", "wrong number of cells", str(len(cells)), f"{len(header)} cells")
        )
        return
    rows.records.append({**constants, **{name: cell.strip() for name, cell in zip(header, cells, strict=True)}})
    rows.places.append((shown_path, row))


def _header_is_right(
    header: list[str] | None, columns: Sequence[str], shown_path: str, problems: list[Problem]
) -> bool:
    if header is None:
        problems.append(Problem(shown_path, 1, "header", "the file is empty", expected=",".join(columns)))
        return False
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    problems.extend(Problem(shown_path, 1, name, "column missing", ",".join(header)) for name in missing)
    problems.extend(Problem(shown_path, 1, name or "(no name)", "unknown column") for name in unknown)
    problems.extend(Problem(shown_path, 1, name, "column given twice") for name in twice)
    return not (missing or unknown or twice)


def to_table(rows: TextRows, model: type[Table], *, index_by_row: bool = False) -> tuple[pd.DataFrame, list[Problem]]:
    """Convert text rows to the types of ``model`` and validate them, all problems at once.

    Returns the table, without the rows that could not be converted, and the problems found. ``index_by_row``: the
    index of the table is the row in the file (header = 1), for rows of one file.
    """
    schema = model.to_schema()
    problems: list[Problem] = []
    data: dict[str, list[Any]] = {}
    broken: set[int] = set()
    for name, col in schema.columns.items():
        convert, expected = _converter(str(col.dtype))
        values: list[Any] = []
        for position, record in enumerate(rows.records):
            text = record[name]
            try:
                values.append(convert(text))
            except ValueError:
                values.append(None)
                broken.add(position)
                path, row = rows.places[position]
                problems.append(Problem(path, row, name, f"not a {expected}", text, EXPECTED[expected]))
        data[name] = values
    table = pd.DataFrame(data, columns=list(schema.columns))
    kept = [position for position in range(len(table)) if position not in broken]
    table = table.loc[kept]
    try:
        table = model.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        problems.extend(_problems_of(error.failure_cases, rows, model))
    if index_by_row:
        return table.set_axis([rows.places[position][1] for position in table.index], axis=0), problems
    return table.reset_index(drop=True), problems


def _converter(dtype: str) -> tuple[Any, str]:
    if dtype.startswith("float"):
        return _number, "number"
    if dtype.startswith("Int"):
        return _whole_number, "whole number"
    if dtype.startswith("datetime"):
        return _date, "date"
    if dtype.startswith("bool"):
        return _truth, "truth"
    return str, "text"


def _number(text: str) -> float:
    if not text:
        return float("nan")
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _whole_number(text: str) -> int | None:
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _date(text: str) -> pd.Timestamp | None:
    if not text:
        return None
    if not ISO_DATE.fullmatch(text):
        raise ValueError(text)
    return pd.Timestamp(date.fromisoformat(text))


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _problems_of(cases: pd.DataFrame, rows: TextRows, model: type[Table]) -> Iterable[Problem]:
    """Turn Pandera's failure cases into problems; a check over whole rows is reported once per row."""
    seen: set[tuple[int, str]] = set()
    for case in cases.to_dict("records"):
        position = int(case["index"])
        check = str(case["check"])
        is_row_rule = ": " in check
        key = (position, check)
        if key in seen:
            continue
        seen.add(key)
        path, row = rows.places[position]
        if is_row_rule:
            column, _, what = check.partition(": ")
            yield Problem(path, row, column, what, rows.records[position].get(column, ""))
        elif check == "multiple_fields_uniqueness":
            yield Problem(path, row, "row", CHECK_WORDS[check], expected="each key once")
        else:
            yield _column_problem(path, row, str(case["column"]), check, rows.records[position])


def _column_problem(path: str, row: int, column: str, check: str, record: dict[str, str]) -> Problem:
    name, _, argument = check.partition("(")
    expected = "" if name in ("not_nullable", "str_length", "field_uniqueness") else argument.removesuffix(")")
    return Problem(path, row, column, CHECK_WORDS.get(name, check), record.get(column, ""), expected)
