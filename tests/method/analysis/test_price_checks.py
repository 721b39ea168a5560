"""Prices held against payments: worked answers, and what the project's own prices say."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.price_checks import MOST_APART, price_checks
from pipeline.tables.analysis import PriceChecks
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.reference import Corrections

Builder = Callable[..., pd.DataFrame]
Check = Callable[..., dict[tuple[str, str], Any]]


@pytest.fixture(scope="session")
def check(make_edition: Callable[..., Edition]) -> Check:
    """Return the rows of the check by contract and metric; what is not given is an empty table."""

    def checked(
        prices: pd.DataFrame,
        outcomes: pd.DataFrame,
        payments: pd.DataFrame,
        claim_counts: pd.DataFrame | None = None,
        corrections: pd.DataFrame | None = None,
        **choices: Any,
    ) -> dict[tuple[str, str], Any]:
        claims = ClaimCounts.empty() if claim_counts is None else claim_counts
        corrected = Corrections.empty() if corrections is None else corrections
        table = price_checks(make_edition(**choices), prices, outcomes, claims, payments, corrected)
        valid = PriceChecks.validate(table[list(PriceChecks.to_schema().columns)])
        return {(row.contract_id, row.metric_id): row for row in valid.itertuples()}

    return checked


# --- The project's own --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def ours(facts: RawFacts, reference: Reference) -> Mapping[tuple[str, str], Any]:
    """The check of the project's own prices."""
    table = price_checks(
        reference.editions["open-2026"],
        facts.prices,
        facts.outcomes,
        facts.claim_counts,
        facts.payments,
        reference.corrections,
    )
    return {(row.contract_id, row.metric_id): row for row in table.itertuples()}


@pytest.mark.parametrize(
    ("contract", "ratio", "finding"),
    [
        ("0131", 1.15, "fits"),
        ("0132", 1.15, "fits"),
        ("0133", 1.02, "fits"),
        ("0134", 1.21, "fits"),
        ("0135", 1.81, "differs"),
        ("0136", 1.02, "fits"),
        ("0137", 1.07, "fits"),
    ],
)
def test_one_tariff_reproduces_the_payments_of_the_fair_chance_fund_but_for_one(
    ours: Mapping[tuple[str, str], Any], contract: str, ratio: float, finding: str
) -> None:
    found = ours[f"INDIGO-POJ-{contract}", ""]
    assert (round(found.ratio, 2), found.finding, found.grade) == (ratio, finding, "contract")
    assert found.is_payment_left_out == (contract == "0135")


def test_the_payment_of_home_group_is_held_against_its_prices_though_it_is_left_out(
    ours: Mapping[tuple[str, str], Any],
) -> None:
    home_group, local_solutions = (ours[f"INDIGO-POJ-{number}", ""] for number in ("0135", "0136"))
    assert home_group.paid_gbp == local_solutions.paid_gbp == 1_323_670
    assert (home_group.priced_gbp, local_solutions.priced_gbp) == (2_391_450, 1_347_000)


def test_the_prices_of_the_skill_mill_fit_in_another_order_which_is_inferred(
    ours: Mapping[tuple[str, str], Any],
) -> None:
    together = ours["INDIGO-POJ-0195", ""]
    assert (together.priced_gbp, together.paid_gbp, together.finding) == (3_233_550, 3_159_820, "fits")
    assert (together.grade, round(together.ratio_as_reported, 2)) == ("weak", 1.47)
    order = [ours["INDIGO-POJ-0195", f"outcomemetric{n}"] for n in range(1, 7)]
    assert [row.price_gbp for row in order] == [320, 430, 4_390, 1_310, 9_340, 8_240]
    assert [row.price_reported_gbp for row in order] == [4_390, 1_310, 8_240, 9_340, 430, 320]
    assert {row.grade for row in order} == {"weak"}


def test_manchester_earned_more_than_its_maximum_and_its_derived_payment_proves_nothing(
    ours: Mapping[tuple[str, str], Any],
) -> None:
    found = ours["INDIGO-POJ-0154", ""]
    assert (found.priced_gbp, found.maximum_gbp, found.finding) == (3_324_020, 2_629_000, "above_maximum")
    assert pd.isna(found.paid_gbp)


