"""What was published, read back: the tables in the folder of an edition.

Belongs here: getting tables out of a folder, as far as they are there and whole. What is done with them stands with
whoever asks: the news of a run, a bridge.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.facts.files import read_whole


def tables_in(folder: Path, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of some names that lie in a folder as Parquet; one that cannot be read is left out.

    ``folder``: that of an edition, which has them in ``tables/``, or one with the tables themselves.
    """
    found = {}
    for name in names:
        try:
            found[name] = _read(path_in(folder, name))
        except (OSError, pa.ArrowException):
            continue
    return found


def path_in(folder: Path, name: str) -> Path:
    """Return where a table lies in a folder, if it is there."""
    place = folder / "tables" if (folder / "tables").is_dir() else folder
    return place / f"{name}.parquet"


def unreadable_in(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the files of some tables that are there and cannot be read."""
    found = []
    for path in (path_in(folder, name) for name in names):
        try:
            _read(path)
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowException):
            found.append(path)
    return found


def _read(path: Path) -> pd.DataFrame:
    return pq.read_table(pa.BufferReader(read_whole(path))).to_pandas()
