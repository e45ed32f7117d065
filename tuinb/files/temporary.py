"""Temporary files that become the file beside them. One that a killed process left is removed by the next save or start.

The name follows from the name of the file, so that what was left is found without reading the folder. The process that writes
the temporary file holds a lock on it until it is renamed: one that can be locked was left.
"""

from __future__ import annotations

import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

from tuinb.files.locks import is_at, lock

_MOST: Final = 8
"""Names that are tried. Each save of the same file that goes on at the same time takes one."""
_STALE: Final = 3600.0
"""Seconds after which a temporary file was left behind, on a file system without locks."""


def create(target: Path, mode: int) -> tuple[Path, int]:
    """Creates and locks a temporary file beside `target`. Returns its path and descriptor. Raises OSError."""
    for path in _names(target):
        _remove_if_left(path)
        with suppress(FileExistsError):
            descriptor = _open(path, mode)
            # Another process may have locked the file before this one did, and removed it.
            if lock(descriptor) is not False and is_at(path, descriptor):
                return path, descriptor
            os.close(descriptor)
    path = target.parent / f".tuinb-{os.urandom(8).hex()}.tmp"
    return path, _open(path, mode)


def remove_left(target: Path) -> None:
    """Removes temporary files that killed processes left beside `target`, or beside what it links to. Never raises."""
    for path in _names(Path(os.path.realpath(target))):
        if not _remove_if_left(path):
            return


def _names(target: Path) -> list[Path]:
    digest = zlib.crc32(os.fsencode(target.name))
    return [target.parent / f".tuinb-{digest:08x}-{number}.tmp" for number in range(_MOST)]


def _open(path: Path, mode: int) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def _remove_if_left(path: Path) -> bool:
    """Removes a temporary file whose process has ended. Returns False if there is no file, or one of another user."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        found = os.fstat(descriptor)
        if found.st_uid != os.geteuid():
            return False
        locked = lock(descriptor)
        is_left = locked or (locked is None and time.time() - found.st_mtime > _STALE)
        if is_left and is_at(path, descriptor):
            path.unlink()
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
