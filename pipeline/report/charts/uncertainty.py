"""How sure the ratios are, and what moves them.

Belongs here: charts of what is drawn in simulations. How it is drawn stands in ``method.analysis.uncertainty``; what
other choices would make of a ratio in ``choices``.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import DASHED, Key, Marks, Name, around, listed
from pipeline.report.charts.theme import (
    COLOURS,
    FAINT,
    INK,
    NARROW,
    POUNDS,
    RATIOS_PER_POUND,
    WIDE,
    chart,
    plain_words,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.ranges import KEPT_THROUGHOUT
from pipeline.report.rows import Row, as_rows, records
from pipeline.report.wording import capital, counted, per_pound, percent, ratio_text, words
from pipeline.report.wording import chance as chance_text
from pipeline.tables.vocabulary import RATIOS

SHOWN_PARAMETERS = 12
NO_RANGE = "No range is given: less than half of the value varies in the simulations."
PERCENTILES = ("the edition's", "5 %", "10 %", "half", "90 %", "95 %")
PARAMETER_COLOURS = {"unit_cost": "unit cost", "hours_weight": "hours weight", "deadweight": "deadweight"}
CURVE_HEIGHT = 240
HARDLY = 0.005
# Pounds that a scale of ratios shows at least: its labels have two places.
LEAST_WIDE = 0.2
EIGHT_IN_TEN = "80% range: 8 in 10 simulations fall inside it."


def ranges(uncertainty: pd.DataFrame) -> Figure:
    """Return the range of public value per £1, of the market and of each policy area; that table of an edition.

    Ratios without a range worth showing are counted and left out.
    """
    title = "How certain the ratios are"
    numbers = Numbers("ranges", ("", *PERCENTILES), _range_rows(uncertainty))
    known = uncertainty[(uncertainty["measure"] == "bcr") & (uncertainty["scope_kind"] != "contract")]
    shown = known[known["has_range"]]
    if known.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    if shown.empty:
        return sentence(numbers, title, NO_RANGE)
    ends = ("ratio", "p5", "p10", "p50", "p90", "p95")
    rows: list[Row] = [
        {
            "row": place,
            "scope": words_of(row.scope),
            **{name: float(getattr(row, name)) for name in ends},
            "said": f"{per_pound(row.ratio)} ({ratio_text(row.p10)} to {ratio_text(row.p90)})",
        }
        for place, row in enumerate(records(shown))
    ]
    shapes = listed(
        [Name(row["scope"], row["said"]) for row in rows],
        [
            Marks("rule", [{**row, "start": row["p5"], "end": row["p95"]} for row in rows], INK, 1),
            Marks("bar", [{"row": r["row"], "start": r["p10"], "end": r["p90"]} for r in rows], COLOURS["neutral"], 9),
            Marks("point", [{"row": row["row"], "at": row["ratio"]} for row in rows], INK, 8),
        ],
        around([1.0, *(row[end] for row in rows for end in ends)]),
        band=12,
        axis={"labelExpr": POUNDS},
        keys=[
            Key("estimate", INK, "circle"),
            Key("80% range", COLOURS["neutral"]),
            Key("90% range", INK, "stroke"),
            Key("£1 for £1", FAINT, DASHED),
        ],
        lines=[1.0],
    )
    market = [row for row in as_rows(shown) if row["scope_kind"] == "market"]
    if market:
        own, low, high = (per_pound(market[0][name]) for name in ("ratio", "p10", "p90"))
        title = f"Public value is {own} for every £1 (range {low} to {high})"
    subtitle = f"Public value for each £1 paid. {EIGHT_IN_TEN}"
    left = len(known) - len(shown)
    if left:
        subtitle += f" {counted(left, 'ratio')} not shown: less than half of the value varies in the simulations."
    above = sum(row["p10"] > 1 for row in rows)
    alt = (
        f"A point with its range for each of {counted(len(rows), 'ratio')}; {above} with the whole 80% range above £1."
    )
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def acceptability_curve(acceptability: pd.DataFrame, uncertainty: pd.DataFrame) -> Figure:
    """Return the chance that each ratio of the market lies above a threshold, by threshold; both tables of an edition.

    ``uncertainty`` says where the edition's own ratios lie; one beyond the thresholds is not shown, nor a chance of one
    without a range worth showing.
    """
    title = "How likely the ratios are to exceed £1"
    columns = ("per £1 above", "public value", "fiscal value")
    numbers = Numbers("acceptability", columns, _chance_rows(acceptability, uncertainty))
    if acceptability.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    market = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    if market.empty:
        return sentence(numbers, title, NO_RANGE)
    measures = set(market["measure"])
    curves: list[Row] = [
        {"measure": row.measure, "threshold": float(row.threshold), "chance": float(row.chance_above)}
        for row in records(acceptability[acceptability["measure"].isin(measures)])
    ]
    own: list[Row] = [
        {"measure": measure, "ratio": float(ratio), "chance": _between(acceptability, measure, ratio)}
        for measure, ratio in zip(market["measure"], market["ratio"], strict=True)
        if 0 <= ratio <= acceptability["threshold"].max()
    ]
    chances = dict(zip(market["measure"], market["chance_above_1"], strict=True))
    said = [f"{words_of(measure)} {chance_text(chance)}" for measure, chance in chances.items()]
    if "bcr" in chances:
        title = f"The chance that public value exceeds what was paid is {chance_text(chances['bcr'])}"
    subtitle = "Share of simulations in which value for each £1 paid is above each amount. Point: the estimate itself."
    alt = f"One falling line for each ratio. Chance of more than £1: {', '.join(said)}."
    shapes = (_curves(curves, own, WIDE), _curves(curves, own, NARROW))
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def _curves(curves: list[Row], own: list[Row], width: int) -> Spec:
    """The lines, each with its name where it passes even chances, and the edition's own ratios on them."""
    # Up to where hardly any simulation goes further.
    reached = max((row["threshold"] for row in curves if row["chance"] >= HARDLY), default=1.0)
    amount = {
        "type": "quantitative",
        "scale": {"domain": [0, max(1.5, reached + 0.5)], "nice": False},
        "axis": {"title": "value for each £1 paid", "tickCount": 5, "labelExpr": POUNDS},
    }
    chance = {
        "field": "chance",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }
    colours = {"bcr": INK, "fiscal_bcr": COLOURS["fiscal"]}
    layers: list[Spec] = [
        {
            "data": {"values": [{"at": 1}]},
            "mark": {"type": "rule", "color": FAINT, "strokeDash": [4, 3]},
            "encoding": {"x": {**amount, "field": "at"}},
        }
    ]
    for place, (measure, colour) in enumerate(colours.items()):
        line = [row for row in curves if row["measure"] == measure]
        if not line:
            continue
        layers.append(
            {
                "data": {"values": line},
                "mark": {"type": "line", "color": colour, "strokeWidth": 2.5, "clip": True},
                "encoding": {"x": {**amount, "field": "threshold"}, "y": chance},
            }
        )
        # Beside a swatch at the right, where both lines have fallen.
        key = {"words": RATIOS_PER_POUND[measure], "right": width - 60, "top": 14 + 20 * place}
        layers.append(
            {
                "data": {"values": [key]},
                "mark": {"type": "text", "align": "right", "color": colour, "fontWeight": "bold", "baseline": "middle"},
                "encoding": {
                    "x": {"value": key["right"]},
                    "y": {"value": key["top"]},
                    "text": {"field": "words"},
                },
            }
        )
        layers.append(
            {
                "data": {"values": [row for row in own if row["measure"] == measure]},
                "mark": {"type": "point", "size": 80, "color": colour},
                "encoding": {"x": {**amount, "field": "ratio"}, "y": chance},
            }
        )
    padding = {"left": 44, "right": 10, "top": 8, "bottom": 44}
    size = {"width": width - 54, "height": CURVE_HEIGHT, "autosize": "none", "padding": padding}
    return {**size, "layer": [layer for layer in layers if layer["data"]["values"]]}


