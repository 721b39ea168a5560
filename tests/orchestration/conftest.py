"""What the tests of the graph share: a small project whose runs are recorded, in SQLite and in PostgreSQL.

Belongs here: those fixtures, a PostgreSQL of their own for the tests, and a receiver of what is posted. What many
tests begin with is made once for all workers and copied: empty records, and a project that has been published once.
"""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from sqlalchemy import make_url

from pipeline.checks import great_expectations, validation
from pipeline.orchestration.assets import publication, specs
from pipeline.orchestration.assets.inputs import Inputs
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.run import run_editions
from pipeline.orchestration.server.instance import POSTGRES_URL, dagster_home, open_records, run_records
from pipeline.orchestration.settings import Settings
from pipeline.report import drawing
from pipeline.report.text.headline import as_json
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.tables import catalogue
from pipeline.tables.base import Table
from tests.conftest import SMALL_PROJECT
from tests.shared import Shared

# For tests of what is kept in the records or read from them; what a run makes does not depend on where it is recorded.
IN_BOTH_STORAGES = pytest.mark.parametrize("storage", ["sqlite", "postgresql"], indirect=True)
USER = "publicvalue"
# Databases from which others are copied: tables without rows; what is recorded when the small project was published.
EMPTY, PUBLISHED = "empty", "published"
NUMBERS = count()
# What ``unwritten`` puts something else in the place of.
AS_THEY_ARE = {name: getattr(publication, name) for name in ("begun_charts", "_files", "terms_between")}
# It refuses to run as root: then one of these runs it.
UNPRIVILEGED = ("postgres", "nobody")
# What the tests write need not survive a loss of power.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


@pytest.fixture(scope="session")
def postgres_socket_folder(shared: Shared) -> Path:
    """The folder of the socket at which a throw-away PostgreSQL listens; without its programs the test is skipped."""
    programs = _programs()
    if programs is None or find_spec("dagster_postgres") is None:
        pytest.skip("needs PostgreSQL's initdb and pg_ctl, and dagster-postgres")

    def start() -> str:
        # Not below the folder of all workers, into which nobody else may look.
        folder = Path(tempfile.mkdtemp(prefix="publicvalue-postgres-"))
        shared.at_the_end("rm", "-r", str(folder))
        as_user = _as_user(folder)
        data, pg_ctl = str(folder / "data"), [*as_user, str(programs / "pg_ctl"), "-D", str(folder / "data")]
        started_with = f"{OPTIONS} -k {shlex.quote(str(folder))}"
        _run(folder, *as_user, str(programs / "initdb"), "-D", data, "-U", USER, "-A", "trust", "--no-sync")
        shared.at_the_end(*pg_ctl, "-m", "immediate", "stop")
        _run(folder, *pg_ctl, "-w", "-l", str(folder / "log"), "-o", started_with, "start")
        _make_database(folder, EMPTY)
        # Not below the folder, which belongs to another user.
        with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
            patch.setenv(POSTGRES_URL, _address(folder, EMPTY))
            with open_records(Settings(*[Path(home)] * 4)):
                pass
        return str(folder)

    return Path(shared.value("postgresql", start))


@pytest.fixture
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kind of storage: SQLite, and PostgreSQL too for tests marked ``IN_BOTH_STORAGES``.

    The environment names an empty database of its own when it is PostgreSQL.
    """
    monkeypatch.delenv(POSTGRES_URL, raising=False)
    kind = str(getattr(request, "param", "sqlite"))
    if kind == "postgresql":
        folder = request.getfixturevalue("postgres_socket_folder")
        database = f"test_{os.getpid()}_{next(NUMBERS)}"
        _make_database(folder, database, EMPTY)
        monkeypatch.setenv(POSTGRES_URL, _address(folder, database))
    return kind


@pytest.fixture
def published(settings: Settings, storage: str, shared: Shared) -> Path:
    """The small project has been published once, and the run recorded. To be used before ``records``.

    Returns the folder in which that was done, which the records name.
    """

    def publish(folder: Path) -> None:
        own = _project(folder)
        dagster_home(own)
        _publish(own)
        if storage == "postgresql":
            _copy_database(PUBLISHED)

    made = shared.path(f"{PUBLISHED}-{storage}", publish)
    _copy(made, settings)
    if storage == "postgresql":
        socket_folder, database = _in_use()
        _command(socket_folder, "dropdb", database)
        _make_database(socket_folder, database, PUBLISHED)
    return made


@pytest.fixture
def published_unrecorded(settings: Settings, shared: Shared) -> None:
    """The small project has been published once, by somebody who has never opened the UI."""
    _copy(shared.path(PUBLISHED, lambda folder: _publish(_project(folder))), settings)


def _project(folder: Path) -> Settings:
    shutil.copytree(SMALL_PROJECT, folder)
    return _settings(folder)


def _publish(settings: Settings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _leave_unchecked(patch)
        # Whatever the test does that comes first.
        for name, own in AS_THEY_ARE.items():
            patch.setattr(publication, name, own)
        run_editions(settings)


def _copy(made: Path, settings: Settings) -> None:
    for folder in (settings.data_dir, settings.out_dir):
        shutil.copytree(made / folder.name, folder)


def _in_use() -> tuple[Path, str]:
    """The folder of the socket and the name of the database that the environment names."""
    url = make_url(os.environ[POSTGRES_URL])
    return Path(str(url.query["host"])), str(url.database)


def _copy_database(to: str) -> None:
    socket_folder, database = _in_use()
    _make_database(socket_folder, to, database)


def _address(folder: Path, database: str) -> str:
    return f"postgresql+psycopg2://{USER}@/{database}?host={folder}"


def _make_database(folder: Path, database: str, template: str = "template0") -> None:
    # Whoever has closed a database may still hold a connection to it, and one that is in use is not copied.
    leave = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{template}'"
    _command(folder, "psql", "-d", "postgres", "-c", leave)
    _command(folder, "createdb", "-T", template, database)


def _command(folder: Path, program: str, *arguments: str) -> None:
    _run(folder, str((_programs() or Path()) / program), "-h", str(folder), "-U", USER, *arguments)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _programs() -> Path | None:
    """The folder of PostgreSQL's programs, on the path or where Debian has them, the newest version."""
    on_path = shutil.which("pg_ctl")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    return next((folder for folder in found if (folder / "initdb").exists()), None)


