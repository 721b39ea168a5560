"""``make newest-dagster``: whether the newest Dagster that resolves would do. It warns, and never fails.

Belongs here: an environment to be thrown away, in which only Dagster is newer than in ``.venv``, and what is tried in
it: ``tests/test_dagster_upgrade.py``, a run of the small project, and the UI. The continuous integration calls it once,
so that an upgrade is no surprise; what is locked stays what counts.
"""

import json
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"^(?P<pin>(?P<name>[A-Za-z0-9._-]+)==[^\s;\\]+)", re.MULTILINE)
DAGSTER = "dagster"
# Of everything together; what takes longer is told as a warning too.
SECONDS = 170
UPGRADE_TEST = "tests/test_dagster_upgrade.py"
UI_TEST = "tests/orchestration/server/test_ui.py::test_all_that_it_needs_is_at_work"


class NotTriedError(Exception):
    """Nothing could be tried; says why."""


class WouldNotDoError(Exception):
    """The newest Dagster would not do; says why."""


def wanted(project: Path) -> list[str]:
    """Return what ``pyproject.toml`` asks for of Dagster; extras may come later than the rest, and are left out."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [line for line in about["dependencies"] if line.startswith(DAGSTER)]


def others(lock: str) -> list[str]:
    """Return the pins of a lock, but those of Dagster."""
    return [found["pin"] for found in NAME.finditer(lock) if not found["name"].startswith(DAGSTER)]


def pins(lock: str) -> dict[str, str]:
    """Return which Dagster a lock names: version by package."""
    found = (match["pin"].split("==") for match in NAME.finditer(lock) if match["name"].startswith(DAGSTER))
    return {name: version for name, version in found}


class Trial:
    """An environment beside ``.venv`` in which Dagster alone is newer, and the time that is left."""

    def __init__(self, folder: Path, seconds: float = SECONDS) -> None:
        """Make the environment; what it lacks it takes from the one that this runs in."""
        self.folder, self.end = folder, time.monotonic() + seconds
        venv.create(folder / "venv", with_pip=True, symlinks=True)
        self.python = folder / "venv/bin/python"
        (here,) = (folder / "venv/lib").glob("python*/site-packages")
        (here / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")

    def install(self, *options: str) -> None:
        """Have pip install the newest Dagster that goes with what else is locked."""
        constraints = self.folder / "constraints.txt"
        constraints.write_text("\n".join(others((ROOT / "requirements.lock").read_text(encoding="utf-8"))))
        pip = ("-m", "pip", "install", "--quiet", "--upgrade", "--retries", "1", "--constraint", str(constraints))
        done = self.run(*pip, *options, *wanted(ROOT))
        if done.returncode:
            raise NotTriedError(f"pip finds none: {last_line(done.stderr, 'ERROR')}")

    def newest(self) -> dict[str, str]:
        """Return which Dagster would be installed over what is there: version by package."""
        report = self.folder / "report.json"
        self.install("--dry-run", "--report", str(report))
        found = (entry["metadata"] for entry in json.loads(report.read_text(encoding="utf-8"))["install"])
        return {each["name"]: each["version"] for each in found if each["name"].startswith(DAGSTER)}

    def try_out(self) -> None:
        """Run what is to be tried; raises ``WouldNotDoError``."""
        pytest = ("-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=line")
        for what, command in (
            ("tests", (*pytest, UPGRADE_TEST)),
            ("run", ("-m", "pipeline", "run", "--out", str(self.folder / "reports"), *self.small_project())),
            ("tests", (*pytest, UI_TEST)),
        ):
            done = self.run(*command)
            if done.returncode:
                told = last_line(f"{done.stdout}\n{done.stderr}", "E  ", "Dagster ", "FAILED", "Error")
                raise WouldNotDoError(f"{what} with it failed: {told}")

    def small_project(self) -> list[str]:
        """Copy the small project, and return the options that name it."""
        project = self.folder / "project"
        shutil.copytree(ROOT / "tests/small_project", project, dirs_exist_ok=True)
        return ["--raw", str(project / "raw"), "--reference", str(project / "reference")]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the Python of the environment. Raises ``WouldNotDoError`` when the time is over."""
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONNOUSERSITE": "1", "DAGSTER_DISABLE_TELEMETRY": "1"}
        command = [str(self.python), *arguments]
        left = max(self.end - time.monotonic(), 1)
        try:
            return subprocess.run(
                command, cwd=ROOT, env=environment, timeout=left, capture_output=True, text=True, check=False
            )
        except subprocess.TimeoutExpired:
            raise WouldNotDoError(f"it was not done within {SECONDS} seconds ({' '.join(arguments[:3])})") from None


def last_line(text: str, *marks: str) -> str:
    """Return the line of an output that says most: the first with one of the marks, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["nothing was said"]
    marked = [line for mark in marks for line in lines if mark in line]
    return (marked or lines[-1:])[0]


def told(lock: str) -> str:
    """Try the newest Dagster, and return in a line how it went."""
    with tempfile.TemporaryDirectory(prefix="newest-dagster-") as folder:
        trial, locked = Trial(Path(folder)), pins(lock)
        try:
            newest = {name: version for name, version in trial.newest().items() if locked.get(name) != version}
        except (NotTriedError, WouldNotDoError) as error:
            return f"The newest Dagster is not tried: {error}"
        if not newest:
            return f"The lock has the newest Dagster that resolves: {locked[DAGSTER]}."
        versions = ", ".join(f"{name} {version}" for name, version in sorted(newest.items()))
        try:
            trial.install()
            trial.try_out()
        except (NotTriedError, WouldNotDoError) as error:
            return f"WARNING: the newest Dagster ({versions}) would not do yet: {error}"
    return f"The newest Dagster would do: {versions}."


def main() -> None:
    """Say how the newest Dagster does."""
    print(told((ROOT / "requirements.lock").read_text(encoding="utf-8")), flush=True)


if __name__ == "__main__":
    main()
