"""What all table models share.

Belongs here: the strict base model, the one way to describe a column, and validating the tables of several editions;
no table of its own.
"""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from pipeline.tables.of_pandera import is_string

PRICE_YEAR_PATTERN = r"^(19|20)\d\d-\d\d$"
CONTRACT_ID_PATTERN = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
SNAKE_CASE_PATTERN = r"^[a-z0-9]+(_[a-z0-9]+)*$"
# A group of added values, at the level where it is not the central one.
ADDED_VALUE_PATTERN = r"^[a-z0-9]+(_[a-z0-9]+)*(:(low|high))?$"
KEBAB_CASE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# Of ids that name folders and files: no file system takes a name of more than 255 bytes, and something is added to it.
LONGEST_NAME = 100
# Digits of the longest number in an id that is put in order as a number.
LONGEST_NUMBER = 20
# Discount factors are worked out this far; no line of value may run on for longer.
LONGEST_LINE_YEARS = 60
# What a sum of pounds may miss by rounding.
PENNY = 0.01
# Units of pounds, and words that descriptions of columns share.
PRICES = "GBP, prices of the edition"
CASH = "GBP, cash"
NOT_KNOWN = "It is empty where none is known."
WITHHELD = "It is missing where too few people are behind it, or where it would give away another such count."


class Table(pa.DataFrameModel):
    """A table with exactly the columns of the model, each of its type."""

    class Config:
        """Strict: an unknown column is an error; types are made as declared."""

        strict = True
        coerce = True


def described(description: str, unit: str = "", **checks: Any) -> Any:
    """Describe a column: what it means in words, in which unit, within which limits."""
    return pa.Field(description=description, metadata={"unit": unit}, **checks)


def filled(description: str, **checks: Any) -> Any:
    """Describe a text column that may not be empty."""
    return described(description, str_length={"min_value": 1}, **checks)


def valid_by_edition(model: type[Table], tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables of some editions, each column of its type, if they are what the model says.

    They are validated as one, with a column ``edition``: it takes Pandera as long for one edition as for all, since
    what it does for a column takes it longer than what it does for the rows. Raises ``pandera.errors.SchemaErrors``.
    """
    if not tables:
        return {}
    together = pd.concat(
        [table.assign(edition=pd.Series(edition, table.index, "str")) for edition, table in tables.items()],
        ignore_index=True,
    )
    valid = _schema_of_editions(model).validate(together, lazy=True)
    ends = pd.Series([len(table) for table in tables.values()]).cumsum()
    parts = zip(tables.items(), ends, strict=True)
    without = valid.drop(columns="edition")
    return {edition: without.iloc[end - len(table) : end].reset_index(drop=True) for (edition, table), end in parts}


@cache
def _schema_of_editions(model: type[Table]) -> pa.DataFrameSchema:
    """The schema of a model for the rows of several editions: what is unique is so within each."""
    schema = model.to_schema()
    alone = [name for name, column in schema.columns.items() if column.unique]
    schema = schema.update_columns({name: {"unique": False} for name in alone})
    schema = schema.add_columns({"edition": pa.Column(str)})
    keys = [*([list(schema.unique)] if schema.unique else []), *([name] for name in alone)]
    assert len(keys) <= 1, "Pandera knows one key of a table"
    schema.unique = ["edition", *keys[0]] if keys else None
    return schema


def keys_of(model: type[pa.DataFrameModel]) -> list[str]:
    """Return the columns by which a row of a table is known; none where no rule says that they are unique."""
    schema = model.to_schema()
    return [name for name, column in schema.columns.items() if column.unique] + list(schema.unique or [])


def in_natural_order(ids: "pd.Series[str]") -> "pd.Series[str]":
    """Return what to sort ids by, so that a smaller number in them comes before a larger one: m2 before m10."""
    return ids.str.replace(r"\d+", lambda number: number[0].zfill(LONGEST_NUMBER), regex=True)


def column_descriptions(model: type[pa.DataFrameModel]) -> dict[str, tuple[str, str]]:
    """Return ``{column: (description, unit)}`` of a model, in column order."""
    schema = model.to_schema()
    return {
        name: (str(col.description or ""), str((col.metadata or {}).get("unit", "")))
        for name, col in schema.columns.items()
    }


def must_be_filled(column: pa.Column) -> bool:
    """Tell whether a column is filled in every row.

    A text may be empty, unless something is said of its length, form or words; anything else if it is nullable.
    """
    if column.nullable or not is_string(column.dtype):
        return not column.nullable
    return any(
        check.name in ("str_length", "str_matches")
        or (check.name == "isin" and "" not in (check.statistics or {})["allowed_values"])
        for check in column.checks
    )


def paragraphs(model: type[pa.DataFrameModel]) -> tuple[str, ...]:
    """Return what a table holds, as its model says it; the first paragraph is one line."""
    # In the source two backquotes mark names; to a reader they would only be noise.
    text = inspect.cleandoc(model.__doc__ or "").replace("``", "")
    return tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
