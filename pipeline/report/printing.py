"""The report on paper: what was published of an edition as one PDF, by the Chromium of this machine.

Belongs here: how the pages that are printed (each page says so of itself) become one document, and the browser that
prints it. How paper looks stands in the style sheet of the site. The PDF is made on demand and is no part of a
publication: it holds the time at which it was made, and goes when its edition is published anew.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from posixpath import dirname, join, normpath
from tempfile import TemporaryDirectory

from markupsafe import Markup

from pipeline.common.files import not_through_a_link, written_whole
from pipeline.report.pages import PAGES
from pipeline.report.wording import template

BROWSERS, BROWSER_VARIABLE = ("chromium", "chromium-browser", "google-chrome"), "PUBLICVALUE_CHROMIUM"
# It starts in a fresh profile without a window, and asks nothing of anybody: no name leads anywhere.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
PATIENCE_SECONDS = 180


class CannotPrintError(Exception):
    """Something that has to be there first is not; says in one line what to do."""


class PrintingFailedError(Exception):
    """The browser made no PDF; says what it said last."""


@dataclass(frozen=True)
class Printed:
    """A PDF that was made."""

    path: Path
    pages: int
    size: int


def browser() -> str:
    """Return the browser that prints. Raises ``CannotPrintError`` when there is none."""
    named = os.environ.get(BROWSER_VARIABLE)
    found = next((path for name in ((named,) if named else BROWSERS) if (path := shutil.which(name))), None)
    if not found:
        missing = f"{named!r} cannot be started" if named else "no Chromium was found"
        raise CannotPrintError(f"{missing}: install Chromium, or name the path of one in {BROWSER_VARIABLE}")
    return found


def editions_in(out_dir: Path, named: Sequence[str] = ()) -> list[str]:
    """Return the editions to print: those named, else all that are published. Raises ``CannotPrintError``."""
    published = sorted(path.parent.name for path in out_dir.glob("*/index.html"))
    editions = list(dict.fromkeys(named)) or published
    for edition in editions:
        if edition not in published:
            raise CannotPrintError(
                f"{edition} is not published in {out_dir}: publicvalue run --edition {edition} first"
            )
    if not editions:
        raise CannotPrintError(f"nothing is published in {out_dir}: publicvalue run first")
    return editions


def print_edition(folder: Path, program: str) -> Printed:
    """Print a published edition into its folder as ``report.pdf``, whole or not at all; the last one stays until then.

    Raises ``PrintingFailedError`` when the browser does not do it, ``CannotWriteError`` when the disk does not.
    """
    target = folder / "report.pdf"
    not_through_a_link(target, folder.parent)
    with (
        written_whole(target) as fresh,
        # Beside the pages, since some browsers are kept from the temporary files of others.
        TemporaryDirectory(prefix=".printing-", dir=folder, ignore_cleanup_errors=True) as beside,
    ):
        document = Path(beside) / "report.html"
        document.write_text(as_one_document(folder, date.today()), encoding="utf-8")
        _print(program, document, fresh)
        pages, size = len(re.findall(rb"/Type\s*/Page\b", fresh.read_bytes())), fresh.stat().st_size
    return Printed(target, pages, size)


# --- One document of many pages -------------------------------------------------------------------------------


def as_one_document(folder: Path, printed_on: date) -> str:
    """Return the pages of a published edition as one, to lie in a folder within that of the edition.

    It begins with a cover: what this is, who says so, when it was printed, and where what stands.
    """
    patterns = [pattern for page in PAGES for pattern in page.printed]
    paths = [path for pattern in patterns for path in sorted(folder.glob(pattern))]
    pages = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return template("printed.html.j2").render(
        title=_between(pages["index.html"], "<title>", "</title>"),
        edition=folder.name,
        parts={
            _anchor(path): _within(path, _between(page, '<main id="main">', "</main>"), pages)
            for path, page in pages.items()
        },
        contents={_anchor(path): _between(page, "<h1>", "</h1>") for path, page in pages.items()},
        cited=_cited(pages["index.html"]),
        printed_on=printed_on,
        footer=_within("index.html", _between(pages["index.html"], "<footer>", "</footer>"), pages),
    )


def _between(page: str, begin: str, end: str) -> Markup:
    """Return what stands between two tags of a page of ours."""
    return Markup(page.partition(begin)[2].partition(end)[0])


def _cited(first_page: str) -> Markup:
    """Return how the first page asks to be cited."""
    return _between(first_page, "<dt>How to cite</dt><dd>", "</dd>")


def _anchor(path: str, place: str = "") -> str:
    name = path.removesuffix(".html").replace("/", "-")
    return f"{name}--{place}" if place else name


def _within(path: str, said: str, printed: Container[str]) -> Markup:
    """Return what a page says, each of its anchors under a name of its own and each link leading to where that is now.

    What links to a page that is not printed is a link no longer. What looks like an attribute is one: quotes in what
    pages say are escaped.
    """

    def renamed(found: re.Match[str]) -> str:
        name, value = found.groups()
        if name == "href":
            return _link(path, value, printed)
        return f' {name}="{" ".join(_anchor(path, place) for place in value.split())}"'

    text = re.sub(r'\s(id|for|aria-labelledby|href)="([^"]*)"', renamed, said)
    return Markup(re.sub(r"url\(#([^)]*)\)", lambda found: f"url(#{_anchor(path, found[1])})", text))


def _link(path: str, address: str, printed: Container[str]) -> str:
    """Return the attribute of a link from a page, nothing where it leads out of what is printed."""
    if address.startswith(("https:", "http:")):
        return f' href="{address}"'
    file, _, place = address.partition("#")
    led_to = normpath(join(dirname(path), file)) if file else path
    return f' href="#{_anchor(led_to, place)}"' if led_to in printed else ""


# --- The browser ----------------------------------------------------------------------------------------------


def _print(program: str, document: Path, target: Path) -> None:
    """Let the browser print a document."""
    profile = f"--user-data-dir={document.parent / 'profile'}"
    command = [program, *OPTIONS, profile, f"--print-to-pdf={target.absolute()}", document.absolute().as_uri()]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise PrintingFailedError(f"{program} cannot be started: {error.strerror}") from error
    try:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise PrintingFailedError(f"{program} was not done after {PATIENCE_SECONDS} seconds") from error
    finally:
        _end(process)
    if process.returncode or not target.is_file():
        last = "\n".join(said.strip().splitlines()[-5:])
        raise PrintingFailedError(f"{program} made no PDF (exit status {process.returncode}); it said last:\n{last}")


def _end(process: "subprocess.Popen[str]") -> None:
    """End a browser that still runs, with the processes that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
