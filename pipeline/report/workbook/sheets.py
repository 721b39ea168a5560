"""Sheets of a workbook, and what both formats share: cells made column by column, and zips that say no time.

Belongs here: nothing that only one format knows. A text is a text in both and never a formula, whatever it begins with.
"""

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as arrow
import pyarrow.compute as compute

# The first time that a file in a zip can have; always this one.
FIRST_TIME = (1980, 1, 1, 0, 0, 0)
NOT_IN_XML = r"[\x00-\x08\x0B\x0C\x0E-\x1F\x{FFFE}\x{FFFF}]"
# What a spreadsheet opens: characters of the name of a sheet, of a head and of a cell.
LONGEST_NAME, LONGEST_HEAD, LONGEST_CELL = 31, 255, 32_767


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, lines of text from A1 on, and a table right below them, if it has one.

    ``heads``: of the columns, with their units; ``leads_to_sheets``: the first column has names of sheets. Raises
    ``ValueError`` for names and heads with which a spreadsheet would not open it.
    """

    name: str
    lines: tuple[str, ...]
    heads: tuple[str, ...] = ()
    table: arrow.Table | None = None
    leads_to_sheets: bool = False

    def __post_init__(self) -> None:
        """Look at the names."""
        if not re.fullmatch(rf"[A-Za-z0-9_]{{1,{LONGEST_NAME}}}", self.name):
            raise ValueError(f"no name of a sheet: {self.name!r}")
        if len({head.casefold() for head in self.heads}) < len(self.heads):
            raise ValueError(f"two columns of {self.name} have the same head")
        if any(len(head) > LONGEST_HEAD for head in self.heads):
            raise ValueError(f"a head of {self.name} is too long")

    @property
    def area(self) -> tuple[str, str]:
        """The first and the last cell of the table, such as A3 and C10; nothing where it has no row."""
        if self.table is None or not len(self.table):
            return ("", "")
        first = len(self.lines) + 1
        return f"A{first}", f"{column_letters(len(self.heads))}{first + len(self.table)}"


@dataclass(frozen=True)
class Form:
    """How a format says rows and cells: what stands before, between and after a value that is said once, or twice.

    ``days_as_numbers``: it counts days and writes truth as 1 and 0. ``within``: what a text cannot have as it is, as a
    pattern, with what is written for it; ``& < >`` were escaped before.
    """

    row: tuple[str, str]
    empty: str
    text: tuple[str, str]
    number: tuple[str, ...]
    truth: tuple[str, ...]
    day: tuple[str, ...]
    link: tuple[str, ...]
    days_as_numbers: bool
    within: tuple[tuple[str, str], ...]


# Days from the first day of a spreadsheet to that of Arrow.
FIRST_OF_1970 = 25_569


def column_letters(number: int) -> str:
    """Return the letters of a column by its number, from 1 on: A, Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def rows_of(sheet: Sheet, form: Form) -> bytes:
    """Return the rows of the table of a sheet as XML in UTF-8, without that of the heads."""
    if sheet.table is None or not len(sheet.table):
        return b""
    columns = [column.combine_chunks() for column in sheet.table.columns]
    cells = _cells(columns, form)
    if sheet.leads_to_sheets:
        cells[0] = _between(form.link, columns[0])
    rows = _joined(form.row[0], *cells, form.row[1])
    # As one text, without making one of Python of each row.
    whole = arrow.LargeListArray.from_arrays([0, len(rows)], rows)
    return bytes(compute.binary_join(whole, arrow.scalar("", arrow.large_string()))[0].as_buffer())


def text_cells(texts: Sequence[str], form: Form) -> list[str]:
    """Return cells with these texts as XML."""
    (cells,) = _cells([arrow.array(texts, arrow.string())], form)
    return [str(cell) for cell in cells.to_pylist()]


def zipped(files: Mapping[str, str | bytes | Iterable[str | bytes]], stored: Collection[str] = ()) -> bytes:
    """Return files as one zip that says no time and no machine; ``stored``: those that are not compressed.

    One that comes in pieces is never whole in memory.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            file = zipfile.ZipInfo(name, FIRST_TIME)
            file.create_system, file.external_attr = 3, 0o644 << 16
            file.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            with archive.open(file, "w") as member:
                for piece in [content] if isinstance(content, (str, bytes)) else content:
                    member.write(piece.encode() if isinstance(piece, str) else piece)
    return written.getvalue()


def _cells(columns: Sequence[arrow.Array], form: Form) -> list[arrow.Array]:
    """The cells of columns of one length; all columns of a kind at once, since each call takes as long as its work."""
    of_kind: dict[tuple[str, ...], list[int]] = {}
    for place, column in enumerate(columns):
        of_kind.setdefault(_words_of(column.type, form), []).append(place)
    cells = list(columns)
    for words, places in of_kind.items():
        values = arrow.concat_arrays([_as_text(columns[place], form) for place in places])
        made = compute.fill_null(_between(words, _escaped(values, form) if words == form.text else values), form.empty)
        for number, place in enumerate(places):
            cells[place] = made.slice(number * len(columns[place]), len(columns[place]))
    return cells


def _words_of(kind: arrow.DataType, form: Form) -> tuple[str, ...]:
    """What stands around a value of a type."""
    if arrow.types.is_boolean(kind):
        return form.truth
    if arrow.types.is_date32(kind):
        return form.day
    return form.number if arrow.types.is_integer(kind) or arrow.types.is_floating(kind) else form.text


def _as_text(column: arrow.Array, form: Form) -> arrow.Array:
    """The values of a column as they are written; an empty text is an empty cell."""
    if form.days_as_numbers and arrow.types.is_boolean(column.type):
        column = column.cast(arrow.int8())
    if form.days_as_numbers and arrow.types.is_date32(column.type):
        column = compute.add(column.cast(arrow.int32()), FIRST_OF_1970)
    texts = column.cast(arrow.large_string())
    return compute.if_else(compute.equal(texts, ""), arrow.scalar(None, arrow.large_string()), texts)


def _escaped(texts: arrow.Array, form: Form) -> arrow.Array:
    for mark, said in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        texts = compute.replace_substring(texts, mark, said)
    for pattern, said in ((NOT_IN_XML, "\ufffd"), *form.within):
        texts = compute.replace_substring_regex(texts, pattern, said)
    return texts


def _between(words: tuple[str, ...], values: arrow.Array) -> arrow.Array:
    values = values.cast(arrow.large_string())
    return _joined(*(part for word in words[:-1] for part in (word, values)), words[-1])


def _joined(*parts: Any) -> arrow.Array:
    given = [arrow.scalar(part, arrow.large_string()) if isinstance(part, str) else part for part in parts]
    return compute.binary_join_element_wise(*given, arrow.scalar("", arrow.large_string()))
