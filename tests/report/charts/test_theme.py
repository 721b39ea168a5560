"""What charts share: colours that everybody can tell apart and see on either paper, and how little is written."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from pipeline.report import pages
from pipeline.report.charts.outcomes import PERIOD_COLOURS
from pipeline.report.charts.published import GAP_COLOURS, STATUS_COLOURS
from pipeline.report.charts.theme import AREA_COLOURS, AREA_SHAPES, COLOURS, FAINT, INK, short_money
from pipeline.report.charts.value import KINDS as CHARTED_KINDS
from pipeline.report.charts.value import PAYER_COLOURS
from pipeline.report.charts.waterfall import STEP_COLOURS
from pipeline.report.charts.what_if import SIDE_COLOURS
from pipeline.tables.vocabulary import KINDS, POLICY_AREAS
from tests.report.charts.seen import WITHOUT, apart, contrast

WHITE, BLACK = "#FFFFFF", "#14181B"
# CIE76; colours that only just differ are 2.3 apart.
FAR_APART = 12
STYLE = Path(*pages.__path__) / "style" / "charts.css"
# Colours that are in one chart.
TOGETHER = {
    "areas": [*(COLOURS[kind] for kind in CHARTED_KINDS), COLOURS["payments"]],
    "payers": list(PAYER_COLOURS.values()),
    "tornado": [COLOURS[kind] for kind in ("unit cost", "hours weight", "deadweight")],
    "steps": [*STEP_COLOURS.values(), COLOURS["neutral"]],
    "statuses": list(STATUS_COLOURS.values()),
    "gap": list(dict.fromkeys(GAP_COLOURS)),
    "periods": list(PERIOD_COLOURS),
    "sides": list(SIDE_COLOURS.values()),
    "curves": [INK, COLOURS["fiscal"]],
    "choices": [INK, COLOURS["neutral"], COLOURS["less"]],
}


def in_the_dark(colour: str) -> str:
    """The colour that the style sheet shows in place of one on dark paper."""
    found = re.search(rf'\[fill="{colour}"\] {{ fill: (#\w+); }}', STYLE.read_text(encoding="utf-8"))
    return found[1].upper() if found else colour


def test_each_thing_has_one_colour() -> None:
    assert list(AREA_COLOURS) == list(POLICY_AREAS)
    assert set(KINDS) < set(COLOURS)
    colours = [*COLOURS.values(), *AREA_COLOURS.values()]
    assert len(set(colours)) == len(colours)


def test_each_colour_is_seen_on_white_and_on_dark_paper() -> None:
    for name, colour in {**COLOURS, **AREA_COLOURS}.items():
        assert contrast(colour, WHITE) >= 3, name
        assert contrast(in_the_dark(colour), BLACK) >= 3, name
    for text in (INK, FAINT):
        assert contrast(text, WHITE) >= 4.5
        assert contrast(in_the_dark(text), BLACK) >= 4.5


@pytest.mark.parametrize("without", [None, *WITHOUT])
@pytest.mark.parametrize("paper", ["light", "dark"])
def test_colours_of_one_chart_can_be_told_apart(paper: str, without: str | None) -> None:
    """By everybody, and by those who lack one kind of cones."""
    for chart, colours in TOGETHER.items():
        for pair in combinations(colours, 2):
            one, other = pair if paper == "light" else map(in_the_dark, pair)
            assert apart(one, other, without) >= FAR_APART, (chart, pair)


def test_red_and_green_of_one_lightness_are_found_not_to_be_told_apart() -> None:
    assert apart("#B37A00", "#6E9B00") > 20
    assert apart("#B37A00", "#8C8C00", "green") < FAR_APART


def test_areas_that_share_a_map_have_shapes_too() -> None:
    assert list(AREA_SHAPES) == list(POLICY_AREAS)
    assert len(set(AREA_SHAPES.values())) == len(POLICY_AREAS)


def test_a_fill_and_a_line_of_one_colour_change_alike_in_the_dark() -> None:
    style = STYLE.read_text(encoding="utf-8")
    changed = dict(re.findall(r'\[fill="(#\w+)"\] { fill: (#\w+); }', style))
    lines = dict(re.findall(r'\[stroke="(#\w+)"\] { stroke: (#\w+); }', style))
    assert {colour: lines[colour] for colour in lines if colour in changed} == {
        colour: changed[colour] for colour in lines if colour in changed
    }
    assert set(changed) & set(COLOURS.values()) <= set(lines)


@pytest.mark.parametrize(
    ("gbp", "said"),
    [(0.0, "£0"), (12.0, "under £0.1m"), (-12.0, "above −£0.1m"), (50_001.0, "£0.1m"), (-3.2e6, "−£3.2m")],
)
def test_nothing_is_said_to_be_nothing_and_little_to_be_little(gbp: float, said: str) -> None:
    assert short_money(gbp) == said
