"""Units and ladders that the method can count.

Belongs here: units that must lead to those of an outcome, and rungs that must make a ladder. How they are counted is
said in ``pipeline.method``.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.facts.price_lists import lines_of_lists
from pipeline.facts.problems import Problem
from pipeline.facts.rules.tables import Tables
from pipeline.tables.ladders import places
from pipeline.tables.reference import is_priced
from pipeline.tables.units import UnitError, conversion, is_time
from pipeline.tables.vocabulary import TIME_UNITS, UNITS


def metrics_that_cannot_be_converted(tables: Tables) -> Iterator[Problem]:
    """A metric that is worked out in pounds is counted in something that leads to the unit of its outcome."""
    reported = tables.reported[is_priced(tables.reported["treatment"])]
    wrong = reported[~_lead_to_their_outcome(reported)]
    for row in wrong.drop_duplicates("mapping_row").itertuples():
        where = f"{tables.raw_path(row.contract_id, 'outcomes')}:{row.row}"
        expected = f"{row.outcome_unit}, or a quantity_per_unit; reported in {where}"
        what = "its unit cannot be converted into that of its outcome"
        yield Problem(tables.path("metric_outcomes"), int(row.mapping_row), "metric_id", what, row.unit, expected)


def _lead_to_their_outcome(reported: pd.DataFrame) -> "pd.Series[bool]":
    return pd.Series([_leads_to_its_outcome(row) for row in reported.itertuples()], index=reported.index, dtype=bool)


def _leads_to_its_outcome(row: Any) -> bool:
    """Tell whether a reported unit does: by a stated conversion, by one of time, or as the people of a ladder."""
    unit, outcome_unit = row.unit, row.outcome_unit
    if pd.notna(row.quantity_per_unit):
        return True
    if unit == "person" and outcome_unit != "person":
        return is_time(outcome_unit) or (outcome_unit == "pound" and pd.notna(row.milestone))
    return _is_convertible(unit, outcome_unit)


def _is_convertible(from_unit: str, to_unit: str) -> bool:
    try:
        conversion(from_unit, to_unit)
    except UnitError:
        return False
    return True


def unit_costs_that_cannot_be_converted(tables: Tables) -> Iterator[Problem]:
    """A unit cost is of the unit of the outcome that it values, or of another unit of time."""
    types = tables.reference.outcome_types
    outcome_unit = dict(zip(types["outcome_id"], types["unit"], strict=True))
    for row in lines_of_lists(tables.reference).drop_duplicates(["line", "unit"]).itertuples():
        from_unit, to_unit = row.unit, outcome_unit.get(row.outcome_id, "")
        if {from_unit, to_unit} <= set(UNITS) and not _is_convertible(from_unit, to_unit):
            what, path = "its unit cannot be converted into that of the outcome", tables.path("outcome_unit_costs")
            yield Problem(path, int(row.line), "unit_cost_id", what, from_unit, to_unit)


def _rungs(tables: Tables) -> pd.DataFrame:
    """Rungs with their ``place`` on the ladder."""
    rungs = tables.reference.metric_outcomes.query("treatment == 'rung'")
    return rungs.assign(place=places(rungs).round(9))


def rungs_at_one_milestone(tables: Tables) -> Iterator[Problem]:
    """Two rungs of one branch at the same milestone make no ladder."""
    rungs = _rungs(tables)
    twice = rungs["place"].notna() & rungs.duplicated(["contract_id", "outcome_id", "place"], keep=False)
    for row in rungs[twice].itertuples():
        path, what = tables.path("metric_outcomes"), "the same milestone twice"
        yield Problem(path, int(row.Index), "milestone", what, f"{row.milestone:g} {row.milestone_unit}")


def overlaps_at_one_milestone(tables: Tables) -> Iterator[Problem]:
    """People who overlap with others are counted on a ladder of their own, and it is none with two equal rungs."""
    reported = tables.reported
    is_ladder = (reported["treatment"] == "overlap") & (reported["unit"] == "person")
    people = reported[is_ladder & reported["quantity_per_unit"].isna() & (reported["outcome_unit"] != "person")]
    people = people.drop_duplicates("mapping_row")
    for row in people[
        people.assign(place=places(people).round(9).fillna(0)).duplicated(["contract_id", "outcome_id", "place"])
    ].itertuples():
        path, what = tables.path("metric_outcomes"), "two overlaps with one outcome at the same milestone"
        yield Problem(path, int(row.mapping_row), "milestone", what, f"{row.contract_id} {row.outcome_id}")


def rungs_out_of_order(tables: Tables) -> Iterator[Problem]:
    """The rungs of one branch stand in the order of their milestones, so that a slip shows to whoever reads them."""
    rungs = _rungs(tables)
    last: dict[tuple[str, str], Any] = {}
    for row in rungs[rungs["place"].notna()].itertuples():
        before = last.get((row.contract_id, row.outcome_id))
        last[row.contract_id, row.outcome_id] = row
        if before is not None and row.place < before.place:
            found = f"{row.milestone:g} {row.milestone_unit}"
            expected = f"a milestone after that of row {before.Index}, {before.milestone:g} {before.milestone_unit}"
            path = tables.path("metric_outcomes")
            yield Problem(path, int(row.Index), "milestone", "milestones out of order", found, expected)


def milestones_of_another_kind(tables: Tables) -> Iterator[Problem]:
    """Pounds are no milestone on the way through time, nor time on the way to a sum of money."""
    types = tables.reference.outcome_types.drop_duplicates("outcome_id").set_index("outcome_id")
    mapping = tables.reference.metric_outcomes.join(types["unit"], on="outcome_id")
    placed = mapping[is_priced(mapping["treatment"]) & (mapping["milestone_unit"] != "")]
    placed = placed[placed["unit"].isin(list(UNITS))]
    in_pounds = placed["milestone_unit"] == "pound"
    fits = ~in_pounds & placed["unit"].isin(list(TIME_UNITS)) | in_pounds & (placed["unit"] == "pound")
    for row in placed[~fits].itertuples():
        found = f"{row.milestone_unit} for an outcome in {row.unit}"
        what = "does not fit the unit of the outcome"
        yield Problem(tables.path("metric_outcomes"), int(row.Index), "milestone_unit", what, found)


def rungs_counted_otherwise(tables: Tables) -> Iterator[Problem]:
    """The rungs of one branch count the same thing: people, or days, or reported units that make one of the outcome."""
    reported = tables.reported[tables.reported["treatment"].isin(["rung", "overlap"])]
    reported = reported[_lead_to_their_outcome(reported)]
    stated = reported["unit"] + " with a quantity_per_unit"
    reported = reported.assign(counted=reported["unit"].where(reported["quantity_per_unit"].isna(), stated))
    branch = ["contract_id", "outcome_id", "treatment", "is_net_of_deadweight"]
    first = reported.groupby(branch, sort=False)["counted"].transform("first")
    for row in reported.assign(first=first)[reported["counted"] != first].drop_duplicates("mapping_row").itertuples():
        what, path = "not counted like the other milestones of its outcome", tables.path("metric_outcomes")
        yield Problem(path, int(row.mapping_row), "metric_id", what, row.counted, row.first)
