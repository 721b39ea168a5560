"""What a check is, and a suite of them.

Belongs here: the entries as plain data, and that a view is handed the tables that it names and no others. The checks
of a layer stand in the module of that layer, each with its view; Great Expectations does not come in here (importing
it takes seconds): ``expectations`` says what it makes of an entry.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    # Not imported here: the process that asks Great Expectations needs neither editions nor what they import.
    import pandas as pd

    from pipeline.facts.editions import Edition

Tables: TypeAlias = "Mapping[str, pd.DataFrame]"
# From the tables that its parameters name, and from ``edition`` if it names it too, to one row per thing compared.
View: TypeAlias = "Callable[..., pd.DataFrame]"
# What a check asks of each row of its view, and the columns that it compares: that found is expected, or that it lies
# between lowest and highest.
Asks = Literal["equal", "within"]
COMPARED: Mapping[Asks, tuple[str, ...]] = {
    "equal": ("found", "expected"),
    "within": ("found", "lowest", "highest"),
}


@dataclass(frozen=True)
class Check:
    """One check: its name, what it guards against, what it compares.

    ``of``: what the rows of the view are, in the plural; ``keys``: the columns that name a row to a reader;
    ``when_none``: why there may be no rows. ``total_of``: what the rows add up to, where a total says something.
    ``is_against_last``: it compares an edition with its last publication; a person can then accept by name that it
    failed, because data do change. ``says``: how a row that failed is told, with its keys in braces.
    """

    name: str
    guards: str
    of: str
    keys: tuple[str, ...]
    view: View
    asks: Asks = "equal"
    severity: Literal["error", "warning"] = "error"
    total_of: Literal["", "rows", "GBP"] = ""
    when_none: str = ""
    is_against_last: bool = False
    says: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that its view names.

        By the names of their assets, or ``published_…``: about to be published in the file of that name, or
        ``last_…``: of the edition as it was last published, empty where it was not.
        """
        return tuple(name for name in inspect.signature(self.view).parameters if name != "edition")

    def compared(self, tables: Tables, edition: "Edition") -> "pd.DataFrame":
        """Return the view of some tables: its keys, then the columns that are compared."""
        given = {"edition": edition} if "edition" in inspect.signature(self.view).parameters else {}
        view = self.view(**given, **{name: tables[name] for name in self.reads})
        return view[[*self.keys, *COMPARED[self.asks]]].reset_index(drop=True)


@dataclass(frozen=True)
class Suite:
    """The checks of one layer, run before the tables of ``asset`` are stored."""

    name: str
    guards: str
    asset: str
    checks: tuple[Check, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that its checks name, each once."""
        return tuple(dict.fromkeys(name for check in self.checks for name in check.reads))

    def without_views(self) -> "Suite":
        """Return the suite for a process that has no need of the views, nor of all that they import."""
        return replace(self, checks=tuple(replace(check, view=_no_view) for check in self.checks))


def _no_view() -> "pd.DataFrame":
    raise NotImplementedError("a suite without views")
