"""The map: each place once, in the colour of its area."""

import pandas as pd

from pipeline.report.charts.places import LONDON, places
from pipeline.report.drawing import as_svg
from tests.report.charts.taken_apart import Tables, rows_of


def test_each_place_with_a_point_is_on_one_map_in_the_colour_of_its_area(tables: Tables) -> None:
    table = tables["places"][tables["places"]["latitude"].notna()].merge(
        tables["contracts"][["contract_id", "policy_area"]], on="contract_id"
    )
    figure = places(tables["places"], tables["contracts"])
    assert list(rows_of(figure.narrow)) != list(rows_of(figure.wide))
    maps = figure.narrow["vconcat"]
    points = [[row for row in rows_of(part) if "contracts" in row] for part in maps]
    (west, east), (south, north) = LONDON
    is_near = table["latitude"].between(south, north) & table["longitude"].between(west, east)
    key = ["latitude", "longitude", "policy_area"]
    for shown, part in ((points[0], table[~is_near]), (points[1], table[is_near])):
        expected = part.groupby(key)["contract_id"].nunique().sort_index()
        found = sorted((row["latitude"], row["area"], row["contracts"]) for row in shown)
        assert found == sorted((lat, area.replace("_", " "), n) for (lat, _, area), n in expected.items())
    # Areas that share a point stand around it, those that do not on it.
    alone = table.drop_duplicates(key).drop_duplicates(["latitude", "longitude"], keep=False)
    on_point = {(row["latitude"], row["longitude"]) for row in points[0] + points[1]}
    assert set(zip(alone["latitude"], alone["longitude"].round(6), strict=True)) <= on_point


def test_a_place_without_a_point_is_said_to_be_left_out(tables: Tables) -> None:
    contracts, one = tables["contracts"], tables["places"].head(1)
    nowhere = one.assign(latitude=float("nan"), longitude=float("nan"))
    figure = places(pd.concat([one, nowhere]), contracts)
    assert figure.subtitle.endswith("1 place without a point not shown.")
    as_svg(figure.wide)
    assert "without" not in places(one, contracts).subtitle
