"""Ids that stand for nobody, or are not what they look like: forms, and characters by name.

Belongs here: what an id of a participant or of a record may not be, direct identifiers apart, and how an engine finds
it without showing an id. Which rows break it is asked in ``pipeline.claims.row_rules``.
"""

import string
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.facts.characters import ODD_CHARACTER, PLACEHOLDER, PLAIN_TEXT, named, odd_character

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

# What is expected instead, by column.
PROPER_ID = {
    "participant_id": "a pseudonym of one person, as text",
    "evidence_id": "the record that proves it",
}
# Beside the words for no id: nothing but signs, a cell that a spreadsheet could not work out, a whole number that a
# program has written with a decimal point.
NO_ID = f"^(?i:{PLACEHOLDER.pattern})$|^[!-/:-@^-`{{-~]+$|^[0-9]+[.]0$"
# What a whole number has that a program or a spreadsheet has written its own way.
PARTS_OF_NUMBERS = (".", "e-", "E-")
# Words for no id that have more than ten letters, such as ``notapplicable`` and ``grand-total``: how long they are at
# most, and what they begin with.
LONGEST_WORD, FIRST_OF_LONG_WORDS = 13, "GNgn"
# Characters of which nothing is to be said, and what has others.
PLAIN, NOT_PLAIN = "[ -~]+", "[^ -~]"
# Among as many different ones there are names, in letters of other alphabets.
MOST_WORDS = 10_000


@dataclass(frozen=True)
class OddWords:
    """What is wrong with ids, and the characters by which they are known: those of an id that are not plain."""

    what: str
    expected: str
    words: list[str]


def is_written_otherwise(text: "ir.StringValue") -> "ir.BooleanValue":
    """Whether a text has other characters than those of most ids: letters, digits, ``.``, ``_``, ``-``.

    Both engines have this function, and it takes a fifth of the time of a regular expression.
    """
    import ibis

    def url_encode(text: str) -> str:
        raise NotImplementedError

    return ibis.udf.scalar.builtin(url_encode, signature=(("string",), "string"))(text) != text


def size_in_bits(text: "ir.StringValue") -> "ir.IntegerValue":
    """Eight for each letter of ``PLAIN``, of others more: both engines have it, and need not count letters for it."""
    import ibis

    def bit_length(text: str) -> int:
        raise NotImplementedError

    return ibis.udf.scalar.builtin(bit_length, signature=(("string",), "int64"))(text)


def odd_word(text: "ir.StringValue") -> "ir.StringValue":
    """The characters of a text that are not plain, one after the other; most texts have none."""
    return text.re_replace(PLAIN, "")


def odd_words(backend: "BaseBackend", claims: "ir.Table", column: str) -> list[OddWords]:
    """Return what is wrong with the characters in the ids of a column, each kind and each character once."""
    others = claims.filter(claims[column].re_search(NOT_PLAIN))
    distinct = others.select(word=odd_word(others[column])).distinct().limit(MOST_WORDS + 1)
    words = backend.to_pyarrow(distinct).column("word").to_pylist()
    found: dict[tuple[str, str], list[str]] = {}
    for word in sorted(words):
        if said := _said_of(word):
            found.setdefault(said, []).append(word)
    if len(words) > MOST_WORDS and not found:
        found["too many different words in other letters than A to Z", PROPER_ID[column]] = words
    return [OddWords(*said, words) for said, words in found.items()]


def _said_of(word: str) -> tuple[str, str] | None:
    """What is wrong with an id that has these characters, and what was expected."""
    if "\n" in word or "\r" in word:
        return "a line end within the cell, as where a quotation mark is not closed", PLAIN_TEXT
    # Ids are in plain letters: each character is looked at as if it stood beside one.
    if odd := next(filter(None, (odd_character(f"a{character}") for character in word)), None):
        return f"{ODD_CHARACTER}, {odd}", PLAIN_TEXT
    if "\ufffd" in word:
        return f"a character that stands for damaged text, {named(chr(0xFFFD))}", "UTF-8; save it again"
    if not all(unicodedata.is_normalized("NFC", letter + word) for letter in string.ascii_letters):
        return "a letter and its accent as two characters", "one character for both (Unicode NFC)"
    return None
