"""The gap between the published ratio and ours, and what explains it.

Belongs here: differences of a study's figures and ours. Whether single figures agree is judged in ``reconciliation``.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

# Within a quarter of a published ratio ours is called near, else far.
NEAR_SHARE = 0.25
NEEDED = {"bcr", "fiscal_bcr", "public_value_gbp", "outcome_payments_gbp"}


def gap_to_published(
    reconciliation: pd.DataFrame, contract_value: pd.DataFrame, market: Mapping[str, Any], study: str
) -> dict[str, Any] | None:
    """Return what a study published of the market beside ours, or None where it published no ratio.

    ``market``: a row of ``market_value``; of it ``bcr, fiscal_bcr, outcome_payments_gbp, outcome_payments_in_bcr_gbp,
    public_value_in_bcr_gbp`` are read. ``rest_ratio``: what each pound paid under the contracts that we cannot value
    would have to be worth for the published total to hold; not a number where no payment is left.
    """
    figures = reconciliation[(reconciliation["published_edition"] == study) & (reconciliation["scope"] == "market")]
    first = figures.drop_duplicates("measure").set_index("measure")["published"]
    if not set(first.index) >= NEEDED:
        return None
    unvalued = paid_without_value(contract_value)
    rest_payments = first["outcome_payments_gbp"] - market["outcome_payments_in_bcr_gbp"]
    rest_value = first["public_value_gbp"] - market["public_value_in_bcr_gbp"]
    return {
        "study": study,
        "bcr": float(first["bcr"]),
        "fiscal_bcr": float(first["fiscal_bcr"]),
        "is_near": _is_near(market["bcr"], first["bcr"]),
        "is_fiscal_near": _is_near(market["fiscal_bcr"], first["fiscal_bcr"]),
        "public_value_gbp": float(first["public_value_gbp"]),
        "payments_gbp": float(first["outcome_payments_gbp"]),
        "payments_missing_gbp": float(first["outcome_payments_gbp"] - (market["outcome_payments_gbp"] or 0.0)),
        "unvalued_contracts": len(unvalued),
        "unvalued_payments_gbp": float(unvalued["outcome_payments_gbp"].sum()),
        "rest_ratio": float(rest_value / rest_payments) if rest_payments > 0 else math.nan,
    }


def parts_of_the_gap(gap: Mapping[str, Any], market: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return of what the published payments and public value consist, in pounds, by side and part.

    ``gap``: as ``gap_to_published`` returns it, made from the same ``market``.
    """
    rest = gap["public_value_gbp"] - market["public_value_in_bcr_gbp"]
    return {
        "payments": {
            "in our ratio": market["outcome_payments_in_bcr_gbp"],
            "public, without a valued outcome": gap["unvalued_payments_gbp"],
            "not to be found in public data": max(0.0, gap["payments_missing_gbp"]),
        },
        "public value": {
            "in our ratio": market["public_value_in_bcr_gbp"],
            "the rest of the published value": max(0.0, rest),
        },
    }


def paid_without_value(contract_value: pd.DataFrame) -> pd.DataFrame:
    """Return the contracts with payments and no valued outcome, the largest payments first."""
    found = contract_value[~contract_value["is_valued"] & (contract_value["outcome_payments_gbp"] > 0)]
    return found.sort_values("outcome_payments_gbp", ascending=False)


def _is_near(ours: float | None, published: float) -> bool:
    return ours is not None and abs(ours - published) <= NEAR_SHARE * published
