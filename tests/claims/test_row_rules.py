"""The forms that the rules of claims look for are those of the other files."""

import re

import pytest

from pipeline.claims.row_rules import ISO_DATE, PLAIN_NUMBER
from pipeline.facts.plain import is_number, plain_day


@pytest.mark.parametrize(
    "text", ["0", "-7", "1234.50", "999999999999999", "", " 7", "1,200", "00290", ".5", "5.", "1e3", "1234567890123456"]
)
def test_claims_and_files_take_the_same_numbers(text: str) -> None:
    assert bool(re.search(PLAIN_NUMBER, text)) == is_number(text)


@pytest.mark.parametrize("text", ["2018-10-31", "20181031", "2018-10", "31/10/2018", " 2018-10-31", ""])
def test_claims_and_files_take_the_same_days(text: str) -> None:
    assert bool(re.search(ISO_DATE, text)) == bool(plain_day(text))


@pytest.mark.parametrize("form", [PLAIN_NUMBER, ISO_DATE])
def test_forms_for_an_engine_have_no_backslash(form: str) -> None:
    """Spark takes one away from a text of its own SQL."""
    assert "\\" not in form
