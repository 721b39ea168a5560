"""Charts of named rows: a name, what is said of it, and marks along one scale.

Belongs here: where the names, the marks and the numbers of such a chart are, in pixels. In a wide drawing the name is
left of its marks and the number right of them; in a narrow one both are above. Nothing is measured by the renderer, so
a chart is drawn fast and no text meets another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from textwrap import wrap
from typing import Any, Literal

from pipeline.report.charts.theme import BOLD_CHARACTER, CHARACTER, FAINT, INK, NARROW, WIDE, pixels_of, text_of
from pipeline.report.drawing import Spec

LINE = 16  # pixels of a line of text
GAP = 10  # between a row and the next, and between texts and marks
WIDEST_NAMES = 240
# At the right of marks, where nothing is written: without and with the last label of an axis.
SPARE, AXIS_SPARE = 8, 20
LONGEST_NAME = 160
# Pixels that the label of an axis needs, and the shape of a dashed line and of a tick where it is explained.
AXIS_LABEL = 52
DASHED, TICK = "M0,-1V-0.5M0,-0.2V0.2M0,0.5V1", "M0,-1V1"
UNSCALED: Spec = {"type": "quantitative", "scale": None, "axis": None}
AS_GIVEN: Spec = {"type": "nominal", "scale": None}


@dataclass(frozen=True)
class Name:
    """A row: what it is called and what is said of it; ``is_head``: a heading over those below, without marks."""

    name: str
    said: str = ""
    is_head: bool = False


@dataclass(frozen=True)
class Key:
    """What a colour or a shape means; ``shape``: one of Vega's, ``stroke`` for a line."""

    words: str
    colour: str
    shape: str = "square"


@dataclass(frozen=True)
class Marks:
    """Marks of rows, by the place of the row: ``row, start, end`` for bars and lines, ``row, at`` for ticks and points.

    A mark may say its ``colour``, and by ``down`` how many pixels below the middle of its row it is.
    """

    kind: Literal["bar", "rule", "tick", "point"]
    rows: Sequence[Mapping[str, Any]]
    colour: str = INK
    thick: float = 14
    more: Mapping[str, Any] = field(default_factory=dict)

    def spec(self, x: Spec, middles: Sequence[float]) -> Spec:
        """Return these marks along a scale; ``middles``: of the rows, in pixels."""
        rows = [{"down": 0, "colour": self.colour, **row} for row in self.rows]
        values = [{**row, "y": middles[row["row"]] + row["down"]} for row in rows]
        sizes: dict[str, Spec] = {
            "bar": {"orient": "horizontal", "height": self.thick},
            "rule": {"strokeWidth": self.thick},
            "tick": {"orient": "vertical", "size": self.thick},
            "point": {"size": self.thick**2},
        }
        has_ends = self.kind in ("bar", "rule")
        places = {"x": {**x, "field": "start"}, "x2": {"field": "end"}} if has_ends else {"x": {**x, "field": "at"}}
        colour = {"color": {**AS_GIVEN, "field": "colour"}}
        return {
            "data": {"values": values},
            "mark": {"type": self.kind, **sizes[self.kind], **self.more},
            "encoding": {**places, "y": {**UNSCALED, "field": "y"}, **colour},
        }


def listed(
    names: Sequence[Name],
    marks: Sequence[Marks],
    ends: tuple[float, float],
    *,
    band: int = 14,
    axis: Spec | None = None,
    keys: Sequence[Key] = (),
    lines: Sequence[float] = (),
) -> tuple[Spec, Spec]:
    """Return the chart of these rows, wide and narrow.

    ``ends`` of the scale; ``band``: pixels that the marks of a row need; ``axis``: of the scale, which is not shown
    where every mark says its number; ``lines``: where dashed lines are drawn across all rows.
    """
    layouts = (_Layout(names, keys, band, width, SPARE if axis is None else AXIS_SPARE) for width in (WIDE, NARROW))
    wide, narrow = (layout.spec(marks, ends, axis, lines) for layout in layouts)
    return wide, narrow


