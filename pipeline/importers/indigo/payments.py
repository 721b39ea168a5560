"""Payments of a contract: those recorded, its maximum, and the total of its page.

Payments are those of type `Actual` (`paid`) and without a type (`reported`). One below 0 is money that went back
(`returned`). One without a period is rejected, since its prices are not known. One without an amount in pounds does not
enter the table at all. Planned ones are
no payments: they are facts of their own (``planned``). Maximum payments (`commitment`) and a project page's total
(`evaluation`) are bases of their own.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import accumulate
from typing import Any

from pipeline.importers.imported import PAYMENTS_FILE, Row
from pipeline.importers.indigo.cells import (
    CURRENCY,
    Rejections,
    ids_of,
    iso,
    locator_of,
    on_one_line,
    period_of,
    plain,
)
from pipeline.importers.indigo.columns import (
    COMMITMENT_AMOUNT,
    COMMITMENT_CURRENCY,
    COMMITMENTS,
    MAXIMUM,
    MAXIMUM_CURRENCY,
    METRIC_ID,
    NOTES,
    ORGANISATION_ID,
    PAYER_ID,
    PAYMENT_AMOUNT,
    PAYMENT_CURRENCY,
    PAYMENT_TYPE,
    PAYMENTS,
    PROJECTS,
    TOTAL_PAID,
    TOTAL_PAID_CURRENCY,
)
from pipeline.importers.indigo.export import Export, name_of
from pipeline.importers.indigo.words import payer_kind
from pipeline.tables.dates import middle_day
from pipeline.tables.vocabulary import RETURNED

BASIS_OF_TYPE = {"actual": "paid", "": "reported"}
PLANNED_TYPE = "planned"

# Our codes for INDIGO's notes on payments; a note that none of these describes gets no code. A share "of the
# total ... claimed" is not a share of the maximum.
NOTE_CODES = {
    "covid_relief": re.compile(r"covid claim payment", re.IGNORECASE),
    "capped": re.compile(r"capped payments?", re.IGNORECASE),
    "temporary_uplift": re.compile(r"temporary payment of £2000", re.IGNORECASE),
    "share_of_maximum": re.compile(r"\d+% of the total outcome (payment|value) available", re.IGNORECASE),
}


def recorded_payments(export: Export, rejections: Rejections) -> list[Row]:
    """Return payments of type `Actual` and without a type, and money that went back: those below 0.

    An amount of 0 is a reported fact and stays, but not where nothing else is recorded of the contract. What went back
    is rejected where by some day it is more than what was paid by then.
    """
    found = dict(_recorded_by_place(export, rejections))
    amounts = {ordinal: Decimal(row["amount_gbp"]) for ordinal, row in found.items()}
    # As `check` does: by the last day of each period and by that in its middle; of one day what was paid comes first.
    in_time = (
        sorted(found, key=lambda ordinal: (day(found[ordinal]), -amounts[ordinal])) for day in (_last_day, _middle_day)
    )
    if any(min(accumulate(amounts[ordinal] for ordinal in order), default=0) < 0 for order in in_time):
        _reject_amounts(
            [n for n, amount in amounts.items() if amount < 0],
            found,
            "more was paid back than had been paid",
            rejections,
        )
    if not any(amounts[ordinal] for ordinal in found):
        _reject_amounts(list(found), found, "all payments of the contract are zero", rejections)
    return list(found.values())


def _last_day(row: Row) -> dt.date:
    return dt.date.fromisoformat(row["period_end"])


def _middle_day(row: Row) -> dt.date:
    return middle_day(dt.date.fromisoformat(row["period_start"]), _last_day(row))


def _reject_amounts(ordinals: list[int], found: dict[int, Row], why: str, rejections: Rejections) -> None:
    for ordinal in ordinals:
        rejections.add(PAYMENTS, ordinal, PAYMENT_AMOUNT, found.pop(ordinal)["amount_gbp"], why)


def _recorded_by_place(export: Export, rejections: Rejections) -> Iterator[tuple[int, Row]]:
    """Those that can be used, by their number among themselves: planned rows come and go from export to export."""
    for ordinal, row in enumerate(payments_taken(export, rejections.contract_id), start=1):
        if not rejections.is_in_pounds(PAYMENTS, ordinal, PAYMENT_CURRENCY, row[PAYMENT_CURRENCY]):
            continue
        amount = rejections.number(PAYMENTS, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT])
        if amount is None:
            continue
        start, end = period_of(PAYMENTS, "payments", ordinal, row, rejections)
        if start is None or end is None:
            rejections.add(PAYMENTS, ordinal, PAYMENT_AMOUNT, row[PAYMENT_AMOUNT], "no period, in whose prices it is")
            continue
        yield (
            ordinal,
            _payment_row(
                amount,
                RETURNED if amount < 0 else BASIS_OF_TYPE[row[PAYMENT_TYPE].lower()],
                locator_of(PAYMENTS, rejections.contract_id, ordinal),
                payers_of(export, row[PAYER_ID]),
                period_start=iso(start),
                period_end=iso(end),
                metric_id=on_one_line(row[METRIC_ID]),
                note=_note_code(row[NOTES]),
            ),
        )


def payments_taken(export: Export, contract_id: str) -> list[Row]:
    """Return the payments of a contract that were made, or may have been; planned ones are not taken."""
    return [row for row in export.payments.get(contract_id, []) if row[PAYMENT_TYPE].lower() in BASIS_OF_TYPE]


def payments_not_taken(export: Export) -> Iterator[str]:
    """Yield a line for each type of payment that is read nowhere, with how many there are."""
    types = Counter(
        row[PAYMENT_TYPE].lower() for project in export.projects for row in export.payments.get(project, [])
    )
    read = (*BASIS_OF_TYPE, PLANNED_TYPE)
    yield from (f"payments not taken, {kind}: {n}" for kind, n in types.items() if kind not in read)


def _payment_row(amount: Decimal, basis: str, locator: str, payer: dict[str, str], **cells: str) -> Row:
    row = dict.fromkeys(PAYMENTS_FILE.columns, "") | payer | cells
    return row | {"amount_gbp": plain(amount), "basis": basis, "locator": locator}


def payers_of(export: Export, ids: str) -> dict[str, str]:
    """Return the names of the payers whose ids are given, joined by `; `, and their kind."""
    names = [name_of(export, payer) for payer in ids_of(ids)]
    return {"payer": "; ".join(names), "payer_kind": payer_kind(names)}


def _note_code(note: str) -> str:
    return next((code for code, pattern in NOTE_CODES.items() if pattern.search(note)), "")


def project_sums(export: Export, contract: dict[str, Any], rejections: Rejections) -> Iterator[Row]:
    """Yield the maximum (of the project, else of its payers: never both, they are the same money) and the total."""
    contract_id = rejections.contract_id
    project, nobody = export.projects[contract_id], payers_of(export, "")
    period = {f"period_{end}": iso(contract.get(f"service_{end}")) for end in ("start", "end")}
    maximum = _project_amount(project, MAXIMUM, MAXIMUM_CURRENCY, rejections)
    if maximum is None:
        yield from _payer_maxima(export, rejections, period)
    else:
        yield _payment_row(maximum, "commitment", f"projects: {contract_id} maximum", nobody, **period)
    total = _project_amount(project, TOTAL_PAID, TOTAL_PAID_CURRENCY, rejections)
    if total is not None:
        locator = f"projects: {contract_id} total payments made"
        yield _payment_row(total, "evaluation", locator, nobody, **period)


def _project_amount(project: Row, amount_column: str, currency_column: str, rejections: Rejections) -> Decimal | None:
    """An amount of projects.csv; a currency that is not given is pounds, since the projects are GB ones."""
    if not project[amount_column]:
        return None
    if not rejections.is_in_pounds(PROJECTS, 1, currency_column, project[currency_column] or CURRENCY):
        return None
    return rejections.amount(PROJECTS, 1, amount_column, project[amount_column])


def _payer_maxima(export: Export, rejections: Rejections, period: dict[str, str]) -> Iterator[Row]:
    """Each payer's own maximum, where a number is given."""
    for ordinal, row in enumerate(export.commitments.get(rejections.contract_id, []), start=1):
        if not row[COMMITMENT_AMOUNT]:
            continue
        currency = row[COMMITMENT_CURRENCY] or CURRENCY
        if not rejections.is_in_pounds(COMMITMENTS, ordinal, COMMITMENT_CURRENCY, currency):
            continue
        amount = rejections.amount(COMMITMENTS, ordinal, COMMITMENT_AMOUNT, row[COMMITMENT_AMOUNT])
        if amount is None:
            continue
        locator = locator_of(COMMITMENTS, rejections.contract_id, ordinal)
        yield _payment_row(amount, "commitment", locator, payers_of(export, row[ORGANISATION_ID]), **period)
