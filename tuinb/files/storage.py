"""Where the bytes of a notebook are: on a disk of this machine, or on a Jupyter server (remote.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from tuinb.errors import is_remote
from tuinb.files import disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.files.disk import DiskState
    from tuinb.files.remote import RemoteState

FileState: TypeAlias = "DiskState | RemoteState"


class Storage(Protocol):
    """Reads and writes files. All methods block; they may be called in any thread."""

    pause: float
    """Least seconds between two looks at a file for what other programs wrote."""

    def serves(self, path: Path) -> bool:
        """Returns whether files with such a path are here."""
        ...

    def read(self, path: Path) -> tuple[bytes, FileState]:
        """Returns the bytes of a file. Raises FileNotFoundError, and NotebookFileError for all other errors."""
        ...

    def state(self, path: Path) -> FileState | None:
        """Returns the state of a file, or None if it does not exist. Raises NotebookFileError."""
        ...

    def has(self, path: Path, data: bytes | None) -> bool:
        """Returns whether a file has these bytes. Raises FileNotFoundError and NotebookFileError."""
        ...

    def replace(self, path: Path, data: bytes, *, check: Callable[[], None] | None = None) -> tuple[FileState, tuple[str, ...]]:
        """Writes a file. Returns its new state, and notices for the user. Raises NotebookSaveError.

        `check` is called just before, and may raise to prevent it.
        """
        ...

    def keep_checkpoint(self, path: Path) -> None:
        """Keeps a file as it is now, where Jupyter has it. Does nothing without a file. Raises NotebookFileError."""
        ...


class Disk:
    """Implements Storage for the disks of this machine."""

    pause = 0.0

    def serves(self, path: Path) -> bool:
        """See Storage."""
        return not is_remote(path)

    def read(self, path: Path) -> tuple[bytes, FileState]:
        """See Storage."""
        return disk.read(path)

    def state(self, path: Path) -> FileState | None:
        """See Storage."""
        return disk.state(path)

    def has(self, path: Path, data: bytes | None) -> bool:
        """See Storage. Compares the bytes, because two writes within one clock tick have equal sizes and times."""
        return disk.has(path, data)

    def replace(self, path: Path, data: bytes, *, check: Callable[[], None] | None = None) -> tuple[FileState, tuple[str, ...]]:
        """See Storage."""
        from tuinb.files import atomic

        return atomic.replace(path, data, check=check)

    def keep_checkpoint(self, path: Path) -> None:
        """See Storage."""
        from tuinb.files import checkpoints

        checkpoints.keep(path)


DISK: Final = Disk()


def storage_of(path: Path) -> Storage:
    """Returns where a file is. Logs in to its server, if it is on one. Raises TuinbError."""
    if not is_remote(path):
        return DISK
    from tuinb.files.remote import RemoteFiles
    from tuinb.server import known
    from tuinb.server.address import file_of

    return RemoteFiles(known.server(file_of(path)[0]))
