"""The report as one folder: every chart stands on one page, and what makes the pages is shipped with the project."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.reference import Reference
from pipeline.report.pages import PAGES, checks
from pipeline.report.pages.frame import Site
from pipeline.report.site import site
from pipeline.report.text.headline import headline
from tests.conftest import EDITIONS
from tests.report.taken_apart import TakenApart
from tests.report.undrawn import undrawn

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_figure_of_a_page_stands_on_one_page_once(
    edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference
) -> None:
    tables, edition = tables_of(edition_id), reference.editions[edition_id]
    made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
    figures = [figure.id for page in PAGES for figure in page.figures(made_from)]
    assert len(figures) == len(set(figures))
    pages = {path: text for path, text in site(made_from, undrawn).items() if path.endswith(".html")}
    drawings = 2 * len(figures)  # a wide and a narrow one
    shown = Counter(text.count(f"[chart {number}]<") for number in range(drawings) for text in pages.values())
    assert shown[1] == drawings
    assert set(shown) == {0, 1}
    headings = {tag.get("id") for text in pages.values() for h in ("h2", "h3") for tag in TakenApart(text).named(h)}
    assert set(figures) <= headings


def test_pages_that_show_no_chart_wait_for_none(
    tables_of: Callable[[str], dict[str, pd.DataFrame]], reference: Reference
) -> None:
    tables, edition = tables_of("open-2026"), reference.editions["open-2026"]
    made_from = Site(edition, tables, headline(tables, edition), reference, VERSIONS)
    quiet = [page for page in PAGES if not page.shows_figures]
    made = {path for page in quiet for path in page.render(made_from)}  # no drawing is there to be asked for
    assert made >= {page.path for page in quiet if page is not checks.PAGE}  # whose rules are not told here


def test_every_template_is_shipped(project_root: Path) -> None:
    settings = tomllib.loads((project_root / "pyproject.toml").read_text("utf-8"))
    (patterns,) = settings["tool"]["setuptools"]["package-data"].values()
    package = project_root / "pipeline"
    shipped = {path for pattern in patterns for path in package.glob(pattern)}
    needed = {path for path in package.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert shipped == needed
    assert shipped


def test_no_two_scripts_of_a_page_declare_the_same_name(project_root: Path) -> None:
    """They share one scope: the second one would not run at all."""
    scripts = sorted((project_root / "pipeline/report/pages").glob("*.js"))
    assert len(scripts) > 3
    declared = [
        name
        for script in scripts
        for names in re.findall(
            r"^(?:const|let|var|function|class) ([\w$]+|[\[{][^\]}]*[\]}])", script.read_text("utf-8"), re.MULTILINE
        )
        for name in re.findall(r"[\w$]+", names)
    ]
    assert sorted(declared) == sorted(set(declared))
