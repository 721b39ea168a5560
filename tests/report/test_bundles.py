"""Everything in one file: a zip and a workbook in two formats, which say what the tables say, the same each time."""

import io
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as arrow
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.bundles import Bundle, begun_workbooks
from pipeline.report.downloads import bundle_names, csv_text
from pipeline.report.publish import arrow_table
from pipeline.report.workbook.contents import ACRONYMS, COLUMNS, CONTENTS, NOTES, notes, sheets_of
from pipeline.report.workbook.ods import ods
from pipeline.report.workbook.sheets import LONGEST_CELL, Sheet, column_letters, zipped
from pipeline.report.workbook.xlsx import xlsx
from pipeline.tables.base import column_descriptions
from pipeline.tables.catalogue import PUBLISHED_TABLES
from tests.conftest import EDITIONS
from tests.report.conftest import EDITION_WITH_CLAIMS, VERSIONS
from tests.report.packages import report_on

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
Rows = list[list[Any]]

# The one with rows in most tables; the workbooks of all are made by the same code.
EDITION = "atq-2024"
# Sheets that are no published table.
OWN = ["Cover", CONTENTS, NOTES, COLUMNS]
HOSTILE = [
    *("=cmd|'/c calc'!A1", "+1", "-2+3", "@SUM(A1)", "＝1", "'quoted", "<b>&amp;</b>", '"x"', "_x0041_", "0"),  # noqa: RUF001
    *("two  blanks   three ", " first", "a\tb", "line\nand line", "£1 – “é” ✓", "x" * 32_000, "true", "2021-22"),
]
SPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def made_of(edition_id: str, tables: dict[str, pd.DataFrame], reference: Reference) -> dict[str, bytes]:
    bundle = Bundle(reference.editions[edition_id], tables, reference.sources, VERSIONS)
    (books,) = begun_workbooks([bundle]).results()
    return bundle.files({}, books)


@pytest.fixture(scope="module")
def made(tables_of: TablesOf, reference: Reference) -> dict[str, bytes]:
    return made_of(EDITION, tables_of(EDITION), reference)


@pytest.fixture(scope="module")
def book(made: dict[str, bytes], reference: Reference) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(made[bundle_names(reference.editions[EDITION])["xlsx"]]))


@pytest.fixture(scope="module")
def sheets_by_ending(
    made: dict[str, bytes], book: openpyxl.Workbook, reference: Reference
) -> dict[str, dict[str, Rows]]:
    """What is read of the workbook in each format, once: the rows are many."""
    return {"xlsx": rows_of_book(book), "ods": read_ods(made[bundle_names(reference.editions[EDITION])["ods"]])}


# --- Reading them back ----------------------------------------------------------------------------------------


def read_xlsx(content: bytes) -> dict[str, Rows]:
    """Each sheet as its rows; days as days, an empty cell as None."""
    return rows_of_book(openpyxl.load_workbook(io.BytesIO(content)))


