"""What a plain number and a plain day are."""

from datetime import date

import pytest

from pipeline.facts.plain import is_number, kind_of, plain_day

NUMBERS = ["0", "7", "-7", "1234.50", "0.5", "-0.5", "999999999999999", "1.123456789012345"]
NO_NUMBERS = ["", " 7", "+7", "1,200", "00290", ".5", "5.", "1e3", "½", "٣", "1234567890123456", "1.1234567890123456"]


@pytest.mark.parametrize(("texts", "expected"), [(NUMBERS, True), (NO_NUMBERS, False)])
def test_numbers(texts: list[str], expected: bool) -> None:
    assert {is_number(text) for text in texts} == {expected}


@pytest.mark.parametrize("text", ["-0", "-0.0", "-0.00"])
def test_a_zero_has_no_sign(text: str) -> None:
    assert not is_number(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2018-10-31", date(2018, 10, 31)),
        ("2018-02-30", None),
        ("20181031", None),
        ("2018-10", None),
        ("31/10/2018", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert plain_day(text) == day


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("float64", "number"),
        ("Int64", "whole number"),
        ("datetime64[ns]", "date"),
        ("bool", "truth"),
        ("string", "text"),
    ],
)
def test_the_kind_of_a_column_follows_from_its_type(dtype: str, name: str) -> None:
    assert kind_of(dtype).name == name
