"""What the project uses of Dagster without its promise is still there: a failure says what has moved and what to do.

Not beside the tests of ``orchestration``, whose fixtures need what is tried here.
"""

import re
from importlib import import_module
from importlib.metadata import entry_points, version
from inspect import getsource, signature
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

ROOT = Path(__file__).parents[1]
HOME = "pipeline/orchestration/dagster_internals.py"
STORAGE = "dagster._core.storage.event_log"
FOLLOW = "delete server/sqlite_records.py, with which a run is only faster, or follow: it fills this in or uses it"

# Module, name in it (parts of it too), and what to do without it.
PRIVATE = [
    (
        "dagster._core.events",
        "EVENT_TYPE_TO_PIPELINE_RUN_STATUS",
        "find which events give a run another status, and name them in CHANGES_STATUS: a run that was cancelled must "
        "not come to life again (tests/orchestration/server/test_cancelled_runs.py)",
    ),
    (
        "dagster._core.events",
        "AssetMaterializationPlannedData",
        "find how a run says that a partition is planned, for planned(): contracts that fail would no longer be shown "
        "as failed (tests/orchestration/assets/test_partitions.py)",
    ),
    ("dagster", "DagsterEvent.build_asset_materialization_planned_event", "as for AssetMaterializationPlannedData"),
    (
        "dagster._core.instance.ref",
        "InstanceRef.config_defaults",
        "find what gives an instance its storages, for own_defaults(): no records could be opened "
        "(tests/orchestration/server/test_runs.py)",
    ),
    (
        "dagster._core.storage.noop_compute_log_manager",
        "NoOpComputeLogManager",
        "look up in Dagster's documentation how the output of steps is left alone, for NO_COMPUTE_LOGS",
    ),
    (
        "dagster._core.execution.context.system",
        "StepExecutionContext.wipe_input_asset_version_info",
        "find how a step has its inputs looked at again, for forget_input_versions(); if there is no way, leave it out "
        "and see what tests/orchestration/assets/test_partitions.py says of contracts out of date",
    ),
    (
        "dagster._core.workspace.context",
        "WorkspaceProcessContext",
        "see what the command dagster-webserver makes its app from, for workspace_of()",
    ),
    ("dagster._core.workspace.load_target", "WorkspaceFileTarget", "as for WorkspaceProcessContext"),
    (
        "dagster._grpc.client",
        "DagsterGrpcClient.list_repositories",
        "find how the daemon asks a code server for its definitions, for has_definitions()",
    ),
    (
        "dagster._core.errors",
        "DagsterUserCodeUnreachableError",
        "find what the client raises when the code server has lost its definitions, for has_definitions()",
    ),
    (
        "dagster._grpc.server",
        "DagsterApiServer.StartRun",
        "find what starts the process of a run, for start_runs_by(), or delete it with server/forked_runs.py and "
        "preloaded.py: a run in the UI then begins some seconds later",
    ),
    (STORAGE, "SqliteEventLogStorage._connect", FOLLOW),
    (STORAGE, "SqliteEventLogStorage._initdb", FOLLOW),
    (
        STORAGE,
        "SqliteEventLogStorage.conn_string_for_shard",
        FOLLOW,
    ),
    (STORAGE, "SqliteEventLogStorage.watch", FOLLOW),
    (
        f"{STORAGE}.sqlite.sqlite_event_log",
        "SqliteEventLogStorageWatchdog._process_log",
        FOLLOW,
    ),
]
# Public, or at least without an underscore, and in no documentation.
UNDOCUMENTED = [
    (
        "dagster_webserver.app",
        "create_app_from_workspace_process_context",
        "see what the command dagster-webserver serves, for server/web_server.py",
    ),
    (
        "dagster",
        "DagsterInstance.should_store_event",
        "find what an instance asks before it takes an event, for Records in server/instance.py: a run that has ended "
        "must stay so",
    ),
    (
        "dagster",
        "DagsterInstance.optimize_for_webserver",
        "find how connections to the records are kept, for keep_connections() in server/instance.py",
    ),
    (
        "dagster",
        "DagsterInstance.report_dagster_event",
        "find how an event is reported, for tell_of_failure() in orchestration/assets/partitions.py",
    ),
]


