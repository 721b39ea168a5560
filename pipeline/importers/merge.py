"""Merging an import with ``raw/``: who owns a row, what changes, what would be lost, and writing it.

Belongs here: what holds for every source. What one source reports, and its rules, stay in its own module.

Rules that a reader of ``raw/`` relies on:

- **Who owns a row.** A row that the ``Owner`` of the import owns is replaced, updated or removed. Every other row was
  added by hand and stays as it is, after the imported ones. The columns ``label``, ``unit`` and
  ``is_net_of_deadweight`` are ours and survive an import by ``metric_id``. In ``contract.toml``, keys and sources that
  the import does not know stay, and so does a value that the source does not give.
- **What is unchanged stays as it was read first**, with its source and its place there, however the rows of a later
  export are counted. What is new or changed has the source of the import. A place that an unchanged row of the file
  holds gets the version of the source added, so that a place is one row: ``results: X #3 (2026-04)``.
- **What a source said before stays on record.** A result, payment or value of contract.toml that a later version says
  differently is added to ``restatements.csv``, with what was said before.
- **Nothing is lost unseen.** An import that lacks what an earlier one had is refused until whoever imports says that it
  is rightly gone.
- **Nothing that ``check`` refuses.** What would be written is read as ``check`` reads it, and refused if it would be.
- **Nothing leaves the folder.** Nothing is written through a link within ``raw/``.
"""

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

from pipeline.common.files import not_through_a_link, write_all, writing
from pipeline.facts.files import UnreadableFileError, read_toml
from pipeline.facts.raw import CLAIMS_FILES, TOML_KEYS
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
from pipeline.importers.matching import Matched, match
from pipeline.importers.refusals import refuse_what_check_refuses
from pipeline.importers.restatements import LEDGER, csv_text, ledger_text, restated, restated_values
from pipeline.importers.sources import NAME as SOURCES_FILE
from pipeline.importers.sources import read_sources, with_source
from pipeline.importers.summary import summary_of

# The text of a file that is to be no more.
NO_FILE = ""


@dataclass(frozen=True)
class ImportPlan:
    """What an import would write.

    `files`: the full new text of each file, by its path relative to the raw folder, ``NO_FILE`` for one that goes;
    `source`: of the import, as in `sources.csv`, and `is_new_source`: whether that has to be told of it; `present`: the
    contracts that it has; `changes`: a line per row or value that is added (`+`), changed (`~`) or removed (`-`), empty
    when nothing changes; `removals`: a line per contract of which the source no longer gives all that it gave before,
    as when an export was cut off, and `absent`: contracts of ``raw/`` that it no longer has: whoever writes the plan
    asks first what to do about them.
    """

    files: dict[Path, str]
    source: Row
    is_new_source: bool
    present: frozenset[str]
    changes: list[str]
    summary_lines: tuple[str, ...]
    removals: tuple[str, ...]
    absent: tuple[str, ...]

    def summary(self) -> str:
        """Several lines on contracts, results, payments by basis, rejected rows and what is left to do."""
        return "\n".join(self.summary_lines)


def plan_merge(
    contracts: Iterable[ImportedContract],
    owner: Owner,
    raw_dir: Path,
    *,
    shown_source: str,
    source: Row,
    sources: Iterable[Row] | None = None,
    corrections: pd.DataFrame | None = None,
    not_taken: Iterable[str] = (),
) -> ImportPlan:
    """Work out what would change in ``raw_dir``; nothing is written.

    ``contracts``: all of one version of one source; ``shown_source``: what the source is called when it is refused;
    ``source``: its row in ``sources.csv``, and ``sources``: all that are there, None where there is no such file;
    ``corrections``: those that are made for what is imported, None where they are not known; ``not_taken``: lines of
    the summary on payments that the importer did not take. Raises ImportProblem if a file in ``raw_dir`` cannot be
    merged with, for what ``check`` would refuse, and for a correction that no longer fits; CannotWriteError where a
    link or something else stands in the place of a file.
    """
    contracts = list(contracts)
    for contract in contracts:
        for name in (CONTRACT_FILE, *(table.name for table in TABLE_FILES)):
            not_through_a_link(raw_dir / contract.contract_id / name, raw_dir)
    merged = [_merge(raw_dir, contract, owner) for contract in contracts]
    refuse_what_check_refuses(shown_source, merged, corrections, source)
    absent = list(_absent(merged, raw_dir, owner))
    is_new = _is_needed(source, sources, merged)
    return ImportPlan(
        files={path: text for contract in merged for path, text in contract.files.items()},
        changes=[
            *([f"+ reference/{SOURCES_FILE}: {source['source_id']}"] if is_new else []),
            *(line for contract in merged for line in contract.changes),
        ],
        summary_lines=tuple(summary_of(merged, absent, not_taken)),
        removals=tuple(_removals(merged)),
        absent=tuple(absent),
        present=frozenset(contract.contract_id for contract in contracts),
        source=source,
        is_new_source=is_new,
    )


