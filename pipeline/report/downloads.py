"""What ``data.html`` offers: the published tables as CSV, and as a data package.

Belongs here: the text of the CSV files, cells that a spreadsheet would run as formulas made safe, and the descriptor
``datapackage.json`` (Data Package v2, https://datapackage.org). The Parquet files are written by ``publish``; what a
table and its columns mean stands in its model, the page in ``pages.data``.
"""

import io
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as arrow
import pyarrow.compute
import pyarrow.csv

from pipeline.facts.editions import Edition
from pipeline.report.citation import AUTHORS, PROJECT, PROJECT_TITLE, licences
from pipeline.report.publish import arrow_table
from pipeline.report.rows import as_rows
from pipeline.tables.base import Table, column_descriptions, must_be_filled, paragraphs
from pipeline.tables.catalogue import PUBLISHED_TABLES
from pipeline.tables.of_pandera import is_bool, is_datetime, is_float, is_int, is_string

if TYPE_CHECKING:
    import pandera.pandas as pa

CSV_PATH, PARQUET_PATH = "tables/{}.csv", "tables/{}.parquet"
DIALECT = {"header": True, "delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True}

# --- Cells that a spreadsheet would run -----------------------------------------------------------------------

GUARD = "'"
# A sign that begins a formula (some spreadsheets take the wide forms too), also after blanks and what cannot be seen;
# a tab or an end of line at the beginning; and the guard itself, so that one guard can always be taken off again.
NEEDS_GUARD = r"^(?:'|[\p{Z}\p{C}]*[=+\-@＝＋－＠]|\p{Z}*[\t\r\n])"  # noqa: RUF001
GUARD_WORDS = (
    "A spreadsheet runs a text that begins with one of = + - @ as a formula. In the CSV files such a text has an "
    "apostrophe before it, also where blanks come before the sign; so has one that begins with a tab, an end of line "
    "or an apostrophe. To undo it, take one apostrophe off each text that begins with one. Numbers, days, true and "
    "false are never touched, and the Parquet files have every text as it is."
)

# --- Words and names of others --------------------------------------------------------------------------------

# What a type is called in a data package and to a reader, by how to tell it.
TYPES = {
    "string": (is_string, "text"),
    "boolean": (is_bool, "true or false"),
    "integer": (is_int, "whole number"),
    "number": (is_float, "number"),
    "date": (is_datetime, "date"),
}
# What a check of a model is called in a data package, by check and by what it says; any other is left out.
CONSTRAINTS = {
    ("isin", "allowed_values"): "enum",
    ("str_length", "min_value"): "minLength",
    ("str_length", "max_value"): "maxLength",
    ("str_matches", "pattern"): "pattern",
    ("greater_than_or_equal_to", "min_value"): "minimum",
    ("greater_than", "min_value"): "exclusiveMinimum",
    ("less_than_or_equal_to", "max_value"): "maximum",
    ("less_than", "max_value"): "exclusiveMaximum",
}


# --- Files ----------------------------------------------------------------------------------------------------


def download_files(
    edition: Edition, tables: Mapping[str, pd.DataFrame], sources: pd.DataFrame, versions: Mapping[str, str]
) -> dict[str, str]:
    """Return the data package and the CSV files by their path; ``tables``: those that are offered."""
    package = data_package(edition, tables, sources, versions)
    return {
        "datapackage.json": json.dumps(package, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        **{CSV_PATH.format(name): csv_text(table, name) for name, table in tables.items()},
    }


def csv_text(table: pd.DataFrame, name: str) -> str:
    """Return a published table as CSV: ISO dates, plain numbers, true and false, texts in quotes, missing as nothing.

    It has what the Parquet file has, save that a text that a spreadsheet would run has an apostrophe before it.
    """
    text = io.BytesIO()
    arrow.csv.write_csv(_guarded(arrow_table(table, name, {})), text)
    return text.getvalue().decode()


def _guarded(table: arrow.Table) -> arrow.Table:
    """A table with its texts guarded, all at once: to make the pattern ready takes longer than to look for it."""
    kinds = {place: field.type for place, field in enumerate(table.schema)}
    texts = [i for i, kind in kinds.items() if arrow.types.is_string(kind) or arrow.types.is_large_string(kind)]
    parts = [part for i in texts for part in table.column(i).cast(arrow.large_string()).chunks]
    if not parts:
        return table
    safe = arrow.compute.replace_substring_regex(arrow.concat_arrays(parts), NEEDS_GUARD, rf"{GUARD}\0")
    for place, i in enumerate(texts):
        table = table.set_column(i, table.column_names[i], safe.slice(place * len(table), len(table)))
    return table


def bundle_names(edition: Edition) -> dict[str, str]:
    """Return what the files with everything in one are called, by the end of the name; ``bundles`` makes them."""
    return {ending: f"{PROJECT}-{edition.edition}.{ending}" for ending in ("zip", "xlsx", "ods")}


# --- The data package -----------------------------------------------------------------------------------------


def data_package(
    edition: Edition, tables: Iterable[str], sources: pd.DataFrame, versions: Mapping[str, str]
) -> dict[str, Any]:
    """Return the descriptor of the data package of an edition; ``tables``: names of its published tables.

    Beyond the standard it has the three ``versions``, the ``unit`` of a field, of a table the path of the same rows as
    ``parquet`` and, of a source, the other columns of the register.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{PROJECT}-{edition.edition}",
        "title": edition.title,
        "description": f"Edition {edition.edition} of {PROJECT}: {PROJECT_TITLE}. {edition.reasons}\n\n"
        f"Each table is there as CSV and as Parquet. {GUARD_WORDS}",
        "version": ".".join(name.replace("_version", f"-{version}") for name, version in versions.items()),
        "versions": dict(versions),
        "licenses": [{"name": each.name, "path": each.path, "title": each.title} for each, _ in licences(sources)],
        "contributors": [{"title": AUTHORS, "roles": ["creator"]}],
        "sources": [_source(row) for row in as_rows(sources)],
        "resources": [_resource(name) for name in tables],
    }


def _source(row: Mapping[str, str]) -> dict[str, str]:
    """A source as a data package has it: its address as ``path``, what is empty left out."""
    return {"path" if name == "address" else name: text for name, text in row.items() if text}


def _resource(name: str) -> dict[str, Any]:
    """A table as CSV; validators read Parquet with what is missing as a number that breaks every limit."""
    return {
        "name": name,
        "type": "table",
        "path": CSV_PATH.format(name),
        "parquet": PARQUET_PATH.format(name),
        "description": " ".join(paragraphs(PUBLISHED_TABLES[name])),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": DIALECT,
        "schema": table_schema(PUBLISHED_TABLES[name]),
    }


@cache
def table_schema(model: type[Table]) -> Mapping[str, Any]:
    """Return the columns of a model, and what makes a row its own, as a Table Schema; made once, not to be changed."""
    schema = model.to_schema()
    descriptions = column_descriptions(model)
    fields = [_field(name, *descriptions[name], column) for name, column in schema.columns.items()]
    # Pandera knows one key of a table: several columns together, or one by itself.
    key = list(schema.unique or [name for name, column in schema.columns.items() if column.unique])
    return {"fields": fields, **({"primaryKey": key} if key else {})}


def _field(name: str, description: str, unit: str, column: "pa.Column") -> dict[str, Any]:
    kind = next(kind for kind, (is_kind, _) in TYPES.items() if is_kind(column.dtype))
    constraints = {
        CONSTRAINTS[check.name, part]: _limit(value)
        for check in column.checks
        for part, value in (check.statistics or {}).items()
        if (check.name, part) in CONSTRAINTS and value is not None
    }
    constraints |= {"required": True} if must_be_filled(column) else {}
    constraints |= {"unique": True} if column.unique else {}
    return {
        "name": name,
        "type": kind,
        "description": description,
        **({"unit": unit} if unit else {}),
        **({"constraints": constraints} if constraints else {}),
        # An empty text is a text, not one that is missing.
        **({"missingValues": []} if kind == "string" else {}),
    }


def _limit(value: Any) -> Any:
    """A limit as JSON has it; a pattern without its anchors, which those of a data package have not."""
    if isinstance(value, str):
        return value.removeprefix("^").removesuffix("$")
    return list(value) if isinstance(value, (list, tuple, set, frozenset)) else value
