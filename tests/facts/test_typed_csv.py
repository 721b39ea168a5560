"""Reading CSV: what is accepted, and what is said, with file, row and column, of what is not."""

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pandera.pandas as pa
import pytest

from pipeline.facts.problems import DataProblems, Problem, raise_if_any
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table
from pipeline.tables.base import Table, described, filled

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
    table, problems = read(HEADER, ' "a" , 1234.5 , 12,2018-10-31,true,paid', '"b, ""c""\nand d",5,1,,true,paid')
    assert problems == []
    assert table["name"].to_list() == ['"a"', 'b, "c"\nand d']
    assert table["amount"].to_list() == [1234.5, 5]


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_header_alone_is_an_empty_table(read: Read, end: str) -> None:
    table, problems = read(content=(HEADER + end).encode())
    assert problems == []
    assert table.empty
    assert list(table.columns) == ["contract_id", *COLUMNS]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("12.50", 12.5), ("0.1", 0.1)])
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
        (f"{HEADER}\n{GOOD}\n".encode("utf-16"), 1),
        (f"{HEADER}\n{GOOD}\n£,1,1,,true,paid\n".encode("latin-1"), 3),
        (f"{HEADER}\n{GOOD}\nb – c,1,1,,true,paid\n".encode("cp1252"), 3),
    ],
    ids=["UTF-16", "pound sign in Latin-1", "dash in Windows-1252"],
)
def test_a_file_that_is_not_utf_8(read: Read, content: bytes, row: int) -> None:
    table, problems = read(content=content)
    assert lines_of(problems) == [f"{SHOWN}:{row}: file: not UTF-8 text (expected UTF-8; save it again)"]
    assert table.empty


def test_utf_16_without_a_byte_order_mark_has_no_columns(read: Read) -> None:
    _, problems = read(content=f"{HEADER}\n{GOOD}\n".encode("utf-16-le"))
    assert {(problem.row, problem.column, problem.what) for problem in problems} >= {
        (1, name, "column missing") for name in COLUMNS
    }


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (HEADER.replace(",people", ""), ["1: people: column missing (found 'name,amount,day,is_true,word')"]),
        (f"{HEADER},note", ["1: note: unknown column"]),
        (f"{HEADER},", ["1: (no name): unknown column"]),
        (f"{HEADER},word", ["1: word: column given twice"]),
        (
            HEADER.replace("day", "Day"),
            ["1: day: column missing (found 'name,amount,people,Day,is_true,word')", "1: Day: unknown column"],
        ),
    ],
    ids=["missing", "extra", "without a name", "twice", "spelt otherwise"],
)
def test_a_header_that_is_not_as_required(read: Read, header: str, expected: list[str]) -> None:
    table, problems = read(header, GOOD)
    assert lines_of(problems) == [f"{SHOWN}:{line}" for line in expected]
    assert table.empty


def test_semicolons_instead_of_commas(read: Read) -> None:
    _, problems = read(HEADER.replace(",", ";"), GOOD.replace(",", ";"))
    assert [(p.row, p.column, p.what) for p in problems] == [
        *((1, name, "column missing") for name in COLUMNS),
        (1, HEADER.replace(",", ";"), "unknown column"),
    ]


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
    "\N{ARABIC-INDIC DIGIT THREE}",
    "\N{FULLWIDTH DIGIT FIVE}",
]


@pytest.mark.parametrize("text", NOT_A_NUMBER)
def test_what_is_not_a_plain_number(read: Read, text: str) -> None:
    table, problems = read(HEADER, GOOD, with_cell("amount", f'"{text}"'))
    assert lines_of(problems) == [
        f"{SHOWN}:3: amount: not a number (found {text!r}, expected a plain number such as 1234.5)"
    ]
    assert table["name"].to_list() == ["a"]


@pytest.mark.parametrize("text", [*NOT_A_NUMBER, "12.0", "12.5"])
def test_what_is_not_a_plain_whole_number(read: Read, text: str) -> None:
    _, problems = read(HEADER, with_cell("people", f'"{text}"'))
    assert lines_of(problems) == [
        f"{SHOWN}:2: people: not a whole number (found {text!r}, expected a plain whole number such as 1234)"
    ]


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
    assert table["name"].to_list() == ["a"]


@pytest.mark.parametrize("text", ["True", "TRUE", "yes", "1", "0", ""])
def test_what_is_not_a_truth(read: Read, text: str) -> None:
    _, problems = read(HEADER, with_cell("is_true", text))
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


# --- Cells that break a rule of the table -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("name", "", "name: missing"),
        ("amount", "", "amount: missing"),
        ("amount", "-5", "amount: too small (found '-5', expected 0)"),
        ("people", "-1", "people: too small (found '-1', expected 0)"),
        ("people", "601", "people: more people than pounds (found '601')"),
        ("word", "planned", "word: not one of the words allowed (found 'planned', expected ['paid', 'reported'])"),
        ("word", "", "word: not one of the words allowed (expected ['paid', 'reported'])"),
    ],
)
def test_a_cell_that_breaks_a_rule(read: Read, column: str, text: str, said: str) -> None:
    row = with_cell(column, text)
    _, problems = read(HEADER, "b,5,1,,true,paid", row)
    assert lines_of(problems) == [f"{SHOWN}:3: {said}"]


def test_what_must_be_unique_is_said_for_every_row(read: Read) -> None:
    _, problems = read(HEADER, GOOD, "b,5,1,,true,paid", with_cell("name", "a"))
    assert lines_of(problems) == [f"{SHOWN}:{row}: name: used twice (found 'a')" for row in (2, 4)]
    _, problems = read(HEADER, GOOD, "b,5,1,,true,paid", GOOD.replace("a", "c", 1))
    assert lines_of(problems) == [f"{SHOWN}:{row}: row: the same key twice (expected each key once)" for row in (2, 4)]


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
    assert "a" not in set(table["name"])


# --- Where a problem is -------------------------------------------------------------------------------------


def test_a_row_after_quoted_line_ends_has_the_number_it_has_in_the_file(read: Read) -> None:
    _, problems = read(HEADER, '"a\nb\nc",5,1,,true,paid', "", "d,x,1,,true,paid", '"e\nf",y,1,,true,paid', GOOD)
    assert [(problem.row, problem.found) for problem in problems] == [(6, "x"), (7, "y")]


def test_a_rule_is_said_of_the_right_row_after_rows_were_dropped(read: Read) -> None:
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
    }


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
