"""Saves a notebook while it runs, so that a run that is killed leaves the outputs computed so far.

A save that took long is followed by a longer pause. The last save decides: what it can't write is kept in a journal.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, shown
from tuinb.session.events import Saved

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Applied
    from tuinb.session.events import SessionEvent
    from tuinb.session.session import Session

EVERY = 1.0
"""Shortest pause between two saves, in seconds."""
SHARE = 10
"""Shortest pause, as a multiple of the duration of the save before it."""


class Autosave:
    """Saves the session's notebook to `target`. If `target` is not the file that was read, replaces what is there."""

    def __init__(self, session: Session, target: Path, *, every: float = EVERY) -> None:
        self._session = session
        self._target = target
        self._fresh = os.path.realpath(target) != os.path.realpath(session.path)
        """Whether `target` is another file, and nothing was saved there yet."""
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._stop_listening = session.listen(self._on_event)
        self.notices: list[str] = []

    def start(self) -> None:
        """Begins to save periodically."""
        self._task = asyncio.create_task(self._keep_saving())

    async def finish(self) -> None:
        """Stops, and saves what is not saved yet. Raises NotebookFileError, which names the file that was written instead."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await self._save()
        except NotebookFileError as error:
            self._session.keep(self._target)
            hint = f"`tuinb recover {shown(self._target)} -o OTHER` writes what was computed to another file"
            raise NotebookFileError(error.what, where=error.where, hint=hint) from error
        finally:
            self._stop_listening()

    async def _keep_saving(self) -> None:
        loop, pause = asyncio.get_running_loop(), self._every
        while True:
            await asyncio.sleep(pause)
            started = loop.time()
            # A save that fails now may succeed later. The end of the run reports it if not.
            with suppress(NotebookFileError):
                await self._save()
            pause = max(self._every, SHARE * (loop.time() - started))

    async def _save(self) -> None:
        # Once another process took the notebook over, nothing counts as modified, and saving says so.
        if self._fresh or self._session.modified or self._session.read_only:
            await self._session.save(self._target, overwrite=self._fresh, endorse=False)

    def _on_event(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, Saved):
            self._fresh = False
            self.notices += [notice for notice in event.notices if notice not in self.notices]
