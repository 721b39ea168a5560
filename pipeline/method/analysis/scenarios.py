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
from pipeline.method.analysis.parameters import parameters
from pipeline.method.analysis.ratios import drawn_shares, has_range, market_ratios
from pipeline.method.analysis.uncertainty import percentiles
from pipeline.method.steps.additionality import with_deadweight
from pipeline.method.steps.optimism_bias import corrections_of, with_optimism_bias
from pipeline.method.steps.outcome_units import outcome_units as units_of_outcomes
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.sums import contract_value, summed
from pipeline.method.steps.time_conventions import CONVENTIONS
from pipeline.method.steps.unit_values import at_level, pounds_per_unit
from pipeline.method.steps.value import additional, gross_value, line_units, without_overlaps
from pipeline.method.valuation import Tables, edition_factors, valued_lines, valued_tables
from pipeline.tables.analysis import Scenarios
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import OutcomesInScope, OutcomeUnits, PaymentsInScope, UnitValues
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    DISCOUNTINGS,
    GRADES,
    OPTIMISM_BIASES,
    RATIOS,
    UNIT_VALUE_LEVELS,
    VALUE_SETS,
)

Bools = npt.NDArray[np.bool_]

# Time conventions, with what only one of them asks: which rung of a ladder counts, whether later years are discounted.
TIME = ("time_convention", "annual_rung", "discounting")
OPTIONS = {"annual_rung": ANNUAL_RUNGS, "discounting": tuple(DISCOUNTINGS)}
TIMES: tuple[tuple[str, ...], ...] = tuple(
    (name, *options)
    for name, convention in CONVENTIONS.items()
    for options in product(*(words if choice in convention.asks else ("",) for choice, words in OPTIONS.items()))
)
# Benefits that somebody else loses: part of fiscal value alone, of public value too, or of neither.
TRANSFERS = ("fiscal only", "both", "neither")
# A commitment is the most that may ever be paid: beside what was achieved so far it says nothing (see ``bounds``).
PAYMENT_BASES = (("paid",), ("paid", "reported"), ("paid", "reported", "evaluation"))
PRICE_BASES = ("edition's prices", "cash")
# Every combination of these is tried, and shown in this order.
VARIED: Mapping[str, Sequence[Any]] = {
    "time": TIMES,
    "unit_value_level": UNIT_VALUE_LEVELS,
    "deadweight_layer": tuple(DEADWEIGHT_LAYERS),
    "transfers": TRANSFERS,
    "payment_bases": PAYMENT_BASES,
    "price_base": PRICE_BASES,
}
# These are changed by themselves only: one concerns the facts, one rests on a table that nobody has verified, and of
# price lists the older one is there for comparison.
ALONE = ("straddling", "optimism_bias", "value_set")
CHOICES = (*TIME, *(choice for choice in VARIED if choice != "time"), *ALONE)
SUMS = ["contracts_in_bcr", "outcome_payments_gbp", "public_value_gbp", *RATIOS]
PERCENTILES = (10, 90)
# What of a line says how it rests on the parameters.
NEEDED = [
    *("contract_id", "outcome_id", "unit_cost_id", "value_set", "unit_value_level", "hours_weight_id"),
    *("deadweight_layer", "kind", "is_transfer"),
    *("units", "unit_cost_gbp", "price_factor", "cost_units_per_unit", "units_per_outcome", "hours_weight"),
    *("deadweight", "optimism_bias"),
]
RANGES = [f"{measure}_p{share}" for measure in RATIOS for share in PERCENTILES]


def scenarios(
    edition: Edition,
    draws: Draws,
    outcomes_in_scope: DataFrame[OutcomesInScope],
    payments_in_scope: DataFrame[PaymentsInScope],
    outcome_units: DataFrame[OutcomeUnits],
    unit_values: DataFrame[UnitValues],
    **inputs: pd.DataFrame,
) -> DataFrame[Scenarios]:
    """Return one row per combination of choices with the ratios of the market under it, the edition's own among them.

    Columns: ``CHOICES`` (empty where a choice has no say), ``changes`` (how many of them differ from the edition's),
    ``changed`` (which, if one does), ``is_edition``, ``SUMS``, and the range of both ratios over the simulation
    (``RANGES``) where at most one choice differs. Payments and value are those of the contracts in the ratio.
    ``inputs``: all tables with which the steps of the method begin: by another price list they are run again.
    """
    tables = {
        **inputs,
        "outcomes_in_scope": outcomes_in_scope,
        "payments_in_scope": payments_in_scope,
        "outcome_units": outcome_units,
        "unit_values": unit_values,
    }
    own = _own_options(edition)
    every = _grid(tables, edition)
    beside = [*_beside(tables, edition), *_by_other_lists(inputs, edition)]
    rows = pd.DataFrame([own | changed.options | changed.market for changed in beside])
    table = pd.concat([every.table(own), rows], ignore_index=True)
    differs = pd.DataFrame({choice: ~table[choice].isin(["", own[choice]]) for choice in CHOICES})
    table["changes"] = differs.sum(axis=1)
    table["changed"] = differs.idxmax(axis=1).where(table["changes"] == 1, "")
    table["is_edition"] = table["changes"] == 0
    near = np.flatnonzero(table["changes"] <= 1)
    lines = [*every.lines_of(near[near < every.size].tolist()), *(changed.lines for changed in beside)]
    paid = table["outcome_payments_gbp"].to_numpy()[near]
    table.loc[near, RANGES] = _ranges(lines, paid, inputs, edition, draws)
    return table[[*CHOICES, "changes", "changed", "is_edition", *SUMS, *RANGES]]


