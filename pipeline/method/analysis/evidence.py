"""What a ratio depends on: evidence by grade and age, the few that carry most, value by who pays and who gains.

Belongs here: the money of the contracts in the ratio laid out by grade and age of evidence, by contract, outcome and
unit cost, and by payer and benefiting agency. What a grade means is said in ``tables.vocabulary``.
"""

import math
from collections.abc import Collection

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.draws import Floats
from pipeline.method.analysis.parameters import parameter_ids, parameters, rate_ids, weight_ids
from pipeline.method.steps.prices import price_factors
from pipeline.method.steps.ratios import ratio
from pipeline.method.steps.scope import counted_bases
from pipeline.tables.analysis import Concentration, EvidenceAge, EvidenceQuality, PayerBeneficiary, Robustness
from pipeline.tables.parameters import Deadweight, GdpDeflators, HoursWeights, UnitCostChecks, UnitCosts
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, PaymentsInScope, ValuedOutcomes
from pipeline.tables.vocabulary import RECENT_FROM, ROBUSTNESS_PARTS

# Nothing is taken off: the edition takes no deadweight, or the count was net as it was reported.
NO_RATE = "no rate"
EVIDENCE = {"unit_cost": "unit_cost_grade", "deadweight": "deadweight_grade", "mapping": "mapping_grade"}
# What may carry a ratio: kind, and the column of the lines that says which.
CARRIERS = {"contract": "contract_id", "outcome": "outcome_id", "unit_cost": "unit_cost_id"}


def evidence_quality(
    valued_outcomes: DataFrame[ValuedOutcomes], contract_value: DataFrame[ContractValue]
) -> DataFrame[EvidenceQuality]:
    """Return the share of each ratio of the market that rests on each grade of unit cost, of deadweight and of mapping.

    Columns: ``measure, evidence, grade, value_gbp, share``. A line rests with all of its net value on the grade of its
    unit cost, and likewise on those of its rate and of its mapping, which is the worst of its metrics. Shares add up to
    1 for each measure and kind of evidence.
    """
    counted = valued_outcomes[_is_matched(valued_outcomes, contract_value)]
    counted = counted.assign(deadweight_grade=counted["deadweight_grade"].replace("", NO_RATE))
    parts = {"bcr": counted[~counted["is_transfer"]], "fiscal_bcr": counted[counted["kind"] == "fiscal"]}
    rows = [
        (measure, evidence, str(grade), round(float(value), 2), float(value) / float(part["net_gbp"].sum()))
        for measure, part in parts.items()
        for evidence, column in EVIDENCE.items()
        for grade, value in part.groupby(column)["net_gbp"].sum().items()
        if part["net_gbp"].sum()
    ]
    return pd.DataFrame(rows, columns=["measure", "evidence", "grade", "value_gbp", "share"])


def concentration(
    valued_outcomes: DataFrame[ValuedOutcomes], contract_value: DataFrame[ContractValue]
) -> DataFrame[Concentration]:
    """Return what each contract, outcome and unit cost carries of the market's public value in the ratio.

    Columns: ``kind, id, rank, public_value_gbp, share, cumulative_share, bcr_without, fiscal_bcr_without``, the largest
    of each kind first. A contract is left out with its value and its payments. An outcome or a unit cost is taken to be
    worth nothing: its payments stay, since they were made. Shares add up to 1 for each kind; ratios are not a number
    where none is left.
    """
    counted = valued_outcomes[_is_matched(valued_outcomes, contract_value)]
    net = counted["net_gbp"].to_numpy(float)
    public, fiscal = net * ~counted["is_transfer"].to_numpy(bool), net * (counted["kind"] == "fiscal").to_numpy()
    paid = contract_value[contract_value["is_in_bcr"]].set_index("contract_id")["outcome_payments_real_gbp"]
    parts = []
    for kind, column in CARRIERS.items():
        places, ids = pd.factorize(counted[column], sort=True)
        payments_left = paid.sum() - (paid[ids].to_numpy() if kind == "contract" else np.zeros(len(ids)))
        of_all, fiscal_of_all = (np.bincount(places, each, len(ids)).astype(float) for each in (public, fiscal))
        parts.append(_ranked(kind, ids, of_all, fiscal_of_all, payments_left))
    return pd.concat(parts, ignore_index=True)


def _ranked(kind: str, ids: "pd.Index[str]", public: Floats, fiscal: Floats, payments_left: Floats) -> pd.DataFrame:
    """The rows of one kind; all by id. Arrays, since for so few rows pandas takes several times as long."""
    total = public.sum()
    share = public / (total if total > 0 else np.nan)
    left = np.where(payments_left > 0, payments_left, np.nan)
    order = np.argsort(-public, kind="stable")
    return pd.DataFrame(
        {
            "kind": kind,
            "id": ids[order],
            "rank": np.arange(1, len(ids) + 1),
            "public_value_gbp": public[order].round(2),
            "share": share[order],
            "cumulative_share": share[order].cumsum(),
            "bcr_without": ((total - public) / left)[order],
            "fiscal_bcr_without": ((fiscal.sum() - fiscal) / left)[order],
        }
    )


