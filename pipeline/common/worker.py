"""A second process that answers questions on another core, and ends when we do.

Belongs here: starting one and the line to it, and how every Python that we start is told to leave the current folder
alone. What is asked stands with whoever asks: checks in ``checks.great_expectations``, charts in ``report.drawing``.
"""

import atexit
import os
import socket
import subprocess
import sys
from multiprocessing.connection import Connection
from typing import Any

from pipeline.common.files import MachineError
from pipeline.common.memory import set_up_memory

# The current folder holds data, perhaps somebody else's: nothing is imported from it, not even what bears the name of
# a library. ``-P`` keeps it off the path; a process that needs no folder works in this one.
PYTHON = (sys.executable, "-P")
ELSEWHERE = os.sep
# What such a process does first.
BEGIN = f"from {set_up_memory.__module__} import set_up_memory; set_up_memory(); from {{}} import main; main()"


def own_process(module: str, **environment: str) -> "tuple[subprocess.Popen[bytes], Connection[Any, Any]]":
    """Start a process that imports ``module`` and calls its ``main``; returns it and the line to it, without waiting.

    The number of its end of the line is its last argument. It ends when the line does, so also when this process is
    killed. Not a process of ``multiprocessing``, which would first import whatever runs here.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [*PYTHON, "-c", BEGIN.format(module), str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=2,  # what it may say does not mix with what we say
            env={**os.environ, **environment},
            cwd=ELSEWHERE,
            start_new_session=True,  # Ctrl-C is for the run; this process follows it
        )
    atexit.register(_stop, process)
    return process, Connection(ours.detach())


def why_ended(process: "subprocess.Popen[bytes] | None", name: str) -> Exception:
    """Return what to raise for a process that has ended instead of an answer; ``name``: what it is to a reader.

    The system ends one, by a signal, that it has no memory for: that is no fault of ours. ``process`` is None where
    somebody else has started it.
    """
    status = 0 if process is None else process.wait()
    if status < 0:
        return MachineError(f"the system has ended {name} (signal {-status}): is there enough memory?")
    return RuntimeError(f"{name} ended instead of giving an answer")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the process at once: a run that is refused early need not wait until it has started."""
    process.kill()
    process.wait()
