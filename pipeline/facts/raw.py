"""Reading the contract folders under ``raw/``.

Belongs here: finding the folders, reading their files, applying corrections, gathering all problems. What the
tables may contain is said in ``pipeline.tables.raw``; what the facts mean is no business of this module.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, create_model

from pipeline.facts.corrections import apply_corrections
from pipeline.facts.files import (
    TOML_MEGABYTES,
    UnreadableFileError,
    entries,
    is_folder,
    leads_out,
    link_out,
    parsed_toml,
    read_text,
    shown_value,
    unknown_files,
    unread_folder,
)
from pipeline.facts.plain import plain_day
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table, unread_files
from pipeline.facts.typed_toml import line_of, validated
from pipeline.tables.base import CONTRACT_ID_PATTERN, LONGEST_NAME
from pipeline.tables.catalogue import ENTRIES
from pipeline.tables.claims import ClaimCounts, ClaimedMetrics, ClaimOverlaps
from pipeline.tables.raw import (
    Contracts,
    RawOrganisations,
    RawOutcomes,
    RawPayments,
    RawPlaces,
    RawPlannedPayments,
    RawPrices,
    RawService,
    RawTargets,
    RejectedRows,
    Restatements,
)
from pipeline.tables.reference import Corrections
from pipeline.tables.typed import DataFrame

FILES = {
    "contracts": "contract.toml",
    "outcomes": "outcomes.csv",
    "payments": "payments.csv",
    "organisations": "organisations.csv",
    "places": "places.csv",
    "prices": "prices.csv",
    "targets": "targets.csv",
    "planned_payments": "planned_payments.csv",
    "service": "service.csv",
    "rejected_rows": "rejected.csv",
    "claimed_metrics": "metrics.csv",
    "restatements": "restatements.csv",
}
RAW_TABLES = {name: ENTRIES[name].model for name in FILES}
# Participant-level claims, instead of outcomes.csv; ``pipeline.claims`` reads them.
CLAIMS_FILES = ("claims.parquet", "claims.csv")
# With a problem in one of these nothing is counted from claims.
COUNTED_FROM = (*CLAIMS_FILES, FILES["claimed_metrics"])
# Filled by the reader: the contract is the folder, the row is where it stands.
FILLED = ("contract_id", "row")
FILE_COLUMNS = {
    "outcomes": [name for name in RawOutcomes.to_schema().columns if name not in FILLED],
    "payments": [name for name in RawPayments.to_schema().columns if name not in FILLED],
    "organisations": [name for name in RawOrganisations.to_schema().columns if name not in FILLED],
    "places": [name for name in RawPlaces.to_schema().columns if name not in FILLED],
    "prices": [name for name in RawPrices.to_schema().columns if name not in FILLED],
    "targets": [name for name in RawTargets.to_schema().columns if name not in FILLED],
    "planned_payments": [name for name in RawPlannedPayments.to_schema().columns if name not in FILLED],
    "service": [name for name in RawService.to_schema().columns if name not in FILLED],
    "claimed_metrics": [name for name in ClaimedMetrics.to_schema().columns if name not in FILLED],
    "restatements": [name for name in Restatements.to_schema().columns if name not in FILLED],
    "rejected_rows": ["file", "row", "column", "value", "reason", "source_id", "locator"],
}
NO_ROWS = "at least one row; a file with nothing to say is left out"
# Columns that have another name in contract.toml.
TOML_KEYS = {"source_id": "sources"}


class _Source(BaseModel):
    """One source of a contract, as contract.toml names it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    source_id: str
    locator: str = ""


def _contract_file() -> type[BaseModel]:
    """Return the model of contract.toml: a key for each column of ``Contracts``, of its type, and the sources.

    What is missing, or is none of the values allowed, is told by the model of the table.
    """
    keys: dict[str, Any] = {"sources": (list[_Source], [])}
    for name, column in Contracts.to_schema().columns.items():
        kind: Any = next((kind for prefix, kind in TOML_TYPES.items() if str(column.dtype).startswith(prefix)), str)
        if name not in TOML_KEYS:
            keys[name] = (list[str] if name in LISTS else kind | None, None)
    return create_model("ContractFile", __config__=ConfigDict(extra="forbid", strict=True), **keys)


