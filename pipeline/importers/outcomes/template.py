"""The template of one contract: a workbook with a sheet for the contract, one for results and one for payments.

Belongs here: writing it, with headings, hints and drop-down lists, and what is said of it. What is asked for stands in
``forms``; nothing in it is worked out, and no text in it is a formula.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.common.files import written_whole
from pipeline.facts.files import read_toml
from pipeline.facts.reference import Reference
from pipeline.importers.imported import CONTRACT_FILE, or_refused
from pipeline.importers.outcomes.contract import HEADINGS, as_answer
from pipeline.importers.outcomes.forms import (
    ALLOWED_WORDS,
    CONTRACT,
    CONTRACT_FIELDS,
    FACT_FIELDS,
    NEEDED,
    OPTIONAL,
    OUTCOME_TYPES,
    SOURCE,
    SOURCE_FIELDS,
    TABLES,
    Field,
    Kind,
    source_of,
)
from pipeline.importers.outcomes.grid import MOST_ROWS

# Rows 1 and 2 are headings and hints.
FIRST_ROW = 3
NUMBER_FORMATS = {Kind.START: "yyyy-mm-dd", Kind.END: "yyyy-mm-dd", Kind.NUMBER: "General"}
TEXT_FORMAT = "@"
HEADING, HINT = Font(bold=True), Font(italic=True, color="505050")
NEEDED_FILL = PatternFill("solid", start_color="FFF2CC")
WRAPPED = Alignment(wrap_text=True, vertical="top")
WIDTH, WIDE = 18, 60
OUTCOME_COLUMNS = ("outcome_id", "name", "policy_area", "unit", "description")


@dataclass(frozen=True)
class Template:
    """A template that was written, and lines on what it asks for."""

    path: Path
    lines: list[str]


def write_template(contract_id: str, path: Path, raw_dir: Path, reference: Reference) -> Template:
    """Write the template of a contract, with what is known of it already.

    Raises ImportProblem if the contract.toml that is there cannot be read, CannotWriteError.
    """
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = CONTRACT
    lists = _Lists(book, reference)
    _write_contract(first, _known(contract_id, raw_dir, reference), lists)
    for place, (table, columns) in enumerate(TABLES.items(), start=1):
        _write_table(book.create_sheet(table, place), columns, lists)
    with written_whole(path) as fresh:
        book.save(fresh)
    return Template(path, list(_said(path, reference)))


def _known(contract_id: str, raw_dir: Path, reference: Reference) -> dict[str, Any]:
    """What is known of the contract and its source already, by the names of the lines."""
    known: dict[str, Any] = {}
    file = raw_dir / contract_id / CONTRACT_FILE
    if file.exists():
        with or_refused():
            there = read_toml(file, str(file))
        known = {line.name: as_answer(there[line.name]) for line in FACT_FIELDS if line.name in there}
    sources = reference.sources
    for row in sources[sources["source_id"] == source_of(contract_id)].to_dict("records"):
        known |= {line.name: row[line.name.removeprefix(SOURCE)] for line in SOURCE_FIELDS}
    return known | {"contract_id": contract_id}


# --- Sheets --------------------------------------------------------------------------------------------------


class _Lists:
    """The sheets from which drop-down lists are taken: allowed words, and outcome types by name."""

    def __init__(self, book: Workbook, reference: Reference) -> None:
        types, words = book.create_sheet(OUTCOME_TYPES), book.create_sheet(ALLOWED_WORDS)
        table = reference.outcome_types
        _write_list(types, OUTCOME_COLUMNS, table[list(OUTCOME_COLUMNS)].itertuples(index=False, name=None))
        rows = [(name, word, meaning) for name, listed in _all_words().items() for word, meaning in listed.items()]
        _write_list(words, ("list", "word", "meaning"), rows)
        self.places: dict[str, str] = {}
        for name in _all_words():
            numbers = [number for number, row in enumerate(rows, start=2) if row[0] == name]
            self.places[name] = f"{quote_sheetname(ALLOWED_WORDS)}!$B${numbers[0]}:$B${numbers[-1]}"
        if len(table):
            self.places["outcome_type"] = f"{quote_sheetname(OUTCOME_TYPES)}!$B$2:$B${len(table) + 1}"

    def offer(self, sheet: Worksheet, column: Field, cells: str) -> None:
        """Put the drop-down list of a column, if it has one, on some cells; a text may also be another."""
        place = self.places.get(column.name)
        if place is None:
            return
        rule = DataValidation("list", formula1=place, allow_blank=True, showErrorMessage=column.kind is not Kind.TEXT)
        rule.error = f"One of the words of sheet {ALLOWED_WORDS}."
        rule.add(cells)
        sheet.add_data_validation(rule)


def _all_words() -> dict[str, Mapping[str, str]]:
    columns = [*CONTRACT_FIELDS, *(column for each in TABLES.values() for column in each)]
    return {column.name: column.words for column in columns if column.words}


def _write_list(sheet: Worksheet, headings: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> None:
    for number, cells in enumerate([tuple(headings), *rows], start=1):
        for column, value in enumerate(cells, start=1):
            _put(sheet, number, column, str(value).replace("_", " ") if number == 1 else str(value))
            sheet.column_dimensions[get_column_letter(column)].width = WIDTH * 2
    for cell in sheet[1]:
        cell.font = HEADING
    sheet.freeze_panes = "A2"


def _write_contract(sheet: Worksheet, known: Mapping[str, Any], lists: _Lists) -> None:
    for column, (heading, width) in enumerate(zip(HEADINGS, (WIDTH * 2, WIDE, WIDTH, WIDE), strict=True), start=1):
        _put(sheet, 1, column, heading).font = HEADING
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, line in enumerate(CONTRACT_FIELDS, start=2):
        _put(sheet, number, 1, line.heading).font = HEADING
        answer = _put(sheet, number, 2, known.get(line.name, ""))
        answer.number_format = NUMBER_FORMATS.get(line.kind, TEXT_FORMAT)
        if line.needed:
            answer.fill = NEEDED_FILL
        _put(sheet, number, 3, NEEDED if line.needed else OPTIONAL)
        _put(sheet, number, 4, line.hint).font = HINT
        lists.offer(sheet, line, f"B{number}")
    sheet.freeze_panes = "B2"


def _write_table(sheet: Worksheet, columns: Iterable[Field], lists: _Lists) -> None:
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        head, hint = _put(sheet, 1, number, column.heading), _put(sheet, 2, number, column.marked_hint)
        head.font, hint.font, hint.alignment = HEADING, HINT, WRAPPED
        if column.needed:
            head.fill = NEEDED_FILL
        dimension = sheet.column_dimensions[letter]
        dimension.width = WIDTH
        # Of cells that do not exist yet, so that Excel makes no date of an id such as 1-2.
        dimension.number_format = NUMBER_FORMATS.get(column.kind, TEXT_FORMAT)
        lists.offer(sheet, column, f"{letter}{FIRST_ROW}:{letter}{MOST_ROWS}")
    sheet.freeze_panes = f"A{FIRST_ROW}"


def _put(sheet: Worksheet, row: int, column: int, value: str | date) -> Any:
    """Write a cell, a text as a text whatever it begins with; returns the cell."""
    cell = sheet.cell(row, column)
    if value != "":
        cell.value = value
    if isinstance(value, str) and value:
        cell.data_type = "s"
    return cell


# --- What is said of it --------------------------------------------------------------------------------------


def _said(path: Path, reference: Reference) -> Iterable[str]:
    yield f"{path}: sheets {', '.join((CONTRACT, *TABLES, OUTCOME_TYPES, ALLOWED_WORDS))}"
    for name, columns in ((CONTRACT, CONTRACT_FIELDS), *TABLES.items()):
        for word, is_needed in ((NEEDED, True), (OPTIONAL, False)):
            listed = ", ".join(column.heading for column in columns if column.needed is is_needed)
            yield f"  {name}, {word}: {listed}"
    yield f"  {OUTCOME_TYPES}: {len(reference.outcome_types)}, offered by name in the results"
