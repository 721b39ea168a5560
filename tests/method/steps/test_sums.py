"""Sums from lines to contracts, policy areas and the market, and which contracts enter a ratio."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps.sums import IN_BCR, MONEY, contract_value, summed
from pipeline.method.valuation import Valuation, value_edition

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]


def lines(*rows: Row) -> pd.DataFrame:
    """Lines of value, as ``net_value`` gives them: by default £80 of earnings net, £100 gross."""
    defaults: Row = {
        "contract_id": "C-1",
        "kind": "economic",
        "is_transfer": False,
        "people": 1.0,
        "gross_gbp": 100.0,
        "net_gbp": 80.0,
        "is_estimated": False,
    }
    return pd.DataFrame([defaults | row for row in rows], columns=list(defaults)).astype(
        {"is_transfer": bool, "is_estimated": bool, "gross_gbp": float, "net_gbp": float, "people": float}
    )


def paid(*rows: Row) -> pd.DataFrame:
    """Payments, as ``payments_in_scope`` gives them: by default £40 in cash, £50 in the edition's prices."""
    defaults: Row = {
        "contract_id": "C-1",
        "basis": "paid",
        "amount_counted_gbp": 40.0,
        "amount_real_gbp": 50.0,
        "is_estimated": False,
    }
    return pd.DataFrame([defaults | row for row in rows], columns=list(defaults)).astype(
        {"amount_counted_gbp": float, "amount_real_gbp": float, "is_estimated": bool}
    )


@pytest.fixture(scope="module")
def one(make_contracts: Builder) -> Callable[..., Any]:
    """Return the row of contract C-1, given its lines and payments."""

    def row(value: pd.DataFrame, payments: pd.DataFrame, bases: tuple[str, ...] = ("paid", "reported")) -> Any:
        (found,) = contract_value(make_contracts({}), value, payments, bases).itertuples()
        return found

    return row


# --- One contract -------------------------------------------------------------------------------------------


def test_transfers_are_fiscal_value_and_no_public_value(one: Callable[..., Any]) -> None:
    found = one(
        lines(
            {"kind": "fiscal", "net_gbp": 5.0, "gross_gbp": 10.0},
            {"kind": "fiscal", "is_transfer": True, "net_gbp": 70.0, "gross_gbp": 90.0},
            {},
            {"kind": "social", "net_gbp": 1.0, "gross_gbp": 2.0},
        ),
        paid({}),
    )
    assert (found.fiscal_gbp, found.economic_gbp, found.social_gbp) == (75, 80, 1)
    assert (found.transfers_gbp, found.public_value_gbp, found.gross_public_value_gbp) == (70, 86, 112)
    assert (found.bcr, found.fiscal_bcr) == (86 / 50, 75 / 50)


def test_payments_of_other_bases_are_left_out(one: Callable[..., Any]) -> None:
    payments = paid(*({"basis": basis} for basis in ("paid", "reported", "commitment", "evaluation")))
    found = one(lines({}), payments)
    assert (found.outcome_payments_gbp, found.outcome_payments_real_gbp) == (80, 100)
    assert one(lines({}), payments, ("commitment",)).outcome_payments_gbp == 40


@pytest.mark.parametrize(
    ("value", "payments", "is_valued", "is_in_bcr"),
    [
        (lines({}), paid({}), True, True),
        (lines({}), paid(), True, False),
        (lines(), paid({}), False, False),
        (lines(), paid(), False, False),
        (lines({}), paid({"basis": "commitment"}), True, False),
        (lines({}), paid({"amount_counted_gbp": 0.0, "amount_real_gbp": 0.0}), True, False),
        (lines({"net_gbp": -27.0}), paid({}), True, True),
        (lines({"people": 0.0, "net_gbp": 0.0, "gross_gbp": 0.0}), paid({}), False, False),
    ],
)
def test_a_ratio_needs_both_valued_outcomes_and_payments(
    one: Callable[..., Any], value: pd.DataFrame, payments: pd.DataFrame, is_valued: bool, is_in_bcr: bool
) -> None:
    found = one(value, payments)
    assert (found.is_valued, found.is_in_bcr) == (is_valued, is_in_bcr)
    assert math.isnan(found.bcr) is not is_in_bcr
    assert math.isnan(found.fiscal_bcr) is not is_in_bcr


