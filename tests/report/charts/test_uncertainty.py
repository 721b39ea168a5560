"""Ranges, chances and what moves a ratio are those of their tables."""

from pipeline.report.charts.uncertainty import acceptability_curve
from pipeline.report.drawing import Spec
from tests.report.charts.taken_apart import Tables, rows_of


def test_ranges_and_the_tornado_show_their_tables(tables: Tables, specs: dict[str, Spec]) -> None:
    shown = {row["scope"]: row for row in rows_of(specs["ranges"]) if "scope" in row}
    market = tables["uncertainty"].iloc[0]
    assert [shown["market"][name] for name in ("ratio", "p5", "p95")] == market[["ratio", "p5", "p95"]].tolist()
    assert len(shown) == 1 + tables["policy_area_value"]["bcr"].notna().sum()
    bars = [row for row in rows_of(specs["tornado"]) if "parameter" in row]
    largest = tables["sensitivity"].query("measure == 'bcr'").head(len(bars))
    assert [(bar["low"], bar["high"]) for bar in bars] == [
        (row.ratio_at_low, row.ratio_at_high) for row in largest.itertuples()
    ]


def test_the_acceptability_curve_goes_through_the_edition_s_own_ratios(tables: Tables, specs: dict[str, Spec]) -> None:
    rows = list(rows_of(specs["acceptability_curve"]))
    curves = tables["acceptability"]
    assert [(row["threshold"], row["chance"]) for row in rows if "threshold" in row] == list(
        zip(curves["threshold"], curves["chance_above"], strict=True)
    )
    (public, fiscal) = (row for row in rows if "ratio" in row)
    market = tables["uncertainty"].query("scope_kind == 'market'").set_index("measure")
    assert (public["measure"], public["ratio"]) == ("bcr", market.loc["bcr", "ratio"])
    # £0.84 lies between two thresholds, and so does its chance.
    around = curves[(curves["measure"] == "bcr") & curves["threshold"].isin([0.8, 0.9])]["chance_above"]
    assert around.min() <= public["chance"] <= around.max()
    assert fiscal["ratio"] == market.loc["fiscal_bcr", "ratio"]
    beyond = tables["uncertainty"].assign(ratio=99.0)
    assert not [row for row in rows_of(acceptability_curve(curves, beyond).wide) if "ratio" in row]
