"""Reading CSV: what is accepted, and what is said, with file, row and column, of what is not."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa
import pytest

from pipeline.facts.characters import ODD_CHARACTER, PLAIN_TEXT
from pipeline.facts.files import SAVE_AS_CSV
from pipeline.facts.problems import DataProblems, Problem, in_order, raise_if_any
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table
from pipeline.tables.base import Table, described, filled

WITHOUT = f"expected {PLAIN_TEXT}"
SHOWN = "raw/C-1/sample.csv"
HEADER = "name,amount,people,day,is_true,word"
GOOD = "a,1234.5,12,2018-10-31,true,paid"
ANOTHER = "z,600,,2018-10-31,true,paid"

Read = Callable[..., tuple[pd.DataFrame, list[Problem]]]


class Sample(Table):
    """One column of every type, a key, and a rule over the row."""

    contract_id: str = filled("given by the folder")
    name: str = filled("a name", unique=True)
    amount: float = described("a number", ge=0)
    people: pd.Int64Dtype = described("a whole number", ge=0, nullable=True)
    day: pa.DateTime = described("a date", nullable=True)
    is_true: bool = described("a truth")
    word: str = described("a word", isin=["paid", "reported"])

    class Config:
        """A key over two columns."""

        unique: ClassVar = ["amount", "people"]

    @pa.dataframe_check(error="people: more people than pounds")
    @classmethod
    def fewer_people_than_pounds(cls, df: pd.DataFrame) -> "pd.Series[bool]":
        """A rule over two columns."""
        return df["people"].isna() | (df["people"] <= df["amount"])


COLUMNS = [name for name in Sample.to_schema().columns if name != "contract_id"]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return the table and the problems of a file with the lines or bytes given."""

    def of(*lines: str, content: bytes | None = None) -> tuple[pd.DataFrame, list[Problem]]:
        path = tmp_path / "sample.csv"
        path.write_bytes("\n".join(lines).encode() if content is None else content)
        rows = read_text_rows(path, SHOWN, COLUMNS, {"contract_id": "C-1"})
        table, problems = to_table(rows, Sample)
        return table, [*rows.problems, *problems]

    return of


def lines_of(problems: list[Problem]) -> list[str]:
    return [str(problem) for problem in problems]


def with_cell(column: str, text: str) -> str:
    """Return another good row, of which people are not known, with another text in one column."""
    cells = dict(zip(COLUMNS, ANOTHER.split(","), strict=True)) | {column: text}
    return ",".join(cells.values())


# --- What is accepted ---------------------------------------------------------------------------------------


def test_a_good_file_becomes_a_typed_table(read: Read) -> None:
    table, problems = read(HEADER, GOOD, "b,0,,,false,reported", "")
    assert problems == []
    assert list(table.columns) == ["contract_id", *COLUMNS]
    assert table.loc[0].to_list() == ["C-1", "a", 1234.5, 12, pd.Timestamp("2018-10-31"), True, "paid"]
    assert table.loc[1, ["people", "day"]].isna().all()
    assert [str(dtype) for dtype in table.dtypes] == ["str", "str", "float64", "Int64", "datetime64[ns]", "bool", "str"]


def test_columns_may_stand_in_any_order(read: Read) -> None:
    table, problems = read("word,is_true,day,people,amount,name", "paid,true,2018-10-31,12,1234.5,a")
    assert problems == []
    assert table["name"].to_list() == ["a"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + f"{HEADER}\n{GOOD}\n".encode(),
        f"{HEADER}\r\n{GOOD}\r\n".encode(),
        b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}".encode(),
        f"{HEADER}\n{GOOD}".encode(),
        f"{HEADER}\n\n{GOOD}\n\n\n".encode(),
    ],
    ids=["byte order mark", "CRLF", "byte order mark and CRLF", "no last line end", "empty lines"],
)
def test_what_spreadsheets_do_to_a_file_is_accepted(read: Read, content: bytes) -> None:
    table, problems = read(content=content)
    assert problems == []
    assert table["name"].to_list() == ["a"]


