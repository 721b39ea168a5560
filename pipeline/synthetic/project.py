"""A project of synthetic contracts: real ones, under names of their own, with claims instead of results.

Belongs here: choosing the contracts, and writing their folders and the reference tables that speak of them. The claims
themselves are made by ``pipeline.synthetic.claims``. No run makes use of what is here.
"""

import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import tomlkit

from pipeline.claims.marks import CONTRACT_PREFIX, LABEL_PREFIX, NAME_PREFIX, PARQUET_METADATA, SOURCE_ID
from pipeline.common.files import writing
from pipeline.facts.raw import CLAIMS_FILES, FILE_COLUMNS, FILES, RawFacts, contract_folders
from pipeline.load import load
from pipeline.synthetic.claims import (
    CLAIMS,
    contract_ladders,
    expanded,
    in_whole_units,
    latest_metrics,
    people_of,
    write_claims,
)

# What only a reading of a published study uses; a project may be without these files.
OF_READINGS = ("reading_values", "reconstruction")


class CannotMakeError(ValueError):
    """What was asked for cannot be made; says why in one line. Nothing was written."""


@dataclass(frozen=True)
class SyntheticProject:
    """What was written: the two folders, and how many contracts and claims."""

    raw_dir: Path
    reference_dir: Path
    contracts: int
    claims: int


def synthetic_project(
    raw_dir: Path,
    reference_dir: Path,
    out_dir: Path,
    seed: int,
    contracts: Collection[str] | None = None,
    people: int | None = None,
) -> SyntheticProject:
    """Write a project in which contracts have claims instead of the results that they reported.

    Of each contract (those in ``contracts``, or all that can be made) ``out_dir/raw`` holds ``contract.toml``,
    ``payments.csv``, ``metrics.csv`` and ``claims.parquet``; ``out_dir/reference`` holds the reference tables with what
    is said of these contracts. The claims come to the reported counts, corrected, time in whole units; with ``people``
    each contract has so many, claimed for at its rates by ``write_claims``, and nothing else than people is claimed
    for. A contract that has claims itself cannot be made: its exact counts are not published.

    Raises ``CannotMakeError`` for a folder that is not empty or lies within the data, and for contracts that cannot be
    made; ``DataProblems`` when the data are wrong; ``CannotWriteError`` when a file cannot be written.
    """
    must_be_free(out_dir, (raw_dir, reference_dir))
    folders = contract_folders(raw_dir)
    unknown = sorted(set(contracts or ()) - set(folders))
    if unknown:
        raise CannotMakeError(f"no contract {', '.join(unknown)} in {raw_dir}")
    facts, reference = load(raw_dir, reference_dir, contracts)
    chosen = _chosen(facts, contracts, in_people=people is not None)
    with made_whole(out_dir) as fresh:
        count = sum(
            _write_contract(raw_dir / contract_id, fresh / "raw", facts, reference.metric_outcomes, seed, people)
            for contract_id in chosen
        )
        _write_reference(reference_dir, fresh, chosen, folders)
    return SyntheticProject(out_dir / "raw", out_dir / "reference", len(chosen), count)


def must_be_free(out_dir: Path, data: Collection[Path]) -> None:
    """Raise ``CannotMakeError`` for a folder that is not empty or lies within the data."""
    for folder in data:
        if out_dir.resolve().is_relative_to(folder.resolve()):
            raise CannotMakeError(f"{out_dir} lies within {folder}: real and synthetic data must not mix")
    if out_dir.exists() and (not out_dir.is_dir() or any(out_dir.iterdir())):
        raise CannotMakeError(f"{out_dir} is not empty: name another folder")


@contextmanager
def made_whole(out_dir: Path) -> Iterator[Path]:
    """Give a folder for ``raw`` and ``reference``; both stand in ``out_dir`` once they are whole."""
    with writing(out_dir):
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".", dir=out_dir) as folder:
            yield Path(folder)
            for name in ("raw", "reference"):
                (Path(folder) / name).rename(out_dir / name)


def _chosen(facts: RawFacts, contracts: Collection[str] | None, in_people: bool) -> list[str]:
    """Contracts that reported counts of their own, or such counts of people, out of those asked for."""
    outcomes = facts.outcomes[facts.outcomes["quantity"] > 0]
    outcomes = outcomes[outcomes["unit"] == "person"] if in_people else outcomes
    reported = set(outcomes["contract_id"]) - set(facts.claim_counts["contract_id"])
    without = sorted(set(contracts or ()) - reported)
    if without or not reported:
        what = "reported people" if in_people else "reported results"
        raise CannotMakeError(f"no {what} of which to make claims: {', '.join(without) or 'no contract'}")
    return sorted(reported)


