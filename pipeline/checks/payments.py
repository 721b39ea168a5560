"""Checks of the payments that are counted.

Belongs here: each check with its view, a pure function of the tables that its parameters name.
"""

import pandas as pd

from pipeline.checks.compare import counts, may_count, side_by_side
from pipeline.checks.suite import Check, Suite
from pipeline.facts.editions import Edition
from pipeline.tables.raw import RawPayments
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import PaymentsInScope

PAYMENT = ["contract_id", "source_id", "locator"]


def payments_counted(
    edition: Edition, payments_in_scope: DataFrame[PaymentsInScope], payments: DataFrame[RawPayments]
) -> pd.DataFrame:
    """Each recorded payment: how often it counts, and whether it can (1) or lies after the cut-off (0)."""
    countable = may_count(payments, edition.cut_off) | (payments["basis"] == "commitment")
    expected = payments.assign(n=countable.astype(float)).groupby(PAYMENT)["n"].sum()
    return side_by_side(counts(payments_in_scope, PAYMENT), expected)


def payments_as_recorded(
    edition: Edition, payments_in_scope: DataFrame[PaymentsInScope], payments: DataFrame[RawPayments]
) -> pd.DataFrame:
    """Each contract and basis: the cash counted, between what ended by the cut-off and what began by then.

    Of money that went back, below 0, what began is the lower end.
    """
    begun = may_count(payments, edition.cut_off) | (payments["basis"] == "commitment")
    goes_on = payments["period_end"] > pd.Timestamp(edition.cut_off or pd.Timestamp.max)
    keys = ["contract_id", "basis"]
    view = pd.concat(
        {
            "found": payments_in_scope.groupby(keys)["amount_counted_gbp"].sum(),
            "ended": payments[begun & ~(goes_on & (payments["basis"] != "commitment"))]
            .groupby(keys)["amount_gbp"]
            .sum(),
            "begun": payments[begun].groupby(keys)["amount_gbp"].sum(),
        },
        axis=1,
    )
    view = view.fillna(0.0).round(2).rename_axis(keys)
    # Each payment that straddles the cut-off is rounded to the penny by itself.
    lowest, highest = view[["ended", "begun"]].min(axis=1), view[["ended", "begun"]].max(axis=1) + 0.01
    return view.assign(lowest=lowest - 0.01 * (lowest < 0), highest=highest).reset_index()


SUITE = Suite(
    name="payments counted",
    guards="Every recorded payment reaches the ratios once, in the amount recorded, or lies after the cut-off.",
    asset="payments_in_scope",
    checks=(
        Check(
            name="every_payment_counted_once",
            guards="a join that multiplies or loses payments",
            of="payments",
            keys=("contract_id", "source_id", "locator"),
            view=payments_counted,
            total_of="rows",
        ),
        Check(
            name="payments_as_recorded",
            guards="more cash counted than was recorded by the cut-off, or less",
            of="contracts and bases",
            keys=("contract_id", "basis"),
            view=payments_as_recorded,
            asks="within",
        ),
    ),
)
