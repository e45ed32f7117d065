"""A notebook's file: what it said when it was read, and how to write it again.

Saving takes the content at one instant, on the event loop; making the bytes, comparing with the disk and writing go on in a
thread, and only when all of it succeeded does the new text take the place of the old. Two saves never overlap.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tuinb import errors
from tuinb.errors import ChangedOnDiskError, NotebookFileError, NotebookSaveError
from tuinb.files import disk, text_notebook
from tuinb.files.ipynb.source_map import Layout
from tuinb.jobs import shared

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.files.disk import DiskState
    from tuinb.files.ipynb.snapshot import Snapshot
    from tuinb.jobs import Jobs
    from tuinb.notebook.document import Notebook


@dataclass(frozen=True, slots=True)
class Saved:
    """A save that succeeded."""

    path: Path
    data: bytes
    before: bytes | None
    """What the file was known to say until then; None where it was not there."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Written:
    layout: Layout
    state: DiskState
    saved: Saved


class NotebookFile:
    """Remembers the text of a notebook, where its cells are in it, and the state of the disk that it came from."""

    def __init__(
        self,
        path: Path,
        layout: Layout | None = None,
        *,
        data: bytes | None = None,
        state: DiskState | None = None,
        read_only: str = "",
    ) -> None:
        self.path = path
        self.read_only = read_only
        """Why it is never written, or an empty string."""
        self.trusted: bool | None = None
        """Whether Jupyter trusts what was last read or saved; None where nobody asked yet (see trust.py)."""
        self._told: tuple[str, ...] = ()
        self._layout = layout or Layout()
        self._data = data
        self._state = state
        self._saving: asyncio.Lock | None = None

    @property
    def exists(self) -> bool:
        """Whether it was there when it was last read or saved."""
        return self._data is not None

    @property
    def upgraded(self) -> bool:
        """Whether it was read from an older format: then saving a change writes all of it anew."""
        return bool(self._layout.raw) and not self._layout.open

    def render(self, notebook: Notebook) -> bytes:
        """The bytes that saving would write. Raises NotebookSaveError."""
        from tuinb.files.ipynb.snapshot import take

        layout = _build(take(notebook, self._layout), self.path)
        return layout.bom + layout.raw

    def changed_on_disk(self) -> bool:
        """Whether somebody else wrote the file since it was read or saved. One that is gone has not been written."""
        try:
            if (now := disk.state(self.path)) is None or now == self._state:
                return False
            data, state = disk.read(self.path)
        except FileNotFoundError:
            return False
        except NotebookFileError:
            return True
        if data != self._data:
            return True
        self._state = state
        return False

    async def save(
        self,
        notebook: Notebook,
        path: Path | None = None,
        *,
        overwrite: bool = False,
        taken: Callable[[], None] = lambda: None,
        written: Callable[[], None] = lambda: None,
        jobs: Jobs | None = None,
    ) -> Saved:
        """Writes the notebook, to `path` from now on if one is given.

        Calls `taken` when the content is taken; no change comes between the two. Calls `written` when the file has that
        content, before the next save begins, also if the caller was cancelled.
        Raises NotebookSaveError. Raises ChangedOnDiskError unless `overwrite`. Then the file is as it was.
        """
        import asyncio

        # A caller that gives up must not leave this object ignorant of what the thread still wrote.
        write = partial(self._write, path=path or self.path, overwrite=overwrite)
        return await asyncio.shield(asyncio.ensure_future(self._save(notebook, write, taken, written, jobs or shared())))

    async def _save(
        self,
        notebook: Notebook,
        write: Callable[[Snapshot], _Written],
        taken: Callable[[], None],
        written: Callable[[], None],
        jobs: Jobs,
    ) -> Saved:
        import asyncio

        if self._saving is None:
            self._saving = asyncio.Lock()
        async with self._saving:
            snapshot = self._take(notebook)
            taken()
            saved = self._commit(await jobs.run(partial(write, snapshot)))
            written()
            return saved

    def save_now(self, notebook: Notebook, path: Path | None = None, *, overwrite: bool = False) -> Saved:
        """As `save`, for programs without an event loop."""
        return self._commit(self._write(self._take(notebook), path or self.path, overwrite))

    async def endorse(self, saved: Saved, *, own_outputs: bool = False, jobs: Jobs | None = None) -> tuple[str, ...]:
        """Signs and checks what was saved (see trust.py). Gives notices, each only when it is new; never raises for those.

        `own_outputs`: whether every output was computed in this session.
        """
        from tuinb.files.trust import endorse_apart

        if text_notebook.is_text(saved.path):
            return ()  # there are no outputs to trust
        work = partial(endorse_apart, saved.before, saved.data, trusted=self.trusted, own_outputs=own_outputs)
        endorsed = await (jobs or shared()).run(work)
        self.trusted = endorsed.trusted
        news = tuple(notice for notice in endorsed.notices if notice not in self._told)
        self._told = endorsed.notices
        return news

    def _take(self, notebook: Notebook) -> Snapshot:
        from tuinb.files.ipynb.snapshot import take

        if self.read_only:
            raise NotebookSaveError(
                f"it is shown read-only and is not written: {self.read_only}",
                where=errors.shown(self.path),
                hint="mend the file with a text editor, then open it again",
            )
        return take(notebook, self._layout)

    def _commit(self, written: _Written) -> Saved:
        self._layout = written.layout
        self._data = written.saved.data
        self._state = written.state
        self.path = written.saved.path
        return written.saved

    def _write(self, snapshot: Snapshot, path: Path, overwrite: bool) -> _Written:
        from tuinb.files import atomic

        layout = _build(snapshot, path)
        data = layout.bom + layout.raw if layout.bom else layout.raw
        here = path == self.path or os.path.realpath(path) == os.path.realpath(self.path)
        if text_notebook.is_text(path):
            data = text_notebook.from_ipynb(data, path, self._data if here else None)
        check = None if overwrite else partial(_check, path, self._data if here else None, elsewhere=not here)
        state, notices = atomic.replace(path, data, check=check)
        if not here and text_notebook.is_text(path):
            notices = (*notices, text_notebook.NO_OUTPUTS)
        return _Written(layout, state, Saved(path, data, self._data, notices))


def prepare_saving() -> None:
    """Imports what saving needs, so that a program that was upgraded meanwhile, or may open no more files, still saves."""
    from tuinb.files.ipynb import build  # noqa: F401


def _build(snapshot: Snapshot, path: Path) -> Layout:
    from tuinb.files.ipynb.build import build

    try:
        return build(snapshot)
    except RecursionError as error:
        raise NotebookSaveError(
            "an output or metadata nests too deep to be written", where=errors.shown(path), hint="clear that cell's output"
        ) from error


def _check(path: Path, known: bytes | None, *, elsewhere: bool) -> None:
    """Raises ChangedOnDiskError if the disk has something at `path` that is not `known`.

    The bytes are compared, since two writes within a clock tick of the file system leave size and times alike.
    """
    try:
        data, _ = disk.read(path)
    except FileNotFoundError:
        return
    except NotebookFileError as error:
        raise ChangedOnDiskError(
            "it has changed on disk and can't be read now", where=errors.shown(path), hint="overwrite it, or save elsewhere"
        ) from error
    if data == known:
        return
    if elsewhere or known is None:
        raise ChangedOnDiskError(
            "a file of that name exists already", where=errors.shown(path), hint="overwrite it, or save under another name"
        )
    raise ChangedOnDiskError(
        "it has changed on disk since it was read",
        where=errors.shown(path),
        hint="overwrite it, load it again, or save under another name",
    )
