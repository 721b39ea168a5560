"""What charts share."""

from pipeline.report.charts.theme import AREA_COLOURS, COLOURS
from pipeline.tables.vocabulary import KINDS, POLICY_AREAS


def test_each_thing_has_one_colour() -> None:
    assert list(AREA_COLOURS) == list(POLICY_AREAS)
    assert set(KINDS) < set(COLOURS)
    colours = [*COLOURS.values(), *AREA_COLOURS.values()]
    assert len(set(colours)) == len(colours)
