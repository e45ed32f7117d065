"""Notices when the queue of cells is empty again, and how many of its cells ran."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import RunState
from tuinb.record import Record
from tuinb.ui.view.run_marks import duration, error_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import Applied, CellId
    from tuinb.session.events import SessionEvent
    from tuinb.session.port import SessionPort

_WORTH_SAYING = 2.0
"""Seconds from which the end of a run without an error is reported."""
_WORTH_CALLING = 5.0
"""Seconds from which a user who looks elsewhere is called at the end of a run, also of a single cell."""


class RunEnd(Record):
    """The end of a run of several cells, for the message line."""

    text: str
    severity: str
    failed: CellId | None = None
    """The cell that ended the run."""


class RunReport:
    """Follows the queue of one session. A run begins with the first cell that is queued, and ends when none is left.

    `on_long_run` is called at the end of a run that took long, with a line for a user who looks elsewhere.
    """

    def __init__(
        self,
        session: SessionPort,
        clock: Callable[[], float] = time.monotonic,
        on_long_run: Callable[[str], None] = lambda text: None,
    ) -> None:
        self._session = session
        self._clock = clock
        self._on_long_run = on_long_run
        self._began = 0.0
        self._number = 0
        self._total = 0

    def receive(self, event: Applied | SessionEvent) -> RunEnd | None:
        """Takes an event of the session. Returns what to report if it ended a run."""
        from tuinb.session.events import CellsChanged

        if not isinstance(event, CellsChanged):
            return None
        number, total = self._session.progress
        if total:
            self._began = self._began if self._total else self._clock()
            self._number, self._total = number, max(total, self._total)
            return None
        ran, total, self._total = self._number, self._total, 0
        if not total:
            return None
        seconds, failed = self._clock() - self._began, self._failed(event.cells)
        if seconds >= _WORTH_CALLING:
            self._on_long_run(self._line(ran, total, seconds, failed))
        return self._end(ran, total, seconds, failed) if total > 1 else None

    def _end(self, ran: int, total: int, seconds: float, failed: CellId | None) -> RunEnd | None:
        if ran == total:
            return RunEnd(f"{total} cells ran, in {duration(seconds)}.", "information") if seconds >= _WORTH_SAYING else None
        text = f"{ran} of {total} cells ran."
        if failed is None:
            return RunEnd(text, "warning")
        return RunEnd(f"{self._failure(failed)} {text} :{self._number_of(failed)} goes there.", "error", failed)

    def _line(self, ran: int, total: int, seconds: float, failed: CellId | None) -> str:
        """Returns how a run ended, without an output or the message of an error: other people may see the notification."""
        count = f"{ran} of {total}" if ran < total else str(total)
        text = f"{count} cell{'s' * (total > 1)} ended, after {duration(seconds)}."
        return f"{self._failure(failed)} {text}" if failed is not None else text

    def _failed(self, changed: tuple[CellId, ...]) -> CellId | None:
        """Returns the first of these cells whose run failed."""
        notebook, run_of = self._session.notebook, self._session.run_of
        found = (cell for cell in changed if cell in notebook and run_of(cell).current and run_of(cell).state is RunState.ERROR)
        return next(found, None)

    def _failure(self, cell: CellId) -> str:
        return f"Cell {self._number_of(cell)} failed: {error_name(self._session.run_of(cell))}."

    def _number_of(self, cell: CellId) -> int:
        return self._session.notebook.index(cell) + 1
