"""What Dagster offers to nobody and we need all the same: every private name of it, one function or constant each.

Belongs here: each import from a module of Dagster whose name begins with an underscore, with what is not to be had in
public and why we want it. Nothing else in ``pipeline/`` imports one. ``tests/test_dagster_upgrade.py`` tries each
against the Dagster that is installed, and says in a sentence what has moved and what then has to be done. What only
the processes of the UI need is imported where it is used: it takes as long as all else here.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.events import EVENT_TYPE_TO_PIPELINE_RUN_STATUS, AssetMaterializationPlannedData
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorageWatchdog

if TYPE_CHECKING:
    from dagster._core.workspace.context import WorkspaceProcessContext

    Workspace = WorkspaceProcessContext

# Events that give a run another status. Dagster adds kinds of them, so a list of our own would grow old unnoticed.
CHANGES_STATUS = frozenset(EVENT_TYPE_TO_PIPELINE_RUN_STATUS)

# For dagster.yaml: output of steps is not caught. Dagster's documentation names this class, which lies in no public
# module.
NO_COMPUTE_LOGS = {"module": "dagster._core.storage.noop_compute_log_manager", "class": "NoOpComputeLogManager"}

# What ``server.sqlite_records`` fills in, so that files of records stay open: Dagster's log of events in SQLite, and
# what tells of a change of its files. Neither has a setting for it.
SqliteLog = SqliteEventLogStorage
SqliteLogWatch = SqliteEventLogStorageWatchdog

# The module of the code server, in which also stands what the process of a run begins with.
CODE_SERVER = "dagster._grpc.server"


def own_defaults(home: str) -> Mapping[str, Any]:
    """Return the storages of an instance that names none.

    A class in place of ``DagsterInstance`` has to give them, and to hand on Dagster's own there is no public name.
    """
    return InstanceRef.config_defaults(home)


def planned(context: dg.AssetExecutionContext, asset: str, partition: str) -> dg.DagsterEvent:
    """Return the event that a run is to make a partition.

    Dagster takes for failed what was planned and is not made, and has no public way to say of a single partition of a
    run over many that it has failed.
    """
    due = AssetMaterializationPlannedData(dg.AssetKey(asset), partition=partition)
    step = context.get_step_execution_context().step.key
    return dg.DagsterEvent.build_asset_materialization_planned_event(context.run.job_name, step, due)


def forget_input_versions(context: dg.AssetExecutionContext, asset: str) -> None:
    """Have Dagster look again at what an asset is made from.

    It looked when the step began; what the step itself tells of its inputs is newer, and all would seem out of date.
    """
    context.get_step_execution_context().wipe_input_asset_version_info(dg.AssetKey(asset))


def workspace_of(
    instance: dg.DagsterInstance, file: str, is_read_only: bool = False
) -> "AbstractContextManager[Workspace]":
    """Return what a web server shows: the code locations that a file names, beside the records.

    The command ``dagster-webserver`` makes the same, but serves at once, and nothing can be put before it.
    """
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    target = WorkspaceFileTarget([file])
    return WorkspaceProcessContext(instance, target, version=dg.__version__, read_only=is_read_only)


def has_definitions(code_server: Path) -> bool:
    """Whether the process to which a code server passes questions on is there.

    The code server does not end when that has gone. The public ``dagster api grpc-health-check`` asks only the first of
    the two, and takes a process of its own each time.
    """
    from dagster._core.errors import DagsterUserCodeUnreachableError
    from dagster._grpc.client import DagsterGrpcClient

    try:
        DagsterGrpcClient(socket=str(code_server), host="localhost").list_repositories()
    except DagsterUserCodeUnreachableError:
        return False
    return True


def start_runs_by(context: Callable[[], BaseContext]) -> None:
    """Have the code server that this process is, or becomes, start the processes of its runs by what this returns.

    Dagster has no setting for it: each run is a new Python, which imports for seconds what the server has imported.
    """
    # A property comes before what the server has noted for itself, and what it notes later is dropped.
    server: Any = import_module(CODE_SERVER).DagsterApiServer
    server._mp_ctx = property(lambda self: context(), lambda self, own: None)
