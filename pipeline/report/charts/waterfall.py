"""How one figure becomes another, step by step.

Belongs here: the chart of a waterfall, of whatever steps. What a step is and how large it is is worked out in
``method.analysis``; the words of each come from whoever shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import COLOURS, INK, chart, names_along, sentence, text_of
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row

LONGEST_NAME = 48
# Pixels; names are cut at 200 unless the axis may be wider, and where a browser has a wider font than the renderer.
WIDEST_NAMES = 300
PADDING = {"left": 60, "top": 10, "right": 30, "bottom": 10}
# What a bar is: a figure that stands by itself, a step up or down, or a step that is drawn apart from the others.
TOTAL, UP, DOWN = "total", "more", "less"
STEP_COLOURS = {TOTAL: COLOURS["gross"], UP: COLOURS["fiscal"], DOWN: COLOURS["payments"]}
APART_COLOUR = COLOURS["neutral"]


@dataclass(frozen=True)
class Bar:
    """One bar: a step from ``before`` to ``after``, or a total, which has no ``before``.

    ``low``, ``high``: where the step might end, if a range of it is known; ``is_apart``: drawn hollow, in a colour of
    its own.
    """

    name: str
    after: float
    before: float | None = None
    low: float | None = None
    high: float | None = None
    is_apart: bool = False


def waterfall(
    id_: str,
    title: str,
    lines: Sequence[str],
    bars: Sequence[Bar],
    written: Callable[[float], str],
    *,
    apart: str = "apart",
    marks: Sequence[tuple[str, float]] = (),
    axis: Spec | None = None,
) -> Figure:
    """Return the bars below each other, each beginning where the one before ends.

    ``lines``: what has to be known to read it; ``written``: how a number is written; ``apart``: what bars that are
    drawn apart are called; ``marks``: lines across the chart, with their names; ``axis``: of the numbers.
    """
    numbers = Numbers(id_, ("step", "change", "range of the change", "then"), _rows(bars, written))
    if not bars:
        return sentence(numbers, title, "There is no step to show.")
    rows = [_row(bar, written, apart) for bar in bars]
    present = [kind for kind in (*STEP_COLOURS, apart) if kind in {row["kind"] for row in rows}]
    colour = {
        "field": "kind",
        "scale": {"domain": present, "range": [STEP_COLOURS.get(kind, APART_COLOUR) for kind in present]},
    }
    y = {**names_along("name"), "sort": None, "axis": {"title": None, "maxExtent": WIDEST_NAMES}}
    x = {"type": "quantitative", "axis": {"title": None, "tickCount": 5, **(axis or {})}}
    places = {"y": y, "x": {"field": "from", **x}, "x2": {"field": "to"}}
    ranged = [row for row in rows if row["low"] is not None]
    layers: list[Spec] = [
        {
            "mark": {"type": "bar", "height": 13, "strokeWidth": 1.5},
            "encoding": {
                **places,
                "color": {**colour, "legend": {"symbolType": "square"}},
                "stroke": {**colour, "legend": None},
                "fillOpacity": {"condition": {"test": "datum.is_apart", "value": 0.15}, "value": 1},
            },
        },
        *(_mark(name, at, x) for name, at in marks),
        {
            "mark": {"type": "text", "align": "left", "dx": 6},
            "encoding": {"y": y, "x": {"field": "end", **x}, "text": {"field": "said"}},
        },
    ]
    if ranged:
        ends = {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}}
        layers.insert(1, {"data": {"values": ranged}, "mark": {"type": "rule", "color": INK}, "encoding": ends})
    body = {"padding": PADDING, "data": {"values": rows}, "width": 300, "height": {"step": 21}, "layer": layers}
    return chart(numbers, title, lines, body)


def _row(bar: Bar, written: Callable[[float], str], apart: str) -> Row:
    begin = 0.0 if bar.before is None else bar.before
    change = bar.after - begin
    kind = TOTAL if bar.before is None else apart if bar.is_apart else UP if change >= 0 else DOWN
    ends = [end for end in (begin, bar.after, bar.low, bar.high) if end is not None]
    return {
        "name": text_of(bar.name, LONGEST_NAME),
        "from": begin,
        "to": bar.after,
        "low": None if bar.low is None or bar.high is None else min(bar.low, bar.high),
        "high": None if bar.low is None or bar.high is None else max(bar.low, bar.high),
        "end": max(ends),
        "kind": kind,
        "is_apart": bar.is_apart,
        "said": written(bar.after) if bar.before is None else _signed(change, written),
    }


def _mark(name: str, at: float, x: Spec) -> Spec:
    """A dashed line across the chart, with its name above it."""
    place = {"x": {"field": "at", **x}}
    line = {"mark": {"type": "rule", "color": COLOURS["neutral"], "strokeDash": [5, 4]}, "encoding": place}
    label = {
        "mark": {"type": "text", "baseline": "bottom", "dy": -3, "y": 0, "align": "right", "color": "#555555"},
        "encoding": {**place, "text": {"field": "name"}},
    }
    return {"data": {"values": [{"at": at, "name": text_of(name, LONGEST_NAME)}]}, "layer": [line, label]}


def _signed(change: float, written: Callable[[float], str]) -> str:
    said = written(change)
    return f"+{said}" if change > 0 else said


def _rows(bars: Sequence[Bar], written: Callable[[float], str]) -> Rows:
    return [
        (
            bar.name,
            "" if bar.before is None else _signed(bar.after - bar.before, written),
            ""
            if bar.before is None or bar.low is None or bar.high is None
            else f"{_signed(bar.low - bar.before, written)} to {_signed(bar.high - bar.before, written)}",
            written(bar.after),
        )
        for bar in bars
    ]
