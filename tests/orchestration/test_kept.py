"""What is kept between two runs changes nothing: whatever was edited, a run gives the bytes of one that keeps nothing.

Each run stands beside one of the same folders, and of the same publications before it, that has no working tables.
"""

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import pandas as pd
import pytest

from pipeline.checks.great_expectations import READY_AT
from pipeline.common import beside
from pipeline.facts import versions
from pipeline.facts.problems import DataProblems
from pipeline.method.analysis.simulation import Simulation
from pipeline.orchestration.assets import inputs, publication
from pipeline.orchestration.assets.inputs import Inputs
from pipeline.orchestration.last_run import NOTE, LastRun
from pipeline.orchestration.run import is_settled, run_editions
from pipeline.orchestration.settings import Settings
from pipeline.report import drawing, history
from pipeline.report.drawing import Spec
from pipeline.report.text.editions import FRONT
from pipeline.report.text.headline import as_json
from pipeline.report.text.headline_markdown import as_markdown
from pipeline.report.text.news import path_of
from pipeline.tables.catalogue import FACT_TABLES, REFERENCE_TABLES
from tests.conftest import Run
from tests.orchestration.conftest import AS_THEY_ARE
from tests.shared import Shared

# In how many rows all edits are tried, and how many processes work on the runs of each.
PROCESSES_OF_ROWS = ("1", "2", "1")
Tree = dict[str, bytes]
Tables = dict[str, pd.DataFrame]


@dataclass
class Project:
    """A project in a folder, and how its next run is asked for."""

    folder: Path
    asked: dict[str, Any] = field(default_factory=dict)
    address: str = ""

    @property
    def settings(self) -> Settings:
        """Its folders."""
        names = ("raw", "reference", "reports", "data")
        return Settings(*(self.folder / name for name in names), address=self.address)

    def run(self, **asked: Any) -> Tree:
        """Publish; returns what is published, and what is told of what moved."""
        editions = run_editions(self.settings, **self.asked, **asked)
        told = [path_of(self.settings.data_dir, edition) for edition in editions]
        return {path.name: path.read_bytes() for path in told if path.exists()} | tree(self.settings.out_dir)

    def replace(self, path: str, old: str, new: str) -> None:
        """Put one text in the place of another, or the other way round where that was done before."""
        text = (self.folder / path).read_text(encoding="utf-8")
        assert (old in text) != (new in text), path
        changed = text.replace(old, new) if old in text else text.replace(new, old)
        (self.folder / path).write_text(changed, encoding="utf-8")


def tree(folder: Path) -> Tree:
    """All files below a folder but its lock, what was published before and the front page, which tell of more runs."""
    left_out = {".lock", history.FOLDER}
    files = (path for path in folder.rglob("*") if path.is_file() and left_out.isdisjoint(path.parts))
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: content for name, content in found.items() if name not in FRONT}


# --- What may be done between two runs ---------------------------------------------------------------------------


def _fewer_results(project: Project) -> None:
    project.replace("raw/C-1/outcomes.csv", ",30,person", ",29,person")


def _other_name(project: Project) -> None:
    project.replace("raw/C-2/contract.toml", "Steady Homes", "Safe Homes")


def _higher_payment(project: Project) -> None:
    project.replace("raw/C-2/payments.csv", ",250000,", ",251000,")


def _dearer(project: Project) -> None:
    project.replace("reference/unit_costs.csv", "8000,14000,15000", "8000,14100,15000")


def _other_choice(project: Project) -> None:
    project.replace("reference/editions/main.toml", 'price_year = "2020-21"', 'price_year = "2019-20"')


def _other_words(project: Project) -> None:
    project.replace("reference/unit_costs.csv", ",earnings,", ",wages,")


def _one_edition_only(project: Project) -> None:
    project.asked = {} if "editions" in project.asked else {"editions": ["main"]}


def _other_draws(project: Project) -> None:
    project.asked["simulation"] = Simulation(draws=200, seed=2)


def _other_address(project: Project) -> None:
    project.address = "" if project.address else "https://values.example.org"


def _accepted(project: Project) -> None:
    project.asked["accepted_checks"] = [] if project.asked.get("accepted_checks") else ["contracts_near_the_last"]


def _read_again(project: Project) -> None:
    project.asked["contracts"] = ["C-1"]


def _nothing(project: Project) -> None:
    pass


def _page_gone(project: Project) -> None:
    for path in project.folder.glob("reports/*/sources.html"):
        path.unlink()


def _page_spoilt(project: Project) -> None:
    for path in project.folder.glob("reports/*/index.html"):
        path.write_bytes(path.read_bytes()[:-1])


def _something_laid_beside(project: Project) -> None:
    for path in project.folder.glob("reports/*/index.html"):
        path.with_name("mine.txt").write_text("mine", encoding="utf-8")


