"""Dagster's log of events with files that stay open: it is the one in use, and opens and keeps no more than it says."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import dagster as dg
import pytest
from sqlalchemy import create_engine

from pipeline.orchestration.server.instance import POSTGRES_URL, open_records
from pipeline.orchestration.server.sqlite_records import KEPT_OPEN, SqliteRecords
from pipeline.orchestration.settings import Settings
from tests.orchestration.ui_process import wait_for


@pytest.fixture(autouse=True)
def in_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(POSTGRES_URL, raising=False)


@dg.op
def tells(context: dg.OpExecutionContext) -> None:
    for number in range(5):
        context.log_event(dg.AssetMaterialization("made_up", partition=str(number)))


@dg.job
def told() -> None:
    tells()


def test_each_file_is_opened_once_however_much_a_run_tells(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()

    def counted(address: str, **options: Any) -> Any:
        opened[address] += 1
        return create_engine(address, **options)

    monkeypatch.setattr("pipeline.orchestration.server.sqlite_records.create_engine", counted)
    with open_records(settings) as records:
        assert isinstance(records.event_log_storage, SqliteRecords)
        assert told.execute_in_process(instance=records).success
        assert len(records.fetch_materializations(dg.AssetKey("made_up"), limit=100).records) == 5
    assert list(opened.values()) == [1, 1]  # what all runs share, and this run


def test_who_watches_a_run_hears_of_each_event_while_it_goes_on(settings: Settings) -> None:
    heard: list[str] = []
    with open_records(settings) as records, open_records(settings) as watching:
        run_id = dg.DagsterRun("told").run_id
        storage = watching.event_log_storage
        records.report_engine_event("first", dg.DagsterRun("told", run_id=run_id))

        def hear(entry: dg.EventLogEntry, cursor: str) -> None:
            heard.append(entry.message)

        storage.watch(run_id, None, hear)
        for message in ("second", "third"):
            records.report_engine_event(message, dg.DagsterRun("told", run_id=run_id))
            wait_for(partial(heard.__contains__, message))
        storage.end_watch(run_id, hear)
    assert heard == ["first", "second", "third"]


def test_few_files_stay_open_and_all_runs_can_be_read_by_several_threads(settings: Settings) -> None:
    with open_records(settings) as records:
        runs = [told.execute_in_process(instance=records).run_id for _ in range(KEPT_OPEN + 2)]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda run: len(records.all_logs(run)), runs * 2))
        assert len(set(found)) == 1
        storage = records.event_log_storage
        assert isinstance(storage, SqliteRecords)
        assert len(storage._engines) == KEPT_OPEN
