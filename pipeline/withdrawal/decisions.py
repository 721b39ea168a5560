"""Contracts that a source no longer has: what was decided about each, and the tombstone of one that was withdrawn.

Belongs here: reading and changing ``reference/gone_contracts.csv``, and refusing what was decided for nothing. Taking a
withdrawn contract out of every place is the matter of ``purge``.

INDIGO's terms ask whoever keeps a copy to delete what is withdrawn. Whether a contract was withdrawn, or an export is
not whole, no program can tell: somebody says so.
"""

import csv
import datetime as dt
import hashlib
import io
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipeline.facts.files import close_match
from pipeline.facts.raw import FILES
from pipeline.facts.typed_csv import read_text_rows
from pipeline.importers.imported import PAYMENTS_FILE, ImportProblem, Row, refuse
from pipeline.importers.restatements import csv_text
from pipeline.tables.reference import STANDS_FOR, GoneContracts
from pipeline.tables.vocabulary import MOVED

GONE_FILE = "gone_contracts.csv"
COLUMNS = tuple(GoneContracts.to_schema().columns)
WITHDRAWN, KEPT = "withdrawn", "kept"


@dataclass(frozen=True)
class Decisions:
    """What is decided about contracts that are gone: ``withdrawn`` and ``kept`` by id, and ``because``, why kept."""

    withdrawn: Sequence[str] = ()
    kept: Sequence[str] = ()
    because: str = ""

    def __post_init__(self) -> None:
        """Raise ``ImportProblem`` for what cannot be meant."""
        if both := sorted({*self.withdrawn} & {*self.kept}):
            raise ImportProblem(f"{both[0]}: either withdrawn or kept")
        if self.kept and not self.because.strip():
            raise ImportProblem(f'--keep {self.kept[0]}: say why, with --because "…"')
        if self.because and not self.kept:
            raise ImportProblem("--because says why a contract is kept: name it with --keep ID")


def read_gone(reference_dir: Path | None) -> list[Row]:
    """Return the rows of ``gone_contracts.csv``; none without such a file. Raises ImportProblem if it is damaged."""
    if reference_dir is None or not os.path.lexists(reference_dir / GONE_FILE):
        return []
    rows = read_text_rows(reference_dir / GONE_FILE, f"{reference_dir.name}/{GONE_FILE}", COLUMNS, expected_rows=None)
    refuse(rows.problems)
    return rows.records


def refuse_return_of_withdrawn(gone: Collection[Row], present: Collection[str]) -> None:
    """Raise ImportProblem where an export has a contract that was withdrawn."""
    for row in gone:
        if row["decision"] == WITHDRAWN and row["contract_id"] in present:
            raise ImportProblem(
                f"{row['contract_id']}: was withdrawn on {row['decided_on']}, and the export has it again; "
                f"to take it in, delete its row in {GONE_FILE}"
            )


def undecided(
    absent: Collection[str], present: Collection[str], gone: Collection[Row], decisions: Decisions
) -> list[str]:
    """Return the contracts that the export lacks and about which nothing is decided, now or earlier.

    ``absent``: contracts of ``raw/`` that it lacks, ``present``: those that it has. Raises ImportProblem for a decision
    about a contract that is not gone.
    """
    withdrawn = {row["contract_id"] for row in gone if row["decision"] == WITHDRAWN}
    for option, ids in (("--withdrawn", decisions.withdrawn), ("--keep", decisions.kept)):
        for contract_id in ids:
            if contract_id in withdrawn and contract_id not in absent:
                continue
            if contract_id in present:
                raise ImportProblem(f"{option} {contract_id}: not gone: the export has it")
            if contract_id not in absent:
                like = close_match(contract_id, list(absent))
                hint = f"; did you mean {like}?" if like else ""
                raise ImportProblem(f"{option} {contract_id}: not gone: raw/ has no such contract from INDIGO{hint}")
    decided = {*decisions.withdrawn, *decisions.kept, *(row["contract_id"] for row in gone if row["decision"] == KEPT)}
    return [contract_id for contract_id in absent if contract_id not in decided]


def with_decisions(
    gone: Sequence[Row],
    decisions: Decisions,
    raw_dir: Path,
    source_id: str,
    today: dt.date,
    present: Collection[str],
) -> list[Row]:
    """Return the rows of ``gone_contracts.csv`` as they are from now on.

    ``source_id``: of the export that lacks the contracts; ``present``: the contracts that it has: one that was kept
    though it was gone is no longer gone. A decision takes the place of an earlier one.
    """
    rows = {row["contract_id"]: row for row in gone if row["contract_id"] not in present}
    for contract_id in decisions.kept:
        rows[contract_id] = _row(contract_id, KEPT, source_id, today, reason=" ".join(decisions.because.split()))
    for contract_id in decisions.withdrawn:
        before = rows.get(contract_id)
        is_done = before is not None and before["decision"] == WITHDRAWN
        rows[contract_id] = (
            before if before is not None and is_done else _tombstone(contract_id, raw_dir, source_id, today)
        )
    return list(rows.values())


def stands_for(contract_id: str) -> str:
    """Return the id under which the sum of a withdrawn contract stays in earlier publications: ``WITHDRAWN-5F2C81``.

    It follows from the id alone, so that it is the same whenever and in whichever order contracts are withdrawn.
    """
    return f"{STANDS_FOR}{hashlib.sha256(contract_id.encode()).hexdigest()[:6].upper()}"


def gone_text(rows: Sequence[Row]) -> str:
    """Return the text of ``gone_contracts.csv``."""
    return csv_text(rows, COLUMNS)


def _row(contract_id: str, decision: str, source_id: str, today: dt.date, **cells: str) -> Row:
    told = {"contract_id": contract_id, "decision": decision, "decided_on": today.isoformat(), "source_id": source_id}
    return dict.fromkeys(COLUMNS, "") | told | cells


def _tombstone(contract_id: str, raw_dir: Path, source_id: str, today: dt.date) -> Row:
    """How much there was of a contract: rows of its files, and what was paid, in cash."""
    rows = {name: list(_rows_of(raw_dir / contract_id / file)) for name, file in FILES.items() if file.endswith(".csv")}
    paid = [_pounds(row) for row in rows[PAYMENTS_FILE.table] if row.get("basis") in MOVED]
    return _row(
        contract_id,
        WITHDRAWN,
        source_id,
        today,
        rows=str(sum(map(len, rows.values()))),
        outcome_payments_gbp=f"{sum(paid, start=Decimal()):.2f}",
    )


def _rows_of(path: Path) -> list[Mapping[str, str]]:
    """Rows of a file that is about to be deleted, so that damage in it is no hindrance."""
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8", errors="replace"), newline="")))


def _pounds(row: Mapping[str, str]) -> Decimal:
    try:
        return Decimal(row.get("amount_gbp") or "0")
    except InvalidOperation:
        return Decimal()
