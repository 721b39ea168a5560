"""Every published figure beside ours, with the reason for any difference.

Belongs here: which of our figures answers which published one, and how the two are judged. What was published is
data (``reference/published_figures.csv``). No figure of ours is ever changed here.
"""

from collections.abc import Callable

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.sums import summed
from pipeline.method.valuation import Valuation
from pipeline.tables.vocabulary import POLICY_AREAS

JOB_OUTCOMES = (
    "employment_any_hours",
    "supported_employment_any_hours",
    "employment_full_time",
    "employment_part_time",
)
OUR_SUMS: dict[str, Callable[["pd.Series[float]"], float]] = {
    "contracts": lambda row: row["contracts_valued"],
    "outcome_payments_gbp": lambda row: row["outcome_payments_gbp"],
    "public_value_gbp": lambda row: row["public_value_gbp"],
    "saving_gbp": lambda row: row["public_value_gbp"],
    "fiscal_value_gbp": lambda row: row["fiscal_gbp"],
    "non_fiscal_value_gbp": lambda row: row["public_value_gbp"] - (row["fiscal_gbp"] - row["transfers_gbp"]),
    "bcr": lambda row: row["bcr"],
    "fiscal_bcr": lambda row: row["fiscal_bcr"],
}
MEASURES_OF_VALUE = ("public_value_gbp", "saving_gbp", "fiscal_value_gbp", "non_fiscal_value_gbp")
RATIOS = ("bcr", "fiscal_bcr")


def reconciliation(contracts: pd.DataFrame, valuation: Valuation, published: pd.DataFrame) -> pd.DataFrame:
    """Return one row per published figure with ours, the difference, a status and the reason.

    ``published``: table ``published_figures``. Columns: ``figure_id, published_edition, scope, measure, published,
    value_qualifier, unit, ours, difference, is_like_for_like, status, reason, source_id``. A figure of another study
    than the one the edition reproduces is set beside ours too, and marked as not like for like.
    """
    rows = []
    for figure in published.to_dict("records"):
        in_scope = _contracts_in_scope(contracts, str(figure["scope"]))
        ours = None if in_scope is None else _our_figure(contracts, valuation, str(figure["measure"]), in_scope)
        alike = figure["published_edition"] in (valuation.edition.published_edition, "context")
        status, reason = _judge(figure, ours, alike, valuation, in_scope)
        rows.append(
            {
                "figure_id": figure["figure_id"],
                "published_edition": figure["published_edition"],
                "scope": figure["scope"],
                "measure": figure["measure"],
                "published": figure["value"],
                "value_qualifier": figure["value_qualifier"],
                "unit": figure["unit"],
                "ours": float("nan") if ours is None else round(ours, 4),
                "difference": float("nan") if ours is None else round(ours - float(figure["value"]), 4),
                "is_like_for_like": alike,
                "status": status,
                "reason": reason,
                "source_id": figure["source_id"],
            }
        )
    return pd.DataFrame(rows)


def _contracts_in_scope(contracts: pd.DataFrame, scope: str) -> "pd.Series[str] | None":
    """Contracts of a scope: the market, policy areas or contract ids joined by ``+``; None for anything else."""
    if scope == "market":
        return contracts["contract_id"]
    parts = scope.split("+")
    if set(parts) <= set(POLICY_AREAS):
        return contracts.loc[contracts["policy_area"].isin(parts), "contract_id"]
    if set(parts) <= set(contracts["contract_id"]):
        return contracts.loc[contracts["contract_id"].isin(parts), "contract_id"]
    return None


def _our_figure(
    contracts: pd.DataFrame, valuation: Valuation, measure: str, in_scope: "pd.Series[str]"
) -> float | None:
    """Our figure for a measure over the contracts in scope, or None where we have none."""
    if measure == "contracts_launched":
        return float(_launched(contracts[contracts["contract_id"].isin(in_scope)], valuation.edition).sum())
    if measure == "people":
        people = contracts.loc[contracts["contract_id"].isin(in_scope), "people_engaged"]
        return float(people.sum()) if people.notna().any() else None
    if measure == "people_into_work":
        mapped = valuation.mapped
        starts = (
            mapped["outcome_id"].isin(JOB_OUTCOMES) & (mapped["milestone"] == 0) & mapped["contract_id"].isin(in_scope)
        )
        return float(mapped.loc[starts, "quantity_counted"].sum()) if starts.any() else None
    if measure not in OUR_SUMS:
        return None
    values = valuation.contract_value
    totals = summed(values[values["contract_id"].isin(in_scope)])
    figure = float(OUR_SUMS[measure](totals.iloc[0]))
    return None if pd.isna(figure) else figure


def _launched(contracts: pd.DataFrame, edition: Edition) -> "pd.Series[bool]":
    """Tell which contracts had begun by the cut-off; one without a start counts."""
    if edition.cut_off is None:
        return pd.Series(True, index=contracts.index)
    return ~(contracts["service_start"] > pd.Timestamp(edition.cut_off))


def _judge(
    figure: dict[str, object], ours: float | None, alike: bool, valuation: Valuation, in_scope: "pd.Series[str] | None"
) -> tuple[str, str]:
    """Status and reason of one published figure."""
    if ours is None or in_scope is None:
        return "not reproducible", "no public data from which to work it out, or outside the outcomes of contracts"
    published, qualifier = float(str(figure["value"])), str(figure["value_qualifier"])
    if not alike:
        return "partly", "a figure of another study than this edition reproduces; shown for comparison only"
    if figure["measure"] == "people" and valuation.edition.cut_off is not None:
        return (
            "partly",
            "people engaged are published for some contracts only, and without dates: later ones are in ours",
        )
    tolerance = float(str(figure["tolerance_share"]))
    if abs(ours - published) <= tolerance * abs(published):
        return "reproduced", f"within {tolerance:.0%} of the published figure"
    if qualifier.startswith("more than") and ours >= published:
        return "reproduced", "at least as much as the published floor"
    return "partly", _why_different(str(figure["measure"]), valuation, in_scope)


def _why_different(measure: str, valuation: Valuation, in_scope: "pd.Series[str]") -> str:
    """Say of what our figure consists, so that the difference can be understood."""
    values = valuation.contract_value
    total = summed(values[values["contract_id"].isin(in_scope)]).iloc[0]
    known = (
        f"of {int(total['contracts'])} contracts, public data give "
        f"payments for {int(total['contracts_with_payments'])}, outcomes with a unit cost for {int(total['contracts_valued'])}, both for {int(total['contracts_in_bcr'])}"
    )
    if measure in RATIOS:
        paid = total["outcome_payments_in_bcr_gbp"]
        return f"{known}; ours is the ratio of those, £{paid / 1e6:,.1f}m of payments in cash"
    if measure in MEASURES_OF_VALUE:
        return f"{known}; outcomes without a defensible unit cost count nothing"
    if measure == "people":
        return "people engaged are published for some contracts only"
    return known
