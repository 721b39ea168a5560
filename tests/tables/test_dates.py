"""Days known to the year or month only, and the financial years of days."""

from datetime import date

import pandas as pd
import pytest

from pipeline.tables.dates import financial_years, first_day, last_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2025", date(2025, 12, 31)),
        ("2025-05", date(2025, 5, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2025-02", date(2025, 2, 28)),
        ("2025-12", date(2025, 12, 31)),
        ("2025-05-07", date(2025, 5, 7)),
    ],
)
def test_the_last_day_of_what_is_known(text: str, day: date) -> None:
    assert last_day(text) == day
    assert first_day(text) == date.fromisoformat(f"{text}-01-01"[:10])


@pytest.mark.parametrize(
    "text", ["", "25", "2025-13", "2025-00", "2025-02-29", "2025-W10-1", "20250507", "2025-5", "May 2025", "\u0662025"]
)
def test_what_is_no_date(text: str) -> None:
    assert first_day(text) is None
    assert last_day(text) is None


@pytest.mark.parametrize(
    ("days", "years"),
    [
        (["2018-03-31", "2018-04-01", None], ["2017-18", "2018-19", ""]),
        (["1999-12-31", "2000-01-01"], ["1999-00", "1999-00"]),
        ([None], [""]),
        ([], []),
    ],
)
def test_the_financial_year_of_each_day_is_a_text(days: list[str | None], years: list[str]) -> None:
    found = financial_years(pd.Series(pd.to_datetime(days), dtype="datetime64[s]"))
    assert found.dtype == "str"
    assert found.tolist() == years
