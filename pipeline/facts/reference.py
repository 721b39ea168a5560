"""Reading the reference tables and holding them, and the raw facts, against each other.

Belongs here: which tables there are, which file holds each, and the rules that join two tables (an id that
must exist elsewhere). What one table may contain is said in ``pipeline.tables.reference``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

from pipeline.facts.editions import Edition, read_editions
from pipeline.facts.problems import Problem
from pipeline.facts.raw import RawFacts
from pipeline.facts.typed_csv import read_text_rows, to_table
from pipeline.tables.base import Table
from pipeline.tables.reference import (
    Corrections,
    Deadweight,
    DiscountRates,
    GdpDeflators,
    MetricOutcomes,
    OutcomeTypes,
    OutcomeUnitCosts,
    PublishedFigures,
    Sources,
    UnitCosts,
    is_priced,
)
from pipeline.tables.vocabulary import TIME_UNITS, YEARS_PER_UNIT

REFERENCE_TABLES: dict[str, type[Table]] = {
    "outcome_types": OutcomeTypes,
    "metric_outcomes": MetricOutcomes,
    "unit_costs": UnitCosts,
    "outcome_unit_costs": OutcomeUnitCosts,
    "deadweight": Deadweight,
    "gdp_deflators": GdpDeflators,
    "discount_rates": DiscountRates,
    "published_figures": PublishedFigures,
    "sources": Sources,
    "corrections": Corrections,
}


@dataclass(frozen=True)
class Reference:
    """The reference tables, typed and validated, and the editions by id."""

    outcome_types: pd.DataFrame
    metric_outcomes: pd.DataFrame
    unit_costs: pd.DataFrame
    outcome_unit_costs: pd.DataFrame
    deadweight: pd.DataFrame
    gdp_deflators: pd.DataFrame
    discount_rates: pd.DataFrame
    published_figures: pd.DataFrame
    sources: pd.DataFrame
    corrections: pd.DataFrame
    editions: dict[str, Edition]


def read_reference(folder: Path) -> tuple[Reference, list[Problem]]:
    """Read all reference tables and editions; returns them and every problem found in them."""
    problems: list[Problem] = []
    tables: dict[str, pd.DataFrame] = {}
    for name, model in REFERENCE_TABLES.items():
        columns = list(model.to_schema().columns)
        rows = read_text_rows(folder / f"{name}.csv", f"{folder.name}/{name}.csv", columns)
        tables[name], found = to_table(rows, model, index_by_row=True)
        problems.extend([*rows.problems, *found])
    editions, found = read_editions(folder / "editions", f"{folder.name}/editions")
    problems.extend(found)
    return Reference(**tables, editions=editions), problems


def cross_table_problems(facts: RawFacts, reference: Reference, folder: str = "reference") -> list[Problem]:
    """Return what is wrong between tables: ids that do not exist, metrics nobody mapped, outcomes without a value.

    The index of each reference table is the row in its file, as ``read_reference`` makes it.
    """
    return [
        *_unknown_ids(reference, folder),
        *_unmapped_metrics(facts, reference, folder),
        *_unvalued_outcomes(reference, folder),
        *_unknown_sources(facts, reference, folder),
        *_unknown_price_years(reference, folder),
        *_broken_ladders(reference, folder),
        *_net_with_deadweight(facts, reference, folder),
    ]


def _rows_not_in(
    table: pd.DataFrame, column: str, allowed: Iterable[object], path: str, what: str, expected: str = ""
) -> Iterable[Problem]:
    for position in table.index[~table[column].isin(list(allowed))]:
        yield Problem(path, int(position), column, what, str(table.at[position, column]), expected)


def _unknown_ids(reference: Reference, folder: str) -> Iterable[Problem]:
    outcomes = set(reference.outcome_types["outcome_id"])
    for name in ("metric_outcomes", "outcome_unit_costs", "deadweight"):
        table = getattr(reference, name)
        path = f"{folder}/{name}.csv"
        yield from _rows_not_in(table, "outcome_id", outcomes, path, "unknown outcome", "one of outcome_types.csv")
    unit_costs = set(reference.unit_costs["unit_cost_id"])
    path = f"{folder}/outcome_unit_costs.csv"
    lines = reference.outcome_unit_costs
    yield from _rows_not_in(lines, "unit_cost_id", unit_costs, path, "unknown unit cost", "one of unit_costs.csv")


def _unmapped_metrics(facts: RawFacts, reference: Reference, folder: str) -> Iterable[Problem]:
    keys = ["contract_id", "metric_id"]
    mapped = pd.MultiIndex.from_frame(reference.metric_outcomes[keys])
    reported = facts.outcomes[keys].drop_duplicates()
    for contract_id, metric_id in reported[~pd.MultiIndex.from_frame(reported).isin(mapped)].itertuples(index=False):
        yield Problem(
            f"{folder}/metric_outcomes.csv",
            0,
            "metric_id",
            "a reported metric has no row here",
            f"{contract_id} {metric_id}",
            "its outcome, treatment and reason",
        )


def _unvalued_outcomes(reference: Reference, folder: str) -> Iterable[Problem]:
    mapping = reference.metric_outcomes
    valued = mapping[is_priced(mapping["treatment"])]
    path = f"{folder}/metric_outcomes.csv"
    has_unit_cost = set(reference.outcome_unit_costs["outcome_id"])
    yield from _rows_not_in(
        valued,
        "outcome_id",
        has_unit_cost,
        path,
        "valued, but the outcome has no unit cost",
        "a row in outcome_unit_costs.csv",
    )
    rates = reference.deadweight
    has_rate = set(rates.loc[(rates["layer"] == "assumed") & (rates["contract_id"] == ""), "outcome_id"])
    yield from _rows_not_in(
        valued,
        "outcome_id",
        has_rate,
        path,
        "valued, but the outcome has no assumed deadweight",
        "a row in deadweight.csv",
    )


def _unknown_sources(facts: RawFacts, reference: Reference, folder: str) -> Iterable[Problem]:
    known = set(reference.sources["source_id"])
    for name in REFERENCE_TABLES:
        table = getattr(reference, name)
        if "source_id" in table and name != "sources":
            yield from _rows_not_in(
                table, "source_id", known, f"{folder}/{name}.csv", "unknown source", "one of sources.csv"
            )
    for field in fields(facts):
        table = getattr(facts, field.name)
        cited = {(row.contract_id, sid) for row in table.itertuples() for sid in row.source_id.split("; ")}
        for contract_id, source_id in sorted(cited):
            if source_id not in known:
                yield Problem(f"raw/{contract_id}", 0, "source_id", "unknown source", source_id, "one of sources.csv")


def _unknown_price_years(reference: Reference, folder: str) -> Iterable[Problem]:
    years = set(reference.gdp_deflators["price_year"])
    path = f"{folder}/unit_costs.csv"
    yield from _rows_not_in(
        reference.unit_costs,
        "price_year",
        years,
        path,
        "no deflator for this year",
        "one of gdp_deflators.csv",
    )
    for edition in reference.editions.values():
        if edition.price_year not in years:
            path = f"{folder}/editions/{edition.edition}.toml"
            yield Problem(path, 1, "price_year", "no deflator for this year", edition.price_year)


def _broken_ladders(reference: Reference, folder: str) -> Iterable[Problem]:
    """Two rungs of one branch at the same milestone, and pounds mixed with time, make no ladder."""
    types = reference.outcome_types.set_index("outcome_id")
    mapping = reference.metric_outcomes.join(types[["unit", "ladder"]], on="outcome_id")
    rungs = mapping[mapping["treatment"] == "rung"]
    path = f"{folder}/metric_outcomes.csv"
    years = rungs["milestone_unit"].map(YEARS_PER_UNIT).fillna(1.0)
    place = rungs[["contract_id", "outcome_id"]].assign(place=(rungs["milestone"] * years).round(9))
    twice = place.duplicated(keep=False)
    for position in rungs.index[twice]:
        yield Problem(
            path,
            int(position),
            "milestone",
            "two rungs at the same milestone",
            str(rungs.at[position, "milestone"]),
        )
    in_pounds = rungs["milestone_unit"] == "pound"
    fits = ~in_pounds & rungs["unit"].isin(list(TIME_UNITS)) | in_pounds & (rungs["unit"] == "pound")
    for position in rungs.index[~fits]:
        yield Problem(
            path,
            int(position),
            "milestone_unit",
            "does not fit the unit of the outcome",
            f"{rungs.at[position, 'milestone_unit']} for an outcome in {rungs.at[position, 'unit']}",
        )


def _net_with_deadweight(facts: RawFacts, reference: Reference, folder: str) -> Iterable[Problem]:
    """A count that is already net takes no deadweight: a rate of its own contract on top is an error."""
    keys = ["contract_id", "metric_id"]
    net = facts.outcomes.loc[facts.outcomes["is_net_of_deadweight"], keys].drop_duplicates()
    mapped = reference.metric_outcomes.merge(net, on=keys)
    net_outcomes = set(zip(mapped["contract_id"], mapped["outcome_id"], strict=True))
    for row in reference.deadweight.itertuples():
        if (row.contract_id, row.outcome_id) in net_outcomes:
            yield Problem(
                f"{folder}/deadweight.csv",
                int(row.Index),
                "contract_id",
                "deadweight on a count that is already net of it",
                f"{row.contract_id} {row.outcome_id}",
            )
