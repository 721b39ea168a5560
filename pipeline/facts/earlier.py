"""Earlier publications, kept so that today's figures can be traced back to them.

Belongs here: reading the tables of each, and saying which cannot be read. Which there are is data
(``reference/earlier_publications.csv``); what is made of them stands in ``pipeline.method.analysis.bridge``.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.facts.files import MEGABYTE, entries, leads_out, link_out, read_whole
from pipeline.facts.problems import Problem
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import EarlierPublications
from pipeline.tables.typed import DataFrame

FOLDER = "earlier"
# A table of today takes less than a twentieth of it.
MOST_BYTES = 5 * MEGABYTE

Tables = Mapping[str, pd.DataFrame]


def read_earlier(
    folder: Path, shown_folder: str, publications: DataFrame[EarlierPublications]
) -> tuple[dict[str, Tables], list[Problem]]:
    """Return the tables of each earlier publication by its id and their names, and what is wrong with their files.

    ``folder``: of the reference tables; ``publications``: those that should be there, each with all tables of
    ``KEPT_COLUMNS``.
    """
    found: dict[str, Tables] = {}
    problems: list[Problem] = list(_not_listed(folder / FOLDER, f"{shown_folder}/{FOLDER}", publications))
    for publication in publications["publication_id"]:
        place, shown = folder / FOLDER / publication, f"{shown_folder}/{FOLDER}/{publication}"
        if leads_out(place, folder):
            problems.append(link_out(shown, "folder"))
            continue
        files = [path for path in entries(place) if path.suffix == ".parquet"]
        if not files:
            problems.append(Problem(shown, 0, "folder", "missing", expected="the tables that were kept of it"))
        tables: dict[str, pd.DataFrame] = {}
        lacking = [name for name in KEPT_COLUMNS if files and f"{name}.parquet" not in {path.name for path in files}]
        problems.extend(
            Problem(f"{shown}/{name}.parquet", 0, "file", "missing", expected="each table that a bridge needs")
            for name in lacking
        )
        for path in files:
            try:
                tables[path.stem] = _read(path, place)
            except (OSError, pa.ArrowException) as error:
                what = f"cannot be read: {str(error).splitlines()[0]}"
                problems.append(Problem(f"{shown}/{path.name}", 0, "file", what, expected="a table as it was kept"))
                continue
            needed = KEPT_COLUMNS.get(path.stem, ())
            if without := sorted(set(needed) - set(tables[path.stem].columns)):
                what, expected = f"without {', '.join(without)}", f"the columns {', '.join(needed)}"
                problems.append(Problem(f"{shown}/{path.name}", 0, "columns", what, expected=expected))
        found[publication] = tables
    return found, problems


def _read(path: Path, folder: Path) -> pd.DataFrame:
    if leads_out(path, folder):
        raise OSError("a link out of the folder")
    if path.stat().st_size > MOST_BYTES:
        raise OSError(f"larger than {MOST_BYTES // MEGABYTE} MB")
    # Not by ``read_table``, which looks for a folder of files first.
    with pq.ParquetFile(pa.BufferReader(read_whole(path))) as file:
        return file.read().to_pandas()


def _not_listed(folder: Path, shown: str, publications: DataFrame[EarlierPublications]) -> Iterator[Problem]:
    """What lies there and is named nowhere would be kept for nothing."""
    listed: Iterable[str] = set(publications["publication_id"])
    for entry in entries(folder):
        if entry.name not in listed and entry.is_dir():
            expected = "a row in earlier_publications.csv"
            yield Problem(f"{shown}/{entry.name}", 0, "folder", "not listed", expected=expected)
