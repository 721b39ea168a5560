"""What is made once for all workers of a session of tests, and only looked at by them.

Belongs here: the folder that they share, how it is filled, and what has to be ended when the session ends. What is
made stands in the fixtures.
"""

import json
import os
import pickle
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

# Where the workers find the folder; they have the environment of the process that starts them.
WHERE = "PUBLICVALUE_TESTS_SHARE"
# What the tests write need not survive a loss of power, and to wait for a disk takes them longer than to work.
MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 8 * 1024**3
Made = TypeVar("Made")


class Shared:
    """The folder; whoever comes first makes a thing, and the others wait for it and take what was made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ends = folder / "ends"

    def value(self, name: str, make: Callable[[], Made]) -> Made:
        """Return what ``make`` returns, a copy for each worker: a test that changes it by mistake changes its own."""

        def kept(path: Path) -> None:
            path.write_bytes(pickle.dumps(make()))

        made: Made = pickle.loads(self.path(f"{name}.pickle", kept).read_bytes())
        return made

    def path(self, name: str, make: Callable[[Path], object]) -> Path:
        """Return the path of a file or folder that ``make`` has made there; not to be changed."""
        path, made = self.folder / name, self.folder / f"{name}.made"
        with FileLock(self.folder / f"{name}.lock"):
            if not made.exists():
                make(path)
                made.touch()
        return path

    def at_the_end(self, *command: str) -> None:
        """Have a command run when the session ends, for what has been started for all workers."""
        with FileLock(f"{self._ends}.lock"), self._ends.open("a", encoding="utf-8") as ends:
            ends.write(json.dumps(command) + "\n")

    def end(self) -> None:
        """End what was started, the last first, and remove the folder."""
        ends = self._ends.read_text(encoding="utf-8").splitlines() if self._ends.exists() else []
        for line in reversed(ends):
            subprocess.run(json.loads(line), check=False, cwd=os.sep, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)


def begin() -> Callable[[], None] | None:
    """Make the folder, if that was not done by the process that has started this one; returns what ends it."""
    if WHERE in os.environ:
        return None
    leave_memory = _write_into_memory()
    shared = Shared(Path(tempfile.mkdtemp(prefix="publicvalue-tests-")))
    os.environ[WHERE] = str(shared.folder)

    def end() -> None:
        del os.environ[WHERE]
        shared.end()
        leave_memory()

    return end


def _write_into_memory() -> Callable[[], None]:
    """Have all temporary files in memory, where there is enough and nobody has said where to put them."""
    if "TMPDIR" in os.environ or not _is_roomy(MEMORY):
        return lambda: None
    folder = Path(tempfile.mkdtemp(prefix="publicvalue-", dir=MEMORY))
    folder.chmod(0o711)  # PostgreSQL runs as another user
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)

    def leave() -> None:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)

    return leave


def _is_roomy(folder: Path) -> bool:
    """Whether there is room for all that the tests write, of which some are programs."""
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize > ENOUGH_BYTES and not disk.f_flag & os.ST_NOEXEC
