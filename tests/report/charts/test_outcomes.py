"""Counts: ladders in order, numbers in their units."""

import pandas as pd

from pipeline.report.charts.outcomes import SHOWN_LADDERS, ladder_funnels, quantities_by_period
from pipeline.report.drawing import Spec, as_svg
from tests.report.charts.taken_apart import Tables, rows_of


def test_ladders_are_shown_in_order_the_largest_first(in_scope: pd.DataFrame, specs: dict[str, Spec]) -> None:
    shown = specs["ladder_funnels"]["concat"]
    firsts = [panel["data"]["values"][0]["people"] for panel in shown]
    assert len(shown) == SHOWN_LADDERS
    assert firsts == sorted(firsts, reverse=True)
    rungs = in_scope[in_scope["treatment"] == "rung"]
    for panel in shown:
        contract_id, outcome = panel["title"]["text"]
        same = (rungs["contract_id"] == contract_id) & rungs["outcome_id"].str.replace("_", " ").str.startswith(
            outcome.rstrip("…")
        )
        in_order = rungs[same].sort_values("milestone")
        assert [row["people"] for row in panel["data"]["values"]] == in_order["quantity"].to_list()


def test_rungs_in_weeks_and_months_stand_by_time(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(
        milestone=[6.0, 13.0, 0.0],
        milestone_unit=["month", "week", "week"],
        quantity=[25.0, 50.0, 100.0],
        is_net_of_deadweight=False,
    )
    (panel,) = ladder_funnels(table).spec["concat"]
    assert [(row["rung"], row["said"]) for row in panel["data"]["values"]] == [
        ("at the start", "100"),
        ("13 weeks", "50 (50%)"),
        ("6 months", "25 (25%)"),
    ]


def test_a_withheld_rung_has_no_bar(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(milestone=[3.0, 6.0, 12.0], milestone_unit="month", is_net_of_deadweight=False)
    (panel,) = ladder_funnels(table.assign(quantity=[100.0, 50.0, float("nan")])).spec["concat"]
    assert [row["rung"] for row in panel["data"]["values"]] == ["3 months", "6 months"]
    alone = ladder_funnels(table.assign(quantity=[100.0, float("nan"), float("nan")])).spec
    assert alone["description"].endswith("No contract reports a ladder of two rungs or more.")


def test_quantities_by_metric_and_period_in_their_units(tables: Tables) -> None:
    table = (
        tables["reported_outcomes"]
        .head(4)
        .assign(
            contract_id="C-1",
            metric_id=["m1", "m1", "m2", "m3"],
            label=["jobs", "jobs", "jobs", "nights"],
            unit=["person", "person", "person", "day"],
            period_start=pd.to_datetime(["2020-04-01", "2021-04-01", None, None]),
            period_end=pd.to_datetime(["2021-03-31", "2022-03-31", "2021-03-31", "2021-03-31"]),
            quantity=[1.0, 2.0, 3.0, 4000.0],
        )
    )
    spec = quantities_by_period(table).spec
    assert [panel["encoding"]["x"]["axis"]["title"] for p in spec["vconcat"] for panel in p["layer"][:1]] == [
        "days",
        "people",
    ]
    assert {(row["metric"], row["period"], row["number"], row["said"]) for row in rows_of(spec)} == {
        ("jobs (m1)", "2020-04-01 to 2021-03-31", 1.0, "1"),
        ("jobs (m1)", "2021-04-01 to 2022-03-31", 2.0, "2"),
        ("jobs (m2)", "– to 2021-03-31", 3.0, "3"),
        ("nights", "– to 2021-03-31", 4000.0, "4,000"),
    }
    as_svg(spec)
