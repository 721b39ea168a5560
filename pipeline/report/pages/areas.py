"""The pages of policy areas, ``areas/``: their ratio, what it covers, and their contracts.

Belongs here: choosing what of the gathered rows such a page shows. The list of areas stands on ``contracts.html``.
"""

from collections.abc import Iterable
from dataclasses import replace

from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.pages.frame import Files, Site
from pipeline.report.pages.gathered import MEANINGS, Gathered, by_metric, no_time, why_it_is_low
from pipeline.report.ranges import said_of_overlaps
from pipeline.report.rows import Row, grouped


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
    # What keeps the ratio down is told of the contracts in it, what is not valued of all.
    zero, gaps = _without_time(gathered, contracts), _without_value(gathered, contracts)
    in_ratio = {contract["contract_id"] for contract in contracts if contract["is_in_bcr"]}
    zero_in_ratio, gaps_in_ratio = ([row for row in rows if row["contract_id"] in in_ratio] for rows in (zero, gaps))
    return made_from.page(
        area["path"],
        "area",
        area=area,
        figure=made_from.figures.get(_figure_id(name)),
        contracts=contracts,
        elsewhere=[row for row in contracts if row["contract_id"] in gathered.of["results_elsewhere"]],
        gaps=_by_outcome(gathered, gaps),
        zero=[row for row in zero if not row["has_later"]],
        why=why_it_is_low(area, zero_in_ratio, gaps_in_ratio, gathered.summaries.get(name)),
        said_of_overlaps=said_of_overlaps(row for id_ in in_ratio for row in gathered.of["overlaps"].get(id_, [])),
        times=gathered.by_time.get(name, {}),
        ratios=gathered.ratios,
        own=gathered.ratios.get(name, {}),
        summary=gathered.summaries.get(name),
        switching=gathered.switching.get(name, {}),
        bounds=gathered.bounds.get(name, {}),
        meanings=MEANINGS,
    )


def _without_time(gathered: Gathered, contracts: Iterable[Row]) -> list[Row]:
    """Reports of these contracts that count no time, each with ``path`` and ``name`` of its contract."""
    found = []
    for contract in contracts:
        of = {table: groups.get(contract["contract_id"], []) for table, groups in gathered.of.items()}
        lines = of["valued_outcomes"] + of["overlaps"]
        for row in no_time(lines, by_metric(of["reported_outcomes"]), gathered.ladders):
            found.append(row | {"path": contract["path"], "name": contract["name"]})
    return found


def _without_value(gathered: Gathered, contracts: Iterable[Row]) -> list[Row]:
    """Reports of these contracts without a unit cost, one for each metric."""
    of_contracts = (gathered.of["reported_outcomes"].get(contract["contract_id"], []) for contract in contracts)
    return [row for rows in of_contracts for row in by_metric(rows) if row["treatment"] == "no_unit_cost"]


def _by_outcome(gathered: Gathered, reports: Iterable[Row]) -> list[Row]:
    """Outcomes of some reports, those of most contracts first."""
    found = [
        {
            "name": gathered.outcomes.get(outcome_id, outcome_id),
            "metrics": len(rows),
            "contracts": len({row["contract_id"] for row in rows}),
            "reason": gathered.not_valued.get(outcome_id, rows[0])["reason"],
        }
        for outcome_id, rows in grouped(reports, "outcome_id").items()
    ]
    return sorted(found, key=lambda row: (-row["contracts"], -row["metrics"], row["name"]))
