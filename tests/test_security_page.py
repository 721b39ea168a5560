"""What docs/security.md says: each wall stands where the page says, and each test that holds one is there."""

import re
from pathlib import Path

import pytest

ROW = re.compile(
    r"^\| .* \| `(?P<module>pipeline/[\w/]+\.(?:py|js))` \| `(?P<file>tests/[\w/]+\.py)::(?P<test>\w+)` \|$"
)
NAMED = re.compile(r"`((?:pipeline|tests)/[\w/.]+)(?:::\w+)?`")


@pytest.fixture
def page(project_root: Path) -> str:
    return (project_root / "docs/security.md").read_text(encoding="utf-8")


def test_each_wall_names_its_module_and_a_test_that_is_there(page: str, project_root: Path) -> None:
    rows = [found for line in page.splitlines() if (found := ROW.match(line))]
    assert len(rows) > 30
    assert [row["module"] for row in rows if not (project_root / row["module"]).is_file()] == []
    absent = [
        f"{row['file']}::{row['test']}"
        for row in rows
        if not (project_root / row["file"]).is_file()
        or f"\ndef {row['test']}(" not in (project_root / row["file"]).read_text(encoding="utf-8")
    ]
    assert absent == [], "docs/security.md names tests that are not there: name those that hold the wall now"


def test_no_row_of_a_wall_is_without_one(page: str) -> None:
    walls = [line for line in page.splitlines() if line.startswith("| ") and "`pipeline/" in line]
    assert [line for line in walls if not ROW.match(line)] == []
    assert len(NAMED.findall(page)) == 2 * len(walls)
