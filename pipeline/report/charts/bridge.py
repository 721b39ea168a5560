"""The chart of a bridge: how the ratio of an earlier publication becomes that of this one, cause by cause.

Belongs here: what each bar of it is. The chart itself is a waterfall; the terms are worked out in ``method.analysis``.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.theme import RATIOS_PER_POUND
from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.rows import Row, with_none
from pipeline.report.text.bridge import cause_words
from pipeline.report.wording import capital, change, ratio_text

SUBTITLE = (
    "{measure}. Each bar begins where the one before ends. The thin line shows where it could end if other causes were "
    "taken first."
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
    moving = [row for row in rows if row["term"] != 0]
    bars = []
    if moving:
        before, after = rows[0]["before"], rows[-1]["after"]
        steps = [_bar(capital(cause_words(row["cause"])), row) for row in moving]
        bars = [Bar(f"{rows[0]['from_edition']}, as published then", before), *steps, Bar(f"{edition}, today", after)]
    subtitle = SUBTITLE.format(measure=capital(RATIOS_PER_POUND[measure]))
    return waterfall(figure_id(chosen, measure), _what_moved_it(moving, measure), subtitle, bars, ratio_text)


def _what_moved_it(moving: Sequence[Row], measure: str) -> str:
    """The cause, or causes, of the largest move as it is written."""
    words = RATIOS_PER_POUND[measure]
    if not moving:
        return f"{capital(words)} has not changed"
    largest = max((change(row["term"]) for row in moving), key=lambda text: abs(float(text.replace("−", "-"))))
    causes = [f"“{cause_words(row['cause'])}”" for row in moving if change(row["term"]) == largest]
    return f"{capital(' and '.join(causes))} moved {words} most: {largest}{' each' if len(causes) > 1 else ''}"


def _bar(name: str, row: dict[str, float]) -> Bar:
    """A cause, with where it would end if it were taken in another order."""
    ends = [None if row[end] is None else row["before"] + row[end] for end in ("least", "most")]
    return Bar(name, row["after"], row["before"], ends[0], ends[1])
