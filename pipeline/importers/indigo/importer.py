"""The INDIGO import: an export, read and merged with `raw/`."""

import datetime as dt
from pathlib import Path

from pipeline.importers.indigo.columns import OWNER
from pipeline.importers.indigo.contracts import contracts_of
from pipeline.importers.indigo.export import load_export
from pipeline.importers.indigo.payments import payments_not_taken
from pipeline.importers.indigo.vintages import known_sources, source_of, vintage_of
from pipeline.importers.merge import ImportPlan, plan_merge
from pipeline.importers.refusals import read_corrections


def plan_import(
    path: Path,
    raw_dir: Path,
    reference_dir: Path | None = None,
    vintage: str | None = None,
    today: dt.date | None = None,
) -> ImportPlan:
    """Work out what importing the export at `path`, a folder or a zip, into `raw_dir` would change; nothing is written.

    File names may carry a prefix and stand in a sub-folder.

    `reference_dir`: where corrections.csv tells which rows are to stay as reported though they cannot be, and
    sources.csv which vintages were imported before; `vintage`: the month of the export, such as `2026-04`, by default
    that of its newest file; `today`: by default that of this machine's clock. Raises ImportProblem, naming the file and
    the column, if a file or a column is missing or a file cannot be read, for a vintage that cannot be, and as
    `plan_merge` does.
    """
    export = load_export(path)
    corrections = read_corrections(reference_dir)
    sources = known_sources(reference_dir)
    source = source_of(vintage_of(vintage, export.dates, sources or (), today or dt.date.today()))
    corrected = None
    if corrections is not None:
        of = (corrections[["table", "contract_id", column]] for column in ("locator", "reported"))
        corrected = frozenset(key for keys in of for key in keys.itertuples(index=False, name=None))
    return plan_merge(
        contracts_of(export, source["source_id"], corrected).values(),
        OWNER,
        raw_dir,
        shown_source=str(path),
        source=source,
        sources=sources,
        corrections=corrections,
        not_taken=payments_not_taken(export),
    )