def test_spaces_around_a_cell_do_not_matter_and_quotes_work(read: Read) -> None:
    table, problems = read(HEADER, ' "a" , 1234.5 , 12,2018-10-31,true,paid', '"b, ""c"" and d",5,1,,true,paid')
    assert problems == []
    assert table["name"].to_list() == ['"a"', 'b, "c" and d']
    assert table["amount"].to_list() == [1234.5, 5]


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 20", "-1 to 2", "@name", "<b>x</b><script>1</script>", "a\tb", "Ærø", "x\xa0y"]
)
def test_a_text_is_taken_as_it_stands(read: Read, text: str) -> None:
    table, problems = read(HEADER, with_cell("name", text))
    assert problems == []
    assert table["name"].to_list() == [text]


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n"])
def test_a_header_alone_says_nothing(read: Read, end: str) -> None:
    table, problems = read(content=(HEADER + end).encode())
    assert lines_of(problems) == [f"{SHOWN}:1: row: no rows (expected at least one row)"]
    assert table.empty
    assert list(table.columns) == ["contract_id", *COLUMNS]


@pytest.mark.parametrize(("expected", "number"), [(None, 0), ("some", 1)])
def test_whether_there_must_be_rows_is_for_the_reader_of_the_table_to_say(
    tmp_path: Path, expected: str | None, number: int
) -> None:
    (tmp_path / "sample.csv").write_text(HEADER)
    rows = read_text_rows(tmp_path / "sample.csv", SHOWN, COLUMNS, expected_rows=expected)
    assert len(rows.problems) == number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("0.00", 0), ("10", 10), ("12.50", 12.5), ("0.1", 0.1)])
def test_plain_numbers(read: Read, text: str, number: float) -> None:
    table, problems = read(HEADER, with_cell("amount", text))
    assert problems == []
    assert table["amount"].to_list() == [number]


# --- Files that cannot be read ------------------------------------------------------------------------------


def test_a_missing_file(tmp_path: Path) -> None:
    rows = read_text_rows(tmp_path / "none.csv", SHOWN, COLUMNS)
    assert lines_of(rows.problems) == [f"{SHOWN}:0: file: missing"]
    assert rows.records == []


def test_an_empty_file(read: Read) -> None:
    _, problems = read(content=b"")
    assert lines_of(problems) == [f"{SHOWN}:1: header: the file is empty (expected {HEADER})"]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (f"{HEADER}\n{GOOD}\n£,1,1,,true,paid\n".encode("latin-1"), 3),
        (f"{HEADER}\n{GOOD}\nb – c,1,1,,true,paid\n".encode("cp1252"), 3),
    ],
    ids=["pound sign in Latin-1", "dash in Windows-1252"],
)
def test_a_file_that_is_not_utf_8(read: Read, content: bytes, row: int) -> None:
    table, problems = read(content=content)
    assert lines_of(problems) == [f"{SHOWN}:{row}: file: not UTF-8 text (expected UTF-8; save it again)"]
    assert table.empty


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), f"text in UTF-16 (expected {SAVE_AS_CSV})"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16-be"), f"text in UTF-16 (expected {SAVE_AS_CSV})"),
        (HEADER.encode() + bytes(99), "NUL bytes at the end (expected the whole file, as it was saved)"),
        (bytes(99), "nothing but NUL bytes (expected the whole file, as it was saved)"),
        (b"PK\x03\x04 and so on", f"a zip file, such as an Excel workbook (expected {SAVE_AS_CSV})"),
        (b"\xd0\xcf\x11\xe0 and so on", f"an old Excel workbook (expected {SAVE_AS_CSV})"),
        (b"<!DOCTYPE html>\n<title>Not found</title>", "a web page (expected the file itself: download it again)"),
        (b"%PDF-1.7", "a PDF (expected UTF-8 text)"),
    ],
    ids=["UTF-16", "UTF-16 without a mark", "NUL at the end", "NUL", "Excel", "old Excel", "web page", "PDF"],
)
def test_a_file_of_another_kind_is_called_by_its_name(read: Read, content: bytes, said: str) -> None:
    _, problems = read(content=content)
    assert lines_of(problems) == [f"{SHOWN}:1: file: {said}"]


def test_of_a_hundred_thousand_wrong_rows_a_hundred_are_told(read: Read) -> None:
    _, problems = read(HEADER, *["a,x,,,true,paid"] * 1_000)
    wrong = [line for line in lines_of(in_order(problems)) if "amount" in line]
    assert len(wrong) == 100
    assert wrong[-1].startswith(f"{SHOWN}:101: amount: not a number; so are 900 rows after it (found 'x'")


