"""The folder of journals, and whose a journal is.

The process that writes a journal holds a lock on it (flock), which ends with the process, however it ends. Where the file
system has no locks, the process is looked up by its number, its start and the boot.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb import private_folder, processes
from tuinb.files.journal.records import MAGIC, MALFORMED, Kind, frame, scan
from tuinb.files.locks import is_at, lock
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".journal"
UNFINISHED = ".tmp"
_STALE = 60.0
"""Seconds after which an unfinished file that names no writer was left behind."""
_HEAD = 64 * 1024
"""Bytes that hold a header: the longest path takes 24 kB in JSON."""
_VERSION = 1


class Header(Record, processes.Recorded):
    """The first record of a journal."""

    path: str
    """The notebook's real path."""
    device: int
    inode: int
    """The notebook's file, to find it under another name. 0 if there was none."""
    since: float
    """When the work began, in seconds since 1970."""
    host: str
    boot: str
    pid: int
    started: str
    locked: bool = True
    """Whether the writer could lock the journal."""
    version: int = _VERSION

    @classmethod
    def of(cls, notebook: Path) -> Header:
        """Returns the header for work on a notebook that this process begins now."""
        path = os.path.realpath(notebook)
        try:
            found = Path(path).stat()
            device, inode = found.st_dev, found.st_ino
        except OSError:
            device = inode = 0
        return cls(path, device, inode, time.time(), *processes.this_process())

    def pack(self) -> bytes:
        """Returns the beginning of a journal."""
        return b"".join((MAGIC, *frame(Kind.HEADER, json.dumps(asdict(self)).encode())))

    @classmethod
    def parse(cls, data: bytes) -> Header | None:
        """Returns the header at the beginning of `data`. Returns None if there is none that this version knows."""
        kind, payload = next(scan(data), (None, None))
        if kind is not Kind.HEADER or payload is None:
            return None
        try:
            header = cls(**json.loads(bytes(payload)))
        except MALFORMED:
            return None
        return header if header.version == _VERSION else None

    def concerns(self, notebook: Path, written: float) -> bool:
        """Returns whether this is work on the notebook: by its path, or by its file if that was renamed since.

        `written` is when the journal was last written, in seconds since 1970. A file that is younger may have the number of
        one that was deleted.
        """
        path = os.path.realpath(notebook)
        if path == self.path:
            return True
        if not self.inode or os.path.lexists(self.path):
            return False
        try:
            found = Path(path).stat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == (self.device, self.inode) and found.st_mtime <= written


class Leftover:
    """A journal whose writer has ended. It is locked until `release`, so that no other process offers it, too."""

    def __init__(self, file: Path, header: Header, descriptor: int) -> None:
        self.file = file
        self.header = header
        self._descriptor = descriptor
        found = os.fstat(descriptor)
        self.size = found.st_size
        self.written = found.st_mtime
        """When it was last written, in seconds since 1970."""

    def read(self) -> bytes:
        """Returns the bytes of the journal."""
        return self.file.read_bytes()

    def discard(self) -> None:
        """Removes the journal."""
        self.file.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leaves the journal where it is, for later."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def journals() -> Path:
    """Returns the folder of journals."""
    return private_folder.journals(os.environ)


def leftovers(notebook: Path | None = None) -> list[Leftover]:
    """Returns the journals without an owner, the latest first: of one notebook, or of all."""
    found = [left for left in _locked(journals()) if _is_wanted(left, notebook)]
    return sorted(found, key=lambda left: left.written, reverse=True)


def latest(notebook: Path) -> bytes | None:
    """Returns the latest journal of a notebook, also if its writer still runs. Returns None if there is none."""
    found: tuple[float, bytes] | None = None
    with suppress(OSError):
        for path in journals().iterdir():
            with suppress(OSError):
                written, data = path.stat().st_mtime, path.read_bytes() if path.suffix == SUFFIX else b""
                header = Header.parse(data)
                if header is not None and header.concerns(notebook, written) and (found is None or written > found[0]):
                    found = (written, data)
    return found[1] if found is not None else None


def _is_wanted(left: Leftover, notebook: Path | None) -> bool:
    if notebook is None or left.header.concerns(notebook, left.written):
        return True
    left.release()
    return False


def _locked(folder: Path) -> Iterator[Leftover]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.suffix == UNFINISHED:
            _remove_stale(path)
        elif path.suffix == SUFFIX and (left := _claim(path)) is not None:
            yield left


def _claim(path: Path) -> Leftover | None:
    """Locks a journal. Returns None if its writer still runs, or if it can't be read."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    locked = lock(descriptor)
    header = Header.parse(os.pread(descriptor, _HEAD, 0)) if locked is not False else None
    if header is None or not is_at(path, descriptor) or (not (locked and header.locked) and header.is_running):
        os.close(descriptor)
        return None
    return Leftover(path, header, descriptor)


def _remove_stale(path: Path) -> None:
    """Removes an unfinished journal if its writer has ended. One that was not begun yet names no writer, so its age counts."""
    if (left := _claim(path)) is not None:
        left.discard()
        return
    with suppress(OSError):
        if time.time() - path.lstat().st_mtime > _STALE:
            path.unlink()


def unlocked(header: Header) -> Header:
    """Returns the header of a journal that could not be locked."""
    return replace(header, locked=False)
