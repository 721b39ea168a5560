"""The terms that lead from one valuation to another: what each step adds to every sum and ratio.

Belongs here: differences between valuations that follow one another, for the market, each policy area and each
contract. What a step changes is the caller's: a cause of a bridge, a choice of a reconstruction.

Pounds are counted in whole pence of each contract, so that contracts, areas and market agree to the penny, and the
terms of any sequence add up to the move from its first valuation to its last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue
from pipeline.tables.vocabulary import POLICY_AREAS

Floats = npt.NDArray[np.float64]
Pence = npt.NDArray[np.int64]

# Of each contract; the last three are those of the contracts in the ratio.
SUMS = ("public_value_gbp", "fiscal_gbp", "outcome_payments_real_gbp")
SUMS_IN_BCR = ("public_value_in_bcr_gbp", "fiscal_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp")
# Of each ratio: the places of what is divided by what.
RATIOS = {"bcr": (3, 5), "fiscal_bcr": (4, 5)}
MEASURES = (*SUMS, *SUMS_IN_BCR, *RATIOS)
MARKET = "market"
AMOUNTS = ("before", "after", "term")
COLUMNS = ["step", "scope_kind", "scope", "measure", *AMOUNTS]


@dataclass(frozen=True)
class Sums:
    """What a valuation comes to: ``pence`` of ``SUMS`` and ``SUMS_IN_BCR``, contracts × 6, and the area of each.

    ``areas``: places in ``POLICY_AREAS``; -1 for a contract that is not there.
    """

    pence: Pence
    areas: npt.NDArray[np.int64]

    @cached_property
    def by_scope(self) -> Floats:
        """Return every measure of the market, each policy area and each contract: scopes × ``MEASURES``.

        A ratio of nothing paid is 0: it is told only where there is one on both sides.
        """
        by_area = np.stack([self.pence[self.areas == place].sum(axis=0) for place in range(len(POLICY_AREAS))])
        pence = np.concatenate([self.pence.sum(axis=0)[None], by_area, self.pence])
        return np.column_stack([pence / 100, *(divided(pence[:, a], pence[:, b]) for a, b in RATIOS.values())])

    def placed(self, own_ids: Sequence[str], contract_ids: Sequence[str]) -> "Sums":
        """Return the same sums, which are of the contracts ``own_ids``, in another order and beside more contracts."""
        if list(own_ids) == list(contract_ids):
            return self
        at = pd.Index(contract_ids).get_indexer(list(own_ids))
        pence = np.zeros((len(contract_ids), self.pence.shape[1]), dtype=np.int64)
        areas = np.full(len(contract_ids), -1, dtype=np.int64)
        pence[at], areas[at] = self.pence, self.areas
        return Sums(pence, areas)


def divided(value: npt.NDArray[np.int64], paid: npt.NDArray[np.int64]) -> Floats:
    """Return one by the other; 0 where nothing is paid."""
    return np.divide(value, paid, out=np.zeros(np.broadcast_shapes(value.shape, paid.shape)), where=paid > 0)


def sums_of(contract_value: DataFrame[ContractValue], contract_ids: Sequence[str]) -> Sums:
    """Return what a valuation comes to, of the contracts in the order given; of one that is not there, nothing.

    What is not known counts as nothing: payments that nobody has published, value of what is not valued.
    """
    table = contract_value.set_index("contract_id").reindex(contract_ids)
    is_in = table["is_in_bcr"].fillna(False).to_numpy(dtype=bool)
    pence = np.rint(table[list(SUMS)].fillna(0.0).to_numpy(dtype=np.float64) * 100).astype(np.int64)
    areas = pd.Categorical(table["policy_area"], categories=POLICY_AREAS).codes.astype(np.int64)
    return Sums(np.concatenate([pence, np.where(is_in[:, None], pence, 0)], axis=1), areas)


def terms(valuations: Sequence[tuple[str, DataFrame[ContractValue]]]) -> pd.DataFrame:
    """Return what each valuation adds to the one before it: one row per step, scope and measure (``COLUMNS``).

    ``valuations``: the words or id of a step, and the value of the contracts after it; the first is where it begins,
    and its word is not used. ``scope_kind``: market, policy_area or contract; ``before`` and ``after``: the measure
    around the step; ``term``: their difference, in the edition's prices or as a ratio. A step that leaves an area or a
    contract as it is has no row for it. Raises ``ValueError`` when there is no valuation to begin with.
    """
    if not valuations:
        raise ValueError("terms need a valuation to begin with")
    ids = sorted({contract for _, table in valuations for contract in table["contract_id"]})
    sums = [sums_of(table, ids) for _, table in valuations]
    return table_of([step for step, _ in valuations[1:]], sums, ids)


def table_of(
    steps: Sequence[str], sums: Sequence[Sums], contract_ids: Sequence[str], ends: Sequence[Sums] | None = None
) -> pd.DataFrame:
    """Return ``terms`` of sums; ``sums``: one more than ``steps``, each of the contracts in the order given.

    ``ends``: the first and the last of a longer sequence of which these are a part; they say which ratios are told.
    """
    scopes = pd.DataFrame(
        {
            "scope_kind": [MARKET, *["policy_area"] * len(POLICY_AREAS), *["contract"] * len(contract_ids)],
            "scope": [MARKET, *POLICY_AREAS, *contract_ids],
        }
    )
    measured = np.stack([each.by_scope for each in sums])
    first, last = (each.by_scope for each in ends or (sums[0], sums[-1]))
    told = is_told(first, last)
    rows = [
        scopes.loc[scopes.index.repeat(len(MEASURES))].assign(
            step=step,
            measure=np.tile(MEASURES, len(scopes)),
            before=before.ravel(),
            after=after.ravel(),
            is_told=told.ravel(),
        )
        for step, before, after in zip(steps, measured, measured[1:], strict=False)
    ]
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="float64" if name in AMOUNTS else "str") for name in COLUMNS})
    table = pd.concat(rows, ignore_index=True)
    table["term"] = table["after"] - table["before"]
    is_sum = ~table["measure"].isin(list(RATIOS))
    table["term"] = table["term"].mask(is_sum, table["term"].round(2))
    moves = table["term"] != 0
    return table.loc[table["is_told"] & (moves | (table["scope"] == MARKET)), COLUMNS].reset_index(drop=True)


def is_told(first: Floats, last: Floats) -> npt.NDArray[np.bool_]:
    """Return of which scopes and measures there are terms: all sums, and ratios that there are on both sides."""
    told = np.ones(first.shape, dtype=bool)
    for place, (_, paid) in enumerate(RATIOS.values(), start=len(SUMS) + len(SUMS_IN_BCR)):
        told[:, place] = (first[:, paid] > 0) & (last[:, paid] > 0)
    return told
