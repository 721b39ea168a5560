"""Value by policy area: its parts are those of the table."""

import pandas as pd
import pytest

from pipeline.report.drawing import Spec
from tests.report.charts.taken_apart import Tables, rows_of


def test_the_parts_of_an_area_are_its_public_value(tables: Tables, specs: dict[str, Spec]) -> None:
    rows = [row for row in rows_of(specs["value_by_policy_area"]) if "part" in row]
    shown = pd.DataFrame(rows).pivot(index="area", columns="part", values="gbp")
    table = tables["policy_area_value"].set_index(tables["policy_area_value"]["policy_area"].str.replace("_", " "))
    assert sorted(shown.index) == sorted(table.index)
    for part, column in {
        "payments": "outcome_payments_real_gbp",
        "gross": "gross_public_value_gbp",
        "economic": "economic_gbp",
        "social": "social_gbp",
    }.items():
        assert shown[part].to_dict() == table[column].to_dict()
    kinds = shown["fiscal"] + shown["economic"] + shown["social"]
    assert kinds.to_dict() == pytest.approx(table["public_value_gbp"].to_dict(), abs=0.05)
