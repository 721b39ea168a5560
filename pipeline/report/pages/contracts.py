"""The pages of contracts: the list ``contracts.html`` and a page for each, ``contracts/``; below it, those of areas.

Belongs here: choosing what of the gathered rows the page of a contract shows. No figure is worked out here; what a page
says and how it looks stands in the template beside it.
"""

from collections import defaultdict
from typing import Any

import pandas as pd

from pipeline.method.steps.scope import counted_bases
from pipeline.report.pages.areas import area_figures, area_pages
from pipeline.report.pages.finding import list_page
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.pages.gathered import MEANINGS, Gathered, gather
from pipeline.report.rows import Row, grouped
from pipeline.report.text.headline import what_is_withheld
from pipeline.report.wording import pounds
from pipeline.tables.vocabulary import ORGANISATION_ROLES

SOURCE_COLUMNS = ("source_id", "deadweight_source_id")


def render(made_from: Site) -> Files:
    """Return the pages of contracts and areas, and the list of them, by their path in the folder of the edition.

    Raises ``UnsafePathError`` when the id of a contract cannot be the name of a file.
    """
    gathered = gather(made_from)
    return {
        "contracts.html": list_page(made_from, gathered),
        **{contract["path"]: _contract_page(made_from, gathered, contract) for contract in gathered.contracts},
        # Last, since they show charts, which are being drawn.
        **area_pages(made_from, gathered),
    }


def _contract_page(made_from: Site, gathered: Gathered, contract: Row) -> str:
    contract_id = contract["contract_id"]
    rows = {table: groups.get(contract_id, []) for table, groups in gathered.of.items()}
    metrics = _by_metric(rows["reported_outcomes"])
    if rows["claims"]:
        # Its reports are the totals at the end of each year: the one that counts is told, the years in a table.
        rows["reported_outcomes"] = metrics
    # What a correction leaves out is told where the corrections are.
    told = {row["locator"] for row in rows["corrections"]}
    rows["rejected_rows"] = [row for row in rows["rejected_rows"] if row["locator"] not in told]
    return made_from.page(
        contract["path"],
        "contract",
        contract=contract,
        area=next(area for area in gathered.areas if area["policy_area"] == contract["policy_area"]),
        own=gathered.ratios.get(contract_id, {}),
        of_area=gathered.ratios.get(contract["policy_area"], {}),
        switching=gathered.switching.get(contract_id, {}),
        bounds=gathered.bounds.get(contract_id, {}),
        rows=rows,
        has_several_sources={
            table: len({row["source_id"] for row in rows[table]}) > 1 for table in ("payments", "reported_outcomes")
        },
        taking_part=_taking_part(rows["organisations"], rows["places"]),
        payments=_alike(rows["payments"], "payer", "payer_kind", "basis"),
        counted_bases=counted_bases(made_from.edition.payment_bases),
        lines=_alike(rows["valued_outcomes"], "outcome_id"),
        ranges=_ranges(rows["valued_outcomes"]),
        gaps=[row for row in metrics if row["treatment"] == "no_unit_cost"],
        steps=sum(row["treatment"] == "process" for row in metrics),
        agreed=_agreed(rows["price_checks"]),
        claimed=_claimed(rows["claims"], metrics),
        twice=_counted_twice(rows["double_counting"], rows["claims"], metrics, gathered.outcomes),
        withheld=what_is_withheld(pd.DataFrame(rows["claims"])) if rows["claims"] else None,
        is_part_estimated=any(row["is_estimated"] for row in rows["reported_outcomes"] + rows["payments"]),
        weak_lines=sum(
            "weak" in (row["unit_cost_grade"], row["deadweight_grade"], row["mapping_grade"])
            for row in rows["valued_outcomes"]
        ),
        sources=_sources_of(gathered, contract, *rows.values()),
        outcomes=gathered.outcomes,
        unit_costs=gathered.unit_costs,
        meanings=MEANINGS,
    )


def _by_metric(outcomes: list[Row]) -> list[Row]:
    """One report of each metric: the one that counts, else the last."""
    by_metric = grouped(outcomes, "metric_id").values()
    return [next((row for row in rows if row["share_counted"] > 0), rows[-1]) for rows in by_metric]


def _agreed(checks: list[Row]) -> Row | None:
    """What a contract agreed to pay for one of each metric, None without a price.

    ``metrics``: a row for each; ``together``: the row of all; ``is_paid_apart``: payments name the metric of some.
    """
    if not checks:
        return None
    metrics = [row for row in checks if row["metric_id"]]
    return {
        "metrics": metrics,
        "together": next(row for row in checks if not row["metric_id"]),
        "is_paid_apart": any(row["paid_gbp"] is not None for row in metrics),
    }


