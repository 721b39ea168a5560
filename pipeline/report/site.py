"""The report that people read: the pages of an edition, as one folder that needs nothing else.

Belongs here: which files the report consists of. What a page shows stands in a module of its own, how it looks in
``templates/site``, charts in ``charts``; every number comes from a published table or a reference table.
"""

from pipeline.report.assumption_pages import assumption_pages
from pipeline.report.contract_pages import contract_pages
from pipeline.report.downloads import data_pages
from pipeline.report.drawing import drawn
from pipeline.report.index_page import index_figures, index_page
from pipeline.report.pages import Site
from pipeline.report.published_page import published_page
from pipeline.report.wording import template


def site(made_from: Site) -> dict[str, str]:
    """Return all files of the report by their path in the folder of the edition."""
    figures = index_figures(made_from)
    drawings = drawn([figure.untitled for figure in figures])
    others = {
        "style.css": template("site/style.css.j2").render(),
        "table.js": template("site/table.js").render(),
        **published_page(made_from),
        **assumption_pages(made_from),
        **contract_pages(made_from),
        **data_pages(made_from),
    }
    # Last, so that the charts are drawn while the other pages are made.
    return {"index.html": index_page(made_from, figures, drawings.result()), **others}
