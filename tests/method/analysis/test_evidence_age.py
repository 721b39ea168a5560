"""How old the evidence is by pounds, and the ratio for parts of the value."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.evidence import ages, robustness
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS

Builder = Callable[..., pd.DataFrame]
Valuations = dict[str, Valuation]
CHECK = {
    "value_set": "2015",
    "unit_cost_id": "wage",
    "check_gbp": 120.0,
    "unit": "year",
    "price_year": "2020-21",
    "data_year": "2019-20",
    "is_official": True,
    "is_first_hand": True,
    "source_id": "s-1",
    "locator": "made up",
}


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_all_public_value_in_the_ratio_rests_on_unit_costs_of_some_age(
    edition_id: str, valuations: Valuations, facts: RawFacts, reference: Reference
) -> None:
    valuation = valuations[edition_id]
    table = analysed("evidence_age", facts, reference, valuation)
    costs = table[table["kind"] == "unit_cost"]
    assert costs["share"].sum() == pytest.approx(1)
    assert costs["public_value_gbp"].sum() == pytest.approx(valuation.market_value.iloc[0]["public_value_in_bcr_gbp"])
    assert (costs["age"] != "").all()
    others = table[table["kind"] != "unit_cost"]
    assert (others[["age", "data_year"]] == "").all(axis=None)
    # Counts that are net, and editions that take nothing off, rest on no rate.
    assert others.groupby("kind")["share"].sum().le(1 + 1e-9).all()
    assert table["review_by"].ge(table["checked_on"]).all()
    assert table["public_value_gbp"].abs().is_monotonic_decreasing or table["public_value_gbp"].min() < 0


def test_four_fifths_of_our_estimate_rest_on_data_of_the_last_ten_years(
    valuations: Valuations, facts: RawFacts, reference: Reference
) -> None:
    valuation = valuations["open-2026"]
    table = analysed("evidence_age", facts, reference, valuation)
    shares = table[table["kind"] == "unit_cost"].groupby("age")["share"].sum()
    assert shares.get("recent", 0) + shares.get("checked", 0) >= 0.8


@pytest.mark.parametrize(
    ("change", "age"),
    [
        ({}, "checked"),
        # It has to be official, read at first hand, new enough, and within the range in the prices of the unit cost.
        ({"is_official": False}, "old"),
        ({"is_first_hand": False}, "old"),
        ({"data_year": "2014-15"}, "old"),
        ({"check_gbp": 201.0}, "old"),
        ({"value_set": "2026"}, "old"),
        # £240 of 2030-31, when everything costs twice as much, are £120.
        ({"check_gbp": 240.0, "price_year": "2030-31"}, "checked"),
    ],
)
def test_an_official_figure_within_the_range_confirms_an_old_unit_cost(
    change: dict[str, object], age: str, make_unit_costs: Builder, make_deflators: Builder
) -> None:
    old, recent = (
        make_unit_costs({"data_year": year}).assign(parameter_id="unit_cost/wage/2015")
        for year in ("2010-11", "2015-16")
    )
    checks = pd.DataFrame([CHECK | change])
    deflators = make_deflators({}, {"price_year": "2030-31", "gdp_deflator": 200.0})
    assert ages(old, checks, deflators).to_dict() == {"unit_cost/wage/2015": age}
    assert ages(recent, checks, deflators).to_list() == ["recent"]


def test_every_official_figure_that_was_read_lies_within_the_range_of_its_unit_cost(reference: Reference) -> None:
    """A figure of the same thing that lies outside would say that the range is too narrow."""
    index = reference.gdp_deflators.set_index("price_year")["gdp_deflator"]
    costs = reference.unit_costs.set_index(["value_set", "unit_cost_id"])
    outside = []
    for check in reference.unit_cost_checks.itertuples():
        cost = costs.loc[(check.value_set, check.unit_cost_id)]
        figure = check.check_gbp * index[cost["price_year"]] / index[check.price_year]
        if not cost["low_gbp"] - 0.5 <= figure <= cost["high_gbp"] + 0.5:
            outside.append((check.unit_cost_id, round(figure)))
    assert outside == []


def test_parts_of_the_value_keep_all_payments(valuations: Valuations) -> None:
    valuation = valuations["open-2026"]
    before = valuations["open-2025"].contract_value.query("is_in_bcr")["contract_id"].tolist()
    table = robustness(valuation.valued_outcomes, valuation.contract_value, before).set_index("part")
    market = valuation.market_value.iloc[0]
    assert table.loc["all", "bcr"] == pytest.approx(market["bcr"])
    assert table.loc["all", "fiscal_bcr"] == pytest.approx(market["fiscal_bcr"])
    weak = ["without weak unit costs", "without weak unit costs or mappings"]
    assert (table.loc[weak, "outcome_payments_real_gbp"] == table.loc["all", "outcome_payments_real_gbp"]).all()
    assert table.loc["all", "bcr"] > table.loc[weak[0], "bcr"] > table.loc[weak[1], "bcr"] > 0
    assert table.loc["contracts of the superseded edition", "contracts"] == len(before)
    none = robustness(valuation.valued_outcomes, valuation.contract_value, None)
    assert "contracts of the superseded edition" not in set(none["part"])
