"""The first page of the report: what was paid, what it was worth, how sure that is, and on what it rests.

Belongs here: choosing what of the tables the page shows. What is said stands in the template, its charts in
``figures``; no number is worked out here that no table has.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.report.figures import Figure
from pipeline.report.headline import by_scope, gap_to_published, said_of_older_lists, what_is_withheld
from pipeline.report.pages import Site
from pipeline.report.ranges import ranges_of, said_of_the_range
from pipeline.report.wording import CHOICE_WORDS, figure, percent, ratio_text


def index_page(made_from: Site, figures: Sequence[Figure], drawings: Mapping[str, str]) -> str:
    """Return the first page. ``drawings``: the figures as SVG, by their ids."""
    tables, data = made_from.tables, made_from.data
    sensitivity = tables["sensitivity"].query("measure == 'bcr'")
    names = _names(made_from)
    sensitivity = sensitivity.assign(name=[_parameter_words(id_, names) for id_ in sensitivity["parameter_id"]])
    weak = sensitivity[sensitivity["grade"] == "weak"]
    return made_from.page(
        "index.html",
        "index",
        sure=ranges_of(data),
        said_of_the_range=said_of_the_range(made_from.edition, data),
        said_of_older_lists=said_of_older_lists(data),
        choice_words=CHOICE_WORDS,
        gap=gap_to_published(tables, made_from.edition, data),
        ranges=by_scope(tables["uncertainty"]),
        mover=_first(sensitivity),
        weakest=_first(weak),
        carriers={kind: _first(rows) for kind, rows in tables["concentration"].groupby("kind", sort=False)},
        names=names,
        areas=tables["policy_area_value"].sort_values("public_value_in_bcr_gbp", ascending=False).to_dict("records"),
        facts=market_rows(tables["market_facts"]),
        latest=_latest(made_from),
        claims=what_is_withheld(tables["claims"]),
        bounds=tables["bounds"].query("scope_kind == 'market'").set_index("bound").to_dict("index"),
        figures={figure.id: figure for figure in figures},
        drawings=drawings,
    )


def _first(table: pd.DataFrame) -> dict[str, Any] | None:
    return None if table.empty else table.iloc[0].to_dict()


def _names(made_from: Site) -> dict[str, str]:
    """What contracts, outcomes and unit costs are called, by id."""
    reference, contracts = made_from.reference, made_from.tables["contracts"]
    pairs = [
        zip(contracts["contract_id"], contracts["name"], strict=True),
        zip(reference.outcome_types["outcome_id"], reference.outcome_types["name"], strict=True),
        zip(reference.unit_costs["unit_cost_id"], reference.unit_costs["name"], strict=True),
    ]
    return {str(id_): str(name) for pair in pairs for id_, name in pair}


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
