"""The page of a contract, ``contracts/<ID>.html``: what of the gathered rows it shows, and in which order.

Belongs here: choosing and ordering rows of one contract. No figure is worked out here; what the page says and how it
looks stands in the template beside it. Shapes of its small pictures come from ``pictures``.
"""

from collections import defaultdict
from typing import Any

import pandas as pd

from pipeline.method.steps.scope import counted_bases
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import MEANINGS, Gathered, by_metric, no_effect, no_time, why_it_is_low
from pipeline.report.pages.pictures import between, lines_over_time, widths
from pipeline.report.rows import Row, grouped
from pipeline.report.withheld import what_is_withheld
from pipeline.report.wording import about
from pipeline.tables.vocabulary import INTERVENTIONS, ORGANISATION_ROLES, TARGET_GROUPS

SOURCE_COLUMNS = ("source_id", "deadweight_source_id")
# Rows of sources that the page shows as they were read, each in a place of its own to which others lead.
ANCHORS = {
    "reported_outcomes": "r",
    "payments": "p",
    "organisations": "o",
    "places": "l",
    "prices": "c",
    "targets": "t",
}
# So many parameters, those that move the ratio furthest, are drawn.
MOVERS = 6


def contract_page(made_from: Site, gathered: Gathered, contract: Row) -> str:
    """Return the page of a contract."""
    contract_id = contract["contract_id"]
    rows = {table: groups.get(contract_id, []) for table, groups in gathered.of.items()}
    for table, name in ANCHORS.items():
        rows[table] = [row | {"anchor": f"{name}{number}"} for number, row in enumerate(rows[table], start=1)]
    metrics = by_metric(rows["reported_outcomes"])
    if rows["claims"]:
        # Its reports are the totals at the end of each year: the one that counts is told, the years in a table.
        rows["reported_outcomes"] = metrics
    # What a correction leaves out is told where the corrections are.
    told = {row["locator"] for row in rows["corrections"]}
    rows["rejected_rows"] = [row for row in rows["rejected_rows"] if row["locator"] not in told]
    gaps = [row for row in metrics if row["treatment"] == "no_unit_cost"]
    steps = [row for row in metrics if row["treatment"] == "process"]
    zero = no_time(rows["valued_outcomes"] + rows["overlaps"], metrics, gathered.ladders)
    return made_from.page(
        contract["path"],
        "contract",
        contract=contract,
        area=next(area for area in gathered.areas if area["policy_area"] == contract["policy_area"]),
        own=gathered.ratios.get(contract_id, {}),
        of_area=gathered.ratios.get(contract["policy_area"], {}),
        summary=gathered.summaries.get(contract_id),
        area_summary=gathered.summaries.get(contract["policy_area"]),
        switching=gathered.switching.get(contract_id, {}),
        bounds=gathered.bounds.get(contract_id, {}),
        rows=rows,
        metrics=metrics,
        anchors=_anchors(rows),
        by_id={row["metric_id"]: row for row in metrics},
        helped=_helped(rows["service"]),
        main=_main_outcome(rows["valued_outcomes"], metrics),
        why=why_it_is_low(contract, zero, gaps, gathered.summaries.get(contract_id)),
        gains=_gains(rows["value_by_agency"]),
        beside=_beside_what_was_planned(contract, rows["service"]),
        planned={row["metric_id"]: row for row in rows["targets"]},
        unmet=[row for row in rows["targets"] if row["metric_id"] not in {each["metric_id"] for each in metrics}],
        funnels=_funnels(metrics, gathered.outcomes),
        over_time=lines_over_time(rows["payments_over_time"], _maximum(rows["payments"])),
        moved=_moved(rows["contract_sensitivity"], gathered, contract),
        times=gathered.by_time.get(contract_id, {}),
        has_several_sources={
            table: len({row["source_id"] for row in rows[table]}) > 1 for table in ("payments", "reported_outcomes")
        },
        taking_part=_taking_part(rows["organisations"], rows["places"]),
        payments=_alike(rows["payments"], "payer", "payer_kind", "basis"),
        counted_bases=counted_bases(made_from.edition.payment_bases),
        lines=_alike(rows["valued_outcomes"], "outcome_id"),
        ranges=_ranges(rows["valued_outcomes"]),
        gaps=gaps,
        zero=zero,
        without_effect=no_effect(rows["valued_outcomes"] + rows["overlaps"], metrics),
        steps=steps,
        agreed=_agreed(rows["price_checks"], rows["prices"]),
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


def _anchors(rows: dict[str, list[Row]]) -> dict[str, str]:
    """Where on the page each row is that others name, by its locator."""
    named = ("reported_outcomes", "payments", "prices", "targets")
    return {row["locator"]: row["anchor"] for table in named for row in rows[table]}


def _helped(service: list[Row]) -> dict[str, list[str]]:
    """Whom the service was for and what it did, in words."""
    meanings = {"target_group": TARGET_GROUPS, "intervention": INTERVENTIONS}
    return {fact: [words[row["code"]] for row in service if row["fact"] == fact] for fact, words in meanings.items()}


def _beside_what_was_planned(contract: Row, service: list[Row]) -> list[Row]:
    """People and months as they were and as they had been planned, where both are known, with the widths of bars.

    ``what``, ``number``, ``is_planned``, ``width``.
    """
    months = {row["fact"]: row["number"] for row in service}
    pairs = [
        ("People reached", contract["people_engaged"], "People planned", contract["people_targeted"]),
        ("Months of service", months.get("months_lasted"), "Months planned", months.get("months_planned")),
    ]
    found = []
    for what, number, planned, target in pairs:
        if number is not None and target:
            both = [
                {"what": what, "number": number, "is_planned": False},
                {"what": planned, "number": target, "is_planned": True},
            ]
            found += widths(both, "number")
    return found


def _main_outcome(lines: list[Row], metrics: list[Row]) -> Row | None:
    """The report behind the outcome that is worth most; without any value the first that counts some, if any does."""
    worth: dict[str, float] = defaultdict(float)
    for line in lines:
        if not line["is_transfer"]:
            worth[line["metric_ids"]] += line["net_gbp"]
    by_id = {row["metric_id"]: row for row in metrics}
    best = max(worth, key=lambda ids: worth[ids], default="")
    # Of milestones the last one; where nothing is worth anything, what was achieved and is no step on the way.
    of_value = [by_id[id_] for id_ in best.split("; ") if id_ in by_id] if best and worth[best] > 0 else []
    others = [row for row in metrics if row["treatment"] != "process"]
    found = [row for row in of_value or others if row["quantity_counted"]]
    return max(found, key=lambda row: row["milestone"] or 0) if of_value and found else next(iter(found), None)


def _gains(agencies: list[Row]) -> list[Row]:
    """Who gains how much public value, most first, with the width of its bar: ``agency, kinds, value_gbp, width``."""
    public = [row for row in agencies if not row["is_transfer"] and row["value_gbp"]]
    return widths(public, "value_gbp")


def _funnels(metrics: list[Row], outcomes: dict[str, str]) -> list[Row]:
    """Ladders of which several milestones were reported: ``name``, ``rungs`` in order with the widths of their bars."""
    rungs = [row for row in metrics if row["treatment"] == "rung" and row["milestone"] is not None]
    ladders = grouped(rungs, "outcome_id")
    return [
        {
            "name": outcomes.get(outcome_id, outcome_id),
            "rungs": widths(sorted(rows, key=lambda row: row["milestone"]), "quantity"),
        }
        for outcome_id, rows in ladders.items()
        if len(rows) > 1
    ]


def _maximum(payments: list[Row]) -> Row | None:
    """The most that may be paid under the contract, where one row says it."""
    found = [row for row in payments if row["basis"] == "commitment"]
    return found[0] if len(found) == 1 else None


def _moved(sensitivity: list[Row], gathered: Gathered, contract: Row) -> Row | None:
    """What moves the ratio of a contract furthest: ``bars``, each with the places of its ends, and ``own``, its place.

    None where nothing does.
    """
    shown = sensitivity[:MOVERS]
    if not shown:
        return None
    ends = [row[name] for row in shown for name in ("ratio_at_low", "ratio_at_high")]
    place = between([*ends, contract["bcr"]])
    return {
        "bars": [
            row
            | {
                "name": _named(row, gathered),
                "price_year": gathered.price_years.get(row["parameter_id"].split("/")[1]),
                "left": place(min(row["ratio_at_low"], row["ratio_at_high"])),
                "right": place(max(row["ratio_at_low"], row["ratio_at_high"])),
            }
            for row in shown
        ],
        "own": place(contract["bcr"]),
        "more": len(sensitivity) - len(shown),
    }


def _named(parameter: Row, gathered: Gathered) -> str:
    """What a parameter is of: an outcome, a unit cost, hours of work."""
    kind, *rest = parameter["parameter_id"].split("/")
    names = {"deadweight": gathered.outcomes, "unit_cost": gathered.unit_costs}.get(kind, {})
    id_ = rest[1] if kind == "deadweight" else rest[0]
    return names.get(id_, id_.replace("_", " "))


def _agreed(checks: list[Row], prices: list[Row]) -> Row | None:
    """What a contract agreed to pay for one of each metric, None without a price.

    ``metrics``: a row for each; ``together``: the row of all; ``is_paid_apart``: payments name the metric of some;
    ``anchors``: where each price is on the page, by metric.
    """
    if not checks:
        return None
    metrics = [row for row in checks if row["metric_id"]]
    return {
        "metrics": metrics,
        "anchors": {row["metric_id"]: row["anchor"] for row in prices},
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
    """Who took part in a contract by role, what was invested, where it was delivered: ``what``, ``rows``, ``cited``.

    Each row with ``shown``; ``cited``: the first row in each table of each source.
    """
    named = [row for row in organisations if row["organisation_id"]]
    by_role = {
        role: [row | {"shown": _investor(row)} for row in named if row["role"] == role] for role in ORGANISATION_ROLES
    }
    groups = {
        **by_role,
        "investment committed": [row | {"shown": _committed(row)} for row in organisations if row not in named],
        "place of delivery": [row | {"shown": row["place"]} for row in places],
    }
    several = {"place of delivery": "places of delivery", "investment committed": "investment committed"}
    return [
        {"what": what if len(rows) == 1 else several.get(what, f"{what}s"), "rows": _once(rows), "cited": _cited(rows)}
        for what, rows in groups.items()
        if rows
    ]


def _once(rows: list[Row]) -> list[Row]:
    """The first row of each that shows the same."""
    return list({row["shown"]: row for row in reversed(rows)}.values())[::-1]


def _investor(row: Row) -> str:
    """The name of an organisation, with what it committed where that is known."""
    amount = row["investment_committed_gbp"]
    return str(row["name"]) if amount is None else f"{row['name']} ({_committed(row)})"


def _committed(row: Row) -> str:
    return f"{'at least ' if row['is_low_end'] else ''}{about(row['investment_committed_gbp'])}"


def _cited(rows: list[Row]) -> list[Row]:
    """The first row of each table of each source."""
    firsts = {(row["source_id"], row["locator"].partition(" #")[0]): row for row in reversed(rows)}
    return list(firsts.values())[::-1]


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
