"""The headline of an edition, for machines and for people.

Belongs here: choosing and wording what the tables say. Every number comes from a published table.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.claims.marks import is_synthetic
from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import lists_to
from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.method.analysis.evidence import older_list_share
from pipeline.method.analysis.gap import gap_to_published, paid_without_value
from pipeline.method.analysis.reconciliation import study_beside
from pipeline.method.analysis.reconstruction.steps import reached
from pipeline.method.analysis.scenarios import RANGES
from pipeline.method.analysis.spread import spread
from pipeline.method.steps.optimism_bias import is_unverified
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.published_figures import counted_by_status, said_of_the_figures, shown
from pipeline.report.ranges import BOUNDS, ranges_of, said_of_the_bound, said_of_the_range
from pipeline.report.rows import Row, as_rows, by_scope, evidence_by_grade
from pipeline.report.wording import RATIO_WORDS, capital, percent, template
from pipeline.tables.vocabulary import (
    AGES,
    DEADWEIGHT_LAYERS,
    OPTIMISM_BIASES,
    RECONCILIATION_STATUSES,
    ROBUSTNESS_PARTS,
    TIME_CONVENTIONS,
)

SUMS = [
    "contracts",
    "contracts_valued",
    "contracts_with_payments",
    "contracts_in_bcr",
    "outcome_payments_gbp",
    "outcome_payments_real_gbp",
    "public_value_gbp",
    "gross_public_value_gbp",
    "fiscal_gbp",
    "economic_gbp",
    "social_gbp",
    "transfers_gbp",
    "public_value_in_bcr_gbp",
    "fiscal_in_bcr_gbp",
    "outcome_payments_in_bcr_gbp",
    "outcome_payments_in_bcr_real_gbp",
    "bcr",
    "fiscal_bcr",
    "bcr_cash",
    "fiscal_bcr_cash",
]
ROBUST = ["contracts", "outcome_payments_real_gbp", "public_value_gbp", "fiscal_gbp", "bcr", "fiscal_bcr"]
CHANCES = ("chance_above_1", "chance_above_2", "chance_above_published")
IF_INDEPENDENT = ("p10_if_independent", "p90_if_independent")
# The thresholds of table ``acceptability`` that are shown.
THRESHOLDS = (0.5, 1.0, 1.5, 2.0, 3.0)
LARGEST = 10
# Of so many of the largest the share is told together; so many contracts are named that move the ratio most when they
# are left out.
FEW, NAMED = 5, 3
# A smaller share would be shown as none.
LEAST_SHARE = 0.005
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
# The choices that may account for the difference to a published ratio.
CHOICES_OF_THE_GAP = ("time_convention", "deadweight_layer", "unit_value_level", "value_set", "price_base")


def headline(tables: Mapping[str, pd.DataFrame], edition: Edition) -> dict[str, Any]:
    """Return the headline as plain data, ready for JSON; a ratio that does not exist is None.

    It holds figures and no versions, so that a headline under version control changes when a figure does. The versions
    are published beside it (``versions.json``).
    """
    areas = tables["policy_area_value"]
    return {
        "edition": edition.edition,
        "title": edition.title,
        "price_year": edition.price_year,
        "cut_off": edition.cut_off.isoformat() if edition.cut_off else None,
        "deadweight_layer": edition.deadweight_layer,
        "value_set": edition.value_set,
        "unit_value_level": edition.unit_value_level,
        "bound": BOUNDS.get(edition.unit_value_level),
        "time_convention": edition.time_convention,
        "optimism_bias": edition.optimism_bias,
        "unverified_tables": _unverified(tables, edition),
        **_plain(tables["market_value"].iloc[0], SUMS),
        "uncertainty": _uncertainty(tables["uncertainty"]),
        "concentration": _concentration(tables["concentration"]),
        "evidence_age": _evidence_age(tables["evidence_age"]),
        "older_list_share": _older_list_share(tables, edition),
        "robustness": {row["part"]: _plain(row, ROBUST) for row in as_rows(tables["robustness"])},
        "scenarios": _spread(tables["scenarios"]),
        "by_choice": _by_choice(tables["scenarios"]),
        "by_policy_area": {row["policy_area"]: _plain(row, SUMS) for row in as_rows(areas)},
        "published_figures": counted_by_status(tables["reconciliation"]),
        "reading": _reading(tables["reconstruction"], tables["readings"]),
    }


def _reading(terms: pd.DataFrame, readings: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """How far the steps lead by which the study might be rebuilt, and how many readings come near; else nothing.

    Of each ratio: as the edition has it (``begin``), after the steps that explain (``explained``), and ``published``;
    of readings without and with plugs how many there are (``combinations``) and how many are ``near``.
    """
    found = reached(terms)
    market = found[found["scope"] == MARKET].set_index("measure")
    if not set(RATIO_WORDS) <= set(market.index[market["published"].notna()]):
        return {}
    counts = readings[readings["step_id"] == ""].set_index(["plugs", "measure"])["number"]
    ratios = {
        measure: {name: round(float(market.loc[measure, name]), 6) for name in ("begin", "explained", "published")}
        for measure in RATIO_WORDS
    }
    number = {
        plugs: {name: int(counts[plugs, name]) for name in ("combinations", "near")}
        for plugs in readings["plugs"].unique()
    }
    return {**ratios, **number}


def as_json(data: Mapping[str, Any]) -> str:
    """Return the headline as JSON text."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


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