def _date_of_text(value: object) -> object:
    """A date may be written as text, as in the other files; a text that names no day stays one."""
    return plain_day(value) or value if isinstance(value, str) else value


# By the beginning of the name of a column's type; all else is text.
TOML_TYPES = {"datetime": Annotated[date, BeforeValidator(_date_of_text)], "Int": int}
# Columns that hold several texts, separated by semicolons.
LISTS = ("outcomes_fund",)
ContractFile = _contract_file()


@dataclass(frozen=True)
class RawFacts:
    """All that was reported, typed and validated; see ``pipeline.tables.raw`` for the columns."""

    contracts: DataFrame[Contracts]
    outcomes: DataFrame[RawOutcomes]
    payments: DataFrame[RawPayments]
    organisations: DataFrame[RawOrganisations]
    places: DataFrame[RawPlaces]
    rejected_rows: DataFrame[RejectedRows]
    # What a source said before and says differently now.
    restatements: DataFrame[Restatements] = field(default_factory=Restatements.empty)
    # What was agreed, planned and done; a contract need have none of it.
    prices: DataFrame[RawPrices] = field(default_factory=RawPrices.empty)
    targets: DataFrame[RawTargets] = field(default_factory=RawTargets.empty)
    planned_payments: DataFrame[RawPlannedPayments] = field(default_factory=RawPlannedPayments.empty)
    service: DataFrame[RawService] = field(default_factory=RawService.empty)
    # What is known of the metrics of contracts with claims.
    claimed_metrics: DataFrame[ClaimedMetrics] = field(default_factory=ClaimedMetrics.empty)
    # To what participant-level claims were reduced, of the contracts that have them.
    claim_counts: DataFrame[ClaimCounts] = field(default_factory=ClaimCounts.empty)
    claim_overlaps: DataFrame[ClaimOverlaps] = field(default_factory=ClaimOverlaps.empty)


def contract_folders(raw_dir: Path) -> list[str]:
    """Return the names of the contract folders, sorted; hidden folders, and names that no contract has, are none."""
    return [entry.name for entry in entries(raw_dir) if is_folder(entry) and _is_contract_id(entry.name)]


def _is_contract_id(name: str) -> bool:
    return bool(re.fullmatch(CONTRACT_ID_PATTERN, name)) and len(name) <= LONGEST_NAME


def read_raw(
    raw_dir: Path,
    corrections: DataFrame[Corrections],
    only: Collection[str] | None = None,
    reference_folder: str = "reference",
) -> tuple[RawFacts, list[Problem]]:
    """Read contract folders (all, or those named in ``only``) and gather every problem in them.

    ``reference_folder``: what the folder of ``corrections`` is called. Returns the facts and the problems; with
    problems the facts must not be used: cells that could not be read are empty, and rows that could not be read are
    missing.
    """
    folders = contract_folders(raw_dir)
    problems = [*unread_folder(raw_dir, f"{raw_dir.name}/"), *_stray_files(raw_dir)]
    if not folders and not problems:
        problems.append(Problem(f"{raw_dir.name}/", 0, "folder", "no contract folder found"))
    unknown = sorted(set(only or ()) - set(folders))
    problems.extend(Problem(f"{raw_dir.name}/{name}", 0, "folder", "no such contract") for name in unknown)
    names = [name for name in folders if only is None or name in only]
    texts = {table: TextRows() for table in RAW_TABLES}
    for name in names:
        problems.extend(_read_folder(raw_dir / name, f"{raw_dir.name}/{name}", texts))
    problems.extend(problem for rows in texts.values() for problem in rows.problems)
    # A correction of a contract that is not read now does not matter; one of a contract that is nowhere does.
    relevant = corrections[~corrections["contract_id"].isin(set(folders) - set(names))]
    unread = tables_not_whole(problems, raw_dir.name)
    found, left_out = apply_corrections(texts, relevant, f"{reference_folder}/corrections.csv", unread)
    problems.extend(found)
    tables: dict[str, pd.DataFrame] = {}
    for table, model in RAW_TABLES.items():
        tables[table], found = to_table(texts[table], model)
        problems.extend(_not_said_yet(table, found, problems, texts[table]))
    tables["contracts"] = _with_places_counted(tables["contracts"], tables["places"])
    if len(left_out):
        tables["rejected_rows"] = RejectedRows.validate(
            pd.concat([tables["rejected_rows"], left_out], ignore_index=True)
        )
    return RawFacts(**tables), problems


