"""What the tests of the graph share: a small project whose runs are recorded, in SQLite and in PostgreSQL.

Belongs here: those fixtures, a PostgreSQL of their own for the tests, and a receiver of what is posted.
"""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline.checks import great_expectations, validation
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.instance import POSTGRES_URL, dagster_home, run_records
from pipeline.orchestration.settings import Settings

USER = "publicvalue"
NUMBERS = count()
# It refuses to run as root: then one of these runs it.
UNPRIVILEGED = ("postgres", "nobody")
# What the tests write need not survive a loss of power.
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


@pytest.fixture(scope="session")
def postgres_socket_folder() -> Iterator[Path]:
    """The folder of the socket at which a throw-away PostgreSQL listens; without its programs the test is skipped."""
    programs = _programs()
    if programs is None or find_spec("dagster_postgres") is None:
        pytest.skip("needs PostgreSQL's initdb and pg_ctl, and dagster-postgres")
    # Not below pytest's own folder, into which nobody else may look.
    folder = Path(tempfile.mkdtemp(prefix="publicvalue-postgres-"))
    as_user = _as_user(folder)
    pg_ctl = [*as_user, str(programs / "pg_ctl"), "-D", str(folder / "data")]
    started_with = f"{OPTIONS} -k {shlex.quote(str(folder))}"
    _run(folder, *as_user, str(programs / "initdb"), "-D", str(folder / "data"), "-U", USER, "-A", "trust", "--no-sync")
    _run(folder, *pg_ctl, "-w", "-l", str(folder / "log"), "-o", started_with, "start")
    try:
        yield folder
    finally:
        _run(folder, *pg_ctl, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kind of storage; the environment names an empty database of its own when it is PostgreSQL."""
    monkeypatch.delenv(POSTGRES_URL, raising=False)
    if request.param == "postgresql":
        folder = request.getfixturevalue("postgres_socket_folder")
        database = f"test_{next(NUMBERS)}"
        _run(folder, str((_programs() or Path()) / "createdb"), "-h", str(folder), "-U", USER, database)
        monkeypatch.setenv(POSTGRES_URL, f"postgresql+psycopg2://{USER}@/{database}?host={folder}")
    return str(request.param)


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
    """Great Expectations is not asked, which takes half the time of a small run; what it finds is tested elsewhere."""
    monkeypatch.setattr(great_expectations, "start", lambda: None)
    monkeypatch.setattr(validation, "broken_rows", lambda question: [])


@pytest.fixture
def settings(small_project: Path) -> Settings:
    """The folders of the small project."""
    return Settings(*(small_project / name for name in ("raw", "reference", "reports", "data")))


@pytest.fixture
def records(settings: Settings, storage: str) -> Iterator[dg.DagsterInstance]:
    """Dagster's records of runs, which are kept from when the UI is first opened; in both kinds of storage."""
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
