"""What ``check`` would refuse in an import, found before anything is written.

Belongs here: reading what would be written as ``check`` reads it, and the corrections that are made for it.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import pandas as pd

from pipeline.common.files import write_all
from pipeline.facts.problems import Problem
from pipeline.facts.raw import FILES, read_raw
from pipeline.facts.rules.values import later_than_published
from pipeline.facts.typed_csv import read_text_rows, to_table
from pipeline.importers.imported import CONTRACT_FILE, CONTRACT_KEYS, MergedContract, Row, refuse, refuse_texts
from pipeline.tables.dates import last_day
from pipeline.tables.reference import Corrections

# Ours to fill in, and said in the summary; whoever imports cannot know them yet.
LEFT_TO_DO = ("label", "unit")
# As ``read_raw`` calls the file of the corrections.
CORRECTIONS = "reference/corrections.csv"


def read_corrections(reference_dir: Path | None) -> pd.DataFrame | None:
    """Return the corrections of the project, None if it has none."""
    if reference_dir is None or not os.path.lexists(reference_dir / "corrections.csv"):
        return None
    columns = list(Corrections.to_schema().columns)
    rows = read_text_rows(
        reference_dir / "corrections.csv", f"{reference_dir.name}/corrections.csv", columns, expected_rows=None
    )
    table, problems = to_table(rows, Corrections, index_by_row=True)
    refuse([*rows.problems, *problems])
    return table


def refuse_what_check_refuses(
    shown_source: str, merged: list[MergedContract], corrections: pd.DataFrame | None, source: Row
) -> None:
    """Read what would be written as `check` reads it, and refuse what it would refuse of the import's own rows.

    Common faults of a source are rejected cell by cell before, by its importer; this is for all others, so that nothing
    is imported with which nothing can be published. ``source``: of the import, as in ``sources.csv``.
    """
    by_folder = {contract.contract_id: contract for contract in merged if contract.changes}
    known = Corrections.empty() if corrections is None else corrections
    known = known[known["contract_id"].isin(list(by_folder))]
    with TemporaryDirectory(prefix="publicvalue-import-") as folder:
        write_all(
            {Path(folder) / "raw" / file: text for c in by_folder.values() for file, text in c.files.items() if text},
            Path(folder),
        )
        if not by_folder:
            return
        facts, problems = read_raw(Path(folder) / "raw", known)
    published = {source["source_id"]: last_day(source["published"])}
    problems += later_than_published(facts, published, lambda contract_id, table: f"raw/{contract_id}/{FILES[table]}")
    refuse_texts([_said_of_correction(each) for each in sorted(problems) if each.path == CORRECTIONS], shown_source)
    backward = "ends before it starts"
    told = [
        said
        for problem in sorted(problems)
        if not problem.is_warning and not (corrections is None and problem.what == backward)
        if (said := _said_of_own_row(problem, by_folder))
    ]
    refuse_texts(told, shown_source)


def _said_of_correction(problem: Problem) -> str:
    return f"{problem}; look at the row of the source again, change or delete the correction, and import once more"


def _said_of_own_row(problem: Problem, by_folder: Mapping[str, MergedContract]) -> str:
    """The problem at its place in the source; nothing of what was added by hand, or is left to do."""
    contract = by_folder.get(PurePosixPath(problem.path).parent.name)
    file = PurePosixPath(problem.path).name
    if contract is None:
        return ""
    locator = next(source["locator"] for source in contract.contract["sources"] if contract.owner.owns(source))
    if file != CONTRACT_FILE:
        rows = next((rows for table, rows in contract.rows.items() if table.name == file), [])
        if not 0 <= problem.row - 2 < len(rows) or not contract.owner.owns(rows[problem.row - 2]):
            return ""
        locator = rows[problem.row - 2]["locator"]
        if problem.column in LEFT_TO_DO and not problem.found:
            return ""
    elif problem.column not in CONTRACT_KEYS:
        return ""
    return f"{locator}: {str(problem).split(': ', 1)[1]}"
