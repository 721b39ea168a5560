"""Getting the text of one file, and finding the files that nobody would read.

Belongs here: size, links, encoding, TOML syntax, names that are not known. What the text says is read elsewhere.
"""

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
CSV_MEGABYTES, TOML_MEGABYTES = 20, 1
# Likeness from which one name was probably meant to be the other, and how many such are named.
CLOSE, NAMED = 0.75, 3
WORD = re.compile(r"[^\W_]+")
# Shorter words begin too many others.
BEGINS = 3
LINE_OF_TOML_ERROR = re.compile(r" \(at line (\d+), column \d+\)$")


class UnreadableFileError(Exception):
    """A file cannot be read; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        self.problem = problem
        super().__init__(str(problem))


def read_text(path: Path, shown_path: str, megabytes: int = CSV_MEGABYTES) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises ``UnreadableFileError`` for a file that is not there, no file, larger than ``megabytes`` or not UTF-8.
    """
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise UnreadableFileError(Problem(shown_path, 0, "file", "not a file"))
        if state.st_size > megabytes * MEGABYTE:
            size = f"{state.st_size:,} bytes"
            raise UnreadableFileError(Problem(shown_path, 0, "file", f"larger than {megabytes} MB", size))
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UnreadableFileError(Problem(shown_path, 0, "file", "missing")) from None
    except OSError as error:
        raise UnreadableFileError(Problem(shown_path, 0, "file", f"cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        what, expected = "not UTF-8 text", "UTF-8; save it again"
        raise UnreadableFileError(Problem(shown_path, line, "file", what, expected=expected)) from error


def read_toml(path: Path, shown_path: str) -> dict[str, Any]:
    """Return what a TOML file says; raises ``UnreadableFileError`` when it cannot be read."""
    text = read_text(path, shown_path, TOML_MEGABYTES)
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
    """Return what lies in a folder, hidden files aside, sorted by name; nothing of a folder that is not there."""
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def unknown_files(
    folder: Path, shown_folder: str, known: Collection[str], said: dict[str, str] | None = None
) -> Iterable[Problem]:
    """Yield a problem for each entry of a folder that is none of the ``known``: what it says would be lost.

    ``said``: other words for entries that deserve them, by name.
    """
    for entry in entries(folder):
        if entry.name not in known:
            shown = f"{shown_folder}/{entry.name}"
            if said and entry.name in said:
                yield Problem(shown, 0, "file", said[entry.name])
                continue
            expected = close_match(entry.name, known) or f"only {', '.join(sorted(known))}"
            yield Problem(shown, 0, "file", "unknown folder" if entry.is_dir() else "unknown file", expected=expected)


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