def _own_options(edition: Edition) -> dict[str, str]:
    """What the edition takes, also where it has no say."""
    named = [
        *("time_convention", "annual_rung", "discounting", "unit_value_level", "deadweight_layer"),
        *("optimism_bias", "value_set"),
    ]
    return {
        **{choice: getattr(edition, choice) for choice in named},
        "transfers": "fiscal only",
        "payment_bases": _words(edition.payment_bases),
        "price_base": "edition's prices",
        "straddling": "pro rata" if edition.cut_off else "",
    }


def _words(bases: Sequence[str]) -> str:
    return " + ".join(bases) or "none"


# --- Every combination, at once ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grid:
    """Every combination of ``varied`` over the lines of value of an edition.

    ``units``: times × lines; ``costs``: the unit cost of each line at each level; ``layers``: the lines with what each
    layer takes off; ``counts``: which lines count, times × levels × layers × lines; ``net_gbp``: likewise;
    ``paid_gbp``: bases × price bases × contracts; ``contract``: the place of the contract of each line.
    """

    varied: Mapping[str, Sequence[Any]]
    units: Floats
    costs: Sequence["pd.Series[float]"]
    layers: Sequence[pd.DataFrame]
    counts: Bools
    net_gbp: Floats
    paid_gbp: Floats
    contract: npt.NDArray[np.intp]

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(options) for options in self.varied.values())

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @cached_property
    def in_bcr(self) -> Bools:
        """Which contracts have value and payments: times × levels × layers × bases × contracts."""
        of_contracts = np.eye(self.paid_gbp.shape[-1])[self.contract]
        is_valued = (self.counts & (self.layers[0]["people"] > 0).to_numpy()) @ of_contracts > 0
        return is_valued[..., None, :] & (self.paid_gbp[:, 0] > 0)

    def table(self, own: Mapping[str, str]) -> pd.DataFrame:
        """Return ``CHOICES`` and ``SUMS`` of each combination."""
        times, *others = zip(*product(*self.varied.values()), strict=True)
        options = dict(zip(TIME, zip(*times, strict=True), strict=True))
        options |= dict(zip([choice for choice in self.varied if choice != "time"], others, strict=True))
        table = pd.DataFrame(options | {choice: own[choice] for choice in ALONE})
        return table.assign(payment_bases=table["payment_bases"].map(_words), **self._sums())

    def _sums(self) -> dict[str, Any]:
        is_in = self.in_bcr
        lines = self.layers[0]
        is_transfer, is_fiscal = lines["is_transfer"].to_numpy(), (lines["kind"] == "fiscal").to_numpy()
        everything = np.ones(len(lines), dtype=bool)
        # In the order of ``TRANSFERS``.
        public = self._value(np.array([~is_transfer, everything, ~is_transfer]), is_in)[..., None]
        fiscal = self._value(np.array([is_fiscal, is_fiscal, is_fiscal & ~is_transfer]), is_in)[..., None]
        paid = np.einsum("bpc,tvdbc->tvdbp", self.paid_gbp, is_in).round(2)[:, :, :, None]
        sums = {
            "contracts_in_bcr": is_in.sum(axis=-1)[:, :, :, None, :, None],
            "outcome_payments_gbp": paid,
            "public_value_gbp": public,
            **{name: _ratio(value, paid) for name, value in zip(RATIOS, (public, fiscal), strict=True)},
        }
        return {name: np.broadcast_to(values, self.shape).ravel() for name, values in sums.items()}

    def _value(self, parts: Bools, is_in: Bools) -> Floats:
        """Value of the contracts in the ratio, by what is part of it: times × levels × layers × transfers × bases."""
        of_contracts = parts[:, :, None] * np.eye(self.paid_gbp.shape[-1])[self.contract]
        by_contract = np.einsum("tvdl,rlc->tvdrc", self.net_gbp * self.counts, of_contracts, optimize=True)
        return np.einsum("tvdrc,tvdbc->tvdrb", by_contract, is_in, optimize=True).round(2)

    def lines_of(self, places: Sequence[int]) -> Iterator[pd.DataFrame]:
        """Yield the lines in the ratio of some combinations, as ``_Beside`` has them."""
        for place in places:
            time, level, layer, transfers, bases, _ = (int(n) for n in np.unravel_index(place, self.shape))
            counts = self.counts[time, level, layer] & self.in_bcr[time, level, layer, bases, self.contract]
            taken = {"unit_cost_gbp": self.costs[level], "unit_value_level": UNIT_VALUE_LEVELS[level]}
            lines = self.layers[layer].assign(units=self.units[time], **taken)[counts]
            if TRANSFERS[transfers] == "both":
                lines = lines.assign(is_transfer=False)
            yield lines[~lines["is_transfer"]] if TRANSFERS[transfers] == "neither" else lines


