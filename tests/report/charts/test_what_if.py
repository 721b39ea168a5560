"""A what-if beside its edition."""

import json
from typing import Any

from pipeline.report.charts.what_if import beside
from tests.report.charts.taken_apart import rows_of


def test_a_what_if_stands_beside_the_edition(data: dict[str, Any]) -> None:
    changed = json.loads(json.dumps(data)) | {"bcr": None}
    changed["by_policy_area"]["health"]["public_value_gbp"] = 1.5e6
    rows = list(rows_of(beside(data, changed).spec))
    numbers = {(row["name"], row["side"]): (row["number"], row["said"]) for row in rows}
    assert numbers["public value per £1", "as it is"] == (data["bcr"], f"{data['bcr']:.2f}")
    assert numbers["public value per £1", "what-if"] == (None, "–")
    assert numbers["health", "what-if"] == (1.5e6, "£1.5m")
    for area, sums in data["by_policy_area"].items():
        assert numbers[area.replace("_", " "), "as it is"][0] == sums["public_value_gbp"]
