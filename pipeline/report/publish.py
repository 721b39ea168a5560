"""Writing an edition: all of it or none.

Belongs here: Parquet files with the meaning of their columns, and the swap by which a new edition takes the place of
the last good one. One run at a time does so, which ``output_folder`` sees to. What is written was validated before.

A process may be killed at any moment: what stands under the name of an edition is whole, the old or the new, and what
was half done is put right by the next run. Where the system cannot exchange two names in one step, the name is missing
for a moment; a run killed just then has the old edition brought back by the next. No promise is made for a machine
that loses power: nothing is forced onto the disk (fsync), so that after such a crash files may be empty or torn.
"""

import ctypes
import inspect
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.common.files import not_through_a_link, writing
from pipeline.facts.versions import SCHEMA, VERSIONS_FILE
from pipeline.report.output_folder import ASIDE, put_right, working_alone
from pipeline.tables.base import column_descriptions
from pipeline.tables.catalogue import PUBLISHED_TABLES, SCHEMA_VERSION


def arrow_table(table: pd.DataFrame, name: str, versions: Mapping[str, str]) -> pa.Table:
    """Return a published table with descriptions, units and versions in its metadata; days become dates."""
    descriptions = column_descriptions(PUBLISHED_TABLES[name])
    columns, fields = [], []
    # Column by column: ``Table.from_pandas`` also writes down how pandas has each, which is not published.
    for column, values in table.items():
        text, unit = descriptions[column]
        found = pa.array(values, from_pandas=True)
        columns.append(found.cast(pa.date32()) if pa.types.is_timestamp(found.type) else found)
        fields.append(pa.field(column, columns[-1].type, metadata={"description": text, "unit": unit}))
    metadata = {"table": name, "description": inspect.getdoc(PUBLISHED_TABLES[name]) or "", **versions}
    return pa.Table.from_arrays(columns, schema=pa.schema(fields, metadata=metadata))


def publish_edition(
    out_dir: Path,
    edition_id: str,
    tables: Mapping[str, pd.DataFrame],
    files: Mapping[str, str | bytes],
    versions: Mapping[str, str],
    before_swap: Callable[[], object] = lambda: None,
) -> Path:
    """Write an edition beside the last one and swap it in; returns its folder.

    ``files``: further ones by name, texts or bytes, in folders of their own where it has slashes. ``before_swap`` is
    called last, and may raise what keeps the edition from being published. A failure before the swap leaves the last
    good edition as it was. Raises ``ValueError``, with nothing written, for a name that leads out of the folder.
    """
    for name in files:
        _must_stay_within(name)
    target = out_dir / edition_id
    fresh, last = out_dir / ASIDE / "new" / edition_id, out_dir / ASIDE / "last" / edition_id
    with working_alone(out_dir), writing(target):
        not_through_a_link(target, out_dir, is_folder=True)
        try:
            (fresh / "tables").mkdir(parents=True)
            for name, table in tables.items():
                # A file that is open: of a path Arrow takes a first folder called ``~`` or ``s3:`` for another place.
                with (fresh / "tables" / f"{name}.parquet").open("wb") as file:
                    pq.write_table(arrow_table(table, name, versions), file)
            for folder in {(fresh / name).parent for name in files}:
                folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                # Ends of lines as they stand in a text, also where the system has its own.
                (fresh / name).write_bytes(content.encode() if isinstance(content, str) else content)
            told = {**versions, SCHEMA: SCHEMA_VERSION}
            (fresh / VERSIONS_FILE).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
            before_swap()
            _swap(fresh, target, last)
        finally:
            put_right(out_dir)
    return target


def _must_stay_within(name: str) -> None:
    """Refuse the name of a file that would not lie in the folder of an edition, on whatever system."""
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        if path.anchor or ".." in path.parts or not path.name:
            raise ValueError(f"not a file in the folder of an edition: {name!r}")


def _swap(fresh: Path, target: Path, last: Path) -> None:
    """Put a new edition in the place of the old one, which is moved aside."""
    if not os.path.lexists(target):
        os.rename(fresh, target)
    elif not _exchanged(fresh, target):
        # For a moment no edition stands there; a run killed in that moment is put right by the next one.
        last.parent.mkdir()
        os.rename(target, last)
        os.rename(fresh, target)


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; False, and nothing done, where system or file system has no such step.

    Whatever else may be wrong, the renames that are tried instead run into it too, and say so.
    """
    exchange, at_current_folder = 2, -100  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS; AT_FDCWD of Linux
    system, a, b = ctypes.CDLL(None), os.fsencode(one), os.fsencode(other)
    try:
        if sys.platform == "darwin":
            failed: int = system.renamex_np(a, b, exchange)
        else:
            failed = system.renameat2(at_current_folder, a, at_current_folder, b, exchange)
    except AttributeError:  # a C library without the call
        return False
    return not failed
