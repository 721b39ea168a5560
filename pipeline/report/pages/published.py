"""The page ``published.html``: every figure that others have published, and every claim, compared with ours.

Belongs here: putting the rows of ``reconciliation`` in order for a reader.
``pipeline.method.analysis.reconciliation`` judges two figures, ``pipeline.report.published_figures`` writes a row.
"""

from pipeline.method.analysis.reconciliation import study_beside
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.published_figures import counted_by_status, said_of_the_figures, shown
from pipeline.report.rows import Row, as_rows, by_scope
from pipeline.tables.reference import CLAIM, studies
from pipeline.tables.vocabulary import POLICY_AREAS, RECONCILIATION_STATUSES

# Of what a published figure may be, in the order in which they are shown.
MARKET, EDUCATION_AND_EMPLOYMENT = "the whole market", "education and employment together"
AREAS, CONTRACTS, OTHERS, CLAIMS = "policy areas", "contracts", "funds and programmes", "claims of others"
# Of a figure of more contracts or areas than these only the first is named.
MOST_NAMED = 4
GROUPS = (MARKET, EDUCATION_AND_EMPLOYMENT, AREAS, CONTRACTS, OTHERS, CLAIMS)


def render(made_from: Site) -> Files:
    """Return the page by its path."""
    table = made_from.tables["reconciliation"]
    told = made_from.reference.published_figures.set_index("figure_id")[["locator", "note"]].to_dict("index")
    contracts = set(made_from.tables["contracts"]["contract_id"])
    grouped: dict[str, list[Row]] = {group: [] for group in GROUPS}
    # Figures with which the edition can be compared come before those of other studies.
    for row in sorted(shown(table), key=lambda row: not row["is_like_for_like"]):
        grouped[_group(row, contracts)].append({**row, **told[row["figure_id"]]})
    page = made_from.page(
        "published.html",
        "published",
        groups={group: found for group, found in grouped.items() if found},
        statuses=RECONCILIATION_STATUSES,
        said_of_the_figures=said_of_the_figures(counted_by_status(table)),
        listed=len(table),
        not_compared=int((~table["is_like_for_like"]).sum()),
        study=study_beside(made_from.edition, table),
        studies=" and ".join(studies(table)),
        has_reading=not made_from.tables["reconstruction"].empty,
        ranges=by_scope(as_rows(made_from.tables["uncertainty"])),
        most_named=MOST_NAMED,
        contract_names=dict(made_from.tables["contracts"][["contract_id", "name"]].itertuples(index=False, name=None)),
    )
    return {"published.html": page}


def _group(row: Row, contracts: set[str]) -> str:
    scope = str(row["scope"])
    parts = set(scope.split("+"))
    if row["published_edition"] == CLAIM:
        return CLAIMS
    if scope == "market":
        return MARKET
    if parts == {"education", "employment_and_training"}:
        return EDUCATION_AND_EMPLOYMENT
    if parts <= set(POLICY_AREAS):
        return AREAS
    return CONTRACTS if parts & contracts else OTHERS


PAGE = Page("published.html", "Published figures", render, printed=("published.html",))
