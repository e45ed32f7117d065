"""Suggests how the line that is typed goes on: from the code of the notebook, then from the history of the kernel."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.editing.suggestions import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort

_HISTORY = 1_000
"""Inputs of the kernel's history that are read."""


class Suggester:
    """Suggestions for one pane. Lines are gathered in a thread at the first key in a cell: no key waits for them."""

    def __init__(
        self, session: SessionPort, cell: Callable[[], CellId | None], run_aside: Callable[[Coroutine[None, None, None]], None]
    ) -> None:
        self._session = session
        self._cell = cell
        self._run_aside = run_aside
        self._for: CellId | None = None
        """The cell whose typing the suggestions are for. They have the lines of the other cells."""
        self._history: tuple[str, ...] | None = None
        self._suggestions = Suggestions(())

    def suggest(self, line: str) -> str:
        """Returns how a line of the open cell goes on, or an empty string."""
        cell = self._cell()
        if cell is None or self._session.notebook[cell].kind != "code":
            return ""
        if cell != self._for:
            self._for, self._suggestions = cell, Suggestions(())
            self._run_aside(self._gather(cell))
        return self._suggestions.after(line)

    async def _gather(self, cell: CellId) -> None:
        sources = [each.source for each in self._session.notebook if each.kind == "code" and each.id != cell]
        self._suggestions = await asyncio.to_thread(Suggestions, sources)
        if self._history is None:
            self._history = await self._session.history(_HISTORY)
        if self._history and self._for == cell:
            self._suggestions = await asyncio.to_thread(Suggestions, [*self._history, *sources])
