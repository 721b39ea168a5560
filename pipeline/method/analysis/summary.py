"""What each contract and policy area comes to at a glance: net value, evidence, who gains, when it was paid.

Belongs here: sums of lines of value by contract and area, laid out for a reader of one of them. The market as a whole
is the matter of ``evidence`` and ``scenarios``.
"""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.evidence import EVIDENCE
from pipeline.method.steps.scope import counted_bases
from pipeline.method.steps.time_conventions import CONVENTIONS
from pipeline.method.valuation import valued_tables
from pipeline.tables.analysis import PaymentsOverTime, ValueByAgency, ValueByTime, ValueSummary
from pipeline.tables.raw import RawPlannedPayments
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import (
    ContractValue,
    OutcomesInScope,
    PaymentsInScope,
    PolicyAreaValue,
    UnitValues,
    ValuedOutcomes,
)
from pipeline.tables.vocabulary import MAPPING_GRADES

# From this share of the public value on its evidence is called by a grade.
MOST_OF_IT = 0.5
# Of each kind of scope: which contracts it takes in, and what its sums over the contracts in the ratio are called.
CONTRACT = ("contract", "contract_id", "outcome_payments_real_gbp", "public_value_gbp")
AREA = ("policy_area", "policy_area", "outcome_payments_in_bcr_real_gbp", "public_value_in_bcr_gbp")


def value_by_agency(valued_outcomes: DataFrame[ValuedOutcomes]) -> DataFrame[ValueByAgency]:
    """Return the net value of each contract by who gains: ``contract_id, agency, kind, is_transfer, value_gbp``.

    Those who gain most come first.
    """
    keys = ["contract_id", "agency", "kind", "is_transfer"]
    sums = valued_outcomes.groupby(keys, as_index=False)["net_gbp"].sum().rename(columns={"net_gbp": "value_gbp"})
    sums = sums.round({"value_gbp": 2})
    order = ["contract_id", "value_gbp", "agency", "kind"]
    return sums.sort_values(order, ascending=[True, False, True, True], ignore_index=True)


def value_summary(
    edition: Edition,
    valued_outcomes: DataFrame[ValuedOutcomes],
    contract_value: DataFrame[ContractValue],
    policy_area_value: DataFrame[PolicyAreaValue],
) -> DataFrame[ValueSummary]:
    """Return net value, strength of evidence, and whether time is a floor, of each area and contract with value.

    ``net_value_gbp``: public value less payments, of the contracts in the ratio. Of an area only those count here.
    ``strength``: by the worst grade of each line, ``unit_cost_strength, deadweight_strength, mapping_strength`` by one
    grade each.
    """
    areas = contract_value.set_index("contract_id")["policy_area"]
    lines = valued_outcomes[~valued_outcomes["is_transfer"].astype(bool)]
    graded = lines[["contract_id", *EVIDENCE.values()]].assign(
        policy_area=lines["contract_id"].map(areas),
        # Value below 0 counts by its size, as in the shares that are drawn.
        size=lines["net_gbp"].astype(float).abs(),
        # Of what would have happened anyway in whole, more time is worth no more.
        is_least=(lines["units_high"] > lines["units"])
        & (lines["deadweight"] < 1)
        & (edition.time_convention == "measured"),
    )
    in_ratio = contract_value.loc[contract_value["is_in_bcr"], "contract_id"]
    with_ratio = policy_area_value[policy_area_value["contracts_in_bcr"] > 0]
    valued = contract_value[contract_value["is_valued"]]
    of_areas = graded[graded["contract_id"].isin(in_ratio)]
    parts = [_summed(with_ratio, of_areas, AREA), _summed(valued, graded, CONTRACT)]
    return pd.concat(parts, ignore_index=True)


def _summed(values: pd.DataFrame, graded: pd.DataFrame, scope: tuple[str, str, str, str]) -> pd.DataFrame:
    kind, column, paid, value = scope
    least = graded.groupby(column)["is_least"].any()
    is_in = values["is_in_bcr"] if kind == "contract" else values["contracts_in_bcr"] > 0
    # A term of the contract itself is as good as any source, and where nothing is taken off nothing can be wrong.
    places = {grade: place for place, grade in enumerate(MAPPING_GRADES)} | {"": 0, "contract": 0}
    grades = pd.DataFrame({kind: graded[name].map(places) for kind, name in EVIDENCE.items()})
    grades.insert(0, "worst", grades.max(axis=1))
    strengths = {name: _strength(of_kind, graded["size"], graded[column]) for name, of_kind in grades.items()}
    return pd.DataFrame(
        {
            "scope_kind": kind,
            "scope": values[column].to_numpy(),
            "net_value_gbp": (values[value] - values[paid]).round(2).where(is_in).to_numpy(),
            **{
                "strength" if name == "worst" else f"{name}_strength": found.reindex(
                    values[column], fill_value=""
                ).to_numpy()
                for name, found in strengths.items()
            },
            "time_is_least": least.reindex(values[column], fill_value=False).to_numpy(bool),
        }
    )


