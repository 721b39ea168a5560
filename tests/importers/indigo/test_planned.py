"""Planned payments of INDIGO: facts of their own, never payments."""

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


def test_a_planned_payment_with_its_plan_and_its_place(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PAYMENTS].append(payment(A, "0", kind="planned", payer="INDIGO-ORG-2", plan=" Plan2 "))
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    first, second = read_rows(raw / A / "planned_payments.csv")
    period = {"period_start": "2019-04-01", "period_end": "2019-06-30", "source_id": "indigo-2025-05"}
    assert first == {
        "plan_id": "",
        "payer": "",
        "payer_kind": "unknown",
        "amount_gbp": "5000",
        "locator": f"planned: {A} #1",
        **period,
    }
    assert second == {
        "plan_id": "plan2",
        "payer": "Sampleton City Council",
        "payer_kind": "local",
        "amount_gbp": "0",
        "locator": f"planned: {A} #2",
        **period,
    }
    assert not (raw / B / "planned_payments.csv").exists()
    assert "planned payments: 2 in 1 contract" in plan.summary()
    payments = read_rows(raw / A / "payments.csv")
    assert {row["amount_gbp"] for row in payments} == {"4000", "1500000.5"}


def test_a_plan_may_lie_ahead(tmp_path: Path, tables: Tables, raw: Path) -> None:
    tables[indigo.PAYMENTS] = [
        payment(B, "1", kind="Planned") | {indigo.PERIOD_START: "2091-04", indigo.PERIOD_END: "2092"}
    ]
    run_import(write_export(tmp_path / "export", tables), raw)
    (row,) = read_rows(raw / B / "planned_payments.csv")
    assert (row["period_start"], row["period_end"]) == ("2091-04-01", "2092-12-31")


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({indigo.PAYMENT_CURRENCY: "EUR"}, indigo.PAYMENT_CURRENCY, "currency is not GBP"),
        ({indigo.PAYMENT_AMOUNT: ""}, indigo.PAYMENT_AMOUNT, "no number reported"),
        ({indigo.PAYMENT_AMOUNT: "-5"}, indigo.PAYMENT_AMOUNT, "below 0"),
        ({indigo.PERIOD_END: ""}, indigo.PAYMENT_AMOUNT, "no period for which it is planned"),
        ({indigo.PERIOD_START: "2019-13"}, indigo.PERIOD_START, "no such date"),
    ],
)
def test_what_is_no_plan_is_rejected(
    tmp_path: Path, tables: Tables, changed: dict[str, str], column: str, reason: str
) -> None:
    tables[indigo.PAYMENTS] = [payment(B, "7"), payment(B, "5", kind="Planned") | changed]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert (contract.planned, len(contract.payments)) == ([], 2)
    first = contract.rejected[0]
    assert (first["locator"], first["column"], first["reason"]) == (f"planned: {B} #1", column, reason)
    assert {row["file"] for row in contract.rejected} == {"projects_outcome_payments.csv (Planned)"}
