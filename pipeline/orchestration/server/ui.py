"""The Dagster UI over the project's folders: a code server, a web server and, unless it is read-only, the daemon.

Belongs here: starting those processes, saying where they answer, and ending them in good order. What they show is
built in ``definitions``; what they answer beyond Dagster's own pages stands in ``web_server``.
"""

import json
import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import dagster as dg
from filelock import FileLock, Timeout

from pipeline.checks.great_expectations import READY_AT
from pipeline.common.files import CannotWriteError, writing
from pipeline.common.worker import PYTHON
from pipeline.orchestration.dagster_internals import has_definitions
from pipeline.orchestration.server.child import AT_ONCE
from pipeline.orchestration.server.forked_runs import AFTER_SECONDS
from pipeline.orchestration.server.guard import OPTION, Addresses, shown
from pipeline.orchestration.server.instance import (
    RecordsError,
    dagster_home,
    open_records,
    prepare_pool,
    speaking_of_records,
)
from pipeline.orchestration.server.runs import cancel_runs, end_cancelled, end_leftovers, runs_of
from pipeline.orchestration.settings import Settings

# Below which path a proxy may show the UI, and first parts of paths that are its own.
PATH_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])+")
OWN_PATHS = ("reports", "charts", "graphql", "graphiql")
CODE_LOCATION = "pipeline.orchestration.server.code_location"
# Under this name the records keep which schedules and sensors are switched on, and addresses in the UI lead to a job.
# It stays as it is wherever the module goes: under another everything would be off again.
LOCATION_NAME = "pipeline.orchestration.code_location"
SERVES_PAGES = "pipeline.orchestration.server.web_server"
CODE_SERVER, WEB_SERVER, DAEMON = "code server", "web server", "daemon"
HOST = "127.0.0.1"
STOPPED_BY = (signal.SIGINT, signal.SIGTERM)
DONE, CANNOT_WRITE, USED_WRONGLY, FAULT_OF_OURS = 0, 1, 2, 3
# How long a run may take to stop, and a process to end, before it is killed; a second Ctrl-C cuts it short.
PATIENCE_SECONDS = 20
GLANCE_SECONDS = 0.1
ANSWER_SECONDS = 2
CHECK_SECONDS = 15
# What the next run is forked from begins once people can look: both cores are wanted until then.
FORK_RUNS_AFTER_SECONDS = 4

Signals = list[int]
Process = subprocess.Popen[bytes]


class CannotServeError(RuntimeError):
    """The UI cannot be opened; says why, and what to do, in one line."""


@dataclass(frozen=True)
class _Wanted:
    """What is to be served: the folders, where, how, and the module that holds the definitions."""

    settings: Settings
    port: int
    read_only: bool
    path_prefix: str
    code_location: str
    checks_ready: bool
    public_urls: Sequence[str]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}{self.path_prefix}"


def serve(
    settings: Settings,
    port: int,
    read_only: bool,
    path_prefix: str = "",
    code_location: str = CODE_LOCATION,
    checks_ready: bool = True,
    public_urls: Sequence[str] = (),
) -> int:
    """Serve the UI on this machine only, until Ctrl-C or a request to end; returns the exit status.

    ``read_only``: nothing can be launched or changed. ``path_prefix``: below which path a proxy shows it, such as
    ``/publicvalue``. ``checks_ready``: keep Great Expectations ready for all runs. ``public_urls``: where else people
    reach it, through a proxy or a forwarded port. 0 stopped when asked to; 1 the system does not let something be
    written, 2 it cannot be opened, each said in one line; 3 one of its processes has ended.
    """
    is_ready = checks_ready and not read_only
    wanted = _Wanted(settings, port, read_only, path_prefix, code_location, is_ready, public_urls)
    try:
        _check(wanted)
        with speaking_of_records(settings), _signals() as signals, _only_one(wanted), ExitStack() as stack:
            folder = Path(stack.enter_context(_temporary_folder()))
            code_server = folder / "code-server"
            ended = _watch(_start(wanted, code_server, stack, signals), signals, wanted, code_server)
    except (CannotServeError, RecordsError, CannotWriteError) as error:
        print(f"Cannot open the UI: {error}", file=sys.stderr)
        return CANNOT_WRITE if isinstance(error, CannotWriteError) else USED_WRONGLY
    return FAULT_OF_OURS if ended else DONE


