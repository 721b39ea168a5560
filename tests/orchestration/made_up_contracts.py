"""Contracts of the small project as they come and go, and what Dagster was told of them.

Belongs here: what more than one test module does with them; what is expected stands in the tests.
"""

import shutil
from pathlib import Path

import dagster as dg

from pipeline.orchestration.settings import Settings

Events = dict[str, list[dg.AssetMaterialization]]


def readings(records: dg.DagsterInstance) -> Events:
    """What Dagster was told of each contract, the latest first."""
    found: Events = {}
    for record in records.fetch_materializations(dg.AssetKey("contract_facts"), limit=100).records:
        assert record.asset_materialization is not None
        found.setdefault(str(record.partition_key), []).append(record.asset_materialization)
    return found


def add_contract(settings: Settings, name: str) -> None:
    """Add a contract, which is the second under another name."""
    shutil.copytree(settings.raw_dir / "C-2", settings.raw_dir / name)
    for path in (settings.raw_dir / name).iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace("C-2", name), encoding="utf-8")
    mapping = settings.reference_dir / "metric_outcomes.csv"
    rows = [line for line in mapping.read_text(encoding="utf-8").splitlines() if line.startswith("C-2,")]
    with mapping.open("a", encoding="utf-8") as file:
        file.writelines(row.replace("C-2,", f"{name},", 1) + "\n" for row in rows)


def change(path: Path, old: str, new: str) -> None:
    """Change the first place where a file says something."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
