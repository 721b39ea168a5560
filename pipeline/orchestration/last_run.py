"""What the last run was given, what it left and what it said, so that one that would do the same need not begin.

Belongs here: a note of that, beside the working tables, and whether it holds. It is read before all else of a run, so
that nothing is imported here that takes long to come. Once somebody has opened the UI every run is recorded there, so
then each run goes its whole way.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from functools import cached_property
from pathlib import Path

from pipeline.common.files import CannotWriteError, written_whole
from pipeline.facts.files import read_whole
from pipeline.facts.versions import folder_version, joint_version, names_in, program_version
from pipeline.orchestration.assets.published import contents
from pipeline.orchestration.settings import Settings, edition_ids

NOTE = "last_run.json"


class LastRun:
    """The last run that would do nothing if it were started again, as a run that is to begin sees it."""

    def __init__(self, settings: Settings, *asked: object) -> None:
        """Take what the run to begin is given: folders and program as they are, the day, and what was asked for."""
        self._settings, self._asked = settings, json.dumps([settings, *asked], default=str)
        self._given = self._given_now()

    def said(self) -> str | None:
        """Return what it said; None where this run is given anything else, or does not find all as that left it."""
        if self._settings.records_dir.exists() or not self.was_given_the_same:
            return None
        editions, said = self._noted.get("editions"), self._noted.get("said")
        known = edition_ids(self._settings)
        if not isinstance(editions, list) or not isinstance(said, str) or not all(name in known for name in editions):
            return None
        try:
            return said if self._noted.get("left") == self._left(editions, said) else None
        except (OSError, UnicodeError):  # what cannot be read, or was never written by us
            return None

    @property
    def was_given_the_same(self) -> bool:
        """Whether it was given just what this run is given."""
        return self._noted.get("given") == self._given

    def note(self, editions: Iterable[str], said: str) -> None:
        """Note a run that has found, or left, all as it should be; ``said``: what it says at its end.

        Not one during which something has changed. What cannot be noted is only gone through again.
        """
        if self._given != self._given_now():
            return
        names = sorted(editions)
        with suppress(CannotWriteError), written_whole(self._path) as fresh:
            told = {"given": self._given, "editions": names, "said": said, "left": self._left(names, said)}
            fresh.write_text(json.dumps(told), encoding="utf-8")

    @property
    def _path(self) -> Path:
        return self._settings.data_dir / NOTE

    @cached_property
    def _noted(self) -> dict[str, object]:
        try:
            noted = json.loads(read_whole(self._path))
        except (OSError, ValueError, RecursionError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def _given_now(self) -> str:
        """The version of all that decides what a run does. Some of what is checked depends on the day."""
        folders = (self._settings.raw_dir, self._settings.reference_dir)
        of_folders = [part for folder in folders for part in (folder_version(folder), *names_in(folder))]
        return joint_version([self._asked, date.today().isoformat(), program_version(), *of_folders])

    def _left(self, editions: Iterable[str], said: str) -> str:
        """The version of all that a run leaves, as it lies there now: what is published and kept, and what it said.

        Raises ``OSError`` where a file cannot be read.
        """
        published = [part for name in editions for part in (name, *contents(self._settings.out_dir / name))]
        beside = [part for part in contents(self._settings.out_dir, "*") if not part.startswith(".")]
        own = (f"{NOTE} ", f".{NOTE}.")  # the note, and its next one while it is written
        kept = [part for part in contents(self._settings.data_dir) if not part.startswith(own)]
        return joint_version([self._given, said, *published, *beside, *kept])
