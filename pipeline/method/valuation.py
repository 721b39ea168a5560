"""One edition from facts to market, step by step.

Belongs here: the order of the steps and nothing else; each step is a function of its own module.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import of_edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.optimism_bias import corrections_of
from pipeline.method.outcome_units import mapped_outcomes, outcome_units
from pipeline.method.prices import discount_factors
from pipeline.method.protection import protected_facts
from pipeline.method.scope import outcomes_in_scope, paid_shares, payments_in_scope
from pipeline.method.sums import contract_value, summed
from pipeline.method.unit_values import unit_values
from pipeline.method.value import gross_value, net_value, without_overlaps
from pipeline.tables.base import LONGEST_LINE_YEARS


@dataclass(frozen=True)
class Valuation:
    """The tables of one edition, from results in scope to the market; columns as their functions say."""

    edition: Edition
    mapped: pd.DataFrame
    payments: pd.DataFrame
    units: pd.DataFrame
    unit_values: pd.DataFrame
    valued_outcomes: pd.DataFrame
    overlaps: pd.DataFrame
    contract_value: pd.DataFrame
    policy_area_value: pd.DataFrame
    market_value: pd.DataFrame


def edition_factors(reference: Reference, edition: Edition) -> npt.NDArray[np.float64]:
    """Return the discount factors of an edition for as many years as any line runs; 1 where it discounts nothing."""
    if edition.discounting == "none":
        return np.ones(LONGEST_LINE_YEARS + 1)
    return discount_factors(reference.discount_rates, LONGEST_LINE_YEARS, edition.discounting)


def edition_unit_values(reference: Reference, edition: Edition) -> pd.DataFrame:
    """Return ``unit_values`` at the level and in the prices of the edition; ``reference``: ``of_edition``."""
    return unit_values(
        reference.outcome_unit_costs,
        reference.unit_costs,
        reference.outcome_types,
        reference.hours_weights,
        reference.gdp_deflators,
        level=edition.unit_value_level,
        price_year=edition.price_year,
    )


def value_edition(facts: RawFacts, reference: Reference, edition: Edition) -> Valuation:
    """Value all contracts of ``facts`` as the edition says, by its price list and by protected counts of claims.

    Raises what the steps raise: units that do not agree, outcomes without a unit value or a rate of deadweight.
    """
    reference = of_edition(reference, edition)
    paid_by_then = paid_shares(facts.payments, reference.paid_per_unit, edition.cut_off)
    in_scope = outcomes_in_scope(protected_facts(facts, edition).outcomes, edition, paid_by_then)
    mapped = mapped_outcomes(in_scope, reference.metric_outcomes, reference.outcome_types)
    payments = payments_in_scope(facts.payments, edition, reference.gdp_deflators)
    units = outcome_units(mapped, edition, edition_factors(reference, edition))
    values = edition_unit_values(reference, edition)
    lines, overlaps = valued_lines(units, values, reference, edition)
    by_contract = contract_value(facts.contracts, lines, payments, edition.payment_bases)
    return Valuation(
        edition=edition,
        mapped=mapped,
        payments=payments,
        units=units,
        unit_values=values,
        valued_outcomes=lines,
        overlaps=overlaps,
        contract_value=by_contract,
        policy_area_value=summed(by_contract, "policy_area"),
        market_value=summed(by_contract),
    )


def valued_lines(
    units: pd.DataFrame, values: pd.DataFrame, reference: Reference, edition: Edition
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lines of value that count, and those that would count a benefit twice.

    ``units``: ``outcome_units``; ``values``: ``unit_values``.
    """
    return without_overlaps(net_lines(units, values, reference, edition))


def net_lines(units: pd.DataFrame, values: pd.DataFrame, reference: Reference, edition: Edition) -> pd.DataFrame:
    """Return all lines of value net of deadweight, also those that would count a benefit twice.

    ``units``: ``outcome_units``; ``values``: ``unit_values``.
    """
    gross = gross_value(units, values, edition, edition_factors(reference, edition))
    return net_value(gross, reference.deadweight, edition.deadweight_layer, corrections_of(reference, edition))


def with_choices(edition: Edition, **choices: object) -> Edition:
    """Return the edition with some choices changed, for a scenario."""
    return replace(edition, **choices)  # type: ignore[arg-type]
