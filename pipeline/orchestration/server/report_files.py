"""What was published, beside the UI at ``/reports/``: to be read, and not to be changed.

Belongs here: which files of the output folder are shown, a page for each folder without one of its own and for what is
not there, and what the pages may do in a browser. They have the same address as the UI but not its trust: whatever
comes to stand in one of them, it connects to nothing and is no page of the UI's to a browser.
"""

import mimetypes
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from pipeline.report.wording import template

REPORTS = "/reports"
# Beyond those that Python knows; Markdown is read in the browser, not downloaded.
MEDIA_TYPES = {".md": "text/plain", ".parquet": "application/vnd.apache.parquet"}
# Style sheets and the script that sorts and searches, from here. `sandbox` without `allow-same-origin` takes the page's
# address from it, so that neither it nor a window that it opens can be used to ask the UI for anything.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; "
    "connect-src 'none'; frame-src 'none'; object-src 'none'; form-action 'none'; base-uri 'none'"
)
SANDBOX = "sandbox allow-scripts allow-downloads"
# The browser asks each time whether a file has changed, and takes it for what it is called.
HEADERS = {"cache-control": "no-cache", "x-content-type-options": "nosniff"}
# A browser shows no PDF in a sandbox; it runs nothing of it in our name either.
WITHOUT_SANDBOX = (".pdf",)
# What is linked of each edition where it is there, and in which words.
OF_AN_EDITION = {"index.html": "the report", "checks.html": "what was checked", "headline.md": "headline"}


@dataclass(frozen=True)
class Entry:
    """What a folder holds: its name, its address from there, and the pages of an edition, as far as they are there."""

    name: str
    address: str
    pages: dict[str, str]


class Reports(StaticFiles):
    """The files of a folder, which may not exist yet; nothing outside it, and nothing whose name begins with a dot."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.folder = folder
        self.config_checked = True  # else a folder that is not there yet would be an error, not a page that says so

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return a file and its state, None when there is none to be seen."""
        if any(part.startswith(".") for part in PurePath(path).parts):
            return "", None
        return super().lookup_path(path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, or with the page of a folder."""
        if scope["method"] not in ("GET", "HEAD") or not await run_sync(self._is_folder, path):
            try:
                return await super().get_response(path, scope)
            except HTTPException as error:
                if error.status_code != 404:
                    raise
                # Up from where one is, which holds behind any proxy.
                up = "../" * (scope["path"].removeprefix(scope.get("root_path", "")).count("/") - 1)
                return await run_sync(self._missing, path, up)
        if not scope["path"].endswith("/"):
            # From where one is, which holds behind any proxy.
            return RedirectResponse(f"{quote(PurePath(path).name)}/")
        if await run_sync(self._is_file, f"{path}/index.html"):
            return await super().get_response(f"{path}/index.html", scope)
        return await run_sync(self._listing, path)

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """Answer with a file, under the policy for what was published."""
        response = super().file_response(*arguments, **options)
        response.headers.update(_headers(PurePath(arguments[0]).suffix not in WITHOUT_SANDBOX))
        return response

    def _is_folder(self, path: str) -> bool:
        # What is published may not be there yet; where it will be is said all the same.
        return path == "." or stat.S_ISDIR(self._mode(path))

    def _is_file(self, path: str) -> bool:
        return stat.S_ISREG(self._mode(path))

    def _mode(self, path: str) -> int:
        """Kind of a file, 0 for none that can be seen, whatever its name holds."""
        with suppress(OSError, ValueError):
            _, state = self.lookup_path(path)
            return state.st_mode if state else 0
        return 0

    def _missing(self, path: str, up: str) -> Response:
        """Say that nothing lies there, such as a page of an edition that was removed, and what there is instead."""
        parts = PurePath(path).parts
        is_of_a_folder = len(parts) > 1 and self._is_file(f"{parts[0]}/index.html")
        page = template("missing.html.j2").render(
            up=up, edition=parts[0] if is_of_a_folder else "", editions=self._editions()
        )
        return HTMLResponse(page, status_code=404, headers=_headers())

    def _editions(self) -> list[str]:
        """The editions that stand with their report; none where the folder cannot be read."""
        with suppress(OSError):
            return [name for name in sorted(os.listdir(self.folder)) if self._is_edition(name)]
        return []

    def _is_edition(self, name: str) -> bool:
        return all(self._is_file(f"{name}/{file}") for file in ("index.html", "headline.json"))

    def _listing(self, path: str) -> Response:
        try:
            entries = list(self._entries(path))
        except PermissionError:
            raise HTTPException(403, "This folder cannot be read.") from None
        name = "" if path == "." else path
        page = template("folder.html.j2").render(name=name, entries=entries, published=str(self.folder))
        return HTMLResponse(page, headers=_headers())

    def _entries(self, path: str) -> Iterator[Entry]:
        folder = self.folder / path
        for name in sorted(os.listdir(folder)) if folder.is_dir() else []:
            within, address = f"{path}/{name}", quote(name, errors="surrogateescape")
            if self._is_folder(within):
                there = {file: words for file, words in OF_AN_EDITION.items() if self._is_file(f"{within}/{file}")}
                yield Entry(name, f"{address}/", {words: f"{address}/{file}" for file, words in there.items()})
            elif self._is_file(within):
                yield Entry(name, address, {})


def routes(folder: Path, prefixes: set[str]) -> list[BaseRoute]:
    """Return what answers at ``/reports/`` below each prefix; a link without the last slash leads there."""
    for ending, media_type in MEDIA_TYPES.items():
        mimetypes.add_type(media_type, ending)
    reports = Reports(folder)
    both = [(Mount(prefix + REPORTS, reports), Route(prefix + REPORTS, _to_the_slash)) for prefix in prefixes]
    return [route for pair in both for route in pair]


def _to_the_slash(_: Request) -> Response:
    return RedirectResponse(f"{REPORTS[1:]}/")


def _headers(is_sandboxed: bool = True) -> dict[str, str]:
    return {**HEADERS, "content-security-policy": f"{POLICY}; {SANDBOX}" if is_sandboxed else POLICY}
