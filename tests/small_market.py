"""A few of the project's contracts as a project of their own, for whole runs that do not speak of the whole market.

Belongs here: laying it out. Which contracts are chosen, and why, stands in the tests.
"""

import shutil
from collections.abc import Collection
from pathlib import Path

import pandas as pd


def keep_rows(path: Path, column: str, values: Collection[str]) -> None:
    """Leave only the rows of a file that have one of these values in a column."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table[table[column].isin(values)].to_csv(path, index=False)


def lay_out(folder: Path, project_root: Path, contracts: Collection[str]) -> None:
    """Copy the contracts, what the reference says of these, and the published figures about the market.

    What is said of a contract that is not there would stop a run, as it should.
    """
    # Earlier publications are of the whole market, and so are readings of a study of it.
    of_the_market = shutil.ignore_patterns("earlier*", "reading_values*", "reconstruction*")
    shutil.copytree(project_root / "reference", folder / "reference", ignore=of_the_market)
    for table in ("corrections", "metric_outcomes", "deadweight", "paid_per_unit"):
        keep_rows(folder / f"reference/{table}.csv", "contract_id", ["", *contracts])
    # A total is one of all its contracts, or of none.
    keep_rows(folder / "reference/shared_results.csv", "contract_id", contracts)
    keep_rows(folder / "reference/shared_results.csv", "shared_with", contracts)
    keep_rows(folder / "reference/published_figures.csv", "scope", ["market"])
    keep_rows(folder / "reference/accepted.csv", "key", [])
    for contract in contracts:
        shutil.copytree(project_root / "raw" / contract, folder / "raw" / contract)
