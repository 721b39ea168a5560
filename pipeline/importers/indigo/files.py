"""Reading INDIGO's export as files: a folder or a zip, each file whole or refused.

Belongs here: finding the files, the safety of zips, and rows of text. What the rows say is read elsewhere.

- **Half a file is no file.** A row with fewer or more cells than the header, a name given twice, an empty line, the
  header or a row again, an end within a line: the export is refused.
- **Nothing leaves the folder.** An export is read in memory, never unpacked: a zip that holds more than
  `LARGEST_EXPORT_BYTES`, links, or names that lead out of it is refused whole. Cells are text, put on one line, and
  stay as they are, also where a spreadsheet would see a formula.
"""

import datetime as dt
import stat
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from pipeline.facts.files import decoded
from pipeline.facts.problems import Problem
from pipeline.facts.typed_csv import SAME_ROW, TextRows, rows_of
from pipeline.importers.imported import ImportProblem, Row, or_refused, refuse
from pipeline.importers.indigo.columns import COLUMNS, OF_PROJECTS, PROJECT_ID, REGISTERS, UNREAD

# Over the files that are read, unpacked; the copy of May 2025 has less than 2 MB.
LARGEST_EXPORT_BYTES = 200_000_000


@dataclass(frozen=True)
class _File:
    """A file of an export: its place in the folder or zip, its day, the size that the zip declares, what opens it."""

    place: PurePosixPath
    dated: dt.date | None
    declared_bytes: int
    open: Callable[[], IO[bytes]]


# What reading a damaged zip raises; a runtime error is a method of packing or encrypting that is not known.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)


@contextmanager
def _or_problem(what: str) -> Iterator[None]:
    """Raise ImportProblem, with what cannot be done, when a file or zip cannot be read."""
    try:
        yield
    except _UNREADABLE as error:
        raise ImportProblem(f"{what} ({error})") from error


@contextmanager
def _files_of(path: Path) -> Iterator[list[_File]]:
    """The files of a folder or zip, at any depth; a zip stays open as long as they are read."""
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        # Nobody declares the size of a file in a folder; it is seen when it is read.
        yield [_File(PurePosixPath(f.relative_to(path).as_posix()), _day_of(f), 0, _opener(f)) for f in found]
    elif path.is_file() and zipfile.is_zipfile(path):
        with _or_problem(f"{path}: not a readable zip file"):
            archive = zipfile.ZipFile(path)
        with archive:
            files = [info for info in archive.infolist() if not info.filename.endswith("/")]
            yield [_member(path, archive, info) for info in files]
    elif path.exists():
        raise ImportProblem(f"{path}: neither a folder nor a zip file")
    else:
        raise ImportProblem(f"{path}: no such folder or zip file")


def _day_of(file: Path) -> dt.date:
    return dt.datetime.fromtimestamp(file.stat().st_mtime, dt.UTC).date()


def _day_in_zip(info: zipfile.ZipInfo) -> dt.date | None:
    """The day that a zip gives a file; None for what is no day."""
    try:
        return dt.date(*info.date_time[:3])
    except ValueError:
        return None


def _opener(file: Path) -> Callable[[], IO[bytes]]:
    return lambda: file.open("rb")


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _File:
    """A file of a zip; refuses names that lead out of the zip, links, and what cannot be unpacked within bounds."""
    # Windows paths know both kinds of slashes, and drives.
    name = PureWindowsPath(info.filename)
    if name.anchor or ".." in name.parts:
        raise ImportProblem(f"{path}: the name {info.filename!r} leads out of the zip")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ImportProblem(f"{path}: {info.filename!r} is a link, expected a file")
    if info.flag_bits & 1:
        raise ImportProblem(f"{path}: {info.filename!r} is encrypted; unpack the zip and import its folder")
    # The other methods unpack a block of any size at once, before it could be refused.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ImportProblem(f"{path}: {info.filename!r} uses a compression method that cannot be read; zip it again")
    return _File(PurePosixPath(info.filename), _day_in_zip(info), info.file_size, lambda: archive.open(info))


def _csv_files(path: Path, files: Iterable[_File]) -> list[_File]:
    """The CSV files without hidden ones and archive leftovers, in the order of their places."""
    shown = [file for file in files if not any(part.startswith((".", "__MACOSX")) for part in file.place.parts)]
    found = [file for file in shown if file.place.suffix.lower() == ".csv"]
    inner = [file for file in shown if file.place.suffix.lower() == ".zip"]
    if inner and not found:
        raise ImportProblem(
            f"{path}: contains another zip instead of CSV files, {str(inner[0].place)!r}; unpack it first"
        )
    return sorted(found, key=lambda file: file.place)


