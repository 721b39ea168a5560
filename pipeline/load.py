"""Loading everything a run needs, or refusing all of it.

Belongs here: the one door through which raw facts, claims among them, and reference tables come in, checked; nothing is
valued.
"""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from pipeline.claims.reading import read_facts
from pipeline.facts.files import unread_folder
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import RawFacts, contract_folders
from pipeline.facts.reference import Reference, read_reference
from pipeline.facts.rules import cross_table_problems


def find_problems(
    raw_dir: Path, reference_dir: Path, only: Collection[str] | None = None, today: date | None = None
) -> tuple[RawFacts, Reference, list[Problem]]:
    """Read raw facts and reference tables with every problem found in them, and between them, warnings among it.

    ``today``: nothing can have happened after that day; by default that of this machine's clock. With problems that are
    no warnings the facts and the reference must not be used.
    """
    # Without one of the folders every table is missing, and every row that names one: that is one problem.
    missing = [each for folder in (raw_dir, reference_dir) for each in unread_folder(folder, f"{folder}/")]
    reference, problems = read_reference(reference_dir)
    facts, raw_problems = read_facts(raw_dir, reference, only, today=today)
    problems = [*problems, *raw_problems]
    between = cross_table_problems(
        facts,
        reference,
        reference_dir.name,
        raw_dir.name,
        problems=problems,
        contracts=contract_folders(raw_dir),
        today=today,
    )
    return facts, reference, missing or [*problems, *between]


def load(raw_dir: Path, reference_dir: Path, only: Collection[str] | None = None) -> tuple[RawFacts, Reference]:
    """Read raw facts (all contracts, or those named in ``only``) and reference tables.

    Raises ``DataProblems`` with every problem when there is at least one; warnings are none.
    """
    facts, reference, problems = find_problems(raw_dir, reference_dir, only)
    raise_if_any(problems)
    return facts, reference
