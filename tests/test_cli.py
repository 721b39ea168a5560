"""The command line as its users meet it: what is printed, what is written, which exit status."""

import errno
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from pipeline.load import load
from tests.small_market import lay_out

CONTRACTS = ("INDIGO-POJ-0121", "INDIGO-POJ-0174", "INDIGO-POJ-0178")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch, known_tables: None) -> Path:
    """A small project: three contracts, and of the reference tables what is said of them; the current folder."""
    lay_out(tmp_path, project_root, CONTRACTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_correction_that_fits_nothing_is_told_in_the_file_in_which_it_stands(project: Path, publicvalue: Run) -> None:
    (project / "reference").rename(project / "refs")
    corrections = project / "refs" / "corrections.csv"
    header = corrections.read_text(encoding="utf-8").splitlines()[0]
    row = f"payments,{CONTRACTS[0]},nowhere,amount_gbp,1,2,no such row,indigo-2025-05"
    corrections.write_text(f"{header}\n{row}\n", encoding="utf-8")
    status, _, err = publicvalue("check", "--reference", "refs")
    assert status == 1
    assert "refs/corrections.csv:2: " in err
    assert " reference/" not in f" {err}"


def test_check_says_what_is_there(project: Path, publicvalue: Run) -> None:
    status, out, _ = publicvalue("check")
    assert status == 0
    *warnings, last = out.splitlines()
    assert last.startswith("No problem found: 3 contracts, ")
    assert all(line.startswith("warning: reference/sources.csv:") for line in warnings)
    assert any(line.endswith(": source_id: no row cites it (found 'ejaf-2021')") for line in warnings)
    assert not (project / "reports").exists()


def test_check_names_place_value_and_expectation(project: Path, publicvalue: Run) -> None:
    spoil(project / "raw/INDIGO-POJ-0178/outcomes.csv", ",145852,", ',"145,852",')
    spoil(project / "raw/INDIGO-POJ-0121/outcomes.csv", "2018-10-01", "01/10/2018")
    status, out, err = publicvalue("check")
    assert status == 1
    assert all(line.startswith("warning: ") for line in out.splitlines())
    assert "raw/INDIGO-POJ-0178/outcomes.csv:2: quantity: not a number (found '145,852'" in err
    assert "raw/INDIGO-POJ-0121/outcomes.csv:2: period_start: not a date (found '01/10/2018'" in err
    assert "2 problems; nothing was published." in err


def test_check_for_machines(project: Path, publicvalue: Run) -> None:
    status, out, _ = publicvalue("check", "--json")
    assert status == 0
    assert {problem["is_warning"] for problem in json.loads(out)} == {True}
    spoil(project / "raw/INDIGO-POJ-0178/outcomes.csv", ",145852,", ",-1,")
    status, out, _ = publicvalue("check", "--json")
    assert status == 1
    (problem,) = (problem for problem in json.loads(out) if not problem["is_warning"])
    assert (problem["path"], problem["row"], problem["column"]) == ("raw/INDIGO-POJ-0178/outcomes.csv", 2, "quantity")


def test_explain_prints_the_whole_sum(project: Path, publicvalue: Run) -> None:
    status, out, _ = publicvalue("explain", "INDIGO-POJ-0178")
    assert status == 0
    for part in (
        "REPORTED",
        "145,852 days",
        "UNITS",
        "VALUE",
        "pbe-2023",
        "data from 2021-22",
        "range of the mean: £52,000 to £86,000",
        "PAYMENTS",
        "RESULT IN 2024-25 PRICES",
        "SOURCES",
        "open-2026",
    ):
        assert part in out
    data = json.loads(publicvalue("explain", "INDIGO-POJ-0178", "--edition", "atq-2024", "--json")[1])
    assert data["edition"] == "atq-2024"
    assert data["lines"][0]["unit_cost_id"] == "child_in_care"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("explain", "INDIGO-POJ-9999"), "no contract 'INDIGO-POJ-9999'"),
        (("explain", "INDIGO-POJ-0178", "m9"), "it has: outcomemetric1"),
        (("explain", "INDIGO-POJ-0178", "--edition", "x"), "there are: atq-2022, atq-2024, open-2025, open-2026"),
        (("run", "--edition", "x"), "atq-2022"),
        (("run", "--contract", "INDIGO-POJ-9999"), "INDIGO-POJ-9999"),
        (("print",), "nothing is published in reports: publicvalue run first"),
        (("print", "--edition", "x"), "x is not published in reports: publicvalue run --edition x first"),
        (("nonsense",), "No such command"),
        (("import", "indigo", "nowhere"), "does not exist"),
    ],
)
def test_wrong_use_is_exit_status_2(arguments: tuple[str, ...], words: str, project: Path, publicvalue: Run) -> None:
    status, out, err = publicvalue(*arguments)
    assert status == 2
    assert words in err
    assert out == ""


