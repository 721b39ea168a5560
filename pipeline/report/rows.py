"""Rows of tables as plain data, for templates: by what they are of, and with nothing where nothing is known.

Belongs here: what more than one page or text asks of rows. Nothing is worked out here.
"""

from collections import defaultdict
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from pipeline.method.analysis.evidence import NO_RATE
from pipeline.tables.vocabulary import GRADES

Row = dict[str, Any]
Groups = dict[str, list[Row]]


def as_rows(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table, in a fraction of the time that ``to_dict`` of pandas takes for it."""
    return _rows(table.columns, table.to_numpy(dtype=object))


def records(table: pd.DataFrame) -> list[Any]:
    """Return the rows of a table with an attribute for each column, where ``itertuples`` would make a class of them."""
    return [SimpleNamespace(**row) for row in as_rows(table)]


def with_none(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table, missing values as None."""
    return _rows(table.columns, table.to_numpy(dtype=object, na_value=None))


def _rows(names: Iterable[str], values: "np.ndarray[Any, Any]") -> list[Row]:
    names = list(names)
    return [dict(zip(names, row, strict=True)) for row in values.tolist()]


def grouped(rows: Iterable[Row], column: str) -> Groups:
    """Return rows by what a column says."""
    groups: Groups = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def alike(rows: Iterable[Row], *columns: str) -> list[list[Row]]:
    """Return rows that agree in all these columns together, in the order in which they first come."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return list(groups.values())


def by_scope(rows: Iterable[Row], column: str = "measure") -> dict[str, dict[str, Row]]:
    """Return rows by scope and another column: market, policy areas and contracts have no name in common."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        found[str(row["scope"])][str(row[column])] = row
    return dict(found)


def evidence_by_grade(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return shares of the public value in the ratio by grade and kind of evidence, the better grades first.

    ``table``: ``evidence_quality``.
    """
    public = table[table["measure"] == "bcr"]
    shares = public.pivot(index="grade", columns="evidence", values="share").fillna(0.0)
    return {grade: shares.loc[grade].to_dict() for grade in (*GRADES, NO_RATE) if grade in shares.index}


def names_of(table: pd.DataFrame, id_column: str) -> dict[str, str]:
    """Return names by id."""
    return dict(zip(table[id_column], table["name"], strict=True))
