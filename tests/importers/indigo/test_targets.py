"""Targets of INDIGO: plain numbers of metrics that stand once; prose is not copied."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import (
    PROSE,
    A,
    B,
    Tables,
    metric,
    read_export,
    read_rows,
    run_import,
    snapshot,
    write_export,
)


def test_a_target_with_its_place(tmp_path: Path, tables: Tables, raw: Path) -> None:
    plan = run_import(write_export(tmp_path / "export", tables), raw)
    place = {"source_id": "indigo-2025-05", "locator": f"metrics: {A} #3"}
    assert read_rows(raw / A / "targets.csv") == [
        {"metric_id": "outcomemetric2", "measure": "users", "target": "252", "unit": "person", **place},
        {"metric_id": "outcomemetric2", "measure": "outcome", "target": "18447", "unit": "", **place},
    ]
    assert "targets: 2 in 1 contract" in plan.summary()
    assert not any(b"Secret" in content for content in snapshot(raw).values())


@pytest.mark.parametrize(
    ("unit", "name", "expected"),
    [
        ("Individual", "", "person"),
        ("Other", "Families", "family"),
        ("Other", "Bed days", "day"),
        ("Individual", "patients near the end of life", "person"),
        ("Other", "Schools", "other"),
        ("", "", ""),
    ],
)
def test_what_one_of_the_users_is(tmp_path: Path, tables: Tables, unit: str, name: str, expected: str) -> None:
    tables[indigo.METRICS] = [metric(B, "m", users="3", unit=unit, unit_name=name)]
    (target,) = read_export(write_export(tmp_path / "export", tables))[B].targets
    assert target["unit"] == expected


def test_prose_and_ids_that_stand_twice_are_rejected(tmp_path: Path, tables: Tables) -> None:
    tables[indigo.METRICS] = [
        metric(B, "m1", users="10"),
        metric(B, "m2", users="3000 (later revised  to 944)", outcome=PROSE),
        metric(B, "m1", users="20", outcome="5"),
        metric(B, "m3"),
        metric(B, "", users="7"),
    ]
    contract = read_export(write_export(tmp_path / "export", tables))[B]
    assert contract.targets == []
    twice = "its metric id stands twice among the metrics"
    assert [(row["row"], row["column"], row["value"], row["reason"]) for row in contract.rejected] == [
        ("1", indigo.TARGET_PEOPLE, "10", twice),
        ("2", indigo.TARGET_PEOPLE, "3000 (later revised to 944)", "not a plain number"),
        ("2", indigo.TARGET_OUTCOME, f"(text of {len(PROSE)} characters)", "text in a number field"),
        ("3", indigo.TARGET_PEOPLE, "20", twice),
        ("3", indigo.TARGET_OUTCOME, "5", twice),
        ("5", indigo.TARGET_PEOPLE, "7", "no metric id"),
    ]
