"""What each table had to meet before anything was valued: its rules in words, read off its model.

Belongs here: the words of rules. How the checks came out, and how rules are shown, stands in ``checks``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.tables.base import Table, must_be_filled, paragraphs

if TYPE_CHECKING:
    import pandera.pandas as pa

# What a check of a model means to a reader; one that is not named here is shown as Pandera writes it.
RULE_WORDS = {
    "greater_than_or_equal_to": "at least {min_value}",
    "greater_than": "more than {min_value}",
    "less_than_or_equal_to": "at most {max_value}",
    "less_than": "less than {max_value}",
    "isin": "one of {allowed_values}",
    "str_matches": "of the form {pattern}",
}


@dataclass(frozen=True)
class Rule:
    """What a table must meet: the columns concerned (empty for a rule over whole rows), and the rule in words."""

    columns: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Gate:
    """What one table had to meet before anything was valued, and how many rows met it."""

    table: str
    description: str
    rows: int
    columns: int
    rules: tuple[Rule, ...]


def gates(tables: Mapping[str, pd.DataFrame], models: Mapping[str, type[Table]]) -> list[Gate]:
    """Return the gate of each model, in their order, with its rules read off the model; ``tables`` by the same names.

    Raises ``KeyError`` when a table is missing.
    """
    return [_gate(name, tables[name], model) for name, model in models.items()]


def _gate(name: str, table: pd.DataFrame, model: type[Table]) -> Gate:
    return Gate(name, paragraphs(model)[0], len(table), len(model.to_schema().columns), _rules_of(model))


@cache
def _rules_of(model: type[Table]) -> tuple[Rule, ...]:
    """The rules of a model, read once for all editions of a run."""
    return tuple(_rules(model.to_schema()))


def _rules(schema: "pa.DataFrameSchema") -> Iterable[Rule]:
    """Rules of a schema: limits of columns (columns with the same one together), keys, then rules over whole rows."""
    columns_by_words: dict[str, list[str]] = {}
    for name, column in schema.columns.items():
        for words in _column_rules(column):
            columns_by_words.setdefault(words, []).append(str(name))
    yield from (Rule(tuple(columns), words) for words, columns in columns_by_words.items())
    if schema.unique:
        yield Rule(tuple(schema.unique), "together once in the table")
    yield from (Rule((), f"refused: {check.error or check.name}") for check in schema.checks)


def _column_rules(column: "pa.Column") -> Iterable[str]:
    if must_be_filled(column):
        yield "filled in every row"
    for check in column.checks:
        # A text of at least one character is a filled one.
        if check.name != "str_length" or check.statistics != {"min_value": 1, "max_value": None, "exact_value": None}:
            yield _check_words(check)
    if column.unique:
        yield "once in the table"


def _check_words(check: "pa.Check") -> str:
    if check.name not in RULE_WORDS:
        return str(check.error or check.name)
    limits: dict[str, Any] = dict(check.statistics or {})
    if "allowed_values" in limits:
        limits["allowed_values"] = ", ".join(str(value) or "(empty)" for value in limits["allowed_values"])
    return RULE_WORDS[check.name].format(**limits)
