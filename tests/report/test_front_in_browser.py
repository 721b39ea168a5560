"""From a page of one edition to the same page of another, and to the front door, opened from disk in a browser."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import checks, glossary
from pipeline.report.pages.frame import Site
from pipeline.report.site import SCRIPTS
from pipeline.report.text.editions import write_front
from pipeline.report.text.headline import as_json, headline
from pipeline.report.wording import template
from tests.orchestration.browser import installed_browser
from tests.report.conftest import VERSIONS
from tests.report.pages.test_checks import EVERY_OUTCOME, GATES, made_up
from tests.report.pages.test_index import TablesOf

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow
OURS, THEIRS = "open-2026", "atq-2024"
# What their titles say before the colon.
NAMES = {OURS: "Our own estimate", THEIRS: "The 2024 study as we read it"}


IN_BOTH = ("glossary.html", "contracts.html", "assumptions.html")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with installed_browser() as found:
        yield found


@pytest.fixture
def out_dir(tables_of: TablesOf, reference: Reference, tmp_path: Path) -> Path:
    """Two editions with three pages each beside their first, and another page that only ours has."""
    edition, tables = reference.editions[OURS], tables_of(OURS)
    data = headline(tables, edition)
    for name in (OURS, THEIRS):
        made_from = Site(replace(edition, edition=name), tables, data, reference, VERSIONS)
        page = glossary.render(made_from)["glossary.html"]
        folder = tmp_path / name
        folder.mkdir()
        for file in (*IN_BOTH, "index.html", *(("only.html",) if name == OURS else ())):
            (folder / file).write_text(page.replace('data-path="glossary.html"', f'data-path="{file}"'), "utf-8")
        for script in SCRIPTS:
            (folder / script).write_text(template(f"pages/{script}").render(), encoding="utf-8")
        (folder / "style.css").write_text(template("pages/style.css.j2").render(), encoding="utf-8")
        (folder / "headline.json").write_text(
            as_json(data | {"edition": name, "title": reference.editions[name].title}), encoding="utf-8"
        )
    write_front(tmp_path)
    return tmp_path


def visible_links_out(page: "Page") -> list[str]:
    """The links of a page that lead out of the folder of its edition and that a reader sees."""
    return [link.inner_text() for link in page.locator('a[href^="../"]').all() if link.is_visible()]


def test_a_page_leads_to_its_like_and_keeps_its_place(out_dir: Path, browser: "Browser") -> None:
    page = browser.new_page()
    page.goto((out_dir / OURS / "glossary.html").as_uri() + "#deadweight")
    page.get_by_role("link", name=NAMES[THEIRS]).click()
    assert page.url == (out_dir / THEIRS / "glossary.html").as_uri() + "#deadweight"
    page.get_by_role("link", name=NAMES[OURS]).click()
    assert page.url == (out_dir / OURS / "glossary.html").as_uri() + "#deadweight"
    page.close()


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("contracts.html?search=norfolk#all", "contracts.html?search=norfolk#all"),
        ("contracts.html#compare=A,B", "contracts.html#compare=A,B"),
        ("assumptions.html?time=measured#try", "assumptions.html"),
        ("assumptions.html#try?time=measured", "assumptions.html"),
        ("assumptions.html?time=measured#movers", "assumptions.html#movers"),
    ],
)
def test_what_is_looked_for_goes_along_and_what_was_tried_with_an_edition_stays_with_it(
    out_dir: Path, browser: "Browser", here: str, there: str
) -> None:
    page = browser.new_page()
    page.goto(f"{(out_dir / OURS).as_uri()}/{here}")
    page.get_by_role("link", name=NAMES[THEIRS]).click()
    assert page.url == f"{(out_dir / THEIRS).as_uri()}/{there}"
    page.close()


def test_where_the_other_edition_has_no_like_it_leads_to_its_first_page(out_dir: Path, browser: "Browser") -> None:
    page = browser.new_page()
    page.goto((out_dir / OURS / "only.html").as_uri())
    page.get_by_role("link", name=NAMES[THEIRS]).click()
    assert page.url == (out_dir / THEIRS / "index.html").as_uri()
    page.close()


def test_without_scripts_all_editions_are_a_link_away(out_dir: Path, browser: "Browser") -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((out_dir / OURS / "glossary.html").as_uri())
    page.get_by_role("link", name="All editions").click()
    assert page.url == (out_dir / "index.html").as_uri()
    page.locator(f'a[href="{THEIRS}/index.html"]').click()
    assert page.url == (out_dir / THEIRS / "index.html").as_uri()
    context.close()


@pytest.mark.parametrize("has_scripts", [True, False])
def test_an_edition_copied_alone_has_no_link_that_leads_nowhere(
    has_scripts: bool, out_dir: Path, tmp_path: Path, browser: "Browser"
) -> None:
    copy = tmp_path / "copied" / OURS
    shutil.copytree(out_dir / OURS, copy)
    context = browser.new_context(java_script_enabled=has_scripts)
    page = context.new_page()
    page.goto((out_dir / OURS / "glossary.html").as_uri())
    assert "All editions" in visible_links_out(page)
    page.goto((copy / "glossary.html").as_uri())
    assert visible_links_out(page) == []
    page.get_by_role("link", name="publicvalue").first.click()
    assert page.url == (copy / "index.html").as_uri()
    context.close()


@pytest.mark.parametrize("is_alone", [True, False])
def test_the_page_of_checks_leads_to_that_of_each_edition_that_stands_without_scripts(
    is_alone: bool, out_dir: Path, tables_of: TablesOf, reference: Reference, browser: "Browser"
) -> None:
    edition, tables = reference.editions[OURS], tables_of(OURS)
    shown = {**tables, **made_up(*EVERY_OUTCOME)}
    site = Site(edition, shown, headline(tables, edition), reference, VERSIONS, GATES, pages=[glossary.PAGE])
    for name in (OURS, THEIRS):
        (out_dir / name / "checks.html").write_text(checks.render(site)["checks.html"], encoding="utf-8")
    if is_alone:
        (out_dir / "editions.css").unlink()
    page = browser.new_page()
    page.goto((out_dir / OURS / "checks.html").as_uri())
    # The third edition of the project does not stand here.
    assert visible_links_out(page) == ([] if is_alone else [NAMES[THEIRS], "All editions"])
    if not is_alone:
        page.get_by_role("link", name=NAMES[THEIRS]).click()
        assert page.url == (out_dir / THEIRS / "checks.html").as_uri()
    page.close()


def test_an_edition_that_lies_alone_shows_no_other_and_breaks_nothing(out_dir: Path, browser: "Browser") -> None:
    for name in ("editions.js", "editions.css"):
        (out_dir / name).unlink()
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((out_dir / OURS / "glossary.html").as_uri())
    assert visible_links_out(page) == []
    assert problems == []
    page.close()


def test_a_term_says_what_it_means_where_it_is_focused(out_dir: Path, browser: "Browser") -> None:
    page = browser.new_page()
    page.goto((out_dir / OURS / "glossary.html").as_uri())
    page.evaluate(
        """() => document.querySelector("main").insertAdjacentHTML("beforeend",
        '<a class="term" href="#deadweight" data-meaning="What would have happened anyway">deadweight</a>')"""
    )
    shown = "(el) => getComputedStyle(el, '::after').content"
    term = page.locator("a.term")
    assert term.evaluate(shown) == "none"
    term.hover()
    assert term.evaluate(shown) == '"What would have happened anyway"'
    page.close()
