"""Where the process of a run comes from: forked in a UI, and a new one where the code has changed or nobody asked.

That a run in a UI is forked, and stopped, killed and left behind by nobody, ``test_ui`` tries with real processes.
"""

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pytest
from dagster._grpc.server import DagsterApiServer

from pipeline.facts.versions import program_version
from pipeline.orchestration.server import forked_runs
from pipeline.orchestration.server.forked_runs import AFTER_SECONDS, IMPORTED, fork_runs, tell

# Which modules of ours a process still imports that has imported what a run does.
SAYS_WHAT_IS_LEFT = """
import sys
from pipeline.facts import versions
asked, own = [], versions.program_version
def version():
    asked.append(sys.argv[1])
    return own() + "".join(asked)
versions.program_version = version
import pipeline.orchestration.preloaded
before = set(sys.modules)
import pipeline.orchestration.server.code_location
print(*sorted(name for name in set(sys.modules) - before if name.startswith("pipeline.")))
"""


class AtOnce(threading.Timer):
    """A timer that waits for nobody."""

    def start(self) -> None:
        self.function()


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was begun from which runs are forked; nothing is."""
    found: list[str] = []
    monkeypatch.setattr(forkserver, "ensure_running", lambda: found.append("begun"))
    monkeypatch.setattr(threading, "Timer", AtOnce)
    monkeypatch.setenv(AFTER_SECONDS, "0")
    monkeypatch.setenv(IMPORTED, "")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    yield found
    if "_mp_ctx" in vars(DagsterApiServer):
        type.__delattr__(DagsterApiServer, "_mp_ctx")


@pytest.fixture
def server() -> DagsterApiServer:
    """A code server that has noted for itself how it starts runs."""
    made = DagsterApiServer.__new__(DagsterApiServer)
    made._mp_ctx = multiprocessing.get_context("spawn")
    return made


def test_runs_are_forked_in_a_ui_once_the_code_is_imported_and_until_it_changes(
    begun: list[str], server: DagsterApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork_runs()
    assert begun == ["begun"]
    assert server._mp_ctx.get_start_method() == "spawn"
    tell("of another day")
    assert server._mp_ctx.get_start_method() == "spawn"
    tell(program_version())
    assert server._mp_ctx.get_start_method() == "forkserver"
    server._mp_ctx = multiprocessing.get_context("spawn")
    assert server._mp_ctx.get_start_method() == "forkserver"
    monkeypatch.setattr(forked_runs, "program_version", lambda: "another")
    assert server._mp_ctx.get_start_method() == "spawn"


@pytest.mark.parametrize("where", ["in a run", "elsewhere"])
def test_nothing_is_begun_in_a_run_nor_where_no_ui_asks_for_it(
    where: str, begun: list[str], server: DagsterApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "in a run":
        monkeypatch.setattr(multiprocessing, "parent_process", lambda: "the code server")
    else:
        monkeypatch.delenv(AFTER_SECONDS)
    fork_runs()
    assert begun == []
    assert server._mp_ctx.get_start_method() == "spawn"


@pytest.mark.slow
@pytest.mark.parametrize("edited", ["", "."])
def test_what_a_run_imports_of_ours_is_imported_before_it_is_forked(
    edited: str, project_root: Path, tmp_path: Path
) -> None:
    """And nothing is said where the code has changed while that was imported."""
    command = [sys.executable, "-c", SAYS_WHAT_IS_LEFT, edited]
    env = os.environ | {"PYTHONPATH": str(project_root), IMPORTED: str(tmp_path / "told")}
    done = subprocess.run(command, cwd=project_root, env=env, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["pipeline.orchestration.server.code_location"]
    assert (tmp_path / "told").exists() is not bool(edited)
