"""Writing files: nothing through a link, all or nothing."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.common.files import CannotWriteError, not_through_a_link
from pipeline.orchestration.assets.store import TableStore
from pipeline.report.output_folder import working_alone
from pipeline.report.printing import print_edition
from pipeline.report.publish import publish_edition

ONE = pd.DataFrame({"n": [1]})


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder that nobody named, with a file that is to stay as it is."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "report.pdf").write_text("kept")
    return folder


@pytest.mark.parametrize("name", [".lock", ".publishing", "main"])
def test_publishing_writes_through_no_link(tmp_path: Path, elsewhere: Path, name: str) -> None:
    out = tmp_path / "reports"
    out.mkdir()
    (out / name).symlink_to(elsewhere / "report.pdf" if name == ".lock" else elsewhere)
    with pytest.raises(CannotWriteError, match=rf"reports/{name} is a link"):
        publish_edition(out, "main", {}, {"headline.md": "new"}, {})
    assert [(path.name, path.read_text()) for path in elsewhere.iterdir()] == [("report.pdf", "kept")]


def test_printing_writes_through_no_link(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "main").symlink_to(elsewhere)
    with pytest.raises(CannotWriteError, match="main is a link"):
        print_edition(tmp_path / "main", "no such browser")
    assert (elsewhere / "report.pdf").read_text() == "kept"


def test_a_link_in_the_place_of_a_working_table_gives_way(tmp_path: Path, elsewhere: Path) -> None:
    path = tmp_path / "data" / "tables" / "contracts" / "C-1.parquet"
    path.parent.mkdir(parents=True)
    path.symlink_to(elsewhere / "report.pdf")
    TableStore(tmp_path / "data" / "tables").write("contracts", ONE, "version", "C-1")
    assert not path.is_symlink()
    assert (elsewhere / "report.pdf").read_text() == "kept"


@pytest.mark.parametrize("link", ["tables", "tables/contracts"])
def test_working_tables_are_written_through_no_link(tmp_path: Path, elsewhere: Path, link: str) -> None:
    (tmp_path / "data" / link).parent.mkdir(parents=True)
    (tmp_path / "data" / link).symlink_to(elsewhere)
    with pytest.raises(CannotWriteError, match="is a link"):
        TableStore(tmp_path / "data" / "tables").write("contracts", ONE, "version", "C-1")
    assert [(path.name, path.read_text()) for path in elsewhere.iterdir()] == [("report.pdf", "kept")]


def test_the_folder_that_is_named_may_be_a_link(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "reports").symlink_to(elsewhere)
    with working_alone(tmp_path / "reports"):
        pass
    not_through_a_link(tmp_path / "reports" / "main" / "headline.md", tmp_path / "reports")
    not_through_a_link(tmp_path / "reports" / "report.pdf", tmp_path / "reports")
    with pytest.raises(CannotWriteError, match=r"report\.pdf is not a folder"):
        not_through_a_link(tmp_path / "reports" / "report.pdf" / "main", tmp_path / "reports")