def _tables_torn(project: Project) -> None:
    for path in [*project.folder.glob("data/tables/*/main.parquet")][::3]:
        path.write_bytes(path.read_bytes()[:-9] + b"torn torn")


def _notes_torn(project: Project) -> None:
    for path in project.folder.glob("data/published/*.json"):
        path.write_text("{", encoding="utf-8")


def _all_forgotten(project: Project) -> None:
    shutil.rmtree(project.folder / "data")


EDITS: list[Callable[[Project], None]] = [
    *(
        _fewer_results,
        _other_name,
        _higher_payment,
        _dearer,
        _other_choice,
        _other_words,
        _one_edition_only,
        _other_draws,
        _other_address,
    ),
    *(_accepted, _read_again, _nothing, _nothing, _page_gone, _page_spoilt, _something_laid_beside, _tables_torn),
    *(_notes_torn, _all_forgotten),
]


# --- The law ------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(small_project: Path, shared: Shared) -> Project:
    """The small project with a second edition, published twice: then it was held against a publication of the same."""

    def publish(folder: Path) -> None:
        shutil.copytree(small_project, folder)
        text = (folder / "reference/editions/main.toml").read_text(encoding="utf-8")
        other = text.replace('edition = "main"', 'edition = "other"').replace('"central"', '"low"')
        (folder / "reference/editions/other.toml").write_text(other, encoding="utf-8")
        for _ in range(2):
            Project(folder, asked).run()

    asked: dict[str, Any] = {"simulation": Simulation(draws=100)}
    shutil.copytree(shared.path("two editions", publish), small_project, dirs_exist_ok=True)
    return Project(small_project, asked)


@pytest.fixture(autouse=True)
def quick_runs(unchecked: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In the place of pages and of what is packed for readers stands the content from which they are made.

    A page whose making is skipped though something of that has changed is seen all the better, and it takes no time.
    What charts show and what the checks find is tested elsewhere.
    """

    def files(
        inputs: Inputs, published: Mapping[str, Tables], made: Mapping[str, tuple[Tables, dict[str, Any]]], _: object
    ) -> dict[str, dict[str, str]]:
        read = {name: inputs.fact_table(name) for name in FACT_TABLES}
        read |= {name: inputs.reference_table(name) for name in REFERENCE_TABLES}
        of_all = [*map(str, (inputs.versions, inputs.settings.address)), *map(pd.DataFrame.to_csv, read.values())]
        told = {}
        for key, (_, data) in made.items():
            tables = map(pd.DataFrame.to_csv, published[key].values())
            page = str(crc32("".join([str(inputs.editions[key]), str(data), *of_all, *tables]).encode()))
            text = as_markdown(published[key], inputs.editions[key], data)
            headlines = {"headline.json": as_json(data), "headline.md": text}
            told[key] = {**headlines, "index.html": page, "sources.html": page}
        return told

    monkeypatch.setattr(drawing, "start", lambda: None)
    monkeypatch.setattr(publication, "begun_charts", list)
    monkeypatch.setattr(publication, "_files", files)
    yield
    beside.end()


@pytest.fixture
def pages(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the pages themselves, in which a few words stand for each chart.

    The project, which all tests share, is published before.
    """

    def asked(draw: Callable[[Spec], object], specs: Sequence[Spec]) -> list[str | bytes]:
        names = [f"<svg>{crc32(str(spec).encode())}</svg>" for spec in specs]
        return [name if draw is drawing.as_svg else name.encode() for name in names]

    monkeypatch.setattr(drawing, "_asked", asked)
    for name in ("begun_charts", "_files"):
        monkeypatch.setattr(publication, name, AS_THEY_ARE[name])


def run_of_nothing_kept(project: Project, folder: Path) -> Tree:
    """What a run publishes of the same folders and the same last publications, without working tables."""
    shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("data"))
    try:
        return Project(folder, project.asked, project.address).run()
    finally:
        shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("row", range(len(PROCESSES_OF_ROWS)))
def test_whatever_was_edited_a_run_gives_the_bytes_of_one_that_keeps_nothing(
    project: Project, row: int, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv(beside.PROCESSES, PROCESSES_OF_ROWS[row])
    edits = random.Random(1).sample(EDITS, len(EDITS))[row :: len(PROCESSES_OF_ROWS)]
    for first in range(0, len(edits), 2):
        two = edits[first : first + 2]
        for edit in two:
            edit(project)
        anew = run_of_nothing_kept(project, tmp_path_factory.mktemp("anew") / "project")
        assert project.run() == anew, [edit.__name__ for edit in two]


def test_what_has_not_changed_is_not_made_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.stat().st_mtime_ns for path in project.folder.glob("[rd]*/**/*.*") if path.is_file()}
    monkeypatch.setattr("pipeline.method.valuation.Step.run", None)
    published = project.run()
    after = {path: path.stat().st_mtime_ns for path in project.folder.glob("[rd]*/**/*.*") if path.is_file()}
    assert {path.name for path in before if after[path] != before[path]} <= {".lock"}
    assert "main/index.html" in published


