"""What the tests of claims share: a small project of which one contract has claims."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.claims.made_up_claims import METRICS, Claim, Write, as_csv


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
