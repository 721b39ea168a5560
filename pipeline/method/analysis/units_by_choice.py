"""How many units each outcome of a contract makes under every way of counting that a reader may try.

Belongs here: the units under each time convention, price list and way with straddling periods. The market under
combinations of choices is the matter of ``scenarios``; from these units, the unit costs and the rates a page can work
it out for any choice and any value of a parameter.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import lines_of_list, mapping_of_list
from pipeline.method.analysis.scenarios import TIME, at_time, times_tried
from pipeline.method.steps.outcome_units import MAPPED, mapped_outcomes, outcome_units, units_under
from pipeline.method.valuation import edition_factors
from pipeline.tables.analysis import UnitsByChoice
from pipeline.tables.parameters import DiscountRates, OutcomeUnitCosts
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import OutcomesInScope
from pipeline.tables.vocabulary import VALUE_SETS

# What becomes of results and payments whose period straddles the cut-off; without a cut-off there are none.
STRADDLING = ("pro rata", "left out")
ROW = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight", "ladder", "mapping_grade", "people"]


def units_by_choice(
    edition: Edition,
    outcomes_in_scope: DataFrame[OutcomesInScope],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    discount_rates: DataFrame[DiscountRates],
) -> DataFrame[UnitsByChoice]:
    """Return ``units`` of each row that ``outcome_units`` makes under each way of counting, with what says which.

    Raises ``UnitError`` as ``outcome_units`` does.
    """
    times = times_tried(discount_rates, edition)
    choices = [(choice, edition_factors(discount_rates, choice)) for choice in (at_time(edition, t) for t in times)]
    found = []
    tried = [name for name in VALUE_SETS if len(lines_of_list(outcome_unit_costs, name))] or [edition.value_set]
    for value_set in tried:
        mapping = mapping_of_list(metric_outcomes, outcome_unit_costs, value_set)
        mapped = mapped_outcomes(outcomes_in_scope.drop(columns=MAPPED), mapping, outcome_types)
        for straddling, counted in _straddling(mapped, edition):
            own = replace(edition, value_set=value_set)
            rows = outcome_units(counted, own, edition_factors(discount_rates, own))[ROW]
            for time, units in zip(times, units_under(counted, choices), strict=True):
                said = dict(zip(TIME, time, strict=True))
                found.append(rows.assign(value_set=value_set, straddling=straddling, **said, units=units))
    return typed(UnitsByChoice, pd.concat(found, ignore_index=True))


def _straddling(mapped: pd.DataFrame, edition: Edition) -> Iterator[tuple[str, DataFrame[OutcomesInScope]]]:
    """The results that count, all and, where there is a cut-off, without those that are counted pro rata."""
    all_of_them, whole_ones = STRADDLING
    yield all_of_them if edition.cut_off else "", typed(OutcomesInScope, mapped)
    if edition.cut_off:
        yield whole_ones, typed(OutcomesInScope, mapped[~mapped["is_estimated"]])
