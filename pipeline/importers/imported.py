"""What an importer returns: contracts as rows of the files in ``raw/``, and which rows it owns.

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

    ``source``: how the ``source_id`` of its rows begins; ``locators``: how their ``locator`` begins, one of these;
    ``gives``: columns that are ours in the rows of others, and that this source gives itself.
    """

    source: str
    locators: tuple[str, ...]
    gives: tuple[str, ...] = ()

    def owns(self, row: Mapping[str, Any]) -> bool:
        """Whether the importer may change a row, or a source of contract.toml."""
        source_id, locator = str(row.get("source_id", "")), str(row.get("locator", ""))
        return source_id.startswith(self.source) and locator.startswith(self.locators)

    def version(self, source_id: str) -> str:
        """Return what tells a version of the source from the others, such as its month."""
        return source_id.removeprefix(self.source)


@dataclass(frozen=True)
class TableFile:
    """A CSV file of a contract folder that an import fills.

    ``identity``: what a line on a change calls a row; ``identities``: columns by which a row that says something else
    is still the same row, the strictest first; ``shown``: what a line on a new row shows; ``ours``: columns that stay
    ours; ``counts``: columns that count rows and say nothing of their own.
    """

    table: str
    identity: tuple[str, ...]
    identities: tuple[tuple[str, ...], ...]
    shown: tuple[str, ...]
    ours: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()

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
    identities=(
        ("metric_id", "result_type", "period_start", "period_end"),
        ("metric_id", "result_type", "period_start"),
        ("metric_id", "result_type"),
        ("metric_id",),
    ),
    shown=("quantity", "result_type"),
    ours=("label", "unit", "is_net_of_deadweight"),
)
_PAYMENT = ("basis", "metric_id")
PAYMENTS_FILE = TableFile(
    table="payments",
    identity=("locator",),
    identities=(
        (*_PAYMENT, "period_start", "period_end", "payer"),
        (*_PAYMENT, "period_start", "period_end"),
        (*_PAYMENT, "period_start", "payer"),
        (*_PAYMENT, "period_end", "payer"),
        (*_PAYMENT, "amount_gbp", "payer"),
        ("metric_id", "period_start", "period_end", "amount_gbp"),
        ("metric_id", "period_start", "period_end", "locator"),
    ),
    shown=("basis", "amount_gbp"),
)
ORGANISATIONS_FILE = TableFile(
    table="organisations",
    identity=("locator", "organisation_id"),
    identities=(("role", "organisation_id"),),
    shown=("role", "name", "investment_committed_gbp"),
)
PLACES_FILE = TableFile(table="places", identity=("locator",), identities=(("place",), ("locator",)), shown=("place",))
PRICES_FILE = TableFile(
    table="prices",
    identity=("locator",),
    identities=(("metric_id",),),
    shown=("metric_id", "price_gbp", "maximum_gbp"),
)
TARGETS_FILE = TableFile(
    table="targets",
    identity=("locator", "measure"),
    identities=(("metric_id", "measure"),),
    shown=("metric_id", "target"),
)
_PLANNED = ("plan_id", "period_start", "period_end")
PLANNED_FILE = TableFile(
    table="planned_payments",
    identity=("locator",),
    identities=((*_PLANNED, "payer"), _PLANNED, ("plan_id", "period_start"), ("plan_id", "period_end")),
    shown=("plan_id", "amount_gbp"),
)
SERVICE_FILE = TableFile(
    table="service",
    identity=("locator", "fact", "code"),
    identities=(("fact", "code"), ("fact",)),
    shown=("number",),
)
REJECTED_FILE = TableFile(
    table="rejected_rows",
    identity=("locator", "column"),
    identities=(("locator", "column"),),
    shown=("value", "reason"),
    counts=("row",),
)
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

    ``source_id``: of the source, for all that is given here; ``locator``: where the contract stands in it; ``contract``
    holds the values of contract.toml that the source gives, ``name`` among them; the others hold rows of text with the
    columns of the files of the same names, but for ``source_id``.
    """

    contract_id: str
    source_id: str
    locator: str
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
        """Return the rows by the file in which they belong, with their source."""
        of_files = {
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
        ours = {"source_id": self.source_id}
        return {
            table: [{column: (row | ours)[column] for column in table.columns} for row in rows]
            for table, rows in of_files.items()
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