def _write_contract(
    folder: Path, raw_dir: Path, facts: RawFacts, mapping: pd.DataFrame, seed: int, people: int | None
) -> int:
    """Write the synthetic contract of a real one, whose folder is given; returns how many claims it has."""
    outcomes = in_whole_units(facts.outcomes[facts.outcomes["contract_id"] == folder.name])
    engaged = facts.contracts.set_index("contract_id").at[folder.name, "people_engaged"]
    people_engaged = None if pd.isna(engaged) else int(engaged)
    target = raw_dir / f"{CONTRACT_PREFIX}{folder.name}"
    target.mkdir(parents=True)
    path = target / CLAIMS_FILES[0]
    metrics = latest_metrics(outcomes, mapping, people_engaged)
    if people is None:
        claims = expanded(outcomes, mapping, seed, people_engaged)
        count, pool = len(claims), people_of(metrics, people_engaged)
        table = pa.Table.from_pandas(claims, CLAIMS, preserve_index=False)
        with path.open("wb") as file:
            pq.write_table(table.replace_schema_metadata(PARQUET_METADATA), file, compression="zstd")
    else:
        ladders = contract_ladders(outcomes, mapping, people_engaged)
        count, pool = write_claims(path, people, ladders, seed), people
    described = metrics.assign(
        label=LABEL_PREFIX + metrics["label"],
        is_net_of_deadweight=metrics["is_net_of_deadweight"].map({True: "true", False: "false"}),
        locator="made from " + metrics["source_id"] + ": " + metrics["locator"],
        source_id=SOURCE_ID,
    )
    described[FILE_COLUMNS["claimed_metrics"]].to_csv(target / FILES["claimed_metrics"], index=False)
    _write_contract_toml(folder / FILES["contracts"], target / FILES["contracts"], metrics["source_id"], pool)
    if (folder / FILES["payments"]).exists():
        # What was paid for a metric, by its price, would give its count away.
        read_cells(folder / FILES["payments"]).assign(metric_id="").to_csv(target / FILES["payments"], index=False)
    return count


def _write_contract_toml(path: Path, target: Path, source_ids: "pd.Series[str]", pool: int) -> None:
    """Write the contract under its new name, with its people and the sources of its counts."""
    document: Any = tomlkit.parse(path.read_text("utf-8-sig"))
    document["contract_id"] = target.parent.name
    document["name"] = f"{NAME_PREFIX}{document['name']}"
    if "people_engaged" in document:
        # A result above the people engaged may have been accepted; in the claims there are so many people.
        document["people_engaged"] = pool
    cited = [source["source_id"] for source in document["sources"]]
    for source_id in (SOURCE_ID, *dict.fromkeys(source_ids)):
        if source_id not in cited:
            entry = tomlkit.table()
            entry.update({"source_id": source_id, "locator": "claims made from reported counts"})
            document["sources"].append(entry)
    target.write_text(tomlkit.dumps(document), encoding="utf-8", newline="")


def _write_reference(reference_dir: Path, project: Path, chosen: Collection[str], contracts: Collection[str]) -> None:
    """Write the reference tables beside the folder ``raw`` of a project: those of all contracts, and of the chosen."""
    folder = project / "reference"
    shutil.copytree(reference_dir, folder)
    renamed = {contract_id: f"{CONTRACT_PREFIX}{contract_id}" for contract_id in chosen}
    for name in ("metric_outcomes", "deadweight", "corrections"):
        table = read_cells(folder / f"{name}.csv")
        table = table[table["contract_id"].isin(["", *renamed])]
        if name == "corrections":
            # What else they correct is corrected already, or not there.
            stays = table["table"].isin(["contracts", "payments"]) & (table["column"] != "people_engaged")
            table = table[stays].replace({"locator": renamed})
        table.replace({"contract_id": renamed}).to_csv(folder / f"{name}.csv", index=False)
    # A claim has its day: none is dated by what was paid. A project may be without the file.
    (folder / "paid_per_unit.csv").unlink(missing_ok=True)
    leave_out(folder, contracts)
    write_sources(project, "Synthetic claims, made from reported counts: nobody in them is real")


def leave_out(folder: Path, contracts: Collection[str]) -> None:
    """Leave out of reference tables in ``folder`` what was accepted, published, read or shared of real contracts."""
    # A study is one of real contracts, and so is a reading of it.
    for name in OF_READINGS:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    # A total of several real contracts is none of those made from them.
    (folder / "shared_results.csv").unlink(missing_ok=True)
    # What was accepted of a real contract was its own value; here it would fit nothing.
    path = folder / "accepted.csv"
    if path.exists():  # a project may have none
        accepted = read_cells(path)
        accepted[~accepted["key"].str.split(" ").str[0].isin(contracts)].to_csv(path, index=False)
    # What was published of a contract was published of the real one.
    published = read_cells(folder / "published_figures.csv")
    of_contracts = published["scope"].str.split("+").map(set(contracts).isdisjoint)
    published[of_contracts].to_csv(folder / "published_figures.csv", index=False)


def write_sources(project: Path, title: str) -> None:
    """Leave out the sources that nothing cites any more, and register the one of what is synthetic, by its title."""
    path = project / "reference" / "sources.csv"
    texts = [
        file.read_text("utf-8-sig") for file in project.rglob("*") if file.suffix in (".csv", ".toml") and file != path
    ]
    named = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", "\n".join(texts)))
    sources = read_cells(path)
    sources = sources[sources["source_id"].isin(named)]
    own = {
        "source_id": SOURCE_ID,
        "title": title,
        "publisher": "publicvalue",
        "licence": "MIT",
    }
    pd.concat([sources, pd.DataFrame([own])]).fillna("").to_csv(path, index=False)


def read_cells(path: Path) -> pd.DataFrame:
    """A table as text, cell by cell."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
