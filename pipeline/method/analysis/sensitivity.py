"""What a ratio is most sensitive to, and what would have to be wrong for it not to pay.

Belongs here: one parameter at a time, the share of the spread that each explains, what better knowledge of it would be
worth, and switching values. All rest on ``ratios.Ratios``; other choices than the edition's are the matter of
``scenarios``.
"""

import numpy as np
import pandas as pd

from pipeline.method.analysis.draws import Floats
from pipeline.method.analysis.ratios import MARKET, Ratios
from pipeline.method.steps.ratios import further_fall, switching_deadweight
from pipeline.tables.analysis import ContractSensitivity, Sensitivity, SwitchingValues, UsedParameters
from pipeline.tables.typed import DataFrame

# Ratios that lie no farther apart than this are the same.
NO_SWING = 1e-9


def contract_sensitivity(model: Ratios, table: DataFrame[UsedParameters]) -> DataFrame[ContractSensitivity]:
    """Return how far each parameter moves the public value per pound of each contract that rests on it.

    Columns: ``contract_id``, and those of ``tornado`` without ``measure``; the largest swing of a contract first. All
    other parameters are as the edition has them.
    """
    rows = model.rows[(model.rows["scope_kind"] == "contract") & (model.rows["measure"] == "bcr")]
    uncertain, values = _one_at_a_time(table)
    ends = model.at(values)[rows.index].reshape(len(rows), len(uncertain), 2)
    swing = np.abs(ends[..., 1] - ends[..., 0])
    # A parameter that a contract does not rest on moves it by an error of rounding at most.
    contract, parameter = np.nonzero(swing > NO_SWING)
    found = uncertain.iloc[parameter][["parameter_id", "kind", "low", "high", "taken", "grade"]].reset_index(drop=True)
    found.insert(0, "contract_id", rows["scope"].to_numpy()[contract])
    found["ratio_at_low"], found["ratio_at_high"] = ends[contract, parameter].T
    found["swing"] = swing[contract, parameter]
    order = ["contract_id", "swing", "parameter_id"]
    return found.sort_values(order, ascending=[True, False, True], ignore_index=True)


def _one_at_a_time(table: DataFrame[UsedParameters]) -> tuple[pd.DataFrame, Floats]:
    """The parameters with a range, and the values of all, each of those at its low and then at its high end in turn."""
    uncertain = table[table["high"] > table["low"]]
    values = np.repeat(table[["taken"]].to_numpy(), 2 * len(uncertain), axis=1)
    for column, (row, low, high) in enumerate(zip(uncertain.index, uncertain["low"], uncertain["high"], strict=True)):
        values[row, 2 * column : 2 * column + 2] = low, high
    return uncertain, values


def tornado(model: Ratios, table: DataFrame[UsedParameters]) -> pd.DataFrame:
    """Return how far each parameter moves the market's ratios from low to high, all others as the edition has them.

    Those without a range are left out. Columns: ``measure, parameter_id, kind, low,
    high, taken, grade, ratio_at_low, ratio_at_high, swing`` (the distance of the two), the largest swing of a measure
    first.
    """
    uncertain, values = _one_at_a_time(table)
    found = []
    for measure, moved in zip(_market(model)["measure"], model.at(values)[_market(model).index], strict=True):
        ends = moved.reshape(-1, 2)
        bars = uncertain.drop(columns=["central", "source_id"]).assign(measure=measure)
        bars = bars.assign(ratio_at_low=ends[:, 0], ratio_at_high=ends[:, 1], swing=np.abs(ends[:, 1] - ends[:, 0]))
        found.append(bars.sort_values(["swing", "parameter_id"], ascending=[False, True]))
    none = uncertain.iloc[:0].assign(measure="", ratio_at_low=0.0, ratio_at_high=0.0, swing=0.0)
    columns = ["measure", "parameter_id", "kind", "low", "high", "taken", "grade"]
    return pd.concat(found or [none], ignore_index=True)[[*columns, "ratio_at_low", "ratio_at_high", "swing"]]


def sensitivity(
    model: Ratios, table: DataFrame[UsedParameters], simulated: Floats, drawn: Floats
) -> DataFrame[Sensitivity]:
    """Return ``tornado`` with ``first_order_index`` and ``value_of_knowing`` of each parameter.

    ``simulated``: ``model.at(drawn)``; ``drawn``: the draws of the parameters.
    """
    rows = _market(model)
    bars = tornado(model, table)
    if rows.empty:
        return bars.assign(first_order_index=0.0, value_of_knowing=0.0)
    ratios = simulated[rows.index]
    lines = slopes(ratios, drawn)
    known = pd.DataFrame(
        {
            "measure": rows["measure"].repeat(len(table)).to_numpy(),
            "parameter_id": np.tile(table["parameter_id"], len(rows)),
            "first_order_index": first_order(lines, ratios, drawn).ravel(),
            "value_of_knowing": value_of_knowing(lines, ratios, drawn).ravel(),
        }
    )
    return bars.merge(known, on=["measure", "parameter_id"], validate="one_to_one")


