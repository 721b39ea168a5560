"""The Dagster UI over the project's folders.

Belongs here: starting the web server as a process of its own, and ending it. What it shows is built in
``definitions``.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from pipeline.orchestration.instance import dagster_home
from pipeline.orchestration.settings import Settings

CODE_LOCATION = "pipeline.orchestration.code_location"
STOPPED_BY = (signal.SIGINT, signal.SIGTERM)


def serve(settings: Settings, port: int, read_only: bool) -> int:
    """Serve the UI on this machine only, until it is stopped; returns the exit status of the web server.

    ``read_only``: nothing can be launched or changed. Ctrl-C and a request to end are passed on to the server.
    """
    command = [sys.executable, "-m", "dagster_webserver", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--module-name", CODE_LOCATION, *(["--read-only"] if read_only else [])]
    environment = {
        **os.environ,
        **settings.as_environment(),
        "DAGSTER_HOME": str(dagster_home(settings)),
        "DAGSTER_DISABLE_TELEMETRY": "1",
    }
    # A session of its own, so that Ctrl-C reaches the server once, through us, and not twice.
    with subprocess.Popen(command, env=environment, start_new_session=True) as server, _passed_on(server):
        return server.wait()


@contextmanager
def _passed_on(server: "subprocess.Popen[bytes]") -> Iterator[None]:
    """While the server runs, pass on to it what would end this process."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        server.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in STOPPED_BY}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
