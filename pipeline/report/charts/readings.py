"""Readings of a published study.

Belongs here: charts of what readings have in common. Which readings there are, and which come near, is worked out in
``method.analysis.reconstruction``; the steps of one of them are a waterfall.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import COLOURS, INK, RATIOS_PER_POUND, chart, labelled_bars, sentence, text_of
from pipeline.report.charts.waterfall import LONGEST_NAME
from pipeline.report.drawing import Spec
from pipeline.report.rows import as_rows
from pipeline.report.wording import counted, percent, ratio_text


def near_readings(readings: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Return in which share of the near readings each step occurs; ``names``: of the steps, by id."""
    title = "What the readings that come near have in common"
    with_plugs = readings[readings["plugs"] == "with plugs"]
    rows = [
        {"name": text_of(names.get(row["step_id"], row["step_id"]), LONGEST_NAME), "share": row["share"]}
        | {"said": percent(row["share"])}
        for row in as_rows(with_plugs[with_plugs["measure"] == "near_with_step"])
    ]
    near = int(with_plugs.loc[with_plugs["measure"] == "near", "number"].sum())
    numbers = Numbers("near_readings", ("step", "share of the near readings"), [(r["name"], r["said"]) for r in rows])
    if not rows or not near:
        empty = Numbers(numbers.id, numbers.columns, [])
        return sentence(empty, title, "No reading comes near both published ratios.")
    share: Spec = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 4},
    }
    body = {"data": {"values": rows}, **labelled_bars("name", share, whole=1)}
    lines = [
        f"Share of the {counted(near, 'reading')} near both published ratios that make each step.",
        "The line is all of them. A step that moves nothing is not shown: it would only double the count.",
    ]
    return chart(numbers, title, lines, body)


def map_of_readings(cells: pd.DataFrame, published: Mapping[str, float], own: Mapping[str, float]) -> Figure:
    """Return where all readings lie by their two ratios, the published ones and those of the edition beside them.

    ``cells``: as ``method.analysis.reconstruction.readings.where_readings_lie`` gives them.
    """
    title = "Where all readings lie"
    columns = ("public value per £1", "fiscal value per £1", "readings")
    rows: Rows = [
        (
            f"{ratio_text(row['bcr_from'])}–{ratio_text(row['bcr_to'])}",
            f"{ratio_text(row['fiscal_bcr_from'])}–{ratio_text(row['fiscal_bcr_to'])}",
            f"{row['readings']:,}",
        )
        for row in as_rows(cells)
    ]
    numbers = Numbers("map_of_readings", columns, rows)
    if not rows:
        return sentence(numbers, title, "There is no reading to show.")
    x, y = (
        {"type": "quantitative", "axis": {"title": RATIOS_PER_POUND[name], "tickCount": 6}}
        for name in ("bcr", "fiscal_bcr")
    )
    box = {f"{name}_{end}": by * published[name] for name in published for end, by in (("from", 0.9), ("to", 1.1))}
    places = {
        "x": {"field": "bcr_from", **x},
        "x2": {"field": "bcr_to"},
        "y": {"field": "fiscal_bcr_from", **y},
        "y2": {"field": "fiscal_bcr_to"},
    }
    shade = {
        "field": "readings",
        "type": "quantitative",
        "scale": {"type": "log", "range": ["#C6DDEB", COLOURS["fiscal"]]},
        "legend": {"title": "readings", "tickCount": 3, "gradientLength": 160},
    }
    points = [
        {"bcr": own["bcr"], "fiscal_bcr": own["fiscal_bcr"], "name": "our edition"},
        {"bcr": published["bcr"], "fiscal_bcr": published["fiscal_bcr"], "name": "published"},
    ]
    at = {"x": {"field": "bcr", **x}, "y": {"field": "fiscal_bcr", **y}}
    body: Spec = {
        "width": 340,
        "height": 260,
        "layer": [
            {"data": {"values": as_rows(cells)}, "mark": "rect", "encoding": {**places, "color": shade}},
            {
                "data": {"values": [box]},
                "mark": {"type": "rect", "filled": False, "stroke": COLOURS["payments"], "strokeWidth": 2},
                "encoding": places,
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "size": 50, "fill": COLOURS["payments"], "stroke": INK},
                "encoding": at,
            },
            {
                "data": {"values": points},
                "mark": {"type": "text", "align": "right", "dx": -8, "dy": -9},
                "encoding": {**at, "text": {"field": "name"}},
            },
        ],
    }
    lines = [
        "Each square holds readings that put nothing in; the darker, the more. A reading comes near where it lies",
        "in the frame, within a tenth of both published ratios.",
    ]
    return chart(numbers, title, lines, body)
