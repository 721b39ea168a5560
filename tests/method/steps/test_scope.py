"""What of the reported facts an edition counts: cut-off, latest report, pro rata shares, prices of payments."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps.scope import counted_share, months_in, outcomes_in_scope, payments_in_scope

Builder = Callable[..., pd.DataFrame]
Editions = Callable[..., Edition]

FIRST = np.datetime64("2015-01", "M")
cut_offs = st.dates(date(2014, 1, 1), date(2021, 12, 31))
spans = st.lists(st.tuples(st.integers(0, 72), st.integers(0, 36)), min_size=1, max_size=20)


def first_day(month: int) -> pd.Timestamp:
    return pd.Timestamp(FIRST + month)


def last_day(month: int) -> pd.Timestamp:
    return first_day(month + 1) - pd.Timedelta(days=1)


def periods(firsts: npt.ArrayLike, lasts: npt.ArrayLike) -> pd.DataFrame:
    """Periods of whole months, from the first to the last month of each, counted from January 2015."""
    starts = (FIRST + np.asarray(firsts)).astype("datetime64[ns]")
    ends = (FIRST + np.asarray(lasts) + 1).astype("datetime64[ns]") - np.timedelta64(1, "D")
    return pd.DataFrame({"period_start": starts, "period_end": ends})


# --- Shares of periods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2018-04-01", "2019-03-31", 12),
        ("2018-04-01", "2018-04-01", 1),
        ("2018-04-30", "2018-05-01", 2),
        ("2018-12-15", "2019-01-15", 2),
    ],
)
def test_months_that_a_period_touches(start: str, end: str, months: int) -> None:
    assert list(months_in(pd.Series([pd.Timestamp(start)]), pd.Series([pd.Timestamp(end)]))) == [months]


@settings(max_examples=20)
@given(spans, cut_offs)
def test_shares_lie_between_nothing_and_everything(spans: list[tuple[int, int]], cut_off: date) -> None:
    table = periods([first for first, _ in spans], [first + length for first, length in spans])
    share, last = counted_share(table, cut_off), pd.Timestamp(cut_off)
    assert share.between(0, 1).all()
    assert ((share == 0) == (table["period_start"] > last)).all()
    assert (share[table["period_end"] <= last] == 1).all()


@settings(max_examples=20)
@given(spans, st.floats(0, 1), cut_offs)
def test_a_period_reported_in_two_parts_counts_as_much(
    spans: list[tuple[int, int]], where: float, cut_off: date
) -> None:
    first = np.array([first for first, _ in spans])
    months = np.array([length + 2 for _, length in spans])
    # The first part has at least a month, and so has the second.
    of_first = 1 + np.floor(where * (months - 2)).astype(int)
    whole = counted_share(periods(first, first + months - 1), cut_off) * months
    one = counted_share(periods(first, first + of_first - 1), cut_off) * of_first
    other = counted_share(periods(first + of_first, first + months - 1), cut_off) * (months - of_first)
    pd.testing.assert_series_equal(one + other, whole)


@settings(max_examples=20)
@given(spans, cut_offs, cut_offs)
def test_a_later_cut_off_never_counts_less(spans: list[tuple[int, int]], one: date, other: date) -> None:
    table = periods([first for first, _ in spans], [first + length for first, length in spans])
    assert (counted_share(table, min(one, other)) <= counted_share(table, max(one, other))).all()


def test_without_a_cut_off_everything_counts_in_full() -> None:
    table = pd.concat([periods([0], [3]), pd.DataFrame({"period_start": [pd.NaT], "period_end": [pd.NaT]})])
    assert list(counted_share(table.reset_index(drop=True), None)) == [1, 1]


@pytest.mark.parametrize(("start", "end"), [(pd.NaT, pd.NaT), (first_day(0), pd.NaT), (pd.NaT, first_day(0))])
def test_what_cannot_be_placed_does_not_count_before_a_cut_off(start: pd.Timestamp, end: pd.Timestamp) -> None:
    table = pd.DataFrame({"period_start": [start], "period_end": [end]}).astype("datetime64[ns]")
    assert list(counted_share(table, date(2022, 3, 31))) == [0]


# --- Outcomes -----------------------------------------------------------------------------------------------

INTERIM = {"result_type": "interim", "quantity": 10.0, "period_end": "2019-03-31", "locator": "interim"}
LATER = {"result_type": "interim", "quantity": 25.0, "period_end": "2020-03-31", "locator": "later"}
FINAL = {"result_type": "final", "quantity": 30.0, "period_end": "2020-03-31", "locator": "final"}


@pytest.mark.parametrize(
    ("reports", "cut_off", "counts", "quantity"),
    [
        ([INTERIM, FINAL], None, "final", 30),
        ([FINAL, INTERIM], None, "final", 30),
        ([INTERIM, LATER], None, "later", 25),
        ([LATER, FINAL], None, "final", 30),
        ([FINAL, LATER], None, "final", 30),
        ([INTERIM, FINAL], date(2019, 3, 31), "interim", 10),
        ([INTERIM, FINAL], date(2020, 2, 29), "interim", 10),
        ([INTERIM, FINAL], date(2020, 3, 31), "final", 30),
        # No report is whole by then: the earliest that straddles the cut-off, 6 months of 12.
        ([FINAL, INTERIM], date(2018, 9, 30), "interim", 5),
        ([FINAL], date(2018, 9, 30), "final", 30 * 6 / 24),
    ],
)
def test_of_several_reports_one_counts(
    make_outcomes: Builder,
    make_edition: Editions,
    reports: list[dict[str, Any]],
    cut_off: date | None,
    counts: str,
    quantity: float,
) -> None:
    found = outcomes_in_scope(make_outcomes(*reports), make_edition(cut_off=cut_off))
    assert list(found["locator"]) == [counts]
    assert list(found["quantity_counted"]) == pytest.approx([quantity])
    assert list(found["is_estimated"]) == [found["share_counted"].iloc[0] < 1]


def test_a_result_of_later_does_not_count(make_outcomes: Builder, make_edition: Editions) -> None:
    assert outcomes_in_scope(make_outcomes(FINAL), make_edition(cut_off=date(2018, 3, 31))).empty


def test_of_withheld_results_the_latest_that_is_not_counts(make_outcomes: Builder, make_edition: Editions) -> None:
    years = [
        {"period_end": pd.Timestamp("2019-03-31"), "result_type": "interim", "quantity": 40.0},
        {"period_end": pd.Timestamp("2020-03-31"), "result_type": "interim", "quantity": float("nan")},
        {"period_end": pd.Timestamp("2021-03-31"), "result_type": "final", "quantity": 60.0},
    ]
    for cut_off, quantity_counted in ((date(2019, 3, 31), 40), (date(2020, 3, 31), 40), (None, 60)):
        (row,) = outcomes_in_scope(make_outcomes(*years), make_edition(cut_off=cut_off)).itertuples()
        assert row.quantity_counted == quantity_counted
        assert (row.share_counted, row.is_estimated) == (1, False)
        assert row.quantity == quantity_counted
    (row,) = outcomes_in_scope(make_outcomes(years[1], years[2]), make_edition(cut_off=date(2020, 3, 31))).itertuples()
    assert (row.quantity_counted, row.share_counted) == (0, 1)
    assert pd.isna(row.quantity)


def test_nobody_so_far_does_not_count_in_place_of_a_withheld_result(
    make_outcomes: Builder, make_edition: Editions
) -> None:
    """That there was nobody would be wrong; that it is withheld is not."""
    years = [
        {"period_end": pd.Timestamp("2019-03-31"), "result_type": "interim", "quantity": 0.0},
        {"period_end": pd.Timestamp("2020-03-31"), "result_type": "interim", "quantity": float("nan")},
        {"period_end": pd.Timestamp("2021-03-31"), "result_type": "final", "quantity": 60.0},
    ]
    (row,) = outcomes_in_scope(make_outcomes(*years), make_edition(cut_off=date(2020, 3, 31))).itertuples()
    assert pd.isna(row.quantity)
    assert row.period_end == pd.Timestamp("2020-03-31")
    for cut_off, quantity in ((date(2019, 3, 31), 0), (None, 60)):
        (row,) = outcomes_in_scope(make_outcomes(*years), make_edition(cut_off=cut_off)).itertuples()
        assert (row.quantity, row.quantity_counted) == (quantity, quantity)


def test_of_withheld_results_that_straddle_the_cut_off_no_later_one_counts_pro_rata(
    make_outcomes: Builder, make_edition: Editions
) -> None:
    years = [
        {"period_end": pd.Timestamp("2019-03-31"), "quantity": float("nan")},
        {"period_end": pd.Timestamp("2020-03-31"), "quantity": 600.0},
    ]
    (row,) = outcomes_in_scope(make_outcomes(*years), make_edition(cut_off=date(2018, 9, 30))).itertuples()
    assert (row.quantity_counted, row.share_counted) == (0, 0.5)


def test_a_withheld_result_that_straddles_the_cut_off_counts_as_nothing(
    make_outcomes: Builder, make_edition: Editions
) -> None:
    (row,) = outcomes_in_scope(
        make_outcomes({"quantity": float("nan")}), make_edition(cut_off=date(2018, 9, 30))
    ).itertuples()
    assert (row.quantity_counted, row.share_counted, row.is_estimated) == (0, 0.5, True)


def test_a_dated_report_counts_before_an_undated_one(make_outcomes: Builder, make_edition: Editions) -> None:
    undated = {"period_start": None, "period_end": None, "quantity": 99.0, "locator": "undated"}
    assert list(outcomes_in_scope(make_outcomes(undated, INTERIM), make_edition())["locator"]) == ["interim"]
    assert list(outcomes_in_scope(make_outcomes(undated), make_edition())["quantity_counted"]) == [99]


@st.composite
def reports(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Reports of up to two metrics of two contracts; none of a metric has the same end and type as another."""
    keys = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["C-1", "C-2"]),
                st.sampled_from(["m1", "m2"]),
                st.integers(12, 40),
                st.sampled_from(["interim", "final"]),
            ),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    return [
        {
            "contract_id": contract_id,
            "metric_id": metric_id,
            "result_type": result_type,
            "period_start": first_day(draw(st.integers(0, 12))),
            "period_end": last_day(end),
            "quantity": float(draw(st.integers(0, 1000))),
            "locator": f"row {number}",
        }
        for number, (contract_id, metric_id, end, result_type) in enumerate(keys)
    ]


