"""The report on paper: all that is to be printed is in one PDF, and what is missing is said in one line."""

import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline.report import printing
from pipeline.report.printing import (
    BROWSER_VARIABLE,
    BROWSERS,
    CannotPrintError,
    PrintingFailedError,
    as_one_document,
    browser,
    editions_in,
    print_edition,
)
from tests.orchestration.browser import REQUIRE
from tests.report.pages.test_index import Text

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
EDITION = "open-2026"
AREAS = (
    "Child and family welfare",
    "Criminal justice",
    "Education",
    "Employment and training",
    "Health",
    "Homelessness",
)


@pytest.fixture(scope="module")
def folder(site_of: Callable[[str], dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of an edition, as a run writes them."""
    folder = tmp_path_factory.mktemp("out") / EDITION
    for name, text in site_of(EDITION).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def in_the_place_of_a_browser(tmp_path: Path) -> Callable[[str], str]:
    """Make a program of a few lines of Python."""

    def program(lines: str) -> str:
        path = tmp_path / "browser"
        path.write_text(f"#!{sys.executable}\nimport sys\n{lines}\n", encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    return program


DAY = date(2026, 11, 30)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- One document ---------------------------------------------------------------------------------------------


def test_every_link_of_the_document_leads_to_a_place_in_it_or_to_the_web(folder: Path) -> None:
    document = Text(as_one_document(folder, DAY))
    assert len(document.ids) == len(set(document.ids))
    within = [address for address in document.refers if not address.startswith("http") and address != "../style.css"]
    assert {f"#{anchor}" for anchor in document.ids} >= set(within)
    # From the first page to an area, from a contents list within a page, and to a row of another page.
    assert {"#areas-health", "#assumptions--unit-costs", "#sources--atq-2024"} <= set(within)


def test_its_cover_says_who_when_and_where_what_is(folder: Path) -> None:
    cover = as_one_document(folder, DAY).partition('<div class="part cover">')[2].partition("</div>")[0]
    said = Text(cover).said()
    assert "Printed on 30 Nov 2026" in said
    assert "publicvalue contributors (" in said
    assert {"#index", "#published", "#areas-health", "#sources"} <= set(Text(cover).refers)


def test_names_of_groups_and_fields_lead_to_the_places_renamed(folder: Path) -> None:
    document = as_one_document(folder, DAY)
    ids = set(Text(document).ids)
    named = re.findall(r'\s(?:for|aria-labelledby)="([^"]*)"', document)
    assert named
    assert set(named) <= ids


# --- Printed --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_report_is_printed_whole_across_and_upright_with_an_outline(folder: Path) -> None:
    if os.environ.get(BROWSER_VARIABLE) is None and not any(map(shutil.which, BROWSERS)):
        reason = f"needs a browser on the path, one of: {', '.join(BROWSERS)}"
        if os.environ.get(REQUIRE):
            pytest.fail(reason)
        pytest.skip(reason)
    from pypdf import PdfReader

    before = files(folder)
    made = print_edition(folder, browser())
    assert made.path == folder / "report.pdf"
    assert files(folder) - before == {"report.pdf"}
    assert made.size == made.path.stat().st_size

    pdf = PdfReader(made.path)
    assert made.pages == len(pdf.pages)
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert all(f"{number} of {made.pages}" in text for number, text in enumerate(texts, start=1))
    assert all(f"edition {EDITION}" in text for text in texts)
    # The outline holds the headings of first rank, each leading to a page that says so.
    chapters = [entry for entry in pdf.outline if not isinstance(entry, list)]
    titles = [str(entry.title) for entry in chapters]
    assert set(AREAS) <= set(titles)
    assert titles[0] == "What were UK social outcomes contracts worth?"
    for entry in chapters:
        number = pdf.get_destination_page_number(entry)
        assert number is not None
        assert str(entry.title) in texts[number]
    # Wide tables lie across, the first page stands.
    across = [page.mediabox.width > page.mediabox.height for page in pdf.pages]
    assert not across[0]
    assert across[-1]
    (folder / "report.pdf").unlink()


# --- What may be missing --------------------------------------------------------------------------------------


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    with pytest.raises(CannotPrintError, match=r"^no Chromium was found: install Chromium, or .*PUBLICVALUE_CHROMIUM$"):
        browser()
    monkeypatch.setenv(BROWSER_VARIABLE, "/nowhere/chromium")
    with pytest.raises(CannotPrintError, match=r"^'/nowhere/chromium' cannot be started: "):
        browser()


def test_the_browser_that_is_named_comes_first(
    monkeypatch: pytest.MonkeyPatch, in_the_place_of_a_browser: Callable[[str], str]
) -> None:
    program = in_the_place_of_a_browser("")
    monkeypatch.setenv(BROWSER_VARIABLE, program)
    assert browser() == program


def test_only_what_is_published_is_printed(tmp_path: Path) -> None:
    with pytest.raises(CannotPrintError, match=r"^nothing is published in .*: publicvalue run first$"):
        editions_in(tmp_path)
    for edition, name in (("b", "index.html"), ("a", "index.html"), ("c", "headline.json")):
        (tmp_path / edition).mkdir()
        (tmp_path / edition / name).touch()
    assert editions_in(tmp_path) == ["a", "b"]
    assert editions_in(tmp_path, ["b", "b"]) == ["b"]
    with pytest.raises(CannotPrintError, match=r"^c is not published in .*: publicvalue run --edition c first$"):
        editions_in(tmp_path, ["a", "c"])


@pytest.mark.parametrize(
    ("lines", "seconds", "words"),
    [
        (
            "print('one'); print('no room'); sys.exit(7)",
            180,
            r"made no PDF \(exit status 7\); it said last:\none\nno room$",
        ),
        ("pass", 180, r"made no PDF \(exit status 0\)"),
        ("import time; time.sleep(60)", 1, r"was not done after 1 seconds$"),
    ],
)
def test_a_browser_that_fails_leaves_the_last_pdf_and_nothing_else(
    folder: Path,
    in_the_place_of_a_browser: Callable[[str], str],
    lines: str,
    seconds: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(printing, "PATIENCE_SECONDS", seconds)
    (folder / "report.pdf").write_bytes(b"the last one")
    before = files(folder)
    with pytest.raises(PrintingFailedError, match=words):
        print_edition(folder, in_the_place_of_a_browser(lines))
    assert files(folder) == before
    assert (folder / "report.pdf").read_bytes() == b"the last one"
    (folder / "report.pdf").unlink()
