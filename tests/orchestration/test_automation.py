"""What happens without a person: the watch over the folders, the weekly refresh, the word when a run has failed."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import requests

from pipeline.facts.problems import DataProblems
from pipeline.orchestration.automation import (
    REST_SECONDS,
    WEBHOOK,
    failure_sensor,
    new_data_sensor,
    post,
    what_failed,
)
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.inputs import present_version, published_versions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.settings import Settings
from tests.orchestration.conftest import IN_BOTH_STORAGES


class Folders:
    """The sensor over the folders, with a clock that stands still until it is told to move."""

    def __init__(self, settings: Settings, records: dg.DagsterInstance) -> None:
        self.now, self.records = 0.0, records
        self.cursor: str | None = None
        self.sensor = new_data_sensor(settings, clock=lambda: self.now)
        self.definitions = build_definitions(settings)

    def look(self, after_seconds: float) -> bool:
        """Whether a look at the folders, some time after the last, starts a run."""
        self.now += after_seconds
        context = dg.build_sensor_context(self.records, cursor=self.cursor, definitions=self.definitions)
        result = self.sensor(context)
        if isinstance(result, dg.SkipReason):
            return False
        assert isinstance(result, dg.SensorResult)
        self.cursor = result.cursor or self.cursor
        return bool(result.run_requests)


@pytest.fixture
def folders(settings: Settings, records: dg.DagsterInstance) -> Folders:
    return Folders(settings, records)


# --- The folders ------------------------------------------------------------------------------------------------


def touch(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def test_changed_files_start_one_run_when_they_have_been_at_rest(folders: Folders, settings: Settings) -> None:
    assert not folders.look(0)  # never published: as good as changed, but is somebody still writing?
    assert not folders.look(REST_SECONDS - 1)
    touch(settings.raw_dir / "C-1/outcomes.csv")
    assert not folders.look(1)  # somebody is
    assert not folders.look(REST_SECONDS - 1)
    assert folders.look(1)
    assert not folders.look(REST_SECONDS)
    assert not folders.look(REST_SECONDS)


def test_a_file_put_back_as_it_was_starts_a_run_again(folders: Folders, settings: Settings) -> None:
    """So that a check that failed on the wrong file shows that all is well."""
    path = settings.reference_dir / "unit_costs.csv"
    right = path.read_bytes()
    assert not folders.look(0)
    assert folders.look(REST_SECONDS)
    touch(path)
    assert not folders.look(1)
    assert folders.look(REST_SECONDS)
    path.write_bytes(right)
    assert not folders.look(1)
    assert folders.look(REST_SECONDS)


def test_a_file_that_should_not_be_there_starts_a_run_that_says_so(folders: Folders, settings: Settings) -> None:
    assert not folders.look(0)
    assert folders.look(REST_SECONDS)
    (settings.raw_dir / "C-1/notes.txt").touch()
    assert not folders.look(1)
    assert folders.look(REST_SECONDS)


@pytest.mark.usefixtures("unchecked")
def test_what_is_published_already_starts_no_run(folders: Folders, settings: Settings) -> None:
    assert published_versions(settings) == {"main": ""}
    run_editions(settings)
    assert published_versions(settings) == {"main": present_version(settings)}
    assert not folders.look(0)
    assert not folders.look(REST_SECONDS)
    (settings.out_dir / "main/headline.json").write_text("[]", encoding="utf-8")
    assert published_versions(settings) == {"main": ""}


def test_nothing_starts_by_itself_until_somebody_switches_it_on(
    definitions: dg.Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WEBHOOK, raising=False)
    repository = definitions.get_repository_def()
    assert [(s.name, s.default_status.value, s.job_name) for s in repository.schedule_defs] == [
        ("weekly_refresh", "STOPPED", "refresh_everything")
    ]
    status = {sensor.name: sensor.default_status.value for sensor in repository.sensor_defs}
    assert status == {"contract_folders": "RUNNING", "new_data": "STOPPED", "failure_to_webhook": "STOPPED"}


# --- A failed run -----------------------------------------------------------------------------------------------


def test_a_failure_is_posted_only_where_there_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEBHOOK, raising=False)
    assert failure_sensor().default_status == dg.DefaultSensorStatus.STOPPED
    monkeypatch.setenv(WEBHOOK, "http://127.0.0.1:9/")
    assert failure_sensor().default_status == dg.DefaultSensorStatus.RUNNING


def test_a_message_is_posted_again_when_the_other_side_is_busy(receiver: tuple[str, list[dict[str, Any]]]) -> None:
    address, came = receiver
    post(address, {"text": "hello"})
    assert came == [{"text": "hello"}] * 2


def test_a_message_that_nobody_takes_is_an_error() -> None:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
    with pytest.raises(requests.ConnectionError):
        post(address, {})


@IN_BOTH_STORAGES
def test_what_is_told_names_the_check_and_no_value(
    settings: Settings, records: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    path = settings.raw_dir / "C-1/outcomes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",40,", ",a secret,", 1), encoding="utf-8")
    with pytest.raises(DataProblems):
        run_editions(settings)
    (run,) = records.get_runs()
    told = what_failed(failure_context(records, run))
    assert told["run_id"] == run.run_id
    assert told["failed_checks"] == ["contract_folders_are_sound"]
    assert told["steps"] == [{"step": "facts", "error": "1 problem in the data; nothing was written"}]
    assert "secret" not in json.dumps(told)


def failure_context(records: dg.DagsterInstance, run: dg.DagsterRun) -> dg.RunFailureSensorContext:
    event = records.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records[0]
    assert event.event_log_entry.dagster_event is not None
    context = dg.build_run_status_sensor_context("failure", event.event_log_entry.dagster_event, records, run)
    return context.for_run_failure()