def test_of_a_hundred_and_one_the_last_counts_the_other_and_all_are_counted() -> None:
    wrong = [Problem("a.csv", row, "x", "w", found) for row in range(51, 0, -1) for found in ("b", "a")]
    for number, last in ((100, "w"), (101, "w; so are 1 rows after it")):
        told = in_order(wrong[-number:] * 2)
        assert (len(told), told[-1].what) == (100, last)
        assert told == sorted(told)
        assert DataProblems(wrong[-number:] * 2).count == number


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    rows = read_text_rows(tmp_path, SHOWN, COLUMNS)
    assert lines_of(rows.problems) == [f"{SHOWN}:0: file: not a file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_text(HEADER)
    path.chmod(0)
    rows = read_text_rows(path, SHOWN, COLUMNS)
    assert lines_of(rows.problems) == [f"{SHOWN}:0: file: cannot be read: Permission denied"]


def test_a_link_in_a_circle_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "sample.csv").symlink_to("sample.csv")
    (problem,) = read_text_rows(tmp_path / "sample.csv", SHOWN, COLUMNS).problems
    assert str(problem).startswith(f"{SHOWN}:0: file: cannot be read: ")


def test_a_file_that_is_too_large_is_not_read(read: Read) -> None:
    table, problems = read(content=f"{HEADER}\n{GOOD}\n".encode() + b"\n" * 20_000_000)
    size = len(HEADER) + len(GOOD) + 2 + 20_000_000
    assert lines_of(problems) == [f"{SHOWN}:0: file: larger than 20 MB (found '{size:,} bytes')"]
    assert table.empty


def test_a_cell_that_is_too_long(read: Read) -> None:
    table, problems = read(HEADER, GOOD, with_cell("name", '"' + "x\n" * 100_000 + '"'))
    assert lines_of(problems) == [f"{SHOWN}:3: row: a cell longer than 131,072 characters"]
    assert table["name"].to_list() == ["a"]


def test_the_header_again_is_no_row(read: Read) -> None:
    table, problems = read(HEADER, GOOD, HEADER, ANOTHER)
    assert lines_of(problems) == [f"{SHOWN}:3: row: the header again"]
    assert table["name"].to_list() == ["a", "z"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(",people", ""), ["1: people: column missing (found 'name,amount,day,is_true,word')"]),
        (f"{HEADER},note", ["1: note: unknown column"]),
        (f"{HEADER},", ["1: (no name): unknown column"]),
        (f"{HEADER},word", ["1: word: column given twice"]),
        (
            HEADER.replace("day", "Day"),
            ["1: Day: unknown column (found 'Day', expected 'day')"],
        ),
        (
            HEADER.replace("people", "poeple").replace("word", "w"),
            [
                "1: word: column missing (found 'name,amount,poeple,day,is_true,w')",
                "1: poeple: unknown column (found 'poeple', expected 'people')",
                "1: w: unknown column",
            ],
        ),
    ],
    ids=["missing", "extra", "without a name", "twice", "spelt otherwise", "misspelt"],
)
def test_a_header_that_is_not_as_required(read: Read, header: str, expected: list[str]) -> None:
    table, problems = read(header, GOOD)
    assert lines_of(problems) == [f"{SHOWN}:{line}" for line in expected]
    assert table.empty


@pytest.mark.parametrize(("separator", "words"), [(";", "';'"), ("\t", "tabs"), ("|", "'|'"), ('";"', "';'")])
def test_other_separators_than_commas(read: Read, separator: str, words: str) -> None:
    quote = '"' if '"' in separator else ""
    table, problems = read(*(quote + line.replace(",", separator) + quote for line in (HEADER, GOOD, ANOTHER)))
    assert lines_of(problems) == [f"{SHOWN}:1: header: the cells are separated by {words} (expected ',')"]
    assert table.empty


@pytest.mark.parametrize(("cells", "number"), [("b,1", 2), (f"{GOOD},more", 7), ("  ", 1)])
def test_a_row_with_too_few_or_too_many_cells(read: Read, cells: str, number: int) -> None:
    table, problems = read(HEADER, GOOD, cells, "c,5,1,,true,paid")
    assert lines_of(problems) == [f"{SHOWN}:3: row: wrong number of cells (found '{number}', expected 6 cells)"]
    assert table["name"].to_list() == ["a", "c"]


