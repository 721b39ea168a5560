"""``make bench``: the ways agree; what a run is spent on is told for each of its rules, and kept beside the rest."""

import json
import sys
import time
from pathlib import Path

import pytest

from benchmarks import claims
from benchmarks.claims import Answer, by_hand, by_rule, by_rule_table, checked_by_hand, made, must_agree, ours, passes
from pipeline.claims.engines import EngineChoice, opened
from pipeline.claims.row_rules import COLUMNS, SHARED

PEOPLE = 200


@pytest.fixture(scope="module")
def project(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(project_root)
        return made(tmp_path_factory.mktemp("bench"), PEOPLE)


@pytest.mark.slow
def test_by_hand_and_as_a_run_does_it_claims_come_to_the_same(project: Path) -> None:
    """The contract that is measured must fit into what is written by hand, whatever becomes of its metrics."""
    answers: dict[str, Answer] = {way.__name__: way(project) for way in (by_hand, checked_by_hand, ours)}
    assert all(answer.counts for answer in answers.values())
    must_agree(answers)


@pytest.mark.slow
def test_the_last_query_of_the_rules_asks_all_that_a_run_asks(project: Path) -> None:
    with opened(EngineChoice()) as backend:
        asked = passes(backend, project)["rules for rows"]
        first, *_, last = (backend.to_pyarrow(query).to_pylist()[0] for query in asked.values())
    assert first == {"rows": last.pop("rows")}
    words = [name.partition(": ")[2].split("; ") for name in list(asked)[1:]]
    assert last == {f"rule_{n}": 0 for n in range(sum(map(len, words)))}
    columns = [name.partition(":")[0] for name in list(asked)[1:]]
    assert set(columns) == set(COLUMNS)
    assert all(columns.count(column) == 1 for column in SHARED)


@pytest.mark.slow
def test_what_a_run_is_spent_on_adds_up(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "process_time", lambda: float(next(ticks)))
    monkeypatch.setattr(claims, "WAYS", dict(claims.WAYS) | {"ours": claims.plain_read})
    figures = by_rule(project, 1)
    assert figures["plain_read"] == sum(sum(parts.values()) for parts in figures["added"].values()) == 1
    # As long as one another: the first of a pass takes all of it, and those that ask for more take nothing more.
    assert [sum(parts.values()) for parts in figures["added"].values()] == [1, 1, 1, -2]


def test_the_table_has_each_pass_and_its_parts() -> None:
    added = {"rules": {"id: missing": 1.0, "id: odd": 2.0}, "tallies": {"tallies": 1.0}}
    assert by_rule_table({"claims": 1_000, "plain_read": 0.5, "added": added}).splitlines() == [
        "| processor time, 1,000 claims | × plain read | share of ours |",
        "|---|---:|---:|",
        "| plain read of the three columns | 1.00 | 12% |",
        "| **rules** | 6.00 | 75% |",
        "| id: missing | 2.00 | 25% |",
        "| id: odd | 4.00 | 50% |",
        "| **tallies** | 2.00 | 25% |",
        "| **ours** | 8.00 | 100% |",
    ]


@pytest.mark.slow
def test_what_is_measured_by_rule_is_kept_beside_what_was_measured_by_way(
    project: Path,
    project_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = json.loads((project_root / claims.FIGURES).read_text("utf-8"))
    (tmp_path / "figures.json").write_text(json.dumps(before), "utf-8")
    monkeypatch.setattr(claims, "FIGURES", tmp_path / "figures.json")
    monkeypatch.setattr(claims, "CHART", tmp_path / "chart.svg")
    found = {"plain_read": 1.0, "added": {"all": {"all": 2.0}}}
    monkeypatch.setattr(claims, "by_rule", lambda project, rounds: found)
    # They would be those of every test after this one.
    monkeypatch.setattr(claims, "_take_processors", lambda: None)
    millions = str(PEOPLE * claims.CLAIMS_A_PERSON / claims.MILLION)
    cache = str(project.parent)
    monkeypatch.setattr(sys, "argv", ["claims", "--by-rule", "--write", "--sizes", millions, "--cache", cache])
    claims.main()
    assert "| **ours** | 2.00 | 100% |" in capsys.readouterr().out
    kept = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    (rows,) = {kept["by_rule"].pop("claims")}
    assert rows > PEOPLE
    assert kept == before | {"by_rule": found | {"rounds": 3}}
