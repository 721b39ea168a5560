"""The process of a run in the UI, forked from one that has imported already what takes a run seconds to import.

Belongs here: that process, which the code server keeps, and when a run is forked from it. What is imported there stands
in ``orchestration.preloaded``. Until it says that it has imported the code as it is now, a run gets a new process.
"""

import multiprocessing
import os
import tempfile
import threading
from multiprocessing import forkserver
from pathlib import Path

from pipeline.facts.versions import program_version
from pipeline.orchestration.dagster_internals import start_runs_by

# Set for the processes of a UI in which runs can be started: how long the code server leaves the processor to the rest.
AFTER_SECONDS = "PUBLICVALUE_FORK_RUNS_AFTER_SECONDS"
# In which file it says what it has imported.
IMPORTED = "PUBLICVALUE_FORK_RUNS_IMPORTED"
PRELOADED = "pipeline.orchestration.preloaded"


def fork_runs() -> None:
    """Have this process fork its runs, if it is the code server of a UI in which runs can be started."""
    after = os.environ.get(AFTER_SECONDS)
    if after is None or multiprocessing.parent_process():
        return
    forking, anew = multiprocessing.get_context("forkserver"), multiprocessing.get_context("spawn")
    forking.set_forkserver_preload([PRELOADED])
    told = Path(tempfile.gettempdir(), f"imported-for-runs-of-{os.getpid()}")
    os.environ[IMPORTED] = str(told)
    start_runs_by(lambda: forking if told.is_file() and told.read_text("utf-8") == program_version() else anew)
    # While the UI opens, both cores are wanted for what people wait for.
    timer = threading.Timer(float(after), forkserver.ensure_running)
    timer.daemon = True
    timer.start()


def tell(version: str) -> None:
    """Say of which version this process has imported the program."""
    if path := os.environ.get(IMPORTED):
        Path(path).write_text(version, encoding="utf-8")
