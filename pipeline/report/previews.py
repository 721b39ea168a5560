"""Tables as people read them in Markdown, for the Dagster UI.

Belongs here: the first rows of a table, its numbers written by the suffix of their column, and the one way to write
a Markdown table whose text cannot break it; what is shown is chosen elsewhere.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import pandas as pd

from pipeline.report.wording import RATIO_WORDS, factor, markdown_text, plain_number, pounds, ratio_text

# Marks that Markdown reads, beside those that ``markdown_text`` knows; an underline only at the edge of a word.
MARKS = re.compile(r"[`*~\\\]]|(?<![^\W_])_|_(?![^\W_])")
# Where a bare address becomes a link; it looks at the text after all escapes, so only a character breaks it.
LINKS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
# A word joiner: it cannot be seen, and no line breaks at it.
JOINER = "\u2060"
# Columns of ratios, also those in cash.
RATIOS = frozenset(f"{name}{prices}" for name in RATIO_WORDS for prices in ("", "_cash"))
LONGEST_TEXT = 80
# From here on places after the first two tell nothing; below, six significant digits keep small factors readable.
LARGE = 1000


class Marked(str):
    """Text that is Markdown already, in which whatever comes from the data has been escaped."""


def link(text: str, address: str) -> Marked:
    """Return a link whose text cannot break it, also as a cell of ``markdown_table``."""
    return Marked(f"[{_cell(text)}]({address})")


def preview(table: pd.DataFrame, rows: int = 20, columns: Sequence[str] | None = None) -> str:
    """Return the first rows of a table in Markdown, with how many there are beneath when some are left out.

    Numbers stand on the right: pounds for ``_gbp``, two places for ratios. An empty cell is blank, a long text cut.
    Raises ``KeyError`` when a column is not there.
    """
    shown = table if columns is None else table[list(columns)]
    if shown.columns.empty:
        return "no columns"
    head = shown.head(rows)
    names = [str(name) for name in head.columns]
    written = [[_written(value, column_format(name)) for value in head[name]] for name in head.columns]
    text = markdown_table(names, zip(*written, strict=True), right=[str(n) for n in head if _is_number(head[n])])
    if table.empty:
        return f"{text}\n\nno rows"
    return text if len(head) == len(table) else f"{text}\n\nfirst {len(head):,} of {len(table):,} rows"


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[str] = ()) -> str:
    """Return a Markdown table whose text cannot break it; the columns named in ``right`` stand on the right.

    A cell that is ``Marked`` is taken as it is.
    """
    rule = ["---:" if column in right else "---" for column in columns]
    lines = ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in (columns, *rows)]
    return "\n".join([lines[0], "| " + " | ".join(rule) + " |", *lines[1:]])


def shown_as_text(text: str) -> str:
    """Return text of which Markdown shows each character as it is: no HTML, link, image, code or emphasis."""
    unlinked = LINKS.sub(JOINER, markdown_text(text))
    return MARKS.sub(lambda mark: f"&#{ord(mark[0])};", unlinked)


def column_format(name: str) -> Callable[[float], str]:
    """Return how the numbers of a column are written, by its name."""
    if name.endswith("_gbp"):
        return pounds
    return ratio_text if name in RATIOS else _number


def _cell(text: str) -> str:
    if isinstance(text, Marked):
        return text
    return shown_as_text(text).replace("|", "\\|")


def _written(value: Any, written_number: Callable[[float], str]) -> str:
    if pd.api.types.is_list_like(value):
        return _cut(", ".join(map(str, value)))
    if pd.isna(value):
        return ""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if pd.api.types.is_number(value):
        return written_number(float(value))
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1].rstrip() + "…"


def _number(value: float) -> str:
    return plain_number(value) if abs(value) >= LARGE else factor(value)


def _is_number(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
