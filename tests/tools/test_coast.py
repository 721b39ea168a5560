"""The outline under the map: how it is made, and that what is kept is such an outline."""

import json
from pathlib import Path

import pytest

from tools.coast import KEPT, UNITED_KINGDOM, area, outline, simplified

# A square of two degrees, one side of which is taken backwards, with a point that hardly leaves it; an island.
ATLAS = {
    "transform": {"scale": [0.001, 0.001], "translate": [-3.0, 52.0]},
    "arcs": [
        [[0, 0], [1000, 1], [1000, -1], [0, 2000], [-2000, 0]],
        [[0, 0], [0, 2000]],
        [[5000, 0], [10, 0], [0, 10], [-10, 0], [0, -10]],
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"id": UNITED_KINGDOM, "type": "MultiPolygon", "arcs": [[[0, -2]], [[2]]]},
                {"id": "250", "type": "Polygon", "arcs": [[2]]},
            ]
        }
    },
}


def test_an_outline_joins_its_lines_and_leaves_out_what_would_not_be_seen() -> None:
    (ring,) = outline(ATLAS)["coordinates"]
    assert {tuple(point) for point in ring[0]} == {(-3.0, 52.0), (-1.0, 52.0), (-1.0, 54.0), (-3.0, 54.0)}
    assert ring[0][0] == ring[0][-1]


def test_a_line_keeps_what_is_further_off_than_this() -> None:
    line = [(0.0, 0.0), (1.0, 0.24), (2.0, 0.5), (3.0, 0.0)]
    assert simplified(line, 0.1) == [(0.0, 0.0), (2.0, 0.5), (3.0, 0.0)]
    assert simplified(line, 1.0) == [(0.0, 0.0), (3.0, 0.0)]


def test_the_area_of_a_square() -> None:
    assert area([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]) == pytest.approx(4)


def test_what_is_kept_is_great_britain_northern_ireland_and_islands(project_root: Path) -> None:
    path = project_root / KEPT
    rings = [ring for (ring,) in json.loads(path.read_text(encoding="utf-8"))["coordinates"]]
    assert path.stat().st_size < 16_000
    sizes = [area([(x, y) for x, y in ring]) for ring in rings]
    assert sizes == sorted(sizes, reverse=True)
    great_britain, northern_ireland, *islands = rings
    for ring, west, east in ((great_britain, -6.3, 1.8), (northern_ireland, -8.2, -5.4)):
        assert min(x for x, _ in ring) == pytest.approx(west, abs=0.2)
        assert max(x for x, _ in ring) == pytest.approx(east, abs=0.2)
    assert len(islands) > 5
