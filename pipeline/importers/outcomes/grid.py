"""A sheet, or a CSV file, as rows of texts; and which of the two a file is.

Belongs here: CSV as spreadsheets save it, and telling a workbook by how it begins, whatever its name says. Workbooks
are read in ``workbook``; what the texts mean is read in ``rows``.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.facts.files import SAVE_AS_CSV, UnreadableFileError, read_text
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import OTHER_SEPARATORS
from pipeline.importers.outcomes.cells import tidy
from pipeline.importers.outcomes.forms import TABLES, TELLING

MOST_ROWS, MOST_COLUMNS = 10_000, 100
# Titles may stand above the headings.
HEADINGS_WITHIN = 20
SAVE_AS_WORKBOOK = "an Excel workbook: Save As, Excel Workbook (*.xlsx), without a password"
ZIP, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Trouble:
    """What is wrong with some rows, whatever they should hold; told if one of them is read."""

    rows: range
    column: int
    what: str
    expected: str
    found: str = ""


@dataclass(frozen=True)
class Grid:
    """Rows of texts with their numbers in the file; ``sums``: row and column of cells that add up their own column.

    Rows and columns are counted from 1. A row may be shorter than others.
    """

    shown: str
    rows: list[tuple[int, list[str]]]
    troubles: list[Trouble] = field(default_factory=list)
    sums: frozenset[tuple[int, int]] = frozenset()

    def problem(self, row: int, column: str, what: str, found: str = "", expected: str = "") -> Problem:
        """Return a problem of a row of this sheet; row 0 is the whole of it."""
        return Problem(self.shown, row, column, what, found, expected)


def name_of(heading: str) -> str:
    """Return the name of a column by its heading, in whatever letters and with blanks of whatever kind."""
    return tidy(heading).rstrip("*: ").lower().replace(" ", "_").replace("-", "_")


def is_workbook(path: Path) -> bool:
    """Tell whether a file is a workbook by how it begins; its name may say otherwise.

    Raises UnreadableFileError for a workbook of a kind that is not read, and for what is no file.
    """
    if not path.is_file():
        raise UnreadableFileError(Problem(str(path), 0, "file", "not a file"))
    with path.open("rb") as file:
        begin = file.read(len(ZIP))
    if begin == OLD_WORKBOOK:
        what = "an old Excel workbook, or one with a password"
        raise UnreadableFileError(Problem(str(path), 0, "file", what, expected=SAVE_AS_WORKBOOK))
    return begin == ZIP


def grid_of_csv(path: Path) -> Grid:
    """Return the rows of a CSV file. Raises UnreadableFileError for what is none."""
    text = _text_of(path)
    if separator := _other_separator(text):
        what = f"the cells are separated by {separator}"
        raise UnreadableFileError(Problem(str(path), 1, "header", what, expected=f"','; {SAVE_AS_CSV}"))
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            rows.append((start, [tidy(cell) for cell in cells]))
            start = reader.line_num + 1
            if len(rows) > MOST_ROWS:
                raise UnreadableFileError(Problem(str(path), start, "row", f"more than {MOST_ROWS:,} rows"))
    except csv.Error as error:
        raise UnreadableFileError(Problem(str(path), start, "row", f"not readable as CSV: {error}")) from error
    return Grid(str(path), rows)


def _text_of(path: Path) -> str:
    """The text of a file; of one in an older encoding it is said how to save it from Excel."""
    try:
        return read_text(path, str(path))
    except UnreadableFileError as error:
        if error.problem.what == "not UTF-8 text":
            raise UnreadableFileError(replace(error.problem, expected=SAVE_AS_CSV)) from error
        raise


def _other_separator(text: str) -> str:
    """By what the cells are parted, in words, if it is no comma; known by the headings."""
    known = {column.name for columns in TABLES.values() for column in columns}
    for line in text.splitlines()[:HEADINGS_WITHIN]:
        for separator, words in OTHER_SEPARATORS.items():
            if len(known & {name_of(cell.strip('"')) for cell in line.split(separator)}) > 1:
                return words
    return ""


def table_of(rows: Iterable[tuple[int, list[str]]]) -> str | None:
    """Return which table the headings of a CSV file are of, None if it is none."""
    for _, cells in list(rows)[:HEADINGS_WITHIN]:
        names = {name_of(cell) for cell in cells}
        for table, telling in TELLING.items():
            if telling in names and len(names & {column.name for column in TABLES[table]}) > 1:
                return table
    return None
