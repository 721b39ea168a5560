"""What all charts share: colours, the theme, axes and marks, and how names are written on them.

Belongs here: what more than one chart uses. A specification is plain data in Vega-Lite: it holds its values, and text
from a table is never part of an expression. Numbers are written as in ``pipeline.report.wording``.
"""

import math
from collections.abc import Iterable, Sequence

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.drawing import Spec
from pipeline.report.wording import RATIO_WORDS

# Okabe and Ito's palette and, below, Paul Tol's: colour-blind readers can tell them apart.
COLOURS = {
    "fiscal": "#0072B2",
    "economic": "#E69F00",
    "social": "#009E73",
    "payments": "#D55E00",
    "gross": "#333333",
    "what-if": "#AA4499",
    "unit cost": "#56B4E9",
    "hours weight": "#DDCC77",
    "deadweight": "#CC79A7",
    "edition": "#F0E442",
    "public": "#000000",
    "neutral": "#8A8A8A",
}
AREA_COLOURS = {
    "child_and_family_welfare": "#332288",
    "criminal_justice": "#882255",
    "education": "#999933",
    "employment_and_training": "#117733",
    "health": "#CC6677",
    "homelessness": "#44AA99",
}
INK = "#222222"
GRID = "#E4E4E4"
THEME: Spec = {
    "font": "Arial,sans-serif",
    "background": "white",
    "padding": 10,
    # The description goes into the text of the image; marks that describe themselves too add up to half.
    "aria": False,
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 15,
        "color": INK,
        "subtitleFontSize": 12,
        "subtitleColor": "#555555",
        "offset": 12,
        "limit": 0,
    },
    "axis": {
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        # Texts are cut before: to measure one is what takes the renderer its time, and a limit measures it again.
        "labelLimit": 0,
    },
    "header": {"labelFontSize": 12, "labelFontWeight": "bold", "labelColor": INK, "title": None},
    "legend": {"orient": "bottom", "title": None, "labelFontSize": 11, "labelColor": INK, "labelLimit": 0},
    "view": {"stroke": None},
    "text": {"fontSize": 11, "color": INK},
    "point": {"filled": True, "opacity": 1},
    "tick": {"opacity": 1, "thickness": 2},
    # What has no colour of its own, such as periods.
    "range": {"category": [COLOURS["neutral"], "#4D4D4D", "#BDBDBD"]},
}
RATIOS_PER_POUND = {measure: f"{words} per £1" for measure, words in RATIO_WORDS.items()}
POUNDS_IN_MILLIONS = "(datum.value < 0 ? '−' : '') + '£' + format(abs(datum.value) / 1e6, ',') + 'm'"


def chart(numbers: Numbers, title: str, lines: Sequence[str], body: Spec) -> Figure:
    """Return a figure in the one theme: its title, what has to be known beneath it, and both as its description."""
    return _figure(numbers, title, lines, f"{title}. {' '.join(lines)}", body)


def sentence(numbers: Numbers, title: str, text: str) -> Figure:
    """Return a figure of which there is nothing to draw, saying so."""
    mark = {"type": "text", "text": text, "align": "left", "x": 0, "fontSize": 13}
    body = {"width": 520, "height": 30, "data": {"values": [{}]}, "mark": mark}
    return _figure(numbers, title, [], f"{title}. {text}", body)


def _figure(numbers: Numbers, title: str, lines: Sequence[str], description: str, body: Spec) -> Figure:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "description": description,
        "title": {"text": title, "subtitle": list(lines)},
        "config": THEME,
        **body,
    }
    return Figure(numbers.id, spec, numbers.columns, numbers.rows)


def names_along(field: str) -> Spec:
    """Return the axis of what is named."""
    return {"field": field, "type": "nominal", "axis": {"title": None}}


def per_pound(field: str) -> Spec:
    """Return a ratio along the x axis, which need not begin at nothing."""
    axis = {"title": None, "tickCount": 5}
    return {"field": field, "type": "quantitative", "axis": axis, "scale": {"zero": False}}


def millions_axis(ticks: int) -> Spec:
    """Return an axis of millions of pounds."""
    return {"labelExpr": POUNDS_IN_MILLIONS, "title": None, "tickCount": ticks}


def colours_of(field: str, names: Sequence[str]) -> Spec:
    """Return the colours of these names, with a legend."""
    return {"field": field, "scale": {"domain": list(names), "range": [COLOURS[name] for name in names]}}


def area_colours(legend: Spec | None) -> Spec:
    """Return the colours of the policy areas."""
    areas = {words_of(area): colour for area, colour in AREA_COLOURS.items()}
    return {"field": "area", "scale": {"domain": list(areas), "range": list(areas.values())}, "legend": legend}


def line_at(number: float) -> Spec:
    """Return a dashed line across the chart."""
    return {
        "data": {"values": [{"at": number}]},
        "mark": {"type": "rule", "color": COLOURS["neutral"], "strokeDash": [5, 4]},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def labelled_bars(name: str, number: Spec, whole: float | None = None) -> Spec:
    """Return bars with what is said of each at their end, and a line at the whole."""
    places = {"y": {**names_along(name), "sort": None}, "x": number}
    bar = {"mark": {"type": "bar", "color": COLOURS["neutral"]}, "encoding": places}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 5},
        "encoding": {**places, "text": {"field": "said"}},
    }
    line = [] if whole is None else [line_at(whole)]
    return {"width": 300, "height": {"step": 22}, "layer": [bar, *line, label]}


def text_of(text: str, longest: int) -> str:
    """Return text that can be drawn, on one line and not too long; an image cannot hold control characters."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def words_of(name: str) -> str:
    """Return a name of a table in words: ``outcome_payments_in_bcr_gbp`` is ``outcome payments in the ratio``."""
    if name in RATIOS_PER_POUND:
        return RATIOS_PER_POUND[name]
    return text_of(name.removesuffix("_gbp").replace("_", " ").replace("bcr", "the ratio").replace("+", " + "), 44)


def plain_words(name: str) -> str:
    """Return a name of a table in words, for the table beside a chart, where it may be as long as it is."""
    return name.replace("_", " ")


def decades(numbers: Iterable[float]) -> list[float]:
    """Return the powers of ten around positive numbers, two at least."""
    logs = [math.log10(number) for number in numbers]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]