def _canonical_name(file_name: str) -> str | None:
    """The known file that a name ends in, after nothing or a prefix that does not end in a letter or digit.

    The longest known name is tried first: `x_projects_outcome_funds.csv` also ends in `funds.csv`.
    """
    for known in sorted((*COLUMNS, *UNREAD), key=len, reverse=True):
        prefix, is_end = file_name[: -len(known)], file_name.lower().endswith(known)
        if is_end and not prefix[-1:].isalnum():
            return known
    return None


def _locate(path: Path, files: Iterable[_File]) -> dict[str, _File]:
    """Which file is which. Of several for one name, the one with the folder and prefix of the other files."""
    candidates: dict[str, list[tuple[str, _File]]] = defaultdict(list)
    for file in files:
        known = _canonical_name(file.place.name)
        if known:
            candidates[known].append((str(file.place)[: -len(known)], file))
    origins = Counter(origin for found in candidates.values() for origin, _ in found)
    located = {}
    for known in COLUMNS:
        found = candidates[known]
        if not found:
            raise ImportProblem(f"{path}: {known} is missing")
        most = max(origins[origin] for origin, _ in found)
        best = [file for origin, file in found if origins[origin] == most]
        if len(best) > 1:
            names = ", ".join(str(file.place) for file in best)
            raise ImportProblem(f"{path}: several files could be {known}: {names}")
        located[known] = best[0]
    return located


def read_tables(path: Path) -> tuple[dict[str, list[Row]], list[dt.date]]:
    """Return the needed columns of every needed file, and the days that the files are of.

    The files are read one after the other within the bound on all of them.
    """
    tables: dict[str, TextRows] = {}
    dates: list[dt.date] = []
    left = LARGEST_EXPORT_BYTES
    with _files_of(path) as files:
        for known, file in _locate(path, _csv_files(path, files)).items():
            content = _read_bytes(path, file, left)
            left -= len(content)
            tables[known] = _rows_of(known, file.place, content)
            dates += [file.dated] if file.dated else []
    rows_of_files = {
        known: [{column: record[column] for column in COLUMNS[known]} for record in rows.records]
        for known, rows in tables.items()
    }
    return rows_of_files, dates


def _read_bytes(path: Path, file: _File, at_most: int) -> bytes:
    """The content of a file; the size that a zip declares is believed only where it is too large."""
    content = b""
    if file.declared_bytes <= at_most:
        with _or_problem(f"{path}: {file.place} cannot be read"), file.open() as stream:
            content = stream.read(at_most + 1)
    if max(file.declared_bytes, len(content)) > at_most:
        raise ImportProblem(
            f"{path}: its files contain more than {LARGEST_EXPORT_BYTES / 1e6:g} MB, up to {file.place}"
        )
    return content


def _plain_name(column: str) -> str:
    """The name of a column without the suffix ` - (Value)` that most headers carry."""
    return column.strip().removesuffix("- (Value)").strip()


def _rows_of(known: str, file: PurePosixPath, content: bytes) -> TextRows:
    """The rows of one file of the export, whole; half a file, or one that is twice what it was, is refused."""
    with or_refused():
        text = decoded(content, str(file))
    rows = rows_of(text, str(file), COLUMNS[known], name_of=_plain_name, is_export=True)
    if not rows.problems and not text.endswith(("\n", "\r")):
        # All files of INDIGO end with the end of a line. A number cut within its digits is a number too.
        line, what = text.count("\n") + 1, "the file ends in the middle of a line"
        rows.problems.append(Problem(str(file), line, "row", what, expected="the whole file: download it again"))
    rows.problems.extend(_id_problems(known, rows))
    if known in OF_PROJECTS:
        rows.problems.extend(_repeated(rows))
    refuse(rows.problems)
    return rows


def _id_problems(known: str, rows: TextRows) -> Iterator[Problem]:
    """Ids that stand for two things in a register, and rows of no project."""
    of_id: dict[str, Row] = {}
    for record, (path, row) in zip(rows.records, rows.places, strict=True):
        if known in REGISTERS and of_id.setdefault(record["ID"], record) != record:
            yield Problem(path, row, "ID", "used twice", record["ID"], "each once")
        if not record.get(PROJECT_ID, "of no project"):
            yield Problem(path, row, PROJECT_ID, "missing")


def _repeated(rows: TextRows) -> Iterator[Problem]:
    """Rows that stand in the export already: each of its rows is of something else."""
    first: dict[tuple[str, ...], int] = {}
    for record, (path, row) in zip(rows.records, rows.places, strict=True):
        before = first.setdefault(tuple(record.values()), row)
        if before != row:
            yield Problem(path, row, "row", SAME_ROW, expected=f"each row once; first in row {before}")
