"""The run of `tuinb run --detach`: a job in a session that begins without a terminal.

Cells run as with `tuinb run`, whoever looks on: a cell that asks for input fails, since nobody may be there to answer, and the
run has to end. When it has ended and is saved, its results are in the file. A session that nobody looks at then ends with its
kernel, which would keep memory for nothing, unless its user wants to go on with its variables (`keep`).
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tuinb.errors import NotebookFileError, SessionError, shown
from tuinb.headless.arguments import exit_code
from tuinb.headless.run.job import Outcome
from tuinb.headless.run.report import describe, summary
from tuinb.headless.run.results import FINE, Status, runnable
from tuinb.kernel.execution.runs import RunPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tuinb.headless.run.job import Job
    from tuinb.headless.run.results import CellResult
    from tuinb.notebook.cell import Cell
    from tuinb.session.session import Session


@dataclass(slots=True)
class BatchRun:
    """One run. Implements JobListener. `job` was read, and its kernel not started."""

    job: Job
    keep: bool
    """Whether the session goes on after the run."""
    outcome: Outcome | None = None
    notices: list[str] = field(default_factory=list)
    _done: int = 0
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, session: Session) -> Outcome:
        """Runs the job to its end, and leaves the session to users."""
        target = self.job.target
        try:
            if target is not None and not _is_same(target, session.path):
                # Whoever opens the new file finds this session from now on.
                await session.save(target, overwrite=True, endorse=False)
            self.outcome = await self.job.run_in(session, self)
        except NotebookFileError as error:
            self.outcome = Outcome(self.job.path, exit_code(error), Status.NOT_RUN, error=error)
        finally:
            session.set_policy(RunPolicy())
            self._ended.set()
        return self.outcome

    async def wait(self) -> Outcome:
        """Returns how the run ended, once it has. Raises SessionError if it did not come to its end."""
        await self._ended.wait()
        if self.outcome is None:
            raise SessionError("the run was ended")
        return self.outcome

    def status(self) -> dict[str, object]:
        """Returns how far it is: cells that ran, cells to run, and the exit code, if it has ended."""
        loaded = self.job.loaded
        notebook = loaded.notebook if loaded is not None and not isinstance(loaded, Exception) else None
        cells = [cell for cell in self.job.cells if notebook is not None and notebook.knows(cell) and runnable(notebook[cell])]
        return {"done": self._done, "cells": len(cells), "exit": None if self.outcome is None else int(self.outcome.exit)}

    def report(self, outcome: Outcome) -> Iterator[tuple[str, str]]:
        """Yields lines about the run for its user, each with its severity."""
        for notice in self.notices:
            yield f"{shown(self.job.path)}: {notice}", "warning"
        for result in outcome.cells:
            if result.status not in FINE:
                yield describe(outcome, result), "error"
        if outcome.error is not None:
            yield str(outcome.error), "error"
        yield summary(outcome), "information"

    # ---- JobListener

    def note(self, job: Job, text: str) -> None:
        """See JobListener."""
        self.notices.append(text)

    def began(self, job: Job, cell: Cell, number: int) -> None:
        """See JobListener."""

    def ended(self, job: Job, result: CellResult) -> None:
        """See JobListener."""
        self._done += runnable(result.cell)

    def follow(self, job: Job, session: Session) -> Callable[[], None]:
        """See JobListener."""
        return lambda: None

    def finished(self, job: Job, outcome: Outcome) -> None:
        """See JobListener."""


def _is_same(path: Path, other: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)
