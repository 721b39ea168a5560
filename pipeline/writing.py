"""Writing files: whole or not at all, and saying which one could not be written; what the machine refused.

Belongs here: what everything that writes shares. What is written, and where, is decided elsewhere.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What a disk, a folder's owner or a limit of the system says no with; a file that is not there is no such thing, since
# whoever looks for it says so.
REFUSED_BY_THE_MACHINE = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO),
    *(errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ESTALE),
}


class CannotWriteError(OSError):
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


def refused_by_the_machine(error: BaseException) -> str | None:
    """Return in one line what disk, system or memory refused, None for an error of another kind."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, CannotWriteError):
        return str(error)
    if not isinstance(error, OSError) or error.errno not in REFUSED_BY_THE_MACHINE:
        return None
    reason = os.strerror(error.errno)
    return (
        f"{os.fsdecode(error.filename)}: {reason}" if isinstance(error.filename, str | bytes | os.PathLike) else reason
    )
