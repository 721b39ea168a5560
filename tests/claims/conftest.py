"""What the tests of claims share: a small project of which one contract has claims, and what Spark answers."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.claims.in_spark import InSpark, ask, spark_environment
from tests.claims.made_up_claims import METRICS, Claim, Write, as_csv
from tests.shared import Shared


@pytest.fixture
def claiming(small_project: Path) -> Write:
    """The small project with claims for C-1 instead of its outcomes, which the builder writes."""
    folder = small_project / "raw" / "C-1"
    (folder / "outcomes.csv").unlink()
    (folder / "metrics.csv").write_text(METRICS)

    def write(claims: Iterable[Claim]) -> Path:
        (folder / "claims.csv").write_text(as_csv(claims))
        return small_project

    return write


@pytest.fixture(scope="session")
def in_spark(project_root: Path, shared: Shared) -> InSpark:
    """What Spark answers, asked once for all workers; skipped where it cannot be started."""
    spark_environment(shared.folder)
    answered = InSpark(shared.path("spark", lambda folder: ask(folder, project_root)))
    assert (answered.folder / "counts.parquet").exists(), answered.printed()[-2_000:]
    return answered
