"""The report that people read: the pages of an edition, as one folder that needs nothing else.

Belongs here: putting the pages together, and having their charts drawn meanwhile. Which pages there are is listed in
``pages``; every number comes from a published table or a reference table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace

from pipeline.common.beside import shared
from pipeline.report.drawing import Spec, rendered
from pipeline.report.pages import PAGES
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.wording import template

# The scripts of pages; without them everything is there too.
SCRIPTS = ("table.js", "frame.js", "charts.js", "find.js")


class Drawings(Mapping[str, str]):
    """Charts as SVG by the names of their drawings; who asks for one waits until they are drawn."""

    def __init__(self, ids: Sequence[str], drawing: "Future[list[str]]") -> None:
        """Take the names in the order in which they are drawn."""
        self._ids, self._drawing = ids, drawing

    def __getitem__(self, id_: str) -> str:
        """Return a drawing."""
        return dict(zip(self._ids, self._drawing.result(), strict=True))[id_]

    def __iter__(self) -> Iterator[str]:
        """Go through the ids."""
        return iter(self._ids)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._ids)


Draw = Callable[[Sequence[Spec]], "Future[list[str]]"]


def site(made_from: Site, draw: Draw = rendered) -> Files:
    """Return all files of the report by their path in the folder of the edition."""
    (files,) = sites([with_charts(made_from, PAGES, draw)])
    return files


def begun_charts(made_from: Sequence[Site]) -> list[Site]:
    """Return what the report of each edition is made from, with its charts, which begin to be drawn."""
    return [with_charts(each, PAGES) for each in made_from]


def sites(whole: Sequence[Site]) -> list[Files]:
    """Return all files of the report of each edition, whose charts were begun; two processes share the pages."""
    of_all = {"style.css": template("pages/style.css.j2").render()}
    of_all |= {name: template(f"pages/{name}").render() for name in SCRIPTS}
    files = [dict(of_all) for _ in whole]
    # Those that show no chart come first: they are made while the charts are drawn.
    for shows_figures in (False, True):
        given = [replace(each, drawings=dict(each.drawings) if shows_figures else {}) for each in whole]
        asked = [
            (number, page)
            for page in PAGES
            for number, each in enumerate(whole)
            if page.shows_figures == shows_figures and page.is_due(each)
        ]
        rendered_pages = shared(_rendered, given, asked)
        for (number, _), of_page in zip(asked, rendered_pages, strict=True):
            files[number] |= of_page
    return files


def _rendered(made_from: Sequence[Site], number: int, page: Page) -> Files:
    return page.render(made_from[number])


def with_charts(made_from: Site, pages: Iterable[Page], draw: Draw = rendered) -> Site:
    """Return what pages are made from, with the charts of these, which begin to be drawn, and the list of all pages."""
    edition = made_from.edition
    found = (figure for page in pages for figure in page.figures(made_from))
    figures = {figure.id: figure.published_in(edition.edition, edition.price_year) for figure in found}
    specs = {name: spec for figure in figures.values() for name, spec in figure.drawn.items()}
    drawings = Drawings(list(specs), draw(list(specs.values())))
    return replace(
        made_from, figures=figures, drawings=drawings, pages=[page for page in PAGES if page.is_due(made_from)]
    )
