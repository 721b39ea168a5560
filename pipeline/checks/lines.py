"""Checks of the lines of value.

Belongs here: each check with its view, a pure function of the tables that its parameters name. A line is held against
the registers: what its factors come to is worked out anew.
"""

from collections.abc import Sequence

import pandas as pd

from pipeline.checks.compare import METRIC, counts, none_of, side_by_side
from pipeline.checks.suite import Check, Suite
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import lines_of_list, price_list
from pipeline.tables.parameters import Deadweight, GdpDeflators, HoursWeights, OutcomeUnitCosts, UnitCosts
from pipeline.tables.reference import OutcomeTypes
from pipeline.tables.typed import DataFrame
from pipeline.tables.units import conversion
from pipeline.tables.valuation import NetValue, OutcomesInScope, OutcomeUnits, Overlaps, ValuedOutcomes
from pipeline.tables.vocabulary import COUNTED_TREATMENTS, DEADWEIGHT_LAYERS

UNITS = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]
LINE = ("contract_id", "outcome_id", "unit_cost_id")


def _all_lines(
    valued_outcomes: DataFrame[ValuedOutcomes], overlaps: DataFrame[Overlaps], columns: Sequence[str]
) -> pd.DataFrame:
    """Columns of all lines of value, those that count and those left out as overlaps."""
    return pd.concat([table[list(columns)] for table in (valued_outcomes, overlaps)], ignore_index=True)


def _with_register(
    lines: pd.DataFrame,
    unit_costs: DataFrame[UnitCosts],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    edition: Edition,
) -> pd.DataFrame:
    """Lines with their unit cost as it stands in the register: pounds at the level of the edition, unit, price year.

    Low is the cheapest kind where the register names one, else the low end of the range of the mean; high likewise.
    """
    costs, _ = price_list(unit_costs, outcome_unit_costs, edition.value_set)
    taken_gbp = {
        "low": costs["lowest_kind_gbp"].where(costs["lowest_kind_gbp"].notna(), costs["low_gbp"]),
        "central": costs["central_gbp"],
        "high": costs["highest_kind_gbp"].where(costs["highest_kind_gbp"].notna(), costs["high_gbp"]),
    }[edition.unit_value_level]
    costs = costs[["unit_cost_id", "unit", "price_year"]].assign(taken_gbp=taken_gbp)
    costs = costs.drop_duplicates("unit_cost_id").set_index("unit_cost_id")
    return lines.join(costs.add_prefix("registered_"), on="unit_cost_id")


