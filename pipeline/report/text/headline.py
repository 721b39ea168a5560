"""The headline of an edition as plain data, for machines.

Belongs here: choosing what the tables say. Every number comes from a published table; for people ``headline_markdown``
writes it.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.facts.price_lists import lists_to
from pipeline.method.analysis.bridge.terms import MARKET
from pipeline.method.analysis.evidence import older_list_share
from pipeline.method.analysis.reconstruction.steps import reached
from pipeline.method.analysis.scenarios import RANGES
from pipeline.method.analysis.spread import spread
from pipeline.method.steps.optimism_bias import is_unverified
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.published_figures import counted_by_status
from pipeline.report.ranges import BOUNDS
from pipeline.report.rows import Row, as_rows
from pipeline.report.wording import RATIO_WORDS, percent
from pipeline.tables.vocabulary import (
    AGES,
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
# Of so many of the largest the share is told together.
FEW = 5
# A smaller share would be shown as none.
LEAST_SHARE = 0.005


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
