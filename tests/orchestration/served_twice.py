"""The web server over records of runs, as it is served and, for the sake of the tests, without its guard.

Belongs here: that process, and starting it. No daemon belongs to it: a run that is started waits in the queue.
"""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.orchestration.instance import dagster_home
from pipeline.orchestration.settings import Settings
from pipeline.orchestration.ui import CODE_LOCATION
from tests.orchestration.ui_process import wait_for


@contextmanager
def both_servers(
    settings: Settings, port: int, unguarded_port: int, path_prefix: str = "", public_urls: tuple[str, ...] = ()
) -> Iterator[None]:
    """Serve both, each at its port."""
    environment = {
        **os.environ,
        **settings.as_environment(),
        "DAGSTER_HOME": str(dagster_home(settings)),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    workspace = settings.data_dir / "workspace.yaml"
    module = {"module_name": CODE_LOCATION, "location_name": CODE_LOCATION}
    workspace.write_text(json.dumps({"load_from": [{"python_module": module}]}), encoding="utf-8")
    arguments = [str(workspace), str(port), str(unguarded_port), path_prefix, *public_urls]
    with (
        (settings.data_dir / "servers.log").open("w") as said,
        subprocess.Popen(
            [sys.executable, __file__, *arguments], env=environment, cwd=settings.data_dir, stderr=said, stdout=said
        ) as process,
    ):
        try:
            wait_for(lambda: all(_answers(at, path_prefix, process) for at in (port, unguarded_port)))
            yield
        finally:
            process.terminate()


def _answers(port: int, path_prefix: str, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path_prefix}/server_info", timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


async def _serve(workspace: str, port: int, unguarded_port: int, path_prefix: str, *public_urls: str) -> None:
    import dagster as dg
    import uvicorn
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget

    from pipeline.orchestration.web_server import HOST, guarded, unguarded

    with dg.DagsterInstance.get() as instance:
        target = WorkspaceFileTarget([workspace])
        with WorkspaceProcessContext(instance, target, version=dg.__version__) as context:
            app = unguarded(context, Settings.default(), path_prefix)
            apps: dict[int, Any] = {port: guarded(app, port, public_urls, path_prefix), unguarded_port: app}
            configs = [uvicorn.Config(app, host=HOST, port=at, log_level="warning") for at, app in apps.items()]
            await asyncio.gather(*(uvicorn.Server(config).serve() for config in configs))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:]))
