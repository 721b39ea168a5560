"""How one figure becomes another: where each bar begins and ends, what is said of it, what is drawn apart."""

import re

from pipeline.report.charts.waterfall import Bar, waterfall
from pipeline.report.drawing import as_svg
from pipeline.report.wording import ratio_text
from tests.report.charts.taken_apart import rows_of, texts_of

BARS = (
    Bar("this year", 1.0),
    Bar("more people", 1.5, 1.0, 1.25, 2.0),
    Bar("lower prices", 1.2, 1.5),
    Bar("put in", 3.0, 1.2, is_apart=True),
    Bar("next year", 3.0),
)


def test_each_bar_begins_where_the_one_before_ends() -> None:
    figure = waterfall("w", "A", "b.", BARS, ratio_text)
    for spec in (figure.wide, figure.narrow):
        rows = sorted((row for row in rows_of(spec) if "kind" in row), key=lambda row: row["row"])
        assert [(row["start"], row["end"]) for row in rows] == [(0, 1), (1, 1.5), (1.5, 1.2), (1.2, 3), (0, 3)]
        assert [row["said"] for row in rows] == ["1.00", "+0.50", "−0.30", "+1.80", "3.00"]
        assert [row["kind"] for row in rows] == ["total", "more", "less", "apart", "total"]


def test_a_range_is_drawn_where_it_is_known_and_stands_beside_the_chart() -> None:
    figure = waterfall("w", "A", "b.", BARS, ratio_text)
    assert figure.rows[1] == ("more people", "+0.50", "+0.25 to +1.00", "1.50")
    assert [row[2] for row in figure.rows] == ["", "+0.25 to +1.00", "", "", ""]
    turned = waterfall("w", "A", "b.", [Bar("down", 1.0, 2.0, 1.5, 0.5)], ratio_text)
    row = next(row for row in rows_of(turned.wide) if "low" in row)
    assert (row["low"], row["high"], row["reach"]) == (0.5, 1.5, 2.0)


def test_a_mark_and_what_is_apart_are_named() -> None:
    drawn = as_svg(waterfall("w", "A", "b.", BARS, ratio_text, apart="not ours", marks=[("published", 8.57)]).wide)
    assert {"published: 8.57", "not ours", "more", "less", "total"} <= set(texts_of(drawn))


def test_no_step_is_said_and_no_name_breaks_it() -> None:
    none = waterfall("w", "A", "", [], ratio_text)
    assert (none.title, none.alt) == ("A", "There is no step to show.")
    hostile = waterfall("w", "A", "b.", [Bar("<script>\n" + "x" * 500, 1.0)], ratio_text, marks=[("<script>", 1.0)])
    drawn = as_svg(hostile.titled)
    assert "<script" not in drawn
    assert max(len(text) for text in re.findall(r">([^<]*)<", drawn)) < 200
