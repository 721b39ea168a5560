"""The publications of each edition, one after the other: what each came to and was made from, when, and why it moved.

Belongs here: keeping what was published before something else takes its place, finding it again, and how much is kept.
What a bridge makes of two publications is the matter of ``pipeline.method.analysis.bridge``; in ``reference/earlier/``
are those that somebody has chosen to keep with the project.

Below the folder of reports lies ``history/<edition>/``: a folder for each publication before the one that stands, named
by the moment at which it was published (UTC), with what a bridge needs (``tables.kept``), its headline, its versions
and ``publication.json``; and ``current.json``, which says the same of the one that stands. A publication that says what
the last one said is none of its own.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from pipeline.common.files import not_through_a_link, writing, written_whole
from pipeline.facts.files import read_whole
from pipeline.facts.versions import LENGTH, VERSIONS_FILE
from pipeline.method.analysis.bridge.results import kept
from pipeline.report.keeping import write_kept
from pipeline.report.reading import path_in, tables_in
from pipeline.tables.kept import HELD_AGAINST, KEPT_COLUMNS

FOLDER, PUBLICATION, CURRENT, HEADLINE = "history", "publication.json", "current.json", "headline.json"
# How many publications of an edition are kept before the one that stands; each takes some 0.1 MB.
KEEP = "PUBLICVALUE_HISTORY"
KEEP_BY_DEFAULT = 50
AT = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True)
class Publication:
    """One publication of an edition.

    ``publication_id``: the moment at which it was published, empty where that is not known; ``folder``: what a bridge
    can be led from; ``moved``: what moved since the one before, and why, in a few lines; ``accepted``: checks that were
    allowed to fail, with who said so and why; ``run_id``: the run that published it, as Dagster records it.
    """

    edition: str
    publication_id: str
    folder: Path
    headline: Mapping[str, Any]
    moved: Sequence[str] = ()
    accepted: Sequence[Mapping[str, str]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    run_id: str = ""

    @property
    def name(self) -> str:
        """Return by which name a bridge is led from it."""
        return f"{self.edition}@{self.publication_id}"


def publications(out_dir: Path, edition_id: str) -> list[Publication]:
    """Return the publications of an edition that can be reached, the first one first; the last is the one that stands.

    What cannot be read is left out.
    """
    root = out_dir / FOLDER / edition_id
    found = [_read(edition_id, folder, folder / PUBLICATION) for folder in _folders(root)]
    standing = _read(edition_id, out_dir / edition_id, root / CURRENT)
    if standing and found and found[-1] and _content(found[-1].folder) == _content_of_standing(standing.folder):
        # It was kept by a run that then did not publish.
        found.pop()
    return [each for each in [*found, standing] if each]


def edition_ids(out_dir: Path) -> list[str]:
    """Return the editions of which anything was published, by name."""
    stand = (path.parent.name for path in out_dir.glob(f"*/{HEADLINE}"))
    return sorted({*stand, *(path.name for path in _folders(out_dir / FOLDER))})


def last_kept(out_dir: Path, edition_id: str) -> Path | None:
    """Return the folder of the last publication that was kept, None where there is none."""
    return max((each for each in _folders(out_dir / FOLDER / edition_id) if (each / HEADLINE).is_file()), default=None)


def keep_standing(out_dir: Path, edition_id: str) -> Path | None:
    """Keep the publication that stands, before another takes its place; returns its folder, None where none stands.

    One that says what the last one kept says is not kept twice, and the oldest go that are more than ``keeping``.
    Raises ``CannotWriteError``.
    """
    standing, root = out_dir / edition_id, out_dir / FOLDER / edition_id
    tables = tables_in(standing, dict.fromkeys((*KEPT_COLUMNS, *HELD_AGAINST)))
    if not (standing / HEADLINE).is_file() or "contract_value" not in tables:
        return None
    not_through_a_link(root, out_dir, is_folder=True)
    _put_right(out_dir / FOLDER)
    last, content = last_kept(out_dir, edition_id), _content_of_standing(standing)
    if last and _content(last) == content:
        return last
    told, written = read_json(root / CURRENT), (standing / HEADLINE).stat().st_mtime
    moment = told.get("publication_id") or _moment(datetime.fromtimestamp(written, UTC))
    target = _free(root, str(moment))
    fresh = root / f".{target.name}.{os.getpid()}"
    with writing(target):
        fresh.mkdir(parents=True)
        try:
            for name, rows in tables.items():
                write_kept(pa.Table.from_pandas(_kept(rows, name), preserve_index=False), fresh / f"{name}.parquet")
            for name in (HEADLINE, VERSIONS_FILE):
                if (standing / name).is_file():
                    shutil.copyfile(standing / name, fresh / name)
            (fresh / PUBLICATION).write_text(_text({**told, "content": content}), "utf-8")
            os.rename(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    # All but the newest; where none is to be kept, all.
    for folder in _folders(root)[: -keeping() or None]:
        with writing(folder):
            shutil.rmtree(folder)
    return target


def note_standing(
    out_dir: Path,
    edition_id: str,
    moment: datetime,
    moved: Sequence[str],
    accepted: Sequence[Mapping[str, str]],
    run_id: str = "",
) -> None:
    """Say of the publication that now stands when that was, in which run, what moved, and what was accepted.

    One that says what the one before it said takes its place in the history too: that was published then, and not now.
    """
    root = out_dir / FOLDER / edition_id
    not_through_a_link(root, out_dir, is_folder=True)
    last = last_kept(out_dir, edition_id)
    if last and _content(last) == _content_of_standing(out_dir / edition_id):
        with writing(last):
            shutil.rmtree(last)
        return
    told = {"publication_id": _moment(moment), "run_id": run_id, "moved": list(moved), "accepted": list(accepted)}
    with written_whole(root / CURRENT) as fresh:
        fresh.write_text(_text(told), encoding="utf-8")


def keeping() -> int:
    """Return how many publications of an edition are kept. Raises ``ValueError`` for what is no number."""
    said = os.environ.get(KEEP, "").strip()
    if said and not said.isdecimal():
        raise ValueError(f"{KEEP}: not a number of publications (found {said!r})")
    return int(said) if said else KEEP_BY_DEFAULT


def _read(edition_id: str, folder: Path, about: Path) -> Publication | None:
    headline, told = read_json(folder / HEADLINE), read_json(about)
    if not headline:
        return None
    return Publication(
        edition=edition_id,
        publication_id=folder.name if about.parent == folder else str(told.get("publication_id", "")),
        folder=folder,
        headline=headline,
        moved=[str(line) for line in _list(told, "moved")],
        accepted=[each for each in _list(told, "accepted") if isinstance(each, dict)],
        versions=read_json(folder / VERSIONS_FILE),
        run_id=str(told.get("run_id", "")),
    )


def _kept(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """What a bridge needs of a table, and what the next publication is held against."""
    for_bridge = kept(table, name) if name in KEPT_COLUMNS else table[[]]
    added = [column for column in HELD_AGAINST.get(name, ()) if column in table and column not in for_bridge]
    if not added:
        return for_bridge
    if name not in KEPT_COLUMNS:
        return table[added].drop_duplicates(ignore_index=True)
    # As ``kept`` has them: contract by contract.
    order = table.sort_values("contract_id", kind="stable", ignore_index=True)
    return for_bridge.assign(**{column: order[column] for column in added})


def _put_right(root: Path) -> None:
    """Remove what a run was about to write when it was killed; whoever writes there works alone."""
    for half in sorted(root.rglob(".*")):
        with writing(half):
            if half.is_dir():
                shutil.rmtree(half)
            else:
                half.unlink(missing_ok=True)


def _folders(root: Path) -> list[Path]:
    """Folders of publications, the oldest first; none that a run was about to write when it was killed."""
    return sorted(path for path in root.glob("[!.]*") if path.is_dir())


def read_json(path: Path) -> dict[str, Any]:
    """Return what a file says; nothing where it is not there, or no object of JSON."""
    try:
        found = json.loads(read_whole(path))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _list(told: Mapping[str, Any], name: str) -> list[Any]:
    found = told.get(name)
    return found if isinstance(found, list) else []


def _text(told: Mapping[str, Any]) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _moment(moment: datetime) -> str:
    return moment.strftime(AT)


def _free(root: Path, name: str) -> Path:
    """A name that is not taken: two publications may be of one second."""
    number = 1
    while (root / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return root / (name if number == 1 else f"{name}-{number}")


def _content_of_standing(folder: Path) -> str:
    """A version of what a publication says, by its tables that a bridge reads and its headline.

    Not by its files: these also name the version of the code. Of the same files it is worked out once.
    """
    files = (folder / HEADLINE, *(path_in(folder, name) for name in KEPT_COLUMNS))
    return _content_once(folder, tuple(map(_state, files)))


def _state(path: Path) -> tuple[int, ...]:
    """By which a file is known to be the very same; nothing where it cannot be asked."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


@lru_cache(maxsize=64)
def _content_once(folder: Path, states: tuple[tuple[int, ...], ...]) -> str:
    digest = hashlib.sha256(read_whole(folder / HEADLINE))
    for name, table in tables_in(folder, KEPT_COLUMNS).items():
        digest.update(f"\0{name}\0{kept(table, name).to_csv(index=False)}".encode())
    return digest.hexdigest()[:LENGTH]


def _content(folder: Path) -> str:
    """The same of one that is kept, as it was when it stood; a contract that was withdrawn since changes nothing."""
    return str(read_json(folder / PUBLICATION).get("content", ""))
