"""Loading everything a run needs, or refusing all of it.

Belongs here: the one door through which raw facts and reference tables come in, checked; nothing is valued.
"""

from collections.abc import Collection
from pathlib import Path

from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import RawFacts, read_raw
from pipeline.facts.reference import Reference, cross_table_problems, read_reference


def find_problems(
    raw_dir: Path, reference_dir: Path, only: Collection[str] | None = None
) -> tuple[RawFacts, Reference, list[Problem]]:
    """Read raw facts and reference tables with every problem found in them.

    Rules between tables are only held against tables that are sound by themselves. With problems the facts and the
    reference must not be used.
    """
    reference, problems = read_reference(reference_dir)
    facts, raw_problems = read_raw(raw_dir, reference.corrections, only)
    problems = [*problems, *raw_problems]
    if not problems:
        problems = cross_table_problems(facts, reference, reference_dir.name)
    return facts, reference, problems


def load(raw_dir: Path, reference_dir: Path, only: Collection[str] | None = None) -> tuple[RawFacts, Reference]:
    """Read raw facts (all contracts, or those named in ``only``) and reference tables.

    Raises ``DataProblems`` with every problem when there is at least one.
    """
    facts, reference, problems = find_problems(raw_dir, reference_dir, only)
    raise_if_any(problems)
    return facts, reference
