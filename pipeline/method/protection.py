"""The facts as an edition may use them: of contracts with participant-level claims only protected counts.

Belongs here: the boundary that every count of claims crosses before it is valued, shown or published. Which counts are
withheld is decided in ``pipeline.claims.disclosure``. As no exact count comes further, no published pound can be
turned back into a count that was not published.
"""

from dataclasses import replace

import pandas as pd

from pipeline.claims.disclosure import KEY, METRIC, DisclosurePolicy, protected_counts
from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.tables.dates import financial_year

YEAR = ["contract_id", "financial_year"]


def policy_of(edition: Edition) -> DisclosurePolicy:
    """Return how an edition protects the people behind counts of claims."""
    return DisclosurePolicy(edition.disclosure_threshold, edition.disclosure_rounding)


def protected_facts(facts: RawFacts, edition: Edition) -> RawFacts:
    """Return the facts with the protected totals of contracts with claims in place of the exact ones.

    Facts that were protected before come out the same. Raises ``ValueError`` as ``protected_outcomes`` does.
    """
    return replace(facts, outcomes=protected_outcomes(facts.outcomes, facts.claim_counts, policy_of(edition)))


def protected_outcomes(outcomes: pd.DataFrame, claim_counts: pd.DataFrame, policy: DisclosurePolicy) -> pd.DataFrame:
    """Return the results, row for row; those of contracts with claims with the protected total up to their year.

    ``claim_counts``: ``ClaimCounts``; a contract without any keeps its results. A total that is withheld is missing,
    that of a metric never claimed is 0. Raises ``ValueError`` for a result of a contract with claims that no claim
    explains: it is not handed on as it is.
    """
    is_claimed = outcomes["contract_id"].isin(claim_counts["contract_id"])
    if not is_claimed.any():
        return outcomes
    results = outcomes.loc[is_claimed, [*METRIC, "period_end", "quantity"]]
    results["financial_year"] = [financial_year(day) for day in results["period_end"]]
    counts = protected_counts(claim_counts, policy)[[*KEY, "total"]]
    results = results.merge(counts, on=KEY, how="left", validate="many_to_one", indicator="found")
    is_found = results["found"] == "both"
    unexplained = results[~is_found & (results["quantity"] != 0)]
    if len(unexplained):
        raise ValueError(f"results without claims: {', '.join(unexplained['contract_id'].unique())}")
    quantity = outcomes["quantity"].copy()
    quantity[is_claimed] = results["total"].where(is_found, 0.0).to_numpy()
    return outcomes.assign(quantity=quantity)


def protected_claims(facts: RawFacts, edition: Edition) -> pd.DataFrame:
    """Return the protected counts of the years up to the cut-off; columns of ``protected_counts``.

    What is withheld is decided over all years, so that editions with other cut-offs do not give it away.
    """
    counts = protected_counts(facts.claim_counts, policy_of(edition))
    return counts.merge(_years_in_scope(facts, edition), on=YEAR, validate="many_to_one")


def protected_gaps(facts: RawFacts, edition: Edition) -> pd.DataFrame:
    """Return how many people reached a milestone up to the cut-off without the one before it on its ladder.

    One row for each metric of which there are any: ``contract_id, metric_id, people``, rounded; missing if withheld,
    because they, or those with the one before it, are too few.
    """
    claims = facts.claim_counts.merge(_years_in_scope(facts, edition), on=YEAR, validate="many_to_one")
    people = claims.astype({"people": float}).groupby(METRIC)[["people", "quantity_after_gap"]].sum()
    people = people[people["quantity_after_gap"] > 0]
    after, others = (
        _protected_people(numbers, policy_of(edition))
        for numbers in (people["quantity_after_gap"], people["people"] - people["quantity_after_gap"])
    )
    return after.where(others.notna()).rename("people").reset_index()


def _years_in_scope(facts: RawFacts, edition: Edition) -> pd.DataFrame:
    """The years of contracts with claims whose results had ended by the cut-off: ``YEAR``."""
    results = facts.outcomes[facts.outcomes["contract_id"].isin(facts.claim_counts["contract_id"])]
    if edition.cut_off is not None:
        results = results[results["period_end"] <= pd.Timestamp(edition.cut_off)]
    ends = results[["contract_id", "period_end"]].drop_duplicates()
    years = pd.Series([financial_year(day) for day in ends["period_end"]], ends.index, "str")
    return ends[["contract_id"]].assign(financial_year=years)


def _protected_people(numbers: "pd.Series[float]", policy: DisclosurePolicy) -> "pd.Series[float]":
    """Numbers of people by contract and metric, each protected as if it had been claimed in one year."""
    in_a_year = numbers.rename("quantity").reset_index().assign(financial_year="2000-01", unit="person")
    shown = protected_counts(in_a_year.assign(people=in_a_year["quantity"]), policy)
    return shown.set_index(METRIC)["total"].reindex(numbers.index)
