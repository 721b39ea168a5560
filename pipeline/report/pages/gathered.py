"""What the published tables say about each contract and policy area, gathered once for all their pages.

Belongs here: rows by what they are of, so that no page searches a table, why a contract is not in the ratio, and where
each page lies. What a page shows of them stands in ``contracts`` and ``areas``.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.method.analysis.area_coverage import FEW_CONTRACTS, area_coverage
from pipeline.method.steps.outcome_units import with_ladder
from pipeline.report.pages.contract_published import published_by_contract
from pipeline.report.pages.frame import Site
from pipeline.report.ranges import with_ranges
from pipeline.report.rows import Groups, Row, by_scope, grouped, names_of, with_none
from pipeline.tables.base import CONTRACT_ID_PATTERN
from pipeline.tables.reference import accepted_by_contract
from pipeline.tables.vocabulary import (
    COUNTED_TREATMENTS,
    DEADWEIGHT_LAYERS,
    GRADES,
    MAPPING_GRADES,
    PAYER_KINDS,
    PAYMENT_BASES,
    POLICY_AREAS,
    RETURNED,
    STAGES,
    TREATMENTS,
)

# Tables with a row or more for a contract, all that its page tells of it.
OF_CONTRACTS = (
    *("organisations", "places", "reported_outcomes", "claims", "double_counting", "payments"),
    *("valued_outcomes", "overlaps", "flags", "prices", "price_checks", "service", "corrections"),
    *("restatements", "rejected_rows", "targets", "value_by_agency", "payments_over_time", "contract_sensitivity"),
    "payments_per_result",
)

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
    and bound; ``by_time``: row by scope and time convention; ``summaries``: row by scope. ``sources``, ``outcomes``,
    ``unit_costs``: rows of the register and names, by id; ``price_years``:
    by unit cost; ``ladders``: ladder by outcome.
    """

    contracts: list[Row]
    areas: list[Row]
    of: dict[str, Groups]
    ratios: dict[str, dict[str, Row]]
    switching: dict[str, dict[str, Row]]
    bounds: dict[str, dict[str, Row]]
    by_time: dict[str, dict[str, Row]]
    summaries: dict[str, Row]
    not_valued: dict[str, Row]
    sources: dict[str, Row]
    outcomes: dict[str, str]
    unit_costs: dict[str, str]
    price_years: dict[str, str]
    ladders: dict[str, str]

    def named(self, ids: Collection[str]) -> list[Row]:
        """Return the contracts with these ids, by name."""
        return [contract for contract in self.contracts if contract["contract_id"] in ids]


def gather(made_from: Site) -> Gathered:
    """Return what the pages of contracts and areas are made from, gathered once for all of them."""
    tables, reference = made_from.tables, made_from.reference
    types = with_ladder(reference.outcome_types)
    ranged = {**tables, "valued_outcomes": with_ranges(tables["valued_outcomes"], reference)}
    of = {name: grouped(with_none(ranged[name]), "contract_id") for name in OF_CONTRACTS}
    shared = with_none(reference.shared_results)
    of["shared_results"], of["results_elsewhere"] = grouped(shared, "contract_id"), grouped(shared, "shared_with")
    of["published"] = published_by_contract(made_from)
    of["accepted"] = grouped(with_none(accepted_by_contract(tables["accepted"])), "contract_id")
    facts = {row["contract_id"]: row for row in with_none(tables["contracts"])}
    contracts = [_contract(facts[row["contract_id"]], row, of) for row in with_none(tables["contract_value"])]
    ratios, switching = (by_scope(with_none(tables[name])) for name in ("uncertainty", "switching_values"))
    return Gathered(
        contracts=sorted(contracts, key=lambda row: (str(row["name"]).casefold(), row["contract_id"])),
        areas=[_area(row) for row in with_none(tables["policy_area_value"])],
        of=of,
        ratios=ratios,
        switching=switching,
        bounds=by_scope(with_none(tables["bounds"]), "bound"),
        by_time=by_scope(with_none(tables["value_by_time"]), "time_convention"),
        summaries={row["scope"]: row for row in with_none(tables["value_summary"])},
        not_valued={row["outcome_id"]: row for row in with_none(tables["not_valued"])},
        sources={row["source_id"]: row for row in with_none(reference.sources)},
        outcomes=names_of(reference.outcome_types, "outcome_id"),
        unit_costs=names_of(reference.unit_costs, "unit_cost_id"),
        price_years=dict(reference.unit_costs[["unit_cost_id", "price_year"]].to_numpy()),
        ladders=dict(zip(types["outcome_id"], types["ladder"], strict=True)),
    )


def by_metric(outcomes: Iterable[Row]) -> list[Row]:
    """Return one report of each metric: the one that counts, else the last."""
    by_metric = grouped(outcomes, "metric_id").values()
    return [next((row for row in rows if row["share_counted"] > 0), rows[-1]) for rows in by_metric]