@pytest.mark.usefixtures("pages")
def test_another_address_publishes_the_pages_again_and_no_figure_moves(project: Project) -> None:
    project.asked["editions"] = ["main"]
    before = project.run(fresh=True)
    project.address = "https://values.example.org"
    after = project.run()
    assert b'<meta property="og:url" content="https://values.example.org/main/">' in after["main/index.html"]
    assert b"og:url" not in before["main/index.html"]
    assert after["main/headline.json"] == before["main/headline.json"]
    assert project.run() == after
    project.address = ""
    assert project.run() == before


def test_a_run_that_publishes_nothing_still_takes_a_removed_edition_off_the_front_page(project: Project) -> None:
    front = project.folder / "reports/index.html"
    assert "other/index.html" in front.read_text(encoding="utf-8")
    shutil.rmtree(project.folder / "reports/other")
    project.run(editions=["main"])
    assert "other/index.html" not in front.read_text(encoding="utf-8")
    assert "main/index.html" in front.read_text(encoding="utf-8")


def test_a_fresh_run_makes_all_of_it_again(project: Project) -> None:
    published = project.run()
    before = {path: path.stat().st_ino for path in project.folder.glob("data/tables/**/*.parquet")}
    assert project.run(fresh=True) == published
    after = {path: path.stat().st_ino for path in project.folder.glob("data/tables/**/*.parquet")}
    assert before.keys() == after.keys()
    assert all(after[path] != before[path] for path in before)


