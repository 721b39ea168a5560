"""The page ``sources.html``: every source of the register, what cites it and what rests on it.

Belongs here: counting the rows that name a source, and putting sources in order for a reader. What is said stands in
the template beside it.
"""

from collections.abc import Mapping

import pandas as pd

from pipeline.facts.reference import Reference
from pipeline.method.analysis.resting import resting_on
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.resting_rows import NOTHING, heaviest_first, sums_of
from pipeline.report.rows import Row, as_rows


def render(made_from: Site) -> Files:
    """Return the page by its path."""
    lines = made_from.lines
    sources = _sources(made_from.tables, made_from.reference, lines)
    return {"sources.html": made_from.page("sources.html", "sources", **sums_of(lines), sources=sources)}


def _uses(tables: Mapping[str, pd.DataFrame], reference: Reference) -> dict[str, "pd.Series[str]"]:
    """The sources that each kind of row names, one for each row; a contract may name several."""
    prices = [reference.gdp_deflators["source_id"], reference.discount_rates["source_id"]]
    return {
        "unit cost": reference.unit_costs["source_id"],
        "unit-cost use": reference.outcome_unit_costs["source_id"],
        "unit-cost check": reference.unit_cost_checks["source_id"],
        "deadweight rate": reference.deadweight["source_id"],
        "hours weight": reference.hours_weights["source_id"],
        "wellbeing-scale step": reference.wellbeing_scales["source_id"],
        "optimism-bias correction": reference.optimism_bias["source_id"],
        "deflator or discount rate": pd.concat(prices),
        "mapping": reference.metric_outcomes["source_id"],
        "unit price": reference.paid_per_unit["source_id"],
        "total of several contracts": reference.shared_results["source_id"],
        "contract": tables["contracts"]["source_id"].str.split("; ").explode(),
        "result": tables["reported_outcomes"]["source_id"],
        "payment": tables["payments"]["source_id"],
        "organisation": tables["organisations"]["source_id"],
        "place": tables["places"]["source_id"],
        "agreed price": tables["prices"]["source_id"],
        "target": tables["targets"]["source_id"],
        "planned payment": tables["planned_payments"]["source_id"],
        "service fact": tables["service"]["source_id"],
        "published figure": reference.published_figures["source_id"],
        "reading step": reference.reconstruction["source_id"],
        "reading value": reference.reading_values["source_id"],
        "correction": reference.corrections["source_id"],
        "accepted value": reference.accepted["source_id"],
        "rejected value": tables["rejected_rows"]["source_id"],
    }


def _sources(tables: Mapping[str, pd.DataFrame], reference: Reference, lines: pd.DataFrame) -> list[Row]:
    """Every source of the register with what cites it and what rests on it; that on which most rests first."""
    counts = {use: ids.value_counts().to_dict() for use, ids in _uses(tables, reference).items()}
    through_costs = resting_on(lines, ["source_id"])
    through_rates = resting_on(lines[lines["layer"] != ""], ["deadweight_source_id"])
    rows = heaviest_first(
        row
        | through_costs.get((row["source_id"],), NOTHING)
        | {
            "rates_gbp": through_rates.get((row["source_id"],), NOTHING)["public_gbp"],
            "cited": {use: number for use, by_id in counts.items() if (number := by_id.get(row["source_id"], 0))},
        }
        for row in as_rows(reference.sources)
    )
    # Sorting keeps the order where it is equal: without pounds, by what cites them.
    return sorted(rows, key=lambda row: (-row["public_gbp"], -row["rates_gbp"], -sum(row["cited"].values())))


PAGE = Page("sources.html", "Sources", render, printed=("sources.html",))
