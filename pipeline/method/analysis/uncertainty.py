"""How certain a ratio is: its range over all draws, and the chances that it is above a threshold.

Belongs here: what is said of simulated ratios. The parameters that are drawn stand in ``parameters``, the draws in
``draws``, the ratios in ``ratios``, and what a ratio is most sensitive to in ``sensitivity``.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd

from pipeline.method.analysis.draws import Floats
from pipeline.method.analysis.ratios import MARKET, Ratios, drawn_shares, has_range
from pipeline.tables.analysis import Acceptability, Uncertainty, UsedParameters
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue

PERCENTILES = (5, 10, 50, 90, 95)
# The thresholds of a pound of payments at which chances are given: ten to the pound, up to four pounds at least and a
# hundred at most: payments of a penny would ask for more than any memory holds.
PER_POUND, LEAST_TOP, MOST_TOP = 10, 4, 100


def uncertainty(
    model: Ratios,
    used: DataFrame[UsedParameters],
    simulated: Floats,
    contract_values: DataFrame[ContractValue],
    published: dict[str, float],
    seed: int,
) -> DataFrame[Uncertainty]:
    """Return one row per ratio: mean, percentiles, chances to lie above 1, 2 and the published ratio, and the error.

    ``simulated``: ``model.at`` the draws; ``published``: the published ratio of the market by measure, compared with
    the market only. ``drawn_share, fixed_unit_cost_share``: see ``drawn_shares``; ``has_range``: see there.
    ``p10_if_independent`` and ``p90_if_independent``, of the market only: see ``spread_if_independent``.
    ``monte_carlo_error``: standard error of the mean over the draws.
    """
    draws = simulated.shape[1]
    ends = percentiles(simulated, PERCENTILES)
    table = model.rows.assign(mean=simulated.mean(axis=1))
    for share, values in zip(PERCENTILES, ends.T, strict=True):
        table[f"p{share}"] = values
    table["chance_above_1"] = (simulated > 1).mean(axis=1)
    table["chance_above_2"] = (simulated > 2).mean(axis=1)
    is_market = table["scope_kind"] == MARKET
    for name, apart in _ends_if_independent(model.rows, simulated, contract_values).items():
        table[name] = table["measure"].map(apart).where(is_market).astype(float)
    goals = table["measure"].map(published).where(is_market).astype(float)
    table["published"] = goals
    table["chance_above_published"] = np.nan
    for place, goal in goals.dropna().items():
        table.loc[place, "chance_above_published"] = (simulated[place] > goal).mean()
    shares = drawn_shares(model, used)
    table = table.join(shares).assign(has_range=has_range(shares["drawn_share"], simulated))
    table["monte_carlo_error"] = simulated.std(axis=1, ddof=1) / np.sqrt(draws)
    return table.assign(draws=draws, seed=seed)


def percentiles(simulated: Floats, shares: Sequence[int]) -> Floats:
    """Return the percentiles of each row of draws, shape ``(rows, shares)``."""
    # On all cores: while it sorts, NumPy lets other threads go on.
    with ThreadPoolExecutor() as threads:
        ends = list(threads.map(lambda row: np.percentile(row, shares), simulated))
    return np.array(ends).reshape(len(simulated), len(shares))


def acceptability(model: Ratios, simulated: Floats) -> DataFrame[Acceptability]:
    """Return the chance that each ratio of the market lies above each threshold: ``measure, threshold, chance_above``.

    ``simulated``: ``model.at`` the draws. Thresholds are the same for both ratios. They end at the first whole number
    above 19 of 20 draws of either, where few simulations are left; at ``LEAST_TOP`` at least and ``MOST_TOP`` at most.
    """
    market = model.rows[model.rows["scope_kind"] == MARKET]
    draws = np.sort(simulated[market.index], axis=1)
    top = min(max([LEAST_TOP, *(math.floor(high) + 1 for high in np.percentile(draws, 95, axis=1))]), MOST_TOP)
    thresholds = np.arange(top * PER_POUND + 1) / PER_POUND
    parts = [
        pd.DataFrame({"measure": measure, "threshold": thresholds, "chance_above": _chances_above(row, thresholds)})
        for measure, row in zip(market["measure"], draws, strict=True)
    ]
    none = pd.DataFrame({"measure": [], "threshold": [], "chance_above": []})
    return pd.concat(parts or [none], ignore_index=True)


def _chances_above(in_order: Floats, thresholds: Floats) -> Floats:
    return (len(in_order) - np.searchsorted(in_order, thresholds, side="right")) / len(in_order)


def spread_if_independent(simulated: Floats, shares: Floats) -> Floats:
    """Return draws of the market's ratio as they would be if each contract had parameters of its own.

    ``simulated``: draws of the contracts' ratios, shape ``(contracts, draws)``; ``shares``: the share of each in the
    payments of the market. Each contract takes its draws from another simulation than all others, which leaves each as
    uncertain as it is and takes away what they share. Reported beside the shared draws as a lesson: it is narrower, and
    wrong.
    """
    contracts, draws = simulated.shape
    total = np.zeros(draws)
    for place, (ratio, share) in enumerate(zip(simulated, shares, strict=True)):
        # As good as shuffling, since simulations are independent of one another, and a tenth of its cost.
        total += share * np.roll(ratio, place * draws // contracts)
    return total


def _ends_if_independent(
    rows: pd.DataFrame, simulated: Floats, contract_values: pd.DataFrame
) -> dict[str, dict[str, float]]:
    """P10 and P90 of the market's ratios as if contracts shared nothing, by name of the column and measure."""
    payments = contract_values.set_index("contract_id")["outcome_payments_real_gbp"]
    ends: dict[str, dict[str, float]] = {"p10_if_independent": {}, "p90_if_independent": {}}
    for measure, contracts in rows[rows["scope_kind"] == "contract"].groupby("measure"):
        paid = contracts["scope"].map(payments)
        spread = spread_if_independent(simulated[contracts.index], (paid / paid.sum()).to_numpy())
        for name, end in zip(ends, np.percentile(spread, (10, 90)), strict=True):
            ends[name][str(measure)] = float(end)
    return ends
