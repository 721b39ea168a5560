"""How one figure becomes another, step by step.

Belongs here: the chart of a waterfall, of whatever steps. What a step is and how large it is is worked out in
``method.analysis``; the words of each come from whoever shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import DASHED, Key, Marks, Name, from_nothing, listed
from pipeline.report.charts.theme import COLOURS, FAINT, INK, chart, sentence, text_of
from pipeline.report.rows import Row
from pipeline.report.wording import counted

# What a bar is: a figure that stands by itself, a step up or down, or a step that is drawn apart from the others.
TOTAL, UP, DOWN = "total", "more", "less"
STEP_COLOURS = {TOTAL: INK, UP: COLOURS["more"], DOWN: COLOURS["less"]}
APART_COLOUR = COLOURS["neutral"]


@dataclass(frozen=True)
class Bar:
    """One bar: a step from ``before`` to ``after``, or a total, which has no ``before``.

    ``low``, ``high``: where the step might end, if a range of it is known; ``is_apart``: drawn hollow, in a colour of
    its own.
    """

    name: str
    after: float
    before: float | None = None
    low: float | None = None
    high: float | None = None
    is_apart: bool = False


def waterfall(
    id_: str,
    title: str,
    subtitle: str,
    bars: Sequence[Bar],
    written: Callable[[float], str],
    *,
    apart: str = "apart",
    marks: Sequence[tuple[str, float]] = (),
) -> Figure:
    """Return the bars below each other, each beginning where the one before ends.

    ``subtitle``: what has to be known to read it; ``written``: how a number is written; ``apart``: what bars that are
    drawn apart are called; ``marks``: lines across the chart, with their names.
    """
    numbers = Numbers(id_, ("step", "change", "range of the change", "then"), _rows(bars, written))
    if not bars:
        return sentence(numbers, title, "There is no step to show.")
    rows = [{"row": place, **_row(bar, written, apart)} for place, bar in enumerate(bars)]
    present = [kind for kind in (*STEP_COLOURS, apart) if kind in {row["kind"] for row in rows}]
    drawn = [{**row, "start": row["from"], "end": row["to"]} for row in rows]
    ranged = [{"row": row["row"], "start": row["low"], "end": row["high"]} for row in rows if row["low"] is not None]
    hollow = {"filled": False, "strokeWidth": 2}
    shapes = listed(
        [Name(bar.name, row["said"]) for bar, row in zip(bars, rows, strict=True)],
        [
            Marks("bar", [row for row in drawn if not row["is_apart"]]),
            Marks("bar", [row for row in drawn if row["is_apart"]], more=hollow),
            Marks("rule", ranged, INK, 1.5),
        ],
        from_nothing([*(row[end] for row in rows for end in ("from", "to", "reach")), *(at for _, at in marks)]),
        band=16,
        keys=[
            *(Key(text_of(kind, 60), STEP_COLOURS.get(kind, APART_COLOUR)) for kind in present),
            *(Key("range of a step", INK, "stroke") for _ in ranged[:1]),
            *(Key(f"{text_of(name, 40)}: {written(at)}", FAINT, DASHED) for name, at in marks),
        ],
        lines=[at for _, at in marks],
    )
    alt = f"{counted(len(bars), 'bar')}, each beginning where the one before ends."
    return chart(numbers, title, subtitle, alt, shapes)


def _row(bar: Bar, written: Callable[[float], str], apart: str) -> Row:
    begin = 0.0 if bar.before is None else bar.before
    change = bar.after - begin
    kind = TOTAL if bar.before is None else apart if bar.is_apart else UP if change >= 0 else DOWN
    ends = [end for end in (begin, bar.after, bar.low, bar.high) if end is not None]
    return {
        "from": begin,
        "to": bar.after,
        "low": None if bar.low is None or bar.high is None else min(bar.low, bar.high),
        "high": None if bar.low is None or bar.high is None else max(bar.low, bar.high),
        "reach": max(ends),
        "kind": kind,
        "colour": STEP_COLOURS.get(kind, APART_COLOUR),
        "is_apart": bar.is_apart,
        "said": written(bar.after) if bar.before is None else _signed(change, written),
    }


def _signed(change: float, written: Callable[[float], str]) -> str:
    said = written(change)
    return f"+{said}" if change > 0 else said


def _rows(bars: Sequence[Bar], written: Callable[[float], str]) -> Rows:
    return [
        (
            bar.name,
            "" if bar.before is None else _signed(bar.after - bar.before, written),
            ""
            if bar.before is None or bar.low is None or bar.high is None
            else f"{_signed(bar.low - bar.before, written)} to {_signed(bar.high - bar.before, written)}",
            written(bar.after),
        )
        for bar in bars
    ]
