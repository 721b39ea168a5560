"""How sure a ratio is: uncertain parameters drawn once per simulation and shared by all contracts that use them.

Belongs here: which parameters a valuation rests on, drawing them, and the ratios of market, policy areas and contracts
in each simulation. Counts are verified and fixed, and so is which of two overlapping ladders counts: the one that
counts in the edition. What a ratio is most sensitive to stands in ``sensitivity``.

Drawing a unit cost anew for each contract would let its errors cancel out, and a total look falsely exact.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.facts.editions import Distribution, Edition
from pipeline.method.unit_values import at_level

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MARKET = "market"
MEASURES = ("bcr", "fiscal_bcr")
# The kinds of parameters of which a line of value is a product.
FACTORS = ("cost", "hours", "rate")
# The level of unit costs whose ranges are drawn.
CENTRAL = "central"
PERCENTILES = (5, 10, 50, 90, 95)
# Simulations worked out at a time: so many keep a block of all products within some tens of megabytes.
BLOCK = 10_000
# How narrow the beta distribution is: alpha + beta. 6 is that of the PERT method (Malcolm et al. 1959).
BETA_WEIGHT = 6
# So that 95 of 100 draws lie between low and high, they reach so many times as far from central as these: by the place
# of central between low (0) and high (1), of one nearer to high as of one nearer to low.
# Near an end many draws lie at that end, so that little changes how many lie beyond it: there the places are closer. Of
# one that is nearer still none lies beyond.
PLACES = (0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
REACHES = (1.0, 1.0006, 1.0016, 1.0036, 1.0067, 1.011, 1.0266, 1.048, 1.104, 1.170, 1.242, 1.310, 1.367, 1.403, 1.415)
# What no value of a kind of parameter can exceed; a rate above 1, where a study shows harm, can reach 2.
HIGHEST = {"unit_cost": math.inf, "hours_weight": 1.0, "deadweight": 1.0}
HIGHEST_HARM = 2.0
# From this share of its value on that rests on something drawn a ratio has a range worth showing.
LEAST_DRAWN = 0.5
# The thresholds of a pound of payments at which chances are given: ten to the pound, up to four pounds at least and a
# hundred at most: payments of a penny would ask for more than any memory holds.
PER_POUND, LEAST_TOP, MOST_TOP = 10, 4, 100
# With fewer a percentile says little; more take more memory than they are worth.
FEWEST_DRAWS, MOST_DRAWS = 100, 1_000_000


@dataclass(frozen=True)
class Simulation:
    """How many draws are taken, and from which seed; the same two give the same draws.

    Raises ``ValueError`` for too few or too many draws, or a seed below 0.
    """

    draws: int = 10_000
    seed: int = 1

    def __post_init__(self) -> None:
        """Check both."""
        if not FEWEST_DRAWS <= self.draws <= MOST_DRAWS:
            raise ValueError(f"draws: {self.draws:,} (expected {FEWEST_DRAWS:,} to {MOST_DRAWS:,})")
        if self.seed < 0:
            raise ValueError(f"seed: {self.seed} (expected 0 or more)")


# --- Parameters -----------------------------------------------------------------------------------------------


def parameters(
    lines: pd.DataFrame, unit_costs: pd.DataFrame, hours_weights: pd.DataFrame, deadweight: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per parameter on which some lines of value rest, sorted by id.

    ``lines``: ``net_value``. Columns: ``parameter_id, kind`` (unit_cost, hours_weight or deadweight), ``low, central,
    high, taken`` (the edition's own), ``grade, range_basis, source_id``; unit costs in GBP at their own price year,
    weights and rates as shares. A unit cost that is taken at its low or high level has no range: that of the row is one
    of the mean, and the level is no mean.
    """
    rates = deadweight.assign(parameter_id=rate_ids(deadweight), kind="deadweight")
    hours = hours_weights.assign(parameter_id=weight_ids(hours_weights), kind="hours_weight")
    costs = [_costs_at(unit_costs, level) for level in sorted(set(lines["unit_value_level"]))]
    columns = ["parameter_id", "kind", "low", "central", "high", "grade", "range_basis", "source_id"]
    # An empty table would take the types of the others away.
    known = pd.concat([table[columns] for table in (*costs, hours, rates) if len(table)], ignore_index=True)
    ids = parameter_ids(lines, deadweight)
    values = lines[["unit_cost_gbp", "hours_weight", "deadweight"]].astype(float)
    taken = pd.concat([values[own].groupby(ids[of]).first() for own, of in zip(values, ids, strict=True)])
    taken = taken.drop(index="", errors="ignore").rename("taken")
    table = known.merge(taken, left_on="parameter_id", right_index=True, validate="one_to_one")
    return table.sort_values("parameter_id", ignore_index=True)


