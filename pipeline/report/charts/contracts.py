"""Contracts beside each other.

Belongs here: charts with a mark for each contract. What one contract reported stands in ``outcomes``, where it is
delivered in ``places``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.report.charts.figure import Figure, Numbers, Rows
from pipeline.report.charts.listed import DASHED, Key, Marks, Name, around, listed
from pipeline.report.charts.theme import COLOURS, FAINT, INK, POUNDS, chart, sentence, text_of
from pipeline.report.charts.value_and_payments import beside_parity
from pipeline.report.rows import Row, as_rows, records
from pipeline.report.wording import counted, million, per_pound, pounds, ratio_text, span

# Less than this is not on the log scale, which would stretch for one small contract.
SMALLEST_GBP = 10_000
# What charts and their tables tell of a contract, out of some forty columns.
CHARTED = ["contract_id", "name", "policy_area", "public_value_gbp", "outcome_payments_real_gbp", "bcr"]


def value_and_payments_by_contract(contract_value: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    """Return the contracts in the ratio by payments and public value, both on a log scale.

    ``names``: short names by contract for the largest; one without a name shows its id.
    """
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], CHARTED]
    numbers = Numbers("contracts", ("contract", "payments", "public value"), _value_rows(in_ratio, names))
    is_shown = in_ratio[["public_value_gbp", "outcome_payments_real_gbp"]].min(axis=1) >= SMALLEST_GBP
    shown = in_ratio[is_shown].sort_values(["public_value_gbp", "contract_id"], ascending=False)
    left_out = in_ratio[~is_shown]
    title = _above_one(in_ratio)
    if shown.empty:
        return sentence(numbers, title, f"No contract in the ratio is worth {pounds(SMALLEST_GBP)} or more.")
    subtitle = "Public value and outcome payments of each contract in the ratio. Dashed: £1 for £1. Log scale."
    if len(left_out):
        paid, few = million(left_out["outcome_payments_real_gbp"].sum()), counted(len(left_out), "contract")
        subtitle += f" Not shown: {few} worth or paid less than {pounds(SMALLEST_GBP)}; paid {paid} in all."
    alt = f"A point for each of {counted(len(shown), 'contract')}, by what was paid and what it was worth."
    return chart(numbers, title, subtitle, alt, beside_parity(shown, names), is_real=True)


def ratios_of_contracts(contract_value: pd.DataFrame, uncertainty: pd.DataFrame) -> Figure:
    """Return public value per £1 of each contract in the ratio, with its range; the highest first."""
    columns = ("contract", "payments", "public value", "per £1", "80% range")
    ranges = uncertainty[(uncertainty["scope_kind"] == "contract") & (uncertainty["measure"] == "bcr")]
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], CHARTED].merge(
        ranges[["scope", "p10", "p90", "has_range"]], left_on="contract_id", right_on="scope", validate="one_to_one"
    )
    numbers = Numbers("contracts", columns, _ratio_rows(in_ratio))
    title = _above_one(in_ratio)
    shown = in_ratio[in_ratio["bcr"].notna()].sort_values(["bcr", "contract_id"], ascending=[False, True])
    if shown.empty:
        return sentence(numbers, title, "No contract has both value and payments.")
    rows: list[Row] = [
        {
            "row": place,
            "contract": text_of(row.name, 90),
            "ratio": float(row.bcr),
            # Without a range the line is no longer than the point.
            "p10": float(row.p10 if row.has_range else row.bcr),
            "p90": float(row.p90 if row.has_range else row.bcr),
            "payments": float(row.outcome_payments_real_gbp),
        }
        for place, row in enumerate(records(shown))
    ]
    shapes = listed(
        [Name(row["contract"], per_pound(row["ratio"])) for row in rows],
        [
            Marks("rule", [{**row, "start": row["p10"], "end": row["p90"]} for row in rows], COLOURS["neutral"], 5),
            Marks("point", [{"row": row["row"], "at": row["ratio"]} for row in rows], INK, 8),
        ],
        around([0.0, 1.0, *(row[end] for row in rows for end in ("p10", "p90"))]),
        band=10,
        axis={"labelExpr": POUNDS},
        keys=[
            Key("public value for each £1 paid", INK, "circle"),
            Key("80% range", COLOURS["neutral"], "stroke"),
            Key("£1 for £1", FAINT, DASHED),
        ],
        lines=[1.0],
    )
    subtitle = "Public value for each £1 paid, by contract. 80% range: 8 in 10 simulations fall inside it."
    if not shown["has_range"].all():
        subtitle += " A contract has no range where less than half of its value varies in the simulations."
    low, high = rows[-1], rows[0]
    alt = (
        f"A point for each contract, from {per_pound(high['ratio'])} ({high['contract']}) "
        f"down to {per_pound(low['ratio'])} ({low['contract']})."
        if len(rows) > 1
        else f"One point, at {per_pound(high['ratio'])} ({high['contract']})."
    )
    return chart(numbers, title, subtitle, alt, shapes, is_real=True)


def _above_one(in_ratio: pd.DataFrame) -> str:
    """How many contracts are worth more than was paid for them, as their ratios are written."""
    known = in_ratio["bcr"].dropna()
    above, of = int((known.round(2) > 1).sum()), len(known)
    more = "more than £1 of public value for each £1 paid"
    if not of:
        return "No contract has a ratio"
    if of == 1:
        return f"The one contract here shows {per_pound(float(known.iloc[0]))} of public value for each £1 paid"
    if above in (0, of):
        return f"{'All' if above else 'None'} of the {of} contracts {'show' if above else 'shows'} {more}"
    return f"{above} of {of} contracts {'shows' if above == 1 else 'show'} {more}"


def _ratio_rows(in_ratio: pd.DataFrame) -> Rows:
    return [
        (
            row["name"],
            million(row["outcome_payments_real_gbp"]),
            million(row["public_value_gbp"]),
            ratio_text(row["bcr"]),
            span(row),
        )
        for row in as_rows(in_ratio.sort_values("bcr", ascending=False))
    ]


def _value_rows(in_ratio: pd.DataFrame, names: Mapping[str, str]) -> Rows:
    return [
        (
            names.get(row.contract_id, row.contract_id),
            million(row.outcome_payments_real_gbp),
            million(row.public_value_gbp),
        )
        for row in records(in_ratio.sort_values("public_value_gbp", ascending=False))
    ]
