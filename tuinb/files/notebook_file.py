"""The file of a notebook: the text that was last read or written, and how to save the notebook to it.

Saving takes a snapshot on the event loop. A thread then makes the bytes, compares with the disk and writes. The new text
replaces the old one in memory only after all steps succeeded. Two saves never overlap.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import ChangedOnDiskError, NotebookFileError, NotebookSaveError
from tuinb.files import text_notebook
from tuinb.files.disk import DiskState
from tuinb.files.ipynb.source_map import SourceMap
from tuinb.files.storage import DISK
from tuinb.jobs import shared
from tuinb.notebook.nesting import DEEPEST
from tuinb.record import Record

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from tuinb.files.ipynb.snapshot import Snapshot
    from tuinb.files.storage import FileState, Storage
    from tuinb.jobs import Jobs
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.document import Notebook


class Saved(Record):
    """A successful save."""

    path: Path
    data: bytes
    before: bytes | None
    """Previous content of the file, as known. None if the file did not exist."""
    notices: tuple[str, ...] = ()


class _Written(Record):
    source_map: SourceMap
    state: FileState
    saved: Saved
    storage: Storage


class NotebookFile:
    """Holds the text of a notebook, its source map, and the state of the file on the disk."""

    def __init__(
        self,
        path: Path,
        source_map: SourceMap | None = None,
        *,
        data: bytes | None = None,
        state: FileState | None = None,
        read_only: str = "",
        storage: Storage = DISK,
    ) -> None:
        self.path = path
        self.storage = storage
        """Where the file is."""
        self.read_only = read_only
        """Why it must not be written, or an empty string."""
        self.trusted: bool | None = None
        """Whether Jupyter trusts the content that was last read or saved. None if not checked yet (see trust.py)."""
        self._old_notices: tuple[str, ...] = ()
        self._source_map = source_map or SourceMap()
        self._data = data
        self._state = state
        self._saving: asyncio.Lock | None = None

    @property
    def exists(self) -> bool:
        """Whether the file existed when it was last read or saved."""
        return self._data is not None

    @property
    def data(self) -> bytes | None:
        """The bytes that were last read or saved. None if the file did not exist."""
        return self._data

    @property
    def state(self) -> FileState | None:
        """The state of the file when it was last read or saved. None if it did not exist."""
        return self._state

    @property
    def disk_state(self) -> DiskState | None:
        """That state, if the file is on a disk of this machine."""
        return self._state if isinstance(self._state, DiskState) else None

    @property
    def source_map(self) -> SourceMap:
        """Where the cells are in `ipynb`."""
        return self._source_map

    @property
    def order(self) -> Sequence[CellId]:
        """The ids that the cells of `ipynb` have in the notebook. Empty if they are not known: an older format."""
        return self._source_map.order

    @property
    def lock(self) -> asyncio.Lock:
        """Held while the file is written. Whoever replaces what is known of the file holds it, too."""
        import asyncio

        if self._saving is None:
            self._saving = asyncio.Lock()
        return self._saving

    def follow(self, other: NotebookFile, source_map: SourceMap, *, is_whole: bool) -> None:
        """Takes a file that another program wrote for the one that was read last: hold `lock`.

        `source_map` is of its bytes, with the ids of the notebook. `is_whole` tells whether the notebook equals it now.
        """
        self._data, self._state, self._source_map = other._data, other._state, source_map
        # The signature of the new file says nothing of outputs that came from the old one.
        self.trusted = None if is_whole or self.trusted else False

    def touched(self, state: FileState) -> None:
        """Notes that the file has another state and the same content."""
        self._state = state

    @property
    def upgraded(self) -> bool:
        """Whether it was read from an older format. Saving a change then rewrites the whole file."""
        return bool(self._source_map.raw) and not self._source_map.open

    def render(self, notebook: Notebook) -> bytes:
        """Returns the bytes of a file in nbformat with the present content. Raises NotebookSaveError."""
        return self.renderer(notebook)()

    @property
    def ipynb(self) -> bytes:
        """The notebook that was last read or saved, as a file in nbformat. Empty for a new one. A script has another `data`."""
        source_map = self._source_map
        return source_map.bom + source_map.raw if source_map.bom else source_map.raw

    def renderer(self, notebook: Notebook) -> Callable[[], bytes]:
        """Takes a snapshot of the notebook. Returns a function, for any thread, that returns the bytes of a file in nbformat.

        The function raises NotebookSaveError.
        """
        from tuinb.files.ipynb.snapshot import take

        return partial(_render, take(notebook, self._source_map), self.path)

    async def save(
        self,
        notebook: Notebook,
        path: Path | None = None,
        *,
        overwrite: bool = False,
        on_snapshot: Callable[[], Awaitable[None]] | None = None,
        on_written: Callable[[], None] = lambda: None,
        on_failed: Callable[[], None] = lambda: None,
        jobs: Jobs | None = None,
    ) -> Saved:
        """Writes the notebook, to `path` from now on if one is given.

        Calls `on_snapshot` directly after the snapshot; no change comes between the two. The file is written after what that
        returns. Calls `on_written` when the file has that content, before the next save begins, also if the caller was
        cancelled; else `on_failed`.
        Raises NotebookSaveError. Raises ChangedOnDiskError unless `overwrite`. Then the file is as it was.
        """
        import asyncio

        # If the caller is cancelled, this object must still record what the thread wrote.
        write = partial(self._write, path=path or self.path, overwrite=overwrite)
        save = asyncio.ensure_future(self._save(notebook, write, on_snapshot, on_written, on_failed, jobs or shared()))
        try:
            return await asyncio.shield(save)
        except asyncio.CancelledError:
            # `on_failed` reports a failure. asyncio would print its error, too, because no caller takes it.
            save.add_done_callback(lambda done: done.cancelled() or done.exception())
            raise

    async def _save(
        self,
        notebook: Notebook,
        write: Callable[[Snapshot], _Written],
        on_snapshot: Callable[[], Awaitable[None]] | None,
        on_written: Callable[[], None],
        on_failed: Callable[[], None],
        jobs: Jobs,
    ) -> Saved:
        async with self.lock:
            snapshot = self._take(notebook)
            try:
                if on_snapshot is not None:
                    await on_snapshot()
                saved = self._commit(await jobs.run(partial(write, snapshot)))
            except BaseException:
                on_failed()
                raise
            on_written()
            return saved

    def save_now(self, notebook: Notebook, path: Path | None = None, *, overwrite: bool = False) -> Saved:
        """Saves without an event loop; see `save`."""
        return self._commit(self._write(self._take(notebook), path or self.path, overwrite))

    def replace(self, data: bytes) -> tuple[str, ...]:
        """Writes bytes that were not made from the notebook, which has to be loaded again. Returns notices.

        Raises NotebookSaveError. Raises ChangedOnDiskError if another program wrote the file.
        """
        check = partial(_check, self.storage, self.path, self._data, elsewhere=False)
        self._state, notices = self.storage.replace(self.path, data, check=check)
        self._data = data
        return notices

    async def endorse(self, saved: Saved, *, own_outputs: bool = False, jobs: Jobs | None = None) -> tuple[str, ...]:
        """Signs and validates a save (see trust.py). Returns new notices, and raises no error for them.

        `own_outputs` tells whether every output was computed in this session.
        """
        from tuinb.files.trust import endorse_in_subprocess

        if text_notebook.is_text(saved.path) or errors.is_remote(saved.path):
            return ()  # text has no outputs to trust, and a server trusts by its own records
        work = partial(endorse_in_subprocess, saved.before, saved.data, trusted=self.trusted, own_outputs=own_outputs)
        endorsed = await (jobs or shared()).run(work)
        self.trusted = endorsed.trusted
        new = tuple(notice for notice in endorsed.notices if notice not in self._old_notices)
        self._old_notices = endorsed.notices
        return new

    def _take(self, notebook: Notebook) -> Snapshot:
        from tuinb.files.ipynb.snapshot import take

        if self.read_only:
            raise NotebookSaveError(
                f"it is read-only: {self.read_only}",
                where=errors.shown(self.path),
                hint="repair the file with a text editor, then open it again",
            )
        return take(notebook, self._source_map)

    def _commit(self, written: _Written) -> Saved:
        self._source_map = written.source_map
        self._data = written.saved.data
        self._state = written.state
        self.path, self.storage = written.saved.path, written.storage
        return written.saved

    def storage_of(self, path: Path) -> Storage:
        """Returns where a file is that the notebook is saved to. Raises NotebookSaveError if it can't be saved there."""
        found = next((storage for storage in (self.storage, DISK) if storage.serves(path)), None)
        if found is None:
            hint = "`tuinb server put` sends a file to another one"
            raise NotebookSaveError("it can be saved only to the server that it is from", where=errors.shown(path), hint=hint)
        return found

    def _write(self, snapshot: Snapshot, path: Path, overwrite: bool) -> _Written:
        storage = self.storage_of(path)
        source_map = _build(snapshot, path)
        data = source_map.bom + source_map.raw if source_map.bom else source_map.raw
        here = path == self.path or os.path.realpath(path) == os.path.realpath(self.path)
        if text_notebook.is_text(path):
            data = text_notebook.from_ipynb(data, path, self._data if here else None)
        check = None if overwrite else partial(_check, storage, path, self._data if here else None, elsewhere=not here)
        state, notices = storage.replace(path, data, check=check)
        if not here and text_notebook.is_text(path):
            notices = (*notices, text_notebook.NO_OUTPUTS)
        if source_map is not snapshot.source_map and source_map.cut:
            notices = (*notices, *_cut_notices(source_map))
        return _Written(source_map, state, Saved(path, data, self._data, notices), storage)


