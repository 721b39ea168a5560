"""What the restatements of a source are worth: worked by hand, and by valuing the real contracts both ways."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import pytest

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.restated import restated
from pipeline.method.analysis.tables import analysed
from pipeline.method.valuation import Valuation, value_edition
from pipeline.tables.raw import Restatements
from pipeline.tables.typed import DataFrame

Builder = Callable[..., pd.DataFrame]
WORTH = {"C-1": 10.0, "C-2": 100.0}


def ledger(*rows: tuple[str, str, str, str, str, str]) -> DataFrame[Restatements]:
    """Rows of a ledger: contract, table, column, before, after, locator."""
    told = pd.DataFrame(rows, columns=["contract_id", "table", "column", "value_before", "value_after", "locator"])
    told = told.assign(metric_id="m1", source_id_before="old", source_id="new", row=range(2, len(rows) + 2))
    return Restatements.validate(told)


def value_of(tables: Mapping[str, pd.DataFrame]) -> pd.Series:
    """So many pounds for each of what is reported, as if that were all of the method."""
    outcomes = tables["outcomes"]
    return (outcomes["quantity"] * outcomes["contract_id"].map(WORTH)).groupby(outcomes["contract_id"]).sum()


@pytest.fixture
def inputs(make_outcomes: Builder, make_contracts: Builder, make_payments: Builder) -> dict[str, pd.DataFrame]:
    """Two contracts, of the first of which two results are reported."""
    return {
        "contracts": make_contracts({"contract_id": "C-1"}, {"contract_id": "C-2"}),
        "payments": make_payments({"contract_id": "C-1"}),
        "outcomes": make_outcomes(
            {"contract_id": "C-1", "metric_id": "m1", "quantity": 15.0, "source_id": "new", "locator": "#1"},
            {"contract_id": "C-1", "metric_id": "m2", "quantity": 7.0, "source_id": "new", "locator": "#2"},
            {"contract_id": "C-2", "metric_id": "m1", "quantity": 2.0, "source_id": "new", "locator": "#1"},
        ),
    }


def test_each_row_is_put_back_alone(inputs: dict[str, pd.DataFrame]) -> None:
    told = ledger(
        ("C-1", "outcomes", "quantity", "12", "15", "#1"),
        ("C-1", "outcomes", "quantity", "9", "7", "#2"),
        ("C-2", "outcomes", "quantity", "1", "2", "#1"),
        ("C-1", "payments", "amount_gbp", "4000", "4100", "#1"),
        ("C-1", "payments", "amount_gbp", "50", "", "#2"),
        ("C-1", "contracts", "people_targeted", "200", "210", "C-1"),
    )
    made = restated(told, inputs, value_of)
    assert made["public_value_effect_gbp"].fillna(0).tolist() == [30.0, -20.0, 100.0, 0, 0, 0]
    assert made["outcome_payments_effect_gbp"].fillna(0).tolist() == [0, 0, 0, 100.0, -50.0, 0]


def test_what_a_row_says_differently_has_one_effect(inputs: dict[str, pd.DataFrame]) -> None:
    told = ledger(
        ("C-1", "outcomes", "period_end", "2019-03-31", "2020-03-31", "#1"),
        ("C-1", "outcomes", "quantity", "12", "15", "#1"),
        ("C-1", "outcomes", "period_start", "", "2018-04-01", "#2"),
    )
    made = restated(told, inputs, value_of)
    assert made["public_value_effect_gbp"].isna().tolist() == [True, False, False]
    assert made["public_value_effect_gbp"].tolist()[1:] == [30.0, 0.0]


def test_the_effect_of_a_result_that_is_gone_is_not_known(inputs: dict[str, pd.DataFrame]) -> None:
    made = restated(ledger(("C-1", "outcomes", "quantity", "12", "", "#9")), inputs, value_of)
    assert made["public_value_effect_gbp"].isna().all()


def test_nothing_restated_is_nothing_to_value(inputs: dict[str, pd.DataFrame]) -> None:
    def never(_: Mapping[str, pd.DataFrame]) -> pd.Series:
        raise AssertionError("valued for nothing")

    assert restated(Restatements.empty(), inputs, never).empty


def test_the_effect_is_what_the_whole_market_moves_by(
    facts: RawFacts, reference: Reference, valuation_of: Callable[[str], Valuation]
) -> None:
    """Real contracts, of which each result is said to have been half of it, one at a time; ladders and all."""
    edition = "open-2026"
    asked = facts.outcomes[facts.outcomes["contract_id"].isin(["INDIGO-POJ-0137", "INDIGO-POJ-0178"])]
    told = Restatements.validate(
        asked.assign(
            table="outcomes",
            column="quantity",
            value_before=(asked["quantity"] // 2).map(str),
            value_after=asked["quantity"].map(str),
            source_id_before="earlier",
        )[list(Restatements.to_schema().columns)]
    )
    of_today = valuation_of(edition)
    made = analysed("published_restatements", replace(facts, restatements=told), reference, of_today)
    assert (made["public_value_effect_gbp"] > 0).any()
    total = float(of_today.market_value["public_value_gbp"].iloc[0])
    for row in made.iloc[[0, len(made) - 1]].itertuples():
        is_it = (facts.outcomes["contract_id"] == row.contract_id) & (facts.outcomes["locator"] == row.locator)
        quantity = facts.outcomes["quantity"].mask(is_it, float(row.value_before))
        before = replace(facts, outcomes=facts.outcomes.assign(quantity=quantity))
        then = float(value_edition(before, reference, of_today.edition).market_value["public_value_gbp"].iloc[0])
        assert row.public_value_effect_gbp == pytest.approx(total - then, abs=0.02)
