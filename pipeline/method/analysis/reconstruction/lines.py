"""Net lines of value as arrays, and the sums of those that count, by contract.

Belongs here: adding up lines of which now these and now those count, without making a table each time. Which lines
there are under which choices stands in ``valuing``, which of them count under a reading in ``readings``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.method.steps.value import counting_ladder

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
# What of a line its sums take, and which line of a group counts.
SUMMED = [
    *("contract_id", "outcome_id", "unit_cost_id", "is_counted", "overlap_group", "ladder", "units", "people"),
    *("kind", "is_transfer", "net_gbp"),
]
OF_OVERLAPS = ["contract_id", "overlap_group", "ladder", "net_gbp", "units"]


@dataclass(frozen=True)
class Lines:
    """Lines of ``net_value`` (``SUMMED``), and the contracts by which they are added up."""

    table: pd.DataFrame
    contracts: pd.Index

    @cached_property
    def is_counted(self) -> Bools:
        """Return which lines count, as far as metrics of the same people are concerned."""
        return self.table["is_counted"].to_numpy(bool)

    def by_contract(self, counts: Bools, transfers: str) -> Floats:
        """Return public value, fiscal value and how many lines count for anybody: 3 × cases × contracts.

        ``counts``: cases × lines, which lines count in each; ``transfers``: the choice of an edition.
        """
        if transfers == "neither":
            counts = counts & ~self._is_transfer
        is_public = np.ones(len(self.table), bool) if transfers == "both" else ~self._is_transfer
        parts = (self._net * is_public, self._net * self._is_fiscal, self._has_people)
        length = len(self.contracts)
        summed = [[np.bincount(self._places, case * part, minlength=length) for case in counts] for part in parts]
        return np.array(summed, dtype=np.float64).reshape(len(parts), len(counts), length)

    def without_overlaps(self, present: Bools) -> Bools:
        """Return which of the lines that are there in each case count when no benefit counts twice: cases × lines."""
        case, place = np.nonzero(present[:, self._of_groups])
        apart = self.table.iloc[self._of_groups[place]][OF_OVERLAPS].reset_index(drop=True)
        # Each case has contracts of its own.
        apart["contract_id"] = self._places[self._of_groups[place]] + case * len(self.contracts)
        counts = present.copy()
        counts[case, self._of_groups[place]] = (apart["ladder"] == counting_ladder(apart)).to_numpy(bool)
        return counts

    @cached_property
    def _places(self) -> npt.NDArray[np.intp]:
        return self.contracts.get_indexer(self.table["contract_id"])

    @cached_property
    def _of_groups(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero((self.table["overlap_group"] != "").to_numpy(bool))

    @cached_property
    def _net(self) -> Floats:
        return self.table["net_gbp"].to_numpy(np.float64)

    @cached_property
    def _has_people(self) -> Floats:
        return (self.table["people"] > 0).to_numpy(np.float64)

    @cached_property
    def _is_transfer(self) -> Bools:
        return self.table["is_transfer"].to_numpy(bool)

    @cached_property
    def _is_fiscal(self) -> Bools:
        return (self.table["kind"] == "fiscal").to_numpy(bool)


def combinations(of: int) -> Bools:
    """Return every way to make some of so many choices, the last the fastest: combinations × choices."""
    return (np.arange(2**of)[:, None] >> np.arange(of)[::-1] & 1).astype(bool)
