"""What ``check`` would say about an import and the other tables, before anything is written.

Belongs here: holding what would be written against the reference tables, and telling refusals from doubts. What a
file of the import may contain by itself is refused by ``pipeline.importers.refusals``.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from pipeline.common.files import write_all
from pipeline.facts.problems import Problem
from pipeline.facts.raw import CLAIMS_FILES, contract_folders, read_raw
from pipeline.facts.reference import Reference
from pipeline.facts.rules import cross_table_problems
from pipeline.importers.imported import CONTRACT_FILE
from pipeline.importers.outcomes.forms import CONTRACT, source_of

# Said of a metric that nobody has mapped yet, which is left to do.
NOT_MAPPED = "no treatment"
# With which what is expected ends of a value that can be accepted.
OR_ACCEPTED = "; or, if it is true, a row in "


@dataclass(frozen=True)
class Said:
    """What ``check`` would refuse, and what it would ask about, each at its place in the file that was filled in."""

    refused: list[str]
    asked: list[str]


def said_beside_other_tables(
    contract_id: str, files: Mapping[Path, str], raw_dir: Path, reference: Reference, problems: list[Problem]
) -> Said:
    """Hold the files of one contract, as they would be written, against the reference tables.

    ``files``: text by path relative to ``raw_dir``; ``reference``: with the source of the import; ``problems``: those
    of the reference tables, of which nothing is said again. Nothing is said of a contract whose results are counted
    from claims: they are not read for it.
    """
    if any((raw_dir / contract_id / name).exists() for name in CLAIMS_FILES):
        return Said([], [])
    with TemporaryDirectory(prefix="publicvalue-import-") as folder:
        raw = Path(folder) / raw_dir.name
        write_all({raw / path: text for path, text in files.items() if text}, Path(folder))
        facts, of_files = read_raw(raw, reference.corrections, [contract_id], reference.folder)
    found = cross_table_problems(
        facts,
        reference,
        reference.folder,
        raw_dir.name,
        problems=[*problems, *of_files],
        contracts=[*contract_folders(raw_dir), contract_id],
    )
    own = f"{raw_dir.name}/{contract_id}/"
    told = [problem for problem in found if problem.path.startswith(own) and not problem.is_warning]
    doubts = [problem for problem in told if OR_ACCEPTED in problem.expected]
    refused = [problem for problem in told if problem not in doubts and problem.what != NOT_MAPPED]
    locators = _locators(files, source_of(contract_id))
    return Said(list(_at_their_place(refused, locators)), list(_at_their_place(doubts, locators)))


def _locators(files: Mapping[Path, str], source_id: str) -> dict[tuple[str, int], str]:
    """Where in the file that was filled in each row of the import's own stands, by file and row."""
    found = {}
    for path, text in files.items():
        if path.name == CONTRACT_FILE:
            found[path.name, 0] = CONTRACT
            continue
        reader = csv.DictReader(io.StringIO(text, newline=""))
        before = 1
        for row in reader:
            if row["source_id"] == source_id:
                found[path.name, before + 1] = row["locator"]
            before = reader.line_num
    return found


def _at_their_place(problems: Iterable[Problem], locators: Mapping[tuple[str, int], str]) -> Iterator[str]:
    """Each problem of the import's own rows, with the place in the file that was filled in before it."""
    for problem in sorted(problems):
        name = PurePosixPath(problem.path).name
        locator = locators.get((name, 0 if name == CONTRACT_FILE else problem.row))
        if locator is not None:
            yield f"{locator}: {str(problem).split(': ', 1)[1]}"
