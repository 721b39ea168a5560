"""Pages whose charts are not drawn, as drawing them takes long: in place of each stands its number."""

from collections.abc import Sequence
from concurrent.futures import Future

from pipeline.report.drawing import Spec
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.site import with_charts


def undrawn(specs: Sequence[Spec]) -> "Future[list[str]]":
    """What takes the place of ``rendered``."""
    future: Future[list[str]] = Future()
    future.set_result([f"[chart {number}]" for number, _ in enumerate(specs)])
    return future


def rendered(made_from: Site, *pages: Page) -> Files:
    """The files of some pages."""
    whole = with_charts(made_from, pages, undrawn)
    return {path: text for page in pages for path, text in page.render(whole).items()}
