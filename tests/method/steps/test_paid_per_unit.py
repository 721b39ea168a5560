"""What is paid by the unit is dated by the contract's payments where its period straddles the cut-off."""

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from pipeline.facts.editions import Edition
from pipeline.facts.raw import RawFacts
from pipeline.facts.reference import Reference
from pipeline.method.steps.scope import outcomes_in_scope, paid_shares
from pipeline.method.valuation import Valuation

BY_THE_DAY = pd.DataFrame({"contract_id": ["C-1"], "metric_id": ["days"]})


def payments(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    """Payments of C-1 by start and end of their period, amount and basis."""
    table = pd.DataFrame(rows, columns=["period_start", "period_end", "amount_gbp", "basis"]).assign(contract_id="C-1")
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("period_start", "period_end")})


def test_the_share_is_that_of_the_money_by_then() -> None:
    paid = payments(
        ("2018-01-01", "2018-12-31", 100.0, "paid"),
        # Half of this year lies before the cut-off.
        ("2019-01-01", "2019-12-31", 400.0, "paid"),
        ("2020-01-01", "2020-12-31", 500.0, "reported"),
        # What went back is money too; a ceiling is none.
        ("2018-01-01", "2018-12-31", -50.0, "returned"),
        ("2018-01-01", "2028-12-31", 9_000.0, "commitment"),
    )
    share = paid_shares(paid, BY_THE_DAY, date(2019, 6, 30))
    assert share["C-1", "days"] == pytest.approx((100 + 200 - 50) / 950)
    assert paid_shares(paid.iloc[:0], BY_THE_DAY, date(2019, 6, 30)).empty


def test_only_a_total_that_straddles_is_dated_so(
    make_outcomes: Callable[..., pd.DataFrame], make_edition: Callable[..., Edition]
) -> None:
    edition = make_edition(cut_off=date(2019, 3, 31))
    whole, straddling = (
        {"metric_id": "days", "period_start": pd.Timestamp("2018-04-01"), "period_end": pd.Timestamp(end)}
        for end in ("2019-03-31", "2020-03-31")
    )
    shares = pd.Series([0.1], pd.MultiIndex.from_tuples([("C-1", "days")]))
    for report, share in ((whole, 1.0), (straddling, 0.1)):
        (row,) = outcomes_in_scope(make_outcomes({"quantity": 50.0, **report}), edition, shares).itertuples()
        assert (row.share_counted, row.quantity_counted, row.is_estimated) == (share, 50 * share, share < 1)
    (row,) = outcomes_in_scope(make_outcomes({**straddling, "metric_id": "others"}), edition, shares).itertuples()
    assert row.share_counted == pytest.approx(0.5)


def test_norfolk_s_days_fall_where_its_money_fell(
    facts: RawFacts, reference: Reference, valuations: dict[str, Valuation]
) -> None:
    """£2,799,258 of £8,626,543 by March 2022 and £7,040,443 by March 2024, at £59.15 a day."""
    for edition_id, paid in (("atq-2022", 2_799_258), ("atq-2024", 7_040_443)):
        mapped = valuations[edition_id].outcomes_in_scope.set_index("contract_id")
        assert mapped.loc["INDIGO-POJ-0178", "share_counted"] == pytest.approx(paid / 8_626_543, abs=0.0005)
    assert set(reference.paid_per_unit["contract_id"]) == {"INDIGO-POJ-0178", "INDIGO-POJ-0183"}
