"""The edition as it was last published, as tables to hold the next one against.

Belongs here: reading it back and laying out headlines as tables. What may differ is said in ``suites``.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.facts.files import read_whole
from pipeline.facts.versions import versions_of_edition

# What is read of the last edition, and the columns that are there even when nothing was published.
TABLES = {
    "contract_value": ["contract_id", "public_value_gbp", "outcome_payments_gbp"],
    "valued_outcomes": ["outcome_id", "unit_cost_id", "unit_value_gbp"],
    "reported_outcomes": ["contract_id", "metric_id", "result_type", "period_start", "period_end", "quantity"],
    "payments": ["contract_id", "payer", "basis", "metric_id", "period_start", "period_end", "amount_gbp"],
}


def headline_tables(headline: Mapping[str, Any], versions: Mapping[str, str], prefix: str) -> dict[str, pd.DataFrame]:
    """Return a headline and its versions: ``<prefix>_headline`` (figure, value), ``<prefix>_versions`` (version, hash).

    Figures within figures are named with a dot: ``by_policy_area.health.bcr``.
    """
    figures = pd.DataFrame(_figures(headline), columns=["figure", "value"]).astype({"value": float})
    return {
        f"{prefix}_headline": figures,
        f"{prefix}_versions": pd.DataFrame(list(versions.items()), columns=["version", "hash"], dtype="str"),
    }


def _figures(headline: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for name, value in headline.items():
        if isinstance(value, Mapping):
            yield from _figures(value, f"{path}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{path}{name}", float(value)


def last_edition(folder: Path) -> dict[str, pd.DataFrame]:
    """Return what is needed of an edition that lies in ``folder``: ``last_…`` tables.

    Where it was never published, only in part (a fresh copy of the project has the headlines alone), or cannot be
    read, tables are empty: then there is nothing to hold the next edition against.
    """
    try:
        headline = json.loads(read_whole(folder / "headline.json"))
    except (OSError, ValueError):
        headline = {}
    tables = headline_tables(headline if isinstance(headline, dict) else {}, versions_of_edition(folder), "last")
    return tables | {f"last_{name}": _read(folder / "tables" / f"{name}.parquet", TABLES[name]) for name in TABLES}


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        return pq.read_table(pa.BufferReader(read_whole(path)), columns=columns).to_pandas()
    except (OSError, pa.ArrowException):
        return pd.DataFrame({name: pd.Series(dtype="str" if name.endswith("_id") else "float64") for name in columns})
