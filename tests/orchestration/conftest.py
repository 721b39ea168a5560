"""What the tests of the graph share: a small project whose runs are recorded, as after somebody has opened the UI."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from pipeline.checks import great_expectations, validation
from pipeline.orchestration.definitions import build_definitions
from pipeline.orchestration.instance import dagster_home, run_records
from pipeline.orchestration.settings import Settings


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations is not asked, which takes half the time of a small run; what it finds is tested elsewhere."""
    monkeypatch.setattr(great_expectations, "start", lambda: None)
    monkeypatch.setattr(validation, "broken_rows", lambda question: [])


@pytest.fixture
def settings(small_project: Path) -> Settings:
    """The folders of the small project."""
    return Settings(*(small_project / name for name in ("raw", "reference", "reports", "data")))


@pytest.fixture
def records(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Dagster's records of runs, which are kept from when the UI is first opened."""
    dagster_home(settings)
    with run_records(settings) as instance:
        assert instance is not None
        yield instance


@pytest.fixture
def definitions(settings: Settings) -> dg.Definitions:
    """The graph, jobs and sensors over the small project."""
    return build_definitions(settings)