def _ratio(value: Floats, paid: Floats) -> Floats:
    shape = np.broadcast_shapes(value.shape, paid.shape)
    return np.divide(value, paid, out=np.full(shape, np.nan), where=np.broadcast_to(paid > 0, shape))


def _grid(tables: Tables, edition: Edition) -> _Grid:
    bases = tuple(dict.fromkeys([*PAYMENT_BASES, edition.payment_bases]))
    # Which metrics make a line is the same whatever the time convention: only how many units they make.
    lines = gross_value(
        tables["outcome_units"].reset_index(names="row"),
        tables["unit_values"],
        edition,
        edition_factors(tables["discount_rates"], edition),
    )
    # A schedule of which the reference has no rates cannot be tried.
    schedules = ("", "none", *tables["discount_rates"]["schedule"])
    times = [time for time in TIMES if time[TIME.index("discounting")] in schedules]
    units = np.array([_units_at(time, lines, tables, edition) for time in times], dtype=np.float64)
    costs, _ = price_list(tables["unit_costs"], tables["outcome_unit_costs"], edition.value_set)
    costs = costs.set_index("unit_cost_id")
    levels = [lines["unit_cost_id"].map(at_level(costs, level)) for level in UNIT_VALUE_LEVELS]
    values = np.array([pounds_per_unit(of_level, lines) for of_level in levels], dtype=np.float64)
    corrections = corrections_of(tables["optimism_bias"], edition)
    layers = [
        with_optimism_bias(with_deadweight(lines, tables["deadweight"], layer), corrections)
        for layer in DEADWEIGHT_LAYERS
    ]
    rates, biases = (
        np.array([table[name] for table in layers], dtype=np.float64) for name in ("deadweight", "optimism_bias")
    )
    gross = (units[:, None] * values).round(2)[:, :, None]
    net = additional(gross, rates, biases)
    contracts = pd.Index(tables["contracts"]["contract_id"])
    return _Grid(
        varied={**VARIED, "time": times, "payment_bases": bases},
        units=units,
        costs=levels,
        layers=layers,
        counts=_counting(lines, np.broadcast_to(units[:, None, None], net.shape), net),
        net_gbp=net,
        paid_gbp=_paid(tables, edition, bases, contracts),
        contract=contracts.get_indexer(lines["contract_id"]),
    )


def _units_at(time: tuple[str, ...], lines: pd.DataFrame, tables: Tables, own: Edition) -> Floats:
    """The units of each line under a time convention; ``row``: the row of its units."""
    convention, rung, discounting = time
    edition = replace(
        own,
        time_convention=convention,
        annual_rung=rung or own.annual_rung,
        discounting=discounting or own.discounting,
    )
    factors = edition_factors(tables["discount_rates"], edition)
    units = units_of_outcomes(tables["outcomes_in_scope"], edition, factors)["units"].to_numpy()[lines["row"]]
    return line_units(lines.assign(units=units), edition, factors).to_numpy(np.float64)


def _counting(lines: pd.DataFrame, units: Floats, net: Floats) -> Bools:
    """Which lines count in each combination, no benefit twice: each stands for contracts of its own."""
    cases = net.size // len(lines) if len(lines) else 0
    numbers = pd.factorize(lines["contract_id"])[0]
    apart = pd.DataFrame(
        {
            **{name: np.tile(lines[name], cases) for name in ("is_counted", "overlap_group", "ladder")},
            "contract_id": (np.arange(cases)[:, None] * (len(lines) + 1) + numbers).ravel(),
            "units": units.ravel(),
            "net_gbp": net.ravel(),
            "place": np.arange(net.size),
        }
    )
    counted, _ = without_overlaps(apart)
    counts = np.zeros(net.size, dtype=bool)
    counts[counted["place"]] = True
    return counts.reshape(net.shape)


