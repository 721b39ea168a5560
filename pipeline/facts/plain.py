"""What counts as a plain number, date or truth value, for every module.

Belongs here: reading one cell of a type, and what is wrong with one that cannot be read. Files stay out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

# What a plain number is, here and in claims. Plain digits, and no more of them than a number of that size can hold
# exactly. A zero in front belongs to a code. Engines of claims read the forms too, and some take a backslash away.
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
NUMBER = re.compile(rf"{WHOLE_NUMBER.pattern}([.][0-9]{{1,15}})?")
MINUS_ZERO = re.compile(r"-0([.]0+)?")
# What would be a number if its digits were others, or fewer.
DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?")
LEADING_ZERO = re.compile(r"-?0[0-9]")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


def is_number(text: str) -> bool:
    """Tell whether a text is a number as the files here write it."""
    return bool(NUMBER.fullmatch(text)) and not MINUS_ZERO.fullmatch(text)


def wrong_digits(text: str) -> tuple[str, str]:
    """Return what is wrong with digits that are no number here, and what was expected; two empty texts for all else."""
    if not DIGITS.fullmatch(text) or is_number(text):
        return "", ""
    if LEADING_ZERO.match(text):
        return "a leading zero", "the number without it"
    if MINUS_ZERO.fullmatch(text):
        return "a zero with a minus sign", "0"
    return "too many digits", "at most 15 before the point, and 15 after it" if "." in text else "at most 15"


def _wrong_whole_digits(text: str) -> tuple[str, str]:
    return ("", "") if "." in text else wrong_digits(text)


def plain_day(text: str) -> date | None:
    """Return the day that a text such as ``2018-10-31`` names, of any year; None if there is no such day."""
    try:
        return date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def _wrong_day(text: str) -> tuple[str, str]:
    return ("a date outside what is taken", f"{FIRST_DAY} to {LAST_DAY}") if plain_day(text) else ("", "")


def _number(text: str) -> float:
    if not text:
        return float("nan")
    if not is_number(text):
        raise ValueError(text)
    return float(text)


def _whole_number(text: str) -> int | None:
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text) or MINUS_ZERO.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _date(text: str) -> pd.Timestamp | None:
    if not text:
        return None
    day = plain_day(text)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(text)
    return pd.Timestamp(day)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


@dataclass(frozen=True)
class Kind:
    """How the cells of a type are written: what reads them, what stands for one that cannot be read."""

    name: str
    expected: str
    convert: Callable[[str], object]
    empty: object
    # What more can be said of some texts that cannot be read: what is wrong, and what was expected.
    wrong_with: Callable[[str], tuple[str, str]] = lambda text: ("", "")

    def said_of(self, text: str) -> tuple[str, str, str]:
        """What is wrong with a text that cannot be read, the text, and what was expected."""
        what, expected = self.wrong_with(text)
        return what or f"not a {self.name}", text, expected or self.expected


TEXT = Kind("text", "", str, "")
# By the beginning of the name of the type; all else is text.
KINDS = {
    "float": Kind("number", "a plain number such as 1234.5", _number, float("nan"), wrong_digits),
    "Int": Kind("whole number", "a plain whole number such as 1234", _whole_number, None, _wrong_whole_digits),
    "datetime": Kind("date", "a date such as 2018-10-31", _date, None, _wrong_day),
    "bool": Kind("truth", "true or false", _truth, False),
}


def kind_of(dtype: str) -> Kind:
    """Return how the cells of a column are written, by the name of its type."""
    return next((kind for prefix, kind in KINDS.items() if dtype.startswith(prefix)), TEXT)
