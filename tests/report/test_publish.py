"""Publishing: all of an edition or none of it, with the meaning of the columns in the files."""

import ctypes
import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.common.files import CannotWriteError
from pipeline.facts.versions import versions_of_edition
from pipeline.report.output_folder import edition_folders, working_alone
from pipeline.report.publish import publish_edition
from pipeline.tables.catalogue import SCHEMA_VERSION

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
VERSIONS = {"data_version": "d1", "reference_version": "r1", "code_version": "c1"}


@pytest.fixture
def tables(tables_of: TablesOf) -> dict[str, pd.DataFrame]:
    return tables_of("open-2026")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_table_is_a_parquet_file_that_explains_itself(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder = publish_edition(tmp_path, "open-2026", tables, {"headline.md": "x"}, VERSIONS)
    assert {path.stem for path in (folder / "tables").iterdir()} == set(tables)
    for path in (folder / "tables").iterdir():
        schema = pq.read_schema(path)
        assert schema.metadata[b"data_version"] == b"d1"
        assert all(schema.field(name).metadata[b"description"] for name in schema.names)
    schema = pq.read_schema(folder / "tables" / "reported_outcomes.parquet")
    assert schema.field("period_start").type == pa.date32()
    values = pq.read_table(folder / "tables" / "contract_value.parquet")
    assert values.num_rows == 100
    assert schema.field("quantity").metadata[b"unit"] == b"as in column unit"
    assert (folder / "headline.md").read_text() == "x"


def test_publishing_twice_gives_the_same_bytes(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    first = files_of(publish_edition(tmp_path / "a", "open-2026", tables, {}, VERSIONS))
    second = files_of(publish_edition(tmp_path / "b", "open-2026", tables, {}, VERSIONS))
    assert first == second


def test_a_failure_leaves_the_last_good_edition(
    tmp_path: Path, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = publish_edition(tmp_path, "open-2026", tables, {"headline.md": "good"}, VERSIONS)
    good = files_of(folder)
    written: list[str] = []

    def full_disk(table: pa.Table, path: Path) -> None:
        written.append(path.name)
        if len(written) > 3:
            raise OSError("no space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    with pytest.raises(OSError, match="no space left"):
        publish_edition(tmp_path, "open-2026", tables, {"headline.md": "bad"}, VERSIONS)
    assert files_of(folder) == good


def test_a_text_may_lie_in_a_folder_of_its_own_and_keeps_its_ends_of_lines(
    tmp_path: Path, tables: dict[str, pd.DataFrame]
) -> None:
    texts = {"tables/contracts.csv": "a,b\n1,£\r\n", "contracts/one/more.html": "x"}
    folder = publish_edition(tmp_path, "open-2026", {"contracts": tables["contracts"]}, texts, VERSIONS)
    files = files_of(folder)
    assert sorted(files) == sorted(["tables/contracts.parquet", "versions.json", *texts])
    assert files["tables/contracts.csv"] == "a,b\n1,£\r\n".encode()


@pytest.mark.parametrize(
    "name",
    [
        "../x.csv",
        "tables/../../x.csv",
        "tables/..",
        "/tmp/x.csv",
        "",
        ".",
        "..\\x.csv",
        "C:x.csv",
        "C:\\x.csv",
        "\\x.csv",
    ],
)
def test_a_name_that_leads_out_of_the_folder_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    publish_edition(tmp_path / "reports", "open-2026", {}, {"headline.md": "good"}, VERSIONS)
    before = files_of(tmp_path)
    with pytest.raises(ValueError, match="not a file in the folder of an edition"):
        publish_edition(tmp_path / "reports", "open-2026", {}, {"headline.md": "bad", name: "x"}, VERSIONS)
    assert files_of(tmp_path) == before


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusing(call: str) -> SimpleNamespace:
    """A C library whose calls to exchange two names all fail, or that has none."""
    return SimpleNamespace(**({"renameat2": lambda *_: -1, "renamex_np": lambda *_: -1} if call == "fails" else {}))


def test_the_new_edition_takes_the_place_of_the_old_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_edition(tmp_path, "open-2026", {}, {"headline.md": "old", "gone.md": "x"}, VERSIONS)
    monkeypatch.delattr(os, "rename")
    folder = publish_edition(tmp_path, "open-2026", {}, {"headline.md": "new"}, VERSIONS)
    assert sorted(files_of(folder)) == ["headline.md", "versions.json"]
    assert (folder / "headline.md").read_text() == "new"
    assert names_in(tmp_path) == [".lock", "open-2026"]


@pytest.mark.parametrize("call", ["missing", "fails"])
def test_two_renames_do_where_the_system_cannot_exchange(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    publish_edition(tmp_path, "open-2026", {}, {"headline.md": "old", "gone.md": "x"}, VERSIONS)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: refusing(call))
    folder = publish_edition(tmp_path, "open-2026", {}, {"headline.md": "new"}, VERSIONS)
    assert sorted(files_of(folder)) == ["headline.md", "versions.json"]
    assert (folder / "headline.md").read_text() == "new"
    assert names_in(tmp_path) == [".lock", "open-2026"]


@pytest.mark.parametrize("trouble", [OSError(errno.EIO, "it broke"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_trouble_between_the_renames_brings_the_old_edition_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: BaseException
) -> None:
    folder = publish_edition(tmp_path, "open-2026", {}, {"headline.md": "old"}, VERSIONS)
    rename = os.rename

    def troubled(one: Path, other: Path) -> None:
        if other == folder and one.parent.name == "new":
            raise trouble
        rename(one, other)

    monkeypatch.setattr(ctypes, "CDLL", lambda name: refusing("fails"))
    monkeypatch.setattr(os, "rename", troubled)
    with pytest.raises((CannotWriteError, KeyboardInterrupt)) as caught:
        publish_edition(tmp_path, "open-2026", {}, {"headline.md": "new"}, VERSIONS)
    if isinstance(trouble, OSError):
        assert str(caught.value) == f"cannot write {folder}: Input/output error"
    assert (folder / "headline.md").read_text() == "old"
    assert names_in(tmp_path) == [".lock", "open-2026"]


def test_what_a_killed_run_left_behind_is_put_right_by_the_next_of_any_edition(tmp_path: Path) -> None:
    """A run killed between the renames has its edition aside; one killed while writing leaves half of one."""
    folder = publish_edition(tmp_path, "open-2026", {}, {"headline.md": "good"}, VERSIONS)
    (tmp_path / ".publishing/last").mkdir(parents=True)
    folder.rename(tmp_path / ".publishing/last/open-2026")
    (tmp_path / ".publishing/new/open-2026/tables").mkdir(parents=True)
    publish_edition(tmp_path, "atq-2024", {}, {"headline.md": "x"}, VERSIONS)
    assert (folder / "headline.md").read_text() == "good"
    assert names_in(tmp_path) == [".lock", "atq-2024", "open-2026"]


def test_a_folder_that_cannot_be_written_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(CannotWriteError) as caught:
        publish_edition(tmp_path / "reports", "open-2026", {}, {}, VERSIONS)
    assert str(caught.value) == f"cannot write {tmp_path}/reports/.lock: File exists"


def test_a_swap_shows_in_the_numbers_of_the_folders(tmp_path: Path) -> None:
    for edition in ("atq-2024", "open-2026"):
        publish_edition(tmp_path, edition, {}, {"headline.json": "{}"}, VERSIONS)
    before = edition_folders(tmp_path)
    publish_edition(tmp_path, "open-2026", {}, {"headline.json": "{}"}, VERSIONS)
    after = edition_folders(tmp_path)
    assert sorted(before) == sorted(after) == ["atq-2024", "open-2026"]
    assert after["atq-2024"] == before["atq-2024"]
    assert after["open-2026"] != before["open-2026"]


# --- One run at a time ------------------------------------------------------------------------------------------

PUBLISH = """
import sys
from functools import partial
from pathlib import Path
from pipeline.report import publish
publish.working_alone = partial(publish.working_alone, on_wait=partial(print, flush=True))
publish.publish_edition(Path(sys.argv[1]), "open-2026", {}, {"headline.md": "second"}, {})
"""
HOLD = """
import sys
from pathlib import Path
from pipeline.report.output_folder import working_alone
with working_alone(Path(sys.argv[1])):
    (Path(sys.argv[1]) / ".publishing/new/open-2026").mkdir(parents=True)
    print("held", flush=True)
    sys.stdin.read()
"""


def other_process(code: str, folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_second_process_publishes_after_the_first_has_ended(tmp_path: Path) -> None:
    with ExitStack() as ours:
        ours.enter_context(working_alone(tmp_path))
        folder = publish_edition(tmp_path, "open-2026", {}, {"headline.md": "first", "more.md": "x"}, VERSIONS)
        first = files_of(folder)
        with other_process(PUBLISH, tmp_path) as second:
            assert second.stdout
            assert second.stdout.readline() == f"another run is working on {tmp_path}: waiting for it to end\n"
            assert files_of(folder) == first
            ours.close()
            assert second.wait(60) == 0
    assert files_of(folder) == {"headline.md": b"second", "versions.json": b'{\n  "schema_version": 1\n}\n'}


def test_the_versions_stand_beside_it_with_that_of_the_form_of_its_tables(tmp_path: Path) -> None:
    folder = publish_edition(tmp_path, "open-2026", {}, {}, VERSIONS)
    told = json.loads((folder / "versions.json").read_text(encoding="utf-8"))
    assert told == {**VERSIONS, "schema_version": SCHEMA_VERSION}
    # What an edition was made from, by which it is known whether it is up to date, does not hold the form.
    assert versions_of_edition(folder) == VERSIONS


def test_a_killed_process_holds_nothing_up(tmp_path: Path) -> None:
    with other_process(HOLD, tmp_path) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "held\n"
        killed.kill()
    said: list[str] = []
    with working_alone(tmp_path, said.append):
        assert names_in(tmp_path) == [".lock"]
    assert said == []


def test_two_threads_of_one_process_keep_apart_too(tmp_path: Path) -> None:
    order: list[str] = []
    is_held, is_waited_for = threading.Event(), threading.Event()

    def hold() -> None:
        with working_alone(tmp_path):
            is_held.set()
            is_waited_for.wait(60)
            order.append("first")

    other = threading.Thread(target=hold)
    other.start()
    assert is_held.wait(60)
    with working_alone(tmp_path, on_wait=lambda words: is_waited_for.set()), working_alone(tmp_path):
        order.append("second")
    other.join()
    assert order == ["first", "second"]
