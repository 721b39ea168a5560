"""Sheets of results and payments: headings, hints, totals, suppressed cells, and what is refused of a row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.importers.outcomes.grid import Grid, Trouble
from pipeline.importers.outcomes.rows import Read, is_empty, metrics_of, read_rows
from pipeline.importers.outcomes.workbook import grids_of
from tests.importers.outcomes.filled import FIRST, fill

HEADINGS = ["metric id", "label", "result type", "period start", "period end", "quantity", "unit"]
SOUND = ["started", "started a job", "final", "2018/19", "", "50", "person"]
PAID = ["payer", "payer kind", "period start", "period end", "amount gbp", "basis"]
SOUND_PAYMENT = ["A Council", "local", "2018/19", "", "60000", "paid"]


def read(*rows: list[str], table: str = "results", **more: Any) -> Read:
    return read_rows(table, Grid("f.csv", list(enumerate(rows, start=1)), **more))


def said(read_: Read) -> list[str]:
    return [str(problem) for problem in read_.problems]


def with_cell(column: str, text: str) -> list[str]:
    """A sound result with another cell."""
    return [text if name == column else cell for name, cell in zip(HEADINGS, SOUND, strict=True)]


def test_a_row_is_that_of_the_raw_file() -> None:
    assert read(HEADINGS, SOUND).rows == [
        {
            "metric_id": "started",
            "label": "started a job",
            "result_type": "final",
            "period_start": "2018-04-01",
            "period_end": "2019-03-31",
            "quantity": "50",
            "unit": "person",
            "is_net_of_deadweight": "false",
            "source_id": "",
            "locator": "results row 2",
        }
    ]


def test_a_payment_is_that_of_the_raw_file() -> None:
    nobody = ["", "", "2018/19", "", "£1,000", "Reported"]
    first, second = read(PAID, SOUND_PAYMENT, nobody, table="payments").rows
    assert first == {
        "payer": "A Council",
        "payer_kind": "local",
        "period_start": "2018-04-01",
        "period_end": "2019-03-31",
        "amount_gbp": "60000",
        "basis": "paid",
        "metric_id": "",
        "source_id": "",
        "locator": "payments row 2",
        "note": "",
    }
    assert (second["payer_kind"], second["amount_gbp"], second["basis"]) == ("unknown", "1000", "reported")


def test_titles_stand_above_the_headings_and_hints_below() -> None:
    hints = ["needed: a short id", "", "needed: choose"]
    title = ["Results of the year", *[""] * len(HEADINGS), "Draft"]
    found = read(title, ["Unit", "a person"], HEADINGS, hints, SOUND, ["", ""], [*SOUND[:1], "again", *SOUND[2:]])
    assert [row["locator"] for row in found.rows] == ["results row 5", "results row 7"]
    assert metrics_of(found.rows) == {"started": "again"}


def test_a_row_that_says_needed_among_other_things_is_no_hint() -> None:
    assert [row["label"] for row in read(HEADINGS, with_cell("label", "needed: a home")).rows] == ["needed: a home"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["a", "b"], SOUND], "f.csv:0: header: no row of headings found (expected a row with the headings of the"),
        ([HEADINGS[:-1], SOUND[:-1]], "f.csv:1: unit: column missing (found 'metric id, label,"),
        ([[*HEADINGS, "Unit"], [*SOUND, "day"]], "f.csv:1: unit: column given twice"),
        ([[*HEADINGS, "outcome typ"], SOUND], "unknown column (found 'outcome typ', expected 'outcome type')"),
        ([[*HEADINGS, "town"], SOUND], "unknown column (found 'town', expected a column of the template, or none)"),
        ([[*HEADINGS, ""], [*SOUND, "x"]], "(column 8): no heading (expected nothing in a column without a heading)"),
        ([HEADINGS], "f.csv:0: row: no rows (expected at least one row)"),
        ([HEADINGS, with_cell("label", "")], "f.csv:2: label: empty (expected what is counted, in a few words)"),
        ([HEADINGS, with_cell("unit", "people")], "f.csv:2: unit: not one of the words allowed (found 'people'"),
        ([HEADINGS, with_cell("quantity", "12*")], "f.csv:2: quantity: a number with a mark (found '12*', expected"),
        ([HEADINGS, with_cell("period start", "Apr-18")], "f.csv:2: period start: a day or a year in two digits"),
    ],
)
def test_what_is_refused_is_said_at_its_place(rows: list[list[str]], words: str) -> None:
    found = read(*rows)
    assert len(found.problems) == 1
    assert words in said(found)[0]
    assert found.rows == []


def test_a_second_number_for_the_same_metric_and_period_is_refused() -> None:
    again, later = with_cell("period start", "2018-04-01"), with_cell("period start", "2019/20")
    again[HEADINGS.index("period end")] = "2019-03-31"
    assert said(read(HEADINGS, SOUND, later, again)) == [
        "f.csv:4: metric id: a second number for the same metric, type and period "
        "(found 'started', expected one; the first is in row 2)"
    ]


def test_every_cell_that_cannot_be_read_is_said_at_once() -> None:
    bad = ["", "started a job", "finl", "03/31/2018", "31/03/2019", "12%", "person"]
    columns = [problem.column for problem in read(HEADINGS, bad, with_cell("quantity", "1,23")).problems]
    assert columns == ["metric id", "result type", "period start", "quantity", "quantity"]


def test_a_start_that_may_be_two_things_is_said_once() -> None:
    assert [problem.column for problem in read(HEADINGS, with_cell("period start", "2011-12")).problems] == [
        "period start"
    ]


def test_a_payer_without_its_kind_is_asked_for() -> None:
    found = read(PAID, ["A Council", "", "2018/19", "", "5", "paid"], table="payments")
    assert said(found) == [
        "f.csv:2: payer kind: empty, though a payer is named (expected central, local, mixed, unknown)"
    ]


@pytest.mark.parametrize("text", ["<5", "[x]", "..", "c"])
def test_a_suppressed_number_is_rejected_by_name_and_the_rest_comes_in(text: str) -> None:
    found = read(HEADINGS, with_cell("quantity", text), SOUND)
    assert len(found.rows) == 1
    assert found.rejected == [
        {
            "file": "results",
            "row": "2",
            "column": "quantity",
            "value": text,
            "reason": "no number: the source suppresses it or does not have it",
            "locator": "results row 2",
        }
    ]


TOTAL = ["", "", "", "", "", "50", ""]


@pytest.mark.parametrize(
    "words",
    [
        "Total",
        "TOTALS:",
        "Grand total",
        "Sub-total",
        "Subtotal",
        "Sum",
        "Total results",
        "total 2018/19",
        "All outcomes",
    ],
)
@pytest.mark.parametrize("column", [0, 1, 3])
def test_a_totals_row_is_left_out_and_named(words: str, column: int) -> None:
    total = [*TOTAL[:column], words, *TOTAL[column + 1 :]]
    found = read(HEADINGS, SOUND, total)
    assert len(found.rows) == 1
    assert found.left_out == [f"results row 3: left out: a row of totals ({words!r}) would count everything twice"]


@pytest.mark.parametrize("words", ["total days out of care", "totally new", "sums of money", "overall health"])
def test_a_label_that_speaks_of_a_total_is_none(words: str) -> None:
    assert [row["label"] for row in read(HEADINGS, with_cell("label", words)).rows] == [words]


def test_a_row_that_may_be_a_total_or_not_is_asked_about() -> None:
    assert said(read(HEADINGS, with_cell("label", "Total"))) == [
        "f.csv:2: row: a totals row that is filled in like any other (found 'Total', "
        "expected another name, or no such row)"
    ]


def test_a_sum_of_its_own_column_is_refused_also_without_a_name() -> None:
    (problem,) = read(HEADINGS, SOUND, SOUND, sums=frozenset({(3, 6)})).problems
    assert (problem.row, problem.column) == (3, "quantity")
    assert problem.what == "a sum of its own column, which would count everything twice"
    named = read(HEADINGS, SOUND, ["Total", *TOTAL[1:]], sums=frozenset({(3, 6)}))
    assert (named.problems, len(named.left_out)) == ([], 1)


def test_trouble_is_told_where_it_is_read_and_not_elsewhere() -> None:
    troubles = [Trouble(rows, 6, "merged cells", "none", "x") for rows in (range(1, 2), range(4, 6), range(8, 99))]
    found = read(["", "Results", ""], HEADINGS, SOUND, SOUND, SOUND, troubles=troubles)
    assert [(problem.row, problem.column) for problem in found.problems] == [(4, "quantity")]


# --- The same in a workbook ------------------------------------------------------------------------------------


def of_workbook(path: Path, table: str = "results") -> Read:
    return read_rows(table, grids_of(path, [table])[0][table])


def test_a_template_as_a_stranger_fills_it_in(filled: Path) -> None:
    results, payments = of_workbook(filled), of_workbook(filled, "payments")
    assert (said(results), said(payments)) == ([], [])
    keys = ("metric_id", "period_start", "period_end", "quantity", "locator")
    assert [tuple(row[key] for key in keys) for row in results.rows] == [
        ("started", "2018-04-01", "2019-03-31", "50", "results row 3"),
        ("weeks_13", "2018-04-01", "2020-03-31", "36", "results row 4"),
        ("weeks_26", "2018-04-01", "2020-03-31", "24", "results row 5"),
    ]
    assert results.outcome_of == {"started": "job"}
    assert [(row["amount_gbp"], row["period_end"], row["basis"]) for row in payments.rows] == [
        ("60000", "2019-03-31", "paid"),
        ("41500", "2020-03-31", "paid"),
        ("150000", "", "commitment"),
    ]


def merge_heads(book: openpyxl.Workbook) -> None:
    book["results"].merge_cells("D1:E1")


def merge_rows(book: openpyxl.Workbook) -> None:
    book["results"].merge_cells(f"A{FIRST}:A{FIRST + 1}")


def title_above(book: openpyxl.Workbook) -> None:
    book["results"].insert_rows(1)
    book["results"]["A1"] = "Results"
    book["results"].merge_cells("A1:H1")


def formula(book: openpyxl.Workbook) -> None:
    book["results"].cell(FIRST, 6, "=25*2")


def hide_row(book: openpyxl.Workbook) -> None:
    book["results"].row_dimensions[FIRST + 1].hidden = True


def share(book: openpyxl.Workbook) -> None:
    book["results"].cell(FIRST, 6, 0.5).number_format = "0%"


def euros(book: openpyxl.Workbook) -> None:
    book["results"].cell(FIRST, 6, 50).number_format = "[$€-2] #,##0"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (merge_heads, ":1: period start: merged cells (found 'D1:E1', expected a value in each cell: Merge & Center"),
        (merge_rows, ":3: metric id: merged cells (found 'A3:A4', expected a value in each cell"),
        (formula, ":3: quantity: a formula without a value (found '=25*2', expected the value: copy the column and"),
        (hide_row, ":4: metric id: a hidden row (expected rows that are shown: Unhide it, or delete it)"),
        (share, ":3: quantity: a share (found '50%', expected the number of people, events or pounds)"),
        (euros, ":3: quantity: in another currency (found '€ 50', expected pounds)"),
    ],
)
def test_what_people_do_to_a_workbook_is_said(
    template: Path, change: Callable[[openpyxl.Workbook], None], words: str
) -> None:
    fill(template, change=change)
    (problem, *_) = said(of_workbook(template))
    assert f"{template}, sheet results{words}" in problem


def test_a_merged_title_above_the_headings_does_no_harm(template: Path) -> None:
    fill(template, change=title_above)
    assert [row["locator"] for row in of_workbook(template).rows] == [f"results row {number}" for number in (4, 5, 6)]


def test_an_empty_sheet_is_known(template: Path) -> None:
    assert is_empty("results", grids_of(template, ["results"])[0]["results"])
    fill(template, payments=[])
    grids = grids_of(template, ["results", "payments"])[0]
    assert [is_empty(table, grids[table]) for table in ("results", "payments")] == [False, True]