def tornado(sensitivity: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})) -> Figure:
    """Return how far each parameter moves the public value per £1 of the market, the largest first.

    ``names``: of outcomes and unit costs, by id; one without a name shows its id in words.
    """
    columns = ("parameter", "grade", "at its low end", "at its high end", "share of the variance")
    own = sensitivity[sensitivity["measure"] == "bcr"]
    numbers = Numbers("tornado", columns, _tornado_rows(own, names))
    shown = own.head(SHOWN_PARAMETERS)
    if shown.empty:
        text = "No uncertain unit cost or rate of deadweight moves the ratio."
        return sentence(numbers, "What moves the ratio most", text)
    rows: list[Row] = [
        {
            "row": place,
            "parameter": text_of(_parameter(row.parameter_id, names), 90),
            "colour": COLOURS[PARAMETER_COLOURS[row.kind]],
            "kind": row.kind,
            "low": float(row.ratio_at_low),
            "high": float(row.ratio_at_high),
        }
        for place, row in enumerate(records(shown))
    ]
    present = [kind for kind in PARAMETER_COLOURS if kind in {row["kind"] for row in rows}]
    shapes = listed(
        [Name(row["parameter"], f"{per_pound(row['low'])} to {per_pound(row['high'])}") for row in rows],
        [Marks("bar", [{**row, "start": row["low"], "end": row["high"]} for row in rows], thick=10)],
        around((end for row in rows for end in (row["low"], row["high"])), least=LEAST_WIDE),
        band=12,
        axis={"labelExpr": POUNDS},
        keys=[Key(words(PARAMETER_COLOURS[kind]), COLOURS[PARAMETER_COLOURS[kind]]) for kind in present],
    )
    first = rows[0]
    most = text_of(first["parameter"], 60)
    title = f"“{capital(most)}” matters most: {per_pound(first['low'])} to {per_pound(first['high'])} over its range"
    subtitle = (
        "Public value for each £1 paid as one assumption goes from its low to its high end, all others "
        f"unchanged. {KEPT_THROUGHOUT}"
    )
    left = len(own) - len(shown)
    if left:
        subtitle += f" {counted(left, 'assumption')} that matter less are not shown."
    alt = f"A bar for each of {counted(len(rows), 'assumption')}, the longest first."
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def _parameter(parameter_id: str, names: Mapping[str, str]) -> str:
    """What a parameter is called, such as ``deadweight (studied): out of care``."""
    kind, _, rest = parameter_id.partition("/")
    layer, _, parts = rest.partition("/")
    if kind == "deadweight" and parts:
        return f"deadweight ({words(layer)}): " + ", ".join(names.get(id_, words(id_)) for id_ in parts.split("/"))
    if kind == "unit_cost":
        return names.get(layer, words(layer))
    return f"{words(kind)}: {words(rest)}"


