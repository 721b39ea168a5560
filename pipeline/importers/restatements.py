"""What a source said before and says differently now, kept with each contract in ``restatements.csv``.

Belongs here: telling it from the rows that changed, and adding it to what is on record. Whether the source was wrong
before, or is now, nobody can see from here; what a difference is worth is worked out with the edition.

A row of the ledger is one value: of a result, a payment or a key of contract.toml. A row of the source that is gone
stands there with its number, and nothing after it. What one version of a source says at first and corrects before the
next version is one restatement from the version before.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.facts.raw import FILE_COLUMNS, FILES
from pipeline.facts.typed_csv import read_text_rows
from pipeline.importers.imported import OUTCOMES_FILE, PAYMENTS_FILE, Row, TableFile, refuse
from pipeline.importers.matching import PLACE, Matched

LEDGER = FILES["restatements"]
COLUMNS = tuple(FILE_COLUMNS["restatements"])
# Of each file whose values are kept on record, the number that is gone with a row.
NUMBER = {OUTCOMES_FILE: "quantity", PAYMENTS_FILE: "amount_gbp"}


def restated(table: TableFile, matched: Matched, source_id: str) -> list[Row]:
    """Return a row for each value of a file that a source says differently, or no longer; none of other files.

    ``source_id``: of the source that says so now.
    """
    if table not in NUMBER:
        return []
    told = []
    for before, row in matched.all:
        if before is not None:
            names = [name for name in table.columns if name not in (*PLACE, *table.ours) and before[name] != row[name]]
            told += [_entry(table.table, name, before, row[name], row) for name in names]
    number = NUMBER[table]
    return told + [_entry(table.table, number, row, "", row | {"source_id": source_id}) for row in matched.gone]


def restated_values(
    before: Mapping[str, Any], now: Mapping[str, Any], source_before: str, source: Mapping[str, str]
) -> list[Row]:
    """Return a row for each key of contract.toml that had a value before and has another now.

    ``now``: the values that differ; ``source``: ``source_id`` and ``locator`` of what says them.
    """
    return [
        _entry("contracts", key, {key: _text(before[key]), "source_id": source_before}, _text(value), source)
        for key, value in now.items()
        if key in before
    ]


def ledger_text(folder: Path, told: Sequence[Row]) -> str | None:
    """Return the whole text of a contract's ledger with what is told now added to it.

    Empty where nothing is left in it, None where there is none.

    Raises ImportProblem for a ledger that cannot be read.
    """
    path = folder / LEDGER
    rows = []
    if path.exists():
        read = read_text_rows(path, str(path), COLUMNS, expected_rows=None)
        refuse(read.problems)
        rows = read.records
    for row in told:
        rows = _told(rows, row)
    if not rows:
        return "" if path.exists() else None
    return csv_text(rows, COLUMNS)


def _told(rows: list[Row], new: Row) -> list[Row]:
    """The ledger with one more entry; one of the same version that is told of the same value before is taken up."""
    if new["source_id"] != new["source_id_before"]:
        return [*rows, new]
    same = ("table", "metric_id", "column", "source_id", "locator")
    for n, row in enumerate(rows):
        if all(row[name] == new[name] for name in same) and row["value_after"] == new["value_before"]:
            taken_up = row | {"value_after": new["value_after"]}
            is_back = taken_up["value_after"] == taken_up["value_before"]
            return [*rows[:n], *([] if is_back else [taken_up]), *rows[n + 1 :]]
    return rows


def _entry(table: str, column: str, before: Mapping[str, str], after: str, now: Mapping[str, str]) -> Row:
    return {
        "table": table,
        "metric_id": before.get("metric_id", ""),
        "column": column,
        "value_before": before[column],
        "value_after": after,
        "source_id_before": before["source_id"],
        "source_id": now["source_id"],
        "locator": now["locator"],
    }


def _text(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def csv_text(rows: Iterable[Row], columns: Sequence[str]) -> str:
    """Return rows as the text of a CSV file, as the files in ``raw/`` are written."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
