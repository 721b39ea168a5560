"""Finding and reading the files of an export: wherever they lie, each whole or refused by name."""

import zipfile
from pathlib import Path

import pytest

from pipeline.importers.imported import ImportProblem
from pipeline.importers.indigo import columns as indigo
from tests.importers.indigo.made_up_export import Tables, csv_text, read_export, write_export


@pytest.mark.parametrize("prefix", ["", "indigo_", "2025-05 ", "export-2025.05-"])
def test_file_names_may_carry_a_prefix(tmp_path: Path, tables: Tables, prefix: str) -> None:
    plain = read_export(write_export(tmp_path / "plain", tables))
    assert read_export(write_export(tmp_path / "prefixed", tables, prefix)) == plain


@pytest.mark.parametrize("sub_folder", ["", "INDIGO data/csv/"])
def test_zip_with_or_without_a_sub_folder(tmp_path: Path, tables: Tables, sub_folder: str) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(f"{sub_folder}indigo_{name}", csv_text(name, rows))
            archive.writestr(f"__MACOSX/{sub_folder}._indigo_{name}", b"\x00\x05")
    assert read_export(path) == read_export(write_export(tmp_path / "plain", tables))


def test_byte_order_mark_is_accepted(tmp_path: Path, tables: Tables) -> None:
    plain = read_export(write_export(tmp_path / "plain", tables))
    assert read_export(write_export(tmp_path / "bom", tables, encoding="utf-8-sig")) == plain


def test_a_stray_file_is_not_taken_for_the_projects(tmp_path: Path, tables: Tables) -> None:
    path = write_export(tmp_path / "export", tables)
    expected = read_export(path)
    (path / "foo_projects.csv").write_text("ID\nsomething else\n", encoding="utf-8")
    (path / "subprojects.csv").write_text("ID\nsomething else\n", encoding="utf-8")
    assert read_export(path) == expected


def test_two_exports_in_one_folder_are_refused(tmp_path: Path, tables: Tables) -> None:
    write_export(tmp_path / "export" / "a", tables)
    path = write_export(tmp_path / "export" / "b", tables).parent
    with pytest.raises(ImportProblem, match=r"several files could be projects\.csv"):
        read_export(path)


@pytest.mark.parametrize("name", list(indigo.COLUMNS))
def test_a_missing_file_is_named(tmp_path: Path, tables: Tables, name: str) -> None:
    del tables[name]
    with pytest.raises(ImportProblem, match=rf"{name} is missing"):
        read_export(write_export(tmp_path / "export", tables))


def test_a_missing_column_is_named_with_its_file(tmp_path: Path, tables: Tables) -> None:
    path = write_export(tmp_path / "export", tables)
    file = path / indigo.RESULTS
    file.write_text(file.read_text().replace("Outcomes achieved", "Results"), encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"projects_results\.csv:1: Outcomes achieved: column missing"):
        read_export(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"ID,Name\nINDIGO-ORG-1,one,two\n",
            r"organisations\.csv:2: row: wrong number of cells \(found '3', expected 2 cells\)",
        ),
        (b"ID,Name\nINDIGO-ORG-1,\xff\n", r"organisations\.csv:2: file: not UTF-8 text"),
        (b'ID,Name\nINDIGO-ORG-1,"open\n', r"organisations\.csv:2: row: not readable as CSV: unexpected end of data"),
    ],
)
def test_an_unreadable_file_is_named(tmp_path: Path, tables: Tables, content: bytes, message: str) -> None:
    path = write_export(tmp_path / "export", tables)
    (path / indigo.ORGANISATIONS).write_bytes(content)
    with pytest.raises(ImportProblem, match=message):
        read_export(path)


def test_a_path_that_is_no_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="no such folder or zip file"):
        read_export(tmp_path / "nowhere")
    (tmp_path / "export.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(ImportProblem, match="neither a folder nor a zip file"):
        read_export(tmp_path / "export.txt")


def test_a_damaged_zip_is_refused(tmp_path: Path, tables: Tables) -> None:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(name, csv_text(name, rows))
    path.write_bytes(path.read_bytes().replace(b"for Examples", b"of Ensamples"))
    with pytest.raises(ImportProblem, match=r"organisations\.csv cannot be read \(Bad CRC-32"):
        read_export(path)
