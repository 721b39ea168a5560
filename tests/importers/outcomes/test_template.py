"""The template: what it asks for and offers, and that what is written into it comes back as it was."""

import datetime as dt
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.reference import Reference
from pipeline.importers.outcomes.contract import read_contract
from pipeline.importers.outcomes.forms import CONTRACT_FIELDS, TABLES
from pipeline.importers.outcomes.rows import read_rows
from pipeline.importers.outcomes.template import write_template
from pipeline.importers.outcomes.workbook import grids_of
from pipeline.tables.vocabulary import PAYMENT_BASES, RESULT_TYPES, UNITS
from tests.importers.outcomes.filled import FACTS, fill


def test_sheets_and_headings(empty_template: Path) -> None:
    book = openpyxl.load_workbook(empty_template)
    assert book.sheetnames == ["contract", "results", "payments", "outcome types", "allowed words"]
    for table, columns in TABLES.items():
        heads, hints = ([cell.value for cell in row] for row in book[table].iter_rows(max_row=2))
        assert heads == [column.name.replace("_", " ") for column in columns]
        assert [str(hint).partition(":")[0] for hint in hints] == [
            "needed" if column.needed else "optional" for column in columns
        ]
    lines = [(row[0].value, row[2].value, row[3].value) for row in book["contract"].iter_rows(min_row=2)]
    assert lines == [(line.heading, "needed" if line.needed else "optional", line.hint) for line in CONTRACT_FIELDS]


def test_outcome_types_by_name(empty_template: Path) -> None:
    rows = list(openpyxl.load_workbook(empty_template)["outcome types"].values)
    assert [row[:2] for row in rows] == [
        ("outcome id", "name"),
        ("job", "job"),
        ("housed", "home"),
        ("crime", "crime avoided"),
    ]


def offered(path: Path, sheet: str, cell: str) -> tuple[list[str], bool]:
    """The words of the drop-down list of a cell, and whether Excel refuses others."""
    book = openpyxl.load_workbook(path)
    (rule,) = [rule for rule in book[sheet].data_validations.dataValidation if cell in rule.sqref]
    name, _, place = rule.formula1.partition("!")
    return [row[0].value for row in book[name.strip("'")][place.replace("$", "")]], bool(rule.showErrorMessage)


@pytest.mark.parametrize(
    ("sheet", "cell", "words", "is_strict"),
    [
        ("results", "C3", list(RESULT_TYPES), True),
        ("results", "G10000", list(UNITS), True),
        ("results", "H3", ["yes", "no"], True),
        ("results", "I3", ["job", "home", "crime avoided"], False),
        ("payments", "F3", list(PAYMENT_BASES), True),
        ("contract", "B6", ["implementation", "complete"], True),
        ("contract", "B10", ["actual", "anticipated"], False),
    ],
)
def test_drop_down_lists(empty_template: Path, sheet: str, cell: str, words: list[str], is_strict: bool) -> None:
    assert offered(empty_template, sheet, cell) == (words, is_strict)


def test_ids_stay_texts_and_days_are_shown_in_full(empty_template: Path) -> None:
    columns = openpyxl.load_workbook(empty_template)["results"].column_dimensions
    assert [columns[letter].number_format for letter in "ADEF"] == ["@", "yyyy-mm-dd", "yyyy-mm-dd", "General"]


def test_what_it_asks_for_is_said(tmp_path: Path, small_reference: Reference) -> None:
    path = tmp_path / "x.xlsx"
    assert write_template("X-1", path, tmp_path, small_reference).lines == [
        f"{path}: sheets contract, results, payments, outcome types, allowed words",
        "  contract, needed: contract id, name, policy area, stage, source title, source publisher, source licence",
        "  contract, optional: outcomes fund, contract signed, service start, service end, service end basis, "
        "people targeted, people engaged, delivery places, source published, source address, source attribution",
        "  results, needed: metric id, label, result type, quantity, unit",
        "  results, optional: period start, period end, is net of deadweight, outcome type",
        "  payments, needed: amount gbp, basis",
        "  payments, optional: payer, payer kind, period start, period end, metric id, note",
        "  outcome types: 3, offered by name in the results",
    ]


