"""Runs a notebook's cells one after the other through a Session, without a screen.

One cell is queued at a time, so that a time limit, an interrupt or an error ends the run at its cell. Each cell gives one
CellResult, the run gives an Ending.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.headless.run.results import FINE, CellResult, Failure, Status, failure_of, runnable
from tuinb.kernel.execution.runs import RunState
from tuinb.record import Record
from tuinb.session.events import CellsChanged, InterruptTimedOut, KernelChanged, PromptOpened
from tuinb.session.kernel_end import ended_by_exit
from tuinb.session.state import KernelState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId
    from tuinb.session.events import SessionEvent
    from tuinb.session.session import Session


class Ending(Record):
    status: Status
    reason: str = ""
    """A sentence for the user, unless a cell failed."""


class Runner:
    """Runs cells once. Calls `began` for every cell that runs and `ended` for every cell.

    Calls `interrupt_failed` when an interrupt had no effect.
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
        interrupt_failed: Callable[[], None],
    ) -> None:
        self._session = session
        self._cells = cells
        self._policy = policy
        self._timeout = timeout
        self._began = began
        self._ended = ended
        self._interrupt_failed = interrupt_failed
        self._changed = asyncio.Event()
        self._stop: Status | None = None
        """Why no further cell may run, if an interrupt or a time limit ended the run."""
        self._given_up = False
        """Whether to stop waiting for the running cell."""
        self._asked_input = False
        """Whether the running cell asked for input. Some kernels do although the request says that stdin is not answered."""

    async def run(self) -> Ending:
        """Starts the kernel and runs the cells. The session's owner ends the kernel."""
        stop = self._session.listen(self._on_event)
        try:
            return await self._run()
        finally:
            stop()

    def interrupt(self) -> None:
        """Interrupts the running cell and runs no other."""
        self._stop = Status.INTERRUPTED
        self._session.interrupt()
        self._changed.set()

    def kill(self) -> None:
        """Stops waiting for the running cell."""
        self._stop = Status.INTERRUPTED
        self._given_up = True
        self._changed.set()

    async def _run(self) -> Ending:
        notebook = self._session.notebook
        if any(runnable(notebook[cell]) for cell in self._cells) and (refused := await self._start()):
            return refused
        exited = 0
        for cell in self._cells:
            if self._stop is not None:
                return Ending(self._stop)
            if cell not in notebook:  # a user at a terminal deleted it meanwhile
                continue
            number = notebook.index(cell) + 1
            if runnable(notebook[cell]) and (lost := self._lost(exited)):
                return lost
            result = await self._run_cell(notebook[cell], number)
            self._ended(result)
            if result.status not in FINE:
                return Ending(result.status, self._death() if result.status is Status.DEAD else "")
            if result.status is not Status.SKIPPED and self._session.run_of(cell).asked_exit:
                exited = number
        return Ending(self._stop or Status.OK)

    def _lost(self, exited: int) -> Ending | None:
        """Returns how the run ends if there is no kernel for the next cell. `exited` is the cell that ended it, or 0.

        A kernel that was asked to exit still runs the next cell or not, depending on the time that the cell takes.
        """
        if exited:
            return Ending(Status.DEAD, f"{ended_by_exit(f'cell {exited}')}: the cells below it were not run")
        return None if self._session.kernel.has_process else Ending(Status.DEAD, self._death())

    def _death(self) -> str:
        return f"the kernel died: {self._session.kernel.detail}"

    async def _start(self) -> Ending | None:
        """Starts the kernel. Returns None when it runs, else how the run ended."""
        starting = asyncio.create_task(self._session.start_kernel())
        starting.add_done_callback(lambda _: self._changed.set())
        while not starting.done() and self._stop is None:
            await self._next_change()
        if self._stop is not None:
            starting.cancel()
            return Ending(self._stop)
        starting.result()
        status = self._session.kernel
        if not status.has_process:
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
        timed_out = self._asked_input = False
        try:
            async with asyncio.timeout(self._timeout):
                await self._settled(cell)
        except TimeoutError:
            timed_out, self._stop = True, self._stop or Status.TIMEOUT
            self._session.interrupt()
            await self._settled(cell)
        run = self._session.run_of(cell.id)
        # A cell that was given up has no end.
        seconds = run.seconds if run.seconds is not None else clock() - began
        status = Status.TIMEOUT if timed_out else self._status(cell, run.state)
        failure = failure_of(cell, run) if run.state is RunState.ERROR else None
        if self._asked_input and self._stop is None:
            allowed = self._allows_error(cell) and not self._given_up
            status = Status.ALLOWED if allowed else Status.ERROR
            failure = Failure("InputError", "the cell asked for input, and nobody is there to give it", "", None)
        return CellResult(cell, number, status, seconds, failure)

    def _status(self, cell: Cell, state: RunState) -> Status:
        if state is RunState.OK:
            return Status.OK
        if self._stop is not None:
            return self._stop
        if not self._session.kernel.has_process:
            return Status.DEAD
        if state is RunState.ERROR:
            return Status.ALLOWED if self._allows_error(cell) else Status.ERROR
        return Status.NOT_RUN

    def _allows_error(self, cell: Cell) -> bool:
        return self._policy.allow_errors or cell.may_raise

    async def _settled(self, cell: Cell) -> None:
        while not self._given_up and self._session.run_of(cell.id).state in (RunState.QUEUED, RunState.RUNNING):
            await self._next_change()

    async def _next_change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _on_event(self, event: Applied | SessionEvent) -> None:
        match event:
            case CellsChanged() | KernelChanged():
                self._changed.set()
            case PromptOpened():
                self._asked_input = True
                self._session.interrupt()
            case InterruptTimedOut():
                self._interrupt_harder(event.stronger)
            case _:
                pass

    def _interrupt_harder(self, stronger: InterruptMeans | None) -> None:
        """Interrupts a cell that exceeded its time or asked for input by the next means. Leaves other cells to the user."""
        if self._stop is not Status.TIMEOUT and not self._asked_input:
            self._interrupt_failed()
        elif stronger is not None:
            self._session.interrupt()
        else:
            self._given_up = True
            self._changed.set()
