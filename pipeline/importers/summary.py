"""The summary of an import: how much came in, what was rejected, and what is still to do by hand."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pipeline.importers.imported import (
    ORGANISATIONS_FILE,
    OUTCOMES_FILE,
    PAYMENTS_FILE,
    PLACES_FILE,
    PLANNED_FILE,
    PRICES_FILE,
    REJECTED_FILE,
    SERVICE_FILE,
    TARGETS_FILE,
    MergedContract,
)


def summary_of(merged: list[MergedContract], absent: Iterable[str], not_taken: Iterable[str]) -> Iterator[str]:
    """Yield the lines of ``ImportPlan.summary()``; lines that would be empty are left out."""
    yield from _totals(merged, not_taken)
    yield from _listed("metrics that need a label or unit", _unlabelled(merged))
    yield from _listed("kept although the export does not have it", _kept(merged))
    yield from _listed("ends before it starts, kept as reported", _backward(merged))
    yield from _listed("in raw/ but not in the export", absent)


def _totals(merged: list[MergedContract], not_taken: Iterable[str]) -> Iterator[str]:
    """Counts and sums of the import's own rows."""
    changed = sum(bool(contract.changes) for contract in merged)
    yield f"contracts: {len(merged)} (new or changed: {changed})"
    with_results = [n for n in (len(contract.own_rows(OUTCOMES_FILE)) for contract in merged) if n]
    yield f"results with a number: {_in_contracts(with_results)}"
    payments = [row for contract in merged for row in contract.own_rows(PAYMENTS_FILE)]
    for basis in dict.fromkeys(row["basis"] for row in payments):
        amounts = [Decimal(row["amount_gbp"]) for row in payments if row["basis"] == basis]
        total = sum(amounts)
        yield f"payments, {basis}: {len(amounts)}, {'−' if total < 0 else ''}£{abs(total):,.0f}"
    yield from not_taken
    yield from _organisations_and_places(merged)
    for table in (PRICES_FILE, TARGETS_FILE, PLANNED_FILE, SERVICE_FILE):
        with_rows = [n for n in (len(contract.own_rows(table)) for contract in merged) if n]
        if with_rows:
            yield f"{table.table.replace('_', ' ')}: {_in_contracts(with_rows)}"
    reasons = Counter(row["reason"] for contract in merged for row in contract.own_rows(REJECTED_FILE))
    yield f"rejected: {reasons.total()}"
    yield from (f"  {reason}: {count}" for reason, count in reasons.items())


def _in_contracts(numbers: list[int]) -> str:
    """How many rows there are, and in how many contracts; ``numbers``: rows of each contract that has some."""
    return f"{sum(numbers)} in {len(numbers)} {'contract' if len(numbers) == 1 else 'contracts'}"


def _organisations_and_places(merged: list[MergedContract]) -> Iterator[str]:
    rows = [row for contract in merged for row in contract.own_rows(ORGANISATIONS_FILE)]
    for role in dict.fromkeys(row["role"] for row in rows):
        ids = {row["organisation_id"] for row in rows if row["role"] == role and row["organisation_id"]}
        yield f"{role}s: {len(ids)}"
    yield f"places: {sum(len(contract.own_rows(PLACES_FILE)) for contract in merged)}"


def _listed(title: str, items: Iterable[str], at_most: int = 20) -> Iterator[str]:
    items = list(dict.fromkeys(items))
    if items:
        yield f"{title}: {len(items)}"
        yield from (f"  {item}" for item in items[:at_most])
    if len(items) > at_most:
        yield f"  and {len(items) - at_most} more"


def _unlabelled(merged: list[MergedContract]) -> Iterator[str]:
    for contract in merged:
        for row in contract.rows[OUTCOMES_FILE]:
            if not (row["label"] and row["unit"]):
                yield f"{contract.contract_id} {row['metric_id']}"


def _kept(merged: list[MergedContract]) -> Iterator[str]:
    for contract in merged:
        for key in contract.kept_keys:
            yield f"{contract.contract_id} {key} = {contract.contract[key]}"


def _backward(merged: list[MergedContract]) -> Iterator[str]:
    for contract in merged:
        start, end = contract.contract.get("service_start"), contract.contract.get("service_end")
        # A date added by hand may be a text or carry a time: not this report's business.
        if type(start) is type(end) is dt.date and end < start:
            yield f"{contract.contract_id} service_start {start}, service_end {end}"
        for row in contract.rows[OUTCOMES_FILE] + contract.rows[PAYMENTS_FILE]:
            if "" < row["period_end"] < row["period_start"]:
                yield f"{row['locator']} {row['period_start']} to {row['period_end']}"
