"""Writing an edition: all of it or none.

Belongs here: Parquet files with the meaning of their columns, and the swap by which a new edition takes the place of
the last good one. What is written was validated before.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.tables.base import column_descriptions
from pipeline.tables.results import PUBLISHED_TABLES


def arrow_table(table: pd.DataFrame, name: str, versions: Mapping[str, str]) -> pa.Table:
    """Return a published table with descriptions, units and versions in its metadata; days become dates."""
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    descriptions = column_descriptions(PUBLISHED_TABLES[name])
    fields = []
    for field in arrow.schema:
        text, unit = descriptions[field.name]
        kind = pa.date32() if pa.types.is_timestamp(field.type) else field.type
        fields.append(pa.field(field.name, kind, metadata={"description": text, "unit": unit}))
    metadata = {"table": name, "description": (PUBLISHED_TABLES[name].__doc__ or "").strip(), **versions}
    return arrow.cast(pa.schema(fields, metadata=metadata))


def publish_edition(
    out_dir: Path,
    edition_id: str,
    tables: Mapping[str, pd.DataFrame],
    texts: Mapping[str, str],
    versions: Mapping[str, str],
) -> Path:
    """Write an edition beside the last one and swap it in; returns its folder.

    ``texts``: further files by name. A failure before the swap leaves the last good edition as it was.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    target = out_dir / edition_id
    fresh, last = out_dir / f".{edition_id}.new", out_dir / f".{edition_id}.last"
    _recover(target, last)
    shutil.rmtree(fresh, ignore_errors=True)
    (fresh / "tables").mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(arrow_table(table, name, versions), fresh / "tables" / f"{name}.parquet")
    for name, text in texts.items():
        (fresh / name).write_text(text, encoding="utf-8")
    (fresh / "versions.json").write_text(json.dumps(dict(versions), indent=2) + "\n", encoding="utf-8")
    if target.exists():
        os.rename(target, last)
    os.rename(fresh, target)
    shutil.rmtree(last, ignore_errors=True)
    return target


def _recover(target: Path, last: Path) -> None:
    """Put the last good edition back if a run was killed between the two renames."""
    if last.exists() and not target.exists():
        os.rename(last, target)
    shutil.rmtree(last, ignore_errors=True)
