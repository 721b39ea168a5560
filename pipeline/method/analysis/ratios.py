"""Ratios of the market, policy areas and contracts, as functions of the parameters they depend on.

Belongs here: those functions, and how much of each ratio rests on something that is drawn. Counts are verified and
fixed, and so is which of two overlapping ladders counts: the one that counts in the edition. The rule of the ratio
itself stands in ``steps.ratios``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.method.analysis.draws import Floats
from pipeline.method.analysis.parameters import parameter_ids
from pipeline.tables.analysis import UsedParameters
from pipeline.tables.parameters import Deadweight
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, ValuedOutcomes
from pipeline.tables.vocabulary import FLAT, RATIOS

Integers = npt.NDArray[np.int64]
MARKET = "market"
# The kinds of parameters of which a line of value is a product.
FACTORS = ("cost", "hours", "rate")
# Simulations worked out at a time: so many keep a block of all products within some tens of megabytes.
BLOCK = 10_000
# From this share of its value on that rests on something drawn a ratio has a range worth showing.
LEAST_DRAWN = 0.5


@dataclass(frozen=True)
class Ratios:
    """The ratios of an edition as sums of products: each is a row of weights over terms ``cost × hours × (1 - rate)``.

    ``rows``: scope_kind, scope, measure, and ``ratio`` as the edition has it. ``weights``: rows × terms, per
    pound of outcome payments. ``costs``, ``hours``, ``rates``: which parameter each term takes, -1 where hours do not
    matter or no deadweight is taken off.
    """

    rows: pd.DataFrame
    weights: Floats
    costs: Integers
    rates: Integers
    hours: Integers

    def at(self, values: Floats) -> Floats:
        """Return the ratios, shape ``(rows, draws)``; ``values`` of the parameters: ``(parameters, draws)``."""
        result = np.empty((len(self.rows), values.shape[1]))
        for start in range(0, values.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            terms = values[self.costs, block]
            # Term by term: many times as fast as all at once, which copies what no cache holds.
            for term in np.flatnonzero(self.hours >= 0):
                terms[term] *= values[self.hours[term], block]
            for term in np.flatnonzero(self.rates >= 0):
                terms[term] *= 1 - values[self.rates[term], block]
            np.matmul(self.weights, terms, out=result[:, block])
        return result


def drawn_shares(model: Ratios, table: DataFrame[UsedParameters]) -> pd.DataFrame:
    """Return what share of the value of each ratio rests on something drawn.

    Columns, in the order of ``model.rows``: ``drawn_share`` (some parameter of the line has a range) and
    ``fixed_unit_cost_share`` (its unit cost has none); 0 and 0 where nothing is worth anything. Value below 0 counts
    by its size.
    """
    has_range = (table["high"] > table["low"]).to_numpy()
    taken = table["taken"].to_numpy(np.float64)
    has_hours, has_rate = model.hours >= 0, model.rates >= 0
    terms = taken[model.costs]
    terms[has_hours] *= taken[model.hours[has_hours]]
    terms[has_rate] *= 1 - taken[model.rates[has_rate]]
    is_cost_drawn = has_range[model.costs]
    is_drawn = is_cost_drawn | (has_hours & has_range[model.hours]) | (has_rate & has_range[model.rates])
    sizes = np.abs(model.weights * terms)
    total = sizes.sum(axis=1)
    parts = {"drawn_share": is_drawn, "fixed_unit_cost_share": ~is_cost_drawn}
    shares = {
        name: np.divide(sizes @ part, total, out=np.zeros(len(total)), where=total > 0) for name, part in parts.items()
    }
    return pd.DataFrame(shares, model.rows.index)


def has_range(drawn_share: "pd.Series[float]", simulated: Floats) -> npt.NDArray[np.bool_]:
    """Tell of which ratios the range says something: at least half of the value rests on something that is drawn.

    ``drawn_share``: as ``drawn_shares`` has it; ``simulated``: ``model.at`` the draws, all the same where nothing is
    drawn.
    """
    return (np.ptp(simulated, axis=1) > 0) & (drawn_share >= LEAST_DRAWN).to_numpy()


def ratios(
    lines: DataFrame[ValuedOutcomes],
    contract_values: DataFrame[ContractValue],
    table: DataFrame[UsedParameters],
    deadweight: DataFrame[Deadweight],
) -> Ratios:
    """Return the ratios of market, policy areas and contracts as functions of the parameters.

    As in ``sums``, public value leaves transfers out, fiscal value holds them, and only contracts with both value and
    payments count. The sums differ from the edition's by the rounding of its lines to pennies.
    """
    matched = contract_values[contract_values["is_in_bcr"]]
    counted = lines[lines["contract_id"].isin(matched["contract_id"])]
    terms = _terms(counted, parameter_ids(counted, deadweight), table).assign(contract_id=counted["contract_id"])
    by_contract = _weights(terms, "contract_id")
    scopes = list(_scopes(matched))
    # Which contracts each scope holds, per pound of its payments.
    held = np.array([holds for *_, holds in scopes], dtype=np.float64).reshape(len(scopes), len(matched))
    held /= (held @ matched["outcome_payments_real_gbp"].to_numpy())[:, None]
    sums = [by_contract[name].reindex(matched["contract_id"], fill_value=0.0).to_numpy() for name in RATIOS]
    values = [held @ matched[value].to_numpy() for value in ("public_value_gbp", "fiscal_gbp")]
    rows = [(kind, scope, measure) for kind, scope, _ in scopes for measure in RATIOS]
    named = pd.DataFrame(rows, columns=["scope_kind", "scope", "measure"])
    named["ratio"] = np.stack(values, axis=1).ravel()
    return _as_ratios(named, np.stack([held @ sum_ for sum_ in sums], axis=1), by_contract)


def market_ratios(
    lines: DataFrame[ValuedOutcomes],
    ids: pd.DataFrame,
    paid_gbp: Floats,
    table: DataFrame[UsedParameters],
) -> Ratios:
    """Return the ratios of the market under some scenarios as functions of the parameters.

    ``lines``: those in the ratio, with the number of their ``scenario``; ``ids``: their ``parameter_ids``;
    ``paid_gbp``: the payments of each scenario; ``table``: ``parameters_of`` all of them. Rows: both measures of the
    first, then of the second, …; not a number where nothing was paid.
    """
    by_scenario = _weights(_terms(lines, ids, table).assign(scenario=lines["scenario"]), "scenario")
    scopes = range(len(paid_gbp))
    sums = [by_scenario[measure].reindex(scopes, fill_value=0.0).to_numpy() for measure in RATIOS]
    paid = np.where(paid_gbp > 0, paid_gbp, np.nan)[:, None, None]
    rows = pd.DataFrame([(MARKET, str(scope), measure) for scope in scopes for measure in RATIOS])
    return _as_ratios(
        rows.set_axis(["scope_kind", "scope", "measure"], axis=1), np.stack(sums, axis=1) / paid, by_scenario
    )


def _terms(counted: pd.DataFrame, ids: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """The places of the parameters of each line, and with what they are multiplied for each measure.

    ``ids``: their ``parameter_ids``.

    That is not value divided by the unit cost, which would fail for one of zero.
    """
    number = pd.Series(range(len(table)), index=table["parameter_id"])
    multiple = _multiple(counted)
    return pd.DataFrame(
        {
            **{of: taken.map(number).fillna(-1).astype(int) for of, taken in ids.items()},
            "bcr": multiple.where(~counted["is_transfer"], 0.0),
            "fiscal_bcr": multiple.where(counted["kind"] == "fiscal", 0.0),
        }
    )


def _weights(terms: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    """For each measure the sums of the multiples, ``by`` × products of parameters."""
    sums = terms.groupby([by, *FACTORS])[list(RATIOS)].sum()
    return {measure: sums[measure].unstack(list(FACTORS), fill_value=0.0) for measure in RATIOS}


def _as_ratios(rows: pd.DataFrame, weights: Any, of_terms: dict[str, pd.DataFrame]) -> Ratios:
    columns = of_terms["bcr"].columns
    return Ratios(
        rows=rows,
        weights=np.array(weights, dtype=np.float64).reshape(len(rows), len(columns)),
        costs=columns.get_level_values("cost").to_numpy(np.int64),
        rates=columns.get_level_values("rate").to_numpy(np.int64),
        hours=columns.get_level_values("hours").to_numpy(np.int64),
    )


def _multiple(lines: pd.DataFrame) -> "pd.Series[float]":
    factors = ["units", "price_factor", "cost_units_per_unit", "units_per_outcome"]
    # One rate for all is a choice, and no parameter: it is not drawn.
    flat = lines["deadweight"].where(lines["deadweight_layer"] == FLAT, 0.0)
    return lines[factors].prod(axis=1) * (1 - lines["optimism_bias"]) * (1 - flat)


def _scopes(matched: pd.DataFrame) -> Iterator[tuple[str, str, npt.NDArray[np.bool_]]]:
    """Market, policy areas and contracts, those that have a ratio, each with which contracts it holds."""
    if matched.empty:
        return
    yield MARKET, MARKET, np.ones(len(matched), dtype=bool)
    for kind, column in (("policy_area", "policy_area"), ("contract", "contract_id")):
        places, scopes = pd.factorize(matched[column], sort=True)
        for place, scope in enumerate(scopes):
            yield kind, str(scope), places == place
