"""Reads files without waiting for a device, and detects changes of a file.

Foreign errors become NotebookFileError here. File names in messages are escaped, so that a terminal does not interpret
them.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, shown
from tuinb.long_text import PIECE
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import FileIO

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}

_NAME_A_FILE = "name a notebook file"


class DiskState(Record):
    """Distinguishes states of a file without reading it."""

    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds, like all times here."""
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> DiskState:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def absolute_path(name: str) -> Path:
    """Returns a typed path as an absolute path. Does not resolve symbolic links. Takes the URL of a notebook on a server, too.

    Raises NotebookFileError if the working folder was deleted, and UsageError for a URL that is none of a server's.
    """
    if "://" in name:
        from tuinb.server import known

        return known.locate(name)
    try:
        # Path.expanduser raises for `~draft.ipynb` if there is no user `draft.ipynb`.
        return Path(os.path.expanduser(name)).absolute()  # noqa: PTH111
    except FileNotFoundError as error:
        hint = "change to another folder"
        raise NotebookFileError("the working folder does not exist any more", where=shown(name), hint=hint) from error


def exists(path: Path) -> bool:
    """Whether the path exists. Returns False if its folder can't be searched."""
    try:
        return path.exists()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether the path is a folder."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read(path: Path) -> tuple[bytes, DiskState]:
    """Returns the bytes of a regular file. Raises FileNotFoundError, and NotebookFileError for all other errors."""
    with _opened(path) as (file, found):
        return file.readall(), DiskState.of(found)


def has(path: Path, data: bytes | None) -> bool:
    """Whether a regular file has these bytes; no file has None. Raises as `read` does.

    Compares them in pieces (see long_text.py).
    """
    with _opened(path) as (file, found):
        if data is None or found.st_size != len(data):
            return False
        expected = memoryview(data)
        while piece := file.read(PIECE):
            if expected[: len(piece)] != piece:
                return False
            expected = expected[len(piece) :]
        return not expected


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FileIO, os.stat_result]]:
    """Opens a regular file. Raises as `read` does."""
    try:
        # Without O_NONBLOCK, opening a pipe waits until a program writes to it.
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            kind = _KINDS.get(stat.S_IFMT(found.st_mode), "not a file")
            hint = "name a notebook inside it" if stat.S_ISDIR(found.st_mode) else _NAME_A_FILE
            raise NotebookFileError(f"it is {kind}, not a notebook", where=shown(path), hint=hint)
        with os.fdopen(number, "rb", buffering=0, closefd=False) as file:
            yield file, found
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(number)


def _unreadable(path: Path, error: OSError) -> NotebookFileError:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return NotebookFileError(
                "no permission to read it", where=shown(path), hint="ask its owner, or check it and its folders with `ls -l`"
            )
        case errno.ENXIO:
            return NotebookFileError("it is a socket, not a notebook", where=shown(path), hint=_NAME_A_FILE)
        case errno.ELOOP:
            return NotebookFileError("its symbolic links form a loop", where=shown(path), hint="check it with `ls -l`")
        case errno.ENOTDIR:
            return NotebookFileError("a part of the path is a file, not a folder", where=shown(path), hint="check the path")
        case errno.ENAMETOOLONG:
            return NotebookFileError("its name is too long", where=shown(path), hint="use a shorter name")
        case _:
            return NotebookFileError(
                f"it can't be read: {error.strerror or error}", where=shown(path), hint="check the disk and try again"
            )


def state(path: Path) -> DiskState | None:
    """Returns the state of a file, or None if it does not exist. Follows symbolic links."""
    try:
        return DiskState.of(path.stat())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
