"""Ours beside the published: each figure that can be compared."""

from pipeline.report.charts.published import STATUS_COLOURS
from pipeline.report.drawing import Spec
from pipeline.tables.vocabulary import RECONCILIATION_STATUSES
from tests.report.charts.taken_apart import Tables, rows_of


def test_coverage_shows_each_share(tables: Tables, specs: dict[str, Spec]) -> None:
    known = tables["coverage"].dropna(subset="share")
    rows = [row for row in rows_of(specs["coverage"]) if "measure" in row]
    assert [row["share"] for row in rows] == known["share"].to_list()
    assert (rows[3]["measure"], rows[3]["said"]) == ("outcome payments", "62%: £134.3m of £217.0m")


def test_reconciliation_shows_each_comparable_figure(tables: Tables, specs: dict[str, Spec]) -> None:
    table = tables["reconciliation"]
    is_comparable = table["is_like_for_like"] & (table["status"] != "not comparable")
    comparable = table[is_comparable & (table["ours"] > 0)]
    rows = [row for row in rows_of(specs["reconciliation"]) if "figure" in row]
    assert [row["ratio"] for row in rows] == (comparable["ours"] / comparable["published"]).to_list()
    (bcr,) = (row for row in rows if row["figure"] == "public value per £1: 8.57 (derived)")
    assert (bcr["said"], bcr["status"]) == ("0.86: 10%", "not reproducible")
    assert set(STATUS_COLOURS) == set(RECONCILIATION_STATUSES) - {"not comparable"}
    assert {row["status"] for row in rows} <= set(STATUS_COLOURS)
