"""What was held back, and what somebody has said to it: a run that was refused by checks against the last edition.

Belongs here: noting which checks held a publication and on which data, and the word of a person that lets it go.
``pipeline.checks.last_edition`` has these checks; ``pipeline.orchestration`` stops the run.

A release is for the data, reference and code on which the publication was held, whoever publishes them: a run by hand
or the next refresh. It is used up with that, and goes into the history of what was published. Other data are held
again.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.common.files import not_through_a_link, writing, written_whole
from pipeline.facts.versions import joint_version
from pipeline.report.history import AT, FOLDER, read_json

HELD, RELEASED = "held.json", "released.json"


@dataclass(frozen=True)
class Held:
    """A check that held the publication of an edition: what it saw, and the first row that did not hold."""

    edition: str
    check: str
    saw: str
    example: str


@dataclass(frozen=True)
class Release:
    """That a check may fail in an edition: who says so, why, and when."""

    edition: str
    check: str
    by: str
    because: str
    said_at: str


class NothingHeldError(LookupError):
    """There is nothing to release, or not that."""


def note_held(out_dir: Path, versions: Mapping[str, str], held: Sequence[Held]) -> None:
    """Note what held a publication, in place of what was noted before; nothing held is nothing noted."""
    path = out_dir / FOLDER / HELD
    not_through_a_link(path, out_dir)
    if not held:
        _forget(path)
        return
    _write(path, {"of": _key(versions), "held": [asdict(each) for each in held]})


def held_now(out_dir: Path) -> list[Held]:
    """Return what held the last publication that was tried; nothing once one was published."""
    return [Held(**each) for each in _read(out_dir / FOLDER / HELD).get("held", [])]


def release(out_dir: Path, checks: Collection[str], by: str, because: str, moment: datetime) -> list[Held]:
    """Let go what is held by some checks, by default by all; returns what was let go.

    Raises ``NothingHeldError`` where nothing is held, or not by one of these.
    """
    noted, held = _read(out_dir / FOLDER / HELD), held_now(out_dir)
    if not held:
        raise NothingHeldError(f"nothing is held in {out_dir}: what was last tried was published, or never tried")
    names = list(dict.fromkeys(each.check for each in held))
    if unknown := [check for check in checks if check not in names]:
        raise NothingHeldError(f"not held by {', '.join(unknown)}; it is held by: {', '.join(names)}")
    let_go = [each for each in held if not checks or each.check in checks]
    said = [Release(each.edition, each.check, by, because, moment.strftime(AT)) for each in let_go]
    anew = {(each.edition, each.check) for each in said}
    before = [each for each in _releases(out_dir, noted["of"]) if (each.edition, each.check) not in anew]
    _write(out_dir / FOLDER / RELEASED, {"of": noted["of"], "released": [asdict(each) for each in [*before, *said]]})
    return let_go


def released(out_dir: Path, versions: Mapping[str, str]) -> list[Release]:
    """Return what may fail in a publication of these versions of data, reference and code."""
    return _releases(out_dir, _key(versions))


def use_up(out_dir: Path) -> None:
    """Forget what was held and released: it is published."""
    for name in (HELD, RELEASED):
        _forget(out_dir / FOLDER / name)


def state(out_dir: Path) -> str:
    """Return a version of what is released, empty where nothing is: who watches the folders sees that it came."""
    noted = _read(out_dir / FOLDER / RELEASED)
    return joint_version([json.dumps(noted, sort_keys=True)]) if noted else ""


def told(edition: str, accepted: Iterable[str], releases: Sequence[Release]) -> list[dict[str, str]]:
    """Return what is kept with a publication of the checks that failed and were accepted: which, who, why."""
    said = {each.check: each for each in releases if each.edition == edition}
    by_hand = Release(edition, "", "the person who started the run", "they named the check when they started it", "")
    of = {check: said.get(check, by_hand) for check in accepted}
    return [{"check": check, "by": each.by, "because": each.because} for check, each in of.items()]


def with_words(checks: pd.DataFrame, edition: str, releases: Sequence[Release]) -> pd.DataFrame:
    """Return how the checks of an edition came out, with ``accepted_by`` and ``accepted_because``, or both empty.

    ``checks``: columns of ``Checks``.
    """
    accepted = checks.loc[checks["outcome"] == "accepted", "check"]
    said = {each["check"]: each for each in told(edition, accepted, releases)}
    words = {name: [said.get(check, {}).get(name, "") for check in checks["check"]] for name in ("by", "because")}
    return checks.assign(accepted_by=words["by"], accepted_because=words["because"])


def _releases(out_dir: Path, key: str) -> list[Release]:
    noted = _read(out_dir / FOLDER / RELEASED)
    return [Release(**each) for each in noted.get("released", [])] if noted.get("of") == key else []


def _key(versions: Mapping[str, str]) -> str:
    return joint_version([f"{name}={version}" for name, version in sorted(versions.items())])


def _read(path: Path) -> dict[str, Any]:
    """What a file of ours says; where it is not there or damaged, nothing is held and nothing released."""
    found = read_json(path)
    return found if "of" in found else {}


def _write(path: Path, noted: Mapping[str, Any]) -> None:
    with written_whole(path) as fresh:
        fresh.write_text(json.dumps(noted, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _forget(path: Path) -> None:
    if path.parent.is_dir():
        with writing(path):
            path.unlink(missing_ok=True)