def _strength(place: "pd.Series[int]", size: "pd.Series[float]", scope: "pd.Series[str]") -> "pd.Series[str]":
    """The best grade that at least half of the value of each scope reaches; empty where nothing is worth anything."""
    sums = size.groupby([scope, place]).sum().unstack(fill_value=0.0)
    sums = sums.reindex(columns=range(len(MAPPING_GRADES)), fill_value=0.0)
    total = sums.sum(axis=1)
    reached = sums.cumsum(axis=1).ge(MOST_OF_IT * total, axis=0)
    return reached.idxmax(axis=1).map(dict(enumerate(MAPPING_GRADES))).where(total > 0, "")


def payments_over_time(
    edition: Edition, payments_in_scope: DataFrame[PaymentsInScope], planned_payments: DataFrame[RawPlannedPayments]
) -> DataFrame[PaymentsOverTime]:
    """Return what each contract was paid, and what its first plan had planned, cumulated by day, in cash.

    Columns: ``contract_id, series, period_end, amount_gbp, cumulated_gbp``. Payments of the bases that the edition
    counts, as far as they have a last day. Plans that follow the first repeat what was paid by then, so only the first
    says what had been expected.
    """
    paid = payments_in_scope[payments_in_scope["basis"].isin(counted_bases(edition.payment_bases))]
    paid = paid[(paid["share_counted"] > 0) & paid["period_end"].notna()]
    first = planned_payments.groupby("contract_id")["plan_id"].transform("min")
    planned = planned_payments[planned_payments["plan_id"] == first]
    parts = [
        paid.assign(series="paid", amount_gbp=paid["amount_counted_gbp"].astype(float)),
        planned.assign(series="first plan", amount_gbp=planned["amount_gbp"].astype(float)),
    ]
    keys = ["contract_id", "series", "period_end"]
    rows = pd.concat([part[[*keys, "amount_gbp"]] for part in parts], ignore_index=True)
    days = rows.groupby(keys, as_index=False)["amount_gbp"].sum()
    days["cumulated_gbp"] = days.groupby(keys[:2])["amount_gbp"].cumsum().round(2)
    return days.round({"amount_gbp": 2})


def value_by_time(
    edition: Edition,
    outcomes_in_scope: DataFrame[OutcomesInScope],
    payments_in_scope: DataFrame[PaymentsInScope],
    unit_values: DataFrame[UnitValues],
    contract_value: DataFrame[ContractValue],
    policy_area_value: DataFrame[PolicyAreaValue],
    **inputs: pd.DataFrame,
) -> DataFrame[ValueByTime]:
    """Return payments, value and ratios of each area and contract in the ratio under each time convention.

    All other choices are the edition's. The edition's own convention comes as its tables have it, the others are valued
    anew.
    """
    # What counts and what a unit is worth is the same for however long a result counts.
    alike = {
        "outcomes_in_scope": outcomes_in_scope,
        "payments_in_scope": payments_in_scope,
        "unit_values": unit_values,
    }
    own = {"contract_value": contract_value, "policy_area_value": policy_area_value}
    parts = []
    for name in CONVENTIONS:
        is_own = name == edition.time_convention
        tables = own if is_own else valued_tables(inputs, replace(edition, time_convention=name), alike)
        parts.append(_of_scopes(tables).assign(time_convention=name, is_edition=is_own))
    return pd.concat(parts, ignore_index=True)


def _of_scopes(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = []
    for kind, column, paid, value in (AREA, CONTRACT):
        table = tables[f"{kind}_value"]
        is_in = table["contracts_in_bcr"] > 0 if kind == "policy_area" else table["is_in_bcr"]
        names = {column: "scope", paid: "outcome_payments_real_gbp", value: "public_value_gbp"}
        found.append(table.loc[is_in, [*names, "bcr", "fiscal_bcr"]].rename(columns=names).assign(scope_kind=kind))
    return pd.concat(found, ignore_index=True)
