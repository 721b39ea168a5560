"""The merge of an import with ``raw/``: whose a row is, what changes, what would be lost, and writing it.

Belongs here: what holds for every source. What one source reports, and its rules, stay in its own module.

Rules that a reader of ``raw/`` relies on:

- **Who owns a row.** A row that the ``Owner`` of the import owns is replaced, updated or removed. Every other row was
  added by hand and stays as it is, after the imported ones. The columns ``label``, ``unit`` and
  ``is_net_of_deadweight`` are ours and survive an import by ``metric_id``. In ``contract.toml``, keys and sources that
  the import does not know stay, and so does a value that the source does not give.
- **Nothing is lost unseen.** An import that lacks what an earlier one had is refused until whoever imports says that it
  is rightly gone.
- **Nothing that ``check`` refuses.** What would be written is read as ``check`` reads it, and refused if it would be.
- **Nothing leaves the folder.** Nothing is written through a link within ``raw/``.
"""

import csv
import io
import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import tomlkit
from tomlkit.exceptions import TOMLKitError

from pipeline.common.files import not_through_a_link, write_all
from pipeline.facts.files import UnreadableFileError, read_toml
from pipeline.facts.raw import CLAIMS_FILES
from pipeline.facts.typed_csv import read_text_rows
from pipeline.importers.imported import (
    CONTRACT_FILE,
    CONTRACT_KEYS,
    ORGANISATIONS_FILE,
    OUTCOMES_FILE,
    REJECTED_FILE,
    TABLE_FILES,
    ImportedContract,
    ImportProblem,
    MergedContract,
    Owner,
    Row,
    TableFile,
    or_refused,
    refuse,
)
from pipeline.importers.refusals import refuse_what_check_refuses
from pipeline.importers.summary import summary_of


@dataclass(frozen=True)
class ImportPlan:
    """What an import would write.

    `files`: the full new text of each file, by its path relative to the raw folder; `changes`: a line per
    row or value that is added (`+`), changed (`~`) or removed (`-`), empty when nothing changes; `removals`: a line per
    contract of which the source no longer gives all that it gave before, as when an export was cut off: whoever writes
    the plan asks first whether that is right.
    """

    files: dict[Path, str]
    changes: list[str]
    summary_lines: tuple[str, ...]
    removals: tuple[str, ...] = ()

    def summary(self) -> str:
        """Several lines on contracts, results, payments by basis, rejected rows and what is left to do."""
        return "\n".join(self.summary_lines)


def plan_merge(
    contracts: Iterable[ImportedContract],
    owner: Owner,
    raw_dir: Path,
    *,
    shown_source: str,
    corrections: pd.DataFrame | None = None,
    not_taken: Iterable[str] = (),
) -> ImportPlan:
    """Work out what would change in ``raw_dir``; nothing is written.

    ``shown_source``: what the source is called when it is refused; ``corrections``: those that are made for what is
    imported, None where they are not known; ``not_taken``: lines of the summary on payments that the importer did not
    take. Raises ImportProblem if a file in ``raw_dir`` cannot be merged with, and for what ``check`` would refuse;
    CannotWriteError where a link or something else stands in the place of a file.
    """
    contracts = list(contracts)
    for contract in contracts:
        for name in (CONTRACT_FILE, *(table.name for table in TABLE_FILES)):
            not_through_a_link(raw_dir / contract.contract_id / name, raw_dir)
    merged = [_merge(raw_dir, contract, owner) for contract in contracts]
    refuse_what_check_refuses(shown_source, merged, corrections)
    absent = list(_absent(merged, raw_dir, owner))
    return ImportPlan(
        files={path: text for contract in merged for path, text in contract.files.items()},
        changes=[line for contract in merged for line in contract.changes],
        summary_lines=tuple(summary_of(merged, absent, not_taken)),
        removals=tuple(_removals(merged, absent)),
    )


def write_import(plan: ImportPlan, raw_dir: Path) -> None:
    """Write the files of a plan that differ from what is there, all or none of them as far as the disk lets it."""
    texts = {raw_dir / path: text for path, text in plan.files.items()}
    for path in texts:
        not_through_a_link(path, raw_dir)
    write_all({path: text for path, text in texts.items() if _differs(path, text)}, raw_dir)


