"""Days and the periods to which they belong.

Belongs here: financial years, the middle of a period, dates that are known to the year or month only. What happens on
a day, and what a year's prices are, is said elsewhere.
"""

import re
from calendar import monthrange
from datetime import date
from typing import Any

import pandas as pd

FIRST_MONTH_OF_FINANCIAL_YEAR = 4
AS_PRECISE_AS_KNOWN = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


def financial_year(day: date) -> str:
    """Return the financial year (April to March) of a day, as ``2018-19``."""
    return financial_year_from(day.year if day.month >= FIRST_MONTH_OF_FINANCIAL_YEAR else day.year - 1)


def financial_year_from(year: int) -> str:
    """Return the financial year that begins in a calendar year, as ``2018-19``."""
    return f"{year}-{(year + 1) % 100:02d}"


def financial_years(days: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    """Return the financial year of each day, empty where there is none."""
    first = days.dt.year - (days.dt.month < FIRST_MONTH_OF_FINANCIAL_YEAR)
    names = {year: financial_year_from(int(year)) for year in first.dropna().unique()}
    return first.map(names).astype("str").fillna("")


def middle_day(start: Any, end: Any) -> Any:
    """Return the day in the middle of a period, or of the periods between two columns of days."""
    return start + (end - start) / 2


def first_day(text: str) -> date | None:
    """Return the first day of a year, month or day, written as ``2025``, ``2025-05`` or ``2025-05-31``.

    None for any other text: then it is not known.
    """
    if not AS_PRECISE_AS_KNOWN.fullmatch(text):
        return None
    try:
        return date.fromisoformat(f"{text}-01-01"[: len("2025-05-31")])
    except ValueError:
        return None


def last_day(text: str) -> date | None:
    """Return the last day of a year, month or day, written as for ``first_day``."""
    first = first_day(text)
    if first and len(text) == len("2025"):
        return first.replace(month=12, day=31)
    if first and len(text) == len("2025-05"):
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first
