"""The process of a run in the UI, forked from one that has imported already what takes a run seconds to import.

Belongs here: that process, which the code server keeps, and when a run is forked from it. What is imported there stands
in ``orchestration.preloaded``. Where the code has changed since then, a run gets a new process, which imports it anew.
"""

import multiprocessing
import os
import threading
from multiprocessing import forkserver

from pipeline.facts.versions import program_version
from pipeline.orchestration.dagster_internals import start_runs_by

# Set for the processes of a UI in which runs can be started: how long the code server leaves the processor to the rest.
AFTER_SECONDS = "PUBLICVALUE_FORK_RUNS_AFTER_SECONDS"
PRELOADED = "pipeline.orchestration.preloaded"


def fork_runs() -> None:
    """Have this process fork its runs, if it is the code server of a UI in which runs can be started."""
    after = os.environ.get(AFTER_SECONDS)
    if after is None or multiprocessing.parent_process():
        return
    forking, anew = multiprocessing.get_context("forkserver"), multiprocessing.get_context("spawn")
    forking.set_forkserver_preload([PRELOADED])
    known = program_version()
    start_runs_by(lambda: forking if program_version() == known else anew)
    # While the UI opens, both cores are wanted for what people wait for.
    timer = threading.Timer(float(after), forkserver.ensure_running)
    timer.daemon = True
    timer.start()
