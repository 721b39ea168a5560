"""Evidence by grade and value by payer add up to the market, and follow the money."""

import pandas as pd
import pytest

from pipeline.method.evidence import NO_RATE, evidence_quality, payer_beneficiary
from pipeline.method.valuation import Valuation

EDITIONS = ("atq-2022", "atq-2024", "open-2025")
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
    assert (no_rate["share"].min() == 1.0) == (valuation.edition.deadweight_layer == "none")


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
    bases = valuation.edition.payment_bases
    table = payer_beneficiary(valuation.valued_outcomes, valuation.payments, valuation.contract_value, bases)
    market = valuation.market_value.iloc[0]
    assert table.loc[~table["is_transfer"], "value_gbp"].sum() == pytest.approx(
        market["public_value_in_bcr_gbp"], abs=1
    )
    assert table.loc[table["kind"] == "fiscal", "value_gbp"].sum() == pytest.approx(market["fiscal_in_bcr_gbp"], abs=1)
    paid = table.drop_duplicates("payer_kind")["payer_payments_real_gbp"].sum()
    assert paid == pytest.approx(market["outcome_payments_in_bcr_real_gbp"], abs=1)


def test_a_contract_is_laid_to_its_payers_by_what_each_paid() -> None:
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
    table = payer_beneficiary(lines, payments, contracts, ["paid"])
    rows = table.set_index(["payer_kind", "agency"])[["value_gbp", "payer_payments_real_gbp"]]
    assert rows.loc[("central", "NHS")].tolist() == [75.0, 30.0]
    assert rows.loc[("local", "individuals")].tolist() == [10.0, 10.0]
    assert table["value_gbp"].sum() == 140.0
