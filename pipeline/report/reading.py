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
    place = folder / "tables" if (folder / "tables").is_dir() else folder
    found = {}
    for name in names:
        try:
            found[name] = pq.read_table(pa.BufferReader(read_whole(place / f"{name}.parquet"))).to_pandas()
        except (OSError, pa.ArrowException):
            continue
    return found