def _claimed(claims: list[Row], metrics: list[Row]) -> Row | None:
    """What was claimed by metric and year, None if nothing was.

    ``years``; ``up_to``: the last day counted; ``is_earlier_too``: some total of an earlier year counts; ``metrics``:
    their reports with ``of_years`` and ``total``.
    """
    if not claims:
        return None
    ends = sorted({row["period_end"] for row in metrics if row["share_counted"] == 1})
    reports = {row["metric_id"]: row for row in metrics}
    by_metric = grouped(claims, "metric_id")
    return {
        "years": sorted({row["financial_year"] for row in claims}),
        "up_to": ends[-1] if ends else None,
        "is_earlier_too": len(ends) > 1,
        "metrics": [
            reports[metric_id] | {"of_years": rows, "total": rows[-1]["total_to_year_end"]}
            for metric_id, rows in by_metric.items()
        ],
    }


def _counted_twice(pairs: list[Row], claims: list[Row], metrics: list[Row], outcomes: dict[str, str]) -> Row | None:
    """What claims tell of people on two ladders, None if they tell nothing.

    ``pairs``: each two ladders with somebody on both, most first, with ``one`` and ``other``, their names and totals;
    ``withheld``, ``none``: how many others there are, of which the number is withheld or nobody is on both.
    """
    if not pairs:
        return None
    reports = {row["metric_id"]: row for row in metrics}
    totals = {row["metric_id"]: row["total_to_year_end"] for row in claims}  # the last year's, as rows are in order

    def ladder(metric_id: str, outcome_id: str) -> Row:
        report = reports[metric_id]
        name = outcomes[outcome_id] if report["treatment"] == "rung" else report["label"]
        return {"name": name, "metric_id": metric_id, "total": totals.get(metric_id, 0.0)}

    shown = sorted((row for row in pairs if row["people"]), key=lambda row: -row["people"])
    return {
        "pairs": [
            row
            | {
                "one": ladder(row["metric_id"], row["outcome_id"]),
                "other": ladder(row["other_metric_id"], row["other_outcome_id"]),
            }
            for row in shown
        ],
        "withheld": sum(row["is_withheld"] for row in pairs),
        "none": sum(row["people"] == 0 for row in pairs),
    }


def _taking_part(organisations: list[Row], places: list[Row]) -> list[Row]:
    """Who took part in a contract by role, what was invested, where it was delivered: ``what, names, cited``."""
    named = [row for row in organisations if row["organisation_id"]]
    by_role = {
        f"{role}s": [row | {"shown": _investor(row)} for row in named if row["role"] == role]
        for role in ORGANISATION_ROLES
    }
    groups = {
        **by_role,
        "investment committed": [row | {"shown": _committed(row)} for row in organisations if row not in named],
        "places of delivery": [row | {"shown": row["place"]} for row in places],
    }
    return [
        {"what": what, "names": list(dict.fromkeys(row["shown"] for row in rows)), "cited": _cited(rows)}
        for what, rows in groups.items()
    ]


def _investor(row: Row) -> str:
    """The name of an organisation, with what it committed where that is known."""
    amount = row["investment_committed_gbp"]
    return str(row["name"]) if amount is None else f"{row['name']} ({_committed(row)})"


def _committed(row: Row) -> str:
    return f"{'at least ' if row['is_low_end'] else ''}{pounds(row['investment_committed_gbp'])}"


def _cited(rows: list[Row]) -> list[str]:
    """Where rows stand: each source with the first place in each of its tables."""
    firsts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        firsts[row["source_id"], row["locator"].partition(" #")[0]].append(row["locator"])
    return [
        f"{source_id}, {locators[0]}{' and on' if len(locators) > 1 else ''}"
        for (source_id, _), locators in firsts.items()
    ]


def _sources_of(gathered: Gathered, *rows: Row | list[Row]) -> list[Row]:
    """The sources that rows name, as the register has them; a cell may name several."""
    flat = [row for each in rows for row in (each if isinstance(each, list) else [each])]
    cells = [row[column] for row in flat for column in SOURCE_COLUMNS if row.get(column)]
    ids = sorted({source_id for cell in cells for source_id in cell.split("; ")})
    return [gathered.sources[source_id] for source_id in ids if source_id in gathered.sources]


def _ranges(lines: list[Row]) -> dict[str, list[Row]]:
    """Lines with each unit cost and each rate once, for the reasons of their ranges; net counts take no rate."""
    rates = [row for row in lines if row["deadweight_range_reason"] is not None]
    return {
        "unit_costs": [group[0] for group in _alike(lines, "unit_cost_id")],
        "rates": [group[0] for group in _alike(rates, "deadweight_range_reason", "deadweight_low")],
    }


def _alike(rows: list[Row], *columns: str) -> list[list[Row]]:
    """Rows that agree in all these columns together, in the order in which they first come."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return list(groups.values())


PAGE = Page("contracts.html", "Contracts", render, area_figures, printed=("areas/*.html",))
