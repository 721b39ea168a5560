"""Where contracts are delivered, on a map.

Belongs here: the map, its projection and the names on it. Coasts are not drawn: there are none among the data.
"""

import math
import re
from collections import defaultdict
from itertools import groupby
from operator import itemgetter

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.theme import COLOURS, GRID, area_colours, chart, plain_words, sentence, text_of, words_of
from pipeline.report.drawing import Spec
from pipeline.report.rows import Row, records
from pipeline.report.wording import counted

# Degrees of longitude from and to, and of latitude.
Window = tuple[tuple[float, float], tuple[float, float]]

# The map in pixels, how far areas at one point stand apart on it, and which window it shows of London, in degrees.
MAP_WIDTH = 330
ASIDE_PIXELS = 6
AT_POINT = {name: {"field": name, "type": "quantitative"} for name in ("longitude", "latitude")}
LONDON: Window = ((-0.62, 0.3), (51.34, 51.68))
# Names on it: how many, how much of its height and of its width each needs, what ends a short name and is left out.
NAMED_PLACES = 9
NAME_SHARES = (0.06, 0.34)
SEPARATOR = re.compile(r"[,:(]")
KIND_OF_PLACE = re.compile(
    r"^(The )?((London|Royal|Metropolitan) )?Boroughs? of | (London|Metropolitan) Borough"
    r"| (County|City)(?= Council)| Council"
)


def places(table: pd.DataFrame, contracts: pd.DataFrame) -> Figure:
    """Return the places of delivery on a map, and those in and about London on a larger one beneath.

    ``table``: places; ``contracts``: those of the market, of whose policy area the colour tells. Coasts are not drawn:
    there are none among the data.
    """
    title = "Where the contracts are delivered"
    numbers = Numbers("places", ("contract", "policy area", "places"), _place_rows(table, contracts))
    shown = table.loc[table["latitude"].notna(), ["contract_id", "place", "latitude", "longitude"]]
    shown = shown.merge(contracts[["contract_id", "policy_area"]], on="contract_id")
    if shown.empty:
        return sentence(numbers, title, "No place of delivery with its point is public.")
    without = len(table) - len(shown)
    lines = [
        "A point is a place of delivery as INDIGO gives it, at times for a whole county;",
        "the more contracts, the larger. Areas at one point stand side by side.",
        "No coasts are drawn." + (f" {counted(without, 'place')} without a point." if without else ""),
    ]
    near = shown["latitude"].between(*LONDON[1]) & shown["longitude"].between(*LONDON[0])
    maps = [_map(shown[~near], _around(shown), 1.0)]
    if near.any():
        maps[0]["layer"] += _box(LONDON, "London")
        maps.append(_map(shown[near], LONDON, 0.1) | {"title": {"text": "In and about London", "fontSize": 12}})
    return chart(numbers, title, lines, {"vconcat": maps})


def _around(shown: pd.DataFrame) -> Window:
    """The degrees of longitude and latitude between which the places lie."""
    (west, east), (south, north) = (
        (float(shown[name].min()), float(shown[name].max())) for name in ("longitude", "latitude")
    )
    return (west - 0.5, east + 0.5), (south - 0.3, north + 0.3)