def _is_needed(source: Row, sources: Iterable[Row] | None, merged: list[MergedContract]) -> bool:
    """Whether ``sources.csv`` lacks a source that something in ``raw/`` will have."""
    source_id = source["source_id"]
    if sources is None or any(row["source_id"] == source_id for row in sources):
        return False
    texts = (text for contract in merged if contract.changes for text in contract.files.values())
    return any(source_id in text for text in texts)


def write_import(plan: ImportPlan, raw_dir: Path, reference_dir: Path | None = None) -> None:
    """Write the files of a plan that differ from what is there, all or none of them as far as the disk lets it.

    A new source comes first: without facts it does no harm, and facts without it would be refused.
    """
    if plan.is_new_source and reference_dir:
        add_source(plan.source, reference_dir)
    texts = {raw_dir / path: text for path, text in plan.files.items()}
    for path in texts:
        not_through_a_link(path, raw_dir)
    write_all({path: text for path, text in texts.items() if text != NO_FILE and _differs(path, text)}, raw_dir)
    for path in (path for path, text in texts.items() if text == NO_FILE):
        with writing(path):
            path.unlink(missing_ok=True)


def add_source(source: Row, reference_dir: Path) -> None:
    """Add a row to ``sources.csv``, unless it has one of that id; all other rows stay as they are."""
    text, rows = read_sources(reference_dir)
    if all(row["source_id"] != source["source_id"] for row in rows):
        write_all({reference_dir / SOURCES_FILE: with_source(text, source)}, reference_dir)


def _removals(merged: list[MergedContract]) -> Iterator[str]:
    for contract in merged:
        if contract.lost:
            yield f"{contract.contract_id}: missing: {', '.join(f'{n} of {what}' for what, n in contract.lost.items())}"


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
    tables = raw.rows()
    if any(os.path.lexists(raw_dir / folder / name) for name in CLAIMS_FILES):
        # Its results are counted from claims; what the source says of them would be a second count.
        del tables[OUTCOMES_FILE]
    before = {table: _existing_rows(raw_dir / folder / table.name, table) for table in tables}
    text, changes, kept_keys, lost_funds, told = _merge_contract(raw_dir, folder / CONTRACT_FILE, raw, owner)
    files = {folder / CONTRACT_FILE: text}
    matched = _matched(before, tables, owner, raw.source_id)
    rows: dict[TableFile, list[Row]] = {table: [] for table in TABLE_FILES}
    for table, found in matched.items():
        path = folder / table.name
        rows[table] = [*found.rows, *(row for row in before[table] if not owner.owns(row))]
        table_changes = list(_row_changes(path, found, table))
        changes += table_changes
        told += restated(table, found, raw.source_id)
        # A contract without such rows has no such file; one that has lost them loses the file.
        if rows[table] or (raw_dir / path).exists():
            files[path] = csv_text(rows[table], table.columns) if rows[table] else NO_FILE
            if not table_changes and _differs(raw_dir / path, files[path]):
                changes.append(f"~ {path.as_posix()}: layout only (quotes, line ends or order of rows)")
    ledger = ledger_text(raw_dir / folder, told)
    if ledger is not None:
        files[folder / LEDGER] = ledger or NO_FILE
    lost = _lost(matched, tables, before) + Counter({"its outcomes funds": lost_funds})
    return MergedContract(raw.contract_id, owner, tomllib.loads(text), rows, files, changes, kept_keys, lost)


def _matched(
    before: Mapping[TableFile, list[Row]], imported: Mapping[TableFile, list[Row]], owner: Owner, source_id: str
) -> dict[TableFile, Matched]:
    """What becomes of the rows of each file; a place at which an unchanged row stands is told apart from it."""
    found = {}
    for table, rows in imported.items():
        owned = [row for row in before[table] if owner.owns(row)]
        matched = match(owned, _keep_ours(rows, owned, table, owner), table, owner.gives)
        found[table] = matched.apart(source_id, owner.version(source_id))
    return found


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


def _row_changes(path: Path, matched: Matched, table: TableFile) -> Iterator[str]:
    """A line per row that is new, changed or gone, those of now in their order."""

    def called(row: Row) -> str:
        return f"{path.as_posix()}: {' '.join(row[column] for column in table.identity)}"

    for before, row in matched.all:
        if before is None:
            shown = ", ".join(f"{column} {row[column]}" for column in table.shown if row[column])
            yield f"+ {called(row)} {shown}"
        elif row != before:
            yield f"~ {called(row)} {_cell_changes(before, row)}"
    yield from (f"- {called(row)}" for row in matched.gone)


