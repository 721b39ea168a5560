"""The choices of an edition side by side: every combination of them, and how far the ratio of the market moves.

Belongs here: which choices are varied, and the market under each combination of them. What is drawn between low and
high is the matter of ``uncertainty``, what is missing that of ``bounds``.

The combinations differ only in some factors of the same lines of value, so all are worked out at once, as arrays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import price_list
from pipeline.method.analysis.bounds import real_amounts
from pipeline.method.analysis.draws import Draws, Floats
from pipeline.method.analysis.parameters import parameter_ids, parameters_of
from pipeline.method.analysis.ratios import drawn_shares, has_range, market_ratios
from pipeline.method.analysis.uncertainty import percentiles
from pipeline.method.steps.additionality import with_deadweight
from pipeline.method.steps.optimism_bias import corrections_of, with_optimism_bias
from pipeline.method.steps.outcome_units import outcome_units as units_of_outcomes
from pipeline.method.steps.outcome_units import units_under
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.time_conventions import CONVENTIONS, convention_of
from pipeline.method.steps.unit_values import at_level, pounds_per_unit
from pipeline.method.steps.value import additional, counting_ladder, gross_value, line_units
from pipeline.method.valuation import Tables, edition_factors, with_price_list
from pipeline.tables.analysis import Scenarios
from pipeline.tables.parameters import (
    Deadweight,
    DiscountRates,
    GdpDeflators,
    HoursWeights,
    OptimismBias,
    OutcomeUnitCosts,
    UnitCosts,
)
from pipeline.tables.raw import Contracts
from pipeline.tables.reference import MetricOutcomes, OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import OutcomesInScope, OutcomeUnits, PaymentsInScope, UnitValues
from pipeline.tables.vocabulary import (
    DEADWEIGHT_LAYERS,
    DISCOUNTINGS,
    GRADES,
    OPTIMISM_BIASES,
    RATIOS,
    RUNGS_COUNTED_ONCE,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
    VALUE_SETS,
)

Bools = npt.NDArray[np.bool_]

# Time conventions, with what only one of them asks: which rung of a ladder counts, whether later years are discounted.
TIME = ("time_convention", "annual_rung", "discounting")
OPTIONS = {"annual_rung": RUNGS_COUNTED_ONCE, "discounting": tuple(DISCOUNTINGS)}
TIMES: tuple[tuple[str, ...], ...] = tuple(
    (name, *options)
    for name, convention in CONVENTIONS.items()
    for options in product(*(words if choice in convention.asks else ("",) for choice, words in OPTIONS.items()))
)
# A commitment is the most that may ever be paid: beside what was achieved so far it says nothing (see ``bounds``).
PAYMENT_BASES = (("paid",), ("paid", "reported"), ("paid", "reported", "evaluation"))
PRICE_BASES = ("edition's prices", "cash")
# Every combination of these is tried, and shown in this order.
VARIED: Mapping[str, Sequence[Any]] = {
    "time": TIMES,
    "unit_value_level": UNIT_VALUE_LEVELS,
    "deadweight_layer": tuple(DEADWEIGHT_LAYERS),
    "transfers": tuple(TRANSFERS),
    "payment_bases": PAYMENT_BASES,
    "price_base": PRICE_BASES,
}
# These are changed by themselves only: one concerns the facts, one rests on a table that nobody has verified, and of
# price lists the older one is there for comparison.
ALONE = ("straddling", "optimism_bias", "value_set")
CHOICES = (*TIME, *(choice for choice in VARIED if choice != "time"), *ALONE)
SUMS = ["contracts_in_bcr", "outcome_payments_gbp", "public_value_gbp", *RATIOS]
PERCENTILES = (10, 90)
# Of a line: what of it counts in some combination, and how it rests on the parameters.
NEEDED = [
    *("contract_id", "outcome_id", "unit_cost_id", "value_set", "hours_weight_id", "kind", "is_transfer"),
    *("is_counted", "is_net_of_deadweight", "ladder", "overlap_group", "people", "units", "horizon_years"),
    *("unit_cost_gbp", "price_factor", "cost_units_per_unit", "units_per_outcome", "hours_weight"),
    *("unit_cost_grade", "mapping_grade"),
]
RANGES = [f"{measure}_p{share}" for measure in RATIOS for share in PERCENTILES]


def scenarios(
    edition: Edition,
    draws: Draws,
    contracts: DataFrame[Contracts],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    payments_in_scope: DataFrame[PaymentsInScope],
    outcome_units: DataFrame[OutcomeUnits],
    unit_values: DataFrame[UnitValues],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_types: DataFrame[OutcomeTypes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    unit_costs: DataFrame[UnitCosts],
    hours_weights: DataFrame[HoursWeights],
    deadweight: DataFrame[Deadweight],
    optimism_bias: DataFrame[OptimismBias],
    gdp_deflators: DataFrame[GdpDeflators],
    discount_rates: DataFrame[DiscountRates],
) -> DataFrame[Scenarios]:
    """Return one row per combination of choices with the ratios of the market under it, the edition's own among them.

    Columns: ``CHOICES`` (empty where a choice has no say), ``changes`` (how many of them differ from the edition's),
    ``changed`` (which, if one does), ``is_edition``, ``SUMS``, and the range of both ratios over the simulation
    (``RANGES``) where at most one choice differs. Payments and value are those of the contracts in the ratio.
    """
    tables: Tables = {
        "contracts": contracts,
        "outcomes_in_scope": outcomes_in_scope,
        "payments_in_scope": payments_in_scope,
        "outcome_units": outcome_units,
        "unit_values": unit_values,
        "metric_outcomes": metric_outcomes,
        "outcome_types": outcome_types,
        "outcome_unit_costs": outcome_unit_costs,
        "unit_costs": unit_costs,
        "hours_weights": hours_weights,
        "deadweight": deadweight,
        "optimism_bias": optimism_bias,
        "gdp_deflators": gdp_deflators,
        "discount_rates": discount_rates,
    }
    own = _own_options(edition)
    every = _every_combination(tables, edition)
    beside = [*_beside(tables, edition), *_by_other_lists(tables, edition)]
    rows = [pd.DataFrame(own | options | grid.sums()) for options, grid in beside]
    table = pd.concat([every.table(own), *rows], ignore_index=True)
    differs = pd.DataFrame({choice: ~table[choice].isin(["", own[choice]]) for choice in CHOICES})
    table["changes"] = differs.sum(axis=1)
    table["changed"] = differs.idxmax(axis=1).where(table["changes"] == 1, "")
    table["is_edition"] = table["changes"] == 0
    near = np.flatnonzero(table["changes"] <= 1)
    lines = [every.lines_of(near[near < every.size])]
    number = len(near) - len(beside)
    lines += [grid.lines_of(np.array([0])).assign(scenario=number + n) for n, (_, grid) in enumerate(beside)]
    paid = table["outcome_payments_gbp"].to_numpy()[near]
    table.loc[near, RANGES] = _ranges(pd.concat(lines, ignore_index=True), paid, tables, edition, draws)
    return table[[*CHOICES, "changes", "changed", "is_edition", *SUMS, *RANGES]]


def _own_options(edition: Edition) -> dict[str, str]:
    """What the edition takes, also where it has no say."""
    named = [
        *("time_convention", "annual_rung", "discounting", "unit_value_level", "deadweight_layer"),
        *("optimism_bias", "value_set", "transfers"),
    ]
    return {
        **{choice: getattr(edition, choice) for choice in named},
        "payment_bases": _words(edition.payment_bases),
        "price_base": "edition's prices",
        "straddling": "pro rata" if edition.cut_off else "",
    }


def _words(bases: Sequence[str]) -> str:
    return " + ".join(bases) or "none"


# --- Combinations, at once --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grid:
    """Every combination of ``varied`` over the lines of value of an edition, which stand contract by contract.

    ``units``: times × lines; ``costs``: unit costs, levels × lines; ``layers``: the lines with what each layer takes
    off; ``counts``: which lines count, times × levels × layers × lines; ``net_gbp``: likewise; ``contract``: the place
    of the contract of each line; ``paid_gbp``: bases × price bases × contracts, of those that have lines.
    """

    varied: Mapping[str, Sequence[Any]]
    units: Floats
    costs: Floats
    layers: Sequence[pd.DataFrame]
    counts: Bools
    net_gbp: Floats
    contract: npt.NDArray[np.intp]
    paid_gbp: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(options) for options in self.varied.values())

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @cached_property
    def in_bcr(self) -> Bools:
        """Which contracts have value and payments: times × levels × layers × bases × contracts."""
        is_valued = self._by_contract(self.counts & (self.layers[0]["people"] > 0).to_numpy()) > 0
        # Where all money went back, later prices would leave an amount in real terms that nobody paid.
        return is_valued[..., None, :] & (self.paid_gbp > 0).all(axis=1)

    def _by_contract(self, of_lines: Any) -> Any:
        """Add up by contract what the last axis has by line."""
        first = np.flatnonzero(np.diff(self.contract, prepend=-1))
        return np.add.reduceat(of_lines, first, axis=-1) if len(first) else of_lines

    def table(self, own: Mapping[str, str]) -> pd.DataFrame:
        """Return ``CHOICES`` and ``SUMS`` of each combination."""
        times, *others = zip(*product(*self.varied.values()), strict=True)
        options = dict(zip(TIME, zip(*times, strict=True), strict=True))
        options |= dict(zip([choice for choice in self.varied if choice != "time"], others, strict=True))
        table = pd.DataFrame(options | {choice: own[choice] for choice in ALONE})
        return table.assign(payment_bases=table["payment_bases"].map(_words), **self.sums())

    def sums(self) -> dict[str, Any]:
        """Return ``SUMS`` of each combination."""
        is_in = self.in_bcr
        lines = self.layers[0]
        is_transfer, is_fiscal = lines["is_transfer"].to_numpy(bool), (lines["kind"] == "fiscal").to_numpy(bool)
        everything = np.ones(len(lines), dtype=bool)
        # By option of ``TRANSFERS``.
        public = {"fiscal only": ~is_transfer, "both": everything, "neither": ~is_transfer}
        fiscal = {"fiscal only": is_fiscal, "both": is_fiscal, "neither": is_fiscal & ~is_transfer}
        parts = [np.array([part[option] for option in self.varied["transfers"]]) for part in (public, fiscal)]
        values = [self._value(part) for part in parts]
        paid_gbp = self.paid_gbp[:, [PRICE_BASES.index(base) for base in self.varied["price_base"]]]
        paid = np.einsum("bpc,tvdbc->tvdbp", paid_gbp, is_in).round(2)[:, :, :, None]
        sums = {
            "contracts_in_bcr": is_in.sum(axis=-1)[:, :, :, None, :, None],
            "outcome_payments_gbp": paid,
            "public_value_gbp": values[0],
            **{name: _ratio(value, paid) for name, value in zip(RATIOS, values, strict=True)},
        }
        return {name: np.broadcast_to(found, self.shape).ravel() for name, found in sums.items()}

    def _value(self, parts: Bools) -> Floats:
        """Value of the contracts in the ratio, by what is part of it: as ``shape``, alike for all price bases."""
        by_contract = self._by_contract((self.net_gbp * self.counts)[:, :, :, None] * parts)
        return np.einsum("tvdrc,tvdbc->tvdrb", by_contract, self.in_bcr).round(2)[..., None]

    def lines_of(self, places: npt.NDArray[np.intp]) -> pd.DataFrame:
        """Return the lines in the ratio of some combinations, one below the other, with the ``scenario`` of each.

        That is its place in ``places``.
        """
        time, level, layer, transfers, bases, _ = np.unravel_index(places, self.shape)
        is_transfer = self.layers[0]["is_transfer"].to_numpy(bool)
        option = np.array(self.varied["transfers"])[transfers]
        counts = self.counts[time, level, layer] & self.in_bcr[time, level, layer, bases][:, self.contract]
        counts &= ~(is_transfer & (option == "neither")[:, None])
        scenario, line = np.nonzero(counts)
        rows = pd.concat(self.layers, ignore_index=True).iloc[layer[scenario] * len(is_transfer) + line]
        return rows.assign(
            scenario=scenario,
            units=self.units[time[scenario], line],
            unit_cost_gbp=self.costs[level[scenario], line],
            unit_value_level=np.array(self.varied["unit_value_level"])[level[scenario]],
            is_transfer=is_transfer[line] & (option != "both")[scenario],
        )


def _ratio(value: Floats, paid: Floats) -> Floats:
    shape = np.broadcast_shapes(value.shape, paid.shape)
    return np.divide(value, paid, out=np.full(shape, np.nan), where=np.broadcast_to(paid > 0, shape))


def _every_combination(tables: Tables, edition: Edition) -> _Grid:
    times = times_tried(tables["discount_rates"], edition)
    bases = tuple(dict.fromkeys([*PAYMENT_BASES, edition.payment_bases]))
    # Which metrics make a line is the same whatever the time convention: only how many units they make.
    lines = _lines(tables, edition)
    varied = {**VARIED, "time": times, "payment_bases": bases}
    unit_costs, _ = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    unit_costs = unit_costs.set_index("unit_cost_id")
    costs = [lines["unit_cost_id"].map(at_level(unit_costs, level)) for level in varied["unit_value_level"]]
    units = _units_at(times, lines, tables, edition)
    return _grid(varied, lines, units, np.array(costs, dtype=np.float64), tables, edition)


def times_tried(discount_rates: DataFrame[DiscountRates], edition: Edition) -> Sequence[tuple[str, ...]]:
    """Return the time conventions that are tried, ``TIME`` each, that of the edition among them."""
    own = time_of(edition)
    times = TIMES if own in TIMES else (*TIMES, own)
    # A schedule of which the reference has no rates cannot be tried.
    schedules = ("", "none", *discount_rates["schedule"])
    return [time for time in times if time[TIME.index("discounting")] in schedules]


def time_of(edition: Edition) -> tuple[str, ...]:
    """Return what an edition takes of ``TIME``, empty where a choice has no say."""
    asked = convention_of(edition).asks
    return (edition.time_convention, *(getattr(edition, choice) if choice in asked else "" for choice in OPTIONS))


def at_time(edition: Edition, time: tuple[str, ...]) -> Edition:
    """Return an edition with other options of ``TIME``; where one has no say it keeps its own."""
    convention, rung, discounting = time
    return replace(
        edition,
        time_convention=convention,
        annual_rung=rung or edition.annual_rung,
        discounting=discounting or edition.discounting,
    )


def _lines(tables: Tables, edition: Edition) -> pd.DataFrame:
    """The lines of value before anything is taken off; ``row``: the row of their units."""
    units, values = tables["outcome_units"].reset_index(names="row"), tables["unit_values"]
    return gross_value(units, values, edition, edition_factors(tables["discount_rates"], edition))[["row", *NEEDED]]


def _grid(
    varied: Mapping[str, Sequence[Any]],
    lines: pd.DataFrame,
    units: Floats,
    costs: Floats,
    tables: Tables,
    edition: Edition,
) -> _Grid:
    """The combinations of ``varied``; ``units``: times × lines; ``costs``: levels × lines."""
    values = np.array([pounds_per_unit(of_level, lines) for of_level in costs], dtype=np.float64)
    corrections = corrections_of(tables["optimism_bias"], edition)
    layers = [
        with_optimism_bias(with_deadweight(lines, tables["deadweight"], layer, edition.flat_deadweight), corrections)
        for layer in varied["deadweight_layer"]
    ]
    rates, biases = (
        np.array([table[name] for table in layers], dtype=np.float64) for name in ("deadweight", "optimism_bias")
    )
    gross = (units[:, None] * values).round(2)[:, :, None]
    net = additional(gross, rates, biases)
    contract, contract_ids = pd.factorize(lines["contract_id"])
    return _Grid(
        varied=varied,
        units=units,
        costs=costs,
        layers=layers,
        counts=_counting(lines, np.broadcast_to(units[:, None, None], net.shape), net, edition.set_asides),
        net_gbp=net,
        contract=contract,
        paid_gbp=_paid(tables, edition, varied, contract_ids),
    )


def _units_at(times: Sequence[tuple[str, ...]], lines: pd.DataFrame, tables: Tables, own: Edition) -> Floats:
    """The units of each line under each time convention: times × lines."""
    editions = [at_time(own, time) for time in times]
    factors = {choice.discounting: edition_factors(tables["discount_rates"], choice) for choice in editions}
    choices = [(choice, factors[choice.discounting]) for choice in editions]
    units = units_under(tables["outcomes_in_scope"], choices)[:, lines["row"]]
    needed = lines[["people", "horizon_years"]]
    found = [line_units(needed.assign(units=of), *choice) for of, choice in zip(units, choices, strict=True)]
    return np.array(found, dtype=np.float64)


def _counting(lines: pd.DataFrame, units: Floats, net: Floats, set_asides: str) -> Bools:
    """Which lines count in each combination, no benefit twice: each stands for contracts of its own."""
    is_counted = lines["is_counted"].to_numpy(bool)
    # Only among lines that overlap does it depend on the combination.
    overlaps = (lines["overlap_group"] != "").to_numpy(bool) & (set_asides != "none")
    places = np.flatnonzero(is_counted & overlaps)
    counts = np.broadcast_to(is_counted, net.shape).copy()
    cases = net[..., 0].size if len(places) else 0
    # In numbers that stand in the order of the words.
    numbers = {name: pd.factorize(lines[name], sort=True)[0][places] for name in ("overlap_group", "ladder")}
    contracts = pd.factorize(lines["contract_id"])[0][places]
    apart = pd.DataFrame(
        {
            **{name: np.tile(of_lines, cases) for name, of_lines in numbers.items()},
            "contract_id": (np.arange(cases)[:, None] * (len(lines) + 1) + contracts).ravel(),
            "units": units[..., places].ravel(),
            "net_gbp": net[..., places].ravel(),
        }
    )
    is_kept = (apart["ladder"] == counting_ladder(apart)).to_numpy(bool)
    counts[..., places] = is_kept.reshape(*net.shape[:-1], len(places))
    return counts


def _paid(tables: Tables, edition: Edition, varied: Mapping[str, Sequence[Any]], contract_ids: pd.Index) -> Floats:
    """Payments by basis, price base and contract."""
    payments = tables["payments_in_scope"]
    payments = payments[payments["contract_id"].isin(contract_ids)]
    cash, own_real = payments["amount_counted_gbp"].to_numpy(), payments["amount_real_gbp"].fillna(0.0).to_numpy()
    filled = real_amounts(payments, tables["contracts"], tables["gdp_deflators"], edition.price_year)
    places = contract_ids.get_indexer(payments["contract_id"])
    found = []
    for basis in varied["payment_bases"]:
        counts = payments["basis"].isin(counted_bases(basis)).to_numpy()
        # What the edition counts stands as it counts it: a total without a whole period has no prices there.
        real = own_real if basis == edition.payment_bases else filled
        found.append([np.bincount(places, amounts * counts, minlength=len(contract_ids)) for amounts in (real, cash)])
    return np.array(found, dtype=np.float64).round(2)


# --- Beside them ------------------------------------------------------------------------------------------------

# What is changed by itself, and the market with it.
Beside = tuple[dict[str, str], _Grid]


def _beside(tables: Tables, edition: Edition) -> Iterator[Beside]:
    """What is changed by itself: each leaves the unit values as they are."""
    counted, payments = tables["outcomes_in_scope"], tables["payments_in_scope"]
    if edition.cut_off is not None:
        # A report that straddles the cut-off counts only where there is no whole one: without it the metric has none.
        mapped = counted[~counted["is_estimated"]]
        units = units_of_outcomes(mapped, edition, edition_factors(tables["discount_rates"], edition))
        whole = {**tables, "outcome_units": units, "payments_in_scope": payments[~payments["is_estimated"]]}
        yield {"straddling": "left out"}, _alone(whole, edition)
    if set(GRADES) <= set(tables["optimism_bias"]["grade"]):
        (other,) = (option for option in OPTIMISM_BIASES if option != edition.optimism_bias)
        yield {"optimism_bias": other}, _alone(tables, replace(edition, optimism_bias=other))


def _by_other_lists(tables: Tables, edition: Edition) -> Iterator[Beside]:
    """The market by each other price list of which there are rows."""
    for value_set in lists_tried(tables["unit_costs"], tables["outcome_unit_costs"], edition):
        if value_set != edition.value_set:
            other = replace(edition, value_set=value_set)
            yield {"value_set": value_set}, _alone(with_price_list(tables, other), other)


def lists_tried(
    unit_costs: DataFrame[UnitCosts], outcome_unit_costs: DataFrame[OutcomeUnitCosts], edition: Edition
) -> list[str]:
    """Return the price lists of which there are rows, and that of the edition, the oldest first."""
    filled = {edition.value_set, *unit_costs["value_set"].unique(), *outcome_unit_costs["value_set"].unique()}
    return [value_set for value_set in VALUE_SETS if value_set in filled]


def _alone(tables: Tables, edition: Edition) -> _Grid:
    """The market as an edition takes it: one combination."""
    lines = _lines(tables, edition)
    own = {
        "time": (edition.time_convention,),
        "unit_value_level": (edition.unit_value_level,),
        "deadweight_layer": (edition.deadweight_layer,),
        "transfers": (edition.transfers,),
        "payment_bases": (edition.payment_bases,),
        "price_base": PRICE_BASES[:1],
    }
    units, costs = (lines[[name]].to_numpy(np.float64).T for name in ("units", "unit_cost_gbp"))
    return _grid(own, lines, units, costs, tables, edition)


# --- Ranges -----------------------------------------------------------------------------------------------------


def _ranges(lines: pd.DataFrame, paid_gbp: Floats, tables: Tables, edition: Edition, draws: Draws) -> Floats:
    """The ends of the range of both ratios of some scenarios, scenarios × ``RANGES``.

    ``lines``: those in the ratio of each ``scenario``; ``paid_gbp``: their payments. Missing where less than half of
    the value rests on something drawn.
    """
    ids = parameter_ids(lines, tables["deadweight"])
    used = parameters_of(lines, ids, tables["unit_costs"], tables["hours_weights"], tables["deadweight"])
    model = market_ratios(lines, ids, paid_gbp, used)
    simulated = model.at(draws.values(used, edition))
    ends = percentiles(simulated, PERCENTILES)
    ends[~has_range(drawn_shares(model, used)["drawn_share"], simulated)] = np.nan
    return ends.reshape(len(paid_gbp), len(RANGES))