def no_time(lines: Sequence[Row], metrics: Iterable[Row], ladders: Mapping[str, str]) -> list[Row]:
    """Return reports that count no time though it may have passed, because none was measured, each with ``has_later``.

    ``lines``: lines of value of a contract, those left out as overlaps too; ``metrics``: its reports, one for each
    metric; ``ladders``: ladder by outcome. ``has_later``: later milestones of the same people do count their time.
    """
    ids = {id_ for row in lines if row["units"] == 0 and not _had_no_effect(row) for id_ in _metrics_of(row)}
    timed = {ladders[row["outcome_id"]] for row in lines if row["units"] > 0}
    return [
        row | {"has_later": ladders[row["outcome_id"]] in timed}
        for row in metrics
        if row["metric_id"] in ids and row["treatment"] in COUNTED_TREATMENTS and row["quantity_counted"]
    ]


def no_effect(lines: Sequence[Row], metrics: Iterable[Row]) -> list[Row]:
    """Return reports worth nothing because all of it would have happened anyway, by the study that the edition takes.

    ``lines, metrics``: as for ``no_time``.
    """
    with_effect = {id_ for row in lines if not _had_no_effect(row) for id_ in _metrics_of(row)}
    ids = {id_ for row in lines for id_ in _metrics_of(row)} - with_effect
    return [row for row in metrics if row["metric_id"] in ids and row["quantity_counted"]]


def _had_no_effect(line: Row) -> bool:
    return float(line["deadweight"]) >= 1


def _metrics_of(line: Row) -> list[str]:
    return str(line["metric_ids"]).split("; ")


def why_it_is_low(value: Row, zero: Sequence[Row], gaps: Sequence[Row], summary: Row | None) -> Row:
    """Return what keeps a ratio down, for one sentence each.

    ``value``: a contract or an area; ``zero``: its reports that count no time; ``gaps``: those without a unit cost.
    """
    in_ratio = "gross_public_value_in_bcr_gbp" in value
    net, gross = (
        value[f"{name}{'_in_bcr' if in_ratio else ''}_gbp"] for name in ("public_value", "gross_public_value")
    )
    return {
        "zero": sum(not row["has_later"] for row in zero),
        "gaps": len(gaps),
        "is_mostly_taken": bool(gross) and 2 * (net or 0) < gross,
        "is_least": bool(summary and summary["time_is_least"]),
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


def _contract(facts: Row, value: Row, of: dict[str, Groups]) -> Row:
    """All about a contract that is one value, with its path and with what keeps it out of the ratio."""
    contract_id = value["contract_id"]
    outcomes, payments = (of[name].get(contract_id, []) for name in ("reported_outcomes", "payments"))
    is_elsewhere = contract_id in of["results_elsewhere"]
    without_value = "" if value["is_valued"] else _why_not_valued(outcomes, is_elsewhere=is_elsewhere)
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


def _why_not_valued(outcomes: list[Row], *, is_elsewhere: bool) -> str:
    in_scope = [row for row in outcomes if row["share_counted"] > 0]
    counted = [row for row in in_scope if (row["quantity_counted"] or 0) > 0]
    if not outcomes:
        only_together = "its outcomes are published only as part of a total with other contracts"
        return only_together if is_elsewhere else "no outcomes have been published"
    if any(row["quantity"] is None and row["treatment"] in COUNTED_TREATMENTS for row in in_scope):
        return "how many people reached its outcomes is withheld, because so few could be recognised"
    if not counted and any(row["quantity"] is None or row["quantity"] > 0 for row in outcomes):
        return "no outcome was reported before the cut-off"
    if not any(row["treatment"] in COUNTED_TREATMENTS for row in outcomes):
        return "none of its reported outcomes has an agreed value"
    return "so far nobody is reported to have reached an outcome with an agreed value"


def _why_not_paid(payments: list[Row]) -> str:
    bases = {row["basis"] for row in payments}
    if RETURNED in bases:
        return "all the money went back, or no payment falls before the cut-off"
    if bases & {"paid", "reported"}:
        return "no payment falls before the cut-off"
    if "evaluation" in bases:
        return "payments are known only as a total in an evaluation or on a project page"
    return "only the maximum payment is public" if bases else "no payments have been published"


def _area(value: Row) -> Row:
    """An area with its path, and how much of what is known its ratio covers."""
    covered = area_coverage(value)
    small = {
        f"fewer than {FEW_CONTRACTS} contracts": covered.has_few_contracts,
        "fewer than half of its contracts": covered.has_few_of_its_contracts,
        "less than half of its known payments": covered.has_few_of_its_payments,
    }
    return {
        **value,
        "path": area_path(value["policy_area"]),
        "payments_share": covered.payments_share,
        "small": [words for words, holds in small.items() if holds],
    }
