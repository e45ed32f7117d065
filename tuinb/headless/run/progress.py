"""Progress on stderr: with a terminal there a line that is painted over, else a line for each cell that is done."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError
from tuinb.headless.console import one_line, to_stderr
from tuinb.headless.run.results import Status

if TYPE_CHECKING:
    from tuinb.headless.run.job import Job
    from tuinb.headless.run.results import CellResult
    from tuinb.notebook.cell import Cell

_REPAINT = 0.5
"""Seconds after which the elapsed time is painted anew."""
_BAR = 20
_LONGEST = 100
"""Columns of a cell's first line, where no terminal says how many there are."""


class Progress:
    """One for a command, `jobs` of them. `quiet`: nothing is shown. `beside`: outputs go to stdout meanwhile."""

    def __init__(self, jobs: int, *, quiet: bool = False, beside: bool = False) -> None:
        self._jobs = jobs
        self._quiet = quiet
        self._done = 0
        self._running: dict[str, tuple[Job, Cell, int, float]] = {}
        self._painted = False
        self._ticking: asyncio.Task[None] | None = None
        # Who reads a pipe may write to the same terminal at any time: what is painted over would take that away.
        self._paints = sys.stderr.isatty() and not quiet and not (beside and _piped())

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """A cell is handed to its kernel."""
        self._running[str(job.path)] = (job, cell, number, time.monotonic())
        self.paint()
        if self._paints and self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())

    def ended(self, job: Job, result: CellResult) -> None:
        """A cell is done."""
        self._running.pop(str(job.path), None)
        if not self._quiet and not self._paints:
            self.say(self._line(job, result))

    def finished(self, job: Job) -> None:
        """A notebook is done."""
        self._done += 1
        self._running.pop(str(job.path), None)
        self.wipe()

    def running(self, job: Job) -> Cell | None:
        """The cell of the notebook that runs now."""
        found = self._running.get(str(job.path))
        return found[1] if found is not None else None

    def say(self, text: str) -> None:
        """A line on stderr."""
        self.wipe()
        to_stderr(f"{text}\n")

    def close(self) -> None:
        """Takes the line that is painted over off the screen."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.wipe()

    def _line(self, job: Job, result: CellResult) -> str:
        name = f"{one_line(job.path.name)}: " if self._jobs > 1 else ""
        note = "" if result.status is Status.OK else f" ({result.status})"
        what = _cut(_first_line(result.cell), _LONGEST)
        return f"{name}cell {result.number} of {_count(job)}, {result.seconds:.2f} s{note}: {what}"

    # ---- the line that is painted over

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_REPAINT)
            self.paint()

    def paint(self) -> None:
        """Shows what runs, where that is painted at all."""
        if not self._running or not self._paints:
            return
        import shutil

        job, cell, number, since = list(self._running.values())[-1]
        total = _count(job)
        filled = _BAR * (number - 1) // max(1, total)
        seconds = time.monotonic() - since
        many = f"{self._done + 1} of {self._jobs} " if self._jobs > 1 else ""
        text = (
            f"{many}{one_line(job.path.name)} [{'#' * filled}{'.' * (_BAR - filled)}] cell {number} of {total}"
            f" {int(seconds) // 60}:{int(seconds) % 60:02d} {_first_line(cell)}"
        )
        columns = shutil.get_terminal_size((80, 24)).columns
        to_stderr(f"\r\x1b[K{_cut(text, columns - 1)}")
        self._painted = True

    def wipe(self) -> None:
        """Makes room for a line of its own."""
        if self._painted:
            self._painted = False
            to_stderr("\r\x1b[K")


def _piped() -> bool:
    """Whether stdout is a pipe."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except OSError:
        return False


def _count(job: Job) -> int:
    """How many cells its notebook has."""
    loaded = job.loaded
    return 0 if loaded is None or isinstance(loaded, TuinbError) else len(loaded.notebook)


def _first_line(cell: Cell) -> str:
    return one_line(next((line for line in cell.source.splitlines() if line.strip()), "").strip())


def _cut(text: str, columns: int) -> str:
    text = text[:columns]
    if text.isascii():
        return text
    from tuinb.render.safe import width

    while width(text) > columns:
        text = text[:-1]
    return text
