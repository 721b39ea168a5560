"""What a step reads: stored tables, and only those that still fit the folders they were made from.

Belongs here: loading facts, reference tables and tables of an edition back from the store, with the versions that
tell whether they are up to date. Every figure published under a version was made from exactly that version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cache, cached_property

import pandas as pd

from pipeline.facts.earlier import read_earlier
from pipeline.facts.editions import Edition, read_editions
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import CLAIMS_FILES, RawFacts, contract_folders
from pipeline.facts.reference import Reference
from pipeline.facts.rules import cross_table_problems
from pipeline.facts.versions import (
    VERSIONS,
    code_version,
    folder_version,
    hash_of_files,
    joint_version,
    names_in,
    program_version,
    versions_of_edition,
)
from pipeline.method.analysis.simulation import BY_DEFAULT, Simulation
from pipeline.method.analysis.tables import ANALYSED
from pipeline.orchestration.assets.store import TableStore
from pipeline.orchestration.settings import Settings, edition_ids
from pipeline.tables.catalogue import FACT_TABLES, REFERENCE_TABLES

EDITIONS = "editions"
# What claims are read by: the mapping of their metrics, and when their source was published.
CLAIMS_REFERENCE = ("metric_outcomes", "outcome_types", "sources")


@dataclass(frozen=True)
class Inputs:
    """The stored tables as one step of a run sees them; every reading raises ``DataProblems`` for a stale one."""

    settings: Settings
    store: TableStore
    simulation: Simulation = BY_DEFAULT
    versions: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        """Take the versions of the folders as they are when the step begins."""
        object.__setattr__(self, "versions", present_versions(self.settings))

    @property
    def edition_version(self) -> str:
        """Version of all from which the tables of an edition are made."""
        return f"{_joined(self.versions)}-{loaded_program_version()}"

    def version_of(self, asset: str) -> str:
        """Return the version of all from which a table of an edition is made; an analysis also by its draws."""
        drawn = f"-{self.simulation.draws}-{self.simulation.seed}" if asset in ANALYSED else ""
        return f"{self.edition_version}{drawn}"

    def is_edition_stored(self, assets: Iterable[str], edition: Edition) -> bool:
        """Tell whether sound tables of all these assets are stored for an edition that are up to date."""
        return all(self.store.made_from(asset, edition.edition) == self.version_of(asset) for asset in assets)

    @property
    def reference_version(self) -> str:
        """Version of all from which the reference tables are read."""
        return f"{self.versions['reference_version']}-{loaded_program_version()}"

    def is_stored(self, assets: Iterable[str], made_from: str) -> bool:
        """Tell whether sound tables of all these assets are stored that were made from just this version."""
        return all(self.store.made_from(asset) == made_from for asset in assets)

    def fact_table(self, asset: str) -> pd.DataFrame:
        """Return one table of the facts, over all contracts that have a folder."""
        if self.store.made_from(asset) != self._facts_version:
            stale = [f"/{contract}" for contract in stale_contracts(self.settings, self.store)]
            raw = self.settings.raw_dir.name
            raise_if_any(_not_read_again(f"{raw}{which}", "folder", "facts") for which in stale or [""])
        return self.store.read(asset)

    @cached_property
    def _facts_version(self) -> str:
        return facts_version(self.settings)

    @cached_property
    def facts(self) -> RawFacts:
        """All facts of all contracts."""
        return RawFacts(**{name: self.fact_table(name) for name in FACT_TABLES})

    def reference_table(self, asset: str) -> pd.DataFrame:
        """Return one reference table."""
        # The editions are written last; the table itself may have been torn since.
        if not self.is_stored((asset, EDITIONS), self.reference_version):
            raise_if_any([_not_read_again(self.settings.reference_dir.name, "folder", "reference")])
        return self.store.read(asset)

    @cached_property
    def reference(self) -> Reference:
        """All reference tables and editions."""
        tables = {name: self.reference_table(name) for name in REFERENCE_TABLES}
        folder = self.settings.reference_dir
        earlier, problems = read_earlier(folder, folder.name, tables["earlier_publications"])
        raise_if_any(problems)
        return Reference(**tables, editions=self.editions, earlier=earlier, folder=folder.name)

    @cached_property
    def problems_between(self) -> list[Problem]:
        """What does not fit together between facts and reference tables, warnings among it.

        It is kept for the day: a date may lie ahead of it, and an assumption may fall due for a review.
        """
        name, version = "problems_between", f"{self.edition_version}-{date.today()}"
        if not self.is_stored([name], version):
            folders = self.settings.reference_dir.name, self.settings.raw_dir.name
            found = [asdict(problem) for problem in cross_table_problems(self.facts, self.reference, *folders)]
            self.store.write(name, pd.DataFrame(found, columns=[f.name for f in fields(Problem)]), version)
        return [Problem(**row) for row in self.store.read(name).to_dict("records")]

    @cached_property
    def editions(self) -> dict[str, Edition]:
        """The editions by id."""
        return {edition.edition: edition for edition in _editions(self.reference_table(EDITIONS))}

    def edition_table(self, asset: str, edition: Edition) -> pd.DataFrame:
        """Return the table that an earlier step made for an edition."""
        if not self.is_edition_stored([asset], edition):
            raise_if_any([_not_read_again(f"{asset} of {edition.edition}", "table", asset)])
        return self.store.read(asset, edition.edition)

    def table(self, asset: str, edition: Edition) -> pd.DataFrame:
        """Return a table by the name of its asset, whether of the facts, of the reference, or of an edition."""
        if asset in FACT_TABLES:
            return self.fact_table(asset)
        return self.reference_table(asset) if asset in REFERENCE_TABLES else self.edition_table(asset, edition)


class EditionTables(dict[str, pd.DataFrame]):
    """Tables of an edition by name: those just made, and all that are stored, read when they are asked for."""

    def __init__(self, made: Mapping[str, pd.DataFrame], inputs: Inputs, edition: Edition) -> None:
        """Begin with the tables just made."""
        super().__init__(made)
        self._inputs, self._edition = inputs, edition

    def __missing__(self, asset: str) -> pd.DataFrame:
        """Read a stored table; raises ``DataProblems`` when it is not up to date."""
        self[asset] = self._inputs.table(asset, self._edition)
        return self[asset]


@cache
def loaded_code_version() -> str:
    """Return the version of the code that this process runs: one edited meanwhile counts from the next run on."""
    return code_version()


@cache
def loaded_program_version() -> str:
    """Return the version of all that this process runs, as it was when it was first asked for."""
    return joint_version([loaded_code_version(), program_version()])


def present_versions(settings: Settings) -> dict[str, str]:
    """Return the versions of the data as they lie in the folders, and of the code that this process runs."""
    folders = {"data_version": settings.raw_dir, "reference_version": settings.reference_dir}
    return {name: folder_version(folder) for name, folder in folders.items()} | {"code_version": loaded_code_version()}


def contract_versions(settings: Settings) -> dict[str, str]:
    """Return, by contract, the version of all from which its facts are made: its folder, corrections, what runs.

    Of a contract with claims also the reference tables by which claims are read.

    Also a file that should not be there counts, whatever it holds: whoever reads the folder says so.
    """
    raw, reference = settings.raw_dir, settings.reference_dir
    shared = f"{hash_of_files(reference, reference.glob('corrections.csv'))}-{loaded_program_version()}"
    for_claims = hash_of_files(reference, [reference / f"{name}.csv" for name in CLAIMS_REFERENCE])
    versions_of_all = {}
    for contract in contract_folders(raw):
        names = names_in(raw / contract)
        claims = [for_claims] if not {*CLAIMS_FILES}.isdisjoint(names) else []
        versions_of_all[contract] = f"{joint_version([folder_version(raw / contract), *names, *claims])}-{shared}"
    return versions_of_all


def facts_version(settings: Settings) -> str:
    """Return the version of all from which the facts of all contracts are made."""
    return joint_version(f"{contract} {version}" for contract, version in contract_versions(settings).items())


def stale_contracts(settings: Settings, store: TableStore) -> list[str]:
    """Return the contracts that were never read into the store, or have changed since, or of which a table is torn."""
    return [
        contract
        for contract, version in contract_versions(settings).items()
        if {store.made_from(asset, contract) for asset in FACT_TABLES} != {version}
    ]


def present_version(settings: Settings) -> str:
    """Return ``present_versions`` as one."""
    return _joined(present_versions(settings))


def current_editions(settings: Settings) -> list[str]:
    """Return those that are run unless others are named; one whose file cannot be read is among them."""
    read, _ = read_editions(settings.reference_dir / "editions", "editions")
    return [name for name in edition_ids(settings) if name not in read or not read[name].superseded_by]


def published_versions(settings: Settings) -> dict[str, str]:
    """Return, by edition, the version from which it is published, nothing where it is not."""
    found = {edition: versions_of_edition(settings.out_dir / edition) for edition in current_editions(settings)}
    return {edition: _joined(named) if set(VERSIONS) <= set(named) else "" for edition, named in found.items()}


def _joined(named: Mapping[str, str]) -> str:
    return "-".join(named[name] for name in VERSIONS)


def editions_table(editions: Iterable[Edition]) -> pd.DataFrame:
    """Return editions as a table, one row each, a column per choice."""
    table = pd.DataFrame([asdict(edition) for edition in editions], columns=[f.name for f in fields(Edition)])
    cut_off = pd.to_datetime(table["cut_off"]).astype("datetime64[s]")
    return table.assign(cut_off=cut_off).astype({"horizon_years": float})


def _editions(table: pd.DataFrame) -> Iterable[Edition]:
    """Return the editions of ``editions_table``."""
    for row in table.to_dict("records"):
        cut_off = None if pd.isna(row["cut_off"]) else row["cut_off"].date()
        yield Edition(**{**row, "cut_off": cut_off, "payment_bases": tuple(row["payment_bases"])})


def _not_read_again(path: str, column: str, step: str) -> Problem:
    return Problem(
        path,
        0,
        column,
        "new or changed since the last reading",
        expected=f"a new run, or {step} to be materialised first",
    )