@settings(max_examples=15)
@given(reports(), st.none() | cut_offs, st.randoms(use_true_random=False))
def test_reports_are_never_added_and_their_order_does_not_matter(
    make_outcomes: Builder,
    make_edition: Editions,
    rows: list[dict[str, Any]],
    cut_off: date | None,
    random: Any,
) -> None:
    edition = make_edition(cut_off=cut_off)
    found = outcomes_in_scope(make_outcomes(*rows), edition)
    assert not found.duplicated(["contract_id", "metric_id"]).any()
    reported = {row["locator"]: row["quantity"] for row in rows}
    for one in found.itertuples():
        assert 0 < one.share_counted <= 1
        assert one.quantity_counted == pytest.approx(reported[one.locator] * one.share_counted)
    if cut_off is None:
        assert len(found) == len({(row["contract_id"], row["metric_id"]) for row in rows})
    random.shuffle(rows)
    shuffled = outcomes_in_scope(make_outcomes(*rows), edition)
    assert set(shuffled["locator"]) == set(found["locator"])


@pytest.mark.parametrize("difference", [{"source_id": "s-2"}, {"period_start": "2019-04-01"}])
def test_order_does_not_decide_between_reports_of_the_same_end_and_type(
    make_outcomes: Builder, make_edition: Editions, difference: dict[str, Any]
) -> None:
    rows = FINAL, FINAL | {"quantity": 31.0, "locator": "other"} | difference
    one_way = outcomes_in_scope(make_outcomes(*rows), make_edition())
    other_way = outcomes_in_scope(make_outcomes(*reversed(rows)), make_edition())
    assert list(one_way["locator"]) == list(other_way["locator"])


