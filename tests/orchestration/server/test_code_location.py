"""Where Dagster finds the project: by the table of ``pyproject.toml``, by the UI, and without starting anything."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import dagster as dg
import pytest

from pipeline.orchestration.server.ui import CODE_LOCATION, LOCATION_NAME

SAYS_WHAT_IT_STARTED = """
import subprocess, sys
started = []
class Counted(subprocess.Popen):
    def __init__(self, *arguments, **options):
        if sys.executable in arguments[0]:
            started.append(arguments)
        super().__init__(*arguments, **options)
subprocess.Popen = Counted
import multiprocessing
if sys.argv[1] == "as Dagster does":
    multiprocessing.parent_process = lambda: "the code server"
from pipeline.checks import great_expectations
great_expectations.start = lambda: started.append("checks")
import pipeline.orchestration.server.code_location
print(len(started))
"""


def test_dg_finds_the_definitions_that_the_ui_shows(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project_root)
    table = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]["dg"]
    assert table["directory_type"] == "project"
    project = table["project"]
    assert project["code_location_target_module"] == CODE_LOCATION
    assert project["code_location_name"] == LOCATION_NAME
    assert isinstance(import_module(project["code_location_target_module"]).defs, dg.Definitions)
    # It looks for files of components below the one and imports from below the other.
    for name in ("defs_module", "root_module"):
        assert import_module(project[name]).__file__ == str(
            project_root / project[name].replace(".", "/") / "__init__.py"
        )


@pytest.mark.parametrize(("how", "count"), [("by anybody", "0"), ("as Dagster does", "1")])
def test_it_starts_a_process_only_where_a_run_will_need_it(project_root: Path, how: str, count: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAYS_WHAT_IT_STARTED, how],
        cwd=project_root,
        env=os.environ | {"PYTHONPATH": str(project_root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == count
