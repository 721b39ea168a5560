"""How sure the ratios are, and what moves them.

Belongs here: charts of what is drawn in simulations. How it is drawn stands in ``method.analysis.uncertainty``; what
other choices would make of a ratio in ``choices``.
"""

import numpy as np
import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    COLOURS,
    INK,
    RATIOS_PER_POUND,
    chart,
    colours_of,
    line_at,
    names_along,
    per_pound,
    plain_words,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.rows import Row, as_rows, records
from pipeline.report.wording import chance as chance_text
from pipeline.report.wording import counted, percent, ratio_text
from pipeline.tables.vocabulary import RATIOS

SHOWN_PARAMETERS = 12
NO_RANGE = "No range is given: less than half of the value rests on something that is drawn."
PERCENTILES = ("the edition's", "5 %", "10 %", "half", "90 %", "95 %")


def ranges(uncertainty: pd.DataFrame) -> Figure:
    """Return the range of public value per £1, of the market and of each policy area; that table of an edition.

    Ratios without a range worth showing are counted and left out.
    """
    title = "How sure the ratios are"
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
            "scope": words_of(row.scope),
            **{name: float(getattr(row, name)) for name in ends},
            "said": f"{ratio_text(row.p10)} to {ratio_text(row.p90)}",
        }
        for row in records(shown)
    ]
    y = {**names_along("scope"), "sort": None}
    body = {
        "data": {"values": rows},
        "width": 300,
        "height": {"step": 26},
        "layer": [
            line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": per_pound("p5"), "x2": {"field": "p95"}}},
            {
                "mark": {"type": "bar", "height": 9, "color": COLOURS["neutral"]},
                "encoding": {"y": y, "x": per_pound("p10"), "x2": {"field": "p90"}},
            },
            {"mark": {"type": "tick", "color": INK}, "encoding": {"y": y, "x": per_pound("p50")}},
            {
                "mark": {"type": "point", "size": 70, "fill": COLOURS["edition"], "stroke": INK, "shape": "diamond"},
                "encoding": {"y": y, "x": per_pound("ratio")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": per_pound("p95"), "text": {"field": "said"}},
            },
        ],
    }
    lines = [
        "Public value per £1: eight of ten simulations in the bar, nine of ten on the line, half on either side",
        "of the tick; the diamond is the edition's own. The dashed line is 1.",
    ]
    left = len(known) - len(shown)
    lines += [f"{counted(left, 'ratio')} left out, less than half of whose value is drawn."] * (left > 0)
    return chart(numbers, title, lines, body)


def acceptability_curve(acceptability: pd.DataFrame, uncertainty: pd.DataFrame) -> Figure:
    """Return the chance that each ratio of the market lies above a threshold, by threshold; both tables of an edition.

    ``uncertainty`` says where the edition's own ratios lie; one beyond the thresholds is not shown, nor a chance of one
    without a range worth showing.
    """
    title = "How likely the ratios are to lie above a threshold"
    columns = ("per £1 above", "public value", "fiscal value")
    numbers = Numbers("acceptability", columns, _chance_rows(acceptability, uncertainty))
    if acceptability.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    market = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    if market.empty:
        return sentence(numbers, title, NO_RANGE)
    curves: list[Row] = [
        {
            "measure": words_of(row.measure),
            "threshold": float(row.threshold),
            "chance": float(row.chance_above),
        }
        for row in records(acceptability[acceptability["measure"].isin(market["measure"])])
    ]
    own: list[Row] = [
        {"measure": words_of(measure), "ratio": float(ratio), "chance": _between(acceptability, measure, ratio)}
        for measure, ratio in zip(market["measure"], market["ratio"], strict=True)
        if 0 <= ratio <= acceptability["threshold"].max()
    ]
    threshold = {"field": "threshold", "type": "quantitative", "axis": {"title": "value per £1", "tickCount": 6}}
    chance = {
        "field": "chance",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "title": None, "tickCount": 5},
    }
    names = {RATIOS_PER_POUND["bcr"]: COLOURS["public"], RATIOS_PER_POUND["fiscal_bcr"]: COLOURS["fiscal"]}
    colour = {"field": "measure", "scale": {"domain": list(names), "range": list(names.values())}}
    body = {
        "width": 400,
        "height": 220,
        "layer": [
            line_at(1),
            {
                "data": {"values": curves},
                "mark": {"type": "line"},
                "encoding": {"x": threshold, "y": chance, "color": colour},
            },
            {
                "data": {"values": own},
                "mark": {"type": "point", "size": 70, "fill": COLOURS["edition"], "shape": "diamond"},
                "encoding": {"x": {**threshold, "field": "ratio"}, "y": chance, "stroke": colour},
            },
        ],
    }
    lines = [
        "Share of the simulations above each value per £1; the diamonds are the edition's own.",
        "The dashed line is 1.",
    ]
    return chart(numbers, title, lines, body)


