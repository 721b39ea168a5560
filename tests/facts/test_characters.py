"""Characters that mislead: each kind is found and named, and what people write is left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.facts.characters import is_unseen, named, odd_character

PLAIN = (
    "",
    "INDIGO-POJ-0178",
    "Children’s services – £1,200 × 3",
    "Cyngor Sir Ynys Môn",
    "Conwy a Sir Ddinbych: Ŵyn ŷd",
    "½ of the total, 3² m, 5 °C, ™, №, …",
    "Московский район",
    "25 µg and 3 Ω",
    "Ελλάδα (Greece)",
    "cafe\u0301",
    "東京都",
)


@pytest.mark.parametrize("text", PLAIN)
def test_what_people_write_is_not_odd(text: str) -> None:
    assert odd_character(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INDIGO-ORG-0008\u200b", "ZERO WIDTH SPACE (U+200B)"),
        ("\ufeffname", "ZERO WIDTH NO-BREAK SPACE (U+FEFF)"),
        ("North\u00a0Yorkshire", "NO-BREAK SPACE (U+00A0)"),
        ("a\u2009b", "THIN SPACE (U+2009)"),
        ("a\tb", "U+0009"),
        ("a\nb", "U+000A"),
        ("\x1b[31m", "U+001B"),
        ("a\u2028b", "LINE SEPARATOR (U+2028)"),
        ("soft\u00adhyphen", "SOFT HYPHEN (U+00AD)"),
        ("\u202egnp.exe", "RIGHT-TO-LEFT OVERRIDE (U+202E)"),
        ("x\ufe0f", "VARIATION SELECTOR-16 (U+FE0F)"),
        ("\u3164", "HANGUL FILLER (U+3164)"),
        ("\u2800", "BRAILLE PATTERN BLANK (U+2800)"),
        ("\ue000", "U+E000"),
        ("\U000e0041", "TAG LATIN CAPITAL LETTER A (U+E0041)"),
        ("P\u0430yment", "CYRILLIC SMALL LETTER A (U+0430)"),
        ("\u0410gency", "LATIN SMALL LETTER G (U+0067)"),
        ("INDIGO-P\u039fJ", "GREEK CAPITAL LETTER OMICRON (U+039F)"),
        ("\uff11\uff12", "FULLWIDTH DIGIT ONE (U+FF11)"),
        ("\U0001d400", "MATHEMATICAL BOLD CAPITAL A (U+1D400)"),
    ],
)
def test_each_kind_is_named(text: str, said: str) -> None:
    assert odd_character(text) == said


@given(st.characters())
def test_a_character_that_shows_nothing_is_never_passed_over(character: str) -> None:
    """Whatever it stands between; all spaces but the plain one, all that is no sign, letter or digit."""
    if unicodedata.category(character)[0] in "CZ" and character != " ":
        assert is_unseen(character)
        assert odd_character(f"a{character}1") == named(character)


@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_plain_ascii_is_never_odd(text: str) -> None:
    assert odd_character(text) is None
