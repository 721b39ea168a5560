"""The web server over records of runs, several times over: as it is served, and for the sake of the tests unguarded.

Belongs here: that process, and starting it. No daemon belongs to it: a run that is started waits in the queue.
"""

import asyncio
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.orchestration.server.instance import dagster_home
from pipeline.orchestration.server.ui import CODE_LOCATION, LOCATION_NAME
from pipeline.orchestration.settings import Settings
from tests.orchestration.ui_process import wait_for

if TYPE_CHECKING:
    from pipeline.orchestration.dagster_internals import Workspace


@dataclass(frozen=True)
class Server:
    """At which port it is served, and how."""

    port: int
    is_guarded: bool = True
    path_prefix: str = ""
    public_urls: Sequence[str] = ()


@contextmanager
def web_servers(settings: Settings, *servers: Server) -> Iterator[None]:
    """Serve each of them, by one process."""
    environment = {
        **os.environ,
        **settings.as_environment(),
        "DAGSTER_HOME": str(dagster_home(settings)),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    workspace = settings.data_dir / "workspace.yaml"
    module = {"module_name": CODE_LOCATION, "location_name": LOCATION_NAME}
    workspace.write_text(json.dumps({"load_from": [{"python_module": module}]}), encoding="utf-8")
    command = [sys.executable, __file__, str(workspace), json.dumps([asdict(server) for server in servers])]
    with (
        (settings.data_dir / "servers.log").open("w") as said,
        subprocess.Popen(command, env=environment, cwd=settings.data_dir, stderr=said, stdout=said) as process,
    ):
        try:
            wait_for(lambda: all(_answers(server, process) for server in servers))
            yield
        finally:
            process.terminate()


def _answers(server: Server, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None
    try:
        address = f"http://127.0.0.1:{server.port}{server.path_prefix}/server_info"
        with urllib.request.urlopen(address, timeout=10) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


async def _serve(workspace: str, servers: Sequence[Server]) -> None:
    import dagster as dg
    import uvicorn

    from pipeline.orchestration.dagster_internals import workspace_of
    from pipeline.orchestration.server.web_server import HOST, guarded, unguarded

    def started(one: Server, context: "Workspace") -> uvicorn.Server:
        app: Any = unguarded(context, Settings.default(), one.path_prefix)
        if one.is_guarded:
            app = guarded(app, one.port, one.public_urls, one.path_prefix)
        return uvicorn.Server(uvicorn.Config(app, host=HOST, port=one.port, log_level="warning"))

    with dg.DagsterInstance.get() as instance, workspace_of(instance, workspace) as context:
        await asyncio.gather(*(started(one, context).serve() for one in servers))


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], [Server(**one) for one in json.loads(sys.argv[2])]))
