"""What each edition was published from, so that one that would come out the same is not made again.

Belongs here: a note of each edition beside the working tables, and whether it holds for what is published now. A note
is believed only where all that the edition is made from is as it was and each published file is still what was written.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.common.files import written_whole
from pipeline.facts.files import read_whole
from pipeline.facts.versions import joint_version


@dataclass(frozen=True)
class Notes:
    """Notes below ``folder``, ``<edition>.json``, of what is published below ``out_dir``."""

    folder: Path
    out_dir: Path

    def holds(self, edition_id: str, made_from: str) -> bool:
        """Tell whether an edition was published from just this version, and lies there as it was written."""
        try:
            noted = json.loads(read_whole(self._path(edition_id)))
        except (OSError, ValueError):
            return False
        return bool(noted == _note(made_from, self.out_dir / edition_id))

    def write(self, edition_id: str, made_from: str) -> None:
        """Note what an edition was made from that has just been published."""
        with written_whole(self._path(edition_id)) as fresh:
            fresh.write_text(json.dumps(_note(made_from, self.out_dir / edition_id)), encoding="utf-8")

    def _path(self, edition_id: str) -> Path:
        return self.folder / f"{edition_id}.json"


def _note(made_from: str, published: Path) -> dict[str, str]:
    return {"made_from": made_from, "published": joint_version(contents(published))}


def contents(folder: Path, found: str = "**/*") -> Iterator[str]:
    """Yield each file below a folder with the hash of its bytes; what is no file by its name alone.

    ``found``: those of a pattern alone. Raises ``OSError`` for a file that cannot be read.
    """
    for path in sorted(folder.glob(found)):
        content = "no file"
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        yield f"{path.relative_to(folder).as_posix()} {content}"