def tornado(sensitivity: pd.DataFrame) -> Figure:
    """Return how far each parameter moves the public value per £1 of the market, the largest first."""
    title = "What moves the ratio most"
    columns = ("parameter", "grade", "at its low end", "at its high end", "share of the variance")
    numbers = Numbers("tornado", columns, _tornado_rows(sensitivity))
    shown = sensitivity[sensitivity["measure"] == "bcr"].head(SHOWN_PARAMETERS)
    if shown.empty:
        return sentence(numbers, title, "No uncertain unit cost or rate of deadweight moves the ratio.")
    rows: list[Row] = [
        {
            "parameter": text_of(words_of(row.parameter_id.partition("/")[2].replace("/", ", ")), 44),
            "kind": words_of(row.kind),
            "low": float(row.ratio_at_low),
            "high": float(row.ratio_at_high),
            "most": float(max(row.ratio_at_low, row.ratio_at_high)),
            "said": f"{ratio_text(row.ratio_at_low)} to {ratio_text(row.ratio_at_high)}",
        }
        for row in records(shown)
    ]
    y = {**names_along("parameter"), "sort": None}
    colour = colours_of("kind", ["unit cost", "hours weight", "deadweight"])
    body = {
        "data": {"values": rows},
        "width": 200,
        "height": {"step": 20},
        "layer": [
            line_at(1),
            {"mark": "bar", "encoding": {"y": y, "x": per_pound("low"), "x2": {"field": "high"}, "color": colour}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": per_pound("most"), "text": {"field": "said"}},
            },
        ],
    }
    left = len(sensitivity[sensitivity["measure"] == "bcr"]) - len(shown)
    lines = ["Public value per £1 from the low to the high end of each, all else as in the edition."]
    return chart(
        numbers,
        title,
        [*lines, *([f"{counted(left, 'parameter')} that move it less are left out."] * (left > 0))],
        body,
    )


def _between(acceptability: pd.DataFrame, measure: str, ratio: float) -> float:
    """The chance at a ratio that lies between two thresholds, on the straight line that is drawn there."""
    curve = acceptability[acceptability["measure"] == measure]
    return float(np.interp(ratio, curve["threshold"], curve["chance_above"]))


def _range_rows(table: pd.DataFrame) -> Rows:
    shown = table[(table["measure"] == "bcr") & (table["scope_kind"] != "contract") & table["has_range"]]
    ends = ("ratio", "p5", "p10", "p50", "p90", "p95")
    return [(plain_words(row["scope"]), *(ratio_text(row[end]) for end in ends)) for row in as_rows(shown)]


def _tornado_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            plain_words(row.parameter_id.partition("/")[2].replace("/", ", ")),
            row.grade,
            ratio_text(row.ratio_at_low),
            ratio_text(row.ratio_at_high),
            percent(row.first_order_index),
        )
        for row in records(table[table["measure"] == "bcr"])
    ]


def _chance_rows(table: pd.DataFrame, uncertainty: pd.DataFrame) -> Rows:
    # Without a range worth showing no chance is given either.
    sure = uncertainty[(uncertainty["scope_kind"] == "market") & uncertainty["has_range"]]
    shown = table[table["measure"].isin(sure["measure"])]
    wide = shown.pivot(index="threshold", columns="measure", values="chance_above").reindex(columns=list(RATIOS))
    return [(f"£{row.Index:.1f}", chance_text(row.bcr), chance_text(row.fiscal_bcr)) for row in wide.itertuples()]
