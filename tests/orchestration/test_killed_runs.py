"""Runs that are killed, stopped or out of space: each edition is the old or the new one, and the next run just works.

The runs are processes of their own, forked from one that has the slow libraries loaded.
"""

import json
import multiprocessing
import os
import random
import re
import shutil
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline.orchestration.run import UnknownNameError, run_editions
from pipeline.orchestration.settings import Settings
from pipeline.report import history
from pipeline.report.output_folder import working_alone
from pipeline.report.publish import publish_edition
from pipeline.report.text.editions import FRONT
from tests.small_market import lay_out

# One with a ladder, one whose result is changed.
CONTRACTS = ["INDIGO-POJ-0111", "INDIGO-POJ-0178"]
EDITIONS = ["atq-2024", "open-2026"]
KILLS = 8
PATIENCE_SECONDS = 120
FORKED = multiprocessing.get_context("forkserver")
PRELOADED = ["pipeline.cli", "pipeline.orchestration.run", "rich.console"]
Tree = dict[str, bytes]

# What the processes do. Names that are not imported here are handed over.
# What the checks across tables find and what charts show is tested elsewhere; it takes half the time of a run.
UNCHECKED = """
from pipeline.checks import great_expectations, validation
from pipeline.report import drawing
great_expectations.start = drawing.start = lambda: None
validation.broken_rows = lambda question: []
drawing._asked = lambda draw, specs: ["<svg/>" if draw is drawing.as_svg else b"PNG"] * len(specs)
"""
RUN = f"""{UNCHECKED}
from pipeline.method.analysis.simulation import Simulation
from pipeline.orchestration.run import run_editions
run_editions(settings, editions, simulation=Simulation(draws=100))
"""
COMMAND = f"""{UNCHECKED}
import os, sys
from pipeline import cli
os.chdir(folder)
sys.argv = ["publicvalue", "run", "--draws=100", *("--edition=" + edition for edition in editions)]
sys.stdout, sys.stderr = open(os.devnull, "w"), open(errors, "w", buffering=1)
cli.main()
"""
# From some moment on no file may grow: a write fails as on a full disk.
NO_ROOM = """
import resource, signal
from pipeline.report import publish
def fill_the_disk():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))
write = publish.pq.write_table
def write_until(table, path, **how):
    if stage == "working tables" or ".publishing" in str(path):
        fill_the_disk()
    write(table, path, **how)
publish.pq.write_table = write_until
"""
# Ctrl-C just after something was done for the first time.
INTERRUPT = """
import os, signal
from pipeline.orchestration.assets.store import TableStore
from pipeline.report import publish
owner, name = (TableStore, "write") if stage == "working tables" else (publish, "_swap")
done = getattr(owner, name)
def interrupted(*arguments):
    setattr(owner, name, done)
    done(*arguments)
    os.kill(os.getpid(), signal.SIGINT)
setattr(owner, name, interrupted)
"""
# For what the command does around a run, which itself takes some seconds.
NO_RUN = """
from pipeline.orchestration import run
run.run_editions = lambda *arguments, **options: headlines
"""
# Publishes, and dies just before the n-th time that it touches the disk or asks for the system's exchange of names.
PUBLISH_AND_DIE = """
import os, signal, sys
from pipeline.report import publish
if not has_exchange:
    publish._exchanged = lambda one, other: False
touched = 0
def count(event, arguments):
    global touched
    if event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.scandir", "ctypes.dlsym"):
        touched += 1
        if touched == number:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
publish.publish_edition(out_dir, "open-2026", {}, texts, {})
"""


