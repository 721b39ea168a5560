"""Organisations of INDIGO: by role, with what they invested."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import (
    A,
    Tables,
    investment,
    payment,
    read_export,
    read_rows,
    run_import,
    write_export,
)


def organisations(path: Path, contract_id: str = A) -> list[tuple[str, ...]]:
    """Role, id, name, whether a group, amount and whether the low end of a range, of each row."""
    rows = read_export(path)[contract_id].organisations
    columns = ("role", "organisation_id", "name", "is_group", "investment_committed_gbp", "is_low_end")
    return [tuple(row[column] for column in columns) for row in rows]


def test_organisations_by_role_under_the_names_of_the_register(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PROJECTS][0][indigo.INVESTMENT] = "400000"
    path = write_export(tmp_path / "export", tables)
    assert organisations(path) == [
        ("commissioner", "INDIGO-ORG-1", "Department for Examples", "false", "", "false"),
        ("commissioner", "INDIGO-ORG-2", "Sampleton City Council", "false", "", "false"),
        ("provider", "INDIGO-ORG-3", "Steady Charity", "false", "", "false"),
        ("investor", "", "", "false", "400000", "false"),
        ("investor", "INDIGO-ORG-4", "Pension funds", "true", "", "false"),
        ("investor", "INDIGO-ORG-5", "Sampleton Pension Funds", "false", "250000", "false"),
    ]
    run_import(path, raw)
    assert [row["locator"] for row in read_rows(raw / A / "organisations.csv")] == [
        f"commitments: {A} #1",
        f"payments: {A} #1",
        f"provisions: {A} #1",
        f"projects: {A} investment",
        f"investments: {A} #1",
        f"investments: {A} #2",
    ]


def test_who_pays_by_plan_only_is_no_commissioner(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [payment(A, "5000", kind="Planned", payer="INDIGO-ORG-2")]
    found = organisations(write_export(tmp_path / "export", tables))
    assert [row[1] for row in found if row[0] == "commissioner"] == ["INDIGO-ORG-1"]


@pytest.mark.parametrize(
    ("given", "amount", "rejected"),
    [
        (investment(A, "INDIGO-ORG-3", low="100"), ("100", "true"), []),
        (investment(A, "INDIGO-ORG-3", "120", low="100"), ("120", "false"), []),
        (investment(A, "INDIGO-ORG-3", "120", currency=""), ("120", "false"), []),
        (investment(A, "INDIGO-ORG-3", "120", currency="EUR"), ("", "false"), ["currency is not GBP"]),
        (investment(A, "INDIGO-ORG-3", "=D41-D36"), ("", "false"), ["not a plain number"]),
    ],
    ids=["range", "exact", "no currency", "euro", "formula"],
)
def test_only_plain_pounds_are_an_investment_and_the_investor_stays(
    tmp_path: Path, tables: Tables, given: dict[str, str], amount: tuple[str, str], rejected: list[str]
) -> None:
    tables[indigo.INVESTMENTS] = [given]
    path = write_export(tmp_path / "export", tables)
    (row,) = (row for row in organisations(path) if row[0] == "investor")
    assert (row[1], row[4:]) == ("INDIGO-ORG-3", amount)
    assert [row["reason"] for row in read_export(path)[A].rejected] == rejected


def test_one_amount_of_several_investors_counts_for_none_of_them(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.INVESTMENTS] = [investment(A, "INDIGO-ORG-3,INDIGO-ORG-4", "120")]
    path = write_export(tmp_path / "export", tables)
    rows = [row for row in organisations(path) if row[0] == "investor"]
    assert [(row[1], row[4]) for row in rows if row[1]] == [("INDIGO-ORG-3", ""), ("INDIGO-ORG-4", "")]
    assert [row["reason"] for row in read_export(path)[A].rejected] == ["one amount of several organisations"]


@pytest.mark.parametrize("name", [indigo.COMMITMENTS, indigo.PROVISIONS, indigo.INVESTMENTS])
def test_a_row_without_an_organisation_is_rejected(tmp_path: Path, tables: Tables, name: str) -> None:
    tables[name] = [{indigo.PROJECT_ID: A}]
    (row,) = read_export(write_export(tmp_path / "export", tables))[A].rejected
    assert (row["file"], row["row"], row["reason"]) == (name, "1", "no organisation")
