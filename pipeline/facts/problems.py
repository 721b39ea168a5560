"""What is wrong with the data, in words that a person can act on.

Belongs here: the problem itself, how it is written on one line, and the error that carries many of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from heapq import nsmallest
from operator import attrgetter

# Enough of a value to find it again; a cell may hold a hundred thousand characters.
SHOWN_CHARACTERS = 200
# Enough of one kind in one column of a file to see what it is.
SHOWN_OF_A_KIND = 100
# By what problems of one kind, in one column of a file, are in order.
WITHIN_A_KIND = attrgetter("row", "found", "expected")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong at one place: ``path:row: column: what (found …, expected …)``, row counted as in the file.

    Row 0 stands for the file, or the folder, as a whole. A warning is said and stops nothing.
    """

    path: str
    row: int
    column: str
    what: str
    found: str = ""
    expected: str = ""
    is_warning: bool = False

    def __str__(self) -> str:
        """Return the problem on one line."""
        details = [f"found {quoted(self.found)}"] if self.found else []
        details += [f"expected {self.expected}"] if self.expected else []
        suffix = f" ({', '.join(details)})" if details else ""
        prefix = "warning: " if self.is_warning else ""
        return one_line(f"{prefix}{self.path}:{self.row}: {self.column}: {self.what}{suffix}")

    @property
    def place(self) -> tuple[str, int, str]:
        """Return where it is: path, row and column."""
        return self.path, self.row, self.column

    def as_dict(self) -> dict[str, str | int | bool]:
        """Return the problem for machines."""
        return asdict(self)


def quoted(text: str) -> str:
    """Return a text in quotes, as much of it as tells which one is meant; what cannot be seen is spelt out."""
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")


def one_line(text: str) -> str:
    """Return text whose names and values can neither break the line nor command a terminal."""
    line = " ".join(text.splitlines())
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of their places, each once, and of one kind in a column no more than a hundred.

    The last of them counts the rest: a column in another unit is one fault, not a hundred thousand.
    """
    return _in_order(_by_kind(problems))


def _by_kind(problems: Iterable[Problem]) -> list[set[Problem]]:
    kinds: dict[tuple[str, str, str, bool], set[Problem]] = defaultdict(set)
    for problem in problems:
        kinds[problem.path, problem.column, problem.what, problem.is_warning].add(problem)
    return list(kinds.values())


def _in_order(kinds: Iterable[set[Problem]]) -> list[Problem]:
    told: list[Problem] = []
    for of_kind in kinds:
        # Sorting hundreds of thousands of them, to show a hundred, takes longer than reading the file.
        told.extend(nsmallest(SHOWN_OF_A_KIND, of_kind, key=WITHIN_A_KIND))
        more = len(of_kind) - SHOWN_OF_A_KIND
        if more > 0:
            told[-1] = replace(told[-1], what=f"{told[-1].what}; so are {more:,} rows after it")
    return sorted(told)


class DataProblems(Exception):
    """The data are wrong; nothing may be published from them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, warnings aside, as they are told, and how many there are."""
        kinds = _by_kind(problem for problem in problems if not problem.is_warning)
        self.problems, self.count = _in_order(kinds), sum(len(of_kind) for of_kind in kinds)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise ``DataProblems`` when there is at least one problem; warnings are none."""
    found = [problem for problem in problems if not problem.is_warning]
    if found:
        raise DataProblems(found)
