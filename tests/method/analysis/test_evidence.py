"""Evidence by grade, what a few carry and value by payer add up to the market, and follow the money."""

from collections.abc import Callable

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.method.analysis.evidence import NO_RATE, concentration, evidence_quality, payer_beneficiary
from pipeline.method.steps.sums import summed
from pipeline.method.valuation import Valuation
from tests.conftest import EDITIONS

Valuations = dict[str, Valuation]


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_each_kind_of_evidence_adds_up_to_the_value_in_the_ratio(edition_id: str, valuations: Valuations) -> None:
    valuation = valuations[edition_id]
    table = evidence_quality(valuation.valued_outcomes, valuation.contract_value)
    market = valuation.market_value.iloc[0]
    totals = {"bcr": market["public_value_in_bcr_gbp"], "fiscal_bcr": market["fiscal_in_bcr_gbp"]}
    sums = table.groupby(["measure", "evidence"])[["value_gbp", "share"]].sum()
    assert len(sums) == 6
    for (measure, _), row in sums.iterrows():
        assert row["value_gbp"] == pytest.approx(totals[str(measure)], abs=0.1)
        assert row["share"] == pytest.approx(1.0)
    no_rate = table[(table["evidence"] == "deadweight") & (table["grade"] == NO_RATE)]
    assert (no_rate["share"].min() == pytest.approx(1.0)) == (valuation.edition.deadweight_layer == "none")


def test_a_line_rests_on_one_grade_of_each_kind_of_evidence() -> None:
    lines = pd.DataFrame(
        {
            "contract_id": ["C-1", "C-1", "C-1", "C-2"],
            "kind": ["fiscal", "economic", "fiscal", "fiscal"],
            "is_transfer": [False, False, True, False],
            "net_gbp": [60.0, 20.0, 40.0, 999.0],
            "unit_cost_grade": ["medium", "strong", "strong", "weak"],
            "deadweight_grade": ["weak", "weak", "", "weak"],
            "mapping_grade": ["weak", "strong", "medium", "weak"],
        }
    )
    contracts = pd.DataFrame({"contract_id": ["C-1", "C-2"], "is_in_bcr": [True, False]})
    table = evidence_quality(lines, contracts).set_index(["measure", "evidence", "grade"])
    shares = {key: row for key, row in table["share"].items() if key[1] == "mapping"}
    # Public value is 60 + 20, fiscal value 60 + 40.
    assert shares == {
        ("bcr", "mapping", "strong"): 0.25,
        ("bcr", "mapping", "weak"): 0.75,
        ("fiscal_bcr", "mapping", "medium"): 0.4,
        ("fiscal_bcr", "mapping", "weak"): 0.6,
    }
    assert table["share"].groupby(["measure", "evidence"]).sum().eq(1.0).all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_what_payers_get_adds_up_to_the_value_in_the_ratio(edition_id: str, valuations: Valuations) -> None:
    valuation = valuations[edition_id]
    table = payer_beneficiary(
        valuation.edition, valuation.valued_outcomes, valuation.payments_in_scope, valuation.contract_value
    )
    market = valuation.market_value.iloc[0]
    assert table.loc[~table["is_transfer"], "value_gbp"].sum() == pytest.approx(
        market["public_value_in_bcr_gbp"], abs=1
    )
    assert table.loc[table["kind"] == "fiscal", "value_gbp"].sum() == pytest.approx(market["fiscal_in_bcr_gbp"], abs=1)
    paid = table.drop_duplicates("payer_kind")["payer_payments_real_gbp"].sum()
    assert paid == pytest.approx(market["outcome_payments_in_bcr_real_gbp"], abs=1)


def test_a_contract_is_laid_to_its_payers_by_what_each_paid(make_edition: Callable[..., Edition]) -> None:
    lines = pd.DataFrame(
        {
            "contract_id": ["C-1", "C-1", "C-2"],
            "agency": ["NHS", "individuals", "NHS"],
            "kind": ["fiscal", "economic", "fiscal"],
            "is_transfer": False,
            "net_gbp": [100.0, 40.0, 7.0],
        }
    )
    payments = pd.DataFrame(
        {
            "contract_id": ["C-1", "C-1", "C-1", "C-2"],
            "payer_kind": ["central", "local", "local", "central"],
            "basis": ["paid", "paid", "commitment", "paid"],
            "amount_real_gbp": [30.0, 10.0, 999.0, 5.0],
        }
    )
    contracts = pd.DataFrame({"contract_id": ["C-1", "C-2"], "is_in_bcr": [True, False]})
    table = payer_beneficiary(make_edition(payment_bases=("paid",)), lines, payments, contracts)
    rows = table.set_index(["payer_kind", "agency"])[["value_gbp", "payer_payments_real_gbp"]]
    assert rows.loc[("central", "NHS")].tolist() == [75.0, 30.0]
    assert rows.loc[("local", "individuals")].tolist() == [10.0, 10.0]
    assert table["value_gbp"].sum() == 140.0