def _with_places_counted(contracts: DataFrame[Contracts], places: DataFrame[RawPlaces]) -> DataFrame[Contracts]:
    """Say of contracts that do not how many places of delivery are named; of one that names none nobody knows."""
    named = contracts["contract_id"].map(places["contract_id"].value_counts()).astype("Int64")
    return contracts.assign(delivery_places=contracts["delivery_places"].fillna(named))


def tables_not_whole(problems: Collection[Problem], raw_folder: str) -> set[tuple[str, str]]:
    """Return table and contract for each table of a contract of which something could not be read.

    A file with an unknown name, and a folder that is not read, may hold any of the tables.
    """
    tables_of = {file: [table] for table, file in FILES.items()} | {file: ["outcomes"] for file in CLAIMS_FILES}
    tables_of[FILES["claimed_metrics"]].append("outcomes")
    found = set()
    of_claims = {problem.path for problem in problems if problem.path.endswith(COUNTED_FROM)}
    for path in unread_files(problems) | of_claims:
        folder, _, inner = path.partition("/")
        contract, _, file = inner.partition("/")
        if folder == raw_folder and contract:
            found |= {(table, contract) for table in tables_of.get(file, list(FILES))}
    return found


def _stray_files(raw_dir: Path) -> Iterable[Problem]:
    for entry in entries(raw_dir):
        shown = f"{raw_dir.name}/{entry.name}"
        if not is_folder(entry):
            if entry.name != "README.md":
                yield Problem(shown, 0, "file", "unknown file", expected="only a folder for each contract")
        elif not _is_contract_id(entry.name):
            expected = f"an id of capital letters, digits and hyphens, of at most {LONGEST_NAME} characters"
            yield Problem(shown, 0, "folder", "not the id of a contract", expected=expected)


def _read_folder(folder: Path, shown: str, texts: dict[str, TextRows]) -> list[Problem]:
    """Read the files of one contract folder, as text, into ``texts``; the contract itself is the only one needed.

    Returns what is wrong with the folder; what is wrong with a file is told with its rows.
    """
    root = folder.parent
    if leads_out(folder, root):
        return [link_out(shown, "folder")]
    problems = [
        *unread_folder(folder, shown),
        *unknown_files(folder, shown, (*FILES.values(), *CLAIMS_FILES)),
        *_claims_problems(folder, shown),
    ]
    for table, file in FILES.items():
        path, shown_path = folder / file, f"{shown}/{file}"
        if leads_out(path, root):
            problems.append(link_out(shown_path))
        elif table == "contracts":
            _extend(texts[table], _read_contract(path, shown_path, folder.name))
        elif os.path.lexists(path):
            columns, contract = FILE_COLUMNS[table], {"contract_id": folder.name}
            rows = read_text_rows(path, shown_path, columns, contract, expected_rows=NO_ROWS)
            _extend(texts[table], _renamed(rows) if table == "rejected_rows" else _with_rows(rows))
    return problems


