"""What was reported: ladders of an edition, and the numbers of one contract.

Belongs here: charts of counts. What they are worth stands in ``value`` and ``contracts``.
"""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import chart, labelled_bars, names_along, plain_words, sentence, text_of, words_of
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, records
from pipeline.report.wording import counted, percent, plain_number
from pipeline.tables.ladders import is_rung, places

UNIT_WORDS = {"person": "people"}
SHOWN_LADDERS = 6
SHOWN_METRICS = 25
# What the chart and its table tell of a rung of a ladder.
RUNG = ["contract_id", "outcome_id", "is_net_of_deadweight", "milestone", "milestone_unit", "quantity"]


def ladder_funnels(outcomes_in_scope: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})) -> Figure:
    """Return how many came in and how many held on, for the largest ladders of an edition.

    ``outcomes_in_scope``: that table, or the rows of ``reported_outcomes`` that count. A ladder here is one outcome of
    one contract with two rungs or more. ``names``: names by contract; one without a name shows its id.
    """
    title = "How many came in, and how many held on"
    columns = ("contract and outcome", "milestone", "people")
    shown = outcomes_in_scope[outcomes_in_scope["quantity"].notna()]  # what is withheld has no bar
    rungs = shown.loc[is_rung(shown["treatment"], shown["unit"]), RUNG]
    numbers = Numbers("ladders", columns, _ladder_rows(rungs, names))
    by_ladder = defaultdict(list)
    for row in records(rungs.loc[places(rungs).sort_values(kind="stable").index]):
        by_ladder[row.contract_id, row.outcome_id, row.is_net_of_deadweight].append(row)
    ladders = [rows for _, rows in sorted(by_ladder.items()) if len(rows) > 1]
    if not ladders:
        return sentence(numbers, title, "No contract reports a ladder of two rungs or more.")
    largest = sorted(ladders, key=lambda rows: -rows[0].quantity)[:SHOWN_LADDERS]
    body = {"concat": [_funnel(rows, names) for rows in largest], "columns": 2, "spacing": 24}
    lines = [
        "People reported at each rung, and their share of the first; a share above 100% is as reported.",
        f"The largest {len(largest)} of {counted(len(ladders), 'ladder')}, each on its own scale.",
    ]
    return chart(numbers, title, lines, body)


def quantities_by_period(outcomes: pd.DataFrame) -> Figure:
    """Return what one contract reported, by metric and period, one panel for each unit.

    ``outcomes``: the rows of one contract in ``reported_outcomes``, or as they are in ``raw/``.
    """
    title, columns = "What was reported", ("metric", "period", "unit", "number")
    if outcomes.empty:
        return sentence(Numbers("quantities", columns, []), title, "This contract has reported no result.")
    same_label = outcomes.groupby("label")["metric_id"].transform("nunique") > 1
    rows: list[Row] = [
        {
            "metric": f"{text_of(row.label, 60)} ({text_of(row.metric_id, 20)})" if is_same else text_of(row.label, 60),
            "period": _period(row.period_start, row.period_end),
            "unit": row.unit,
            "number": float(row.quantity),
            "said": plain_number(row.quantity),
        }
        for row, is_same in zip(records(outcomes), same_label, strict=True)
    ]
    numbers = Numbers("quantities", columns, [(r["metric"], r["period"], str(r["unit"]), r["said"]) for r in rows])
    shown = sorted(rows, key=lambda row: -row["number"])[:SHOWN_METRICS]
    units = list(dict.fromkeys(str(row["unit"]) for row in shown))
    panels = [_quantities([row for row in shown if row["unit"] == unit], unit) for unit in units]
    contracts = ", ".join(text_of(name, 40) for name in outcomes["contract_id"].unique())
    which = f"the largest {len(shown)} of " if len(shown) < len(rows) else ""
    lines = [f"{contracts}: {which}{counted(len(rows), 'reported number')}."]
    return chart(numbers, title, lines, {"vconcat": panels, "resolve": {"scale": {"color": "shared"}}})


def _funnel(rows: list[Any], names: Mapping[str, str]) -> Spec:
    first = rows[0]
    bars: list[Row] = [
        {
            "rung": _rung(row.milestone, row.milestone_unit),
            "people": float(row.quantity),
            "said": plain_number(row.quantity) + (_share_of(first, row) if place else ""),
        }
        for place, row in enumerate(rows)
    ]
    lines = [
        names.get(first.contract_id, first.contract_id),
        f"{words_of(first.outcome_id)}{' (net)' if first.is_net_of_deadweight else ''}",
    ]
    number = {
        "field": "people",
        "type": "quantitative",
        "scale": {"domainMin": 0, "domainMax": 1.45 * max(1.0, *(bar["people"] for bar in bars))},
        "axis": None,
    }
    title = {"text": [text_of(line, 34) for line in lines], "fontSize": 11, "offset": 4}
    body = labelled_bars("rung", number)
    return {"title": title, "data": {"values": bars}, **body, "width": 170, "height": {"step": 17}}


def _share_of(first: Any, row: Any) -> str:
    return f" ({percent(row.quantity / first.quantity)})" if first.quantity else ""


def _quantities(rows: list[Row], unit: str) -> Spec:
    periods = sorted({row["period"] for row in rows})
    number = {
        "field": "number",
        "type": "quantitative",
        "axis": {"title": UNIT_WORDS.get(unit, f"{unit}s"), "tickCount": 4},
    }
    along = {"y": {**names_along("metric"), "sort": None}, "x": number}
    if len(periods) > 1:
        along["yOffset"] = {"field": "period", "sort": periods}
    bar = {"mark": "bar", "encoding": {**along, "color": {"field": "period", "sort": periods}}}
    label = {
        "mark": {"type": "text", "align": "left", "dx": 4},
        "encoding": {**along, "text": {"field": "said"}},
    }
    return {"data": {"values": rows}, "width": 300, "height": {"step": 18}, "layer": [bar, label]}


def _rung(milestone: float, unit: str) -> str:
    if unit == "pound":
        return f"£{plain_number(milestone)}"
    return f"{plain_number(milestone)} {unit}{'' if milestone == 1 else 's'}" if milestone else "at the start"


def _period(start: Any, end: Any) -> str:
    """First and last day, in ISO form; a day that was not reported is a dash."""
    days = ["–" if pd.isna(day) else pd.Timestamp(day).date().isoformat() for day in (start, end)]
    return " to ".join(days)


def _ladder_rows(rungs: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    return [
        (
            f"{names.get(row.contract_id, row.contract_id)}, {plain_words(row.outcome_id)}",
            f"{row.milestone:g} {row.milestone_unit}s",
            f"{row.quantity:,.0f}",
        )
        for row in records(rungs.sort_values(["contract_id", "outcome_id", "milestone"], kind="stable"))
    ]