def rows_of_book(book: openpyxl.Workbook) -> dict[str, Rows]:
    """The rows of an open workbook; nothing in it is a formula."""
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {
        sheet.title: [[_xlsx_value(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        for sheet in book
    }


def _xlsx_value(value: Any) -> Any:
    """A day as a day, and a text as Excel shows it: openpyxl leaves characters that are said by number as they are."""
    if isinstance(value, str):
        return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), value)
    return value.date() if hasattr(value, "date") else value


def read_ods(content: bytes) -> dict[str, Rows]:
    """Each sheet as its rows, by the words of the standard."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = ElementTree.fromstring(archive.read("content.xml"))
    _, table, _ = (f"{{{space}}}" for space in SPACES.values())
    assert not [name for element in root.iter() for name in element.attrib if name.endswith("formula")]
    return {
        sheet.attrib[f"{table}name"]: [
            [_ods_value(cell) for cell in row.iter(f"{table}table-cell")] for row in sheet.iter(f"{table}table-row")
        ]
        for sheet in root.iter(f"{table}table")
    }


def _ods_value(cell: ElementTree.Element) -> Any:
    office, _, text = (f"{{{space}}}" for space in SPACES.values())
    kind = cell.attrib.get(f"{office}value-type")
    if kind == "float":
        return float(cell.attrib[f"{office}value"])
    if kind == "boolean":
        return {"true": True, "false": False}[cell.attrib[f"{office}boolean-value"]]
    if kind == "date":
        return date.fromisoformat(cell.attrib[f"{office}date-value"])
    return None if kind is None else "\n".join("".join(_said(p, text)) for p in cell.iter(f"{text}p"))


def _said(element: ElementTree.Element, text: str) -> Iterator[str]:
    """A paragraph as a reader sees it: blanks run together, but for those that are said."""
    yield re.sub(" +", " ", element.text or "")
    for part in element:
        yield {f"{text}s": " ", f"{text}tab": "\t"}.get(part.tag) or "".join(_said(part, text))
        yield re.sub(" +", " ", part.tail or "")


READ = {"xlsx": read_xlsx, "ods": read_ods}


# --- What they say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", READ)
def test_the_workbook_says_what_the_tables_say(
    ending: str, sheets_by_ending: dict[str, dict[str, Rows]], tables_of: TablesOf
) -> None:
    sheets, tables = sheets_by_ending[ending], tables_of(EDITION)
    assert list(sheets) == [*OWN, *tables]
    for name, table in tables.items():
        rows = sheets[name]
        (head,) = (n for n, row in enumerate(rows) if row[0] and str(row[0]).partition(" (")[0] == table.columns[0])
        units = {column: unit for column, (_, unit) in column_descriptions(PUBLISHED_TABLES[name]).items()}
        assert rows[head][: len(units)] == [f"{each} ({unit})" if unit else each for each, unit in units.items()]
        found = [[None if value == "" else value for value in row[: len(units)]] for row in rows[head + 1 :]]
        expected = [
            [None if value == "" else value for value in row.values()]
            for row in arrow_table(table, name, {}).to_pylist()
        ]
        assert len(found) == len(expected), name
        for there, row in zip(found, expected, strict=True):
            assert [*map(_alike, there)] == [*map(_alike, row)], name


def _alike(value: Any) -> Any:
    """Numbers as Arrow writes and Python reads them; ends of lines as a spreadsheet has them."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    return value.replace("\r\n", "\n") if isinstance(value, str) else float(value)


@pytest.mark.parametrize("ending", READ)
def test_the_workbook_can_be_read_by_anybody(
    ending: str, sheets_by_ending: dict[str, dict[str, Rows]], tables_of: TablesOf, reference: Reference
) -> None:
    """As the Analysis Function asks: a title in A1, one table a sheet, no row without a cell, words explained."""
    edition, sheets = reference.editions[EDITION], sheets_by_ending[ending]
    assert sheets["Cover"][0][0] == edition.title
    for name, rows in sheets.items():
        assert rows[0][0]
        assert all(any(value is not None for value in row) for row in rows), name
        assert any("This sheet has one table" in str(row[0]) for row in rows) is (name != "Cover")
    listed = [row[0] for row in sheets[CONTENTS][3:]]
    assert listed == [NOTES, COLUMNS, *tables_of(EDITION)]
    terms = {row[0] for row in sheets[NOTES][3:]}
    assert terms == {term for term, _ in notes(edition)}
    assert set(ACRONYMS) <= terms
    described = {(row[0], row[1]) for row in sheets[COLUMNS][3:]}
    assert described == {(name, column) for name in tables_of(EDITION) for column in tables_of(EDITION)[name]}


def test_each_table_is_marked_as_one_and_no_cell_is_merged(
    book: openpyxl.Workbook, tables_of: TablesOf, reference: Reference
) -> None:
    for sheet in book:
        assert not sheet.merged_cells.ranges
        has_rows = sheet.title in OWN or len(tables_of(EDITION)[sheet.title]) > 0
        assert len(sheet.tables) == (has_rows and sheet.title != "Cover")
        for marked in sheet.tables.values():
            heads, *_ = sheet[marked.ref]
            assert [cell.value for cell in heads] == [column.name for column in marked.tableColumns]
            assert all(cell.font.b for cell in heads)
            assert marked.ref.endswith(str(sheet.max_row))
    links = [cell.hyperlink.location for cell in book[CONTENTS]["A"] if cell.hyperlink]
    assert links == [f"{name}!A1" for name in book.sheetnames[2:]]
    assert (book.properties.title or "").startswith(reference.editions[EDITION].title)
    assert book.properties.language == "en-GB"


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_text_fits_into_a_cell(edition_id: str, tables_of: TablesOf) -> None:
    for name, table in tables_of(edition_id).items():
        for column in table.select_dtypes(["object", "string"]):
            assert table[column].astype(str).str.len().max() <= LONGEST_CELL or table.empty, (name, column)


# --- What could go wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", READ)
def test_a_text_comes_back_as_it_is_and_is_no_formula(ending: str) -> None:
    table = arrow.table({"text": arrow.array(HOSTILE, arrow.string())})
    written = {"xlsx": xlsx, "ods": ods}[ending]("<T>", "A & B", [Sheet("S", ("=T", "<l>"), ("=head",), table)])
    rows = READ[ending](written)["S"]
    assert [row[0] for row in rows] == ["=T", "<l>", "=head", *HOSTILE]


@pytest.mark.parametrize("ending", READ)
def test_numbers_days_and_truths_keep_their_kind(ending: str) -> None:
    columns = {
        "number": arrow.array([-1234567.125, None, 1e20]),
        "whole": arrow.array([3, None, -7]),
        "day": arrow.array([date(1970, 1, 1), None, date(2026, 2, 28)]),
        "truth": arrow.array([True, None, False]),
        "text": arrow.array(["\x01\ufffe", "", None]),
    }
    sheet = Sheet("S", ("T",), tuple(columns), arrow.table(columns))
    first, second, third = READ[ending]({"xlsx": xlsx, "ods": ods}[ending]("T", "A", [sheet]))["S"][2:]
    assert first == [-1234567.125, 3, date(1970, 1, 1), True, "\ufffd\ufffd"]
    assert first[3] is True
    assert second == [None] * 5
    assert third == [1e20, -7, date(2026, 2, 28), False, None]


def test_a_sheet_that_would_not_open_is_refused() -> None:
    assert [column_letters(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
    for name in ("", "a b", "x" * 32, "a/b", "'a'"):
        with pytest.raises(ValueError, match="no name of a sheet"):
            Sheet(name, ("T",))
    with pytest.raises(ValueError, match="same head"):
        Sheet("S", ("T",), ("a", "A"))
    with pytest.raises(ValueError, match="too long"):
        Sheet("S", ("T",), ("x" * 256,))


def test_the_same_tables_give_the_same_bytes(made: dict[str, bytes], tables_of: TablesOf, reference: Reference) -> None:
    assert made == made_of(EDITION, tables_of(EDITION), reference)
    for content in made.values():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {file.date_time for file in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert not archive.testzip()
    assert len(zipped({"a": "b"})) == len(zipped({"a": b"b"}))


def test_ods_says_first_what_it_is(made: dict[str, bytes], reference: Reference) -> None:
    content = made[bundle_names(reference.editions[EDITION])["ods"]]
    assert content[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


# --- The zip --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_zip_is_a_data_package_of_its_own(
    tmp_path: Path, made: dict[str, bytes], tables_of: TablesOf, reference: Reference
) -> None:
    edition = reference.editions[EDITION]
    with zipfile.ZipFile(io.BytesIO(made[bundle_names(edition)["zip"]])) as archive:
        archive.extractall(tmp_path)
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert {resource["path"] for resource in package["resources"]} == {
        path.relative_to(tmp_path).as_posix() for path in (tmp_path / "tables").iterdir()
    }
    assert "parquet" not in json.dumps([list(resource) for resource in package["resources"]])
    for name, table in tables_of(EDITION).items():
        assert (tmp_path / f"tables/{name}.csv").read_bytes() == csv_text(table, name).encode()
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert all(line in readme for line in reference.sources["attribution"] if line)
    report = report_on(tmp_path)
    assert report.valid, report.flatten(["name", "type", "message"])


# --- Disclosure -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", READ)
def test_of_claims_the_workbook_has_only_what_is_published(
    ending: str, with_claims: tuple[Reference, dict[str, pd.DataFrame]]
) -> None:
    """Each sheet is a published table, in which counts are protected; nothing else comes in."""
    reference, tables = with_claims
    edition = reference.editions[EDITION_WITH_CLAIMS]
    assert len(tables["claims"]) > 0
    sheets = READ[ending](made_of(EDITION_WITH_CLAIMS, tables, reference)[bundle_names(edition)[ending]])
    assert set(sheets) == {*OWN, *tables} <= {*OWN, *PUBLISHED_TABLES}
    published = arrow_table(tables["claims"], "claims", {}).to_pylist()
    assert len([row for row in sheets["claims"] if row[0] == published[0]["contract_id"]]) == len(published)
    counted = sheets_of(edition, tables, reference.sources, VERSIONS)
    assert [sheet.name for sheet in counted] == list(sheets)
