"""Payments of INDIGO: by basis, in pounds, with their payers."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import (
    A,
    B,
    Tables,
    payment,
    read_export,
    read_rows,
    run_import,
    write_export,
)


def test_payments_by_basis_and_never_a_planned_one(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    rows = {row["locator"]: row for row in read_rows(raw / A / "payments.csv") + read_rows(raw / B / "payments.csv")}
    assert {locator: (row["basis"], row["amount_gbp"]) for locator, row in rows.items()} == {
        f"payments: {A} #1": ("paid", "4000"),
        f"projects: {A} maximum": ("commitment", "1500000.5"),
        f"payments: {B} #1": ("reported", "300"),
        f"commitments: {B} #2": ("commitment", "800"),
    }
    paid = rows[f"payments: {A} #1"]
    assert paid["payer"] == "Department for Examples; Sampleton City Council"
    assert (paid["period_start"], paid["period_end"]) == ("2019-04-01", "2019-06-30")
    assert rows[f"projects: {A} maximum"]["period_end"] == "2020-12-31"
    assert rows[f"payments: {B} #1"]["note"] == "share_of_maximum"
    assert "payments not taken" not in plan.summary()


def test_payments_that_are_no_pounds_are_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [
        payment(A, "n/a", kind="Planned"),
        payment(A, "9", kind="Forecast", currency="USD"),
        payment(A, "100", currency="USD"),
        payment(A, "n/a"),
        payment(A, "", kind="Actual"),
        payment(A, "0", kind="Actual"),
        payment(A, "30", kind="Actual"),
    ]
    contract = read_export(write_export(tmp_path / "export", tables))[A]
    assert [(row["row"], row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        ("1", indigo.PAYMENT_CURRENCY, "USD", "currency is not GBP"),
        ("2", indigo.PAYMENT_AMOUNT, "n/a", "not a plain number"),
        ("3", indigo.PAYMENT_AMOUNT, "", "no number reported"),
        ("1", indigo.PAYMENT_AMOUNT, "n/a", "not a plain number"),
    ]
    assert contract.rejected[3]["locator"] == f"planned: {A} #1"
    assert [row["amount_gbp"] for row in contract.payments if row["basis"] == "paid"] == ["0", "30"]


def test_a_type_of_payment_that_is_read_nowhere_is_said(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PAYMENTS].append(payment(A, "9", kind="Forecast"))
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    assert "payments not taken, forecast: 1" in plan.summary()


def test_totals_of_a_project_page_have_a_basis_of_their_own(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PROJECTS][1] |= {indigo.TOTAL_PAID: "450", indigo.TOTAL_PAID_CURRENCY: "GBP"}
    payments = read_export(write_export(tmp_path / "export", tables))[B].payments
    assert [(row["basis"], row["locator"]) for row in payments][-1] == (
        "evaluation",
        f"projects: {B} total payments made",
    )


def test_maximum_in_another_currency_is_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PROJECTS][0][indigo.MAXIMUM_CURRENCY] = "EUR"
    tables[indigo.COMMITMENTS][2] |= {indigo.COMMITMENT_CURRENCY: "EUR"}
    contracts = read_export(write_export(tmp_path / "export", tables))
    assert [row["reason"] for row in contracts[A].rejected] == ["currency is not GBP"]
    assert [row["locator"] for row in contracts[A].payments if row["basis"] == "commitment"] == [f"commitments: {A} #1"]
    assert [row["locator"] for row in contracts[B].rejected] == [f"commitments: {B} #2"]


def test_an_unknown_payer_stays_as_its_id(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.PAYMENTS] = [payment(B, "1", payer="INDIGO-ORG-1,INDIGO-ORG-77")]
    row = read_export(write_export(tmp_path / "export", tables))[B].payments[0]
    assert (row["payer"], row["payer_kind"]) == ("Department for Examples; INDIGO-ORG-77", "mixed")


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("", ""),
        ("covid claim payment", "covid_relief"),
        ("capped payments", "capped"),
        ("Part of this is a temporary payment of £2000 per person", "temporary_uplift"),
        ("This value is 93% of the total outcome value available (1,234)", "share_of_maximum"),
        ("This is 100% of the total outcome value claimed", ""),
        ("something else", ""),
    ],
)
def test_notes_become_short_codes(tmp_path: Path, tables: Tables, note: str, code: str) -> None:
    tables[indigo.PAYMENTS] = [payment(B, "1", note=note)]
    assert read_export(write_export(tmp_path / "export", tables))[B].payments[0]["note"] == code
