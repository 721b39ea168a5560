"""Reading an Excel workbook that somebody else made: sheets as rows of texts, within limits.

Belongs here: the safety of the file, and what a cell shows. What the texts mean is read in ``rows``.

- **Nothing is run, followed or fetched.** Formulas are not worked out: the value that Excel saved is taken, and a
  formula without one is refused. Links to other workbooks are not looked at. XML that declares an entity is refused
  (``defusedxml``, by which openpyxl reads where it is installed).
- **Bounds** on the file, on what it unpacks to, on its parts, and on rows and columns. Sheets are read row by row:
  loaded whole, one line on merged cells or a link would fill the memory with the cells that it names.
- **What cannot be seen is asked about.** A hidden row or column, and a sheet that is hidden, are refused if they hold
  anything that would be read. Merged cells are too: their value stands in the first alone.
"""

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.xml.constants import SHEET_MAIN_NS
from openpyxl.xml.functions import iterparse

from pipeline.facts.files import MEGABYTE, UnreadableFileError
from pipeline.facts.problems import Problem
from pipeline.importers.outcomes.cells import plain, tidy
from pipeline.importers.outcomes.grid import MOST_COLUMNS, MOST_ROWS, SAVE_AS_WORKBOOK, Grid, Trouble

LARGEST_FILE_BYTES = 10 * MEGABYTE
MOST_UNPACKED_BYTES = 20 * MEGABYTE
MOST_PARTS = 1_000
PASTE_VALUES = "the value: copy the column and Paste Special, Values"
# What a zip file is that is no Excel workbook, by a part of it.
OTHER_KINDS = {
    "content.xml": "an OpenDocument spreadsheet",
    "xl/workbook.bin": "a binary Excel workbook",
    "Index/Document.iwa": "a Numbers document",
}
CONTENT_TYPES = "[Content_Types].xml"
# In a number format: what stands in quotes or brackets or after a backslash is no code, but a currency in brackets is.
CURRENCY_OF_FORMAT = re.compile(r"\[\$([^\]-]*)(-[^\]]*)?\]")
NO_CODE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
OTHER_CURRENCIES = ("€", "$", "¥", "EUR", "USD")
ADDS_UP = re.compile(r"\b(SUM|SUBTOTAL|AGGREGATE)\(", re.IGNORECASE)
# Excel shows no more of a number.
DIGITS_OF_EXCEL = 15
# Enough of them to say what is wrong.
MOST_MERGED = 100
LONGEST_REASON = 100
ROW, COLUMN, MERGED = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("row", "col", "mergeCell"))
# What a cell holds: a value, a text, a formula.
HELD = tuple(f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("v", "is", "f"))


def grids_of(path: Path, wanted: Collection[str]) -> tuple[dict[str, Grid], list[str]]:
    """Return the sheets of a workbook that are wanted, by their names in small letters, and the names of all others.

    Raises UnreadableFileError for what is no workbook, or one beyond bounds.
    """
    content = _content_within_bounds(path)
    found: dict[str, Grid] = {}
    others = []
    with _or_refused(path):
        values, formulas = (_opened(content, data_only=data_only) for data_only in (True, False))
        parts = {sheet.name: relation.target for sheet, relation in values.parser.find_sheets()}
        for sheet in values.wb.worksheets:
            name = tidy(sheet.title).lower()
            if name in wanted and name not in found:
                layout = _layout_of(values.archive, parts[sheet.title])
                found[name] = _grid_of(f"{path}, sheet {name}", sheet, formulas.wb[sheet.title], layout)
            else:
                others.append(sheet.title)
    if not found and not others:
        raise _refused(path, "without a sheet that can be read", SAVE_AS_WORKBOOK)
    return found, others


def _refused(path: Path, what: str, expected: str = "") -> UnreadableFileError:
    return UnreadableFileError(Problem(str(path), 0, "file", what, expected=expected))


