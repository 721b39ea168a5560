"""What the tests of filled templates share: the template of a contract, and one that a stranger filled in."""

from pathlib import Path

import pytest

from pipeline.facts.reference import Reference, read_reference
from pipeline.importers.outcomes.template import write_template
from tests.importers.outcomes.filled import CONTRACT_ID, copied, fill

SMALL_PROJECT = Path(__file__).parents[2] / "small_project"


@pytest.fixture(scope="session")
def small_reference() -> Reference:
    """The reference tables of the small project."""
    return read_reference(SMALL_PROJECT / "reference")[0]


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory, small_reference: Reference) -> Path:
    """The template of a contract that is not there yet; not to be changed by a test."""
    folder = tmp_path_factory.mktemp("template")
    return write_template(CONTRACT_ID, folder / "template.xlsx", folder / "raw", small_reference).path


@pytest.fixture
def template(empty_template: Path, tmp_path: Path) -> Path:
    """The template of a contract that is not there yet, to be filled in by a test."""
    return copied(empty_template, tmp_path / "NORTH-1.xlsx")


@pytest.fixture
def filled(template: Path) -> Path:
    """A template as a stranger filled it in."""
    return fill(template)
