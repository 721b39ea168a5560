"""On what a ratio rests, and whose it is: evidence by grade, what a few carry, value by who pays and who gains.

Belongs here: the money of the contracts in the ratio laid out by grade of evidence, by contract, outcome and unit cost,
and by payer and benefiting agency. What a grade means is said in ``tables.vocabulary``.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.method.scope import counted_bases
from pipeline.method.uncertainty import Floats

# Nothing is taken off: the edition takes no deadweight, or the count was net as it was reported.
NO_RATE = "no rate"
EVIDENCE = {"unit_cost": "unit_cost_grade", "deadweight": "deadweight_grade", "mapping": "mapping_grade"}
# What may carry a ratio: kind, and the column of the lines that says which.
CARRIERS = {"contract": "contract_id", "outcome": "outcome_id", "unit_cost": "unit_cost_id"}


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


def concentration(lines: pd.DataFrame, contract_values: pd.DataFrame) -> pd.DataFrame:
    """Return what each contract, outcome and unit cost carries of the market's public value in the ratio.

    ``lines``: the counted lines of ``net_value``; ``contract_values``: ``contract_value``. Columns: ``kind, id, rank,
    public_value_gbp, share, cumulative_share, bcr_without, fiscal_bcr_without``, the largest of each kind first. A
    contract is left out with its value and its payments. An outcome or a unit cost is taken to be worth nothing: its
    payments stay, since they were made. Shares add up to 1 for each kind; ratios are not a number where none is left.
    """
    counted = lines[_is_matched(lines, contract_values)]
    net = counted["net_gbp"].to_numpy(float)
    public, fiscal = net * ~counted["is_transfer"].to_numpy(bool), net * (counted["kind"] == "fiscal").to_numpy()
    paid = contract_values[contract_values["is_in_bcr"]].set_index("contract_id")["outcome_payments_real_gbp"]
    parts = []
    for kind, column in CARRIERS.items():
        places, ids = pd.factorize(counted[column], sort=True)
        payments_left = paid.sum() - (paid[ids].to_numpy() if kind == "contract" else np.zeros(len(ids)))
        of_all, fiscal_of_all = (np.bincount(places, each, len(ids)).astype(float) for each in (public, fiscal))
        parts.append(_ranked(kind, ids, of_all, fiscal_of_all, payments_left))
    return pd.concat(parts, ignore_index=True)


def _ranked(kind: str, ids: "pd.Index[str]", public: Floats, fiscal: Floats, payments_left: Floats) -> pd.DataFrame:
    """The rows of one kind; all by id. Arrays, since for so few rows pandas takes several times as long."""
    total = public.sum()
    share = public / (total if total > 0 else np.nan)
    left = np.where(payments_left > 0, payments_left, np.nan)
    order = np.argsort(-public, kind="stable")
    return pd.DataFrame(
        {
            "kind": kind,
            "id": ids[order],
            "rank": np.arange(1, len(ids) + 1),
            "public_value_gbp": public[order].round(2),
            "share": share[order],
            "cumulative_share": share[order].cumsum(),
            "bcr_without": ((total - public) / left)[order],
            "fiscal_bcr_without": ((fiscal.sum() - fiscal) / left)[order],
        }
    )


def payer_beneficiary(
    lines: pd.DataFrame, payments: pd.DataFrame, contract_values: pd.DataFrame, payment_bases: Sequence[str]
) -> pd.DataFrame:
    """Return the value of the contracts in the ratio by who paid and who gains.

    ``payments``: ``payments_in_scope``, of which those of ``payment_bases`` count. Columns: ``payer_kind, agency, kind,
    is_transfer, value_gbp, payer_payments_real_gbp`` (all that payers of that kind paid, the same in each of its rows).
    The value of a contract is laid to its payers in proportion to what each paid, less what went back to them: the
    sources do not say more. Payers of a kind to which more went back than they paid are laid nothing.
    """
    matched = lines[_is_matched(lines, contract_values)]
    counted = payments[payments["basis"].isin(counted_bases(payment_bases)) & _is_matched(payments, contract_values)]
    paid = counted.groupby(["contract_id", "payer_kind"])["amount_real_gbp"].sum()
    borne = paid.clip(lower=0.0)
    share = (borne / borne.groupby("contract_id").sum()).rename("share").reset_index()
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
