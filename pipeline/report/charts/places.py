"""Where contracts are delivered, on a map.

Belongs here: the map, its projection and the names on it. The outline is Natural Earth's, made by ``tools.coast``.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import (
    AREA_COLOURS,
    COLOURS,
    FONT_SIZE,
    INK,
    LAND,
    NARROW,
    WIDE,
    chart,
    pixels_of,
    plain_words,
    sentence,
    text_of,
    words_of,
)
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, records
from pipeline.report.wording import counted

# Degrees of longitude from and to, and of latitude.
Window = tuple[tuple[float, float], tuple[float, float]]

# Pixels of the map beside that of London in a wide drawing, and how far areas at one point are apart on it.
BESIDE = (310, 224)
ASIDE_PIXELS = 7
AT_POINT = {name: {"field": name, "type": "quantitative"} for name in ("longitude", "latitude")}
# Which window of London is shown on a map of its own, in degrees.
LONDON: Window = ((-0.55, 0.25), (51.3, 51.7))
# Names on it: how many, and what ends a short name and is left out.
NAMED_PLACES = 7
SEPARATOR = re.compile(r"[,:(]")
KIND_OF_PLACE = re.compile(
    r"^(The )?((London|Royal|Metropolitan) )?Boroughs? of | (London|Metropolitan) Borough"
    r"| (County|City)(?= Council)| Council"
)
# Each area has a shape too, for those who cannot tell its colour.
AREA_SHAPES = dict(
    zip(AREA_COLOURS, ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross"), strict=True)
)


def places(table: pd.DataFrame, contracts: pd.DataFrame) -> Figure:
    """Return the places of delivery on a map, and those in and near London on a larger one.

    ``table``: places; ``contracts``: those of the market, whose policy areas the colours and shapes show.
    """
    title = "Where the contracts are delivered"
    numbers = Numbers("places", ("contract", "policy area", "places"), _place_rows(table, contracts))
    shown = table.loc[table["latitude"].notna(), ["contract_id", "place", "latitude", "longitude"]]
    shown = shown.merge(contracts[["contract_id", "policy_area"]], on="contract_id")
    if shown.empty:
        return sentence(numbers, title, "No place of delivery with its point is public.")
    near = shown["latitude"].between(*LONDON[1]) & shown["longitude"].between(*LONDON[0])
    of, without = int(shown["contract_id"].nunique()), len(table) - len(shown)
    within = int(shown.loc[near, "contract_id"].nunique())
    if within:
        title = f"{within} of {counted(of, 'contract')} {'works' if within == 1 else 'work'} in or near London"
    if within == of:
        title = f"{'The contract works' if of == 1 else f'All {of} contracts work'} in or near London"
    subtitle = (
        "Places of delivery as INDIGO gives them, sometimes for a whole county. A larger mark has more contracts; "
        "areas at one place are side by side."
    )
    if without:
        subtitle += f" {counted(without, 'place')} without a point not shown."
    alt = f"A map with {counted(len(shown), 'place')}, in a colour and a shape for each policy area."
    shapes = (_maps(shown, near, WIDE), _maps(shown, near, NARROW))
    return chart(numbers, title, subtitle, alt, shapes)


def _maps(shown: pd.DataFrame, near: "pd.Series[bool]", width: int) -> Spec:
    """The map of all places, and that of London where there is any: beside it, or beneath on a phone."""
    has_two = bool(near.any())
    is_beside = width == WIDE and has_two
    first, second = BESIDE if is_beside else (width, width)
    columns = 2 if width == WIDE else 1
    main = _map(shown[~near], _around(shown), min(first, 400), _legend(columns))
    if not has_two:
        return main
    main["layer"] += _box(LONDON)
    title = {"text": "In and near London", "fontSize": FONT_SIZE, "anchor": "start", "color": INK, "offset": 6}
    london = {**_map(shown[near], LONDON, second, None), "title": title}
    return {"hconcat" if is_beside else "vconcat": [main, london], "spacing": 10, "padding": 0}


def _legend(columns: int) -> Spec:
    return {
        "orient": "bottom",
        "title": None,
        "columns": columns,
        "columnPadding": 40,
        "labelFontSize": FONT_SIZE,
        "labelLimit": 0,
    }


def _around(shown: pd.DataFrame) -> Window:
    """The degrees of longitude and latitude between which the places lie."""
    (west, east), (south, north) = (
        (float(shown[name].min()), float(shown[name].max())) for name in ("longitude", "latitude")
    )
    return (min(west, -5.5) - 0.3, max(east, 1.7) + 0.3), (min(south, 50.1) - 0.3, max(north, 55.2) + 0.3)


@cache
def _outline() -> dict[str, Any]:
    text = files(__package__).joinpath("coast.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _map(shown: pd.DataFrame, window: Window, width: int, legend: Spec | None) -> Spec:
    """A map of a window in Mercator's projection."""
    (west, east), latitudes = window
    scale = width / math.radians(east - west)
    south, north = (math.asinh(math.tan(math.radians(latitude))) for latitude in latitudes)
    height = round(scale * (north - south))
    center = [(west + east) / 2, math.degrees(math.atan(math.sinh((south + north) / 2)))]
    names = {words_of(area): colour for area, colour in AREA_COLOURS.items()}
    colour = {"field": "area", "scale": {"domain": list(names), "range": list(names.values())}, "legend": legend}
    shape = {"field": "area", "scale": {"domain": list(names), "range": list(AREA_SHAPES.values())}, "legend": legend}
    size = {
        "field": "contracts",
        "type": "quantitative",
        "scale": {"range": [45, 260], "domain": [1, 6]},
        "legend": None,
    }
    degrees = (east - west) / width
    return {
        "width": width,
        "height": height,
        # Said of each map, since the middle of the first would be taken for both; what is outside is not drawn.
        "projection": {
            "type": "mercator",
            "center": center,
            "scale": scale,
            "translate": [width / 2, height / 2],
            "clipExtent": [[0, 0], [width, height]],
        },
        "layer": [
            {
                "data": {"values": [_outline()]},
                "mark": {"type": "geoshape", "fill": LAND, "stroke": COLOURS["neutral"], "strokeWidth": 0.7},
            },
            {
                "data": {"values": _points(shown, ASIDE_PIXELS * degrees)},
                "mark": {"type": "point", "stroke": "white", "strokeWidth": 0.6},
                "encoding": {**AT_POINT, "color": colour, "shape": shape, "size": size},
            },
            {
                "data": {"values": _named_points(shown, window, degrees)},
                "mark": {"type": "text", "align": "left", "dx": 9},
                "encoding": {**AT_POINT, "text": {"field": "name"}},
            },
        ],
    }


