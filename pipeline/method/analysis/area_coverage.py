"""How much of what we know about a policy area its ratio covers.

Belongs here: shares of contracts and payments, and below which a coverage is called small. What of the published market
the public data hold is worked out in ``coverage``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Fewer contracts than this, or less than this share of contracts or payments, is a small coverage.
FEW_CONTRACTS, SMALL_SHARE = 5, 0.5


@dataclass(frozen=True)
class AreaCoverage:
    """``payments_share``: of the known payments of the area, those in its ratio; None where none is known."""

    payments_share: float | None
    has_few_contracts: bool
    has_few_of_its_contracts: bool
    has_few_of_its_payments: bool


def area_coverage(area: Mapping[str, Any]) -> AreaCoverage:
    """Return what the ratio of an area covers; ``area``: a row of ``policy_area_value``, None for what is missing."""
    known, covered = area["outcome_payments_real_gbp"], area["outcome_payments_in_bcr_real_gbp"]
    share = covered / known if known else None
    return AreaCoverage(
        payments_share=share,
        has_few_contracts=area["contracts_in_bcr"] < FEW_CONTRACTS,
        has_few_of_its_contracts=area["contracts_in_bcr"] < SMALL_SHARE * area["contracts"],
        has_few_of_its_payments=(share or 0) < SMALL_SHARE,
    )
