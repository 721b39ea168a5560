"""Counts: ladders in order, numbers in their units."""

import pandas as pd

from pipeline.report.charts.outcomes import SHOWN_LADDERS, ladder_funnels, quantities_by_period
from pipeline.report.drawing import Spec, as_svg
from tests.report.charts.taken_apart import Tables, rows_of, texts_of


def test_ladders_are_shown_in_order_the_largest_first(in_scope: pd.DataFrame, specs: dict[str, Spec]) -> None:
    shown: dict[str, list[float]] = {}
    for row in rows_of(specs["ladder_funnels"]):
        if "people" in row:
            shown.setdefault(row["ladder"], []).append(row["people"])
    assert len(shown) == SHOWN_LADDERS
    firsts = [people[0] for people in shown.values()]
    assert firsts == sorted(firsts, reverse=True)
    rungs = in_scope[in_scope["treatment"] == "rung"]
    for name, people in shown.items():
        contract_id, _, outcome = name.partition(": ")
        same = (rungs["contract_id"] == contract_id) & (rungs["outcome_id"].str.replace("_", " ") == outcome)
        assert people == rungs[same].sort_values("milestone")["quantity"].to_list()


def test_rungs_in_weeks_and_months_stand_by_time(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(
        milestone=[6.0, 13.0, 0.0],
        milestone_unit=["month", "week", "week"],
        quantity=[25.0, 50.0, 100.0],
        is_net_of_deadweight=False,
    )
    rows = [row for row in rows_of(ladder_funnels(table).wide) if "people" in row]
    assert [(row["rung"], row["said"]) for row in rows] == [
        ("at the start", "100"),
        ("13 weeks", "50 (50%)"),
        ("6 months", "25 (25%)"),
    ]


def test_a_withheld_rung_has_no_bar(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(3).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(milestone=[3.0, 6.0, 12.0], milestone_unit="month", is_net_of_deadweight=False)
    two = ladder_funnels(table.assign(quantity=[100.0, 50.0, float("nan")])).wide
    assert [row["rung"] for row in rows_of(two) if "people" in row] == ["3 months", "6 months"]
    alone = ladder_funnels(table.assign(quantity=[100.0, float("nan"), float("nan")]))
    assert alone.alt == "No contract reports two milestones or more of one outcome."


def test_a_later_milestone_of_more_people_has_no_share_and_is_explained(in_scope: pd.DataFrame) -> None:
    rungs = in_scope[in_scope["treatment"] == "rung"].head(2).assign(contract_id="C-1", outcome_id="job", unit="person")
    table = rungs.assign(milestone=[3.0, 6.0], milestone_unit="month", is_net_of_deadweight=False)
    more, fewer = (ladder_funnels(table.assign(quantity=[100.0, last])) for last in (162.0, 62.0))
    said = [[row["said"] for row in rows_of(figure.wide) if "people" in row] for figure in (more, fewer)]
    assert said == [["100", "162"], ["100", "62 (62%)"]]
    assert ["the source reports it so" in figure.subtitle for figure in (more, fewer)] == [True, False]
    assert [figure.title for figure in (more, fewer)] == [
        "How many people started, and how many stayed",
        "62% reached the last milestone",
    ]


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
    spec = quantities_by_period(table).wide
    assert [text for text in texts_of(as_svg(spec)) if text in ("Days", "People")] == ["Days", "People"]
    rows = [row for row in rows_of(spec) if "metric" in row]
    assert {(row["metric"], row["period"], row["number"], row["said"]) for row in rows} == {
        ("jobs (m1)", "2020-04-01 to 2021-03-31", 1.0, "1"),
        ("jobs (m1)", "2021-04-01 to 2022-03-31", 2.0, "2"),
        ("jobs (m2)", "– to 2021-03-31", 3.0, "3"),
        ("nights", "– to 2021-03-31", 4000.0, "4,000"),
    }
    as_svg(spec)
