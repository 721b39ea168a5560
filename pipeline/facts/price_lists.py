"""The price list of an edition: its own rows, and rows of older lists where it has none.

Belongs here: which row of a list an edition takes. What one unit of an outcome is worth by it stands in
``unit_values``.
"""

from dataclasses import replace

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.reference import Reference
from pipeline.tables.parameters import OutcomeUnitCosts, UnitCosts
from pipeline.tables.reference import MetricOutcomes, is_priced
from pipeline.tables.typed import DataFrame
from pipeline.tables.vocabulary import VALUE_SETS

OLDEST_FIRST = list(VALUE_SETS)


def lists_to(value_set: str) -> list[str]:
    """Return a price list and all older ones, the oldest first; none for a list that does not exist."""
    return OLDEST_FIRST[: OLDEST_FIRST.index(value_set) + 1] if value_set in OLDEST_FIRST else []


def of_edition(reference: Reference, edition: Edition) -> Reference:
    """Return the reference tables with one price list, that of the edition; other tables as they are.

    ``unit_costs``: one row for each unit cost; ``outcome_unit_costs``: the rows of one list for each outcome. Column
    ``value_set`` says from which list each comes: the edition's own or, where it lacks the row, the next older one.
    ``metric_outcomes``: a metric of an outcome that no line of the list values is one without a unit cost. Of a
    reference that has been narrowed already it is the same again.
    """
    costs, lines = price_list(reference.unit_costs, reference.outcome_unit_costs, edition.value_set)
    mapping = mapping_of_list(reference.metric_outcomes, reference.outcome_unit_costs, edition.value_set)
    return replace(reference, unit_costs=costs, outcome_unit_costs=lines, metric_outcomes=mapping)


def mapping_of_list(
    metric_outcomes: DataFrame[MetricOutcomes], outcome_unit_costs: DataFrame[OutcomeUnitCosts], value_set: str
) -> DataFrame[MetricOutcomes]:
    """Return ``metric_outcomes`` as a list has it: metrics of outcomes that it does not value have no unit cost."""
    lines = lines_of_list(outcome_unit_costs, value_set)
    is_without = is_priced(metric_outcomes["treatment"]) & ~metric_outcomes["outcome_id"].isin(lines["outcome_id"])
    reason = f"the price list of {value_set} has no unit cost for it"
    return metric_outcomes.assign(
        treatment=metric_outcomes["treatment"].mask(is_without, "no_unit_cost"),
        grade=metric_outcomes["grade"].mask(is_without, ""),
        reason=metric_outcomes["reason"].mask(is_without, reason),
    )


def price_list(
    unit_costs: DataFrame[UnitCosts], outcome_unit_costs: DataFrame[OutcomeUnitCosts], value_set: str
) -> tuple[DataFrame[UnitCosts], DataFrame[OutcomeUnitCosts]]:
    """Return ``unit_costs`` and ``outcome_unit_costs`` as a list has them, with what it takes from older ones.

    An outcome of which a list has any line takes none of another list. Unit costs that no line uses stay.
    """
    return _newest(unit_costs, "unit_cost_id", value_set), lines_of_list(outcome_unit_costs, value_set)


def lines_of_list(outcome_unit_costs: DataFrame[OutcomeUnitCosts], value_set: str) -> DataFrame[OutcomeUnitCosts]:
    """Return ``outcome_unit_costs`` as a list has them, with what it takes from older ones."""
    return _newest(outcome_unit_costs, "outcome_id", value_set)


def lines_of_lists(reference: Reference) -> pd.DataFrame:
    """Return how each price list values each outcome: one row per ``list``, outcome and unit cost that exists.

    Columns: ``list, line`` (the row in ``outcome_unit_costs``), ``outcome_id``, and those of ``unit_costs``.
    """
    found = []
    for value_set in OLDEST_FIRST:
        costs, lines = price_list(reference.unit_costs, reference.outcome_unit_costs, value_set)
        lines = lines[["outcome_id", "unit_cost_id"]].rename_axis("line").reset_index().assign(list=value_set)
        found.append(lines.merge(costs.drop_duplicates("unit_cost_id"), on="unit_cost_id"))
    return pd.concat(found, ignore_index=True)


def _newest(table: pd.DataFrame, key: str, value_set: str) -> pd.DataFrame:
    """The rows of the newest list of each key, up to that of ``value_set``; in the order of the table."""
    age = {name: number for number, name in enumerate(reversed(lists_to(value_set)))}
    of_row = table["value_set"].map(age)
    return table[of_row.notna() & (of_row == of_row.groupby(table[key]).transform("min"))]