def test_what_is_known_of_a_contract_stands_in_it_and_no_text_is_a_formula(
    tmp_path: Path, small_reference: Reference
) -> None:
    folder = tmp_path / "raw" / "C-1"
    folder.mkdir(parents=True)
    (folder / "contract.toml").write_text(
        'contract_id = "C-1"\nname = "=1+1"\npolicy_area = "health"\noutcomes_fund = ["One", "Two"]\n'
        'stage = "complete"\nservice_start = 2018-04-01\npeople_engaged = 40\n',
        encoding="utf-8",
    )
    path = write_template("C-1", tmp_path / "x.xlsx", tmp_path / "raw", small_reference).path
    sheet = openpyxl.load_workbook(path)["contract"]
    assert sheet["B3"].data_type == "s"
    source = {name: answer for name, answer in FACTS.items() if name.startswith("source")}
    filled, problems = read_contract(grids_of(fill(path, source, [], []), ["contract"])[0]["contract"])
    assert problems == []
    assert filled is not None
    assert filled.facts == {
        "contract_id": "C-1",
        "name": "=1+1",
        "policy_area": "health",
        "outcomes_fund": ["One", "Two"],
        "stage": "complete",
        "service_start": dt.date(2018, 4, 1),
        "people_engaged": 40,
    }


def test_what_is_known_of_its_source_stands_in_it(tmp_path: Path, small_reference: Reference) -> None:
    sources = small_reference.sources.assign(source_id=["results-of-c-1", "b", "c"])
    path = write_template("C-1", tmp_path / "x.xlsx", tmp_path, replace(small_reference, sources=sources)).path
    rows = {row[0]: row[1] for row in openpyxl.load_workbook(path)["contract"].values}
    assert (rows["source title"], rows["source published"], rows["source address"]) == ("A survey", "2021-06", None)


def test_without_outcome_types_none_are_offered(tmp_path: Path, small_reference: Reference) -> None:
    none = replace(small_reference, outcome_types=small_reference.outcome_types.iloc[:0])
    path = write_template("C-1", tmp_path / "x.xlsx", tmp_path, none).path
    rules = openpyxl.load_workbook(path)["results"].data_validations.dataValidation
    assert not any("I3" in rule.sqref for rule in rules)


# --- What is written into it comes back ------------------------------------------------------------------------

DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
# Words as people write them; what Excel would take for something else is tried in test_rows.
WORDS = st.text("abcdefghijkl éü'’&<>\"=+@,;_-", min_size=1, max_size=30).map(lambda text: f"m{' '.join(text.split())}")
FIGURES = st.one_of(
    st.integers(0, 10**12),
    st.decimals(0, 10**9, places=2, allow_nan=False),
    st.floats(0, 10**9).map(lambda x: round(x, 3)),
)
PERIODS = st.one_of(
    st.just((None, None, "", "")),
    st.tuples(DAYS, DAYS).map(lambda days: (*days, days[0].isoformat(), days[1].isoformat())),
    st.integers(2000, 2098).map(lambda y: (f"{y}/{(y + 1) % 100:02d}", None, f"{y}-04-01", f"{y + 1}-03-31")),
)


def as_written(figure: Any, how: int) -> Any:
    """A figure as a number, as a text, or as a text with pounds and thousands."""
    return [figure, str(Decimal(str(figure))), f"£{Decimal(str(figure)):,}"][how]


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.tuples(
            WORDS,
            WORDS,
            st.sampled_from(list(RESULT_TYPES)),
            PERIODS,
            FIGURES,
            st.sampled_from(list(UNITS)),
            st.booleans(),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=6,
        # A metric has one number of a type and period.
        unique_by=lambda row: (row[0], row[2], row[3][2:]),
    )
)
def test_what_is_written_into_a_template_and_read_comes_back_the_same(
    rows: list[tuple[Any, ...]], empty_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = Path(shutil.copy(empty_template, tmp_path_factory.getbasetemp() / "law.xlsx"))
    cells = [
        [metric, label, kind, *period[:2], as_written(figure, how), unit, "yes" if net else "no", None]
        for metric, label, kind, period, figure, unit, net, how in rows
    ]

    def as_texts(book: openpyxl.Workbook) -> None:
        # As Excel keeps what is typed into a cell of text, whatever it begins with.
        for row in book["results"].iter_rows(min_row=3):
            for cell in row:
                if isinstance(cell.value, str):
                    cell.data_type = "s"

    fill(path, results=cells, change=as_texts)
    read = read_rows("results", grids_of(path, ["results"])[0]["results"])
    assert read.problems == []
    assert read.rejected == []
    assert read.left_out == []
    assert [
        (r["metric_id"], r["label"], r["result_type"], r["period_start"], r["period_end"], r["unit"]) for r in read.rows
    ] == [(metric, label, kind, *period[2:], unit) for metric, label, kind, period, _, unit, *_ in rows]
    assert [Decimal(row["quantity"]) for row in read.rows] == [Decimal(str(row[4])) for row in rows]
    assert [row["is_net_of_deadweight"] == "true" for row in read.rows] == [row[6] for row in rows]
    assert [row["locator"] for row in read.rows] == [f"results row {n}" for n in range(3, 3 + len(rows))]
