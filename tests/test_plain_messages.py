"""Reasons in the reference tables, and what ``publicvalue check`` says, are in plain English.

Belongs here: the words of analysts about their choices, and the messages of rules. Locators, derivations and titles
are left out: they quote a source or are a sum.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.report.plain_english import faults_of

REASONS = ("reason", "range_reason", "note", "description", "question", "would_settle")
# Where the rules are, and the tables that have checks of their own.
MESSAGES = ("facts/rules/*.py", "facts/typed_csv.py", "facts/typed_toml.py", "facts/problems.py", "tables/reference.py")
CODE = ("==", " in @", ".isin(")
# Names of options: what a metric is treated as.
OPTIONS = ("treated as rung", "treated as valued, rung or overlap")


def reasons(folder: Path) -> Iterator[tuple[str, str]]:
    """Each reason, with its table, row and column."""
    for path in sorted(folder.glob("*.csv")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in table.columns.intersection(list(REASONS)):
            for place, text in enumerate(table[column], 2):
                yield f"{path.name}:{place}: {column}", text


def messages(source: str) -> Iterator[tuple[int, str]]:
    """The texts of a module that are no docstrings, no names and no queries; what is put into one is an ellipsis."""
    tree = ast.parse(source)
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within | docstrings:
            text = node.value
        else:
            continue
        if " " in text.strip() and not any(mark in text for mark in CODE):
            yield node.lineno, text


def faults_in_message(text: str) -> list[str]:
    for option in OPTIONS:
        text = text.replace(option, "…")
    return faults_of(text)


def test_reasons_of_analysts_are_in_plain_english(project_root: Path) -> None:
    texts = list(reasons(project_root / "reference"))
    assert len(texts) > 500
    assert [f"{place}: {fault}" for place, text in texts for fault in faults_of(text)] == []


def test_messages_of_rules_are_in_plain_english(project_root: Path) -> None:
    found = {
        path: list(messages(path.read_text("utf-8")))
        for pattern in MESSAGES
        for path in sorted((project_root / "pipeline").glob(pattern))
    }
    assert sum(map(len, found.values())) > 100
    assert [
        f"{path.name}:{line}: {fault}"
        for path, texts in found.items()
        for line, text in texts
        for fault in faults_in_message(text)
    ] == []


@pytest.mark.parametrize(
    "source",
    ['Problem("rungs out of order")', 'what = f"{n} rungs of {m}"', 'x(error="this rests on nothing")'],
)
def test_a_turn_in_a_message_is_found(source: str) -> None:
    assert [fault for _, text in messages(source) for fault in faults_in_message(text)]


@pytest.mark.parametrize(
    "source", ['"""Rungs that rest on it."""', "table.query(\"treatment == 'rung'\")", 'x("rung")']
)
def test_code_is_left_out(source: str) -> None:
    assert list(messages(source)) == []
