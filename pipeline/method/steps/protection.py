"""The facts as an edition may use them: only protected counts for contracts with participant-level claims.

Belongs here: the boundary that every count of claims crosses before it is valued, shown or published. Which counts are
withheld is decided in ``pipeline.claims.disclosure``. As no exact count comes further, no published pound can be
turned back into a count that was not published.
"""

import functools
import operator

import pandas as pd

from pipeline.claims.disclosure import KEY, METRIC, DisclosurePolicy, protected_counts
from pipeline.facts.editions import Edition
from pipeline.tables.claims import ClaimCounts, ClaimOverlaps
from pipeline.tables.dates import financial_years
from pipeline.tables.raw import RawOutcomes
from pipeline.tables.typed import DataFrame

YEAR = ["contract_id", "financial_year"]
PAIR = [*METRIC, "other_metric_id"]


def policy_of(edition: Edition) -> DisclosurePolicy:
    """Return how an edition protects the people behind counts of claims."""
    return DisclosurePolicy(edition.disclosure_threshold, edition.disclosure_rounding)


def protected_outcomes(
    outcomes: DataFrame[RawOutcomes], claim_counts: DataFrame[ClaimCounts], policy: DisclosurePolicy
) -> DataFrame[RawOutcomes]:
    """Return the results, row for row; those of contracts with claims with the protected total up to their year.

    A contract without any counts keeps its results. A total that is withheld is missing,
    that of a metric never claimed is 0. Raises ``ValueError`` for a result of a contract with claims that no claim
    explains: it is not handed on as it is. Results that were protected before come out the same.
    """
    is_claimed = outcomes["contract_id"].isin(claim_counts["contract_id"])
    if not is_claimed.any():
        return outcomes
    results = outcomes.loc[is_claimed, [*METRIC, "period_end", "quantity"]]
    results["financial_year"] = financial_years(results["period_end"])
    counts = protected_counts(claim_counts, policy)[[*KEY, "total"]]
    results = results.merge(counts, on=KEY, how="left", validate="many_to_one", indicator="found")
    is_found = results["found"] == "both"
    unexplained = results[~is_found & (results["quantity"] != 0)]
    if len(unexplained):
        raise ValueError(f"results without claims: {', '.join(unexplained['contract_id'].unique())}")
    quantity = outcomes["quantity"].copy()
    quantity[is_claimed] = results["total"].where(is_found, 0.0).to_numpy()
    return outcomes.assign(quantity=quantity)


def protected_claims(
    outcomes: DataFrame[RawOutcomes], claim_counts: DataFrame[ClaimCounts], edition: Edition
) -> pd.DataFrame:
    """Return the protected counts of the years up to the cut-off; columns of ``protected_counts``.

    What is withheld is decided over all years, so that editions with other cut-offs do not give it away.
    """
    in_scope = _years_in_scope(outcomes, claim_counts, edition)
    return _in_scope(protected_counts(claim_counts, policy_of(edition)), in_scope)


def protected_gaps(
    outcomes: DataFrame[RawOutcomes], claim_counts: DataFrame[ClaimCounts], edition: Edition
) -> pd.DataFrame:
    """Return how many people reached a milestone up to the cut-off without the one before it on its ladder.

    One row for each metric of which there are any: ``contract_id, metric_id, people``, rounded; missing if withheld,
    because they, or those with the one before it, are too few.
    """
    in_scope = _years_in_scope(outcomes, claim_counts, edition)
    claims = claim_counts.astype({"people": float})
    exact = _in_scope(claims, in_scope).groupby(METRIC)[["people", "quantity_after_gap"]].sum()
    exact = exact[exact["quantity_after_gap"] > 0]
    after = claims.assign(people=claims["quantity_after_gap"])
    shown = _protected_people(after, in_scope, edition).reindex(exact.index)
    return (
        shown.where(~_is_small(exact["people"] - exact["quantity_after_gap"], edition)).rename("people").reset_index()
    )


