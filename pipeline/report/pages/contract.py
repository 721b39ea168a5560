"""The page of a contract, ``contracts/<ID>.html``: what of the gathered rows it shows, and in which order.

Belongs here: choosing and ordering rows of one contract. No figure is worked out here; what the page says and how it
looks stands in the template beside it. Shapes of its small pictures come from ``pictures``.
"""

import pandas as pd

from pipeline.method.steps.scope import counted_bases
from pipeline.report.pages.contract_parties import sources_of, taking_part
from pipeline.report.pages.contract_results import (
    beside_what_was_planned,
    claimed,
    counted_twice,
    funnels,
    helped,
    main_outcome,
    shared_with,
)
from pipeline.report.pages.contract_value import agreed, gains, maximum, moved, ranges
from pipeline.report.pages.frame import Site
from pipeline.report.pages.gathered import MEANINGS, Gathered, by_metric, no_effect, no_time, why_it_is_low
from pipeline.report.pages.pictures import lines_over_time
from pipeline.report.ranges import said_of_overlaps
from pipeline.report.rows import Row, alike
from pipeline.report.withheld import what_is_withheld

# Rows of sources that the page shows as they were read, each in a place of its own to which others lead.
ANCHORS = {
    "reported_outcomes": "r",
    "payments": "p",
    "organisations": "o",
    "places": "l",
    "prices": "c",
    "targets": "t",
}


def contract_page(made_from: Site, gathered: Gathered, contract: Row) -> str:
    """Return the page of a contract."""
    contract_id = contract["contract_id"]
    rows = {table: groups.get(contract_id, []) for table, groups in gathered.of.items()}
    for table, name in ANCHORS.items():
        rows[table] = [row | {"anchor": f"{name}{number}"} for number, row in enumerate(rows[table], start=1)]
    metrics = by_metric(rows["reported_outcomes"])
    rows["published"] = [row | {"others": gathered.named(row["others"])} for row in rows["published"]]
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
        shared=shared_with(gathered, rows, metrics),
        per_result=next(iter(rows["payments_per_result"]), None),
        by_id={row["metric_id"]: row for row in metrics},
        helped=helped(rows["service"]),
        main=main_outcome(rows["valued_outcomes"], metrics),
        why=why_it_is_low(contract, zero, gaps, gathered.summaries.get(contract_id)),
        gains=gains(rows["value_by_agency"]),
        beside=beside_what_was_planned(contract, rows["service"]),
        planned={row["metric_id"]: row for row in rows["targets"]},
        unmet=[row for row in rows["targets"] if row["metric_id"] not in {each["metric_id"] for each in metrics}],
        funnels=funnels(metrics, gathered.outcomes),
        over_time=lines_over_time(rows["payments_over_time"], maximum(rows["payments"])),
        moved=moved(rows["contract_sensitivity"], gathered, contract),
        said_of_overlaps=said_of_overlaps(rows["overlaps"]),
        times=gathered.by_time.get(contract_id, {}),
        has_several_sources={
            table: len({row["source_id"] for row in rows[table]}) > 1 for table in ("payments", "reported_outcomes")
        },
        taking_part=taking_part(rows["organisations"], rows["places"]),
        payments=alike(rows["payments"], "payer", "payer_kind", "basis"),
        counted_bases=counted_bases(made_from.edition.payment_bases),
        lines=alike(rows["valued_outcomes"], "outcome_id"),
        ranges=ranges(rows["valued_outcomes"]),
        gaps=gaps,
        zero=zero,
        without_effect=no_effect(rows["valued_outcomes"] + rows["overlaps"], metrics),
        steps=steps,
        agreed=agreed(rows["price_checks"], rows["prices"]),
        claimed=claimed(rows["claims"], metrics),
        twice=counted_twice(rows["double_counting"], rows["claims"], metrics, gathered.outcomes),
        withheld=what_is_withheld(pd.DataFrame(rows["claims"])) if rows["claims"] else None,
        is_part_estimated=any(row["is_estimated"] for row in rows["reported_outcomes"] + rows["payments"]),
        weak_lines=sum(
            "weak" in (row["unit_cost_grade"], row["deadweight_grade"], row["mapping_grade"])
            for row in rows["valued_outcomes"]
        ),
        sources=sources_of(gathered, contract, *rows.values()),
        outcomes=gathered.outcomes,
        unit_costs=gathered.unit_costs,
        meanings=MEANINGS,
    )


def _anchors(rows: dict[str, list[Row]]) -> dict[str, str]:
    """Where on the page each row is that others name, by its locator."""
    named = ("reported_outcomes", "payments", "prices", "targets")
    return {row["locator"]: row["anchor"] for table in named for row in rows[table]}
