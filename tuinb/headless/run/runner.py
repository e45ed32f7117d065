"""Runs a notebook's cells one after the other through a Session, with nobody at the screen.

One cell is handed over at a time, so that a limit of time, an interrupt and an error each end the run at the cell that they
concern. How a cell ended is told once, by a CellResult; how the run ended, by `Ending`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.headless.run.results import FINE, RAISES, CellResult, Failure, Status, failure_of, runnable
from tuinb.kernel.execution.runs import RunState
from tuinb.session.events import CellsChanged, InterruptIneffective, KernelChanged, PromptOpened
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId
    from tuinb.session.events import Notice
    from tuinb.session.session import Session


@dataclass(frozen=True, slots=True)
class Ending:
    status: Status
    why: str = ""
    """For people, where it is not the failure of a cell."""


class Runner:
    """Drives one run. `began` is called for every cell that runs, `ended` for every cell, `resisted` when an interrupt had no
    effect.
    """

    def __init__(
        self,
        session: Session,
        cells: Sequence[CellId],
        policy: RunPolicy,
        *,
        timeout: float | None = None,
        began: Callable[[Cell, int], None],
        ended: Callable[[CellResult], None],
        resisted: Callable[[], None],
    ) -> None:
        self._session = session
        self._cells = cells
        self._policy = policy
        self._timeout = timeout
        self._began = began
        self._ended = ended
        self._resisted = resisted
        self._news = asyncio.Event()
        self._stop: Status | None = None
        """Why no further cell is to run, where something from outside says so."""
        self._given_up = False
        """Whether what runs is no longer waited for."""
        self._asked = False
        """Whether the cell that runs asked for input, as some kernels do though they were told that nobody is there."""

    async def run(self) -> Ending:
        """Starts the kernel and runs the cells; the kernel is left to who closes the session."""
        stop = self._session.listen(self._heard)
        try:
            return await self._run()
        finally:
            stop()

    def interrupt(self) -> None:
        """Interrupts the cell that runs, and runs no other."""
        self._stop = Status.INTERRUPTED
        self._session.interrupt()
        self._news.set()

    def kill(self) -> None:
        """Waits for nothing any more."""
        self._stop = Status.INTERRUPTED
        self._given_up = True
        self._news.set()

    async def _run(self) -> Ending:
        notebook = self._session.notebook
        if any(runnable(notebook[cell]) for cell in self._cells) and (refused := await self._start()):
            return refused
        for cell in self._cells:
            if self._stop is not None:
                return Ending(self._stop)
            result = await self._run_cell(notebook[cell], notebook.index(cell) + 1)
            self._ended(result)
            if result.status not in FINE:
                died = f"the kernel died: {self._session.kernel.detail}" if result.status is Status.DEAD else ""
                return Ending(result.status, died)
        return Ending(self._stop or Status.OK)

    async def _start(self) -> Ending | None:
        """None once the kernel is there."""
        starting = asyncio.create_task(self._session.start_kernel())
        starting.add_done_callback(lambda _: self._news.set())
        while not starting.done() and self._stop is None:
            await self._next_news()
        if self._stop is not None:
            starting.cancel()
            return Ending(self._stop)
        starting.result()
        status = self._session.kernel
        if status.state in (KernelState.NONE, KernelState.DEAD):
            how = "the kernel did not start: " if status.state is KernelState.DEAD else ""
            return Ending(Status.DEAD, how + (status.detail or "there is no kernel"))
        return None

    async def _run_cell(self, cell: Cell, number: int) -> CellResult:
        if not runnable(cell):
            return CellResult(cell, number, Status.SKIPPED)
        self._began(cell, number)
        clock = asyncio.get_running_loop().time
        began = clock()
        self._session.run([cell.id])
        timed_out = self._asked = False
        try:
            async with asyncio.timeout(self._timeout):
                await self._settled(cell)
        except TimeoutError:
            timed_out, self._stop = True, self._stop or Status.TIMEOUT
            self._session.interrupt()
            await self._settled(cell)
        run = self._session.run_of(cell.id)
        # What is no longer waited for has no end.
        seconds = run.seconds if run.seconds is not None else clock() - began
        status = Status.TIMEOUT if timed_out else self._status(cell, run.state)
        failure = failure_of(cell, run.error_name) if run.state is RunState.ERROR else None
        if self._asked and self._stop is None:
            allowed = self._allows_error(cell) and not self._given_up
            status = Status.ALLOWED if allowed else Status.ERROR
            failure = Failure("InputError", "the cell asked for input, and nobody is there to give it", "", None)
        return CellResult(cell, number, status, seconds, failure)

    def _status(self, cell: Cell, state: RunState) -> Status:
        if state is RunState.OK:
            return Status.OK
        if self._stop is not None:
            return self._stop
        if self._session.kernel.state in (KernelState.DEAD, KernelState.NONE):
            return Status.DEAD
        if state is RunState.ERROR:
            return Status.ALLOWED if self._allows_error(cell) else Status.ERROR
        return Status.NOT_RUN

    def _allows_error(self, cell: Cell) -> bool:
        return self._policy.allow_errors or RAISES in cell.tags

    async def _settled(self, cell: Cell) -> None:
        while not self._given_up and self._session.run_of(cell.id).state in (RunState.QUEUED, RunState.RUNNING):
            await self._next_news()

    async def _next_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _heard(self, news: Applied | Notice) -> None:
        match news:
            case CellsChanged() | KernelChanged():
                self._news.set()
            case PromptOpened():
                self._asked = True
                self._session.interrupt()
            case InterruptIneffective():
                self._insist(news.stronger)
            case _:
                pass

    def _insist(self, stronger: str) -> None:
        """What ran out of time, or waits for input, is interrupted by all means; a person is left to say so again."""
        if self._stop is not Status.TIMEOUT and not self._asked:
            self._resisted()
        elif stronger == "signal":
            self._session.interrupt()
        else:
            self._given_up = True
            self._news.set()