def _between(acceptability: pd.DataFrame, measure: str, ratio: float) -> float:
    """The chance at a ratio that lies between two thresholds, on the straight line that is drawn there."""
    curve = acceptability[acceptability["measure"] == measure]
    return float(np.interp(ratio, curve["threshold"], curve["chance_above"]))


def _range_rows(table: pd.DataFrame) -> Rows:
    shown = table[(table["measure"] == "bcr") & (table["scope_kind"] != "contract") & table["has_range"]]
    ends = ("ratio", "p5", "p10", "p50", "p90", "p95")
    return [(plain_words(row["scope"]), *(ratio_text(row[end]) for end in ends)) for row in as_rows(shown)]


def _tornado_rows(table: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    return [
        (
            _parameter(row.parameter_id, names),
            row.grade,
            ratio_text(row.ratio_at_low),
            ratio_text(row.ratio_at_high),
            percent(row.first_order_index),
        )
        for row in records(table)
    ]


def _chance_rows(table: pd.DataFrame, uncertainty: pd.DataFrame) -> Rows:
    # Without a range worth showing no chance is given either.
    sure = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    shown = table[table["measure"].isin(sure["measure"])]
    wide = shown.pivot(index="threshold", columns="measure", values="chance_above").reindex(columns=list(RATIOS))
    return [(f"£{row.Index:.1f}", chance_text(row.bcr), chance_text(row.fiscal_bcr)) for row in wide.itertuples()]
