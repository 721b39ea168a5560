"""What an importer hands over: contracts as rows of the files in ``raw/``, and which rows there are its own.

Belongs here: the files that an import fills, with what tells their rows apart; refusing an import. The columns of the
files are those of ``pipeline.facts.raw``. How the rows come together with ``raw/`` is in ``pipeline.importers.merge``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.facts.files import UnreadableFileError
from pipeline.facts.problems import Problem, one_line
from pipeline.facts.raw import FILE_COLUMNS, FILES, TOML_KEYS
from pipeline.tables.raw import Contracts

Row = dict[str, str]
CONTRACT_FILE = FILES["contracts"]
# What a source may say of a contract, and answers for.
CONTRACT_KEYS = tuple(TOML_KEYS.get(name, name) for name in Contracts.to_schema().columns)


class ImportProblem(Exception):
    """The export, or a file in `raw/` that it has to be merged with, cannot be read as it is."""

    def __str__(self) -> str:
        """Return what is wrong on one line, whatever characters a name in the export has."""
        return one_line(super().__str__())


@contextmanager
def or_refused() -> Iterator[None]:
    """Raise ImportProblem for a file that is no text, or no TOML."""
    try:
        yield
    except UnreadableFileError as error:
        refuse([error.problem])


def refuse(problems: Iterable[Problem]) -> None:
    """Raise ImportProblem with the first problem, if there is one, and say how many more there are."""
    refuse_texts([str(problem) for problem in sorted(problems)])


def refuse_texts(texts: list[str], shown_source: str = "") -> None:
    """Raise ImportProblem with the first text, if there is one, and say how many more there are."""
    if texts:
        more = f"; and {len(texts) - 1:,} more" if len(texts) > 1 else ""
        prefix = f"{shown_source}: " if shown_source else ""
        raise ImportProblem(f"{prefix}{texts[0]}{more}")


@dataclass(frozen=True)
class Owner:
    """What tells the rows of an importer, which it may change, from those that somebody added by hand.

    ``source``: how the ``source_id`` of its rows begins; ``locators``: how their ``locator`` begins, one of these.
    """

    source: str
    locators: tuple[str, ...]

    def owns(self, row: Mapping[str, Any]) -> bool:
        """Whether the importer may change a row, or a source of contract.toml."""
        source_id, locator = str(row.get("source_id", "")), str(row.get("locator", ""))
        return source_id.startswith(self.source) and locator.startswith(self.locators)


@dataclass(frozen=True)
class TableFile:
    """A CSV file of a contract folder: what tells its rows apart, what a change line shows, columns that stay ours."""

    table: str
    identity: tuple[str, ...]
    shown: tuple[str, ...]
    ours: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the file."""
        return FILES[self.table]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the file, in their order."""
        return tuple(FILE_COLUMNS[self.table])


OUTCOMES_FILE = TableFile(
    table="outcomes",
    identity=("metric_id",),
    shown=("quantity", "result_type"),
    ours=("label", "unit", "is_net_of_deadweight"),
)
PAYMENTS_FILE = TableFile(table="payments", identity=("locator",), shown=("basis", "amount_gbp"))
ORGANISATIONS_FILE = TableFile(
    table="organisations",
    identity=("locator", "organisation_id"),
    shown=("role", "name", "investment_committed_gbp"),
)
PLACES_FILE = TableFile(table="places", identity=("locator",), shown=("place",))
PRICES_FILE = TableFile(table="prices", identity=("locator",), shown=("metric_id", "price_gbp", "maximum_gbp"))
TARGETS_FILE = TableFile(table="targets", identity=("locator", "measure"), shown=("metric_id", "target"))
PLANNED_FILE = TableFile(table="planned_payments", identity=("locator",), shown=("plan_id", "amount_gbp"))
SERVICE_FILE = TableFile(table="service", identity=("locator", "fact", "code"), shown=("number",))
REJECTED_FILE = TableFile(table="rejected_rows", identity=("locator", "column"), shown=("value", "reason"))
TABLE_FILES = (
    OUTCOMES_FILE,
    PAYMENTS_FILE,
    ORGANISATIONS_FILE,
    PLACES_FILE,
    PRICES_FILE,
    TARGETS_FILE,
    PLANNED_FILE,
    SERVICE_FILE,
    REJECTED_FILE,
)


@dataclass(frozen=True)
class ImportedContract:
    """One contract as a source reports it, before it is merged with ``raw/``.

    ``contract`` holds the values of contract.toml that the source gives, ``name`` and ``sources`` (one entry) among
    them; the others hold rows of text with the columns of the files of the same names.
    """

    contract_id: str
    contract: dict[str, Any]
    outcomes: list[Row]
    payments: list[Row]
    organisations: list[Row]
    places: list[Row]
    rejected: list[Row]
    prices: list[Row] = field(default_factory=list)
    targets: list[Row] = field(default_factory=list)
    planned: list[Row] = field(default_factory=list)
    service: list[Row] = field(default_factory=list)

    def rows(self) -> dict[TableFile, list[Row]]:
        """Return the rows by the file in which they belong."""
        return {
            OUTCOMES_FILE: self.outcomes,
            PAYMENTS_FILE: self.payments,
            ORGANISATIONS_FILE: self.organisations,
            PLACES_FILE: self.places,
            PRICES_FILE: self.prices,
            TARGETS_FILE: self.targets,
            PLANNED_FILE: self.planned,
            SERVICE_FILE: self.service,
            REJECTED_FILE: self.rejected,
        }


@dataclass(frozen=True)
class MergedContract:
    """One contract as it will stand in ``raw/``: its values, rows and files, what changes, and what is kept or lost."""

    contract_id: str
    owner: Owner
    contract: dict[str, Any]
    rows: dict[TableFile, list[Row]]
    files: dict[Path, str]
    changes: list[str]
    kept_keys: list[str]
    lost: Counter[str]

    def own_rows(self, table: TableFile) -> list[Row]:
        """Return the importer's own rows of a file."""
        return [row for row in self.rows[table] if self.owner.owns(row)]
