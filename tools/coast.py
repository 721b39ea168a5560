"""The outline under the map of the report: Natural Earth's 1:10m land of the United Kingdom, made small enough to draw.

Run by hand when the outline shall change, and its result is kept: `npm pack world-atlas@2.0.2`, unpack it, then
`python -m tools.coast package/countries-10m.json`. Natural Earth is in the public domain (see NOTICE.md).
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

KEPT = Path("pipeline/report/charts/coast.json")
UNITED_KINGDOM = "826"
# How far the outline may move, in degrees, about a pixel of the map; and the least area of an island, in square ones.
TOLERANCE = 0.025
SMALLEST_ISLAND = 0.012
PLACES = 2

Point = tuple[float, float]


def arcs_of(atlas: dict[str, Any]) -> list[list[Point]]:
    """Return the lines of a TopoJSON in degrees."""
    (scale_x, scale_y), (move_x, move_y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    arcs = []
    for steps in atlas["arcs"]:
        x = y = 0
        line = []
        for step_x, step_y in steps:
            x, y = x + step_x, y + step_y
            line.append((x * scale_x + move_x, y * scale_y + move_y))
        arcs.append(line)
    return arcs


def rings_of(country: dict[str, Any], arcs: list[list[Point]]) -> list[list[Point]]:
    """Return the outer rings of a country; a negative number is a line taken backwards."""
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    rings = []
    for outer, *_ in polygons:
        ring: list[Point] = []
        for number in outer:
            ring += arcs[number] if number >= 0 else arcs[~number][::-1]
        rings.append(ring)
    return rings


def simplified(line: list[Point], tolerance: float) -> list[Point]:
    """Return a line of which no point is further than this from the whole one (Douglas and Peucker)."""
    if len(line) < 3:
        return line
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = math.hypot(x1 - x0, y1 - y0)

    def off(point: Point) -> float:
        if not length:
            return math.hypot(point[0] - x0, point[1] - y0)
        return abs((x1 - x0) * (y0 - point[1]) - (x0 - point[0]) * (y1 - y0)) / length

    furthest = max(range(1, len(line) - 1), key=lambda place: off(line[place]))
    if off(line[furthest]) <= tolerance:
        return [line[0], line[-1]]
    return simplified(line[: furthest + 1], tolerance)[:-1] + simplified(line[furthest:], tolerance)


def area(ring: list[Point]) -> float:
    """Return the area of a ring in square degrees."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def outline(atlas: dict[str, Any]) -> dict[str, Any]:
    """Return the United Kingdom as GeoJSON, the largest island first, its rings in the order that Vega fills."""
    (country,) = (each for each in atlas["objects"]["countries"]["geometries"] if each.get("id") == UNITED_KINGDOM)
    rings = [simplified(ring, TOLERANCE) for ring in rings_of(country, arcs_of(atlas))]
    large = sorted((ring for ring in rings if area(ring) >= SMALLEST_ISLAND), key=area, reverse=True)
    rounded = [[[round(x, PLACES), round(y, PLACES)] for x, y in ring] for ring in large]
    return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rounded]}


def main() -> None:
    """Write the outline anew."""
    made = outline(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    KEPT.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
