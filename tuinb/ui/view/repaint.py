"""From the session to the screen: what it says is gathered, and painted 30 times a second, a stream 15 times.

After a quiet moment a few paintings may follow each other at once: a cell that starts, prints and ends is seen as it does.

What a client does itself is painted at once (the app repaints after each command); this is for what arrives from elsewhere,
above all from a kernel that prints faster than anybody can read.
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
"""Seconds between two paintings of what arrives, but for the first few."""
_FIRST = 2
"""Paintings that need not wait after a quiet moment, besides the first."""
_STREAM = 4
"""Times that something was heard between two paintings, for as many paintings, which make it a stream."""
_STREAM_PERIOD = 1 / 15
"""Seconds between two paintings of a stream. Nobody reads what runs by, and a painting is what most keys waited for: with
half of them, the median key under 7,000 lines a second took 12 ms instead of 25."""


class Repainter:
    """Listens to a session.

    `paint` is called with the cells that changed (None: cells came, went or moved), among them those which `showing` says show
    models of widgets that changed; `notice` for each other thing that the session says, `follow` for each change at once but
    this client's typing, and `typed` for that.
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
        """When it was painted last, and when the next painting is due if they come evenly."""
        self._heard = 0
        self._streamed = 0
        """Paintings on end before each of which as much was heard as in a stream."""

    def hear(self, said: Applied | SessionEvent) -> None:
        """Takes an Applied or a notice, on the event loop."""
        from tuinb.session.events import CellsChanged, WidgetsChanged

        if isinstance(said, Applied):
            self._view.reduce(said, self._notebook)
            if said.origin == self._client and said.step is Step.TYPING:
                self._typed()  # the editor shows it already
            else:
                self._follow(said)
                self._structural = self._structural or said.structural
                self._soon(said.touched)
        elif isinstance(said, CellsChanged):
            self._soon(said.cells)
        elif isinstance(said, WidgetsChanged):
            self._models.update(said.models)
            self._soon(())
        else:
            self._notice(said)

    def touch(self, cells: frozenset[CellId]) -> None:
        """Cells look different for another reason than a change of theirs."""
        self._soon(cells)

    def _soon(self, cells: frozenset[CellId] | tuple[CellId, ...]) -> None:
        self._dirty.update(cells)
        self._heard += 1
        if self._timer is None:
            loop = asyncio.get_running_loop()
            in_stream = self._streamed >= _STREAM
            at = self._painted + _STREAM_PERIOD if in_stream else self._due_at - _FIRST * _PERIOD
            self._timer = loop.call_at(max(loop.time(), at), self.flush)

    def flush(self) -> None:
        """Paints what has been gathered, now."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._painted = loop.time()
        self._due_at = max(self._painted, self._due_at) + _PERIOD
        self._streamed = self._streamed + 1 if self._heard >= _STREAM else 0
        self._heard = 0
        if self._models:
            self._dirty |= self._showing(self._models)
            self._models.clear()
        dirty = None if self._structural else frozenset(self._dirty)
        self._dirty, self._structural = set(), False
        self._paint(dirty)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
