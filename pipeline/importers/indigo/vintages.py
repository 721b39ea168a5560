"""Vintages of INDIGO's dataset: each is a separate source, named by its month.

Belongs here: which vintage an export is, what its row in ``reference/sources.csv`` says, and which came before. Which
rows of ``raw/`` have which source is decided in ``pipeline.importers.merge``.
"""

import datetime as dt
import os
import re
from collections.abc import Collection
from pathlib import Path

from pipeline.importers.imported import ImportProblem, Row
from pipeline.importers.indigo.columns import OWNER
from pipeline.importers.sources import NAME, read_sources
from pipeline.tables.dates import last_day

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


def source_of(vintage: str) -> Row:
    """Return the row of ``sources.csv`` of a vintage, such as ``2025-05``."""
    month = dt.date.fromisoformat(f"{vintage}-01")
    return {
        "source_id": f"{OWNER.source}{vintage}",
        "title": "INDIGO impact bond dataset",
        "publisher": "Government Outcomes Lab, Blavatnik School of Government, University of Oxford",
        "published": vintage,
        "address": "https://golab.bsg.ox.ac.uk/knowledge-bank/indigo/",
        "licence": "CC BY 4.0",
        "attribution": "Government Outcomes Lab, University of Oxford, INDIGO impact bond dataset, "
        f"copy of {month:%B %Y}; facts only, labels are ours",
    }


def known_sources(reference_dir: Path | None) -> list[Row] | None:
    """Return the rows of ``sources.csv``, None where there is no such file. Raises ImportProblem if it is damaged."""
    if reference_dir is None or not os.path.lexists(reference_dir / NAME):
        return None
    return read_sources(reference_dir)[1]


def vintage_of(given: str | None, dates: Collection[dt.date], sources: Collection[Row], today: dt.date) -> str:
    """Return the month that an export is of: the one given, else that of the newest of its files.

    ``dates``: of the files of the export; ``sources``: rows of ``sources.csv``. Raises ImportProblem for what is no
    month, for one that is yet to come, and for one before the newest vintage that was imported.
    """
    vintage = given or f"{max(dates, default=today):%Y-%m}"
    said = f"--vintage {given}" if given else f"its files are of {vintage}"
    if not _MONTH.fullmatch(vintage):
        raise ImportProblem(f"{said}: not a month such as 2026-04")
    if dt.date.fromisoformat(f"{vintage}-01") > today:
        raise ImportProblem(
            f"{said}: this month is in the future; use --vintage YYYY-MM to give the month of the export"
        )
    earlier = [row for row in sources if row["source_id"].startswith(OWNER.source)]
    newest = max(earlier, key=lambda row: last_day(row["published"]) or dt.date.min, default=None)
    if newest and (last_day(newest["published"]) or dt.date.min) > (last_day(vintage) or dt.date.max):
        raise ImportProblem(
            f"{said}: older than {newest['source_id']}, which raw/ already has; "
            "if the export is newer, use --vintage YYYY-MM to give its month"
        )
    return vintage
