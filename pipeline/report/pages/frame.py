"""What all pages of the report share: the list of them, and what each is made from.

Belongs here: the frame of a page. Which pages there are is put together in ``site``, what each shows in a module of its
own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.claims.marks import is_synthetic
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.reference import Reference
from pipeline.report.ranges import said_of_the_bound
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
    Page("published.html", "Published figures"),
    Page("assumptions.html", "Assumptions"),
    Page("sources.html", "Sources"),
    Page("data.html", "Data"),
    Page("checks.html", "Checks"),
)


@dataclass(frozen=True)
class Site:
    """What all pages of an edition are made from: its published tables, its headline, the reference tables.

    Of the reference tables with its price list alone, whichever are handed in: see ``price_lists.of_edition``.
    """

    edition: Edition
    tables: Tables
    data: Mapping[str, Any]
    reference: Reference
    versions: Mapping[str, str]

    def __post_init__(self) -> None:
        """Leave the price list of the edition."""
        object.__setattr__(self, "reference", of_edition(self.reference, self.edition))

    def page(self, path: str, name: str, **given: Any) -> str:
        """Return a page made from a template; ``path``: where it will lie, from which its links are counted."""
        return template(f"site/{name}.html.j2").render(
            edition=self.edition,
            versions=self.versions,
            data=self.data,
            pages=PAGES,
            path=path,
            root="../" * path.count("/"),
            said_of_the_bound=said_of_the_bound(self.edition),
            is_synthetic=is_synthetic(self.tables["contracts"]["contract_id"]),
            **given,
        )
