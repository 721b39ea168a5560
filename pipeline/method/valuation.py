"""The method, in one list: the order of the steps from facts to market, what each reads and what it makes.

Belongs here: the order of the steps and what connects them; each calls functions of its own modules. Plain calls,
``explain``, what-ifs and the assets of a run all take the steps from here.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import mapping_of_list, price_list
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps import outcome_units, prices, scope, sums, unit_values, value
from pipeline.method.steps.added_values import added_lines, with_added, with_rates_of_readings
from pipeline.method.steps.optimism_bias import corrections_of
from pipeline.method.steps.protection import policy_of, protected_outcomes
from pipeline.tables.base import LONGEST_LINE_YEARS
from pipeline.tables.catalogue import FACT_TABLES, REFERENCE_TABLES
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.parameters import (
    Deadweight,
    DiscountRates,
    GdpDeflators,
    HoursWeights,
    OptimismBias,
    OutcomeUnitCosts,
    UnitCosts,
    WellbeingScales,
)
from pipeline.tables.raw import Contracts, RawOutcomes, RawPayments
from pipeline.tables.reading import ReadingValues
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes, PaidPerUnit
from pipeline.tables.typed import DataFrame, typed
from pipeline.tables.valuation import (
    ContractValue,
    GrossValue,
    MarketValue,
    NetValue,
    OutcomesInScope,
    OutcomeUnits,
    Overlaps,
    PaymentsInScope,
    PolicyAreaValue,
    UnitValues,
    ValuedOutcomes,
)

Tables = Mapping[str, pd.DataFrame]


# --- What each step does ----------------------------------------------------------------------------------------


def _outcomes_in_scope(
    edition: Edition,
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    payments: DataFrame[RawPayments],
    paid_per_unit: DataFrame[PaidPerUnit],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> DataFrame[OutcomesInScope]:
    paid_by_then = scope.paid_shares(payments, paid_per_unit, edition.cut_off)
    protected = protected_outcomes(outcomes, claim_counts, policy_of(edition))
    counted = scope.outcomes_in_scope(protected, edition, paid_by_then)
    mapping = mapping_of_list(metric_outcomes, outcome_unit_costs, edition.value_set)
    return outcome_units.mapped_outcomes(counted, mapping, outcome_types)


def _payments_in_scope(
    edition: Edition, payments: DataFrame[RawPayments], gdp_deflators: DataFrame[GdpDeflators]
) -> DataFrame[PaymentsInScope]:
    return scope.payments_in_scope(payments, edition, gdp_deflators)


def _outcome_units(
    edition: Edition, outcomes_in_scope: DataFrame[OutcomesInScope], discount_rates: DataFrame[DiscountRates]
) -> DataFrame[OutcomeUnits]:
    return outcome_units.outcome_units(outcomes_in_scope, edition, edition_factors(discount_rates, edition))


def _unit_values(
    edition: Edition,
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    unit_costs: DataFrame[UnitCosts],
    outcome_types: DataFrame[OutcomeTypes],
    hours_weights: DataFrame[HoursWeights],
    gdp_deflators: DataFrame[GdpDeflators],
) -> DataFrame[UnitValues]:
    costs, lines = price_list(unit_costs, outcome_unit_costs, edition.value_set)
    return unit_values.unit_values(
        lines,
        costs,
        outcome_types,
        hours_weights,
        gdp_deflators,
        level=edition.unit_value_level,
        price_year=edition.price_year,
    )


def _gross_value(
    edition: Edition,
    outcome_units: DataFrame[OutcomeUnits],
    unit_values: DataFrame[UnitValues],
    discount_rates: DataFrame[DiscountRates],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    reading_values: DataFrame[ReadingValues],
    wellbeing_scales: DataFrame[WellbeingScales],
    gdp_deflators: DataFrame[GdpDeflators],
) -> DataFrame[GrossValue]:
    lines = value.gross_value(outcome_units, unit_values, edition, edition_factors(discount_rates, edition))
    if not edition.added_values:
        return lines
    added = added_lines(edition, outcomes_in_scope, outcome_units, reading_values, wellbeing_scales, gdp_deflators)
    return with_added(lines, added, reading_values)


def _net_value(
    edition: Edition,
    gross_value: DataFrame[GrossValue],
    deadweight: DataFrame[Deadweight],
    optimism_bias: DataFrame[OptimismBias],
    reading_values: DataFrame[ReadingValues],
) -> DataFrame[NetValue]:
    if edition.added_values:
        deadweight = with_rates_of_readings(deadweight, reading_values)
    corrections = corrections_of(optimism_bias, edition)
    return value.net_value(gross_value, deadweight, edition.deadweight_layer, corrections, edition.flat_deadweight)


def _valued_outcomes(
    edition: Edition, net_value: DataFrame[NetValue]
) -> tuple[DataFrame[Overlaps], DataFrame[ValuedOutcomes]]:
    counted, overlaps = value.without_overlaps(net_value, edition.set_asides)
    counted, overlaps = value.with_transfers(counted, overlaps, edition.transfers)
    return overlaps, counted


def _contract_value(
    edition: Edition,
    contracts: DataFrame[Contracts],
    valued_outcomes: DataFrame[ValuedOutcomes],
    payments_in_scope: DataFrame[PaymentsInScope],
) -> DataFrame[ContractValue]:
    return sums.contract_value(contracts, valued_outcomes, payments_in_scope, edition.payment_bases)


def _policy_area_value(contract_value: DataFrame[ContractValue]) -> DataFrame[PolicyAreaValue]:
    return typed(PolicyAreaValue, sums.summed(contract_value, "policy_area"))


def _market_value(contract_value: DataFrame[ContractValue]) -> DataFrame[MarketValue]:
    return typed(MarketValue, sums.summed(contract_value))


# --- The steps, in order ----------------------------------------------------------------------------------------


# What a step may ask for that is no table: the choices of its edition and of all editions, the draws of a simulation,
# the tables of earlier publications.
GIVEN = ("edition", "editions", "draws", "earlier")


@dataclass(frozen=True)
class Step:
    """A step of the method, or an analysis of what the steps made: a function of the tables that its parameters name.

    Beside tables it may ask for what is in ``GIVEN``. With a parameter ``**inputs`` it also reads all tables with which
    the steps begin. ``makes``: the tables that it returns, in order; by default one that is called like the function.
    The step is called like the last of them.
    """

    function: Callable[..., pd.DataFrame | tuple[pd.DataFrame, ...]]
    makes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Name what it makes."""
        object.__setattr__(self, "makes", self.makes or (self.function.__name__.removeprefix("_"),))

    @property
    def name(self) -> str:
        """What the step is called."""
        return self.makes[-1]

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that it is made from, beside the choices of the edition."""
        asked = inspect.signature(self.function).parameters.values()
        named = [each.name for each in asked if each.kind is not each.VAR_KEYWORD and each.name not in GIVEN]
        also = inputs_of_steps() if any(each.kind is each.VAR_KEYWORD for each in asked) else ()
        return tuple(dict.fromkeys((*named, *also)))

    def run(self, tables: Tables, **given: object) -> dict[str, pd.DataFrame]:
        """Return the tables that the step makes of ``tables``, by name; it sees none but those that it reads.

        ``given``: ``edition`` and whatever else of ``GIVEN`` the function asks for.
        """
        asked = inspect.signature(self.function).parameters
        read = {name: tables[name] for name in self.reads}
        made = self.function(**{name: given[name] for name in GIVEN if name in asked}, **read)
        return dict(zip(self.makes, made if isinstance(made, tuple) else (made,), strict=True))


STEPS = (
    Step(_outcomes_in_scope),
    Step(_payments_in_scope),
    Step(_outcome_units),
    Step(_unit_values),
    Step(_gross_value),
    Step(_net_value),
    Step(_valued_outcomes, ("overlaps", "valued_outcomes")),
    Step(_contract_value),
    Step(_policy_area_value),
    Step(_market_value),
)


def inputs_of_steps() -> tuple[str, ...]:
    """Return the tables of the facts and of the reference with which the steps begin."""
    made = {name for step in STEPS for name in step.makes}
    return tuple(dict.fromkeys(name for step in STEPS for name in step.reads if name not in made))


@dataclass(frozen=True)
class Valuation:
    """The tables of one edition that are published or explained, by the names under which the steps make them."""

    edition: Edition
    outcomes_in_scope: DataFrame[OutcomesInScope]
    payments_in_scope: DataFrame[PaymentsInScope]
    outcome_units: DataFrame[OutcomeUnits]
    unit_values: DataFrame[UnitValues]
    valued_outcomes: DataFrame[ValuedOutcomes]
    overlaps: DataFrame[Overlaps]
    contract_value: DataFrame[ContractValue]
    policy_area_value: DataFrame[PolicyAreaValue]
    market_value: DataFrame[MarketValue]


VALUATION_TABLES = tuple(field.name for field in fields(Valuation) if field.name != "edition")


def tables_of(facts: RawFacts, reference: Reference) -> dict[str, pd.DataFrame]:
    """Return what the steps begin with: the tables of the facts and of the reference, by name."""
    return {
        **{name: getattr(facts, name) for name in FACT_TABLES},
        **{name: getattr(reference, name) for name in REFERENCE_TABLES},
    }


def valued_tables(inputs: Tables, edition: Edition, already: Tables = MappingProxyType({})) -> dict[str, pd.DataFrame]:
    """Return every table that the steps make for an edition, by name; ``inputs``: ``tables_of``.

    ``already``: those that another edition has and that this one has alike, which are not made again. Raises what the
    steps raise: units that do not agree, outcomes without a unit value or a rate of deadweight.
    """
    made = dict(already)
    for step in STEPS:
        if not {*step.makes} <= {*already}:
            made |= step.run({**inputs, **made}, edition=edition)
    return made


def value_edition(facts: RawFacts, reference: Reference, edition: Edition) -> Valuation:
    """Value all contracts of ``facts`` as the edition says, by its price list and by protected counts of claims.

    Raises as ``valued_tables`` does.
    """
    made = valued_tables(tables_of(facts, reference), edition)
    return Valuation(edition=edition, **{name: made[name] for name in VALUATION_TABLES})


# --- Parts of the method, for scenarios -------------------------------------------------------------------------


def edition_factors(discount_rates: DataFrame[DiscountRates], edition: Edition) -> npt.NDArray[np.float64]:
    """Return the discount factors of an edition for as many years as any line runs; 1 where it discounts nothing."""
    if edition.discounting == "none":
        return np.ones(LONGEST_LINE_YEARS + 1)
    return prices.discount_factors(discount_rates, LONGEST_LINE_YEARS, edition.discounting)


def with_price_list(tables: Tables, edition: Edition) -> dict[str, pd.DataFrame]:
    """Return tables of which those that depend on the price list are made anew by that of ``edition``.

    Those are ``outcomes_in_scope``, ``outcome_units`` and ``unit_values``: what an edition counts stays as it is.
    """
    results = tables["outcomes_in_scope"].drop(columns=outcome_units.MAPPED)
    mapping = mapping_of_list(tables["metric_outcomes"], tables["outcome_unit_costs"], edition.value_set)
    mapped = outcome_units.mapped_outcomes(results, mapping, tables["outcome_types"])
    lists = ("outcome_unit_costs", "unit_costs", "outcome_types", "hours_weights", "gdp_deflators")
    return {
        **tables,
        "outcomes_in_scope": mapped,
        "outcome_units": _outcome_units(edition, typed(OutcomesInScope, mapped), tables["discount_rates"]),
        "unit_values": _unit_values(edition, **{name: tables[name] for name in lists}),
    }
