"""The pages of contracts and policy areas: ``contracts.html``, one page for each area, one for each contract.

Belongs here: gathering what the published tables say about each of them, once for all pages, and why a contract is not
in the ratio. No figure is worked out here; what a page says and how it looks stands in the templates.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.method.steps.scope import counted_bases
from pipeline.report.figures import Figure
from pipeline.report.headline import what_is_withheld
from pipeline.report.pages import Site
from pipeline.report.ranges import with_ranges
from pipeline.report.wording import pounds
from pipeline.tables.base import CONTRACT_ID_PATTERN
from pipeline.tables.reference import accepted_by_contract
from pipeline.tables.vocabulary import (
    COUNTED_TREATMENTS,
    DEADWEIGHT_LAYERS,
    GRADES,
    MAPPING_GRADES,
    ORGANISATION_ROLES,
    PAYER_KINDS,
    PAYMENT_BASES,
    POLICY_AREAS,
    RETURNED,
    STAGES,
    TREATMENTS,
)

Row = dict[str, Any]
Groups = dict[str, list[Row]]

# Tables with a row or more for a contract, all that its page tells of it.
OF_CONTRACTS = (
    *("organisations", "places", "reported_outcomes", "claims", "double_counting", "payments"),
    *("valued_outcomes", "overlaps", "flags", "corrections", "rejected_rows"),
)
SOURCE_COLUMNS = ("source_id", "deadweight_source_id")
# Fewer contracts than this, or less than this share of contracts or payments, is said to be a small coverage.
FEW_CONTRACTS, SMALL_SHARE = 5, 0.5

# What words of the tables mean, for the templates; everything else that they say stands in them.
MEANINGS = {
    "areas": POLICY_AREAS,
    "bases": PAYMENT_BASES,
    "grades": GRADES | MAPPING_GRADES,
    "layers": DEADWEIGHT_LAYERS,
    "payer_kinds": PAYER_KINDS,
    "stages": STAGES,
    "treatments": TREATMENTS,
}


class UnsafePathError(ValueError):
    """An id that would not make the name of a file."""


@dataclass(frozen=True)
class Gathered:
    """The tables as plain rows, by what they are of, so that no page searches a table.

    ``of``: rows by table and contract; ``ratios``, ``switching``: row by scope and measure; ``bounds``: row by scope
    and bound. ``sources``, ``outcomes``, ``unit_costs``: rows of the register and names, by id.
    """

    contracts: list[Row]
    areas: list[Row]
    of: dict[str, Groups]
    ratios: dict[str, dict[str, Row]]
    switching: dict[str, dict[str, Row]]
    bounds: dict[str, dict[str, Row]]
    not_valued: dict[str, Row]
    sources: dict[str, Row]
    outcomes: dict[str, str]
    unit_costs: dict[str, str]


def contract_pages(made_from: Site, gathered: Gathered) -> dict[str, str]:
    """Return the pages of contracts and the list of them by their path in the folder of the edition.

    Raises ``UnsafePathError`` when the id of a contract cannot be the name of a file.
    """
    pages = {"contracts.html": _list_page(made_from, gathered)}
    for contract in gathered.contracts:
        pages[contract["path"]] = _contract_page(made_from, gathered, contract)
    return pages


def area_pages(
    made_from: Site, gathered: Gathered, figures: Mapping[str, Figure], drawings: Mapping[str, str]
) -> dict[str, str]:
    """Return the pages of policy areas by their path. ``figures``: by area; ``drawings``: as SVG, by their ids.

    Raises ``UnsafePathError`` when the name of an area cannot be the name of a file.
    """
    return {
        area["path"]: _area_page(made_from, gathered, area, figures.get(area["policy_area"]), drawings)
        for area in gathered.areas
    }


def contract_path(contract_id: str) -> str:
    """Return where the page of a contract lies; an id that could lead out of the folder has none."""
    # Raw folders are held to the same pattern; a page is written by its path, so it is not taken on trust.
    if not re.fullmatch(CONTRACT_ID_PATTERN.strip("^$"), contract_id):
        raise UnsafePathError(f"no name of a file: {contract_id!r}")
    return f"contracts/{contract_id}.html"


def area_path(policy_area: str) -> str:
    """Return where the page of a policy area lies; only the areas of the vocabulary have one."""
    if policy_area not in POLICY_AREAS:
        raise UnsafePathError(f"no policy area: {policy_area!r}")
    return f"areas/{policy_area.replace('_', '-')}.html"


# --- Pages ------------------------------------------------------------------------------------------------------


def _list_page(made_from: Site, gathered: Gathered) -> str:
    return made_from.page(
        "contracts.html",
        "contracts",
        contracts=gathered.contracts,
        areas=gathered.areas,
        ratios=gathered.ratios,
        meanings=MEANINGS,
    )


def _area_page(
    made_from: Site, gathered: Gathered, area: Row, figure: Figure | None, drawings: Mapping[str, str]
) -> str:
    name = area["policy_area"]
    contracts = [contract for contract in gathered.contracts if contract["policy_area"] == name]
    return made_from.page(
        area["path"],
        "area",
        area=area,
        figure=figure,
        drawings=drawings,
        contracts=contracts,
        gaps=_outcomes_without_value(gathered, contracts),
        ratios=gathered.ratios,
        own=gathered.ratios.get(name, {}),
        switching=gathered.switching.get(name, {}),
        bounds=gathered.bounds.get(name, {}),
        meanings=MEANINGS,
    )


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
        taking_part=_taking_part(rows["organisations"], rows["places"]),
        payments=_grouped(rows["payments"], "payer", "payer_kind", "basis"),
        counted_bases=counted_bases(made_from.edition.payment_bases),
        lines=_grouped(rows["valued_outcomes"], "outcome_id"),
        ranges=_ranges(rows["valued_outcomes"]),
        gaps=[row for row in metrics if row["treatment"] == "no_unit_cost"],
        steps=sum(row["treatment"] == "process" for row in metrics),
        claimed=_claimed(rows["claims"], metrics),
        twice=_counted_twice(rows["double_counting"], rows["claims"], metrics, gathered.outcomes),
        withheld=what_is_withheld(pd.DataFrame(rows["claims"])),
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


# --- Rows -------------------------------------------------------------------------------------------------------


def records(table: pd.DataFrame) -> list[Row]:
    """Return the rows of a table as plain data, missing values as None."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def gather(made_from: Site) -> Gathered:
    """Return what the pages of contracts and areas are made from, gathered once for all of them."""
    tables, reference = made_from.tables, made_from.reference
    ranged = {**tables, "valued_outcomes": with_ranges(tables["valued_outcomes"], reference)}
    of = {name: _by(records(ranged[name]), "contract_id") for name in OF_CONTRACTS}
    of["accepted"] = _by(records(accepted_by_contract(tables["accepted"])), "contract_id")
    facts = {row["contract_id"]: row for row in records(tables["contracts"])}
    contracts = [_contract(facts[row["contract_id"]], row, of) for row in records(tables["contract_value"])]
    ratios, switching = (_by_two(records(tables[name]), "measure") for name in ("uncertainty", "switching_values"))
    return Gathered(
        contracts=sorted(contracts, key=lambda row: (str(row["name"]).casefold(), row["contract_id"])),
        areas=[_area(row) for row in records(tables["policy_area_value"])],
        of=of,
        ratios=ratios,
        switching=switching,
        bounds=_by_two(records(tables["bounds"]), "bound"),
        not_valued={row["outcome_id"]: row for row in records(tables["not_valued"])},
        sources={row["source_id"]: row for row in records(reference.sources)},
        outcomes=dict(zip(reference.outcome_types["outcome_id"], reference.outcome_types["name"], strict=True)),
        unit_costs=dict(zip(reference.unit_costs["unit_cost_id"], reference.unit_costs["name"], strict=True)),
    )


