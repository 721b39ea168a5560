"""How a process of ours has its memory looked after: as it is told before it imports anything."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.common.memory import OBJECTS
from pipeline.common.worker import own_process

ARROW = "ARROW_DEFAULT_MEMORY_POOL"
TOLD = "gc.get_threshold()[0], pyarrow.default_memory_pool().backend_name"


def test_the_command_line_has_it_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ARROW, raising=False)  # this process has said it too
    command = (
        f"from pipeline import cli; cli.cli.main = lambda **_: None; cli.main(); import gc, pyarrow; print({TOLD})"
    )
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert said.stdout == f"{OBJECTS} system\n"


def test_a_process_that_another_starts_has_it_so_before_its_module_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = f"import gc, sys, pyarrow\nfrom multiprocessing.connection import Connection\ntold = [{TOLD}]\n"
    tmp_path.joinpath("telling.py").write_text(f"{code}def main(): Connection(int(sys.argv[-1])).send(told)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{Path(__file__).parents[2]}")
    monkeypatch.delenv(ARROW, raising=False)
    process, line = own_process("telling")
    assert line.recv() == [OBJECTS, "system"]
    assert process.wait() == 0
