"""The ratio as a sum that a reader can work out anew: its terms, the choices that may be switched, and its values.

Belongs here: the data that ``model.js`` reads. Which choices are switches stands in ``choice_words``, the sum itself in
``model_sum``, what a line of value is in ``method.steps``, how the controls look in ``model.html.j2``.

A line of value is a row of ``rows`` with a row of ``values`` of its outcome, where both are of the price list:

    gross = units × (cost × price factor × (units of the cost × weight of hours)), net = gross × (1 − rate) × (1 − bias)

each rounded to the penny, as the method does, so that the sums are the same to the penny.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import price_list
from pipeline.method.analysis.bounds import real_amounts
from pipeline.method.analysis.parameters import cost_ids, rate_ids, taken_rates, weight_ids
from pipeline.method.analysis.scenarios import PAYMENT_BASES, PRICE_BASES, TIME, at_time, lists_tried, time_of
from pipeline.method.steps.additionality import NoRateError, with_deadweight
from pipeline.method.steps.ladders import running_years
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.time_conventions import convention_of
from pipeline.method.steps.unit_values import at_level, unit_values
from pipeline.method.valuation import edition_factors
from pipeline.tables.vocabulary import (
    DEADWEIGHT_LAYERS,
    GRADES,
    OPTIMISM_BIASES,
    SET_ASIDES,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
)

Tables = Mapping[str, pd.DataFrame]
Model = dict[str, Any]
LAYERS = tuple(layer for layer in DEADWEIGHT_LAYERS if layer != "none")
ROW = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight", "ladder", "mapping_grade", "people"]


def model_of(edition: Edition, tables: Tables) -> Model | None:
    """Return what ``model.js`` reads: plain lists and words; None where an edition adds values that are no line here.

    ``tables``: the published ones. ``published``: option of each switch; ``options``: all options of each, the only one
    where there is nothing to switch; ``contracts``: ids, ``areas``: of each; ``paid``: pounds by straddling, payment
    bases and price base; ``parameters``: id, kind, low, central, high, grade, and of a unit cost its values at the low
    and high level; ``rows``: units of outcomes, ``values``: what a unit of an outcome is worth; ``runs``: years of
    values that run on, by time and horizon of the value; ``bias``: what is taken off by grade; ``flat``: one rate.
    """
    if edition.added_values or tables["units_by_choice"].empty:
        return None
    lists = _lists(edition, tables)
    units = tables["units_by_choice"]
    units = units[units["value_set"].isin(lists)]
    units = units.assign(
        time=["/".join(filter(None, time)) for time in zip(*(units[name] for name in TIME), strict=True)]
    )
    times = list(dict.fromkeys(units["time"]))
    straddlings = list(dict.fromkeys(units["straddling"]))
    bases = {" + ".join(bases): bases for bases in dict.fromkeys([*PAYMENT_BASES, edition.payment_bases])}
    values = _values(edition, tables, lists)
    parameters = _parameters(edition, tables, values, units)
    number = {parameter["id"]: place for place, parameter in enumerate(parameters)}
    contracts, areas = _contracts(tables, units, bases.values())
    horizons = sorted(set(values["horizon_years"].dropna()))
    bias = dict(zip(tables["optimism_bias"]["grade"], tables["optimism_bias"]["optimism_bias"], strict=True))
    published = {
        "time": "/".join(filter(None, time_of(edition))),
        **{name: getattr(edition, name) for name in ("deadweight_layer", "unit_value_level", "value_set", "transfers")},
        **{name: getattr(edition, name) for name in ("set_asides", "optimism_bias")},
        "payment_bases": " + ".join(edition.payment_bases),
        "price_base": PRICE_BASES[0],
        "straddling": straddlings[0],
    }
    options = {
        "time": times,
        "deadweight_layer": list(DEADWEIGHT_LAYERS),
        "unit_value_level": list(UNIT_VALUE_LEVELS),
        "value_set": lists,
        "transfers": list(TRANSFERS),
        "set_asides": list(SET_ASIDES),
        "optimism_bias": list(OPTIMISM_BIASES) if set(GRADES) <= set(bias) else [edition.optimism_bias],
        "payment_bases": list(bases),
        "price_base": list(PRICE_BASES),
        "straddling": straddlings,
    }
    return {
        "published": published,
        "options": options,
        "contracts": contracts,
        "areas": areas,
        "paid": _paid(edition, tables, contracts, straddlings, bases),
        "parameters": parameters,
        "rows": _rows(units, tables, contracts, number, times, straddlings, lists),
        "values": _of_values(values, number, horizons, lists),
        "runs": _runs(edition, tables, units, times, horizons),
        "bias": bias,
        "flat": edition.flat_deadweight,
    }


def as_script(model: Model, sliders: Sequence[str]) -> str:
    """Return the model as a script that sets a constant: a page that lies in a folder may read no other file."""
    text = json.dumps({**model, "sliders": list(sliders)}, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return f'"use strict";\nconst MODEL = {text};\n'


def _lists(edition: Edition, tables: Tables) -> list[str]:
    """The price lists that can be switched to: of all their outcomes there is a rate in every layer."""
    units, found = tables["units_by_choice"], []
    for value_set in lists_tried(tables["unit_costs"], tables["outcome_unit_costs"], edition):
        rows = units[units["value_set"] == value_set].drop_duplicates(ROW)
        try:
            for layer in LAYERS:
                with_deadweight(rows, tables["deadweight"], layer)
        except NoRateError:
            continue
        found.append(value_set)
    return found if edition.value_set in found else [edition.value_set]


def _values(edition: Edition, tables: Tables, lists: Sequence[str]) -> pd.DataFrame:
    """What a unit of each outcome is worth by each price list, ``of_list``, before level and weight are chosen."""
    found = []
    for value_set in lists:
        costs, lines = price_list(tables["unit_costs"], tables["outcome_unit_costs"], value_set)
        others = (tables[name] for name in ("outcome_types", "hours_weights", "gdp_deflators"))
        found.append(
            unit_values(lines, costs, *others, level="central", price_year=edition.price_year).assign(of_list=value_set)
        )
    return pd.concat(found, ignore_index=True)


def _parameters(edition: Edition, tables: Tables, values: pd.DataFrame, units: pd.DataFrame) -> list[dict[str, Any]]:
    """Unit costs, weights of hours and rates that some line may take."""
    costs, hours, rates = tables["unit_costs"], tables["hours_weights"], tables["deadweight"]
    costs = costs.assign(
        parameter_id=cost_ids(costs.assign(unit_value_level="central")),
        kind="unit_cost",
        **{"low": costs["low_gbp"], "central": costs["central_gbp"], "high": costs["high_gbp"]},
        **{f"at_{level}": at_level(costs, level) for level in ("low", "high")},
    )
    hours = hours.assign(parameter_id=weight_ids(hours), kind="hours_weight", at_low=np.nan, at_high=np.nan)
    rates = rates.assign(parameter_id=rate_ids(rates), kind="deadweight", at_low=np.nan, at_high=np.nan)
    taken = {*cost_ids(values), *weight_ids(values[values["hours_weight_id"] != ""])}
    for layer in LAYERS if edition.flat_deadweight is None else ():
        taken |= {*taken_rates(units.assign(deadweight_layer=layer), rates)}
        # A layer of studies falls back on what is assumed.
        taken |= {*taken_rates(units.assign(deadweight_layer="assumed"), rates)}
    columns = ["parameter_id", "kind", "low", "central", "high", "grade", "at_low", "at_high"]
    known = pd.concat([table[columns] for table in (costs, hours, rates) if len(table)], ignore_index=True)
    known = known[known["parameter_id"].isin(taken)]
    known = known.rename(columns={"parameter_id": "id"}).sort_values("id")
    return [{key: value for key, value in row.items() if value == value} for row in known.to_dict("records")]


def _contracts(tables: Tables, units: pd.DataFrame, every: Iterable[Sequence[str]]) -> tuple[list[str], list[str]]:
    """The contracts of which something counts, and the policy area of each; ``every``: payment bases that are tried."""
    contracts, payments = tables["contracts"], tables["payments"]
    paid = payments[payments["basis"].isin(counted_bases([basis for bases in every for basis in bases]))]
    is_known = contracts["contract_id"].isin({*units["contract_id"], *paid["contract_id"]})
    known = contracts[is_known].sort_values("contract_id")
    return list(known["contract_id"]), list(known["policy_area"])


def _paid(
    edition: Edition,
    tables: Tables,
    contracts: Sequence[str],
    straddlings: Sequence[str],
    bases: Mapping[str, tuple[str, ...]],
) -> dict[str, dict[str, dict[str, list[float]]]]:
    payments = tables["payments"]
    payments = payments[(payments["share_counted"] > 0) & payments["contract_id"].isin(contracts)]
    filled = real_amounts(payments, tables["contracts"], tables["gdp_deflators"], edition.price_year)
    own = payments["amount_real_gbp"].fillna(0.0).to_numpy()
    cash = payments["amount_counted_gbp"].to_numpy()
    places = pd.Index(contracts).get_indexer(payments["contract_id"])
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for straddling in straddlings:
        is_whole = ~payments["is_estimated"] if straddling == "left out" else payments["share_counted"] > 0
        found[straddling] = {}
        for name, of_basis in bases.items():
            counts = (payments["basis"].isin(counted_bases(of_basis)) & is_whole).to_numpy()
            # What the edition counts stands as it counts it: a total without a whole period has no prices there.
            amounts = zip(PRICE_BASES, (own if of_basis == edition.payment_bases else filled, cash), strict=True)
            found[straddling][name] = {
                base: np.bincount(places, of_base * counts, minlength=len(contracts)).round(2).tolist()
                for base, of_base in amounts
            }
    return found


def _rows(
    units: pd.DataFrame,
    tables: Tables,
    contracts: Sequence[str],
    number: Mapping[str, int],
    times: Sequence[str],
    straddlings: Sequence[str],
    lists: Sequence[str],
) -> list[list[Any]]:
    """Contract, outcome, whether counted, whether net, ladder, grade, people, units by time, rate by layer, worlds.

    A world is a price list and a way with periods that straddle, counted in this order; each is a bit.
    """
    place = {contract_id: number for number, contract_id in enumerate(contracts)}
    rates = [_rates(units, tables, layer) for layer in LAYERS]
    units = units.assign(**{f"rate {layer}": rate for layer, rate in zip(LAYERS, rates, strict=True)})
    worlds: dict[tuple[Any, ...], int] = defaultdict(int)
    keys = [*ROW, *(f"rate {layer}" for layer in LAYERS)]
    for (value_set, straddling), of_world in units.groupby(["value_set", "straddling"], sort=False):
        bit = 1 << (lists.index(value_set) * len(straddlings) + straddlings.index(straddling))
        by_time = of_world.pivot_table(index=keys, columns="time", values="units", sort=False, aggfunc="first")[times]
        for key, of_row in zip(by_time.index, by_time.to_numpy().tolist(), strict=True):
            worlds[(*key, *of_row)] |= bit
    found = []
    for key, bits in worlds.items():
        (contract_id, outcome_id, is_counted, is_net, ladder, grade, people), rest = key[: len(ROW)], key[len(ROW) :]
        taken = [number.get(rate, -1) for rate in rest[: len(LAYERS)]]
        of_times = list(rest[len(LAYERS) :])
        said = [place[contract_id], outcome_id, int(is_counted), int(is_net), ladder, grade, people]
        found.append([*said, of_times, taken, bits])
    return found


def _rates(units: pd.DataFrame, tables: Tables, layer: str) -> "pd.Series[str]":
    """The id of the rate that each row takes under a layer, empty for one that is net already."""
    rates = tables["deadweight"]
    taken = taken_rates(units.assign(deadweight_layer=layer), rates)
    if layer == "studied":
        taken = taken.where(taken != "", taken_rates(units.assign(deadweight_layer="assumed"), rates))
    return taken.mask(units["is_net_of_deadweight"].astype(bool), "")


def _of_values(
    values: pd.DataFrame, number: Mapping[str, int], horizons: Sequence[float], lists: Sequence[str]
) -> list[list[Any]]:
    """Outcome, cost, hours, price factor, units of the cost, is fiscal, is a transfer, overlap group, horizon, lists.

    Each list is a bit.
    """
    found: dict[tuple[Any, ...], int] = defaultdict(int)
    hours = weight_ids(values).where(values["hours_weight_id"] != "", "")
    for row, cost, weight in zip(values.to_dict("records"), cost_ids(values), hours, strict=True):
        runs = horizons.index(row["horizon_years"]) if row["horizon_years"] == row["horizon_years"] else -1
        key = (
            *(row["outcome_id"], number[cost], number.get(weight, -1), row["price_factor"]),
            *(row["cost_units_per_unit"] * row["units_per_outcome"], int(row["kind"] == "fiscal")),
            *(int(row["is_transfer"]), row["overlap_group"], runs),
        )
        found[key] |= 1 << lists.index(row["of_list"])
    return [[*key, bits] for key, bits in found.items()]


def _runs(
    edition: Edition, tables: Tables, units: pd.DataFrame, times: Sequence[str], horizons: Sequence[float]
) -> list[list[float] | None]:
    """By time: the years of a value by its horizon, None where none runs on."""
    found: list[list[float] | None] = []
    for time in times:
        options = units.loc[units["time"] == time, list(TIME)].iloc[0]
        choice = at_time(edition, tuple(options))
        factors = edition_factors(tables["discount_rates"], choice)
        runs = convention_of(choice).runs_on
        found.append([running_years(edition.horizon_years, end, factors) for end in horizons] if runs else None)
    return found
