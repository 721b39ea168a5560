"""Texts that are not what they look like: invisible or misleading characters, and words that stand for no id.

Belongs here: finding the first such character in a text, and its name as Unicode has it. Which texts may hold what is
decided where they are read.
"""

import re
import unicodedata

# What is said of a text with such a character, and what was expected.
ODD_CHARACTER = "a character that is not what it looks like"
PLAIN_TEXT = "text without it"
# What programs and people write where they have no id, and what a spreadsheet makes of a long number. Without a sign or
# a decimal point that is none: 1234e567 may be eight hexadecimal digits. Engines for claims read this pattern, too.
PLACEHOLDER = re.compile(
    r"nil|<?null>?|none|nan|nat|<?na>?|n[./]?[ak][.]?|#.*[!?/].*|#ref|-+|_+|[.]+|[?]+"
    r"|[(]?(unknown|undefined|missing|blank|anonymous)[)]?"
    r"|[(]?not?[ _-]?(known|recorded|available|applicable|provided|stated)[)]?"
    r"|((sub|grand)[ -]?)?totals?|tb[acd]|[0-9]+([.,][0-9]+)?e[+-][0-9]+|[0-9]+[.,][0-9]+e[0-9]+",
    re.IGNORECASE,
)
# They take room, or none, and show nothing, though Unicode calls them letters, marks or symbols.
BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
VARIATION_SELECTORS = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))
# Format, line and paragraph separator, surrogate, private use, unassigned.
UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Alphabets with letters that look like those of another.
ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")


def odd_character(text: str) -> str | None:
    """Return the first character of a text that misleads whoever looks at it, such as ``ZERO WIDTH SPACE (U+200B)``.

    Those are: what cannot be seen (controls, a tab and line ends among them; format characters; spaces other than the
    plain one); letters, digits and marks that are drawn like plain ones (full width, mathematical); and a letter of
    another alphabet than that of the word it stands in. None if there is no such character.
    """
    if text.isascii() and text.isprintable():
        return None
    alphabet = ""
    for character in text:
        own = _alphabet(character)
        if is_unseen(character) or _stands_for_another(character) or (own and alphabet and own != alphabet):
            return named(character)
        alphabet = (own or alphabet) if character.isalpha() or unicodedata.combining(character) else ""
    return None


def is_unseen(character: str) -> bool:
    """Tell whether a character shows nothing; a plain space does not count, since everybody knows it."""
    if character == " ":
        return False
    category = unicodedata.category(character)
    is_selector = any(first <= character <= last for first, last in VARIATION_SELECTORS)
    return category in UNSEEN_CATEGORIES or category == "Zs" or character in BLANK or is_selector


def named(character: str) -> str:
    """Return the name of a character with its number, such as ``NO-BREAK SPACE (U+00A0)``."""
    name = unicodedata.name(character, "")
    number = f"U+{ord(character):04X}"
    return f"{name} ({number})" if name else number


def _alphabet(character: str) -> str:
    """The alphabet of a letter, empty for one of an alphabet that is not known for look-alikes, and for all else."""
    if not character.isalpha():
        return ""
    first = unicodedata.name(character, "").partition(" ")[0]
    return first if first in ALPHABETS else ""


def _stands_for_another(character: str) -> bool:
    """Tell whether a character is a plain letter, digit or mark in another dress, such as a full-width A.

    Signs such as the trade mark, fractions and raised numbers are what they look like.
    """
    if character.isascii():
        return False
    how, _, plain = unicodedata.decomposition(character).partition(" ")
    return how in ("<wide>", "<narrow>", "<font>") and bool(plain)
