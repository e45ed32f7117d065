"""Has code read while it is edited, and marks the problems that are found: late, and never waited for.

It begins with the first edit on this screen. Half a second after the last edit, all code cells are read as one module, beside
the screen. What was found in a cell that was edited since is dropped. Marks move with their lines until then. Two seconds
after an edit, language servers are started; what they find is marked beside the rest.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
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
_START_SERVERS = 2.0
"""Seconds without an edit until language servers are started."""
_MOST = 4_000_000
"""Characters of all cells up to which they are read."""
_PYTHON = frozenset(("python", "ipython"))


class Linter:
    """The linter of one pane. `show` is called with the cells whose problems changed. Without `marks` there are none."""

    def __init__(self, context: Context, show: Callable[[frozenset[CellId]], None], *, marks: bool) -> None:
        self._context = context
        self._show = show
        self._marks = marks
        self._begun = False
        self._own: dict[CellId, tuple[Problem, ...]] = {}
        """What was found here."""
        self._of_servers: dict[CellId, tuple[Problem, ...]] = {}
        self._starting: asyncio.TimerHandle | None = None
        self._importing: asyncio.Future[object] | None = None
        self._stop_watching: Callable[[], None] | None = None
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
        if self._marks:
            for splice in splices:
                self._move(splice)
            self._schedule()
        if self._stop_watching is None:
            if self._starting is not None:
                self._starting.cancel()
            self._starting = asyncio.get_running_loop().call_later(_START_SERVERS, self._start_servers)

    def _start_servers(self) -> None:
        # In a thread: on the loop, a key that comes now would wait.
        self._importing = asyncio.get_running_loop().run_in_executor(None, import_module, "tuinb.session.languages")
        self._importing.add_done_callback(self._use_servers)

    def _use_servers(self, imported: asyncio.Future[object]) -> None:
        if imported.cancelled() or self._stop_watching is not None:
            return
        imported.result()
        from tuinb.commands.language import servers_of

        if self._starting is not None:
            self._starting.cancel()
        servers = servers_of(self._context)
        self._stop_watching = servers.watch(self._follow_servers) if self._marks else lambda: None

    def _follow_servers(self, cells: frozenset[CellId]) -> None:
        """Shows what language servers found in cells."""
        notebook = self._context.session.notebook
        for cell in cells:
            self._of_servers.pop(cell, None)
        for cell, problems in self._context.session.languages.problems:
            if cell in cells:
                self._of_servers[cell] = (*self._of_servers.get(cell, ()), *problems)
        changed = [cell for cell in cells if cell in notebook and self._join(cell)]
        if changed:
            self._show(frozenset(changed))

    def close(self) -> None:
        """Stops reading."""
        for waiting in (self._timer, self._work, self._starting, self._importing):
            if waiting is not None:
                waiting.cancel()
        if self._stop_watching is not None:
            self._stop_watching()

    def _move(self, splice: SpliceSource) -> None:
        notebook, cell = self._context.session.notebook, splice.cell
        removed, inserted = splice.removed.count("\n"), splice.inserted.count("\n")
        if cell not in self._context.view.problems or not (removed or inserted) or cell not in notebook:
            return
        from tuinb.analysis.problems import moved

        line = notebook[cell].source.count("\n", 0, splice.at)
        for problems in (self._own, self._of_servers):
            if cell in problems:
                problems[cell] = moved(problems[cell], line, removed, inserted)
        if self._join(cell):
            self._show(frozenset((cell,)))

    def _join(self, cell: CellId) -> bool:
        """Sets what is known of a cell, each place once. Returns whether that is another than before."""
        known = self._context.view.problems
        before = known.pop(cell, ())
        of_servers, own = self._of_servers.get(cell, ()), self._own.get(cell, ())
        places = {(problem.line, problem.column) for problem in of_servers}
        rest = (problem for problem in own if (problem.line, problem.column) not in places)
        found = tuple(sorted((*of_servers, *rest), key=lambda problem: (problem.line, problem.column)))
        if found:
            known[cell] = found
        return found != before

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

        notebook = self._context.session.notebook
        is_python = notebook.language.lower() in _PYTHON
        sources = {cell.id: cell.source for cell in notebook if is_python and cell.kind == "code" and cell.source.strip()}
        if sum(map(len, sources.values())) > _MOST:
            sources = {}
        found = await find_problems(self._context, sources)
        changed: list[CellId] = []
        for cell in {*self._own, *sources}:
            if cell not in notebook:
                self._own.pop(cell, None)
                continue
            if notebook[cell].source != sources.get(cell, notebook[cell].source):
                continue  # It is read again soon.
            self._own[cell] = found.get(cell, ())
            if self._join(cell):
                changed.append(cell)
        if changed:
            self._show(frozenset(changed))
