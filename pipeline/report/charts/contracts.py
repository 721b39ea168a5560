"""Contracts beside each other.

Belongs here: charts with a mark for each contract. What one contract reported stands in ``outcomes``, where it is
delivered in ``places``.
"""

import math
from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    COLOURS,
    POUNDS_IN_MILLIONS,
    area_colours,
    chart,
    decades,
    line_at,
    names_along,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, as_rows, records
from pipeline.report.wording import counted, million, pounds, ratio_text, span

# Less than this is not on the log scale, which would stretch for one small contract.
SMALLEST_GBP = 10_000
NAMED_CONTRACTS = 6
# A ratio below this is not on the log scale either.
SMALLEST_RATIO = 0.01
SCATTER_PIXELS = 430
# What charts and their tables tell of a contract, out of some forty columns.
CHARTED = ["contract_id", "name", "policy_area", "public_value_gbp", "outcome_payments_real_gbp", "bcr"]
NAME_PIXELS = 14


def value_and_payments_by_contract(contract_value: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Return the contracts in the ratio by payments and public value, both on a log scale.

    ``names``: short names by contract for the largest; one without a name shows its id.
    """
    title = "Public value and outcome payments of each contract"
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], CHARTED]
    numbers = Numbers("contracts", ("contract", "payments", "public value"), _value_rows(in_ratio, names))
    is_shown = in_ratio[["public_value_gbp", "outcome_payments_real_gbp"]].min(axis=1) >= SMALLEST_GBP
    shown = in_ratio[is_shown].sort_values(["public_value_gbp", "contract_id"], ascending=False)
    left_out = in_ratio[~is_shown]
    if shown.empty:
        return sentence(numbers, title, f"No contract in the ratio is worth {pounds(SMALLEST_GBP)} or more.")
    ends = decades([*shown["outcome_payments_real_gbp"], *shown["public_value_gbp"]])
    named = _named(shown, NAME_PIXELS * (len(ends) - 1) / SCATTER_PIXELS)
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
    above = sum(row["is_above"] for row in rows)
    lines = [f"{counted(len(rows), 'contract')} in the ratio; {above} above the dashed line of £1 for £1."]
    if len(left_out):
        paid = million(left_out["outcome_payments_real_gbp"].sum())
        few = counted(len(left_out), "contract")
        lines.append(f"Not on the log scale: {few} worth or paid less than {pounds(SMALLEST_GBP)}; paid {paid} in all.")
    return chart(numbers, title, lines, _beside_parity(rows, ends))


def ratios_of_contracts(contract_value: pd.DataFrame, uncertainty: pd.DataFrame) -> Figure:
    """Return public value per £1 of each contract in the ratio, with its range and its payments as size.

    Contracts worth nothing per £1 are counted and left out: the scale is a log one.
    """
    title = "Public value per £1 of each contract"
    columns = ("contract", "payments", "public value", "per £1", "P10 to P90")
    ranges = uncertainty[(uncertainty["scope_kind"] == "contract") & (uncertainty["measure"] == "bcr")]
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], CHARTED].merge(
        ranges[["scope", "p10", "p90", "has_range"]], left_on="contract_id", right_on="scope", validate="one_to_one"
    )
    numbers = Numbers("contracts", columns, _ratio_rows(in_ratio))
    # Without a range the line is no longer than the point.
    for end in ("p10", "p90"):
        in_ratio[end] = in_ratio[end].where(in_ratio["has_range"], in_ratio["bcr"])
    is_shown = in_ratio[["bcr", "p10"]].min(axis=1) >= SMALLEST_RATIO
    shown = in_ratio[is_shown].sort_values(["bcr", "contract_id"], ascending=[False, True])
    if shown.empty:
        return sentence(numbers, title, f"No contract is worth £{SMALLEST_RATIO:g} or more per £1.")
    rows: list[Row] = [
        {
            "contract": text_of(row.name, 44),
            "ratio": float(row.bcr),
            "p10": float(row.p10),
            "p90": float(row.p90),
            "payments": float(row.outcome_payments_real_gbp),
            "area": words_of(row.policy_area),
        }
        for row in records(shown)
    ]
    ends = decades([row[name] for row in rows for name in ("ratio", "p10", "p90")])
    scale = {"type": "log", "domain": [ends[0], ends[-1]], "nice": False}
    x = {"type": "quantitative", "scale": scale, "axis": {"values": ends, "format": "~g", "title": "per £1, log scale"}}
    y = {**names_along("contract"), "sort": None}
    # On the page of an area its colour says nothing that the page does not.
    legend = {"columns": 3} if shown["policy_area"].nunique() > 1 else None
    size = {"field": "payments", "type": "quantitative", "scale": {"range": [20, 500]}, "legend": None}
    places = {"y": y, "x": {**x, "field": "ratio"}}
    body = {
        "data": {"values": rows},
        "width": 320,
        "height": {"step": 17},
        "layer": [
            line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": {**x, "field": "p10"}, "x2": {"field": "p90"}}},
            {
                "mark": {"type": "point", "opacity": 0.85},
                "encoding": {**places, "color": area_colours(legend), "size": size},
            },
        ],
    }
    left = len(in_ratio) - len(shown)
    lines = ["The point is the edition's own, as large as the payments; the line holds eight of ten simulations."]
    lines += [f"{counted(left, 'contract')} worth less than £{SMALLEST_RATIO:g} per £1 left out."] * (left > 0)
    lines += ["No line where less than half of the value is drawn."] * (not shown["has_range"].all())
    return chart(numbers, title, [*lines, "The dashed line is £1 for £1."], body)


def _beside_parity(rows: list[Row], ends: list[float]) -> Spec:
    """Points of value and payments, both on the same log scale, beside the line on which the two are equal."""
    money = {"type": "quantitative", "scale": {"type": "log", "domain": [ends[0], ends[-1]], "nice": False}}
    axis = {"values": ends, "labelExpr": POUNDS_IN_MILLIONS}
    places = {
        "x": {**money, "field": "payments_gbp", "axis": {**axis, "title": "outcome payments, prices of the edition"}},
        "y": {**money, "field": "value_gbp", "axis": {**axis, "title": "public value, prices of the edition"}},
    }
    area = area_colours({"columns": 3})
    shape = {"field": "area", "scale": {"domain": area["scale"]["domain"]}}
    parity = {
        "data": {"values": [{"payments_gbp": end, "value_gbp": end} for end in (ends[0], ends[-1])]},
        "mark": {"type": "line", "color": COLOURS["neutral"], "strokeDash": [5, 4]},
        "encoding": places,
    }
    points = {
        "data": {"values": rows},
        "mark": {"type": "point", "size": 60},
        "encoding": {**places, "color": area, "shape": shape},
    }
    # Names stand away from the line, where there are fewer points.
    names = [
        {
            "data": {"values": [row for row in rows if row["name"] and row["is_above"] == is_above]},
            "mark": {"type": "text", "align": "right" if is_above else "left", "dx": -8 if is_above else 8},
            "encoding": {**places, "text": {"field": "name"}},
        }
        for is_above in (True, False)
    ]
    return {"width": SCATTER_PIXELS, "height": SCATTER_PIXELS, "layer": [parity, points, *names]}


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


def _ratio_rows(in_ratio: pd.DataFrame) -> Rows:
    return [
        (
            row["name"],
            million(row["outcome_payments_real_gbp"]),
            million(row["public_value_gbp"]),
            ratio_text(row["bcr"]),
            span(row),
        )
        for row in as_rows(in_ratio.sort_values("bcr", ascending=False))
    ]


def _value_rows(in_ratio: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    return [
        (
            names.get(row.contract_id, row.contract_id),
            million(row.outcome_payments_real_gbp),
            million(row.public_value_gbp),
        )
        for row in records(in_ratio.sort_values("public_value_gbp", ascending=False))
    ]
