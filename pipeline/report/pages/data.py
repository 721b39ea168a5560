"""The page ``data.html``: each published table with its first rows, how to read the files, and how to cite them.

Below it ``columns.html``: what each column means, which alone is as long as a page may be.

Belongs here: describing tables for a reader, from their models. The files themselves are made in ``downloads``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.report.citation import LICENCES, attributions, citation, licences
from pipeline.report.downloads import GUARD_WORDS, TYPES, bundle_names, download_files, table_schema
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.previews import first_rows, numbers_in
from pipeline.report.sharing import address_of, as_json_ld, dataset
from pipeline.tables.base import paragraphs
from pipeline.tables.catalogue import PUBLISHED_TABLES

# Constraints of a data package in words. That a text has at least one character is said by its not being empty.
CONSTRAINT_WORDS = {
    "enum": "one of {}",
    "maxLength": "at most {} characters",
    "pattern": "of the form {}",
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
}

# How to read the files, with the name of a table and of a column.
READ_CSV = """\
import pandas as pd

table = pd.read_csv("tables/{table}.csv")
for name in table.columns:
    if pd.api.types.is_string_dtype(table[name]):
        table[name] = table[name].str.removeprefix("'")"""
READ_PARQUET = """\
import pyarrow.parquet as pq

schema = pq.read_schema("tables/{table}.parquet")
print(schema.metadata)  # what is in the table, and the versions it was made from
print(schema.field("{column}").metadata)  # what a column means, and its unit"""

# The ratio of the edition from its table of contracts, in four lines each.
WITH_PANDAS = """\
import pandas as pd
contracts = pd.read_parquet("tables/contract_value.parquet")
in_ratio = contracts[contracts["is_in_bcr"]]
print(in_ratio["public_value_gbp"].sum() / in_ratio["outcome_payments_real_gbp"].sum())"""
WITH_R = """\
library(arrow)
contracts <- read_parquet("tables/contract_value.parquet")
in_ratio <- contracts[contracts$is_in_bcr, ]
print(sum(in_ratio$public_value_gbp) / sum(in_ratio$outcome_payments_real_gbp))"""
WITH_DUCKDB = """\
SELECT sum(public_value_gbp) / sum(outcome_payments_real_gbp)
FROM 'tables/contract_value.parquet'
WHERE is_in_bcr;"""
FOUR_LINES = {"pandas": WITH_PANDAS, "R": WITH_R, "DuckDB": WITH_DUCKDB}
FIRST_ROWS = 3


def render(made_from: Site) -> Files:
    """Return the page, and what it offers, by their path in the folder of the edition."""
    tables = {name: made_from.tables[name] for name in PUBLISHED_TABLES if name in made_from.tables}
    sources = made_from.reference.sources
    described = [_described(name, table) for name, table in tables.items()]
    names = bundle_names(made_from.edition)
    folder = address_of(made_from.address, made_from.edition.edition)
    files = download_files(made_from.edition, tables, sources, made_from.versions)
    page = made_from.page(
        "data.html",
        "data",
        json_ld=as_json_ld(dataset(json.loads(files["datapackage.json"]), names, folder)),
        tables=described,
        attributions=attributions(sources),
        licences=licences(sources),
        code_licence=LICENCES["MIT"],
        citation=citation(made_from.edition, made_from.versions),
        guard_words=GUARD_WORDS,
        four_lines=FOUR_LINES,
        ratio=tables["market_value"]["bcr"].iloc[0],
        bundle_names=names,
        **_examples(described),
    )
    return {"data.html": page, "columns.html": made_from.page("columns.html", "columns", tables=described), **files}


@dataclass(frozen=True)
class Column:
    """A column as the page describes it."""

    name: str
    meaning: str
    unit: str
    kind: str
    limits: tuple[str, ...]


@dataclass(frozen=True)
class DescribedTable:
    """A table as the page describes it; ``key``: columns that name a row; ``first``: its first rows, as people read."""

    name: str
    paragraphs: tuple[str, ...]
    rows: int
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    first: list[tuple[str, ...]]
    numbers: list[str]


def _described(name: str, table: pd.DataFrame) -> DescribedTable:
    model = PUBLISHED_TABLES[name]
    schema = table_schema(model)
    columns = tuple(_column(field) for field in schema["fields"])
    key = tuple(schema.get("primaryKey", ()))
    first = first_rows(table, FIRST_ROWS)
    return DescribedTable(name, paragraphs(model), len(table), columns, key, first, numbers_in(table))


def _column(field: Mapping[str, Any]) -> Column:
    constraints = field.get("constraints", {})
    limits = [
        words.format(_shown(constraints[part])) for part, words in CONSTRAINT_WORDS.items() if part in constraints
    ]
    if not constraints.get("required"):
        limits.append("may be empty")
    kind = TYPES[field["type"]][1]
    return Column(field["name"], field["description"], field.get("unit", ""), kind, tuple(limits))


def _shown(limit: Any) -> str:
    return ", ".join(str(value) for value in limit if value != "") if isinstance(limit, list) else str(limit)


def _examples(tables: Iterable[DescribedTable]) -> dict[str, str]:
    """How to read the files of a table with a column that has a unit."""
    table, column = next((table.name, column.name) for table in tables for column in table.columns if column.unit)
    return {
        "read_csv": READ_CSV.format(table=table),
        "read_parquet": READ_PARQUET.format(table=table, column=column),
    }


PAGE = Page("data.html", "Data", render)
