"""Bounds for what is missing: worked by hand, laws of both bounds, and nothing of them in the headline."""

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.bounds import COUNTS, MONEY, bounds
from pipeline.method.analysis.tables import analysed
from pipeline.method.steps.scope import payments_in_scope
from pipeline.method.steps.sums import contract_value
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS

Valuations = dict[str, Valuation]
Builder = Callable[..., pd.DataFrame]
BoundsOf = Callable[..., pd.DataFrame]
Row = dict[str, Any]

# Contract, fiscal and social value; those of which there is none are not valued.
VALUED = (("C-1", 50.0, 150.0), ("C-2", 10.0, 50.0), ("C-3", 30.0, 0.0))
# Contract, basis, amount.
PAID = (
    ("C-1", "paid", 100.0),
    ("C-1", "commitment", 500.0),
    ("C-2", "commitment", 40.0),
    ("C-4", "paid", 20.0),
    ("C-4", "commitment", 50.0),
    ("C-5", "paid", 10.0),
    ("C-6", "evaluation", 25.0),
    ("C-8", "reported", 15.0),
    ("C-8", "evaluation", 99.0),
    ("C-8", "commitment", 12.0),
)
AREAS = {"C-1": "health", "C-2": "health", "C-7": "health"}
SHOWN = ["outcome_payments_real_gbp", "public_value_gbp", "fiscal_gbp", "bcr", "fiscal_bcr"]


@pytest.fixture
def bounds_of(
    make_contracts: Builder, make_payments: Builder, make_deflators: Builder, make_edition: Callable[..., Edition]
) -> BoundsOf:
    """Work out the bounds of made-up contracts, by scope and bound; prices rise by a quarter after 2018-19."""

    def work_out(
        valued: tuple[tuple[str, float, float], ...], paid: tuple[Row, ...], ids: tuple[str, ...], **contract: Any
    ) -> pd.DataFrame:
        deflators = make_deflators({"price_year": "2018-19", "gdp_deflator": 80.0}, {})
        contracts = make_contracts(
            *({"contract_id": i, "policy_area": AREAS.get(i, "education"), **contract} for i in ids)
        )
        lines = pd.DataFrame(
            [(i, kind, value) for i, *both in valued for kind, value in zip(("fiscal", "social"), both, strict=True)],
            columns=["contract_id", "kind", "net_gbp"],
        ).assign(is_transfer=False, is_estimated=False, people=1.0)
        edition = make_edition()
        payments = payments_in_scope(make_payments(*paid), edition, deflators)
        values = contract_value(contracts, lines.assign(gross_gbp=lines["net_gbp"]), payments, edition.payment_bases)
        table = bounds(edition, contracts, payments, values, deflators)
        return table.set_index(["scope_kind", "scope", "bound"])

    return work_out


@pytest.fixture
def worked(bounds_of: BoundsOf) -> pd.DataFrame:
    """One contract in the ratio (2 of public and 0.5 of fiscal value per pound), seven that are not."""
    year = {"period_start": pd.Timestamp("2020-04-01"), "period_end": pd.Timestamp("2021-03-31")}
    paid = tuple({"contract_id": i, "basis": basis, "amount_gbp": amount, **year} for i, basis, amount in PAID)
    return bounds_of(VALUED, paid, tuple(f"C-{number}" for number in range(1, 9)))


