"""Reading the contract folders under ``raw/``.

Belongs here: finding the folders, reading their files, applying corrections, gathering all problems. What the
tables may contain is said in ``pipeline.tables.raw``; what the facts mean is no business of this module.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.facts.corrections import apply_corrections
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table
from pipeline.tables.base import Table
from pipeline.tables.raw import Contracts, RawOutcomes, RawPayments, RejectedRows

RAW_TABLES: dict[str, type[Table]] = {
    "contracts": Contracts,
    "outcomes": RawOutcomes,
    "payments": RawPayments,
    "rejected_rows": RejectedRows,
}
FILES = {"outcomes": "outcomes.csv", "payments": "payments.csv", "rejected_rows": "rejected.csv"}
# The columns of the files; the contract is the folder, not a column.
FILE_COLUMNS = {
    "outcomes": [name for name in RawOutcomes.to_schema().columns if name != "contract_id"],
    "payments": [name for name in RawPayments.to_schema().columns if name != "contract_id"],
    "rejected_rows": ["file", "row", "column", "value", "reason", "source_id", "locator"],
}


@dataclass(frozen=True)
class RawFacts:
    """All that was reported, typed and validated; see ``pipeline.tables.raw`` for the columns."""

    contracts: pd.DataFrame
    outcomes: pd.DataFrame
    payments: pd.DataFrame
    rejected_rows: pd.DataFrame


def contract_folders(raw_dir: Path) -> list[str]:
    """Return the names of the contract folders, sorted; hidden folders are no contracts."""
    if not raw_dir.is_dir():
        return []
    return sorted(entry.name for entry in raw_dir.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def read_raw(
    raw_dir: Path, corrections: pd.DataFrame, only: Collection[str] | None = None
) -> tuple[RawFacts, list[Problem]]:
    """Read contract folders (all, or those named in ``only``) and gather every problem in them.

    Returns the facts and the problems; with problems the facts lack the rows concerned and must not be used.
    """
    names = contract_folders(raw_dir)
    problems: list[Problem] = []
    if not names:
        problems.append(Problem(f"{raw_dir.name}/", 0, "folder", "no contract folder found"))
    if only is not None:
        unknown = sorted(set(only) - set(names))
        problems.extend(Problem(f"{raw_dir.name}/{name}", 0, "folder", "no such contract") for name in unknown)
        names = [name for name in names if name in only]
    texts = {table: TextRows() for table in RAW_TABLES}
    for name in names:
        _read_folder(raw_dir / name, f"{raw_dir.name}/{name}", texts)
    # A correction of a contract that is not read now does not matter; one of a contract that is nowhere does.
    elsewhere = set(contract_folders(raw_dir)) - set(names)
    relevant = corrections[~corrections["contract_id"].isin(elsewhere)]
    correction_problems, left_out = apply_corrections(texts, relevant, "reference/corrections.csv")
    problems.extend(correction_problems)
    tables = {}
    for table, model in RAW_TABLES.items():
        tables[table], found = to_table(texts[table], model)
        problems.extend([*texts[table].problems, *found])
    if len(left_out):
        tables["rejected_rows"] = RejectedRows.validate(
            pd.concat([tables["rejected_rows"], left_out], ignore_index=True)
        )
    return RawFacts(**tables), problems


def _read_folder(folder: Path, shown: str, texts: dict[str, TextRows]) -> None:
    """Read the files of one contract folder, as text, into ``texts``; the contract itself is the only one needed."""
    contract = {"contract_id": folder.name}
    _extend(texts["contracts"], _read_contract(folder / "contract.toml", f"{shown}/contract.toml", folder.name))
    for table, columns in FILE_COLUMNS.items():
        file = FILES[table]
        if (folder / file).exists():
            rows = read_text_rows(folder / file, f"{shown}/{file}", columns, contract)
            _extend(texts[table], _renamed(rows) if table == "rejected_rows" else rows)


def _extend(into: TextRows, rows: TextRows) -> None:
    into.records.extend(rows.records)
    into.places.extend(rows.places)
    into.problems.extend(rows.problems)


def _renamed(rows: TextRows) -> TextRows:
    rows.records = [{("path" if key == "file" else key): v for key, v in r.items()} for r in rows.records]
    return rows


def _read_contract(path: Path, shown_path: str, folder_name: str) -> TextRows:
    """Read ``contract.toml`` into one text row, so that it is typed and checked like every other table."""
    rows = TextRows()
    try:
        with path.open("rb") as file:
            data = tomllib.load(file)
    except FileNotFoundError:
        rows.problems.append(Problem(shown_path, 0, "file", "missing"))
        return rows
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        rows.problems.append(Problem(shown_path, 1, "file", f"not readable as TOML: {error}"))
        return rows
    rows.problems.extend(_contract_problems(data, shown_path, folder_name))
    if not rows.problems:
        record = {name: _as_text(data.get(name, "")) for name in Contracts.to_schema().columns}
        record["source_id"] = "; ".join(source["source_id"] for source in data["sources"])
        rows.records.append(record)
        rows.places.append((shown_path, 1))
    return rows


def _contract_problems(data: dict[str, Any], shown_path: str, folder_name: str) -> Iterable[Problem]:
    known = {*Contracts.to_schema().columns, "sources"}
    for name in sorted(set(data) - known):
        yield Problem(shown_path, 1, name, "unknown key")
    if data.get("contract_id") != folder_name:
        yield Problem(
            shown_path,
            1,
            "contract_id",
            "not the name of its folder",
            str(data.get("contract_id")),
            folder_name,
        )
    sources = data.get("sources")
    if not isinstance(sources, list) or not sources or not all(_names_a_source(source) for source in sources):
        yield Problem(shown_path, 1, "sources", "missing", expected="at least one [[sources]] with a source_id")


def _names_a_source(source: object) -> bool:
    return isinstance(source, dict) and isinstance(source.get("source_id"), str)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(str(item) for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