@pytest.mark.parametrize("cell", ['"b', '"b"c', '"b\n,1,1,,true,paid'])
def test_quotes_that_do_not_close(read: Read, cell: str) -> None:
    _, problems = read(HEADER, GOOD, f"{cell},1,1,,true,paid")
    (problem,) = problems
    assert (problem.path, problem.column) == (SHOWN, "row")
    assert problem.row >= 3
    assert problem.what.startswith("not readable as CSV: ")


# --- Cells that cannot be used ------------------------------------------------------------------------------

NOT_A_NUMBER = [
    "1,000",
    "£5",
    "n/a",
    "12 (approx)",
    "3600 (as of Jan 2019)",
    "1e5",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "+5",
    ".5",
    "5.",
    "1_000",
    "12%",
    "1 000",
    "--",
    "0x10",
    "1.234,56",
    "1\xa0000",
    "\N{MINUS SIGN}5",
    "5\x00",
    "\N{ARABIC-INDIC DIGIT THREE}",
    "\N{FULLWIDTH DIGIT FIVE}",
]


@pytest.mark.parametrize("text", NOT_A_NUMBER)
def test_what_is_not_a_plain_number(read: Read, text: str) -> None:
    table, problems = read(HEADER, GOOD, with_cell("amount", f'"{text}"'))
    assert lines_of(problems) == [
        f"{SHOWN}:3: amount: not a number (found {text!r}, expected a plain number such as 1234.5)"
    ]
    assert table["name"].to_list() == ["a", "z"]
    assert table["amount"].isna().to_list() == [False, True]


@pytest.mark.parametrize("text", [*NOT_A_NUMBER, "12.0", "12.5"])
def test_what_is_not_a_plain_whole_number(read: Read, text: str) -> None:
    _, problems = read(HEADER, with_cell("people", f'"{text}"'))
    assert lines_of(problems) == [
        f"{SHOWN}:2: people: not a whole number (found {text!r}, expected a plain whole number such as 1234)"
    ]


A_LEADING_ZERO = "a leading zero", "the number without it"
A_SIGNED_ZERO = "a zero with a minus sign", "0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("007", A_LEADING_ZERO),
        ("00", A_LEADING_ZERO),
        ("-03", A_LEADING_ZERO),
        ("00290", A_LEADING_ZERO),
        ("-0", A_SIGNED_ZERO),
    ],
)
@pytest.mark.parametrize("column", ["amount", "people"])
def test_zeros_that_no_number_needs(read: Read, column: str, text: str, said: tuple[str, str]) -> None:
    table, problems = read(HEADER, GOOD, with_cell(column, text))
    assert lines_of(problems) == [f"{SHOWN}:3: {column}: {said[0]} (found {text!r}, expected {said[1]})"]
    assert table[column].isna().to_list() == [False, True]


@pytest.mark.parametrize(
    ("text", "said"),
    [("01.5", A_LEADING_ZERO), ("-00.5", A_LEADING_ZERO), ("-0.00", A_SIGNED_ZERO), ("-0.0", A_SIGNED_ZERO)],
)
def test_zeros_that_no_fraction_needs(read: Read, text: str, said: tuple[str, str]) -> None:
    _, problems = read(HEADER, with_cell("amount", text))
    assert lines_of(problems) == [f"{SHOWN}:2: amount: {said[0]} (found {text!r}, expected {said[1]})"]


@pytest.mark.parametrize("text", ["-0.5", "-3", "-10"])
def test_a_number_below_zero_is_a_number(read: Read, text: str) -> None:
    table, problems = read(HEADER, with_cell("amount", text))
    assert [problem.what for problem in problems] == ["too small"]
    assert table["amount"].to_list() == [float(text)]


@pytest.mark.parametrize(
    "text",
    [
        "2018-13-01",
        "2018-02-31",
        "2019-02-29",
        "31/10/2018",
        "10/31/2018",
        "2018-1-1",
        "2018-10",
        "2018",
        "20181031",
        "2018-W44-3",
        "2018-10-31T00:00:00",
        "31 October 2018",
        "43404",
        "NaT",
        "2018-04-0\N{ARABIC-INDIC DIGIT THREE}",
    ],
)
def test_what_is_not_a_date(read: Read, text: str) -> None:
    table, problems = read(HEADER, GOOD, with_cell("day", text))
    assert lines_of(problems) == [f"{SHOWN}:3: day: not a date (found {text!r}, expected a date such as 2018-10-31)"]
    assert table["day"].isna().to_list() == [False, True]


