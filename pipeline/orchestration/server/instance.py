"""Where Dagster keeps its records of runs, and how it is set up here.

Belongs here: Dagster's home folder and its configuration: nothing calls home; SQLite in that folder, or PostgreSQL; a
run that has ended stays as it ended.
What becomes of the runs recorded there stands in ``runs``.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dagster as dg
import yaml  # type: ignore[import-untyped]
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from pipeline.common.files import writing, written_whole
from pipeline.orchestration.dagster_internals import CHANGES_STATUS, NO_COMPUTE_LOGS, own_defaults
from pipeline.orchestration.server.addresses import without
from pipeline.orchestration.settings import Settings

POSTGRES_URL = "PUBLICVALUE_POSTGRES_URL"
# Without its driver SQLAlchemy takes another, which Dagster does not know.
POSTGRES_SCHEME = "postgresql+psycopg2://"
# Tag of a run that has a process of its own, as `publicvalue run` has: "<host>:<pid>".
PROCESS_TAG = "publicvalue/process"
# Of the runs with an asset in this pool one goes on at a time, so that none overtakes another.
POOL = "editions"

# As Dagster's own web server has them.
STATEMENT_MILLISECONDS, CONNECTION_SECONDS, MORE_CONNECTIONS = 15_000, 3_600, 20

HEADER = "# Written anew by every run; change pipeline/orchestration/server/instance.py instead.\n"
CONFIGURATION: dict[str, Any] = {
    "instance_class": {"module": "pipeline.orchestration.server.instance", "class": "Records"},
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    # What is launched in the UI waits in a queue, from which the daemon starts it.
    "run_queue": {"dequeue_interval_seconds": 1},
    "concurrency": {"pools": {"granularity": "run", "default_limit": 1}},
    "run_monitoring": {"enabled": True, "poll_interval_seconds": 10, "cancel_timeout_seconds": 60},
    # A run whose process was killed starts again; wrong data stay wrong however often they are read.
    "run_retries": {"enabled": True, "max_retries": 2, "retry_on_asset_or_op_failure": False},
    "freshness": {"enabled": True},
    "retention": {
        "schedule": {"purge_after_days": 90},
        "sensor": {"purge_after_days": {"skipped": 7, "success": 90, "failure": 90}},
        "auto_materialize": {"purge_after_days": {"skipped": 7, "success": 90, "failure": 90}},
    },
    # Assets print nothing; catching their output would take two more processes for each step.
    "compute_logs": NO_COMPUTE_LOGS,
}
# The variable is named, so that the password stands in no file.
IN_POSTGRES = {"storage": {"postgres": {"postgres_url": {"env": POSTGRES_URL}}}}


class Records(dg.DagsterInstance):
    """Dagster's records, where a run that has ended stays so: its process may not know yet, and say something else."""

    def should_store_event(self, event: dg.EventLogEntry) -> bool:
        """Whether an event is taken; none that would give a run that has ended another status."""
        told = event.dagster_event
        if told is not None and told.event_type in CHANGES_STATUS:
            run = self.get_run_by_id(event.run_id)
            if run is not None and run.is_finished:
                return False
        return super().should_store_event(event)

    @classmethod
    def config_schema(cls) -> Mapping[str, Any]:
        """Return the settings that this class adds to Dagster's own: none."""
        return {}

    @classmethod
    def config_defaults(cls, base_dir: str) -> Mapping[str, Any]:
        """Return Dagster's own defaults."""
        return own_defaults(base_dir)


class RecordsError(RuntimeError):
    """The records of runs cannot be opened; says why, and what to do, in one line."""


def dagster_home(settings: Settings) -> Path:
    """Return Dagster's home below the data folder, made if need be; absolute.

    The records are in PostgreSQL when ``PUBLICVALUE_POSTGRES_URL`` is set. Raises ``RecordsError`` when that cannot be,
    and when they are there already and the variable is not set: they would go on in two places; ``CannotWriteError``
    when the configuration cannot be written.
    """
    home = _home(settings)
    file = home / "dagster.yaml"
    before = _content(file)
    in_postgres = _in_postgres()
    if not in_postgres and POSTGRES_URL.encode() in before:
        raise RecordsError(f"the records of {home} are in PostgreSQL: set {POSTGRES_URL}, or remove {file}")
    storage = IN_POSTGRES if in_postgres else _in_sqlite(home)
    now = (HEADER + yaml.safe_dump(CONFIGURATION | storage, sort_keys=False)).encode()
    if now != before:
        with written_whole(file) as fresh:
            fresh.write_bytes(now)
    return home


