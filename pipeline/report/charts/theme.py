"""What all charts share: colours, the theme, and how a figure is put together.

Belongs here: what more than one chart uses. A specification is plain data in Vega-Lite: it holds its values, and text
from a table is never part of an expression. Numbers are written as in ``pipeline.report.wording``. Rows of names and
marks are laid out in ``listed``.
"""

import math
from collections.abc import Iterable
from textwrap import wrap

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.drawing import Spec
from pipeline.report.wording import RATIO_WORDS, million

# Pixels: a column of two on a laptop, and what a phone leaves between its margins. A page shows each drawing as it is,
# so that its texts are as large as here.
WIDE, NARROW = 544, 350
FONT_SIZE = 13
# Pixels of an average character of that size in a wide font, which a reader may have; a bold one is wider.
CHARACTER, BOLD_CHARACTER = 7.3, 8.2
# After Okabe and Ito, who chose colours that colour-blind people can tell apart, darker where white paper needs it.
# In the dark ``charts.css`` shows lighter ones.
COLOURS = {
    "fiscal": "#0072B2",
    "economic": "#B87700",
    "social": "#2FA085",
    "payments": "#4D4D4D",
    "what-if": "#AA4499",
    "unit cost": "#3B8EC2",
    "hours weight": "#8C7B16",
    "deadweight": "#C9598F",
    "more": "#1A7FC0",
    "less": "#D55E00",
    "neutral": "#8A8A8A",
}
AREA_COLOURS = {
    "child_and_family_welfare": "#332288",
    "criminal_justice": "#882255",
    "education": "#8A8A1F",
    "employment_and_training": "#117733",
    "health": "#CC6677",
    "homelessness": "#2B9486",
}
INK = "#222222"
FAINT = "#555555"
GRID = "#E4E4E4"
LAND = "#EFEFEF"
THEME: Spec = {
    "font": "Arial,sans-serif",
    "background": "white",
    "padding": 4,
    # The page describes the image; marks that describe themselves too add up to half of it.
    "aria": False,
    "title": {
        "anchor": "start",
        "frame": "bounds",
        "fontSize": 16,
        "color": INK,
        "subtitleFontSize": FONT_SIZE,
        "subtitleColor": FAINT,
        "offset": 12,
        "limit": 0,
    },
    "axis": {
        "labelFontSize": FONT_SIZE,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
        "labelColor": FAINT,
        "titleColor": FAINT,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        # Texts are cut before: to measure one is what takes the renderer its time, and a limit measures it again.
        "labelLimit": 0,
        "titleLimit": 0,
    },
    "legend": {
        "labelFontSize": FONT_SIZE,
        "labelColor": INK,
        "labelLimit": 0,
        "titleFontSize": FONT_SIZE,
        "titleColor": INK,
        "gradientStrokeColor": COLOURS["neutral"],
    },
    "view": {"stroke": None},
    "text": {"fontSize": FONT_SIZE, "color": INK, "limit": 0},
    "point": {"filled": True, "opacity": 1},
    "tick": {"opacity": 1, "thickness": 2},
}
RATIOS_PER_POUND = {measure: f"{words} per £1" for measure, words in RATIO_WORDS.items()}
POUNDS_IN_MILLIONS = (
    "datum.value == 0 ? '£0' : (datum.value < 0 ? '−' : '') + '£' + format(abs(datum.value) / 1e6, ',') + 'm'"
)
POUNDS = "(datum.value < 0 ? '−' : '') + '£' + format(abs(datum.value), datum.value % 1 ? '.2f' : ',')"


def chart(
    numbers: Numbers, title: str, subtitle: str, alt: str, shapes: tuple[Spec, Spec], *, is_real: bool = False
) -> Figure:
    """Return a figure in the one theme: what it finds, what is shown, and its drawings, the wide one first.

    ``is_real``: its pounds are in the prices of the edition.
    """
    wide, narrow = ({**body, **_frame()} for body in shapes)
    lines = {"text": wrap(title, 62), "subtitle": wrap(subtitle, 84)}
    # The title needs its room: here the renderer finds the size.
    titled = {**wide, "title": lines, "autosize": "pad", "padding": 6}
    return Figure(numbers.id, title, subtitle, alt, wide, narrow, titled, numbers.columns, numbers.rows, is_real)


def sentence(numbers: Numbers, title: str, text: str) -> Figure:
    """Return a figure of which there is nothing to draw, saying so."""
    return chart(numbers, title, "", text, (_said(text, WIDE), _said(text, NARROW)))


def _said(text: str, width: int) -> Spec:
    lines = wrap(text, int(width / CHARACTER))
    mark = {"type": "text", "align": "left", "baseline": "top", "x": 0, "y": 0, "lineHeight": 18, "text": lines}
    size = {"width": width, "height": 18 * len(lines), "autosize": "none", "padding": 0}
    return {**size, "data": {"values": [{}]}, "mark": mark}


def _frame() -> Spec:
    return {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": THEME}


def pixels_of(text: str) -> float:
    """Return about how wide a text is drawn."""
    return CHARACTER * len(text)


def short_money(gbp: float) -> str:
    """Return pounds in millions as a chart says them: nothing is £0, and what is less than is written says so."""
    text = million(gbp)
    if text.removeprefix("−") != "£0.0m":
        return text
    return "under £0.1m" if gbp > 0 else "£0" if gbp == 0 else "above −£0.1m"


def text_of(text: str, longest: int) -> str:
    """Return text that can be drawn, on one line and not too long; an image cannot hold control characters."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def words_of(name: str) -> str:
    """Return a name of a table in words: ``outcome_payments_in_bcr_gbp`` is ``outcome payments in the ratio``."""
    if name in RATIOS_PER_POUND:
        return RATIOS_PER_POUND[name]
    return text_of(name.removesuffix("_gbp").replace("_", " ").replace("bcr", "the ratio").replace("+", " + "), 60)


def plain_words(name: str) -> str:
    """Return a name of a table in words, for the table beside a chart, where it may be as long as it is."""
    return name.replace("_", " ")


def decades(numbers: Iterable[float]) -> list[float]:
    """Return the powers of ten around positive numbers, two at least."""
    logs = [math.log10(number) for number in numbers]
    low, high = math.floor(min(logs)), math.ceil(max(logs))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]