def test_what_care_leavers_earned_was_paid_to_the_pound_metric_by_metric(
    ours: Mapping[tuple[str, str], Any],
) -> None:
    for contract in ("INDIGO-POJ-0121", "INDIGO-POJ-0122"):
        jobs = [ours[contract, f"outcomemetric{n}"] for n in range(19, 24)]
        assert [row.ratio for row in jobs] == [1, 1, 1, 1, 1]
        # The results count people; an assessment is paid for each time that it is made.
        assert [ours[contract, f"outcomemetric{n}"].finding for n in range(1, 5)] == ["differs"] * 4
    # Six prices of Apollo are of nobody knows which metric, so that the payments for these are left aside.
    apollo = ours["INDIGO-POJ-0123", ""]
    assert ("INDIGO-POJ-0123", "outcomemetric1") not in ours
    assert (apollo.priced_gbp, apollo.paid_gbp) == (753_500, 753_280)


def test_every_price_is_held_against_something_or_it_is_said_why_not(
    ours: Mapping[tuple[str, str], Any], facts: RawFacts
) -> None:
    priced = set(facts.prices[["contract_id", "metric_id"]].itertuples(index=False, name=None))
    assert {key for key in ours if key[1]} == priced
    assert len({contract for contract, metric in ours if not metric}) == 25


# --- Worked answers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "ratio", "finding"),
    [
        (1_000.0, 1.0, "fits"),
        (800.0, 1.25, "fits"),
        (799.99, 1_000 / 799.99, "differs"),
        (1_333.33, 1_000 / 1_333.33, "fits"),
        (1_333.34, 1_000 / 1_333.34, "differs"),
    ],
)
def test_ten_results_at_a_hundred_pounds(
    check: Check,
    make_prices: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    paid: float,
    ratio: float,
    finding: str,
) -> None:
    found = check(make_prices({}), make_outcomes({"quantity": 10.0}), make_payments({"amount_gbp": paid}))
    together, metric = found["C-1", ""], found["C-1", "m1"]
    assert (together.priced_gbp, together.paid_gbp, together.finding) == (1_000, paid, finding)
    assert together.ratio == pytest.approx(ratio)
    assert (metric.priced_gbp, metric.quantity, metric.finding) == (1_000, 10, "paid_together")
    assert pd.isna(metric.paid_gbp)


def test_payments_that_name_their_metric_are_held_against_its_price(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder
) -> None:
    found = check(
        make_prices({}, {"metric_id": "m2", "price_gbp": 5.0}, {"metric_id": "m3"}, {"metric_id": "m4"}),
        make_outcomes(
            {"quantity": 10.0},
            {"metric_id": "m2", "quantity": 4.0},
            {"metric_id": "m3", "quantity": 1.0},
            {"metric_id": "m9", "quantity": 50.0},
        ),
        make_payments(
            {"metric_id": "m1", "amount_gbp": 900.0},
            {"metric_id": "m1", "amount_gbp": 200.0, "basis": "reported"},
            {"metric_id": "m1", "amount_gbp": -100.0, "basis": "returned"},
            {"metric_id": "m2", "amount_gbp": 40.0},
            {"metric_id": "m9", "amount_gbp": 7_000.0},
            {"amount_gbp": 9_999.0, "basis": "commitment"},
        ),
    )
    assert {key[1]: row.finding for key, row in found.items()} == {
        "": "fits",
        "m1": "fits",
        "m2": "differs",
        "m3": "no_payment",
        "m4": "no_result",
    }
    assert (found["C-1", "m1"].paid_gbp, found["C-1", "m2"].ratio) == (1_000, 0.5)
    # Of the contract together: what was paid for results with a price, and nothing of m9, which has none.
    assert (found["C-1", ""].priced_gbp, found["C-1", ""].paid_gbp) == (1_120, 1_040)


def test_results_without_a_price_leave_a_contract_incomplete(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder
) -> None:
    outcomes = make_outcomes({"quantity": 10.0}, {"metric_id": "m2", "quantity": 1.0})
    assert check(make_prices({}), outcomes, make_payments({"amount_gbp": 1_000.0}))["C-1", ""].finding == "incomplete"
    nobody = outcomes.assign(quantity=[10.0, 0.0])
    assert check(make_prices({}), nobody, make_payments({"amount_gbp": 1_000.0}))["C-1", ""].finding == "fits"


