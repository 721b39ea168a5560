"""Disclosure control: which counts of claims may be published, and how exactly.

Belongs here: withholding small counts, withholding others so that sums do not give the small ones away, and rounding.
What claims come to, and what a count is worth, is said elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.tables.dates import FIRST_MONTH_OF_FINANCIAL_YEAR, financial_year

METRIC = ["contract_id", "metric_id"]
KEY = [*METRIC, "financial_year"]
COLUMNS = [*KEY, "unit", "quantity", "total", "is_withheld", "is_total_withheld"]

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class DisclosurePolicy:
    """What protects people in published counts; a threshold of 0 and a rounding to 1 protect nothing.

    ``threshold``: fewer people than this, but more than none, are withheld. ``rounding``: base to which all other
    counts are rounded. Raises ``ValueError`` for a negative threshold or a base below 1.
    """

    threshold: int = 10
    rounding: int = 5

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if self.threshold < 0 or self.rounding < 1:
            raise ValueError(f"threshold {self.threshold} below 0, or rounding {self.rounding} below 1")


@dataclass(frozen=True)
class _Cells:
    """Exact numbers of one metric, a column per year: in row 0 its quantities, in row 1 its totals.

    ``low``, ``high``: what a shown number tells of the exact one; ``needed``: how many values a withheld one must be
    able to take in the eyes of a reader.
    """

    shown: Numbers
    low: Numbers
    high: Numbers
    needed: Numbers
    small: Flags


def protected_counts(claim_counts: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """Return what may be published of the counts: one row per contract, metric and year, sorted.

    ``claim_counts``: ``ClaimCounts``. The years of a metric run from the first to the last in which its contract has
    any claim. Columns: ``COLUMNS``; ``quantity`` of the year and ``total`` up to and including it, each rounded by
    itself to the nearest multiple of the base, halves away from zero, and NaN if withheld.
    """
    table = _every_year(claim_counts)
    quantities, people = table["quantity"].to_numpy(), table["people"].to_numpy()
    units = table["unit"].tolist()
    ends = table.groupby(METRIC, sort=False).size().cumsum().tolist()
    metrics = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    cells = [_cells(quantities[metric], people[metric], units[metric.start], policy) for metric in metrics]
    withheld = np.hstack([np.zeros((2, 0), bool), *(_withheld(metric) for metric in cells)])
    shown = np.where(withheld, np.nan, np.hstack([np.zeros((2, 0)), *(metric.shown for metric in cells)]))
    return table.assign(
        quantity=shown[0], total=shown[1], is_withheld=withheld[0], is_total_withheld=withheld[1]
    ).reindex(columns=COLUMNS)


def _every_year(claim_counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of each metric in all years of its contract, sorted; 0 where nothing was claimed."""
    counts = claim_counts[[*KEY, "quantity", "people"]].astype({"people": "float64"})
    counts["year"] = counts["financial_year"].str[:4].astype("int64")
    years = counts.groupby("contract_id")["year"].agg(["min", "max"])
    metrics = claim_counts[[*METRIC, "unit"]].drop_duplicates(METRIC).sort_values(METRIC)
    table = metrics.assign(
        year=[range(years["min"][contract], years["max"][contract] + 1) for contract in metrics["contract_id"]]
    ).explode("year")
    table["year"] = table["year"].astype("int64")
    table = table.merge(counts, on=[*METRIC, "year"], how="left", validate="one_to_one")
    names = [financial_year(date(year, FIRST_MONTH_OF_FINANCIAL_YEAR, 1)) for year in table["year"]]
    table["financial_year"] = pd.Series(names, table.index, "str")
    return table.fillna({"quantity": 0.0, "people": 0.0})


def _cells(quantities: Numbers, people: Numbers, unit: str, policy: DisclosurePolicy) -> _Cells:
    # Of other units nobody knows here how many people are behind a total: at least as many as in any one year.
    behind_total = np.cumsum(people) if unit == "person" else np.maximum.accumulate(people)
    exact = np.array([quantities, np.cumsum(quantities)]).round(2)
    behind = np.array([people, behind_total])
    small = (behind > 0) & (behind < policy.threshold)
    shown = _rounded(exact, policy.rounding)
    low, high = _told(shown, unit, policy)
    # A number of many people, withheld for the sake of others, need be no vaguer than one that is shown.
    needed = np.where(small, exact / 2, 0.0)
    needed = np.maximum(needed, max(policy.rounding, policy.threshold / 2))
    return _Cells(shown, low, high, needed, small)


