"""Cells as people write them: read as the one thing that they can mean, or refused with what to write instead."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.importers.outcomes import cells
from pipeline.importers.outcomes.cells import NotReadError, SuppressedError
from pipeline.tables.vocabulary import PAYMENT_BASES, POLICY_AREAS

NO_BREAK, NARROW, THIN = "\u00a0", "\u202f", "\u2009"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234.5", "1234.5"),
        ("1234.50", "1234.5"),
        ("£1,234.50", "1234.5"),
        ("£ 1,234", "1234"),
        ("1,234,567 GBP", "1234567"),
        ("1 234 567", "1234567"),
        (f"1{NO_BREAK}234", "1234"),
        (f"£1{NARROW}234", "1234"),
        (f"{NO_BREAK}12{THIN}", "12"),
        ("(1,200)", "-1200"),
        ("(£1,200.00)", "-1200"),
        ("−5", "-5"),
        ("- £5", "-5"),
        ("0", "0"),
        ("-0.00", "0"),
        ("", ""),
    ],
)
def test_a_number_as_it_is_written_in_a_spreadsheet(text: str, expected: str) -> None:
    assert cells.number(cells.tidy(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("<5", "< 5", "≤10", "fewer than 5", "under 10", "[x]", "[c]", "[low]", "..", "...", ":", "*", "c", "C", "x"),
        *("n/a", "N.A.", "na", "suppressed", "not available"),
    ],
)
def test_what_stands_for_no_number_is_never_one(text: str) -> None:
    with pytest.raises(SuppressedError):
        cells.number(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("12*", "a number with a mark"),
        ("12†", "a number with a mark"),
        ("12 [r]", "a number with a mark"),
        ("1,200(p)", "a number with a mark"),
        ("12%", "a share"),
        ("€5", "in another currency"),
        ("5 USD", "in another currency"),
        ("£1.2m", "a number that is shortened"),
        ("3k", "a number that is shortened"),
        ("1.2 million", "a number that is shortened"),
        ("1,23", "a comma that parts no thousands"),
        ("1.234,50", "a comma that parts no thousands"),
        ("12,34,567", "a comma that parts no thousands"),
        ("-", "a dash, which is zero here and no figure there"),
        ("–", "a dash, which is zero here and no figure there"),
        ("01/04/2021", "a date"),
        ("2021-04-01", "a date"),
        ("1 May 2021", "a date"),
        ("#REF!", "an error of Excel's"),
        ("#N/A", "an error of Excel's"),
        ("####", "an error of Excel's"),
        ("007", "a leading zero"),
        ("1234567890123456", "too many digits"),
        ("about 50", "not a number"),
        ("12 people", "not a number"),
        ("1e5", "not a number"),
        ("TRUE", "not a number"),
        ("£", "no number"),
        ("9" * 30_000 + ",", "not a number"),
    ],
)
def test_what_may_be_something_else_is_refused_by_what_it_is(text: str, what: str) -> None:
    with pytest.raises(NotReadError) as refused:
        cells.number(text)
    assert refused.value.what == what
    assert refused.value.expected


@given(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=2), st.sampled_from([",", " ", ""]))
def test_a_number_in_thousands_is_the_number_without(number: Decimal, separator: str) -> None:
    written = f"{abs(number):,.2f}".replace(",", separator)
    text = cells.number(f"({written})" if number < 0 else f"£{written}")
    assert Decimal(text) == number
    assert text == cells.number(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2021/22", "2021-04-01", "2022-03-31"),
        ("2021-22", "2021-04-01", "2022-03-31"),
        ("2021–22", "2021-04-01", "2022-03-31"),
        ("FY2021/22", "2021-04-01", "2022-03-31"),
        ("2021/2022", "2021-04-01", "2022-03-31"),
        ("2011/12", "2011-04-01", "2012-03-31"),
        ("1999/00", "1999-04-01", "2000-03-31"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("February 2024", "2024-02-01", "2024-02-29"),
        ("Sept 2021", "2021-09-01", "2021-09-30"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("2021-04-01", "2021-04-01", "2021-04-01"),
        ("2021-04-01 00:00:00", "2021-04-01", "2021-04-01"),
        ("01/04/2021", "2021-04-01", "2021-04-01"),
        ("1.4.2021", "2021-04-01", "2021-04-01"),
        ("31/12/2021", "2021-12-31", "2021-12-31"),
        ("1st April 2021", "2021-04-01", "2021-04-01"),
        ("22 Mar 2021", "2021-03-22", "2021-03-22"),
        ("", "", ""),
    ],
)
def test_a_period_as_it_is_written_in_a_spreadsheet(text: str, first: str, last: str) -> None:
    assert (cells.start_of(text), cells.end_of(text, "")) == (first, last)


def test_a_financial_year_without_an_end_is_the_whole_of_it() -> None:
    assert cells.end_of("", "2021/22") == "2022-03-31"
    assert cells.end_of("2022/23", "2021/22") == "2023-03-31"
    # Of what began in a month, nobody says that it ended in it.
    assert cells.end_of("", "2021-04") == ""
    assert cells.end_of("", "2011-12") == ""


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2011-12", "a month or a financial year"),
        ("2000-01", "a month or a financial year"),
        ("2021/23", "no financial year"),
        ("2020/2020", "no financial year"),
        ("44287", "a number that Excel has for a date"),
        ("44287.5", "a number that Excel has for a date"),
        ("03/31/2022", "a date with the month first"),
        ("01/04/21", "a date with two digits of the year"),
        ("Apr-21", "a day or a year in two digits"),
        ("1-Apr-21", "a day or a year in two digits"),
        ("#VALUE!", "an error of Excel's"),
        ("30/02/2021", "not a date"),
        ("Q1 2021", "not a date"),
        ("soon", "not a date"),
        ("1" * 30_000, "not a date"),
    ],
)
def test_what_names_no_day_or_several_is_refused(text: str, what: str) -> None:
    for is_end in (False, True):
        with pytest.raises(NotReadError) as refused:
            cells.day_of(text, is_end=is_end)
        assert refused.value.what == what
        assert refused.value.expected


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
def test_a_day_is_the_same_in_every_way_of_writing_it(day: dt.date) -> None:
    for text in (
        day.isoformat(),
        f"{day:%d/%m/%Y}",
        f"{day.day} {day:%B} {day.year}",
        f"{day.day} {day:%b} {day.year}",
    ):
        assert cells.day_of(text, is_end=False) == cells.day_of(text, is_end=True) == day


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025", "2025"),
        ("2025-05", "2025-05"),
        ("May 2025", "2025-05"),
        ("31/05/2025", "2025-05-31"),
        ("2024/25", "2025-03-31"),
        ("", ""),
    ],
)
def test_when_a_source_was_published_is_kept_as_precise_as_it_is_said(text: str, expected: str) -> None:
    assert cells.published(text) == expected


def test_a_word_in_whatever_letters() -> None:
    assert cells.word("Child and family welfare", POLICY_AREAS) == "child_and_family_welfare"
    assert cells.word("", POLICY_AREAS) == ""
    with pytest.raises(NotReadError, match="expected 'commitment'"):
        cells.word("comitment", PAYMENT_BASES)
    with pytest.raises(NotReadError, match="expected paid, reported, commitment, evaluation, returned"):
        cells.word("invoiced", PAYMENT_BASES)


def test_yes_and_no() -> None:
    assert [cells.truth(text) for text in ("Yes", "TRUE", "no", "")] == ["true", "true", "false", "false"]
    with pytest.raises(NotReadError, match="neither yes nor no"):
        cells.truth("partly")


def test_people_are_whole() -> None:
    assert cells.whole("1,234") == 1234
    assert cells.whole("") is None
    with pytest.raises(NotReadError, match="a fraction"):
        cells.whole("2.5")
