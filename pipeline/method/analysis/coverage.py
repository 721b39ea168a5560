"""How much of the market is known, mapped and valued, and what looks unusual in it.

Belongs here: counts and shares against the published totals, what is not valued and why, and flags on reported
results. Nothing here changes a value.
"""

from itertools import groupby
from operator import itemgetter

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.steps.ladders import rises
from pipeline.method.steps.protection import protected_gaps
from pipeline.tables.analysis import Coverage, Flags, NotValued
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.raw import Contracts, RawOutcomes
from pipeline.tables.reference import OutcomeTypes, PublishedFigures
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import MarketValue, OutcomesInScope, PaymentsInScope
from pipeline.tables.vocabulary import MOVED, PAYMENT_BASES, RETURNED, TREATMENTS

# From this share of its maximum on a contract is called paid up; odd, when it goes on for longer than this.
PAID_UP_SHARE, GOES_ON_FOR = 0.99, pd.Timedelta(days=366)


def coverage(
    edition: Edition,
    contracts: DataFrame[Contracts],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    payments_in_scope: DataFrame[PaymentsInScope],
    market_value: DataFrame[MarketValue],
    published_figures: DataFrame[PublishedFigures],
) -> DataFrame[Coverage]:
    """Return one row per measure of coverage: ``measure, ours, published, share``.

    The totals of the study that the edition reproduces are set beside ours.
    """
    market, published = market_value.iloc[0], published_figures
    with_outcomes = outcomes_in_scope["contract_id"].nunique()
    study = edition.published_edition
    people = float(contracts["people_engaged"].astype(float).sum(min_count=1))
    rows: list[tuple[str, float, float]] = [
        ("contracts", len(contracts), _published(published, study, "contracts")),
        ("contracts_with_reported_outcomes", with_outcomes, float("nan")),
        ("contracts_with_payments", market["contracts_with_payments"], float("nan")),
        ("contracts_valued", market["contracts_valued"], _published(published, study, "contracts")),
        ("contracts_in_bcr", market["contracts_in_bcr"], _published(published, study, "contracts")),
        ("people_engaged", people, _published(published, study, "people")),
        (
            "outcome_payments_gbp",
            market["outcome_payments_gbp"],
            _published(published, study, "outcome_payments_gbp"),
        ),
        (
            "outcome_payments_in_bcr_gbp",
            market["outcome_payments_in_bcr_gbp"],
            _published(published, study, "outcome_payments_gbp"),
        ),
    ]
    by_basis = payments_in_scope.groupby("basis")["amount_counted_gbp"].sum()
    # Of what went back only where some did: it is told beside what was paid, not as something that is missing.
    shown = [basis for basis in PAYMENT_BASES if basis != RETURNED or basis in by_basis]
    rows += [(f"payments_{basis}_gbp", round(by_basis.get(basis, float("nan")), 2), float("nan")) for basis in shown]
    treatments = outcomes_in_scope["treatment"].value_counts()
    rows.append(("metrics", len(outcomes_in_scope), float("nan")))
    rows += [(f"metrics_{treatment}", treatments.get(treatment, 0), float("nan")) for treatment in TREATMENTS]
    withheld = outcomes_in_scope[outcomes_in_scope["quantity"].isna()]
    rows.append(("metrics_withheld", len(withheld), float("nan")))
    rows.append(("contracts_with_metrics_withheld", withheld["contract_id"].nunique(), float("nan")))
    table = pd.DataFrame(rows, columns=["measure", "ours", "published"]).astype({"ours": float, "published": float})
    return table.assign(share=table["ours"] / table["published"])


def _published(published: DataFrame[PublishedFigures], study: str, measure: str) -> float:
    """First published figure of the market for a measure, or not a number."""
    found = published[
        (published["published_edition"] == study) & (published["scope"] == "market") & (published["measure"] == measure)
    ]
    return float(found["value"].iloc[0]) if len(found) else float("nan")


def not_valued(
    outcomes_in_scope: DataFrame[OutcomesInScope], outcome_types: DataFrame[OutcomeTypes]
) -> DataFrame[NotValued]:
    """Return the outcomes without a unit cost: ``outcome_id, name, metrics, contracts, quantity, reason``."""
    rows = outcomes_in_scope[outcomes_in_scope["treatment"] == "no_unit_cost"]
    # Of what is withheld nobody is told how much it is.
    rows = rows.assign(quantity_shown=rows["quantity_counted"].where(rows["quantity"].notna()))
    groups = rows.groupby("outcome_id").agg(
        metrics=("metric_id", "size"),
        contracts=("contract_id", "nunique"),
        quantity=("quantity_shown", lambda shown: shown.sum(min_count=1)),
        reason=("reason", "first"),
    )
    names = outcome_types.set_index("outcome_id")["name"]
    groups.insert(0, "name", names.reindex(groups.index))
    return groups.sort_values("metrics", ascending=False, kind="stable").reset_index()