def test_an_estimated_line_marks_its_contract(one: Callable[..., Any]) -> None:
    assert one(lines({}, {"is_estimated": True}), paid({})).is_estimated
    assert one(lines({}), paid({}, {"is_estimated": True})).is_estimated
    assert not one(lines({}), paid({}, {"is_estimated": True, "basis": "commitment"})).is_estimated
    assert not one(lines({}), paid({})).is_estimated


def test_a_contract_without_value_or_payments_stays_with_nothing(make_contracts: Builder) -> None:
    found = contract_value(make_contracts({}, {"contract_id": "C-2"}), lines({}), paid({}), ["paid"])
    assert list(found["contract_id"]) == ["C-1", "C-2"]
    assert found.loc[1, MONEY].isna().all()
    assert found.loc[0, MONEY].notna().all()


# --- Many contracts -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three(make_contracts: Builder) -> pd.DataFrame:
    """C-1 with value and payments, C-2 with value alone, C-3 with payments alone; C-2 is of another policy area."""
    contracts = make_contracts({}, {"contract_id": "C-2", "policy_area": "health"}, {"contract_id": "C-3"})
    return contract_value(contracts, lines({}, {"contract_id": "C-2"}), paid({}, {"contract_id": "C-3"}), ["paid"])


def test_the_market_s_ratio_covers_what_matches_and_shows_the_rest(three: pd.DataFrame) -> None:
    (market,) = summed(three).itertuples()
    assert market.scope == "market"
    assert (market.contracts, market.contracts_valued, market.contracts_with_payments, market.contracts_in_bcr) == (
        3,
        2,
        2,
        1,
    )
    assert (market.public_value_gbp, market.public_value_in_bcr_gbp) == (160, 80)
    assert (market.outcome_payments_gbp, market.outcome_payments_in_bcr_gbp) == (80, 40)
    assert (market.bcr, market.bcr_cash) == (80 / 50, 80 / 40)


def test_a_policy_area_without_a_match_has_no_ratio(three: pd.DataFrame) -> None:
    areas = summed(three, "policy_area").set_index("policy_area")
    assert list(areas.index) == ["employment_and_training", "health"]
    assert math.isnan(areas.loc["health", "bcr"])
    assert areas.loc["employment_and_training", "bcr"] == 80 / 50


# --- Laws of a whole market ----------------------------------------------------------------------------------

METRICS = ("started", "full_13_weeks", "full_26_weeks", "part_13_weeks", "trained", "days", "crimes", "qualified")
markets = st.dictionaries(
    st.tuples(st.sampled_from(["C-1", "C-2", "C-3"]), st.sampled_from(METRICS)), st.integers(0, 500), min_size=3
)
editions = st.sampled_from(["made-up", "studied", "cut"])


def pence(amounts: pd.Series) -> "pd.Series[int]":
    """Return amounts in whole pence, so that sums are exact; what is not known adds nothing."""
    amounts = amounts.fillna(0.0)
    in_pence = (amounts * 100).round()
    assert ((amounts * 100 - in_pence).abs() < 1e-3).all(), "an amount is not in whole pence"
    return in_pence.astype("int64")


def assert_sums_agree(valuation: Valuation) -> None:
    """Every sum, to the penny, is that of the level below: lines, contracts, policy areas, market."""
    value, contracts = valuation.valued_outcomes, valuation.contract_value.set_index("contract_id")
    public = ~value["is_transfer"]
    expected = {f"{kind}_gbp": (value["kind"] == kind, "net_gbp") for kind in ("fiscal", "economic", "social")}
    expected |= {
        "transfers_gbp": (value["is_transfer"], "net_gbp"),
        "public_value_gbp": (public, "net_gbp"),
        "gross_public_value_gbp": (public, "gross_gbp"),
    }
    for column, (chosen, of_line) in expected.items():
        sums = pence(value[of_line])[chosen].groupby(value["contract_id"]).sum()
        found = pence(contracts[column])
        assert (found == sums.reindex(found.index, fill_value=0)).all(), column
    kinds = pence(contracts["fiscal_gbp"]) + pence(contracts["economic_gbp"]) + pence(contracts["social_gbp"])
    assert (kinds - pence(contracts["transfers_gbp"]) == pence(contracts["public_value_gbp"])).all()
    areas, market = valuation.policy_area_value.set_index("policy_area"), valuation.market_value.iloc[0]
    for column in MONEY:
        by_area = pence(contracts[column]).groupby(contracts["policy_area"]).sum()
        assert (pence(areas[column]) == by_area).all(), column
    for column in [*MONEY, *IN_BCR.values()]:
        assert pence(areas[column]).sum() == pence(pd.Series([market[column]]))[0], column
    for column, matched in IN_BCR.items():
        assert pence(contracts.loc[contracts["is_in_bcr"], column]).sum() == pence(pd.Series([market[matched]]))[0]
    for column in ("contracts", "contracts_valued", "contracts_with_payments", "contracts_in_bcr"):
        assert areas[column].sum() == market[column]
    assert market["contracts"] == len(contracts)


