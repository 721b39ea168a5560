"""Disclosure control: which counts of claims may be published, and how exactly.

Belongs here: withholding small counts, withholding others so that sums do not give the small ones away, and rounding.
What claims come to, and what a count is worth, is said elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from pipeline.tables.dates import FIRST_MONTH_OF_FINANCIAL_YEAR, financial_year

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


def protected_counts(claim_counts: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """Return what may be published of counts: a row per contract, metric and financial year, sorted.

    ``claim_counts``: ``ClaimCounts``. Each metric has all years from the first to the last in which its contract has a
    claim. Columns: ``COLUMNS``; ``quantity`` is that of the year, ``total`` that of all years up to it, both in
    ``unit``, NaN where withheld. Each is rounded from the exact number, halves upwards (with a rounding to 5: 12 to 10,
    13 to 15), so that they add up only roughly. Raises ``ValueError`` if a metric has two rows for a year.

    What is withheld, going back from the last year: a small count (of some people, but fewer than the threshold) and
    a count next to a small total; from there years are taken together until they are no longer small and neither is
    the total before them. Of such years all quantities are withheld, and all totals but the last. So the total of all
    years is shown unless it is itself small. Of units other than persons one person may be behind the quantities of
    several years: there the people of the year with most count as those of all years.

    What holds: a metric with any other whole numbers in the years taken together has the same published rows, as long
    as these add up to the same and are taken together by the same rule. So each withheld count of persons can be any of
    at least threshold - 1 numbers, even to a reader who knows policy and rule and has all that is published of the
    metric. Rounding is not relied on. What does not hold: large counts are not protected, sums can show them exactly.
    Neither other metrics that bound this one (a later rung of a ladder has no more people than an earlier one), nor an
    older publication, which showed as its last total what a newer one may withhold, are taken into account.
    """
    table = _every_year(claim_counts)
    by_metric = table.groupby(METRIC, sort=False)
    total = by_metric["quantity"].cumsum().round(2)
    # Elsewhere it is not known how many people are behind a total: at least as many as in any one year.
    behind_total = by_metric["people"].cumsum().where(table["unit"] == "person", by_metric["people"].cummax())
    flags = [
        flag
        for _, metric in table.assign(behind_total=behind_total).groupby(METRIC, sort=False)
        for flag in _withheld(
            metric["people"].tolist(),
            metric["behind_total"].tolist(),
            metric["unit"].iloc[0] == "person",
            policy.threshold,
        )
    ]
    is_withheld, is_total_withheld = np.array(flags, dtype=bool).reshape(-1, 2).T
    return table.assign(
        quantity=_rounded(table["quantity"], policy.rounding).mask(is_withheld),
        total=_rounded(total, policy.rounding).mask(is_total_withheld),
        is_withheld=is_withheld,
        is_total_withheld=is_total_withheld,
    )[COLUMNS]


def _every_year(claim_counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of each metric in all years of its contract, sorted; 0 where nothing was claimed."""
    counts = claim_counts[[*KEY, "quantity", "people"]].astype({"people": "float64"})
    counts["year"] = counts.pop("financial_year").str[:4].astype("int64")
    span = counts.groupby("contract_id")["year"].agg(["min", "max"])
    metrics = claim_counts[[*METRIC, "unit"]].drop_duplicates(METRIC).sort_values(METRIC)
    years = [range(span["min"][contract], span["max"][contract] + 1) for contract in metrics["contract_id"]]
    table = metrics.assign(year=years).explode("year").astype({"year": "int64"})
    table = table.merge(counts, on=[*METRIC, "year"], how="left", validate="one_to_one")
    names = [financial_year(date(year, FIRST_MONTH_OF_FINANCIAL_YEAR, 1)) for year in table["year"]]
    table["financial_year"] = pd.Series(names, table.index, "str")
    return table.fillna({"quantity": 0.0, "people": 0.0})


def _withheld(
    people: Sequence[float], behind_total: Sequence[float], is_person: bool, threshold: int
) -> list[tuple[bool, bool]]:
    """For each year of a metric, whether its quantity and whether its total is withheld.

    From the last year back: the other way round it would be the last total, which counts most, that is lost.
    """

    def is_small(count: float) -> bool:
        return 0 < count < threshold

    flags = []
    is_open, together = is_small(behind_total[-1]), 0.0
    for count, before in zip(reversed(people), [*reversed(behind_total[:-1]), 0.0], strict=True):
        joined = together + count if is_person else max(together, count)
        is_withheld = is_open or is_small(count) or is_small(before)
        flags.append((is_withheld, is_open))
        is_open = is_withheld and (joined < threshold or is_small(before))
        together = joined if is_open else 0.0
    return flags[::-1]


def _rounded(numbers: "pd.Series[float]", base: int) -> "pd.Series[float]":
    """Numbers to the nearest multiple of the base, halves upwards; of base 1 as they are."""
    return numbers if base == 1 else np.floor(numbers / base + 0.5) * base
