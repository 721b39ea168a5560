"""What was reported: ladders of an edition, and the numbers of one contract.

Belongs here: charts of counts. What they are worth stands in ``value`` and ``contracts``.
"""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.charts.listed import Key, Marks, Name, listed
from pipeline.report.charts.theme import COLOURS, chart, plain_words, sentence, text_of, words_of
from pipeline.report.rows import Row, records
from pipeline.report.wording import capital, counted, percent, plain_number
from pipeline.tables.ladders import is_rung, places

UNIT_WORDS = {"person": "people"}
SHOWN_LADDERS = 6
SHOWN_METRICS = 25
PERIOD_COLOURS = (COLOURS["fiscal"], COLOURS["economic"], COLOURS["social"], COLOURS["payments"])
# What the chart and its table tell of a milestone.
RUNG = ["contract_id", "outcome_id", "is_net_of_deadweight", "milestone", "milestone_unit", "quantity"]


def ladder_funnels(outcomes_in_scope: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})) -> Figure:
    """Return how many started and how many stayed, for the largest ladders of an edition.

    ``outcomes_in_scope``: that table, or the rows of ``reported_outcomes`` that count. A ladder here is one outcome of
    one contract with two milestones or more. ``names``: names by contract; one without a name shows its id.
    """
    columns = ("contract and outcome", "milestone", "people")
    shown = outcomes_in_scope[outcomes_in_scope["quantity"].notna()]  # what is withheld has no bar
    rungs = shown.loc[is_rung(shown["treatment"], shown["unit"]), RUNG]
    by_ladder = defaultdict(list)
    for row in records(rungs.loc[places(rungs).sort_values(kind="stable").index]):
        by_ladder[row.contract_id, row.outcome_id, row.is_net_of_deadweight].append(row)
    ladders = [rows for _, rows in sorted(by_ladder.items()) if len(rows) > 1]
    if not ladders:
        text = "No contract reports two milestones or more of one outcome."
        return sentence(Numbers("ladders", columns, []), "How many people stayed", text)
    largest = sorted(ladders, key=lambda rows: -rows[0].quantity)[:SHOWN_LADDERS]
    # The other groups are in table reported_outcomes: all of them would be a tenth of the first page.
    numbers = Numbers("ladders", columns, [_numbers_of(row, names) for rows in largest for row in rows])
    listed_names: list[Name] = []
    bars: list[Row] = []
    for rows in largest:
        head = len(listed_names)
        listed_names.append(Name(_ladder(rows[0], names), is_head=True))
        # Each group by itself: what is compared is how many of it stayed.
        most = max(1.0, *(float(row.quantity) for row in rows))
        for place, row in enumerate(rows):
            said = plain_number(row.quantity) + (_share_of(rows, row) if place else "")
            people = float(row.quantity)
            rung = _rung(row.milestone, row.milestone_unit)
            of = {"ladder": listed_names[head].name, "rung": rung, "people": people, "said": said}
            bars.append({**of, "row": len(listed_names), "start": 0.0, "end": people / most})
            listed_names.append(Name(rung, said))
    shapes = listed(listed_names, [Marks("bar", bars, COLOURS["fiscal"])], (0.0, 1.02))
    subtitle = "People at each milestone, and as a share of those at the first. Bars are to the scale of each group."
    if any(_is_odd(rows) for rows in largest):
        subtitle += " No shares where a later milestone counts more people than the first: the source reports it so."
    if len(largest) < len(ladders):
        subtitle += f" The largest {len(largest)} of {counted(len(ladders), 'group')}."
    alt = f"Bars for {counted(len(largest), 'group')} of people, one bar for each milestone."
    return chart(numbers, _how_many_stayed(ladders), subtitle, alt, shapes)


