"""``python -m pipeline.orchestration.server.web_server``: Dagster's web server, with what its pages link to.

Belongs here: putting what was published (``report_files``) and the charts (``pictures``) beside the UI, and the guard
before all of it. Starting it together with the other processes stands in ``ui``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import dagster as dg
import uvicorn
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.types import ASGIApp

from pipeline.orchestration.dagster_internals import workspace_of
from pipeline.orchestration.server import pictures, report_files
from pipeline.orchestration.server.guard import OPTION, Addresses, Guard
from pipeline.orchestration.server.instance import keep_connections
from pipeline.orchestration.settings import Settings

if TYPE_CHECKING:
    from pipeline.orchestration.dagster_internals import Workspace

HOST = "127.0.0.1"
# A browser that is still open keeps its connection; it is not waited for any longer.
CLOSING_SECONDS = 2


def unguarded(context: "Workspace", settings: Settings, path_prefix: str) -> ASGIApp:
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
    return Guard(app, Addresses.at(port, public_urls), path_prefix, [report_files.REPORTS])


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
        with workspace_of(instance, workspace, read_only) as context:
            app = guarded(unguarded(context, Settings.default(), path_prefix), port, public_urls, path_prefix)
            uvicorn.run(app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=CLOSING_SECONDS)


if __name__ == "__main__":
    main()
