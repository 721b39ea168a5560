"""The headline of an edition for people, as Markdown.

Belongs here: choosing and wording what the tables say. The headline as data is made in ``headline``, and every number
comes from there or from a published table.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.claims.marks import is_synthetic
from pipeline.facts.editions import Edition
from pipeline.method.analysis.gap import paid_without_value
from pipeline.method.steps.optimism_bias import is_unverified
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.published_figures import gap_of, said_of_the_figures, shown
from pipeline.report.ranges import ranges_of, said_of_the_bound, said_of_the_range
from pipeline.report.rows import Row, as_rows, by_scope, evidence_by_grade
from pipeline.report.text.headline import said_of_older_lists
from pipeline.report.withheld import what_is_withheld
from pipeline.report.wording import RATIO_WORDS, capital, template
from pipeline.tables.vocabulary import (
    AGES,
    DEADWEIGHT_LAYERS,
    OPTIMISM_BIASES,
    RECONCILIATION_STATUSES,
    ROBUSTNESS_PARTS,
    TIME_CONVENTIONS,
)

# The thresholds of table ``acceptability`` that are shown.
THRESHOLDS = (0.5, 1.0, 1.5, 2.0, 3.0)
LARGEST = 10
# So many contracts are named that move the ratio most when they are left out.
NAMED = 3
# What public data cover, in words.
COVERAGE_WORDS = {
    "contracts": "contracts",
    "contracts_with_reported_outcomes": "contracts with reported outcomes",
    "contracts_with_payments": "contracts with payments",
    "contracts_valued": "contracts with a valued outcome",
    "contracts_in_bcr": "contracts in the ratio",
    "people_engaged": "people engaged",
    "outcome_payments_gbp": "outcome payments (cash)",
    "outcome_payments_in_bcr_gbp": "outcome payments in the ratio (cash)",
    "payments_paid_gbp": "… recorded as paid (cash)",
    "payments_reported_gbp": "… reported as payments, of no stated type (cash)",
    "payments_commitment_gbp": "maximum payments under contracts (cash)",
    "payments_evaluation_gbp": "totals in evaluations (cash)",
    "payments_returned_gbp": "paid back (cash)",
    "metrics": "metrics reported",
    "metrics_valued": "… counted by themselves, with a unit cost",
    "metrics_rung": "… milestones of one outcome, counted together",
    "metrics_process": "… steps on the way, without value of their own",
    "metrics_overlap": "… the same benefit as another metric, not counted",
    "metrics_no_unit_cost": "… outcomes without a unit cost",
    "metrics_withheld": "metrics withheld",
    "contracts_with_metrics_withheld": "contracts with metrics withheld",
}


def as_markdown(tables: Mapping[str, pd.DataFrame], edition: Edition, data: Mapping[str, Any]) -> str:
    """Return the headline as Markdown: the answer in three sentences, then the details, each under its question.

    A section with nothing in it is left out.
    """
    contracts = tables["contract_value"]
    outcomes = tables["reported_outcomes"]
    sensitivity, scenarios = tables["sensitivity"], tables["scenarios"]
    public = sensitivity[sensitivity["measure"] == "bcr"]
    return template("text/headline.md.j2").render(
        edition=edition,
        is_synthetic=is_synthetic(tables["contracts"]["contract_id"]),
        data=data,
        gap=gap_of(tables, edition, data),
        sure=ranges_of(data),
        said_of_the_range=said_of_the_range(edition, data),
        said_of_the_bound=said_of_the_bound(edition),
        said_of_older_lists=said_of_older_lists(data),
        breaking_even=_breaking_even(by_scope(as_rows(tables["switching_values"])).get("market", {})),
        movers=as_rows(public.head(LARGEST)),
        is_worth_knowing=bool(public["value_of_knowing"].ge(0.00005).any()),
        chances=_chances(tables["acceptability"]),
        carried=data["concentration"],
        without=_without(tables["concentration"], contracts, data["bcr"]),
        evidence=evidence_by_grade(tables["evidence_quality"]),
        ages=AGES,
        layers=DEADWEIGHT_LAYERS,
        conventions=TIME_CONVENTIONS,
        biases=OPTIMISM_BIASES,
        coverage_words=COVERAGE_WORDS,
        parts_of_value=ROBUSTNESS_PARTS,
        ranges=by_scope(as_rows(tables["uncertainty"])),
        areas=as_rows(tables["policy_area_value"]),
        largest=as_rows(contracts[contracts["is_valued"]].nlargest(LARGEST, "public_value_gbp")),
        choices=CHOICE_WORDS,
        own_options=as_rows(scenarios.loc[scenarios["is_edition"], list(CHOICE_WORDS)])[0],
        is_bias_unverified=is_unverified(tables["optimism_bias"]),
        unvalued=as_rows(paid_without_value(contracts)),
        unpaid=as_rows(
            contracts[contracts["is_valued"] & ~contracts["is_in_bcr"]].sort_values("public_value_gbp", ascending=False)
        ),
        bounds=by_scope(as_rows(tables["bounds"]), "bound").get("market", {}),
        coverage=as_rows(tables["coverage"]),
        claims=what_is_withheld(tables["claims"]),
        not_valued=as_rows(tables["not_valued"]),
        treatments=outcomes.drop_duplicates(["contract_id", "metric_id"])["treatment"].value_counts().to_dict(),
        overlaps=_overlaps(tables["overlaps"]),
        reconciliation=shown(tables["reconciliation"][tables["reconciliation"]["is_like_for_like"]]),
        said_of_the_figures=said_of_the_figures(data["published_figures"]),
        statuses=RECONCILIATION_STATUSES,
        flags=as_rows(tables["flags"]),
        rejected=len(tables["rejected_rows"]),
        estimated=int(outcomes["is_estimated"].sum()),
    )


def _breaking_even(switching: Mapping[str, Row]) -> dict[str, list[str]]:
    """Return what would bring each ratio to £1, under where it is now; ``switching``: the market's row by measure."""
    rows = [(RATIO_WORDS[measure], row) for measure, row in switching.items() if row["ratio"] > 0]
    where = {
        True: "is above £1. Any of these would bring it down to £1:",
        False: "is below £1. Any of these would lift it:",
    }
    return {f"{capital(words)} {where[row['ratio'] > 1]}": ways_to_break_even(row) for words, row in rows}


