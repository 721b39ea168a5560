"""An edition beside a what-if.

Belongs here: the chart of two headlines beside each other. How a what-if is worked out stands in ``orchestration``.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.charts.theme import COLOURS, RATIOS_PER_POUND, chart, millions_axis, names_along, text_of, words_of
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row
from pipeline.report.wording import million, ratio_text

SIDES = ("as it is", "what-if")


def beside(base: Mapping[str, Any], changed: Mapping[str, Any]) -> Figure:
    """Return the ratios and the value by policy area of an edition and of a what-if, from their headlines."""
    sides = dict(zip(SIDES, (base, changed), strict=True))
    ratios = [
        {"name": name, "side": side, "number": data[key], "said": ratio_text(data[key])}
        for key, name in RATIOS_PER_POUND.items()
        for side, data in sides.items()
    ]
    areas = list(dict.fromkeys([*base["by_policy_area"], *changed["by_policy_area"]]))
    values = [
        {"name": words_of(area), "side": side, "number": gbp, "said": million(gbp)}
        for area in areas
        for side, data in sides.items()
        for gbp in [data["by_policy_area"].get(area, {}).get("public_value_gbp")]
    ]
    body = {
        "vconcat": [
            _pairs(ratios, {"title": "for every £1 paid", "tickCount": 4}),
            _pairs(values, {**millions_axis(4), "title": "public value, all valued contracts"}),
        ],
        "spacing": 30,
    }
    before, after = (ratio_text(data["bcr"]) for data in (base, changed))
    line = f"{text_of(base['edition'], 60)}: £{before} of public value per £1 paid; what-if: £{after}."
    return chart(_numbers([*ratios, *values]), "An edition and a what-if", [line], body)


def _pairs(rows: list[Row], axis: Spec) -> Spec:
    """Bars of an edition and of a what-if beside each other."""
    places = {
        "y": {**names_along("name"), "sort": None},
        "yOffset": {"field": "side", "sort": list(SIDES)},
        "x": {"field": "number", "type": "quantitative", "axis": axis},
    }
    colour = {
        "field": "side",
        "scale": {"domain": list(SIDES), "range": [COLOURS["neutral"], COLOURS["what-if"]]},
    }
    label = {
        "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 10},
        "encoding": {**places, "text": {"field": "said"}},
    }
    bar = {"mark": "bar", "encoding": {**places, "color": colour}}
    return {"data": {"values": rows}, "width": 220, "height": {"step": 16}, "layer": [bar, label]}


def _numbers(rows: list[Row]) -> Numbers:
    """The two sides of each figure beside each other."""
    said = {(row["name"], row["side"]): row["said"] for row in rows}
    names = dict.fromkeys(row["name"] for row in rows)
    return Numbers("what-if", ("", *SIDES), [(name, *(said[name, side] for side in SIDES)) for name in names])