@pytest.mark.parametrize("changed", ["a template", "a module", "Python", "a package"])
def test_nothing_is_kept_when_what_runs_has_changed(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pipeline"
    shutil.copytree(Path(versions.__file__).parents[1], package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("pipeline.__file__", str(package / "__init__.py"))
    before = versions.program_version()
    assert versions.program_version() == before
    if changed == "Python":
        monkeypatch.setattr("sys.version", "4.0.0")
    elif changed == "a package":
        (tmp_path / "site" / "pandas-99.dist-info").mkdir(parents=True)
        monkeypatch.syspath_prepend(tmp_path / "site")
    else:
        suffix = {"a template": "*.j2", "a module": "*.py"}[changed]
        path = next(path for path in sorted(package.rglob(suffix)) if path.read_bytes())
        path.write_bytes(path.read_bytes() + b"\n{# #}" if changed == "a template" else path.read_bytes() + b"\n#")
    assert versions.program_version() != before


def test_another_program_keeps_nothing_of_the_last(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    published = project.run()
    before = {path: path.stat().st_ino for path in project.folder.glob("data/tables/**/*.parquet")}
    monkeypatch.setattr(inputs, "loaded_program_version", lambda: "another")
    assert project.run() == published
    after = {path: path.stat().st_ino for path in project.folder.glob("data/tables/**/*.parquet")}
    assert all(after[path] != before[path] for path in before)


def test_what_a_run_saw_that_was_refused_is_not_taken_for_what_is_published(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = project.run()
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.checks.validation.broken_rows", lambda question: [0])
        with pytest.raises(DataProblems):
            run_editions(project.settings, simulation=Simulation(draws=200))
    assert project.run() == published
    seen = pd.concat(map(pd.read_parquet, project.folder.glob("data/tables/checks_of_*/*.parquet")))
    assert set(seen["outcome"]) <= {"passed", "nothing to compare"}


# --- A run that would do nothing ---------------------------------------------------------------------------------

# Says which process a command has started first, and which of what takes long to import it had imported by then; the
# same at its end, where it has started none.
FIRST_STARTED = """
import os, sys
from pipeline import cli
def tell(what):
    imported = [name for name in ("dagster", "pandas", "pandera", "pyarrow") if name in sys.modules]
    print(what, *imported, flush=True)
    os._exit(0)
def hear(event, arguments):
    if event == "subprocess.Popen":
        tell(" ".join(map(str, arguments[1])))
sys.addaudithook(hear)
sys.argv = ["publicvalue", "run", "--draws", "100"]
sys.stdout.reconfigure(line_buffering=True)
try:
    cli.main()
finally:
    tell("nothing")
"""


def last_run(project: Project) -> LastRun:
    return LastRun(project.settings, *project.asked.items())


@pytest.fixture
def settled(project: Project) -> Project:
    """The project and a note of its last run, which has left all as it would be left again."""
    headlines = dict.fromkeys(("main", "other"))
    assert is_settled(project.settings, headlines, simulation=project.asked["simulation"])
    last_run(project).note(headlines, "as published")
    return project


def test_a_run_that_would_do_nothing_is_known_and_none_after_any_edit(
    settled: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, asked = tmp_path_factory.mktemp("settled") / "project", dict(settled.asked)
    shutil.copytree(settled.folder, folder)
    for edit in EDITS:
        edit(settled)
        assert last_run(settled).said() == ("as published" if edit is _nothing else None), edit.__name__
        shutil.rmtree(settled.folder)
        shutil.copytree(folder, settled.folder)
        settled.asked, settled.address = dict(asked), ""
    assert last_run(settled).said() == "as published"


@pytest.mark.parametrize("changed", ["program", "day", "note", "what was said", "recorded"])
def test_a_run_is_gone_through_on_another_day_by_another_program_and_where_it_is_recorded(
    changed: str, settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = settled.settings.data_dir / NOTE
    if changed == "program":
        monkeypatch.setattr("pipeline.orchestration.last_run.program_version", lambda: "another")
    elif changed == "day":
        later = type("later", (date,), {"today": lambda: date(2999, 1, 1)})
        monkeypatch.setattr("pipeline.orchestration.last_run.date", later)
    elif changed == "recorded":
        settled.settings.records_dir.mkdir()
    else:
        note.write_text("[]" if changed == "note" else note.read_text().replace("as published", "as it is not"))
    assert last_run(settled).said() is None
    # What takes long to come need not be called all the same where only the records ask for a run.
    assert last_run(settled).was_given_the_same == (changed in ("recorded", "what was said"))


@pytest.mark.parametrize("name", FRONT)
def test_a_run_is_gone_through_where_what_lies_beside_the_editions_is_gone_or_another(
    settled: Project, name: str
) -> None:
    path = settled.settings.out_dir / name
    right = path.read_bytes()
    path.write_bytes(right + b" ")
    assert last_run(settled).said() is None
    path.unlink()
    assert last_run(settled).said() is None
    path.write_bytes(right)
    assert last_run(settled).said() == "as published"


@pytest.mark.parametrize(
    "noted",
    [
        {"editions": [5]},
        {"editions": [["main"]]},
        {"editions": ["/"]},
        {"editions": ["../.."]},
        {"editions": "main"},
        {"said": "\ud800"},
        {"said": None},
        "[" * 200_000,
        "\0",
    ],
    ids=lambda noted: str(noted)[:20],
)
def test_a_note_that_was_never_written_by_us_is_none(settled: Project, noted: dict[str, Any] | str) -> None:
    note = settled.settings.data_dir / NOTE
    told = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(noted if isinstance(noted, str) else json.dumps(told | noted), encoding="utf-8")
    assert last_run(settled).said() is None


def test_what_cannot_be_read_is_gone_through_again_and_no_fault(
    settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*arguments: Any) -> Iterator[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pipeline.orchestration.last_run.contents", unreadable)
    last = last_run(settled)
    assert last.said() is None
    last.note(["main", "other"], "as published")


def test_no_note_is_taken_of_a_run_during_which_something_has_changed(settled: Project) -> None:
    (settled.settings.data_dir / NOTE).unlink()
    last = last_run(settled)
    _dearer(settled)
    last.note(["main", "other"], "as published")
    assert not (settled.settings.data_dir / NOTE).exists()
    headlines = dict.fromkeys(("main", "other"))
    assert not is_settled(settled.settings, headlines, simulation=settled.asked["simulation"])


def test_what_has_moved_is_told_once(settled: Project) -> None:
    _higher_payment(settled)
    headlines = run_editions(settled.settings, **settled.asked)
    assert path_of(settled.settings.data_dir, "main").exists()
    assert not is_settled(settled.settings, headlines, simulation=settled.asked["simulation"])


def first_started(folder: Path) -> str:
    command = [sys.executable, "-c", FIRST_STARTED]
    # Without the one that tests share.
    alone = {name: value for name, value in os.environ.items() if name != READY_AT}
    return subprocess.run(
        command, cwd=folder, env=alone, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def test_great_expectations_is_started_before_all_else_and_nothing_where_nothing_has_changed(
    small_project: Path, publicvalue: Run
) -> None:
    (started,) = first_started(small_project).splitlines()
    assert "pipeline.checks.great_expectations" in started
    assert not started.endswith(("dagster", "pandas", "pandera", "pyarrow"))
    said = [publicvalue("run", "--draws", "100") for _ in range(3)]
    assert said[0] == said[1] == said[2]
    assert first_started(small_project) == f"{said[0][1]}nothing\n"
    _fewer_results(Project(small_project))
    assert "pipeline.checks.great_expectations" in first_started(small_project)