def _contract(facts: Row, value: Row, of: dict[str, Groups]) -> Row:
    """All about a contract that is one value, with its path and with what keeps it out of the ratio."""
    contract_id = value["contract_id"]
    outcomes, payments = (of[name].get(contract_id, []) for name in ("reported_outcomes", "payments"))
    without_value = "" if value["is_valued"] else _why_not_valued(outcomes)
    is_paid = min(value[name] or 0 for name in ("outcome_payments_gbp", "outcome_payments_real_gbp")) > 0
    without_payments = "" if is_paid else _why_not_paid(payments)
    return {
        **facts,
        **value,
        "path": contract_path(contract_id),
        "area_path": area_path(value["policy_area"]),
        "is_paid": not without_payments,
        "why_not": [why for why in (without_value, without_payments) if why],
    }


def _why_not_valued(outcomes: list[Row]) -> str:
    in_scope = [row for row in outcomes if row["share_counted"] > 0]
    counted = [row for row in in_scope if (row["quantity_counted"] or 0) > 0]
    if not outcomes:
        return "no outcome is reported in public"
    if any(row["quantity"] is None and row["treatment"] in COUNTED_TREATMENTS for row in in_scope):
        return "how many reached an outcome with a unit cost is withheld, since it could tell of too few people"
    if not counted and any(row["quantity"] is None or row["quantity"] > 0 for row in outcomes):
        return "no outcome is reported up to the cut-off"
    if not any(row["treatment"] in COUNTED_TREATMENTS for row in outcomes):
        return "no outcome that is reported has a unit cost"
    return "nobody is reported so far to have reached an outcome with a unit cost"