def _rounded(exact: Numbers, base: int) -> Numbers:
    return exact if base == 1 else np.floor(exact / base + 0.5) * base


def _told(shown: Numbers, unit: str, policy: DisclosurePolicy) -> tuple[Numbers, Numbers]:
    """The least and the most that a shown number can stand for, to one who knows the policy."""
    half = policy.rounding / 2
    if unit == "pound":
        return (shown, shown) if policy.rounding == 1 else (np.maximum(shown - half, 0.0), shown + half)
    low, high = np.maximum(np.ceil(shown - half), 0.0), np.ceil(shown + half) - 1
    # Each counts at least once for each person, so that a shown number is none or at least the threshold.
    return np.where(low > 0, np.maximum(low, policy.threshold), 0.0), np.where(high < policy.threshold, 0.0, high)


def _withheld(cells: _Cells) -> Flags:
    """Which cells are withheld: the small ones, and others until no reader can work out any of those."""
    withheld = cells.small.copy()
    while True:
        unsafe = withheld & (_values(cells, withheld) < cells.needed)
        if not unsafe.any():
            return withheld
        year = int(np.flatnonzero(unsafe.any(axis=0))[0])
        row = int(np.flatnonzero(unsafe[:, year])[0])
        withheld[_next_to_withhold(cells, withheld, (row, year))] = True


def _next_to_withhold(cells: _Cells, withheld: Flags, unsafe: tuple[int, int]) -> tuple[int, int]:
    """The cell to withhold next for the sake of an unsafe one."""
    year = unsafe[1]
    shown_totals = np.flatnonzero(~withheld[1])
    before, after = shown_totals[shown_totals < year], shown_totals[shown_totals >= year]
    first = int(before[-1]) + 1 if len(before) else 0
    last = int(after[0]) if len(after) else len(withheld[1]) - 1
    values = _values(cells, withheld)[unsafe]
    candidates = [y for y in range(first, last + 1) if not withheld[0, y]]
    for candidate in sorted(candidates, key=lambda y: float(cells.shown[0, y])):
        tried = withheld.copy()
        tried[0, candidate] = True
        if _values(cells, tried)[unsafe] > values:
            return 0, candidate
    # The last total carries the value, so that the earlier one goes.
    return 1, int(before[-1]) if len(before) else last


def _values(cells: _Cells, withheld: Flags) -> Numbers:
    """How many values each cell can take in the eyes of a reader of all shown ones.

    Years follow each other in a chain, so that one pass forwards and one backwards find the tightest bounds.
    """
    low = np.where(withheld, 0.0, cells.low)
    high = np.where(withheld, np.inf, cells.high)
    (step_low, total_low), (step_high, total_high) = low.tolist(), high.tolist()
    _forwards(step_low, step_high, total_low, total_high)
    for y in range(len(total_low) - 1, 0, -1):
        total_low[y - 1] = max(total_low[y - 1], total_low[y] - step_high[y])
        total_high[y - 1] = min(total_high[y - 1], total_high[y] - step_low[y])
    before_low, before_high = np.array([0.0, *total_low[:-1]]), np.array([0.0, *total_high[:-1]])
    tight_low, tight_high = np.array(total_low), np.array(total_high)
    low = np.array([np.maximum(step_low, tight_low - before_high), tight_low])
    high = np.array([np.minimum(step_high, tight_high - before_low), tight_high])
    return high - low + 1


def _forwards(
    step_low: Sequence[float], step_high: Sequence[float], total_low: list[float], total_high: list[float]
) -> None:
    low = high = 0.0
    for y in range(len(total_low)):
        low = total_low[y] = max(total_low[y], low + step_low[y])
        high = total_high[y] = min(total_high[y], high + step_high[y])
