"""The row of sources.csv that an import adds or brings up to date; every other line stays as it stands."""

from pathlib import Path

import pytest

from pipeline.importers.imported import ImportProblem
from pipeline.importers.sources import COLUMNS, read_sources, sources_table, with_source

HEADER = ",".join(COLUMNS)
ROW = dict.fromkeys(COLUMNS, "") | {"source_id": "results-of-n-1", "title": 'A "title", quoted', "published": "2020"}
LINE = 'results-of-n-1,"A ""title"", quoted",,2020,,,'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_new_row_comes_last_and_an_old_one_stays_in_its_place(end: str) -> None:
    odd = ['a,"of\u2028two', 'lines",p,,,l,', "b,title ,p,,,l,"]
    text = end.join([HEADER, *odd, ""])
    added = with_source(text, ROW)
    assert added == end.join([HEADER, *odd, LINE, ""])
    assert with_source(added, ROW) == added
    first = end.join([HEADER, LINE.replace("2020", "2019"), *odd, ""])
    assert with_source(first, ROW) == end.join([HEADER, LINE, *odd, ""])


def test_a_file_without_an_end_of_its_last_line() -> None:
    assert with_source(f"{HEADER}\na,t,p,,,l,", ROW) == f"{HEADER}\na,t,p,,,l,\n{LINE}\n"


def test_columns_in_another_order() -> None:
    header = ["title", "source_id", *COLUMNS[2:]]
    assert with_source(",".join(header) + "\n", ROW).splitlines()[1] == '"A ""title"", quoted",results-of-n-1,,2020,,,'


def test_a_register_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.csv").write_text("title\nx\n", encoding="utf-8")
    with pytest.raises(ImportProblem, match="column missing"):
        read_sources(tmp_path)
    with pytest.raises(ImportProblem, match=r"^reference/sources.csv:2: licence: missing"):
        sources_table(f"{HEADER}\na,t,p,,,,\n", "reference/sources.csv")