ODD = [
    *("", "\n", " ", "🙂", "x" * 10_000, "-", "..", "../x", "a b", "\x1b[31m", "\u200b", "caf\udce9", "nan", "0"),
    "é'\"",
]


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "{}"),
        ("explain", "INDIGO-POJ-0178", "{}"),
        ("explain", "INDIGO-POJ-0178", "--edition={}"),
        ("run", "--edition={}"),
        ("run", "--contract={}"),
        ("run", "--accept={}"),
        ("run", "--draws={}"),
        ("run", "--seed={}x"),
        ("print", "--edition={}"),
        ("synthetic-claims", "--contract={}"),
        ("synthetic-claims", "--people={}"),
        ("{}",),
    ],
    ids=" ".join,
)
def test_an_odd_argument_is_wrong_use_said_in_one_line(
    arguments: tuple[str, ...], project: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is: never a traceback, nothing that commands the terminal, and no line longer than can be read."""
    monkeypatch.setattr("pipeline.load.load", cache(load))  # read once
    (project / "reports").mkdir()
    for odd in ODD:
        given = [argument.format(odd) for argument in arguments]
        if given[-1].startswith("-") and "=" not in given[-1]:
            given.insert(len(given) - 1, "--")
        status, out, err = publicvalue(*given)
        assert (status, out) == (2, ""), (given, err)
        # Usage may come before it.
        *_, last = err.splitlines()
        assert last.startswith("Error: "), (given, err)
        assert err.count("Error: ") == 1
        assert len(last) < 1_200
        assert last.isprintable(), last


def test_a_fault_of_ours_is_exit_status_3(project: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("pipeline.load.find_problems", broken)
    status, _, err = publicvalue("check")
    assert status == 3
    assert "This is a fault in the program, not in the data: RuntimeError: a bug" in err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "x"), "No space left on device"),
        (PermissionError(errno.EACCES, "x", "raw/\x1bX"), "raw/\\x1bX: Permission denied"),
        (MemoryError(), "there is not enough memory"),
    ],
)
def test_what_the_machine_refuses_is_one_line_and_exit_status_1(
    project: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.load.find_problems", refused)
    assert publicvalue("check") == (1, "", f"{said}\n")


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "x", "a template"), KeyError("x"), OSError("x")])
def test_what_is_no_doing_of_the_machine_is_a_fault_of_ours(
    project: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Also where it is raised by the method: nothing there is a refusal that somebody could mend."""

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("pipeline.method.valuation.value_edition", broken)
    status, _, err = publicvalue("explain", "INDIGO-POJ-0178")
    assert status == 3
    assert "This is a fault in the program, not in the data" in err


def test_a_current_folder_that_is_gone_is_one_line(
    tmp_path: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert publicvalue("check") == (1, "", "the current folder no longer exists: change to another\n")


@pytest.mark.parametrize("option", ["--raw", "--reference"])
def test_a_folder_that_is_not_there_is_one_problem(project: Path, publicvalue: Run, option: str) -> None:
    assert publicvalue("check", option, "nowhere") == (
        1,
        "",
        "nowhere/:0: folder: missing\n1 problem; nothing was published.\n",
    )


@pytest.fixture
def published(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an edition with little on its pages; where the browser is to be, nothing is yet."""
    folder = project / "reports" / "open-2026"
    for name in ("index", "published", "assumptions", "sources"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.html").write_text(f'<main id="main"><h1>{name}</h1></main>', encoding="utf-8")
    monkeypatch.setenv("PUBLICVALUE_CHROMIUM", str(project / "browser"))
    return folder


def browser_that(project: Path, does: str) -> None:
    """Put a program where the browser is to be; ``pdf`` is where it is to print."""
    begin = "import pathlib, sys\npdf = pathlib.Path(next(a for a in sys.argv if 'to-pdf=' in a).partition('=')[2])"
    (project / "browser").write_text(f"#!{sys.executable}\n{begin}\n{does}\n", encoding="utf-8")
    (project / "browser").chmod(0o755)


def test_print_says_what_it_made(project: Path, published: Path, publicvalue: Run) -> None:
    browser_that(project, "pdf.write_bytes(b'%PDF /Type /Pages /Type /Page\\n /Type /Page>>' + bytes(1_200_000))")
    assert publicvalue("print") == (0, "reports/open-2026/report.pdf: 2 pages, 1.2 MB\n", "")
    assert (published / "report.pdf").read_bytes().startswith(b"%PDF")


def test_print_without_a_browser_is_wrong_use_and_with_one_that_fails_not_done(
    project: Path, published: Path, publicvalue: Run
) -> None:
    status, out, err = publicvalue("print")
    assert (status, out) == (2, "")
    assert err.endswith("cannot be started: install Chromium, or name the path of one in PUBLICVALUE_CHROMIUM\n")
    assert len(err.splitlines()) == 1
    browser_that(project, "sys.exit('out of memory')")
    status, out, err = publicvalue("print", "--edition", "open-2026")
    assert (status, out) == (1, "")
    assert err.endswith("made no PDF (exit status 1); it said last:\nout of memory\n")
    assert not (published / "report.pdf").exists()


def test_importing_something_else_is_refused(project: Path, publicvalue: Run) -> None:
    (project / "export").mkdir()
    status, _, err = publicvalue("import", "indigo", "export")
    assert status == 1
    assert "projects.csv" in err


def test_importing_the_same_again_changes_nothing(project: Path, project_root: Path, publicvalue: Run) -> None:
    export = project_root.parent / "shared" / "sources" / "indigo"
    if not export.is_dir():
        pytest.skip("the INDIGO export is not there: it is no part of the project")
    status, out, _ = publicvalue("import", "indigo", str(export), "--raw", str(project_root / "raw"), "--dry-run")
    assert status == 0
    assert not [line for line in out.splitlines() if line.startswith(("+ ", "- ", "~ "))]
    assert "Nothing was written" in out


def give_range(project: Path, unit_cost_id: str) -> None:
    """Let the mean of a unit cost be in doubt, by a fifth either way."""
    path = project / "reference" / "unit_costs.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    own = table["unit_cost_id"] == unit_cost_id
    assert own.any()
    central = table.loc[own, "central_gbp"].astype(float)
    table.loc[own, "low_gbp"], table.loc[own, "high_gbp"] = (0.8 * central).astype(str), (1.2 * central).astype(str)
    table.loc[own, "range_basis"] = "convention"
    table.to_csv(path, index=False)


def test_run_publishes_and_says_what_moved(
    project: Path, publicvalue: Run, monkeypatch: pytest.MonkeyPatch, checks_ready: None
) -> None:
    # Else too little is drawn for a range.
    give_range(project, "child_in_care")
    status, out, err = publicvalue("run", "--edition", "open-2026")
    assert status == 0
    assert "open-2026: public value £" in out
    assert "moved" not in out
    assert err == ""  # nobody is at a terminal
    folder = project / "reports" / "open-2026"
    published = json.loads((folder / "headline.json").read_text(encoding="utf-8"))
    assert published["contracts"] == len(CONTRACTS)
    assert (folder / "tables" / "valued_outcomes.parquet").exists()
    sure = published["uncertainty"]
    assert (sure["draws"], sure["seed"]) == (10_000, 1)
    assert f"80% range: £{sure['bcr']['p10']:.2f} to £{sure['bcr']['p90']:.2f} of public value" in out
    full = project / "data" / "moved-open-2026.txt"
    assert not full.exists()
    monkeypatch.setattr("pipeline.cli._at_a_terminal", lambda: True)
    status, out, err = publicvalue("run", "--edition", "open-2026", "--draws", "500", "--seed", "7")
    assert status == 0
    seconds = r"\d+\.\d s"
    assert re.fullmatch(
        f"checks: Pandera {seconds} at the gate and {seconds} between the steps; Great Expectations {seconds} with its "
        f"import, in a process of its own, for which the run waited {seconds}\n",
        err,
    )
    told = [line for line in out.splitlines() if line.startswith("  moved: ")]
    # Another seed moves the ranges, and no contract; more places where two would show no difference.
    ratio = r"(\d\.\d+) \(.*\)"
    (before, after) = re.fullmatch(f"  moved: public value per £1: {ratio} -> {ratio}", told[0]).groups()  # type: ignore[union-attr]
    assert before == after
    assert not any("contract" in line for line in told)
    lines = full.read_text(encoding="utf-8").splitlines()
    assert "uncertainty.seed: 1 -> 7" in lines
    assert not [line for line in lines if line.startswith("bcr:")]
    in_full = lines[lines.index("") + 1 :]
    assert told[-1] == f"  moved: full list ({len(in_full)} lines): data/moved-open-2026.txt"
    spoil(project / "raw/INDIGO-POJ-0178/outcomes.csv", ",145852,", ",145853,")
    monkeypatch.setattr("pipeline.cli._at_a_terminal", lambda: True)
    status, out, err = publicvalue("run", "--edition", "open-2026", "--draws", "500", "--seed", "7")
    assert status == 0
    seconds = r"\d+\.\d s"
    assert re.fullmatch(
        f"checks: Pandera {seconds} at the gate and {seconds} between the steps; Great Expectations {seconds} with its "
        f"import, in a process of its own, for which the run waited {seconds}\n",
        err,
    )
    told = [line for line in out.splitlines() if line.startswith("  moved: ")]
    assert told[2:4] == [
        "  moved: why: new or changed results: public value +£100, from Stronger Families Norfolk (INDIGO-POJ-0178)",
        "  moved: contracts changed (1): Stronger Families Norfolk (INDIGO-POJ-0178), "
        "public value £14,657,665 -> £14,657,765",
    ]
    assert len(told) <= 5
    status, out, _ = publicvalue("bridge", "open-2026", "open-2026")
    assert (status, out) == (0, "open-2026 to open-2026: nothing changed.\n")
    assert "public_value_gbp: " in full.read_text(encoding="utf-8")
    assert not list((project / "reports").rglob("moved*"))
    spoil(project / "raw/INDIGO-POJ-0178/outcomes.csv", ",145853,", ",n/a,")
    good = (folder / "headline.json").read_bytes()
    status, _, err = publicvalue("run")
    assert status == 1
    assert "outcomes.csv:2: quantity" in err
    assert (folder / "headline.json").read_bytes() == good


@pytest.mark.parametrize(("option", "value"), [("--draws", "5"), ("--draws", "2000000"), ("--seed", "-1")])
def test_a_simulation_that_says_nothing_is_refused(project: Path, publicvalue: Run, option: str, value: str) -> None:
    status, out, err = publicvalue("run", option, value)
    assert (status, out) == (2, "")
    assert f"{option}: " in err
    assert "expected" in err


def test_the_package_runs_as_a_module(project: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    for command in ("run", "check", "explain", "import", "ui"):
        assert f"  {command} " in done.stdout
