"""The UI as a process of its own, for tests that ask it over GraphQL or look at it in a browser.

Belongs here: starting it, asking, launching, switching on, waiting and stopping; what is expected stands in the tests.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.orchestration.server.instance import open_records
from pipeline.orchestration.server.ui import LOCATION_NAME
from pipeline.orchestration.settings import Settings

PATIENCE_SECONDS = 240
GLANCE_SECONDS = 0.2
REPOSITORY = "__repository__"
LASTING = "lasting_runs"
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
SERVE = """
import sys
from pathlib import Path
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.server.ui import serve
root, folder, port, prefix, location = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[5:7]
settings = Settings(root / "raw", root / "reference", folder / "reports", folder / "data")
# The runs of the code location with lasting runs ask no check.
checks_ready = location != "lasting_runs"
sys.exit(serve(settings, port, sys.argv[4] == "read-only", prefix, location, checks_ready, sys.argv[7:]))
"""
ASSETS = "{ assetNodes { assetKey { path } hasMaterializePermission } }"
LAUNCH = """
mutation ($parameters: ExecutionParams!) {
  launchRun(executionParams: $parameters) { __typename ... on LaunchRunSuccess { run { runId } } }
}
"""
SWITCH_ON = "mutation ($sensor: SensorSelector!) { startSensor(sensorSelector: $sensor) { __typename } }"


class UI:
    """The UI over a folder, as a process of its own; ``root`` holds the data, the folder what is made of them."""

    def __init__(
        self,
        folder: Path,
        port: int = 0,
        read_only: bool = False,
        prefix: str = "",
        location: str = LASTING,
        root: Path | None = None,
        environment: Mapping[str, str] | None = None,
        public_urls: Sequence[str] = (),
        current_folder: Path | None = None,
    ) -> None:
        here = Path(__file__).resolve()
        root = root or here.parents[2]
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}{prefix}"
        self.folder, self.location = folder, location
        self.settings = Settings(root / "raw", root / "reference", folder / "reports", folder / "data")
        arguments = [str(root), str(folder), str(self.port), "read-only" if read_only else "", prefix]
        # A file, because a pipe that nobody reads would fill with the log of a long run, and stop it.
        self._said = folder / f"ui-{self.port}.log"
        with self._said.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", SERVE, *arguments, location, *public_urls],
                cwd=current_folder or here.parents[2],
                env={
                    **os.environ,
                    "PYTHONPATH": f"{here.parents[2]}{os.pathsep}{here.parent}",
                    **(environment or {}),
                },
                stderr=errors,
                stdout=subprocess.PIPE,
                text=True,
            )

    def parts(self) -> list[str]:
        """The commands of the processes that it has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        commands = (Path(f"/proc/{child}/cmdline").read_bytes() for child in children)
        return [command.replace(b"\0", b" ").decode() for command in commands]

    def printed(self) -> str:
        """What it has said on standard output: that it answers, and where; waits for it."""
        assert self.process.stdout
        return self.process.stdout.readline()

    def errors(self) -> str:
        """What it has said on standard error."""
        return self._said.read_text(encoding="utf-8")

    def ready(self) -> "UI":
        """Wait until it answers."""
        wait_for(self.answers)
        return self

    def answers(self) -> bool:
        """Whether it shows its assets."""
        assert self.process.poll() is None, self.errors()
        try:
            return bool(self.ask(ASSETS)["assetNodes"])
        except (urllib.error.URLError, ConnectionError):
            return False

    def ask(self, query: str, **variables: Any) -> Any:
        """Answer a question in GraphQL."""
        data = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(f"{self.url}/graphql", data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["data"]

    def launch(self, asset: str, **config: Any) -> str:
        """Start a run that makes an asset; returns its id, or why it was not started."""
        run_config = {"ops": {asset: {"config": config}}} if config else {}
        return self._launch({"jobName": "__ASSET_JOB", "assetSelection": [{"path": [asset]}]}, run_config)

    def launch_job(self, job: str) -> str:
        """Start a job as it stands in its launchpad; returns the id of the run, or why it was not started."""
        return self._launch({"jobName": job}, {})

    def _launch(self, selector: dict[str, Any], run_config: dict[str, Any]) -> str:
        where = {"repositoryLocationName": LOCATION_NAME, "repositoryName": REPOSITORY}
        answer = self.ask(LAUNCH, parameters={"selector": where | selector, "runConfigData": run_config})["launchRun"]
        return str(answer["run"]["runId"] if "run" in answer else answer["__typename"])

    def switch_on(self, sensor: str) -> None:
        """Start a sensor."""
        where = {"repositoryLocationName": LOCATION_NAME, "repositoryName": REPOSITORY, "sensorName": sensor}
        assert self.ask(SWITCH_ON, sensor=where)["startSensor"]["__typename"] == "Sensor"

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does; returns its exit status."""
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode

    def kill(self) -> None:
        """End it at once, if it has not ended; whoever stopped it has read what it said."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


OpenUI = Callable[..., UI]


@contextmanager
def opening() -> Iterator[OpenUI]:
    """Gives a function that opens a UI; what was opened and not stopped is killed at the end."""
    opened: list[UI] = []

    def open_one(*arguments: Any, **options: Any) -> UI:
        opened.append(UI(*arguments, **options))
        return opened[-1]

    try:
        yield open_one
    finally:
        for one in opened:
            one.kill()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so, but not for ever."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(GLANCE_SECONDS)


def status(records: dg.DagsterInstance, run_id: str) -> str:
    """How a run stands."""
    run = records.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def ends(ui: UI, run_id: str) -> str:
    """How a run ends."""
    with open_records(ui.settings) as records:
        wait_for(lambda: status(records, run_id) in ENDED)
        return status(records, run_id)
