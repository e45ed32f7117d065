"""From the session to the screen: what it says is gathered, and painted at most 30 times a second.

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
    from tuinb.notebook.view_state import ViewState
    from tuinb.session_notices import Notice

_PERIOD = 1 / 30
"""Seconds between two paintings of what arrives."""


class Bridge:
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
        notice: Callable[[Notice], None],
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
        self._painted = -_PERIOD

    def hear(self, said: Applied | Notice) -> None:
        """Takes an Applied or a notice, on the event loop."""
        from tuinb.session_notices import CellsChanged, WidgetsChanged

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
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._painted + _PERIOD), self.flush)

    def flush(self) -> None:
        """Paints what has been gathered, now."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._painted = loop.time()
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
