"""Reading a TOML file into a Pydantic model: a wrong type or an unknown key, at any depth, is a problem with its line.

Belongs here: what every TOML file of ours shares. Which keys there are stands with the contracts (``raw``) and the
editions (``editions``).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from pipeline.facts.files import close_match, shown_value
from pipeline.facts.problems import Problem

T = TypeVar("T")
# What Pydantic says, in the words of the other checks, with what was expected.
WORDS = {
    "missing": ("missing", ""),
    "string_type": ("not a text", "a text in quotation marks"),
    "int_type": ("not a whole number", "a plain whole number such as 1234"),
    "float_type": ("not a number", "a plain number such as 1234.5"),
    "date_type": ("not a date", "a date such as 2018-10-31"),
    "list_type": ("not a list", 'a list such as ["one", "two"]'),
    "tuple_type": ("not a list", 'a list such as ["one", "two"]'),
    "model_type": ("not a table", "keys with values"),
    "string_pattern_mismatch": ("not of the form required", "'{pattern}'"),
    "string_too_short": ("missing", ""),
    "string_too_long": ("too long", "at most {max_length} characters"),
    "greater_than": ("too small", "more than {gt:g}"),
    "greater_than_equal": ("too small", "at least {ge:g}"),
    "less_than_equal": ("too large", "at most {le:g}"),
}
UNKNOWN_KEY = ("unexpected_keyword_argument", "extra_forbidden")
Place = Sequence[str | int]


def validated(
    validate: Callable[[Any], T], data: dict[str, Any], text: str, shown_path: str, known: Sequence[str]
) -> tuple[T | None, list[Problem]]:
    """Return what the ``text`` of a file says, read as ``data``, as Pydantic's ``validate`` gives it.

    None with problems. ``known``: the keys at the top of the file.
    """
    try:
        return validate(data), []
    except ValidationError as error:
        return None, list(_problems(error, data, text, shown_path, known))


def _problems(
    error: ValidationError, data: dict[str, Any], text: str, shown_path: str, known: Sequence[str]
) -> Iterable[Problem]:
    """One problem for each thing wrong, under the name of its key; the place within a list is left out."""
    for details in error.errors():
        place, kind, found = details["loc"], details["type"], shown_value(details["input"])
        key = str(next(part for part in reversed(place) if isinstance(part, str)))
        line = line_of(text, place)
        if kind in UNKNOWN_KEY:
            is_at_top = len(place) == 1
            meant = close_match(key, set(known) - set(data)) if is_at_top else ""
            belongs = f"{key} above the first [[{place[0]}]]" if not is_at_top and key in known else meant
            yield Problem(shown_path, line, key, "unknown key", expected=belongs)
        elif kind in WORDS:
            what, expected = WORDS[kind]
            expected = expected.format(**details.get("ctx", {}))
            yield Problem(shown_path, line, key, what, found if expected else "", expected)
        elif kind == "literal_error" and not isinstance(details["input"], str):
            # What it should be may look like what it is: 2015 is a number, and "2015" a word.
            what = "a number without quotation marks" if _is_number(details["input"]) else "not a text"
            expected = str(details["ctx"]["expected"]).replace("'", '"')
            yield Problem(shown_path, line, key, what, found, f"{expected}, with the quotation marks")
        else:
            yield Problem(shown_path, line, key, details["msg"][0].lower() + details["msg"][1:], found)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def line_of(text: str, place: Place) -> int:
    """Return the line on which a key of a TOML file stands, 1 where it does not stand by itself.

    ``place``: the key, or the name of an array of tables, the number of the table and its key.
    """
    lines = text.split("\n")
    name = str(place[0])
    written = rf"""["']?{re.escape(name)}["']?"""
    heads = [at for at, line in enumerate(lines) if re.match(rf"\s*\[\[\s*{written}\s*\]\]", line)]
    first_table = next((at for at, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    if not heads:
        table = next((at for at, line in enumerate(lines) if re.match(rf"\s*\[\[?\s*{written}\s*[\].]", line)), None)
        return _line_of_key(lines, name, 0, first_table, 1 if table is None else table + 1)
    number = place[1] if len(place) > 1 else 0
    if not isinstance(number, int) or number >= len(heads):
        return 1
    begin, end = heads[number], (heads[number + 1] if number + 1 < len(heads) else len(lines))
    key = next((part for part in place[2:] if isinstance(part, str)), None)
    return begin + 1 if key is None else _line_of_key(lines, key, begin, end, begin + 1)


def _line_of_key(lines: list[str], key: str, begin: int, end: int, otherwise: int = 1) -> int:
    """The line on which a key, or a table of that name within the one that begins there, stands."""
    form = re.compile(rf"""\s*(\[.*\.\s*)?["']?{re.escape(key)}["']?\s*[]=.]""")
    return next((at + 1 for at in range(begin, end) if form.match(lines[at])), otherwise)
