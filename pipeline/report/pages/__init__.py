"""The pages of the report, each a module with its template beside it: this is the list of them.

A page is listed once, in the order in which all pages name it; ``site`` renders it, ``printing`` prints it. What all
pages share stands in ``frame``.
"""

from pipeline.report.pages import (
    assumptions,
    bridge,
    checks,
    contracts,
    data,
    glossary,
    index,
    published,
    reconstruction,
    sources,
)

PAGES = (
    *(index.PAGE, contracts.PAGE, published.PAGE, reconstruction.PAGE, bridge.PAGE, assumptions.PAGE),
    *(sources.PAGE, data.PAGE, checks.PAGE, glossary.PAGE),
)