@dataclass
class Project:
    """A project whose old edition is published and whose data say something new."""

    folder: Path
    old: Tree
    new: Tree
    seconds: float

    @property
    def settings(self) -> Settings:
        """The folders, as the command line has them from within the project."""
        return Settings(*(self.folder / name for name in ("raw", "reference", "reports", "data")))

    def copy(self, folder: Path) -> "Project":
        """The same project elsewhere, to be run at will."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return Project(folder, self.old, self.new, self.seconds)

    @property
    def errors(self) -> Path:
        """Where the command line says what is wrong."""
        return self.folder / "errors"

    def command(self) -> dict[str, Any]:
        """What a process needs that runs the command line."""
        return {"folder": self.folder, "editions": EDITIONS, "errors": self.errors}

    def published(self) -> Tree:
        """Every published file."""
        trees = {edition: tree(self.settings.out_dir / edition) for edition in EDITIONS}
        return {f"{edition}/{name}": content for edition, files in trees.items() for name, content in files.items()}


def tree(folder: Path) -> Tree:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): content(path) for path in files}


VERSION = re.compile(rb"\b[0-9a-f]{16}\b")


def content(path: Path) -> bytes:
    """Content of a file; of how the checks came out, which depends on what was published before, the versions."""
    if path.name == "checks.parquet":
        metadata = pq.read_schema(path).metadata
        return b" ".join(metadata[name] for name in (b"data_version", b"reference_version", b"code_version"))
    if path.name == "checks.csv":
        return b""
    if path.name in ("checks.html", "data.html"):
        return b" ".join(VERSION.findall(path.read_bytes()))
    if path.suffix in (".zip", ".ods", ".xlsx"):
        with zipfile.ZipFile(path) as whole:
            return b" ".join(version for name in whole.namelist() for version in VERSION.findall(whole.read(name)))
    return path.read_bytes()


def of_edition(files: Tree, edition: str) -> Tree:
    return {name: content for name, content in files.items() if name.startswith(f"{edition}/")}


def leftovers(settings: Settings) -> list[str]:
    """What lies in the folders and is neither an edition nor a table; the file of the lock stays."""
    in_out = {path.name for path in settings.out_dir.iterdir()} - {*EDITIONS, ".lock", history.FOLDER, *FRONT}
    half_kept = {path.name for path in (settings.out_dir / history.FOLDER).rglob(".*")}
    return sorted(in_out | half_kept | {path.name for path in settings.data_dir.rglob(".*")})


def report_days(settings: Settings, days: int) -> None:
    """Let one contract report so many days out of care."""
    path = settings.raw_dir / "INDIGO-POJ-0178/outcomes.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert set(table.loc[table["metric_id"] == "outcomemetric1", "quantity"]) <= {"145852", "145853"}
    table.loc[table["metric_id"] == "outcomemetric1", "quantity"] = str(days)
    table.to_csv(path, index=False)


OLD_DAYS, NEW_DAYS = 145_852, 145_853


def started(code: str, **names: Any) -> ForkServerProcess:
    """Start a process that does what ``code`` says."""
    process = FORKED.Process(target=exec, args=(code, names))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int | None:
    """Wait for the end of a process; returns its exit status, or minus the signal that killed it."""
    process.join(PATIENCE_SECONDS)
    return process.exitcode


@pytest.fixture(scope="module", autouse=True)
def forked_with_libraries_loaded() -> Iterator[None]:
    """Load the slow libraries once, in the process from which all others are forked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GX_ANALYTICS_ENABLED", "false")
        # What the tables hold is tested elsewhere; checking it takes half the time of a run.
        patch.setenv("PANDERA_VALIDATION_ENABLED", "False")
        FORKED.set_forkserver_preload(PRELOADED)
        assert ended(started("")) == 0
        yield


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Project:
    """A project with its old edition published and new data; how long it takes to publish one new edition."""
    base = tmp_path_factory.mktemp("project")
    project = Project(base / "old", {}, {}, 0)
    lay_out(project.folder, project_root, CONTRACTS)
    report_days(project.settings, OLD_DAYS)
    assert ended(started(RUN, settings=project.settings, editions=EDITIONS)) == 0
    project.old = project.published()
    report_days(project.settings, NEW_DAYS)
    after = project.copy(base / "new")
    for edition in EDITIONS:
        begin = time.perf_counter()
        assert ended(started(RUN, settings=after.settings, editions=[edition])) == 0
        project.seconds = time.perf_counter() - begin
    project.new = after.published()
    for edition in EDITIONS:
        assert of_edition(project.old, edition) != of_edition(project.new, edition)
    return project


@pytest.fixture
def project(first: Project, tmp_path: Path) -> Project:
    """A copy of the project: old editions, new data."""
    return first.copy(tmp_path)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_each_edition_old_or_new(project: Project) -> None:
    """Each run works towards the state that is not published, over what the killed ones before it have left behind."""
    settings, chance = project.settings, random.Random(20_260)
    for number in chance.sample(range(KILLS), KILLS):
        wanted = EDITIONS[number % 2]
        is_new = of_edition(project.published(), wanted) == of_edition(project.new, wanted)
        report_days(settings, OLD_DAYS if is_new else NEW_DAYS)
        run = started(RUN, settings=settings, editions=[wanted])
        run.join(project.seconds * (number + chance.random()) / KILLS)
        run.kill()
        assert ended(run) in {-signal.SIGKILL, 0}
        found = project.published()
        for edition in EDITIONS:
            states = [of_edition(files, edition) for files in (project.old, project.new)]
            assert of_edition(found, edition) in states, f"{edition} is a mixture after kill {number}"
    # As one leaves that is killed while it writes a table; few of these are.
    (settings.data_dir / f"tables/gross_value/.open-2026.parquet.{run.pid}").write_bytes(b"PAR1")
    report_days(settings, NEW_DAYS)
    assert ended(started(RUN, settings=settings, editions=EDITIONS)) == 0
    assert project.published() == project.new
    assert leftovers(settings) == []


