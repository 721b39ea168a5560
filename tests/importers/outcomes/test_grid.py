"""A file that was filled in, as it is found: CSV, a workbook by another name, or something else."""

import os
from pathlib import Path

import pytest

from pipeline.facts.files import UnreadableFileError
from pipeline.importers.outcomes import grid
from pipeline.importers.outcomes.grid import grid_of_csv, is_workbook, name_of, table_of
from tests.importers.outcomes.filled import copied

RESULTS = "metric id,label,result type,quantity,unit\nstarted,started a job,final,50,person\n"
SAVE = "UTF-8 text; from Excel: Save As, CSV UTF-8 (Comma delimited)"
SAVE_AS_WORKBOOK = "an Excel workbook: Save As, Excel Workbook (*.xlsx), without a password"


def said(path: Path) -> str:
    """What is said of a file that is refused, without its place."""
    with pytest.raises(UnreadableFileError) as refused:
        is_workbook(path) or grid_of_csv(path)
    text = str(refused.value.problem)
    assert text.startswith(f"{path}:")
    assert "\n" not in text
    return text.removeprefix(f"{path}:")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (RESULTS.encode("utf-16"), f"1: file: text in UTF-16 (expected {SAVE})"),
        (RESULTS.encode("utf-16-be"), f"1: file: text in UTF-16 (expected {SAVE})"),
        (RESULTS.replace("started a", "£5 a").encode("cp1252"), f"2: file: not UTF-8 text (expected {SAVE})"),
        (RESULTS.replace(",", ";").encode(), f"1: header: the cells are separated by ';' (expected ','; {SAVE})"),
        (RESULTS.replace(",", "\t").encode(), f"1: header: the cells are separated by tabs (expected ','; {SAVE})"),
        (b'a,b\n1,"2', "2: row: not readable as CSV: unexpected end of data"),
        (b"<!DOCTYPE html><p>Not found</p>", "1: file: a web page (expected the file itself: download it again)"),
        (
            b"\xd0\xcf\x11\xe0" + bytes(600),
            f"0: file: an old Excel workbook, or one with a password (expected {SAVE_AS_WORKBOOK})",
        ),
        (b"a,b\n" * 10_001, "10002: row: more than 10,000 rows"),
    ],
    ids=["utf-16", "utf-16-be", "cp1252", "semicolons", "tabs", "half", "page", "old", "long"],
)
def test_what_is_no_csv_file_is_said_with_how_to_save_it(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(content)
    assert said(path) == words


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(b"a" * 20_000_001)
    assert said(path) == "0: file: larger than 20 MB (found '20,000,001 bytes')"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "results.csv")
    assert said(tmp_path / "results.csv") == "0: file: not a file"


def test_a_workbook_is_known_by_how_it_begins(filled: Path, tmp_path: Path) -> None:
    renamed = copied(filled, tmp_path / "results.csv")
    assert is_workbook(renamed)
    plain = tmp_path / "results.xlsx"
    plain.write_text(RESULTS, encoding="utf-8")
    assert not is_workbook(plain)


def test_csv_as_excel_saves_it(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(b'\xef\xbb\xbfMetric ID,Label\r\n started\xc2\xa0 ,"a\r\njob"\r\n,,\r\nlast,\r\n')
    found = grid_of_csv(path)
    assert found.rows == [(1, ["Metric ID", "Label"]), (2, ["started", "a job"]), (4, ["", "", ""]), (5, ["last", ""])]


@pytest.mark.parametrize("heading", ["metric_id", "Metric ID", " metric\u00a0id ", "METRIC ID *", "metric-id:"])
def test_a_heading_in_whatever_letters(heading: str) -> None:
    assert name_of(heading) == "metric_id"


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        (["Metric ID", "Quantity"], "results"),
        (["Amount GBP", "Basis", "Metric ID"], "payments"),
        (["Metric ID", "Label"], None),
        (["Quantity"], None),
        (["name", "town"], None),
    ],
)
def test_which_table_a_csv_file_is(headings: list[str], table: str | None) -> None:
    assert table_of([(1, ["Results of 2021"]), (3, headings)]) == table


def test_headings_below_the_first_rows_are_not_looked_for() -> None:
    rows = [(number, ["text"]) for number in range(grid.HEADINGS_WITHIN)]
    assert table_of([*rows, (99, ["Metric ID", "Quantity"])]) is None
