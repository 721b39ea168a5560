"""Versions of data, reference and code, from their content.

Belongs here: content hashes. They depend on what the files say, not on when or where they were written.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pipeline

# The code that decides figures; how a run is started or shown does not change them.
CODE_THAT_DECIDES = ("tables", "facts", "claims", "method")
DATA = (".csv", ".toml", ".parquet")
LENGTH = 16
# Of files beyond this size, which only claims may have, the hash stands for the content, and line ends do matter.
LARGE = 20_000_000


def hash_of_files(folder: Path, paths: Iterable[str | Path]) -> str:
    """Return a hash of the names (relative to ``folder``) and the contents of files; line ends do not matter."""
    digest = hashlib.sha256()
    for name, path in sorted((os.path.relpath(path, folder).split(os.sep), path) for path in paths):
        content = _content(path)
        digest.update(_encoded(f"{'/'.join(name)}\0{len(content)}\0"))
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


def _encoded(text: str) -> bytes:
    """The bytes of a text; the name of a file need not be UTF-8."""
    return text.encode(errors="surrogateescape")


def _content(path: str | Path) -> bytes:
    """Content of a file; of the very same file only once, since each step of a run asks for the versions.

    What cannot be read counts as empty: whoever reads the data says what is wrong with it.
    """
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):  # a pipe would be waited for
            return b""
        return _content_once(path, state.st_ino, state.st_mtime_ns, state.st_size)
    except OSError:
        return b""


@lru_cache(maxsize=4096)
def _content_once(path: str | Path, *state: int) -> bytes:
    if state[-1] > LARGE:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    return Path(path).read_bytes().replace(b"\r\n", b"\n")


def folder_version(folder: Path) -> str:
    """Return the version of a folder of data: its CSV, TOML and Parquet files, hidden ones left out."""
    return hash_of_files(folder, _data_files(folder))


def _data_files(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (os.path.join(place, name) for name in files if name.endswith(DATA) and not name.startswith("."))


def joint_version(parts: Iterable[str]) -> str:
    """Return one version for several things, each named with a version of its own."""
    return hashlib.sha256(_encoded("\n".join(parts))).hexdigest()[:LENGTH]


def code_version() -> str:
    """Return the version of the code that decides figures."""
    package = Path(pipeline.__file__).parent
    paths = (path for name in CODE_THAT_DECIDES for path in (package / name).rglob("*.py"))
    return hash_of_files(package, paths)


def versions(raw_dir: Path, reference_dir: Path) -> dict[str, str]:
    """Return the three versions that every published table carries."""
    return {
        "data_version": folder_version(raw_dir),
        "reference_version": folder_version(reference_dir),
        "code_version": code_version(),
    }