def quantities_by_period(outcomes: pd.DataFrame) -> Figure:
    """Return what one contract reported, by metric and period, under a heading for each unit.

    ``outcomes``: the rows of one contract in ``reported_outcomes``, or as they are in ``raw/``.
    """
    columns = ("metric", "period", "unit", "number")
    if outcomes.empty:
        text = "This contract has reported no result."
        return sentence(Numbers("quantities", columns, []), "What was reported", text)
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
    periods = sorted({row["period"] for row in shown})
    names: list[Name] = []
    bars: list[Row] = []
    for unit in dict.fromkeys(str(row["unit"]) for row in shown):
        of_unit = [row for row in shown if row["unit"] == unit]
        names.append(Name(capital(UNIT_WORDS.get(unit, f"{unit}s")), is_head=True))
        most = max(1.0, *(row["number"] for row in of_unit))
        for row in of_unit:
            colour = PERIOD_COLOURS[periods.index(row["period"]) % len(PERIOD_COLOURS)]
            bars.append({**row, "row": len(names), "start": 0.0, "end": row["number"] / most, "colour": colour})
            names.append(Name(row["metric"], row["said"]))
    coloured = [Key(p, PERIOD_COLOURS[n]) for n, p in enumerate(periods)] if 1 < len(periods) <= 4 else []
    shapes = listed(names, [Marks("bar", bars, COLOURS["fiscal"])], (0.0, 1.02), keys=coloured)
    first = shown[0]
    title = f"The largest number reported is {first['said']}: {first['metric']}"
    contracts = ", ".join(text_of(name, 40) for name in outcomes["contract_id"].unique())
    which = f"the largest {len(shown)} of " if len(shown) < len(rows) else ""
    subtitle = f"{contracts}: {which}{counted(len(rows), 'reported number')}. Bars are to the scale of each unit."
    return chart(numbers, title, subtitle, "A bar for each reported number.", shapes)


def _how_many_stayed(ladders: list[list[Any]]) -> str:
    """In how many of these ladders, all of the edition, fewer than half reached the last milestone."""
    usable = [rows for rows in ladders if rows[0].quantity and not _is_odd(rows)]
    few, of = sum(rows[-1].quantity < rows[0].quantity / 2 for rows in usable), len(usable)
    if not of:
        return "How many people started, and how many stayed"
    if of == 1:
        return f"{percent(usable[0][-1].quantity / usable[0][0].quantity)} reached the last milestone"
    if few == 0:
        return f"At least half reached the last milestone in all {of} groups"
    if few == of:
        return f"Fewer than half reached the last milestone in all {of} groups"
    return f"Fewer than half reached the last milestone in {few} of {of} groups"


def _is_odd(rows: list[Any]) -> bool:
    """Whether a later milestone of a ladder counts more people than its first."""
    return any(row.quantity > rows[0].quantity for row in rows)


def _ladder(first: Any, names: Mapping[str, str]) -> str:
    net = " (net)" if first.is_net_of_deadweight else ""
    return f"{text_of(names.get(first.contract_id, first.contract_id), 90)}: {words_of(first.outcome_id)}{net}"


def _share_of(rows: list[Any], row: Any) -> str:
    return "" if _is_odd(rows) or not rows[0].quantity else f" ({percent(row.quantity / rows[0].quantity)})"


def _rung(milestone: float, unit: str) -> str:
    if unit == "pound":
        return f"£{plain_number(milestone)}"
    return f"{plain_number(milestone)} {unit}{'' if milestone == 1 else 's'}" if milestone else "at the start"


def _period(start: Any, end: Any) -> str:
    """First and last day, in ISO form; a day that was not reported is a dash."""
    days = ["–" if pd.isna(day) else pd.Timestamp(day).date().isoformat() for day in (start, end)]
    return " to ".join(days)


def _numbers_of(row: Any, names: Mapping[str, str]) -> tuple[str, ...]:
    return (
        f"{names.get(row.contract_id, row.contract_id)}, {plain_words(row.outcome_id)}",
        f"{row.milestone:g} {row.milestone_unit}s",
        f"{row.quantity:,.0f}",
    )
