"""The newest Dagster is tried beside what is locked, and whatever comes of it is one line and no failure."""

import subprocess
from pathlib import Path
from typing import ClassVar

import pytest

from tools import newest_dagster
from tools.newest_dagster import NotTriedError, Trial, WouldNotDoError, last_line, main, others, pins, told, wanted

LOCK = """\
# made by a machine
click==8.3.1 \\
    --hash=sha256:00
dagster==1.13.27 \\
    --hash=sha256:00
    # via publicvalue (pyproject.toml)
dagster-webserver==1.13.27 ; python_version >= "3.11" \\
    --hash=sha256:00
"""


class MadeUp(Trial):
    """A trial whose outcome is known before."""

    found: ClassVar[dict[str, str]] = {}
    error: Exception | None = None

    def __init__(self, folder: Path) -> None:
        """Make no environment."""

    def newest(self) -> dict[str, str]:
        """Return what was made up."""
        if isinstance(self.error, NotTriedError):
            raise self.error
        return self.found

    def install(self, *options: str) -> None:
        """Install nothing."""

    def try_out(self) -> None:
        """End as was made up."""
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("found", "error", "words"),
    [
        ({"dagster": "1.13.27"}, None, "The lock has the newest Dagster that resolves: 1.13.27."),
        ({"dagster": "1.14.0"}, None, "The newest Dagster would do: dagster 1.14.0."),
        (
            {"dagster": "1.14.0"},
            WouldNotDoError("tests with it failed: x"),
            "WARNING: the newest Dagster (dagster 1.14.0) would not do yet: tests with it failed: x",
        ),
        ({}, NotTriedError("pip finds none: x"), "The newest Dagster is not tried: pip finds none: x"),
    ],
)
def test_it_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, found: dict[str, str], error: Exception | None, words: str
) -> None:
    monkeypatch.setattr(MadeUp, "found", found)
    monkeypatch.setattr(MadeUp, "error", error)
    monkeypatch.setattr(newest_dagster, "Trial", MadeUp)
    assert told(LOCK) == words


def test_only_dagster_is_newer_than_the_lock(project_root: Path) -> None:
    assert others(LOCK) == ["click==8.3.1"]
    assert pins(LOCK) == {"dagster": "1.13.27", "dagster-webserver": "1.13.27"}
    lock = (project_root / "requirements.lock").read_text(encoding="utf-8")
    assert len(others(lock)) > 100
    assert {"dagster", "dagster-webserver", "dagster-postgres"} <= set(pins(lock))


def test_the_lock_alone_pins_dagster(project_root: Path) -> None:
    asked = wanted(project_root)
    assert len(asked) == 2
    assert not [line for line in asked if "==" in line], "pin it in requirements.lock: make lock"


def test_without_a_registry_nothing_is_tried_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setattr(newest_dagster, "wanted", lambda project: ["dagster>=99"])
    main()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("The newest Dagster is not tried: pip finds none: ERROR: ")


def test_what_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(*command: object, timeout: float, **options: object) -> None:
        raise subprocess.TimeoutExpired("pytest", timeout)

    trial = Trial(tmp_path, seconds=0)
    monkeypatch.setattr(subprocess, "run", waits)
    with pytest.raises(WouldNotDoError, match="it was not done within"):
        trial.run("-m", "pytest")


def test_the_line_that_says_most_is_told() -> None:
    assert last_line("E   assert 1\nFAILED x\n1 failed", "Dagster ", "FAILED") == "FAILED x"
    assert last_line("one\ntwo\n", "nothing such") == "two"
    assert last_line("") == "nothing was said"
