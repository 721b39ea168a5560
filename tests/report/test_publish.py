"""Publishing: all of an edition or none of it, with the meaning of the columns in the files."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report.publish import publish_edition
from pipeline.tables.results import PUBLISHED_TABLES

TablesOf = Callable[[str], dict[str, pd.DataFrame]]
VERSIONS = {"data_version": "d1", "reference_version": "r1", "code_version": "c1"}


@pytest.fixture
def tables(tables_of: TablesOf) -> dict[str, pd.DataFrame]:
    return tables_of("open-2025")


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_table_is_a_parquet_file_that_explains_itself(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder = publish_edition(tmp_path, "open-2025", tables, {"headline.md": "x"}, VERSIONS)
    assert {path.stem for path in (folder / "tables").iterdir()} == set(PUBLISHED_TABLES)
    for path in (folder / "tables").iterdir():
        schema = pq.read_schema(path)
        assert schema.metadata[b"data_version"] == b"d1"
        assert all(schema.field(name).metadata[b"description"] for name in schema.names)
    schema = pq.read_schema(folder / "tables" / "reported_outcomes.parquet")
    assert schema.field("period_start").type == pa.date32()
    values = pq.read_table(folder / "tables" / "contract_value.parquet")
    assert values.num_rows == 100
    assert schema.field("quantity").metadata[b"unit"] == b"as in column unit"
    assert (folder / "headline.md").read_text() == "x"


def test_publishing_twice_gives_the_same_bytes(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    first = files_of(publish_edition(tmp_path / "a", "open-2025", tables, {}, VERSIONS))
    second = files_of(publish_edition(tmp_path / "b", "open-2025", tables, {}, VERSIONS))
    assert first == second


def test_a_failure_leaves_the_last_good_edition(
    tmp_path: Path, tables: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = publish_edition(tmp_path, "open-2025", tables, {"headline.md": "good"}, VERSIONS)
    good = files_of(folder)
    written: list[str] = []

    def full_disk(table: pa.Table, path: Path) -> None:
        written.append(path.name)
        if len(written) > 3:
            raise OSError("no space left on device")

    monkeypatch.setattr(pq, "write_table", full_disk)
    with pytest.raises(OSError, match="no space left"):
        publish_edition(tmp_path, "open-2025", tables, {"headline.md": "bad"}, VERSIONS)
    assert files_of(folder) == good


def test_a_run_killed_between_the_renames_is_put_right(tmp_path: Path, tables: dict[str, pd.DataFrame]) -> None:
    folder = publish_edition(tmp_path, "open-2025", tables, {"headline.md": "good"}, VERSIONS)
    folder.rename(tmp_path / ".open-2025.last")
    again = publish_edition(tmp_path, "open-2025", tables, {"headline.md": "newer"}, VERSIONS)
    assert (again / "headline.md").read_text() == "newer"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["open-2025"]
