"""An edition beside a what-if.

Belongs here: the chart of two headlines beside each other. How a what-if is worked out stands in ``orchestration``.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.report.charts.figure import Figure, Numbers
from pipeline.report.charts.listed import Key, Marks, Name, listed
from pipeline.report.charts.theme import COLOURS, RATIOS_PER_POUND, chart, short_money, text_of, words_of
from pipeline.report.rows import Row
from pipeline.report.wording import per_pound, ratio_text

SIDES = ("as it is", "what-if")
SIDE_COLOURS = dict(zip(SIDES, (COLOURS["neutral"], COLOURS["what-if"]), strict=True))


def beside(base: Mapping[str, Any], changed: Mapping[str, Any]) -> Figure:
    """Return the ratios and the value by policy area of an edition and of a what-if, from their headlines."""
    sides = dict(zip(SIDES, (base, changed), strict=True))
    ratios: list[Row] = [
        {"name": name, "side": side, "number": data[key], "said": ratio_text(data[key])}
        for key, name in RATIOS_PER_POUND.items()
        for side, data in sides.items()
    ]
    areas = list(dict.fromkeys([*base["by_policy_area"], *changed["by_policy_area"]]))
    values: list[Row] = [
        {"name": words_of(area), "side": side, "number": gbp, "said": "–" if gbp is None else short_money(gbp)}
        for area in areas
        for side, data in sides.items()
        for gbp in [data["by_policy_area"].get(area, {}).get("public_value_gbp")]
    ]
    names, bars = [], []
    for head, rows in (("For every £1 paid", ratios), ("Public value, all valued contracts", values)):
        names.append(Name(head, is_head=True))
        most = max((abs(row["number"]) for row in rows if row["number"]), default=1.0)
        for name in dict.fromkeys(row["name"] for row in rows):
            pair = [row for row in rows if row["name"] == name]
            bars += [
                {**row, "row": len(names), "start": 0.0, "end": row["number"] / most, "down": -6 + 12 * place}
                | {"colour": SIDE_COLOURS[row["side"]]}
                for place, row in enumerate(pair)
                if row["number"] is not None
            ]
            names.append(Name(name, " → ".join(row["said"] for row in pair)))
    least = min((bar["end"] for bar in bars), default=0.0)
    keys = [Key(side, colour) for side, colour in SIDE_COLOURS.items()]
    shapes = listed(names, [Marks("bar", bars, thick=10)], (min(0.0, least), 1.02), band=24, keys=keys)
    before, after = (per_pound(data["bcr"]) for data in (base, changed))
    title = f"The what-if gives {after} of public value for each £1 paid, instead of {before}"
    if after == before:
        title = f"The what-if gives the same {before} of public value for each £1 paid"
    subtitle = f"{text_of(base['edition'], 60)} as it is, and the what-if."
    return chart(_numbers([*ratios, *values]), title, subtitle, "Two bars for each figure, one for each side.", shapes)


def _numbers(rows: list[Row]) -> Numbers:
    """The two sides of each figure beside each other."""
    said = {(row["name"], row["side"]): row["said"] for row in rows}
    names = dict.fromkeys(row["name"] for row in rows)
    return Numbers("what-if", ("", *SIDES), [(name, *(said[name, side] for side in SIDES)) for name in names])
