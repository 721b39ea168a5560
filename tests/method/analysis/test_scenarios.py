"""Each combination of choices gives what an edition with these choices would; the range of each is its own."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.draws import Draws
from pipeline.method.analysis.scenarios import CHOICES, PAYMENT_BASES, RANGES, TIMES
from pipeline.method.analysis.simulation import Simulation
from pipeline.method.analysis.tables import analysed
from pipeline.method.steps.scope import counted_share
from pipeline.method.valuation import Valuation, value_edition
from pipeline.report.choice_words import CHOICE_WORDS
from pipeline.tables.vocabulary import RATIOS
from tests.conftest import EDITIONS

FEW = Draws(Simulation(draws=1_000, seed=5))
COMBINATIONS = len(TIMES) * 3 * 3 * 3 * len(PAYMENT_BASES) * 2
# Of so many combinations as an edition takes each is valued by itself: they are hundreds.
EVERY = 17


@pytest.fixture(scope="module")
def tables(facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]) -> dict[str, pd.DataFrame]:
    """Scenarios by edition."""
    return {edition: analysed("scenarios", facts, reference, valuations[edition], FEW) for edition in EDITIONS}


def as_edition(row: pd.Series, edition: Edition) -> Edition:
    """The edition with the choices of a row, as far as an edition can make them."""
    return replace(
        edition,
        time_convention=row["time_convention"],
        annual_rung=row["annual_rung"] or edition.annual_rung,
        discounting=row["discounting"] or edition.discounting,
        unit_value_level=row["unit_value_level"],
        deadweight_layer=row["deadweight_layer"],
        optimism_bias=row["optimism_bias"],
        value_set=row["value_set"],
        payment_bases=tuple(row["payment_bases"].split(" + ")),
    )


@pytest.mark.slow
@pytest.mark.parametrize("edition_id", EDITIONS)
def test_each_combination_is_what_an_edition_with_these_choices_would_say(
    edition_id: str, tables: dict[str, pd.DataFrame], facts: RawFacts, reference: Reference
) -> None:
    table, edition = tables[edition_id], reference.editions[edition_id]
    # Evaluation totals without a whole period have no real prices in an edition.
    tried = table[~table["payment_bases"].str.contains("evaluation")]
    for _, row in tried[tried["straddling"] != "left out"].iloc[::EVERY].iterrows():
        valuation = value_edition(facts, reference, as_edition(row, edition))
        market, values = valuation.market_value.iloc[0], valuation.contract_value
        suffix = "_cash" if row["price_base"] == "cash" else ""
        paid = market["outcome_payments_in_bcr_gbp" if suffix else "outcome_payments_in_bcr_real_gbp"]
        transfers = values.loc[values["is_in_bcr"], "transfers_gbp"].sum()
        public = market["public_value_in_bcr_gbp"] + (transfers if row["transfers"] == "both" else 0.0)
        fiscal = market["fiscal_in_bcr_gbp"] - (transfers if row["transfers"] == "neither" else 0.0)
        assert row["contracts_in_bcr"] == market["contracts_in_bcr"]
        assert row["outcome_payments_gbp"] == pytest.approx(paid, abs=0.005)
        assert row["public_value_gbp"] == pytest.approx(public, abs=0.005)
        assert row["bcr"] == pytest.approx(public / paid)
        assert row["fiscal_bcr"] == pytest.approx(fiscal / paid)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_all_combinations_are_there_once_and_the_edition_among_them(
    edition_id: str, tables: dict[str, pd.DataFrame], valuations: dict[str, Valuation]
) -> None:
    table, market = tables[edition_id], valuations[edition_id].market_value.iloc[0]
    # Optimism bias, the other price list, and what straddles a cut-off.
    beside = 2 if valuations[edition_id].edition.cut_off is None else 3
    assert len(table) == COMBINATIONS + beside
    assert not table.duplicated(list(CHOICES)).any()
    (own,) = table[table["is_edition"]].itertuples()
    assert (own.bcr, own.fiscal_bcr) == (market["bcr"], market["fiscal_bcr"])
    assert own.outcome_payments_gbp == market["outcome_payments_in_bcr_real_gbp"]


@pytest.mark.parametrize("edition_id", ["atq-2022", "atq-2024"])
def test_without_what_straddles_the_cut_off_it_is_as_if_that_had_not_been_reported(
    edition_id: str, tables: dict[str, pd.DataFrame], facts: RawFacts, reference: Reference
) -> None:
    edition = reference.editions[edition_id]
    whole = {
        name: rows[counted_share(rows, edition.cut_off).isin([0, 1])]
        for name, rows in (("outcomes", facts.outcomes), ("payments", facts.payments))
    }
    market = value_edition(replace(facts, **whole), reference, edition).market_value.iloc[0]
    (left_out,) = tables[edition_id].query("changed == 'straddling'").itertuples()
    assert left_out.contracts_in_bcr == market["contracts_in_bcr"]
    assert (left_out.bcr, left_out.fiscal_bcr) == (market["bcr"], market["fiscal_bcr"])


def test_every_choice_has_its_words() -> None:
    assert set(CHOICE_WORDS) == set(CHOICES)


def test_an_option_that_has_no_say_is_no_change(tables: dict[str, pd.DataFrame]) -> None:
    changed = tables["open-2026"].query("changes == 1")["changed"].value_counts().to_dict()
    assert changed == {
        "time_convention": 2,
        "unit_value_level": 2,
        "deadweight_layer": 2,
        "transfers": 2,
        "payment_bases": 2,
        "price_base": 1,
        "optimism_bias": 1,
        "value_set": 1,
    }
    changed = tables["atq-2024"].query("changes == 1")["changed"].value_counts().to_dict()
    assert changed["annual_rung"] == changed["straddling"] == 1


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_only_under_the_horizon_convention_and_later_years_discounting_takes_away(
    edition_id: str, tables: dict[str, pd.DataFrame]
) -> None:
    others = [choice for choice in CHOICES if choice != "discounting"]
    horizon = tables[edition_id].query("time_convention == 'horizon'").set_index([*others, "discounting"])
    by_discounting = horizon["public_value_gbp"].unstack()
    gross = by_discounting[by_discounting.index.get_level_values("deadweight_layer") == "none"]
    assert (gross["standard"] < gross["none"]).all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_range_of_the_edition_is_that_of_its_uncertainty_and_other_ranges_are_their_own(
    edition_id: str,
    tables: dict[str, pd.DataFrame],
    facts: RawFacts,
    reference: Reference,
    valuations: dict[str, Valuation],
) -> None:
    table, valuation = tables[edition_id], valuations[edition_id]
    said = analysed("uncertainty", facts, reference, valuation, FEW).query("scope_kind == 'market'")
    (own,) = table[table["is_edition"]].to_dict("records")
    for row in said.itertuples():
        ends = [row.p10, row.p90] if row.has_range else [np.nan, np.nan]
        assert [own[f"{row.measure}_p10"], own[f"{row.measure}_p90"]] == pytest.approx(ends, abs=1e-9, nan_ok=True)
    near = table["changes"] <= 1
    assert table.loc[near, RANGES].notna().any(axis=None)
    assert table.loc[~near, RANGES].isna().all(axis=None)
    # Prices of the payments move the ratio and its range alike.
    cash = table[table["changed"] == "price_base"].iloc[0]
    if said.query("measure == 'bcr'")["has_range"].item():
        np.testing.assert_allclose(cash["bcr_p90"] / own["bcr_p90"], cash["bcr"] / own["bcr"])
    else:
        assert np.isnan([cash["bcr_p90"], own["bcr_p90"]]).all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_no_range_leaves_its_ratio_out(edition_id: str, tables: dict[str, pd.DataFrame]) -> None:
    """Also not at the low and the high level of unit costs, at which nothing but rates and weights is drawn."""
    for measure in RATIOS:
        shown = tables[edition_id].dropna(subset=[f"{measure}_p10"])
        assert len(shown) > 1
        assert (shown[f"{measure}_p10"] < shown[measure]).all()
        assert (shown[measure] < shown[f"{measure}_p90"]).all()


def test_optimism_bias_scales_what_rests_on_one_grade(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts]
) -> None:
    """One contract, one metric: medium unit cost and mapping, nothing else; a tenth is taken off."""
    reference = replace(made_up_reference, metric_outcomes=made_up_reference.metric_outcomes.assign(grade="medium"))
    facts = make_facts({("C-1", "crimes"): 10})
    valuation = value_edition(facts, reference, reference.editions["made-up"])
    table = analysed("scenarios", facts, reference, valuation, FEW)
    (own,) = table[table["is_edition"]].itertuples()
    (less,) = table[table["changed"] == "optimism_bias"].itertuples()
    assert less.public_value_gbp == pytest.approx(0.9 * own.public_value_gbp)


def test_nothing_achieved_is_no_ratio_under_any_choice(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts]
) -> None:
    facts = make_facts({("C-1", "crimes"): 0})
    valuation = value_edition(facts, made_up_reference, made_up_reference.editions["studied"])
    table = analysed("scenarios", facts, made_up_reference, valuation, FEW)
    assert table["bcr"].isna().all()
    assert (table["public_value_gbp"] == 0).all()
    assert len(table) == COMBINATIONS + 1


@pytest.mark.slow
def test_choices_that_no_edition_of_ours_makes_are_the_edition_s_own_row(facts: RawFacts, reference: Reference) -> None:
    """A what-if may make them: its row is what the edition says, and its simulations begin there."""
    edition = replace(
        reference.editions["open-2026"],
        time_convention="annual",
        annual_rung="every_rung",
        transfers="both",
        set_asides="none",
        flat_deadweight=0.25,
    )
    valuation = value_edition(facts, reference, edition)
    table = analysed("scenarios", facts, reference, valuation, FEW)
    (own,) = table[table["is_edition"]].to_dict("records")
    market = valuation.market_value.iloc[0]
    assert [own[name] for name in ("annual_rung", "transfers")] == ["every_rung", "both"]
    assert own["public_value_gbp"] == pytest.approx(market["public_value_in_bcr_gbp"], abs=0.01)
    assert own["fiscal_bcr"] == pytest.approx(market["fiscal_bcr"], abs=1e-9)
    # The simulated means lie near the edition's own ratio: what is one rate for all is taken off there too.
    assert own["bcr_p10"] < market["bcr"] < own["bcr_p90"]