class _Layout:
    """Where everything of such a chart is at a width."""

    def __init__(self, names: Sequence[Name], keys: Sequence[Key], band: int, width: int, spare: int) -> None:
        self.names, self.band, self.width, self.is_narrow = names, band, width, width == NARROW
        said = max((pixels_of(name.said) for name in names), default=0)
        words = max((pixels_of(name.name) for name in names if not name.is_head), default=0)
        self.left = 0 if self.is_narrow else round(min(words, WIDEST_NAMES) + GAP)
        self.right = spare if self.is_narrow or not said else round(said + GAP)
        self.plot = width - self.left - self.right
        self.texts: list[dict[str, Any]] = []
        self.numbers: list[dict[str, Any]] = []
        self.middles: list[float] = []
        self.keys = self._flowing(keys)
        self.above = max((key["y"] + LINE for key in self.keys), default=0.0)
        self.height = 0.0
        for name in names:
            self._place(name)

    def _flowing(self, keys: Sequence[Key]) -> list[dict[str, Any]]:
        """The keys, as many beside each other as there is room for."""
        placed, x, y = [], 0.0, LINE / 2
        for key in keys:
            wide = 18 + pixels_of(key.words) + GAP
            if x and x + wide > self.width:
                x, y = 0.0, y + LINE + 4
            placed.append({"words": key.words, "colour": key.colour, "shape": key.shape, "px": x, "y": y})
            x += wide
        return placed

    def _place(self, name: Name) -> None:
        """Put one row below those before it."""
        room: float = self.left - GAP
        if name.is_head or self.is_narrow:
            room = self.width - (pixels_of(name.said) + GAP if name.said else 0)
        words = wrap(
            text_of(name.name, LONGEST_NAME), max(8, int(room / (BOLD_CHARACTER if name.is_head else CHARACTER)))
        ) or [""]
        tall = LINE * len(words)
        if name.is_head or self.is_narrow:
            top = self.height + (GAP if self.height else 0) / (1 if name.is_head else 2)
            line, middle = top + LINE / 2, top + tall + 2 + self.band / 2
            self.height = top + tall if name.is_head else middle + self.band / 2 + GAP / 2
        else:
            middle = line = self.height + max(tall, self.band) / 2 + GAP / 2
            top = middle - tall / 2
            self.height += max(tall, self.band) + GAP
        self.texts.append({"words": words, "y": top + LINE / 2, "weight": "bold" if name.is_head else "normal"})
        if name.said:
            self.numbers.append({"words": name.said, "y": line})
        self.middles.append(middle)

    def spec(
        self, marks: Sequence[Marks], ends: tuple[float, float], axis: Spec | None, lines: Sequence[float]
    ) -> Spec:
        """Return the whole chart."""
        shown = (
            None
            if axis is None
            else {"title": None, "tickCount": max(2, self.plot // AXIS_LABEL), "grid": not self.is_narrow, **axis}
        )
        x = {"type": "quantitative", "scale": {"domain": list(ends), "nice": False, "zero": False}, "axis": shown}
        layers = [
            self._across(lines, x),
            *(part.spec(x, self.middles) for part in marks),
            *self._words(),
            *self._symbols(x, ends),
        ]
        return {
            "width": self.plot,
            "height": round(self.height),
            # As wide as it shall be, whatever the renderer's fonts.
            "autosize": "none",
            "padding": {
                "left": self.left,
                "right": self.right,
                "top": 2 + self.above,
                "bottom": 2 if axis is None else 24,
            },
            "layer": [layer for layer in layers if layer["data"]["values"]],
        }

    def _across(self, lines: Sequence[float], x: Spec) -> Spec:
        """Dashed lines: through the rows below a heading, of a narrow drawing beside the marks of each row alone."""
        half = self.band / 2 + 4
        rows = zip(self.names, self.middles, strict=True)
        runs = [
            [middle for _, middle in run] for is_head, run in groupby(rows, lambda row: row[0].is_head) if not is_head
        ]
        if self.is_narrow:
            runs = [[middle] for run in runs for middle in run]
        spans = [(run[0] - half, run[-1] + half) for run in runs]
        return {
            "data": {"values": [{"at": at, "y": y, "to": to} for at in lines for y, to in spans]},
            "mark": {"type": "rule", "color": FAINT, "strokeDash": [4, 3]},
            "encoding": {"x": {**x, "field": "at"}, "y": {**UNSCALED, "field": "y"}, "y2": {"field": "to"}},
        }

    def _words(self) -> Iterable[Spec]:
        """The names of the rows, and what is said of them."""
        heads = [row for row in self.texts if row["weight"] == "bold"]
        plain = [row for row in self.texts if row["weight"] != "bold"]
        for rows, x, how in (
            (plain, -self.left, {"align": "left"}),
            (heads, -self.left, {"align": "left", "fontWeight": "bold"}),
            (self.numbers, self.plot + self.right, {"align": "right"}),
        ):
            yield {
                "data": {"values": [{"words": row["words"], "y": row["y"]} for row in rows]},
                "mark": {"type": "text", "baseline": "middle", "lineHeight": LINE, "x": x, **how},
                "encoding": {"y": {**UNSCALED, "field": "y"}, "text": {"field": "words"}},
            }

    def _symbols(self, x: Spec, ends: tuple[float, float]) -> Iterable[Spec]:
        """What colours and shapes mean, above everything."""
        by_pixel = (ends[1] - ends[0]) / self.plot

        def at(pixels: float) -> float:
            return ends[0] + (pixels - self.left) * by_pixel

        y = {**UNSCALED, "field": "y"}
        yield {
            "data": {"values": [{**key, "y": key["y"] - self.above, "at": at(key["px"] + 6)} for key in self.keys]},
            "mark": {"type": "point", "size": 90, "strokeWidth": 2},
            "encoding": {
                "x": {**x, "field": "at"},
                "y": y,
                "shape": {**AS_GIVEN, "field": "shape"},
                "fill": {**AS_GIVEN, "field": "colour"},
                "stroke": {**AS_GIVEN, "field": "colour"},
            },
        }
        texts = [{**key, "y": key["y"] - self.above, "at": at(key["px"] + 18)} for key in self.keys]
        yield {
            "data": {"values": texts},
            "mark": {"type": "text", "align": "left", "baseline": "middle"},
            "encoding": {"x": {**x, "field": "at"}, "y": y, "text": {"field": "words"}},
        }


def around(numbers: Iterable[float], *, spare: float = 0.04) -> tuple[float, float]:
    """Return the ends of a scale that shows all of these numbers, with something to spare on both sides."""
    known = list(numbers)
    low, high = min(known), max(known)
    wide = (high - low or abs(high) or 1.0) * spare
    return low - wide, high + wide


def from_nothing(numbers: Iterable[float]) -> tuple[float, float]:
    """Return the ends of a scale of bars, which begin at nothing."""
    known = [0.0, *numbers]
    low, high = min(known), max(known)
    wide = high - low or 1.0
    # Something to spare, before what is written beyond the longest.
    return low - 0.02 * wide * (low < 0), low + 1.02 * wide


def stacked(parts: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return bars one after the other: ``start, end, colour`` of parts given as colour and length.

    What is below nothing is drawn to the left of it.
    """
    bars, up, down = [], 0.0, 0.0
    for colour, length in parts:
        begin = up if length >= 0 else down
        bars.append({"start": begin, "end": begin + length, "colour": colour})
        up, down = (begin + length, down) if length >= 0 else (up, begin + length)
    return bars
