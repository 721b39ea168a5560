"""A file of claims before an engine opens it: whether it is what its name says, and the header of a CSV file.

Belongs here: what can be told from the first and the last bytes, and on which line a row of CSV stands. No more of a
file is held in memory than a header may have, and nothing is said of what stands in it: it may be a claim.
"""

import csv
import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from pipeline.facts.files import UnreadableFileError, must_be_text
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import OTHER_SEPARATORS

# Of the names of six columns, many times over.
LONGEST_HEADER = 64_000
LINE_ENDS = re.compile(b"[\r\n]")
# A file of Parquet begins and ends with four letters, one that is encrypted with others.
PARQUET, ENCRYPTED = b"PAR1", b"PARE"


def header_of(path: Path, shown_path: str, expected: Collection[str]) -> list[str]:
    """Return the names of the columns of a CSV file; of an empty one none.

    ``expected``: names that the header should have. Raises ``UnreadableFileError`` where no header can be read.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(LONGEST_HEADER + 1)
    except OSError as error:
        raise _cannot_be_read(error, shown_path) from None
    must_be_text(beginning, shown_path)
    first_line = LINE_ENDS.split(beginning, maxsplit=1)[0]
    if len(first_line) > LONGEST_HEADER:
        raise _unreadable(shown_path, 1, "header", f"longer than {LONGEST_HEADER:,} bytes")
    try:
        text = first_line.decode("utf-8-sig")
        names = next(csv.reader([text], strict=True), [])
    except UnicodeDecodeError:
        raise _unreadable(shown_path, 1, "file", "not UTF-8 text", "UTF-8; save it again") from None
    except csv.Error:
        raise _unreadable(shown_path, 1, "header", "not readable as CSV: a quotation mark that is not closed") from None
    for separator, words in OTHER_SEPARATORS.items():
        if len({name.strip().strip('"') for name in text.split(separator)} & set(expected)) > 1:
            raise _unreadable(shown_path, 1, "header", f"the cells are separated by {words}", "','")
    return [name.strip() for name in names]


def must_be_parquet(path: Path, shown_path: str) -> None:
    """Raise ``UnreadableFileError`` for a file that is no Parquet, or is cut off, by how it begins and ends."""
    try:
        with path.open("rb") as file:
            first = file.read(len(PARQUET))
            size = file.seek(0, 2)
            file.seek(max(0, size - len(PARQUET)))
            last = file.read(len(PARQUET))
    except OSError as error:
        raise _cannot_be_read(error, shown_path) from None
    if ENCRYPTED in (first, last):
        raise _not_parquet(shown_path, "it is encrypted")
    if not size:
        raise _not_parquet(shown_path, "the file is empty")
    if first != PARQUET:
        raise _not_parquet(shown_path, "it does not begin as Parquet does")
    if last != PARQUET or size < 2 * len(PARQUET):
        raise _not_parquet(shown_path, "it is cut off")


def on_their_lines(problems: Collection[Problem], path: Path, first_row: int) -> list[Problem]:
    """Return the problems of the rows of a CSV file with the lines on which these rows begin.

    They come with rows that are counted through, ``first_row`` being the first; in the file blank lines, and lines
    within a cell, lie between them.
    """
    wanted = {problem.row for problem in problems} - {0}
    lines: dict[int, int] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.reader(file)
        next(reader, None)
        row, line = first_row, reader.line_num + 1
        try:
            while len(lines) < len(wanted) and (cells := next(reader, None)) is not None:
                if cells:
                    if row in wanted:
                        lines[row] = line
                    row += 1
                line = reader.line_num + 1
        except csv.Error:  # a longer cell than Python takes: from here on rows are as good as it gets
            pass
    return [replace(problem, row=lines.get(problem.row, problem.row)) for problem in problems]


def _cannot_be_read(error: OSError, shown_path: str) -> UnreadableFileError:
    return _unreadable(shown_path, 0, "file", f"cannot be read: {error.strerror}")


def _not_parquet(shown_path: str, why: str) -> UnreadableFileError:
    return _unreadable(shown_path, 0, "file", f"not readable as PARQUET: {why}", "the whole file, as it was written")


def _unreadable(shown_path: str, row: int, column: str, what: str, expected: str = "") -> UnreadableFileError:
    return UnreadableFileError(Problem(shown_path, row, column, what, expected=expected))
