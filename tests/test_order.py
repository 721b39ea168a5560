"""The tests that take longest come first: each module that is named so is there."""

from pathlib import Path

from tests.conftest import LONGEST


def test_the_longest_modules_are_there() -> None:
    assert {path.stem for path in Path(__file__).parent.rglob("test_*.py")} >= set(LONGEST)
