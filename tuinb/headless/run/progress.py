"""Shows progress on stderr: on a terminal as one line that is overwritten, else as a line for each cell."""

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
"""Seconds between two updates of the elapsed time."""
_BAR = 20
_LONGEST = 100
"""Columns of a cell's first line, if there is no terminal."""


class Progress:
    """The progress of a command with `jobs` notebooks.

    `quiet` shows nothing. `prints_outputs` says that outputs go to stdout meanwhile.
    """

    def __init__(self, jobs: int, *, quiet: bool = False, prints_outputs: bool = False) -> None:
        self._jobs = jobs
        self._quiet = quiet
        self._done = 0
        self._running: dict[str, tuple[Job, Cell, int, float]] = {}
        self._painted = False
        self._ticking: asyncio.Task[None] | None = None
        # The reader of a pipe may write to the same terminal at any time, and an overwritten line would erase that.
        self._paints = sys.stderr.isatty() and not quiet and not (prints_outputs and _piped())

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """Shows that a cell was sent to its kernel."""
        self._running[str(job.path)] = (job, cell, number, time.monotonic())
        self.paint()
        if self._paints and self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())

    def ended(self, job: Job, result: CellResult) -> None:
        """Shows that a cell has ended."""
        self._running.pop(str(job.path), None)
        if not self._quiet and not self._paints:
            self.print_line(self._line(job, result))

    def finished(self, job: Job) -> None:
        """Counts a notebook that is done."""
        self._done += 1
        self._running.pop(str(job.path), None)
        self.wipe()

    def running(self, job: Job) -> Cell | None:
        """Returns the cell of the notebook that runs now."""
        found = self._running.get(str(job.path))
        return found[1] if found is not None else None

    def print_line(self, text: str) -> None:
        """Prints a line on stderr."""
        self.wipe()
        to_stderr(f"{text}\n")

    def close(self) -> None:
        """Removes the progress line from the screen."""
        if self._ticking is not None:
            self._ticking.cancel()
        self.wipe()

    def _line(self, job: Job, result: CellResult) -> str:
        name = f"{one_line(job.path.name)}: " if self._jobs > 1 else ""
        what = _cut(_first_line(result.cell), _LONGEST)
        return f"{name}cell {result.number} of {_count(job)}, {result.seconds:.2f} s{_note(result)}: {what}"

    # ---- the progress line

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_REPAINT)
            self.paint()

    def paint(self) -> None:
        """Paints the progress line, if there is a terminal."""
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
        """Erases the progress line, so that another line can be printed."""
        if self._painted:
            self._painted = False
            to_stderr("\r\x1b[K")


def _note(result: CellResult) -> str:
    """Returns how a cell ended, in brackets. Empty if it ended well."""
    if result.status is Status.OK:
        return ""
    if result.status is Status.ALLOWED:
        name = "error" if result.failure is None else _cut(one_line(result.failure.name), _LONGEST)
        return f" ({name}, continues)"
    return f" ({result.status})"


def _piped() -> bool:
    """Returns whether stdout is a pipe."""
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except OSError:
        return False


def _count(job: Job) -> int:
    """Returns the number of cells of its notebook."""
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
