"""What other choices would make of the ratio.

Belongs here: the chart of all combinations of choices. The combinations are made in ``method.analysis.scenarios``,
their spread is worked out in ``method.analysis.spread``.
"""

import pandas as pd

from pipeline.method.analysis.spread import spread_by_option
from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import DASHED, TICK, Key, Marks, Name, around, listed
from pipeline.report.charts.theme import COLOURS, FAINT, INK, POUNDS, chart, sentence, words_of
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.rows import Row
from pipeline.report.wording import capital, counted, per_pound, ratio_text


def spread_of_choices(scenarios: pd.DataFrame) -> Figure:
    """Return how far public value per £1 of the market reaches with each option, whatever else is chosen."""
    rows = _options(scenarios)
    columns = ("option", "lowest", "median", "highest", "all else as in the edition")
    numbers = Numbers("choices", columns, _choice_rows(rows))
    known = scenarios[scenarios["bcr"].notna()]
    if known.empty:
        return sentence(
            numbers, "How the result changes with other choices", "No contract has both value and payments."
        )
    names: list[Name] = []
    marks: list[Row] = []
    for row in rows:
        head = capital(CHOICE_WORDS[row["choice"]])
        if not names or head not in [name.name for name in names if name.is_head]:
            names.append(Name(head, is_head=True))
        marks.append({**row, "row": len(names)})
        names.append(Name(words_of(row["name"]), row["said"]))
    shapes = listed(
        names,
        [
            Marks("rule", [{**row, "start": row["lowest"], "end": row["highest"]} for row in marks], INK, 1),
            Marks("bar", [{**row, "start": row["p25"], "end": row["p75"]} for row in marks], COLOURS["neutral"], 8),
            Marks("tick", [{"row": row["row"], "at": row["median"]} for row in marks], INK, 12),
            Marks(
                "point",
                [{"row": row["row"], "at": row["alone"]} for row in marks if row["alone"] is not None],
                COLOURS["less"],
                8,
                {"shape": "diamond"},
            ),
        ],
        around([1.0, *(row[end] for row in rows for end in ("lowest", "highest"))]),
        band=12,
        axis={"labelExpr": POUNDS},
        keys=[
            Key("lowest to highest", INK, "stroke"),
            Key("middle half", COLOURS["neutral"]),
            Key("median", INK, TICK),
            Key("all else as in the edition", COLOURS["less"], "diamond"),
            Key("£1 for £1", FAINT, DASHED),
        ],
        lines=[1.0],
    )
    low, high = (per_pound(end) for end in (known["bcr"].min(), known["bcr"].max()))
    title = f"Depending on the choices, £1 paid brings {low} to {high} of public value"
    if low == high:
        title = f"No other choice changes the result: {low} of public value for each £1 paid"
    subtitle = (
        f"Public value for each £1 paid with each option, over all {counted(len(known), 'combination')} of the other "
        "choices. We do not treat any combination as likelier than another."
    )
    alt = f"A line for each of {counted(len(rows), 'option')}, from its lowest to its highest result."
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def _options(scenarios: pd.DataFrame) -> list[Row]:
    """Each option of each choice in words, with the ratios of the combinations in which it stands."""
    # Of a wide table each choice would filter columns that nobody asks for.
    scenarios = scenarios[[*CHOICE_WORDS, "changes", "changed", "bcr"]]
    return [
        {
            "choice": choice,
            "name": option,
            "option": f"{CHOICE_WORDS[choice]}: {words_of(option)}",
            **ratios,
            "said": f"{per_pound(low)} to {per_pound(high)}" if high > low else per_pound(low),
        }
        for choice in CHOICE_WORDS
        for option, ratios in spread_by_option(scenarios, choice).items()
        for low, high in [(ratios["lowest"], ratios["highest"])]
    ]


def _choice_rows(options: list[Row]) -> Rows:
    return [
        (row["option"], *(ratio_text(row[end]) for end in ("lowest", "median", "highest", "alone"))) for row in options
    ]
