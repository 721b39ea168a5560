"""The report that people read: the pages of an edition, as one folder that needs nothing else.

Belongs here: which pages there are, what each is given, and where it lies. What a page says and how it looks stands in
``templates/site``, charts in ``charts``; every number comes from a published table or a reference table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.report.contract_pages import contract_pages
from pipeline.report.wording import template

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Page:
    """A page of the report that every other one names."""

    path: str
    name: str


PAGES = (
    Page("index.html", "The report"),
    Page("contracts.html", "Contracts"),
    Page("assumptions.html", "Assumptions"),
    Page("sources.html", "Sources"),
    Page("data.html", "Data"),
    Page("checks.html", "Checks"),
)


@dataclass(frozen=True)
class Site:
    """What all pages of an edition are made from: its published tables, its headline, the reference tables."""

    edition: Edition
    tables: Tables
    data: Mapping[str, Any]
    reference: Reference
    versions: Mapping[str, str]

    def page(self, path: str, name: str, **given: Any) -> str:
        """Return a page made from a template; ``path``: where it will lie, from which its links are counted."""
        return template(f"site/{name}.html.j2").render(
            edition=self.edition,
            versions=self.versions,
            data=self.data,
            pages=PAGES,
            path=path,
            root="../" * path.count("/"),
            **given,
        )


def site(made_from: Site) -> dict[str, str]:
    """Return all files of the report by their path in the folder of the edition."""
    return {
        "style.css": template("site/style.css.j2").render(),
        "table.js": template("site/table.js").render(),
        "index.html": made_from.page("index.html", "index"),
        **contract_pages(made_from),
    }
