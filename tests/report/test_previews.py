"""Tables are written as people read them, and nothing in a cell can pass for Markdown."""

import math
import re
from datetime import date

import pandas as pd
import pytest

from pipeline.report.previews import LONGEST_TEXT, markdown_table, preview, shown_as_text

CELLS = re.compile(r"(?<!\\)\|")


def cells(line: str) -> list[str]:
    """The cells of a row of a Markdown table."""
    return [cell.strip() for cell in CELLS.split(line)[1:-1]]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contract_id": ["C-1", "C-2"],
            "paid_gbp": [1234567.5, -20.0],
            "bcr": [0.996468, math.nan],
            "price_factor": [1.369234, 0.0001234],
            "contracts": [5700, 1],
            "is_in_bcr": [True, False],
            "period_end": pd.to_datetime(["2024-03-31", None]),
            "cut_off": [date(2022, 1, 31), None],
        }
    )


def test_each_column_is_written_in_its_unit_and_numbers_stand_on_the_right(table: pd.DataFrame) -> None:
    head, rule, first, second = preview(table).splitlines()
    assert cells(head) == list(table.columns)
    assert cells(rule) == ["---", "---:", "---:", "---:", "---:", "---", "---", "---"]
    assert cells(first) == ["C-1", "£1,234,567.50", "1.00", "1.36923", "5,700", "yes", "2024-03-31", "2022-01-31"]
    assert cells(second) == ["C-2", "−£20", "", "0.0001234", "1", "no", "", ""]


def test_a_cut_table_says_how_many_rows_there_are() -> None:
    table = pd.DataFrame({"n": range(5700)})
    text = preview(table)
    assert text.endswith("| 19 |\n\nfirst 20 of 5,700 rows")
    assert text.count("\n|") == 21
    assert "rows" not in preview(table.head(20))


def test_columns_can_be_chosen(table: pd.DataFrame) -> None:
    head, _, first, *_ = preview(table, columns=["bcr", "contract_id"]).splitlines()
    assert (cells(head), cells(first)) == (["bcr", "contract_id"], ["1.00", "C-1"])
    with pytest.raises(KeyError, match="no_such"):
        preview(table, columns=["no_such"])


def test_an_empty_table_shows_its_columns(table: pd.DataFrame) -> None:
    assert preview(table.head(0), columns=["contract_id"]) == "| contract_id |\n| --- |\n\nno rows"
    assert preview(pd.DataFrame()) == "no columns"


def test_a_long_text_is_cut() -> None:
    long, just = "x" * (LONGEST_TEXT + 1), "y" * LONGEST_TEXT
    (row,) = preview(pd.DataFrame({"a": [long], "b": [just]})).splitlines()[2:]
    assert cells(row) == ["x" * (LONGEST_TEXT - 1) + "…", just]


@pytest.mark.parametrize(
    "hostile",
    [
        "a | b",
        "a \\| b",
        "a \\",
        "one\ntwo\r\nthree\u2028four",
        "<script>alert(1)</script>",
        "![x](http://x.example/x.png)",
        "[x](javascript:alert(1))",
        "`code` | `more`",
        "|---|\n|---|",
    ],
)
def test_no_text_breaks_the_table(hostile: str) -> None:
    lines = markdown_table(["a", hostile], [[hostile, "b"], ["c", hostile]]).splitlines()
    # Markdown takes a backslash together with the mark after it, so none may stand before one that divides cells.
    assert all("\\\\" not in line and len(cells(line)) == 2 for line in lines)
    assert len(lines) == 4
    assert not re.search(r"[<>\[\]`]", "".join(lines))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("St Basil's, A&E, R & D (50%)", "St Basil's, A&E, R & D (50%)"),
        ("child_in_care", "child_in_care"),
        ("_a_ __b__ c_", "&#95;a&#95; &#95;&#95;b&#95;&#95; c&#95;"),
        ("*a* ~b~ `c` \\", "&#42;a&#42; &#126;b&#126; &#96;c&#96; &#92;"),
        ("<b>&lt;", "&lt;b&gt;&amp;lt;"),
        ("https://x.example", "https:\u2060//x.example"),
        ("WWW.x.example", "WWW\u2060.x.example"),
        ("a@x.example", "a\u2060@x.example"),
    ],
)
def test_each_character_is_shown_as_it_is(text: str, shown: str) -> None:
    assert shown_as_text(text) == shown
