"""Laws of a whole valuation, from facts to what is published, on generated markets and editions.

Belongs here: what holds whatever was reported, however it was treated and whichever choices an edition makes.
Laws of one step stand with the tests of that step.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RAW_TABLES, RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.analysis.reported import OUTCOME_KEY
from pipeline.method.analysis.tables import analysed, published_tables
from pipeline.method.valuation import Valuation, value_edition
from pipeline.report.pages.frame import Site
from pipeline.report.publish import arrow_table
from pipeline.report.site import site
from pipeline.report.text.headline import as_json, headline
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.tables.vocabulary import (
    ANNUAL_RUNGS,
    DEADWEIGHT_LAYERS,
    PAYMENT_BASES,
    SET_ASIDES,
    TIME_CONVENTIONS,
    TRANSFERS,
    UNIT_VALUE_LEVELS,
)
from tests.conftest import part_of

Row = dict[str, Any]
Builder = Callable[..., pd.DataFrame]
MakeEdition = Callable[..., Edition]
Test = Callable[..., None]

VERSIONS = {"data_version": "d", "reference_version": "r", "code_version": "c"}
SUMS = ["fiscal_gbp", "economic_gbp", "social_gbp", "transfers_gbp", "public_value_gbp", "gross_public_value_gbp"]
UNITS_KEY = ["contract_id", "outcome_id", "is_counted", "is_net_of_deadweight"]
PAYMENT_KEY = ["contract_id", "source_id", "locator"]


def trying(examples: int) -> Callable[[Test], Test]:
    """Try a few examples: the same for all tests that ask for the same, so that each is valued only once.

    A market that breaks a law is shown as it is: making it smaller would take minutes.
    """
    return lambda test: seed(2022)(
        settings(max_examples=part_of(examples), phases=[Phase.explicit, Phase.generate])(test),
    )


few = trying(25)


# --- Generated markets: rows for the builders, over the contracts and metrics of the made-up reference --------

CONTRACTS = {"C-1": "employment_and_training", "C-2": "child_and_family_welfare", "C-3": "employment_and_training"}
UNIT_OF = {
    "started": "person",
    "full_13_weeks": "person",
    "full_26_weeks": "person",
    "part_13_weeks": "person",
    "trained": "person",
    "days": "day",
    "crimes": "incident",
    "qualified": "person",
}
PRICE_YEARS = ("2010-11", "2017-18", "2018-19", "2019-20", "2020-21")
DAYS = st.dates(date(2017, 4, 1), date(2021, 3, 31)).map(pd.Timestamp)
# Rows of deadweight in the made-up reference.
RATES = 8
WHOLE = st.sampled_from([0, 1, 7, 500, 1_000_000]) | st.integers(0, 500)


@dataclass(frozen=True)
class Market:
    """Rows of contracts, results and payments; metrics treated otherwise than usual; the rates of deadweight."""

    contracts: list[Row]
    outcomes: list[Row]
    payments: list[Row]
    treatments: dict[str, str]
    rates: tuple[float, ...]


@st.composite
def periods(draw: st.DrawFn, may_lack: bool = True) -> tuple[pd.Timestamp, pd.Timestamp]:
    """A period, short or long, or one of which a day or both are not known."""
    start, end = sorted(draw(st.tuples(DAYS, DAYS)))
    lacking = draw(st.sampled_from(["none", "none", "both", "start", "end"])) if may_lack else "none"
    return (
        pd.NaT if lacking in ("both", "start") else start,
        pd.NaT if lacking in ("both", "end") else end,
    )


@st.composite
def reports(draw: st.DrawFn, contract_id: str, metric_id: str) -> list[Row]:
    """One to three reports of a metric, each of another type or period."""
    unit = UNIT_OF[metric_id]
    quantities = WHOLE.map(float) if unit in ("person", "incident") else WHOLE.map(lambda n: n + 0.25)
    found = draw(
        st.lists(
            st.tuples(st.sampled_from(["interim", "final"]), periods(), quantities, st.booleans()),
            min_size=1,
            max_size=3,
            unique_by=lambda report: (report[0], *map(str, report[1])),
        )
    )
    return [
        {
            "contract_id": contract_id,
            "metric_id": metric_id,
            "result_type": result_type,
            "period_start": start,
            "period_end": end,
            "quantity": quantity,
            "unit": unit,
            "is_net_of_deadweight": is_net,
            "locator": f"{contract_id} {metric_id} #{number}",
        }
        for number, (result_type, (start, end), quantity, is_net) in enumerate(found)
    ]


@st.composite
def payments_of(draw: st.DrawFn, contract_id: str) -> list[Row]:
    """Up to four payments of a contract, of any basis; commitments and totals may lack a period."""
    rows = []
    for number in range(draw(st.integers(0, 4))):
        basis = draw(st.sampled_from(sorted(PAYMENT_BASES)))
        start, end = draw(periods(may_lack=basis in ("commitment", "evaluation")))
        amounts = [0.0, 0.01, 10_000.0, 12_345_678.9] if basis != "returned" else [-0.01, -9_999.0, -23_456_789.1]
        amount = draw(st.sampled_from(amounts))
        rows.append(
            {
                "contract_id": contract_id,
                "period_start": start,
                "period_end": end,
                "amount_gbp": amount,
                "basis": basis,
                "locator": f"payment of {contract_id} #{number}",
            }
        )
    return rows


@st.composite
def markets(draw: st.DrawFn, highest_rate: float = 1.3) -> Market:
    """One to three contracts, each with any of the metrics and payments; metrics treated in any way they can be."""
    ids = draw(st.lists(st.sampled_from(sorted(CONTRACTS)), min_size=1, unique=True))
    outcomes: list[Row] = []
    payments: list[Row] = []
    for contract_id in ids:
        for metric_id in draw(st.lists(st.sampled_from(sorted(UNIT_OF)), unique=True)):
            outcomes += draw(reports(contract_id, metric_id))
        payments += draw(payments_of(contract_id))
    other = st.sampled_from(["overlap", "process", "no_unit_cost"])
    return Market(
        contracts=[{"contract_id": i, "policy_area": CONTRACTS[i], "name": f"Contract {i}"} for i in ids],
        outcomes=outcomes,
        payments=payments,
        treatments=draw(st.dictionaries(st.sampled_from(sorted(UNIT_OF)), other, max_size=2)),
        rates=draw(st.tuples(*[st.floats(-0.2, highest_rate)] * RATES)),
    )


@st.composite
def choices(draw: st.DrawFn) -> Row:
    """Any choices that an edition can make."""
    return {
        "cut_off": draw(st.none() | st.dates(date(2017, 1, 1), date(2021, 12, 31))),
        "price_year": draw(st.sampled_from(PRICE_YEARS)),
        "deadweight_layer": draw(st.sampled_from(sorted(DEADWEIGHT_LAYERS))),
        "unit_value_level": draw(st.sampled_from(UNIT_VALUE_LEVELS)),
        "time_convention": draw(st.sampled_from(sorted(TIME_CONVENTIONS))),
        "annual_rung": draw(st.sampled_from(ANNUAL_RUNGS)),
        "horizon_years": draw(st.sampled_from([0.1, 1.0, 5.0, 7.5, 60.0])),
        "payment_bases": tuple(draw(st.lists(st.sampled_from(sorted(PAYMENT_BASES)), unique=True))),
        "published_edition": draw(st.sampled_from(["", "2022", "2024"])),
        "transfers": draw(st.sampled_from(sorted(TRANSFERS))),
        "set_asides": draw(st.sampled_from(sorted(SET_ASIDES))),
        "flat_deadweight": draw(st.sampled_from([None, 0.0, 0.16, 1.0])),
    }


# --- From rows to a valuation ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def make_market(
    make_contracts: Builder,
    make_outcomes: Builder,
    make_payments: Builder,
    make_organisations: Builder,
    make_places: Builder,
    make_rejected_rows: Builder,
) -> Callable[[Market], RawFacts]:
    """Build the facts of a generated market."""

    def build(market: Market) -> RawFacts:
        return RawFacts(
            contracts=make_contracts(*market.contracts),
            outcomes=make_outcomes(*market.outcomes),
            payments=make_payments(*market.payments),
            organisations=make_organisations({"contract_id": market.contracts[0]["contract_id"]}),
            places=make_places({"contract_id": market.contracts[0]["contract_id"]}),
            rejected_rows=make_rejected_rows({"contract_id": market.contracts[0]["contract_id"]}),
        )

    return build


@pytest.fixture(scope="module")
def make_reference(made_up_reference: Reference) -> Callable[[Market], Reference]:
    """Build the made-up reference with the treatments and rates of a generated market."""

    def build(market: Market) -> Reference:
        mapping, rates = made_up_reference.metric_outcomes, made_up_reference.deadweight
        usual = zip(mapping["metric_id"], mapping["treatment"], strict=True)
        treatments = pd.Series([market.treatments.get(*row) for row in usual], index=mapping.index, dtype="str")
        central = list(market.rates)
        return replace(
            made_up_reference,
            metric_outcomes=mapping.assign(treatment=treatments),
            deadweight=rates.assign(low=central, central=central, high=central),
        )

    return build


@dataclass(frozen=True)
class Case:
    """A market with all that valuing it takes, and its valuation."""

    facts: RawFacts
    reference: Reference
    valuation: Valuation


@pytest.fixture(scope="module")
def value(
    make_market: Callable[[Market], RawFacts], make_reference: Callable[[Market], Reference], make_edition: MakeEdition
) -> Callable[..., Case]:
    """Value a generated market as an edition with some choices does, each only once."""
    known: dict[str, Case] = {}

    def of(market: Market, chosen: Row) -> Case:
        name = repr((market, chosen))
        if name not in known:
            facts, reference = make_market(market), make_reference(market)
            known[name] = Case(facts, reference, value_edition(facts, reference, make_edition(**chosen)))
        return known[name]

    return of


Value = Callable[[Market, Row], Case]


def in_pence(pounds: "pd.Series[float]") -> int:
    # What is not known adds nothing.
    return sum(round(amount * 100) for amount in pounds.dropna())


def rows_of(table: pd.DataFrame, columns: list[str]) -> list[tuple[str, ...]]:
    """Rows as text, in order: what is missing has no order of its own."""
    return sorted(tuple(map(str, row)) for row in table[columns].itertuples(index=False, name=None))


# --- All of it ------------------------------------------------------------------------------------------------


@pytest.mark.slow
@trying(8)
@given(markets(), choices())
def test_whatever_was_reported_is_valued_and_can_be_published(value: Value, market: Market, chosen: Row) -> None:
    case = value(market, chosen)
    for name, model in RAW_TABLES.items():
        model.validate(getattr(case.facts, name))
    edition = case.valuation.edition
    tables = published_tables(case.facts, case.reference, case.valuation)
    for name, table in tables.items():
        assert arrow_table(table, name, VERSIONS).num_rows == len(table)
    data = headline(tables, edition)
    assert json.loads(as_json(data))["contracts"] == len(market.contracts)
    assert as_markdown(tables, edition, data).startswith("# made up\n")
    pages = site(Site(edition, tables, data, case.reference, VERSIONS))
    assert {f"contracts/{row['contract_id']}.html" for row in market.contracts} <= set(pages)
    (own,) = tables["scenarios"].query("is_edition").itertuples()
    for choice in ("time_convention", "deadweight_layer", "unit_value_level"):
        assert getattr(own, choice) == chosen[choice]
    assert own.public_value_gbp == case.valuation.market_value["public_value_in_bcr_gbp"].iloc[0]


# --- Every row is accounted for -------------------------------------------------------------------------------


@few
@given(markets(), choices())
def test_every_reported_result_is_published_once_with_the_share_that_counts(
    value: Value, market: Market, chosen: Row
) -> None:
    case = value(market, chosen)
    published = analysed("reported_outcomes", case.facts, case.reference, case.valuation)
    assert rows_of(published, [*OUTCOME_KEY, "locator"]) == rows_of(case.facts.outcomes, [*OUTCOME_KEY, "locator"])
    counted = published[published["share_counted"] > 0]
    left = published[published["share_counted"] == 0]
    assert len(counted) + len(left) == len(market.outcomes)
    assert rows_of(counted, ["locator"]) == rows_of(case.valuation.outcomes_in_scope, ["locator"])
    assert not counted.duplicated(["contract_id", "metric_id"]).any()
    assert (counted["quantity_counted"] == counted["quantity"] * counted["share_counted"]).all()
    assert (left["quantity_counted"] == 0).all()
    assert not left["is_estimated"].any()
    if chosen["cut_off"] is None:
        metrics = {(row["contract_id"], row["metric_id"]) for row in market.outcomes}
        assert len(counted) == len(metrics)
        assert (counted["share_counted"] == 1).all()


@few
@given(markets(), choices())
def test_every_payment_is_published_once_with_the_share_that_counts(value: Value, market: Market, chosen: Row) -> None:
    case = value(market, chosen)
    published = analysed("published_payments", case.facts, case.reference, case.valuation)
    assert rows_of(published, PAYMENT_KEY) == rows_of(case.facts.payments, PAYMENT_KEY)
    counted = published[published["share_counted"] > 0]
    left = published[published["share_counted"] == 0]
    assert len(counted) + len(left) == len(market.payments)
    assert rows_of(counted, PAYMENT_KEY) == rows_of(case.valuation.payments_in_scope, PAYMENT_KEY)
    assert (left["amount_counted_gbp"] == 0).all()
    # What went back counts wherever what was paid does.
    bases = {*chosen["payment_bases"], *(["returned"] if {"paid", "reported"} & {*chosen["payment_bases"]} else [])}
    in_bases = counted[counted["basis"].isin(bases)]
    assert in_pence(in_bases["amount_counted_gbp"]) == in_pence(case.valuation.market_value["outcome_payments_gbp"])
    # A commitment is a term of the contract: no cut-off divides it.
    assert (published.loc[published["basis"] == "commitment", "share_counted"] == 1).all()


@few
@given(markets(), choices())
def test_each_outcome_meets_each_of_its_unit_costs_once(value: Value, market: Market, chosen: Row) -> None:
    valuation = value(market, chosen).valuation
    costs = valuation.unit_values.groupby("outcome_id")["unit_cost_id"].apply(list)
    expected = [
        (*key, unit_cost)
        for key in valuation.outcome_units[UNITS_KEY].itertuples(index=False, name=None)
        for unit_cost in costs[key[1]]
    ]
    lines = pd.concat(
        [valuation.valued_outcomes[[*UNITS_KEY, "unit_cost_id"]], valuation.overlaps[[*UNITS_KEY, "unit_cost_id"]]]
    )
    assert sorted(lines.itertuples(index=False, name=None)) == sorted(expected)
    assert valuation.valued_outcomes["is_counted"].all()
    # Each metric of a treatment that is worked out in pounds stands in one group of units.
    metrics = [
        (key, metric)
        for key, ids in zip(valuation.outcome_units["contract_id"], valuation.outcome_units["metric_ids"], strict=True)
        for metric in ids.split("; ")
    ]
    priced = valuation.outcomes_in_scope[valuation.outcomes_in_scope["treatment"].isin(["valued", "rung", "overlap"])]
    assert sorted(metrics) == sorted(priced[["contract_id", "metric_id"]].itertuples(index=False, name=None))


# --- Sums -----------------------------------------------------------------------------------------------------


@few
@given(markets(), choices())
def test_lines_contracts_areas_and_market_agree_to_the_penny(value: Value, market: Market, chosen: Row) -> None:
    valuation = value(market, chosen).valuation
    lines, contracts = valuation.valued_outcomes, valuation.contract_value
    public = lines[~lines["is_transfer"]]
    of_lines = {
        **{f"{kind}_gbp": lines.loc[lines["kind"] == kind, "net_gbp"] for kind in ("fiscal", "economic", "social")},
        "transfers_gbp": lines.loc[lines["is_transfer"], "net_gbp"],
        "public_value_gbp": public["net_gbp"],
        "gross_public_value_gbp": public["gross_gbp"],
    }
    assert set(of_lines) == set(SUMS)
    for column, pounds in of_lines.items():
        total = in_pence(valuation.market_value[column])
        assert total == in_pence(valuation.policy_area_value[column])
        assert total == in_pence(contracts[column])
        assert total == in_pence(pounds)


@few
@given(markets(highest_rate=1), choices())
def test_transfers_are_a_part_of_fiscal_value(value: Value, market: Market, chosen: Row) -> None:
    """Where no rate is above 1; above it fiscal value that is no transfer can be negative."""
    valuation = value(market, chosen).valuation
    for table in (valuation.contract_value, valuation.policy_area_value, valuation.market_value):
        known = table[table["fiscal_gbp"].notna()]
        assert (known["fiscal_gbp"] >= known["transfers_gbp"]).all()
        assert (known["transfers_gbp"] >= 0).all()


@trying(12)
@given(markets(), choices())
def test_gross_and_net_value_are_the_same_where_nothing_is_taken_off(value: Value, market: Market, chosen: Row) -> None:
    valuation = value(market, chosen | {"deadweight_layer": "none"}).valuation
    for lines in (valuation.valued_outcomes, valuation.overlaps):
        assert (lines["net_gbp"] == lines["gross_gbp"]).all()
        assert (lines["deadweight"] == 0).all()
    for table in (valuation.contract_value, valuation.policy_area_value, valuation.market_value):
        known = table[table["public_value_gbp"].notna()]
        assert (known["public_value_gbp"] == known["gross_public_value_gbp"]).all()


# --- Time -----------------------------------------------------------------------------------------------------


def falls(group: pd.DataFrame) -> bool:
    """Tell whether the counts of a ladder fall, or stay, from milestone to milestone."""
    counts = group.sort_values("milestone")["quantity_counted"]
    return bool((counts.diff().dropna() <= 0).all())


@few
@given(markets(), choices())
def test_units_lie_between_what_is_measured_and_what_is_possible(value: Value, market: Market, chosen: Row) -> None:
    if chosen["time_convention"] == "annual":
        chosen = chosen | {"time_convention": "horizon"}
    valuation = value(market, chosen).valuation
    metrics = valuation.outcomes_in_scope.set_index(["contract_id", "metric_id"])
    for row in valuation.outcome_units.itertuples():
        group = metrics.loc[[(row.contract_id, metric) for metric in row.metric_ids.split("; ")]]
        assert row.units_low <= row.units * (1 + 1e-9)
        if falls(group):
            assert row.units <= row.units_high * (1 + 1e-9)
        if chosen["time_convention"] == "measured":
            assert row.units == row.units_low


# --- Order, and who holds a contract --------------------------------------------------------------------------


def shuffled(table: pd.DataFrame, order: int) -> pd.DataFrame:
    return table.sample(frac=1, random_state=order).reset_index(drop=True)


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in an order that follows from what they say; lists within a cell stand in the order of the rows."""
    for column, separator in (("metric_ids", "; "), ("sum", " + ")):
        if column in table:
            table = table.assign(**{column: [separator.join(sorted(c.split(separator))) for c in table[column]]})
    order = sorted(range(len(table)), key=[str(row) for row in table.itertuples(index=False, name=None)].__getitem__)
    return table.iloc[order].reset_index(drop=True)


