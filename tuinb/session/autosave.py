"""Saves a session's notebook by itself, some time after its first change that is not saved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError
from tuinb.notebook.changes import Applied
from tuinb.session.events import Message, Saved

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tuinb.session.events import SessionEvent


class Autosave:
    """A listener of a session. `save` saves its notebook; `notify` tells its other listeners why that failed.

    A save that fails is tried again after the same time. The user hears of it once, until a save succeeds.
    """

    def __init__(
        self,
        seconds: float,
        is_modified: Callable[[], bool],
        save: Callable[[], Awaitable[object]],
        notify: Callable[[SessionEvent], None],
    ) -> None:
        self._seconds = seconds
        self._is_modified = is_modified
        self._save = save
        self._notify = notify
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._has_failed = False

    def on_event(self, event: Applied | SessionEvent) -> None:
        """Waits for the time to save after a change, and no longer after a save."""
        if isinstance(event, Saved):
            self._has_failed = False
            self._cancel_timer()
        elif isinstance(event, Applied) and self._timer is None:
            self._wait()

    def stop(self) -> None:
        """Ends it. A save that has begun goes on."""
        self._cancel_timer()
        self._seconds = 0.0

    def _wait(self) -> None:
        if self._seconds and self._is_modified():
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        if self._is_modified():
            self._task = asyncio.ensure_future(self._try())

    async def _try(self) -> None:
        try:
            await self._save()
        except NotebookFileError as error:
            if not self._has_failed:
                self._has_failed = True
                self._notify(Message(f"Not saved by itself: {error}", "warning"))
        # What changed while it was saved waits for the next time.
        if self._timer is None:
            self._wait()