@pytest.mark.slow
@pytest.mark.parametrize("has_exchange", [True, False], ids=["exchange", "two renames"])
def test_a_publication_killed_before_each_touch_of_the_disk_is_old_or_new(tmp_path: Path, has_exchange: bool) -> None:
    texts = [{"headline.md": f"{age} headline", "headline.json": f"{age} figures"} for age in ("old", "new")]
    old, new = (tree(publish_edition(tmp_path / text["headline.md"], "open-2026", {}, text, {})) for text in texts)
    seen, status, number = [], -signal.SIGKILL, 0
    while status != 0:
        number += 1
        out_dir = tmp_path / str(number)
        publish_edition(out_dir, "open-2026", {}, texts[0], {})
        names = {"out_dir": out_dir, "texts": texts[1], "number": number, "has_exchange": has_exchange}
        status = ended(started(PUBLISH_AND_DIE, **names)) or 0
        assert status in {-signal.SIGKILL, 0}
        if has_exchange:
            assert tree(out_dir / "open-2026") in (old, new)
        with working_alone(out_dir):  # as the next run begins
            seen.append(tree(out_dir / "open-2026"))
        assert sorted(path.name for path in out_dir.iterdir()) == [".lock", "open-2026"]
    # First always the old, then, from one touch on, always the new.
    assert seen == [old] * seen.count(old) + [new] * seen.count(new)
    assert seen.count(old) > 5
    assert seen.count(new) > 3


@pytest.mark.slow
@pytest.mark.parametrize(("stage", "place"), [("working tables", "data/tables/"), ("publication", "reports/atq-2024")])
def test_a_full_disk_is_said_in_one_line_and_leaves_the_old_edition(project: Project, stage: str, place: str) -> None:
    assert ended(started(NO_ROOM + COMMAND, stage=stage, **project.command())) == 1
    (line,) = project.errors.read_text().splitlines()
    assert line.startswith(f"cannot write {place}")
    assert line.endswith(": File too large; nothing was published.")
    assert project.published() == project.old
    assert leftovers(project.settings) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "published", "words"),
    [
        ("working tables", [], "Stopped; nothing was published."),
        ("publication", ["atq-2024"], "Stopped; already published: atq-2024."),
    ],
)
def test_a_run_stopped_by_ctrl_c_says_what_it_had_published(
    project: Project, stage: str, published: list[str], words: str
) -> None:
    assert ended(started(INTERRUPT + COMMAND, stage=stage, **project.command())) == 128 + signal.SIGINT
    assert project.errors.read_text() == f"{words}\n"
    found = project.published()
    for edition in EDITIONS:
        expected = project.new if edition in published else project.old
        assert of_edition(found, edition) == of_edition(expected, edition)
    assert leftovers(project.settings) == []


@pytest.mark.slow
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[1]"], ids=["empty", "half", "not text", "a list"])
def test_a_headline_that_cannot_be_read_does_not_stop_a_run(project: Project, content: bytes) -> None:
    headline = project.settings.out_dir / "open-2026/headline.json"
    headlines = {"open-2026": json.loads(headline.read_bytes())}
    headline.write_bytes(content)
    assert ended(started(NO_RUN + COMMAND, headlines=headlines, **project.command())) == 0


@pytest.mark.slow
def test_a_second_run_says_that_it_waits_and_then_runs(project: Project) -> None:
    os.mkfifo(project.errors)
    with working_alone(project.settings.out_dir):
        second = started(NO_RUN + COMMAND, headlines={}, **project.command())
        told = project.errors.open()
        assert told.readline() == "another run is working on reports: waiting for it to end\n"
        assert second.exitcode is None
    with told:
        told.read()
    assert ended(second) == 0


def test_a_run_without_the_command_line_says_that_it_waits(tmp_path: Path, project_root: Path) -> None:
    lay_out(tmp_path, project_root, CONTRACTS)
    settings = Settings(*(tmp_path / name for name in ("raw", "reference", "reports", "data")))
    is_held, is_waiting, said = threading.Event(), threading.Event(), []

    def hold() -> None:
        with working_alone(settings.out_dir):
            is_held.set()
            is_waiting.wait(PATIENCE_SECONDS)

    def on_step(words: str) -> None:
        said.append(words)
        is_waiting.set()

    other = threading.Thread(target=hold)
    other.start()
    assert is_held.wait(PATIENCE_SECONDS)
    with pytest.raises(UnknownNameError, match="no such edition: x"):
        run_editions(settings, ["x"], on_step=on_step)
    other.join()
    assert said == [f"another run is working on {settings.out_dir}: waiting for it to end"]
