"""What all pages of the report share: what they are made from, and the frame around each.

Belongs here: what a page is to the report. Which pages there are is listed in ``pipeline.report.pages``, what each
shows stands in a module of its own with its template beside it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from pipeline.claims.marks import is_synthetic
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.reference import Reference
from pipeline.method.analysis.resting import counted_lines
from pipeline.report.charts.figure import Figure
from pipeline.report.pages.gates import Gate
from pipeline.report.ranges import said_of_the_bound
from pipeline.report.sharing import head_of
from pipeline.report.wording import template

Tables = Mapping[str, pd.DataFrame]
# Texts by their path in the folder of the edition.
Files = dict[str, str]


@dataclass(frozen=True)
class Site:
    """What all pages of an edition are made from: its published tables, its headline, the reference tables.

    Of the reference tables with its price list alone, whichever are handed in: see ``price_lists.of_edition``.
    ``gates``: what the tables had to meet, None where that is not told; ``address``: of the folder of reports on the
    web, where that is known. ``figures`` and ``drawings`` (SVG), by id, and ``pages``, which each page names, are put
    in by ``site``.
    """

    edition: Edition
    tables: Tables
    data: Mapping[str, Any]
    reference: Reference
    versions: Mapping[str, str]
    gates: Sequence[Gate] | None = None
    address: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    drawings: Mapping[str, str] = field(default_factory=dict)
    pages: Sequence["Page"] = ()

    def __post_init__(self) -> None:
        """Keep of the price lists only that of the edition."""
        object.__setattr__(self, "reference", of_edition(self.reference, self.edition))

    def page(self, path: str, name: str, **given: Any) -> str:
        """Return a page made from a template; ``path``: where it will lie, from which its links are counted."""
        return template(f"pages/{name}.html.j2").render(
            edition=self.edition,
            versions=self.versions,
            data=self.data,
            figures=self.figures,
            drawings=self.drawings,
            pages=self.pages,
            path=path,
            root="../" * path.count("/"),
            said_of_the_bound=said_of_the_bound(self.edition),
            is_synthetic=self._is_synthetic,
            **head_of(path, self.edition, self.data, given.get("contract"), self.address),
            **given,
        )

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The lines of value of the contracts in the ratio, with what each carries and on what it rests."""
        return counted_lines(self.tables["valued_outcomes"], self.tables["contract_value"], self.reference)

    @cached_property
    def _is_synthetic(self) -> bool:
        """Asked once and not for each page: there is a page for each of the contracts that it looks at."""
        return is_synthetic(self.tables["contracts"]["contract_id"])


def always(made_from: Site) -> bool:
    """Tell that there is something to show, whatever it is made from."""
    return True


def no_figures(made_from: Site) -> Iterable[Figure]:
    """Return the figures of a page without any."""
    return ()


@dataclass(frozen=True)
class Page:
    """A page that every other one names, with the pages and files below it.

    ``path``, ``name``: where it lies and what it is called; ``render``: makes its files; ``figures``: those that it
    shows, not yet drawn; ``printed``: patterns of those of its files that stand in the printed report; ``is_due``:
    whether there is anything to show, without which the page is left out and no other names it.
    """

    path: str
    name: str
    render: Callable[[Site], Files]
    figures: Callable[[Site], Iterable[Figure]] = no_figures
    printed: Sequence[str] = ()
    is_due: Callable[[Site], bool] = always

    @property
    def shows_figures(self) -> bool:
        """Whether it shows any chart."""
        return self.figures is not no_figures
