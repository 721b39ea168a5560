"""The folder into which runs publish: one run at a time, and what a killed one has left there.

Belongs here: the lock of the folder, and putting right what was half done in it. What an edition is made of, and how it
takes the place of the last one, stands in ``publish``. It is asked before all else of a run, so that nothing is
imported here that takes long to come.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.common.files import not_through_a_link, writing

# In the output folder: the lock, and the folder of what is no edition yet or no longer: new/<id> and last/<id>.
LOCK, ASIDE = ".lock", ".publishing"


def edition_folders(out_dir: Path) -> dict[str, int]:
    """Return which folder stands under the name of each edition, as its number on the disk: a swap changes it."""
    return {path.parent.name: path.parent.stat().st_ino for path in out_dir.glob("*/headline.json")}


@contextmanager
def working_alone(out_dir: Path, on_wait: Callable[[str], object] = lambda words: None) -> Iterator[None]:
    """Hold the output folder for one run, made if need be; what a killed run left in it is put right first.

    If another run holds it, waits for its end and says so once through ``on_wait``. The thread that holds it may ask
    for it again. The system lets go of it when the process ends, however it ends. Raises ``CannotWriteError`` when the
    lock cannot be written.
    """
    lock = FileLock(out_dir / LOCK, is_singleton=True)
    with writing(out_dir / LOCK):
        out_dir.mkdir(parents=True, exist_ok=True)
        # Opening the lock empties the file that is there.
        not_through_a_link(out_dir / LOCK, out_dir)
        not_through_a_link(out_dir / ASIDE, out_dir, is_folder=True)
        try:
            held = lock.acquire(blocking=False)
        except Timeout:
            on_wait(f"another run is working on {out_dir}: waiting for it to end")
            held = lock.acquire()
    with held:
        put_right(out_dir)
        yield


def put_right(out_dir: Path) -> None:
    """Bring back an edition that was moved aside and not replaced, and remove all else that is no edition."""
    aside = out_dir / ASIDE
    with writing(aside):
        for last in (aside / "last").glob("*"):
            if not os.path.lexists(out_dir / last.name):
                os.rename(last, out_dir / last.name)
        if aside.exists():
            shutil.rmtree(aside)