def assert_same_value(one: Valuation, other: Valuation) -> None:
    for table, key in (
        ("contract_value", "contract_id"),
        ("policy_area_value", "policy_area"),
        ("market_value", "scope"),
    ):
        pd.testing.assert_frame_equal(
            getattr(one, table).sort_values(key, ignore_index=True),
            getattr(other, table).sort_values(key, ignore_index=True),
            check_exact=True,
        )


def shuffled(facts: RawFacts, seed: int) -> RawFacts:
    """Return the facts with the rows of every table in another order."""
    return RawFacts(
        **{name: table.sample(frac=1, random_state=seed).reset_index(drop=True) for name, table in vars(facts).items()}
    )


def of_contracts(facts: RawFacts, ids: list[str]) -> RawFacts:
    """Return the facts of some contracts only."""
    return RawFacts(
        **{name: table[table["contract_id"].isin(ids)].reset_index(drop=True) for name, table in vars(facts).items()}
    )


@settings(max_examples=3)
@given(markets, editions)
def test_sums_agree_to_the_penny(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts], market: dict[tuple[str, str], int], edition: str
) -> None:
    assert_sums_agree(value_edition(make_facts(market), made_up_reference, made_up_reference.editions[edition]))


def test_of_the_project_sums_agree_to_the_penny(valuations: dict[str, Valuation]) -> None:
    for valuation in valuations.values():
        assert_sums_agree(valuation)


@settings(max_examples=3)
@given(markets, editions, st.integers(0, 10))
def test_the_order_of_rows_does_not_matter(
    made_up_reference: Reference,
    make_facts: Callable[..., RawFacts],
    market: dict[tuple[str, str], int],
    edition: str,
    seed: int,
) -> None:
    facts, choices = make_facts(market), made_up_reference.editions[edition]
    assert_same_value(
        value_edition(facts, made_up_reference, choices),
        value_edition(shuffled(facts, seed), made_up_reference, choices),
    )


def test_of_the_project_the_order_of_rows_does_not_matter(
    valuations: dict[str, Valuation], facts: RawFacts, reference: Reference
) -> None:
    tables = {
        name: table.sample(frac=1, random_state=2).reset_index(drop=True)
        for name, table in vars(reference).items()
        if isinstance(table, pd.DataFrame)
    }
    for valuation in valuations.values():
        other = value_edition(shuffled(facts, 1), replace(reference, **tables), valuation.edition)
        assert_same_value(valuation, other)


@settings(max_examples=3)
@given(markets, editions)
def test_a_further_contract_does_not_change_the_value_of_another(
    made_up_reference: Reference, make_facts: Callable[..., RawFacts], market: dict[tuple[str, str], int], edition: str
) -> None:
    facts, choices = make_facts(market), made_up_reference.editions[edition]
    first = sorted(facts.contracts["contract_id"])[0]
    alone = value_edition(of_contracts(facts, [first]), made_up_reference, choices).contract_value
    among = value_edition(facts, made_up_reference, choices).contract_value
    pd.testing.assert_frame_equal(alone, among[among["contract_id"] == first].reset_index(drop=True))


def test_of_the_project_half_the_contracts_have_the_same_value_alone(
    valuations: dict[str, Valuation], facts: RawFacts, reference: Reference
) -> None:
    ids = sorted(facts.contracts["contract_id"])[::2]
    for valuation in valuations.values():
        alone = value_edition(of_contracts(facts, ids), reference, valuation.edition).contract_value
        among = valuation.contract_value
        pd.testing.assert_frame_equal(
            alone, among[among["contract_id"].isin(ids)].reset_index(drop=True), check_exact=True
        )
