"""The page ``published.html``: every figure that others have published beside ours.

Belongs here: putting the rows of ``reconciliation`` in order for a reader. How two figures are judged stands in
``pipeline.method.analysis.reconciliation``.
"""

from typing import Any

import pandas as pd

from pipeline.method.analysis.reconciliation import study_beside
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.rows import as_rows, by_scope
from pipeline.tables.reference import studies
from pipeline.tables.vocabulary import POLICY_AREAS, RECONCILIATION_STATUSES

# Of what a published figure may be, in the order in which they are shown.
MARKET, EDUCATION_AND_EMPLOYMENT = "the market", "education and employment together"
AREAS, CONTRACTS, OTHERS = "policy areas", "contracts", "funds and programmes"
GROUPS = (MARKET, EDUCATION_AND_EMPLOYMENT, AREAS, CONTRACTS, OTHERS)


def render(made_from: Site) -> Files:
    """Return the page by its path."""
    table = made_from.tables["reconciliation"]
    figures = made_from.reference.published_figures.set_index("figure_id")
    rows = [
        {
            **row,
            "locator": figures.loc[row["figure_id"], "locator"],
            "note": figures.loc[row["figure_id"], "note"],
        }
        for row in as_rows(table)
    ]
    contracts = set(made_from.tables["contracts"]["contract_id"])
    grouped: dict[str, list[dict[str, Any]]] = {group: [] for group in GROUPS}
    for row in rows:
        grouped[_group(str(row["scope"]), contracts)].append(row)
    page = made_from.page(
        "published.html",
        "published",
        groups={group: found for group, found in grouped.items() if found},
        statuses=RECONCILIATION_STATUSES,
        counts=_counts(table),
        study=study_beside(made_from.edition, table),
        studies=" and ".join(studies(table)),
        has_reading=not made_from.tables["reconstruction"].empty,
        ranges=by_scope(as_rows(made_from.tables["uncertainty"])),
    )
    return {"published.html": page}


def _group(scope: str, contracts: set[str]) -> str:
    parts = set(scope.split("+"))
    if scope == "market":
        return MARKET
    if parts == {"education", "employment_and_training"}:
        return EDUCATION_AND_EMPLOYMENT
    if parts <= set(POLICY_AREAS):
        return AREAS
    return CONTRACTS if parts & contracts else OTHERS


def _counts(table: pd.DataFrame) -> dict[str, int]:
    """How many of the figures that the edition is to reproduce came out how."""
    like = table.loc[table["is_like_for_like"], "status"]
    return {status: int((like == status).sum()) for status in RECONCILIATION_STATUSES}


PAGE = Page("published.html", "Published figures", render, printed=("published.html",))
