"""``tools/same.py``: whatever differs in value between two published folders is told, and nothing else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.same import differences, reworded

TABLE: dict[str, list[Any]] = {
    "contract_id": ["A-1", "A-2", "A-3"],
    "value_gbp": [1.5, float("nan"), 3.0],
    "people": [1, 2, 3],
}
PAGE = '<p title="12">Worth £1,234.50 in 2024-25, made from <code>0123456789abcdef</code></p>'


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A published folder with a table and a page, either of them changed."""

    def made(name: str, table: Mapping[str, Any] = TABLE, page: str = PAGE) -> Path:
        place = tmp_path / name / "tables"
        place.mkdir(parents=True)
        described = pa.Table.from_pandas(pd.DataFrame(table), preserve_index=False)
        pq.write_table(described.replace_schema_metadata({"description": name}), place / "values.parquet")
        (place.parent / "page.html").write_text(page, encoding="utf-8")
        return place.parent

    return made


def test_the_same_values_with_other_descriptions_versions_and_words_are_the_same(
    folder: Callable[..., Path],
) -> None:
    page = PAGE.replace("0123456789abcdef", "fedcba9876543210").replace("Worth", "Of a value of")
    before, after = folder("before"), folder("after", page=page)
    assert list(differences(before, after)) == []
    assert reworded(before, after) == ["page.html"]


def test_a_step_of_the_form_of_the_tables_is_told_by_what_has_changed_in_them_alone(
    folder: Callable[..., Path],
) -> None:
    before, after = folder("before"), folder("after")
    (before / "versions.json").write_text('{"data_version": "0123456789abcdef"}', encoding="utf-8")
    (after / "versions.json").write_text('{"data_version": "", "schema_version": 2}', encoding="utf-8")
    assert list(differences(before, after)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"table": TABLE | {"value_gbp": [1.5, float("nan"), 3.01]}},
            "value_gbp: 1 values, the first in row 3: 3.0 ->",
        ),
        ({"table": TABLE | {"value_gbp": [1.5, 0.0, 3.0]}}, "value_gbp: 1 values, the first in row 2: None -> 0.0"),
        ({"table": TABLE | {"people": [1.0, 2.0, 3.0]}}, "people: type int64 -> double"),
        ({"table": {name: values[::-1] for name, values in TABLE.items()}}, "the same rows in another order"),
        ({"table": {name: values[:2] for name, values in TABLE.items()}}, "3 rows -> 2"),
        ({"table": {name: TABLE[name] for name in ("contract_id", "people", "value_gbp")}}, "columns contract_id,"),
        ({"page": PAGE.replace("1,234.50", "1,234.60")}, 'page.html: <p title="12">Worth £1,234.50 -> '),
        ({"page": PAGE.replace('"12"', '"13"')}, 'page.html: <p title="12 -> <p title="13'),
        ({"page": f"{PAGE} 7"}, "no further figure -> "),
    ],
)
def test_what_differs_in_value_is_told(folder: Callable[..., Path], changed: Mapping[str, Any], told: str) -> None:
    (line,) = differences(folder("before"), folder("after", **changed))
    assert told in line


def test_a_file_of_one_folder_alone_is_told(folder: Callable[..., Path]) -> None:
    before, after = folder("before"), folder("after")
    (after / "tables" / "values.parquet").unlink()
    assert list(differences(before, after)) == [f"tables/values.parquet: only in {before}"]