@pytest.mark.parametrize("text", ["1999-12-31", "2100-01-01", "0218-01-01"])
def test_a_date_of_another_century_is_one_that_is_not_taken(read: Read, text: str) -> None:
    _, problems = read(HEADER, with_cell("day", text))
    said = f"a date outside what is taken (found '{text}', expected 2000-01-01 to 2099-12-31)"
    assert lines_of(problems) == [f"{SHOWN}:2: day: {said}"]


@pytest.mark.parametrize("text", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_are_taken(read: Read, text: str) -> None:
    table, problems = read(HEADER, with_cell("day", text))
    assert problems == []
    assert table["day"].to_list() == [pd.Timestamp(text)]


@pytest.mark.parametrize(
    ("column", "text", "most"),
    [
        ("amount", "9" * 16, "at most 15"),
        ("amount", "0." + "1" * 16, "at most 15 before the point, and 15 after it"),
        ("people", "9" * 16, "at most 15"),
    ],
)
def test_a_number_with_too_many_digits(read: Read, column: str, text: str, most: str) -> None:
    _, problems = read(HEADER, with_cell(column, text))
    assert lines_of(problems) == [f"{SHOWN}:2: {column}: too many digits (found '{text}', expected {most})"]
    _, problems = read(HEADER, with_cell("amount", text[:-1]))
    assert problems == []


@pytest.mark.parametrize("text", ["True", "TRUE", "yes", "1", "0", ""])
def test_what_is_not_a_truth(read: Read, text: str) -> None:
    table, problems = read(HEADER, with_cell("is_true", text))
    assert table["is_true"].to_list() == [False]
    found = f"found {text!r}, " if text else ""
    assert lines_of(problems) == [f"{SHOWN}:2: is_true: not a truth ({found}expected true or false)"]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("day", "0218-01-01"),
        ("day", "1066-10-14"),
        ("day", "2918-10-31"),
        ("day", "9999-12-31"),
        ("people", "9" * 20),
        ("amount", "9" * 400),
    ],
)
def test_what_is_beyond_all_reason_is_a_problem_of_its_cell(read: Read, column: str, text: str) -> None:
    _, problems = read(HEADER, GOOD, with_cell(column, text))
    assert {(problem.path, problem.row, problem.column, problem.found) for problem in problems} == {
        (SHOWN, 3, column, text)
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('"a\nb"', "a line end within the cell (found 'a\\nb')"),
        ('"a\r\nb"', "a line end within the cell (found 'a\\r\\nb')"),
        ("a\u2028b", "a line end within the cell (found 'a\\u2028b')"),
        ("a\x00b", f"{ODD_CHARACTER}, U+0000 (found 'a\\x00b', {WITHOUT})"),
        ("a\x1b[31mb", f"{ODD_CHARACTER}, U+001B (found 'a\\x1b[31mb', {WITHOUT})"),
        ("a\u200bb", f"{ODD_CHARACTER}, ZERO WIDTH SPACE (U+200B) (found 'a\\u200bb', {WITHOUT})"),
        ("p\u0430id", f"{ODD_CHARACTER}, CYRILLIC SMALL LETTER A (U+0430) (found 'p\u0430id', {WITHOUT})"),
        ("\x07" * 300, f"{ODD_CHARACTER}, U+0007 (found '" + "\\x07" * 200 + f"…', {WITHOUT})"),
    ],
)
def test_a_cell_with_what_cannot_be_seen(read: Read, text: str, what: str) -> None:
    _, problems = read(HEADER, '"q\nr",600,,2018-10-31,true,paid', with_cell("name", text).replace("600", "601"))
    assert lines_of(problems) == [
        f"{SHOWN}:2: name: a line end within the cell (found 'q\\nr')",
        f"{SHOWN}:4: name: {what}",
    ]


