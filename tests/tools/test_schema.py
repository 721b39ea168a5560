"""A published column that goes or changes its type takes a step of the schema version, and a line in the changelog."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pipeline.tables.catalogue import SCHEMA_VERSION
from tools import schema
from tools.schema import KEPT, main, problems, published

TABLES = {"contracts": {"contract_id": "string", "people": "int64"}, "flags": {"flag": "string"}}
BEFORE: dict[str, Any] = {"schema_version": 1, "tables": TABLES}
LOG = "- `schema_version` 1\n- `schema_version` 2: people are gone\n- `schema_version` 3\n"


def changed(version: int = 1, **columns: Any) -> dict[str, Any]:
    now = deepcopy(BEFORE)
    now["schema_version"], tables = version, now["tables"]
    for column, dtype in columns.items():
        tables["contracts"][column] = dtype
    tables["contracts"] = {column: dtype for column, dtype in tables["contracts"].items() if dtype}
    return now


def test_what_is_published_is_as_it_was_or_has_made_its_step(project_root: Path) -> None:
    kept = json.loads((project_root / KEPT).read_text(encoding="utf-8"))
    assert problems(kept, published(), (project_root / "CHANGELOG.md").read_text(encoding="utf-8")) == []
    assert kept["schema_version"] == SCHEMA_VERSION, "make schema writes it"


def test_each_table_and_column_is_kept(project_root: Path) -> None:
    kept = json.loads((project_root / KEPT).read_text(encoding="utf-8"))
    assert set(kept["tables"]) <= set(published()["tables"])
    assert kept["tables"]["contract_value"]["bcr"] == "double"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (BEFORE, []),
        (changed(places="int64"), []),
        (changed(2, people=None), []),
        (changed(people=None), ["column people of table contracts is gone: put it back, or step SCHEMA_VERSION"]),
        (changed(people="float64"), ["column people of table contracts was int64 and is float64: put it back"]),
        ({**BEFORE, "tables": {"contracts": TABLES["contracts"]}}, ["table flags is gone: put it back"]),
        (changed(3, people=None), ["SCHEMA_VERSION went from 1 to 3: a step is 1"]),
        (changed(4), ["SCHEMA_VERSION went from 1 to 4", "CHANGELOG.md has no line with `schema_version` 4"]),
    ],
)
def test_what_is_said_of_a_change(now: dict[str, Any], words: list[str]) -> None:
    found = problems(BEFORE, now, LOG)
    assert len(found) == len(words)
    for line, begin in zip(found, words, strict=True):
        assert line.startswith(begin)


def test_nothing_is_written_without_the_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    Path("CHANGELOG.md").write_text(LOG, encoding="utf-8")
    monkeypatch.setattr(schema, "published", lambda: BEFORE)
    main()
    assert json.loads(KEPT.read_text(encoding="utf-8")) == BEFORE
    monkeypatch.setattr(schema, "published", lambda: changed(people=None))
    with pytest.raises(SystemExit, match="1"):
        main()
    assert "column people of table contracts is gone" in capsys.readouterr().err
    monkeypatch.setattr(schema, "published", lambda: changed(2, people=None))
    main()
    assert json.loads(KEPT.read_text(encoding="utf-8")) == changed(2, people=None)