def lines_of_outcomes(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    overlaps: DataFrame[Overlaps],
    outcome_units: DataFrame[OutcomeUnits],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> pd.DataFrame:
    """Each outcome of each contract: its lines of value, one for each unit cost of the outcome."""
    lines_each = lines_of_list(outcome_unit_costs, edition.value_set).groupby("outcome_id").size()
    units = outcome_units.drop_duplicates(UNITS)
    expected = units.assign(n=units["outcome_id"].map(lines_each).astype(float)).set_index(UNITS)["n"]
    return side_by_side(counts(_all_lines(valued_outcomes, overlaps, UNITS), UNITS), expected)


def net_value_split(
    valued_outcomes: DataFrame[ValuedOutcomes], overlaps: DataFrame[Overlaps], net_value: DataFrame[NetValue]
) -> pd.DataFrame:
    """Each contract: net value that counts or is left out as an overlap, beside all of it."""
    found = _all_lines(valued_outcomes, overlaps, ["contract_id", "net_gbp"]).groupby("contract_id")["net_gbp"].sum()
    return side_by_side(found, net_value.groupby("contract_id")["net_gbp"].sum())


def unit_costs_used(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    overlaps: DataFrame[Overlaps],
    unit_costs: DataFrame[UnitCosts],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> pd.DataFrame:
    """Each line: the unit cost used beside the one in the register, at the level of the edition."""
    lines = _all_lines(valued_outcomes, overlaps, [*LINE, "unit_cost_gbp"])
    lines = _with_register(lines, unit_costs, outcome_unit_costs, edition)
    return lines.assign(found=lines["unit_cost_gbp"], expected=lines["registered_taken_gbp"])


def units_of_unit_costs(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    overlaps: DataFrame[Overlaps],
    unit_costs: DataFrame[UnitCosts],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    outcome_types: DataFrame[OutcomeTypes],
) -> pd.DataFrame:
    """Each line: unit of the cost, unit of the outcome and their ratio, beside those of the two registers."""
    lines = _all_lines(valued_outcomes, overlaps, [*LINE, "unit", "unit_cost_unit", "cost_units_per_unit"])
    lines = _with_register(lines, unit_costs, outcome_unit_costs, edition)
    types = outcome_types.drop_duplicates("outcome_id").set_index("outcome_id")
    used = zip(*(lines[name].to_list() for name in ("unit_cost_unit", "unit", "cost_units_per_unit")), strict=True)
    registered = zip(lines["registered_unit"].to_list(), lines["outcome_id"].map(types["unit"]).to_list(), strict=True)
    return lines.assign(
        found=[f"{n:.6g} {cost} per {outcome}" for cost, outcome, n in used],
        expected=[f"{conversion(outcome, cost):.6g} {cost} per {outcome}" for cost, outcome in registered],
    )


def values_of_units(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    overlaps: DataFrame[Overlaps],
    unit_costs: DataFrame[UnitCosts],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
    outcome_types: DataFrame[OutcomeTypes],
    hours_weights: DataFrame[HoursWeights],
    gdp_deflators: DataFrame[GdpDeflators],
) -> pd.DataFrame:
    """Each line: pounds for one unit of the outcome, beside the product of cost and factors in the registers."""
    lines = _all_lines(valued_outcomes, overlaps, [*LINE, "unit", "unit_value_gbp"])
    lines = _with_register(lines, unit_costs, outcome_unit_costs, edition)
    deflators = gdp_deflators.drop_duplicates("price_year").set_index("price_year")["gdp_deflator"]
    keys = ["outcome_id", "unit_cost_id"]
    weights = lines_of_list(outcome_unit_costs, edition.value_set).drop_duplicates(keys)
    lines = lines.merge(weights[[*keys, "units_per_outcome"]], on=keys, how="left")
    types = outcome_types.drop_duplicates("outcome_id").set_index("outcome_id")
    hours = hours_weights.drop_duplicates("hours_weight_id").set_index("hours_weight_id")["central"]
    expected = (
        lines["registered_taken_gbp"]
        * deflators[edition.price_year]
        / lines["registered_price_year"].map(deflators)
        * [conversion(u, c) for u, c in zip(lines["unit"].to_list(), lines["registered_unit"].to_list(), strict=True)]
        * lines["units_per_outcome"]
        * lines["outcome_id"].map(types["hours_weight_id"]).map(hours).fillna(1.0)
    )
    return lines.assign(found=lines["unit_value_gbp"].round(6), expected=expected.round(6))


def deadweight_taken(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    overlaps: DataFrame[Overlaps],
    deadweight: DataFrame[Deadweight],
) -> pd.DataFrame:
    """Each line: the rate taken off, between the rates that the register holds for that outcome and contract."""
    lines = _all_lines(valued_outcomes, overlaps, [*LINE, "is_net_of_deadweight", "deadweight"])
    layers = list(DEADWEIGHT_LAYERS)[: list(DEADWEIGHT_LAYERS).index(edition.deadweight_layer) + 1]
    rates = deadweight[deadweight["layer"].isin(layers)]
    keys = ["outcome_id", "contract_id"]
    for_all = rates[rates["contract_id"] == ""].groupby("outcome_id")["central"].agg(["min", "max"])
    for_one = rates.groupby(keys)["central"].agg(["min", "max"]).add_suffix("_one")
    takes_none = lines["is_net_of_deadweight"] | (edition.deadweight_layer == "none")
    bounds = lines[keys].join(for_all, on="outcome_id").join(for_one, on=keys)
    return lines.assign(
        found=lines["deadweight"],
        lowest=bounds[["min", "min_one"]].min(axis=1).mask(takes_none, 0.0),
        highest=bounds[["max", "max_one"]].max(axis=1).mask(takes_none, 0.0),
    )


def ladders_of_overlap_groups(
    edition: Edition, valued_outcomes: DataFrame[ValuedOutcomes], outcome_unit_costs: DataFrame[OutcomeUnitCosts]
) -> pd.DataFrame:
    """Each overlap group of each contract: how many ladders of it count, which is one."""
    keys = ["outcome_id", "unit_cost_id"]
    groups = lines_of_list(outcome_unit_costs, edition.value_set).drop_duplicates(keys)[[*keys, "overlap_group"]]
    lines = valued_outcomes[["contract_id", "ladder", *keys]].merge(groups, on=keys, how="left")
    lines = lines[lines["overlap_group"] != ""]
    found = lines.groupby(["contract_id", "overlap_group"])["ladder"].nunique().astype(float)
    return side_by_side(found, found.clip(1, 1))


def ladders_left_out(
    valued_outcomes: DataFrame[ValuedOutcomes], outcomes_in_scope: DataFrame[OutcomesInScope]
) -> pd.DataFrame:
    """Each contract: metrics treated as overlap that stand among the lines that count, which is none."""
    never = outcomes_in_scope[~outcomes_in_scope["treatment"].isin(COUNTED_TREATMENTS)]
    lines = valued_outcomes[["contract_id", "metric_ids"]].drop_duplicates()
    pairs = lines.assign(metric_id=lines["metric_ids"].str.split("; ")).explode("metric_id")[METRIC]
    wrong = never[METRIC].merge(pairs.drop_duplicates(), on=METRIC)
    return none_of(wrong["contract_id"], outcomes_in_scope["contract_id"])


SUITE = Suite(
    name="lines of value",
    guards="Every outcome is valued once by each of its unit costs, as the registers have them, and no benefit twice.",
    asset="valued_outcomes",
    checks=(
        Check(
            name="every_outcome_valued_once_by_each_unit_cost",
            guards="a join that multiplies or loses lines of value",
            of="outcomes of contracts",
            keys=("contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"),
            view=lines_of_outcomes,
            total_of="rows",
        ),
        Check(
            name="net_value_split_without_loss",
            guards="value that is neither counted nor shown as an overlap, or is both",
            of="contracts",
            keys=("contract_id",),
            view=net_value_split,
            total_of="GBP",
        ),
        Check(
            name="unit_costs_as_registered",
            guards="a unit cost that differs from the register, for example one counted twice",
            of="lines of value",
            keys=LINE,
            view=unit_costs_used,
        ),
        Check(
            name="unit_costs_within_their_unit",
            guards="a unit cost per week used per year",
            of="lines of value",
            keys=LINE,
            view=units_of_unit_costs,
        ),
        Check(
            name="unit_values_from_the_registers",
            guards="a wrong price year, conversion or weight",
            of="lines of value",
            keys=LINE,
            view=values_of_units,
        ),
        Check(
            name="deadweight_from_the_register",
            guards="a rate of deadweight that no study, contract or convention gives for that outcome",
            of="lines of value",
            keys=LINE,
            view=deadweight_taken,
            asks="within",
        ),
        Check(
            name="each_overlap_group_counted_once",
            guards="the same money counted twice in one contract",
            of="overlap groups of contracts",
            keys=("contract_id", "overlap_group"),
            view=ladders_of_overlap_groups,
        ),
        Check(
            name="metrics_left_out_stay_out",
            guards="a step on the way, an overlap or an outcome without unit cost that counts all the same",
            of="contracts",
            keys=("contract_id",),
            view=ladders_left_out,
        ),
    ),
)