class WithId(Table):
    """An id and a text."""

    metric_id: str = described("an id")
    label: str = described("a text")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("O-1\u200b", f"{ODD_CHARACTER}, ZERO WIDTH SPACE (U+200B)"),
        ("O\u00a01", f"{ODD_CHARACTER}, NO-BREAK SPACE (U+00A0)"),
        ("O\t1", f"{ODD_CHARACTER}, U+0009"),
        ("\uff2f-1", f"{ODD_CHARACTER}, FULLWIDTH LATIN CAPITAL LETTER O (U+FF2F)"),
        ("\u041e-1", "a character that no id has, CYRILLIC CAPITAL LETTER O (U+041E)"),
        ("é", "a character that no id has, LATIN SMALL LETTER E WITH ACUTE (U+00E9)"),
        *((word, "stands for no id") for word in ("NULL", "n/a", "NaN", "-", "?", "#N/A", "Total", "1.23E+09", "<NA>")),
    ],
)
def test_what_is_no_id_is_said_by_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "ids.csv"
    path.write_text(f"metric_id,label\nm1,Total\n{text},é\u00a0–\n", encoding="utf-8")
    _, problems = to_table(read_text_rows(path, SHOWN, ["metric_id", "label"]), WithId)
    assert [(problem.row, problem.column, problem.what) for problem in problems] == [(3, "metric_id", said)]


# --- Cells that break a rule of the table -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("name", "", "name: missing"),
        ("amount", "", "amount: missing"),
        ("amount", "-5", "amount: too small (found '-5', expected at least 0)"),
        ("people", "-1", "people: too small (found '-1', expected at least 0)"),
        ("people", "601", "people: more people than pounds (found '601')"),
        ("word", "planned", "word: not one of the words allowed (found 'planned', expected ['paid', 'reported'])"),
        ("word", "", "word: not one of the words allowed (expected ['paid', 'reported'])"),
    ],
)
def test_a_cell_that_breaks_a_rule(read: Read, column: str, text: str, said: str) -> None:
    row = with_cell(column, text)
    _, problems = read(HEADER, "b,5,1,,true,paid", row)
    assert lines_of(problems) == [f"{SHOWN}:3: {said}"]


def test_what_must_be_unique_is_said_of_every_later_row(read: Read) -> None:
    _, problems = read(HEADER, GOOD, "b,5,1,,true,paid", with_cell("name", "a"), "", "a,7,1,,true,paid")
    assert lines_of(problems) == [
        f"{SHOWN}:{row}: name: used twice (found 'a', expected each once; first in row 2)" for row in (4, 6)
    ]


def test_a_key_of_several_columns_is_given_once(read: Read) -> None:
    _, problems = read(HEADER, GOOD, "b,5,1,,true,paid", GOOD.replace("a", "c", 1))
    assert lines_of(problems) == [
        f"{SHOWN}:4: row: the same key twice "
        "(found '1234.5, 12', expected amount and people together once; first in row 2)"
    ]


def test_a_whole_row_that_is_repeated_is_said_once(read: Read) -> None:
    _, problems = read(HEADER, GOOD, GOOD, GOOD)
    assert lines_of(problems) == [
        f"{SHOWN}:{row}: row: the same row twice (expected each row once; first in row 2)" for row in (3, 4)
    ]


def test_a_row_with_an_unreadable_cell_repeats_nothing(read: Read) -> None:
    _, problems = read(HEADER, GOOD.replace("2018-10-31", "soon"), GOOD, GOOD.replace("paid", "planned"))
    assert lines_of(problems) == [
        f"{SHOWN}:2: day: not a date (found 'soon', expected a date such as 2018-10-31)",
        f"{SHOWN}:4: word: not one of the words allowed (found 'planned', expected ['paid', 'reported'])",
        f"{SHOWN}:4: name: used twice (found 'a', expected each once; first in row 3)",
    ]


def test_an_unreadable_cell_hides_no_other_problem_of_its_row(read: Read) -> None:
    """Only rules over the whole row, which may rest on that cell, are left out: 700 people are more than 600 pounds."""
    _, problems = read(HEADER, ",600,700,soon,true,planned")
    assert lines_of(problems) == [
        f"{SHOWN}:2: day: not a date (found 'soon', expected a date such as 2018-10-31)",
        f"{SHOWN}:2: name: missing",
        f"{SHOWN}:2: word: not one of the words allowed (found 'planned', expected ['paid', 'reported'])",
    ]


def test_a_table_with_problems_has_its_rows_and_types(read: Read) -> None:
    table, problems = read(HEADER, ",x,y,soon,maybe,planned")
    assert len(problems) == 6
    assert [str(dtype) for dtype in table.dtypes] == ["str", "str", "float64", "Int64", "datetime64[ns]", "bool", "str"]
    assert table.loc[0, ["contract_id", "name", "is_true", "word"]].to_list() == ["C-1", "", False, "planned"]
    assert table.loc[0, ["amount", "people", "day"]].isna().all()


