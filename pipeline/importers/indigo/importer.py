"""The INDIGO import: an export, read and merged with `raw/`."""

from pathlib import Path

from pipeline.importers.indigo.columns import OWNER
from pipeline.importers.indigo.contracts import contracts_of
from pipeline.importers.indigo.export import load_export
from pipeline.importers.indigo.payments import payments_not_taken
from pipeline.importers.merge import ImportPlan, plan_merge
from pipeline.importers.refusals import read_corrections


def plan_import(path: Path, raw_dir: Path, reference_dir: Path | None = None) -> ImportPlan:
    """Work out what importing the export at `path`, a folder or a zip, into `raw_dir` would change; nothing is written.

    File names may carry a prefix and stand in a sub-folder.

    `reference_dir`: where corrections.csv tells which rows are to stay as reported though they cannot be. Raises
    ImportProblem, naming the file and the column, if a file or a column is missing or a file cannot be read, and as
    `plan_merge` does.
    """
    export = load_export(path)
    corrections = read_corrections(reference_dir)
    corrected = None
    if corrections is not None:
        places = corrections[["table", "contract_id", "locator"]]
        corrected = frozenset(places.itertuples(index=False, name=None))
    return plan_merge(
        contracts_of(export, corrected).values(),
        OWNER,
        raw_dir,
        shown_source=str(path),
        corrections=corrections,
        not_taken=payments_not_taken(export),
    )
