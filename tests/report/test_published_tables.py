"""The published tables: nothing lost, sums to the penny, every published figure answered."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.report.text.headline import headline
from pipeline.tables.base import column_descriptions
from pipeline.tables.catalogue import PUBLISHED_TABLES
from pipeline.tables.vocabulary import TREATMENTS
from tests.conftest import EDITIONS

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
MONEY = ["fiscal_gbp", "economic_gbp", "social_gbp", "transfers_gbp", "public_value_gbp", "outcome_payments_gbp"]
KEPT_FROM_RAW = ["contract_id", "metric_id", "quantity", "unit", "period_start", "period_end", "source_id", "locator"]


def in_pence(pounds: float) -> int:
    return round(pounds * 100)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_reported_result_is_published_as_it_is(edition_id: str, tables_of: TablesOf, facts: RawFacts) -> None:
    published = tables_of(edition_id)["reported_outcomes"]
    key = ["contract_id", "metric_id"]
    left = published[KEPT_FROM_RAW].sort_values(key).reset_index(drop=True)
    right = facts.outcomes[KEPT_FROM_RAW].sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False)
    from_indigo = published[published["locator"].str.startswith("results:")]
    assert len(from_indigo) == 415
    assert from_indigo["contract_id"].nunique() == 41
    assert (published["contract_id"] == "INDIGO-POJ-0123").sum() == 23
    assert set(published["treatment"]) <= set(TREATMENTS)
    assert (published["reason"].str.len() > 0).all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_payments_sum_to_what_is_recorded(edition_id: str, tables_of: TablesOf) -> None:
    payments = tables_of(edition_id)["payments"]
    by_basis = payments.groupby("basis")["amount_gbp"].sum()
    assert by_basis["paid"] == 122_852_596
    assert by_basis["reported"] == 14_799_818
    counted = payments[payments["basis"].isin(["paid", "reported"])]
    assert counted["contract_id"].nunique() == 38


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_sums_agree_to_the_penny_from_lines_to_headline(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    tables = tables_of(edition_id)
    lines, contracts = tables["valued_outcomes"], tables["contract_value"]
    for kind in ("fiscal", "economic", "social"):
        from_lines = lines[lines["kind"] == kind].groupby("contract_id")["net_gbp"].sum()
        in_contracts = contracts.set_index("contract_id")[f"{kind}_gbp"]
        # The lines of what nobody has reached come to nothing: the contract is not valued.
        in_lines = in_contracts[from_lines.index].fillna(0.0)
        assert (from_lines.mul(100).round() == in_lines.mul(100).round()).all()
        assert in_pence(from_lines.sum()) == in_pence(in_contracts.sum())
    public = lines.loc[~lines["is_transfer"], "net_gbp"].sum()
    data = headline(tables, reference.editions[edition_id])
    assert in_pence(public) == in_pence(data["public_value_gbp"])
    for column in MONEY:
        total = in_pence(contracts[column].sum())
        assert total == in_pence(tables["policy_area_value"][column].sum())
        assert total == in_pence(tables["market_value"][column].iloc[0])
        assert total == in_pence(data[column])
        assert total == sum(in_pence(area[column]) for area in data["by_policy_area"].values())


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_each_line_is_the_product_of_its_factors(edition_id: str, tables_of: TablesOf) -> None:
    lines = tables_of(edition_id)["valued_outcomes"]
    factors = ["unit_cost_gbp", "price_factor", "cost_units_per_unit", "units_per_outcome", "hours_weight"]
    assert (lines[factors].prod(axis=1) - lines["unit_value_gbp"]).abs().max() < 1e-6
    assert ((lines["units"] * lines["unit_value_gbp"]).round(2) - lines["gross_gbp"]).abs().max() < 0.005
    taken_off = (1 - lines["deadweight"]) * (1 - lines["optimism_bias"])
    assert ((lines["gross_gbp"] * taken_off).round(2) - lines["net_gbp"]).abs().max() < 0.005


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_the_ratio_covers_contracts_with_both_value_and_payments(edition_id: str, tables_of: TablesOf) -> None:
    tables = tables_of(edition_id)
    contracts, market = tables["contract_value"], tables["market_value"].iloc[0]
    matched = contracts[contracts["is_in_bcr"]]
    assert (matched["is_valued"] & (matched["outcome_payments_real_gbp"] > 0)).all()
    expected = matched["public_value_gbp"].sum() / matched["outcome_payments_real_gbp"].sum()
    assert market["bcr"] == pytest.approx(expected)
    beside = contracts[~contracts["is_in_bcr"]]
    assert not (beside["is_valued"] & (beside["outcome_payments_real_gbp"] > 0)).any()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_every_published_figure_is_a_row_of_the_reconciliation(
    edition_id: str, tables_of: TablesOf, reference: Reference
) -> None:
    table = tables_of(edition_id)["reconciliation"].set_index("figure_id")
    figures = reference.published_figures.set_index("figure_id")
    assert set(table.index) == set(figures.index)
    assert (table["published"] == figures["value"].reindex(table.index)).all()
    assert ((table["ours"] - table["published"]) - table["difference"]).abs().max() < 1e-3
    assert (table["reason"].str.len() > 0).all()
    # No figure of another study may count as reproduced.
    assert not (table.loc[~table["is_like_for_like"], "status"] == "reproduced").any()


def test_only_what_the_edition_counts_is_after_its_cut_off(tables_of: TablesOf) -> None:
    outcomes = tables_of("atq-2022")["reported_outcomes"]
    later = outcomes["period_start"] > pd.Timestamp("2022-03-31")
    assert later.any()
    assert (outcomes.loc[later, "share_counted"] == 0).all()
    straddling = ~later & (outcomes["period_end"] > pd.Timestamp("2022-03-31"))
    assert (outcomes.loc[straddling, "is_estimated"]).all()
    assert outcomes.loc[straddling, "share_counted"].between(0, 1, inclusive="neither").all()


def test_scenarios_hold_the_edition_and_each_level_of_unit_costs(tables_of: TablesOf) -> None:
    tables = tables_of("open-2026")
    scenarios, market = tables["scenarios"], tables["market_value"].iloc[0]
    (own,) = scenarios[scenarios["is_edition"]].itertuples()
    assert (own.bcr, own.fiscal_bcr) == (market["bcr"], market["fiscal_bcr"])
    of_level = scenarios[scenarios["is_edition"] | (scenarios["changed"] == "unit_value_level")]
    by_level = of_level.set_index("unit_value_level")["bcr"]
    assert by_level["low"] < by_level["central"] < by_level["high"]


@pytest.mark.parametrize("name", PUBLISHED_TABLES)
def test_every_published_column_says_what_it_means(name: str) -> None:
    descriptions = column_descriptions(PUBLISHED_TABLES[name])
    assert all(text for text, _ in descriptions.values())
    money = [column for column in descriptions if column.endswith("_gbp")]
    assert all("GBP" in descriptions[column][1] for column in money)