def assert_same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(in_order(one), in_order(other), rtol=1e-12)


@trying(12)
@given(markets(), choices(), st.integers(0, 1000))
def test_the_order_of_the_rows_of_every_table_changes_nothing(
    value: Value, market: Market, chosen: Row, order: int
) -> None:
    case = value(market, chosen)
    facts = RawFacts(**{name: shuffled(table, order) for name, table in vars(case.facts).items()})
    tables = {name: shuffled(t, order) for name, t in vars(case.reference).items() if isinstance(t, pd.DataFrame)}
    reference = replace(case.reference, **tables)
    other = value_edition(facts, reference, case.valuation.edition)
    for name, table in vars(case.valuation).items():
        if name != "edition":
            assert_same(table, getattr(other, name))
    for name in ("reported_outcomes", "published_payments"):
        before = analysed(name, case.facts, case.reference, case.valuation)
        assert_same(before, analysed(name, facts, reference, other))


@trying(12)
@given(markets(), choices(), st.sets(st.sampled_from(sorted(UNIT_OF))))
def test_a_contract_split_in_two_has_the_same_gross_value(
    value: Value, market: Market, chosen: Row, moved: set[str]
) -> None:
    """Its metrics and payments divided among two; lines that overlap with none, for others need the whole contract."""
    contract = market.contracts[0]
    own = contract["contract_id"]
    outcomes, payments = (
        [row for row in rows if row["contract_id"] == own] for rows in (market.outcomes, market.payments)
    )
    another = next(i for i in CONTRACTS if i != own)
    whole = replace(market, contracts=[contract], outcomes=outcomes, payments=payments)
    split = replace(
        whole,
        contracts=[contract, contract | {"contract_id": another}],
        outcomes=[row | {"contract_id": another if row["metric_id"] in moved else own} for row in outcomes],
        payments=[row | {"contract_id": (own, another)[n % 2]} for n, row in enumerate(payments)],
    )
    one, two = value(whole, chosen).valuation, value(split, chosen).valuation
    gross = [v.valued_outcomes.loc[v.valued_outcomes["overlap_group"] == "", "gross_gbp"] for v in (one, two)]
    assert in_pence(gross[0]) == in_pence(gross[1])
    paid = ["outcome_payments_gbp", "outcome_payments_real_gbp"]
    pd.testing.assert_frame_equal(one.market_value[paid], two.market_value[paid])