def _removals(merged: list[MergedContract], absent: list[str]) -> Iterator[str]:
    for contract in merged:
        if contract.lost:
            yield f"{contract.contract_id}: gone are {', '.join(f'{n} of {what}' for what, n in contract.lost.items())}"
    for contract_id in absent:
        yield f"{contract_id}: gone is the whole contract"


def _absent(merged: list[MergedContract], raw_dir: Path, owner: Owner) -> Iterator[str]:
    """Contract folders that an earlier import made and that this one no longer has."""
    present = {contract.contract_id for contract in merged}
    for file in sorted(raw_dir.glob(f"*/{CONTRACT_FILE}")):
        if file.parent.name not in present and _is_imported(file, owner):
            yield file.parent.name


def _is_imported(file: Path, owner: Owner) -> bool:
    try:
        sources = read_toml(file, str(file)).get("sources", [])
    except UnreadableFileError:
        return False
    return any(isinstance(source, dict) and owner.owns(source) for source in sources)


# --- One contract -------------------------------------------------------------------------------------------


def _merge(raw_dir: Path, raw: ImportedContract, owner: Owner) -> MergedContract:
    """One contract of the import together with what its folder holds."""
    folder = Path(raw.contract_id)
    text, changes, kept_keys, lost_funds = _merge_contract(raw_dir, folder / CONTRACT_FILE, raw.contract, owner)
    files = {folder / CONTRACT_FILE: text}
    tables = raw.rows()
    if any(os.path.lexists(raw_dir / folder / name) for name in CLAIMS_FILES):
        # Its results are counted from claims; what the source says of them would be a second count.
        del tables[OUTCOMES_FILE]
    before = {table: _existing_rows(raw_dir / folder / table.name, table) for table in tables}
    rows: dict[TableFile, list[Row]] = {table: [] for table in TABLE_FILES}
    for table, imported in tables.items():
        path = folder / table.name
        rows[table], table_changes = _merge_table(before[table], path, imported, table, owner)
        changes += table_changes
        # A contract without such rows has no such file; one that has lost them keeps the header.
        if rows[table] or (raw_dir / path).exists():
            files[path] = _csv_text(rows[table], table)
            if not table_changes and _differs(raw_dir / path, files[path]):
                changes.append(f"~ {path.as_posix()}: layout only (quotes, line ends or order of rows)")
    lost = _lost(before, rows, owner) + Counter({"its outcomes funds": lost_funds})
    return MergedContract(raw.contract_id, owner, tomllib.loads(text), rows, files, changes, kept_keys, lost)


def _merge_table(
    existing: list[Row], path: Path, imported: list[Row], table: TableFile, owner: Owner
) -> tuple[list[Row], list[str]]:
    """The rows that a file will hold, imported ones first, and what changes."""
    owned = [row for row in existing if owner.owns(row)]
    imported = _keep_ours(imported, owned, table, owner)
    by_hand = [row for row in existing if not owner.owns(row)]
    return imported + by_hand, list(_row_changes(path, owned, imported, table))


def _existing_rows(path: Path, table: TableFile) -> list[Row]:
    if not path.exists():
        return []
    rows = read_text_rows(path, str(path), table.columns, expected_rows=None)
    refuse(rows.problems)
    return rows.records


def _keep_ours(rows: list[Row], existing: list[Row], table: TableFile, owner: Owner) -> list[Row]:
    """The rows with our own columns as they are in `raw/`, found by metric and locator, else by metric."""
    kept = [column for column in table.ours if column not in owner.gives]
    if not kept:
        return rows
    known: dict[tuple[str, ...], Row] = {}
    for row in existing:
        known.setdefault((row["metric_id"],), row)
        known[row["metric_id"], row["locator"]] = row
    merged = []
    for row in rows:
        ours = known.get((row["metric_id"], row["locator"])) or known.get((row["metric_id"],)) or row
        merged.append(row | {column: ours[column] for column in kept})
    return merged


def _csv_text(rows: Iterable[Row], table: TableFile) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, table.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _by_identity(rows: Iterable[Row], table: TableFile) -> dict[tuple[str, int], Row]:
    """The rows by what tells them apart; rows that share it are counted."""
    seen: Counter[str] = Counter()
    keyed = {}
    for row in rows:
        identity = " ".join(row[column] for column in table.identity)
        seen[identity] += 1
        keyed[identity, seen[identity]] = row
    return keyed


