"""Reading the reference tables.

Belongs here: which tables there are and which file holds each. What one table may contain is said in
``pipeline.tables.reference`` and ``pipeline.tables.parameters``, how tables must fit each other in
``pipeline.facts.rules``.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.facts.earlier import read_earlier
from pipeline.facts.editions import Edition, read_editions
from pipeline.facts.files import close_match, entries, leads_out, link_out
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import TextRows, read_text_rows, to_table
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.parameters import (
    Deadweight,
    DiscountRates,
    GdpDeflators,
    HoursWeights,
    OptimismBias,
    OutcomeUnitCosts,
    UnitCostChecks,
    UnitCosts,
    WellbeingScales,
)
from pipeline.tables.reading import ReadingValues, Reconstruction
from pipeline.tables.reference import (
    Accepted,
    Corrections,
    EarlierPublications,
    GoneContracts,
    MetricOutcomes,
    OutcomeTypes,
    PaidPerUnit,
    PublishedFigures,
    SharedResults,
    Sources,
)
from pipeline.tables.typed import DataFrame

# There may be nothing known to be wrong, no outcome that is weighted by hours, no edition that takes optimism bias off.
MAY_BE_EMPTY = (
    *("corrections", "accepted", "hours_weights", "optimism_bias"),
    *("unit_cost_checks", "paid_per_unit", "shared_results", "wellbeing_scales"),
    *("gone_contracts", "earlier_publications", "reading_values", "reconstruction"),
)
# A project in which nothing odd was ever accepted, or no unit cost held beside another figure, need not have the file.
MAY_BE_MISSING = (
    *("accepted", "unit_cost_checks", "paid_per_unit", "shared_results", "wellbeing_scales"),
    *("gone_contracts", "earlier_publications", "reading_values", "reconstruction"),
)
# What to say of a table without rows.
EXPECTED_ROWS = {name: "at least one row" for name in REFERENCE_TABLES if name not in MAY_BE_EMPTY}


@dataclass(frozen=True)
class Reference:
    """The reference tables, typed and validated, and the editions by id."""

    outcome_types: DataFrame[OutcomeTypes]
    metric_outcomes: DataFrame[MetricOutcomes]
    unit_costs: DataFrame[UnitCosts]
    outcome_unit_costs: DataFrame[OutcomeUnitCosts]
    hours_weights: DataFrame[HoursWeights]
    deadweight: DataFrame[Deadweight]
    optimism_bias: DataFrame[OptimismBias]
    gdp_deflators: DataFrame[GdpDeflators]
    discount_rates: DataFrame[DiscountRates]
    published_figures: DataFrame[PublishedFigures]
    sources: DataFrame[Sources]
    corrections: DataFrame[Corrections]
    editions: dict[str, Edition]
    accepted: DataFrame[Accepted] = field(default_factory=Accepted.empty)
    unit_cost_checks: DataFrame[UnitCostChecks] = field(default_factory=UnitCostChecks.empty)
    paid_per_unit: DataFrame[PaidPerUnit] = field(default_factory=PaidPerUnit.empty)
    shared_results: DataFrame[SharedResults] = field(default_factory=SharedResults.empty)
    wellbeing_scales: DataFrame[WellbeingScales] = field(default_factory=WellbeingScales.empty)
    reading_values: DataFrame[ReadingValues] = field(default_factory=ReadingValues.empty)
    reconstruction: DataFrame[Reconstruction] = field(default_factory=Reconstruction.empty)
    gone_contracts: DataFrame[GoneContracts] = field(default_factory=GoneContracts.empty)
    earlier_publications: DataFrame[EarlierPublications] = field(default_factory=EarlierPublications.empty)
    # By id of an earlier publication the tables that are kept of it, by the names under which they were published.
    earlier: Mapping[str, Mapping[str, pd.DataFrame]] = field(default_factory=dict)
    # What the folder is called, in what is said of its files.
    folder: str = "reference"


def read_reference(folder: Path) -> tuple[Reference, list[Problem]]:
    """Read all reference tables and editions; returns them and every problem found in them.

    The index of each table is the row in its file (header = 1).
    """
    problems = list(_unknown_tables(folder))
    tables: dict[str, pd.DataFrame] = {}
    for name, model in REFERENCE_TABLES.items():
        rows = _read_table(folder, name, list(model.to_schema().columns))
        tables[name], found = to_table(rows, model, index_by_row=True)
        problems.extend([*rows.problems, *found])
    editions, found = read_editions(folder / "editions", f"{folder.name}/editions")
    problems.extend(found)
    earlier, found = read_earlier(folder, folder.name, tables["earlier_publications"])
    problems.extend(found)
    return Reference(**tables, editions=editions, earlier=earlier, folder=folder.name), problems


def _read_table(folder: Path, name: str, columns: list[str]) -> TextRows:
    path, shown = folder / f"{name}.csv", f"{folder.name}/{name}.csv"
    if leads_out(path, folder):
        return TextRows(problems=[link_out(shown)])
    if name in MAY_BE_MISSING and not os.path.lexists(path):
        return TextRows()
    return read_text_rows(path, shown, columns, expected_rows=EXPECTED_ROWS.get(name))


def _unknown_tables(folder: Path) -> Iterable[Problem]:
    """Other files than tables may lie beside them, but a table that nobody reads would be lost."""
    known = [f"{name}.csv" for name in REFERENCE_TABLES]
    for entry in entries(folder):
        if entry.suffix.lower() == ".csv" and entry.name not in known:
            shown = f"{folder.name}/{entry.name}"
            yield Problem(shown, 0, "file", "unknown file", expected=close_match(entry.name, known) or "no other table")
