"""On what a ratio rests, and whose it is: evidence by grade, value by who pays and who gains.

Belongs here: the money of the contracts in the ratio laid out by grade of evidence, payer and benefiting agency. What a
grade means is said in ``tables.vocabulary``.
"""

from collections.abc import Sequence

import pandas as pd

# Nothing is taken off: the edition takes no deadweight, or the count was net as it was reported.
NO_RATE = "no rate"
EVIDENCE = {"unit_cost": "unit_cost_grade", "deadweight": "deadweight_grade", "mapping": "mapping_grade"}


def evidence_quality(lines: pd.DataFrame, contract_values: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each ratio of the market that rests on each grade of unit cost, of deadweight and of mapping.

    ``lines``: the counted lines of ``net_value``; ``contract_values``: ``contract_value``. Columns: ``measure,
    evidence, grade, value_gbp, share``. A line rests with all of its net value on the grade of its unit cost, and
    likewise on those of its rate and of its mapping, which is the worst of its metrics. Shares add up to 1 for each
    measure and kind of evidence.
    """
    counted = lines[_is_matched(lines, contract_values)]
    counted = counted.assign(deadweight_grade=counted["deadweight_grade"].replace("", NO_RATE))
    parts = {"bcr": counted[~counted["is_transfer"]], "fiscal_bcr": counted[counted["kind"] == "fiscal"]}
    rows = [
        (measure, evidence, str(grade), round(float(value), 2), float(value) / float(part["net_gbp"].sum()))
        for measure, part in parts.items()
        for evidence, column in EVIDENCE.items()
        for grade, value in part.groupby(column)["net_gbp"].sum().items()
        if part["net_gbp"].sum()
    ]
    return pd.DataFrame(rows, columns=["measure", "evidence", "grade", "value_gbp", "share"])


def payer_beneficiary(
    lines: pd.DataFrame, payments: pd.DataFrame, contract_values: pd.DataFrame, payment_bases: Sequence[str]
) -> pd.DataFrame:
    """Return the value of the contracts in the ratio by who paid and who gains.

    ``payments``: ``payments_in_scope``, of which those of ``payment_bases`` count. Columns: ``payer_kind, agency, kind,
    is_transfer, value_gbp, payer_payments_real_gbp`` (all that payers of that kind paid, the same in each of its rows).
    The value of a contract is laid to its payers in proportion to what each paid: the sources do not say more.
    """
    matched = lines[_is_matched(lines, contract_values)]
    counted = payments[payments["basis"].isin(list(payment_bases)) & _is_matched(payments, contract_values)]
    paid = counted.groupby(["contract_id", "payer_kind"])["amount_real_gbp"].sum()
    share = (paid / paid.groupby("contract_id").sum()).rename("share").reset_index()
    keys = ["agency", "kind", "is_transfer"]
    value = matched.groupby(["contract_id", *keys], as_index=False)["net_gbp"].sum()
    laid = value.merge(share, on="contract_id", validate="many_to_many")
    laid["value_gbp"] = laid["net_gbp"] * laid["share"]
    table = laid.groupby(["payer_kind", *keys], as_index=False)["value_gbp"].sum()
    by_payer = paid.groupby("payer_kind").sum().rename("payer_payments_real_gbp")
    table = table.join(by_payer, on="payer_kind").round({"value_gbp": 2, "payer_payments_real_gbp": 2})
    order = ["payer_payments_real_gbp", "payer_kind", "value_gbp", "agency"]
    return table.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def _is_matched(rows: pd.DataFrame, contract_values: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows belong to contracts in the ratio."""
    return rows["contract_id"].isin(contract_values.loc[contract_values["is_in_bcr"], "contract_id"])
