"""Rows of the reference tables with what rests on them, for the pages of assumptions and of sources.

Belongs here: putting pounds beside rows, and the heaviest first. What rests on a row is worked out in
``pipeline.method.analysis.resting``.
"""

from collections.abc import Iterable

import pandas as pd

from pipeline.report.rows import Row

NOTHING: Row = {"public_gbp": 0.0, "transfer_gbp": 0.0, "taken_gbp": 0.0, "contracts": 0, "share": 0.0}


def sums_of(lines: pd.DataFrame) -> dict[str, float]:
    """Return the pounds of all lines: public value, and transfers, which are no part of it."""
    return {"public_gbp": float(lines["public_gbp"].sum()), "transfers_gbp": float(lines["transfer_gbp"].sum())}


def heaviest_first(rows: Iterable[Row]) -> list[Row]:
    """Return rows by how much rests on them."""
    return sorted(rows, key=lambda row: (-abs(row["public_gbp"]), -abs(row["transfer_gbp"]), -abs(row["taken_gbp"])))
