"""What all table models share.

Belongs here: the strict base model and the one way to describe a column; no table of its own.
"""

from typing import Any

import pandera.pandas as pa

PRICE_YEAR_PATTERN = r"^(19|20)\d\d-\d\d$"
CONTRACT_ID_PATTERN = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
SNAKE_CASE_PATTERN = r"^[a-z0-9]+(_[a-z0-9]+)*$"
KEBAB_CASE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
# Discount factors are worked out this far; no line of value may run on for longer.
LONGEST_LINE_YEARS = 60


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


def column_descriptions(model: type[pa.DataFrameModel]) -> dict[str, tuple[str, str]]:
    """Return ``{column: (description, unit)}`` of a model, in column order."""
    schema = model.to_schema()
    return {
        name: (str(col.description or ""), str((col.metadata or {}).get("unit", "")))
        for name, col in schema.columns.items()
    }
