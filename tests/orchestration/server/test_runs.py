"""Records of runs, in SQLite and in PostgreSQL: how they are opened, and which runs are ended as left behind."""

import json
import os
import socket
import subprocess
import sys
import uuid
from pathlib import Path

import dagster as dg
import pytest
import yaml  # type: ignore[import-untyped]

from pipeline.orchestration.server import instance
from pipeline.orchestration.server.instance import (
    POOL,
    PROCESS_TAG,
    RecordsError,
    dagster_home,
    open_records,
    prepare_pool,
    run_records,
)
from pipeline.orchestration.server.runs import CODE_SERVER_TAG, LEFT_BEHIND, end_leftovers
from pipeline.orchestration.settings import Settings
from tests.orchestration.conftest import IN_BOTH_STORAGES

Status = dg.DagsterRunStatus
HERE = socket.gethostname()
URL = "postgresql+psycopg2:///x"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "raw", tmp_path / "reference", tmp_path / "reports", tmp_path / "data")


def recorded(records: dg.DagsterInstance, status: Status, **tags: str) -> str:
    run_id = str(uuid.uuid4())
    records.add_run(dg.DagsterRun(job_name="made_up", run_id=run_id, status=status, tags=tags))
    return run_id


def ended_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("storage")
def test_there_are_records_only_once_the_ui_was_opened(settings: Settings) -> None:
    with run_records(settings) as records:
        assert records is None
    dagster_home(settings)
    with run_records(settings) as records:
        assert records is not None
        assert not records.get_runs()


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("storage")
def test_a_run_is_recorded_without_a_daemon(settings: Settings) -> None:
    @dg.asset(pool="editions")
    def made_up() -> None:
        """Nothing."""

    with open_records(settings) as records:
        assert dg.materialize([made_up], instance=records).success
    with open_records(settings) as records:
        assert [run.status for run in records.get_runs()] == [Status.SUCCESS]


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("storage")
def test_the_pool_has_its_limit_before_the_first_run(settings: Settings) -> None:
    for _ in range(2):
        with open_records(settings) as records:
            prepare_pool(records)
            limits = {limit.name: limit.limit for limit in records.event_log_storage.get_pool_limits()}
            assert limits == {POOL: 1}


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("storage")
def test_runs_whose_process_is_gone_are_ended_as_failed(settings: Settings, tmp_path: Path) -> None:
    gone = json.dumps({"host": "localhost", "socket": str(tmp_path / "gone")})
    with open_records(settings) as records:
        left = [
            recorded(records, Status.STARTED, **{CODE_SERVER_TAG: gone}),
            recorded(records, Status.STARTING, **{CODE_SERVER_TAG: gone}),
            recorded(records, Status.CANCELING, **{PROCESS_TAG: f"{HERE}:{ended_process()}"}),
            recorded(records, Status.STARTED),
        ]
        assert set(end_leftovers(records)) == set(left)
        for run_id in left:
            run = records.get_run_by_id(run_id)
            assert run is not None
            assert (run.status, run.tags["dagster/max_retries"]) == (Status.FAILURE, "0")
            assert LEFT_BEHIND in [entry.message for entry in records.all_logs(run_id)]
        assert not end_leftovers(records)


@IN_BOTH_STORAGES
@pytest.mark.usefixtures("storage")
def test_runs_that_go_on_or_have_not_begun_are_left_alone(settings: Settings, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as code_server, open_records(settings) as records:
        path = str(tmp_path / "s")
        code_server.bind(path)
        code_server.listen()
        answers = json.dumps({"host": "localhost", "socket": path})
        gone = json.dumps({"host": "localhost", "socket": path + "-gone"})
        expected = {
            recorded(records, Status.STARTED, **{CODE_SERVER_TAG: answers}): Status.STARTED,
            recorded(records, Status.STARTED, **{PROCESS_TAG: f"{HERE}:{os.getpid()}"}): Status.STARTED,
            recorded(records, Status.STARTED, **{PROCESS_TAG: f"another-{HERE}:1"}): Status.STARTED,
            recorded(records, Status.NOT_STARTED): Status.NOT_STARTED,
            recorded(records, Status.SUCCESS, **{CODE_SERVER_TAG: gone}): Status.SUCCESS,
        }
        assert not end_leftovers(records)
        assert {run.run_id: run.status for run in records.get_runs()} == expected


@IN_BOTH_STORAGES
def test_nothing_calls_home_and_no_password_is_written(
    settings: Settings, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if storage == "postgresql":
        monkeypatch.setenv("PUBLICVALUE_POSTGRES_URL", "postgresql+psycopg2://somebody:secret@nowhere/x")
    text = (dagster_home(settings) / "dagster.yaml").read_text(encoding="utf-8")
    written = yaml.safe_load(text)
    assert written["telemetry"] == written["nux"] == {"enabled": False}
    assert ("storage" in written) == (storage == "postgresql")
    assert "secret" not in text


def test_what_an_older_version_configured_is_written_anew_before_dagster_reads_it(settings: Settings) -> None:
    open_records(settings).dispose()
    file = settings.data_dir / "dagster/dagster.yaml"
    now = file.read_text(encoding="utf-8")
    file.write_text(now.replace("orchestration.server.", "orchestration."), encoding="utf-8")
    with pytest.raises(Exception, match=r"pipeline\.orchestration\.instance"):
        dg.DagsterInstance.from_config(str(file.parent))
    environment = os.environ | settings.as_environment()
    subprocess.run([sys.executable, "-m", "pipeline.orchestration.server.instance"], env=environment, check=True)
    assert file.read_text(encoding="utf-8") == now
    dg.DagsterInstance.from_config(str(file.parent)).dispose()


def test_records_do_not_go_on_in_two_places(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "find_spec", lambda name: object())
    monkeypatch.setenv("PUBLICVALUE_POSTGRES_URL", URL)
    home = dagster_home(settings)
    before = (home / "dagster.yaml").read_bytes()
    monkeypatch.delenv("PUBLICVALUE_POSTGRES_URL")
    with pytest.raises(RecordsError, match="are in PostgreSQL: set PUBLICVALUE_POSTGRES_URL"), run_records(settings):
        pass
    assert (home / "dagster.yaml").read_bytes() == before


def test_a_missing_library_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instance, "find_spec", lambda name: None)
    monkeypatch.setenv("PUBLICVALUE_POSTGRES_URL", URL)
    with pytest.raises(RecordsError, match=r"library is missing: pip install 'publicvalue\[postgres\]'"):
        open_records(settings)
    assert not settings.data_dir.exists()


def test_a_driver_that_dagster_does_not_know_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLICVALUE_POSTGRES_URL", "postgresql://somebody:secret@nowhere/x")
    with pytest.raises(RecordsError, match=r"has to begin with postgresql\+psycopg2://$"):
        open_records(settings)
