"""The facts of the market: how many contracts and organisations, how many people, who pays, how much is invested.

Belongs here: counts, sums and shares of what is reported, for the market and for each policy area, with the published
figure beside each where there is one. Nothing is valued here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import pandas as pd

from pipeline.facts.editions import Edition
from pipeline.method.analysis.organisations import begun_by, by_role, investments, named
from pipeline.method.analysis.reconciliation import study_beside
from pipeline.method.steps.scope import counted_bases
from pipeline.tables.analysis import MarketFacts
from pipeline.tables.raw import Contracts, RawOrganisations
from pipeline.tables.reference import CLAIM, CONTEXT, PublishedFigures
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
    market = _market(edition, contracts, organisations, payments_in_scope, contract_value)
    areas = contracts["policy_area"]
    scopes = {area: market.of(contracts.loc[areas == area, "contract_id"]) for area in POLICY_AREAS}
    rows = [
        {"scope": scope, "measure": measure, "ours": ours, "unit": unit, "note": note}
        for scope, known in {"market": market, **scopes}.items()
        if len(known.contracts)
        for measure, ours, unit, note in _facts(edition, known)
    ]
    table = pd.DataFrame(rows)
    figures = _figures(published_figures, study_beside(edition, published_figures))
    table = table.merge(figures, on=["scope", "measure"], how="left", validate="one_to_one")
    words = {name: "" for name in ("value_qualifier", "published_edition", "source_id")}
    return table.fillna(words).astype({"ours": float, "published": float})


@dataclass(frozen=True)
class _Known:
    """What is known of some contracts: of each table the columns that facts are made from."""

    contracts: pd.DataFrame
    begun: pd.DataFrame
    names: pd.DataFrame
    payments: pd.DataFrame
    invested: pd.DataFrame
    values: pd.DataFrame

    def of(self, contract_ids: "pd.Series[str]") -> "_Known":
        """Return what is known of some of these contracts."""
        tables = (getattr(self, field.name) for field in fields(self))
        return _Known(*(table[table["contract_id"].isin(contract_ids)] for table in tables))


def _market(
    edition: Edition,
    contracts: DataFrame[Contracts],
    organisations: DataFrame[RawOrganisations],
    payments: DataFrame[PaymentsInScope],
    contract_value: DataFrame[ContractValue],
) -> _Known:
    """What is known of all contracts; organisations and investments are those of contracts that have begun."""
    begun = begun_by(contracts, edition.cut_off)[["contract_id"]]
    values = contract_value[["contract_id", "is_in_bcr", "outcome_payments_gbp"]]
    names = named(organisations)
    invested = investments(organisations).join(values.set_index("contract_id")["outcome_payments_gbp"]).reset_index()
    is_counted = payments["basis"].isin(counted_bases(edition.payment_bases))
    return _Known(
        contracts=contracts[["contract_id", "people_engaged"]],
        begun=begun,
        names=names[names["contract_id"].isin(begun["contract_id"])],
        payments=payments.loc[is_counted, ["contract_id", "payer_kind", "amount_counted_gbp"]],
        invested=invested[invested["contract_id"].isin(begun["contract_id"])],
        values=values,
    )


def _facts(edition: Edition, known: _Known) -> Iterator[Fact]:
    """All facts about some contracts."""
    cut_off, begun = edition.cut_off, len(known.begun)
    which = "contracts begun by the cut-off" if cut_off else "contracts known"
    of_which = f"; of {which}" if cut_off else ""
    yield "contracts_known", len(known.contracts), "contracts", "with a place of delivery in Great Britain"
    yield "contracts_launched", begun, "contracts", STARTED if cut_off else "all, since there is no cut-off"
    yield "contracts_in_bcr", known.values["is_in_bcr"].sum(), "contracts", "valued, and with known payments"
    counts = by_role(known.names)
    for role in ORGANISATION_ROLES:
        yield f"{role}s", counts.get(role, 0), "organisations", f"{ROLE_NOTES[role]}{of_which}"
    people = known.contracts["people_engaged"]
    told = f"public for {people.notna().sum()} of {len(people)} contracts, without dates"
    later = ": also those reached after the cut-off" if cut_off else ""
    yield "people", float(people.astype(float).sum(min_count=1)), "people", told + later
    yield from _payment_facts(known)
    yield from _investment_facts(f"{begun} {which}", known)


def _payment_facts(known: _Known) -> Iterator[Fact]:
    amounts = known.values["outcome_payments_gbp"]
    total, with_payments = amounts.sum(min_count=1), (amounts > 0).sum()
    yield "outcome_payments_gbp", total, "GBP", f"in cash, of the {with_payments} contracts with known payments"
    by_kind = known.payments.groupby("payer_kind")["amount_counted_gbp"].sum()
    for kind in PAYER_KINDS:
        share = by_kind.get(kind, 0.0) / total if total else float("nan")
        yield f"payments_{kind}_share", share, "share", PAYER_NOTES[kind]


def _investment_facts(of_which: str, known: _Known) -> Iterator[Fact]:
    """What investors committed; per pound of payments only where both are known."""
    invested = known.invested
    total = invested["social_investment_gbp"].sum(min_count=1)
    low_ends = invested["is_low_end"].sum()
    told = f"in cash, committed to {len(invested)} of {of_which}"
    yield "social_investment_gbp", total, "GBP", f"{told}; of {low_ends} the low end of a range" if low_ends else told
    yield "contracts_with_social_investment", len(invested), "contracts", "the amount committed is public"
    both = invested[invested["outcome_payments_gbp"] > 0]
    ratio = both["social_investment_gbp"].sum() / both["outcome_payments_gbp"].sum() if len(both) else float("nan")
    said = f"in cash, over the {len(both)} contracts of which both are known; of running ones the payments so far"
    yield "social_investment_per_pound", ratio, "GBP per GBP of payments", said


def _figures(published: DataFrame[PublishedFigures], study: str) -> pd.DataFrame:
    """One published figure for each scope and measure: of the study if it has one, else of the latest that has."""
    # Figures of the context are nobody's study, and come last; a claim is no fact to stand beside ours.
    found = published[published["published_edition"] != CLAIM]
    figures = pd.concat([found, _per_pound(found)], ignore_index=True)
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
