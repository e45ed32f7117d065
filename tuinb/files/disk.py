"""Reading a file whole, without ever waiting for a device, and knowing it again.

Foreign errors become NotebookFileError here. Names go into messages as text that no terminal takes for a command.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from tuinb.errors import NotebookFileError, shown

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}

_NAME_A_FILE = "name a file with a notebook in it"


@dataclass(frozen=True, slots=True)
class DiskState:
    """What tells one state of a file from another without reading it."""

    device: int
    inode: int
    size: int
    modified: int
    """Nanoseconds, as are all times here."""
    changed: int

    @classmethod
    def of(cls, found: os.stat_result) -> DiskState:
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def given(name: str) -> Path:
    """A path as it was typed, absolute, with symbolic links left as they are.

    Raises NotebookFileError where the working folder is gone.
    """
    try:
        # Path.expanduser would refuse `~draft.ipynb`, where nobody is called that.
        return Path(os.path.expanduser(name)).absolute()  # noqa: PTH111
    except FileNotFoundError as error:
        hint = "go into another one"
        raise NotebookFileError("the folder that you are in is not there any more", where=shown(name), hint=hint) from error


def is_there(path: Path) -> bool:
    """Whether something of that name is seen there; it is not where its folder may not be looked into."""
    try:
        return path.exists()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether a folder of that name is seen there."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read(path: Path) -> tuple[bytes, DiskState]:
    """The bytes of a regular file. Raises FileNotFoundError, and NotebookFileError for all else."""
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
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
            return file.readall(), DiskState.of(found)
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        os.close(number)


def _unreadable(path: Path, error: OSError) -> NotebookFileError:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return NotebookFileError(
                "no permission to read it", where=shown(path), hint="ask its owner, or look at `ls -l` of it and of its folders"
            )
        case errno.ENXIO:
            return NotebookFileError("it is a socket, not a notebook", where=shown(path), hint=_NAME_A_FILE)
        case errno.ELOOP:
            return NotebookFileError("its symbolic links lead in a circle", where=shown(path), hint="look at `ls -l` of it")
        case errno.ENOTDIR:
            return NotebookFileError("a part of the path is a file, not a folder", where=shown(path), hint="check the path")
        case errno.ENAMETOOLONG:
            return NotebookFileError("its name is too long", where=shown(path), hint="use a shorter name")
        case _:
            return NotebookFileError(
                f"it can't be read: {error.strerror or error}", where=shown(path), hint="check the disk and try again"
            )


def state(path: Path) -> DiskState | None:
    """The state of a file, following links, or None where there is none."""
    try:
        return DiskState.of(path.stat())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(path, error) from error