def _as_user(folder: Path) -> list[str]:
    """What to put before a command of PostgreSQL, which is given the folder."""
    if os.getuid() != 0:
        return []
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next((name for name in UNPRIVILEGED if name in known), None)
    if user is None or shutil.which("setpriv") is None:
        pytest.skip("needs setpriv and an unprivileged user to run PostgreSQL as")
    entry = pwd.getpwnam(user)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return ["setpriv", f"--reuid={user}", f"--regid={entry.pw_gid}", "--clear-groups"]


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither Great Expectations is asked nor, after each step, Pandera; other tests say what they find."""
    _leave_unchecked(monkeypatch)


def _leave_unchecked(patch: pytest.MonkeyPatch) -> None:
    def as_they_are(model: type[Table], tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        return {key: table.reset_index(drop=True) for key, table in tables.items()}

    patch.setattr(great_expectations, "start", lambda: None)
    patch.setattr(validation, "broken_rows", lambda question: [])
    for module in (catalogue, specs):
        patch.setattr(module, "valid_by_edition", as_they_are)


@pytest.fixture
def unwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run writes only tables and headlines, and does not ask what moved them; other tests look at the rest."""

    def headlines(
        inputs: Inputs,
        published: Mapping[str, dict[str, pd.DataFrame]],
        made: Mapping[str, tuple[object, dict[str, Any]]],
        _: object,
    ) -> dict[str, dict[str, str]]:
        return {
            key: {
                "headline.json": as_json(data),
                "headline.md": as_markdown(published[key], inputs.editions[key], data),
            }
            for key, (_, data) in made.items()
        }

    monkeypatch.setattr(publication, "begun_charts", list)
    monkeypatch.setattr(publication, "_files", headlines)
    monkeypatch.setattr(publication, "terms_between", lambda last, now: None)
    monkeypatch.setattr(drawing, "start", lambda: None)


@pytest.fixture
def settings(small_project: Path) -> Settings:
    """The folders of the small project."""
    return _settings(small_project)


def _settings(folder: Path) -> Settings:
    return Settings(*(folder / name for name in ("raw", "reference", "reports", "data")))


@pytest.fixture
def empty_records(settings: Settings, shared: Shared) -> Path:
    """Records in SQLite in which nothing has been recorded yet, copied: to make them takes longer than many a test."""

    def make(folder: Path) -> None:
        with open_records(Settings(*[folder] * 4)):
            pass

    shutil.copytree(shared.path("empty-records", make), settings.data_dir)
    return dagster_home(settings)


@pytest.fixture
def records(request: pytest.FixtureRequest, settings: Settings, storage: str) -> Iterator[dg.DagsterInstance]:
    """Dagster's records of runs, which are kept from when the UI is first opened."""
    if storage == "sqlite" and not settings.data_dir.exists():
        request.getfixturevalue("empty_records")
    dagster_home(settings)
    with run_records(settings) as instance:
        assert instance is not None
        yield instance


@pytest.fixture
def definitions(settings: Settings) -> dg.Definitions:
    """The graph, jobs and sensors over the small project."""
    return build_definitions(settings)


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on this machine that keeps what is posted to it: its address, and what came."""
    came: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(503 if len(came) == 1 else 204)  # the first time it is busy
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", came
        server.shutdown()
        thread.join()
