"""The report that people read: the pages of an edition, as one folder that needs nothing else.

Belongs here: which files the report consists of. What a page shows stands in a module of its own, how it looks in
``templates/site``, charts in ``charts``; every number comes from a published table or a reference table.
"""

from pipeline.report.assumption_pages import assumption_pages
from pipeline.report.contract_pages import area_pages, contract_pages, gather
from pipeline.report.downloads import data_pages
from pipeline.report.drawing import drawn
from pipeline.report.figures import area_figures, index_figures
from pipeline.report.index_page import index_page
from pipeline.report.pages import Site
from pipeline.report.published_page import published_page
from pipeline.report.wording import template


def site(made_from: Site) -> dict[str, str]:
    """Return all files of the report by their path in the folder of the edition."""
    first, of_areas = index_figures(made_from), area_figures(made_from)
    figures = [*first, *of_areas.values()]
    drawing = drawn([figure.untitled for figure in figures])
    gathered = gather(made_from)
    others = {
        "style.css": template("site/style.css.j2").render(),
        "table.js": template("site/table.js").render(),
        **published_page(made_from),
        **assumption_pages(made_from),
        **contract_pages(made_from, gathered),
        **data_pages(made_from),
    }
    # Last, so that the charts are drawn while the other pages are made.
    drawings = dict(zip((figure.id for figure in figures), drawing.result(), strict=True))
    return {
        "index.html": index_page(made_from, first, drawings),
        **area_pages(made_from, gathered, of_areas, drawings),
        **others,
    }
