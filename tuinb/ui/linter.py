"""Marks the problems of code while it is edited: late, and never waited for.

It begins with the first edit on this screen. Half a second after the last edit, all code cells are read as one module, beside
the screen. What was found in a cell that was edited since is dropped. Marks move with their lines until then.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.notebook.changes import Applied, SpliceSource, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.analysis.problems import Problem
    from tuinb.commands.context import Context
    from tuinb.notebook.changes import CellId
    from tuinb.session.events import SessionEvent

_AFTER_EDIT = 0.5
"""Seconds without an edit until the code is read."""
_MOST = 4_000_000
"""Characters of all cells up to which they are read."""
_PYTHON = frozenset(("python", "ipython"))


class Linter:
    """The linter of one pane. `show` is called with the cells whose problems changed."""

    def __init__(self, context: Context, show: Callable[[frozenset[CellId]], None]) -> None:
        self._context = context
        self._show = show
        self._begun = False
        self._work: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def receive(self, event: Applied | SessionEvent) -> None:
        """Processes a change of the notebook."""
        if not isinstance(event, Applied):
            return
        own = event.origin == self._context.client and event.step is Step.TYPING
        splices = [change for change in event.changes if isinstance(change, SpliceSource)]
        if not (self._begun or own) or not (splices or event.structural):
            return
        self._begun = True
        for splice in splices:
            self._move(splice)
        self._schedule()

    def close(self) -> None:
        """Stops reading."""
        for waiting in (self._timer, self._work):
            if waiting is not None:
                waiting.cancel()

    def _move(self, splice: SpliceSource) -> None:
        view, notebook = self._context.view, self._context.session.notebook
        problems = view.problems.get(splice.cell)
        removed, inserted = splice.removed.count("\n"), splice.inserted.count("\n")
        if problems is None or not (removed or inserted) or splice.cell not in notebook:
            return
        from tuinb.analysis.problems import moved

        self._set(splice.cell, moved(problems, notebook[splice.cell].source.count("\n", 0, splice.at), removed, inserted))
        self._show(frozenset((splice.cell,)))

    def _set(self, cell: CellId, problems: tuple[Problem, ...]) -> None:
        view = self._context.view
        if problems:
            view.problems[cell] = problems
        else:
            view.problems.pop(cell, None)

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(_AFTER_EDIT, self._start)

    def _start(self) -> None:
        self._timer = None
        if self._work is not None:
            self._schedule()
        else:
            self._work = asyncio.get_running_loop().create_task(self._read())
            self._work.add_done_callback(self._done)

    def _done(self, work: asyncio.Task[None]) -> None:
        self._work = None
        if not work.cancelled() and (error := work.exception()) is not None:
            work.get_loop().call_exception_handler({"message": "code can't be read for problems", "exception": error})

    async def _read(self) -> None:
        from tuinb.commands.problems import find_problems

        notebook, view = self._context.session.notebook, self._context.view
        is_python = notebook.language.lower() in _PYTHON
        sources = {cell.id: cell.source for cell in notebook if is_python and cell.kind == "code" and cell.source.strip()}
        if sum(map(len, sources.values())) > _MOST:
            sources = {}
        found = await find_problems(self._context, sources)
        changed: list[CellId] = []
        for cell in {*view.problems, *sources}:
            if cell in notebook and notebook[cell].source != sources.get(cell, notebook[cell].source):
                continue  # It is read again soon.
            if view.problems.get(cell, ()) != found.get(cell, ()):
                self._set(cell, found.get(cell, ()))
                changed.append(cell)
        if changed:
            self._show(frozenset(changed))