def _cell_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    def show(value: object) -> str:
        return str(value) if value not in ("", None) else "(none)"

    return ", ".join(f"{key} {show(old.get(key))} -> {show(new[key])}" for key in new if old.get(key) != new[key])


def _lost(
    matched: Mapping[TableFile, Matched], imported: Mapping[TableFile, list[Row]], before: Mapping[TableFile, list[Row]]
) -> Counter[str]:
    """How much of what an earlier export had of a contract this one lacks: rows by file, and names of organisations.

    A row that is rejected now, or was and is no longer, is not lost: each makes up for one of its file in the source.
    """
    made_up = {
        True: _by_file(row for was, row in matched[REJECTED_FILE].all if was is None),
        False: _by_file(
            row
            for table, found in matched.items()
            if table is not REJECTED_FILE
            for was, row in found.all
            if was != row
        ),
    }
    lost: Counter[str] = Counter()
    for table, found in matched.items():
        for row in found.gone:
            made_up_for = made_up[table is not REJECTED_FILE]
            kind = _kind(row)
            if made_up_for[kind]:
                made_up_for[kind] -= 1
            else:
                lost[table.name] += 1
    names = {row["organisation_id"]: row["name"] for row in before.get(ORGANISATIONS_FILE, [])}
    for row in imported[ORGANISATIONS_FILE]:
        was_named = names.get(row["organisation_id"], row["name"]) != row["organisation_id"]
        if row["organisation_id"] and row["name"] == row["organisation_id"] and was_named:
            lost["the names of organisations"] += 1
    return lost


def _by_file(rows: Iterable[Row]) -> Counter[str]:
    return Counter(map(_kind, rows))


def _kind(row: Row) -> str:
    """What a place begins with: the file of the source."""
    return row["locator"].partition(":")[0]


def _merge_contract(
    raw_dir: Path, path: Path, raw: ImportedContract, owner: Owner
) -> tuple[str, list[str], list[str], int, list[Row]]:
    """The new text of a contract.toml, what changes in it, keys that the export lacks and that stay, funds lost, and
    what was said before.

    An existing file is edited in place, so that comments, other keys and other sources stay.
    """
    current, values = raw_dir / path, raw.contract
    document = _toml(current) if current.exists() else tomlkit.document()
    old = document.unwrap()
    differing = {key: value for key, value in values.items() if key not in old or old[key] != value}
    document.update(differing)
    source = {"source_id": raw.source_id, "locator": raw.locator}
    source_before, source_changes = _merge_sources(current, document, source, owner, is_changed=bool(differing))
    if not old:
        return tomlkit.dumps(document), [f"+ {path.as_posix()}: {values['name']}"], [], 0, []
    changed = ", ".join(filter(None, (_cell_changes(old, differing), source_changes)))
    kept = [key for key in CONTRACT_KEYS if key in old and key not in (*values, TOML_KEYS["source_id"])]
    named = old.get("outcomes_fund", []) if "outcomes_fund" in values else []
    lost = [fund for fund in named if fund not in values["outcomes_fund"]] if isinstance(named, list) else []
    told = restated_values(old, differing, source_before, source) if source_before else []
    return tomlkit.dumps(document), [f"~ {path.as_posix()}: {changed}"] if changed else [], kept, len(lost), told


def _toml(file: Path) -> tomlkit.TOMLDocument:
    with or_refused():
        # Refused as `check` refuses it, before a parser sees it that knows no bound.
        read_toml(file, str(file))
    try:
        return tomlkit.parse(file.read_bytes().decode("utf-8-sig"))
    except TOMLKitError as error:
        raise ImportProblem(f"{file}: not readable as TOML ({error})") from error


def _merge_sources(
    path: Path, document: tomlkit.TOMLDocument, ours: dict[str, str], owner: Owner, *, is_changed: bool
) -> tuple[str, str]:
    """Put the importer's entry among the [[sources]], or bring it up to date where a value is changed.

    Returns the id of the importer's source before, and what changes.
    """
    if "sources" not in document:
        document.add(tomlkit.nl())
        document["sources"] = tomlkit.aot()
    sources = document["sources"]
    if not isinstance(sources, list) or not all(isinstance(source, dict) for source in sources):
        raise ImportProblem(f"{path}: sources is not a list of tables ([[sources]])")
    for source in sources:
        if owner.owns(source):
            before = str(source["source_id"])
            changed = _cell_changes(source, ours) if is_changed else ""
            if changed:
                source.update(ours)
            return before, changed
    entry = tomlkit.table()
    entry.update(ours)
    sources.append(entry)
    return "", f"source {ours['source_id']} added"


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_bytes() != text.encode("utf-8")