def _row_changes(path: Path, old_rows: list[Row], new_rows: list[Row], table: TableFile) -> Iterator[str]:
    """A line per row that is new, changed or gone."""
    old, new = _by_identity(old_rows, table), _by_identity(new_rows, table)
    for key, row in new.items():
        if key not in old:
            shown = ", ".join(f"{column} {row[column]}" for column in table.shown if row[column])
            yield f"+ {path.as_posix()}: {key[0]} {shown}"
        elif row != old[key]:
            yield f"~ {path.as_posix()}: {key[0]} {_cell_changes(old[key], row)}"
    for key in old:
        if key not in new:
            yield f"- {path.as_posix()}: {key[0]}"


def _cell_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    def show(value: object) -> str:
        return str(value) if value not in ("", None) else "(none)"

    return ", ".join(f"{key} {show(old.get(key))} -> {show(new[key])}" for key in new if old.get(key) != new[key])


def _lost(before: Mapping[TableFile, list[Row]], now: Mapping[TableFile, list[Row]], owner: Owner) -> Counter[str]:
    """How much of what an earlier export had of a contract this one lacks: rows by file, and names of organisations.

    A row that is still there and was rejected now, or no longer, is not lost.
    """
    kept = {(row["locator"], row.get("organisation_id", "")) for rows in now.values() for row in rows}
    rejected = {row["locator"] for row in now[REJECTED_FILE]}
    lost: Counter[str] = Counter()
    for table, rows in before.items():
        for row in filter(owner.owns, rows):
            key = row["locator"], row.get("organisation_id", "")
            places = {place for place, _ in kept} if table is REJECTED_FILE else rejected
            if key not in kept and row["locator"] not in places:
                lost[table.name] += 1
    names = {row["organisation_id"]: row["name"] for row in before.get(ORGANISATIONS_FILE, []) if owner.owns(row)}
    for row in now[ORGANISATIONS_FILE]:
        was_named = names.get(row["organisation_id"], row["name"]) != row["organisation_id"]
        if row["organisation_id"] and row["name"] == row["organisation_id"] and was_named:
            lost["the names of organisations"] += 1
    return lost


def _merge_contract(
    raw_dir: Path, path: Path, values: dict[str, Any], owner: Owner
) -> tuple[str, list[str], list[str], int]:
    """The new text of a contract.toml, what changes in it, which keys stay though the export lacks them, funds lost.

    An existing file is edited in place, so that comments, other keys and other sources stay.
    """
    current = raw_dir / path
    document = _toml(current) if current.exists() else tomlkit.document()
    old = document.unwrap()
    imported = {key: value for key, value in values.items() if key != "sources"}
    for key, value in imported.items():
        if key not in old or old[key] != value:
            document[key] = value
    source_changes = _merge_sources(current, document, values["sources"][0], owner)
    if not old:
        return tomlkit.dumps(document), [f"+ {path.as_posix()}: {values['name']}"], [], 0
    changed = ", ".join(filter(None, (_cell_changes(old, imported), source_changes)))
    kept = [key for key in CONTRACT_KEYS if key in old and key not in values]
    named = old.get("outcomes_fund", []) if "outcomes_fund" in values else []
    lost = [fund for fund in named if fund not in values["outcomes_fund"]] if isinstance(named, list) else []
    return tomlkit.dumps(document), [f"~ {path.as_posix()}: {changed}"] if changed else [], kept, len(lost)


def _toml(file: Path) -> tomlkit.TOMLDocument:
    with or_refused():
        # Refused as `check` refuses it, before a parser sees it that knows no bound.
        read_toml(file, str(file))
    try:
        return tomlkit.parse(file.read_bytes().decode("utf-8-sig"))
    except TOMLKitError as error:
        raise ImportProblem(f"{file}: not readable as TOML ({error})") from error


def _merge_sources(path: Path, document: tomlkit.TOMLDocument, ours: dict[str, str], owner: Owner) -> str:
    """Put the importer's entry among the [[sources]], or bring it up to date; returns what changes."""
    if "sources" not in document:
        document.add(tomlkit.nl())
        document["sources"] = tomlkit.aot()
    sources = document["sources"]
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ImportProblem(f"{path}: sources is not a list of tables ([[sources]])")
    for source in sources:
        if owner.owns(source):
            changed = _cell_changes(source, ours)
            if changed:
                source.update(ours)
            return changed
    entry = tomlkit.table()
    entry.update(ours)
    sources.append(entry)
    return f"source {ours['source_id']} added"


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_bytes() != text.encode("utf-8")
