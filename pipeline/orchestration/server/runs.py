"""Runs that have begun and not ended: stopping those of the UI, and ending those that a killed process left behind.

Belongs here: what becomes of recorded runs when the processes that carry them end, and of a process whose run somebody
has ended in the records. How processes start and end stands in ``ui``.
"""

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.orchestration.server.instance import PROCESS_TAG

BEGUN = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
# Dagster's tags: the code server that carries a run, and how often it may start again by itself.
CODE_SERVER_TAG, MAX_RETRIES_TAG = ".dagster/grpc_info", "dagster/max_retries"
ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
LEFT_BEHIND = "The UI was stopped while this ran; nothing half-done was published; start it again."
STOPPED = "Stopped together with the UI; nothing half-done was published."
ANSWER_SECONDS = 2


class RunEndedError(KeyboardInterrupt):
    """Somebody has ended this run in the records, which to the process is as if it had been interrupted."""


def go_on(context: dg.AssetExecutionContext) -> None:
    """Look at what the records say of this run, before it writes.

    Raises ``dg.Failure`` when somebody has cancelled or deleted it, or taken its process for dead. By itself it would
    not stop: Dagster only sends it a signal, and tries the step that this interrupts again.
    """
    if context.instance.is_ephemeral:
        return
    run = context.instance.get_run_by_id(context.run.run_id)
    if run is None or run.status in (*ENDED, dg.DagsterRunStatus.CANCELING):
        said = run.status.value.lower() if run else "deleted"
        raise dg.Failure(
            f"This run is {said} in the records: it stops here and publishes nothing more.", allow_retries=False
        ) from RunEndedError()


def end_leftovers(instance: dg.DagsterInstance) -> list[str]:
    """End as failed each run that has begun and whose process is gone; returns their ids. What is queued stays so."""
    left = [run for run in instance.get_runs(dg.RunsFilter(statuses=BEGUN)) if not _is_carried(run.tags)]
    for run in left:
        # Somebody stopped the UI, by whatever means: whether it starts again is for somebody to say.
        instance.add_run_tags(run.run_id, {MAX_RETRIES_TAG: "0"})
        instance.report_run_failed(run, LEFT_BEHIND)
    return [run.run_id for run in left]


def runs_of(instance: dg.DagsterInstance, code_server: Path) -> list[dg.DagsterRun]:
    """Return the runs that have begun and are carried by the code server at this socket."""
    begun = instance.get_runs(dg.RunsFilter(statuses=BEGUN))
    return [run for run in begun if _address(run.tags).get("socket") == str(code_server)]


def cancel_runs(instance: dg.DagsterInstance, code_server: Path) -> None:
    """Ask each run of a code server to stop; it does so in its own time, and not at all if that server is gone."""
    for run in runs_of(instance, code_server):
        if run.status != dg.DagsterRunStatus.CANCELING:
            with suppress(dg.DagsterError):
                instance.run_coordinator.cancel_run(run.run_id)


def end_cancelled(instance: dg.DagsterInstance, code_server: Path) -> None:
    """Record as cancelled the runs of a code server that was ended before they had stopped."""
    for run in runs_of(instance, code_server):
        instance.report_run_canceled(run, STOPPED)


def _is_carried(tags: Mapping[str, str]) -> bool:
    """Whether the process of a run is there; what runs on another machine is taken to be."""
    if address := _address(tags):
        return _answers(address)
    host, _, pid = tags.get(PROCESS_TAG, "").rpartition(":")
    if not host:
        return False
    return host != socket.gethostname() or _is_process(int(pid))


def _address(tags: Mapping[str, str]) -> dict[str, Any]:
    """Where the code server of a run listens; empty for a run without one."""
    address: dict[str, Any] = json.loads(tags.get(CODE_SERVER_TAG, "{}"))
    return address


def _answers(address: dict[str, Any]) -> bool:
    path = address.get("socket")
    family, target = (socket.AF_UNIX, path) if path else (socket.AF_INET, (address.get("host"), address.get("port")))
    with socket.socket(family) as line:
        line.settimeout(ANSWER_SECONDS)
        try:
            line.connect(target)
        except OSError:
            return False
    return True


def _is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
