"""Writes the journal of one notebook. For one thread; raises OSError.

A new journal is written beside the old one and takes its name once it is on the disk. A record that could not be written whole
is cut off again, so that the journal stays readable.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuinb import private_folder
from tuinb.errors import NotebookSaveError, shown
from tuinb.files import locks
from tuinb.files.journal import folder, records
from tuinb.files.journal.folder import SUFFIX, UNFINISHED, Header
from tuinb.files.journal.records import Content, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.files.notebook_file import NotebookFile
    from tuinb.notebook.changes import Transaction
    from tuinb.notebook.document import Notebook


@dataclass(frozen=True, slots=True)
class Base:
    """The notebook that the journal begins with."""

    path: Path
    """The notebook's file."""
    content: Content
    seed: Sequence[Transaction] = field(default=())
    """Transactions that make it out of an empty notebook, if there was no file."""


class JournalWriter:
    """The journal of one notebook. The file exists from `start` to `remove`."""

    def __init__(self) -> None:
        self.file: Path | None = None
        """None if there is no journal."""
        self._descriptor = -1
        self._size = 0
        self.whole = 0
        """Bytes of the notebooks in it."""

    @property
    def is_open(self) -> bool:
        """Whether there is a journal to append to."""
        return self._descriptor >= 0

    @property
    def appended(self) -> int:
        """Bytes of the changes in it."""
        return self._size - self.whole

    def start(self, base: Base, transactions: Sequence[Transaction] = (), *, snapshot: Content | None = None) -> None:
        """Writes a new journal, which replaces the one before."""
        target = folder.journals()
        private_folder.make(target)
        file = self.file or target / f"{os.urandom(8).hex()}{SUFFIX}"
        temporary = file.with_suffix(UNFINISHED)
        header = Header.of(base.path)  # before the file exists: a file without a header is left behind for a while
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if not locks.lock(descriptor):
                header = folder.unlocked(header)
            whole = _write(descriptor, header.pack())
            whole += _write(descriptor, *records.frame(Kind.BASE, *records.pack_content(base.content, compressed=False)))
            if base.seed:
                whole += _write(descriptor, *records.frame(Kind.SEED, records.pack_changes(base.seed)))
            if snapshot is not None:
                whole += _write(descriptor, *records.frame(Kind.SNAPSHOT, *records.pack_content(snapshot, compressed=True)))
            size = whole
            if transactions:
                size += _write(descriptor, *records.frame(Kind.CHANGES, records.pack_changes(transactions)))
            os.fsync(descriptor)
            temporary.rename(file)
        except BaseException:
            os.close(descriptor)
            with suppress(OSError):
                temporary.unlink()
            raise
        self.close()
        self.file, self._descriptor, self._size, self.whole = file, descriptor, size, whole
        _sync(target)

    def append(self, transactions: Sequence[Transaction]) -> None:
        """Writes transactions, up to the disk."""
        record = records.frame(Kind.CHANGES, records.pack_changes(transactions))
        try:
            self._size += _write(self._descriptor, *record)
        except OSError:
            os.ftruncate(self._descriptor, self._size)
            raise
        os.fsync(self._descriptor)

    def remove(self) -> None:
        """Removes the journal: there is nothing left that is not saved."""
        if self.file is not None:
            self.file.unlink(missing_ok=True)
        self.file = None
        self.close()

    def close(self) -> None:
        """Leaves the journal where it is, and unlocks it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._size, self.whole = -1, 0, 0


def keep(path: Path, file: NotebookFile, notebook: Notebook) -> None:
    """Writes a journal of the notebook at `path` at once, with the present content. Raises NotebookSaveError."""
    writer = JournalWriter()
    try:
        snapshot = Content(list(notebook.order), file.render(notebook))
        writer.start(Base(path, Content((), file.ipynb)), snapshot=snapshot)
    except OSError as error:
        raise NotebookSaveError(f"unsaved changes are lost: {error.strerror or error}", where=shown(path)) from error
    writer.close()


def _write(descriptor: int, *pieces: bytes) -> int:
    """Writes the pieces. Returns their length."""
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]
    return sum(map(len, pieces))


def _sync(target: Path) -> None:
    """Makes the new name lasting. Some file systems can't; there the name follows with the next writes of the system."""
    with suppress(OSError):
        descriptor = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
