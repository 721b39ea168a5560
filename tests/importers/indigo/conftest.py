"""What the tests of the INDIGO import share: the tables of a made-up export, and where it is to go."""

from pathlib import Path

import pytest

from tests.importers.indigo.made_up_export import Tables, made_up_tables


@pytest.fixture
def tables() -> Tables:
    """The tables of a made-up export, to be changed by a test."""
    return made_up_tables()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A raw folder that does not exist yet."""
    return tmp_path / "raw"
