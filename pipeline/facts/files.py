"""Reading the text of one file, and finding files that nobody would read.

Belongs here: size, links, encoding, TOML syntax, names that are not known. What the text says is read elsewhere.
"""

import errno
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline.facts.problems import Problem

MEGABYTE = 1_000_000
# A contract and an edition take less than a hundredth of the latter.
CSV_MEGABYTES, TOML_MEGABYTES = 20, 0.1
# The parser takes minutes over a key of tens of thousands of parts, and a quarter of a second over one of this length.
LONGEST_TOML_LINE = 5_000
# Likeness from which one name was probably meant to be the other, and how many such are named.
CLOSE, NAMED = 0.75, 3
WORD = re.compile(r"[^\W_]+")
# Shorter words begin too many others.
BEGINS = 3
LINE_OF_TOML_ERROR = re.compile(r" \(at line (\d+), column \d+\)$")


SAVE_AS_CSV = "UTF-8 text; from Excel: Save As, CSV UTF-8 (Comma delimited)"
PLAIN_SAVE = "UTF-8 text; save it again as UTF-8"
# What a file is instead of text, by its first bytes, and what was expected.
NO_TEXT = (
    (b"PK\x03\x04", "a zip file, such as an Excel workbook", SAVE_AS_CSV),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", SAVE_AS_CSV),
    (b"PAR1", "a Parquet file", "UTF-8 text"),
    (b"%PDF", "a PDF", "UTF-8 text"),
    (b"\x1f\x8b", "compressed", "UTF-8 text; unpack it first"),
    (b"\xff\xfe", "text in UTF-16", SAVE_AS_CSV),
    (b"\xfe\xff", "text in UTF-16", SAVE_AS_CSV),
)
LOOKED_AT = 1_000
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
# A page that says why a download failed, saved under the name of the file.
WEB_PAGE = re.compile(r"\s*<(!doctype html|html|\?xml)\b", re.IGNORECASE)


class UnreadableFileError(Exception):
    """A file cannot be read; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        self.problem = problem
        super().__init__(str(problem))


def read_text(path: Path, shown_path: str, megabytes: float = CSV_MEGABYTES) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises ``UnreadableFileError`` for a file that is not there, no file, larger than ``megabytes`` or not UTF-8.
    """
    return decoded(_content(path, shown_path, round(megabytes * MEGABYTE)), shown_path)