def test_of_the_project_every_metric_counts_once_where_there_is_no_cut_off(
    facts: RawFacts, make_edition: Editions
) -> None:
    found = outcomes_in_scope(facts.outcomes, make_edition())
    assert len(found) == len(facts.outcomes[["contract_id", "metric_id"]].drop_duplicates())
    assert not found["is_estimated"].any()


# --- Payments -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deflators(make_deflators: Builder) -> pd.DataFrame:
    """Prices rise from 80 in 2018-19 by 10 a year."""
    years = ("2018-19", 80.0), ("2019-20", 90.0), ("2020-21", 100.0)
    return make_deflators(*({"price_year": year, "gdp_deflator": index} for year, index in years))


def test_a_payment_has_the_prices_of_the_middle_of_its_period(
    make_payments: Builder, make_edition: Editions, deflators: pd.DataFrame
) -> None:
    payments = make_payments(
        {"amount_gbp": 800.0},
        {"amount_gbp": 900.0, "period_start": "2018-10-01", "period_end": "2020-10-31"},
        {"amount_gbp": 1000.0, "period_start": "2020-04-01", "period_end": "2020-04-01"},
    )
    found = payments_in_scope(payments, make_edition(), deflators)
    assert list(found["price_year"]) == ["2018-19", "2019-20", "2020-21"]
    assert list(found["amount_real_gbp"]) == [1000, 1000, 1000]
    assert list(found["amount_counted_gbp"]) == [800, 900, 1000]


