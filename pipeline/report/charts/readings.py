"""Readings of a published study.

Belongs here: charts of what readings have in common. Which readings there are, and which come near, is worked out in
``method.analysis.reconstruction``; the steps of one of them are a waterfall.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.charts.theme import chart, labelled_bars, sentence, text_of
from pipeline.report.charts.waterfall import LONGEST_NAME
from pipeline.report.drawing import Spec
from pipeline.report.rows import as_rows
from pipeline.report.wording import counted, percent


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
        "The line is all of them; a step that moves neither ratio stands in half.",
    ]
    return chart(numbers, title, lines, body)
