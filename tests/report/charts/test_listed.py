"""Rows of names and marks: where each is, so that no text meets another, whatever the names are."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.report.charts.listed import Key, Marks, Name, around, from_nothing, listed, stacked
from pipeline.report.charts.theme import CHARACTER, NARROW, WIDE
from pipeline.report.drawing import Spec, as_svg
from tests.report.charts.taken_apart import rows_of, texts_of

LINE = 16
names = st.builds(Name, st.text("abc -", max_size=200), st.sampled_from(["", "£1.0m", "£0.73 (0.61 to 0.86)"]))
heads = st.builds(Name, st.text("abc -", min_size=1, max_size=120), st.just(""), st.just(True))


def drawn(rows: list[Name], **given: Any) -> tuple[Spec, Spec]:
    bars = [{"row": place, "start": 0.0, "end": 1.0} for place, name in enumerate(rows) if not name.is_head]
    return listed(rows, [Marks("bar", bars)], (0.0, 1.0), **given)


def texts(spec: Spec) -> list[dict[str, Any]]:
    layers = (layer for layer in spec["layer"] if "x" in layer["mark"])
    rows = [{**row, "x": layer["mark"]["x"]} for layer in layers for row in layer["data"]["values"] if "words" in row]
    return sorted(rows, key=lambda row: float(row["y"]))


@given(st.lists(st.one_of(names, heads), min_size=1, max_size=12))
def test_no_text_meets_another_and_all_is_within_the_drawing(rows: list[Name]) -> None:
    for spec, width in zip(drawn(rows), (WIDE, NARROW), strict=True):
        left = spec["padding"]["left"]
        assert left + spec["width"] + spec["padding"]["right"] == width
        of_names = [row for row in texts(spec) if row["x"] == -left and not isinstance(row["words"], str)]
        assert len(of_names) == len(rows)
        for row, below in pairwise(of_names):
            assert row["y"] + LINE * len(row["words"]) <= below["y"] + 0.01
        last = of_names[-1]
        assert last["y"] + LINE * (len(last["words"]) - 0.5) <= spec["height"] + 0.51
        # A name ends before what is said on its line, and in a wide drawing before the marks.
        for row in of_names:
            assert max(map(len, row["words"])) * CHARACTER <= max(width, 8 * CHARACTER)
        bars = [row for row in rows_of(spec) if "start" in row]
        assert all(0 <= row["y"] <= spec["height"] for row in bars)


def test_a_narrow_drawing_has_names_above_their_marks_and_a_wide_one_beside() -> None:
    wide, narrow = drawn([Name("one", "1"), Name("two", "2")])
    for spec, is_beside in ((wide, True), (narrow, False)):
        name = next(row for row in rows_of(spec) if row.get("words") == ["one"])
        mark = next(row for row in rows_of(spec) if row.get("row") == 0)
        assert (name["y"] == mark["y"]) is is_beside
        assert name["y"] <= mark["y"]


def test_what_colours_mean_is_above_the_rows_and_goes_on_in_the_next_line() -> None:
    keys = [Key(f"what number {number} of them means", "#123456") for number in range(4)]
    for spec in drawn([Name("one", "1")], keys=keys):
        places = [row for row in rows_of(spec) if "shape" in row and "words" in row]
        assert {row["words"] for row in places} == {key.words for key in keys}
        assert all(-spec["padding"]["top"] <= row["y"] < 0 for row in places)
        assert len({row["y"] for row in places}) > 1
        assert {key.words for key in keys} <= set(texts_of(as_svg(spec)))


def test_dashed_lines_do_not_cross_headings() -> None:
    rows = [Name("head", is_head=True), Name("one"), Name("two"), Name("next head", is_head=True), Name("three")]
    wide, narrow = drawn(rows, lines=[0.5])
    assert [len([row for row in rows_of(spec) if "to" in row]) for spec in (wide, narrow)] == [2, 3]


@pytest.mark.parametrize("numbers", [[0.0], [1.0, 1.0], [-2.0, 3.0], [1e-9, 2e7]])
def test_ends_of_a_scale_hold_all_numbers_and_differ(numbers: list[float]) -> None:
    for low, high in (around(numbers), from_nothing(numbers)):
        assert low < high
        assert all(low <= number <= high for number in numbers)
    low, high = from_nothing(numbers)
    assert low <= 0 <= high


def test_a_scale_is_as_wide_as_its_labels_need() -> None:
    low, high = around([1.44, 1.46], least=0.2)
    assert (low, high) == pytest.approx((1.35, 1.55))


def test_parts_follow_each_other_and_what_is_below_nothing_goes_left() -> None:
    parts = stacked([("a", 2.0), ("b", -1.0), ("c", 3.0), ("d", -2.0)])
    assert [(part["start"], part["end"]) for part in parts] == [(0, 2), (0, -1), (2, 5), (-1, -3)]
