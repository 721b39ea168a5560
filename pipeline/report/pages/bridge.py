"""The page ``bridge.html``: why the figures of an edition differ from what was published before.

Belongs here: choosing what of the table ``bridge`` the page shows. ``pipeline.method.analysis.bridge`` works out the
terms.
"""

from typing import Any

import pandas as pd

from pipeline.method.analysis.bridge.causes import CODE
from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.report.charts.bridge import bridge_chart, figure_id
from pipeline.report.charts.figure import Figure
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.rows import Row, names_of, with_none
from pipeline.report.text.bridge import cause_words

# Of the contracts, unit costs and rates that carry a cause, so many are named.
NAMED = 4
# Pounds of the contracts in the ratio, so that they divide to it.
VALUE, PAID = "public_value_in_bcr_gbp", "outcome_payments_in_bcr_real_gbp"


def is_due(made_from: Site) -> bool:
    """Tell whether an earlier publication is kept from which this edition can be followed."""
    return not made_from.tables["bridge"].empty


def publications(made_from: Site) -> list[Row]:
    """Return the earlier publications of which there is a bridge, as the register has them, the latest first."""
    told = set(made_from.tables["bridge"]["publication_id"])
    register = made_from.reference.earlier_publications
    register = register[register["publication_id"].isin(told)].sort_values(["published_on", "publication_id"])
    return with_none(register)[::-1]


def figures(made_from: Site) -> list[Figure]:
    """Return the charts of the page, not yet drawn."""
    terms, edition = made_from.tables["bridge"], made_from.edition.edition
    return [bridge_chart(terms, edition, row["publication_id"]) for row in publications(made_from)]


def render(made_from: Site) -> Files:
    """Return the page by its path; none where nothing earlier is kept."""
    if not is_due(made_from):
        return {}
    names = names_of(made_from.tables["contracts"], "contract_id")
    told = [
        row | _of_bridge(made_from.tables["bridge"], row["publication_id"], names) for row in publications(made_from)
    ]
    page = made_from.page("bridge.html", "bridge", publications=told, names=names)
    return {"bridge.html": page}


def _of_bridge(table: pd.DataFrame, publication_id: str, names: dict[str, str]) -> dict[str, Any]:
    terms = table[table["publication_id"] == publication_id]
    whole = terms[terms["detail"] == ""]
    market = {str(measure): with_none(rows) for measure, rows in whole[whole["scope"] == MARKET].groupby("measure")}
    ends = {measure: {"before": rows[0]["before"], "after": rows[-1]["after"]} for measure, rows in market.items()}
    left = next((row["term"] for row in market[VALUE] if row["cause"] == CODE), 0.0)
    return {
        "figure_id": figure_id(publication_id),
        "ends": ends,
        "left_to_the_program": left,
        "causes": [_cause(market, terms, row["cause"], names) for row in market["bcr"] if _moves(market, row["cause"])],
        "areas": _areas(whole),
    }


def _moves(market: dict[str, list[Row]], cause: str) -> bool:
    return any(row["term"] != 0 for rows in market.values() for row in rows if row["cause"] == cause)


def _cause(market: dict[str, list[Row]], terms: pd.DataFrame, cause: str, names: dict[str, str]) -> Row:
    """A cause with its terms by measure, and what carries it."""
    own = {measure: row for measure, rows in market.items() for row in rows if row["cause"] == cause}
    rows = terms[(terms["cause"] == cause) & (terms["measure"] == VALUE) & (terms["term"] != 0)]
    contracts = rows[(rows["scope_kind"] == "contract") & (rows["detail"] == "")]
    parts = rows[(rows["scope_kind"] == MARKET) & (rows["detail"] != "")]
    return {
        "name": cause_words(cause),
        **own,
        "contracts": _largest(contracts, "scope", names),
        "other_contracts": max(0, len(contracts) - NAMED),
        "parts": _largest(parts, "detail", {}),
        "other_parts": max(0, len(parts) - NAMED),
    }


def _largest(rows: pd.DataFrame, column: str, names: dict[str, str]) -> list[Row]:
    order = rows["term"].abs().sort_values(ascending=False, kind="stable").index
    return [
        {"id": row[column], "name": names.get(row[column], ""), "term": row["term"]}
        for row in with_none(rows.loc[order].head(NAMED))
    ]


def _areas(whole: pd.DataFrame) -> list[Row]:
    """Each policy area with its ratio before and after, and the cause that moves it most."""
    found = []
    areas = whole[(whole["scope_kind"] == "policy_area") & (whole["measure"] == "bcr")]
    for area, rows in areas.groupby("scope", sort=True):
        largest = rows.loc[rows["term"].abs().idxmax()]
        found.append(
            {
                "scope": area,
                "before": rows["after"].iloc[-1] - rows["term"].sum(),
                "after": rows["after"].iloc[-1],
                "cause": cause_words(str(largest["cause"])),
                "term": largest["term"],
            }
        )
    return found


PAGE = Page("bridge.html", "What has changed", render, figures, printed=("bridge.html",), is_due=is_due)
