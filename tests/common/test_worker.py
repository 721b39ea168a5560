"""A process of our own that ends: whose doing it was."""

import subprocess
import sys

import pytest

from pipeline.common.files import MachineError
from pipeline.common.worker import why_ended


@pytest.mark.parametrize(
    ("ends", "kind", "words"),
    [
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
            MachineError,
            r"the system has ended X \(signal 9\)",
        ),
        ("raise SystemExit(1)", RuntimeError, "X ended instead of giving an answer"),
    ],
)
def test_one_that_the_system_has_ended_is_no_fault_of_ours(ends: str, kind: type[Exception], words: str) -> None:
    with subprocess.Popen([sys.executable, "-c", ends]) as process, pytest.raises(kind, match=words):
        raise why_ended(process, "X")


def test_one_that_somebody_else_has_started() -> None:
    assert isinstance(why_ended(None, "X"), RuntimeError)
