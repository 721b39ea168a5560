"""Net value, strength of evidence, who gains, payments and other times of contracts and areas, and laws of them."""

import math
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.summary import payments_over_time, value_by_agency, value_summary
from pipeline.method.steps.time_conventions import CONVENTIONS
from pipeline.method.valuation import value_edition
from tests.conftest import EDITIONS

LINE = {
    "deadweight": 0.2,
    "contract_id": "C-1",
    "agency": "NHS",
    "kind": "fiscal",
    "is_transfer": False,
    "net_gbp": 60.0,
    "units": 1.0,
    "units_high": 1.0,
    "unit_cost_grade": "strong",
    "deadweight_grade": "",
    "mapping_grade": "strong",
}
VALUE = {
    "contract_id": "C-1",
    "policy_area": "health",
    "is_valued": True,
    "is_in_bcr": True,
    "public_value_gbp": 100.0,
    "outcome_payments_real_gbp": 130.0,
}
AREA = {
    "policy_area": "health",
    "contracts_in_bcr": 1,
    "public_value_in_bcr_gbp": 100.0,
    "outcome_payments_in_bcr_real_gbp": 130.0,
}


def summary_of(edition: Edition, *lines: dict[str, object], value: dict[str, object] | None = None) -> pd.DataFrame:
    tables = (pd.DataFrame([LINE | line for line in lines]), pd.DataFrame([value or VALUE]), pd.DataFrame([AREA]))
    return value_summary(edition, *tables).set_index("scope")


def test_net_value_and_the_worst_grade_that_half_of_the_value_reaches(make_edition: Callable[..., Edition]) -> None:
    edition = make_edition()
    lines = [{}, {"net_gbp": 30.0, "deadweight_grade": "medium"}, {"net_gbp": -10.0, "unit_cost_grade": "weak"}]
    row = summary_of(edition, *lines).loc["C-1"]
    assert row["net_value_gbp"] == -30.0
    assert row[["strength", "unit_cost_strength", "deadweight_strength", "mapping_strength"]].tolist() == ["strong"] * 4
    # 30 of 70 are strong, 60 at least medium.
    lines = [
        {"net_gbp": 30.0},
        {"net_gbp": 30.0, "deadweight_grade": "medium"},
        {"net_gbp": 10.0, "mapping_grade": "weak"},
    ]
    row = summary_of(edition, *lines).loc["C-1"]
    assert row[["strength", "unit_cost_strength", "deadweight_strength"]].tolist() == ["medium", "strong", "strong"]
    # What is transferred is not graded, nor is what is worth nothing.
    lines = [{"net_gbp": 0.0}, {"is_transfer": True}]
    assert summary_of(edition, *lines)["strength"].tolist() == ["", ""]


def test_without_payments_there_is_no_net_value(make_edition: Callable[..., Edition]) -> None:
    found = summary_of(make_edition(), {}, value=VALUE | {"is_in_bcr": False, "outcome_payments_real_gbp": math.nan})
    assert math.isnan(found.loc["C-1", "net_value_gbp"])
    assert found.loc["health", "strength"] == ""


@pytest.mark.parametrize(("convention", "high", "is_least"), [("measured", 2.0, True), ("measured", 1.0, False)])
def test_time_is_a_floor_where_only_the_measured_part_counts(
    make_edition: Callable[..., Edition], convention: str, high: float, is_least: bool
) -> None:
    found = summary_of(make_edition(time_convention=convention), {"units_high": high})
    assert found["time_is_least"].tolist() == [is_least, is_least]


def test_under_a_convention_that_projects_time_is_no_floor(make_edition: Callable[..., Edition]) -> None:
    assert not summary_of(make_edition(time_convention="horizon"), {"units_high": 2.0})["time_is_least"].any()


