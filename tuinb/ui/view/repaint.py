"""Collects the events of a session and repaints changed cells at most 30 times a second, 15 times during a stream.

After a quiet moment the first paints are not delayed, so that a cell that starts, prints and ends shows each step.

The pane paints after each command of its own. This module is for changes from elsewhere, such as a kernel that prints fast.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, CellId, ClientId, Step

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent
    from tuinb.workspace.view_state import ViewState

_PERIOD = 1 / 30
"""Seconds between two paints, after the first few."""
_FIRST = 2
"""Paints after a quiet moment that are not delayed, besides the first."""
_STREAM = 4
"""A stream: at least this many events before each of this many successive paints."""
_STREAM_PERIOD = 1 / 15
"""Seconds between two paints during a stream. Most keys waited for a paint: with half as many paints, the median key under
7,000 lines a second took 12 ms instead of 25."""


class Repainter:
    """A listener of one session for one pane.

    `paint` is called with the changed cells, or None if cells were inserted, deleted or moved. `showing` returns the cells that
    show given widget models; they are painted when the models change. `typed` is called for each edit that this client typed,
    `follow` at once for every other change, `notice` for every other event.
    """

    def __init__(
        self,
        notebook: Notebook,
        view: ViewState,
        client: ClientId,
        *,
        paint: Callable[[frozenset[CellId] | None], None],
        showing: Callable[[AbstractSet[str]], AbstractSet[CellId]],
        notice: Callable[[SessionEvent], None],
        follow: Callable[[Applied], None],
        typed: Callable[[], None],
    ) -> None:
        self._notebook = notebook
        self._view = view
        self._client = client
        self._paint = paint
        self._showing = showing
        self._notice = notice
        self._follow = follow
        self._typed = typed
        self._dirty: set[CellId] = set()
        self._models: set[str] = set()
        self._structural = False
        self._timer: asyncio.TimerHandle | None = None
        self._painted = self._due_at = float("-inf")
        """Time of the last paint, and time at which the next one is due at an even rate."""
        self._events = 0
        """Events since the last paint."""
        self._stream_paints = 0
        """Successive paints, each after as many events as in a stream."""

    def receive(self, event: Applied | SessionEvent) -> None:
        """Processes a change or an event of the session. Call it on the event loop."""
        from tuinb.session.events import CellsChanged, WidgetsChanged

        if isinstance(event, Applied):
            self._view.reduce(event, self._notebook)
            if event.origin == self._client and event.step is Step.TYPING:
                self._typed()  # the editor shows it already
            else:
                self._follow(event)
                self._structural = self._structural or event.structural
                self._schedule(event.touched)
        elif isinstance(event, CellsChanged):
            self._schedule(event.cells)
        elif isinstance(event, WidgetsChanged):
            self._models.update(event.models)
            self._schedule(())
        else:
            self._notice(event)

    def touch(self, cells: frozenset[CellId]) -> None:
        """Schedules a paint of cells that look different though the notebook did not change."""
        self._schedule(cells)

    def _schedule(self, cells: frozenset[CellId] | tuple[CellId, ...]) -> None:
        self._dirty.update(cells)
        self._events += 1
        if self._timer is None:
            loop = asyncio.get_running_loop()
            in_stream = self._stream_paints >= _STREAM
            at = self._painted + _STREAM_PERIOD if in_stream else self._due_at - _FIRST * _PERIOD
            self._timer = loop.call_at(max(loop.time(), at), self.flush)

    def flush(self) -> None:
        """Paints the collected changes now."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._painted = loop.time()
        self._due_at = max(self._painted, self._due_at) + _PERIOD
        self._stream_paints = self._stream_paints + 1 if self._events >= _STREAM else 0
        self._events = 0
        if self._models:
            self._dirty |= self._showing(self._models)
            self._models.clear()
        dirty = None if self._structural else frozenset(self._dirty)
        self._dirty, self._structural = set(), False
        self._paint(dirty)

    def close(self) -> None:
        """Cancels the scheduled paint."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
