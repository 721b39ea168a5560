"""The first page of the report: what was paid, what it was worth, how sure that is, what is left out, who says so.

Belongs here: choosing what of the tables the page shows, and its charts. What its first screen says is chosen in
``first_screen``; how it is written stands in the template.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.gap import parts_of_the_gap
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels
from pipeline.report.charts.places import places
from pipeline.report.charts.published import coverage, gap
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import payers_and_beneficiaries, value_by_policy_area
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.report.pages.first_screen import line_of_pounds, span_of_choices, verdict, what_matters
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.published_figures import gap_of
from pipeline.report.ranges import ranges_of
from pipeline.report.rows import as_rows, by_scope, names_of
from pipeline.report.text.headline import said_of_older_lists
from pipeline.report.withheld import what_is_withheld
from pipeline.report.wording import day, figure, per_pound, percent


def figures(made_from: Site) -> list[Figure]:
    """Return the charts of the page, not yet drawn."""
    tables, edition = made_from.tables, made_from.edition
    reported = tables["reported_outcomes"]
    found = gap_of(tables, edition, made_from.data)
    return [
        # Of an edition that counts up to another day than the study nothing of the payments is known to be missing.
        *([gap(parts_of_the_gap(found, made_from.data))] if found and found["is_like_for_like"] else []),
        value_by_policy_area({edition.edition: tables["policy_area_value"]}),
        places(tables["places"], tables["contracts"]),
        ratios_of_contracts(tables["contract_value"], tables["uncertainty"]),
        ranges(tables["uncertainty"]),
        tornado(tables["sensitivity"], _names(made_from)),
        acceptability_curve(tables["acceptability"], tables["uncertainty"]),
        spread_of_choices(tables["scenarios"]),
        payers_and_beneficiaries(tables["payer_beneficiary"]),
        ladder_funnels(reported[reported["quantity_counted"] > 0], names_of(tables["contracts"], "contract_id")),
        # Without a study there is nothing beside which to show it.
        *([coverage(tables["coverage"])] if tables["coverage"]["share"].notna().any() else []),
    ]


def render(made_from: Site) -> Files:
    """Return the first page by its path."""
    tables, data = made_from.tables, made_from.data
    names = _names(made_from)
    sensitivity = tables["sensitivity"]
    sensitivity = sensitivity[sensitivity["measure"] == "bcr"]
    sensitivity = sensitivity.assign(name=[_parameter_words(id_, names) for id_ in sensitivity["parameter_id"]])
    weak = sensitivity[sensitivity["grade"] == "weak"]
    beside, sure = gap_of(tables, made_from.edition, data), ranges_of(data)
    not_valued = tables["not_valued"].sort_values(["contracts", "name"], ascending=[False, True])
    span = span_of_choices(data)
    page = made_from.page(
        "index.html",
        "index",
        sure=sure,
        line=line_of_pounds(data, sure, span, beside["bcr"] if beside else None) if span else {},
        verdict=verdict(data, sure),
        covered=_share(data["outcome_payments_in_bcr_gbp"], data["outcome_payments_gbp"]),
        taken_off=_taken_off(tables["market_value"]),
        nothing_off=_nothing_off(made_from.edition, data),
        choices_span=span,
        matters=what_matters(made_from.edition, data),
        why_no_range=_why_no_range(made_from.edition),
        not_valued=len(not_valued),
        not_valued_named=_examples(not_valued, made_from.reference.outcome_types),
        next_update=_next_update(data["evidence_age"]["reviews"]),
        said_of_older_lists=said_of_older_lists(data),
        choice_words=CHOICE_WORDS,
        gap=beside,
        ranges=by_scope(as_rows(tables["uncertainty"])),
        mover=_first(sensitivity),
        weakest=_first(weak),
        carriers={kind: _first(rows) for kind, rows in tables["concentration"].groupby("kind", sort=False)},
        names=names,
        areas=as_rows(tables["policy_area_value"].sort_values("public_value_in_bcr_gbp", ascending=False)),
        floors=_floors(tables["value_summary"]),
        facts=market_rows(tables["market_facts"]),
        latest=_latest(made_from),
        last_day=_last_day(tables, made_from.edition),
        claims=what_is_withheld(tables["claims"]),
        bounds=by_scope(as_rows(tables["bounds"]), "bound").get("market", {}),
    )
    return {"index.html": page}


def _share(part: float | None, whole: float | None) -> float | None:
    return part / whole if part and whole else None


def _taken_off(market: pd.DataFrame) -> float | None:
    """The share of the value of the contracts in the ratio that is taken off as deadweight."""
    row = market.iloc[0]
    left = _share(row["public_value_in_bcr_gbp"], row["gross_public_value_in_bcr_gbp"])
    return None if left is None or left >= 1 else 1 - left


def _nothing_off(edition: Edition, data: Mapping[str, Any]) -> float | None:
    """The ratio if nothing were taken off as deadweight; None where the edition takes none off or nobody tried it."""
    ratio: float | None = data["by_choice"].get("deadweight_layer", {}).get("none", {}).get("bcr")
    return None if edition.deadweight_layer == "none" else ratio


def _examples(not_valued: pd.DataFrame, outcome_types: pd.DataFrame) -> list[str]:
    """Names of kinds of result without a value, those of most contracts first, one of each policy area."""
    area = not_valued["outcome_id"].map(outcome_types.set_index("outcome_id")["policy_area"])
    of_each = not_valued[~area.duplicated()]
    return [f"“{name}”" for name in of_each["name"].head(NAMED_NOT_VALUED)]


def _floors(summary: pd.DataFrame) -> set[str]:
    """The policy areas of which some time is counted only as far as somebody measured it."""
    return set(summary.loc[(summary["scope_kind"] == "policy_area") & summary["time_is_least"], "scope"])


def _why_no_range(edition: Edition) -> str:
    if edition.distribution == "fixed":
        return "this edition keeps every unit cost and rate as it is."
    if edition.unit_value_level == "central":
        return "too little of the value has a range of its own."
    return f"this edition takes each unit cost at its {edition.unit_value_level} end, so that little is left to vary."


def _next_update(reviews: Mapping[str, Any]) -> str:
    """When to expect the next release. ``reviews``: as a headline has them, by day."""
    words = "No date is fixed. A new edition follows when INDIGO publishes new data"
    if not reviews:
        return f"{words}."
    first = date.fromisoformat(min(reviews))
    return f"{words}. The first unit costs are due for review by {day(first)}."


def _first(table: pd.DataFrame) -> dict[str, Any] | None:
    return None if table.empty else table.iloc[0].to_dict()


def _names(made_from: Site) -> dict[str, str]:
    """What contracts, outcomes and unit costs are called, by id."""
    reference, contracts = made_from.reference, made_from.tables["contracts"]
    return {
        **names_of(contracts, "contract_id"),
        **names_of(reference.outcome_types, "outcome_id"),
        **names_of(reference.unit_costs, "unit_cost_id"),
    }


def _parameter_words(parameter_id: str, names: Mapping[str, str]) -> str:
    """What a parameter is called, such as ``assumed deadweight of a sustained job``."""
    kind, *rest = parameter_id.split("/")
    if kind == "deadweight":
        layer, outcome_id, *contract = rest
        only = f", for {names[contract[0]]} alone" if contract else ""
        return f"{layer} deadweight for “{names[outcome_id]}”{only}"
    return names.get(rest[0]) or f"{kind.replace('_', ' ')}: {rest[0].replace('_', ' ')}"


def _last_day(tables: Mapping[str, pd.DataFrame], edition: Edition) -> date | None:
    """The last day of any result, or of any payment of a kind that the edition counts."""
    results, payments = tables["reported_outcomes"], tables["payments"]
    counted = payments[payments["basis"].isin(edition.payment_bases)]
    days = pd.concat([results["period_end"], counted["period_end"]]).dropna()
    return None if days.empty else days.max().date()


def _latest(made_from: Site) -> str:
    """When the latest of the sources of the results was published."""
    cited = {source for cell in made_from.tables["reported_outcomes"]["source_id"] for source in cell.split("; ")}
    sources = made_from.reference.sources
    return str(sources.loc[sources["source_id"].isin(cited), "published"].max())


# So many kinds of result without a value are named.
NAMED_NOT_VALUED = 2
# The facts of the market in the order in which they are shown, in words.
FACT_WORDS = {
    "contracts_known": "contracts known",
    "contracts_launched": "contracts launched",
    "contracts_in_bcr": "contracts with a ratio",
    "commissioners": "commissioners",
    "providers": "providers",
    "investors": "investors",
    "people": "people reached",
    "outcome_payments_gbp": "outcome payments",
    "payments_central_share": "share paid by central government",
    "payments_local_share": "share paid by local commissioners",
    "payments_mixed_share": "share paid by both together",
    "payments_unknown_share": "share whose payer is not known",
    "social_investment_gbp": "social investment",
    "contracts_with_social_investment": "contracts with known investment",
    "social_investment_per_pound": "social investment per £1 of payments",
}


def market_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the facts of the market in words: ``fact, ours, published, study, note``; ``table``: market_facts."""
    facts = table[table["scope"] == "market"].set_index("measure").to_dict("index")
    return [
        {
            "fact": words,
            "ours": _fact(row["ours"], row["unit"]),
            "published": "" if pd.isna(row["published"]) else _fact(row["published"], row["unit"]),
            "study": ", ".join(filter(None, (row["published_edition"], row["value_qualifier"]))),
            "source_id": row["source_id"],
            "note": row["note"],
        }
        for measure, words in FACT_WORDS.items()
        if (row := facts.get(measure))
    ]


def _fact(value: float, unit: str) -> str:
    if unit == "share":
        return percent(value)
    return per_pound(value) if unit == "GBP per GBP of payments" else figure(value, unit)


PAGE = Page("index.html", "Overview", render, figures, printed=("index.html",))
