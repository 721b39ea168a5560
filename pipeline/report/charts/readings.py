"""Readings of a published study.

Belongs here: charts of what readings have in common. Which readings there are, and which come near, is worked out in
``method.analysis.reconstruction``; the steps of one of them are a waterfall.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import Marks, Name, listed
from pipeline.report.charts.theme import (
    COLOURS,
    INK,
    NARROW,
    RATIOS_PER_POUND,
    WIDE,
    chart,
    sentence,
    text_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, as_rows
from pipeline.report.wording import chance, counted, per_pound, percent, ratio_text

LIGHT, DARK = "#8FC1E3", "#08519C"


def near_readings(readings: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Return in which share of the near readings each step occurs; ``names``: of the steps, by id."""
    with_plugs = readings[readings["plugs"] == "with plugs"]
    rows: list[Row] = [
        {"name": text_of(names.get(row["step_id"], row["step_id"]), 60), "share": row["share"]}
        | {"said": percent(row["share"])}
        for row in as_rows(with_plugs[with_plugs["measure"] == "near_with_step"])
    ]
    near = int(with_plugs.loc[with_plugs["measure"] == "near", "number"].sum())
    numbers = Numbers("near_readings", ("step", "share of the near readings"), [(r["name"], r["said"]) for r in rows])
    if not rows or not near:
        empty = Numbers(numbers.id, numbers.columns, [])
        text = "No reading comes near both published ratios."
        return sentence(empty, "What readings near the published ratios have in common", text)
    bars = [{**row, "row": place, "start": 0.0, "end": row["share"]} for place, row in enumerate(rows)]
    shapes = listed([Name(r["name"], r["said"]) for r in rows], [Marks("bar", bars, COLOURS["fiscal"])], (0.0, 1.02))
    most = max(row["share"] for row in rows)
    first = [f"“{row['name']}”" for row in rows if row["share"] == most]
    those = first[0] if len(first) == 1 else counted(len(first), "step")
    share = "all" if most == 1 else chance(most)
    title = f"{those} {'is' if len(first) == 1 else 'are'} in {share} of the readings near the published ratios"
    subtitle = (
        f"Share of the {counted(near, 'reading')} near both published ratios that make each step. Steps that move "
        "nothing are not shown."
    )
    return chart(numbers, title, subtitle, f"A bar for each of {counted(len(rows), 'step')}.", shapes)


def map_of_readings(cells: pd.DataFrame, published: Mapping[str, float], own: Mapping[str, float]) -> Figure:
    """Return where all readings lie by their two ratios, the published ones and those of the edition beside them.

    ``cells``: as ``method.analysis.reconstruction.readings.where_readings_lie`` gives them.
    """
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
        return sentence(numbers, "Where all readings are", "There is no reading to show.")
    total = int(cells["readings"].sum())
    below = int(cells.loc[cells["bcr_to"] <= published["bcr"] + 1e-9, "readings"].sum())
    few = "All" if below == total else "None" if not below else f"{below:,}"
    title = (
        f"{few} of the {counted(total, 'reading')} {'give' if below else 'gives'} less public value than was published"
    )
    subtitle = (
        f"All {counted(total, 'reading')} that put nothing in, by the two ratios; a darker square has more of them. In "
        "the frame both ratios are within a tenth of the published ones."
    )
    alt = (
        f"A map of squares; the edition is at {per_pound(own['bcr'])} and the study at "
        f"{per_pound(published['bcr'])} of public value."
    )
    shapes = (_squares(cells, published, own, WIDE), _squares(cells, published, own, NARROW))
    return chart(numbers, title, subtitle, alt, shapes)


def _squares(cells: pd.DataFrame, published: Mapping[str, float], own: Mapping[str, float], width: int) -> Spec:
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
    legend = {"title": "readings", "tickCount": 3, "gradientLength": 160, "orient": "top", "direction": "horizontal"}
    shade = {
        "field": "readings",
        "type": "quantitative",
        "scale": {"type": "log", "range": [LIGHT, DARK]},
        "legend": {**legend, "titleFontWeight": "normal"},
    }
    points: list[dict[str, Any]] = [
        {"bcr": own["bcr"], "fiscal_bcr": own["fiscal_bcr"], "name": "our edition"},
        {"bcr": published["bcr"], "fiscal_bcr": published["fiscal_bcr"], "name": "published"},
    ]
    # With an edge, so that the faintest is seen on white paper and the darkest on black.
    edged = {"type": "rect", "stroke": COLOURS["neutral"], "strokeWidth": 0.6}
    at = {"x": {"field": "bcr", **x}, "y": {"field": "fiscal_bcr", **y}}
    return {
        "width": width - 64,
        "height": round((width - 64) * 0.7),
        "layer": [
            {"data": {"values": as_rows(cells)}, "mark": edged, "encoding": {**places, "color": shade}},
            {
                "data": {"values": [box]},
                "mark": {"type": "rect", "filled": False, "stroke": COLOURS["less"], "strokeWidth": 2},
                "encoding": places,
            },
            {
                "data": {"values": points},
                "mark": {"type": "point", "size": 60, "fill": COLOURS["less"], "stroke": INK},
                "encoding": at,
            },
            *(
                {
                    "data": {"values": [point]},
                    # The one further right has its name to the left, where there is room.
                    "mark": {"type": "text", "align": align, "dx": dx, "dy": -10, "fontWeight": "bold"},
                    "encoding": {**at, "text": {"field": "name"}},
                }
                for point, align, dx in zip(
                    sorted(points, key=itemgetter("bcr")), ("left", "right"), (9, -9), strict=True
                )
            ),
        ],
    }
