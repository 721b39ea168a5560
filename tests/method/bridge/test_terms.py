"""Terms between valuations: worked sums, and what holds for any sequence of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.method.analysis.bridge.terms import MEASURES, SUMS, terms
from pipeline.tables.vocabulary import POLICY_AREAS
from tests.conftest import part_of

AREAS = tuple(POLICY_AREAS)
RATIOS = ("bcr", "fiscal_bcr")


def valuation(*rows: tuple[str, str, float, float, float, bool]) -> pd.DataFrame:
    """Contracts with area, public value, fiscal value, payments and whether they are in the ratio."""
    table = pd.DataFrame(rows, columns=["contract_id", "policy_area", *SUMS, "is_in_bcr"])
    return table.astype({**dict.fromkeys(SUMS, float), "is_in_bcr": bool})


def term(table: pd.DataFrame, step: str, scope: str, measure: str) -> float:
    rows = table[(table["step"] == step) & (table["scope"] == scope) & (table["measure"] == measure)]
    assert len(rows) <= 1
    return float(rows["term"].iloc[0]) if len(rows) else 0.0


def test_a_move_of_one_contract_is_that_of_its_area_and_of_the_market() -> None:
    before = valuation(("A", AREAS[0], 100.0, 80.0, 50.0, True), ("B", AREAS[1], 10.0, 10.0, 50.0, True))
    after = valuation(("A", AREAS[0], 130.25, 80.0, 50.0, True), ("B", AREAS[1], 10.0, 10.0, 50.0, True))
    table = terms([("", before), ("results", after)])
    for scope in ("market", AREAS[0], "A"):
        assert term(table, "results", scope, "public_value_gbp") == 30.25
        assert term(table, "results", scope, "fiscal_gbp") == 0.0
    assert term(table, "results", "market", "bcr") == pytest.approx(1.4025 - 1.1, abs=1e-12)
    assert term(table, "results", "A", "bcr") == pytest.approx(2.605 - 2.0, abs=1e-12)
    assert "B" not in set(table["scope"])


def test_a_contract_that_leaves_the_ratio_takes_its_payments_along() -> None:
    before = valuation(("A", AREAS[0], 100.0, 80.0, 50.0, True), ("B", AREAS[0], 10.0, 10.0, 50.0, True))
    after = valuation(("A", AREAS[0], 100.0, 80.0, 50.0, True))
    table = terms([("", before), ("contracts", after)])
    assert term(table, "contracts", "market", "outcome_payments_in_bcr_real_gbp") == -50.0
    assert term(table, "contracts", "market", "bcr") == pytest.approx(2.0 - 1.1, abs=1e-12)
    # Of a contract without a ratio on both sides there is no term of one.
    assert not ((table["scope"] == "B") & table["measure"].isin(RATIOS)).any()


def test_what_is_not_known_counts_as_nothing() -> None:
    before = valuation(("A", AREAS[0], np.nan, np.nan, 50.0, False))
    after = valuation(("A", AREAS[0], 20.0, 5.0, np.nan, False))
    table = terms([("", before), ("mapping", after)])
    assert term(table, "mapping", "A", "public_value_gbp") == 20.0
    assert term(table, "mapping", "A", "outcome_payments_real_gbp") == -50.0


def test_terms_need_somewhere_to_begin() -> None:
    with pytest.raises(ValueError, match="begin"):
        terms([])
    assert terms([("", valuation(("A", AREAS[0], 1.0, 1.0, 1.0, True)))]).empty


POUNDS = st.one_of(st.just(float("nan")), st.integers(-(10**9), 10**11).map(lambda pence: pence / 100))
CONTRACT = st.tuples(st.sampled_from("ABCDE"), st.sampled_from(AREAS), POUNDS, POUNDS, POUNDS, st.booleans())
VALUATION = st.lists(CONTRACT, unique_by=lambda row: row[0], max_size=5).map(
    lambda rows: valuation(*((*row[:5], row[5] and row[4] > 0) for row in rows))
)


@settings(max_examples=part_of(60), deadline=None)
@given(st.lists(VALUATION, min_size=1, max_size=5))
def test_terms_sum_to_the_move_of_every_scope(valuations: list[pd.DataFrame]) -> None:
    table = terms([(str(number), each) for number, each in enumerate(valuations)])
    first, last = (each.set_index("contract_id") for each in (valuations[0], valuations[-1]))
    moved = table.groupby(["scope", "measure"])["term"].sum()
    for measure in SUMS:
        for contract in "ABCDE":
            ends = [each[measure].get(contract, 0.0) for each in (first, last)]
            expected = float(np.nan_to_num(ends[1]) - np.nan_to_num(ends[0]))
            assert moved.get((contract, measure), 0.0) == pytest.approx(expected, abs=0.001)
        market = [each[measure].fillna(0.0).sum() for each in (first, last)]
        assert moved.get(("market", measure), 0.0) == pytest.approx(market[1] - market[0], abs=0.001)
        areas = sum(moved.get((area, measure), 0.0) for area in AREAS)
        assert areas == pytest.approx(moved.get(("market", measure), 0.0), abs=0.001)
    for ratio, value in zip(RATIOS, SUMS, strict=False):
        ends = []
        for each in (first, last):
            matched = each[each["is_in_bcr"]]
            paid = matched[SUMS[2]].sum()
            ends.append(matched[value].fillna(0.0).sum() / paid if paid > 0 else float("nan"))
        if not np.isnan(ends).any():
            assert moved.get(("market", ratio), 0.0) == pytest.approx(ends[1] - ends[0], rel=1e-9, abs=1e-9)
        else:
            assert ("market", ratio) not in moved.index
    assert set(table["measure"]) <= set(MEASURES)


@given(VALUATION)
@settings(max_examples=part_of(20), deadline=None)
def test_an_unchanged_pair_has_no_term(one: pd.DataFrame) -> None:
    assert (terms([("", one), ("results", one)])["term"] == 0).all()
