"""Dagster's log of events in SQLite, with connections that are kept.

Belongs here: that one class, which ``instance`` names in Dagster's configuration. Dagster opens a new connection for
each thing it writes or asks, and an asset takes three: some 20 ms. Kept, they take 6 ms: a run that reads no contract
anew took 7.9 s with it and 9.2 s without, and one that reads all of them gains more. It fills in what Dagster's own
class does inside; the tests of this module say when that has moved. Then it may go: nothing but time depends on it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self

import dagster as dg
from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

from pipeline.orchestration.dagster_internals import SqliteLog, SqliteLogWatch

# One file for what all runs share, one for each run: those of the runs looked at last are kept open.
KEPT_OPEN = 8
# For how long somebody waits who finds a file in use, as in Dagster's own.
BUSY_SECONDS = 30


def _write_at_ease(connection: Any, _: Any) -> None:
    """Wait for the disk at checkpoints only: a loss of power can then lose the last events, and break nothing."""
    connection.execute("PRAGMA synchronous=NORMAL")


class _Watch(SqliteLogWatch):
    """Somebody who watches a run: of a file that stays open, what is written lies in another beside it for a while."""

    @property
    def patterns(self) -> list[str]:
        """The files whose change says that there is something new."""
        return [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, event: FileSystemEvent) -> None:
        """Hand on what is new; Dagster's own refuses the second file."""
        self._process_log()


class SqliteRecords(SqliteLog):
    """The log of events, each file opened once; as in Dagster's own, one thread at a time uses it."""

    _obs: Any

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Mapping[str, Any]) -> Self:
        """Return the log as the configuration has it; Dagster's own makes one of its own class."""
        return cls(inst_data=inst_data, **config_value)

    @cached_property
    def _engines(self) -> "OrderedDict[str, Engine]":
        return OrderedDict()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            # The lock lets in one thread after the other, whichever it is.
            options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
            engine = create_engine(self.conn_string_for_shard(shard), poolclass=StaticPool, connect_args=options)
            event.listen(engine, "connect", _write_at_ease)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT_OPEN:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def watch(self, run_id: str, cursor: str | None, callback: Callable[[dg.EventLogEntry, str], None]) -> None:
        """Call back with each new event of a run, as the page of a run in the UI wants it."""
        if not self._obs:
            self._obs = Observer()
            self._obs.start()
        handler = _Watch(self, run_id, callback, cursor)
        self._watchers[run_id][callback] = handler, self._obs.schedule(handler, self._base_dir, recursive=True)

    def dispose(self) -> None:
        """Close all files."""
        while self._engines:
            self._engines.popitem()[1].dispose()
        super().dispose()