def _box(window: Window) -> list[Spec]:
    """The outline of the window of London on the map, and its name beside it."""
    (west, east), (south, north) = window
    outline = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    named = {"longitude": east, "latitude": (south + north) / 2, "name": "London"}
    return [
        {
            "data": {"values": [{"type": "LineString", "coordinates": outline}]},
            "mark": {"type": "geoshape", "filled": False, "stroke": INK},
        },
        {
            "data": {"values": [named]},
            "mark": {"type": "text", "align": "left", "dx": 5},
            "encoding": {**AT_POINT, "text": {"field": "name"}},
        },
    ]


def _points(shown: pd.DataFrame, apart: float) -> list[Row]:
    """The points of a map by policy area, so many degrees apart where areas share one, the largest first."""
    contracts = defaultdict(set)
    for row in records(shown):
        contracts[row.latitude, row.longitude, row.policy_area].add(row.contract_id)
    at_point = [list(areas) for _, areas in groupby(sorted(contracts), key=itemgetter(0, 1))]
    rows: list[Row] = [
        {
            "latitude": key[0],
            "longitude": round(key[1] + apart * (place - (len(areas) - 1) / 2), 6),
            "area": words_of(key[2]),
            "contracts": len(contracts[key]),
        }
        for areas in at_point
        for place, key in enumerate(areas)
    ]
    return sorted(rows, key=lambda row: -row["contracts"])


def _named_points(shown: pd.DataFrame, window: Window, degrees: float) -> list[Row]:
    """Names for orientation: of the outermost points and of those of most contracts, where there is room.

    ``degrees`` of longitude of a pixel.
    """
    contracts, names = defaultdict(set), defaultdict(set)
    for row in records(shown):
        contracts[row.latitude, row.longitude].add(row.contract_id)
        names[row.latitude, row.longitude].add(row.place)
    if not names:
        return []
    points = sorted(names)
    ends = [end(points, key=itemgetter(axis)) for axis in (0, 1) for end in (min, max)]
    order = [*ends, *sorted(points, key=lambda point: (-len(contracts[point]), -point[0]))]
    named: list[Row] = []
    for latitude, longitude in dict.fromkeys(order):
        shortest = min(names[latitude, longitude], key=lambda name: (len(name), name))
        name = text_of(KIND_OF_PLACE.sub("", SEPARATOR.split(shortest)[0]), 24)
        row = {"latitude": latitude, "longitude": longitude, "name": name}
        # A name is to the right of its point, and does not run out of the map.
        fits = longitude + (pixels_of(name) + 12) * degrees < window[0][1]
        if fits and _is_free(row, named, degrees):
            named.append(row)
    return named[:NAMED_PLACES]


def _is_free(row: Row, named: Iterable[Row], degrees: float) -> bool:
    """Whether no other name is where this one would be, nor so near that it could be taken for it."""
    return all(
        abs(row["latitude"] - other["latitude"]) > 0.6 * 22 * degrees
        or row["longitude"] > other["longitude"] + (pixels_of(other["name"]) + 16) * degrees
        or other["longitude"] > row["longitude"] + (pixels_of(row["name"]) + 16) * degrees
        for other in named
    )


def _place_rows(table: pd.DataFrame, contracts: pd.DataFrame) -> Rows:
    """Each contract with its places of delivery, in the order of the contracts' names."""
    names = contracts[["contract_id", "name", "policy_area"]]
    rows = table.merge(names, on="contract_id").sort_values(["name", "contract_id", "row"], kind="stable")
    by_contract = rows.groupby(["name", "contract_id", "policy_area"], sort=False)["place"].agg("; ".join)
    return [(name, plain_words(area), places) for (name, _, area), places in by_contract.items()]
