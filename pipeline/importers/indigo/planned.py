"""Planned payments: how much was to be paid when, and by which plan.

Belongs here: rows of INDIGO's payments of type `Planned`, counted by themselves. A plan may be drawn up again: its
successor has an id of its own and may plan the same months, so that plans are never added up. An amount of 0 is a plan
to pay nothing, and stays. One that is no amount in pounds, or has no period, is rejected.
"""

from collections.abc import Iterator

from pipeline.importers.imported import Row
from pipeline.importers.indigo.cells import Rejections, iso, locator_of, on_one_line, period_of, plain
from pipeline.importers.indigo.columns import (
    PAYER_ID,
    PAYMENT_AMOUNT,
    PAYMENT_CURRENCY,
    PAYMENT_TYPE,
    PLAN_ID,
    PLANNED,
)
from pipeline.importers.indigo.export import Export
from pipeline.importers.indigo.payments import PLANNED_TYPE, payers_of


def planned_payments(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield each planned payment with its period."""
    payments = export.payments.get(rejections.contract_id, [])
    for ordinal, row in enumerate((r for r in payments if r[PAYMENT_TYPE].lower() == PLANNED_TYPE), start=1):
        if not rejections.is_in_pounds(PLANNED, ordinal, PAYMENT_CURRENCY, row[PAYMENT_CURRENCY]):
            continue
        amount = rejections.amount(PLANNED, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT])
        if amount is None:
            continue
        start, end = period_of(PLANNED, "planned_payments", ordinal, row, rejections)
        if start is None or end is None:
            rejections.add(PLANNED, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT], "no period for which it is planned")
            continue
        yield {
            # INDIGO writes the same plan with a large letter or a small one.
            "plan_id": on_one_line(row[PLAN_ID]).lower(),
            **payers_of(export, row[PAYER_ID]),
            "period_start": iso(start),
            "period_end": iso(end),
            "amount_gbp": plain(amount),
            "locator": locator_of(PLANNED, rejections.contract_id, ordinal),
        }
