"""A made-up market of any size: the project's own contracts, dealt again under names of their own.

Belongs here: dealing the contracts, changing their sizes and dates, writing their folders and the reference tables that
speak of them. It shows what a larger market costs (``make benchmark``). No run makes use of what is here.

Ladders, gaps, treatments and texts are those of real contracts, whole, so that what a market holds hangs together:
all people of a contract are multiplied by one number, all its money by another near it, and all its days lie as many
months earlier.
"""

import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tomlkit

from pipeline.claims.marks import CONTRACT_PREFIX, LABEL_PREFIX, NAME_PREFIX, SOURCE_ID
from pipeline.facts.problems import Problem, raise_if_any
from pipeline.facts.raw import CLAIMS_FILES, FILES, contract_folders
from pipeline.facts.rules.doubts import DOUBTED
from pipeline.facts.rules.tables import Tables
from pipeline.load import find_problems
from pipeline.synthetic.project import CannotMakeError, leave_out, made_whole, must_be_free, read_cells, write_sources

# People of a contract, against those of the real one: most between two thirds and one and a half times as many.
SPREAD, FEWEST, MOST = 0.4, 0.5, 2.0
# Money against people, so that prices differ a little too.
PRICES = (0.9, 1.1)
MOST_MONTHS_EARLIER = 24
# Reference tables with rows of contracts.
OF_CONTRACTS = ("metric_outcomes", "deadweight", "corrections", "paid_per_unit")
# Columns of all files of a contract, and keys of contract.toml, by what they hold.
PEOPLE = ("quantity", "people_targeted", "people_engaged")
MONEY = ("amount_gbp", "investment_committed_gbp")
DAYS = ("period_start", "period_end", "contract_signed", "service_start", "service_end")
NAMES = ("payer", "name")
# Before any clock, so that the same seed writes the same bytes on every day.
ACCEPTED_ON = "2026-01-01"


@dataclass(frozen=True)
class SyntheticMarket:
    """What was written: the two folders, and how many contracts and metrics."""

    raw_dir: Path
    reference_dir: Path
    contracts: int
    metrics: int


@dataclass(frozen=True)
class _Real:
    """A real contract: its id, ``contract.toml`` as text, and its other files by name, cell by cell."""

    contract_id: str
    toml: str
    files: Mapping[str, pd.DataFrame]

    @classmethod
    def read(cls, folder: Path) -> "_Real":
        files = {path.name: read_cells(path) for path in sorted(folder.glob("*.csv"))}
        return cls(folder.name, (folder / FILES["contracts"]).read_text("utf-8-sig"), files)

    @property
    def metrics(self) -> int:
        outcomes = self.files.get(FILES["outcomes"])
        return 0 if outcomes is None else outcomes["metric_id"].nunique()


def synthetic_market(
    raw_dir: Path, reference_dir: Path, out_dir: Path, seed: int, contracts: int = 1_000, metrics: int = 5_000
) -> SyntheticMarket:
    """Write ``out_dir/raw`` and ``out_dir/reference`` of a market with so many contracts and about so many metrics.

    The metrics differ from the number wanted by no more than the most that a real contract has. Contracts with claims
    are not dealt. What the rules doubt in the market is accepted, as it would be of real contracts.

    Raises ``CannotMakeError`` for a folder that is not empty or lies within the data, and for more or fewer metrics
    than the real contracts can give; ``DataProblems`` when what came of the data is wrong; ``CannotWriteError`` when a
    file cannot be written.
    """
    must_be_free(out_dir, (raw_dir, reference_dir))
    rng = np.random.default_rng(seed)
    folders = [raw_dir / name for name in contract_folders(raw_dir)]
    real = [_Real.read(folder) for folder in folders if not any((folder / name).exists() for name in CLAIMS_FILES)]
    real.sort(key=lambda one: (one.metrics, one.contract_id))
    dealt = _dealt([one.metrics for one in real], contracts, metrics, rng)
    names = [one.files[FILES["organisations"]] for one in real if FILES["organisations"] in one.files]
    times = pd.Series([id_ for table in names for id_ in set(table["organisation_id"])], dtype="str").value_counts()
    shared = set(times.index[times > 1])
    made = [_Made(real[place], number, rng, shared) for number, place in enumerate(dealt, start=1)]
    with made_whole(out_dir) as fresh:
        for one in made:
            one.write(fresh / "raw" / one.contract_id)
        _write_reference(reference_dir, fresh, made, [folder.name for folder in folders])
        _accept(fresh)
    return SyntheticMarket(out_dir / "raw", out_dir / "reference", len(made), sum(one.real.metrics for one in made))


