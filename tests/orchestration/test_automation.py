"""What happens without a person: the watch over the folders, the weekly refresh, the word when a run has failed."""

import json
import logging
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._serdes import serialize_value
from dagster._utils.error import serializable_error_info_from_exc_info

from pipeline.facts.problems import DataProblems
from pipeline.orchestration.assets.inputs import present_version, published_versions
from pipeline.orchestration.automation import (
    REST_SECONDS,
    WEBHOOK,
    NotPostedError,
    failure_sensor,
    new_data_sensor,
    post,
    success_sensor,
    what_failed,
    what_went_well,
)
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.settings import Settings
from pipeline.report.holds import Held, note_held, release, use_up
from pipeline.report.text.news import terms_between
from tests.orchestration.conftest import IN_BOTH_STORAGES

SETTINGS = Settings(*(Path(name) for name in ("raw", "reference", "reports", "data")))


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


def test_a_clock_that_is_set_back_makes_nobody_wait(folders: Folders, settings: Settings) -> None:
    year = 365 * 24 * 3600.0
    folders.now = year
    assert not folders.look(0)
    assert not folders.look(-year)
    assert not folders.look(REST_SECONDS - 1)
    assert folders.look(1)


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


def test_what_is_let_go_starts_one_run_though_no_file_has_changed(folders: Folders, settings: Settings) -> None:
    folders.look(0)
    assert folders.look(REST_SECONDS)
    note_held(settings.out_dir, {"data_version": "a"}, [Held("main", "no_contract_dropped", "1 contract", "C-3")])
    assert not folders.look(REST_SECONDS)
    release(settings.out_dir, (), "A. Reviewer", "its funder has ended it", datetime(2026, 11, 29, tzinfo=UTC))
    assert not folders.look(1)
    assert folders.look(REST_SECONDS)
    assert not folders.look(REST_SECONDS)
    # Published, nothing is held nor released; that is no change.
    use_up(settings.out_dir)
    assert not folders.look(REST_SECONDS)
    assert not folders.look(REST_SECONDS)


def test_a_file_that_should_not_be_there_starts_a_run_that_says_so(folders: Folders, settings: Settings) -> None:
    assert not folders.look(0)
    assert folders.look(REST_SECONDS)
    (settings.raw_dir / "C-1/notes.txt").touch()
    assert not folders.look(1)
    assert folders.look(REST_SECONDS)


def test_what_is_published_already_starts_no_run(published: Path, folders: Folders, settings: Settings) -> None:
    assert published_versions(settings) == {"main": present_version(settings)}
    assert not folders.look(0)
    assert not folders.look(REST_SECONDS)
    (settings.out_dir / "main/versions.json").write_text("[]", encoding="utf-8")
    assert published_versions(settings) == {"main": ""}
    shutil.rmtree(settings.out_dir / "main")
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
    assert status == {
        "contract_folders": "RUNNING",
        "new_data": "STOPPED",
        "failure_to_webhook": "STOPPED",
        "success_to_webhook": "STOPPED",
    }


# --- A failed run -----------------------------------------------------------------------------------------------


def test_a_failure_is_posted_only_where_there_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(WEBHOOK, raising=False)
    for sensor in (failure_sensor(), success_sensor(SETTINGS)):
        assert sensor.default_status == dg.DefaultSensorStatus.STOPPED
    monkeypatch.setenv(WEBHOOK, "http://127.0.0.1:9/")
    for sensor in (failure_sensor(), success_sensor(SETTINGS)):
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING


def test_a_message_is_posted_again_when_the_other_side_is_busy(receiver: tuple[str, list[dict[str, Any]]]) -> None:
    address, came = receiver
    waited: list[float] = []
    post(address, {"text": "hello"}, waited.append)
    assert came == [{"text": "hello"}] * 2
    assert waited == [0]


