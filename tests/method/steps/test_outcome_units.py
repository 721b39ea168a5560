"""From reported metrics to units: mapping, conversion, ladders, and the three conventions about time."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps.outcome_units import COLUMNS, KEYS, mapped_outcomes, outcome_units
from pipeline.method.steps.prices import discount_factors
from pipeline.method.steps.scope import outcomes_in_scope
from pipeline.tables.units import UnitError
from pipeline.tables.vocabulary import TIME_CONVENTIONS
from tests.conftest import part_of

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]
Count = Callable[..., pd.DataFrame]

# Columns of a metric that come with the report; all others come with its mapping.
REPORTED = ("quantity", "unit", "is_net_of_deadweight", "period_start", "period_end")
UNDISCOUNTED = np.ones(61)


def rung(quantity: float, milestone: float, unit: str = "month", **others: object) -> Row:
    return {"quantity": quantity, "milestone": milestone, "milestone_unit": unit, "treatment": "rung", **others}


@pytest.fixture(scope="module")
def count(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder, make_edition: Callable[..., Edition]
) -> Count:
    """Return the units of metrics, of contract C-1 unless they say otherwise.

    Each metric names columns of its report and its mapping; ``types`` the outcomes, by default one counted in
    years; other arguments are choices of the edition.
    """

    def units(*metrics: Row, types: tuple[Row, ...] = ({},), **choices: object) -> pd.DataFrame:
        edition = make_edition(**choices)
        numbered = [{"metric_id": f"m{number}"} | metric for number, metric in enumerate(metrics)]
        with_report = [{k: m[k] for k in m if k in ("contract_id", "metric_id", *REPORTED)} for m in numbered]
        with_mapping = [{k: m[k] for k in m if k not in REPORTED} for m in numbered]
        in_scope = outcomes_in_scope(make_outcomes(*with_report), edition)
        mapped = mapped_outcomes(in_scope, make_mapping(*with_mapping), make_outcome_types(*types))
        return outcome_units(mapped, edition, UNDISCOUNTED)

    return units


# --- Mapping ------------------------------------------------------------------------------------------------


def test_metrics_are_joined_row_for_row(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder
) -> None:
    outcomes = make_outcomes({"metric_id": "b"}, {"metric_id": "a"}, {"contract_id": "C-2", "metric_id": "a"})
    mapping = make_mapping(
        {"metric_id": "a"}, {"metric_id": "b", "outcome_id": "care"}, {"contract_id": "C-2", "metric_id": "a"}
    )
    types = make_outcome_types({"ladder": "work"}, {"outcome_id": "care", "unit": "day"})
    joined = mapped_outcomes(outcomes, mapping, types)
    assert list(joined["metric_id"]) == ["b", "a", "a"]
    assert list(joined["outcome_unit"]) == ["day", "year", "year"]
    # An outcome that is no branch of a ladder is a ladder of its own.
    assert list(joined["ladder"]) == ["care", "work", "work"]
    assert set(outcomes.columns) <= set(joined.columns)


def test_every_report_of_a_metric_has_its_mapping(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder
) -> None:
    outcomes = make_outcomes({"result_type": "interim"}, {"result_type": "final"})
    joined = mapped_outcomes(outcomes, make_mapping({}), make_outcome_types({}))
    assert list(joined["result_type"]) == ["interim", "final"]


@pytest.mark.parametrize("change", [{"metric_id": "other"}, {"contract_id": "C-2"}, {"outcome_id": "unknown"}])
def test_a_result_without_an_outcome_is_refused_not_lost(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder, change: Row
) -> None:
    with pytest.raises(ValueError, match="1 results came in, 0 are mapped"):
        mapped_outcomes(make_outcomes({}), make_mapping(change), make_outcome_types({}))


def test_a_result_with_two_treatments_is_refused_not_multiplied(
    make_outcomes: Builder, make_mapping: Builder, make_outcome_types: Builder
) -> None:
    with pytest.raises(ValueError, match="not unique"):
        mapped_outcomes(
            make_outcomes({}), make_mapping({}, {"outcome_id": "care"}), make_outcome_types({}, {"outcome_id": "care"})
        )


# --- Conversion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("convention", TIME_CONVENTIONS)
@pytest.mark.parametrize(
    ("metric", "outcome_unit", "expected"),
    [
        ({"quantity": 730.5, "unit": "day"}, "year", 2),
        ({"quantity": 730.5, "unit": "day"}, "week", 730.5 / 7),
        ({"quantity": 8.0, "unit": "quarter"}, "year", 2),
        ({"quantity": 6.0, "unit": "month"}, "year", 0.5),
        ({"quantity": 40.0, "unit": "incident"}, "incident", 40),
        ({"quantity": 1_229_800.0, "unit": "pound"}, "pound", 1_229_800),
        ({"quantity": 7.0, "unit": "person"}, "person", 7),
        ({"quantity": 7.0, "unit": "person", "quantity_per_unit": 1.0}, "incident", 7),
        ({"quantity": 7.0, "unit": "person", "quantity_per_unit": 4.0}, "year", 1.75),
    ],
)
def test_what_is_counted_in_time_events_or_pounds_is_the_same_under_every_convention(
    count: Count, convention: str, metric: Row, outcome_unit: str, expected: float
) -> None:
    (found,) = count(metric, types=({"unit": outcome_unit},), time_convention=convention).itertuples()
    assert (found.units, found.units_low, found.units_high) == pytest.approx((expected, expected, expected))
    assert found.unit == outcome_unit


@pytest.mark.parametrize(
    ("unit", "outcome_unit"),
    [
        ("incident", "year"),
        ("person", "incident"),
        ("pound", "year"),
        ("day", "incident"),
        ("incident", "person"),
        ("day", "pound"),
    ],
)
@pytest.mark.parametrize("treatment", ["valued", "rung", "overlap"])
def test_units_that_do_not_agree_are_refused(count: Count, unit: str, outcome_unit: str, treatment: str) -> None:
    metric = {"unit": unit, "treatment": treatment, "milestone": 3.0, "milestone_unit": "month"}
    with pytest.raises(UnitError, match="cannot be converted"):
        count(metric, types=({"unit": outcome_unit},))


@pytest.mark.parametrize("treatment", ["process", "no_unit_cost"])
def test_what_has_no_value_needs_no_unit(count: Count, treatment: str) -> None:
    found = count({"unit": "incident", "treatment": treatment})
    assert found.empty
    assert list(found.columns) == COLUMNS


@pytest.mark.parametrize("order", [1, -1])
def test_a_ladder_of_people_and_of_days_is_refused(count: Count, order: int) -> None:
    rungs = [rung(10, 3), rung(500, 6) | {"unit": "day"}]
    with pytest.raises(UnitError):
        count(*rungs[::order])


@pytest.mark.parametrize("order", [1, -1])
def test_a_ladder_with_a_stated_conversion_for_one_rung_only_is_refused(count: Count, order: int) -> None:
    rungs = [rung(10, 3), rung(5, 6, quantity_per_unit=2.0)]
    with pytest.raises(UnitError):
        count(*rungs[::order])


# --- Ladders under the three conventions ---------------------------------------------------------------------

COHORT = [rung(100, 3), rung(80, 6), rung(60, 12), rung(40, 18)]


def test_measured_time_is_the_low_bound(count: Count) -> None:
    (found,) = count(*COHORT, horizon_years=2.0).itertuples()
    assert (found.units, found.units_low, found.units_high) == pytest.approx((95, 95, 140))
    assert found.people == 100
    assert found.metric_ids.split("; ") == ["m0", "m1", "m2", "m3"]


def test_annual_counts_a_year_at_the_first_sustained_rung_and_nothing_beyond(count: Count) -> None:
    (found,) = count(rung(130, 0), *COHORT, time_convention="annual").itertuples()
    assert found.units == 100
    (at_entry,) = count(rung(130, 0), *COHORT, time_convention="annual", annual_rung="entry").itertuples()
    assert at_entry.units == 130


def test_every_rung_counts_the_same_people_at_each_of_them(count: Count) -> None:
    (found,) = count(rung(130, 0), *COHORT, time_convention="annual", annual_rung="every_rung").itertuples()
    assert found.units == 100 + 80 + 60 + 40
    assert found.sum == "100 people × 1 year + 80 people × 1 year + 60 people × 1 year + 40 people × 1 year"
    (entry,) = count(rung(30, 0), time_convention="annual", annual_rung="every_rung").itertuples()
    assert entry.units == 30


def test_annual_counts_entry_where_nothing_else_is_reported(count: Count) -> None:
    for entry in ({"quantity": 30.0}, rung(30, 0), {"quantity": 30.0, "milestone": 0.0, "milestone_unit": "week"}):
        (found,) = count(entry, time_convention="annual").itertuples()
        assert (found.units, found.units_low) == (30, 0)


def test_horizon_adds_the_ladder_s_own_falling_away(count: Count) -> None:
    (found,) = count(*COHORT, time_convention="horizon", horizon_years=2.0).itertuples()
    rate = math.log(100 / 40) / 1.25
    assert found.units == pytest.approx(95 + 40 * (1 - math.exp(-rate * 0.5)) / rate)


def test_a_ladder_can_be_counted_in_weeks(count: Count) -> None:
    (years,) = count(*COHORT).itertuples()
    (weeks,) = count(*COHORT, types=({"unit": "week"},)).itertuples()
    assert weeks.units == pytest.approx(years.units * 365.25 / 7)
    assert weeks.units_high == pytest.approx(years.units_high * 365.25 / 7)


def test_milestones_are_put_in_order_whatever_their_units(count: Count) -> None:
    (found,) = count(rung(60, 1, "year"), rung(100, 13, "week"), rung(80, 6)).itertuples()
    quarter = 13 * 7 / 365.25
    assert found.units == pytest.approx(100 * quarter + 80 * (0.5 - quarter) + 60 * 0.5)
    assert found.people == 100


@pytest.mark.parametrize("convention", TIME_CONVENTIONS)
def test_thresholds_of_earnings_are_a_ladder_in_pounds(count: Count, convention: str) -> None:
    rungs = [rung(n, pounds, "pound") for n, pounds in ((126, 0), (114, 768), (102, 1631), (73, 3350), (41, 8155))]
    (found,) = count(*rungs, types=({"unit": "pound"},), time_convention=convention).itertuples()
    low = 114 * 768 + 102 * 863 + 73 * 1719 + 41 * 4805
    high = 12 * 768 + 12 * 1631 + 29 * 3350 + 32 * 8155 + 41 * 8155
    assert (found.units, found.units_low, found.units_high) == pytest.approx((low, low, high))


def test_metrics_that_stand_alone_add_and_rungs_do_not(count: Count) -> None:
    alone: Row = {"milestone": 6.0, "milestone_unit": "month"}
    (found,) = count({"quantity": 100.0, **alone}, {"quantity": 80.0, **alone}).itertuples()
    assert (found.units, found.people) == (90, 180)
    (ladder,) = count(rung(100, 6), rung(80, 12)).itertuples()
    assert (ladder.units, ladder.people) == (90, 100)


# --- Branches of one ladder ---------------------------------------------------------------------------------

BRANCHES = (
    {"outcome_id": "any", "ladder": "work"},
    {"outcome_id": "full", "ladder": "work"},
    {"outcome_id": "part", "ladder": "work"},
)
WORK = [
    rung(100, 0, outcome_id="any"),
    rung(50, 13, "week", outcome_id="full"),
    rung(40, 26, "week", outcome_id="full"),
    rung(20, 13, "week", outcome_id="part"),
]


def test_entry_is_not_counted_beside_a_sustained_branch(count: Count) -> None:
    found = count(*WORK, types=BRANCHES, time_convention="annual").set_index("outcome_id")
    assert dict(found["units"]) == {"any": 0, "full": 50, "part": 20}


@pytest.mark.parametrize("entry", [WORK[0], {"quantity": 100.0, "outcome_id": "any"}], ids=["rung", "no milestone"])
def test_counted_at_entry_nobody_counts_again_in_a_sustained_branch(count: Count, entry: Row) -> None:
    found = count(entry, *WORK[1:], types=BRANCHES, time_convention="annual", annual_rung="entry")
    assert dict(found.set_index("outcome_id")["units"]) == {"any": 100, "full": 0, "part": 0}


def test_branches_without_an_entry_count_at_their_first_rung(count: Count) -> None:
    for annual_rung in ("first_sustained", "entry"):
        found = count(*WORK[1:], types=BRANCHES, time_convention="annual", annual_rung=annual_rung)
        assert list(found["units"]) == [50, 20]


def test_a_branch_of_another_ladder_does_not_displace_entry(count: Count) -> None:
    types = {"outcome_id": "any", "ladder": "work"}, {"outcome_id": "full", "ladder": "other"}
    found = count(WORK[0], WORK[1], types=types, time_convention="annual")
    assert list(found["units"]) == [100, 50]


def test_what_overlaps_is_worked_out_beside_what_counts(count: Count) -> None:
    found = count(rung(50, 6), rung(70, 6, treatment="overlap"), rung(60, 12, treatment="overlap")).set_index(
        "is_counted"
    )
    assert (found.loc[True, "units"], found.loc[False, "units"]) == (25, 65)


def test_an_overlap_that_is_sustained_does_not_displace_entry(count: Count) -> None:
    found = count(rung(100, 0), rung(50, 6, treatment="overlap"), time_convention="annual").set_index("is_counted")
    assert found.loc[True, "units"] == 100


def test_counts_that_are_net_stay_apart_from_those_that_are_not(count: Count) -> None:
    days: Row = {"unit": "day", "quantity": 365.25}
    found = count(days, days | {"is_net_of_deadweight": True}, days).set_index("is_net_of_deadweight")
    assert dict(found["units"]) == {False: 2, True: 1}


def test_one_estimated_count_makes_the_sum_an_estimate(count: Count, make_edition: Callable[..., Edition]) -> None:
    late = {"quantity": 365.25, "unit": "day", "period_end": "2020-03-31"}
    cut_off = pd.Timestamp("2019-03-31").date()
    (found,) = count({"quantity": 365.25, "unit": "day"}, late, cut_off=cut_off).itertuples()
    assert (found.units, found.is_estimated) == (1.5, True)
    (without,) = count({"quantity": 365.25, "unit": "day"}, cut_off=cut_off).itertuples()
    assert (without.units, without.is_estimated) == (1, False)


@pytest.mark.parametrize(
    ("grades", "worst"),
    [
        (("strong", "strong", "strong"), "strong"),
        (("strong", "medium", "strong"), "medium"),
        (("weak", "strong", "medium"), "weak"),
    ],
)
def test_a_sum_is_graded_as_the_worst_of_its_metrics(count: Count, grades: tuple[str, ...], worst: str) -> None:
    # 100 × 0 + 60 × 0.5 + 40 × 0.5 years, whatever the grades.
    cohort = [rung(*rows, grade=grade) for rows, grade in zip(((100, 0), (60, 6), (40, 12)), grades, strict=True)]
    (found,) = count(*cohort).itertuples()
    assert (found.units, found.mapping_grade) == (50, worst)


def test_grades_of_what_is_kept_apart_stay_apart(count: Count) -> None:
    found = count(rung(50, 6), rung(70, 6, treatment="overlap", grade="weak")).set_index("is_counted")
    assert dict(found["mapping_grade"]) == {True: "strong", False: "weak"}
    assert count({"treatment": "process", "grade": ""}).empty


def test_every_sum_is_said_in_words(count: Count) -> None:
    for convention in TIME_CONVENTIONS:
        for metrics in (COHORT, [{"unit": "day"}], [{"quantity": 3.0}]):
            (found,) = count(*metrics, time_convention=convention).itertuples()
            assert found.sum.strip()


# --- Laws ---------------------------------------------------------------------------------------------------


# --- What is withheld -----------------------------------------------------------------------------------------

WITHHELD = math.nan


@pytest.mark.parametrize("convention", TIME_CONVENTIONS)
@pytest.mark.parametrize(
    "metrics",
    [
        [{"quantity": WITHHELD}],
        [{"quantity": WITHHELD, "unit": "day"}],
        [rung(WITHHELD, 3), rung(WITHHELD, 6)],
        [rung(WITHHELD, 3), {"quantity": WITHHELD}],
        [{"quantity": WITHHELD, "treatment": "overlap"}],
    ],
)
def test_what_is_withheld_makes_no_line_not_even_of_nothing(count: Count, convention: str, metrics: list[Row]) -> None:
    assert count(*metrics, time_convention=convention).empty
    (found,) = count(*metrics, rung(50, 3, contract_id="C-2"), time_convention=convention).itertuples()
    assert found.contract_id == "C-2"


@pytest.mark.parametrize(
    ("counts", "convention", "units", "people", "words"),
    [
        ((120, 60, WITHHELD), "measured", 45, 120, "120 × 0.25 years + 60 × 0.25 years + withheld × 0.5 years"),
        ((120, WITHHELD, 20), "measured", 40, 120, "120 × 0.25 years + withheld × 0.25 years + 20 × 0.5 years"),
        ((WITHHELD, 60, 20), "measured", 25, 60, "withheld × 0.25 years + 60 × 0.25 years + 20 × 0.5 years"),
        ((WITHHELD, 60, 20), "annual", 0, 60, "withheld people at the first sustained milestone × 1 year"),
        ((120, 60, WITHHELD), "annual", 120, 120, "120 people at the first sustained milestone × 1 year"),
    ],
)
def test_a_withheld_rung_counts_as_nobody_beside_others(
    count: Count, counts: tuple[float, ...], convention: str, units: float, people: float, words: str
) -> None:
    rungs = [rung(n, month) for n, month in zip(counts, (3, 6, 12), strict=True)]
    (found,) = count(*rungs, time_convention=convention).itertuples()
    assert (found.units, found.people, found.sum) == (pytest.approx(units), people, words)
    assert found.metric_ids == "m0; m1; m2"


def test_a_withheld_rung_bounds_nothing_from_above(count: Count) -> None:
    """Up to nine people may have stayed to the end: the last rung that is shown says how many at the most."""
    (found,) = count(rung(120, 3), rung(60, 6), rung(WITHHELD, 12), horizon_years=5.0).itertuples()
    assert found.units_high == 60 * 0.5 + 60 * 5.0
    (of_nobody,) = count(rung(120, 3), rung(60, 6), rung(0, 12), horizon_years=5.0).itertuples()
    assert of_nobody.units_high == 60 * 0.5 + 60 * 1.0


def test_a_withheld_threshold_of_earnings_counts_as_nobody(count: Count) -> None:
    steps = [rung(n, pounds, "pound") for n, pounds in ((40, 1000), (WITHHELD, 3000), (10, 4000))]
    (found,) = count(*steps, types=({"unit": "pound"},)).itertuples()
    assert (found.units, found.people) == (40 * 1000 + 10 * 1000, 40)
    assert found.sum == "40 × £1,000 + withheld × £2,000 + 10 × £1,000"
    assert found.units_high == (40 - 10) * 4000 + 10 * 4000


def test_of_metrics_that_stand_alone_the_withheld_one_is_left_out(count: Count) -> None:
    metrics = ({"quantity": 365.25, "unit": "day"}, {"quantity": WITHHELD, "unit": "day"}, rung(WITHHELD, 3))
    (found,) = count(*metrics).itertuples()
    assert (found.units, found.metric_ids, found.sum) == (1.0, "m0", "365.25 days / 365.25 days per year")


def test_a_withheld_entry_does_not_let_its_branches_count_as_entries(count: Count) -> None:
    branches = [rung(WITHHELD, 0, outcome_id="full"), rung(30, 3, outcome_id="part")]
    types = tuple({"outcome_id": outcome, "ladder": "work"} for outcome in ("full", "part"))
    (found,) = count(*branches, types=types, time_convention="annual", annual_rung="entry").itertuples()
    assert (found.outcome_id, found.units) == ("part", 0)
    assert found.sum == "the same people belong to the entry of their ladder"


@pytest.mark.slow
@settings(max_examples=part_of(20))
@given(st.data())
def test_with_a_count_withheld_there_are_never_more_units(count: Count, data: st.DataObject) -> None:
    """However the ladder runs, and whatever of it is withheld: what is told is the least that can be."""
    exact = [
        rung(data.draw(st.integers(0, 50)), month, outcome_id=outcome)
        for outcome in ("full", "part")
        for month in (0, 3, 6)
    ]
    hidden = data.draw(st.sets(st.integers(0, len(exact) - 1), min_size=1))
    shown = [row | ({"quantity": WITHHELD} if n in hidden else {}) for n, row in enumerate(exact)]
    types = tuple({"outcome_id": outcome, "ladder": "work"} for outcome in ("full", "part"))
    for convention in TIME_CONVENTIONS:
        for annual_rung in ("first_sustained", "entry"):
            all_of_it, part = (
                count(*rungs, types=types, time_convention=convention, annual_rung=annual_rung).set_index(KEYS)
                for rungs in (exact, shown)
            )
            assert set(part.index) <= set(all_of_it.index)
            assert (part["units"] <= all_of_it["units"].reindex(part.index) + 1e-9).all()
            assert (part["units_low"] <= all_of_it["units_low"].reindex(part.index) + 1e-9).all()


@st.composite
def falling_ladders(draw: st.DrawFn) -> list[Row]:
    """Ladders that fall, each of a contract of its own; many at once, which is faster than one at a time."""
    rungs: list[Row] = []
    for contract in range(draw(st.integers(1, 20))):
        milestones = sorted(draw(st.lists(st.integers(0, 24), min_size=1, max_size=5, unique=True)))
        counts = draw(st.lists(st.integers(0, 1000), min_size=len(milestones), max_size=len(milestones)))
        for people, month in zip(sorted(counts, reverse=True), milestones, strict=True):
            rungs.append(rung(people, month, contract_id=f"C-{contract:02d}"))
    return rungs


@settings(max_examples=part_of(10))
@given(falling_ladders(), st.integers(2, 20))
def test_conventions_are_in_order_for_a_ladder_that_falls(count: Count, ladders: list[Row], horizon: int) -> None:
    measured, annual, with_horizon = (
        count(*ladders, time_convention=convention, horizon_years=float(horizon))
        for convention in ("measured", "annual", "horizon")
    )
    assert (measured["units"] == measured["units_low"]).all()
    assert (measured["units"] <= with_horizon["units"] + 1e-9).all()
    assert (with_horizon["units"] <= with_horizon["units_high"] + 1e-9).all()
    # One year for each person, at most: everybody who began, whichever rung is taken.
    began = pd.DataFrame(ladders).groupby("contract_id")["quantity"].max()
    assert (annual.set_index("contract_id")["units"] <= began).all()
    assert (annual["units"] >= 0).all()


@settings(max_examples=part_of(10))
@given(falling_ladders(), st.sampled_from(sorted(TIME_CONVENTIONS)), st.randoms(use_true_random=False))
def test_twice_the_people_in_another_order_are_twice_the_units(
    count: Count, ladders: list[Row], convention: str, random: Any
) -> None:
    columns = ["people", "units", "units_low", "units_high"]
    once = count(*ladders, time_convention=convention)
    doubled = [row | {"quantity": 2 * row["quantity"]} for row in ladders]
    random.shuffle(doubled)
    twice = count(*doubled, time_convention=convention)
    pd.testing.assert_frame_equal(twice[KEYS], once[KEYS])
    pd.testing.assert_frame_equal(twice[columns], 2 * once[columns])


@pytest.fixture(scope="module")
def project_units(facts: RawFacts, reference: Reference, make_edition: Callable[..., Edition]) -> Count:
    """Return the units of all the project's contracts under a convention; choices of the edition as arguments."""
    factors = discount_factors(reference.discount_rates, 60)

    def units(**choices: object) -> pd.DataFrame:
        edition = make_edition(**choices)
        in_scope = outcomes_in_scope(facts.outcomes, edition)
        mapped = mapped_outcomes(in_scope, reference.metric_outcomes, reference.outcome_types)
        return outcome_units(mapped, edition, factors)

    return units


