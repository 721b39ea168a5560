"""A figure: a chart, and the table of numbers that stands beside it.

Belongs here: what pages and the UI may ask of a figure. Which figures there are stands in the modules beside this one:
each public function there returns one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.drawing import Spec
from pipeline.report.previews import shown_as_text

# One mark of a chart, by field; one row of the table beside it, as it is read.
Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Numbers:
    """The table beside a chart, under the id of the figure; its first column names the rows."""

    id: str
    columns: Sequence[str]
    rows: Rows


@dataclass(frozen=True)
class Figure:
    """A chart, not yet drawn, and the numbers behind it."""

    id: str
    spec: Spec
    columns: Sequence[str]
    rows: Rows

    @property
    def title(self) -> str:
        """What it shows."""
        return str(self.spec["title"]["text"])

    @property
    def subtitle(self) -> str:
        """How to read it."""
        return " ".join(self.spec["title"]["subtitle"])

    @property
    def untitled(self) -> Spec:
        """The chart without its title, which the page says itself."""
        return {name: part for name, part in self.spec.items() if name != "title"}

    def as_image(self, address: str) -> str:
        """Return the chart, drawn at ``address``, as an image in Markdown, with its description in words."""
        return f"![{shown_as_text(self.spec['description'])}]({address})"
