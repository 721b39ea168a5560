"""Where the tables of the assets are kept between two steps: one Parquet file per asset and partition.

Belongs here: names of files, writing a file whole or not at all, and giving back the types that went in. What is
in a table, and whether it is still up to date, is decided elsewhere.

A file may be torn by a machine that loses power, or changed by a hand or a disk. Each bears a seal over all its bytes;
one whose seal does not hold, or that cannot be read, is as good as none, and whoever needs it makes it again.
"""

import hashlib
import logging
import os
import shutil
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.common.files import not_through_a_link, writing, written_whole
from pipeline.facts.versions import LENGTH
from pipeline.orchestration.settings import Settings

# In the metadata of a file: the version of all that the table was made from, and that of what stands in it.
MADE_FROM, CONTENT = b"made_from", b"content"
# Parquet ends in its footer, the length of the footer, and four letters.
END = struct.Struct("<I4s")

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
        return self._write(self.path(asset, partition), pa.Table.from_pandas(table), made_from)

    def write_partitions(self, asset: str, table: pd.DataFrame, by: str, made_from: Mapping[str, str]) -> None:
        """Write the rows of a table to the partitions that a column names, as ``write`` does.

        ``made_from``: by partition; one of which there is no row gets a table without rows, all others stay.
        """
        table = table.sort_values(by, kind="stable", ignore_index=True)
        # Once for all: for many small tables it takes longer than to write them.
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        for partition, version in made_from.items():
            first, end = (int(table[by].searchsorted(partition, side)) for side in ("left", "right"))
            self._write(self.path(asset, partition), arrow.slice(first, end - first), version)

    def _write(self, path: Path, arrow: pa.Table, made_from: str) -> str:
        version = _content_version(arrow)
        added = {MADE_FROM: made_from, CONTENT: version}
        arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **added})
        with writing(path):
            self._make_way(path)
        not_through_a_link(path, self.folder.parent)
        sink = pa.BufferOutputStream()
        pq.write_table(arrow, sink)
        with written_whole(path) as fresh:
            fresh.write_bytes(_sealed(sink.getvalue().to_pybytes()))
        return version

    def _make_way(self, path: Path) -> None:
        """Remove what is no file where a file is to be, and what is no folder where a folder is to be.

        Of a link the link itself goes, and not what it leads to.
        """
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
            path.unlink()
        for folder in (path.parent, self.folder):
            if os.path.lexists(folder) and not folder.is_dir():
                folder.unlink()

    def clear(self) -> None:
        """Remove all tables; a run makes them again. Of a link the link itself goes."""
        with writing(self.folder):
            if self.folder.is_symlink() or self.folder.is_file():
                self.folder.unlink()
            elif self.folder.exists():
                shutil.rmtree(self.folder)

    def sweep(self) -> None:
        """Remove what processes that were killed have left half written. Not to be called while this one writes."""
        for scrap in self.folder.rglob(".*.parquet.*"):
            process = scrap.suffix[1:]
            if scrap.is_file() and process.isdecimal() and not _is_at_work(int(process)):
                with writing(scrap):
                    scrap.unlink(missing_ok=True)

    def made_from(self, asset: str, partition: str | None = None) -> str | None:
        """Return the version from which a stored table was made, or None when there is no sound one."""
        return self._noted(MADE_FROM, asset, partition)

    def content_version(self, asset: str, partition: str | None = None) -> str | None:
        """Return the version of what stands in a stored table, or None when there is no sound one."""
        return self._noted(CONTENT, asset, partition)

    def partitions(self, asset: str) -> list[str]:
        """Return the partitions of which a sound table is stored, sorted."""
        names = sorted(path.stem for path in (self.folder / asset).glob("[!.]*.parquet"))
        return [name for name in names if self._stored(asset, name) is not None]

    def _noted(self, key: bytes, asset: str, partition: str | None) -> str | None:
        stored = self._stored(asset, partition)
        return None if stored is None else (stored.schema.metadata or {}).get(key, b"").decode()

    def _stored(self, asset: str, partition: str | None) -> pa.Table | None:
        """A stored table, None when there is no sound one; all that reads the store asks here."""
        path = self.path(asset, partition)
        if not os.path.lexists(path):
            return None
        try:
            return _of_file(_arrow_table, path)
        except _TornError as error:
            _tell_once(self.folder, path, str(error))
        except OSError as error:
            _tell_once(self.folder, path, str(error.strerror))
        return None

    def read(self, asset: str, partition: str | None = None) -> pd.DataFrame:
        """Return a stored table as it was written. Raises ``FileNotFoundError`` when there is no sound one."""
        self._sound(asset, partition)
        # Copied when somebody changes it, not before.
        return _of_file(_table, self.path(asset, partition)).copy(deep=False)

    def read_all(self, asset: str, partitions: Iterable[str]) -> pd.DataFrame:
        """Return the tables of several partitions as one, in the order given; other files are ignored.

        Raises ``FileNotFoundError`` when one is missing, ``ValueError`` when there is no partition.
        """
        return pa.concat_tables([self._sound(asset, partition) for partition in partitions]).to_pandas()

    def _sound(self, asset: str, partition: str | None) -> pa.Table:
        stored = self._stored(asset, partition)
        if stored is None:
            raise FileNotFoundError(f"there is no sound working table {self.path(asset, partition)}")
        return stored


def table_store(settings: Settings) -> TableStore:
    """Return the store of working tables."""
    return TableStore(settings.data_dir / "tables")


# Stores of which it was said that a table in them cannot be used.
_TOLD: set[Path] = set()


def _tell_once(store: Path, first: Path, why: str) -> None:
    """Say that a table cannot be used, of the first one only: after an upgrade it may be all of them."""
    if store not in _TOLD:
        _TOLD.add(store)
        logging.getLogger(__name__).warning("%s cannot be used (%s): what is missing is made again", first, why)


class _TornError(Exception):
    """The seal of a file does not hold, or it has none."""


def _sealed(parquet: bytes) -> bytes:
    """Put a seal before the footer of a file, where no reader of Parquet looks."""
    at = _footer(parquet)
    return parquet[:at] + hashlib.sha256(parquet).digest() + parquet[at:]


def _unsealed(content: bytes) -> bytes:
    """Return a file without its seal. Raises ``_TornError`` when that does not hold."""
    end = _footer(content)
    at = end - hashlib.sha256().digest_size
    parquet = content[: max(at, 0)] + content[end:]
    if at < 0 or content[at:end] != hashlib.sha256(parquet).digest():
        raise _TornError("its seal does not hold")
    return parquet


def _footer(content: bytes) -> int:
    """Where the footer of a file begins; 0 where that cannot be said."""
    if len(content) < END.size:
        return 0
    length, _ = END.unpack_from(content, len(content) - END.size)
    return max(len(content) - END.size - int(length), 0)


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
    if not path.is_file():  # a pipe would be waited for
        raise _TornError("it is no file")
    with pq.ParquetFile(pa.BufferReader(_unsealed(path.read_bytes()))) as file:
        return file.read()


@lru_cache(maxsize=512)
def _table(path: Path, *_: int) -> pd.DataFrame:
    return _arrow_table(path, *_).to_pandas()
