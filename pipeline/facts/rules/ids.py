"""Ids that must exist elsewhere.

Belongs here: outcomes, unit costs, contracts, metrics and sources that one table names and another defines.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.files import meant
from pipeline.facts.price_lists import lists_to
from pipeline.facts.problems import Problem
from pipeline.facts.raw import RAW_TABLES
from pipeline.facts.rules.tables import METRIC, Tables, rows_not_in
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.reference import is_priced, studies
from pipeline.tables.vocabulary import GRADES, UNITS

# Columns in whose text a source may be cited by its id.
TEXTS = ("locator", "derivation", "reason", "range_reason", "note")
# Tables with rows of metrics.
OF_METRICS = ("metric_outcomes", "paid_per_unit", "shared_results")
# Tables of what was reported, agreed and aimed at, metric by metric.
NAMING_METRICS = ("outcomes", "prices", "targets")
# A contract is one row; of what was rejected only the row in the source is known.
ROW_OF_SOURCES = {"contracts": 1, "rejected_rows": 0}


def _names(table: pd.DataFrame, id_column: str, name_column: str) -> dict[str, str]:
    """Ids with what each is called."""
    return dict(zip(table[id_column].astype(str), table[name_column].astype(str), strict=True))


def unknown_outcomes(tables: Tables) -> Iterator[Problem]:
    """An outcome that is mapped, valued or given a deadweight rate is one of the outcome types."""
    outcomes = _names(tables.reference.outcome_types, "outcome_id", "name")
    for name in ("metric_outcomes", "outcome_unit_costs", "deadweight"):
        table, path = getattr(tables.reference, name), tables.path(name)
        yield from rows_not_in(table, "outcome_id", outcomes, path, "unknown outcome", "one of outcome_types.csv")


def unknown_unit_costs(tables: Tables) -> Iterator[Problem]:
    """A unit cost that values an outcome exists, in the price list of the line or in an older one."""
    lines, path = tables.reference.outcome_unit_costs, tables.path("outcome_unit_costs")
    for value_set, of_list in lines.groupby("value_set", sort=False):
        costs, known_lists = tables.reference.unit_costs, lists_to(str(value_set))
        known = _names(costs[costs["value_set"].isin(known_lists)], "unit_cost_id", "name")
        expected = f"one of unit_costs.csv, of the list of {value_set}" + (
            " or an older one" if len(known_lists) > 1 else ""
        )
        yield from rows_not_in(of_list, "unit_cost_id", known, path, "unknown unit cost", expected)


def unit_cost_checks_of_nothing(tables: Tables) -> Iterator[Problem]:
    """A figure beside which a unit cost is held is one of a unit cost of that price list, in the unit of its row."""
    checks, path = tables.reference.unit_cost_checks, tables.path("unit_cost_checks")
    for value_set, of_list in checks.groupby("value_set", sort=False):
        costs = tables.reference.unit_costs
        costs = costs[costs["value_set"] == value_set]
        known, expected = _names(costs, "unit_cost_id", "name"), f"one of unit_costs.csv, of the list of {value_set}"
        yield from rows_not_in(of_list, "unit_cost_id", known, path, "unknown unit cost", expected)
        units = {row.unit_cost_id: (row.unit, row.Index) for row in costs.itertuples() if row.unit in UNITS}
        for row in of_list[of_list["unit_cost_id"].isin(list(units))].itertuples():
            unit, place = units[row.unit_cost_id]
            if row.unit != unit:
                what, expected = "not the unit of the unit cost", f"{unit}, as in {tables.path('unit_costs')}:{place}"
                yield Problem(path, int(row.Index), "unit", what, row.unit, expected)


def unknown_hours_weights(tables: Tables) -> Iterator[Problem]:
    """A weight by which the hours of an outcome are counted exists."""
    types, path = tables.reference.outcome_types, tables.path("outcome_types")
    known = {"", *tables.reference.hours_weights["hours_weight_id"]}
    yield from rows_not_in(types, "hours_weight_id", known, path, "unknown weight", "one of hours_weights.csv")


def unknown_contracts(tables: Tables) -> Iterator[Problem]:
    """A contract of which analysts say something has a folder."""
    expected = f"a folder in {tables.raw_folder}/"
    known = dict.fromkeys(sorted(tables.contracts), "") | _names(tables.facts.contracts, "contract_id", "name")
    for name, allowed in (*((name, known) for name in OF_METRICS), ("deadweight", {"": ""} | known)):
        table, path = getattr(tables.reference, name), tables.path(name)
        yield from rows_not_in(table, "contract_id", allowed, path, "unknown contract", expected)
    shared, path = tables.reference.shared_results, tables.path("shared_results")
    yield from rows_not_in(shared, "shared_with", known, path, "unknown contract", expected)


def unmapped_metrics(tables: Tables) -> Iterator[Problem]:
    """Every reported metric has a treatment."""
    mapped = pd.MultiIndex.from_frame(tables.reference.metric_outcomes[METRIC])
    reported = tables.facts.outcomes.drop_duplicates(METRIC)
    expected = f"a row in {tables.path('metric_outcomes')}: outcome, treatment and reason"
    for row in reported[~pd.MultiIndex.from_frame(reported[METRIC]).isin(mapped)].itertuples():
        path = tables.raw_path(row.contract_id, "outcomes")
        yield Problem(path, int(row.row), "metric_id", "no treatment", row.metric_id, expected)


def unknown_metrics_of_payments(tables: Tables) -> Iterator[Problem]:
    """The metric for which something was paid is one that the contract reports."""
    payments, outcomes = tables.facts.payments, tables.facts.outcomes
    reported = set(zip(outcomes["contract_id"], outcomes["metric_id"], strict=True))
    for row in payments[payments["metric_id"] != ""].itertuples():
        if (row.contract_id, row.metric_id) in reported or ("outcomes", row.contract_id) in tables.unread_facts:
            continue
        path, expected = tables.raw_path(row.contract_id, "payments"), "one of the contract's results, or none"
        yield Problem(path, int(row.row), "metric_id", "unknown metric", row.metric_id, expected)


def unreported_metrics(tables: Tables) -> Iterator[Problem]:
    """Every metric of which analysts say something is reported; where results could not be read nobody can tell."""
    reported = set(tables.facts.outcomes[METRIC].itertuples(index=False, name=None))
    read = tables.contracts.intersection(tables.facts.contracts["contract_id"])
    said = [(name, row) for name in OF_METRICS for row in getattr(tables.reference, name).itertuples()]
    for name, row in said:
        file = tables.raw_path(row.contract_id, "outcomes")
        is_read = ("outcomes", row.contract_id) not in tables.unread_facts and file not in tables.spoilt
        if row.contract_id in read and is_read and (row.contract_id, row.metric_id) not in reported:
            what, expected = "the metric is not reported", f"a row in {file}, or no row here"
            labels = _names(tables.facts.outcomes.query("contract_id == @row.contract_id"), "metric_id", "label")
            like = meant(row.metric_id, labels)
            expected = f"{expected}; reported is {like}" if like else expected
            yield Problem(tables.path(name), int(row.Index), "metric_id", what, row.metric_id, expected)


def claims_paid_per_unit(tables: Tables) -> Iterator[Problem]:
    """A claim has its day: of a contract with claims nothing is dated by what was paid."""
    of_claims = tables.reference.paid_per_unit["contract_id"].isin(tables.facts.claim_counts["contract_id"])
    for row in tables.reference.paid_per_unit[of_claims].itertuples():
        what, expected = "its claims say when each result was reached", "no row here; payments date only totals"
        yield Problem(tables.path("paid_per_unit"), int(row.Index), "contract_id", what, row.contract_id, expected)


def unvalued_outcomes(tables: Tables) -> Iterator[Problem]:
    """An outcome that is worked out in pounds has a unit cost."""
    has_unit_cost = set(tables.reference.outcome_unit_costs["outcome_id"])
    what, expected = "valued, but the outcome has no unit cost", "a row in outcome_unit_costs.csv"
    path = tables.path("metric_outcomes")
    yield from rows_not_in(_valued(tables), "outcome_id", has_unit_cost, path, what, expected)


def outcomes_without_deadweight(tables: Tables) -> Iterator[Problem]:
    """An outcome that is worked out in pounds has an assumed rate of deadweight for whatever contract."""
    rates = tables.reference.deadweight
    has_rate = set(rates.loc[(rates["layer"] == "assumed") & (rates["contract_id"] == ""), "outcome_id"])
    what, expected = "valued, but the outcome has no assumed deadweight", "a row in deadweight.csv"
    yield from rows_not_in(_valued(tables), "outcome_id", has_rate, tables.path("metric_outcomes"), what, expected)


def grades_without_optimism_bias(tables: Tables) -> Iterator[Problem]:
    """While some edition takes optimism bias off, each grade has its correction."""
    missing = [grade for grade in GRADES if grade not in set(tables.reference.optimism_bias["grade"])]
    by_grade = [key for key, edition in tables.reference.editions.items() if edition.optimism_bias == "by_grade"]
    for edition in by_grade if missing else ():
        path, expected = f"{tables.folder}/editions/{edition}.toml", f"a row in {tables.path('optimism_bias')} for each"
        yield Problem(path, 1, "optimism_bias", "no correction for these grades", ", ".join(missing), expected)


def unknown_studies(tables: Tables) -> Iterator[Problem]:
    """A published study that an edition reproduces has published figures."""
    known = {"", *studies(tables.reference.published_figures)}
    for name, edition in tables.reference.editions.items():
        if edition.published_edition not in known:
            path, expected = f"{tables.folder}/editions/{name}.toml", "one of published_figures.csv, or none"
            yield Problem(path, 1, "published_edition", "unknown study", edition.published_edition, expected)


def gone_contracts_that_are_there(tables: Tables) -> Iterator[Problem]:
    """A contract that was withdrawn is nowhere, and one that is kept is there."""
    for row in tables.reference.gone_contracts.itertuples():
        is_there = row.contract_id in tables.contracts
        if is_there != (row.decision == "kept"):
            what = "withdrawn, but its folder is still there" if is_there else "kept, but its folder is not there"
            expected = f"no folder {tables.raw_folder}/{row.contract_id}" if is_there else "its folder, or no row"
            yield Problem(tables.path("gone_contracts"), int(row.Index), "contract_id", what, row.contract_id, expected)


def untold_publications(tables: Tables) -> Iterator[Problem]:
    """An earlier publication is told in the report of an edition that there is."""
    publications, known = tables.reference.earlier_publications, tables.reference.editions
    path, expected = tables.path("earlier_publications"), "an edition in whose report the bridge from it stands"
    yield from rows_not_in(publications, "told_in", set(known), path, "unknown edition", expected)


def unknown_published_figures(tables: Tables) -> Iterator[Problem]:
    """A published figure that another depends on is published too."""
    figures, path = tables.reference.published_figures, tables.path("published_figures")
    parts = figures["depends_on"].str.split("+").explode()
    named = parts[parts != ""].to_frame()
    yield from rows_not_in(named, "depends_on", set(figures["figure_id"]), path, "unknown figure", "a figure_id")


def unreported_metrics_of_figures(tables: Tables) -> Iterator[Problem]:
    """A metric by which a published figure is checked is reported by each contract that the figure is about."""
    reported = set(tables.facts.outcomes[METRIC].itertuples(index=False, name=None))
    figures, path = tables.reference.published_figures, tables.path("published_figures")
    read = tables.contracts.intersection(tables.facts.contracts["contract_id"])
    for row in figures[(figures["metrics"] != "") | (figures["engaged_metric"] != "")].itertuples():
        for column in ("metrics", "engaged_metric"):
            for metric, contract in product(filter(None, getattr(row, column).split("+")), row.scope.split("+")):
                file = tables.raw_path(contract, "outcomes")
                is_read = ("outcomes", contract) not in tables.unread_facts and file not in tables.spoilt
                if contract in read and is_read and (contract, metric) not in reported:
                    yield Problem(
                        path, int(row.Index), column, "the metric is not reported", metric, f"a row in {file}"
                    )


def unknown_successors(tables: Tables) -> Iterator[Problem]:
    """The edition that took the place of another exists, and none takes its own, be it through others."""
    editions = tables.reference.editions
    for name, edition in editions.items():
        path, later = f"{tables.folder}/editions/{name}.toml", edition.superseded_by
        if later and later not in editions.keys() - {name}:
            yield Problem(path, 1, "superseded_by", "unknown edition", later, "another edition, or none")
        elif name in _successors(name, editions):
            what, expected = "each edition supersedes the other", "a later edition, or none"
            yield Problem(path, 1, "superseded_by", what, later, expected)


def _successors(name: str, editions: Mapping[str, Edition]) -> list[str]:
    """The editions that took the place of one, each that of the one before; itself where they go round."""
    found: list[str] = []
    while name in editions and (name := editions[name].superseded_by) not in found:
        found.append(name)
    return found


def _valued(tables: Tables) -> pd.DataFrame:
    """Metrics that are worked out in pounds, of outcomes that exist."""
    mapping = tables.reference.metric_outcomes
    return mapping[
        is_priced(mapping["treatment"]) & mapping["outcome_id"].isin(tables.reference.outcome_types["outcome_id"])
    ]


def unknown_sources(tables: Tables) -> Iterator[Problem]:
    """A source that a reference table cites is registered."""
    known = _names(tables.reference.sources, "source_id", "title")
    for name in REFERENCE_TABLES:
        table, path = getattr(tables.reference, name), tables.path(name)
        if "source_id" in table:
            yield from rows_not_in(table, "source_id", known, path, "unknown source", "one of sources.csv")


def unknown_sources_of_facts(tables: Tables) -> Iterator[Problem]:
    """A source that a contract cites is registered; of rows that a correction left out the correction tells."""
    titles = _names(tables.reference.sources, "source_id", "title")
    known = {"", *titles}
    hints = cache(lambda source_id: f", such as {like}" if (like := meant(source_id, titles)) else "")
    corrected = set(tables.reference.corrections["source_id"])
    for name in RAW_TABLES:
        cited = getattr(tables.facts, name)
        for row in cited[~cited["source_id"].isin(list(known))].itertuples():
            for source_id in row.source_id.split("; "):
                if source_id not in known and not (name == "rejected_rows" and source_id in corrected):
                    path = tables.raw_path(row.contract_id, name)
                    place = ROW_OF_SOURCES[name] if name in ROW_OF_SOURCES else int(row.row)
                    expected = f"one of sources.csv{hints(source_id)}"
                    yield Problem(path, place, "source_id", "unknown source", source_id, expected)


def ids_alike(tables: Tables) -> Iterator[Problem]:
    """An id is written in one way: in other letters it would be another organisation, or another metric, unseen.

    Ids of contracts, outcomes and sources have a form that leaves no choice.
    """
    organisations = tables.facts.organisations.assign(table="organisations")
    # By the metric a result, its price and its target find each other.
    named = [getattr(tables.facts, name)[[*METRIC, "row"]].assign(table=name) for name in NAMING_METRICS]
    metrics = pd.concat(named, ignore_index=True)
    for table, column, within in (
        (organisations, "organisation_id", []),
        (metrics, "metric_id", ["contract_id"]),
    ):
        folded = table.assign(folded=table[column].str.lower())
        first = folded.groupby([*within, "folded"], sort=False)[column].transform("first")
        for row in table.assign(id=table[column], first=first)[table[column] != first].itertuples():
            path, what = tables.raw_path(row.contract_id, row.table), "the same id written in another way"
            yield Problem(path, int(row.row), column, what, row.id, f"{row.first!r}, as elsewhere")


def sources_that_nobody_cites(tables: Tables) -> Iterator[Problem]:
    """A source that nothing rests on is worth a word, as long as everything could be read."""
    is_partial = tables.contracts != set(tables.facts.contracts["contract_id"])
    if is_partial or tables.unread or tables.unread_facts:
        return
    names = [name for name in REFERENCE_TABLES if name != "sources"]
    citing = [getattr(tables.reference, name) for name in names] + [getattr(tables.facts, name) for name in RAW_TABLES]
    cited = {id_ for table in citing if "source_id" in table for cell in table["source_id"] for id_ in cell.split("; ")}
    sources = tables.reference.sources
    uncited = sources[~sources["source_id"].isin(cited)]
    if uncited.empty:
        return
    texts = "\n".join(cell for table in citing for name in TEXTS if name in table for cell in table[name])
    named = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", texts))
    for row in uncited[~uncited["source_id"].isin(named)].itertuples():
        yield Problem(
            tables.path("sources"), int(row.Index), "source_id", "no row cites it", row.source_id, is_warning=True
        )