def payer_beneficiary(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    payments_in_scope: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
) -> DataFrame[PayerBeneficiary]:
    """Return the value of the contracts in the ratio by who paid and who gains.

    Payments of the bases that the edition counts. Columns: ``payer_kind, agency, kind, is_transfer, value_gbp,
    payer_payments_real_gbp`` (all that payers of that kind paid, the same in each of its rows).
    The value of a contract is laid to its payers in proportion to what each paid, less what went back to them: the
    sources do not say more. Payers of a kind to which more went back than they paid are laid nothing.
    """
    matched = valued_outcomes[_is_matched(valued_outcomes, contract_value)]
    is_counted = payments_in_scope["basis"].isin(counted_bases(edition.payment_bases))
    counted = payments_in_scope[is_counted & _is_matched(payments_in_scope, contract_value)]
    paid = counted.groupby(["contract_id", "payer_kind"])["amount_real_gbp"].sum()
    borne = paid.clip(lower=0.0)
    share = (borne / borne.groupby("contract_id").sum()).rename("share").reset_index()
    keys = ["agency", "kind", "is_transfer"]
    value = matched.groupby(["contract_id", *keys], as_index=False)["net_gbp"].sum()
    laid = value.merge(share, on="contract_id", validate="many_to_many")
    laid["value_gbp"] = laid["net_gbp"] * laid["share"]
    table = laid.groupby(["payer_kind", *keys], as_index=False)["value_gbp"].sum()
    by_payer = paid.groupby("payer_kind").sum().rename("payer_payments_real_gbp")
    table = table.join(by_payer, on="payer_kind").round({"value_gbp": 2, "payer_payments_real_gbp": 2})
    order = ["payer_payments_real_gbp", "payer_kind", "value_gbp", "agency"]
    return table.sort_values(order, ascending=[False, True, False, True], ignore_index=True)


