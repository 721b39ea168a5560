"""Prices of a contract: the agreed payment for one of each metric.

Belongs here: INDIGO's table of pricings, a row for each price. What was paid is in ``payments``.

- **Ids.** INDIGO's table of metrics says what an id stands for. A price whose id stands there twice is one of nobody
  knows which of the two, and is rejected. One whose id does not stand there stays: results are numbered in their
  own way too.
- **Several prices of one metric** are all rejected: INDIGO gives no day, band or group that would tell them apart.
- **Maximum.** INDIGO's column is for the most that is paid if all targets are reached. Where a note says that it is for
  one person, it is of that basis. One sum beside all prices of a contract, though they differ, is of no one metric.
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from pipeline.importers.imported import Row
from pipeline.importers.indigo.cells import Rejections, locator_of, on_one_line, plain
from pipeline.importers.indigo.columns import (
    METRIC_ID,
    NOTES,
    PRICE,
    PRICE_CURRENCY,
    PRICE_INCREASES,
    PRICE_MAXIMUM,
    PRICES,
)
from pipeline.importers.indigo.export import Export
from pipeline.importers.indigo.targets import TWICE, ids_that_stand_twice
from pipeline.tables.raw import MOST_FOR_ONE_GBP

_PER_PERSON = re.compile(r"payable per individual", re.IGNORECASE)
# What INDIGO writes where a contract has nothing of a kind.
_NOTHING = ("", "no", "none", "n/a")


def prices(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield each price in pounds of a metric that it is sure to be of."""
    rows = export.prices.get(rejections.contract_id, [])
    twice = ids_that_stand_twice(export, rejections.contract_id)
    times = Counter(on_one_line(row[METRIC_ID]) for row in rows)
    is_shared = len({row[PRICE] for row in rows}) > 1 and len({row[PRICE_MAXIMUM] for row in rows}) == 1
    for ordinal, row in enumerate(rows, start=1):
        metric_id = on_one_line(row[METRIC_ID])
        if not rejections.is_in_pounds(PRICES, ordinal, PRICE_CURRENCY, row[PRICE_CURRENCY]):
            continue
        if why := _why_of_no_metric(metric_id, twice, times):
            rejections.add(PRICES, ordinal, PRICE, row[PRICE], why)
            continue
        price = _price(ordinal, row, rejections)
        if price is not None:
            yield {
                "metric_id": metric_id,
                "price_gbp": plain(price),
                "price_basis": "cash" if row[PRICE_INCREASES].strip().lower() in _NOTHING else "cash_rising",
                **_maximum(ordinal, row, price, is_shared, rejections),
                "locator": locator_of(PRICES, rejections.contract_id, ordinal),
            }


def _why_of_no_metric(metric_id: str, twice: frozenset[str], times: Counter[str]) -> str:
    if not metric_id:
        return "no metric id that it is the price of"
    if metric_id in twice:
        return TWICE
    return "one of several prices of the metric, which nothing tells apart" if times[metric_id] > 1 else ""


def _price(ordinal: int, row: Row, rejections: Rejections) -> Decimal | None:
    """The price of one, or None after recording why there is none."""
    price = rejections.amount(PRICES, ordinal, PRICE, row[PRICE])
    if price is not None and not 0 < price <= MOST_FOR_ONE_GBP:
        rejections.add(PRICES, ordinal, PRICE, row[PRICE], "nothing" if price == 0 else "more than any price")
        return None
    return price


def _maximum(ordinal: int, row: Row, price: Decimal, is_shared: bool, rejections: Rejections) -> dict[str, str]:
    """The maximum beside a price with its basis; neither where none is given or none is usable.

    ``is_shared``: the same stands beside all prices of the contract.
    """
    found = rejections.amount(PRICES, ordinal, PRICE_MAXIMUM, row[PRICE_MAXIMUM]) if row[PRICE_MAXIMUM] else None
    if found is not None and found < price:
        rejections.add(PRICES, ordinal, PRICE_MAXIMUM, row[PRICE_MAXIMUM], "less than the price of one")
        found = None
    if found is None:
        return {"maximum_gbp": "", "maximum_basis": ""}
    of_metric = "not_said" if is_shared else "all_targets"
    return {
        "maximum_gbp": plain(found),
        "maximum_basis": "per_person" if _PER_PERSON.search(row[NOTES]) else of_metric,
    }
