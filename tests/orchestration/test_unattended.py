"""Left to itself: the UI with its daemon takes up what is dropped into the folders, tells of what is wrong, and queues.

All of it is real: the processes of the UI, the daemon, the runs. Only the project is small, and the watch over the
folders less patient than it is for people. In SQLite; ``server/test_ui`` queues and stops in PostgreSQL too.
"""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline.orchestration.assets.partitions import CONTRACTS
from pipeline.orchestration.automation import WEBHOOK
from pipeline.orchestration.jobs import REFRESH_EVERYTHING
from pipeline.orchestration.server.instance import POSTGRES_URL, open_records
from pipeline.orchestration.server.runs import BEGUN
from pipeline.orchestration.settings import Settings
from pipeline.report.holds import held_now, release
from tests.decoys import Decoys
from tests.orchestration.made_up_contracts import add_contract, change, readings
from tests.orchestration.ui_process import ENDED, UI, OpenUI, ends, opening, status, wait_for

pytestmark = pytest.mark.slow
HASTY = "hasty"
Messages = list[dict[str, Any]]


class Watched:
    """What a person would look at who comes back after a while: runs, checks, what is published, what was posted."""

    def __init__(self, settings: Settings, records: dg.DagsterInstance, came: Messages) -> None:
        self.settings, self.records, self.came = settings, records, came
        self._known = {run.run_id for run in records.get_runs()}

    def message_of(self, run: dg.DagsterRun) -> dict[str, Any]:
        """Wait for what is posted of a run; returns it. At first the receiver is busy, so that it may come twice."""

        def of_run() -> Messages:
            return [message for message in self.came if message["run_id"] == run.run_id]

        wait_for(lambda: bool(of_run()))
        return of_run()[-1]

    def next_run(self) -> dg.DagsterRun:
        """Wait for a run that nobody has started to end; returns it."""

        def ended() -> list[dg.DagsterRun]:
            return [run for run in self.records.get_runs() if run.run_id not in self._known]

        wait_for(lambda: any(run.status.value in ENDED for run in ended()))
        (run,) = ended()
        self._known.add(run.run_id)
        assert (run.job_name, run.tags["dagster/sensor_name"]) == (REFRESH_EVERYTHING, "new_data")
        return run

    def failed_checks(self, run: dg.DagsterRun) -> dict[str, str]:
        """The checks that a run has failed, with what they show."""
        found = self.records.get_records_for_run(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
        events = (record.event_log_entry.dagster_event for record in found.records)
        evaluations = [event.asset_check_evaluation_data for event in events if event is not None]
        return {
            evaluation.check_name: json.dumps({name: value.value for name, value in evaluation.metadata.items()})
            for evaluation in evaluations
            if not evaluation.passed
        }

    def partitions(self) -> list[str]:
        return sorted(self.records.get_dynamic_partitions(str(CONTRACTS.name)))

    def published(self) -> dict[str, bytes]:
        """All files of the edition."""
        folder = self.settings.out_dir / "main"
        return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def contracts(self) -> int:
        """How many the headline counts."""
        headline = json.loads((self.settings.out_dir / "main/headline.json").read_text(encoding="utf-8"))
        return int(headline["contracts"])

    def times_read(self) -> dict[str, int]:
        return {contract: len(events) for contract, events in readings(self.records).items()}


@pytest.fixture
def open_ui(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenUI]:
    """Opens a UI; what a test has not stopped is killed at its end."""
    monkeypatch.delenv(POSTGRES_URL, raising=False)
    with opening() as open_one:
        yield open_one


@pytest.mark.usefixtures("published")
def test_runs_wait_for_each_other_a_stop_leaves_none_stuck_and_what_is_dropped_in_is_published_or_told_of(
    open_ui: OpenUI, small_project: Path, settings: Settings, receiver: tuple[str, Messages], decoys: Decoys
) -> None:
    """One story of two parts, since to open the UI takes longer than a run; told in a folder full of decoys."""
    address, came = receiver
    options = {"root": small_project, "location": HASTY, "current_folder": decoys.folder}

    def opened() -> UI:
        return open_ui(small_project, environment={WEBHOOK: address}, **options).ready()

    first = opened()
    with open_records(settings) as records:
        waiting = stopped_in_the_middle(first, records)
        ui = opened()
        goes_on_where_it_was_stopped(ui, waiting, records)
        seen = Watched(settings, records, came)
        takes_up_what_is_dropped(ui, seen)
        publishes_what_is_let_go(seen)
    assert ui.stop() == 0
    assert decoys.imported() == []


def stopped_in_the_middle(first: UI, records: dg.DagsterInstance) -> list[str]:
    """Launch three runs and stop the UI in the second, which lasts; returns their ids."""
    one, stopped, waiting = (first.launch("lasting", seconds=seconds) for seconds in (2, 600, 0))
    wait_for(lambda: status(records, one) == "STARTED")
    assert (status(records, stopped), status(records, waiting)) == ("QUEUED", "QUEUED")
    wait_for(lambda: status(records, stopped) == "STARTED")
    assert (status(records, one), status(records, waiting)) == ("SUCCESS", "QUEUED")
    assert first.stop() == 0
    assert (status(records, stopped), status(records, waiting)) == ("CANCELED", "QUEUED")
    return [one, stopped, waiting]


def goes_on_where_it_was_stopped(second: UI, runs: list[str], records: dg.DagsterInstance) -> None:
    """The run that waited goes on by itself, and none has run beside another."""
    assert ends(second, runs[-1]) == "SUCCESS"
    assert not records.get_runs(dg.RunsFilter(statuses=[*BEGUN, dg.DagsterRunStatus.QUEUED]))
    (_, ended), (begun, ended_next), (begun_last, _) = (times(records, run) for run in runs)
    assert ended <= begun
    assert ended_next <= begun_last


def takes_up_what_is_dropped(ui: UI, seen: Watched) -> None:
    """The watch over the folders, switched on."""
    settings = seen.settings
    mapping = settings.reference_dir / "metric_outcomes.csv"
    mapping_before = mapping.read_bytes()
    ui.switch_on("new_data")
    assert (seen.contracts(), seen.times_read()) == (2, {"C-1": 1, "C-2": 1})

    # A new folder becomes a contract, and no other is read again; a small one, which does not move the market far.
    add_contract(settings, "C-3")
    outcomes = settings.raw_dir / "C-3/outcomes.csv"
    change(outcomes, ",7300,", ",73,")
    change(settings.raw_dir / "C-3/payments.csv", ",250000,", ",25000,")
    run = seen.next_run()
    assert run.is_success
    (moved,) = seen.message_of(run)["editions"]
    assert (moved["edition"], moved["accepted"]) == ("main", [])
    assert any(line.startswith("contracts added (1):") for line in moved["moved"])
    assert seen.partitions() == ["C-1", "C-2", "C-3"]
    assert (seen.contracts(), seen.times_read()) == (3, {"C-1": 1, "C-2": 1, "C-3": 1})
    before = seen.published()

    # A wrong value stops the run, and whoever is to hear of it does, without the value.
    change(outcomes, ",73,", ",a secret,")
    failed = seen.next_run()
    assert failed.status == dg.DagsterRunStatus.FAILURE
    assert seen.published() == before
    (shown,) = [shown for name, shown in seen.failed_checks(failed).items() if name == "contract_folders_are_sound"]
    assert "C-3/outcomes.csv:2" in shown
    assert "a secret" in shown
    told = seen.message_of(failed)
    assert (told["failed_checks"], told["held"]) == (["contract_folders_are_sound"], False)
    assert "secret" not in json.dumps(seen.came)

    # A folder that goes is no contract any more; that its value goes too has to be accepted by a person.
    shutil.rmtree(settings.raw_dir / "C-3")
    mapping.write_bytes(mapping_before)
    dropped = seen.next_run()
    assert dropped.status == dg.DagsterRunStatus.FAILURE
    assert "no_contract_dropped" in seen.failed_checks(dropped)
    assert seen.partitions() == ["C-1", "C-2"]
    assert seen.published() == before
    held = seen.message_of(dropped)
    assert "no_contract_dropped" in held["failed_checks"]
    assert held["held"] is True
    assert held["text"].endswith("; publicvalue accept lets it go")


def publishes_what_is_let_go(seen: Watched) -> None:
    """What was held goes out by itself once somebody has said that it is right, with who said so and why."""
    out_dir = seen.settings.out_dir
    release(out_dir, (), "A Reviewer", "its funder has ended it", datetime(2026, 11, 29, tzinfo=UTC))
    run = seen.next_run()
    assert run.is_success
    assert seen.contracts() == 2
    (published,) = seen.message_of(run)["editions"]
    because = {"by": "A Reviewer", "because": "its funder has ended it"}
    assert {"check": "no_contract_dropped", **because} in published["accepted"]
    assert held_now(out_dir) == []


def times(records: dg.DagsterInstance, run_id: str) -> tuple[float, float]:
    """When a run began and when it ended."""
    record = records.get_run_record_by_id(run_id)
    assert record is not None
    assert record.start_time is not None
    assert record.end_time is not None
    return record.start_time, record.end_time
