"""What other choices would make of the ratio.

Belongs here: the chart of all combinations of choices. The combinations are made in ``method.analysis.scenarios``,
their spread is worked out in ``method.analysis.spread``.
"""

import pandas as pd

from pipeline.method.analysis.spread import spread_by_option
from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    COLOURS,
    INK,
    chart,
    line_at,
    names_along,
    per_pound,
    sentence,
    words_of,
)
from pipeline.report.rows import Row
from pipeline.report.wording import CHOICE_WORDS, counted, ratio_text


def spread_of_choices(scenarios: pd.DataFrame) -> Figure:
    """Return how far public value per £1 of the market reaches with each option, whatever else is chosen."""
    title = "The spread of choices"
    rows = _options(scenarios)
    columns = ("option", "lowest", "median", "highest", "all else as in the edition")
    numbers = Numbers("choices", columns, _choice_rows(rows))
    known = scenarios[scenarios["bcr"].notna()]
    if known.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    y = {**names_along("option"), "sort": None}
    body = {
        "data": {"values": rows},
        "width": 260,
        "height": {"step": 17},
        "layer": [
            line_at(1),
            {"mark": "rule", "encoding": {"y": y, "x": per_pound("lowest"), "x2": {"field": "highest"}}},
            {
                "mark": {"type": "bar", "height": 7, "color": COLOURS["neutral"]},
                "encoding": {"y": y, "x": per_pound("p25"), "x2": {"field": "p75"}},
            },
            {"mark": {"type": "tick", "color": INK}, "encoding": {"y": y, "x": per_pound("median")}},
            {
                "transform": [{"filter": "datum.alone !== null"}],
                "mark": {"type": "point", "size": 60, "fill": COLOURS["edition"], "stroke": INK, "shape": "diamond"},
                "encoding": {"y": y, "x": per_pound("alone")},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6},
                "encoding": {"y": y, "x": per_pound("highest"), "text": {"field": "said"}},
            },
        ],
    }
    lines = [
        f"Public value per £1 with each option, {counted(len(known), 'combination')} in all: the line from lowest to",
        "highest, half of them in the bar, the tick at the median. None is said to be likelier than another.",
        "The diamond: all else as in the edition. The dashed line is 1.",
    ]
    return chart(numbers, title, lines, body)


def _options(scenarios: pd.DataFrame) -> list[Row]:
    """Each option of each choice in words, with the ratios of the combinations in which it stands."""
    # Of a wide table each choice would filter columns that nobody asks for.
    scenarios = scenarios[[*CHOICE_WORDS, "changes", "changed", "bcr"]]
    return [
        {
            "option": f"{CHOICE_WORDS[choice]}: {words_of(option)}",
            **ratios,
            "said": f"{ratio_text(low)} to {ratio_text(high)}" if high > low else ratio_text(low),
        }
        for choice in CHOICE_WORDS
        for option, ratios in spread_by_option(scenarios, choice).items()
        for low, high in [(ratios["lowest"], ratios["highest"])]
    ]


def _choice_rows(options: list[Row]) -> Rows:
    return [
        (row["option"], *(ratio_text(row[end]) for end in ("lowest", "median", "highest", "alone"))) for row in options
    ]
