"""The facts of the market: how many contracts and organisations, how many people, who pays, how much is invested.

Belongs here: counts, sums and shares of what is reported, for the market and for each policy area, with the published
figure beside each where there is one. Nothing is valued here.
"""

from collections.abc import Iterator

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.organisations import begun_by, investments, organisations_of
from pipeline.method.analysis.reconciliation import study_beside
from pipeline.method.steps.scope import counted_bases
from pipeline.tables.analysis import MarketFacts
from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.reference import CONTEXT, PublishedFigures
from pipeline.tables.typed import DataFrame
from pipeline.tables.valuation import ContractValue, PaymentsInScope
from pipeline.tables.vocabulary import ORGANISATION_ROLES, PAYER_KINDS, POLICY_AREAS

# Measure, our figure, its unit, and what it counts.
Fact = tuple[str, float, str, str]

ROLE_NOTES = {
    "commissioner": "committed to pay or paid; ids of the source, under two of which one body may stand",
    "provider": "named as delivering; not all members of a consortium are named",
    "investor": "named as investing, directly or through a fund; groups that name nobody are not counted",
}
STARTED = "begun by the cut-off; one without a start counts"
PAYER_NOTES = {
    "central": "paid by central government or a national fund alone",
    "local": "paid by local bodies alone",
    "mixed": "paid by central and local bodies together; how much by each is not public, so it is not split",
    "unknown": "the payer is not named, or is of neither kind",
}


def market_facts(
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    payments_in_scope: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
    published_figures: DataFrame[PublishedFigures],
) -> DataFrame[MarketFacts]:
    """Return one row per scope (the market, each policy area) and measure of it.

    Columns: ``scope, measure, ours, unit, published, value_qualifier, published_edition, source_id, note``; published
    is the figure of the study that the edition reproduces, else of the latest study that has one.
    """
    scopes = {"market": contracts} | {area: contracts[contracts["policy_area"] == area] for area in POLICY_AREAS}
    rows = [
        {"scope": scope, "measure": measure, "ours": ours, "unit": unit, "note": note}
        for scope, chosen in scopes.items()
        if len(chosen)
        for measure, ours, unit, note in _facts(edition, chosen, organisations, payments_in_scope, contract_value)
    ]
    table = pd.DataFrame(rows)
    figures = _figures(published_figures, study_beside(edition, published_figures))
    table = table.merge(figures, on=["scope", "measure"], how="left", validate="one_to_one")
    words = {name: "" for name in ("value_qualifier", "published_edition", "source_id")}
    return table.fillna(words).astype({"ours": float, "published": float})


def _facts(
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    payments: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
) -> Iterator[Fact]:
    """All facts about some contracts."""
    ids = contracts["contract_id"]
    values = contract_value[contract_value["contract_id"].isin(ids)]
    cut_off = edition.cut_off
    begun = begun_by(contracts, cut_off)["contract_id"]
    which = "contracts begun by the cut-off" if cut_off else "contracts known"
    of_which = f"; of {which}" if cut_off else ""
    taking_part = organisations[organisations["contract_id"].isin(begun)]
    yield "contracts_known", len(contracts), "contracts", "with a place of delivery in Great Britain"
    yield "contracts_launched", len(begun), "contracts", STARTED if cut_off else "all, since there is no cut-off"
    yield "contracts_in_bcr", values["is_in_bcr"].sum(), "contracts", "valued, and with known payments"
    for role in ORGANISATION_ROLES:
        yield f"{role}s", organisations_of(taking_part, role), "organisations", f"{ROLE_NOTES[role]}{of_which}"
    people = contracts["people_engaged"]
    known = f"public for {people.notna().sum()} of {len(contracts)} contracts, without dates"
    later = ": also those reached after the cut-off" if cut_off else ""
    yield "people", float(people.astype(float).sum(min_count=1)), "people", known + later
    yield from _payment_facts(values, payments, edition)
    yield from _investment_facts(f"{len(begun)} {which}", investments(taking_part), values)


def _payment_facts(
    values: DataFrame[ContractValue], payments: DataFrame[PaymentsInScope], edition: Edition
) -> Iterator[Fact]:
    bases = counted_bases(edition.payment_bases)
    paid = payments[payments["contract_id"].isin(values["contract_id"]) & payments["basis"].isin(bases)]
    total = values["outcome_payments_gbp"].sum(min_count=1)
    with_payments = (values["outcome_payments_gbp"] > 0).sum()
    yield "outcome_payments_gbp", total, "GBP", f"in cash, of the {with_payments} contracts with known payments"
    by_kind = paid.groupby("payer_kind")["amount_counted_gbp"].sum()
    for kind in PAYER_KINDS:
        share = by_kind.get(kind, 0.0) / total if total else float("nan")
        yield f"payments_{kind}_share", share, "share", PAYER_NOTES[kind]


def _investment_facts(of_which: str, invested: pd.DataFrame, values: DataFrame[ContractValue]) -> Iterator[Fact]:
    """What investors committed; per pound of payments only where both are known."""
    total = invested["social_investment_gbp"].sum(min_count=1)
    low_ends = invested["is_low_end"].sum()
    known = f"in cash, committed to {len(invested)} of {of_which}"
    yield "social_investment_gbp", total, "GBP", f"{known}; of {low_ends} the low end of a range" if low_ends else known
    yield "contracts_with_social_investment", len(invested), "contracts", "the amount committed is public"
    paid = values.set_index("contract_id")["outcome_payments_gbp"]
    both = invested.join(paid[paid > 0], how="inner")
    ratio = both["social_investment_gbp"].sum() / both["outcome_payments_gbp"].sum() if len(both) else float("nan")
    said = f"in cash, over the {len(both)} contracts of which both are known; of running ones the payments so far"
    yield "social_investment_per_pound", ratio, "GBP per GBP of payments", said


def _figures(published: DataFrame[PublishedFigures], study: str) -> pd.DataFrame:
    """One published figure for each scope and measure: of the study if it has one, else of the latest that has."""
    # Figures of the context are nobody's study, and come last.
    figures = pd.concat([published, _per_pound(published)], ignore_index=True)
    own, context = figures["published_edition"] == study, figures["published_edition"] == CONTEXT
    ordered = figures.assign(own=own, context=context).sort_values(
        ["own", "context", "published_edition"], ascending=[False, True, False], kind="stable"
    )
    first = ordered.drop_duplicates(["scope", "measure"]).rename(columns={"value": "published"})
    return first[["scope", "measure", "published", "value_qualifier", "published_edition", "source_id"]]


def _per_pound(published: DataFrame[PublishedFigures]) -> pd.DataFrame:
    """Published investment per pound of published payments, by study and scope, where a study has both."""
    key = ["scope", "published_edition"]
    invested, paid = (
        published[published["measure"] == measure].drop_duplicates(key)
        for measure in ("social_investment_gbp", "outcome_payments_gbp")
    )
    both = invested.merge(paid[[*key, "value"]], on=key, suffixes=("", "_paid"))
    ratio = both["value"] / both["value_paid"]
    return both.assign(value=ratio, measure="social_investment_per_pound", value_qualifier="derived")[published.columns]