def flags(
    edition: Edition,
    contracts: DataFrame[Contracts],
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    payments_in_scope: DataFrame[PaymentsInScope],
) -> DataFrame[Flags]:
    """Return what looks unusual and was kept as reported: ``contract_id, metric_id, flag, detail``.

    A count that rises along a ladder, more people than were engaged, milestones claimed without the one before, the
    same payment in two contracts of one fund, a contract paid up to its maximum long before its end.
    """
    rows = [
        *_rising_ladders(_of_one_day(outcomes_in_scope, claim_counts)),
        *_above_cohort(outcomes_in_scope, contracts),
    ]
    rows += _after_gaps(protected_gaps(outcomes, claim_counts, edition))
    rows += _same_payments(payments_in_scope, contracts)
    rows += _paid_up(payments_in_scope, contracts)
    return pd.DataFrame(rows, columns=["contract_id", "metric_id", "flag", "detail"])


def _of_one_day(mapped: DataFrame[OutcomesInScope], claim_counts: DataFrame[ClaimCounts]) -> DataFrame[OutcomesInScope]:
    """Results without those of contracts with claims that stand for a later one that is withheld."""
    last = mapped.groupby("contract_id")["period_end"].transform("max")
    is_earlier = mapped["contract_id"].isin(claim_counts["contract_id"]) & (mapped["period_end"] < last)
    return mapped[~is_earlier]


def _rising_ladders(mapped: DataFrame[OutcomesInScope]) -> list[tuple[str, str, str, str]]:
    found = []
    rungs = mapped[(mapped["treatment"] == "rung") & mapped["quantity"].notna()].sort_values(
        ["contract_id", "outcome_id", "milestone"]
    )
    columns = ("contract_id", "outcome_id", "metric_id", "quantity", "milestone", "milestone_unit")
    rows = zip(*(rungs[name].to_list() for name in columns), strict=True)
    for (contract_id, _), ladder in groupby(rows, key=itemgetter(0, 1)):
        _, _, metric_ids, counts, milestones, units = zip(*ladder, strict=True)
        if rises(counts):
            detail = ", ".join(f"{n:g} at {m:g} {u}s" for n, m, u in zip(counts, milestones, units, strict=True))
            found.append(
                (contract_id, "; ".join(metric_ids), "more people at a later milestone than at an earlier one", detail)
            )
    return found


def _above_cohort(
    mapped: DataFrame[OutcomesInScope], contracts: DataFrame[Contracts]
) -> list[tuple[str, str, str, str]]:
    people = mapped.loc[mapped["unit"] == "person", ["contract_id", "metric_id", "quantity"]]
    people = people.merge(contracts[["contract_id", "people_engaged"]], on="contract_id")
    above = people[(people["quantity"] > people["people_engaged"]).fillna(False)]
    return [
        (
            row.contract_id,
            row.metric_id,
            "more people reached it than were engaged",
            f"{row.quantity:g} reached, {row.people_engaged} engaged",
        )
        for row in above.itertuples()
    ]


def _after_gaps(gaps: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    return [
        (
            row.contract_id,
            row.metric_id,
            "claimed without the milestone before it",
            "a number that is withheld" if pd.isna(row.people) else f"{row.people:g} people",
        )
        for row in gaps.itertuples()
    ]


def _same_payments(
    payments: DataFrame[PaymentsInScope], contracts: DataFrame[Contracts]
) -> list[tuple[str, str, str, str]]:
    funds = contracts.set_index("contract_id")["outcomes_fund"]
    paid = payments[payments["basis"].isin(MOVED)]
    # Round sums recur by themselves in quarterly payments; totals of a whole contract do not.
    totals = paid.groupby("contract_id")["amount_gbp"].sum()
    totals = totals[totals > 0]
    table = pd.DataFrame({"fund": funds.reindex(totals.index), "total": totals}).reset_index()
    same = table[table.duplicated(["fund", "total"], keep=False)]
    return [
        (row.contract_id, "", "same payments as another contract of its fund", f"£{row.total:,.0f}")
        for row in same.itertuples()
    ]


def _paid_up(payments: DataFrame[PaymentsInScope], contracts: DataFrame[Contracts]) -> list[tuple[str, str, str, str]]:
    """Contracts with nearly all of their maximum payment paid, more than a year before the service ends."""
    paid = payments[payments["basis"].isin(["paid", "reported"])].groupby("contract_id")
    most = payments[payments["basis"] == "commitment"].groupby("contract_id")["amount_gbp"].sum()
    table = pd.DataFrame({"paid": paid["amount_counted_gbp"].sum(), "last": paid["period_end"].max(), "most": most})
    table = table.join(contracts.set_index("contract_id")["service_end"]).sort_index()
    is_paid_up = (table["most"] > 0) & (table["paid"] >= PAID_UP_SHARE * table["most"])
    odd = table[is_paid_up & (table["service_end"] - table["last"] > GOES_ON_FOR)]
    return [
        (
            str(row.Index),
            "",
            "nearly all of the maximum payment is paid, long before the service ends",
            f"£{row.paid:,.0f} paid by {row.last:%Y-%m-%d}, maximum £{row.most:,.0f}; "
            f"service until {row.service_end:%Y-%m-%d}",
        )
        for row in odd.itertuples()
    ]
