"""The rows of the tables on the page ``assumptions.html``.

Belongs here: putting the rows of the reference tables in order for a reader, with what rests on each. The choices of
the edition, and what matters most, stand in ``assumptions``; words in ``assumption_words``.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.method.analysis.parameters import cost_ids, rate_ids, weight_ids
from pipeline.method.analysis.resting import resting_on
from pipeline.method.steps.unit_values import at_level
from pipeline.report.pages.assumption_words import (
    READ,
    TREATED,
)
from pipeline.report.pages.resting_rows import NOTHING, heaviest_first
from pipeline.report.rows import Row, as_rows, names_of
from pipeline.tables.vocabulary import (
    UNIT_VALUE_LEVELS,
)


def unit_cost_rows(reference: Reference, lines: pd.DataFrame, level: str) -> list[Row]:
    """Return the unit costs at a level, with what rests on each, the heaviest first."""
    resting = resting_on(lines, ["unit_cost_id"])
    costs = reference.unit_costs
    costs = costs.assign(
        parameter=cost_ids(costs.assign(unit_value_level=level)),
        **{name: at_level(costs, name) for name in UNIT_VALUE_LEVELS},
    )
    return heaviest_first(
        row
        | resting.get((row["unit_cost_id"],), NOTHING)
        | {
            "what": "unit cost",
            "anchor": f"unit-cost-{row['unit_cost_id']}",
            "is_money": True,
        }
        for row in as_rows(costs)
    )


def rate_rows(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    """Return the rates of deadweight, with what rests on each, the heaviest first."""
    names = outcome_names(reference)
    resting = resting_on(lines, ["layer", "outcome_id", "rate_contract_id"])
    rates = reference.deadweight.assign(parameter=rate_ids(reference.deadweight))
    return heaviest_first(
        row
        | resting.get((row["layer"], row["outcome_id"], row["contract_id"]), NOTHING)
        | {
            "what": f"rate of deadweight ({row['layer']})",
            "name": names.get(row["outcome_id"], row["outcome_id"]),
            # Contracts may be named in any way, an anchor may not.
            "anchor": f"rate-{number}",
            "is_money": False,
        }
        for number, row in enumerate(as_rows(rates), start=1)
    )


def weight_rows(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    """Return the weights of hours, with what rests on each and the outcomes that take it, the heaviest first."""
    names = outcome_names(reference)
    taking = reference.outcome_types.groupby("hours_weight_id")["outcome_id"].agg(list).to_dict()
    resting = resting_on(lines, ["hours_weight_id"])
    weights = reference.hours_weights.assign(parameter=weight_ids(reference.hours_weights))
    return heaviest_first(
        row
        | resting.get((row["hours_weight_id"],), NOTHING)
        | {
            "what": "weight of hours",
            "name": row["hours_weight_id"].replace("_", " "),
            "anchor": f"hours-{row['hours_weight_id']}",
            "outcomes": [names[outcome_id] for outcome_id in taking.get(row["hours_weight_id"], [])],
            "is_money": False,
        }
        for row in as_rows(weights)
    )


def mapped_rows(reference: Reference, lines: pd.DataFrame) -> list[Row]:
    """Return outcomes with what rests on mappings to them, by grade; a line has the worst grade of its metrics."""
    names = outcome_names(reference)
    resting = resting_on(lines, ["outcome_id", "mapping_grade"])
    return [
        carried | {"what": "reading of metrics", "name": names[outcome_id], "grade": grade, "anchor": "weak-mappings"}
        for (outcome_id, grade), carried in resting.items()
    ]


def grade_rows(reported: pd.DataFrame, lines: pd.DataFrame) -> list[Row]:
    """Return the grades of mappings, with the metrics of each and what rests on them."""
    metrics = reported["mapping_grade"].value_counts()
    resting = resting_on(lines, ["mapping_grade"])
    return [
        {"grade": grade, "meaning": meaning, "metrics": int(metrics.get(grade, 0))} | resting.get((grade,), NOTHING)
        for grade, meaning in READ.items()
    ]


def treatment_rows(reported: pd.DataFrame, lines: pd.DataFrame) -> list[Row]:
    """Return metrics and public value by treatment; an outcome counted in more than one way has a row of its own."""
    keys = zip(reported["contract_id"], reported["metric_id"], strict=True)
    by_metric = dict(zip(keys, reported["treatment"], strict=True))
    treated = [
        " and ".join(sorted({by_metric[contract_id, metric_id] for metric_id in metric_ids.split("; ")}))
        for contract_id, metric_ids in zip(lines["contract_id"], lines["metric_ids"], strict=True)
    ]
    resting = resting_on(lines.assign(treatment=treated), ["treatment"])
    metrics = reported["treatment"].value_counts()
    several = {
        name: (
            " and ".join(TREATED[each][0] for each in name.split(" and ")),
            "an outcome of a contract that counts in both ways",
        )
        for name in treated
        if " and " in name
    }
    return [
        {"treatment": said, "meaning": meaning, "metrics": int(metrics.get(name, 0))} | resting.get((name,), NOTHING)
        for name, (said, meaning) in (TREATED | several).items()
    ]


def weak_metric_rows(tables: Mapping[str, pd.DataFrame], reference: Reference) -> list[Row]:
    """Return the metrics whose mapping is weak, each once, with the reason for it."""
    weak = reference.metric_outcomes[reference.metric_outcomes["grade"] == "weak"]
    reported = tables["reported_outcomes"].drop_duplicates(["contract_id", "metric_id"])
    named = weak.merge(reported[["contract_id", "metric_id", "label"]], on=["contract_id", "metric_id"])
    named = named.merge(tables["contracts"][["contract_id", "name"]], on="contract_id")
    names = outcome_names(reference)
    return [row | {"outcome": names[row["outcome_id"]]} for row in as_rows(named)]


def overlap_group_rows(reference: Reference) -> list[Row]:
    """Return the groups of unit costs that stand for one benefit, with the outcomes of each."""
    names = outcome_names(reference)
    lines = reference.outcome_unit_costs[reference.outcome_unit_costs["overlap_group"] != ""]
    groups = lines.groupby("overlap_group")["outcome_id"].unique()
    return [
        {"group": str(group).replace("_", " "), "outcomes": [names[outcome_id] for outcome_id in outcomes]}
        for group, outcomes in groups.items()
    ]


def overlap_rows(tables: Mapping[str, pd.DataFrame]) -> list[Row]:
    """Return what was left out, by the reason: of all contracts, and public value of those in the ratio."""
    overlaps, contracts = tables["overlaps"], tables["contract_value"]
    if overlaps.empty:
        return []
    is_in = overlaps["contract_id"].isin(contracts.loc[contracts["is_in_bcr"], "contract_id"])
    is_transfer = overlaps["is_transfer"].astype(bool)
    sums = overlaps.assign(
        public_gbp=overlaps["net_gbp"].where(~is_transfer, 0.0),
        in_ratio_gbp=overlaps["net_gbp"].where(~is_transfer & is_in, 0.0),
        transfer_gbp=overlaps["net_gbp"].where(is_transfer, 0.0),
    )
    table = sums.groupby("overlap_reason", as_index=False).agg(
        contracts=("contract_id", "nunique"),
        lines=("contract_id", "size"),
        public_gbp=("public_gbp", "sum"),
        in_ratio_gbp=("in_ratio_gbp", "sum"),
        transfer_gbp=("transfer_gbp", "sum"),
    )
    table = table.sort_values(["public_gbp", "transfer_gbp", "overlap_reason"], ascending=[False, False, True])
    return [row | {"reason": row["overlap_reason"].replace("_", " ")} for row in as_rows(table)]


def deflator_rows(reference: Reference, price_year: str) -> list[Row]:
    """Return the deflator of each year, with the factor that leads from it to the prices of the edition."""
    table = reference.gdp_deflators
    own = float(table.loc[table["price_year"] == price_year, "gdp_deflator"].iloc[0])
    return [row | {"factor": own / row["gdp_deflator"]} for row in as_rows(table)]


def outcome_names(reference: Reference) -> dict[str, str]:
    """Return what outcomes are called, by id."""
    return names_of(reference.outcome_types, "outcome_id")
