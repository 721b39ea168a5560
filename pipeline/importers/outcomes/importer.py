"""The import of one contract's results and payments: a file that was filled in, read and merged with ``raw/``.

Belongs here: the order of the steps, and what an import brings to a contract that is there already.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.common.files import not_through_a_link, write_all
from pipeline.facts.files import UnreadableFileError, read_toml
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import CLAIMS_FILES
from pipeline.facts.reference import read_reference
from pipeline.facts.typed_csv import read_text_rows
from pipeline.importers import sources
from pipeline.importers.imported import (
    CONTRACT_FILE,
    CONTRACT_KEYS,
    OUTCOMES_FILE,
    ImportedContract,
    ImportProblem,
    Owner,
    Row,
    or_refused,
    refuse,
)
from pipeline.importers.merge import ImportPlan, plan_merge, write_import
from pipeline.importers.outcomes.between import Said, said_beside_other_tables
from pipeline.importers.outcomes.contract import Filled, read_contract
from pipeline.importers.outcomes.forms import (
    ALLOWED_WORDS,
    CONTRACT,
    CONTRACT_ID,
    OUTCOME_TYPES,
    PAYMENTS,
    RESULTS,
    TABLES,
    is_contract_id,
    owner_of,
    source_of,
)
from pipeline.importers.outcomes.grid import Grid, grid_of_csv, is_workbook, table_of
from pipeline.importers.outcomes.mapping import left_to_map
from pipeline.importers.outcomes.rows import Read, is_empty, metrics_of, read_rows


@dataclass(frozen=True)
class OutcomesPlan:
    """What an import would write, and what is said of it.

    ``plan``: of ``raw/``; ``sources_path`` and ``sources_text``: the register of sources as it will be;
    ``left_to_do``: lines on what nobody can do but who judges the contract.
    """

    plan: ImportPlan
    sources_path: Path
    sources_text: str
    source_changes: list[str]
    left_to_do: list[str]

    @property
    def changes(self) -> list[str]:
        """Return a line for each row or value that is added, changed or removed."""
        return [*self.source_changes, *self.plan.changes]


@dataclass(frozen=True)
class _Sheets:
    """What a file holds: the tables to read, the sheet of the contract, and what else there is.

    ``empty``: tables in which nobody has filled in anything; ``others``: names of sheets that are not read.
    """

    tables: dict[str, Grid]
    contract: Grid | None = None
    empty: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def plan_outcomes(path: Path, raw_dir: Path, reference_dir: Path, contract_id: str | None = None) -> OutcomesPlan:
    """Work out what importing a file that was filled in would change; nothing is written.

    ``path``: the workbook, or a CSV file of results or payments; ``contract_id``: whose they are, where the file does
    not say so. Raises DataProblems with every cell that cannot be read, ImportProblem for all else that is refused, and
    as ``plan_merge`` does.
    """
    try:
        sheets = _sheets_of(path)
    except UnreadableFileError as error:
        raise ImportProblem(str(error.problem)) from error
    filled, problems = read_contract(sheets.contract) if sheets.contract else (None, [])
    of_contract = _contract_meant(path, sheets, filled, contract_id)
    read = {table: read_rows(table, grid) for table, grid in sheets.tables.items()}
    raise_if_any([*problems, *(problem for each in read.values() for problem in each.problems)])
    if not of_contract:
        raise ImportProblem(f"{path}: does not name its contract: add --contract ID")
    return _planned(path, sheets, filled, of_contract, read, raw_dir, reference_dir)


def write_outcomes(planned: OutcomesPlan, raw_dir: Path) -> None:
    """Write what a plan says. Raises CannotWriteError.

    The source comes first: one that nobody cites yet does no harm, a row that cites none stops every run.
    """
    not_through_a_link(planned.sources_path, planned.sources_path.parent)
    if planned.source_changes:
        write_all({planned.sources_path: planned.sources_text}, planned.sources_path.parent)
    write_import(planned.plan, raw_dir)


# --- The file ------------------------------------------------------------------------------------------------


def _sheets_of(path: Path) -> _Sheets:
    if not is_workbook(path):
        grid = grid_of_csv(path)
        table = table_of(grid.rows)
        if table is None:
            expected = "a CSV file of results or of payments, with the headings of the template"
            raise UnreadableFileError(Problem(str(path), 1, "header", "no row of headings found", expected=expected))
        return _Sheets({table: grid})
    from pipeline.importers.outcomes.workbook import grids_of  # slow to import

    found, others = grids_of(path, (CONTRACT, *TABLES))
    contract = found.pop(CONTRACT, None)
    if not found:
        expected = f"a sheet named {RESULTS} or {PAYMENTS}"
        raise UnreadableFileError(Problem(str(path), 0, "sheet", "not there", ", ".join(others), expected))
    filled = {table: grid for table, grid in found.items() if not is_empty(table, grid)}
    return _Sheets(filled or found, contract, [table for table in found if table not in filled], others)


def _contract_meant(path: Path, sheets: _Sheets, filled: Filled | None, contract_id: str | None) -> str | None:
    """Of which contract the file is; None where that is not known, or not readable."""
    if filled and contract_id and filled.contract_id != contract_id:
        raise ImportProblem(f"{path}: belongs to {filled.contract_id}, not to {contract_id}")
    if contract_id and not is_contract_id(contract_id):
        raise ImportProblem(f"{contract_id!r} cannot be the id of a contract, expected {CONTRACT_ID}")
    return filled.contract_id if filled else contract_id


# --- The contract --------------------------------------------------------------------------------------------


def _planned(
    path: Path,
    sheets: _Sheets,
    filled: Filled | None,
    contract_id: str,
    read: Mapping[str, Read],
    raw_dir: Path,
    reference_dir: Path,
) -> OutcomesPlan:
    # An empty sheet says that there is nothing, and takes away what an earlier import had from it.
    owner = owner_of(contract_id, (*read, *sheets.empty))
    there = _contract_there(raw_dir, contract_id)
    facts = _facts(path, filled, contract_id, there, owner)
    results = read[RESULTS].rows if RESULTS in read else []
    _refuse_second_reports(path, contract_id, results, raw_dir)
    contract = ImportedContract(
        contract_id=contract_id,
        source_id=source_of(contract_id),
        locator=CONTRACT,
        contract=facts,
        outcomes=results,
        payments=read[PAYMENTS].rows if PAYMENTS in read else [],
        organisations=[],
        places=[],
        rejected=[row for each in read.values() for row in each.rejected],
    )
    reference, reference_problems = read_reference(reference_dir)
    source, text, changes = _source(path, filled, contract_id, reference_dir)
    plan = plan_merge(
        [contract],
        owner,
        raw_dir,
        shown_source=str(path),
        source=source,
        corrections=reference.corrections,
        not_taken=_left_out(read, sheets),
    )
    shown = f"{reference_dir.name}/{sources.NAME}"
    registered = replace(reference, sources=sources.sources_table(text, shown))
    said = said_beside_other_tables(contract_id, plan.files, raw_dir, registered, reference_problems)
    if said.refused:
        raise ImportProblem(_first_of(path, said))
    outcome_of = read[RESULTS].outcome_of if RESULTS in read else {}
    area = str(facts.get("policy_area", ""))
    left = list(left_to_map(contract_id, metrics_of(results), outcome_of, area, reference))
    asked = [f"publicvalue check will ask: {line}" for line in said.asked]
    return OutcomesPlan(plan, reference_dir / sources.NAME, text, changes, [*asked, *left])


def _first_of(path: Path, said: Said) -> str:
    more = f"; and {len(said.refused) - 1:,} more" if len(said.refused) > 1 else ""
    return f"{path}: {said.refused[0]}{more}"


def _contract_there(raw_dir: Path, contract_id: str) -> dict[str, Any]:
    """What contract.toml says of a contract that is there already; nothing if it is not."""
    file = raw_dir / contract_id / CONTRACT_FILE
    if not file.exists():
        return {}
    with or_refused():
        return read_toml(file, str(file))


def _facts(path: Path, filled: Filled | None, contract_id: str, there: dict[str, Any], owner: Owner) -> dict[str, Any]:
    """The values of contract.toml that the import answers for.

    Of a contract that another source has brought, its facts stay that source's: the sheet may repeat them, and add
    what that source does not give.
    """
    known = {key: value for key, value in there.items() if key in CONTRACT_KEYS and key != "sources"}
    is_own = [owner.owns(source) for source in there.get("sources", []) if isinstance(source, dict)]
    if filled is None:
        if not any(is_own):
            raise ImportProblem(
                f"{path}: names no source, and {contract_id} has none of its own yet; "
                f"import the workbook of `publicvalue new-contract {contract_id}` first"
            )
        return known
    if all(is_own):
        return filled.facts
    for key, value in filled.facts.items():
        if key in known and known[key] != value:
            raise ImportProblem(
                f"{path}: contract: {key.replace('_', ' ')} is {value}, but {known[key]} in {contract_id}/"
                f"{CONTRACT_FILE}, which came from another source: change it there, or here"
            )
    return filled.facts | known


def _refuse_second_reports(path: Path, contract_id: str, results: list[Row], raw_dir: Path) -> None:
    """Refuse results that are counted from claims, or of a metric that another source has reported."""
    claims = [name for name in CLAIMS_FILES if (raw_dir / contract_id / name).exists()]
    if claims and results:
        raise ImportProblem(
            f"{path}: results of {contract_id} are counted from its {claims[0]}, and these would count them again; "
            "leave the sheet empty"
        )
    file = raw_dir / contract_id / OUTCOMES_FILE.name
    if not file.exists():
        return
    rows = read_text_rows(file, str(file), OUTCOMES_FILE.columns, expected_rows=None)
    refuse(rows.problems)
    source_of_metric = {
        row["metric_id"]: row["source_id"] for row in rows.records if row["source_id"] != source_of(contract_id)
    }
    for row in results:
        if other := source_of_metric.get(row["metric_id"]):
            raise ImportProblem(
                f"{path}: {row['locator']}: {row['metric_id']} already has results from {other}, and both would be "
                f"counted; give a different metric another id, or remove the rows from {file}"
            )


def _left_out(read: Mapping[str, Read], sheets: _Sheets) -> Iterator[str]:
    """Lines on what was not taken."""
    for each in read.values():
        yield from each.left_out
    others = [name for name in sheets.others if name not in (OUTCOME_TYPES, ALLOWED_WORDS)]
    if others:
        yield f"sheets not read: {', '.join(others)}"


def _source(path: Path, filled: Filled | None, contract_id: str, reference_dir: Path) -> tuple[Row, str, list[str]]:
    """The source of the contract, the text of sources.csv with it, and what changes in that."""
    text, rows = sources.read_sources(reference_dir)
    source_id = source_of(contract_id)
    before = next((row for row in rows if row["source_id"] == source_id), None)
    if filled is None:
        if before is None:
            raise ImportProblem(f"{path}: {source_id} is not in {reference_dir / sources.NAME}: import the workbook")
        return before, text, []
    row = {"source_id": source_id} | filled.source
    if before == row:
        return row, text, []
    shown = f"{reference_dir.name}/{sources.NAME}: {source_id}"
    if before is None:
        return row, sources.with_source(text, row), [f"+ {shown}"]
    cells = ", ".join(
        f"{key} {before[key] or '(none)'} -> {row[key] or '(none)'}" for key in row if before[key] != row[key]
    )
    return row, sources.with_source(text, row), [f"~ {shown} {cells}"]
