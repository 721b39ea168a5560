"""What is wrong with the data, said so that a person can act on it.

Belongs here: the problem itself, how it is written on one line, and the error that carries many of them.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong at one place: ``path:row: column: what (found …, expected …)``, row counted as in the file."""

    path: str
    row: int
    column: str
    what: str
    found: str = ""
    expected: str = ""

    def __str__(self) -> str:
        """Return the problem on one line."""
        details = [f"found {self.found!r}"] if self.found else []
        details += [f"expected {self.expected}"] if self.expected else []
        suffix = f" ({', '.join(details)})" if details else ""
        # A name with a line end in it must not break the line.
        return " ".join(f"{self.path}:{self.row}: {self.column}: {self.what}{suffix}".splitlines())

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem for machines."""
        return asdict(self)


class DataProblems(Exception):
    """The data are wrong; nothing may be published from them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems, in the order of their places, each once."""
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def raise_if_any(problems: Iterable[Problem]) -> None:
    """Raise ``DataProblems`` when there is at least one problem."""
    found = list(problems)
    if found:
        raise DataProblems(found)
