"""Where the tables of the assets are kept between two steps: one Parquet file per asset and partition.

Belongs here: names of files, writing a file whole or not at all, and giving back the types that went in. What is
in a table, and whether it is still up to date, is decided elsewhere.
"""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.facts.versions import LENGTH
from pipeline.writing import writing, written_whole

# In the metadata of a file: the version of all that the table was made from, and that of what stands in it.
MADE_FROM, CONTENT = b"made_from", b"content"

T = TypeVar("T")


@dataclass(frozen=True)
class TableStore:
    """Tables below ``folder``: ``<asset>/<partition>.parquet``, or ``<asset>.parquet`` for one without partitions."""

    folder: Path

    def path(self, asset: str, partition: str | None = None) -> Path:
        """Return the file of a table."""
        name = asset if partition is None else f"{asset}/{partition}"
        return self.folder / f"{name}.parquet"

    def write(self, asset: str, table: pd.DataFrame, made_from: str, partition: str | None = None) -> str:
        """Write a table and return the version of its content: the same for the same rows, whatever they come from.

        ``made_from``: version of all that it was made from. A reader never sees half a file. Raises
        ``CannotWriteError`` when the system does not let it be written; then the last one is still there.
        """
        path = self.path(asset, partition)
        arrow = pa.Table.from_pandas(table)
        version = _content_version(arrow)
        added = {MADE_FROM: made_from, CONTENT: version}
        arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **added})
        with written_whole(path) as fresh, fresh.open("wb") as file:
            pq.write_table(arrow, file)
        return version

    def sweep(self) -> None:
        """Remove what processes that were killed have left half written. Not to be called while this one writes."""
        for scrap in self.folder.rglob(".*.parquet.*"):
            process = scrap.suffix[1:]
            if process.isdecimal() and not _is_at_work(int(process)):
                with writing(scrap):
                    scrap.unlink(missing_ok=True)

    def made_from(self, asset: str, partition: str | None = None) -> str | None:
        """Return the version from which a stored table was made, or None when there is no such table."""
        return self._noted(MADE_FROM, asset, partition)

    def content_version(self, asset: str, partition: str | None = None) -> str | None:
        """Return the version of what stands in a stored table, or None when there is no such table."""
        return self._noted(CONTENT, asset, partition)

    def partitions(self, asset: str) -> list[str]:
        """Return the partitions of which a table is stored, sorted."""
        return sorted(path.stem for path in (self.folder / asset).glob("[!.]*.parquet"))

    def _noted(self, key: bytes, asset: str, partition: str | None) -> str | None:
        path = self.path(asset, partition)
        if not path.exists():
            return None
        return _of_file(_notes, path).get(key, b"").decode()

    def read(self, asset: str, partition: str | None = None) -> pd.DataFrame:
        """Return a stored table as it was written. Raises ``FileNotFoundError`` when there is none."""
        # Copied when somebody changes it, not before.
        return _of_file(_table, self.path(asset, partition)).copy(deep=False)

    def read_all(self, asset: str, partitions: Iterable[str]) -> pd.DataFrame:
        """Return the tables of several partitions as one, in the order given; other files are ignored.

        Raises ``FileNotFoundError`` when one is missing, ``ValueError`` when there is no partition.
        """
        tables = [_of_file(_arrow_table, self.path(asset, partition)) for partition in partitions]
        return pa.concat_tables(tables).to_pandas()


def _content_version(arrow: pa.Table) -> str:
    """Hash of columns, types and rows."""
    sink = pa.BufferOutputStream()
    plain = arrow.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_table(plain)
    return hashlib.sha256(sink.getvalue()).hexdigest()[:LENGTH]


def _is_at_work(process: int) -> bool:
    """Whether another process of this id runs; one that was killed may have had the id of this one."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):  # somebody else's; no id that a process can have
        pass
    return True


# The steps of a run share their inputs: what was read of the very same file before is handed out again.


def _of_file(read: Callable[..., T], path: Path) -> T:
    """Hand out what ``read`` made of a file as it is now; it is called with the path, and its result is kept."""
    state = path.stat()
    return read(path, state.st_ino, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2048)
def _arrow_table(path: Path, *_: int) -> pa.Table:
    # A file that is open: of a path Arrow takes a first folder called ``~`` or ``s3:`` for another place.
    with path.open("rb") as file:
        return pq.ParquetFile(file).read()


@lru_cache(maxsize=512)
def _table(path: Path, *_: int) -> pd.DataFrame:
    return _arrow_table(path, *_).to_pandas()


@lru_cache(maxsize=4096)
def _notes(path: Path, *_: int) -> dict[bytes, bytes]:
    with path.open("rb") as file:
        return pq.read_schema(file).metadata or {}
