"""Checks of what is about to be published.

Belongs here: each check with its view, a pure function of the tables that its parameters name; ``published_…`` are
tables as readers will get them.
"""

import pandas as pd

from pipeline.checks.compare import METRIC, counts, long, none_of, people_behind, side_by_side
from pipeline.checks.suite import Check, Suite
from pipeline.checks.sums import SUMS_OF_CONTRACTS
from pipeline.facts.editions import Edition
from pipeline.tables.analysis import Reconciliation
from pipeline.tables.claims import ClaimCounts, ClaimOverlaps
from pipeline.tables.dates import financial_year
from pipeline.tables.publication import Claims, DoubleCounting, PublishedContracts, PublishedPayments, ReportedOutcomes
from pipeline.tables.raw import (
    Contracts,
    RawOrganisations,
    RawOutcomes,
    RawPayments,
    RawPlaces,
    RawPlannedPayments,
    RawPrices,
    RawService,
    RawTargets,
    RejectedRows,
)
from pipeline.tables.reference import PublishedFigures
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, PolicyAreaValue, ValuedOutcomes


def levels_published(
    published_headline: pd.DataFrame, published_policy_area_value: DataFrame[PolicyAreaValue]
) -> pd.DataFrame:
    """Each measure of the market: its figure in the headline beside the sum over the published policy areas."""
    headline = published_headline.set_index("figure")["value"]
    said = [measure for measure in SUMS_OF_CONTRACTS if measure in headline.index]
    areas = long(published_policy_area_value, [], said).groupby("measure").sum()
    return side_by_side(headline[said].rename_axis("measure"), areas)


def rows_published(
    published_contracts: DataFrame[PublishedContracts],
    published_reported_outcomes: DataFrame[ReportedOutcomes],
    published_payments: DataFrame[PublishedPayments],
    published_organisations: DataFrame[RawOrganisations],
    published_places: DataFrame[RawPlaces],
    published_prices: DataFrame[RawPrices],
    published_targets: DataFrame[RawTargets],
    published_planned_payments: DataFrame[RawPlannedPayments],
    published_service: DataFrame[RawService],
    published_rejected_rows: DataFrame[RejectedRows],
    contracts: DataFrame[Contracts],
    outcomes: DataFrame[RawOutcomes],
    payments: DataFrame[RawPayments],
    organisations: DataFrame[RawOrganisations],
    places: DataFrame[RawPlaces],
    prices: DataFrame[RawPrices],
    targets: DataFrame[RawTargets],
    planned_payments: DataFrame[RawPlannedPayments],
    service: DataFrame[RawService],
    rejected_rows: DataFrame[RejectedRows],
) -> pd.DataFrame:
    """Each contract and table: rows published beside rows read, whether the edition counts them or not."""
    # By the name under which they are published.
    both = {
        "contracts": (published_contracts, contracts),
        "payments": (published_payments, payments),
        "organisations": (published_organisations, organisations),
        "places": (published_places, places),
        "prices": (published_prices, prices),
        "targets": (published_targets, targets),
        "planned_payments": (published_planned_payments, planned_payments),
        "service": (published_service, service),
        "rejected_rows": (published_rejected_rows, rejected_rows),
        "reported_outcomes": (published_reported_outcomes, outcomes),
    }
    found, expected = (
        pd.concat({name: counts(tables[side], ["contract_id"]) for name, tables in both.items()}, names=["table"])
        for side in (0, 1)
    )
    return side_by_side(found, expected)


def claims_published(
    edition: Edition,
    published_claims: DataFrame[Claims],
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
) -> pd.DataFrame:
    """Each reported metric: its published years of claims, one for each report of a claimed one by the cut-off."""
    ended = outcomes["period_end"] <= pd.Timestamp(edition.cut_off or pd.Timestamp.max)
    expected = counts(outcomes[ended].merge(claim_counts[METRIC].drop_duplicates(), on=METRIC), METRIC)
    every = pd.MultiIndex.from_frame(outcomes[METRIC].drop_duplicates()).union(expected.index)
    found = counts(published_claims, METRIC)
    return side_by_side(found.reindex(every.union(found.index), fill_value=0.0), expected)


def small_counts_published(
    edition: Edition,
    published_claims: DataFrame[Claims],
    claim_counts: DataFrame[ClaimCounts],
    contracts: DataFrame[Contracts],
) -> pd.DataFrame:
    """Each contract: published counts and totals of claims of fewer people than may be shown, of which there are none.

    Of a unit other than people the most in any one year are counted, as nobody knows here who came again.
    """
    published = published_claims.reset_index(drop=True)
    of_year = claim_counts.set_index([*METRIC, "financial_year"])["people"].astype(float)
    behind = {
        "quantity": published[[*METRIC, "financial_year"]].join(of_year, on=[*METRIC, "financial_year"])["people"],
        "total_to_year_end": people_behind(published, claim_counts),
    }
    shown = [
        published.loc[published[column].notna() & (people > 0) & (people < edition.disclosure_threshold), "contract_id"]
        for column, people in behind.items()
    ]
    return none_of(pd.concat(shown), contracts["contract_id"])


