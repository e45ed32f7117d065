"""Which process may write a notebook, of several that have it open.

The owner holds a lock (flock) on a small file in the state folder, named after the notebook's real path. The lock ends with the
process. Where hosts share the folder and not the locks, the time of the file counts: the owner renews it while it runs. Another
process asks for the notebook with a second file. The owner finds it, and gives the notebook up.
"""

from __future__ import annotations

import json
import os
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final

from tuinb import private_folder, processes
from tuinb.errors import NotebookSaveError, shown
from tuinb.files.locks import is_at, lock
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

SILENT: Final = 60.0
"""Seconds after which an owner on another host, which has not renewed its file, may have ended."""
_RENEWED: Final = 15.0
"""Seconds between renewals."""
_MOST_BYTES: Final = 4096


class Owner(Record, processes.Recorded):
    """A process that has a notebook, or asks for it."""

    host: str
    boot: str
    pid: int
    started: str
    since: float
    """When it opened the notebook, in seconds since 1970."""
    locked: bool = True
    """Whether it could lock its file."""

    @classmethod
    def of_this_process(cls) -> Owner:
        """Returns this process."""
        return cls(*processes.this_process(), time.time())

    @classmethod
    def parse(cls, data: bytes) -> Owner | None:
        """Returns the owner that a file names. Returns None if it names none."""
        try:
            found: dict[str, Any] = json.loads(data)
            owner = cls(**found)
        except (ValueError, TypeError, RecursionError):
            return None
        kinds = ((owner.host, str), (owner.boot, str), (owner.pid, int), (owner.started, str), (owner.since, float | int))
        return owner if all(isinstance(value, kind) for value, kind in kinds) else None

    def pack(self) -> bytes:
        """Returns the content of a file that names it."""
        return json.dumps(asdict(self)).encode()

    @property
    def name(self) -> str:
        """What the user knows it by."""
        return f"tuinb (process {self.pid} on {shown(self.host)})"


class Claim:
    """The right of this process to write one notebook. All methods but `is_lost` may wait for the disk. They raise OSError."""

    def __init__(self, notebook: Path) -> None:
        # hashlib would cost the start a millisecond or two.
        real = os.fsencode(os.path.realpath(notebook))
        name = f"{zlib.crc32(real):08x}{zlib.crc32(real[::-1]):08x}{zlib.adler32(real):08x}"
        self._file = private_folder.state_folder(os.environ) / "open" / f"{name}.json"
        self._request = self._file.with_suffix(".request")
        self._descriptor = -1
        self._renewed = 0.0

    @property
    def is_held(self) -> bool:
        """Whether this process has taken the notebook, and has not given it up."""
        return self._descriptor >= 0

    @property
    def is_lost(self) -> bool:
        """Whether another process took the notebook without an answer of this one."""
        return self.is_held and not is_at(self._file, self._descriptor)

    def take(self) -> Owner | None:
        """Takes the notebook. Returns the process that has it, if one does."""
        private_folder.make(self._file.parent)
        while True:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                locked = lock(descriptor)
                owner = Owner.parse(os.pread(descriptor, _MOST_BYTES, 0))
                if locked is False:
                    return owner or _UNKNOWN
                if not is_at(self._file, descriptor):
                    continue  # the owner removed it meanwhile
                if owner is not None and _has_it(owner, locked=locked):
                    return owner
                self._write(descriptor, locked=locked is True)
                self._descriptor, descriptor = descriptor, -1
                return None
            finally:
                if descriptor >= 0:
                    os.close(descriptor)

    def seize(self) -> Owner | None:
        """Takes the notebook from a process that does not answer. That process finds out when it goes on.

        Returns the process that has it, if another one was faster.
        """
        self._file.unlink(missing_ok=True)
        return self.take()

    def renew(self) -> None:
        """Tells processes on other hosts that this one runs."""
        if self.is_held and time.monotonic() - self._renewed > _RENEWED:
            self._renewed = time.monotonic()
            os.utime(self._descriptor)

    def release(self) -> None:
        """Gives the notebook up. Never raises."""
        if self.is_held:
            with suppress(OSError):
                if not self.is_lost:
                    self._file.unlink()
            os.close(self._descriptor)
            self._descriptor = -1

    # ---- other processes

    @property
    def owner(self) -> Owner | None:
        """The process that the file names. None if there is no file."""
        try:
            return Owner.parse(self._file.read_bytes()[:_MOST_BYTES])
        except OSError:
            return None

    @property
    def is_silent(self) -> bool:
        """Whether the owner has not renewed the file for SILENT seconds."""
        try:
            return time.time() - self._file.stat().st_mtime > SILENT
        except OSError:
            return True

    def ask(self) -> None:
        """Asks the owner to give the notebook up."""
        private_folder.replace(self._request, Owner.of_this_process().pack().decode())

    def stop_asking(self) -> None:
        """Removes the request."""
        self._request.unlink(missing_ok=True)

    def asked_by(self) -> Owner | None:
        """Returns the process that asks for the notebook. Removes the request of one that has ended."""
        try:
            owner = Owner.parse(self._request.read_bytes()[:_MOST_BYTES])
            age = time.time() - self._request.stat().st_mtime
        except OSError:
            return None
        if owner is None or (not owner.is_running if owner.is_here else age > SILENT):
            self.stop_asking()
            return None
        return owner

    def _write(self, descriptor: int, *, locked: bool) -> None:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, replace(Owner.of_this_process(), locked=locked).pack(), 0)
        self._renewed = time.monotonic()


@contextmanager
def claimed(notebook: Path, hint: str) -> Iterator[None]:
    """Keeps other processes from writing a notebook. Raises NotebookSaveError with the hint if one has it open."""
    claim = Claim(notebook)
    with suppress(OSError):  # without a folder for it, no process tells another
        if (owner := claim.take()) is not None:
            raise NotebookSaveError(f"{owner.name} has it open", where=shown(notebook), hint=hint)
    try:
        yield
    finally:
        claim.release()


def require_free(notebook: Path) -> None:
    """Raises NotebookSaveError if another process has the notebook open."""
    with claimed(notebook, "close it there, or save to another file"):
        pass


_UNKNOWN: Final = Owner("an unknown host", "", 0, "", 0.0)
"""The owner of a file that is locked and not yet written."""


def _has_it(owner: Owner, *, locked: bool | None) -> bool:
    """Returns whether the owner of a file has the notebook. `locked`: whether its lock was free; None without locks.

    The lock of an owner on another host may not be seen here. Such an owner has the notebook until it is seized.
    """
    return not owner.is_here or (not (locked and owner.locked) and owner.is_running)