@pytest.mark.parametrize(
    ("contract_id", "bound", "expected"),
    [
        # Valued, without payments, with a commitment: what may be paid comes in, its own value stays.
        ("C-2", "low", [math.nan, 60.0, 10.0, math.nan, math.nan]),
        ("C-2", "high", [40.0, 60.0, 10.0, 1.5, 0.25]),
        # Valued, and nothing is known of payments: outside of every ratio.
        ("C-3", "low", [math.nan, 30.0, 30.0, math.nan, math.nan]),
        ("C-3", "high", [math.nan, 30.0, 30.0, math.nan, math.nan]),
        # Paid without value, more may be paid.
        ("C-4", "low", [20.0, math.nan, math.nan, 0.0, 0.0]),
        ("C-4", "high", [50.0, 100.0, 25.0, 2.0, 0.5]),
        # Paid without value, no commitment.
        ("C-5", "low", [10.0, math.nan, math.nan, 0.0, 0.0]),
        ("C-5", "high", [10.0, 20.0, 5.0, 2.0, 0.5]),
        # The total of an evaluation only.
        ("C-6", "low", [25.0, math.nan, math.nan, 0.0, 0.0]),
        ("C-6", "high", [25.0, 50.0, 12.5, 2.0, 0.5]),
        # Nothing at all.
        ("C-7", "low", [math.nan, math.nan, math.nan, math.nan, math.nan]),
        ("C-7", "high", [math.nan, math.nan, math.nan, math.nan, math.nan]),
        # A total counts only without payments, a commitment only where it is more than they are.
        ("C-8", "low", [15.0, math.nan, math.nan, 0.0, 0.0]),
        ("C-8", "high", [15.0, 30.0, 7.5, 2.0, 0.5]),
    ],
)
def test_a_contract_that_is_not_in_the_ratio(
    contract_id: str, bound: str, expected: list[float], worked: pd.DataFrame
) -> None:
    row = worked.loc[("contract", contract_id, bound)]
    assert row[SHOWN].tolist() == pytest.approx(expected, nan_ok=True)


def test_the_market_is_the_sum_by_hand(worked: pd.DataFrame) -> None:
    low, high = worked.loc[("market", "market", "low")], worked.loc[("market", "market", "high")]
    assert low[COUNTS].tolist() == [8, 5, 3, 1]
    assert high[COUNTS].tolist() == [8, 6, 7, 6]
    assert (low["coverage_share"], high["coverage_share"]) == (0.125, 0.75)
    assert low[MONEY].tolist() == [170.0, 290.0, 200.0, 90.0, 50.0]
    assert high[MONEY].tolist() == [240.0, 490.0, 460.0, 140.0, 110.0]
    assert (low["bcr"], low["fiscal_bcr"]) == (200 / 170, 50 / 170)
    assert (high["bcr"], high["fiscal_bcr"]) == (460 / 240, 110 / 240)


def test_a_contract_in_the_ratio_has_no_row_and_stays_as_it_is(worked: pd.DataFrame) -> None:
    assert "C-1" not in worked.loc["contract"].index.get_level_values("scope")
    alone = worked.loc["contract"].groupby("bound")[MONEY].sum()
    left = worked.sort_index().loc[("market", "market"), MONEY] - alone
    assert left.loc["low"].tolist() == left.loc["high"].tolist() == [100.0, 200.0, 200.0, 50.0, 50.0]


