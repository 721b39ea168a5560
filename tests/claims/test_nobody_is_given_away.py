"""A whole run on claims, recorded as the UI records it: nobody's id is in anything that it writes or says."""

import gzip
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pipeline.orchestration.server.instance import dagster_home, open_records
from pipeline.orchestration.settings import Settings
from tests.claims.made_up_claims import Claim, Write, reported_claims
from tests.conftest import Run

pytestmark = pytest.mark.slow
PERSON = "person-00"  # with which the id of each participant begins
EVIDENCE = ("file 1", "record 1")


def given_away(project: Path, *said: str) -> list[str]:
    """Where the id of a participant, or of a piece of evidence, stands beside the claims themselves."""
    found = [f"said: {text[:200]}" for text in said if PERSON in text]
    for path in project.rglob("*"):
        if (
            path.is_file()
            and path.name != "claims.csv"
            and any(id_ in content for content in contents(path) for id_ in ids())
        ):
            found.append(str(path.relative_to(project)))
    return found


def ids() -> list[bytes]:
    return [PERSON.encode(), *(evidence.encode() for evidence in EVIDENCE)]


def contents(path: Path) -> Iterator[bytes]:
    """What a file says: as it is, and, of a database or what is packed, unpacked."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        import pandas as pd

        yield pd.read_parquet(path).to_csv().encode()
    elif path.suffix == ".db":
        with sqlite3.connect(path) as records:
            yield "\n".join(records.iterdump()).encode()
    elif path.suffix == ".gz":
        yield gzip.decompress(path.read_bytes())


@pytest.fixture
def recorded(claiming: Write, checks_ready: None) -> Write:
    """The small project whose UI was opened once, so that all runs are recorded."""

    def write(claims: Iterable[Claim]) -> Path:
        project = claiming(claims)
        with open_records(Settings.default()):
            pass
        assert dagster_home(Settings.default()).exists()
        return project

    return write


def test_a_published_run_knows_nobody(recorded: Write, publicvalue: Run) -> None:
    project = recorded(reported_claims())
    status, out, err = publicvalue("run")
    assert status == 0, err
    assert given_away(project, out, err) == []
    for command in (("check",), ("check", "--json"), ("explain", "C-1"), ("explain", "C-1", "--json")):
        status, out, err = publicvalue(*command)
        assert status == 0
        assert given_away(project, out, err) == []
    # The search would find an id: it stands in the claims, from which all of this was made.
    assert PERSON in (project / "raw" / "C-1" / "claims.csv").read_text()
    (project / "reports" / "leak.json").write_text(f"{PERSON}01")
    assert given_away(project) == ["reports/leak.json"]


WRONG = [
    Claim("person-0001", "person-0002", "person-0003", "person-0004", "person-0005", "person-0006"),
    Claim("person-0007", "started", "0", "2021-12-31", "-5", ""),
    Claim("person-0008@example.org", "started", "0"),
]


def test_a_refused_run_knows_nobody(recorded: Write, publicvalue: Run) -> None:
    project = recorded([*reported_claims(), *WRONG])
    status, out, err = publicvalue("run")
    assert status == 1
    assert "looks like an e-mail address" in err
    assert given_away(project, out, err) == []


def test_a_file_that_the_engine_cannot_read_knows_nobody(recorded: Write, publicvalue: Run) -> None:
    project = recorded(reported_claims())
    with (project / "raw" / "C-1" / "claims.csv").open("a") as file:
        file.write('person-0099,started,0,2019-06-30,,"file 1\n')
    status, out, err = publicvalue("run")
    assert status == 1
    assert "not readable as CSV" in err
    assert given_away(project, out, err) == []


def test_a_fault_of_ours_knows_nobody(recorded: Write, publicvalue: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks while claims are open, its traceback shows code and no row."""
    project = recorded(reported_claims())

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("pipeline.claims.reading.claim_counts", broken)
    status, out, err = publicvalue("run")
    assert status == 3
    assert given_away(project, out, err) == []
