"""The gap to a published ratio: its parts are the differences of the two, and nothing is said where nothing was."""

import math
from typing import Any

import pandas as pd
import pytest

from pipeline.method.analysis.gap import gap_to_published, paid_without_value, parts_of_the_gap

MARKET: dict[str, Any] = {
    "bcr": 2.0,
    "fiscal_bcr": 0.5,
    "outcome_payments_gbp": 120.0,
    "outcome_payments_in_bcr_gbp": 100.0,
    "public_value_in_bcr_gbp": 200.0,
}
CONTRACTS = pd.DataFrame(
    {
        "contract_id": ["C-1", "C-2", "C-3", "C-4"],
        "is_valued": [True, False, False, False],
        "outcome_payments_gbp": [100.0, 5.0, 15.0, 0.0],
    }
)


def study(**published: float) -> pd.DataFrame:
    figures = {"bcr": 2.4, "fiscal_bcr": 1.0, "public_value_gbp": 800.0, "outcome_payments_gbp": 300.0} | published
    rows = [("2024", "market", measure, figure) for measure, figure in figures.items()]
    others = [("2022", "market", "bcr", 9.0), ("2024", "health", "bcr", 9.0), ("2024", "market", "bcr", 9.0)]
    return pd.DataFrame([*rows, *others], columns=["published_edition", "scope", "measure", "published"])


def test_the_rest_is_what_the_study_has_beyond_ours() -> None:
    gap = gap_to_published(study(), CONTRACTS, MARKET, "2024")
    assert gap is not None
    # £600 of value lies beyond our £200, paid for with the £200 beyond our £100.
    assert gap["rest_ratio"] == (800.0 - 200.0) / (300.0 - 100.0)
    assert gap["payments_missing_gbp"] == 300.0 - 120.0
    assert (gap["unvalued_contracts"], gap["unvalued_payments_gbp"]) == (2, 20.0)
    assert (gap["bcr"], gap["fiscal_bcr"], gap["study"]) == (2.4, 1.0, "2024")
    # £2.00 beside £2.40, and £0.50 beside £1.00.
    assert (gap["is_near"], gap["is_fiscal_near"]) == (True, False)


def test_near_is_within_a_quarter_of_the_published_ratio() -> None:
    def is_near(ours: float | None, published: float) -> bool:
        gap = gap_to_published(study(bcr=published), CONTRACTS, MARKET | {"bcr": ours}, "2024")
        assert gap is not None
        return bool(gap["is_near"])

    assert is_near(3.0, 4.0)
    assert is_near(5.0, 4.0)
    assert not is_near(2.99, 4.0)
    assert not is_near(5.01, 4.0)
    assert not is_near(None, 4.0)


def test_without_a_payment_that_is_left_there_is_no_ratio_of_the_rest() -> None:
    gap = gap_to_published(study(outcome_payments_gbp=100.0), CONTRACTS, MARKET, "2024")
    assert gap is not None
    assert math.isnan(gap["rest_ratio"])


@pytest.mark.parametrize("missing", ["bcr", "fiscal_bcr", "public_value_gbp", "outcome_payments_gbp"])
def test_nothing_is_said_of_a_study_that_lacks_a_figure(missing: str) -> None:
    table = study()
    assert gap_to_published(table[table["measure"] != missing], CONTRACTS, MARKET, "2024") is None
    assert gap_to_published(table, CONTRACTS, MARKET, "2020") is None


def test_the_parts_are_those_of_the_published_figures() -> None:
    gap = gap_to_published(study(), CONTRACTS, MARKET, "2024")
    assert gap is not None
    parts = parts_of_the_gap(gap, MARKET)
    assert list(parts["payments"].values()) == [100.0, 20.0, 180.0]
    assert sum(parts["payments"].values()) == gap["payments_gbp"]
    assert sum(parts["public value"].values()) == gap["public_value_gbp"]
    less = parts_of_the_gap(gap | {"payments_missing_gbp": -1.0, "public_value_gbp": 150.0}, MARKET)
    assert list(less["payments"].values()) == [100.0, 20.0, 0.0]
    assert list(less["public value"].values()) == [200.0, 0.0]


def test_contracts_paid_without_value_come_with_the_largest_payments_first() -> None:
    assert list(paid_without_value(CONTRACTS)["contract_id"]) == ["C-3", "C-2"]
