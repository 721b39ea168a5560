"""What becomes of contracts that an export lacks: asked first, then kept for a reason or taken out of everything.

Belongs here: the order of what is done. The decisions are in ``decisions``, what is deleted in ``purge``.

What is published is kept as an earlier publication before anything goes, so that the next publication is bridged from
it: its page says what the contract that went did to the ratios. The folder of the contract goes last, and with it the
sign that something is left to do: who is stopped in between says the same again.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.common.files import CannotWriteError, write_all
from pipeline.importers.imported import ImportProblem, Row
from pipeline.importers.merge import ImportPlan, add_source
from pipeline.report.history import keep_standing
from pipeline.report.keeping import keep
from pipeline.report.output_folder import edition_folders, working_alone
from pipeline.report.text.editions import write_front
from pipeline.report.text.history import write_page
from pipeline.withdrawal.decisions import (
    GONE_FILE,
    Decisions,
    gone_text,
    read_gone,
    refuse_return_of_withdrawn,
    stands_for,
    undecided,
    with_decisions,
)
from pipeline.withdrawal.purge import Withdrawn, purge, remove_folder, still_named, withdrawn_contract

NOTE = "as it was published before a contract was withdrawn by its source"


@dataclass(frozen=True)
class GonePlan:
    """What is decided about contracts that are gone.

    ``undecided``: ids of those about which nothing is; ``rows``: of ``gone_contracts.csv`` from now on, and
    ``is_changed``: whether they differ from those of today; ``withdrawn``: contracts to be taken out.
    """

    undecided: list[str]
    rows: list[Row]
    is_changed: bool
    withdrawn: list[Withdrawn]

    def lines(self) -> Iterator[str]:
        """Yield a line for each contract about which something is decided now."""
        yield from (f"- {contract.contract_id}: withdrawn" for contract in self.withdrawn)
        if self.is_changed:
            yield f"~ reference/{GONE_FILE}"


def plan_gone(
    plan: ImportPlan,
    decisions: Decisions,
    raw_dir: Path,
    reference_dir: Path,
    out_dir: Path,
    data_dir: Path,
    today: dt.date | None = None,
) -> GonePlan:
    """Work out what is to be done about the contracts that an import lacks; nothing is written.

    Raises ImportProblem for a decision about a contract that is not gone, and where a contract that was withdrawn is
    back; where one is to be withdrawn, also while the UI is open, and where what is published cannot be kept to be
    bridged from.
    """
    gone = read_gone(reference_dir)
    refuse_return_of_withdrawn(gone, plan.present)
    left = undecided(plan.absent, plan.present, gone, decisions)
    rows = with_decisions(gone, decisions, raw_dir, plan.source["source_id"], today or dt.date.today(), plan.present)
    if decisions.withdrawn:
        _refuse_while_open(data_dir)
        _refuse_without_tables(out_dir)
    # What was begun and not finished is told by its folder; of one without there is nothing left.
    left_over = [each for each in decisions.withdrawn if (raw_dir / each).is_dir()]
    withdrawn = [withdrawn_contract(raw_dir, each, stands_for(each)) for each in left_over]
    return GonePlan(left, rows, rows != gone, withdrawn)


def carry_out(
    plan: ImportPlan,
    gone: GonePlan,
    raw_dir: Path,
    reference_dir: Path,
    out_dir: Path,
    data_dir: Path,
    day: str,
    *,
    is_dry: bool = False,
) -> list[str]:
    """Do what is decided; returns a line for each file that has changed or is gone, and for what is left to do.

    ``day``: under which what is published is kept; ``is_dry``: nothing is changed, and the lines say what would be.
    Waits for a run that is going on. Raises ``CannotWriteError``.
    """
    lines: list[str] = []
    places = (raw_dir, reference_dir, out_dir, data_dir)
    if gone.withdrawn and is_dry:
        lines.append(f"+ {reference_dir}/earlier: what is published now")
        lines += [line for contract in gone.withdrawn for line in purge(contract, *places, is_dry=True)]
        return [*lines, *(f"- {raw_dir / contract.contract_id}" for contract in gone.withdrawn)]
    if gone.withdrawn:
        with working_alone(out_dir):
            for edition in edition_folders(out_dir):
                keep_standing(out_dir, edition)
            lines += [f"+ {reference_dir}/earlier/{id_}" for id_ in keep(out_dir, reference_dir, day, NOTE, once=True)]
            lines += [line for contract in gone.withdrawn for line in purge(contract, *places)]
            write_page(out_dir)
            write_front(out_dir)
    if not is_dry and (gone.is_changed or gone.withdrawn):
        add_source(plan.source, reference_dir)
        write_all({reference_dir / GONE_FILE: gone_text(gone.rows)}, reference_dir)
    for contract in gone.withdrawn:
        remove_folder(raw_dir, contract.contract_id)
        lines.append(f"- {raw_dir / contract.contract_id}")
        lines += [f"still named in {place}" for place in still_named(contract, raw_dir.parent)]
    if gone.withdrawn:
        lines.append("Nothing is published now: publicvalue run. The history of git still has what was withdrawn.")
    return lines


def _refuse_without_tables(out_dir: Path) -> None:
    """Raise ImportProblem where only the headline of an edition is there: nobody could say later why it moved."""
    for edition in edition_folders(out_dir):
        if not (out_dir / edition / "tables" / "contract_value.parquet").exists():
            raise ImportProblem(
                f"{out_dir / edition}: has its headline alone, as a fresh clone does, so that nobody could say later "
                "what the withdrawal did to the ratios; publicvalue run first, or delete that folder, then import again"
            )


def _refuse_while_open(data_dir: Path) -> None:
    """Raise ImportProblem while the UI is open over the working tables: it would go on writing into what is deleted."""
    lock = data_dir / "dagster" / "ui.lock"
    if not lock.exists():
        return
    try:
        with FileLock(lock, blocking=False):
            return
    except Timeout:
        raise ImportProblem(f"the UI is open over {data_dir}; stop it first, then import again") from None
    except OSError as error:
        raise CannotWriteError(f"cannot write {lock}: {error.strerror}") from error
