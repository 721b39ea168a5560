"""How much of an area its ratio covers, and from where on that is little."""

from typing import Any

import pytest

from pipeline.method.analysis.area_coverage import area_coverage

AREA: dict[str, Any] = {
    "contracts": 10,
    "contracts_in_bcr": 5,
    "outcome_payments_real_gbp": 100.0,
    "outcome_payments_in_bcr_real_gbp": 50.0,
}


def test_half_of_an_area_with_five_contracts_is_not_little() -> None:
    covered = area_coverage(AREA)
    assert covered.payments_share == 0.5
    assert True not in vars(covered).values()


@pytest.mark.parametrize(
    ("less", "said"),
    [
        ({"contracts": 4, "contracts_in_bcr": 4}, "has_few_contracts"),
        ({"contracts": 11}, "has_few_of_its_contracts"),
        ({"outcome_payments_in_bcr_real_gbp": 49.0}, "has_few_of_its_payments"),
    ],
)
def test_less_is_little(less: dict[str, Any], said: str) -> None:
    covered = vars(area_coverage(AREA | less))
    assert [name for name, holds in covered.items() if holds is True] == [said]


@pytest.mark.parametrize("known", [None, 0.0])
def test_without_known_payments_there_is_no_share_of_them(known: float | None) -> None:
    covered = area_coverage(AREA | {"outcome_payments_real_gbp": known})
    assert covered.payments_share is None
    assert covered.has_few_of_its_payments
