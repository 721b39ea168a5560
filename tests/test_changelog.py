"""The changelog is in dated releases, newest first, and the version of the project is that of the newest."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

HEADS = re.compile(r"^## (.*)$", re.MULTILINE)
RELEASE = re.compile(r"(\d+)\.(\d+)\.(\d+) \((\d{4}-\d\d-\d\d)\)")


@pytest.fixture
def heads(project_root: Path) -> list[str]:
    return HEADS.findall((project_root / "CHANGELOG.md").read_text(encoding="utf-8"))


def test_what_comes_next_stands_above_the_releases(heads: list[str]) -> None:
    assert heads[0] == "Unreleased"
    assert heads.count("Unreleased") == 1


def test_releases_are_dated_and_newest_first(heads: list[str]) -> None:
    found = [RELEASE.fullmatch(head) for head in heads[1:]]
    assert all(found), heads
    versions = [tuple(map(int, match.groups()[:3])) for match in found if match]
    assert versions == sorted(versions, reverse=True)
    days = [date.fromisoformat(match[4]) for match in found if match]
    assert days == sorted(days, reverse=True)


def test_the_project_has_the_version_of_the_newest(heads: list[str], project_root: Path) -> None:
    project = tomllib.loads((project_root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert heads[1].startswith(f"{project['version']} (")
