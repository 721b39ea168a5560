"""Worked answers: known figures of official guidance and of published studies that the method must give.

Each figure stands as its source gives it and to as many digits; none was taken from a run of this project.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.reference import Reference
from pipeline.method.steps.ladders import longest_time, measured_time
from pipeline.method.steps.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.steps.prices import discount_factors, price_factors
from pipeline.method.steps.ratios import further_fall, ratio, switching_deadweight
from pipeline.method.steps.scope import outcomes_in_scope
from pipeline.method.steps.unit_values import unit_values
from pipeline.method.steps.value import additional, gross_value, net_value

Builder = Callable[..., pd.DataFrame]

MONTHS, COUNTS = [3.0, 6.0, 12.0, 18.0], [100.0, 80.0, 60.0, 40.0]
HORIZON_MONTHS = 24.0


# --- Discounting and prices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "factor"),
    [(0, 1), (1, 0.966184), (10, 0.708919), (30, 0.356278), (31, 0.345901), (75, 0.094214), (76, 0.091916)],
)
def test_discount_factors_of_the_green_book(reference: Reference, year: int, factor: float) -> None:
    found = discount_factors(reference.discount_rates, 76, "standard")
    assert found[year] == pytest.approx(factor, abs=5e-7)


@pytest.mark.parametrize(("schedule", "first", "later"), [("lower", 0.03, 0.0257), ("health", 0.015, 0.0129)])
def test_discount_factors_of_its_other_schedules(
    reference: Reference, schedule: str, first: float, later: float
) -> None:
    found = discount_factors(reference.discount_rates, 75, schedule)
    assert found[1] == pytest.approx(1 / (1 + first), rel=1e-12)
    assert found[30] == pytest.approx((1 + first) ** -30, rel=1e-12)
    assert found[31] == pytest.approx((1 + first) ** -30 / (1 + later), rel=1e-12)
    assert found[75] == pytest.approx((1 + first) ** -30 * (1 + later) ** -45, rel=1e-12)


def test_deflation_by_the_treasury_s_example(make_deflators: Builder) -> None:
    deflators = make_deflators(
        {"price_year": "2014-15", "gdp_deflator": 91.031}, {"price_year": "2020-21", "gdp_deflator": 102.789}
    )
    assert 7.4 * price_factors(deflators, "2020-21")["2014-15"] == pytest.approx(8.3558, abs=5e-5)


# --- A ladder of 100, 80, 60 and 40 people at 3, 6, 12 and 18 months -----------------------------------------


def test_the_time_that_a_ladder_proves_and_allows() -> None:
    assert measured_time(COUNTS, MONTHS) == 1140
    assert longest_time(COUNTS, MONTHS, HORIZON_MONTHS) == 1680
    assert measured_time(COUNTS, [m / 12 for m in MONTHS]) == pytest.approx(95.0)
    assert longest_time(COUNTS, [m / 12 for m in MONTHS], HORIZON_MONTHS / 12) == pytest.approx(140.0)


def test_the_ladder_counts_a_cohort_and_not_a_year_for_each_rung(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder, make_edition: Callable[..., Edition]
) -> None:
    rungs = [(f"at_{month:.0f}_months", month, people) for month, people in zip(MONTHS, COUNTS, strict=True)]
    outcomes = make_outcomes(*({"metric_id": metric, "quantity": people} for metric, _, people in rungs))
    mapping = make_mapping(
        *(
            {"metric_id": metric, "milestone": month, "milestone_unit": "month", "treatment": "rung"}
            for metric, month, _ in rungs
        )
    )
    edition = make_edition(time_convention="measured", horizon_years=HORIZON_MONTHS / 12)
    mapped = mapped_outcomes(outcomes_in_scope(outcomes, edition), mapping, make_outcome_types({}))
    (found,) = outcome_units(mapped, edition, np.ones(61)).itertuples()
    assert (found.units, found.units_low, found.units_high) == pytest.approx((95.0, 95.0, 140.0))
    assert sum(COUNTS) == 280
    assert found.units_high < 280


# --- Switching values of the published studies, in £m ---------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "payments", "share"), [(10.2 * 139, 139, 0.902), (397, 139, 0.650)], ids=["public", "fiscal"]
)
def test_switching_deadweight_of_the_study_of_2022(value: float, payments: float, share: float) -> None:
    assert switching_deadweight(value, payments) == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(
    ("value", "payments", "share"), [(1860, 217, 0.883), (507, 217, 0.572)], ids=["public", "fiscal"]
)
def test_further_fall_of_the_update_of_2024(value: float, payments: float, share: float) -> None:
    assert further_fall(value, payments) == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(("value", "payments", "bcr"), [(397, 139, 2.86), (1860, 217, 8.57), (507, 217, 2.34)])
def test_ratios_of_the_published_studies(value: float, payments: float, bcr: float) -> None:
    assert ratio(value, payments) == pytest.approx(bcr, abs=5e-3)


# --- Additionality ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "contract", "end", "comparison", "treated", "digits"),
    [
        ("supported_employment_any_hours", "INDIGO-POJ-0176", "central", 0.11, 0.22, 2),
        ("out_of_care_child_protection", "", "central", 0.552, 0.638, 3),
        ("supported_employment_any_hours", "INDIGO-POJ-0190", "central", 0.344, 0.396, 3),
        # Of the pilots themselves; for young people of other contracts the study is read as no effect.
        ("education_or_training", "INDIGO-POJ-0121", "high", 0.75, 0.59, 2),
    ],
)
def test_rates_of_studies_are_the_shares_of_their_two_groups(
    reference: Reference, outcome: str, contract: str, end: str, comparison: float, treated: float, digits: int
) -> None:
    rates = reference.deadweight[reference.deadweight["layer"] == "studied"].set_index(["outcome_id", "contract_id"])
    assert rates.loc[(outcome, contract), end] == round(comparison / treated, digits)


def test_the_pilots_that_did_worse_are_the_high_rate_of_each_contract(reference: Reference) -> None:
    rates = reference.deadweight[reference.deadweight["layer"] == "studied"].set_index(["outcome_id", "contract_id"])
    assert set(rates.loc["education_or_training", "high"]) == {1.27}
    assert "" not in rates.loc["education_or_training"].index


def test_a_service_that_did_worse_than_its_comparison_has_negative_value(make_deadweight: Builder) -> None:
    line: dict[str, Any] = {"contract_id": "C-1", "outcome_id": "job", "is_net_of_deadweight": False}
    lines = pd.DataFrame([line | {"gross_gbp": 1000.0}])
    rates = make_deadweight({"layer": "studied", "central": 0.75 / 0.59})
    (found,) = net_value(lines, rates, "studied").itertuples()
    assert found.net_gbp == pytest.approx(-271.19)


def test_what_is_additional_is_less_by_each_share_that_is_taken_off() -> None:
    assert additional(np.array([1000.0]), 0.25, 0.1).tolist() == [675.0]


# --- A jobseeker's year in work -------------------------------------------------------------------------------


def test_a_job_year_is_14610_pounds_of_public_value(reference: Reference, make_edition: Callable[..., Edition]) -> None:
    """NHS £566 and earnings £14,044 at 2012-13 prices; benefits of £9,234 are a transfer, not added on top."""
    edition = make_edition(price_year="2012-13", unit_value_level="central")
    reference = of_edition(reference, edition)
    values = unit_values(
        reference.outcome_unit_costs,
        reference.unit_costs,
        reference.outcome_types,
        reference.hours_weights,
        reference.gdp_deflators,
        level=edition.unit_value_level,
        price_year=edition.price_year,
    )
    one_year = pd.DataFrame(
        [{"contract_id": "C-1", "outcome_id": "employment_full_time", "people": 1.0, "units": 1.0, "unit": "year"}]
    )
    lines = gross_value(one_year, values, edition, np.ones(61)).set_index("unit_cost_id")
    without_wellbeing = lines.drop(index="employment_wellbeing")
    public = without_wellbeing[~without_wellbeing["is_transfer"]]
    assert dict(public["gross_gbp"]) == {"employment_nhs": 566, "employment_earnings": 14_044}
    assert public["gross_gbp"].sum() == 14_610
    transfers = without_wellbeing[without_wellbeing["is_transfer"]]
    assert dict(transfers["gross_gbp"]) == {"employment_benefits": 9_234}
    assert (transfers["kind"] == "fiscal").all()
    fiscal = without_wellbeing[without_wellbeing["kind"] == "fiscal"]
    assert fiscal["gross_gbp"].sum() == 9_800