def test_all_problems_are_said_at_once(read: Read) -> None:
    table, problems = read(HEADER, "a,x,y,2018-13-01,maybe,paid", "b,-1,,,true,planned", GOOD.replace("a,", "c,", 1))
    assert {(p.row, p.column) for p in problems} == {
        (2, "amount"),
        (2, "people"),
        (2, "day"),
        (2, "is_true"),
        (3, "amount"),
        (3, "word"),
    }
    assert table["name"].to_list() == ["a", "b", "c"]


# --- Where a problem is -------------------------------------------------------------------------------------


def test_a_row_after_quoted_line_ends_has_the_number_it_has_in_the_file(read: Read) -> None:
    _, problems = read(HEADER, '"a\nb\nc",5,1,,true,paid', "", "d,x,1,,true,paid", '"e\nf",y,1,,true,paid', GOOD)
    assert [(problem.row, problem.found) for problem in problems if problem.column == "amount"] == [(6, "x"), (7, "y")]
    assert [problem.row for problem in problems if problem.column == "name"] == [2, 7]


def test_a_rule_is_said_of_the_right_row_after_an_unreadable_one(read: Read) -> None:
    _, problems = read(HEADER, "a,x,1,,true,paid", '"b\n",5,1,,true,paid', "c,-1,,,true,paid")
    assert [(problem.row, problem.column) for problem in problems] == [(2, "amount"), (5, "amount")]


def test_rows_of_several_files_keep_their_files(tmp_path: Path) -> None:
    both = TextRows()
    for name in ("C-1", "C-2"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"{HEADER}\n{name},x,1,,true,paid\n")
        rows = read_text_rows(path, f"raw/{name}/sample.csv", COLUMNS, {"contract_id": name})
        both.records.extend(rows.records)
        both.places.extend(rows.places)
    _, problems = to_table(both, Sample)
    assert [problem.path for problem in problems] == ["raw/C-1/sample.csv", "raw/C-2/sample.csv"]


# --- How a problem is said ----------------------------------------------------------------------------------


def test_a_problem_is_one_line() -> None:
    assert str(Problem("a.csv", 3, "day", "not a date")) == "a.csv:3: day: not a date"
    full = Problem("a.csv", 3, "day", "not a date", "x\ny", "a date")
    assert str(full) == "a.csv:3: day: not a date (found 'x\\ny', expected a date)"
    assert full.as_dict() == {
        "path": "a.csv",
        "row": 3,
        "column": "day",
        "what": "not a date",
        "found": "x\ny",
        "expected": "a date",
        "is_warning": False,
    }


def test_a_name_cannot_command_a_terminal_nor_break_the_line() -> None:
    line = str(Problem("raw/\x1b[31m\udcff/a\r\nb.csv", 1, "a\u2028b", "w\x00", "\x1b", "e\x07"))
    assert line == "raw/\\x1b[31m\\udcff/a b.csv:1: a b: w\\x00 (found '\\x1b', expected e\\x07)"


def test_a_long_value_is_cut() -> None:
    assert str(Problem("a.csv", 3, "day", "not a date", "x" * 200)).endswith(f"(found '{'x' * 200}')")
    assert str(Problem("a.csv", 3, "day", "not a date", "x" * 201)).endswith(f"(found '{'x' * 200}…')")


def test_a_warning_says_so_and_stops_nothing() -> None:
    warning = Problem("a.csv", 3, "day", "odd", is_warning=True)
    assert str(warning) == "warning: a.csv:3: day: odd"
    raise_if_any([warning])
    wrong = replace(warning, what="wrong", is_warning=False)
    with pytest.raises(DataProblems) as raised:
        raise_if_any([warning, wrong])
    assert raised.value.problems == [wrong]


def test_a_header_over_two_lines_is_said_on_one(read: Read) -> None:
    _, problems = read(HEADER + ',"a\nb"', GOOD + ",x")
    assert problems
    assert not any("\n" in line for line in lines_of(problems))


def test_problems_are_raised_together_in_order_each_once() -> None:
    second, first = Problem("b.csv", 1, "x", "w"), Problem("a.csv", 10, "x", "w")
    with pytest.raises(DataProblems) as raised:
        raise_if_any([second, first, second])
    assert raised.value.problems == [first, second]
    assert str(raised.value) == f"{first}\n{second}"
    raise_if_any([])
