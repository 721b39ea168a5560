"""The facts of the market: on made-up contracts by hand, and of the project beside what was published."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation, value_edition

Builder = Callable[..., pd.DataFrame]
MakeFacts = Callable[..., RawFacts]


@pytest.fixture(scope="module")
def facts_of_three(make_facts: MakeFacts, make_organisations: Builder, make_payments: Builder) -> RawFacts:
    """Three contracts: two paid, one of which and the third one of which the investment is known."""
    facts = make_facts({("C-1", "days"): 500, ("C-2", "days"): 300, ("C-3", "days"): 100})
    investor = {"role": "investor", "organisation_id": "O-9", "name": "Made-up Fund"}
    organisations = make_organisations(
        *facts.organisations.to_dict("records"),
        {**investor, "contract_id": "C-1", "investment_committed_gbp": 5_000.0, "locator": "i1"},
        {**investor, "contract_id": "C-3", "investment_committed_gbp": 900.0, "is_low_end": True, "locator": "i3"},
    )
    payments = make_payments(
        {"contract_id": "C-1", "amount_gbp": 6_000.0, "payer_kind": "central", "locator": "p1"},
        {"contract_id": "C-1", "amount_gbp": 4_000.0, "payer_kind": "mixed", "locator": "p2"},
        {"contract_id": "C-2", "amount_gbp": 10_000.0, "payer_kind": "mixed", "locator": "p3"},
        {"contract_id": "C-3", "amount_gbp": 80_000.0, "basis": "commitment", "locator": "p4"},
    )
    later = facts.contracts["service_start"].mask(facts.contracts["contract_id"] == "C-3", pd.Timestamp("2030-01-01"))
    contracts = facts.contracts.assign(service_start=later)
    return replace(facts, contracts=contracts, organisations=organisations, payments=payments)


def of_market(facts: RawFacts, reference: Reference, edition: Edition) -> pd.DataFrame:
    table = analysed("market_facts", facts, reference, value_edition(facts, reference, edition))
    return table[table["scope"] == "market"].set_index("measure")


def test_counts_and_shares_by_hand(
    facts_of_three: RawFacts, made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    table = of_market(facts_of_three, made_up_reference, make_edition())
    expected = {
        "contracts_known": 3,
        "contracts_launched": 3,
        "commissioners": 3,
        "providers": 0,
        "investors": 1,
        "outcome_payments_gbp": 20_000,
        "payments_central_share": 0.3,
        "payments_local_share": 0,
        "payments_mixed_share": 0.7,
        "payments_unknown_share": 0,
        "social_investment_gbp": 5_900,
        "contracts_with_social_investment": 2,
        # Only the first is known on both sides: £5,000 for £10,000.
        "social_investment_per_pound": 0.5,
    }
    assert table["ours"].reindex(list(expected)).to_dict() == pytest.approx(expected)
    assert "of 1 the low end of a range" in table.loc["social_investment_gbp", "note"]
    assert "over the 1 contracts" in table.loc["social_investment_per_pound", "note"]


def test_who_takes_part_in_a_contract_begun_later_is_not_counted(
    facts_of_three: RawFacts, made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    table = of_market(facts_of_three, made_up_reference, make_edition(cut_off=date(2025, 3, 31)))
    assert table.loc[["contracts_known", "contracts_launched", "commissioners"], "ours"].to_list() == [3, 2, 2]
    assert table.loc["social_investment_gbp", "ours"] == 5_000


def test_areas_without_a_contract_have_no_facts(
    facts_of_three: RawFacts, made_up_reference: Reference, make_edition: Callable[..., Edition]
) -> None:
    valuation = value_edition(facts_of_three, made_up_reference, make_edition())
    table = analysed("market_facts", facts_of_three, made_up_reference, valuation)
    assert set(table["scope"]) == {"market", "employment_and_training", "child_and_family_welfare"}
    of_areas = table[(table["scope"] != "market") & (table["measure"] == "outcome_payments_gbp")]["ours"]
    assert of_areas.sum() == 20_000


# --- The project's own ----------------------------------------------------------------------------------------


def test_of_the_project_the_shares_are_whole_and_the_published_figures_stand_beside(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    for name, valuation in valuations.items():
        table = of_market(facts, reference, valuation.edition)
        shares = [f"payments_{kind}_share" for kind in ("central", "local", "mixed", "unknown")]
        assert table.loc[shares, "ours"].sum() == pytest.approx(1), name
        known = table[table["published"].notna()]
        assert known.loc["providers", ["published", "published_edition"]].to_list() == [220, "2022"]
        assert known.loc["commissioners", "published"] == 180
        assert known.loc["social_investment_gbp", "published"] == 71e6
        assert known.loc["social_investment_per_pound", "published"] == pytest.approx(71 / 139)
        assert table.loc["outcome_payments_gbp", "published"] == (139e6 if name == "atq-2022" else 217e6)


def test_a_claim_is_no_published_figure_to_stand_beside_a_fact(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    figures = reference.published_figures
    of_market = figures[(figures["scope"] == "market") & (figures["published_edition"] == "2022")]
    claimed = replace(reference, published_figures=of_market.assign(published_edition="claim"))
    studied = replace(reference, published_figures=of_market)
    valuation = valuations["open-2026"]
    assert analysed("market_facts", facts, claimed, valuation)["published"].isna().all()
    assert analysed("market_facts", facts, studied, valuation)["published"].notna().any()
