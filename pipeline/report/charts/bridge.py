"""The chart of a bridge: how the ratio of an earlier publication becomes that of this one, cause by cause.

Belongs here: what each bar of it is. The chart itself is a waterfall; the terms are worked out in ``method.analysis``.
"""

import pandas as pd

from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.theme import RATIOS_PER_POUND
from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.rows import with_none
from pipeline.report.text.bridge import cause_words
from pipeline.report.wording import capital, ratio_text

LINES = (
    "Each bar begins where the one before ends. The thin line shows where it could end if other causes",
    "had been taken before it.",
)


def figure_id(publication_id: str, measure: str = "bcr") -> str:
    """Return the id of the chart of one bridge."""
    return f"bridge_{measure}_{publication_id.replace('-', '_')}"


def bridge_chart(terms: pd.DataFrame, edition: str, publication_id: str = "", measure: str = "bcr") -> Figure:
    """Return the waterfall of a ratio of the market; ``terms``: ``bridge``, by default of its latest publication."""
    chosen = publication_id or (terms["publication_id"].iloc[-1] if len(terms) else "")
    rows = with_none(
        terms[
            (terms["publication_id"] == chosen)
            & (terms["scope_kind"] == MARKET)
            & (terms["measure"] == measure)
            & (terms["detail"] == "")
        ]
    )
    title = capital(f"{RATIOS_PER_POUND[measure]}, cause by cause")
    moving = [row for row in rows if row["term"] != 0]
    bars = []
    if moving:
        before, after = rows[0]["before"], rows[-1]["after"]
        steps = [_bar(capital(cause_words(row["cause"])), row) for row in moving]
        bars = [Bar(f"{rows[0]['from_edition']}, as published then", before), *steps, Bar(f"{edition}, today", after)]
    return waterfall(figure_id(chosen, measure), title, LINES, bars, ratio_text)


def _bar(name: str, row: dict[str, float]) -> Bar:
    """A cause, with where it would end if it were taken in another order."""
    ends = [None if row[end] is None else row["before"] + row[end] for end in ("least", "most")]
    return Bar(name, row["after"], row["before"], ends[0], ends[1])
