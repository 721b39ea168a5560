"""Earlier publications that are kept: what cannot be read is said, with its place."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.facts.earlier import read_earlier
from pipeline.tables.kept import KEPT_COLUMNS
from pipeline.tables.reference import EarlierPublications


@pytest.fixture
def publications() -> pd.DataFrame:
    row = {"publication_id": "then", "edition": "e", "published_on": "2030-01-02", "told_in": "e", "note": "made up"}
    return EarlierPublications.validate(pd.DataFrame([row]))


def said(folder: Path, publications: pd.DataFrame) -> list[str]:
    return [str(problem) for problem in read_earlier(folder, "reference", publications)[1]]


def test_tables_are_read_by_their_names(tmp_path: Path, publications: pd.DataFrame) -> None:
    folder = tmp_path / "earlier/then"
    folder.mkdir(parents=True)
    for name, columns in KEPT_COLUMNS.items():
        pd.DataFrame(columns=list(columns), dtype=str).to_parquet(folder / f"{name}.parquet", index=False)
    found, problems = read_earlier(tmp_path, "reference", publications)
    assert not problems
    assert list(found) == ["then"]
    assert set(found["then"]) == set(KEPT_COLUMNS)
    (folder / "payments.parquet").unlink()
    (folder / "contracts.parquet").write_bytes((folder / "choices.parquet").read_bytes())
    assert said(tmp_path, publications) == [
        "reference/earlier/then/payments.parquet:0: file: missing (expected each table that a bridge needs)",
        "reference/earlier/then/contracts.parquet:0: columns: without contract_id, name, policy_area "
        "(expected the columns contract_id, name, policy_area)",
    ]


def test_a_publication_that_is_not_there_is_missed(tmp_path: Path, publications: pd.DataFrame) -> None:
    assert said(tmp_path, publications) == [
        "reference/earlier/then:0: folder: missing (expected the tables that were kept of it)"
    ]


def test_a_torn_file_and_a_folder_that_nobody_names_are_said(tmp_path: Path, publications: pd.DataFrame) -> None:
    for name in ("then", "once"):
        (tmp_path / "earlier" / name).mkdir(parents=True)
    (tmp_path / "earlier/then/contracts.parquet").write_bytes(b"PAR1 torn")
    found = said(tmp_path, publications)
    assert "reference/earlier/once:0: folder: not listed (expected a row in earlier_publications.csv)" in found
    (torn,) = [line for line in found if "contracts.parquet" in line]
    assert "cannot be read" in torn


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path, publications: pd.DataFrame) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "reference/earlier").mkdir(parents=True)
    (tmp_path / "reference/earlier/then").symlink_to(outside)
    (line,) = said(tmp_path / "reference", publications)
    assert "a link out of the folder" in line
