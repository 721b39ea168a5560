"""Known errors of sources: corrected where declared, refused where the declaration no longer fits."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.corrections import LEFT_OUT_COLUMNS, apply_corrections
from pipeline.facts.problems import Problem
from pipeline.facts.raw import RawFacts, read_raw
from pipeline.facts.reference import Reference
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table
from pipeline.tables.reference import Corrections

SHOWN = "reference/corrections.csv"
COLUMNS = list(Corrections.to_schema().columns)

Correction = dict[str, str]


def declared(*changes: Correction) -> pd.DataFrame:
    """Corrections, from row 2 of their file; by default the amount of the first payment of C-1, from 54000 to 54."""
    default = {
        "table": "payments",
        "contract_id": "C-1",
        "locator": "payments: C-1 #1",
        "column": "amount_gbp",
        "reported": "54000",
        "used": "54",
        "reason": "thousands",
        "source_id": "s-1",
    }
    return pd.DataFrame(
        [default | change for change in changes], columns=COLUMNS, index=pd.RangeIndex(2, 2 + len(changes))
    )


@pytest.fixture
def texts() -> dict[str, TextRows]:
    """Two payments of C-1 and one of C-2, and the contract C-1, as text."""
    payments = [("C-1", "#1", "54000"), ("C-1", "#2", "7"), ("C-2", "#1", "54000")]
    return {
        "contracts": TextRows([{"contract_id": "C-1", "service_end": "2028-12-31"}], [("raw/C-1/contract.toml", 1)]),
        "outcomes": TextRows(),
        "payments": TextRows(
            [{"contract_id": c, "locator": f"payments: {c} {n}", "amount_gbp": amount} for c, n, amount in payments],
            [("raw/C-1/payments.csv", 2), ("raw/C-1/payments.csv", 3), ("raw/C-2/payments.csv", 2)],
        ),
    }


def amounts(texts: dict[str, TextRows]) -> list[str]:
    return [record["amount_gbp"] for record in texts["payments"].records]


def test_the_value_used_replaces_the_value_reported(texts: dict[str, TextRows]) -> None:
    problems, left_out = apply_corrections(texts, declared({}), SHOWN)
    assert problems == []
    assert left_out.empty
    assert list(left_out.columns) == LEFT_OUT_COLUMNS
    assert amounts(texts) == ["54", "7", "54000"]


def test_a_contract_is_found_by_its_id(texts: dict[str, TextRows]) -> None:
    change = {"table": "contracts", "locator": "C-1", "column": "service_end", "reported": "2028-12-31"}
    problems, _ = apply_corrections(texts, declared(change | {"used": "2023-10-31"}), SHOWN)
    assert problems == []
    assert texts["contracts"].records[0]["service_end"] == "2023-10-31"


def test_without_a_value_to_use_the_row_is_left_out_and_shown(texts: dict[str, TextRows]) -> None:
    problems, left_out = apply_corrections(texts, declared({"used": ""}), SHOWN)
    assert problems == []
    assert amounts(texts) == ["7", "54000"]
    assert texts["payments"].places == [("raw/C-1/payments.csv", 3), ("raw/C-2/payments.csv", 2)]
    assert left_out.to_dict("records") == [
        {
            "contract_id": "C-1",
            "path": "raw/C-1/payments.csv",
            "row": 2,
            "column": "amount_gbp",
            "value": "54000",
            "reason": "thousands",
            "source_id": "s-1",
            "locator": "payments: C-1 #1",
        }
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"locator": "payments: C-1 #9"}, "payments of C-1: payments: C-1 #9"),
        ({"contract_id": "C-9"}, "payments of C-9: payments: C-1 #1"),
        ({"contract_id": "C-2"}, "payments of C-2: payments: C-1 #1"),
        ({"table": "outcomes"}, "outcomes of C-1: payments: C-1 #1"),
    ],
)
def test_a_correction_that_matches_nothing_is_a_problem(
    texts: dict[str, TextRows], change: Correction, where: str
) -> None:
    problems, left_out = apply_corrections(texts, declared({}, change), SHOWN)
    assert problems == [Problem(SHOWN, 3, "locator", "the correction matches no row", where)]
    assert left_out.empty


def test_a_row_that_could_not_be_read_may_still_be_there(texts: dict[str, TextRows]) -> None:
    missing = declared({"locator": "payments: C-1 #9"}, {"locator": "payments: C-2 #9", "contract_id": "C-2"})
    problems, _ = apply_corrections(texts, missing, SHOWN, unread={("payments", "C-1"), ("outcomes", "C-2")})
    assert [(problem.row, problem.what) for problem in problems] == [(3, "the correction matches no row")]


@pytest.mark.parametrize(
    ("change", "found"),
    [({"reported": "53000"}, "54000"), ({"reported": "54000.0"}, "54000"), ({"column": "amount"}, "")],
)
def test_a_correction_whose_reported_value_has_changed_is_a_problem(
    texts: dict[str, TextRows], change: Correction, found: str
) -> None:
    problems, _ = apply_corrections(texts, declared(change), SHOWN)
    expected = repr(change.get("reported", "54000"))
    assert problems == [Problem(SHOWN, 2, "reported", "the reported value has changed", found, expected)]
    assert amounts(texts) == ["54000", "7", "54000"]


def test_a_correction_declared_twice_is_a_problem(texts: dict[str, TextRows]) -> None:
    problems, _ = apply_corrections(texts, declared({}, {}), SHOWN)
    assert [(problem.row, problem.what) for problem in problems] == [(3, "the reported value has changed")]


def test_a_correction_of_two_rows_at_once_is_a_problem(texts: dict[str, TextRows]) -> None:
    texts["payments"].records[1]["locator"] = "payments: C-1 #1"
    problems, _ = apply_corrections(texts, declared({}), SHOWN)
    assert [problem.what for problem in problems] == ["the correction matches several rows"]


def test_one_problem_does_not_stop_the_other_corrections(texts: dict[str, TextRows]) -> None:
    problems, _ = apply_corrections(texts, declared({"contract_id": "C-9"}, {}), SHOWN)
    assert len(problems) == 1
    assert amounts(texts) == ["54", "7", "54000"]


# --- From the files -----------------------------------------------------------------------------------------


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[RawFacts, list[Problem]]]:
    """Read two contracts with one payment of £54,000 each, with corrections from a file."""
    for contract in ("C-1", "C-2"):
        folder = tmp_path / "raw" / contract
        folder.mkdir(parents=True)
        (folder / "contract.toml").write_text(
            f'contract_id = "{contract}"\nname = "A"\npolicy_area = "health"\nstage = "complete"\n'
            f'delivery_places = 1\n[[sources]]\nsource_id = "s-1"\n'
        )
        (folder / "payments.csv").write_text(
            "payer,payer_kind,period_start,period_end,amount_gbp,basis,metric_id,source_id,locator,note\n"
            f",unknown,2018-04-01,2019-03-31,54000,paid,,s-1,payments: {contract} #1,\n"
        )

    def of(*changes: Correction, only: list[str] | None = None) -> tuple[RawFacts, list[Problem]]:
        path = tmp_path / "corrections.csv"
        declared(*changes).to_csv(path, index=False)
        rows = read_text_rows(path, SHOWN, COLUMNS)
        corrections, problems = to_table(rows, Corrections, index_by_row=True)
        facts, found = read_raw(tmp_path / "raw", corrections, only)
        return facts, [*rows.problems, *problems, *found]

    return of


def test_what_is_left_out_stands_among_the_rejected_rows(read: Callable[..., tuple[RawFacts, list[Problem]]]) -> None:
    facts, problems = read({"used": ""})
    assert problems == []
    assert facts.payments["contract_id"].to_list() == ["C-2"]
    (row,) = facts.rejected_rows.itertuples()
    assert (row.path, row.row, row.value, row.reason) == ("raw/C-1/payments.csv", 2, "54000", "thousands")


def test_a_correction_may_not_make_a_bad_value(read: Callable[..., tuple[RawFacts, list[Problem]]]) -> None:
    _, problems = read({"used": "about 54"})
    assert [(p.path, p.row, p.column, p.found) for p in problems] == [
        ("raw/C-1/payments.csv", 2, "amount_gbp", "about 54")
    ]


SECOND = {"contract_id": "C-2", "locator": "payments: C-2 #1"}


def test_corrections_of_contracts_that_are_not_read_do_not_matter(
    read: Callable[..., tuple[RawFacts, list[Problem]]],
) -> None:
    _, problems = read({"reported": "1"}, SECOND, only=["C-2"])
    assert problems == []


def test_a_correction_of_a_contract_that_does_not_exist_is_a_problem(
    read: Callable[..., tuple[RawFacts, list[Problem]]],
) -> None:
    _, problems = read({}, {"contract_id": "C-9"})
    assert [(problem.path, problem.row) for problem in problems] == [(SHOWN, 3)]


def test_a_problem_has_its_row_in_the_file_however_few_contracts_are_read(
    read: Callable[..., tuple[RawFacts, list[Problem]]],
) -> None:
    _, problems = read({}, SECOND | {"reported": "1"}, only=["C-2"])
    assert [(problem.path, problem.row) for problem in problems] == [(SHOWN, 3)]


@pytest.mark.parametrize("spoilt", ["", "x,y\n", "payer\n"])
def test_a_correction_of_a_file_that_cannot_be_read_is_no_second_problem(
    read: Callable[..., tuple[RawFacts, list[Problem]]], tmp_path: Path, spoilt: str
) -> None:
    (tmp_path / "raw" / "C-1" / "payments.csv").write_text(spoilt)
    _, problems = read({}, SECOND)
    assert {problem.path for problem in problems} == {"raw/C-1/payments.csv"}


def test_a_correction_of_a_file_with_another_name_is_no_second_problem(
    read: Callable[..., tuple[RawFacts, list[Problem]]], tmp_path: Path
) -> None:
    folder = tmp_path / "raw" / "C-1"
    (folder / "payments.csv").rename(folder / "Payments.csv")
    _, problems = read({})
    assert [(problem.path, problem.what) for problem in problems] == [("raw/C-1/Payments.csv", "unknown file")]


def test_a_table_that_cannot_be_corrected_is_a_problem(read: Callable[..., tuple[RawFacts, list[Problem]]]) -> None:
    _, problems = read({"table": "payment"})
    assert [(problem.path, problem.row, problem.column) for problem in problems] == [(SHOWN, 2, "table")]


# --- The project's own --------------------------------------------------------------------------------------


def test_the_project_s_corrections_are_all_applied(facts: RawFacts, reference: Reference) -> None:
    tables = vars(facts)
    for correction in reference.corrections.itertuples():
        table = tables[correction.table]
        key = "contract_id" if correction.table == "contracts" else "locator"
        rows = table[(table["contract_id"] == correction.contract_id) & (table[key] == correction.locator)]
        if correction.used:
            (value,) = rows[correction.column]
            shown = value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value).removesuffix(".0")
            assert shown == correction.used
        else:
            assert rows.empty
            rejected = facts.rejected_rows
            (shown,) = rejected.loc[rejected["locator"] == correction.locator, "value"]
            assert shown == correction.reported