def test_who_gains_is_added_up_by_kind_of_value() -> None:
    lines = pd.DataFrame([LINE, LINE | {"net_gbp": 5.0}, LINE | {"agency": "police", "net_gbp": 80.0}])
    found = value_by_agency(lines)
    assert found[["agency", "value_gbp"]].to_numpy().tolist() == [["police", 80.0], ["NHS", 65.0]]


def test_payments_are_cumulated_day_by_day_beside_the_first_plan(make_edition: Callable[..., Edition]) -> None:
    days = pd.to_datetime(["2019-03-31", "2019-06-30", "2019-06-30", "2019-09-30"])
    paid = pd.DataFrame(
        {
            "contract_id": "C-1",
            "basis": ["paid", "paid", "paid", "commitment"],
            "period_end": days,
            "share_counted": 1.0,
            "amount_counted_gbp": [10.0, 20.0, 5.0, 99.0],
        }
    )
    planned = pd.DataFrame(
        {
            "contract_id": "C-1",
            "plan_id": ["plan1", "plan1", "plan2"],
            "period_end": days[:3],
            "amount_gbp": [7.0, 8.0, 1.0],
        }
    )
    found = payments_over_time(make_edition(payment_bases=("paid",)), paid, planned)
    shown = found[["series", "amount_gbp", "cumulated_gbp"]].to_numpy().tolist()
    assert shown == [["first plan", 7, 7], ["first plan", 8, 15], ["paid", 10, 10], ["paid", 25, 35]]


# --- Of the real data -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_agencies_payments_and_summaries_add_up_to_what_each_contract_comes_to(
    edition_id: str, tables_of: Callable[[str], dict[str, pd.DataFrame]]
) -> None:
    tables = tables_of(edition_id)
    values = tables["contract_value"].set_index("contract_id")
    gains = tables["value_by_agency"]
    public = gains[~gains["is_transfer"]].groupby("contract_id")["value_gbp"].sum()
    valued = values[values["is_valued"]]
    pd.testing.assert_series_equal(
        public.reindex(valued.index, fill_value=0.0), valued["public_value_gbp"], atol=0.05, check_names=False
    )
    last = tables["payments_over_time"].query("series == 'paid'").groupby("contract_id")["cumulated_gbp"].last()
    assert last.to_numpy() == pytest.approx(values.loc[last.index, "outcome_payments_gbp"].to_numpy(), abs=0.05)
    summary = tables["value_summary"].query("scope_kind == 'contract'").set_index("scope")
    assert set(summary.index) == set(valued.index)
    in_ratio = values[values["is_in_bcr"]]
    net = in_ratio["public_value_gbp"] - in_ratio["outcome_payments_real_gbp"]
    assert summary.loc[net.index, "net_value_gbp"].to_numpy() == pytest.approx(net.to_numpy(), abs=0.01)
    assert summary.loc[~summary.index.isin(net.index), "net_value_gbp"].isna().all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_each_time_convention_gives_what_an_edition_with_it_gives(
    edition_id: str,
    tables_of: Callable[[str], dict[str, pd.DataFrame]],
    facts: RawFacts,
    reference: Reference,
) -> None:
    found = tables_of(edition_id)["value_by_time"].set_index(["time_convention", "scope"])
    edition = reference.editions[edition_id]
    for name in CONVENTIONS:
        valuation = value_edition(facts, reference, replace(edition, time_convention=name))
        contracts = valuation.contract_value[valuation.contract_value["is_in_bcr"]].set_index("contract_id")
        areas = valuation.policy_area_value[valuation.policy_area_value["contracts_in_bcr"] > 0].set_index(
            "policy_area"
        )
        expected = pd.concat([contracts, areas])[["bcr", "fiscal_bcr"]]
        pd.testing.assert_frame_equal(
            found.loc[name, ["bcr", "fiscal_bcr"]].sort_index(), expected.sort_index(), check_names=False
        )
        assert (found.loc[name, "is_edition"] == (name == edition.time_convention)).all()