def why_absent(module: str, name: str) -> str:
    """Why a name cannot be had; nothing where it can."""
    try:
        found: object = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("module", "name", "remedy"), [*PRIVATE, *UNDOCUMENTED], ids=lambda value: str(value)[:60])
def test_what_is_used_without_a_promise_is_there(module: str, name: str, remedy: str) -> None:
    if why := why_absent(module, name):
        told = f"Dagster {version('dagster')} has no {module}.{name} any more ({why}). In {HOME}: {remedy}."
        pytest.fail(told, pytrace=False)


@pytest.mark.parametrize(
    ("module", "name", "parameters", "user"),
    [
        ("dagster", "DagsterEvent.build_asset_materialization_planned_event", 3, "planned()"),
        ("dagster._core.events", "AssetMaterializationPlannedData", ("asset_key", "partition"), "planned()"),
        (
            "dagster._core.workspace.context",
            "WorkspaceProcessContext",
            ("instance", "workspace_load_target", "version", "read_only"),
            "workspace_of()",
        ),
        ("dagster._grpc.client", "DagsterGrpcClient", ("socket", "host"), "has_definitions()"),
        ("dagster_webserver.app", "create_app_from_workspace_process_context", 2, "server/web_server.py"),
    ],
)
def test_it_is_called_as_we_call_it(module: str, name: str, parameters: int | tuple[str, ...], user: str) -> None:
    called: Any = import_module(module)
    for part in name.split("."):
        called = getattr(called, part)
    names = [parameter for parameter in signature(called).parameters if parameter != "self"]
    is_so = len(names) >= parameters if isinstance(parameters, int) else set(parameters) <= set(names)
    assert is_so, f"{module}.{name} of Dagster {version('dagster')} takes {names}: mend {user} in {HOME}"


@pytest.mark.parametrize("script", ["dagster", "dagster-daemon"])
def test_the_commands_that_the_ui_starts_are_installed_with_dagster(script: str) -> None:
    (entry,) = entry_points(group="console_scripts", name=script)
    assert callable(entry.load()), f"{script} of Dagster {version('dagster')} is no function: see server/child.py"


def test_a_code_server_starts_the_process_of_a_run_by_what_is_put_in_place() -> None:
    started = getsource(import_module("dagster._grpc.server").DagsterApiServer.StartRun)
    assert "self._mp_ctx.Process(" in started, (
        f"Dagster {version('dagster')} starts runs in another way: follow in start_runs_by() in {HOME}, or delete it "
        "with server/forked_runs.py and preloaded.py, without which a run in the UI begins some seconds later"
    )


def test_events_that_change_the_status_of_a_run_are_kinds_of_events() -> None:
    events = import_module("dagster._core.events").EVENT_TYPE_TO_PIPELINE_RUN_STATUS
    ends = {dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_CANCELED}
    assert ends < set(events), (
        f"CHANGES_STATUS of {HOME} no longer holds the ends of a run: it means something else now"
    )


def test_private_names_of_dagster_stand_in_one_module_and_each_is_tried_here() -> None:
    imported = re.compile(r"(dagster(?:_\w+)?\._[\w.]+)")
    found = {
        path.relative_to(ROOT).as_posix(): set(imported.findall(path.read_text(encoding="utf-8")))
        for path in (ROOT / "pipeline").rglob("*.py")
    }
    assert {path for path, names in found.items() if names} == {HOME}
    assert found[HOME] == {module for module, _, _ in PRIVATE if "._" in module} - {
        "dagster._core.execution.context.system"
    }
