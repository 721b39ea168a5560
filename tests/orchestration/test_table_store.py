"""The store gives back what went in, types and all, and never half a file."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.facts.raw import RAW_TABLES, RawFacts
from pipeline.orchestration.storage import TableStore
from pipeline.writing import CannotWriteError

FACT_TABLES = tuple(RAW_TABLES)


@pytest.fixture
def store(tmp_path: Path) -> TableStore:
    return TableStore(tmp_path / "tables")


@pytest.mark.parametrize("name", FACT_TABLES)
def test_facts_survive_the_round_trip(store: TableStore, facts: RawFacts, name: str) -> None:
    table = getattr(facts, name)
    store.write(name, table, "v1")
    pd.testing.assert_frame_equal(store.read(name), table)


@pytest.mark.parametrize("name", FACT_TABLES)
def test_partitions_add_up_to_the_whole_table(store: TableStore, facts: RawFacts, name: str) -> None:
    table = getattr(facts, name).sort_values("contract_id", kind="stable").reset_index(drop=True)
    contracts = sorted(facts.contracts["contract_id"])
    for contract in contracts:
        store.write(name, table[table["contract_id"] == contract].reset_index(drop=True), "v1", contract)
    pd.testing.assert_frame_equal(store.read_all(name, contracts), table)


def test_a_table_without_rows_keeps_its_types(store: TableStore, facts: RawFacts) -> None:
    empty = facts.contracts.iloc[:0]
    store.write("contracts", empty, "v1", "C-1")
    pd.testing.assert_frame_equal(store.read_all("contracts", ["C-1"]), empty)


def test_the_index_of_chosen_rows_is_kept(store: TableStore) -> None:
    table = pd.DataFrame({"a": [1, 2, 3]})[lambda t: t["a"] != 2]
    store.write("lines", table, "v1", "open")
    pd.testing.assert_frame_equal(store.read("lines", "open"), table)


def test_only_the_partitions_asked_for_are_read_in_their_order(store: TableStore) -> None:
    for name in ("A", "B", "C"):
        store.write("t", pd.DataFrame({"id": [name]}), "v1", name)
    assert list(store.read_all("t", ["C", "A"])["id"]) == ["C", "A"]


def test_a_table_says_from_what_it_was_made(store: TableStore) -> None:
    assert store.made_from("t", "A") is None
    store.write("t", pd.DataFrame({"a": [1]}), "v1", "A")
    assert store.made_from("t", "A") == "v1"
    store.write("t", pd.DataFrame({"a": [1]}), "v2", "A")
    assert store.made_from("t", "A") == "v2"


def test_a_failed_write_leaves_the_last_table_and_no_scrap(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("t", pd.DataFrame({"a": [1]}), "v1")

    def half_a_file(table: Any, path: Path) -> None:
        path.write_bytes(b"PAR1")
        raise OSError(errno.ENOSPC, "Error writing bytes to file")

    monkeypatch.setattr(pq, "write_table", half_a_file)
    with pytest.raises(CannotWriteError) as caught:
        store.write("t", pd.DataFrame({"a": [2]}), "v2")
    assert str(caught.value) == f"cannot write {store.path('t')}: No space left on device"
    assert list(store.read("t")["a"]) == [1]
    assert [path.name for path in store.folder.iterdir()] == ["t.parquet"]


def test_what_killed_processes_left_half_written_is_swept(store: TableStore) -> None:
    store.write("t", pd.DataFrame({"a": [1]}), "v1", "A")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    # A killed process may have had the id that this one has now.
    swept = [store.folder / f".s.parquet.{gone.pid}", store.folder / f"t/.A.parquet.{os.getpid()}"]
    kept = [store.folder / f"t/.A.parquet.{os.getppid()}", store.folder / "t/.A.parquet.copy"]
    for path in (*swept, *kept):
        path.write_bytes(b"PAR1")
    store.sweep()
    assert sorted(path for path in store.folder.rglob("*") if path.is_file()) == sorted([*kept, store.path("t", "A")])


def test_there_is_nothing_to_sweep_before_the_first_run(store: TableStore) -> None:
    store.sweep()
    assert not store.folder.exists()
