"""Rows as plain data: by what they are of, and nothing where nothing is known."""

import pandas as pd

from pipeline.report.rows import as_rows, by_scope, evidence_by_grade, grouped, names_of, records, with_none


def test_what_is_missing_is_none_and_the_rest_as_it_was() -> None:
    table = pd.DataFrame(
        {
            "day": pd.to_datetime(["2020-01-01", None]),
            "share": [0.5, None],
            "people": pd.array([3, None], dtype="Int64"),
            "is_in": [True, False],
        }
    )
    assert with_none(table) == [
        {"day": pd.Timestamp("2020-01-01"), "share": 0.5, "people": 3, "is_in": True},
        {"day": None, "share": None, "people": None, "is_in": False},
    ]
    assert with_none(table.head(0)) == []


def test_rows_are_what_pandas_makes_of_them() -> None:
    table = pd.DataFrame({"name": ["a", None], "share": [0.5, 0.25], "people": [3, 4], "is_in": [True, False]})
    rows = as_rows(table)
    assert rows == table.to_dict("records")
    assert [type(value) for value in rows[0].values()] == [str, float, int, bool]
    assert [vars(row) for row in records(table)] == rows


def test_rows_are_found_by_scope_and_by_what_a_column_says() -> None:
    rows = [
        {"scope": scope, "measure": m, "bound": b}
        for scope, m, b in (("a", "x", "1"), ("a", "y", "2"), ("b", "x", "1"))
    ]
    assert by_scope(rows) == {"a": {"x": rows[0], "y": rows[1]}, "b": {"x": rows[2]}}
    assert by_scope(rows, "bound")["a"]["2"] is rows[1]
    assert grouped(rows, "measure") == {"x": [rows[0], rows[2]], "y": [rows[1]]}


def test_better_grades_come_first_and_those_that_nothing_rests_on_not() -> None:
    table = pd.DataFrame(
        [
            ("bcr", "weak", "unit_cost", 0.25),
            ("bcr", "strong", "unit_cost", 0.75),
            ("bcr", "weak", "mapping", 1.0),
            ("fiscal_bcr", "medium", "mapping", 1.0),
        ],
        columns=["measure", "grade", "evidence", "share"],
    )
    found = evidence_by_grade(table)
    assert found == {"strong": {"mapping": 0.0, "unit_cost": 0.75}, "weak": {"mapping": 1.0, "unit_cost": 0.25}}
    assert list(found) == ["strong", "weak"]


def test_names_by_id() -> None:
    assert names_of(pd.DataFrame({"contract_id": ["C-1"], "name": ["One"]}), "contract_id") == {"C-1": "One"}
