"""Nothing is imported from the current folder: it holds data, perhaps somebody else's. The UI: ``test_unattended``."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.decoys import Decoys

SMALL_PROJECT = Path(__file__).parent / "small_project"
COMMAND = [str(Path(sys.executable).with_name("publicvalue"))]


def call(folder: Path, *command: str) -> tuple[int, str, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stdout, done.stderr


def test_a_run_with_its_charts_and_checks_imports_nothing_from_there(decoys: Decoys) -> None:
    shutil.copytree(SMALL_PROJECT, decoys.folder, dirs_exist_ok=True)
    status, out, err = call(decoys.folder, *COMMAND, "run")
    assert decoys.imported() == []
    assert (status, out.splitlines()[0][:5]) == (0, "main:"), err


@pytest.mark.parametrize("sparing", ["", "pipeline"], ids=["as publicvalue", "as a module"])
def test_a_check_imports_nothing_from_there(tmp_path: Path, sparing: str) -> None:
    """Whoever says ``python -m pipeline`` asks for whatever bears that name in the folder, but for nothing else."""
    decoys = Decoys(tmp_path / "project", tmp_path / "marks", sparing)
    shutil.copytree(SMALL_PROJECT, decoys.folder, dirs_exist_ok=True)
    command = [sys.executable, "-m", sparing] if sparing else COMMAND
    status, out, err = call(decoys.folder, *command, "check")
    assert decoys.imported() == []
    assert (status, out[:16]) == (0, "No problem found"), err
