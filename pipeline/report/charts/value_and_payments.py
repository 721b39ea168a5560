"""Value beside payments on two log scales, with the line on which both are equal.

Belongs here: where the points of that chart and their names are. Which contracts it shows is chosen in ``contracts``.
"""

import math
from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.theme import (
    AREA_COLOURS,
    FAINT,
    NARROW,
    POUNDS_IN_MILLIONS,
    WIDE,
    decades,
    text_of,
    words_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, records

NAMED_CONTRACTS = 6
NAME_PIXELS = 17


def beside_parity(shown: pd.DataFrame, names: Mapping[str, str]) -> tuple[Spec, Spec]:
    """Return points of value and payments, both on the same log scale; ``shown``: contracts, the largest first."""
    ends = decades([*shown["outcome_payments_real_gbp"], *shown["public_value_gbp"]])
    wide, narrow = (_points(shown, names, ends, width) for width in (WIDE, NARROW))
    return wide, narrow


def _points(shown: pd.DataFrame, names: Mapping[str, str], ends: list[float], width: int) -> Spec:
    plot = width - 70
    named = _named(shown, NAME_PIXELS * (len(ends) - 1) / plot)
    rows: list[Row] = [
        {
            "payments_gbp": float(row.outcome_payments_real_gbp),
            "value_gbp": float(row.public_value_gbp),
            "area": words_of(row.policy_area),
            "name": text_of(names.get(row.contract_id, row.contract_id), 26) if row.contract_id in named else "",
            "is_above": bool(row.public_value_gbp > row.outcome_payments_real_gbp),
        }
        for row in records(shown)
    ]
    money = {"type": "quantitative", "scale": {"type": "log", "domain": [ends[0], ends[-1]], "nice": False}}
    axis = {"values": ends, "labelExpr": POUNDS_IN_MILLIONS}
    places = {
        "x": {**money, "field": "payments_gbp", "axis": {**axis, "title": "outcome payments"}},
        "y": {**money, "field": "value_gbp", "axis": {**axis, "title": "public value"}},
    }
    areas = {words_of(area): colour for area, colour in AREA_COLOURS.items()}
    legend = {"orient": "bottom", "title": None, "columns": 3 if width == WIDE else 2, "labelFontSize": 13}
    colour = {"field": "area", "scale": {"domain": list(areas), "range": list(areas.values())}, "legend": legend}
    parity = {
        "data": {"values": [{"payments_gbp": end, "value_gbp": end} for end in (ends[0], ends[-1])]},
        "mark": {"type": "line", "color": FAINT, "strokeDash": [4, 3]},
        "encoding": places,
    }
    points = {
        "data": {"values": rows},
        "mark": {"type": "point", "size": 60},
        "encoding": {**places, "color": colour, "shape": {"field": "area", "scale": {"domain": list(areas)}}},
    }
    # Names stand away from the line, where there are fewer points.
    labels = [
        {
            "data": {"values": [row for row in rows if row["name"] and row["is_above"] == is_above]},
            "mark": {"type": "text", "align": "right" if is_above else "left", "dx": -8 if is_above else 8},
            "encoding": {**places, "text": {"field": "name"}},
        }
        for is_above in (True, False)
    ]
    return {"width": plot, "height": plot, "layer": [parity, points, *labels]}


def _named(contracts: pd.DataFrame, apart: float) -> list[str]:
    """The largest contracts, the largest first; on either side of parity names are so many powers of ten apart."""
    named: list[str] = []
    last = {True: math.inf, False: math.inf}
    for row in records(contracts):
        height = math.log10(row.public_value_gbp)
        is_above = bool(row.public_value_gbp > row.outcome_payments_real_gbp)
        if last[is_above] - height >= apart:
            named.append(row.contract_id)
            last[is_above] = height
    return named[:NAMED_CONTRACTS]
