"""The page of words: every term that the report explains.

Belongs here: putting them in order. What they mean stands in ``pipeline.report.glossary``.
"""

from pipeline.report.glossary import TERMS
from pipeline.report.pages.frame import Files, Page, Site


def render(made_from: Site) -> Files:
    """Return the page by its path."""
    terms = sorted(TERMS.items(), key=lambda item: item[1].word.lstrip("0123456789%- ").casefold())
    return {"glossary.html": made_from.page("glossary.html", "glossary", terms=terms)}


PAGE = Page("glossary.html", "Glossary", render)
