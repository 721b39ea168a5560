"""Ours beside what others have published.

Belongs here: charts that hold our figures against those of studies. How two figures are judged stands in
``method.analysis.reconciliation``, of what the difference is made in ``method.analysis.gap``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    chart,
    decades,
    labelled_bars,
    line_at,
    millions_axis,
    names_along,
    plain_words,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.published_figures import status_said
from pipeline.report.rows import Row, records
from pipeline.report.wording import counted, figure, million, percent

# Ours; public but without a value; not public; the rest of the value.
GAP_COLOURS = ("#009E73", "#E69F00", "#8A8A8A", "#BDBDBD")
STATUS_COLOURS = {"reproduced": "#009E73", "partly": "#E69F00", "not reproducible": "#D55E00"}


def coverage(table: pd.DataFrame) -> Figure:
    """Return what the public data hold as shares of what the study found that the edition reproduces."""
    title = "What the public data hold of the published market"
    numbers = Numbers("coverage", ("", "public data", "published", "share"), _coverage_rows(table))
    known = table[table["share"].notna()]
    if known.empty:
        return sentence(numbers, title, "This edition reproduces no study, so no published total stands beside it.")
    rows = [
        {
            "measure": words_of(row.measure),
            "share": float(row.share),
            "said": f"{percent(row.share)}: {_amount(row.measure, row.ours)} of {_amount(row.measure, row.published)}",
        }
        for row in records(known)
    ]
    share = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domainMin": 0},
        "axis": {"format": ".0%", "title": None, "tickCount": 4},
    }
    body = {"data": {"values": rows}, **labelled_bars("measure", share, whole=1)}
    return chart(
        numbers, title, ["Ours as a share of the published figure; the line is all of it. Payments in cash."], body
    )


def gap(parts: Mapping[str, Mapping[str, float]]) -> Figure:
    """Return the published payments and public value, and how much of each is ours.

    ``parts``: pounds by side (payments, public value) and part, as ``analysis.gap.parts_of_the_gap`` gives them.
    """
    title = "From the published figures to ours"
    numbers = Numbers("gap", ("", "part", "pounds"), _gap_rows(parts))
    rows = [
        {"side": side, "part": part, "gbp": float(gbp), "order": order}
        for side, of_side in parts.items()
        for order, (part, gbp) in enumerate(of_side.items())
    ]
    names = list(dict.fromkeys(row["part"] for row in rows))
    colours = dict(zip(names, GAP_COLOURS[: len(names)], strict=True))
    colour = {
        "field": "part",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"columns": 1},
    }
    body = {
        "data": {"values": rows},
        "width": 380,
        "height": {"step": 34},
        "mark": "bar",
        "encoding": {
            "y": {**names_along("side"), "sort": None},
            "x": {"field": "gbp", "type": "quantitative", "axis": millions_axis(5)},
            "color": colour,
            "order": {"field": "order"},
        },
    }
    lines = [
        "What the study counted, in its own prices, and which part of it public data let us value;",
        "payments in cash.",
    ]
    return chart(numbers, title, lines, body)


def reconciliation(table: pd.DataFrame) -> Figure:
    """Return ours as a multiple of each published figure, on a log scale, where the two are comparable."""
    title = "Ours beside each published figure"
    columns = ("figure", "ours", "published", "status")
    numbers = Numbers("reconciliation", columns, _figure_rows(table))
    like = table[table["is_like_for_like"] & (table["status"] != "not comparable")]
    found = like[(like["ours"] > 0) & (like["published"] > 0)]
    if found.empty:
        return sentence(numbers, title, "No published figure can be compared with this edition.")
    rows: list[Row] = [
        {
            "figure": _published(row.measure, row.scope, figure(row.published, row.unit), row.value_qualifier),
            "ratio": float(row.ours / row.published),
            "said": f"{figure(row.ours, row.unit)}: {percent(row.ours / row.published)}",
            "status": row.status,
        }
        for row in records(found)
    ]
    ends = decades([1.0, *(row["ratio"] for row in rows)])
    ratio = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"type": "log", "domain": [ends[0], ends[-1]], "nice": False},
        "axis": {"values": ends, "format": "~%", "title": None},
    }
    places: Spec = {"y": {**names_along("figure"), "sort": None}, "x": ratio}
    colour = {
        "field": "status",
        "scale": {"domain": list(STATUS_COLOURS), "range": list(STATUS_COLOURS.values())},
        "legend": {"columns": 1},
    }
    point = {"mark": {"type": "point", "size": 60, "filled": True}, "encoding": {**places, "color": colour}}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 8},
        "encoding": {**places, "text": {"field": "said"}},
    }
    body = {
        "data": {"values": rows},
        "width": 180,
        "height": {"step": 20},
        "layer": [line_at(1), point, label],
    }
    missing = len(like) - len(found)
    left = f" {counted(missing, 'figure')} without a positive one of ours beside it." if missing else ""
    return chart(
        numbers, title, [f"Ours as a share of the published figure, log scale; the line: the same.{left}"], body
    )


def _published(measure: str, scope: str, number: str, qualifier: str) -> str:
    """A published figure in words."""
    exactly = "" if qualifier == "exact" else f" ({text_of(qualifier, 20)})"
    return f"{_figure_of(measure, scope)}: {number}{exactly}"


def _figure_of(measure: str, scope: str) -> str:
    """What a figure is of; of the whole market unless it says of what."""
    return words_of(measure) + ("" if scope == "market" else f", {text_of(words_of(scope), 30)}")


def _amount(measure: str, number: float) -> str:
    return figure(number, "GBP" if measure.endswith("_gbp") else "")


def _coverage_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            plain_words(row.measure.removesuffix("_gbp")).replace("bcr", "the ratio"),
            _amount(row.measure, row.ours),
            _amount(row.measure, row.published),
            percent(row.share),
        )
        for row in records(table)
    ]


def _gap_rows(parts: Mapping[str, Mapping[str, float]]) -> Rows:
    return [(side, part, million(gbp)) for side, of_side in parts.items() for part, gbp in of_side.items()]


def _figure_rows(table: pd.DataFrame) -> Rows:
    return [
        (
            _figure_of(row.measure, row.scope),
            figure(row.ours, row.unit),
            figure(row.published, row.unit),
            status_said(row.status, row.data_share),
        )
        for row in records(table)
    ]