def small_overlaps_published(
    edition: Edition,
    published_double_counting: DataFrame[DoubleCounting],
    claim_overlaps: DataFrame[ClaimOverlaps],
    outcomes: DataFrame[RawOutcomes],
    contracts: DataFrame[Contracts],
) -> pd.DataFrame:
    """Each contract: published numbers of people on two ladders who are too few, or leave too few on one of them."""
    overlaps = claim_overlaps.astype({"people": float})
    is_ended = outcomes["period_end"] <= pd.Timestamp(edition.cut_off or pd.Timestamp.max)
    reports = outcomes[is_ended & outcomes["contract_id"].isin(overlaps["contract_id"])]
    last = {c: financial_year(day) for c, day in reports.groupby("contract_id")["period_end"].max().items()}
    years = zip(overlaps["contract_id"], overlaps["financial_year"], strict=True)
    is_in_scope = pd.Series(
        [year <= last.get(contract_id, "") for contract_id, year in years], overlaps.index, dtype=bool
    )
    people = overlaps[is_in_scope].groupby([*METRIC, "other_metric_id"])["people"].sum().to_dict()

    def is_small(contract_id: str, one: str, other: str) -> bool:
        both = people.get((contract_id, one, other), 0.0)
        rest = (people.get((contract_id, metric, metric), 0.0) - both for metric in (one, other))
        return any(0 < number < edition.disclosure_threshold for number in (both, *rest))

    shown = published_double_counting.dropna(subset="people")
    pairs = shown[[*METRIC, "other_metric_id"]].itertuples(index=False, name=None)
    small = pd.Series([is_small(*pair) for pair in pairs], shown.index, dtype=bool)
    return none_of(shown.loc[small, "contract_id"], contracts["contract_id"])


def lines_published(
    published_contract_value: DataFrame[ContractValue], published_valued_outcomes: DataFrame[ValuedOutcomes]
) -> pd.DataFrame:
    """Each contract: public value as published beside the sum of its published lines."""
    lines = published_valued_outcomes
    found = published_contract_value.set_index("contract_id")["public_value_gbp"]
    return side_by_side(found, lines[~lines["is_transfer"]].groupby("contract_id")["net_gbp"].sum())


def figures_held_beside_ours(
    published_reconciliation: DataFrame[Reconciliation], published_figures: DataFrame[PublishedFigures]
) -> pd.DataFrame:
    """Each figure that others published: its rows in the reconciliation, one for each."""
    return side_by_side(*(counts(table, ["figure_id"]) for table in (published_reconciliation, published_figures)))


SUITE = Suite(
    name="publication",
    guards="What is published is all that was read and all that was valued, and agrees with itself.",
    asset="reconciliation",
    checks=(
        Check(
            name="levels_agree",
            guards="a headline that differs from the sum of the published areas",
            of="sums",
            keys=("measure",),
            view=levels_published,
        ),
        Check(
            name="every_row_read_is_published",
            guards="a reported row that vanishes between reading and publishing",
            of="contracts and tables",
            keys=("table", "contract_id"),
            view=rows_published,
            total_of="rows",
        ),
        Check(
            name="every_year_of_claims_is_published",
            guards="a count of claims that is neither shown nor marked as withheld",
            of="metrics",
            keys=("contract_id", "metric_id"),
            view=claims_published,
            total_of="rows",
        ),
        Check(
            name="no_small_count_is_published",
            guards="a count of claims of fewer people than may be shown, of a year or in total",
            of="contracts",
            keys=("contract_id",),
            view=small_counts_published,
        ),
        Check(
            name="no_small_overlap_is_published",
            guards="a number of people on two ladders that are too few, or that tells of the few on one of them only",
            of="contracts",
            keys=("contract_id",),
            view=small_overlaps_published,
        ),
        Check(
            name="published_lines_add_up",
            guards="a published contract whose lines add up to another sum",
            of="contracts",
            keys=("contract_id",),
            view=lines_published,
            total_of="GBP",
        ),
        Check(
            name="every_published_figure_beside_ours",
            guards="a published figure that the reconciliation leaves out",
            of="published figures",
            keys=("figure_id",),
            view=figures_held_beside_ours,
            total_of="rows",
        ),
    ),
)
