"""Ours beside what others have published.

Belongs here: charts that compare our figures with those of studies. How two figures are judged stands in
``method.analysis.reconciliation``, of what the difference is made in ``method.analysis.gap``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import DASHED, Key, Marks, Name, from_nothing, listed, stacked
from pipeline.report.charts.theme import COLOURS, FAINT, chart, plain_words, sentence, text_of, words_of
from pipeline.report.published_figures import status_said
from pipeline.report.rows import Row, records
from pipeline.report.wording import counted, figure, million, percent

# Ours; public but without a value; what is not public, or not valued by us.
GAP_COLOURS = (COLOURS["fiscal"], COLOURS["economic"], COLOURS["neutral"], COLOURS["neutral"])
STATUS_COLOURS = {
    "reproduced": COLOURS["social"],
    "partly": COLOURS["economic"],
    "not reproducible": COLOURS["payments"],
}
# Ours is drawn up to so many times the published figure, and written beyond.
MOST_TIMES = 2.0


def coverage(table: pd.DataFrame) -> Figure:
    """Return what is public as shares of what the study found that the edition reproduces."""
    numbers = Numbers("coverage", ("", "public data", "published", "share"), _coverage_rows(table))
    known = table[table["share"].notna()]
    if known.empty:
        text = "This edition reproduces no study, so there is no published total to compare it with."
        return sentence(numbers, "How much of the published market is public", text)
    rows: list[Row] = [
        {
            "row": place,
            "measure": words_of(row.measure),
            "share": float(row.share),
            "start": 0.0,
            "end": float(row.share),
            "said": f"{percent(row.share)}: {_amount(row.measure, row.ours)} of {_amount(row.measure, row.published)}",
        }
        for place, row in enumerate(records(known))
    ]
    shapes = listed(
        [Name(row["measure"], row["said"]) for row in rows],
        [Marks("bar", rows, COLOURS["fiscal"])],
        from_nothing([1.0, *(row["share"] for row in rows)]),
        keys=[Key("public data", COLOURS["fiscal"]), Key("all that the study counted", FAINT, DASHED)],
        lines=[1.0],
    )
    paid = known[known["measure"] == "outcome_payments_gbp"]
    first = known.iloc[0] if paid.empty else paid.iloc[0]
    what = words_of(first["measure"])
    title = f"{figure_of_share(float(first['share']))} of the published {what} are in public data"
    subtitle = "Public data as a share of what the study found. Payments in cash."
    if any(row["share"] > 1 for row in rows):
        subtitle += " Above 100%, public data name more than the study counted."
    return chart(numbers, title, subtitle, f"A bar for each of {counted(len(rows), 'figure')} of the study.", shapes)


def figure_of_share(share: float) -> str:
    """Return a share as the subject of a sentence; all of something is said in words."""
    return "All" if share >= 1 else percent(share)


def gap(parts: Mapping[str, Mapping[str, float]]) -> Figure:
    """Return the published payments and public value, and how much of each is ours.

    ``parts``: pounds by side (payments, public value) and part, as ``analysis.gap.parts_of_the_gap`` gives them.
    """
    numbers = Numbers("gap", ("", "part", "pounds"), _gap_rows(parts))
    named = list(dict.fromkeys(part for of_side in parts.values() for part in of_side))
    colours = dict(zip(named, GAP_COLOURS[: len(named)], strict=True))
    names: list[Name] = []
    bars: list[Row] = []
    # Each side by itself: of the one a share was paid, of the other a share is valued.
    for side, of_side in parts.items():
        total = sum(of_side.values())
        names.append(Name(f"Published {side}: {million(total)}", is_head=True))
        for bar, (part, gbp) in zip(
            stacked((colours[part], gbp / total if total else 0.0) for part, gbp in of_side.items()),
            of_side.items(),
            strict=True,
        ):
            bars.append({**bar, "row": len(names), "side": side, "part": part, "gbp": float(gbp)})
            names.append(Name(part, f"{million(gbp)}{f' ({percent(gbp / total)})' if total else ''}"))
    shapes = listed(names, [Marks("bar", bars)], (0.0, 1.02))
    title = "How our figures compare with the published ones"
    value = parts.get("public value", {})
    if value and sum(value.values()):
        ours, *_ = value.values()
        title = f"We can value {million(ours)} of the {million(sum(value.values()))} that was published"
    subtitle = "Parts of the published payments and public value, each in the prices of the study; payments in cash."
    alt = "Bars for the parts of each published total."
    return chart(numbers, title, subtitle, alt, shapes)


def reconciliation(table: pd.DataFrame) -> Figure:
    """Return ours as a share of each published figure, where the two are comparable."""
    columns = ("figure", "ours", "published", "status")
    numbers = Numbers("reconciliation", columns, _figure_rows(table))
    like = table[table["is_like_for_like"] & (table["status"] != "not comparable")]
    found = like[(like["ours"] > 0) & (like["published"] > 0)]
    if found.empty:
        text = "No published figure can be compared with this edition."
        return sentence(numbers, "How our figures compare with published ones", text)
    rows: list[Row] = [
        {
            "row": place,
            "figure": _published(row.measure, row.scope, figure(row.published, row.unit), row.value_qualifier),
            "ratio": float(row.ours / row.published),
            "start": 0.0,
            "end": min(MOST_TIMES, float(row.ours / row.published)),
            "said": f"{figure(row.ours, row.unit)}: {percent(row.ours / row.published)}",
            "status": row.status,
            "colour": STATUS_COLOURS[row.status],
        }
        for place, row in enumerate(records(found))
    ]
    shapes = listed(
        [Name(row["figure"], row["said"]) for row in rows],
        [Marks("bar", rows)],
        from_nothing([1.0, *(row["end"] for row in rows)]),
        keys=[*(Key(status, colour) for status, colour in STATUS_COLOURS.items()), Key("the same", FAINT, DASHED)],
        lines=[1.0],
    )
    same = sum(row["status"] == "reproduced" for row in rows)
    title = f"{same} of {counted(len(rows), 'published figure')} {'is' if same == 1 else 'are'} reproduced"
    subtitle = f"Ours as a share of each published figure; bars end at {percent(MOST_TIMES)}."
    missing = len(like) - len(found)
    if missing:
        subtitle += f" {counted(missing, 'figure')} without a positive figure of ours."
    return chart(numbers, title, subtitle, "A bar for each published figure.", shapes)


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
            plain_words(row.measure.removesuffix("_gbp")).replace("bcr", "the ratio").replace("rung", "milestone"),
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
