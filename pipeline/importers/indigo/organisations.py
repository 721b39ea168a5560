"""Organisations of a contract: who committed or made payments, who provided the service, who invested.

Organisations are the entries of INDIGO's own register, by its ids: those that committed or made payments
(`commissioner`), provided the service (`provider`) and invested (`investor`). Who pays by plan only is not taken. An
entry whose name stands for several that it does not name, such as "Retail Investors", is marked `is_group`. Of
investments the amount for the whole contract is a row without an organisation; where a range is given, its low end.
"""

from collections.abc import Iterator

from pipeline.importers.imported import ORGANISATIONS_FILE, Row
from pipeline.importers.indigo.cells import (
    CURRENCY,
    Rejections,
    ids_of,
    locator_of,
    plain,
    true_or_false,
)
from pipeline.importers.indigo.columns import (
    COMMITMENTS,
    INVESTED,
    INVESTED_CURRENCY,
    INVESTED_LOW,
    INVESTMENT,
    INVESTMENT_CURRENCY,
    INVESTMENT_LOW,
    INVESTMENTS,
    ORGANISATION_ID,
    PAYER_ID,
    PAYMENTS,
    PROJECTS,
    PROVISIONS,
)
from pipeline.importers.indigo.export import Export, name_of
from pipeline.importers.indigo.payments import payments_taken
from pipeline.importers.indigo.words import is_group


def commissioners(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield who committed to pay, with or without an amount, and who paid without being named there."""
    contract_id, named = rejections.contract_id, set()
    committed = export.commitments.get(contract_id, [])
    naming = [
        (COMMITMENTS, ordinal, _organisations_of(COMMITMENTS, ordinal, row, rejections))
        for ordinal, row in enumerate(committed, start=1)
    ]
    paid = enumerate(payments_taken(export, contract_id), start=1)
    # Somebody pays every quarter, and is one commissioner.
    for file, ordinal, ids in (*naming, *((PAYMENTS, ordinal, ids_of(row[PAYER_ID])) for ordinal, row in paid)):
        for organisation_id in ids:
            if organisation_id not in named:
                named.add(organisation_id)
                yield _organisation_row(export, "commissioner", organisation_id, locator_of(file, contract_id, ordinal))


def providers(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield who provided the service."""
    for ordinal, row in enumerate(export.provisions.get(rejections.contract_id, []), start=1):
        locator = locator_of(PROVISIONS, rejections.contract_id, ordinal)
        for organisation_id in _organisations_of(PROVISIONS, ordinal, row, rejections):
            yield _organisation_row(export, "provider", organisation_id, locator)


def investors(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield the amount that all investors together committed, then each investor with its own where there is one."""
    contract_id = rejections.contract_id
    columns = (INVESTMENT, INVESTMENT_LOW, INVESTMENT_CURRENCY)
    total = _investment(PROJECTS, 1, export.projects[contract_id], columns, rejections)
    if total:
        yield _organisation_row(export, "investor", "", f"projects: {contract_id} investment", **total)
    columns = (INVESTED, INVESTED_LOW, INVESTED_CURRENCY)
    for ordinal, row in enumerate(export.investments.get(contract_id, []), start=1):
        amount = _investment(INVESTMENTS, ordinal, row, columns, rejections)
        locator = locator_of(INVESTMENTS, contract_id, ordinal)
        ids = _organisations_of(INVESTMENTS, ordinal, row, rejections)
        if amount and len(ids) > 1:
            # Each with the whole of it, it would count as often as there are names.
            given = amount["investment_committed_gbp"]
            rejections.add(INVESTMENTS, ordinal, INVESTED, given, "one amount of several organisations")
            amount = {}
        for organisation_id in ids:
            yield _organisation_row(export, "investor", organisation_id, locator, **amount)


def _organisations_of(file: str, ordinal: int, row: Row, rejections: Rejections) -> list[str]:
    """The ids of the organisations that a row names, at least one unless it is rejected."""
    found = ids_of(row[ORGANISATION_ID])
    if not found:
        rejections.add(file, ordinal, ORGANISATION_ID, "", "no organisation")
    return found


def _investment(
    file: str, ordinal: int, row: Row, columns: tuple[str, str, str], rejections: Rejections
) -> dict[str, str]:
    """The exact amount, else the low end of a range; nothing if none is given or none is usable.

    ``columns``: of the exact amount, of the low end, and of the currency, which is pounds if it is not given.
    """
    exact, low, currency = columns
    column = exact if row[exact] else low
    if not row[column] or not rejections.is_in_pounds(file, ordinal, currency, row[currency] or CURRENCY):
        return {}
    amount = rejections.amount(file, ordinal, column, row[column])
    if amount is None:
        return {}
    return {"investment_committed_gbp": plain(amount), "is_low_end": true_or_false(column == low)}


def _organisation_row(export: Export, role: str, organisation_id: str, locator: str, **cells: str) -> Row:
    name = name_of(export, organisation_id)
    return dict.fromkeys(ORGANISATIONS_FILE.columns, "") | {
        "role": role,
        "organisation_id": organisation_id,
        "name": name,
        "is_group": true_or_false(is_group(name)),
        "is_low_end": "false",
        "locator": locator,
        **cells,
    }
