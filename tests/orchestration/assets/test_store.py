"""The store gives back what went in, types and all, and never half a file."""

import errno
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.common.files import CannotWriteError
from pipeline.facts.raw import RAW_TABLES, RawFacts
from pipeline.orchestration.assets.store import TableStore

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

    def half_a_file(path: Path, content: bytes) -> None:
        path.write_text(content[:4].decode())
        raise OSError(errno.ENOSPC, "Error writing bytes to file")

    monkeypatch.setattr(Path, "write_bytes", half_a_file)
    with pytest.raises(CannotWriteError) as caught:
        store.write("t", pd.DataFrame({"a": [2]}), "v2")
    assert str(caught.value) == f"cannot write {store.path('t')}: No space left on device"
    assert list(store.read("t")["a"]) == [1]
    assert [path.name for path in store.folder.iterdir()] == ["t.parquet"]


def plain(content: bytes, table: pd.DataFrame | None = None) -> bytes:
    """Parquet as another program would write it: what stands in a file, or a table."""
    sink = pa.BufferOutputStream()
    pq.write_table(pq.read_table(pa.BufferReader(content)) if table is None else pa.Table.from_pandas(table), sink)
    return bytes(sink.getvalue().to_pybytes())


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "without its end": lambda content: content[:-1],
    "longer": lambda content: content + b"\n",
    "garbage": lambda content: random.Random(1).randbytes(len(content)),
    "few letters": lambda content: b"PAR1",
    "without its seal": plain,
    "of another program": lambda content: plain(content, pd.DataFrame({"a": [1]})),
}


def nothing_is_stored(store: TableStore, asset: str, partition: str | None) -> bool:
    """Whether all that asks the store hears of no such table."""
    with pytest.raises(FileNotFoundError):
        store.read(asset, partition)
    with pytest.raises(FileNotFoundError):
        store.read_all(asset, [str(partition)])
    known = store.made_from(asset, partition), store.content_version(asset, partition), store.partitions(asset)
    return known == (None, None, [])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_torn_table_is_none_and_is_made_again(
    store: TableStore, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    table = pd.DataFrame({"a": range(100), "b": "x"})
    version = store.write("t", table, "v1", "A")
    path = store.path("t", "A")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    assert nothing_is_stored(store, "t", "A")
    assert caplog.messages == [f"{path} cannot be used (its seal does not hold): what is missing is made again"]
    assert store.write("t", table, "v1", "A") == version
    pd.testing.assert_frame_equal(store.read("t", "A"), table)


def test_no_byte_of_a_table_can_change_unseen(store: TableStore) -> None:
    store.write("t", pd.DataFrame({"a": [1, 2], "b": ["x", None]}), "v1", "A")
    path = store.path("t", "A")
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        os.utime(path, (place, place))
        assert store.made_from("t", "A") is None, place
    path.write_bytes(content)
    assert store.made_from("t", "A") == "v1"


def test_a_stored_table_is_parquet_for_all_who_read_it(store: TableStore) -> None:
    table = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    store.write("t", table, "v1")
    pd.testing.assert_frame_equal(pd.read_parquet(store.path("t")), table)


def test_what_is_no_file_is_no_table_and_gives_way_to_one(store: TableStore, tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1]})
    makes: list[Callable[[Path], object]] = [
        Path.mkdir,
        os.mkfifo,
        lambda path: path.symlink_to(path),
        lambda path: path.symlink_to(tmp_path),
    ]
    for make in makes:
        path = store.path("t", "A")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        make(path)
        assert nothing_is_stored(store, "t", "A")
        store.write("t", table, "v1", "A")
        assert store.made_from("t", "A") == "v1"
    assert tmp_path.is_dir()
    for folder in (store.folder / "t", store.folder):
        shutil.rmtree(folder)
        folder.touch()
        assert nothing_is_stored(store, "t", "A")
        store.write("t", table, "v1", "A")
        assert store.made_from("t", "A") == "v1"


def test_a_table_that_may_not_be_read_is_none(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write("t", pd.DataFrame({"a": [1]}), "v1", "A")

    def refused(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        assert nothing_is_stored(store, "t", "A")
    assert store.made_from("t", "A") == "v1"


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
