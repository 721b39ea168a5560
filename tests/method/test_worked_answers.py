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
from pipeline.method.steps.additionality import deadweight_of_study, net_additional
from pipeline.method.steps.ladders import longest_time, measured_time
from pipeline.method.steps.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.steps.prices import discount_factors, price_factor
from pipeline.method.steps.ratios import further_fall, ratio, switching_deadweight
from pipeline.method.steps.scope import outcomes_in_scope
from pipeline.method.steps.unit_values import unit_values
from pipeline.method.steps.value import gross_value, net_value

Builder = Callable[..., pd.DataFrame]

MONTHS, COUNTS = [3.0, 6.0, 12.0, 18.0], [100.0, 80.0, 60.0, 40.0]
HORIZON_MONTHS = 24.0


# --- Discounting and prices ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "factor"),
    [(0, 1), (1, 0.966184), (10, 0.708919), (30, 0.356278), (31, 0.345901), (75, 0.094214), (76, 0.091916)],
)
def test_discount_factors_of_the_green_book(reference: Reference, year: int, factor: float) -> None:
    found = discount_factors(reference.discount_rates, 76)
    assert found[year] == pytest.approx(factor, abs=5e-7)


def test_discount_factors_for_health(reference: Reference) -> None:
    found = discount_factors(reference.discount_rates, 75, schedule="health")
    assert found[1] == pytest.approx(1 / 1.015, rel=1e-12)
    assert found[30] == pytest.approx(1.015**-30, rel=1e-12)
    assert found[31] == pytest.approx(1.015**-30 / 1.0129, rel=1e-12)
    assert found[75] == pytest.approx(1.015**-30 * 1.0129**-45, rel=1e-12)


def test_deflation_by_the_treasury_s_example(make_deflators: Builder) -> None:
    deflators = make_deflators(
        {"price_year": "2014-15", "gdp_deflator": 91.031}, {"price_year": "2020-21", "gdp_deflator": 102.789}
    )
    assert 7.4 * price_factor(deflators, "2014-15", "2020-21") == pytest.approx(8.3558, abs=5e-5)


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


def test_deadweight_of_a_trial_of_supported_employment() -> None:
    assert deadweight_of_study(treated_share=0.545, comparison_share=0.276) == pytest.approx(0.506, abs=5e-4)


def test_deadweight_of_a_service_that_did_worse_than_its_comparison(make_deadweight: Builder) -> None:
    rate = deadweight_of_study(treated_share=0.59, comparison_share=0.75)
    assert rate == pytest.approx(1.27, abs=5e-3)
    line: dict[str, Any] = {"contract_id": "C-1", "outcome_id": "job", "is_net_of_deadweight": False}
    lines = pd.DataFrame([line | {"gross_gbp": 1000.0}])
    (found,) = net_value(lines, make_deadweight({"layer": "studied", "central": rate}), "studied").itertuples()
    assert found.net_gbp == pytest.approx(-271.19)


def test_the_project_uses_those_rates(reference: Reference) -> None:
    """The pilots' own 1.27 is the high rate: for young people of other contracts the study is read as no effect."""
    rates = reference.deadweight[reference.deadweight["layer"] == "studied"].set_index(["outcome_id", "contract_id"])
    assert set(rates.loc["education_or_training", "high"]) == {1.27}
    assert "" not in rates.loc["education_or_training"].index


def test_two_arms_with_equal_factors_are_the_product_form() -> None:
    gross, deadweight, leakage, displacement, substitution = 1000.0, 0.25, 0.1, 0.2, 0.05
    found = net_additional(
        gross,
        deadweight * gross,
        leakage=leakage,
        displacement=displacement,
        substitution=substitution,
        reference_leakage=leakage,
        reference_displacement=displacement,
        reference_substitution=substitution,
    )
    assert found == pytest.approx(1000 * 0.75 * 0.9 * 0.8 * 0.95)


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
