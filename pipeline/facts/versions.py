"""Versions of data, reference and code, from their content.

Belongs here: hashes of what files say; when or where they were written does not matter. The version of the code is that
of what it does: comments and docstrings may change. What is kept between two runs asks for more: ``program_version``.
"""

import ast
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import pipeline
from pipeline.facts.files import read_whole

# The code that decides figures. How a run is started or shown does not change them; what writes raw/ (importers) or
# made-up claims (synthetic) is over before a run begins.
CODE_THAT_DECIDES = ("tables", "facts", "claims", "method", "load.py")
DATA = (".csv", ".toml", ".parquet")
LENGTH = 16
# Folders in which an installed package of Python bears its name and version.
INSTALLED = (".dist-info", ".egg-info")
# What every published table carries.
VERSIONS = ("data_version", "reference_version", "code_version")
# Beside the headline of a published edition: the versions it was made from, and that of the form of its tables.
VERSIONS_FILE, SCHEMA = "versions.json", "schema_version"
# Of files beyond this size, which only claims may have, the hash stands for the content, and line ends do matter.
LARGE = 20_000_000


def hash_of_files(folder: Path, paths: Iterable[str | Path]) -> str:
    """Return a hash of the names (relative to ``folder``) and the contents of files; line ends do not matter."""
    digest = hashlib.sha256()
    for name, path in sorted((_within(folder, path).split(os.sep), path) for path in paths):
        content = _content(path)
        digest.update(_encoded(f"{'/'.join(name)}\0{len(content)}\0"))
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


def _within(folder: Path, path: str | Path) -> str:
    """The path of a file from a folder on; mostly it is named by way of that folder, and nothing is asked."""
    begin, whole = os.path.join(folder, ""), os.fspath(path)
    return whole[len(begin) :] if whole.startswith(begin) else os.path.relpath(path, folder)


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
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".") and _is_gone_into(folder, place, name)]
        yield from (os.path.join(place, name) for name in files if name.endswith(DATA) and not name.startswith("."))


def _is_gone_into(folder: Path, place: str, name: str) -> bool:
    """Whether a folder is none by a link, or by one that ends in ``folder``, which readers follow; none below such."""
    path, whole = os.path.join(place, name), os.path.realpath(folder)
    if not os.path.islink(path):
        return True
    is_below_a_link = os.path.realpath(place) != os.path.normpath(os.path.join(whole, os.path.relpath(place, folder)))
    return not is_below_a_link and os.path.realpath(path).startswith(os.path.join(whole, ""))


def names_in(folder: Path) -> list[str]:
    """Return the names of all that lies in a folder, marked where they are links."""
    found = [os.path.join(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files)]
    return sorted(f"{_within(folder, path)}{' (link)' if os.path.islink(path) else ''}" for path in found)


def joint_version(parts: Iterable[str]) -> str:
    """Return one version for several things, each named with a version of its own."""
    return hashlib.sha256(_encoded("\n".join(parts))).hexdigest()[:LENGTH]


def code_version() -> str:
    """Return the version of the code that decides figures."""
    package = Path(pipeline.__file__).parent
    modules = [path for name in CODE_THAT_DECIDES for path in _modules(package / name)]
    return joint_version(
        f"{path.relative_to(package).as_posix()} {meaning(path.read_bytes())}" for path in sorted(modules)
    )


def _modules(place: Path) -> Iterable[Path]:
    return [place] if place.suffix else place.rglob("*.py")


@lru_cache(maxsize=256)
def meaning(code: bytes) -> str:
    """Return the version of what code does: of its syntax tree, without comments, docstrings and places."""
    tree = ast.parse(code)
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _docstring(node):
            node.body = node.body[1:]
    return joint_version([ast.dump(tree)])


def _statements(tree: ast.Module) -> list[ast.AST]:
    """A module and all statements in it, among which are all that may have a docstring; most of a tree is none."""
    found: list[ast.AST] = [tree]
    for node in found:
        for blocks in ("body", "handlers", "orelse", "finalbody", "cases"):
            inner = getattr(node, blocks, None)
            if isinstance(inner, list):
                found.extend(inner)
    return found


def _docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return ast.get_docstring(node, clean=False) is not None


def program_version() -> str:
    """Return the version of all that runs: every module and template, Python, and the packages that are installed.

    Whatever of these changes, nothing that was kept before is taken for what would be made now.
    """
    package = Path(pipeline.__file__).parent
    files = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    folders = (place for place in sys.path if os.path.isdir(place))
    installed = {name for folder in folders for name in os.listdir(folder) if name.endswith(INSTALLED)}
    return joint_version([hash_of_files(package, files), sys.version, *sorted(installed)])


def versions(raw_dir: Path, reference_dir: Path) -> dict[str, str]:
    """Return the three versions that every published table carries."""
    return {
        "data_version": folder_version(raw_dir),
        "reference_version": folder_version(reference_dir),
        "code_version": code_version(),
    }


def versions_of_edition(folder: Path) -> dict[str, str]:
    """Return the versions that the edition published in ``folder`` was made from; none where none can be read."""
    try:
        found = json.loads(read_whole(folder / VERSIONS_FILE))
    except (OSError, ValueError):
        return {}
    made_from = {name: found[name] for name in VERSIONS if name in found} if isinstance(found, dict) else {}
    return made_from if all(isinstance(version, str) for version in made_from.values()) else {}
