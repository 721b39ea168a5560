"""``python -m pipeline.orchestration.web_server``: Dagster's web server, which also serves what its pages link to.

Belongs here: putting the output folder beside the UI, at ``/reports/``, to be read and not changed, and the charts of
``pictures``. Starting it together with the other processes stands in ``ui``.
"""

import mimetypes
import os
from pathlib import Path, PurePath
from typing import Any

import click
import dagster as dg
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from pipeline.orchestration import pictures
from pipeline.orchestration.instance import keep_connections
from pipeline.orchestration.settings import Settings

HOST = "127.0.0.1"
REPORTS = "/reports"
# Beyond those that Python knows; Markdown is read in the browser, not downloaded.
MEDIA_TYPES = {".md": "text/plain", ".parquet": "application/vnd.apache.parquet"}
# A browser that is still open keeps its connection; it is not waited for any longer.
CLOSING_SECONDS = 2


class Reports(StaticFiles):
    """The files of a folder, which may not exist yet; nothing outside it, and nothing whose name begins with a dot."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.config_checked = True  # else a folder that is not there yet would be an error, not a 404

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return a file and its state, None when there is none to be seen."""
        if any(part.startswith(".") for part in PurePath(path).parts):
            return "", None
        return super().lookup_path(path)

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """Answer with a file; the browser asks each time whether it has changed, and takes it for what it is called."""
        response = super().file_response(*arguments, **options)
        response.headers.update({"cache-control": "no-cache", "x-content-type-options": "nosniff"})
        return response


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--workspace", required=True, help="File that names the code server.")
@click.option("--path-prefix", default="", help="Below which path a proxy shows the server.")
@click.option("--read-only", is_flag=True)
def main(port: int, workspace: str, path_prefix: str, read_only: bool) -> None:
    """Serve the UI and the output folder on this machine only, until told to stop."""
    for ending, media_type in MEDIA_TYPES.items():
        mimetypes.add_type(media_type, ending)
    with dg.DagsterInstance.get() as instance:
        keep_connections(instance)
        target = WorkspaceFileTarget([workspace])
        with WorkspaceProcessContext(instance, target, version=dg.__version__, read_only=read_only) as context:
            app = create_app_from_workspace_process_context(context, path_prefix)
            # Also without the prefix: links in the UI begin at the root of the site.
            settings = Settings.default()
            reports = Reports(settings.out_dir.absolute())
            for prefix in {path_prefix, ""}:
                app.router.routes[:0] = [Mount(prefix + REPORTS, reports), pictures.route(settings, prefix)]
            uvicorn.run(app, host=HOST, port=port, log_level="warning", timeout_graceful_shutdown=CLOSING_SECONDS)


if __name__ == "__main__":
    main()
