"""Disclosure control: which counts of claims may be published, and how exactly.

Belongs here: withholding small counts, withholding others so that sums do not give the small ones away, and rounding.
What claims come to, and what a count is worth, is said elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.tables.claims import ClaimCounts
from pipeline.tables.dates import financial_year_from
from pipeline.tables.typed import DataFrame

METRIC = ["contract_id", "metric_id"]
KEY = [*METRIC, "financial_year"]
COLUMNS = [*KEY, "unit", "quantity", "total", "is_withheld", "is_total_withheld"]


@dataclass(frozen=True)
class DisclosurePolicy:
    """How people are protected in published counts; a threshold of 0 and rounding to 1 protect nobody.

    ``threshold``: counts of fewer people than this, but of some, are withheld. ``rounding``: all others are rounded to
    multiples of it; to 1 leaves them as they are, pence included. Raises ``ValueError`` for a negative threshold or a
    rounding below 1.
    """

    threshold: int = 10
    rounding: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.threshold < 0 or self.rounding < 1:
            raise ValueError(f"threshold {self.threshold} is below 0 or rounding {self.rounding} below 1")


def protected_counts(claim_counts: DataFrame[ClaimCounts], policy: DisclosurePolicy) -> pd.DataFrame:
    """Return what may be published of counts: a row per contract, metric and financial year, sorted.

    Each metric has all years from the first to the last in which its contract has a
    claim. Columns: ``COLUMNS``; ``quantity`` is that of the year, ``total`` that of all years up to it, both in
    ``unit``, NaN where withheld. Each is rounded from the exact number, halves upwards (with a rounding to 5: 12 to 10,
    13 to 15), so that they add up only roughly. Raises ``ValueError`` if a metric has two rows for a year.

    What is withheld: going back from the last year, the years from one that is small, or comes after a small total, are
    taken together until they are small no longer, nor is the total before them. Small is a count of some people, but
    fewer than the threshold. Of years taken together all quantities are withheld, and all totals but the last. So the
    total of all years is shown, unless it is small; then nothing of the metric is. Of other units than persons the same
    people may be behind several years, so that years together count as many people as the one with most; and they are
    small also up to twice as much as a small count of persons can be.

    What holds: other numbers in years that are taken together give the same published rows, if they add up to the same
    and are taken together as well. So a withheld count of persons can be any of at least threshold - 1 whole numbers,
    also for a reader who knows policy and rule and has all that is published of the metric. Rounding comes on top.

    What does not: large counts are not protected, since sums can give away what was rounded. No account is taken of
    other metrics that bound this one (no more people reach a later rung of a ladder than an earlier one), nor of an
    older publication, which showed as its last total what a newer one may withhold.
    """
    table = _every_year(claim_counts)
    by_metric = table.groupby(METRIC, sort=False)
    together = by_metric["people"].cumsum().where(table["unit"] == "person", by_metric["people"].cummax())
    table = table.assign(total=by_metric["quantity"].cumsum().round(2), people_of_total=together)
    is_person = (table["unit"] == "person").tolist()
    years = table[["people", "quantity"]].to_numpy().tolist()
    totals = table[["people_of_total", "total"]].to_numpy().tolist()
    starts = np.flatnonzero(~table.duplicated(METRIC)).tolist()
    flags = [
        flag
        for start, end in zip(starts, [*starts[1:], len(table)], strict=False)
        for flag in _withheld(years[start:end], totals[start:end], is_person[start], policy.threshold)
    ]
    is_withheld, is_total_withheld = np.array(flags, dtype=bool).reshape(-1, 2).T
    return table.assign(
        quantity=_rounded(table["quantity"], policy.rounding).mask(is_withheld),
        total=_rounded(table["total"], policy.rounding).mask(is_total_withheld),
        is_withheld=is_withheld,
        is_total_withheld=is_total_withheld,
    )[COLUMNS]


def _every_year(claim_counts: DataFrame[ClaimCounts]) -> pd.DataFrame:
    """Counts of each metric in all years of its contract, sorted; 0 where nothing was claimed."""
    counts = claim_counts[[*KEY, "quantity", "people"]].astype({"people": "float64"})
    counts["year"] = counts.pop("financial_year").str[:4].astype("int64")
    span = counts.groupby("contract_id")["year"].agg(["min", "max"])
    metrics = claim_counts[[*METRIC, "unit"]].drop_duplicates(METRIC).sort_values(METRIC)
    years = [range(span["min"][contract], span["max"][contract] + 1) for contract in metrics["contract_id"]]
    table = metrics.assign(year=years).explode("year").astype({"year": "int64"})
    table = table.merge(counts, on=[*METRIC, "year"], how="left", validate="one_to_one")
    table["financial_year"] = pd.Series([financial_year_from(year) for year in table["year"]], table.index, "str")
    return table.fillna({"quantity": 0.0, "people": 0.0})


def _withheld(
    years: Sequence[Sequence[float]], totals: Sequence[Sequence[float]], is_person: bool, threshold: int
) -> list[tuple[bool, bool]]:
    """For each year of a metric, whether its quantity and whether its total is withheld.

    ``years``, ``totals``: people and quantity of each. It goes back from the last year, since the other way round the
    total of all years, which counts most, would be lost.
    """

    def is_small(people: float, quantity: float) -> bool:
        # Were 11 events shown, with 10 people behind one of two years, the other year could only have 1.
        return 0 < people < threshold or (not is_person and 0 < quantity <= 2 * (threshold - 1))

    flags = []
    is_open = is_small(*totals[-1])
    people = quantity = 0.0
    for year, before in zip(reversed(years), [*reversed(totals[:-1]), (0.0, 0.0)], strict=True):
        is_withheld = is_open or is_small(*year) or is_small(*before)
        flags.append((is_withheld, is_open))
        people = people + year[0] if is_person else max(people, year[0])
        quantity += year[1]
        is_open = is_withheld and (is_small(people, quantity) or is_small(*before))
        if not is_open:
            people = quantity = 0.0
    return flags[::-1]


def _rounded(numbers: "pd.Series[float]", base: int) -> "pd.Series[float]":
    """Numbers to the nearest multiple of the base, halves upwards; of base 1 as they are."""
    return numbers if base == 1 else np.floor(numbers / base + 0.5) * base
