"""A what-if beside its edition."""

import json
from typing import Any

from pipeline.report.charts.what_if import beside
from tests.report.charts.taken_apart import rows_of


def test_a_what_if_stands_beside_the_edition(data: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(data)) | {"bcr": None}
    changed["by_policy_area"]["health"]["public_value_gbp"] = 1.5e6
    figure = beside(data, changed)
    rows = list(rows_of(beside(data, changed).wide))
    numbers = {(row["name"], row["side"]): (row["number"], row["said"]) for row in rows if "side" in row}
    assert numbers["public value per £1", "as it is"] == (data["bcr"], f"{data['bcr']:.2f}")
    assert ("public value per £1", "what-if") not in numbers
    assert next(row for row in figure.rows if row[0] == "public value per £1")[2] == "–"
    assert numbers["health", "what-if"] == (1.5e6, "£1.5m")
    for area, sums in data["by_policy_area"].items():
        assert numbers[area.replace("_", " "), "as it is"][0] == sums["public_value_gbp"]