def first_order(lines: Floats, simulated: Floats, drawn: Floats) -> Floats:
    """Return the first-order sensitivity indices, shape ``(ratios, parameters)``.

    That is the share of the variance of a ratio that a parameter explains by itself: ``Var(E[ratio | parameter]) /
    Var(ratio)`` (Sobol 1993). Since a ratio is a sum of products of independent parameters, its expectation is a
    straight line in each of them, and the index the square of their correlation. 0 for a parameter without a range.
    ``lines``: ``slopes``; ``simulated``: draws of ratios, shape ``(ratios, draws)``; ``drawn``: those of parameters.
    """
    total = simulated.var(axis=1, keepdims=True)
    explained = lines**2 * drawn.var(axis=1)
    return np.divide(explained, total, out=np.zeros_like(explained), where=total > 0)


def value_of_knowing(lines: Floats, simulated: Floats, drawn: Floats) -> Floats:
    """Return the expected value of partial perfect information, in pounds per pound of payments.

    What somebody who pays only where a ratio lies above 1 would gain by knowing a parameter before: ``E[max(0,
    E[ratio - 1 | parameter])] - max(0, E[ratio - 1])``, the inner expectation being a straight line. Shapes as in
    ``first_order``. 0 where no value of the parameter would change the decision.
    """
    expected = simulated.mean(axis=1) - 1
    means, least, most = drawn.mean(axis=1), drawn.min(axis=1), drawn.max(axis=1)
    ends = np.sort(expected[:, None] + lines * (np.array([least, most]) - means)[:, None], axis=0)
    result = np.zeros_like(lines)
    for row, column in zip(*np.nonzero((ends[0] < 0) & (ends[1] > 0)), strict=True):
        known = expected[row] + lines[row, column] * (drawn[column] - means[column])
        result[row, column] = np.maximum(known, 0).mean() - max(expected[row], 0.0)
    return result


def slopes(simulated: Floats, drawn: Floats) -> Floats:
    """Return the slope of each ratio in each parameter, shape ``(ratios, parameters)``; 0 for one without a range."""
    ratios = simulated - simulated.mean(axis=1, keepdims=True)
    # The mean of the parameter falls out, since that of the ratios is nothing now.
    together = ratios @ drawn.T / drawn.shape[1]
    # A parameter that is fixed has a variance of rounding errors.
    moves = np.ptp(drawn, axis=1) > 0
    return np.divide(together, drawn.var(axis=1), out=np.zeros_like(together), where=moves)


def switching_values(model: Ratios, table: DataFrame[UsedParameters]) -> DataFrame[SwitchingValues]:
    """Return at which deadweight, fall in unit values and rise in payments each ratio reaches 1, and if evidence does.

    Columns: ``scope_kind, scope, measure, ratio, switching_deadweight, highest_deadweight,
    deadweight_reaches, further_fall, largest_fall, fall_reaches, rise_in_payments``. The highest deadweight and the
    largest fall are those of the evidence: every rate at its high end, weighted by value, every unit cost and weight of
    hours at its low end. Shares; below 0 the ratio lies below 1 already.
    """
    is_rate = (table["kind"] == "deadweight").to_numpy()
    taken, low, high = (table[column].to_numpy() for column in ("taken", "low", "high"))
    cases = [taken, np.where(is_rate, 0.0, taken), np.where(is_rate, high, taken), np.where(is_rate, taken, low)]
    ratio, gross, at_high_rates, at_low_costs = model.at(np.array(cases).reshape(4, len(table)).T).T
    result = model.rows.assign(ratio=ratio)
    result["switching_deadweight"] = [switching_deadweight(value, 1.0) for value in gross]
    result["highest_deadweight"] = 1 - _per(at_high_rates, gross)
    result["deadweight_reaches"] = result["highest_deadweight"] >= result["switching_deadweight"]
    result["further_fall"] = [further_fall(value, 1.0) for value in ratio]
    result["largest_fall"] = 1 - _per(at_low_costs, ratio)
    result["fall_reaches"] = result["largest_fall"] >= result["further_fall"]
    return result.assign(rise_in_payments=ratio - 1)


def _per(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _market(model: Ratios) -> pd.DataFrame:
    return model.rows[model.rows["scope_kind"] == MARKET]