def _map(shown: pd.DataFrame, window: Window, step: float) -> Spec:
    """A map of a window in Mercator's projection, with lines every ``step`` degrees."""
    (west, east), latitudes = window
    scale = MAP_WIDTH / math.radians(east - west)
    south, north = (math.asinh(math.tan(math.radians(latitude))) for latitude in latitudes)
    height = round(scale * (north - south))
    center = [(west + east) / 2, math.degrees(math.atan(math.sinh((south + north) / 2)))]
    size = {
        "field": "contracts",
        "type": "quantitative",
        "scale": {"range": [35, 260], "domain": [1, 6]},
        "legend": None,
    }
    return {
        "width": MAP_WIDTH,
        "height": height,
        # Said of each map, since the middle of the first would be taken for both.
        "projection": {"type": "mercator", "center": center, "scale": scale, "translate": [MAP_WIDTH / 2, height / 2]},
        "layer": [
            {
                "data": {"values": _lines(window, step)},
                "mark": {"type": "rule", "color": GRID},
                "encoding": AT_POINT | {f"{name}2": {"field": f"{name}2"} for name in AT_POINT},
            },
            {
                "data": {"values": _points(shown, ASIDE_PIXELS * (east - west) / MAP_WIDTH)},
                "mark": {"type": "point", "stroke": "white", "strokeWidth": 0.6},
                "encoding": {**AT_POINT, "color": area_colours({"columns": 2}), "size": size},
            },
            {
                "data": {"values": _named_points(shown, window)},
                "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 10},
                "encoding": {**AT_POINT, "text": {"field": "name"}},
            },
        ],
    }


def _box(window: Window, name: str) -> list[Spec]:
    """The outline of a window on a map, and its name beside it."""
    (west, east), (south, north) = window
    outline = [[west, south], [west, north], [east, north], [east, south], [west, south]]
    named = {"longitude": east, "latitude": (south + north) / 2, "name": name}
    return [
        {
            "data": {"values": [{"type": "LineString", "coordinates": outline}]},
            "mark": {"type": "geoshape", "filled": False, "stroke": COLOURS["neutral"]},
        },
        {
            "data": {"values": [named]},
            "mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 10},
            "encoding": {**AT_POINT, "text": {"field": "name"}},
        },
    ]


def _lines(window: Window, step: float) -> list[Row]:
    """The meridians and parallels of a window, which are straight in Mercator's projection."""
    (west, east), (south, north) = window

    def between(start: float, end: float) -> list[float]:
        return [round(step * n, 6) for n in range(math.ceil(start / step), math.floor(end / step) + 1)]

    meridians = [(x, x, south, north) for x in between(west, east)]
    parallels = [(west, east, y, y) for y in between(south, north)]
    ends = ("longitude", "longitude2", "latitude", "latitude2")
    return [dict(zip(ends, line, strict=True)) for line in (*meridians, *parallels)]


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


def _named_points(shown: pd.DataFrame, window: Window) -> list[Row]:
    """Names for orientation: of the outermost points and of those of most contracts, where there is room."""
    contracts, names = defaultdict(set), defaultdict(set)
    for row in records(shown):
        contracts[row.latitude, row.longitude].add(row.contract_id)
        names[row.latitude, row.longitude].add(row.place)
    if not names:
        return []
    points = sorted(names)
    ends = [end(points, key=itemgetter(axis)) for axis in (0, 1) for end in (min, max)]
    order = [*ends, *sorted(points, key=lambda point: (-len(contracts[point]), -point[0]))]
    high, wide = ((end - start) * share for (start, end), share in zip(window[::-1], NAME_SHARES, strict=True))
    named: list[Row] = []
    for latitude, longitude in dict.fromkeys(order):
        is_free = all(
            abs(latitude - other["latitude"]) > high or abs(longitude - other["longitude"]) > wide for other in named
        )
        # A name stands to the right of its point.
        if is_free and longitude < window[0][1] - wide / 2:
            shortest = min(names[latitude, longitude], key=lambda name: (len(name), name))
            name = text_of(KIND_OF_PLACE.sub("", SEPARATOR.split(shortest)[0]), 24)
            named.append({"latitude": latitude, "longitude": longitude, "name": name})
    return named[:NAMED_PLACES]


def _place_rows(table: pd.DataFrame, contracts: pd.DataFrame) -> Rows:
    """Each contract with its places of delivery, in the order of the contracts' names."""
    names = contracts[["contract_id", "name", "policy_area"]]
    rows = table.merge(names, on="contract_id").sort_values(["name", "contract_id", "row"], kind="stable")
    by_contract = rows.groupby(["name", "contract_id", "policy_area"], sort=False)["place"].agg("; ".join)
    return [(name, plain_words(area), places) for (name, _, area), places in by_contract.items()]