# --- What carries it ----------------------------------------------------------------------------------------------

LINES = pd.DataFrame(
    {
        "contract_id": ["C-1", "C-1", "C-2", "C-2", "C-3"],
        "outcome_id": ["job", "job", "job", "home", "home"],
        "unit_cost_id": ["wage", "benefits", "wage", "council", "council"],
        "kind": ["economic", "fiscal", "economic", "fiscal", "fiscal"],
        "is_transfer": [False, True, False, False, False],
        "net_gbp": [50.0, 10.0, 20.0, 30.0, 999.0],
    }
)
CONTRACTS = pd.DataFrame(
    {
        "contract_id": ["C-1", "C-2", "C-3"],
        "outcome_payments_real_gbp": [20.0, 80.0, 0.0],
        "is_in_bcr": [True, True, False],
    }
)


def test_what_carries_a_market_worked_by_hand() -> None:
    """£100 of public value and £40 of fiscal value for £100; C-3 is not in the ratio."""
    table = concentration(LINES, CONTRACTS)
    columns = ["kind", "id", "rank", "public_value_gbp", "share", "cumulative_share"]
    assert table[columns].to_numpy().tolist() == [
        ["contract", "C-1", 1, 50.0, 0.5, 0.5],
        ["contract", "C-2", 2, 50.0, 0.5, 1.0],
        ["outcome", "job", 1, 70.0, 0.7, 0.7],
        ["outcome", "home", 2, 30.0, 0.3, 1.0],
        ["unit_cost", "wage", 1, 70.0, 0.7, 0.7],
        ["unit_cost", "council", 2, 30.0, 0.3, 1.0],
        ["unit_cost", "benefits", 3, 0.0, 0.0, 1.0],
    ]
    without = table.set_index("id")[["bcr_without", "fiscal_bcr_without"]]
    assert without.loc["C-1"].tolist() == [50 / 80, 30 / 80]
    assert without.loc["C-2"].tolist() == [50 / 20, 10 / 20]
    # What was paid for jobs was paid, whatever they are worth.
    assert without.loc["job"].tolist() == [0.3, 0.3]
    assert without.loc["benefits"].tolist() == [1.0, 0.3]


def test_without_the_only_contract_there_is_no_ratio() -> None:
    only = concentration(LINES, CONTRACTS.assign(is_in_bcr=[True, False, False])).set_index("id")
    assert only.loc["C-1", ["bcr_without", "fiscal_bcr_without"]].isna().all()
    assert only.loc["wage", "bcr_without"] == 0.0
    assert concentration(LINES, CONTRACTS.assign(is_in_bcr=False)).empty


def test_of_no_value_nobody_has_a_share() -> None:
    table = concentration(LINES.assign(net_gbp=0.0), CONTRACTS)
    assert table[["share", "cumulative_share"]].isna().all(axis=None)
    assert (table["bcr_without"] == 0).all()


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_shares_of_each_kind_add_up_to_the_market(edition_id: str, valuations: Valuations) -> None:
    valuation = valuations[edition_id]
    table = concentration(valuation.valued_outcomes, valuation.contract_value)
    market = valuation.market_value.iloc[0]
    for _, rows in table.groupby("kind"):
        assert rows["public_value_gbp"].sum() == pytest.approx(market["public_value_in_bcr_gbp"], abs=0.05)
        assert rows["share"].sum() == pytest.approx(1.0)
        assert rows["cumulative_share"].iloc[-1] == pytest.approx(1.0)
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))
        assert rows["public_value_gbp"].is_monotonic_decreasing
    # The larger the value that an outcome or a unit cost carries, the lower the ratio without it.
    kept = table[table["kind"] != "contract"]
    lost = (market["bcr"] - kept["bcr_without"]) * market["outcome_payments_in_bcr_real_gbp"]
    assert lost.to_list() == pytest.approx(kept["public_value_gbp"].to_list(), abs=1)


@pytest.mark.parametrize("edition_id", EDITIONS)
def test_without_a_contract_the_ratio_is_that_of_the_others(edition_id: str, valuations: Valuations) -> None:
    values = valuations[edition_id].contract_value
    table = concentration(valuations[edition_id].valued_outcomes, values)
    contracts = table[table["kind"] == "contract"]
    assert sorted(contracts["id"]) == sorted(values.loc[values["is_in_bcr"], "contract_id"])
    for row in contracts.itertuples():
        others = summed(values[values["contract_id"] != row.id])
        assert row.bcr_without == pytest.approx(others["bcr"].item())
        assert row.fiscal_bcr_without == pytest.approx(others["fiscal_bcr"].item())