def protected_overlaps(
    outcomes: DataFrame[RawOutcomes],
    claim_counts: DataFrame[ClaimCounts],
    claim_overlaps: DataFrame[ClaimOverlaps],
    edition: Edition,
) -> pd.DataFrame:
    """Return how many people are on two ladders of a contract up to the cut-off, as far as it may be shown.

    One row for each two ladders of ``ClaimOverlaps`` that anybody is on by then: ``contract_id, metric_id,
    other_metric_id, people``, rounded, 0 where nobody is on both; missing if withheld, because those on both, or those
    on one of the two only, are too few.
    """
    in_scope = _years_in_scope(outcomes, claim_counts, edition)
    overlaps = claim_overlaps.astype({"people": float})
    pairs = _pairs_of_ladders(_in_scope(overlaps, in_scope).groupby(PAIR)["people"].sum())
    # Each pair is protected as a metric of its own.
    joint = overlaps.assign(metric_id=_joint_id(overlaps))
    shown = _protected_people(joint, in_scope, edition)
    keys = pd.MultiIndex.from_frame(pairs[["contract_id"]].assign(metric_id=_joint_id(pairs)))
    nobody_ever = ~keys.isin(pd.MultiIndex.from_frame(joint[METRIC]))
    people = pd.Series(shown.reindex(keys).mask(nobody_ever, 0.0).to_numpy(), pairs.index)
    of_one_only = (pairs[column] - pairs["people"] for column in ("people_of_one", "people_of_other"))
    is_told = ~functools.reduce(operator.or_, (_is_small(people, edition) for people in of_one_only))
    return pairs[PAIR].assign(people=people.where(is_told))


def _pairs_of_ladders(people: "pd.Series[float]") -> pd.DataFrame:
    """Each two ladders of a contract, from sums by ``PAIR``: ``people`` on both, ``people_of_one, people_of_other``."""
    exact = people.reset_index()
    alone = exact[exact["metric_id"] == exact["other_metric_id"]]
    one = alone[[*METRIC, "people"]].rename(columns={"people": "people_of_one"})
    other = alone[["contract_id", "other_metric_id", "people"]].rename(columns={"people": "people_of_other"})
    pairs = one.merge(other, on="contract_id")
    pairs = pairs[pairs["metric_id"] < pairs["other_metric_id"]].sort_values(PAIR)
    return pairs.merge(exact, on=PAIR, how="left", validate="one_to_one").fillna({"people": 0.0})


def _joint_id(pairs: pd.DataFrame) -> "pd.Series[str]":
    """What stands for the two metrics of each pair as if they were one; no id has a line feed in it."""
    return pairs["metric_id"] + "\n" + pairs["other_metric_id"]


def _in_scope(counts: pd.DataFrame, years: pd.DataFrame) -> pd.DataFrame:
    """The rows of counts by contract and financial year that lie before the cut-off; ``years``: ``_years_in_scope``."""
    return counts.merge(years, on=YEAR, validate="many_to_one")


def _is_small(people: "pd.Series[float]", edition: Edition) -> "pd.Series[bool]":
    """Whether numbers of people are too small to be shown; none is no secret."""
    return (people > 0) & (people < edition.disclosure_threshold)


def _years_in_scope(outcomes: pd.DataFrame, claim_counts: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """The years of contracts with claims whose results had ended by the cut-off: ``YEAR``."""
    results = outcomes[outcomes["contract_id"].isin(claim_counts["contract_id"])]
    if edition.cut_off is not None:
        results = results[results["period_end"] <= pd.Timestamp(edition.cut_off)]
    ends = results[["contract_id", "period_end"]].drop_duplicates()
    return ends[["contract_id"]].assign(financial_year=financial_years(ends["period_end"]))


def _protected_people(counts: pd.DataFrame, in_scope: pd.DataFrame, edition: Edition) -> "pd.Series[float]":
    """The protected total up to the cut-off of people by ``KEY``, by metric; decided as in ``protected_claims``."""
    as_counts = counts.assign(quantity=counts["people"], unit="person")
    shown = _in_scope(protected_counts(as_counts, policy_of(edition)), in_scope)
    return shown.drop_duplicates(METRIC, keep="last").set_index(METRIC)["total"]
