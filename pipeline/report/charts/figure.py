"""A figure: a chart in two widths, what it finds, and the table of numbers that stands beside it.

Belongs here: what pages and the UI may ask of a figure. Which figures there are stands in the modules beside this one:
each public function there returns one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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
    ``price_year``: of its pounds, put in by the page, nothing where they are in cash or there are none.
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

    @property
    def drawn(self) -> dict[str, Spec]:
        """The drawings that a page needs, by their names."""
        return {self.id: self.wide, f"{self.id}{NARROW}": self.narrow}

    def as_image(self, address: str) -> str:
        """Return the chart, drawn at ``address``, as an image in Markdown, with what it says in words."""
        return f"![{shown_as_text(f'{self.title}. {self.alt}')}]({address})"