def gap_of(tables: Mapping[str, pd.DataFrame], edition: Edition, data: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return of what the difference to the published ratio is made, or None when nothing was published.

    An edition that reproduces no study is held against the latest one. ``options``: the ratios under other choices.
    """
    study = study_beside(edition, tables["reconciliation"])
    found = gap_to_published(tables["reconciliation"], tables["contract_value"], data, study)
    return found and {
        **found,
        "is_like_for_like": bool(edition.published_edition),
        "options": {choice: data["by_choice"][choice] for choice in CHOICES_OF_THE_GAP if choice in data["by_choice"]},
    }


def said_of_older_lists(data: Mapping[str, Any]) -> str:
    """Return how much of the value depends on an older price list than the edition's own; nothing where none does."""
    # Of a headline that was published before it was known nothing is said.
    share, value_set = data.get("older_list_share") or 0.0, data["value_set"]
    if share <= 0:
        return ""
    much = "under 1%" if share < LEAST_SHARE else percent(share)
    older = " or ".join(lists_to(value_set)[:-1])
    return (
        f"{much} of public value depends on unit costs from the {older} price list, as the {value_set} list "
        "does not have them"
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


def what_is_withheld(claims: pd.DataFrame) -> dict[str, int] | None:
    """Return how many counts of claims there are, and how many of them are withheld; None where there are none.

    ``claims``: that published table, or rows of it. ``totals_withheld``: metrics of which the latest total is.
    """
    if claims.empty:
        return None
    latest = claims.sort_values("financial_year").drop_duplicates(["contract_id", "metric_id"], keep="last")
    withheld = claims[claims["is_withheld"] | claims["is_total_withheld"]]
    return {
        "contracts": claims["contract_id"].nunique(),
        "contracts_withheld": withheld["contract_id"].nunique(),
        "counts": len(claims),
        "counts_withheld": int(claims["is_withheld"].sum()),
        "metrics": len(latest),
        "totals_withheld": int(latest["is_total_withheld"].sum()),
    }


def moved(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> list[str]:
    """Return what differs between two headlines, one line each: ``by_policy_area.health.bcr: 0.3 -> 0.31``."""
    lines: list[str] = []
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if name not in before or name not in after:
            lines.append(f"{path}{name}: {'new' if name in after else 'no longer there'}")
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += moved(old, new, f"{path}{name}.")
        elif old != new:
            lines.append(f"{path}{name}: {old} -> {new}")
    return lines


def _overlaps(overlaps: pd.DataFrame) -> list[dict[str, Any]]:
    public = overlaps[~overlaps["is_transfer"]]
    sums = public.groupby("overlap_reason").agg(contracts=("contract_id", "nunique"), net_gbp=("net_gbp", "sum"))
    return as_rows(sums.reset_index())


def _by_choice(scenarios: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """The options of each choice that has several, all others as in the edition."""
    rows = as_rows(scenarios[scenarios["is_edition"] | scenarios["changed"].isin(list(CHOICE_WORDS))])
    wanted = ["contracts_in_bcr", "public_value_gbp", "outcome_payments_gbp", "bcr", "fiscal_bcr", *RANGES]
    by_choice = {
        choice: {str(row[choice]): _plain(row, wanted) for row in rows if row["is_edition"] or row["changed"] == choice}
        for choice in CHOICE_WORDS
    }
    return {choice: options for choice, options in by_choice.items() if len(options) > 1}


def _spread(scenarios: pd.DataFrame) -> dict[str, Any]:
    """How far the ratios of the market lie apart under all combinations of choices."""
    rounded = {
        measure: {name: round(ratio, 6) for name, ratio in quantiles.items()}
        for measure, quantiles in spread(scenarios).items()
    }
    return {"combinations": len(scenarios)} | rounded


def _unverified(tables: Mapping[str, pd.DataFrame], edition: Edition) -> list[str]:
    """Tables on which the edition rests though nobody has read them in their primary source."""
    is_used = edition.optimism_bias != "none"
    return ["optimism_bias"] if is_used and is_unverified(tables["optimism_bias"]) else []


def _chances(table: pd.DataFrame) -> dict[float, dict[str, float]]:
    """The chance to lie above each threshold that is shown, by threshold and measure."""
    shown = table[table["threshold"].isin(THRESHOLDS)]
    return shown.pivot(index="threshold", columns="measure", values="chance_above").to_dict("index")


def _evidence_age(table: pd.DataFrame) -> dict[str, Any]:
    """Shares of public value by the age of the unit costs and by what ranges rest on, and what is due for review when.

    ``reviews``: by day, how many parameters are due, and the share of public value that rests on them: the largest of
    those of unit costs, rates and weights, since each line rests on one of each.
    """
    costs = table[table["kind"] == "unit_cost"]
    conventions = table[table["range_basis"] == "convention"].groupby("kind")["share"].sum()
    due = table.groupby("review_by")
    return {
        "shares": {age: round(float(costs.loc[costs["age"] == age, "share"].sum()), 6) for age in AGES},
        "ranges_by_convention": {
            kind: round(float(conventions.get(kind, 0.0)), 6) for kind in ("unit_cost", "deadweight", "hours_weight")
        },
        "reviews": {
            day: {"parameters": len(rows), "share": round(float(rows.groupby("kind")["share"].sum().max()), 6)}
            for day, rows in due
        },
    }


def _older_list_share(tables: Mapping[str, pd.DataFrame], edition: Edition) -> float | None:
    share = older_list_share(tables["valued_outcomes"], tables["contract_value"], edition.value_set)
    return None if math.isnan(share) else round(share, 6)


def _concentration(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """What the largest few of each kind carry together, and how far the ratio falls and rises without one of them."""
    by_kind = table.groupby("kind", sort=False)
    said = pd.DataFrame(
        {
            "top_five_share": table[table["rank"] <= FEW].groupby("kind")["cumulative_share"].last(),
            "lowest_bcr_without": by_kind["bcr_without"].min(),
            "highest_bcr_without": by_kind["bcr_without"].max(),
        }
    )
    return {kind: _plain(said.loc[kind], list(said)) for kind in by_kind.groups}


def _without(table: pd.DataFrame, contracts: pd.DataFrame, bcr: float | None) -> list[dict[str, Any]]:
    """The few contracts that move the market's ratio furthest when they are left out, with their names."""
    left_out = table[(table["kind"] == "contract") & table["bcr_without"].notna()]
    if bcr is None or left_out.empty:
        return []
    furthest = (left_out["bcr_without"] - bcr).abs().nlargest(NAMED).index
    names = contracts.set_index("contract_id")["name"]
    return as_rows(left_out.loc[furthest].join(names, on="id"))


def _uncertainty(table: pd.DataFrame) -> dict[str, Any]:
    """Draws, seed and, for each ratio of the market, its range and the chances to lie above 1, 2 and the published."""
    market = table[table["scope_kind"] == "market"]
    if market.empty:
        return {}
    wanted = ["mean", "p5", "p10", "p50", "p90", "p95", *CHANCES, *IF_INDEPENDENT, "published", "monte_carlo_error"]
    wanted += ["drawn_share", "fixed_unit_cost_share", "has_range"]
    ratios = {str(row["measure"]): _plain(row, wanted) for row in as_rows(market)}
    return {"draws": int(market["draws"].iloc[0]), "seed": int(market["seed"].iloc[0]), **ratios}


def _plain(row: "Row | pd.Series[Any]", names: list[str]) -> dict[str, Any]:
    """Plain numbers of a row: whole ones as int, pounds to the penny, ratios to six places, none as None."""
    plain: dict[str, Any] = {}
    for name in names:
        value = row[name]
        if pd.isna(value):
            plain[name] = None
        elif name.startswith("has_"):
            plain[name] = bool(value)
        elif name.startswith("contracts"):
            plain[name] = int(value)
        else:
            plain[name] = round(float(value), 2 if name.endswith("_gbp") else 6)
    return plain