@pytest.mark.parametrize(
    ("maximum", "note", "paid", "finding"),
    [
        (600.0, "", 600.0, "above_maximum"),
        (600.0, "", 594.0, "above_maximum"),
        (600.0, "", 590.0, "differs"),
        (1_000.0, "", 600.0, "differs"),
        (600.0, "", None, "above_maximum"),
        (1_000.0, "", None, "no_payment"),
        # The part of one payer is no maximum of the contract.
        (600.0, "lottery_share_only", 600.0, "differs"),
    ],
)
def test_more_than_the_maximum_is_not_paid(
    check: Check,
    make_prices: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    maximum: float,
    note: str,
    paid: float | None,
    finding: str,
) -> None:
    stated = {"amount_gbp": maximum, "basis": "commitment", "note": note}
    payments = make_payments(*([] if paid is None else [{"amount_gbp": paid}]), stated)
    assert check(make_prices({}), make_outcomes({"quantity": 10.0}), payments)["C-1", ""].finding == finding


def test_a_payment_left_out_and_a_price_corrected_are_seen_as_the_source_has_them(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder
) -> None:
    place = {"contract_id": "C-1", "reason": "r", "source_id": "s-1"}
    left_out = {"table": "payments", "column": "amount_gbp", "reported": "500", "used": ""}
    corrections = pd.DataFrame(
        [
            place | left_out | {"locator": "payments: C-1 #1"},
            # A maximum was never paid, and a payment with another amount is among the payments.
            place | left_out | {"locator": "projects: C-1 maximum"},
            place | left_out | {"locator": "payments: C-1 #2", "used": "7"},
            place
            | {"table": "prices", "column": "price_gbp", "reported": "300", "used": "50", "locator": "prices: C-1 #1"},
        ]
    )
    prices = make_prices({"price_gbp": 50.0, "locator": "prices: C-1 #1"})
    payments = make_payments({"contract_id": "C-2"})
    found = check(prices, make_outcomes({"quantity": 10.0}), payments, corrections=corrections)
    for row in found.values():
        assert (row.priced_gbp, row.priced_as_reported_gbp, row.grade) == (500, 3_000, "weak")
    together = found["C-1", ""]
    assert (together.paid_gbp, together.is_payment_left_out) == (500, True)
    assert (together.ratio, together.ratio_as_reported, together.finding) == (1, 6, "fits")
    assert found["C-1", "m1"].price_reported_gbp == 300


def test_the_latest_count_is_paid_for_whatever_the_cut_off_and_none_that_is_net(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder
) -> None:
    later = {"period_end": pd.Timestamp(2020, 3, 31), "quantity": 12.0}
    outcomes = make_outcomes(
        {"quantity": 10.0},
        later,
        {"metric_id": "m2", "quantity": 5.0, "is_net_of_deadweight": True},
    )
    found = check(
        make_prices({}, {"metric_id": "m2"}),
        outcomes,
        make_payments({"amount_gbp": 1_200.0}),
        cut_off=pd.Timestamp(2019, 3, 31).date(),
    )
    assert (found["C-1", ""].priced_gbp, found["C-1", ""].finding) == (1_200, "fits")
    assert found["C-1", "m2"].finding == "no_result"


def test_a_contract_with_claims_is_left_out(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder, make_claim_counts: Builder
) -> None:
    found = check(
        make_prices({}, {"contract_id": "C-2"}),
        make_outcomes({}, {"contract_id": "C-2"}),
        make_payments({"amount_gbp": 1_000.0}),
        claim_counts=make_claim_counts({}),
    )
    assert set(found) == {("C-2", ""), ("C-2", "m1")}
    assert found["C-2", ""].finding == "no_payment"


def test_without_prices_there_is_nothing_to_check(
    check: Check, make_prices: Builder, make_outcomes: Builder, make_payments: Builder
) -> None:
    assert check(make_prices({}).head(0), make_outcomes({}), make_payments({})) == {}


@given(
    price=st.floats(0.01, 250_000),
    quantity=st.integers(1, 10_000),
    share=st.floats(0.01, 10),
)
def test_twice_the_money_changes_no_finding(
    check: Check,
    make_prices: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    price: float,
    quantity: int,
    share: float,
) -> None:
    """Pounds have no size of their own: only their ratio decides, and by the stated share."""
    outcomes = make_outcomes({"quantity": float(quantity)})
    findings = []
    for times in (1, 2):
        paid = times * price * quantity * share
        found = check(make_prices({"price_gbp": times * price}), outcomes, make_payments({"amount_gbp": paid}))
        findings.append((found["C-1", ""].finding, found["C-1", ""].ratio))
    assert findings[0] == findings[1]
    if abs(1 / share - 1) > MOST_APART + 1e-9:
        assert findings[0][0] == "differs"
    elif abs(1 / share - 1) < MOST_APART - 1e-9:
        assert findings[0][0] == "fits"
