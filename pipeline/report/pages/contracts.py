"""The pages of contracts: the list ``contracts.html`` and a page for each, ``contracts/``; below it, those of areas.

Belongs here: the list, and which pages there are. What the page of a contract shows is chosen in ``contract``, that of
an area in ``areas``.
"""

from pipeline.report.pages.areas import area_figures, area_pages
from pipeline.report.pages.contract import contract_page
from pipeline.report.pages.finding import list_page
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.gathered import gather


def render(made_from: Site) -> Files:
    """Return the pages of contracts and areas, and the list of them, by their path in the folder of the edition.

    Raises ``UnsafePathError`` when the id of a contract cannot be the name of a file.
    """
    gathered = gather(made_from)
    return {
        "contracts.html": list_page(made_from, gathered),
        **{contract["path"]: contract_page(made_from, gathered, contract) for contract in gathered.contracts},
        # Last, since they show charts, which are being drawn.
        **area_pages(made_from, gathered),
    }


PAGE = Page("contracts.html", "Contracts", render, area_figures, printed=("areas/*.html",))
