"""Writing files completely or not at all, and naming the one that the machine refused.

Belongs here: what everything that writes shares. What is written, and where, is decided elsewhere.
"""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

# What a disk, a folder's owner or a limit of the system says no with; a file that is not there is no such thing, since
# whoever looks for it says so.
REFUSED_BY_THE_MACHINE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
    *(errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ESTALE),
}


class MachineError(OSError):
    """The machine did not let something be done; says what in one line."""


class CannotWriteError(MachineError):
    """A file or folder could not be written; says which, and why, in one line."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name ``path`` in what the system says when it cannot be written. Raises ``CannotWriteError``."""
    try:
        yield
    except CannotWriteError:  # what lies inside was named more exactly
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise CannotWriteError(f"cannot write {path}: {reason}") from error


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give the name under which to write a file; at the end it takes the place of ``path``, so no reader sees half.

    The name ends in the id of this process, ``.<file>.<process>``, and does not stay. Raises ``CannotWriteError``; then
    the last file is still there.
    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield fresh
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)


def not_through_a_link(path: Path, root: Path, *, is_folder: bool = False) -> None:
    """Refuse to write a file, or a folder, where a link lies on the way from ``root`` to it, or something else there.

    ``root`` itself may be a link: whoever names the folder chooses where it lies. Raises ``CannotWriteError``.
    """
    steps = [*reversed([p for p in path.parents if p != root and p.is_relative_to(root)]), path]
    with writing(path):
        for step in steps:
            try:
                mode = step.lstat().st_mode
            except FileNotFoundError:
                return
            if stat.S_ISLNK(mode):
                raise CannotWriteError(f"cannot write {path}: {step} is a link, and nothing is written through a link")
            if (step != path or is_folder) and not stat.S_ISDIR(mode):
                raise CannotWriteError(f"cannot write {path}: {step} is not a folder")
    if not is_folder and not stat.S_ISREG(mode):
        raise CannotWriteError(f"cannot write {path}: there is something that is no file")


def write_all(texts: Mapping[Path, str], root: Path) -> None:
    """Write texts to their files below ``root``, all of them or, as far as the disk lets it, none.

    All are written beside the files first; a failure until then changes nothing. Raises ``CannotWriteError``, and says
    which files were already written where it fails while they take their places.
    """
    for path in texts:
        not_through_a_link(path, root)
    with ExitStack() as undo:
        fresh = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in texts}
        for path, text in texts.items():
            with writing(path):
                _make_folder(path.parent, undo)
                undo.callback(fresh[path].unlink, missing_ok=True)
                fresh[path].write_text(text, encoding="utf-8", newline="")
        done: list[str] = []
        for path in texts:
            try:
                with writing(path):
                    os.replace(fresh[path], path)
            except CannotWriteError as error:
                said = f"already written: {', '.join(done)}" if done else "nothing was written"
                raise CannotWriteError(f"{error}; {said}") from error
            done.append(str(path))


def _make_folder(folder: Path, undo: ExitStack) -> None:
    """Make a folder and those above it; those that stay empty go again."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        undo.callback(_remove_if_empty, each)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def refused_by_the_machine(error: BaseException) -> str | None:
    """Return in one line what disk, system or memory refused, None for an error of another kind."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, MachineError):
        return str(error)
    if not isinstance(error, OSError) or error.errno not in REFUSED_BY_THE_MACHINE:
        return None
    reason = os.strerror(error.errno)
    return (
        f"{os.fsdecode(error.filename)}: {reason}" if isinstance(error.filename, str | bytes | os.PathLike) else reason
    )
