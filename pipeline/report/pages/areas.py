"""The pages of policy areas, ``areas/``: their ratio, what it covers, and their contracts.

Belongs here: choosing what of the gathered rows such a page shows. The list of areas stands on ``contracts.html``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.pages.frame import Files, Site
from pipeline.report.pages.gathered import MEANINGS, Gathered
from pipeline.report.rows import Row


def area_figures(made_from: Site) -> list[Figure]:
    """Return the ratios of the contracts of each policy area that has more than one of them, not yet drawn."""
    values, uncertainty = made_from.tables["contract_value"], made_from.tables["uncertainty"]
    return [
        replace(ratios_of_contracts(rows, uncertainty), id=_figure_id(area))
        for area, rows in values[values["is_in_bcr"]].groupby("policy_area")
        if len(rows) > 1
    ]


def _figure_id(policy_area: str) -> str:
    return f"contracts-{policy_area}"


def area_pages(made_from: Site, gathered: Gathered) -> Files:
    """Return the pages of policy areas by their path.

    Raises ``UnsafePathError`` when the name of an area cannot be the name of a file.
    """
    return {area["path"]: _area_page(made_from, gathered, area) for area in gathered.areas}


def _area_page(made_from: Site, gathered: Gathered, area: Row) -> str:
    name = area["policy_area"]
    contracts = [contract for contract in gathered.contracts if contract["policy_area"] == name]
    return made_from.page(
        area["path"],
        "area",
        area=area,
        figure=made_from.figures.get(_figure_id(name)),
        contracts=contracts,
        gaps=_outcomes_without_value(gathered, contracts),
        ratios=gathered.ratios,
        own=gathered.ratios.get(name, {}),
        switching=gathered.switching.get(name, {}),
        bounds=gathered.bounds.get(name, {}),
        meanings=MEANINGS,
    )


def _outcomes_without_value(gathered: Gathered, contracts: Iterable[Row]) -> list[Row]:
    """Outcomes without a unit cost that these contracts report, those of most contracts first."""
    reporting = defaultdict(list)
    for contract in contracts:
        for row in gathered.of["reported_outcomes"].get(contract["contract_id"], []):
            if row["treatment"] == "no_unit_cost":
                reporting[row["outcome_id"]].append(row)
    found = [
        {
            "name": gathered.outcomes.get(outcome_id, outcome_id),
            "metrics": len({(row["contract_id"], row["metric_id"]) for row in rows}),
            "contracts": len({row["contract_id"] for row in rows}),
            "reason": gathered.not_valued.get(outcome_id, rows[0])["reason"],
        }
        for outcome_id, rows in reporting.items()
    ]
    return sorted(found, key=lambda row: (-row["contracts"], -row["metrics"], row["name"]))
