"""Saves a notebook while it runs, so that a run that is killed leaves what was computed.

Never more often than a notebook's size allows: a save that took long is followed by a longer pause. The last save is the one
that counts; what it can't write where it should goes to a file of its own.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError
from tuinb.files import rescue

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.notebook_file import NotebookFile
    from tuinb.notebook.document import Notebook

EVERY = 1.0
"""Seconds between two saves."""
SHARE = 10
"""A pause is at least so many times as long as the save before it."""


class Saver:
    """Writes `notebook` to `target`. Where that is another file than it was read from, what is there is replaced."""

    def __init__(self, notebook: Notebook, file: NotebookFile, target: Path, *, every: float = EVERY) -> None:
        fresh = os.path.realpath(target) != os.path.realpath(file.path)
        self._notebook = notebook
        self._file = file
        self._target = target
        self._overwrite = fresh
        self._every = every
        self._revision: int | None = None if fresh else notebook.revision
        self._task: asyncio.Task[None] | None = None
        self.notices: list[str] = []

    def start(self) -> None:
        """Begins to save as it comes."""
        self._task = asyncio.create_task(self._keep_saving())

    async def finish(self) -> None:
        """Ends that, and saves what is not saved yet. Raises NotebookFileError, which names where the work is instead."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await self._save()
        except NotebookFileError as error:
            where = rescue.write(self._target, self._file.render(self._notebook))
            raise NotebookFileError(error.what, where=error.where, hint=f"what was computed is in {where}") from error

    async def _keep_saving(self) -> None:
        loop, pause = asyncio.get_running_loop(), self._every
        while True:
            await asyncio.sleep(pause)
            started = loop.time()
            # What can't be saved now may be later; the end of the run says so if not.
            with suppress(NotebookFileError):
                await self._save()
            pause = max(self._every, SHARE * (loop.time() - started))

    async def _save(self) -> None:
        if (revision := self._notebook.revision) == self._revision:
            return
        saved = await self._file.save(self._notebook, self._target, overwrite=self._overwrite)
        self._overwrite, self._revision = False, revision
        self.notices += [notice for notice in saved.notices if notice not in self.notices]
