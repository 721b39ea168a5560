"""Every published figure beside ours, with the reason for any difference.

Belongs here: which of our figures answers which published one, and how the two are judged. What was published is
data (``reference/published_figures.csv``). No figure of ours is ever changed here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.organisations import begun_by, by_role, investments, named
from pipeline.method.steps.sums import summed
from pipeline.tables.analysis import Reconciliation
from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.reference import CONTEXT, OutcomeTypes, PublishedFigures, studies
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, OutcomesInScope
from pipeline.tables.vocabulary import ORGANISATION_ROLES, POLICY_AREAS, RATIOS

OUR_SUMS: dict[str, Callable[["pd.Series[float]"], float]] = {
    "contracts": lambda row: row["contracts_valued"],
    "outcome_payments_gbp": lambda row: row["outcome_payments_gbp"],
    "public_value_gbp": lambda row: row["public_value_gbp"],
    "saving_gbp": lambda row: row["public_value_gbp"],
    "fiscal_value_gbp": lambda row: row["fiscal_gbp"],
    "non_fiscal_value_gbp": lambda row: row["economic_gbp"] + row["social_gbp"],
    "bcr": lambda row: row["bcr"],
    "fiscal_bcr": lambda row: row["fiscal_bcr"],
}
MEASURES_OF_VALUE = ("public_value_gbp", "saving_gbp", "fiscal_value_gbp", "non_fiscal_value_gbp")
# Measures that count organisations, with what these do in a contract.
ROLES = {f"{role}s": role for role in ORGANISATION_ROLES}


def study_beside(edition: Edition, figures: pd.DataFrame) -> str:
    """Return the study beside which an edition is held: the one that it reproduces, else the latest.

    ``figures``: those published, with their ``published_edition``. Empty where there is no study.
    """
    return edition.published_edition or next(reversed(studies(figures)), "")


def published_ratios(published: DataFrame[PublishedFigures], edition: Edition) -> dict[str, float]:
    """Return the published ratios of the market beside which an edition is held, by measure; those that there are."""
    study = study_beside(edition, published)
    figures = published[(published["published_edition"] == study) & (published["scope"] == "market")]
    first = figures[figures["measure"].isin(RATIOS)].drop_duplicates("measure")
    return dict(zip(first["measure"], first["value"].astype(float), strict=True))


@dataclass(frozen=True)
class _Scope:
    """What a published figure is about, in our data: contracts, who takes part in them, their jobs, their sums.

    ``begun``: how many of the contracts have; ``roles``: how many organisations have each role in these; ``invested``:
    their ``investments``.
    """

    contracts: DataFrame[Contracts]
    begun: int
    roles: Mapping[str, int]
    invested: pd.DataFrame
    jobs: DataFrame[OutcomesInScope]
    sums: "pd.Series[float]"
    cut_off: date | None


def reconciliation(
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    outcomes_in_scope: DataFrame[OutcomesInScope],
    outcome_types: DataFrame[OutcomeTypes],
    contract_value: DataFrame[ContractValue],
    published_figures: DataFrame[PublishedFigures],
) -> DataFrame[Reconciliation]:
    """Return one row per published figure with ours, the difference, a status and the reason.

    Columns: ``figure_id, published_edition, scope, measure, published, value_qualifier, unit, ours, difference,
    is_like_for_like, status, reason, source_id``. A figure of another study than the one the edition reproduces is set
    beside ours too, and marked as not like for like.
    """
    described = contracts[["contract_id", "policy_area", "service_start", "people_engaged"]]
    found = {name: _contracts_of(described, name) for name in published_figures["scope"].unique()}
    known = {name: chosen for name, chosen in found.items() if not chosen.empty}
    jobs = outcome_types.loc[outcome_types["is_job"], "outcome_id"]
    needed = ["contract_id", "milestone", "quantity", "quantity_counted"]
    of_jobs = outcomes_in_scope.loc[outcomes_in_scope["outcome_id"].isin(jobs), needed]
    scopes = _scopes(known, organisations, of_jobs, contract_value, edition.cut_off)
    table = published_figures.rename(columns={"value": "published"})
    ours = [
        _our_figure(scopes.get(scope), measure) for scope, measure in zip(table["scope"], table["measure"], strict=True)
    ]
    like_for_like = (edition.published_edition, CONTEXT)
    table["ours"] = pd.Series(ours, index=table.index, dtype="float64").round(4)
    table["difference"] = (table["ours"] - table["published"]).round(4)
    table["is_like_for_like"] = table["published_edition"].isin(like_for_like)
    judged = [_judge(row, scopes.get(row.scope)) for row in table.itertuples()]
    return table.assign(status=[status for status, _ in judged], reason=[reason for _, reason in judged])


def _scopes(
    found: Mapping[str, DataFrame[Contracts]],
    organisations: DataFrame[RawOrganisations],
    jobs: DataFrame[OutcomesInScope],
    values: DataFrame[ContractValue],
    cut_off: date | None,
) -> dict[str, _Scope]:
    """What published figures are about, by scope; ``found``: the contracts of each scope that has any."""
    ids = {name: chosen["contract_id"] for name, chosen in found.items()}
    # Summed in one go: a table of all scopes costs hardly more than a table of one.
    rows = [np.flatnonzero(values["contract_id"].isin(of)) for of in ids.values()]
    together = values.iloc[np.concatenate(rows)].assign(scope=np.repeat(list(ids), [len(of) for of in rows]))
    sums = summed(together, "scope").set_index("scope")
    names, invested = named(organisations), investments(organisations)
    scopes = {}
    for name, chosen in found.items():
        begun = begun_by(chosen, cut_off)["contract_id"]
        scopes[name] = _Scope(
            contracts=chosen,
            begun=len(begun),
            roles=by_role(names[names["contract_id"].isin(begun)]),
            invested=invested[invested.index.isin(begun)],
            jobs=jobs[jobs["contract_id"].isin(ids[name])],
            sums=sums.loc[name],
            cut_off=cut_off,
        )
    return scopes


def _contracts_of(contracts: DataFrame[Contracts], scope: str) -> DataFrame[Contracts]:
    """Contracts of the market, of areas or of ids joined by ``+``; none for anything else."""
    parts = scope.split("+")
    if scope == "market":
        return contracts
    if set(parts) <= set(POLICY_AREAS):
        return contracts[contracts["policy_area"].isin(parts)]
    known = set(parts) <= set(contracts["contract_id"])
    return contracts[contracts["contract_id"].isin(parts if known else [])]


def _people(scope: _Scope) -> float:
    return float(scope.contracts["people_engaged"].astype(float).sum(min_count=1))


def _people_into_work(scope: _Scope) -> float:
    known = (scope.jobs["milestone"] == 0) & scope.jobs["quantity"].notna()
    return float(scope.jobs.loc[known, "quantity_counted"].sum()) if known.any() else float("nan")


def _social_investment(scope: _Scope) -> float:
    return float(scope.invested["social_investment_gbp"].sum(min_count=1))


def _count_of(role: str) -> Callable[[_Scope], float]:
    return lambda scope: float(scope.roles.get(role, 0))


# Measures that are no sums over contracts.
OUR_COUNTS: dict[str, Callable[[_Scope], float]] = {
    "contracts_launched": lambda scope: float(scope.begun),
    "people": _people,
    "people_into_work": _people_into_work,
    "social_investment_gbp": _social_investment,
    **{measure: _count_of(role) for measure, role in ROLES.items()},
}


def _our_figure(scope: _Scope | None, measure: str) -> float:
    """Our figure for a measure, not a number where we have none."""
    if scope is None:
        return float("nan")
    if measure in OUR_COUNTS:
        return OUR_COUNTS[measure](scope)
    return float(OUR_SUMS[measure](scope.sums)) if measure in OUR_SUMS else float("nan")


def _judge(row: Any, scope: _Scope | None) -> tuple[str, str]:
    """Status and reason of one published figure."""
    if scope is None or pd.isna(row.ours):
        return "not reproducible", "no public data from which to work it out, or outside the outcomes of contracts"
    if not row.is_like_for_like:
        return "partly", "a figure of another study than this edition reproduces; shown for comparison only"
    if row.measure == "people" and scope.cut_off is not None:
        return "partly", "people engaged are published for some contracts only, without dates: later ones are in ours"
    if abs(row.difference) <= row.tolerance_share * abs(row.published):
        return "reproduced", f"within {row.tolerance_share:.0%} of the published figure"
    if row.value_qualifier.startswith("more than") and row.ours >= row.published:
        return "reproduced", "at least as much as the published floor"
    return "partly", _why_different(row.measure, scope)


def _why_different(measure: str, scope: _Scope) -> str:
    """Say of what our figure consists, so that the difference can be understood."""
    sums = scope.sums
    if measure == "people":
        return "people engaged are published for some contracts only"
    begun = scope.begun
    if measure in ROLES:
        return (
            f"named in public as {measure} of the {begun} contracts begun by the cut-off; members of a consortium or "
            "of a group of councils are not all named, and one body may stand under two ids"
        )
    if measure == "social_investment_gbp":
        ranges = int(scope.invested["is_low_end"].sum())
        return (
            f"public for {len(scope.invested)} of {begun} contracts begun by the cut-off, for {ranges} of them as a "
            "range, of which the low end counts; in cash"
        )
    known = (
        f"of {int(sums['contracts'])} contracts, public data give payments for {int(sums['contracts_with_payments'])}, "
        f"outcomes with a unit cost for {int(sums['contracts_valued'])}, both for {int(sums['contracts_in_bcr'])}"
    )
    if measure in RATIOS:
        paid = sums["outcome_payments_in_bcr_gbp"]
        return f"{known}; ours is the ratio of those, £{paid / 1e6:,.1f}m of payments in cash"
    if measure in MEASURES_OF_VALUE:
        return f"{known}; outcomes without a defensible unit cost count nothing"
    return known
