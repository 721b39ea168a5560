"""``make benchmark``: it measures a project as people use it, changes one contract, and stops where a command fails."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks import waiting
from benchmarks.waiting import FIGURES, Line, Project, growth, main
from pipeline.load import find_problems
from pipeline.report.drawing import as_svg


@pytest.fixture
def project(project_root: Path, tmp_path: Path) -> Project:
    for name in ("raw", "reference"):
        shutil.copytree(project_root / name, tmp_path / name)
    return Project(tmp_path)


def test_one_contract_is_changed_by_a_pound_and_nothing_is_wrong_with_it(project: Project) -> None:
    before = find_problems(project.folder / "raw", project.folder / "reference")[0].payments
    project.change()
    project.change()
    after, _, problems = find_problems(project.folder / "raw", project.folder / "reference")
    assert problems == []
    changed = after.payments[after.payments["amount_gbp"] != before["amount_gbp"]]
    assert set(changed["contract_id"]) == {project.payments.parent.name}
    assert list(changed["basis"]) == ["paid"]
    assert after.payments["amount_gbp"].sum() - before["amount_gbp"].sum() == pytest.approx(2)


def test_a_cost_holds_what_the_processes_of_a_command_used(project: Project) -> None:
    busy = "import time\nwhile time.process_time() < 0.5: pass"
    cost = project.cost("-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])")
    assert cost.wall >= cost.processor * 0.5
    assert 0.5 <= cost.processor < 5
    # A process begins with the memory of the one that starts it: here of a worker that has run many tests.
    assert 1 < cost.megabytes < 8_000


def test_a_command_that_fails_ends_the_benchmark_with_what_it_said(project: Project) -> None:
    with pytest.raises(SystemExit, match=r"(?s)explain NONE failed:.*no contract .NONE."):
        project.cost("-m", "pipeline", "explain", "NONE")


@pytest.fixture
def made_up_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lines that are there at once, on a machine with nothing else at work; returns where the table is written."""
    groups = {
        name: lambda project, name=name: iter(
            [
                Line(f"line of {name}", [3.0, 2.0] if project.code == waiting.ROOT else [5.0], "9", "s", 12.0),
                Line("size", [5.0], "", "MB"),
            ]
        )
        for name in waiting.GROUPS
    }
    monkeypatch.setattr(waiting, "GROUPS", groups)
    monkeypatch.setattr(waiting, "unit", lambda: 0.5)
    monkeypatch.setattr(waiting, "FIGURES", tmp_path / FIGURES.name)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.5, 3.0, 3.0))
    return tmp_path / FIGURES.name


def test_the_table_is_printed_and_only_a_whole_one_is_written(
    made_up_lines: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "git", lambda *words: "abc" if "rev-parse" in words else "")
    for options, is_whole in (["--only", "ui"], False), ([], True):
        monkeypatch.setattr(sys, "argv", ["waiting", *options])
        main()
        printed = capsys.readouterr()
        assert "commit abc," in printed.out
        assert "2.00 (3.00) s     4.0   9" in printed.out
        assert "5.00 (5.00) MB" in printed.out
        assert printed.err == ""
        assert ("line of run" in printed.out) == is_whole == made_up_lines.exists()
    kept = json.loads(made_up_lines.read_text("utf-8"))
    assert (kept["commit"], kept["load_before"], kept["unit_seconds"]) == ("abc", 0.5, 0.5)
    assert [line["units"] for line in kept["lines"]] == [4.0, ""] * len(waiting.GROUPS)
    assert kept["lines"][0]["found"] == [3.0, 2.0]
    assert "before" not in kept["lines"][0]


def test_a_busy_machine_gives_no_figures_to_keep(
    made_up_lines: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(waiting, "git", lambda *words: "")
    monkeypatch.setattr(os, "getloadavg", lambda: (3.0, 3.0, 3.0))
    monkeypatch.setattr(sys, "argv", ["waiting"])
    main()
    assert "busy" in capsys.readouterr().err
    assert not made_up_lines.exists()


def test_growth_is_drawn_beside_what_it_would_be_if_it_were_as_that_of_the_market() -> None:
    spec = growth([(100, 5.0), (1_000, 15.0)])
    assert spec["title"]["text"] == "A market 10 times as large takes 3.0 times as long"
    assert [(row["contracts"], row["seconds"]) for row in spec["data"]["values"]] == [
        *((100, 5.0), (1_000, 15.0)),
        *((100, 5.0), (1_000, 50.0)),
    ]
    assert as_svg(spec).count("takes 3.0 times as long") > 0


def test_an_earlier_commit_is_measured_in_turn_and_its_checkout_is_gone_afterwards(
    made_up_lines: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    checkouts = waiting.git("worktree", "list")
    monkeypatch.setattr(sys, "argv", ["waiting", "--before", "HEAD"])
    main()
    assert re.search(r"2\.00 \(3\.00\) s +4\.0 +9 +5\.00 +0\.40 +0\.75", capsys.readouterr().out)
    line = json.loads(made_up_lines.read_text("utf-8"))["lines"][0]
    assert (line["before"], line["asked"]) == ([5.0], 0.75)
    assert waiting.git("worktree", "list") == checkouts
