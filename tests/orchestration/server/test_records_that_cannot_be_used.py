"""Records of runs that are damaged, cannot be written, or cannot be reached end in one line that says what to do."""

import errno
import os
import random
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.common.files import CannotWriteError
from pipeline.orchestration.server import ui
from pipeline.orchestration.server.instance import POSTGRES_URL, RecordsError, dagster_home, open_records, run_records
from pipeline.orchestration.settings import Settings
from tests.conftest import Run

RECORDS = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


@pytest.fixture(autouse=True)
def in_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES_URL, raising=False)


@pytest.fixture
def home(empty_records: Path) -> Path:
    """The folder of records in which nothing has been recorded yet."""
    return empty_records


def garbage(file: Path, begin: int = 0) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:begin] + random.Random(1).randbytes(len(content) - begin))


@pytest.mark.parametrize("name", RECORDS)
def test_a_damaged_file_is_named_with_what_to_do(settings: Settings, home: Path, name: str, publicvalue: Run) -> None:
    garbage(home / name)
    status, out, err = publicvalue("run")
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    said = " ".join(err.split())
    assert f"the records of runs are damaged: {home / name}: file is not a database; put a copy of {home} back" in said
    assert f"{home} back, or move it away, and the next run begins new ones" in said


@pytest.mark.parametrize("read_only", [False, True])
def test_the_ui_says_so_too(
    settings: Settings, home: Path, capsys: pytest.CaptureFixture[str], read_only: bool
) -> None:
    garbage(home / "history/runs.db")
    assert ui.serve(settings, free_port(), read_only) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"Cannot open the UI: the records of runs are damaged: {home}/history/runs.db: ")
    assert said.count("\n") == 1


def test_damage_that_shows_only_in_use_is_named(settings: Settings, home: Path) -> None:
    def use() -> None:
        with run_records(settings) as records:
            assert records is not None
            garbage(home / "history/runs.db", begin=4096)
            records.get_runs()

    with pytest.raises(RecordsError, match=r"are damaged: .*runs\.db: "):
        use()


def test_a_table_that_is_gone_is_named(settings: Settings, home: Path, publicvalue: Run) -> None:
    with closing(sqlite3.connect(home / "history" / "runs.db")) as records:
        records.execute("DROP TABLE runs")
    status, _, err = publicvalue("run", "--draws", "100")
    assert status == 2
    assert "the records of runs are damaged: no such table: runs; put a copy of" in " ".join(err.split())
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "prefix", ["/a b", "/a?b", "/%2f", "//evil", "/reports", "/graphql/x", "a", "/a/", "/.", "/a\n"]
)
def test_a_path_prefix_that_is_none_is_one_line(
    settings: Settings, capsys: pytest.CaptureFixture[str], prefix: str
) -> None:
    assert ui.serve(settings, free_port(), False, prefix) == 2
    said = capsys.readouterr().err
    assert said.startswith("Cannot open the UI: the path prefix has to be such as /publicvalue")
    assert said.count("\n") == 1


def test_an_error_of_a_run_over_sound_records_is_left_as_it_is(settings: Settings, home: Path) -> None:
    with pytest.raises(KeyError), run_records(settings):
        raise KeyError("ours")


def test_a_damaged_configuration_is_written_anew(settings: Settings, home: Path) -> None:
    right = (home / "dagster.yaml").read_bytes()
    for wrong in (b"", b"\xff\xfe", b"storage: [", right[:50]):
        (home / "dagster.yaml").write_bytes(wrong)
        dagster_home(settings)
        assert (home / "dagster.yaml").read_bytes() == right


# --- A disk that does not let itself be written -------------------------------------------------------------------


def refused(*arguments: object, **options: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("what", ["the folder", "a folder that is a file", "a folder on a disk that is read-only"])
def test_the_ui_that_cannot_write_says_so_in_one_line(
    settings: Settings,
    what: str,
    read_only: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if what == "a folder that is a file":
        settings.data_dir.touch()
    elif what == "the folder":
        monkeypatch.setattr(Path, "mkdir", refused)
    else:
        dagster_home(settings)
        monkeypatch.setattr(FileLock, "acquire", refused)
        monkeypatch.setattr("pipeline.orchestration.server.instance.dg.DagsterInstance.from_config", refused)
    assert ui.serve(settings, free_port(), read_only) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"Cannot open the UI: cannot write {settings.data_dir.absolute()}/dagster")
    assert said.count("\n") == 1


def test_without_a_folder_of_temporary_files_the_ui_says_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ui, "TemporaryDirectory", refused)
    assert ui.serve(settings, free_port(), read_only=True) == 1
    assert capsys.readouterr().err == (
        "Cannot open the UI: cannot write a folder of temporary files: Read-only file system\n"
    )


def test_a_table_of_dagster_that_cannot_be_made_is_named(settings: Settings) -> None:
    home = dagster_home(settings)
    (home / "history").touch()
    with pytest.raises(CannotWriteError, match=r"^cannot write .*dagster: "):
        open_records(settings)


# --- A database with a password -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "me:S3CRET@127.0.0.1:{port}/db",
        "me:S3CRET%21@127.0.0.1:{port}/S3CRET",
        "me:pa/S3CRET@127.0.0.1:{port}/db",
        "me:pa@S3CRET@127.0.0.1:{port}/db",
        "me:1@S3CRET.invalid/db",
        "me:x@127.0.0.1:S3CRET/db",
        "me@127.0.0.1:{port}/db?password=S3CRET&S3CRET=1",
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_address(
    settings: Settings, address: str, monkeypatch: pytest.MonkeyPatch, publicvalue: Run
) -> None:
    pytest.importorskip("dagster_postgres")
    dagster_home(settings)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # Dagster tries for a while
    monkeypatch.setenv(POSTGRES_URL, f"postgresql+psycopg2://{address.format(port=free_port())}")
    status, out, err = publicvalue("run")
    assert (status, out) == (2, "")
    assert f"the database that {POSTGRES_URL} names cannot be used: " in " ".join(err.split())
    assert "S3CRET" not in err
    assert "Traceback" not in err


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
