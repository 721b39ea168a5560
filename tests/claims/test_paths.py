"""A path is a path: whatever a folder is called, its own claims are read, and those of no other."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.claims.engines import EngineChoice, claims_in, opened
from pipeline.claims.reading import read_facts
from pipeline.claims.row_rules import COLUMNS
from pipeline.facts.reference import read_reference
from tests.claims.made_up_claims import Write, reported_claims
from tests.conftest import Run

if TYPE_CHECKING:
    from tests.claims.in_spark import InSpark

# All lie beside each other, so that each is what the pattern of another would find.
NAMES = [
    "a [v2]", "a 2", "a v", "a", "b", "p*", "p?", "pq", "{a,b}", "**", "*", "[", "[]]", "]", "[!x]", "[a-b]",
    "~", "%41", "A", "$HOME", "${PWD}", "a,b", "x|y", "s3:", "s3:[v2]*", "http:", "file:", "year=2020",
    "metric_id=started", "year=__HIVE_DEFAULT_PARTITION__", "a\\b", "a\\[b]", '"q"', "it's", "a;b", "#f", "a&b",
    "_a", ".a", " a ", "é", "new\nline", "tab\t", "a.csv", "a.gz", "a.zip",
]  # fmt: skip
KINDS = ("parquet", "csv")
HEADER = ",".join(COLUMNS)


def made(folder: Path, names: Sequence[str], kind: str) -> dict[str, int]:
    """Make a file of claims below each name, of which no two have as many; how many each has."""
    for number, name in enumerate(names, 1):
        path = folder / name / "raw" / f"claims.{kind}"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join([HEADER, *(f"p{n},started,0,2019-06-30,,file {n}" for n in range(number)), ""]))
        if kind == "parquet":
            path.unlink()
            with path.open("wb") as file:
                pq.write_table(pa.table({column: ["x"] * number for column in COLUMNS}), file)
    return {name: number for number, name in enumerate(names, 1)}


def counted(folder: Path, engine: EngineChoice) -> dict[str, int | list[str]]:
    """How many claims the engine finds below each name; where there are other columns, these."""
    found: dict[str, int | list[str]] = {}
    with opened(engine) as backend:
        for path in folder.glob("*/raw/claims.*"):
            claims = claims_in(backend, path, COLUMNS)
            name = path.parent.parent.name
            is_sound = claims.columns == COLUMNS
            found[name] = int(backend.to_pyarrow(claims.count()).as_py()) if is_sound else list(claims.columns)
    return found


def as_parquet(path: Path) -> None:
    claims = pd.read_csv(path, dtype=str)
    with path.with_suffix(".parquet").open("wb") as file:
        claims.to_parquet(file, index=False)
    path.unlink()


@pytest.mark.parametrize("kind", KINDS)
def test_each_folder_has_its_own_claims(tmp_path: Path, kind: str) -> None:
    names = [*NAMES, os.fsdecode(b"caf\xe9")]
    expected = made(tmp_path, names, kind)
    assert counted(tmp_path, EngineChoice()) == expected


@pytest.mark.slow
def test_each_folder_has_its_own_claims_in_spark(in_spark: "InSpark") -> None:
    expected = {name: number for number, name in enumerate(NAMES, 1)}
    assert in_spark.told()["paths"] == dict.fromkeys(KINDS, expected)


@pytest.mark.parametrize("name", ["tmp [12]*?", "year=2020", "a\\b", "new\nline"])
def test_the_folder_for_temporary_files_may_be_called_anything(
    claiming: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    project = claiming(reported_claims())
    (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
    reference, _ = read_reference(project / "reference")
    facts, problems = read_facts(project / "raw", reference, ["C-1"])
    assert problems == []
    assert facts.claim_counts["claims"].sum() == len(reported_claims())
    assert not list((tmp_path / name).iterdir())


@pytest.mark.parametrize("name", ["claims.parquet", "claims.csv"])
def test_what_is_wrong_is_said_of_the_file_and_not_of_the_link_to_it(
    claiming: Write, tmp_path: Path, name: str
) -> None:
    project = claiming(reported_claims())
    (tmp_path / "a [v2]").mkdir()
    raw = Path(shutil.copytree(project / "raw", tmp_path / "a [v2]" / "raw"))
    shutil.copytree(project / "raw", tmp_path / "a 2" / "raw")
    (raw / "C-1" / "claims.csv").unlink()
    (raw / "C-1" / name).write_text("this is no Parquet")
    reference, _ = read_reference(project / "reference")
    _, problems = read_facts(raw, reference, ["C-1"])
    assert {problem.path for problem in problems} == {f"raw/C-1/{name}"}


@pytest.mark.slow
def test_a_project_below_such_names_runs_as_it_does_elsewhere(
    claiming: Write, tmp_path_factory: pytest.TempPathFactory, publicvalue: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = claiming(reported_claims())
    as_parquet(project / "raw" / "C-1" / "claims.csv")
    status, plain, err = publicvalue("run")
    assert status == 0, err
    folder = tmp_path_factory.mktemp("elsewhere") / "year=2020" / "edition=main [1]*"
    shutil.copytree(project, folder / "project", ignore=shutil.ignore_patterns("data", "reports"))
    # With the last edition, beside which the next is checked.
    shutil.copytree(project / "reports", folder / "project" / "~" / "[x]*")
    monkeypatch.chdir(folder / "project")
    monkeypatch.setenv("PUBLICVALUE_DATA", "s3:data")
    status, out, err = publicvalue("run", "--out", "~/[x]*")
    assert status == 0, err
    assert out.replace("~/[x]*", "reports") == plain
    headlines = [project / "reports", folder / "project" / "~" / "[x]*"]
    first, second = (json.loads((reports / "main" / "headline.json").read_text()) for reports in headlines)
    assert first == second
