"""Spark, asked all that the tests want to know of it in one process: it takes longest to start.

Belongs here: where it can be started, what it is given and where its answers lie. What they should be stands in the
tests.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.claims.engines import EngineChoice
from pipeline.claims.marks import CONTRACT_PREFIX
from pipeline.load import load
from pipeline.synthetic.project import synthetic_project
from tests.claims.test_ids import said_of_all
from tests.claims.test_paths import KINDS, NAMES, counted, made

ROOT = Path(__file__).parents[2]
# Where `make cluster` puts PySpark: beside the environment, since Pandera imports it wherever it is installed.
CLUSTER = ROOT / "build" / "cluster"
# Ladders with gaps, one of fourteen rungs, months, and pounds.
CONTRACTS = [f"INDIGO-POJ-{number}" for number in ("0154", "0171", "0199")]
# For hundreds of rows: few parts, no pages, and a Java that does not optimise what it runs once.
SOON_AT_WORK = (
    "--conf spark.sql.shuffle.partitions=2 --conf spark.ui.enabled=false "
    "--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'"
)
ASK = "import sys; from pathlib import Path; from tests.claims.in_spark import answer; answer(Path(sys.argv[1]))"


@dataclass(frozen=True)
class InSpark:
    """A folder with what Spark was given and has answered."""

    folder: Path

    @property
    def project(self) -> Path:
        """A project with claims."""
        return self.folder / "project"

    def counts(self) -> pd.DataFrame:
        """To how many it reduces them."""
        return pd.read_parquet(self.folder / "counts.parquet")

    def told(self) -> dict[str, Any]:
        """What it says of each id (``ids``), and how many claims it finds in folders of odd names (``paths``)."""
        told: dict[str, Any] = json.loads((self.folder / "told.json").read_text(encoding="utf-8"))
        return told

    def printed(self) -> str:
        """All that its process printed."""
        return (self.folder / "printed.txt").read_text(encoding="utf-8")


def ask(folder: Path, project_root: Path) -> None:
    """Give Spark what the tests want to know of, and have it answer, in a new folder."""
    asked = InSpark(folder)
    synthetic_project(project_root / "raw", project_root / "reference", asked.project, 1, CONTRACTS)
    # One of them as CSV, which each engine reads in its own way.
    claims = asked.project / "raw" / f"{CONTRACT_PREFIX}INDIGO-POJ-0154" / "claims.parquet"
    pd.read_parquet(claims).to_csv(claims.with_suffix(".csv"), index=False)
    claims.unlink()
    for kind in KINDS:
        made(folder / f"all {kind}", NAMES, kind)
    command = [sys.executable, "-W", "ignore", "-c", ASK, str(folder)]
    environment = spark_environment(folder)
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=900, check=False)
    (folder / "printed.txt").write_text(run.stdout + run.stderr, encoding="utf-8")


def spark_environment(folder: Path) -> dict[str, str]:
    """The environment of a process that can start Spark; skips with a reason where that cannot be."""
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, and there is none on the path")
    if not (CLUSTER / "pyspark").is_dir() and not importlib.util.find_spec("pyspark"):
        pytest.skip("PySpark is not installed: `make cluster` does so")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(CLUSTER)]),
        "PYSPARK_PYTHON": sys.executable,
        "PUBLICVALUE_CLAIMS_ENGINE": "pyspark",
        "PUBLICVALUE_SPARK": "local[2]",
        "PYSPARK_SUBMIT_ARGS": f"{SOON_AT_WORK} pyspark-shell",
        "TMPDIR": str(folder),
    }


def answer(folder: Path) -> None:
    """Answer, within the process that has Spark."""
    engine, project = EngineChoice.from_environment(), InSpark(folder).project
    paths = {kind: counted(folder / f"all {kind}", engine) for kind in KINDS}
    (folder / "told.json").write_text(json.dumps({"ids": said_of_all(), "paths": paths}), encoding="utf-8")
    facts, _ = load(project / "raw", project / "reference")
    facts.claim_counts.to_parquet(folder / "counts.parquet")
