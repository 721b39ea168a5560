"""``python -m pipeline.orchestration.web_server``: Dagster's web server, which also serves what its pages link to.

Belongs here: putting what was published (``report_files``) and the charts (``pictures``) beside the UI, and the guard
before all of it. Starting it together with the other processes stands in ``ui``.
"""

from collections.abc import Sequence

import click
import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.types import ASGIApp

from pipeline.orchestration import pictures, report_files
from pipeline.orchestration.guard import OPTION, Addresses, Guard
from pipeline.orchestration.instance import keep_connections
from pipeline.orchestration.settings import Settings

HOST = "127.0.0.1"
# A browser that is still open keeps its connection; it is not waited for any longer.
CLOSING_SECONDS = 2


def unguarded(context: WorkspaceProcessContext, settings: Settings, path_prefix: str) -> ASGIApp:
    """Return all that the server answers, to whoever asks; to be served behind ``Guard`` only."""
    app = create_app_from_workspace_process_context(context, path_prefix)
    # Also without the prefix: links in the UI begin at the root of the site.
    prefixes = {path_prefix, ""}
    app.router.routes[:0] = [
        *report_files.routes(settings.out_dir.absolute(), prefixes),
        *(pictures.route(settings, prefix) for prefix in prefixes),
    ]
    return app


def guarded(app: ASGIApp, port: int, public_urls: Sequence[str] = (), path_prefix: str = "") -> Guard:
    """Return the same behind the guard."""
    return Guard(app, Addresses.of(port, public_urls), path_prefix, [report_files.REPORTS])


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--workspace", required=True, help="File that names the code server.")
@click.option("--path-prefix", default="", help="Below which path a proxy shows the server.")
@click.option(OPTION, "public_urls", multiple=True, help="Where else people reach the server; may be repeated.")
@click.option("--read-only", is_flag=True)
def main(port: int, workspace: str, path_prefix: str, public_urls: tuple[str, ...], read_only: bool) -> None:
    """Serve the UI and the output folder on this machine only, until told to stop."""
    with dg.DagsterInstance.get() as instance:
        keep_connections(instance)
        target = WorkspaceFileTarget([workspace])
        with WorkspaceProcessContext(instance, target, version=dg.__version__, read_only=read_only) as context:
            app = guarded(unguarded(context, Settings.default(), path_prefix), port, public_urls, path_prefix)
            uvicorn.run(app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=CLOSING_SECONDS)


if __name__ == "__main__":
    main()
