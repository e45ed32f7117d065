"""The variables of the kernel, read again after each run while somebody watches, and every two seconds while a cell runs.

Names are listed without running code of their classes; see kernel/inspection. Which cell set a name is found by the analysis of
the runs (analysis/staleness.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tuinb.analysis.page import OUTSIDE
from tuinb.errors import InspectionError, NotNowError
from tuinb.record import Record
from tuinb.session.events import CellsChanged, KernelChanged
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.analysis.staleness import Origin
    from tuinb.notebook.changes import Applied, CellId
    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent
    from tuinb.session.inspector import Inspector
    from tuinb.session.staleness import SessionStaleness
    from tuinb.session.state import KernelStatus

_AFTER = 0.1
"""Seconds from an event until variables are read: events follow each other fast."""
_WHILE_BUSY = 2.0
"""Seconds between two readings while a cell runs."""


class Variable(Record):
    """A name of the user's namespace."""

    name: str
    kind: str
    """`data`, `module`, `function` or `class`."""
    type: str
    shape: tuple[int, ...] | None
    """The shape of an array or a frame."""
    length: int | None
    """The length of a container."""
    size: int | None
    """Bytes, of a container without its items. None if they are not known."""
    value: str
    """The start of the value."""
    is_table: bool
    """Whether it can be shown as a table."""
    origin: Origin | None = None
    """The cells that gave it its value, if that is known."""


class Source(Protocol):
    """What is used of a session."""

    @property
    def notebook(self) -> Notebook: ...

    @property
    def kernel(self) -> KernelStatus: ...

    @property
    def inspector(self) -> Inspector: ...

    @property
    def staleness(self) -> SessionStaleness: ...

    def listen(self, listener: Callable[[Applied | SessionEvent], None]) -> Callable[[], None]:
        """Calls `listener` for every change and event. Call the result to stop."""
        ...


class Variables:
    """The variables of a session's kernel."""

    def __init__(self, session: Source) -> None:
        self._session = session
        self._watchers: list[Callable[[], None]] = []
        self._stop_listening: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._again = False
        """Whether something happened since the reading that is under way began."""
        self.rows: tuple[Variable, ...] = ()
        self.left = 0
        """Number of names that are not in `rows`, because there are too many."""
        self.problem = ""
        """Why `rows` may be out of date. Empty if they are not."""
        self.part = ""
        """What names must contain, where all would be too many."""

    # ---- watching

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Calls `changed` after each reading. Call the result to stop."""
        self._watchers.append(changed)
        if self._stop_listening is None:
            self._stop_listening = self._session.listen(self._on_event)
        self._schedule(0.0)

        def stop() -> None:
            self._watchers.remove(changed)
            if not self._watchers:
                self.close()

        return stop

    def close(self) -> None:
        """Stops reading."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()

    def limit_to(self, part: str) -> None:
        """Has the kernel leave out the names that do not contain `part`, if all are too many for one answer."""
        part = part.lower()
        if part != self.part and (self.left or self.part):
            self.part = part
            self._schedule(0.0)

    def _on_event(self, event: Applied | SessionEvent) -> None:
        if isinstance(event, KernelChanged | CellsChanged):
            self._schedule(_AFTER)

    def _schedule(self, seconds: float) -> None:
        if self._stop_listening is None:
            return
        if self._task is not None:
            self._again = True
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        self._timer = None
        self._again = False
        self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        try:
            await self._refresh()
        finally:
            self._task = None
        busy = self._session.kernel.state is KernelState.BUSY
        if self._again or busy:
            self._schedule(_WHILE_BUSY if busy else _AFTER)
        for changed in tuple(self._watchers):
            changed()

    async def _refresh(self) -> None:
        if self._session.kernel.state in (KernelState.NONE, KernelState.DEAD):
            self.rows, self.left, self.problem = (), 0, "no kernel runs"
            return
        try:
            answer = await self._session.inspector.ask("names", part=self.part)
        except NotNowError as error:
            self.problem = str(error)
            return
        except InspectionError as error:
            self.rows, self.left, self.problem = (), 0, str(error)
            return
        origins = await self._session.staleness.origins()
        rows = [_variable(row) for row in answer["names"]]
        self.rows = tuple(replace(row, origin=origins.get(row.name)) for row in rows)
        self.left, self.problem = answer["left"], ""

    # ---- one variable

    async def inspect(self, name: str) -> list[str]:
        """Returns a variable as lines of text. Raises InspectionError."""
        answer = await self._session.inspector.ask("inspect", name=name)
        if "lines" not in answer:
            raise InspectionError(f"{name} is gone")
        return list(answer["lines"])

    def is_of_deleted_cell(self, variable: Variable) -> bool:
        """Returns whether only a cell that is deleted set it, so that a fresh kernel would not have it."""
        origin = variable.origin
        return origin is not None and origin.set_in != OUTSIDE and origin.set_in not in self._session.notebook

    async def overwritten_by(self, cell: CellId | None) -> frozenset[str]:
        """Returns the names that a cell would set again: those that it sets, and that another cell has set."""
        if cell is None:
            return frozenset()
        sets = await self._session.staleness.set_by(cell)
        return frozenset(
            row.name for row in self.rows if row.name in sets and (row.origin is None or row.origin.set_in != cell)
        )


def _variable(row: list[Any]) -> Variable:
    name, kind, of_type, shape, length, size, value, is_table = row
    return Variable(name, kind, of_type, tuple(shape) if shape is not None else None, length, size, value, is_table)
