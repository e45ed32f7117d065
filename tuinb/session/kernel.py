"""The half of a session that concerns its kernel: runs, what the kernel said, and its life.

A session makes one when a kernel is first wanted: what this module imports costs as much as a notebook takes to read, and a
screen paints without it. What a kernel said is written by `_apply_all`, and never fails as a whole because one cell is gone;
what it proposes (`_next_input`) is a step that can be undone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from tuinb.errors import ChangeError, KernelSpecError
from tuinb.kernel.execution import effects as k
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.notebook import changes as c
from tuinb.session.events import (
    CellsChanged,
    InterruptIneffective,
    KernelChanged,
    Paged,
    PromptClosed,
    PromptOpened,
    Told,
    WidgetsChanged,
)
from tuinb.session.state import NO_KERNEL, KernelState, KernelStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from typing import Any

    from tuinb.kernel.client import KernelLink
    from tuinb.kernel.connection.port import Transport
    from tuinb.kernel.execution.runs import CellRun, RunPolicy
    from tuinb.kernel.protocol.lifecycle import Lifecycle
    from tuinb.notebook.changes import Applied, CellId, Change
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.events import Notice

    TransportFactory: TypeAlias = Callable[[str | None], Transport]

PLACES_EVERY = 0.1
"""Seconds between two notices that thousands of waiting cells moved up by one."""


class SessionKernel:
    """Serves what SessionPort says of kernels. `committed` is told of every change made here, `tell` of all else."""

    def __init__(
        self,
        notebook: Notebook,
        factory: TransportFactory,
        link: Callable[[Callable[[k.Effects], None], Widgets], KernelLink],
        widgets: Widgets,
        *,
        committed: Callable[[Applied], Applied],
        tell: Callable[[Notice], None],
        read_only: Callable[[], str],
        policy: RunPolicy,
    ) -> None:
        self._notebook = notebook
        self._factory = factory
        self._committed = committed
        self._tell = tell
        self._read_only = read_only
        self._policy = policy
        self._link = link(self._deliver, widgets)
        self._executor = self._link.executor
        self._retained: set[CellId] = set()
        self._places: asyncio.TimerHandle | None = None
        self._status = NO_KERNEL
        self._detail = ""
        self._dead = False
        self._unreachable = False
        self._info: m.KernelInfoReply | None = None
        self._described: m.KernelInfoReply | None = None
        self._ran = False
        self._chosen: str | None = None
        """The kernelspec that the notebook was switched to."""
        self._background: set[asyncio.Task[None]] = set()

    # ---- what is so

    @property
    def status(self) -> KernelStatus:
        """The kernel's state now."""
        return replace(self._status, strays=self._executor.strays)

    @property
    def log(self) -> str:
        """The path of the kernel's own log, or an empty string."""
        return self._link.transport.log_path if self._link.transport is not None else ""

    def run_of(self, cell: CellId) -> CellRun:
        """What became of the cell's latest run."""
        return self._executor.run_of(cell)

    def queue(self) -> tuple[CellId, ...]:
        """The cell that runs, then those that wait, in order."""
        return self._executor.queue()

    # ---- running

    def run(self, cells: Sequence[CellId]) -> None:
        """Queues code cells, with their source as it is now. A blank one only loses its outputs. Starts a kernel."""
        submissions: list[k.Submission] = []
        blank: list[CellId] = []
        for cell_id in cells:
            if cell_id not in self._notebook:
                continue
            cell = self._notebook[cell_id]
            if cell.kind != "code":
                continue
            if cell.source.strip():
                stops = not self._policy.allow_errors and "raises-exception" not in cell.tags
                attended = self._policy.attended
                submissions.append(k.Submission(cell_id, cell.source, cell.source_revision, stops, attended))
            else:
                blank.append(cell_id)
        self._clear(blank)
        if submissions:
            self._link.act(self._executor.run(submissions, self._link.now))
            self._start_if_wanted()

    def _start_if_wanted(self) -> None:
        """Starts a kernel for what waits. While one is being ended that is put off: whoever ends it asks again then."""
        if self._executor.queue() and self._executor.phase is k.Phase.ABSENT and not self._link.changing:
            self._beside(self.start())

    def _clear(self, cells: Sequence[CellId]) -> None:
        changes: list[Change] = []
        for cell_id in cells:
            cell = self._notebook[cell_id]
            if len(cell.outputs) or cell.execution_count is not None:
                changes += (c.SetOutputs(cell_id), c.SetExecutionCount(cell_id, None))
        if cells:
            self.cancel(cells)
        if changes:
            self._apply_all(changes)

    def cancel(self, cells: Sequence[CellId] | None = None) -> None:
        """Takes queued cells (all, where None) out of the queue; what runs goes on."""
        self._link.act(self._executor.cancel(cells))

    def answer(self, text: str) -> None:
        """Answers the open prompt; does nothing where none is open."""
        self._link.act(self._executor.answer(text))

    def answer_eof(self) -> None:
        """End of file on the open prompt."""
        self._link.act(self._executor.eof())

    def interrupt(self) -> None:
        """Interrupts by the gentlest means not yet tried in vain on what runs now; what waits is taken off the queue."""
        self.cancel()
        if not self._link.interrupt():
            self._tell(InterruptIneffective("restart"))

    async def complete(self, code: str, cursor: int) -> m.CompleteReply | None:
        """Completions at `cursor` (code points); None where the kernel is busy or does not answer in time."""
        reply = await self._link.ask(lambda request: requests.Complete(request, code, cursor))
        return reply if isinstance(reply, m.CompleteReply) else None

    async def inspect(self, code: str, cursor: int) -> m.InspectReply | None:
        """What the kernel knows about the name at `cursor`."""
        reply = await self._link.ask(lambda request: requests.Inspect(request, code, cursor))
        return reply if isinstance(reply, m.InspectReply) else None

    # ---- the kernel's life

    async def start(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        transport = self._link.transport
        known = transport.name if transport is not None else None
        if self._executor.phase is not k.Phase.ABSENT and name in (None, known):
            return
        if name is not None and name != known:
            self._chosen = name
        chosen = self._chosen
        self._detail, self._dead = "", False
        await self._link.start(lambda: self._factory(chosen))

    async def restart(self) -> None:
        """Restarts the kernel. Outputs stay; what runs and waits is freed. A kernel that is not there is started."""
        if self._executor.phase is k.Phase.ABSENT:
            await self.start()
        else:
            await self._link.restart()

    async def shut_down(self) -> None:
        """Ends the kernel; the next run starts one."""
        self._detail, self._dead = "", False
        await self._link.stop()
        self._start_if_wanted()

    async def close(self) -> None:
        """Ends the kernel and all that waits for it. Never raises."""
        for task in self._background:
            task.cancel()
        await self._link.stop()
        self._link.close()
        if self._places is not None:
            self._places.cancel()

    def _beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine beside the others; the set keeps it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # ---- what a kernel said

    def _deliver(self, effects: k.Effects) -> None:
        if effects.changes:
            self._ran = True
            self._apply_all(effects.changes)
        for notice in effects.notices:
            self._on_notice(notice)
        if effects.notices or self._executor.phase is not k.Phase.LIVE:
            self._describe()
            self._compare_status()

    def _apply_all(self, changes: Sequence[Change]) -> None:
        """As one transaction; where the notebook refuses it, those of its changes that still fit."""
        transaction = c.Transaction(tuple(changes), c.KERNEL, c.Step.OUTPUT)
        try:
            applied = self._notebook.apply(transaction)
        except ChangeError:
            if len(changes) > 1:
                for change in changes:
                    self._apply_all((change,))
            else:
                self._executor.strays += 1
        else:
            self._committed(applied)

    def _on_notice(self, notice: k.Notice) -> None:
        match notice:
            case k.RunsChanged():
                self._on_runs(notice.cells, moved=notice.moved)
            case k.PromptShown():
                self._tell(PromptOpened(notice.cell, notice.text, notice.password))
            case k.PromptGone():
                self._tell(PromptClosed())
            case k.Page():
                self._tell(Paged(notice.data))
            case k.NextInput():
                self._next_input(notice)
            case k.ExitAsked():
                self._tell(Told("The cell asked to leave. tuinb stays; Ctrl+Q leaves it."))
            case k.WidgetsChanged():
                self._tell(WidgetsChanged(notice.models))
            case k.Ineffective():
                self._tell(InterruptIneffective("signal" if notice.stronger is not None else "restart"))
            case _:
                self._on_kernel(notice)

    def _on_kernel(self, notice: k.StartFailed | Lifecycle | k.Answer) -> None:
        match notice:
            case k.StartFailed():
                self._detail = f"{notice.error}\n{notice.error.said}".strip()
                self._dead = not isinstance(notice.error, KernelSpecError)
            case lifecycle.KernelDied():
                self._detail = f"{notice.reason}\n{notice.stderr}".strip()
                self._dead = True
            case lifecycle.KernelStarting():
                self._detail, self._dead, self._unreachable = "", False, False
                self._info = self._info if notice.restart else None
            case lifecycle.KernelConnected():
                self._unreachable = False
                if self._info is None:
                    self._link.tell(requests.KernelInfo)
            case lifecycle.HeartbeatLost():
                self._unreachable = True
            case lifecycle.HeartbeatBack():
                self._unreachable = False
            case m.KernelInfoReply():
                self._info = notice
            case m.CompleteReply() | m.InspectReply():
                pass
            case _:
                assert_never(notice)

    def _next_input(self, notice: k.NextInput) -> None:
        """`%load` replaces its cell's source; other magics propose a cell below."""
        if self._read_only() or not self._policy.attended:
            return
        changes: tuple[Change, ...]
        if notice.cell in self._notebook and notice.replace:
            changes = (c.SpliceSource(notice.cell, 0, self._notebook[notice.cell].source, notice.text),)
        else:
            new = self._notebook.fresh(c.CellData(c.CellId(""), "code", notice.text, {"metadata": {}}))
            below = notice.cell if notice.cell in self._notebook else self._notebook.order[-1] if len(self._notebook) else None
            changes = (c.InsertCell(new, below),)
        self._committed(self._notebook.apply(c.Transaction(changes, c.KERNEL, c.Step.EDIT, "the kernel's next input")))

    def _on_runs(self, cells: Sequence[CellId], *, moved: bool) -> None:
        """Cells that run or wait stay addressable, also when they are deleted meanwhile."""
        pending = {cell for cell in cells if self._executor.pending(cell)}
        self._notebook.retain(sorted(pending - self._retained))
        done = self._retained.intersection(cells) - pending
        self._notebook.release(sorted(done))
        self._retained |= pending
        self._retained -= done
        self._tell(CellsChanged(tuple(cells)))
        if moved and self._places is None:
            self._places = asyncio.get_running_loop().call_later(PLACES_EVERY, self._tell_places)

    def _tell_places(self) -> None:
        self._places = None
        self._tell(CellsChanged(self.queue()))

    def _describe(self) -> None:
        """Writes the kernel's name and language into the notebook where they are absent or no longer true.

        Only once something ran or a kernel was chosen: looking at a notebook leaves it unmodified.
        """
        info, transport = self._info, self._link.transport
        if info is None or transport is None or info is self._described or self._read_only() or not (self._ran or self._chosen):
            return
        self._described = info
        metadata = self._notebook.metadata
        language = info.language_info.get("name", "")
        spoken = _name_of(metadata.get("language_info")) != language
        changes: list[Change] = []
        if "kernelspec" not in metadata or ((spoken or self._chosen) and _name_of(metadata["kernelspec"]) != transport.name):
            spec = {"display_name": transport.display_name, "language": language, "name": transport.name}
            changes.append(c.SetMetadata(None, "kernelspec", spec))
        if spoken:
            changes.append(c.SetMetadata(None, "language_info", dict(info.language_info)))
        if changes:
            self._apply_all(changes)

    def _compare_status(self) -> None:
        transport, info = self._link.transport, self._info
        status = KernelStatus(
            self._state(),
            transport.name if transport is not None else "",
            transport.display_name if transport is not None else "",
            transport.interpreter if transport is not None else "",
            str(info.language_info.get("name", "")) if info is not None else "",
            self._detail,
        )
        if status != self._status:
            self._status = status
            self._tell(KernelChanged(self.status))

    def _state(self) -> KernelState:
        match self._executor.phase:
            case k.Phase.ABSENT:
                return KernelState.DEAD if self._dead else KernelState.NONE
            case k.Phase.STARTING:
                return KernelState.RESTARTING if self._link.restarting else KernelState.STARTING
            case k.Phase.LIVE:
                if self._unreachable:
                    return KernelState.UNREACHABLE
                return KernelState.BUSY if self._executor.busy else KernelState.IDLE
            case _ as never:
                assert_never(never)


def _name_of(value: object) -> object:
    return value.get("name") if isinstance(value, Mapping) else None
