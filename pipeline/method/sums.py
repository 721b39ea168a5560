"""Sums: from lines of value to contracts, policy areas and the market.

Belongs here: adding up, and matching value with payments. A ratio covers contracts with both valued outcomes and
known payments; whatever lacks one of them stays visible beside it.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.method.ratios import ratio

MONEY = [
    "outcome_payments_gbp",
    "outcome_payments_real_gbp",
    "fiscal_gbp",
    "economic_gbp",
    "social_gbp",
    "transfers_gbp",
    "public_value_gbp",
    "gross_public_value_gbp",
]
IN_BCR = {
    "public_value_gbp": "public_value_in_bcr_gbp",
    "fiscal_gbp": "fiscal_in_bcr_gbp",
    "gross_public_value_gbp": "gross_public_value_in_bcr_gbp",
    "outcome_payments_gbp": "outcome_payments_in_bcr_gbp",
    "outcome_payments_real_gbp": "outcome_payments_in_bcr_real_gbp",
}


def contract_value(
    contracts: pd.DataFrame, lines: pd.DataFrame, payments: pd.DataFrame, payment_bases: Sequence[str]
) -> pd.DataFrame:
    """Return one row per contract: payments, value by kind, and the ratios where value and payments match.

    ``lines``: ``net_value`` of the counted lines; ``payments``: ``payments_in_scope``. ``fiscal_gbp`` includes
    transfers, ``public_value_gbp`` does not. Value is net of deadweight, ``gross_public_value_gbp`` is before it.
    """
    counted = payments[payments["basis"].isin(list(payment_bases))]
    paid = counted.groupby("contract_id")[["amount_counted_gbp", "amount_real_gbp"]].sum()
    table = contracts[["contract_id", "name", "policy_area"]].set_index("contract_id")
    table["outcome_payments_gbp"] = paid["amount_counted_gbp"]
    table["outcome_payments_real_gbp"] = paid["amount_real_gbp"]
    for kind in ("fiscal", "economic", "social"):
        table[f"{kind}_gbp"] = lines[lines["kind"] == kind].groupby("contract_id")["net_gbp"].sum()
    table["transfers_gbp"] = lines[lines["is_transfer"]].groupby("contract_id")["net_gbp"].sum()
    public = lines[~lines["is_transfer"]].groupby("contract_id")
    table["public_value_gbp"] = public["net_gbp"].sum()
    table["gross_public_value_gbp"] = public["gross_gbp"].sum()
    table[MONEY] = table[MONEY].astype(float).fillna(0.0).round(2)
    # An outcome of which none was achieved makes no contract valued.
    table["is_valued"] = table.index.isin(lines.loc[lines["people"] > 0, "contract_id"])
    estimated = [rows.loc[rows["is_estimated"], "contract_id"] for rows in (lines, counted)]
    table["is_estimated"] = table.index.isin(pd.concat(estimated))
    table["is_in_bcr"] = table["is_valued"] & (table["outcome_payments_real_gbp"] > 0)
    for name, value in (("bcr", "public_value_gbp"), ("fiscal_bcr", "fiscal_gbp")):
        table[name] = [
            ratio(v, c) if matched else float("nan")
            for v, c, matched in zip(table[value], table["outcome_payments_real_gbp"], table["is_in_bcr"], strict=True)
        ]
    return table.reset_index()


def summed(contract_values: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the sums over contracts, one row per value of ``by``, or one row for the market.

    Counts: ``contracts``, ``contracts_valued``, ``contracts_in_bcr``, ``contracts_with_payments``. Sums: all of
    ``MONEY``, and, over the contracts in the ratio only, the columns named in ``IN_BCR``. ``bcr`` and
    ``fiscal_bcr`` are ratios of those, payments in the edition's prices; ``bcr_cash`` divides by cash.
    """
    table = contract_values[MONEY].copy()
    for column, matched in IN_BCR.items():
        table[matched] = table[column].where(contract_values["is_in_bcr"], 0.0)
    table["contracts"] = 1
    table["contracts_valued"] = contract_values["is_valued"].astype(int)
    table["contracts_with_payments"] = (contract_values["outcome_payments_gbp"] > 0).astype(int)
    table["contracts_in_bcr"] = contract_values["is_in_bcr"].astype(int)
    keys = contract_values[by] if by else pd.Series("market", index=table.index, name="scope")
    result = table.groupby(keys, sort=True).sum().round(2)
    for name, value, cost in (
        ("bcr", "public_value_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp"),
        ("fiscal_bcr", "fiscal_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp"),
        ("bcr_cash", "public_value_in_bcr_gbp", "outcome_payments_in_bcr_gbp"),
        ("fiscal_bcr_cash", "fiscal_in_bcr_gbp", "outcome_payments_in_bcr_gbp"),
    ):
        result[name] = [ratio(v, c) for v, c in zip(result[value], result[cost], strict=True)]
    return result.reset_index()