def _why_not_paid(payments: list[Row]) -> str:
    bases = {row["basis"] for row in payments}
    if RETURNED in bases:
        return "what was paid went back, or no payment counts up to the cut-off"
    if bases & {"paid", "reported"}:
        return "no payment counts up to the cut-off"
    if "evaluation" in bases:
        return "of payments only a total of an evaluation or project page is public"
    return "of payments only the most that may be paid is public" if bases else "no payment is public"


def _by_metric(outcomes: list[Row]) -> list[Row]:
    """One report of each metric: the one that counts, else the last."""
    found: Groups = defaultdict(list)
    for row in outcomes:
        found[row["metric_id"]].append(row)
    return [next((row for row in rows if row["share_counted"] > 0), rows[-1]) for rows in found.values()]


def _claimed(claims: list[Row], metrics: list[Row]) -> Row | None:
    """What was claimed by metric and year, None if nothing was.

    ``years``; ``up_to``: the last day counted; ``is_earlier_too``: some total of an earlier year counts; ``metrics``:
    their reports with ``of_years`` and ``total``.
    """
    if not claims:
        return None
    ends = sorted({row["period_end"] for row in metrics if row["share_counted"] == 1})
    reports = {row["metric_id"]: row for row in metrics}
    by_metric = _by(claims, "metric_id")
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


def _area(value: Row) -> Row:
    """An area with its path, and how much of what is known its ratio covers."""
    known, covered = value["outcome_payments_real_gbp"], value["outcome_payments_in_bcr_real_gbp"]
    share = covered / known if known else None
    small = {
        f"fewer than {FEW_CONTRACTS} contracts": value["contracts_in_bcr"] < FEW_CONTRACTS,
        f"less than {SMALL_SHARE:.0%} of its contracts": value["contracts_in_bcr"] < SMALL_SHARE * value["contracts"],
        f"less than {SMALL_SHARE:.0%} of its known payments": (share or 0) < SMALL_SHARE,
    }
    return {
        **value,
        "path": area_path(value["policy_area"]),
        "payments_share": share,
        "small": [words for words, holds in small.items() if holds],
    }


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


def _sources_of(gathered: Gathered, *rows: Row | list[Row]) -> list[Row]:
    """The sources that rows name, as the register has them; a cell may name several."""
    flat = [row for each in rows for row in (each if isinstance(each, list) else [each])]
    cells = [row[column] for row in flat for column in SOURCE_COLUMNS if row.get(column)]
    ids = sorted({source_id for cell in cells for source_id in cell.split("; ")})
    return [gathered.sources[source_id] for source_id in ids if source_id in gathered.sources]


def _by(rows: Iterable[Row], column: str) -> Groups:
    groups: Groups = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return dict(groups)


def _by_two(rows: Iterable[Row], column: str) -> dict[str, dict[str, Row]]:
    """Rows by scope and another column: market, policy areas and contracts have no name in common."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in rows:
        found[row["scope"]][row[column]] = row
    return dict(found)


def _ranges(lines: list[Row]) -> dict[str, list[Row]]:
    """Lines with each unit cost and each rate once, for the reasons of their ranges; net counts take no rate."""
    rates = [row for row in lines if row["deadweight_range_reason"] is not None]
    return {
        "unit_costs": [group[0] for group in _grouped(lines, "unit_cost_id")],
        "rates": [group[0] for group in _grouped(rates, "deadweight_range_reason", "deadweight_low")],
    }


def _grouped(rows: list[Row], *columns: str) -> list[list[Row]]:
    """Rows that agree in these columns together, in the order in which they first come."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[column] for column in columns)].append(row)
    return list(groups.values())
