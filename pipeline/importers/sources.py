"""The row of ``sources.csv`` that imported rows cite.

Belongs here: adding it, or bringing it up to date, with every other line of the file as it stands.
"""

import csv
import io
from pathlib import Path

from pipeline.facts.files import UnreadableFileError, leads_out, link_out, read_text
from pipeline.facts.typed_csv import rows_of, to_table
from pipeline.importers.imported import Row, or_refused, refuse
from pipeline.tables.reference import Sources
from pipeline.tables.typed import DataFrame

NAME = "sources.csv"
COLUMNS = tuple(Sources.to_schema().columns)


def read_sources(reference_dir: Path) -> tuple[str, list[Row]]:
    """Return the text of sources.csv and its rows. Raises ImportProblem if it cannot be read."""
    path, shown = reference_dir / NAME, f"{reference_dir.name}/{NAME}"
    with or_refused():
        if leads_out(path, reference_dir):
            raise UnreadableFileError(link_out(shown))
        text = read_text(path, shown)
    rows = rows_of(text, shown, COLUMNS)
    refuse(rows.problems)
    return text, rows.records


def with_source(text: str, row: Row) -> str:
    """Return the text of sources.csv with a row in place of that of the same id, or after all others.

    The columns stand in the order that the file gives them.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    # As the reader counts lines, which knows no other ends than these.
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, strict=True)
    header = next(reader)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerow([row[name] for name in header])
    start = reader.line_num
    for cells in reader:
        if cells and cells[header.index("source_id")].strip() == row["source_id"]:
            return "".join([*lines[:start], out.getvalue(), *lines[reader.line_num :]])
        start = reader.line_num
    return f"{text if text.endswith(end) else text + end}{out.getvalue()}"


def sources_table(text: str, shown: str) -> DataFrame[Sources]:
    """Return the table of the text of sources.csv. Raises ImportProblem for what ``check`` would refuse of it."""
    rows = rows_of(text, shown, COLUMNS)
    table, problems = to_table(rows, Sources, index_by_row=True)
    refuse([*rows.problems, *problems])
    return table