def test_a_cut_off_divides_payments_but_not_commitments(
    make_payments: Builder, make_edition: Editions, deflators: pd.DataFrame
) -> None:
    payments = make_payments(
        *({"amount_gbp": 1200.0, "basis": basis} for basis in ("paid", "reported", "evaluation", "commitment")),
        {"amount_gbp": 1.0, "period_start": "2019-04-01", "period_end": "2020-03-31"},
    )
    found = payments_in_scope(payments, make_edition(cut_off=date(2018, 6, 30)), deflators)
    assert dict(zip(found["basis"], found["amount_counted_gbp"], strict=True)) == {
        "paid": 300,
        "reported": 300,
        "evaluation": 300,
        "commitment": 1200,
    }
    assert list(found["is_estimated"]) == [True, True, True, False]


@settings(max_examples=10)
@given(
    st.lists(st.integers(0, 10**11), min_size=1, max_size=20),
    st.none() | st.dates(date(2018, 4, 1), date(2019, 3, 31)),
)
def test_in_prices_of_its_own_year_a_payment_is_its_cash(
    make_payments: Builder, make_edition: Editions, deflators: pd.DataFrame, pence: list[int], cut_off: date | None
) -> None:
    payments = make_payments(*({"amount_gbp": amount / 100} for amount in pence))
    found = payments_in_scope(payments, make_edition(cut_off=cut_off, price_year="2018-19"), deflators)
    assert len(found) == len(pence)
    assert (found["amount_real_gbp"] == found["amount_counted_gbp"]).all()
    assert (found["amount_counted_gbp"] <= found["amount_gbp"]).all()


def test_a_total_without_a_period_has_no_price_year(
    make_payments: Builder, make_edition: Editions, deflators: pd.DataFrame
) -> None:
    total = make_payments({"basis": "evaluation", "period_start": None, "period_end": None, "amount_gbp": 5.0})
    (found,) = payments_in_scope(total, make_edition(), deflators).itertuples()
    assert found.price_year == ""
    assert pd.isna(found.amount_real_gbp)
    assert found.amount_counted_gbp == 5


def test_a_payment_of_a_year_without_a_deflator_is_refused_not_lost(
    make_payments: Builder, make_edition: Editions, deflators: pd.DataFrame
) -> None:
    early = make_payments({"period_start": "2016-04-01", "period_end": "2017-03-31"})
    with pytest.raises(KeyError, match="2016-17"):
        payments_in_scope(early, make_edition(), deflators)


def test_of_the_project_every_payment_has_real_prices(facts: RawFacts, reference: Reference) -> None:
    edition = reference.editions["open-2026"]
    found = payments_in_scope(facts.payments, edition, reference.gdp_deflators)
    paid = found[found["basis"].isin(edition.payment_bases)]
    assert len(found) == len(facts.payments)
    assert paid["amount_real_gbp"].notna().all()
