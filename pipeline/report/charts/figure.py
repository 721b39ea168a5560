"""A figure: a chart in two widths, what it finds, and the table of numbers that stands beside it.

Belongs here: what pages and the UI may ask of a figure. Which figures there are stands in the modules beside this one:
each public function there returns one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.report.drawing import Spec
from pipeline.report.previews import shown_as_text

# One mark of a chart, by field; one row of the table beside it, as it is read.
Rows = list[tuple[str, ...]]
# Of which width a drawing is in the names of drawings: the wide one has the name of the figure alone.
NARROW = "-narrow"


@dataclass(frozen=True)
class Numbers:
    """The table beside a chart, under the id of the figure; its first column names the rows."""

    id: str
    columns: Sequence[str]
    rows: Rows


@dataclass(frozen=True)
class Figure:
    """A chart, not yet drawn, and the numbers behind it.

    ``title``: what it finds; ``subtitle``: what is shown, in which unit; ``alt``: what somebody who does not see it is
    told beyond both; ``wide`` and ``narrow``: the chart without its title, for a column of a page and for a phone;
    ``titled``: with it, for where nothing else says it; ``is_real``: in prices of the edition; ``source``: who says it
    in which edition, known once it is published.
    """

    id: str
    title: str
    subtitle: str
    alt: str
    wide: Spec
    narrow: Spec
    titled: Spec
    columns: Sequence[str]
    rows: Rows
    is_real: bool = False
    source: str = ""

    def published_in(self, edition: str, price_year: str) -> "Figure":
        """Return the figure as it is on a page of an edition: with its prices and its source."""
        prices = f" Prices of {price_year}." if self.is_real and self.subtitle else ""
        return replace(self, subtitle=self.subtitle + prices, source=f"publicvalue, edition {edition}")

    @property
    def file(self) -> str:
        """What it is called when somebody keeps it."""
        edition = self.source.rpartition(" ")[2]
        return f"{edition}-{self.id}".replace("_", "-")

    @property
    def drawn(self) -> dict[str, Spec]:
        """The drawings that a page needs, by their names."""
        return {self.id: self.wide, f"{self.id}{NARROW}": self.narrow}

    def as_image(self, address: str) -> str:
        """Return the chart, drawn at ``address``, as an image in Markdown, with what it says in words."""
        return f"![{shown_as_text(f'{self.title}. {self.alt}')}]({address})"