# --- What has to hold first -------------------------------------------------------------------------------------


def _check(wanted: _Wanted) -> None:
    """Raise ``CannotServeError`` when the port is taken, or the path prefix or a public address is none."""
    prefix = wanted.path_prefix
    if prefix and (not PATH_PREFIX.fullmatch(prefix) or prefix.split("/")[1] in OWN_PATHS):
        raise CannotServeError(
            "the path prefix has to be such as /publicvalue: letters, digits and - . _ ~ after each /, no / at its end "
            f"and none of {', '.join(OWN_PATHS)} first (found {shown(prefix)})"
        )
    try:
        Addresses.at(wanted.port, wanted.public_urls)
    except ValueError as error:
        raise CannotServeError(str(error)) from error
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((HOST, wanted.port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise CannotServeError(f"port {wanted.port} of {HOST}: {reason}; choose another with --port") from error


@contextmanager
def _only_one(wanted: _Wanted) -> Iterator[None]:
    """Hold Dagster's home: two daemons would start each queued run twice. Any number may look at it."""
    lock = FileLock(dagster_home(wanted.settings) / "ui.lock", blocking=False)
    with nullcontext() if wanted.read_only else _held(lock, wanted):
        yield


def _held(lock: FileLock, wanted: _Wanted) -> AbstractContextManager[object]:
    with writing(Path(lock.lock_file)):
        try:
            return lock.acquire()
        except Timeout:
            raise CannotServeError(
                f"another one is open over {wanted.settings.data_dir}; stop it first, or open this one with --read-only"
            ) from None


def _temporary_folder() -> "TemporaryDirectory[str]":
    with writing(Path("a folder of temporary files")):
        return TemporaryDirectory(prefix="publicvalue-")


@contextmanager
def _signals() -> Iterator[Signals]:
    """Collect the signals that ask this process to end, in the order in which they come."""
    signals: Signals = []

    def collect(number: int, frame: FrameType | None) -> None:
        signals.append(number)

    before = {number: signal.signal(number, collect) for number in STOPPED_BY}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


# --- The processes ----------------------------------------------------------------------------------------------


def _start(wanted: _Wanted, code_server: Path, stack: ExitStack, signals: Signals) -> dict[str, Process]:
    """Start the processes side by side; they end in the opposite order.

    The daemon ends first, so that nothing new begins, then the runs, while there is still a code server to tell them.
    """
    workspace = code_server.with_name("workspace.yaml")
    address = {"host": "localhost", "socket": str(code_server), "location_name": LOCATION_NAME}
    # JSON is YAML.
    workspace.write_text(json.dumps({"load_from": [{"grpc_server": address}]}), encoding="utf-8")
    environment = _environment(wanted.settings, code_server.parent)
    if not wanted.read_only:
        environment[AFTER_SECONDS] = str(FORK_RUNS_AFTER_SECONDS)

    def running(after: object, command: str, *arguments: str) -> Process:
        return stack.enter_context(_running([str(after), command, *arguments], environment, signals))

    records = stack.enter_context(open_records(wanted.settings))
    stack.callback(end_cancelled, records, code_server)
    processes = {
        CODE_SERVER: running(AT_ONCE, "dagster", *_code_server_options(code_server, wanted.code_location)),
        WEB_SERVER: running(code_server, SERVES_PAGES, *_web_server_options(wanted, workspace)),
    }
    if not wanted.read_only:
        prepare_pool(records)
        stack.callback(_cancel, records, code_server, signals)
        options = ["--workspace", str(workspace), "--log-level", "warning"]
        processes[DAEMON] = running(code_server, "dagster-daemon", "run", *options)
        if wanted.checks_ready:
            # Not among those without which there is no UI: a run that does not find it starts its own.
            running(code_server, "pipeline.checks.great_expectations", environment[READY_AT])
        end_leftovers(records)
    return processes


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        **settings.as_environment(),
        "DAGSTER_HOME": str(dagster_home(settings)),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "GX_ANALYTICS_ENABLED": "false",
        # Ready for all runs: to import it takes longer than anything else in a run.
        READY_AT: str(folder / "great-expectations"),
        # Sockets of Dagster's own too lie where nobody else may look, and go when we do.
        "TMPDIR": str(folder),
    }


def _code_server_options(code_server: Path, code_location: str) -> list[str]:
    """Of Dagster's two kinds the one that reads the code again when the UI is told to reload."""
    options = ["code-server", "start", "--socket", str(code_server), "--log-level", "warning"]
    return [*options, "--module-name", code_location, "--location-name", LOCATION_NAME]


def _web_server_options(wanted: _Wanted, workspace: Path) -> list[str]:
    options = ["--port", str(wanted.port), "--workspace", str(workspace), "--path-prefix", wanted.path_prefix]
    public = [part for url in wanted.public_urls for part in (OPTION, url)]
    return [*options, *public, *(["--read-only"] if wanted.read_only else [])]


@contextmanager
def _running(command: Sequence[str], environment: dict[str, str], signals: Signals) -> Iterator[Process]:
    """Run a command of ``child`` as a process; at the end it is told to end, and what is left of its group is killed.

    A session of its own, so that Ctrl-C reaches it through us, when its turn has come. It works in a folder of ours:
    the code server, its processes and Dagster's daemon put the current folder on the path, and take what an ``.env``
    there says, whatever the interpreter is told.
    """
    child = [*PYTHON, "-m", "pipeline.orchestration.server.child", *command]
    # What Dagster says goes to standard error, where it does not mix with what we say.
    folder, pipe = environment["TMPDIR"], subprocess.PIPE
    with subprocess.Popen(child, env=environment, cwd=folder, stdin=pipe, stdout=2, start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            _wait(lambda: process.poll() is not None, signals)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _watch(processes: dict[str, Process], signals: Signals, wanted: _Wanted, code_server: Path) -> str | None:
    """Say when the UI answers, and return when it is to end: None when asked to, else which process ended by itself."""
    next_check = math.inf
    while not signals:
        for name, process in processes.items():
            if process.poll() is not None:
                print(f"The {name} has ended (exit status {process.returncode}): closing the UI.", file=sys.stderr)
                return name
        if next_check == math.inf and _answers(f"{wanted.url}/server_info"):
            reports = f"{wanted.url}/reports/ what lies in {wanted.settings.out_dir}"
            print(f"{wanted.url}/ shows the pipeline, {reports}; Ctrl-C ends it", flush=True)
            next_check = time.monotonic() + CHECK_SECONDS
        if time.monotonic() > next_check:
            next_check = time.monotonic() + CHECK_SECONDS
            if not any(has_definitions(code_server) for _ in range(2)):
                print(f"The {CODE_SERVER} has lost its definitions: closing the UI.", file=sys.stderr)
                return CODE_SERVER
        time.sleep(GLANCE_SECONDS)
    return None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _cancel(records: dg.DagsterInstance, code_server: Path, signals: Signals) -> None:
    """Cancel what runs, and wait until it has stopped."""
    cancel_runs(records, code_server)
    _wait(lambda: not runs_of(records, code_server), signals)


def _wait(until: Callable[[], bool], signals: Signals) -> None:
    """Wait until something is so, but not for ever, and no longer once a second signal has come."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not until() and time.monotonic() < end and len(signals) < 2:
        time.sleep(GLANCE_SECONDS)
