"""Workbooks that somebody else made: what a cell shows, what cannot be seen, and files that are made to do harm."""

import datetime as dt
import re
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.files import UnreadableFileError
from pipeline.importers.outcomes import workbook
from pipeline.importers.outcomes.grid import Grid
from pipeline.importers.outcomes.workbook import grids_of
from tests.importers.outcomes.filled import part_of_sheet, with_part

PATIENCE_SECONDS = 20


def sheet_of(path: Path, *rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> Grid:
    """The grid of a sheet of results with some rows."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    sheet = book.create_sheet("Results")
    for row in rows:
        sheet.append(row)
    change(sheet)
    book.save(path)
    return grids_of(path, ["results"])[0]["results"]


def texts_of(grid: Grid) -> list[list[str]]:
    return [texts for _, texts in grid.rows]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (12, "General", "12"),
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (1e15, "General", "1000000000000000"),
        (1234.5, "£#,##0.00", "1234.5"),
        (1234.5, "[$£-809]#,##0.00", "1234.5"),
        (-3, '"£"#,##0;[Red]-"£"#,##0', "-3"),
        (5, "[$€-2] #,##0", "€ 5"),
        (5, '"$"#,##0', "$ 5"),
        (5, "[$USD] #,##0", "USD 5"),
        (0.125, "0.0%", "12.5%"),
        (12, '0" % done"', "12"),
        (True, "General", "TRUE"),
        (dt.date(2021, 4, 1), "yyyy-mm-dd", "2021-04-01"),
        (dt.date(2021, 4, 1), "dd/mm/yyyy", "2021-04-01"),
        (dt.datetime(2021, 4, 1, 17, 30), "dd/mm/yyyy hh:mm", "2021-04-01"),
        (dt.date(2021, 4, 1), "mmm-yy", "2021-04"),
        (dt.date(2021, 4, 1), "[$-809]mmmm yyyy", "2021-04"),
        (dt.date(2021, 1, 1), "yyyy", "2021"),
        ("  a\u00a0job\n", "@", "a job"),
        ("#N/A", "General", "#N/A"),
        ("2021/22", "@", "2021/22"),
    ],
)
def test_what_a_cell_shows(path: Path, value: Any, number_format: str, text: str) -> None:
    def formatted(sheet: Any) -> None:
        sheet["A1"].number_format = number_format

    assert texts_of(sheet_of(path, [value], change=formatted)) == [[text]]


def test_a_financial_year_that_excel_takes_for_a_month_is_that_month(path: Path) -> None:
    """Whoever types 2011/12 gets December 2011, and sees it; nobody can tell afterwards what was typed."""

    def as_excel_does(sheet: Any) -> None:
        sheet["A1"].number_format = "mmm-yy"

    assert texts_of(sheet_of(path, [dt.date(2011, 12, 1)], change=as_excel_does)) == [["2011-12"]]


def test_rows_keep_their_numbers_and_other_sheets_are_named(path: Path) -> None:
    book = openpyxl.Workbook()
    book["Sheet"].title = " RESULTS "
    book[" RESULTS "]["B3"] = "x"
    book.create_sheet("working")
    book.save(path)
    grids, others = grids_of(path, ["results"])
    assert grids["results"].rows == [(1, []), (2, []), (3, ["", "x"])]
    assert others == ["working"]


# --- What a look at the sheet would not tell ---------------------------------------------------------------------


def test_the_value_of_a_formula_is_the_one_that_excel_saved(path: Path, tmp_path: Path) -> None:
    sheet_of(path, ["n"], ["=1+1"])
    saved = with_part(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("<v></v>", "<v>2</v>").replace("<v />", "<v>2</v>"),
        into=tmp_path / "saved.xlsx",
    )
    grid = grids_of(saved, ["results"])[0]["results"]
    assert texts_of(grid) == [["n"], ["2"]]
    assert grid.troubles == []


def test_a_formula_without_a_value_is_told(path: Path) -> None:
    (trouble,) = sheet_of(path, ["n", "m"], ["=B2*2", 3]).troubles
    assert (trouble.rows, trouble.column) == (range(2, 3), 1)
    assert (trouble.what, trouble.found) == ("a formula without a value", "=B2*2")
    assert "Paste Special, Values" in trouble.expected


@pytest.mark.parametrize(
    ("formula", "adds_up"),
    [
        ("=SUM(A2:A3)", True),
        ("=SUBTOTAL(9,$A$2:$A$3)", True),
        ("=IF(TRUE,sum(a2:a3),0)", True),
        ("=SUM(B2:B3)", False),
        ("=A2+A3", False),
        ("=SUM(AA2:AA3)", False),
    ],
)
def test_a_sum_of_its_own_column_is_known(path: Path, formula: str, adds_up: bool) -> None:
    assert sheet_of(path, ["n"], [1], [2], [formula]).sums == (frozenset({(4, 1)}) if adds_up else frozenset())


def test_merged_and_hidden_cells_are_told(path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.merge_cells("A2:A3")
        sheet.row_dimensions[4].hidden = True
        sheet.row_dimensions[6].hidden = True  # nothing stands in it
        sheet.column_dimensions["C"].hidden = True

    grid = sheet_of(path, ["n", "m", "o"], [1, 2], [None, 3], [4, 5], [6, 7, 8], change=change)
    assert [(trouble.rows, trouble.column, trouble.what, trouble.found) for trouble in grid.troubles] == [
        (range(2, 4), 1, "merged cells", "A2:A3"),
        (range(1, 2), 3, "a hidden column", "C"),
        (range(4, 5), 1, "a hidden row", ""),
        (range(5, 6), 3, "a hidden column", "C"),
    ]


def test_a_hidden_sheet_is_refused(path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet.parent.create_sheet("other")
        sheet.sheet_state = "hidden"

    with pytest.raises(UnreadableFileError, match=r", sheet results:0: sheet: hidden \(expected a sheet that is shown"):
        sheet_of(path, ["n"], change=change)


# --- Bounds, and files that are made to do harm --------------------------------------------------------------------


def refused(path: Path, words: str) -> None:
    """The workbook is refused in one line, and before anybody has waited long or memory is full."""
    begin = time.monotonic()
    with pytest.raises(UnreadableFileError) as error:
        grids_of(path, ["results"])
    assert time.monotonic() - begin < PATIENCE_SECONDS
    assert re.search(words, str(error.value)), str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("content.xml", r"an OpenDocument spreadsheet \(expected an Excel workbook: Save As"),
        ("xl/workbook.bin", "a binary Excel workbook"),
        ("Index/Document.iwa", "a Numbers document"),
        ("notes.txt", "a zip file, and no workbook"),
    ],
)
def test_another_kind_of_zip_file_is_named(path: Path, part: str, words: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    refused(path, words)


def test_half_a_workbook_is_refused(filled: Path) -> None:
    filled.write_bytes(filled.read_bytes()[:-500])
    refused(filled, r"half a workbook, or a damaged one \(expected the whole file, as it was saved\)")


def test_a_workbook_that_is_too_large_is_refused(filled: Path) -> None:
    filled.write_bytes(filled.read_bytes() + bytes(workbook.LARGEST_FILE_BYTES))
    refused(filled, "larger than 10 MB")


def test_a_workbook_that_unpacks_to_too_much_is_refused(filled: Path) -> None:
    with zipfile.ZipFile(filled, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", bytes(workbook.MOST_UNPACKED_BYTES))
    refused(filled, "unpacks to more than 20 MB")


def test_a_workbook_of_too_many_parts_is_refused(filled: Path) -> None:
    with zipfile.ZipFile(filled, "a") as archive:
        for number in range(workbook.MOST_PARTS):
            archive.writestr(f"xl/media/{number}", "")
    refused(filled, "or 1,000 parts")


def test_a_part_that_is_packed_otherwise_is_refused(filled: Path) -> None:
    with zipfile.ZipFile(filled, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("xl/media/x", "x")
    refused(filled, "compressed by a method that cannot be read")


@pytest.mark.parametrize("part", ["sheet", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">', '<!ENTITY b SYSTEM "file:///etc/hostname">']
)
def test_xml_that_declares_an_entity_is_refused(filled: Path, tmp_path: Path, part: str, entity: str) -> None:
    def declare(text: str) -> str:
        root = re.search(r"<(\w+)[ >]", text)
        assert root
        return f"{text[: root.start()]}<!DOCTYPE {root[1]} [{entity}]>{text[root.start() :]}"

    name = part_of_sheet(filled, "results") if part == "sheet" else part
    refused(
        with_part(filled, name, declare, into=tmp_path / "x.xlsx"), "not readable as a workbook .*EntitiesForbidden"
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('<row r="5"', '<row r="1048576"', "more than 10,000 rows .found 'something in row 1048576'"),
        ('<row r="5"', '<row r="99999999999999999"', "more than 10,000 rows"),
        ('<row r="4"', '<row r="2"', "row 2 stands after row 3"),
        ('<row r="4"', '<row r="x"', "not readable as a workbook"),
        ('r="A4"', 'r="ZZZZ4"', "not readable as a workbook"),
        ('<c r="I3"', '<c r="XFD3"', "more than 100 columns"),
        ("</sheetData>", "</sheetdata>", "not readable as a workbook"),
    ],
)
def test_a_sheet_beyond_bounds_or_out_of_order_is_refused(
    filled: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    part = part_of_sheet(filled, "results")
    refused(with_part(filled, part, lambda text: text.replace(old, new), into=tmp_path / "x.xlsx"), words)


@pytest.mark.parametrize(
    "harm",
    [
        '<mergeCells count="1"><mergeCell ref="A100:XFD1048576"/></mergeCells>',
        '<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>',
    ],
)
def test_a_line_that_names_all_cells_of_a_sheet_takes_no_time(filled: Path, tmp_path: Path, harm: str) -> None:
    """Loaded whole, the sheet would have seventeen thousand million cells."""
    begin = time.monotonic()
    part = part_of_sheet(filled, "results")
    into = with_part(
        filled, part, lambda text: text.replace("</sheetData>", f"</sheetData>{harm}"), into=tmp_path / "x.xlsx"
    )
    assert len(grids_of(into, ["results"])[0]["results"].rows) == 5
    assert time.monotonic() - begin < PATIENCE_SECONDS


def test_a_workbook_of_the_strict_kind_is_refused(filled: Path, tmp_path: Path) -> None:
    """In it sheets have other names; nothing would be found in it, which is not the same as nothing being there."""
    ours, strict = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
    path = with_part(filled, "xl/workbook.xml", lambda text: text.replace(ours, strict), into=tmp_path / "x.xlsx")
    refused(path, r"without a sheet that can be read \(expected an Excel workbook: Save As")


def test_what_a_sheet_says_of_its_size_is_not_believed(filled: Path, tmp_path: Path) -> None:
    part = part_of_sheet(filled, "results")
    lies = with_part(
        filled,
        part,
        lambda text: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"', text),
        into=tmp_path / "x.xlsx",
    )
    assert grids_of(lies, ["results"])[0]["results"].rows == grids_of(filled, ["results"])[0]["results"].rows


def test_no_link_to_another_workbook_is_followed(path: Path) -> None:
    grid = sheet_of(path, ["n"], ["=[1]Sheet1!A1"], ["='file:///etc/[hostname]Sheet1'!A1"])
    assert [trouble.what for trouble in grid.troubles] == ["a formula without a value"] * 2


@settings(max_examples=40)
@given(place=st.integers(0, 10_000), damage=st.binary(min_size=1, max_size=4), cut=st.booleans())
def test_damage_of_any_kind_is_no_fault_of_ours(
    empty_template: Path, tmp_path_factory: pytest.TempPathFactory, place: int, damage: bytes, cut: bool
) -> None:
    content = empty_template.read_bytes()
    place %= len(content)
    damaged = content[:place] if cut else content[:place] + damage + content[place + len(damage) :]
    path = tmp_path_factory.getbasetemp() / "damaged.xlsx"
    path.write_bytes(damaged)
    with suppress(UnreadableFileError):
        grids_of(path, ["contract", "results", "payments"])