@contextmanager
def _or_refused(path: Path) -> Iterator[None]:
    """Raise UnreadableFileError whatever a damaged file makes of a parser."""
    with warnings.catch_warnings():
        # Of drop-down lists and styles that openpyxl does not know; no value hangs on them.
        warnings.simplefilter("ignore")
        try:
            yield
        except (UnreadableFileError, MemoryError):
            raise
        except Exception as error:
            # openpyxl puts a sentence of its own before what was wrong.
            cause = error.__cause__ or error
            reason = tidy(str(cause))[:LONGEST_REASON] or type(cause).__name__
            raise _refused(path, f"not readable as a workbook ({reason})", SAVE_AS_WORKBOOK) from error


def _content_within_bounds(path: Path) -> bytes:
    """The bytes of a workbook whose parts unpack to no more than is read."""
    with path.open("rb") as file:
        content = file.read(LARGEST_FILE_BYTES + 1)
    copy = "the template with its sheets alone: copy what you filled in into a new one"
    if len(content) > LARGEST_FILE_BYTES:
        raise _refused(path, f"larger than {LARGEST_FILE_BYTES / MEGABYTE:g} MB", copy)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise _refused(path, "half a workbook, or a damaged one", "the whole file, as it was saved") from error
    names = {part.filename for part in parts}
    if CONTENT_TYPES not in names or names & set(OTHER_KINDS):
        what = next((kind for part, kind in OTHER_KINDS.items() if part in names), "a zip file, and no workbook")
        raise _refused(path, what, SAVE_AS_WORKBOOK)
    # Python unpacks no more of a part than it declares. Other methods unpack a block of any size at once.
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise _refused(
            path, f"unpacks to more than {MOST_UNPACKED_BYTES / MEGABYTE:g} MB, or {MOST_PARTS:,} parts", copy
        )
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise _refused(path, "compressed by a method that cannot be read", SAVE_AS_WORKBOOK)
    return content


def _opened(content: bytes, *, data_only: bool) -> ExcelReader:
    reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    reader.read()
    return reader


# --- A sheet ---------------------------------------------------------------------------------------------------


@dataclass
class _Layout:
    """What is told of a sheet beside its values: the last row that holds anything, what is hidden, what is merged."""

    last_row: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)


def _layout_of(archive: zipfile.ZipFile, part: str) -> _Layout:
    """Read the layout of a sheet. Raises ValueError for rows that are out of order."""
    layout, row = _Layout(), 0
    with archive.open(part) as source:
        for _, element in iterparse(source):
            if element.tag == ROW:
                before, row = row, int(element.get("r", row + 1))
                if row <= before:
                    raise ValueError(f"row {row} stands after row {before}")
                if any(cell.find(held) is not None for cell in element for held in HELD):
                    layout.last_row = row
                if row <= MOST_ROWS and _is_hidden(element):
                    layout.hidden_rows.add(row)
                element.clear()
            elif element.tag == COLUMN and _is_hidden(element):
                first, last = int(element.get("min", 1)), int(element.get("max", 1))
                layout.hidden_columns.update(range(first, min(last, MOST_COLUMNS) + 1))
            elif element.tag == MERGED and len(layout.merged) < MOST_MERGED:
                layout.merged.append(element.get("ref", ""))
    return layout


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") in ("1", "true")


def _grid_of(shown: str, values: Any, formulas: Any, layout: _Layout) -> Grid:
    if values.sheet_state != "visible":
        raise UnreadableFileError(Problem(shown, 0, "sheet", "hidden", expected="a sheet that is shown"))
    rows = list(_rows_of(shown, values, layout.last_row))
    found = list(_formulas(formulas, layout.last_row))
    troubles = [*_merged(layout), *_hidden(layout, rows), *_without_value(found, rows)]
    sums = frozenset((cell.row, cell.column) for cell, text in found if _adds_up_its_column(cell, text))
    return Grid(shown, rows, troubles, sums)