def test_of_the_project_every_convention_counts_the_same_outcomes(project_units: Count) -> None:
    measured, annual, horizon = (project_units(time_convention=c) for c in ("measured", "annual", "horizon"))
    for other in (annual, horizon):
        pd.testing.assert_frame_equal(
            measured[[*KEYS, "units_low", "units_high"]], other[[*KEYS, "units_low", "units_high"]]
        )
    assert not measured.duplicated(KEYS).any()
    assert (measured["units"] == measured["units_low"]).all()
    assert (measured["units"] <= horizon["units"] + 1e-9).all()


@pytest.mark.parametrize("annual_rung", ["first_sustained", "entry"])
def test_of_the_project_nobody_counts_more_than_a_year(
    project_units: Count, facts: RawFacts, reference: Reference, annual_rung: str
) -> None:
    """A ladder counts no more years than people at its entry, or, rising, at the sustained rungs of its branches."""
    units = project_units(time_convention="annual", annual_rung=annual_rung)
    years = units[units["is_counted"]].groupby(["contract_id", "ladder"])["units"].sum()
    mapped = mapped_outcomes(facts.outcomes, reference.metric_outcomes, reference.outcome_types)
    people = mapped[
        mapped["treatment"].isin(["valued", "rung"]) & (mapped["unit"] == "person") & (mapped["outcome_unit"] == "year")
    ]
    is_entry = people["milestone"].fillna(0) == 0
    entry = people[is_entry].groupby(["contract_id", "ladder"])["quantity"].sum()
    sustained = people[~is_entry].groupby(["contract_id", "ladder", "outcome_id"])["quantity"].max()
    sustained = sustained.groupby(["contract_id", "ladder"]).sum()
    most = pd.concat([entry, sustained], axis=1).max(axis=1)
    over = years.reindex(most.index).fillna(0) > most + 1e-9
    assert not over.any(), f"more years than people: {list(most.index[over])}"