def _is_matched(rows: pd.DataFrame, contract_values: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows belong to contracts in the ratio."""
    return rows["contract_id"].isin(contract_values.loc[contract_values["is_in_bcr"], "contract_id"])


def evidence_age(
    valued_outcomes: DataFrame[ValuedOutcomes],
    contract_value: DataFrame[ContractValue],
    unit_costs: DataFrame[UnitCosts],
    unit_cost_checks: DataFrame[UnitCostChecks],
    deadweight: DataFrame[Deadweight],
    hours_weights: DataFrame[HoursWeights],
    gdp_deflators: DataFrame[GdpDeflators],
) -> DataFrame[EvidenceAge]:
    """Return how old each parameter is on which public value in the ratio rests, the one that carries most first.

    Columns: ``parameter_id, kind, grade, range_basis, data_year, age, checked_on, review_by, public_value_gbp, share``.
    A line rests with all of its net value on its unit cost, and likewise on its rate and its weight of hours, if it
    takes any: shares of one kind add up to at most 1. ``age``: see ``ages``.
    """
    matched = valued_outcomes[_is_matched(valued_outcomes, contract_value)]
    public = matched[~matched["is_transfer"].astype(bool)]
    ids = parameter_ids(public, deadweight)
    net = public["net_gbp"].astype(float)
    resting = pd.concat([net.groupby(ids[factor]).sum() for factor in ids]).drop(index="", errors="ignore")
    known = parameters(public, unit_costs, hours_weights, deadweight).set_index("parameter_id")
    costs = _unit_costs_of(public, unit_costs, ids)
    known["public_value_gbp"] = resting.reindex(known.index).round(2)
    table = known.join(_when_checked(costs, deadweight, hours_weights)).reset_index()
    table["share"] = table["public_value_gbp"] / net.sum() if net.sum() else np.nan
    table["age"] = table["parameter_id"].map(ages(costs, unit_cost_checks, gdp_deflators)).fillna("")
    table = table.sort_values(["public_value_gbp", "parameter_id"], ascending=[False, True], ignore_index=True)
    return table.fillna({"data_year": "", "share": 0.0})


def older_list_share(
    lines: DataFrame[ValuedOutcomes], contract_values: DataFrame[ContractValue], value_set: str
) -> float:
    """Return the share of the public value in the ratio whose unit costs come from an older list than ``value_set``.

    Not a number without value.
    """
    public = lines[_is_matched(lines, contract_values) & ~lines["is_transfer"].astype(bool)]
    net = public["net_gbp"].astype(float)
    return float(net[public["value_set"] != value_set].sum() / net.sum()) if net.sum() else math.nan


def ages(
    costs: DataFrame[UnitCosts], checks: DataFrame[UnitCostChecks], gdp_deflators: DataFrame[GdpDeflators]
) -> "pd.Series[str]":
    """Return how old the data behind each unit cost are (``vocabulary.AGES``), by parameter id.

    ``costs``: rows of ``unit_costs`` with their ``parameter_id``. A figure confirms a
    unit cost when it lies between its low and its high in the prices of the unit cost, whose unit it has; one at a
    level has the range of its row.
    """
    checks = checks[checks["is_official"] & checks["is_first_hand"] & (checks["data_year"] >= RECENT_FROM)]
    figures = costs[["unit_cost_id", "value_set", "parameter_id", "price_year", "low_gbp", "high_gbp"]].merge(
        checks[["unit_cost_id", "value_set", "price_year", "check_gbp"]],
        on=["unit_cost_id", "value_set"],
        suffixes=("", "_of_check"),
    )
    factors = {year: price_factors(gdp_deflators, year) for year in figures["price_year"].unique()}
    confirmed = {
        figure.parameter_id
        for figure in figures.itertuples()
        if figure.low_gbp
        <= figure.check_gbp * factors[figure.price_year][figure.price_year_of_check]
        <= figure.high_gbp
    }
    found = {}
    for row in costs[["parameter_id", "unit", "range_basis", "data_year"]].itertuples():
        is_definition = row.unit == "pound" and row.range_basis == "fixed"
        age = "recent" if row.data_year >= RECENT_FROM else "checked" if row.parameter_id in confirmed else "old"
        found[row.parameter_id] = "by definition" if is_definition else age
    return pd.Series(found, dtype="str")


def _unit_costs_of(lines: pd.DataFrame, unit_costs: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """The rows of the unit costs that lines take, each with its parameter id; ``ids``: ``parameter_ids``."""
    taken = lines[["unit_cost_id", "value_set"]].assign(parameter_id=ids["cost"])
    return unit_costs.merge(taken.drop_duplicates(), on=["unit_cost_id", "value_set"])


def _when_checked(costs: pd.DataFrame, rates: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Data year and days of checking and review of parameters, by id; ``costs`` with theirs."""
    tables = [
        costs,
        rates.assign(parameter_id=rate_ids(rates), data_year=""),
        hours.assign(parameter_id=weight_ids(hours), data_year=""),
    ]
    together = pd.concat([t[["parameter_id", "data_year", "checked_on", "review_by"]] for t in tables if len(t)])
    days = together.set_index("parameter_id")
    return days.assign(**{name: days[name].dt.strftime("%Y-%m-%d") for name in ("checked_on", "review_by")})


def robustness(
    valued_outcomes: DataFrame[ValuedOutcomes],
    contract_value: DataFrame[ContractValue],
    contracts_before: Collection[str] | None,
) -> DataFrame[Robustness]:
    """Return the ratio of the market for parts of its value (``vocabulary.ROBUSTNESS_PARTS``), the whole first.

    ``contracts_before``: those in the ratio of the edition that this one superseded, None where there is none. Payments
    stay as they were made.
    """
    matched = contract_value[contract_value["is_in_bcr"]]
    counted = valued_outcomes[_is_matched(valued_outcomes, contract_value)]
    is_weak, is_judged = counted["unit_cost_grade"] == "weak", counted["mapping_grade"] == "weak"
    everything = pd.Series(True, counted.index)
    parts = {"all": everything, "without weak unit costs": ~is_weak}
    parts["without weak unit costs or mappings"] = ~is_weak & ~is_judged
    if contracts_before is not None:
        parts["contracts of the superseded edition"] = counted["contract_id"].isin(list(contracts_before))
    rows = []
    for part in (part for part in ROBUSTNESS_PARTS if part in parts):
        of_part = matched
        if part == "contracts of the superseded edition":
            of_part = matched[matched["contract_id"].isin(list(contracts_before or ()))]
        kept = counted[parts[part]]
        public = float(kept.loc[~kept["is_transfer"].astype(bool), "net_gbp"].sum())
        fiscal = float(kept.loc[kept["kind"] == "fiscal", "net_gbp"].sum())
        paid = float(of_part["outcome_payments_real_gbp"].sum())
        sums = (len(of_part), round(paid, 2), round(public, 2), round(fiscal, 2))
        rows.append((part, *sums, ratio(public, paid), ratio(fiscal, paid)))
    columns = ["part", "contracts", "outcome_payments_real_gbp", "public_value_gbp", "fiscal_gbp", "bcr", "fiscal_bcr"]
    return pd.DataFrame(rows, columns=columns)