def _rows_of(shown: str, sheet: Any, last_row: int) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet as texts, within bounds."""
    delete = "nothing beside or below the table: delete what stands there"
    if last_row > MOST_ROWS:
        what = f"more than {MOST_ROWS:,} rows"
        raise UnreadableFileError(Problem(shown, 0, "sheet", what, f"something in row {last_row}", delete))
    for number, cells in enumerate(_cells_of(sheet, last_row), start=1):
        texts = [_text_of(cell) for cell in cells]
        if any(texts[MOST_COLUMNS:]):
            raise UnreadableFileError(
                Problem(shown, number, "row", f"more than {MOST_COLUMNS} columns", expected=delete)
            )
        yield number, texts[:MOST_COLUMNS]


def _cells_of(sheet: Any, last_row: int) -> Iterable[Any]:
    # What a sheet says of its own size is not believed.
    sheet.reset_dimensions()
    return sheet.iter_rows(max_row=last_row) if last_row else ()


# --- Cells ---------------------------------------------------------------------------------------------------


def _text_of(cell: Any) -> str:
    """What a cell shows, as a person would write it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, dt.datetime | dt.date):
        return _day(value, cell.number_format)
    return tidy(str(value))


def _number(value: float, number_format: str) -> str:
    """A number as far as Excel shows its digits; a share as one, and a currency that is not pounds before it."""
    exact = Decimal(f"{value:.{DIGITS_OF_EXCEL}g}")
    if "%" in NO_CODE.sub("", number_format):
        return f"{plain(exact * 100)}%"
    shown = CURRENCY_OF_FORMAT.sub(r"\1", number_format)
    currency = next((sign for sign in OTHER_CURRENCIES if sign in shown), "")
    return f"{currency} {plain(exact)}".lstrip()


def _day(value: dt.datetime | dt.date, number_format: str) -> str:
    """A day; only the month or the year where the cell shows no more of it."""
    text = (value.date() if isinstance(value, dt.datetime) else value).isoformat()
    codes = NO_CODE.sub("", number_format).lower()
    if "y" in codes and "d" not in codes:
        return text[: len("2021-04")] if "m" in codes else text[: len("2021")]
    return text


# --- What a look at the sheet would not tell ---------------------------------------------------------------------


def _formulas(sheet: Any, last_row: int) -> Iterator[tuple[Any, str]]:
    """Each cell with a formula, and its text."""
    for cells in _cells_of(sheet, last_row):
        for cell in cells:
            if cell.value is not None and cell.data_type == "f":
                yield cell, str(getattr(cell.value, "text", cell.value))


def _adds_up_its_column(cell: Any, formula: str) -> bool:
    letter = get_column_letter(cell.column)
    of_column = re.compile(rf"(?<![A-Z])\$?{letter}\$?[0-9]+:\$?{letter}\$?[0-9]", re.IGNORECASE)
    return bool(ADDS_UP.search(formula)) and bool(of_column.search(formula))


def _without_value(formulas: Iterable[tuple[Any, str]], rows: list[tuple[int, list[str]]]) -> Iterator[Trouble]:
    for cell, text in formulas:
        shown = rows[cell.row - 1][1]
        if not "".join(shown[cell.column - 1 : cell.column]):
            yield Trouble(_one(cell.row), cell.column, "a formula without a value", PASTE_VALUES, text)


def _merged(layout: _Layout) -> Iterator[Trouble]:
    for reference in layout.merged:
        first_column, first_row, _, last_row = range_boundaries(reference)
        expected = "a value in each cell: Merge & Center, Unmerge Cells"
        rows = range(first_row or 1, (last_row or MOST_ROWS) + 1)
        yield Trouble(rows, first_column or 1, "merged cells", expected, reference)


def _hidden(layout: _Layout, rows: list[tuple[int, list[str]]]) -> Iterator[Trouble]:
    for number, cells in rows:
        if number in layout.hidden_rows and any(cells):
            yield Trouble(_one(number), 1, "a hidden row", "rows that are shown: Unhide it, or delete it")
        for column in sorted(layout.hidden_columns):
            if any(cells[column - 1 : column]):
                letter = get_column_letter(column)
                expected = "columns that are shown: Unhide it, or delete it"
                yield Trouble(_one(number), column, "a hidden column", expected, letter)


def _one(row: int) -> range:
    return range(row, row + 1)
