"""Cells as people write them in a spreadsheet: numbers, periods, words, and what is unclear.

Belongs here: reading one cell. A cell that can mean one thing is read; for any other ``NotReadError`` says what it is
and what to write, and ``SuppressedError`` that the source gives no number.

- **Numbers.** Pounds, thousands separators (commas, or spaces of any kind, in threes) and brackets of accounts are
  taken; a decimal comma, a percentage, ``1.2m``, another currency and a mark behind the number are not.
- **Periods.** ``2021/22`` is the financial year from 1 April 2021 to 31 March 2022. A start known to the month or year
  is its first day, an end its last. ``01/04/2021`` is 1 April, as it is written in the United Kingdom.
"""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

from pipeline.facts.files import close_match
from pipeline.facts.plain import MINUS_ZERO, is_number, wrong_digits
from pipeline.tables.dates import FIRST_MONTH_OF_FINANCIAL_YEAR, first_day, last_day

PLAIN_NUMBER = "a number such as 1234.5"
PLAIN_DATE = "a day such as 2021-04-01 or 1 April 2021, a month such as 2021-04, or a financial year such as 2021/22"
THE_NUMBER_ALONE = "the number alone if it counts as it stands; .. if the source gives none"

SUPPRESSED = re.compile(
    r"[<≤]\s*=?\s*[0-9,]+|(fewer|less) than [0-9,]+|under [0-9,]+"  # a small count
    r"|\[[a-z]{1,4}\]|[csuxz]|[*]+|[.]{2,}|…|:"  # as official statistics mark it
    r"|n[./]?[ak][.]?|suppressed|withheld|redacted|confidential|not (available|applicable|known|published)",
    re.IGNORECASE,
)
WHY_SUPPRESSED = "no number: the source suppresses it or does not have it"
ERROR_OF_EXCEL = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA|#+)", re.IGNORECASE)
ONLY_HASHES = re.compile(r"#+")
POUNDS = re.compile(r"£\s*|\s*(GBP|pounds?)\b|\bGBP\s*", re.IGNORECASE)
OTHER_CURRENCY = re.compile(r"[€$¥]|\b(EUR|USD|euros?|dollars?)\b", re.IGNORECASE)
SHORTENED = re.compile(r"[0-9.,]+\s*(k|m|bn|mn|thousand|million|billion)", re.IGNORECASE)
IN_THREES = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?|-?[0-9]{1,3}( [0-9]{3})+([.][0-9]+)?")
OTHER_COMMA = re.compile(r"-?[0-9][0-9.,]*,[0-9.,]*")
MARKED = re.compile(r"-?[0-9][0-9,.]*\s*([*†‡§¹²³]+|\[\w{1,4}\]|\(\w{1,4}\)|[a-z]{1,2})", re.IGNORECASE)
BRACKETS = re.compile(r"\((.*)\)")
DASHES = re.compile(r"[-–—−]+")

FINANCIAL_YEAR = re.compile(r"(?:FY\s*)?(?P<first>[0-9]{4})\s*(?P<sign>[/–-])\s*(?P<last>[0-9]{2}|[0-9]{4})", re.I)
DAY_FIRST = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
SHORT_YEAR = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2}")
DAY_IN_WORDS = re.compile(r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})[ -](?P<year>[0-9]{4})", re.I)
MONTH_IN_WORDS = re.compile(r"(?P<month>[a-z]{3,9})[ -](?P<year>[0-9]{4})", re.I)
DAY_OR_YEAR = re.compile(r"[a-z]{3,9}[ -][0-9]{2}|[0-9]{2}[ -][a-z]{3,9}|[0-9]{1,2}[ -][a-z]{3,9}[ -][0-9]{2}", re.I)
AT_A_TIME = re.compile(r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T][0-9:.]+")
# Days since 1900 as Excel counts them, for this century.
SERIAL = re.compile(r"(3[6-9]|[4-6][0-9]|7[0-3])[0-9]{3}([.][0-9]+)?")
MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
LAST_MONTH = 12
# No number and no day is longer; the forms above need not be tried on a page of text.
LONGEST = 60


class NotReadError(Exception):
    """A cell that cannot be read: what it is, and what was expected."""

    def __init__(self, what: str, expected: str) -> None:
        """Keep both."""
        self.what, self.expected = what, expected
        super().__init__(f"{what}; expected {expected}")


