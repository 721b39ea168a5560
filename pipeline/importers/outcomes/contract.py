"""The sheet of the contract: its facts, and the source of everything in the workbook.

Belongs here: reading lines of name and value into the keys of ``contract.toml`` and a row of ``sources.csv``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.facts.files import close_match
from pipeline.facts.plain import plain_day
from pipeline.facts.problems import Problem
from pipeline.importers.imported import Row
from pipeline.importers.outcomes import cells
from pipeline.importers.outcomes.cells import NotReadError, SuppressedError
from pipeline.importers.outcomes.forms import (
    CONTRACT_FIELDS,
    CONTRACT_ID,
    FACT_FIELDS,
    NEEDED,
    OPTIONAL,
    SOURCE,
    SOURCE_FIELDS,
    Field,
    Kind,
    is_contract_id,
)
from pipeline.importers.outcomes.grid import Grid, name_of

# Columns of the sheet, counted from 0: what is asked for, and the answer. Whether it is needed, and a hint, come after.
ASKED, ANSWER = 0, 1
HEADINGS = ("what", "value", f"{NEEDED} or {OPTIONAL}", "what belongs there")


@dataclass(frozen=True)
class Filled:
    """What the sheet says: values of contract.toml, and the row of sources.csv without its id."""

    facts: dict[str, Any]
    source: Row

    @property
    def contract_id(self) -> str:
        """Return the id of the contract."""
        return str(self.facts["contract_id"])


def read_contract(grid: Grid) -> tuple[Filled | None, list[Problem]]:
    """Return what the sheet of the contract says, or None with every problem in it."""
    answers, problems = _answers_of(grid)
    values: dict[str, Any] = {}
    for line in CONTRACT_FIELDS:
        row, text = answers.get(line.name, (0, ""))
        try:
            if line.needed and not text:
                raise NotReadError("empty", line.expected)
            values[line.name] = _read(line, text)
        except SuppressedError:
            what, expected = "no number", "a number, or nothing"
            problems.append(grid.problem(row, line.heading, what, text, expected))
        except NotReadError as error:
            problems.append(grid.problem(row, line.heading, error.what, text, error.expected))
    if problems:
        return None, problems
    facts = {line.name: values[line.name] for line in FACT_FIELDS if values[line.name] not in (None, "", [])}
    source = {line.name.removeprefix(SOURCE): values[line.name] for line in SOURCE_FIELDS}
    return Filled(facts, source), []


def _answers_of(grid: Grid) -> tuple[dict[str, tuple[int, str]], list[Problem]]:
    """Row and text of each answer, by the name of what is asked, and what is wrong with the lines."""
    answers: dict[str, tuple[int, str]] = {}
    known = [line.name for line in CONTRACT_FIELDS]
    problems = [
        grid.problem(trouble.rows.start, "row", trouble.what, trouble.found, trouble.expected)
        for trouble in grid.troubles
    ]
    for row, texts in grid.rows:
        asked, answer = ((texts[place] if place < len(texts) else "") for place in (ASKED, ANSWER))
        name = name_of(asked)
        if name in answers:
            problems.append(grid.problem(row, asked, "asked twice", expected="each line of the template once"))
        elif name in known:
            answers[name] = row, answer
        elif answer and name != HEADINGS[ASKED]:
            expected = close_match(name, known).replace("_", " ") or "only the lines of the template"
            problems.append(grid.problem(row, asked or "(no name)", "unknown line", answer, expected))
    return answers, problems


READ_BY: dict[Kind, Callable[[str], Any]] = {
    Kind.NUMBER: cells.whole,
    Kind.START: lambda text: cells.day_of(text, is_end=False),
    Kind.END: lambda text: cells.day_of(text, is_end=True),
    Kind.NAMES: lambda text: [name.strip() for name in text.split(";") if name.strip()],
    Kind.PUBLISHED: cells.published,
}


def _read(line: Field, text: str) -> Any:
    if line.name == "contract_id" and text and not is_contract_id(text):
        raise NotReadError("not the id of a contract", CONTRACT_ID)
    if line.kind is Kind.WORD:
        return cells.word(text, line.words)
    return READ_BY.get(line.kind, str)(text)


def as_answer(value: Any) -> str | date:
    """Return a value of contract.toml as it is written into the sheet."""
    if isinstance(value, list):
        return "; ".join(str(each) for each in value)
    return value if isinstance(value, date) else plain_day(str(value)) or str(value)
