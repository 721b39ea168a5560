"""Comparing the tables with each other.

Belongs here: which rules there are, and when a rule is left out; the rules themselves stand in ``ids``, ``values``,
``ladders`` and ``readings``. What one table may contain is said by its model in ``pipeline.tables``.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from pipeline.facts.problems import Problem
from pipeline.facts.raw import RawFacts, tables_not_whole
from pipeline.facts.reference import Reference
from pipeline.facts.rules import doubts, ids, ladders, readings, values
from pipeline.facts.rules.tables import Tables
from pipeline.facts.typed_csv import USED_TWICE, unread_files
from pipeline.tables.base import keys_of
from pipeline.tables.catalogue import REFERENCE_TABLES
from pipeline.tables.vocabulary import RUN_DOUBTS

Find = Callable[[Tables], Iterable[Problem]]


@dataclass(frozen=True)
class Rule:
    """A rule, and the reference tables in which it looks something up: while they are not whole it says nothing."""

    find: Find
    looks_up: tuple[str, ...] = ()


RULES = (
    Rule(ids.unknown_outcomes, ("outcome_types",)),
    Rule(ids.unknown_unit_costs, ("unit_costs",)),
    Rule(ids.unit_cost_checks_of_nothing, ("unit_costs",)),
    Rule(ids.unknown_hours_weights, ("hours_weights",)),
    Rule(ids.unknown_contracts),
    Rule(ids.unmapped_metrics, ("metric_outcomes",)),
    Rule(ids.unreported_metrics),
    Rule(ids.unknown_metrics_of_payments),
    Rule(ids.claims_paid_per_unit),
    Rule(ids.unvalued_outcomes, ("outcome_types", "outcome_unit_costs")),
    Rule(ids.outcomes_without_deadweight, ("outcome_types", "deadweight")),
    Rule(ids.grades_without_optimism_bias, ("optimism_bias",)),
    Rule(ids.unknown_studies, ("published_figures",)),
    Rule(ids.gone_contracts_that_are_there),
    Rule(ids.untold_publications),
    Rule(ids.unknown_published_figures, ("published_figures",)),
    Rule(ids.unreported_metrics_of_figures),
    Rule(ids.unknown_successors),
    Rule(ids.unknown_sources, ("sources",)),
    Rule(ids.unknown_sources_of_facts, ("sources",)),
    Rule(ids.sources_that_nobody_cites),
    Rule(ids.ids_alike),
    Rule(values.facts_after_their_source),
    Rule(values.after_today),
    Rule(values.prices_after_their_source, ("sources",)),
    Rule(values.deflators_that_leap, ("gdp_deflators",)),
    Rule(values.price_years_without_deflator, ("gdp_deflators",)),
    Rule(values.discount_rates_with_gaps, ("discount_rates",)),
    Rule(values.parameters_past_review),
    Rule(values.payments_without_deflator, ("gdp_deflators",)),
    Rule(values.contracts_paid_nothing),
    Rule(values.more_returned_than_paid),
    Rule(ladders.metrics_that_cannot_be_converted),
    Rule(ladders.unit_costs_that_cannot_be_converted),
    Rule(ladders.rungs_at_one_milestone),
    Rule(ladders.overlaps_at_one_milestone),
    Rule(ladders.rungs_out_of_order),
    Rule(ladders.milestones_of_another_kind),
    Rule(ladders.rungs_counted_otherwise),
    Rule(values.deadweight_on_net_counts),
    Rule(values.overlapping_unit_costs),
    Rule(readings.readings_feed_no_edition),
    Rule(readings.added_values_of_nothing, ("outcome_types", "metric_outcomes")),
    Rule(readings.added_values_without_prices, ("gdp_deflators", "wellbeing_scales")),
    Rule(readings.added_values_without_deadweight, ("deadweight",)),
    Rule(readings.steps_that_no_edition_can_make, ("reading_values", "published_figures")),
    Rule(readings.steps_of_unknown_figures, ("published_figures",)),
)


def cross_table_problems(
    facts: RawFacts,
    reference: Reference,
    folder: str = "reference",
    raw_folder: str = "raw",
    *,
    problems: Collection[Problem] = (),
    contracts: Collection[str] | None = None,
    today: date | None = None,
) -> list[Problem]:
    """Return what is wrong between tables, warnings among it.

    The index of each reference table is the row in its file, as ``read_reference`` makes it. ``problems``: what was
    found when the tables were read, of which nothing is said again; ``contracts``: ids of all contract folders, if
    more than those of ``facts``; ``today``: by default that of this machine's clock.
    """
    # Of a TOML file these rules name the file, and not the line.
    said = {problem.place for problem in problems} | {
        (problem.path, 1, problem.column) for problem in problems if problem.path.endswith(".toml")
    }
    tables = Tables(
        facts,
        reference,
        folder,
        raw_folder,
        contracts=frozenset(facts.contracts["contract_id"] if contracts is None else contracts),
        unread=frozenset(_tables_to_leave(problems, folder)),
        unread_facts=frozenset(tables_not_whole(problems, raw_folder)),
        spoilt=frozenset(problem.path for problem in problems),
        today=today or date.today(),
    )
    rules = (rule for rule in RULES if not tables.unread.intersection(rule.looks_up))
    found = [problem for rule in rules for problem in rule.find(tables)]
    return [problem for problem in [*found, *_doubted(tables)] if problem.place not in said]


def _doubted(tables: Tables) -> Iterator[Problem]:
    """Yield what is doubted and not accepted, and each row of ``accepted.csv`` that fits nothing.

    Nothing is doubted while it cannot be told what was accepted.
    """
    path, accepted = tables.path("accepted"), tables.reference.accepted
    if "accepted" in tables.unread:
        return
    # What a check of a run doubts, only a run can tell.
    here = accepted[~accepted["check"].isin(list(RUN_DOUBTS))]
    rows = {row[1:4]: row[0] for row in here[["check", "key", "value"]].itertuples(name=None)}
    fitting = set()
    for doubt in (doubt for find in doubts.DOUBTED for doubt in find(tables)):
        if (doubt.check, doubt.key, doubt.value) in rows:
            fitting.add((doubt.check, doubt.key, doubt.value))
            continue
        or_else = f"; or, if it is true, a row in {path}: {doubt.check},{doubt.key},{doubt.value}"
        yield replace(doubt.problem, expected=f"{doubt.problem.expected}{or_else}")
    is_partial = tables.contracts != set(tables.facts.contracts["contract_id"])
    if is_partial or tables.unread or tables.unread_facts:
        return
    for check, key, value in rows.keys() - fitting:
        what, expected = "accepts nothing that is doubted", "the value as it stands, or no row"
        yield Problem(path, int(rows[check, key, value]), "value", what, f"{check} {key} {value}", expected)


def _tables_to_leave(problems: Collection[Problem], folder: str) -> Iterator[str]:
    """Yield the reference tables in which nothing can be looked up: rows, or their ids, could not be read."""
    unread = unread_files(problems)
    wrong_cells = {(problem.path, problem.column) for problem in problems if problem.what != USED_TWICE}
    for name, model in REFERENCE_TABLES.items():
        path = f"{folder}/{name}.csv"
        if path in unread or any((path, key) in wrong_cells for key in keys_of(model)):
            yield name