def prepare_saving() -> None:
    """Imports what saving needs. Saving then works even if the program was upgraded meanwhile or can't open more files."""
    from tuinb.files.ipynb import build  # noqa: F401


def _cut_notices(source_map: SourceMap) -> Iterator[str]:
    for cell in source_map.cut:
        number = source_map.order.index(cell) + 1
        yield f"an output of cell {number} is nested more than {DEEPEST} levels deep: that part of it was not saved"


def _render(snapshot: Snapshot, path: Path) -> bytes:
    source_map = _build(snapshot, path)
    return source_map.bom + source_map.raw


def _build(snapshot: Snapshot, path: Path) -> SourceMap:
    from tuinb.files.ipynb.build import build

    try:
        return build(snapshot)
    except RecursionError as error:
        raise NotebookSaveError(
            "metadata is nested too deeply to be written",
            where=errors.shown(path),
            hint="remove that metadata",
        ) from error


def _check(storage: Storage, path: Path, known: bytes | None, *, elsewhere: bool) -> None:
    """Raises ChangedOnDiskError if the content at `path` is not `known`."""
    try:
        is_known = storage.has(path, known)
    except FileNotFoundError:
        return
    except NotebookFileError as error:
        if errors.is_remote(path):  # its server does not answer, or refuses
            hint = f"nothing was written, and your changes are kept here; {error.hint}"
            raise NotebookSaveError(error.what, where=error.where, hint=hint) from error
        raise ChangedOnDiskError(
            "it has changed on disk and can't be read now", where=errors.shown(path), hint="overwrite it, or save elsewhere"
        ) from error
    if is_known:
        return
    if elsewhere or known is None:
        raise ChangedOnDiskError(
            "a file of that name already exists", where=errors.shown(path), hint="overwrite it, or save under another name"
        )
    raise ChangedOnDiskError(
        "another program changed it since it was read",
        where=errors.shown(path),
        hint="overwrite it, load it again, or save under another name",
    )
