"""Checks of the results that are counted.

Belongs here: each check with its view, a pure function of the tables that its parameters name.
"""

import pandas as pd

from pipeline.checks.compare import METRIC, counts, may_count, people_behind, side_by_side
from pipeline.checks.suite import Check, Suite
from pipeline.claims.disclosure import DisclosurePolicy, protected_counts
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import mapping_of_list
from pipeline.tables.claims import ClaimCounts
from pipeline.tables.dates import financial_years
from pipeline.tables.ladders import places
from pipeline.tables.parameters import OutcomeUnitCosts
from pipeline.tables.raw import RawOutcomes
from pipeline.tables.reference import MetricOutcomes
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import OutcomesInScope

RESULT = [*METRIC, "result_type", "period_start", "period_end", "source_id"]


def metrics_counted(
    edition: Edition, outcomes_in_scope: DataFrame[OutcomesInScope], outcomes: DataFrame[RawOutcomes]
) -> pd.DataFrame:
    """Each reported metric: how often it counts, and whether any of its reports can (1) or none (0)."""
    countable = outcomes.assign(n=may_count(outcomes, edition.cut_off).astype(float)).groupby(METRIC)["n"].max()
    return side_by_side(counts(outcomes_in_scope, METRIC), countable)


def quantities_counted(
    outcomes_in_scope: DataFrame[OutcomesInScope],
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
) -> pd.DataFrame:
    """Each counted result that is no count of claims: its quantity beside that of the row from which it comes."""
    is_claimed = outcomes_in_scope["contract_id"].isin(claim_counts["contract_id"])
    counted = outcomes_in_scope.loc[~is_claimed, [*RESULT, "quantity"]]
    first = outcomes.drop_duplicates(RESULT)[[*RESULT, "quantity"]].rename(columns={"quantity": "expected"})
    return counted.merge(first, on=RESULT, how="left").rename(columns={"quantity": "found"})


def counts_protected(
    edition: Edition, outcomes_in_scope: DataFrame[OutcomesInScope], claim_counts: DataFrame[ClaimCounts]
) -> pd.DataFrame:
    """Each counted result: shown as it is if it is no count of claims; else protected, or withheld if it must be.

    In words, since an exact count of claims is not to be seen here either. Beside what disclosure control decides
    stands what has to be withheld whatever it decides: a total of too few people.
    """
    counted = outcomes_in_scope[[*METRIC, "period_end", "quantity"]].reset_index(drop=True)
    years = financial_years(counted["period_end"])
    behind = people_behind(counted.assign(financial_year=years), claim_counts)
    policy = DisclosurePolicy(edition.disclosure_threshold, edition.disclosure_rounding)
    protected = protected_counts(claim_counts, policy)
    totals = {(c, m, year): n for c, m, year, n in protected[[*METRIC, "financial_year", "total"]].to_numpy()}
    keys = zip(*(column.to_list() for column in (counted["contract_id"], counted["metric_id"], years)), strict=True)
    total = pd.Series([totals.get(key, 0.0) for key in keys], dtype="float64")
    is_claimed = counted["contract_id"].isin(claim_counts["contract_id"])
    is_small = (behind > 0) & (behind < edition.disclosure_threshold)
    as_it_has_to_be = (counted["quantity"] == total).map({True: "as protected", False: "otherwise"})
    found = as_it_has_to_be.where(is_claimed, "as reported").mask(counted["quantity"].isna(), "withheld")
    expected = pd.Series("as reported", counted.index).mask(is_claimed, "as protected")
    return counted.assign(found=found, expected=expected.mask(is_small | total.isna(), "withheld"))


def treatments_applied(
    edition: Edition,
    outcomes_in_scope: DataFrame[OutcomesInScope],
    metric_outcomes: DataFrame[MetricOutcomes],
    outcome_unit_costs: DataFrame[OutcomeUnitCosts],
) -> pd.DataFrame:
    """Each counted result: outcome and treatment beside those of its row in ``metric_outcomes``, by the price list."""
    mapping = mapping_of_list(metric_outcomes, outcome_unit_costs, edition.value_set)
    found, expected = (
        table["outcome_id"] + " " + table["treatment"]
        for table in (
            each[[*METRIC, "outcome_id", "treatment"]].drop_duplicates(METRIC).set_index(METRIC)
            for each in (outcomes_in_scope, mapping)
        )
    )
    return pd.DataFrame({"found": found, "expected": expected.reindex(found.index).fillna("")}).reset_index()


def rungs_of_ladders(
    outcomes_in_scope: DataFrame[OutcomesInScope], claim_counts: DataFrame[ClaimCounts]
) -> pd.DataFrame:
    """Each rung above the first of its ladder: its count beside the most there can be, the count of the one below.

    Nothing is compared with a rung that is withheld, nor with one that counts by a total of an earlier year.
    """
    needed = ["outcome_id", "treatment", "milestone", "milestone_unit", "period_end", "quantity", "quantity_counted"]
    counted = outcomes_in_scope[[*METRIC, *needed]]
    is_claimed = counted["contract_id"].isin(claim_counts["contract_id"])
    last = counted.groupby("contract_id")["period_end"].transform("max")
    is_of_last_day = ~is_claimed | (counted["period_end"] == last)
    rungs = counted[(counted["treatment"] == "rung") & counted["quantity"].notna() & is_of_last_day]
    rungs = rungs.assign(place=places(rungs)).sort_values(["contract_id", "outcome_id", "place"], kind="stable")
    below = rungs.groupby(["contract_id", "outcome_id"])["quantity_counted"].shift()
    return rungs.assign(found=rungs["quantity_counted"], lowest=0.0, highest=below)[below.notna()]


SUITE = Suite(
    name="results counted",
    guards="Every reported result reaches the valuation once, as it was reported and as it was mapped, or lies after "
    "the cut-off.",
    asset="outcomes_in_scope",
    checks=(
        Check(
            name="every_metric_counted_once",
            guards="a join that multiplies or loses results",
            of="metrics",
            keys=("contract_id", "metric_id"),
            view=metrics_counted,
            total_of="rows",
        ),
        Check(
            name="quantities_as_reported",
            guards="a quantity that changes on its way",
            of="results other than counts of claims",
            keys=("contract_id", "metric_id"),
            view=quantities_counted,
        ),
        Check(
            name="counts_of_claims_protected",
            guards="a count of claims that is not protected, or of fewer people than may be shown",
            of="results",
            keys=("contract_id", "metric_id"),
            view=counts_protected,
        ),
        Check(
            name="treatments_as_mapped",
            guards="a result that counts as another outcome than the mapping says",
            of="results",
            keys=("contract_id", "metric_id"),
            view=treatments_applied,
        ),
        Check(
            name="ladders_fall",
            guards="more people at a later milestone than at an earlier one: kept as reported, and flagged",
            of="milestones after the first",
            keys=("contract_id", "metric_id", "outcome_id"),
            view=rungs_of_ladders,
            asks="within",
            severity="warning",
        ),
    ),
)