@contextmanager
def answering(says: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that gives every request one answer: where it listens, and which paths were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.wfile.write(says)

        do_GET = do_POST

        def log_message(self, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def free_place() -> str:
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return f"127.0.0.1:{server.server_port}"


def refusal(address: str, environment: pytest.MonkeyPatch) -> NotPostedError:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        environment.delenv(name, raising=False)
    with pytest.raises(NotPostedError) as caught:
        post(address, {}, lambda seconds: None)
    return caught.value


ANSWERS = {
    "a fault": (b"HTTP/1.0 500 S3CRET\r\n\r\n", "answered with status 500"),
    "not there": (b"HTTP/1.0 404 S3CRET\r\n\r\n", "answered with status 404"),
    "moved": (
        b"HTTP/1.0 302 Found\r\nLocation: /S3CRET?S3CRET\r\n\r\n",
        "answered with status 302: it has moved, and is not followed",
    ),
    "moved, nobody knows where": (
        b"HTTP/1.0 308 Moved\r\n\r\n",
        "answered with status 308: it has moved, and is not followed",
    ),
    "no HTTP": (b"S3CRET\r\n\r\n", "cannot be reached"),
    "half a header": (b"HTTP/1.0 500 No\r\n:S3CRET\r\n S3CRET\r\n\r\n", "answered with status 500"),
}
ADDRESSES: dict[str, tuple[Callable[[], str], str]] = {
    "nobody there": (lambda: f"http://me:S3CRET@{free_place()}/S3CRET", "cannot be reached"),
    "no such host": (lambda: "https://me:S3CRET@nowhere.invalid/S3CRET", "cannot be reached"),
    "no scheme": (lambda: "127.0.0.1/S3CRET", "is none to which"),
    "another scheme": (lambda: "ftp://127.0.0.1/S3CRET", "is none to which"),
    "no host": (lambda: "https:///S3CRET", "is none to which"),
    "no port": (lambda: "https://127.0.0.1:S3CRET/", "is none to which"),
    "half a host": (lambda: "http://[S3CRET/", "is none to which"),
    "no name of a host": (lambda: f"http://{'S3CRET' * 40}.example/", "is none to which"),
    "signs that no header takes": (lambda: f"http://me:S3CRET%E2%82%AC@{free_place()}/", ""),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_no_yes_is_told_without_the_address(
    answer: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    says, expected = ANSWERS[answer]
    caplog.set_level(logging.DEBUG)
    with answering(says) as (place, asked):
        error = refusal(f"http://me:S3CRET@{place}/services/S3CRET?token=S3CRET#S3CRET", monkeypatch)
    assert str(error) == f"the address in {WEBHOOK} {expected}"
    assert set(asked) == {"/services/S3CRET?token=S3CRET"}
    assert nothing_is_told(error, caplog.text, *capfd.readouterr())


@pytest.mark.parametrize("kind", ADDRESSES)
def test_an_address_at_which_nobody_can_be_asked_is_told_without_it(
    kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    address, expected = ADDRESSES[kind]
    caplog.set_level(logging.DEBUG)
    error = refusal(address(), monkeypatch)
    assert f"the address in {WEBHOOK} {expected}" in str(error)
    assert nothing_is_told(error, caplog.text, *capfd.readouterr())


def test_one_who_does_not_answer_and_one_who_shows_no_certificate_are_told_without_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.orchestration.automation.TIMEOUT_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as silent_one:
        host, port = silent_one.getsockname()
        error = refusal(f"http://{host}:{port}/S3CRET", monkeypatch)
    assert str(error) == f"the address in {WEBHOOK} did not answer within 0.01 seconds"
    monkeypatch.undo()
    with answering(b"HTTP/1.0 204 No\r\n\r\n") as (place, _):
        error = refusal(f"https://{place}/S3CRET", monkeypatch)
    assert str(error) == f"the address in {WEBHOOK} did not show a certificate that can be trusted"
    assert nothing_is_told(error)


def nothing_is_told(error: Exception, *said: str) -> bool:
    """Whether neither the error, as Dagster keeps it with all that led to it, nor anything said holds the secret."""
    assert error.__traceback__
    kept = serializable_error_info_from_exc_info((type(error), error, error.__traceback__))
    return "S3CRET" not in "".join([serialize_value(kept), *said])


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


@pytest.fixture
def bridged(unwritten: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run asks what has moved its figures after all."""
    monkeypatch.setattr("pipeline.orchestration.assets.publication.terms_between", terms_between)


# What is told of a refresh and of a failure is read from the records in the same way: one of them in each storage.
@pytest.mark.usefixtures("published", "unchecked", "unwritten", "bridged")
@pytest.mark.parametrize("storage", ["postgresql"], indirect=True)
def test_what_is_told_of_a_refresh_is_what_it_has_published(settings: Settings, records: dg.DagsterInstance) -> None:
    path = settings.raw_dir / "C-1/outcomes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",40,", ",41,", 1), encoding="utf-8")
    run_editions(settings)
    last, first = records.get_runs()
    told = what_went_well(success_context(records, last), settings)
    (edition,) = told["editions"]
    assert told["text"].endswith("went well; moved: main")
    assert edition["bcr"] == json.loads((settings.out_dir / "main/headline.json").read_text("utf-8"))["bcr"]
    assert any(line.startswith("why: new or changed results: ") for line in edition["moved"])
    run_editions(settings)
    again = what_went_well(success_context(records, records.get_runs()[0]), settings)
    assert (again["run_id"] != told["run_id"], again["editions"]) == (True, [])
    assert again["text"].endswith("went well; no ratio and no contract moved")
    assert first.run_id not in (told["run_id"], again["run_id"])


@pytest.mark.usefixtures("published", "unwritten", "bridged", "checks_ready")
def test_a_refresh_that_is_held_says_how_to_let_it_go(settings: Settings, records: dg.DagsterInstance) -> None:
    path = settings.raw_dir / "C-1/payments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",100000,", ",390000,", 1), encoding="utf-8")
    with pytest.raises(DataProblems):
        run_editions(settings)
    told = what_failed(failure_context(records, records.get_runs()[0]))
    assert told["held"] is True
    assert "no_contract_carries_the_move" in told["failed_checks"]
    assert "390000" not in json.dumps(told)
    assert told["text"].endswith("the last good editions stand as they were; publicvalue accept lets it go")


def success_context(records: dg.DagsterInstance, run: dg.DagsterRun) -> dg.RunStatusSensorContext:
    event = records.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_SUCCESS).records[0]
    assert event.event_log_entry.dagster_event is not None
    return dg.build_run_status_sensor_context("success", event.event_log_entry.dagster_event, records, run)


def failure_context(records: dg.DagsterInstance, run: dg.DagsterRun) -> dg.RunFailureSensorContext:
    event = records.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE).records[0]
    assert event.event_log_entry.dagster_event is not None
    context = dg.build_run_status_sensor_context("failure", event.event_log_entry.dagster_event, records, run)
    return context.for_run_failure()