def _content(file: Path) -> bytes:
    """What stands in the configuration; one that cannot be read is written anew."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _in_sqlite(home: Path) -> dict[str, Any]:
    return {
        "event_log_storage": {
            "module": "pipeline.orchestration.server.sqlite_records",
            "class": "SqliteRecords",
            "config": {"base_dir": str(home / "history/runs")},
        }
    }


def _in_postgres() -> bool:
    """Whether the environment names a PostgreSQL. Raises ``RecordsError`` when it cannot be used."""
    url = os.environ.get(POSTGRES_URL)
    if url and not url.startswith(POSTGRES_SCHEME):
        raise RecordsError(f"{POSTGRES_URL} has to begin with {POSTGRES_SCHEME}")
    if url and find_spec("dagster_postgres") is None:
        raise RecordsError(f"{POSTGRES_URL} is set, but its library is missing: pip install 'publicvalue[postgres]'")
    return bool(url)


def open_records(settings: Settings) -> dg.DagsterInstance:
    """Open the records of runs, made if need be; to be closed by the caller.

    Raises ``RecordsError``, and ``CannotWriteError`` when the system does not let them be written.
    """
    home = dagster_home(settings)
    with speaking_of_records(settings), writing(home):
        try:
            instance = dg.DagsterInstance.from_config(str(home))
            keep_connections(instance)
            return instance
        except Exception as error:
            if not (address := os.environ.get(POSTGRES_URL)):
                raise
            reason = _reason(address, error)
    raise RecordsError(reason)


@contextmanager
def speaking_of_records(settings: Settings) -> Iterator[None]:
    """Say in one line what is wrong when records turn out to be damaged, or their database is gone.

    Raises ``RecordsError``; whatever has another cause is left as it is.
    """
    try:
        yield
        return
    except (SQLAlchemyError, dg.DagsterError) as error:
        address = os.environ.get(POSTGRES_URL)
        if address and isinstance(error, SQLAlchemyError):
            reason = _reason(address, error)
        elif not (reason := _damage_in(_home(settings), error)):
            raise
    raise RecordsError(reason)


def _reason(address: str, error: Exception) -> str:
    """Say why a database cannot be used, without its address.

    The driver may quote any part of it, and one with a slip in it is parted wrongly.
    """
    said = str(getattr(error, "orig", None) or error.__cause__ or error).strip().partition("\n")[0]
    return f"the database that {POSTGRES_URL} names cannot be used: {without(address, said)}"


def _damage_in(home: Path, error: Exception) -> str:
    """Name the first damaged file of records in SQLite, say why and what to do; nothing if none is.

    A table that is gone leaves a file sound: of that ``error`` tells.
    """
    remedy = f"put a copy of {home} back, or move it away, and the next run begins new ones"
    for file in sorted(home.rglob("*.db")):
        if why := _damage(file):
            return f"the records of runs are damaged: {file}: {why}; {remedy}"
    said = f"no such table: {error}" if isinstance(error, NoSuchTableError) else str(getattr(error, "orig", ""))
    return f"the records of runs are damaged: {said}; {remedy}" if said.startswith("no such ") else ""


def _damage(file: Path) -> str:
    """What is wrong with a file of SQLite; nothing if all is well."""
    try:
        if not file.stat().st_size:
            return "it is empty"
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as records:
            (said,) = records.execute("PRAGMA quick_check(1)").fetchone()
    except (OSError, sqlite3.Error) as error:
        return str(error)
    return "" if said == "ok" else str(said).splitlines()[-1]


def keep_connections(records: dg.DagsterInstance) -> None:
    """Keep connections to the records open; Dagster opens a new one for each event, but in its web server."""
    records.optimize_for_webserver(STATEMENT_MILLISECONDS, CONNECTION_SECONDS, MORE_CONNECTIONS)


def prepare_pool(records: dg.DagsterInstance) -> None:
    """Make the limit of the pool known: Dagster does so only after it has let through the first runs that queue."""
    storage = records.event_log_storage
    if POOL not in {limit.name for limit in storage.get_pool_limits()}:
        storage.initialize_concurrency_limit_to_default(POOL)


@contextmanager
def run_records(settings: Settings) -> Iterator[dg.DagsterInstance | None]:
    """Open the records of runs that the UI shows; None when the UI was never opened, so that there are none."""
    if not _home(settings).exists():
        yield None
        return
    with open_records(settings) as instance, speaking_of_records(settings):
        yield instance


def _home(settings: Settings) -> Path:
    return settings.records_dir.absolute()


if __name__ == "__main__":
    # Before Dagster's own commands after an upgrade: what an older version wrote may name modules that have moved.
    print(dagster_home(Settings.default()))
