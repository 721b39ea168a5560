"""What the page of a contract says of its results: the main one, milestones, plans, claims, totals with others.

Belongs here: choosing and ordering rows of one contract for the section on what was achieved. Who took part stands in
``contract_parties``, pounds in ``contract_value``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.report.pages.gathered import Gathered
from pipeline.report.pages.pictures import widths
from pipeline.report.rows import Row, grouped
from pipeline.tables.vocabulary import INTERVENTIONS, TARGET_GROUPS


def shared_with(gathered: Gathered, rows: Mapping[str, list[Row]], metrics: Sequence[Row]) -> Row:
    """Return with which other contracts a contract has totals that no source splits.

    ``others``: contracts of which results here are totals too; ``metrics``: the reports that are totals; ``are_all``:
    whether all reports are; ``reasons``: why, one each; ``under``: contracts under which totals with results of this
    one are recorded; ``contracts``: how many have a part in the total of which this one is.
    """
    own, under = rows["shared_results"], rows["results_elsewhere"]
    recorded = {row["contract_id"] for row in own + under}
    parts = {row["shared_with"] for id_ in recorded for row in gathered.of["shared_results"][id_]}
    ids = {row["metric_id"] for row in own}
    return {
        "others": gathered.named({row["shared_with"] for row in own}),
        "metrics": [row for row in metrics if row["metric_id"] in ids],
        "are_all": all(row["metric_id"] in ids for row in metrics),
        "reasons": sorted({row["reason"] for row in own}),
        "under": gathered.named({row["contract_id"] for row in under}),
        "contracts": len(recorded | parts),
    }


def helped(service: list[Row]) -> dict[str, list[str]]:
    """Return whom the service was for and what it did, in words."""
    meanings = {"target_group": TARGET_GROUPS, "intervention": INTERVENTIONS}
    return {fact: [words[row["code"]] for row in service if row["fact"] == fact] for fact, words in meanings.items()}


def beside_what_was_planned(contract: Row, service: list[Row]) -> list[Row]:
    """Return people and months as they were and as they had been planned, where both are known.

    ``what``, ``number``, ``is_planned``, ``width`` of the bar.
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


def main_outcome(lines: list[Row], metrics: list[Row]) -> Row | None:
    """Return the report behind the outcome that is worth most; without any value the first that counts some."""
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


def funnels(metrics: list[Row], outcomes: dict[str, str]) -> list[Row]:
    """Return ladders of which several milestones were reported: ``name``, ``rungs`` in order with widths of bars."""
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


def claimed(claims: list[Row], metrics: list[Row]) -> Row | None:
    """Return what was claimed by metric and year, None if nothing was.

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


def counted_twice(pairs: list[Row], claims: list[Row], metrics: list[Row], outcomes: dict[str, str]) -> Row | None:
    """Return what claims tell of people on two ladders, None if they tell nothing.

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