def _costs_at(unit_costs: pd.DataFrame, level: str) -> pd.DataFrame:
    """Unit costs as parameters: with their ranges at the central level, fixed at another."""
    taken = at_level(unit_costs, level)
    is_central = level == CENTRAL
    return unit_costs.assign(
        parameter_id=cost_ids(unit_costs.assign(unit_value_level=level)),
        kind="unit_cost",
        low=unit_costs["low_gbp"] if is_central else taken,
        central=taken,
        high=unit_costs["high_gbp"] if is_central else taken,
        range_basis=unit_costs["range_basis"] if is_central else "fixed",
    )


def parameter_ids(lines: pd.DataFrame, deadweight: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters that each line takes, one column each: ``cost``, ``hours``, ``rate``.

    Empty where hours do not matter, or no deadweight is taken off. A rate of the contract itself comes before a general
    one, as in ``additionality.with_deadweight``.
    """
    own = rate_ids(lines.rename(columns={"deadweight_layer": "layer"}))
    general = rate_ids(lines.rename(columns={"deadweight_layer": "layer"}).assign(contract_id=""))
    known = set(rate_ids(deadweight))
    rate = own.where(own.isin(known), general.where(general.isin(known), ""))
    hours = weight_ids(lines).where(lines["hours_weight_id"] != "", "")
    return pd.DataFrame({"cost": cost_ids(lines), "hours": hours, "rate": rate})


def cost_ids(costs: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of unit costs: ``unit_cost/child_in_care/2026``, with the level if it is not central."""
    level = ("/" + costs["unit_value_level"]).where(costs["unit_value_level"] != CENTRAL, "")
    return "unit_cost/" + costs["unit_cost_id"] + "/" + costs["value_set"] + level


def weight_ids(weights: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of weights of hours."""
    return "hours_weight/" + weights["hours_weight_id"]


def rate_ids(rates: pd.DataFrame) -> "pd.Series[str]":
    """Return the parameter ids of rates of deadweight."""
    contract = ("/" + rates["contract_id"]).where(rates["contract_id"] != "", "")
    return "deadweight/" + rates["layer"] + "/" + rates["outcome_id"] + contract


# --- Draws ----------------------------------------------------------------------------------------------------


def drawn(table: pd.DataFrame, draws: int, seed: int, distribution: Distribution = "beta") -> Floats:
    """Return draws of each parameter, shape ``(parameters, draws)``; ``table``: ``parameters``.

    Each parameter has a stream of its own, made from the seed and its id: its draws are the same whichever others there
    are, and in whatever order. Their mean is central, and 95 of 100 lie between low and high (``reach``).
    ``fixed`` gives central throughout; ``triangular`` takes only parameters that have a triangle.
    """
    result = np.empty((len(table), draws))
    ends = reach(table)

    def fill(number: int, values: Any) -> None:
        result[number] = values.central
        if distribution != "fixed" and values.high > values.low:
            rng = np.random.Generator(np.random.SFC64(_stream(str(values.parameter_id), seed)))
            least, most = ends[number]
            result[number] = _sample(rng, draws, least, values.central, most, distribution)

    # On all cores: while it draws, NumPy lets other threads go on.
    with ThreadPoolExecutor() as threads:
        list(threads.map(fill, range(len(table)), table.itertuples()))
    return result


def reach(table: pd.DataFrame) -> Floats:
    """Return between which values each parameter is drawn, shape ``(parameters, 2)``; ``table``: ``parameters``.

    From ``central - r × (central - low)`` to ``central + r × (high - central)``, ``r`` from ``REACHES``, as far as
    there are such values: none lies below 0, and none above the ``HIGHEST`` of its kind. Where that cuts the range more
    than 95 of 100 draws lie between low and high.
    """
    low, central, high = (table[name].to_numpy(np.float64) for name in ("low", "central", "high"))
    place = np.divide(central - low, high - low, out=np.full(len(low), 0.5), where=high > low)
    further = np.interp(np.minimum(place, 1 - place), PLACES, REACHES)
    highest = table["kind"].map(HIGHEST).to_numpy(np.float64)
    highest = np.where(high > highest, HIGHEST_HARM, highest)
    least = np.maximum(central - further * (central - low), 0.0)
    return np.stack([least, np.minimum(central + further * (high - central), highest)], axis=1)


def without_triangle(table: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters of which no triangle over their reach has central as its mean; ``table``: ``parameters``.

    A triangle can have it where central lies in the middle third of what is drawn.
    """
    least, most = reach(table).T
    top = _top(least, table["central"].to_numpy(np.float64), most)
    return table[(table["high"] > table["low"]).to_numpy() & ~((least <= top) & (top <= most))]


class NoTriangleError(ValueError):
    """An edition draws triangles, and of some parameters none has central as its mean.

    ``edition``: its id; ``found``: those parameters with low, central and high as their rows have them.
    """

    def __init__(self, edition: str, refused: pd.DataFrame) -> None:
        """Take the parameters that were refused; ``refused``: rows of ``parameters``."""
        self.edition = edition
        self.found = [
            f"{row.parameter_id}: low {row.low:.15g}, central {row.central:.15g}, high {row.high:.15g}"
            for row in refused.itertuples()
        ]
        super().__init__(f"{edition}: no triangle has central as its mean: {'; '.join(self.found)}")


class Draws:
    """The draws of a simulation, each made when it is first asked for and kept: the editions of a run share most."""

    def __init__(self, simulation: Simulation) -> None:
        """Begin with none."""
        self.simulation = simulation
        self._kept: dict[tuple[object, ...], Floats] = {}

    def of(self, table: pd.DataFrame, edition: Edition) -> Floats:
        """Return what ``drawn`` does, by the distribution of an edition; ``table``: ``parameters``.

        Raises ``NoTriangleError``.
        """
        distribution = edition.distribution
        if distribution == "triangular" and len(refused := without_triangle(table)):
            raise NoTriangleError(edition.edition, refused)
        columns = (table[name] for name in ("parameter_id", "kind", "low", "central", "high"))
        keys = [(distribution, *values) for values in zip(*columns, strict=True)]
        new = [place for place, key in enumerate(keys) if key not in self._kept]
        made = drawn(table.iloc[new], self.simulation.draws, self.simulation.seed, distribution)
        self._kept.update(zip([keys[place] for place in new], made, strict=True))
        return np.array([self._kept[key] for key in keys]).reshape(len(keys), self.simulation.draws)


def _top(least: Any, central: Any, most: Any) -> Any:
    """The top of a triangle: its mean is that of its ends and its top."""
    return 3 * central - least - most


def _sample(
    rng: np.random.Generator, draws: int, least: float, central: float, most: float, distribution: Distribution
) -> Floats:
    if distribution == "triangular":
        return rng.triangular(least, _top(least, central, most), most, draws)
    place = (central - least) / (most - least)
    return least + (most - least) * rng.beta(BETA_WEIGHT * place, BETA_WEIGHT * (1 - place), draws)


def _stream(parameter_id: str, seed: int) -> np.random.SeedSequence:
    words = np.frombuffer(hashlib.sha256(parameter_id.encode()).digest(), dtype="<u4")
    return np.random.SeedSequence([seed, *words.tolist()])


# --- Ratios ---------------------------------------------------------------------------------------------------


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

    def of(self, values: Floats) -> Floats:
        """Return the ratios, shape ``(rows, draws)``; ``values`` of the parameters: ``(parameters, draws)``."""
        result = np.empty((len(self.rows), values.shape[1]))
        for start in range(0, values.shape[1], BLOCK):
            block = slice(start, start + BLOCK)
            terms = values[self.costs, block]
            has_hours, has_rate = self.hours >= 0, self.rates >= 0
            terms[has_hours] *= values[self.hours[has_hours], block]
            terms[has_rate] *= 1 - values[self.rates[has_rate], block]
            np.matmul(self.weights, terms, out=result[:, block])
        return result


def drawn_shares(model: Ratios, table: pd.DataFrame) -> pd.DataFrame:
    """Return what share of the value of each ratio rests on something drawn; ``table``: ``parameters``.

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


def has_range(model: Ratios, table: pd.DataFrame, simulated: Floats) -> npt.NDArray[np.bool_]:
    """Tell of which ratios the range says something: at least half of the value rests on something that is drawn.

    ``table``: ``parameters``; ``simulated``: ``model.of`` draws, which are all the same where nothing is drawn.
    """
    is_drawn = np.ptp(simulated, axis=1) > 0
    return is_drawn & (drawn_shares(model, table)["drawn_share"] >= LEAST_DRAWN).to_numpy()


def ratios(lines: pd.DataFrame, contract_values: pd.DataFrame, table: pd.DataFrame, deadweight: pd.DataFrame) -> Ratios:
    """Return the ratios of market, policy areas and contracts as functions of the parameters.

    ``lines``: the counted lines of ``net_value``; ``contract_values``: ``contract_value``; ``table``: ``parameters``.
    As in ``sums``, public value leaves transfers out, fiscal value holds them, and only contracts with both value and
    payments count. The sums differ from the edition's by the rounding of its lines to pennies.
    """
    matched = contract_values[contract_values["is_in_bcr"]]
    counted = lines[lines["contract_id"].isin(matched["contract_id"])]
    terms = _terms(counted, table, deadweight).assign(contract_id=counted["contract_id"])
    by_contract = _weights(terms, "contract_id")
    scopes = list(_scopes(matched))
    # Which contracts each scope holds, per pound of its payments.
    held = np.array([holds for *_, holds in scopes], dtype=np.float64).reshape(len(scopes), len(matched))
    held /= (held @ matched["outcome_payments_real_gbp"].to_numpy())[:, None]
    sums = [by_contract[name].reindex(matched["contract_id"], fill_value=0.0).to_numpy() for name in MEASURES]
    values = [held @ matched[value].to_numpy() for value in ("public_value_gbp", "fiscal_gbp")]
    rows = [(kind, scope, measure) for kind, scope, _ in scopes for measure in MEASURES]
    table = pd.DataFrame(rows, columns=["scope_kind", "scope", "measure"]).assign(
        ratio=np.stack(values, axis=1).ravel()
    )
    return _as_ratios(table, np.stack([held @ sum_ for sum_ in sums], axis=1), by_contract)


def market_ratios(lines: pd.DataFrame, paid_gbp: Floats, table: pd.DataFrame, deadweight: pd.DataFrame) -> Ratios:
    """Return the ratios of the market under some scenarios as functions of the parameters.

    ``lines``: those in the ratio, with the number of their ``scenario``; ``paid_gbp``: the payments of each scenario;
    ``table``: ``parameters`` of all of them. Rows: both measures of the first, then of the second, …; not a number
    where nothing was paid.
    """
    by_scenario = _weights(_terms(lines, table, deadweight).assign(scenario=lines["scenario"]), "scenario")
    scopes = range(len(paid_gbp))
    sums = [by_scenario[measure].reindex(scopes, fill_value=0.0).to_numpy() for measure in MEASURES]
    paid = np.where(paid_gbp > 0, paid_gbp, np.nan)[:, None, None]
    rows = pd.DataFrame([(MARKET, str(scope), measure) for scope in scopes for measure in MEASURES])
    return _as_ratios(
        rows.set_axis(["scope_kind", "scope", "measure"], axis=1), np.stack(sums, axis=1) / paid, by_scenario
    )


def _terms(counted: pd.DataFrame, table: pd.DataFrame, deadweight: pd.DataFrame) -> pd.DataFrame:
    """The places of the parameters of each line, and with what they are multiplied for each measure.

    That is not value divided by the unit cost, which would fail for one of zero.
    """
    number = pd.Series(range(len(table)), index=table["parameter_id"])
    multiple = _multiple(counted)
    return pd.DataFrame(
        {
            **{of: ids.map(number).fillna(-1).astype(int) for of, ids in parameter_ids(counted, deadweight).items()},
            "bcr": multiple.where(~counted["is_transfer"], 0.0),
            "fiscal_bcr": multiple.where(counted["kind"] == "fiscal", 0.0),
        }
    )


def _weights(terms: pd.DataFrame, by: str) -> dict[str, pd.DataFrame]:
    """For each measure the sums of the multiples, ``by`` × products of parameters."""
    sums = terms.groupby([by, *FACTORS])[list(MEASURES)].sum()
    return {measure: sums[measure].unstack(list(FACTORS), fill_value=0.0) for measure in MEASURES}


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
    return lines[factors].prod(axis=1) * (1 - lines["optimism_bias"])


def _scopes(matched: pd.DataFrame) -> Iterator[tuple[str, str, "pd.Series[bool]"]]:
    """Market, policy areas and contracts, those that have a ratio, each with which contracts it holds."""
    if matched.empty:
        return
    yield MARKET, MARKET, matched["contract_id"].notna()
    for kind, column in (("policy_area", "policy_area"), ("contract", "contract_id")):
        for scope in sorted(matched[column].unique()):
            yield kind, str(scope), matched[column] == scope


# --- What the simulations say ---------------------------------------------------------------------------------


def uncertainty(
    model: Ratios,
    used: pd.DataFrame,
    simulated: Floats,
    contract_values: pd.DataFrame,
    published: dict[str, float],
    seed: int,
) -> pd.DataFrame:
    """Return one row per ratio: mean, percentiles, chances to lie above 1, 2 and the published ratio, and the error.

    ``used``: ``parameters``; ``simulated``: ``model.of`` draws; ``contract_values``: ``contract_value``; ``published``:
    the published ratio of the market by measure, compared with the market only. ``drawn_share,
    fixed_unit_cost_share``: see ``drawn_shares``; ``has_range``: see there. ``p10_if_independent`` and
    ``p90_if_independent``, of the market only: see ``spread_if_independent``. ``monte_carlo_error``: standard error of
    the mean over the draws.
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
    table = table.join(drawn_shares(model, used)).assign(has_range=has_range(model, used, simulated))
    table["monte_carlo_error"] = simulated.std(axis=1, ddof=1) / np.sqrt(draws)
    return table.assign(draws=draws, seed=seed)


def percentiles(simulated: Floats, shares: Sequence[int]) -> Floats:
    """Return the percentiles of each row of draws, shape ``(rows, shares)``."""
    # On all cores: while it sorts, NumPy lets other threads go on.
    with ThreadPoolExecutor() as threads:
        ends = list(threads.map(lambda row: np.percentile(row, shares), simulated))
    return np.array(ends).reshape(len(simulated), len(shares))


def acceptability(model: Ratios, simulated: Floats) -> pd.DataFrame:
    """Return the chance that each ratio of the market lies above each threshold: ``measure, threshold, chance_above``.

    ``simulated``: ``model.of`` draws. Thresholds are the same for both ratios. They end at the first whole number above
    19 of 20 draws of either, where few simulations are left; at ``LEAST_TOP`` at least and ``MOST_TOP`` at most.
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
