"""Keeping what is published today as an earlier publication, from which later figures can be followed.

Belongs here: what is written into ``reference/earlier/<day>-<edition>/`` and ``earlier_publications.csv``. What is kept
is not changed afterwards, save that a contract that is withdrawn leaves it.
"""

import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.facts.earlier import FOLDER
from pipeline.facts.editions import read_editions
from pipeline.method.analysis.bridge.results import kept
from pipeline.report.reading import tables_in
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import EarlierPublications

NOTE = "as it was published on that day"


def keep(reports: Path, reference: Path, day: str, note: str = NOTE, *, once: bool = False) -> list[str]:
    """Keep each edition below ``reports`` as published on a day; returns the ids of what is kept.

    ``once``: one of that day that is kept already stays as it is; else it raises ``FileExistsError``, with nothing
    written.
    """
    editions, _ = read_editions(reference / "editions", "editions")
    register = reference / "earlier_publications.csv"
    table = pd.read_csv(register, dtype=str, keep_default_na=False) if register.exists() else _none()
    found = {edition: tables_in(reports / edition, KEPT_COLUMNS) for edition in editions}
    whole = {edition: tables for edition, tables in found.items() if set(tables) == set(KEPT_COLUMNS)}
    ids = {edition: f"{day}-{edition}" for edition in whole}
    there = [id_ for id_ in ids.values() if id_ in set(table["publication_id"])]
    if there and not once:
        raise FileExistsError(f"{', '.join(there)}: kept already; what is kept is not changed")
    for edition, tables in whole.items():
        if ids[edition] in there:
            continue
        folder = reference / FOLDER / ids[edition]
        if folder.exists():  # nobody has listed it: it was begun by somebody who was stopped
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        for name, rows in tables.items():
            write_kept(pa.Table.from_pandas(kept(rows, name), preserve_index=False), folder / f"{name}.parquet")
        row = {
            "publication_id": ids[edition],
            "edition": edition,
            "published_on": day,
            "told_in": editions[edition].superseded_by or edition,
            "note": note,
        }
        table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
    table.to_csv(register, index=False, lineterminator="\n")
    return [id_ for id_ in ids.values() if id_ not in there]


def write_kept(table: pa.Table, path: Path) -> None:
    """Write a table of a publication that is kept: small, and with nothing of what made it."""
    # A file that is open: of a path Arrow takes a first folder called ``~`` or ``s3:`` for another place.
    with path.open("wb") as file:
        pq.write_table(table.replace_schema_metadata(None), file, compression="zstd")


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=list(EarlierPublications.to_schema().columns), dtype=str)