def decoded(content: bytes, shown_path: str) -> str:
    """Return the text of the content of a file; raises ``UnreadableFileError`` for what is none."""
    must_be_text(content, shown_path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        what, expected = "not UTF-8 text", "UTF-8; save it again"
        raise UnreadableFileError(Problem(shown_path, line, "file", what, expected=expected)) from error
    if WEB_PAGE.match(text):
        what, expected = "a web page", "the file itself: download it again"
        raise UnreadableFileError(Problem(shown_path, 1, "file", what, expected=expected))
    return text


def must_be_text(content: bytes, shown_path: str) -> None:
    """Raise ``UnreadableFileError`` for a file that is something else than text in UTF-8, by how it begins."""
    is_toml = shown_path.endswith(".toml")
    for mark, what, expected in NO_TEXT:
        if content.startswith(mark):
            fitting = PLAIN_SAVE if is_toml and expected == SAVE_AS_CSV else expected
            raise UnreadableFileError(Problem(shown_path, 1, "file", what, expected=fitting))
    written = content.rstrip(b"\0")
    if len(written) < len(content) and b"\0" not in written:
        # As a crash leaves a file that was being written.
        what = "NUL bytes at the end" if written else "nothing but NUL bytes"
        line, expected = written.count(b"\n") + 1, "the whole file, as it was saved"
        raise UnreadableFileError(Problem(shown_path, line, "file", what, expected=expected))
    beginning = content[:LOOKED_AT]
    if beginning.count(0) > len(beginning) / 4:
        # Half of the bytes of plain text in UTF-16 are zero.
        raise UnreadableFileError(
            Problem(shown_path, 1, "file", "text in UTF-16", expected=PLAIN_SAVE if is_toml else SAVE_AS_CSV)
        )


def _content(path: Path, shown_path: str, at_most: int) -> bytes:
    """The bytes of a file, not one more than ``at_most``, whatever the system says of its size."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableFileError(Problem(shown_path, 0, "file", "not a file"))
        with path.open("rb") as file:
            content = file.read(at_most + 1)
            size = max(len(content), os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        raise UnreadableFileError(Problem(shown_path, 0, "file", "missing")) from None
    except OSError as error:
        raise UnreadableFileError(Problem(shown_path, 0, "file", f"cannot be read: {error.strerror}")) from error
    if size > at_most:
        what, found = f"larger than {at_most / MEGABYTE:g} MB", f"{size:,} bytes"
        raise UnreadableFileError(Problem(shown_path, 0, "file", what, found))
    return content


def read_whole(path: Path) -> bytes:
    """Return the content of a file of ours; raises ``OSError``, also for a pipe, which would be waited for."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    return path.read_bytes()


def read_toml(path: Path, shown_path: str) -> dict[str, Any]:
    """Return what a TOML file says; raises ``UnreadableFileError`` when it cannot be read."""
    return parsed_toml(read_text(path, shown_path, TOML_MEGABYTES), shown_path)


def parsed_toml(text: str, shown_path: str) -> dict[str, Any]:
    """Return what the text of a TOML file says; raises ``UnreadableFileError`` when it cannot be read."""
    for line, content in enumerate(text.split("\n"), start=1):
        if len(content) > LONGEST_TOML_LINE:
            raise UnreadableFileError(
                _no_toml(shown_path, line, f"a line of more than {LONGEST_TOML_LINE:,} characters")
            )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UnreadableFileError(_no_toml(shown_path, 1, "nested too deeply")) from None
    except ValueError as error:  # not TOML, or a number with more digits than Python takes
        place = LINE_OF_TOML_ERROR.search(str(error))
        # An error at the end of the document has no line of its own.
        line = int(place[1]) if place else max(1, len(text.splitlines()))
        what = LINE_OF_TOML_ERROR.sub("", str(error))
        raise UnreadableFileError(_no_toml(shown_path, line, what)) from error


def _no_toml(shown_path: str, line: int, what: str) -> Problem:
    return Problem(shown_path, line, "file", f"not readable as TOML: {what}")


def shown_value(value: object) -> str:
    """Return a value of a TOML file as text; Python refuses to write a number of many thousand digits."""
    try:
        return str(value)
    except ValueError:
        return "a number of thousands of digits"


def leads_out(path: Path, root: Path) -> bool:
    """Tell whether a path is a symbolic link that ends outside ``root``."""
    return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def link_out(shown_path: str, column: str = "file") -> Problem:
    """Return the problem of a link for which ``leads_out`` is true; what it points to is not read."""
    return Problem(shown_path, 0, column, "a link out of the folder")


def entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, hidden files aside, sorted by name; nothing of a folder that cannot be read.

    Of such a folder ``unread_folder`` says so.
    """
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError:
        return []


def unread_folder(folder: Path, shown_folder: str) -> Iterable[Problem]:
    """Yield a problem for a folder of which nobody can say what lies in it."""
    try:
        next(folder.iterdir(), None)
    except FileNotFoundError:
        yield Problem(shown_folder, 0, "folder", "missing")
    except NotADirectoryError:
        yield Problem(shown_folder, 0, "folder", "not a folder")
    except OSError as error:
        yield Problem(shown_folder, 0, "folder", f"cannot be read: {error.strerror}")


def is_folder(path: Path) -> bool:
    """Tell whether a path leads to a folder; not so if nobody may look."""
    return os.path.isdir(path)


def unknown_files(folder: Path, shown_folder: str, known: Collection[str]) -> Iterable[Problem]:
    """Yield a problem for each entry of a folder that is none of the ``known``: what it says would be lost."""
    for entry in entries(folder):
        if entry.name not in known:
            yield unknown_file(entry, f"{shown_folder}/{entry.name}", known)


def unknown_file(path: Path, shown_path: str, known: Collection[str]) -> Problem:
    """Return the problem of a file, or folder, that nobody would read where it lies."""
    if path.suffix.lower() in WORKBOOKS and not is_folder(path):
        return Problem(shown_path, 0, "file", "a workbook, which is not read", expected=SAVE_AS_CSV)
    expected = close_match(path.name, known) or f"only {', '.join(sorted(known))}"
    return Problem(shown_path, 0, "file", f"unknown {'folder' if is_folder(path) else 'file'}", expected=expected)


def close_match(name: str, known: Collection[str]) -> str:
    """Return the known name that was probably meant, in quotes, or nothing."""
    by_lower = {word.lower(): word for word in known}
    return next((repr(by_lower[match]) for match in get_close_matches(name.lower(), by_lower, 1, CLOSE)), "")


def nearest(asked: str, known: Mapping[str, str]) -> list[str]:
    """Return the ids that were probably meant, the likeliest first; ``known``: ids with what each is called.

    One is meant by its id in other letters or with a slip, or by words of its name, of which the beginning is enough.
    """
    text = asked.strip().lower()
    same = [id_ for id_, name in known.items() if text and text in (id_.lower(), name.lower())]
    if same:
        return same[:NAMED]
    words = WORD.findall(text)
    by_words = [id_ for id_, name in known.items() if words and _has(words, f"{id_} {name}")]
    by_lower = {word.lower(): id_ for id_, name in known.items() for word in (name, id_)}
    alike = [by_lower[match] for match in get_close_matches(text, by_lower, NAMED, CLOSE)]
    return list(dict.fromkeys([*alike, *by_words]))[:NAMED]


def meant(asked: str, known: Mapping[str, str]) -> str:
    """Return ``nearest`` in words, each id with what it is called, or nothing."""
    return " or ".join(f"{id_} ({known[id_]})" if known[id_] else id_ for id_ in nearest(asked, known))


def _has(words: Collection[str], text: str) -> bool:
    """Whether each of the words is one of the text, or begins one."""
    there = WORD.findall(text.lower())
    return all(word in there or (len(word) >= BEGINS and any(w.startswith(word) for w in there)) for word in words)
