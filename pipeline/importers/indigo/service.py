"""Short facts about a service: who it was for, what it did, how long it should last, what investors should gain.

Belongs here: columns of INDIGO's projects and investments, as codes and numbers. Prose is not copied: a code stands for
what it names, by the words of ``words.toml``, and a text in which none of them stands gives nothing. The numbers of
people and the places of a contract stand elsewhere already.
"""

from collections.abc import Iterator

from pipeline.importers.imported import Row
from pipeline.importers.indigo.cells import Rejections, locator_of, plain
from pipeline.importers.indigo.columns import (
    INTERVENTION,
    INVESTMENTS,
    INVESTOR_RETURN_MOST,
    MONTHS_LASTED,
    MONTHS_PLANNED,
    PROJECTS,
    RETURN_LATEST,
    RETURN_MOST,
    RETURN_TARGET,
    TARGET_POPULATION,
)
from pipeline.importers.indigo.export import Export
from pipeline.importers.indigo.words import codes_in

# By fact: the column of prose, and the section of words by which it is read.
PROSE = {"target_group": (TARGET_POPULATION, "target_groups"), "intervention": (INTERVENTION, "interventions")}
NUMBERS = {
    "months_planned": MONTHS_PLANNED,
    "months_lasted": MONTHS_LASTED,
    "return_target": RETURN_TARGET,
    "return_latest": RETURN_LATEST,
    "return_most": RETURN_MOST,
}


def service_facts(export: Export, rejections: Rejections) -> Iterator[Row]:
    """Yield the codes of a project, then its numbers, then the most that each investor can gain."""
    project = export.projects[rejections.contract_id]
    for fact, (column, section) in PROSE.items():
        for code in codes_in(project[column], section):
            yield _row(fact, PROJECTS, 1, rejections, code=code)
    for fact, column in NUMBERS.items():
        yield from _number(fact, PROJECTS, 1, column, project, rejections)
    for ordinal, row in enumerate(export.investments.get(rejections.contract_id, []), start=1):
        yield from _number("return_most", INVESTMENTS, ordinal, INVESTOR_RETURN_MOST, row, rejections)


def _number(fact: str, file: str, ordinal: int, column: str, row: Row, rejections: Rejections) -> Iterator[Row]:
    """A fact with a number of at least 0, where one is given and usable."""
    number = rejections.amount(file, ordinal, column, row[column]) if row[column] else None
    if number is not None:
        yield _row(fact, file, ordinal, rejections, number=plain(number))


def _row(fact: str, file: str, ordinal: int, rejections: Rejections, code: str = "", number: str = "") -> Row:
    locator = locator_of(file, rejections.contract_id, ordinal)
    return {"fact": fact, "code": code, "number": number, "locator": locator}
