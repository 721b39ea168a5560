"""The first page of the report: what was paid, what it was worth, how sure that is, and on what it rests.

Belongs here: choosing what of the tables the page shows, and its charts. What is said stands in the template beside it;
no number is worked out here.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.method.analysis.gap import parts_of_the_gap
from pipeline.report.charts.choices import spread_of_choices
from pipeline.report.charts.contracts import ratios_of_contracts
from pipeline.report.charts.figure import Figure
from pipeline.report.charts.outcomes import ladder_funnels
from pipeline.report.charts.places import places
from pipeline.report.charts.published import coverage, gap
from pipeline.report.charts.uncertainty import acceptability_curve, ranges, tornado
from pipeline.report.charts.value import payers_and_beneficiaries, value_by_policy_area
from pipeline.report.pages.frame import Files, Page, Site
from pipeline.report.published_figures import said_of_the_figures
from pipeline.report.ranges import ranges_of, said_of_the_range
from pipeline.report.rows import as_rows, by_scope, names_of
from pipeline.report.text.headline import gap_of, said_of_older_lists, what_is_withheld
from pipeline.report.wording import CHOICE_WORDS, figure, percent, ratio_text


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
        tornado(tables["sensitivity"]),
        acceptability_curve(tables["acceptability"], tables["uncertainty"]),
        spread_of_choices(tables["scenarios"]),
        payers_and_beneficiaries(tables["payer_beneficiary"]),
        ladder_funnels(reported[reported["quantity_counted"] > 0], names_of(tables["contracts"], "contract_id")),
        coverage(tables["coverage"]),
    ]


def render(made_from: Site) -> Files:
    """Return the first page by its path."""
    tables, data = made_from.tables, made_from.data
    names = _names(made_from)
    sensitivity = tables["sensitivity"]
    sensitivity = sensitivity[sensitivity["measure"] == "bcr"]
    sensitivity = sensitivity.assign(name=[_parameter_words(id_, names) for id_ in sensitivity["parameter_id"]])
    weak = sensitivity[sensitivity["grade"] == "weak"]
    page = made_from.page(
        "index.html",
        "index",
        sure=ranges_of(data),
        said_of_the_range=said_of_the_range(made_from.edition, data),
        said_of_older_lists=said_of_older_lists(data),
        choice_words=CHOICE_WORDS,
        gap=gap_of(tables, made_from.edition, data),
        said_of_the_figures=said_of_the_figures(data["published_figures"]),
        ranges=by_scope(as_rows(tables["uncertainty"])),
        mover=_first(sensitivity),
        weakest=_first(weak),
        carriers={kind: _first(rows) for kind, rows in tables["concentration"].groupby("kind", sort=False)},
        names=names,
        has_reading=not tables["reconstruction"].empty,
        areas=as_rows(tables["policy_area_value"].sort_values("public_value_in_bcr_gbp", ascending=False)),
        facts=market_rows(tables["market_facts"]),
        latest=_latest(made_from),
        claims=what_is_withheld(tables["claims"]),
        bounds=by_scope(as_rows(tables["bounds"]), "bound").get("market", {}),
    )
    return {"index.html": page}


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
        only = f", {names[contract[0]]} alone" if contract else ""
        return f"{layer} deadweight of {names[outcome_id]}{only}"
    return names.get(rest[0]) or f"{kind.replace('_', ' ')}: {rest[0].replace('_', ' ')}"


def _latest(made_from: Site) -> str:
    """When the latest of the sources of the results was published."""
    cited = {source for cell in made_from.tables["reported_outcomes"]["source_id"] for source in cell.split("; ")}
    sources = made_from.reference.sources
    return str(sources.loc[sources["source_id"].isin(cited), "published"].max())


# The facts of the market in the order in which they are shown, in words.
FACT_WORDS = {
    "contracts_known": "contracts known",
    "contracts_launched": "contracts launched",
    "contracts_in_bcr": "contracts in the ratio",
    "commissioners": "commissioners",
    "providers": "providers",
    "investors": "investors",
    "people": "people reached",
    "outcome_payments_gbp": "outcome payments",
    "payments_central_share": "of it paid by central funds",
    "payments_local_share": "of it paid by local commissioners",
    "payments_mixed_share": "of it paid by both together",
    "payments_unknown_share": "of it, payer not known",
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
    return f"£{ratio_text(value)}" if unit == "GBP per GBP of payments" else figure(value, unit)


PAGE = Page("index.html", "The report", render, figures, printed=("index.html",))
