"""Ids of claims that stand for nobody or mislead are refused by the name of what is wrong, and never shown."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import ibis
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ibis.backends import BaseBackend

from pipeline.claims import ids
from pipeline.claims.engines import EngineChoice, opened
from pipeline.claims.row_rules import COLUMNS, problems_of_rows, suspect_rules

if TYPE_CHECKING:
    from tests.claims.in_spark import InSpark

NO_ID = [
    "NULL", "NA", "N/A", "n.a.", "nan", "NaN", "NaT", "None", "nil", "-", "--", ".", "?", "...", "***", "unknown",
    "Unknown", "missing", "(blank)", "<NA>", "N/K", "TBC", "Total", "TOTALS", "subtotal", "not known",
    "1.23E+09", "1,23E+09", "1e+12", "1.23456789012E+15",
    "12345.0", "12345678901.0", "#N/A", "#REF!", "#VALUE!", "#DIV/0!",
    "#NAME?", "notrecorded", "NotRecorded", "notprovided", "NOTAPPLICABLE", "not-available",
    "grand-total", "Grand-Totals",
    "-----------", "---.---.---.---", "____________", "_-_-_-_-_-_-_-_", "1.234567e10", "1.2345678901e10",
    "1.5e1234567890",
]  # fmt: skip
ODD = {
    "a\u00a0b1": "NO-BREAK SPACE (U+00A0)",
    "a1\tb": "U+0009",
    "a\x001": "U+0000",
    "a1\x7f": "U+007F",
    "a1\u200b": "ZERO WIDTH SPACE (U+200B)",
    "P1234567890123456789\u200b": "ZERO WIDTH SPACE (U+200B)",
    "\ufeffa1": "ZERO WIDTH NO-BREAK SPACE (U+FEFF)",
    "a1\u202eb": "RIGHT-TO-LEFT OVERRIDE (U+202E)",
    "a\u00ad1": "SOFT HYPHEN (U+00AD)",
    "\u3000x1": "IDEOGRAPHIC SPACE (U+3000)",
    "\u0430bc1": "CYRILLIC SMALL LETTER A (U+0430)",
    # No letter of another alphabet beside it, and yet not the A of A123.
    "\u0410123": "CYRILLIC CAPITAL LETTER A (U+0410)",
    "b\u03bf1": "GREEK SMALL LETTER OMICRON (U+03BF)",
    "P\uff11\uff12": "FULLWIDTH DIGIT ONE (U+FF11)",
    "\U0001d400bc1": "MATHEMATICAL BOLD CAPITAL A (U+1D400)",
}
OTHERS = {
    "a\nb1": "a line end within the cell, as where a quotation mark is not closed",
    "x\ufffd1": "a character that stands for damaged text, REPLACEMENT CHARACTER (U+FFFD)",
    "e\u0301x1": "a letter and its accent as two characters",
    " a1": "blanks around it",
    "a1 ": "blanks around it",
}
PRINTED = st.characters(min_codepoint=32, max_codepoint=126)
NO_ID_FORM = re.compile(ids.NO_ID)
SAID = dict.fromkeys(NO_ID, "stands for no id")
SAID |= {text: f"a character that is not what it looks like, {name}" for text, name in ODD.items()} | OTHERS
SOUND = [
    "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "P000123", "LON/2019/00042", "client 17", "QmFzZTY0+/==", "0", "SYN~1",
    # Eight hexadecimal digits, and letters that belong to a word.
    "1234e567", "12e5", "Nana1", "nullify9", "na-12", "total-12",
    # Letters of the language of Wales and of a name; letter case makes two ids, as in ids in base 64.
    "Ŵyn-4", "Zoë-17", "aB3x", "ab3X",
]  # fmt: skip


def said_of_all() -> dict[str, list[list[str]]]:
    """What is said of each id, as that of a person and as that of a record."""
    found: dict[str, list[list[str]]] = {}
    with opened(EngineChoice.from_environment()) as backend:
        for column in ("participant_id", "evidence_id"):
            rows = [dict.fromkeys(COLUMNS, "x1") | {column: text} for text in [*SAID, *SOUND]]
            problems = problems_of_rows(backend, ibis.memtable(rows), [], "claims.csv", 0)
            assert {problem.column for problem in problems} <= {column}
            for row, text in enumerate([*SAID, *SOUND]):
                found.setdefault(text, []).append([problem.what for problem in problems if problem.row == row])
                # What is said does not depend on the place; where all is well nothing is said.
            for problem in problems:
                assert not [text for text in ODD if text in str(problem)]
    return found


def must_be_said(found: dict[str, list[list[str]]]) -> None:
    for text, what in SAID.items():
        for of_column in found[text]:
            assert (text, what) == (text, next((said for said in of_column if said == what), of_column))
    assert {text: found[text] for text in SOUND} == {text: [[], []] for text in SOUND}


def test_each_id_that_stands_for_nobody_or_misleads_is_refused() -> None:
    must_be_said(said_of_all())


@pytest.fixture(scope="module")
def backend() -> Iterator[BaseBackend]:
    with opened(EngineChoice()) as opened_one:
        yield opened_one


def passed_over(backend: BaseBackend, texts: list[str]) -> list[str]:
    """Those of some ids at whose form nobody looks."""
    rows = ibis.memtable({"participant_id": texts, "evidence_id": texts})
    seen = backend.to_pyarrow(rows.select(**{rule.column: rule.is_broken(rows) for rule in suspect_rules()}))
    return [
        text
        for text, *found in zip(texts, *(column.to_pylist() for column in seen.columns), strict=True)
        if not all(found)
    ]


def test_most_ids_are_passed_over_and_none_that_stands_for_nobody(backend: BaseBackend) -> None:
    """One that is found has all others looked at: so each is tried as if it were alone."""
    assert passed_over(backend, [*SAID, *(text * 2 for text in ("-.-.-.-", "_______", "~~~~~~~"))]) == []
    plain = [text for text in SOUND if text.isascii()]
    assert passed_over(backend, plain) == plain


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.from_regex(NO_ID_FORM, fullmatch=True, alphabet=PRINTED), min_size=20, max_size=60, unique=True))
def test_whatever_has_the_form_of_no_id_is_looked_at(backend: BaseBackend, texts: list[str]) -> None:
    assert passed_over(backend, texts) == []


@pytest.mark.slow
def test_spark_refuses_the_same(in_spark: "InSpark") -> None:
    must_be_said(in_spark.told()["ids"])


def test_names_in_other_letters_are_not_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "MOST_WORDS", 3)
    rows = [dict.fromkeys(COLUMNS, "x1") | {"participant_id": text} for text in "äöüß"]
    with opened(EngineChoice()) as backend:
        (problem, *others) = problems_of_rows(backend, ibis.memtable(rows), [], "claims.csv", 2)
    assert problem.what == "too many different words in other letters than A to Z"
    assert len(others) == 3
