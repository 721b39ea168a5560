"""What is in the workbook: a cover, the contents, notes, what each column means, and each published table on a sheet.

Belongs here: the words and their order, by the guidance of the UK Government Analysis Function on accessible
spreadsheets: one table a sheet below its title, heads with units, no merged cell, no empty row, notes of their own.
"""

from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as arrow

from pipeline.facts.editions import Edition
from pipeline.report.citation import AUTHORS, PROJECT, PROJECT_TITLE, attributions, citation, licences
from pipeline.report.publish import arrow_table
from pipeline.report.workbook.ods import ods
from pipeline.report.workbook.sheets import LONGEST_CELL, Sheet
from pipeline.report.workbook.xlsx import xlsx
from pipeline.tables.base import column_descriptions, paragraphs
from pipeline.tables.catalogue import PUBLISHED_TABLES

WORKBOOKS = {"xlsx": xlsx, "ods": ods}
CONTENTS, NOTES, COLUMNS = "Contents", "Notes", "Columns"
ACRONYMS = {
    "CSV": "Comma-separated values, a plain file that every spreadsheet opens.",
    "GDP": "Gross domestic product.",
    "INDIGO": "International Network for Data on Impact and Government Outcomes, of the Government Outcomes Lab.",
    "NEET": "Not in education, employment or training.",
    "QALY": "Quality-adjusted life year.",
}


def workbooks(
    edition: Edition, tables: Mapping[str, pd.DataFrame], sources: pd.DataFrame, versions: Mapping[str, str]
) -> dict[str, bytes]:
    """Return the workbook of an edition in each format, by the end of its name; ``tables``: those that are offered."""
    sheets = sheets_of(edition, tables, sources, versions)
    title = f"{edition.title} ({PROJECT}, {edition.edition})"
    return {ending: made(title, AUTHORS, sheets) for ending, made in WORKBOOKS.items()}


def sheets_of(
    edition: Edition, tables: Mapping[str, pd.DataFrame], sources: pd.DataFrame, versions: Mapping[str, str]
) -> list[Sheet]:
    """Return the sheets in their order, that of the tables as they are published."""
    return [
        _cover(edition, sources, versions),
        _contents(tables),
        _listed(NOTES, "Notes and abbreviations", ("Term", "Meaning"), notes(edition)),
        _columns(tables),
        *(_table(name, table) for name, table in tables.items()),
    ]


def notes(edition: Edition) -> list[tuple[str, str]]:
    """Return what a reader needs to know of the words and marks of the tables."""
    return [
        ("empty cell", "Not known, not published, or does not apply. An empty cell never means 0."),
        ("GBP", "Pounds sterling. The unit is in the head of each column."),
        ("cash", "Pounds of the year in which they were paid."),
        (f"prices of {edition.price_year}", "Pounds adjusted for inflation with the GDP deflator (see gdp_deflators)."),
        ("bcr", "Benefit-cost ratio: public value for each £1 of outcome payments, both in the same prices."),
        ("fiscal_bcr", "Fiscal value for each £1 of outcome payments, both in the same prices."),
        ("p10, p90", "The ends of the 80% range: 8 in 10 simulations fall inside it."),
        ("is_in_bcr", "The contract has a ratio. For the ratio of several contracts, add up only these rows."),
        ("deadweight", "The share of outcomes that would have happened without the contract."),
        ("unit cost", "What one unit of an outcome is worth, such as a week in temporary accommodation."),
        ("metric", "What a contract counted. Each metric is matched with an outcome in metric_outcomes."),
        ("milestone", "One of several metrics for the same people, such as 13 and 26 weeks in work."),
        ("transfer", "Fiscal value that somebody else loses. It is left out of public value."),
        ("source_id", "Where a row comes from. The table sources has the title and the address."),
        *ACRONYMS.items(),
    ]


def _cover(edition: Edition, sources: pd.DataFrame, versions: Mapping[str, str]) -> Sheet:
    made_of = ", ".join(f"{name.removesuffix('_version')} {version}" for name, version in versions.items())
    used = "; ".join(licence.title for licence, _ in licences(sources))
    return Sheet(
        "Cover",
        (
            edition.title,
            f"Edition {edition.edition} of {PROJECT}: {PROJECT_TITLE}",
            edition.reasons,
            "Each sheet has one table, with its title in cell A1. Contents lists the sheets, Notes explains the terms, "
            "and Columns says what each column means.",
            "Empty cells are not known, not published or do not apply. They never mean 0.",
            f"Versions: {made_of}",
            f"How to cite: {citation(edition, versions).text}",
            f"Licences of the sources: {used}",
            *attributions(sources),
        ),
    )


def _contents(tables: Mapping[str, pd.DataFrame]) -> Sheet:
    rows = [
        (NOTES, "Notes and abbreviations", None, None),
        (COLUMNS, "What each column means", None, None),
        *(
            (name, paragraphs(PUBLISHED_TABLES[name])[0], len(table), len(table.columns))
            for name, table in tables.items()
        ),
    ]
    names, said, lengths, widths = zip(*rows, strict=True)
    table = arrow.table(
        {
            "sheet": arrow.array(names, arrow.string()),
            "what": arrow.array(said, arrow.string()),
            "rows": arrow.array(lengths, arrow.int64()),
            "columns": arrow.array(widths, arrow.int64()),
        }
    )
    heads = ("Sheet", "What is in it", "Rows", "Columns")
    return Sheet(CONTENTS, ("Contents", "This sheet has one table."), heads, table, leads_to_sheets=True)


def _columns(tables: Mapping[str, pd.DataFrame]) -> Sheet:
    rows = [
        (name, column, meaning, unit)
        for name in tables
        for column, (meaning, unit) in column_descriptions(PUBLISHED_TABLES[name]).items()
    ]
    return _listed(COLUMNS, "What each column means", ("Table", "Column", "Meaning", "Unit"), rows)


def _listed(name: str, title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Sheet:
    columns = [arrow.array(column, arrow.string()) for column in zip(*rows, strict=True)]
    return Sheet(name, (title, "This sheet has one table."), heads, arrow.table(columns, names=list(heads)))


def _table(name: str, table: pd.DataFrame) -> Sheet:
    model = PUBLISHED_TABLES[name]
    units = {column: unit for column, (_, unit) in column_descriptions(model).items()}
    heads = tuple(f"{column} ({units[column]})" if units[column] else column for column in table.columns)
    said = "This sheet has one table." if len(table) else "This sheet has one table, which has no rows in this edition."
    lines = (f"{name}: {paragraphs(model)[0]}", *paragraphs(model)[1:], said)
    return Sheet(name, tuple(line[:LONGEST_CELL] for line in lines), heads, arrow_table(table, name, {}))
