"""Every published figure beside ours, with the reason for any difference.

Belongs here: which of our figures answers which published one, and how the two are judged. What was published is
data (``reference/published_figures.csv``). No figure of ours is ever changed here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.sums import summed
from pipeline.method.valuation import Valuation
from pipeline.tables.vocabulary import POLICY_AREAS

JOB_OUTCOMES = (
    "employment_any_hours",
    "employment_full_time",
    "employment_part_time",
    "supported_employment_any_hours",
)
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
RATIOS = ("bcr", "fiscal_bcr")


# Beside which an edition is held that reproduces no study.
LATEST_STUDY = "2024"


def published_ratios(published: pd.DataFrame, edition: Edition) -> dict[str, float]:
    """Return the published ratios of the market beside which an edition is held, by measure; those that there are.

    ``published``: table ``published_figures``.
    """
    study = edition.published_edition or LATEST_STUDY
    figures = published[(published["published_edition"] == study) & (published["scope"] == "market")]
    first = figures[figures["measure"].isin(RATIOS)].drop_duplicates("measure")
    return dict(zip(first["measure"], first["value"].astype(float), strict=True))


@dataclass(frozen=True)
class _Scope:
    """What a published figure is about, in our data: contracts, their reported results, their sums."""

    contracts: pd.DataFrame
    mapped: pd.DataFrame
    sums: "pd.Series[float]"
    cut_off: pd.Timestamp | None


def reconciliation(contracts: pd.DataFrame, valuation: Valuation, published: pd.DataFrame) -> pd.DataFrame:
    """Return one row per published figure with ours, the difference, a status and the reason.

    ``published``: table ``published_figures``. Columns: ``figure_id, published_edition, scope, measure, published,
    value_qualifier, unit, ours, difference, is_like_for_like, status, reason, source_id``. A figure of another study
    than the one the edition reproduces is set beside ours too, and marked as not like for like.
    """
    scopes = _scopes(contracts, valuation, list(published["scope"].unique()))
    table = published.rename(columns={"value": "published"})
    ours = [
        _our_figure(scopes.get(scope), measure) for scope, measure in zip(table["scope"], table["measure"], strict=True)
    ]
    studies = (valuation.edition.published_edition, "context")
    table["ours"] = pd.Series(ours, index=table.index, dtype="float64").round(4)
    table["difference"] = (table["ours"] - table["published"]).round(4)
    table["is_like_for_like"] = table["published_edition"].isin(studies)
    judged = [_judge(row, scopes.get(row.scope)) for row in table.itertuples()]
    return table.assign(status=[status for status, _ in judged], reason=[reason for _, reason in judged])


def _scopes(contracts: pd.DataFrame, valuation: Valuation, names: Sequence[str]) -> dict[str, _Scope]:
    """What published figures are about, by scope; one of which we know nothing, or no contract, is left out."""
    found = {name: _contracts_of(contracts, name) for name in names}
    found = {name: chosen for name, chosen in found.items() if not chosen.empty}
    values, mapped, cut_off = valuation.contract_value, valuation.mapped, valuation.edition.cut_off
    ids = {name: chosen["contract_id"] for name, chosen in found.items()}
    # Summed in one go: a table of all scopes costs hardly more than a table of one.
    together = pd.concat([values[values["contract_id"].isin(of)].assign(scope=name) for name, of in ids.items()])
    sums = summed(together, "scope").set_index("scope")
    return {
        name: _Scope(
            contracts=chosen,
            mapped=mapped[mapped["contract_id"].isin(ids[name])],
            sums=sums.loc[name],
            cut_off=None if cut_off is None else pd.Timestamp(cut_off),
        )
        for name, chosen in found.items()
    }


def _contracts_of(contracts: pd.DataFrame, scope: str) -> pd.DataFrame:
    """Contracts of the market, of areas or of ids joined by ``+``; none for anything else."""
    parts = scope.split("+")
    if scope == "market":
        return contracts
    if set(parts) <= set(POLICY_AREAS):
        return contracts[contracts["policy_area"].isin(parts)]
    known = set(parts) <= set(contracts["contract_id"])
    return contracts[contracts["contract_id"].isin(parts if known else [])]


def _our_figure(scope: _Scope | None, measure: str) -> float:
    """Our figure for a measure, not a number where we have none."""
    if scope is None:
        return float("nan")
    if measure == "contracts_launched":
        # Begun by the cut-off; a contract without a start counts.
        later = scope.contracts["service_start"] > (scope.cut_off or pd.Timestamp.max)
        return float((~later).sum())
    if measure == "people":
        people = scope.contracts["people_engaged"]
        return float(people.sum()) if people.notna().any() else float("nan")
    if measure == "people_into_work":
        starts = scope.mapped["outcome_id"].isin(JOB_OUTCOMES) & (scope.mapped["milestone"] == 0)
        return float(scope.mapped.loc[starts, "quantity_counted"].sum()) if starts.any() else float("nan")
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
    return "partly", _why_different(row.measure, scope.sums)


def _why_different(measure: str, sums: "pd.Series[float]") -> str:
    """Say of what our figure consists, so that the difference can be understood."""
    if measure == "people":
        return "people engaged are published for some contracts only"
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
