"""Sums: from lines of value to contracts, policy areas and the market.

Belongs here: adding up, and matching value with payments. A ratio covers contracts with both valued outcomes and
known payments; whatever lacks one of them stays visible beside it.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.method.steps.ratios import ratio
from pipeline.method.steps.scope import counted_bases
from pipeline.tables.raw import Contracts
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, PaymentsInScope, SummedContracts, ValuedOutcomes

KINDS = ("fiscal", "economic", "social")
PAYMENTS = ["outcome_payments_gbp", "outcome_payments_real_gbp"]
VALUE = [
    "fiscal_gbp",
    "economic_gbp",
    "social_gbp",
    "transfers_gbp",
    "public_value_gbp",
    "gross_public_value_gbp",
]
MONEY = [*PAYMENTS, *VALUE]
IN_BCR = {
    "public_value_gbp": "public_value_in_bcr_gbp",
    "fiscal_gbp": "fiscal_in_bcr_gbp",
    "gross_public_value_gbp": "gross_public_value_in_bcr_gbp",
    "outcome_payments_gbp": "outcome_payments_in_bcr_gbp",
    "outcome_payments_real_gbp": "outcome_payments_in_bcr_real_gbp",
}


def contract_value(
    contracts: DataFrame[Contracts],
    lines: DataFrame[ValuedOutcomes],
    payments: DataFrame[PaymentsInScope],
    payment_bases: Sequence[str],
) -> DataFrame[ContractValue]:
    """Return one row per contract: payments, value by kind, and the ratios where value and payments match.

    ``lines``: those that count. ``fiscal_gbp`` includes transfers, ``public_value_gbp`` does not. Value is net of
    deadweight, ``gross_public_value_gbp`` is before it. Payments are net of what went back, and below 0 where a cut-off
    parts that from what had been paid. What is not known is missing and not 0: payments of a contract that has none in
    scope, value of one that is not valued.
    """
    counted = payments[payments["basis"].isin(counted_bases(payment_bases))]
    paid = counted.groupby("contract_id")[["amount_counted_gbp", "amount_real_gbp"]].sum(min_count=1)
    paid.columns = PAYMENTS
    by_kind = {f"{kind}_gbp": lines["net_gbp"].where(lines["kind"] == kind, 0.0) for kind in KINDS}
    is_public = ~lines["is_transfer"]
    parts = pd.DataFrame(
        {
            **by_kind,
            "transfers_gbp": lines["net_gbp"].where(lines["is_transfer"], 0.0),
            "public_value_gbp": lines["net_gbp"].where(is_public, 0.0),
            "gross_public_value_gbp": lines["gross_gbp"].where(is_public, 0.0),
        }
    )
    value = parts.groupby(lines["contract_id"]).sum()
    table = contracts[["contract_id", "name", "policy_area"]].set_index("contract_id").join([paid, value])
    table[MONEY] = table[MONEY].astype(float).round(2)
    # An outcome of which none was achieved makes no contract valued.
    table["is_valued"] = table.index.isin(lines.loc[lines["people"] > 0, "contract_id"])
    # Where nobody is known to have begun, and some to have gone on, there is value all the same.
    has_value = table.index.isin(lines.loc[lines["gross_gbp"] != 0, "contract_id"])
    table.loc[~(table["is_valued"] | has_value), VALUE] = float("nan")
    estimated = [rows.loc[rows["is_estimated"], "contract_id"] for rows in (lines, counted)]
    table["is_estimated"] = table.index.isin(pd.concat(estimated))
    # Where all money went back, later prices would leave an amount in real terms that nobody paid.
    is_paid = (table["outcome_payments_gbp"] > 0) & (table["outcome_payments_real_gbp"] > 0)
    table["is_in_bcr"] = table["is_valued"] & is_paid
    for name, value in (("bcr", "public_value_gbp"), ("fiscal_bcr", "fiscal_gbp")):
        table[name] = [
            ratio(v, c) if matched else float("nan")
            for v, c, matched in zip(table[value], table["outcome_payments_real_gbp"], table["is_in_bcr"], strict=True)
        ]
    return table.reset_index()


def summed(contract_values: DataFrame[ContractValue], by: str | None = None) -> DataFrame[SummedContracts]:
    """Return the sums over contracts, one row per value of ``by``, or one row for the market.

    Counts: ``contracts``, ``contracts_valued``, ``contracts_in_bcr``, ``contracts_with_payments``. Sums: all of
    ``MONEY``, and, over the contracts in the ratio only, the columns named in ``IN_BCR``. ``bcr`` and
    ``fiscal_bcr`` are ratios of those, payments in the edition's prices; ``bcr_cash`` divides by cash. A sum of
    ``MONEY`` over contracts of none of which it is known is missing.
    """
    is_in_bcr = contract_values["is_in_bcr"]
    parts = {
        **{column: contract_values[column] for column in MONEY},
        **{matched: contract_values[column].where(is_in_bcr, 0.0) for column, matched in IN_BCR.items()},
        "contracts": 1,
        "contracts_valued": contract_values["is_valued"].astype(int),
        "contracts_with_payments": (contract_values["outcome_payments_gbp"] > 0).astype(int),
        "contracts_in_bcr": is_in_bcr.astype(int),
    }
    table = pd.DataFrame(parts, index=contract_values.index)
    keys = contract_values[by] if by else pd.Series("market", index=table.index, name="scope")
    # Contracts of which something is not known are left out of its sum.
    result = table.groupby(keys, sort=True).sum(min_count=1).round(2)
    for name, value, cost in (
        ("bcr", "public_value_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp"),
        ("fiscal_bcr", "fiscal_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp"),
        ("bcr_cash", "public_value_in_bcr_gbp", "outcome_payments_in_bcr_gbp"),
        ("fiscal_bcr_cash", "fiscal_in_bcr_gbp", "outcome_payments_in_bcr_gbp"),
    ):
        result[name] = [ratio(v, c) for v, c in zip(result[value], result[cost], strict=True)]
    return result.reset_index()
