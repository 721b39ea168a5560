"""The page ``checks.html``: what was checked before an edition was published, and how it came out.

Belongs here: putting the results of the checks, the rules of the tables, corrections, rejected rows and flags in order
for a reader. Nothing is checked or judged here; how it looks and what it says stands in the template.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pandera.pandas as pa

from pipeline.facts.editions import Edition
from pipeline.report.wording import template
from pipeline.tables.base import Table, must_be_filled
from pipeline.tables.vocabulary import CHECK_OUTCOMES, SEVERITIES

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
class Mark:
    """How an outcome is marked: its sign, how it is said in a sum, and what all checks together are then called."""

    sign: str
    said: str
    overall: str


# Gravest first. The outcomes and what they mean are the vocabulary's.
MARKS = {
    "failed": Mark("✗", "failed", "failed"),
    "warned": Mark("!", "warned", "passed, with warnings"),
    "accepted": Mark("≈", "accepted", "passed, with accepted findings"),
    "passed": Mark("✓", "passed", "passed"),
    "nothing to compare": Mark("–", "with nothing to compare", "nothing to compare"),
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


def checks_page(
    edition: Edition, tables: Mapping[str, pd.DataFrame], gates: Sequence[Gate], versions: Mapping[str, str]
) -> str:
    """Return the page as one HTML file without scripts or outside requests.

    ``tables``: published tables, of which ``checks``, ``corrections``, ``accepted``, ``rejected_rows`` and ``flags``
    are shown, rows in the order given; ``versions``: by ``data_version`` and so on. Raises ``KeyError`` when one of the
    tables is missing or a check came out in a way that the vocabulary does not know.
    """
    checks, rejected = tables["checks"], tables["rejected_rows"]
    return template("checks.html.j2").render(
        edition=edition,
        versions={name.removesuffix("_version"): version for name, version in versions.items()},
        total=_total(checks),
        suites=[_suite(str(name), rows) for name, rows in checks.groupby("suite", sort=False)],
        marks=MARKS,
        meanings=CHECK_OUTCOMES,
        severities=SEVERITIES,
        gates=gates,
        corrections=_records(tables["corrections"]),
        accepted=_records(
            tables["accepted"].assign(accepted_on=tables["accepted"]["accepted_on"].dt.strftime("%Y-%m-%d"))
        ),
        rejected=_records(rejected),
        reasons=_by_reason(rejected),
        flags=_records(tables["flags"]),
    )


def _gate(name: str, table: pd.DataFrame, model: type[Table]) -> Gate:
    schema = model.to_schema()
    # In the source two backquotes mark names; on the page they would only be noise.
    description = (model.__doc__ or "").strip().split("\n")[0].replace("``", "")
    return Gate(name, description, len(table), len(schema.columns), tuple(_rules(schema)))


def _rules(schema: pa.DataFrameSchema) -> Iterable[Rule]:
    """Rules of a schema: limits of columns (columns with the same one together), keys, then rules over whole rows."""
    columns_by_words: dict[str, list[str]] = {}
    for name, column in schema.columns.items():
        for words in _column_rules(column):
            columns_by_words.setdefault(words, []).append(str(name))
    yield from (Rule(tuple(columns), words) for words, columns in columns_by_words.items())
    if schema.unique:
        yield Rule(tuple(schema.unique), "together once in the table")
    yield from (Rule((), f"refused: {check.error or check.name}") for check in schema.checks)


def _column_rules(column: pa.Column) -> Iterable[str]:
    if must_be_filled(column):
        yield "filled in every row"
    for check in column.checks:
        # A text of at least one character is a filled one.
        if check.name != "str_length" or check.statistics != {"min_value": 1, "max_value": None, "exact_value": None}:
            yield _check_words(check)
    if column.unique:
        yield "once in the table"


def _check_words(check: pa.Check) -> str:
    if check.name not in RULE_WORDS:
        return str(check.error or check.name)
    limits: dict[str, Any] = dict(check.statistics or {})
    if "allowed_values" in limits:
        limits["allowed_values"] = ", ".join(str(value) or "(empty)" for value in limits["allowed_values"])
    return RULE_WORDS[check.name].format(**limits)


def _suite(name: str, checks: pd.DataFrame) -> dict[str, Any]:
    return {
        "name": name,
        "guards": checks["guards_suite"].iloc[0],
        "assets": list(checks["asset"].unique()),
        "total": _total(checks),
        "checks": [row | {"examples": list(filter(None, row["examples"].split("\n")))} for row in _records(checks)],
    }


def _total(checks: pd.DataFrame) -> dict[str, Any]:
    """Numbers of suites, checks and rows, of checks by outcome (gravest first), and the gravest outcome."""
    counts = checks["outcome"].value_counts()
    by_outcome = {outcome: int(counts.get(outcome, 0)) for outcome in MARKS}
    return {
        "suites": checks["suite"].nunique(),
        "checks": len(checks),
        "rows": int(checks["rows"].sum()),
        "by_outcome": by_outcome,
        "gravest": next((outcome for outcome, number in by_outcome.items() if number), "nothing to compare"),
    }


def _by_reason(rejected: pd.DataFrame) -> list[dict[str, Any]]:
    """Number of rejected values by reason, most frequent first."""
    numbers = rejected.groupby("reason").size().reset_index(name="values")
    return _records(numbers.sort_values(["values", "reason"], ascending=[False, True]))


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.to_dict("records")