def _dealt(metrics: list[int], contracts: int, wanted: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Which real contract each made-up one is made from; ``metrics``: of the real ones, from the fewest to the most.

    Each real contract comes about as often as any other, those with many metrics a little oftener, or more rarely, by
    as much as it takes to come to the number wanted.
    """
    counts = np.array(metrics, dtype=float)
    if not metrics or contracts < 1 or not counts[0] * contracts <= wanted <= counts[-1] * contracts:
        raise CannotMakeError(f"no {wanted:,} metrics in {contracts:,} contracts like those of the project")

    def shares(tilt: float) -> npt.NDArray[np.float64]:
        exponents = tilt * counts
        weights = np.exp(exponents - exponents.max())
        return weights / weights.sum()

    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if shares(middle) @ counts * contracts < wanted else (low, middle)
    # One draw and equal steps: of neighbours, which have as many metrics, it does not matter which one is met.
    met = np.cumsum(shares(low)) * contracts
    places = np.searchsorted(met, rng.random() + np.arange(contracts), side="right")
    return rng.permutation(np.minimum(places, len(metrics) - 1))


class _Made:
    """A made-up contract: what it is made from, and how each of its cells is changed."""

    def __init__(self, real: _Real, number: int, rng: np.random.Generator, shared: set[str]) -> None:
        self.real, self.number, self.shared = real, f"{number:04}", shared
        self.contract_id = f"{CONTRACT_PREFIX}{self.number}"
        people = float(np.clip(np.exp(rng.normal(0, SPREAD)), FEWEST, MOST))
        months = int(rng.integers(0, MOST_MONTHS_EARLIER + 1))
        money = people * rng.uniform(*PRICES)
        self._change: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(PEOPLE, lambda cell: _scaled(cell, people)),
            **dict.fromkeys(MONEY, lambda cell: _scaled(cell, money)),
            **dict.fromkeys(DAYS, lambda cell: _earlier(cell, months)),
            **dict.fromkeys(NAMES, _named),
            "label": lambda cell: f"{LABEL_PREFIX}{cell}",
            "locator": lambda cell: f"{self.contract_id}, made from {cell}",
            "source_id": lambda cell: SOURCE_ID,
        }

    def changed(self, column: str, cell: str) -> str:
        """Return a cell of a column as it stands in this contract; an empty one stays so."""
        return self._change[column](cell) if cell and column in self._change else cell

    def write(self, folder: Path) -> None:
        """Write its files."""
        document: Any = tomlkit.parse(self.real.toml)
        for key in (*PEOPLE, *DAYS):
            if key in document:
                changed = self.changed(key, str(document[key]))
                document[key] = int(changed) if key in PEOPLE else date.fromisoformat(changed)
        document["contract_id"] = self.contract_id
        document["name"] = f"{_named(document['name'])} ({self.number})"
        for source in document["sources"]:
            source["locator"] = f"made from {source.get('locator', self.real.contract_id)}"
        document["sources"].append({"source_id": SOURCE_ID, "locator": self.contract_id})
        folder.mkdir(parents=True)
        (folder / FILES["contracts"]).write_text(tomlkit.dumps(document), encoding="utf-8", newline="")
        for name, table in self.real.files.items():
            changed = table.copy()
            for column in table:
                changed[column] = [self.changed(column, cell) for cell in table[column]]
            if name == FILES["organisations"]:
                self._tell_apart(changed, table["organisation_id"])
            changed.to_csv(folder / name, index=False)

    def _tell_apart(self, changed: pd.DataFrame, ids: "pd.Series[str]") -> None:
        """Give organisations ids of their own, and those of one real contract to each contract made from it anew."""
        is_own = ids.ne("") & ~ids.isin(list(self.shared))
        changed["organisation_id"] = ids.where(ids.eq(""), CONTRACT_PREFIX + ids)
        changed.loc[is_own, "organisation_id"] += f"-{self.number}"
        changed.loc[is_own, "name"] += f" ({self.number})"

    def said(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a reference table that speak of it; ``table``: those that speak of the real one."""
        rows = table.assign(contract_id=self.contract_id)
        if name == "corrections":
            rows["locator"] = [self.changed("locator", cell) for cell in rows["locator"]]
            rows.loc[rows["table"] == "contracts", "locator"] = self.contract_id
            for column in ("reported", "used"):
                cells = zip(rows["column"], rows[column], strict=True)
                rows[column] = [self.changed(changed, cell) for changed, cell in cells]
        return rows


def _scaled(cell: str, factor: float) -> str:
    """A number so many times as large; a whole one stays whole, and above 0 if it was, so rungs keep their order."""
    number = float(cell) * factor
    if "." in cell or number == 0:
        return f"{number:.2f}" if number else cell
    return str(int(math.copysign(max(1, round(abs(number))), number)))


def _earlier(cell: str, months: int) -> str:
    """A day so many months earlier, the last of a month again the last of one; so periods stay beside each other."""
    day = pd.Timestamp(cell)
    moved = day - pd.DateOffset(months=months)
    return f"{moved + pd.offsets.MonthEnd(0) if day.is_month_end else moved:%Y-%m-%d}"


def _named(cell: str) -> str:
    """Each of the names in a cell, marked as made up."""
    return "; ".join(f"{NAME_PREFIX}{name}" for name in cell.split("; "))


def _write_reference(reference_dir: Path, project: Path, made: list[_Made], real: list[str]) -> None:
    """Write the reference tables beside the folder ``raw``: what is said of all contracts, and of those made."""
    folder = project / "reference"
    shutil.copytree(reference_dir, folder)
    for name in OF_CONTRACTS:
        path = folder / f"{name}.csv"
        if path.exists():  # a project may be without
            table = read_cells(path)
            of_contract = dict(list(table.groupby("contract_id", sort=False)))
            rows = [one.said(name, of_contract[key]) for one in made if (key := one.real.contract_id) in of_contract]
            pd.concat([table[table["contract_id"] == ""], *rows]).to_csv(path, index=False)
    leave_out(folder, real)
    write_sources(project, "Synthetic market, made from real contracts: none in it is real")


def _accept(project: Path) -> None:
    """Accept what the rules doubt in a market, and raise ``DataProblems`` for what is wrong in it."""
    facts, reference, problems = find_problems(project / "raw", project / "reference")
    contracts, nothing = frozenset(facts.contracts["contract_id"]), frozenset[Any]()
    tables = Tables(facts, reference, "reference", "raw", contracts, nothing, nothing, nothing, date.today())
    told = {_bare(problem) for problem in problems}
    doubts = [doubt for find in DOUBTED for doubt in find(tables) if _bare(doubt.problem) in told]
    doubted = {_bare(doubt.problem) for doubt in doubts}
    raise_if_any(problem for problem in problems if _bare(problem) not in doubted)
    path = project / "reference" / "accepted.csv"
    columns = ["check", "key", "value", "reason", "source_id", "accepted_on"]
    rows = [(one.check, one.key, one.value, "made up", SOURCE_ID, ACCEPTED_ON) for one in doubts]
    before = [read_cells(path)] if path.exists() else []  # a project may have none
    pd.concat([*before, pd.DataFrame(rows, columns=columns)]).to_csv(path, index=False)


def _bare(problem: Problem) -> Problem:
    """A problem without what was expected: to that of a doubt is added how to accept it."""
    return replace(problem, expected="")
