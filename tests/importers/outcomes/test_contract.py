"""The sheet of the contract: its facts as contract.toml has them, its source, and what is refused of a line."""

import datetime as dt
from typing import Any

import pytest

from pipeline.importers.outcomes.contract import as_answer, read_contract
from pipeline.importers.outcomes.forms import CONTRACT_FIELDS
from pipeline.importers.outcomes.grid import Grid, Trouble

ANSWERS = {
    "contract_id": "NORTH-1",
    "name": "Northern Job Start",
    "policy_area": "Employment and training",
    "stage": "Complete",
    "outcomes_fund": "One Fund; Another Fund;",
    "contract_signed": "March 2018",
    "service_start": "2018/19",
    "service_end": "2019/20",
    "people_engaged": "1,090",
    "source_title": "Final results",
    "source_publisher": "Northern Combined Authority",
    "source_published": "June 2020",
    "source_licence": "fact cited",
}


def grid_of(answers: dict[str, str], **more: Any) -> Grid:
    head = ["what", "value", "needed or optional", "what belongs there"]
    lines = [[name.replace("_", " "), answer, "needed", "a hint"] for name, answer in answers.items()]
    return Grid("f.xlsx, sheet contract", list(enumerate([head, *lines], start=1)), **more)


def said(answers: dict[str, str], **more: Any) -> list[str]:
    filled, problems = read_contract(grid_of(answers, **more))
    assert filled is None
    return [str(problem).removeprefix("f.xlsx, sheet contract:") for problem in problems]


def test_facts_and_source() -> None:
    filled, problems = read_contract(grid_of(ANSWERS))
    assert problems == []
    assert filled is not None
    assert filled.facts == {
        "contract_id": "NORTH-1",
        "name": "Northern Job Start",
        "policy_area": "employment_and_training",
        "outcomes_fund": ["One Fund", "Another Fund"],
        "stage": "complete",
        "contract_signed": dt.date(2018, 3, 1),
        "service_start": dt.date(2018, 4, 1),
        "service_end": dt.date(2020, 3, 31),
        "people_engaged": 1090,
    }
    assert filled.source == {
        "title": "Final results",
        "publisher": "Northern Combined Authority",
        "published": "2020-06",
        "address": "",
        "licence": "fact cited",
        "attribution": "",
    }


@pytest.mark.parametrize("line", [line for line in CONTRACT_FIELDS if line.needed], ids=lambda line: line.name)
def test_what_is_needed_is_asked_for(line: Any) -> None:
    (problem,) = said({**ANSWERS, line.name: ""})
    assert problem.endswith(f": {line.heading}: empty (expected {line.expected})")
    assert said({name: answer for name, answer in ANSWERS.items() if name != line.name}) == [
        f"0: {line.heading}: empty (expected {line.expected})"
    ]


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("contract_id", "../north", "2: contract id: not the id of a contract (found '../north', expected an id of"),
        ("contract_id", "A" * 101, "2: contract id: not the id of a contract"),
        ("policy_area", "employment", "4: policy area: not one of the words allowed (found 'employment', expected"),
        ("service_start", "Apr-18", "8: service start: a day or a year in two digits (found 'Apr-18'"),
        ("people_engaged", "90.5", "10: people engaged: a fraction (found '90.5', expected a whole number)"),
        ("people_engaged", "<5", "10: people engaged: no number (found '<5', expected a number, or nothing)"),
        ("source_published", "soon", "13: source published: not a date (found 'soon'"),
        ("nickname", "x", "15: nickname: unknown line (found 'x', expected only the lines of the template)"),
        ("people_engagd", "x", "15: people engagd: unknown line (found 'x', expected 'people engaged')"),
    ],
)
def test_what_is_refused_is_said_at_its_line(name: str, answer: str, words: str) -> None:
    (problem,) = said({**ANSWERS, name: answer})
    assert problem.startswith(words)


def test_a_line_that_stands_there_twice_is_refused() -> None:
    grid = grid_of(ANSWERS)
    grid.rows.append((20, ["Name", "Another"]))
    assert [problem.what for problem in read_contract(grid)[1]] == ["asked twice"]


def test_merged_cells_are_refused_here_too() -> None:
    trouble = Trouble(range(3, 5), 2, "merged cells", "a value in each cell", "B3:B4")
    assert said(ANSWERS, troubles=[trouble]) == ["3: row: merged cells (found 'B3:B4', expected a value in each cell)"]


def test_what_is_known_is_written_as_a_person_would() -> None:
    assert as_answer(["One", "Two"]) == "One; Two"
    assert as_answer(dt.date(2018, 4, 1)) == as_answer("2018-04-01") == dt.date(2018, 4, 1)
    assert as_answer(12) == "12"
