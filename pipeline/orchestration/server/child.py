"""``python -m pipeline.orchestration.server.child AFTER COMMAND ARGUMENT…``: it ends with whoever started it.

Belongs here: that a process which is killed leaves none behind, and that those which need a code server load beside
it and then wait for it. Whoever starts this holds the other end of its standard input and makes it the first of its
process group; when that end closes, the whole group is killed.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from pipeline.common.memory import set_up_memory

# For AFTER: nothing to wait for.
AT_ONCE = "-"
GLANCE_SECONDS = 0.1


def main() -> None:
    """Load a command, wait until something listens at the socket ``AFTER``, and run it.

    ``COMMAND``: a module with a ``main``, or what a distribution installs as a script, such as ``dagster``.
    """
    set_up_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ignored in what a script starts in the background; Dagster would then ignore a request to end as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    after, name = sys.argv[1:3]
    del sys.argv[:2]
    command = _command(name)
    while after != AT_ONCE and not _listens(after):
        time.sleep(GLANCE_SECONDS)
    command()


def _command(name: str) -> Callable[[], object]:
    scripts = entry_points(group="console_scripts", name=name)
    command: Callable[[], object] = next(iter(scripts)).load() if scripts else import_module(name).main
    return command


def _end_with_parent() -> None:
    # Nobody writes; it returns when the system has closed the other end, however that process ended.
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as line:
        return line.connect_ex(path) == 0


if __name__ == "__main__":
    main()
