"""Notices when the queue of cells is empty again, and how many of its cells ran."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.kernel.execution.runs import RunState
from tuinb.ui.view.run_marks import duration, error_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.notebook.changes import Applied, CellId
    from tuinb.session.events import SessionEvent
    from tuinb.session.port import SessionPort

_WORTH_SAYING = 2.0
"""Seconds from which the end of a run without an error is reported."""


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run of several cells, for the message line."""

    text: str
    severity: str
    failed: CellId | None = None
    """The cell that ended the run."""


class RunReport:
    """Follows the queue of one session. A run begins with the first cell that is queued, and ends when none is left."""

    def __init__(self, session: SessionPort, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
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
        return self._end(ran, total, event.cells) if total > 1 else None

    def _end(self, ran: int, total: int, changed: tuple[CellId, ...]) -> RunEnd | None:
        seconds = self._clock() - self._began
        if ran < total:
            return self._stopped(f"{ran} of {total} cells ran.", changed)
        return RunEnd(f"{total} cells ran, in {duration(seconds)}.", "information") if seconds >= _WORTH_SAYING else None

    def _stopped(self, text: str, changed: tuple[CellId, ...]) -> RunEnd:
        notebook = self._session.notebook
        for cell in changed:
            run = self._session.run_of(cell)
            if cell in notebook and run.current and run.state is RunState.ERROR:
                number = notebook.index(cell) + 1
                return RunEnd(f"Cell {number} failed: {error_name(run)}. {text} :{number} goes there.", "error", cell)
        return RunEnd(text, "warning")