def test_scopes_come_from_large_to_small_and_low_before_high(worked: pd.DataFrame) -> None:
    kinds = list(dict.fromkeys(worked.index.get_level_values("scope_kind")))
    assert kinds == ["market", "policy_area", "contract"]
    assert list(worked.loc["policy_area"].index) == [(a, b) for a in ("education", "health") for b in ("low", "high")]
    assert list(worked.index.get_level_values("bound")) == ["low", "high"] * (len(worked) // 2)


@pytest.mark.parametrize(
    ("period_start", "service_start", "expected"),
    [
        # Begun in 2018-19, since when prices have risen from 80 to 100.
        ("2018-05-01", "2020-05-01", 125.0),
        ("2020-05-01", "2018-05-01", 100.0),
        (None, "2018-05-01", 125.0),
        # No day, or no deflator for its year: cash.
        (None, None, 100.0),
        ("2015-05-01", "2018-05-01", 100.0),
    ],
)
def test_a_commitment_without_an_end_has_the_prices_of_its_beginning(
    period_start: str | None, service_start: str | None, expected: float, bounds_of: BoundsOf
) -> None:
    row = {"basis": "commitment", "amount_gbp": 100.0, "period_end": pd.NaT, "period_start": pd.Timestamp(period_start)}
    table = bounds_of((), (row,), ("C-1",), service_start=pd.Timestamp(service_start))
    assert table.loc[("contract", "C-1", "high"), "outcome_payments_real_gbp"] == expected
    assert math.isnan(table.loc[("contract", "C-1", "low"), "outcome_payments_real_gbp"])


def test_several_commitments_of_a_contract_add_up(bounds_of: BoundsOf) -> None:
    year = {"period_start": pd.Timestamp("2020-04-01"), "period_end": pd.Timestamp("2021-03-31")}
    rows = ({"basis": "commitment", "amount_gbp": amount, **year} for amount in (30.0, 0.55))
    table = bounds_of((), tuple(rows), ("C-1",))
    assert table.loc[("market", "market", "high"), "outcome_payments_real_gbp"] == 30.55


def test_a_market_without_a_ratio_imputes_nothing(bounds_of: BoundsOf) -> None:
    rows = ({"amount_gbp": 80.0}, {"contract_id": "C-2", "basis": "commitment", "amount_gbp": 40.0})
    table = bounds_of((("C-3", 7.0, 0.0),), rows, ("C-1", "C-2", "C-3"))
    high = table.loc[("market", "market", "high")]
    assert high[COUNTS].tolist() == [3, 2, 1, 0]
    assert high[MONEY].tolist() == [150.0, 7.0, 0.0, 7.0, 0.0]


def test_only_a_negative_ratio_makes_the_high_value_the_lower_one(bounds_of: BoundsOf) -> None:
    rows = ({"amount_gbp": 80.0}, {"contract_id": "C-2", "amount_gbp": 40.0})
    table = bounds_of((("C-1", -50.0, 0.0),), rows, ("C-1", "C-2"))
    assert table.sort_index().loc[("market", "market"), "public_value_gbp"].to_dict() == {"low": -50.0, "high": -75.0}


# --- The project's own editions -------------------------------------------------------------------------------


def of_edition(valuation: Valuation, facts: RawFacts, reference: Reference) -> pd.DataFrame:
    return analysed("bounds", facts, reference, valuation)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_high_bound_is_nowhere_below_the_low_one(
    edition_id: str, valuations: Valuations, facts: RawFacts, reference: Reference
) -> None:
    table = of_edition(valuations[edition_id], facts, reference)
    by_bound = {bound: rows.set_index(["scope_kind", "scope"]) for bound, rows in table.groupby("bound")}
    assert len(by_bound["low"]) == len(by_bound["high"])
    # Value is so because the ratios of the market are positive.
    columns = [*COUNTS, *MONEY, "coverage_share"]
    high, low = by_bound["high"][columns], by_bound["low"].loc[by_bound["high"].index, columns]
    # What is not known of one bound may be of the other, the high one, and not the other way round.
    assert (high.ge(low) | low.isna()).all(axis=None)
    assert high.notna().eq(low.notna()).where(low.notna(), True).all(axis=None)
    assert table.loc[table["scope_kind"] == "market", columns].notna().all(axis=None)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_policy_areas_add_up_to_the_market(
    edition_id: str, valuations: Valuations, facts: RawFacts, reference: Reference
) -> None:
    table = of_edition(valuations[edition_id], facts, reference)
    kinds = {kind: rows.groupby("bound")[[*COUNTS, *MONEY]].sum() for kind, rows in table.groupby("scope_kind")}
    pd.testing.assert_frame_equal(kinds["policy_area"].round(2), kinds["market"])
    assert kinds["market"]["contracts"].tolist() == [len(facts.contracts)] * 2


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_without_the_missing_contracts_both_bounds_are_the_ratio_of_the_headline(
    edition_id: str, valuations: Valuations, facts: RawFacts, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    before = valuation.contract_value.copy()
    table = of_edition(valuation, facts, reference)
    pd.testing.assert_frame_equal(valuation.contract_value, before)
    market = valuation.market_value.iloc[0]
    kinds = {kind: rows.groupby("bound")[[*COUNTS, *MONEY]].sum() for kind, rows in table.groupby("scope_kind")}
    for _, left in (kinds["market"] - kinds["contract"]).iterrows():
        assert left[COUNTS].tolist() == [market["contracts_in_bcr"]] * 4
        assert left["outcome_payments_real_gbp"] == pytest.approx(market["outcome_payments_in_bcr_real_gbp"], abs=0.01)
        assert left["public_value_gbp"] == pytest.approx(market["public_value_in_bcr_gbp"], abs=0.01)
        assert left["fiscal_gbp"] == pytest.approx(market["fiscal_in_bcr_gbp"], abs=0.01)
    low = table[(table["scope_kind"] == "market") & (table["bound"] == "low")].iloc[0]
    assert low["public_value_gbp"] == market["public_value_gbp"]
    assert low["fiscal_gbp"] == market["fiscal_gbp"]