class SuppressedError(Exception):
    """A cell that says that the source gives no number."""


def tidy(text: str) -> str:
    """Return a text with one plain space between its words, whatever spaces and line ends it had."""
    return " ".join(text.split())


# --- Numbers -------------------------------------------------------------------------------------------------


def number(text: str) -> str:
    """Return a number as the files of ``raw/`` write it; nothing for an empty cell.

    Raises NotReadError for what is no number, or may be more than one; SuppressedError for what stands for none.
    """
    if len(text) > LONGEST:
        raise _not_a_number()
    if SUPPRESSED.fullmatch(text):
        raise SuppressedError
    bare = _bare(text)
    if not bare:
        if text:
            raise NotReadError("no number", PLAIN_NUMBER)
        return ""
    if IN_THREES.fullmatch(bare):
        bare = bare.replace(",", "").replace(" ", "")
    if MINUS_ZERO.fullmatch(bare):
        return "0"
    if not is_number(bare):
        raise _no_number(text, bare)
    return plain(Decimal(bare))


def plain(value: Decimal) -> str:
    """Return a number without exponent, and without zeros at the end of its fraction."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bare(text: str) -> str:
    """A number without pounds, with a plain sign before it."""
    bare = POUNDS.sub("", text).strip()
    if inner := BRACKETS.fullmatch(bare):
        # Accounts write what is below 0 so.
        bare = f"-{inner[1].strip()}"
    if len(bare) > 1 and bare[0] in "−–":
        bare = f"-{bare[1:]}"
    return f"-{bare[1:].strip()}" if bare.startswith("-") else bare


def _no_number(text: str, bare: str) -> NotReadError:
    """Why a text that is no number is none."""
    what, expected = wrong_digits(bare)
    if what:
        return NotReadError(what, expected)
    # The first that fits.
    cases = (
        (ERROR_OF_EXCEL.fullmatch(text), "an error of Excel's", "the number; mend the formula, or type it in"),
        (DASHES.fullmatch(text), "a dash, which is zero here and no figure there", "0, or .. if there is no figure"),
        (text.endswith("%"), "a share", "the number of people, events or pounds"),
        (OTHER_CURRENCY.search(text), "in another currency", "pounds"),
        (SHORTENED.fullmatch(bare), "a number that is shortened", "all of its digits"),
        (_is_date(text), "a date", f"{PLAIN_NUMBER}; Excel makes dates of some, so format the column as Number first"),
        (MARKED.fullmatch(bare), "a number with a mark", THE_NUMBER_ALONE),
        (OTHER_COMMA.fullmatch(bare), "a comma that parts no thousands", "a point before the fraction, as in 1234.5"),
    )
    return next((NotReadError(what, expected) for fits, what, expected in cases if fits), _not_a_number())


def _not_a_number() -> NotReadError:
    return NotReadError("not a number", PLAIN_NUMBER)


def _is_date(text: str) -> bool:
    try:
        return bool(text) and not text.isdigit() and bool(day_of(text, is_end=False))
    except NotReadError:
        return False


def whole(text: str) -> int | None:
    """Return a number of people or places, None for an empty cell. Raises as ``number``."""
    found = number(text)
    if found and "." in found:
        raise NotReadError("a fraction", "a whole number")
    return int(found) if found else None


# --- Periods -------------------------------------------------------------------------------------------------


def start_of(text: str) -> str:
    """Return the first day of a period as an ISO date, nothing for an empty cell. Raises NotReadError."""
    return _iso(day_of(text, is_end=False))


def end_of(text: str, start: str) -> str:
    """Return the last day of a period as an ISO date, nothing for an empty cell. Raises NotReadError.

    ``start``: the cell of the start; a financial year there, without an end, is the whole of it.
    """
    return _iso(day_of(start if not text and _is_financial_year(start) else text, is_end=True))


def _is_financial_year(text: str) -> bool:
    try:
        return financial_year_of(text) is not None
    except NotReadError:  # it is told of the cell in which it stands
        return False


def _iso(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def day_of(text: str, *, is_end: bool) -> dt.date | None:
    """Return the day that a cell names, the last of a longer time if ``is_end``; None for an empty cell.

    Raises NotReadError for what names no day, or may name several.
    """
    if not text:
        return None
    if len(text) > LONGEST:
        raise _not_a_date()
    if year := financial_year_of(text):
        return dt.date(year + 1, FIRST_MONTH_OF_FINANCIAL_YEAR - 1, 31) if is_end else _april(year)
    if at := AT_A_TIME.fullmatch(text):
        text = at["day"]
    named = _as_precise_as_written(text)
    day = (last_day if is_end else first_day)(named) if named else None
    if day is None:
        raise _no_day(text)
    return day


def _april(year: int) -> dt.date:
    return dt.date(year, FIRST_MONTH_OF_FINANCIAL_YEAR, 1)


def financial_year_of(text: str) -> int | None:
    """Return the calendar year in which a financial year begins, None for another text.

    Raises NotReadError for what may be a month or a financial year, and for several of these.
    """
    found = FINANCIAL_YEAR.fullmatch(text[: LONGEST + 1])
    if not found:
        return None
    first, last = int(found["first"]), found["last"]
    follows = int(last) == (first + 1 if len(last) > len("22") else (first + 1) % 100)
    is_month = found["sign"] == "-" and len(last) == len("12") and 1 <= int(last) <= LAST_MONTH
    if follows and is_month:
        expected = f"{first}/{last} for the financial year, or days for the month"
        raise NotReadError("a month or a financial year", expected)
    if is_month:
        return None
    if not follows:
        raise NotReadError("no financial year", "the first such as 2021/22 as the start, the last as the end")
    return first


def _as_precise_as_written(text: str) -> str:
    """A day, month or year as ``2021-04-01``, ``2021-04`` or ``2021``; nothing for another text."""
    if found := DAY_FIRST.fullmatch(text):
        return f"{found['year']}-{int(found['month']):02d}-{int(found['day']):02d}"
    if (found := DAY_IN_WORDS.fullmatch(text)) and (month := _month(found["month"])):
        return f"{found['year']}-{month:02d}-{int(found['day']):02d}"
    if (found := MONTH_IN_WORDS.fullmatch(text)) and (month := _month(found["month"])):
        return f"{found['year']}-{month:02d}"
    return text


def _month(name: str) -> int:
    """The number of a month by its name, or by its first three letters; 0 for another word."""
    short = "sep" if name.lower() == "sept" else name.lower()
    return next((n for n, month in enumerate(MONTHS, start=1) if short in (month, month[:3])), 0)


def _no_day(text: str) -> NotReadError:
    """Why a text names no day. The first that fits."""
    day_first = DAY_FIRST.fullmatch(text)
    cases = (
        (SERIAL.fullmatch(text), "a number that Excel has for a date", "a day; format the column as a date first"),
        (
            day_first and int(day_first["month"]) > LAST_MONTH,
            "a date with the month first",
            "the day first, as in 31/03/2022, in the whole file; or 2022-03-31",
        ),
        (SHORT_YEAR.fullmatch(text), "a date with two digits of the year", "all four, as in 31/03/2022"),
        (DAY_OR_YEAR.fullmatch(text), "a day or a year in two digits", "2021-04 for a month, 2021-04-01 for a day"),
        (ERROR_OF_EXCEL.fullmatch(text), "an error of Excel's", "the date; mend the formula, or type it in"),
    )
    return next((NotReadError(what, expected) for fits, what, expected in cases if fits), _not_a_date())


def _not_a_date() -> NotReadError:
    return NotReadError("not a date", PLAIN_DATE)


def published(text: str) -> str:
    """Return when a source was published, as precisely as it is said. Raises NotReadError."""
    as_written = _as_precise_as_written(text[: LONGEST + 1])
    if not text or first_day(as_written):
        return as_written
    return _iso(day_of(text, is_end=True))


# --- Words ---------------------------------------------------------------------------------------------------


def word(text: str, words: Mapping[str, str]) -> str:
    """Return which of the allowed words is written, in whatever letters; nothing for an empty cell.

    Raises NotReadError.
    """
    said = text.lower().replace(" ", "_").replace("-", "_")
    if text and said not in words:
        raise NotReadError("not one of the words allowed", close_match(said, words) or ", ".join(words))
    return said


def truth(text: str) -> str:
    """Return a truth as the files of ``raw/`` write it; an empty cell is none. Raises NotReadError."""
    said = {"yes": "true", "y": "true", "true": "true", "no": "false", "n": "false", "false": "false", "": "false"}
    if text.lower() not in said:
        raise NotReadError("neither yes nor no", "yes or no")
    return said[text.lower()]