def _claims_problems(folder: Path, shown: str) -> Iterator[Problem]:
    """What is wrong with having claims, or not, beside the other files of a contract."""
    claims = [name for name in CLAIMS_FILES if os.path.lexists(folder / name)]
    for name in claims:
        if leads_out(folder / name, folder.parent):
            yield link_out(f"{shown}/{name}")
        elif not (folder / name).is_file():
            yield Problem(f"{shown}/{name}", 0, "file", "not a file")
    if len(claims) > 1:
        yield Problem(f"{shown}/{claims[1]}", 0, "file", "claims given twice", expected=f"only this or {claims[0]}")
    if claims and os.path.lexists(folder / FILES["outcomes"]):
        what, expected = "outcomes beside claims", f"only one of them: outcomes are counted from {claims[0]}"
        yield Problem(f"{shown}/{FILES['outcomes']}", 0, "file", what, expected=expected)
    if not claims and os.path.lexists(folder / FILES["claimed_metrics"]):
        expected = f"{' or '.join(CLAIMS_FILES)} beside it"
        yield Problem(f"{shown}/{FILES['claimed_metrics']}", 0, "file", "metrics without claims", expected=expected)


def _not_said_yet(table: str, found: Collection[Problem], said: Iterable[Problem], texts: TextRows) -> list[Problem]:
    """Problems of a table at places of which nothing is said yet, by the names and lines that they have there."""
    if not found:
        return []
    if table == "contracts":
        # One row is a whole file, so its key is place enough.
        keys = {(problem.path, problem.column) for problem in said}
        names = [(problem, TOML_KEYS.get(problem.column, problem.column)) for problem in found]
        return [
            replace(problem, column=name, row=texts.lines[problem.path].get(name, problem.row))
            for problem, name in names
            if keys.isdisjoint({(problem.path, problem.column), (problem.path, name)})
        ]
    places = {problem.place for problem in said}
    # The folder is no cell of the file: of its name the contract tells.
    return [problem for problem in found if problem.column != "contract_id" and problem.place not in places]


def _extend(into: TextRows, rows: TextRows) -> None:
    into.records.extend(rows.records)
    into.places.extend(rows.places)
    into.problems.extend(rows.problems)
    into.lines.update(rows.lines)


def _renamed(rows: TextRows) -> TextRows:
    rows.records = [{("path" if key == "file" else key): v for key, v in r.items()} for r in rows.records]
    return rows


def _with_rows(rows: TextRows) -> TextRows:
    for record, (_, row) in zip(rows.records, rows.places, strict=True):
        record["row"] = str(row)
    return rows


def _read_contract(path: Path, shown_path: str, folder_name: str) -> TextRows:
    """Read ``contract.toml`` into one text row, so that it is checked like every other table.

    What is of a wrong type is told here, and empty in the row.
    """
    try:
        text = read_text(path, shown_path, TOML_MEGABYTES)
        data = parsed_toml(text, shown_path)
    except UnreadableFileError as error:
        return TextRows(problems=[error.problem])
    _, problems = validated(ContractFile.model_validate, data, text, shown_path, list(ContractFile.model_fields))
    wrong = {problem.column for problem in problems}
    record = {name: "" if name in wrong else _as_text(data.get(name, "")) for name in Contracts.to_schema().columns}
    # Whatever the file says, what else the folder holds goes by the name of the folder.
    record |= {"contract_id": folder_name, "source_id": "; ".join(_source_ids(data.get("sources")))}
    if "contract_id" not in wrong and data.get("contract_id") != folder_name:
        line, found = line_of(text, ["contract_id"]), shown_value(data.get("contract_id", ""))
        problems.append(Problem(shown_path, line, "contract_id", "not the name of its folder", found, folder_name))
    if not data.get("sources"):
        expected = "at least one [[sources]] with a source_id"
        problems.append(Problem(shown_path, line_of(text, ["sources"]), "sources", "missing", expected=expected))
    lines = {name: line_of(text, [name]) for name in record}
    return TextRows([record], [(shown_path, 1)], problems, {shown_path: lines})


def _source_ids(sources: object) -> list[str]:
    """Ids of the sources of a contract, of those that have one."""
    ids = (
        [source.get("source_id") for source in sources if isinstance(source, dict)] if isinstance(sources, list) else []
    )
    return [each for each in ids if isinstance(each, str)]


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_as_text(item) for item in value)
    return value.isoformat() if isinstance(value, date) else shown_value(value)