def _paid(tables: Tables, edition: Edition, bases: Sequence[Sequence[str]], contracts: pd.Index) -> Floats:
    """Payments by basis, price base and contract."""
    payments = tables["payments_in_scope"]
    cash, own_real = payments["amount_counted_gbp"].to_numpy(), payments["amount_real_gbp"].fillna(0.0).to_numpy()
    filled = real_amounts(payments, tables["contracts"], tables["gdp_deflators"], edition.price_year)
    places = contracts.get_indexer(payments["contract_id"])
    found = []
    for basis in bases:
        counts = payments["basis"].isin(counted_bases(basis)).to_numpy()
        # What the edition counts stands as it counts it: a total without a whole period has no prices there.
        real = own_real if basis == edition.payment_bases else filled
        found.append([np.bincount(places, amounts * counts, minlength=len(contracts)) for amounts in (real, cash)])
    return np.array(found, dtype=np.float64).round(2)


# --- Beside them ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Beside:
    """What is changed by itself, with the sums of the market and the lines in the ratio."""

    options: dict[str, str]
    market: dict[str, Any]
    lines: pd.DataFrame


def _beside(tables: Tables, edition: Edition) -> Iterator[_Beside]:
    """What is changed by itself: each leaves the unit values as they are."""
    counted, payments = tables["outcomes_in_scope"], tables["payments_in_scope"]
    if edition.cut_off is not None:
        # A report that straddles the cut-off counts only where there is no whole one: without it the metric has none.
        mapped = counted[~counted["is_estimated"]]
        units = units_of_outcomes(mapped, edition, edition_factors(tables["discount_rates"], edition))
        whole = {**tables, "outcome_units": units, "payments_in_scope": payments[~payments["is_estimated"]]}
        yield _revalued({"straddling": "left out"}, whole, edition)
    if set(GRADES) <= set(tables["optimism_bias"]["grade"]):
        (other,) = (option for option in OPTIMISM_BIASES if option != edition.optimism_bias)
        yield _revalued({"optimism_bias": other}, tables, replace(edition, optimism_bias=other))


def _revalued(options: dict[str, str], tables: Tables, edition: Edition) -> _Beside:
    """The market anew, with other units, payments or choices."""
    lines = valued_lines(tables, edition)
    values = contract_value(tables["contracts"], lines, tables["payments_in_scope"], edition.payment_bases)
    return _of_market(options, lines, values)


def _by_other_lists(inputs: Tables, edition: Edition) -> Iterator[_Beside]:
    """The market by each other price list of which there are rows."""
    filled = {*inputs["unit_costs"]["value_set"], *inputs["outcome_unit_costs"]["value_set"]}
    for value_set in VALUE_SETS:
        if value_set in filled and value_set != edition.value_set:
            other = valued_tables(inputs, replace(edition, value_set=value_set))
            yield _of_market({"value_set": value_set}, other["valued_outcomes"], other["contract_value"])


def _of_market(options: dict[str, str], lines: pd.DataFrame, values: pd.DataFrame) -> _Beside:
    """What is changed, with the sums over the contracts in the ratio."""
    market = summed(values).iloc[0]
    sums = {
        "contracts_in_bcr": int(market["contracts_in_bcr"]),
        "outcome_payments_gbp": market["outcome_payments_in_bcr_real_gbp"],
        "public_value_gbp": market["public_value_in_bcr_gbp"],
        **{measure: market[measure] for measure in RATIOS},
    }
    return _Beside(options, sums, lines[lines["contract_id"].isin(values.loc[values["is_in_bcr"], "contract_id"])])


# --- Ranges -----------------------------------------------------------------------------------------------------


def _ranges(lines: Sequence[pd.DataFrame], paid_gbp: Floats, inputs: Tables, edition: Edition, draws: Draws) -> Floats:
    """The ends of the range of both ratios of some scenarios, scenarios × ``RANGES``.

    ``lines``: those in the ratio of each; ``paid_gbp``: their payments. Missing where less than half of the value rests
    on something drawn.
    """
    together = pd.concat(
        [table[NEEDED].assign(scenario=number) for number, table in enumerate(lines)], ignore_index=True
    )
    used = parameters(together, inputs["unit_costs"], inputs["hours_weights"], inputs["deadweight"])
    model = market_ratios(together, paid_gbp, used, inputs["deadweight"])
    simulated = model.at(draws.values(used, edition))
    ends = percentiles(simulated, PERCENTILES)
    ends[~has_range(drawn_shares(model, used)["drawn_share"], simulated)] = np.nan
    return ends.reshape(len(lines), len(RANGES))
