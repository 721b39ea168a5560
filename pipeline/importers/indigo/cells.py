"""Cells of INDIGO's export: dates, numbers, ids, and why some are rejected.

Belongs here: reading one cell, and the list of those that cannot be used.

- **Dates.** INDIGO gives `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. A start, and the date of signing, becomes the first day of
  that year or month, an end the last day. A period that ends before it starts is kept for the correction that is made
  for it; without one its end is rejected.
- **Numbers.** Only a plain number counts (`1,200`, `00290`, `about 50` and prose do not); `-0` is 0.
- **Rejected** means a cell, named in `rejected.csv` by file, row and column. A date that cannot be is left empty and
  its row stays. Long texts of the source are not copied, only their length is given.
"""

import datetime as dt
import re
from decimal import Decimal

from pipeline.facts.characters import odd_character
from pipeline.facts.plain import MINUS_ZERO, is_number, wrong_digits
from pipeline.importers.imported import Row
from pipeline.importers.indigo.columns import LOCATOR_KINDS, PERIOD_END, PERIOD_START, PROJECTS
from pipeline.tables.dates import first_day, last_day

CURRENCY = "GBP"
SHORT_VALUE = 40
_NUMBER_AND_DATE = re.compile(r"[\d.,]+\s*\(.*\b\d{4}\b.*\)")


def _date(text: str, is_end: bool) -> dt.date | None:
    """A date of INDIGO: the first day of a year or month, or the last at an end; None if impossible."""
    # None of these contracts is older than this century.
    return (last_day if is_end else first_day)(text) if text.startswith("20") else None


def plain(number: Decimal) -> str:
    """Return a number without exponent, zeros at its end or a sign of nothing: `145852`, `8629679.5`, `0`."""
    text = f"{number.copy_abs() if number.is_zero() else number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(text: str) -> Decimal | None:
    """A number as the reader of raw/ takes it; a sum of what cancels out may be written as `-0`, and is 0."""
    return Decimal(text) if is_number(text) or MINUS_ZERO.fullmatch(text) else None


def _why_no_number(text: str) -> str:
    if not text:
        return "no number reported"
    if _NUMBER_AND_DATE.fullmatch(text):
        return "a number and a date in one field"
    if what := wrong_digits(text)[0]:
        return what
    return "text in a number field" if len(text) > SHORT_VALUE else "not a plain number"


def on_one_line(text: str) -> str:
    """Return a text with single blanks between its words."""
    return " ".join(text.split())


def ids_of(cell: str) -> list[str]:
    """Return the ids of a cell that may hold several, each once."""
    return list(dict.fromkeys(part for part in (on_one_line(each) for each in cell.split(",")) if part))


def iso(date: dt.date | None) -> str:
    """Return a date as the files write it, nothing for none."""
    return date.isoformat() if date else ""


def true_or_false(value: bool) -> str:
    """Return a truth as the files write it."""
    return "true" if value else "false"


def locator_of(file: str, contract_id: str, row: int) -> str:
    """Return where a row stands in the export, e.g. `results: INDIGO-POJ-0121 #3`."""
    if file == PROJECTS:
        return f"projects: {contract_id}"
    return f"{LOCATOR_KINDS[file]}: {contract_id} #{row}"


# Table, contract, and place or value as reported of what `reference/corrections.csv` corrects; None where not known.
Corrected = frozenset[tuple[str, str, str]] | None


class Rejections:
    """Collects the rejected cells of one contract, in the order in which they are met.

    `corrected`: what stays as reported though it cannot be, because a correction is made for it.
    """

    def __init__(self, contract_id: str, corrected: Corrected = None) -> None:
        self.contract_id = contract_id
        self.corrected = corrected
        self.rows: list[Row] = []

    def is_backward(self, table: str, locator: str, start: dt.date | None, end: dt.date | None) -> bool:
        """Whether a period ends before it starts and nothing is known to correct it."""
        if start is None or end is None or end >= start or self.corrected is None:
            return False
        # By its place, or by what was reported: a row that comes in before it moves its place.
        keys = {locator, iso(start), iso(end)}
        return all((table, self.contract_id, key) not in self.corrected for key in keys)

    def add(self, file: str, row: int, column: str, value: str, reason: str) -> None:
        """Record a cell; `row` counts the rows of this project in the file, from 1, as in the locators."""
        shown = on_one_line(value) if len(value) <= SHORT_VALUE else f"(text of {len(value)} characters)"
        if odd := odd_character(shown):
            shown = f"(text with {odd})"
        self.rows.append(
            {
                "file": file,
                "row": str(row),
                "column": column,
                "value": shown,
                "reason": reason,
                "locator": locator_of(file, self.contract_id, row),
            }
        )

    def number(self, file: str, row: int, column: str, value: str) -> Decimal | None:
        """The number in a cell, or None after recording why there is none."""
        found = _number(value)
        if found is None:
            self.add(file, row, column, value, _why_no_number(value))
        return found

    def amount(self, file: str, row: int, column: str, value: str) -> Decimal | None:
        """The number in a cell, at least 0, or None after recording why there is none."""
        found = self.number(file, row, column, value)
        if found is not None and found < 0:
            self.add(file, row, column, value, "below 0")
            return None
        return found

    def date(self, file: str, row: int, column: str, value: str, is_end: bool = False) -> dt.date | None:
        """The date in a cell, or None: if it is empty, or after recording that there is no such date."""
        found = _date(value, is_end)
        if found is None and value:
            self.add(file, row, column, value, "no such date")
        return found

    def whole_number(self, file: str, row: int, column: str, value: str) -> int | None:
        """The count in a cell, or None: if it is empty, or after recording why it is not one."""
        found = self.amount(file, row, column, value) if value else None
        if found is not None and found != int(found):
            self.add(file, row, column, value, "not a whole number")
            return None
        return None if found is None else int(found)

    def is_in_pounds(self, file: str, row: int, column: str, currency: str) -> bool:
        """Whether the currency is GBP; records it if not."""
        if currency != CURRENCY:
            self.add(file, row, column, currency, f"currency is not {CURRENCY}")
        return currency == CURRENCY


def period_of(
    file: str, table: str, ordinal: int, row: Row, rejections: Rejections
) -> tuple[dt.date | None, dt.date | None]:
    """Return start and end of a period; an end before the start is rejected, unless a correction is made for it."""
    start = rejections.date(file, ordinal, PERIOD_START, row[PERIOD_START])
    end = rejections.date(file, ordinal, PERIOD_END, row[PERIOD_END], is_end=True)
    if rejections.is_backward(table, locator_of(file, rejections.contract_id, ordinal), start, end):
        rejections.add(file, ordinal, PERIOD_END, row[PERIOD_END], "ends before it starts")
        end = None
    return start, end