def ways_to_break_even(row: Row) -> list[str]:
    """Return what would bring a ratio to £1, each in positive shares; ``row``: of ``switching_values``."""
    deadweight, highest, fall = row["switching_deadweight"], row["highest_deadweight"], row["further_fall"]
    at_high = f"with every rate at its high end it is {highest:.0%}" if highest else "this edition takes none off"
    rate = f"deadweight of {deadweight:.0%} overall ({at_high})"
    if row["ratio"] > 1:
        at_low = f"with every unit cost at its low end they are {row['largest_fall']:.0%} lower"
        return [rate, f"unit values {fall:.0%} lower ({at_low})", f"payments {row['rise_in_payments']:,.0%} higher"]
    no_way = "deadweight cannot bring it there: even with none taken off, it is below £1"
    ways = [f"unit values {-fall:,.0%} higher", f"payments {-row['rise_in_payments']:.0%} lower"]
    return [rate, *ways] if deadweight >= 0 else [*ways, no_way]


def _overlaps(overlaps: pd.DataFrame) -> list[dict[str, Any]]:
    public = overlaps[~overlaps["is_transfer"]]
    sums = public.groupby("overlap_reason").agg(contracts=("contract_id", "nunique"), net_gbp=("net_gbp", "sum"))
    return as_rows(sums.reset_index())


def _chances(table: pd.DataFrame) -> dict[float, dict[str, float]]:
    """The chance to lie above each threshold that is shown, by threshold and measure."""
    shown = table[table["threshold"].isin(THRESHOLDS)]
    return shown.pivot(index="threshold", columns="measure", values="chance_above").to_dict("index")


def _without(table: pd.DataFrame, contracts: pd.DataFrame, bcr: float | None) -> list[dict[str, Any]]:
    """The few contracts that move the market's ratio furthest when they are left out, with their names."""
    left_out = table[(table["kind"] == "contract") & table["bcr_without"].notna()]
    if bcr is None or left_out.empty:
        return []
    furthest = (left_out["bcr_without"] - bcr).abs().nlargest(NAMED).index
    names = contracts.set_index("contract_id")["name"]
    return as_rows(left_out.loc[furthest].join(names, on="id"))
