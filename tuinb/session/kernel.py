"""The kernel part of a session: runs, the kernel's events, its start and end.

Created on first use: importing this module takes as long as reading a notebook, and a screen paints without it. Outputs are
written by `_apply_all`, which does not fail as a whole if one cell is gone. The source that a kernel proposes
(`_next_input`) is a step that can be undone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from tuinb.analysis.page import OUTSIDE
from tuinb.errors import ChangeError, NotNowError
from tuinb.kernel.execution import effects as k
from tuinb.kernel.execution.runs import RunState
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.lifecycle import Phase
from tuinb.notebook import changes as c
from tuinb.session.events import CellsChanged, InterruptTimedOut, KernelChanged, Message
from tuinb.session.kernel_end import explain
from tuinb.session.kernel_status import Working, step
from tuinb.session.state import NO_KERNEL

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence
    from typing import Any

    from tuinb.kernel.client import KernelClient
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.execution.others import OtherRun
    from tuinb.kernel.execution.runs import CellRun, RunPolicy
    from tuinb.kernel.protocol.lifecycle import Lifecycle
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import Applied, CellId, Change, Json
    from tuinb.notebook.document import Notebook
    from tuinb.notebook.widgets import Widgets
    from tuinb.session.debugger import SessionDebugger
    from tuinb.session.events import SessionEvent
    from tuinb.session.staleness import SessionStaleness
    from tuinb.session.state import KernelStatus

    KernelFactory: TypeAlias = Callable[[str | None], KernelConnection]

NOT_OURS = "tuinb did not start this kernel, and does not restart it. Restart it where it was started, or :switch-kernel."
RESTARTED_BY_OTHERS = "Another program restarted the kernel. Its variables are gone; what ran before has to run again."
_LEAVE = 1.0
"""Seconds that a kernel that is left has to end a cell that waits for input."""
PLACES_EVERY = 0.1
"""Seconds between two events that tell that waiting cells, maybe thousands, moved up by one."""


class SessionKernel:
    """Implements the kernel part of SessionPort. Calls `on_commit` after each change and `notify` for other events."""

    def __init__(
        self,
        notebook: Notebook,
        factory: KernelFactory,
        make_client: Callable[[Callable[[k.Effects], None], Widgets], KernelClient],
        widgets: Widgets,
        *,
        on_commit: Callable[[Applied], Applied],
        notify: Callable[[SessionEvent], None],
        read_only: Callable[[], str],
        staleness: SessionStaleness,
        policy: RunPolicy,
        debugger: Callable[[], SessionDebugger | None] = lambda: None,
        make_debugger: Callable[[], SessionDebugger | None] = lambda: None,
    ) -> None:
        self._notebook = notebook
        self._factory = factory
        self._on_commit = on_commit
        self._notify = notify
        self._read_only = read_only
        self._staleness = staleness
        self.policy = policy
        self._debugger = debugger
        """Returns the debugger if there is one already, and `_make_debugger` makes one."""
        self._make_debugger = make_debugger
        self._preparing = asyncio.Lock()
        """Held while runs are prepared for the debugger, so that they keep their order."""
        self._unprepared: dict[CellId, k.Submission] = {}
        """The cells that wait for that, before they are queued."""
        self._client = make_client(self._deliver, widgets)
        self._executor = self._client.executor
        self._generation = self._executor.generation
        self._retained: set[CellId] = set()
        self._apart: set[CellId] = set()
        """Cells that are no part of the notebook."""
        self._places: asyncio.TimerHandle | None = None
        self._status = NO_KERNEL
        self._reported = NO_KERNEL
        """The status that listeners know."""
        self._info: m.KernelInfoReply | None = None
        self._described: m.KernelInfoReply | None = None
        self._lost: k.CellsLost | None = None
        """The cells that the end of the kernel concerns, until the event that it died."""
        self._ran = False
        self._chosen: str | None = None
        """The kernelspec that the user switched to."""
        self._background: set[asyncio.Task[None]] = set()
        self._prompt_closed: asyncio.Event | None = None
        """Set when the prompt closes on which a kernel is left."""

    # ---- state

    @property
    def status(self) -> KernelStatus:
        """The kernel's current status."""
        connection = self._client.connection
        if connection is None:
            return self._status
        file = connection.describe().connection_file if self._status.has_process else ""
        return replace(self._status, pid=connection.pid, connection_file=file, strays=self._executor.strays)

    @property
    def folder(self) -> str:
        """The private folder from which another tuinb can adopt the kernel. Empty if it ends with this process."""
        return self._client.connection.describe().folder if self._client.connection is not None else ""

    @property
    def _runs_old_code(self) -> bool:
        """Whether an adopted kernel has not answered on shell yet: it runs a cell of the session that was killed."""
        connection = self._client.connection
        if self._info is not None or self._executor.phase is not Phase.LIVE or connection is None:
            return False
        kernel = connection.describe()
        return kernel.adopted and not kernel.foreign and not kernel.server

    @property
    def others(self) -> tuple[OtherRun, ...]:
        """The latest runs of other clients of the kernel, the oldest first."""
        return tuple(self._executor.others.runs.values())

    async def log(self) -> str:
        """Returns the end of the kernel's own log. Raises KernelError if it can't be read."""
        return await self._client.connection.log() if self._client.connection is not None else ""

    @property
    def prompt(self) -> k.Prompt | None:
        """The open prompt."""
        return self._executor.prompt

    def run_of(self, cell: CellId) -> CellRun:
        """Returns the cell's latest run."""
        run = self._executor.run_of(cell)
        if cell not in self._unprepared or self._executor.pending(cell):
            return run
        place = len(self._executor.queue()) + list(self._unprepared).index(cell) + 1
        return replace(run, state=RunState.QUEUED, place=place)

    def queue(self) -> tuple[CellId, ...]:
        """Returns the running cell, then the waiting ones in order."""
        queue = self._executor.queue()
        return (*queue, *(cell for cell in self._unprepared if cell not in queue)) if self._unprepared else queue

    @property
    def progress(self) -> tuple[int, int]:
        """The number of the running cell, and the number of cells to run."""
        return self._executor.progress

    # ---- running

    def run(self, cells: Sequence[CellId]) -> None:
        """Queues code cells with their current source. Starts a kernel if there is none. Clears blank cells."""
        submissions: list[k.Submission] = []
        blank: list[CellId] = []
        for cell_id in cells:
            if cell_id not in self._notebook:
                continue
            cell = self._notebook[cell_id]
            if cell.kind != "code":
                continue
            if cell.source.strip():
                stops = not self.policy.allow_errors and not cell.may_raise
                attended = self.policy.attended
                submissions.append(k.Submission(cell_id, cell.source, stops, attended))
            else:
                blank.append(cell_id)
        self._clear(blank)
        if not submissions:
            return
        debugger = self._debugger()
        if debugger is not None and debugger.is_needed:
            self._unprepared.update((submission.cell, submission) for submission in submissions)
            self._notify(CellsChanged(tuple(self._unprepared)))
            self._run_in_background(self._run_prepared(submissions, debugger))
        else:
            self._submit(submissions)

    def _submit(self, submissions: Sequence[k.Submission]) -> None:
        self._client.apply(self._executor.run(submissions, self._client.now))
        self._start_for_queue()

    async def _run_prepared(self, submissions: Sequence[k.Submission], debugger: SessionDebugger) -> None:
        """Runs cells once their breakpoints act."""
        async with self._preparing:
            if not self._status.has_process:
                await self.start()
            if not self._status.has_process:
                self._take_back(None)  # listeners know why
            waiting = [one for one in submissions if self._unprepared.get(one.cell) is one]
            if waiting:
                await debugger.prepare(self._client, [(one.cell, one.code) for one in waiting])
            waiting = [one for one in waiting if self._unprepared.get(one.cell) is one]
            for one in waiting:
                del self._unprepared[one.cell]
            self._submit(waiting)

    def _take_back(self, cells: Iterable[CellId] | None) -> None:
        """Removes cells (all, if None) that wait for the debugger."""
        taken = [cell for cell in (tuple(self._unprepared) if cells is None else cells) if self._unprepared.pop(cell, None)]
        if taken:
            self._notify(CellsChanged(tuple(taken)))

    def run_part(self, cell: CellId, code: str) -> None:
        """Queues a part of a cell's source. Its outputs are added to those of the cell. Waits for no other part of it."""
        if self._executor.run_of(cell).place:
            self._notify(Message("This cell waits to run already.", "warning"))
            return
        stops = not self.policy.allow_errors and not self._notebook[cell].may_raise
        submission = k.Submission(cell, code, stops, self.policy.attended, is_part=True)
        self._client.apply(self._executor.run((submission,), self._client.now))
        self._start_for_queue()

    def run_apart(self, code: str) -> Cell:
        """Queues code that is no part of the notebook. Returns a cell that gets its outputs, until `forget`."""
        cell = self._notebook.adopt(self._notebook.fresh(c.CellData(c.CellId(""), "code", code)))
        self._apart.add(cell.id)
        submission = k.Submission(cell.id, code, not self.policy.allow_errors, self.policy.attended)
        self._client.apply(self._executor.run((submission,), self._client.now))
        self._start_for_queue()
        return cell

    def forget(self, cell: CellId) -> None:
        """Ends what `run_apart` began."""
        self._apart.discard(cell)
        self._notebook.release((cell,))

    def _start_for_queue(self) -> None:
        """Starts a kernel if cells wait for one. Does nothing while a kernel is being ended: `shut_down` calls it after."""
        if self._executor.queue() and not self._status.has_process and not self._client.changing:
            self._run_in_background(self.start())

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
        """Removes waiting cells (all, if None) from the queue. The running cell goes on."""
        self._take_back(cells)
        self._client.apply(self._executor.cancel(cells))

    def answer(self, text: str) -> None:
        """Answers the open prompt. Does nothing if none is open."""
        self._client.apply(self._executor.answer(text))

    def answer_eof(self) -> None:
        """Sends end of file to the open prompt."""
        self._client.apply(self._executor.eof())

    def operate_widget(self, cell: CellId, model: str, state: Mapping[str, Json] | None) -> None:
        """Sets values of a widget that a cell shows, or presses it if `state` is None."""
        self._client.apply(self._executor.operate(cell, model, state))

    def interrupt(self, *, others: bool = False) -> None:
        """Interrupts the running cell by the gentlest means that has not failed on it. Removes waiting cells from the queue.

        `others`: interrupts also code of other clients.
        """
        self.cancel()
        debugger = self._debugger()
        if debugger is not None and debugger.stop is not None:
            self._run_in_background(self._interrupt_stopped())
            return
        if not self._client.interrupt(also_idle=others or self._runs_old_code):
            self._notify(InterruptTimedOut(None))

    async def _interrupt_stopped(self) -> None:
        await self._end_debugger()
        self._client.interrupt(also_idle=self._runs_old_code)

    def _look_for_stop(self) -> None:
        """Shows where a kernel is stopped that an earlier tuinb, or a client of its server, has left so."""
        connection = self._client.connection
        described = connection.describe() if connection is not None else None
        if described is None or not described.adopted or described.foreign or described.language.lower() != "python":
            return
        debugger = self._make_debugger()
        if debugger is not None:
            self._run_in_background(debugger.take_over(self._client, shared=bool(described.server)))

    async def _end_debugger(self) -> None:
        if (debugger := self._debugger()) is not None:
            await debugger.let_go()

    async def complete(self, code: str, cursor: int) -> m.CompleteReply | None:
        """Returns completions at `cursor` (in code points), also while a cell runs if the kernel can.

        Returns None if it can't, or does not reply in time.
        """
        reply = await self._client.request(lambda request, route: requests.Complete(request, code, cursor, route))
        return reply if isinstance(reply, m.CompleteReply) else None

    async def inspect(self, code: str, cursor: int, detail: int = 0) -> m.InspectReply | None:
        """Returns what is known of the name at `cursor`; its source, too, if `detail` is 1. Returns None as `complete` does."""
        reply = await self._client.request(lambda request, route: requests.Inspect(request, code, cursor, detail, route))
        return reply if isinstance(reply, m.InspectReply) else None

    async def history(self, count: int) -> tuple[str, ...] | None:
        """Returns the latest inputs that the kernel remembers. Returns None if it is busy or does not reply in time."""
        if self._executor.busy or self._executor.others.busy or self._runs_old_code:
            return None  # It would answer after the cell only.
        reply = await self._client.request(lambda request, _: requests.History(request, count))
        return reply.inputs if isinstance(reply, m.HistoryReply) else None

    async def published(self, code: str, seconds: float) -> Mapping[str, Any] | None:
        """Returns what code publishes that is kept nowhere and shown nowhere. None if the kernel does not reply.

        Raises NotNowError while the kernel starts, is busy or waits for input.
        """
        self._require_answers()
        return await self._client.published(code, seconds)

    def _require_answers(self) -> None:
        if self._status.has_process and self._info is None and not self._runs_old_code:
            raise NotNowError("the kernel is starting")
        if self._executor.prompt is not None:
            raise NotNowError("the kernel waits for input")

    async def evaluate(self, name: str, expression: str, prepare: str, seconds: float) -> Mapping[str, Any] | None:
        """Returns the value of an expression, as `user_expressions` of a reply has it. None if the kernel does not reply.

        While the kernel is busy a subshell replies, which runs `prepare` first. Raises NotNowError if it has none, and while
        the kernel starts, waits for input, or is stopped by the debugger.
        """
        self._require_answers()
        debugger = self._debugger()
        if debugger is not None and debugger.stop is not None:
            raise NotNowError("the kernel is stopped at a breakpoint")
        reply = await self._client.evaluate(name, expression, prepare, seconds, busy=self._runs_old_code)
        return reply.expressions if reply is not None else None

    @property
    def language(self) -> str:
        """The language that the kernel says it runs. Empty if it has not said so."""
        name = self._info.language_info.get("name") if self._info is not None else None
        return name if isinstance(name, str) else ""

    # ---- the kernel's life

    async def start(self, name: str | None = None) -> None:
        """Starts the kernel, or switches to the kernelspec `name`. A failure becomes KernelChanged with its detail."""
        connection = self._client.connection
        known = connection.describe().name if connection is not None and not self._status.foreign else None
        if self._status.has_process and name in (None, known):
            return
        if name is not None and name != known:
            self._chosen = name
        chosen = self._chosen
        await self._leave_prompt()
        await self._end_debugger()
        # Each start on an environment that is not trusted asks the user.
        self._reported = replace(self._reported, untrusted="")
        await self._client.start(lambda: self._factory(chosen))

    async def attach(self, make: Callable[[], KernelConnection]) -> None:
        """Leaves the current kernel and connects to one that runs already. A failure becomes KernelChanged with its detail."""
        await self._leave_prompt()
        await self._end_debugger()
        self._chosen = None
        await self._client.start(make)

    async def restart(self) -> None:
        """Restarts the kernel, or starts it if there is none. Outputs stay. Running and waiting cells are freed.

        A kernel that tuinb did not start is not restarted: listeners get a Message.
        """
        self._take_back(None)
        if self._status.foreign and self._status.has_process:
            self._notify(Message(NOT_OURS, "warning"))
        elif self._status.has_process:
            await self._end_debugger()
            await self._client.restart()
        else:
            await self.start()

    async def shut_down(self) -> None:
        """Ends the kernel, or leaves one that tuinb did not start. The next run starts one."""
        await self._leave_prompt()
        await self._end_debugger()
        await self._client.stop()
        self._start_for_queue()

    async def close(self) -> None:
        """Ends the kernel and cancels tasks and timers. Never raises."""
        for task in self._background:
            task.cancel()
        await self._leave_prompt()
        await self._end_debugger()
        await self._client.stop(leave=True)
        self._client.close()
        if self._places is not None:
            self._places.cancel()

    async def _leave_prompt(self) -> None:
        """Interrupts a cell that waits for input, if its kernel goes on: once tuinb has left, nobody could answer."""
        if (self._status.foreign or self._status.server) and self.prompt is not None:
            self._prompt_closed = asyncio.Event()
            self.interrupt()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LEAVE):
                    await self._prompt_closed.wait()

    def _run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine as a task. The set keeps a reference to it."""
        task = asyncio.get_running_loop().create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # ---- events of the kernel

    def _deliver(self, effects: k.Effects) -> None:
        changes = self._without_apart(effects.changes) if self._apart else effects.changes
        if changes:
            self._ran = True
            self._apply_all(changes)
        for event in effects.events:
            self._on_event(event)
        if effects.events:
            self._describe()
            self._report_status()

    def _without_apart(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Applies the changes of cells that are no part of the notebook, unseen by listeners. Returns the others."""
        apart: list[Change] = []
        others: list[Change] = []
        for change in changes:
            is_apart = not isinstance(change, c.UpdateDisplay | c.InsertCell) and change.cell in self._apart
            (apart if is_apart else others).append(change)
        if apart:
            self._notebook.apply(c.Transaction(tuple(apart), c.KERNEL, c.Step.OUTPUT))
        return others

    def _apply_all(self, changes: Sequence[Change]) -> None:
        """Applies changes as one transaction. If the notebook refuses it, applies those changes that still fit."""
        transaction = c.Transaction(tuple(changes), c.KERNEL, c.Step.OUTPUT)
        try:
            applied = self._notebook.apply(transaction)
        except ChangeError:
            if len(changes) > 1:
                for change in changes:
                    self._apply_all((change,))
            else:
                self._executor.refused()
        else:
            self._on_commit(applied)

    def _on_event(self, event: k.ExecutorEvent | k.PassedOn) -> None:
        if isinstance(event, k.PromptClosed) and self._prompt_closed is not None:
            self._prompt_closed.set()
        _tell(self._debugger(), event, more=bool(self.queue()))
        match event:
            case k.PromptOpened() | k.PromptClosed() | k.Page() | k.WidgetsChanged() | k.InterruptTimedOut():
                self._notify(event)
            case k.RunsChanged():
                self._on_runs(event.cells, moved=event.moved)
            case k.RunEnded():
                self._on_run_ended(event)
            case k.NextInput():
                self._next_input(event)
            case k.ExitAsked():
                self._notify(Message("The cell asked to leave. tuinb stays.", hint="{quit} leaves it."))
            case k.CellsLost():
                self._lost = event
            case (
                m.CompleteReply() | m.InspectReply() | m.SubshellReply() | m.HistoryReply() | m.ExecuteReply()
                | m.DebugReply() | m.DebugEvent() | m.DisplayData() | k.OthersChanged()
            ):  # fmt: skip
                pass  # the client returned the reply, the debugger was told, or `_report_status` tells of others
            case _:
                self._on_kernel(event)
                self._status = step(self._status, event)
                if isinstance(event, lifecycle.KernelDied):
                    lost, self._lost = self._lost, None
                    self._status = replace(self._status, explanation=explain(event, lost, self._notebook))

    def _on_kernel(self, event: k.KernelStopped | k.StartFailed | Lifecycle | m.KernelInfoReply) -> None:
        match event:
            case lifecycle.KernelStarting():
                self._on_starting(restart=event.restart)
                if event.by_others:
                    self._notify(Message(RESTARTED_BY_OTHERS, "warning"))
            case lifecycle.KernelConnected(shared=shared):
                if shared or self._info is None:  # its reply also says that no code of another client runs
                    self._client.send(requests.KernelInfo)
                self._look_for_stop()
            case m.KernelInfoReply():
                self._info = event
            case k.KernelStopped() | k.StartFailed() | lifecycle.KernelDied():
                pass
            case lifecycle.HeartbeatLost() | lifecycle.HeartbeatBack() | lifecycle.KernelSilent() | lifecycle.Reconnected():
                pass
            case lifecycle.OutputDropped():
                self._notify(Message(f"Output of a cell is incomplete: {event.reason}.", "warning"))
            case _:
                assert_never(event)

    def _on_starting(self, *, restart: bool) -> None:
        if not restart:
            self._info = None
        if (connection := self._client.connection) is not None:
            kernel = connection.describe()
            self._status = replace(
                self._status,
                name=kernel.name,
                display_name=kernel.display_name,
                interpreter="" if kernel.foreign else kernel.interpreter,
                foreign=kernel.foreign,
                server=kernel.server,
            )

    def _next_input(self, event: k.NextInput) -> None:
        """Applies a `set_next_input` payload: `%load` replaces its cell's source, other magics insert a cell below."""
        if self._read_only() or not self.policy.attended:
            return
        changes: tuple[Change, ...]
        if event.cell in self._notebook and event.replace:
            changes = (c.SpliceSource(event.cell, 0, self._notebook[event.cell].source, event.text),)
        else:
            new = self._notebook.fresh(c.CellData(c.CellId(""), "code", event.text, {"metadata": {}}))
            below = event.cell if event.cell in self._notebook else self._notebook.order[-1] if len(self._notebook) else None
            changes = (c.InsertCell(new, below),)
        self._on_commit(self._notebook.apply(c.Transaction(changes, c.KERNEL, c.Step.EDIT, "the kernel's next input")))

    def _on_runs(self, cells: Sequence[CellId], *, moved: bool) -> None:
        """Tells listeners. Keeps running and waiting cells addressable, also if they are deleted meanwhile."""
        if self._generation != self._executor.generation:
            self._generation = self._executor.generation
            self._staleness.kernel_lost()
        pending = {cell for cell in cells if self._executor.pending(cell)}
        self._notebook.retain(sorted(pending - self._retained))
        done = self._retained.intersection(cells) - pending
        self._notebook.release(sorted(done))
        self._retained |= pending
        self._retained -= done
        self._notify(CellsChanged(tuple(cells)))
        if moved and self._places is None:
            self._places = asyncio.get_running_loop().call_later(PLACES_EVERY, self._notify_places)

    def _on_run_ended(self, event: k.RunEnded) -> None:
        if event.generation == self._generation:
            cell = OUTSIDE if event.cell is None or event.cell in self._apart else event.cell
            self._staleness.ran(cell, event.code, ok=event.ok)

    def _notify_places(self) -> None:
        self._places = None
        self._notify(CellsChanged(self.queue()))

    def _describe(self) -> None:
        """Writes the kernel's name and language into the notebook's metadata if they are absent or wrong.

        Only after a cell ran or the user chose a kernel: opening a notebook does not modify it.
        """
        info, connection = self._info, self._client.connection
        if info is None or connection is None or info is self._described:
            return
        if self._read_only() or not (self._ran or self._chosen):
            return
        kernel = connection.describe()
        if not kernel.name:  # one that tuinb did not start, and whose kernelspec is not known
            return
        self._described = info
        metadata = self._notebook.metadata
        language = info.language_info.get("name", "")
        changed = _name_of(metadata.get("language_info")) != language
        changes: list[Change] = []
        if "kernelspec" not in metadata or ((changed or self._chosen) and _name_of(metadata["kernelspec"]) != kernel.name):
            spec = {"display_name": kernel.display_name, "language": language, "name": kernel.name}
            changes.append(c.SetMetadata(None, "kernelspec", spec))
        if changed:
            changes.append(c.SetMetadata(None, "language_info", dict(info.language_info)))
        if changes:
            self._apply_all(changes)

    def _report_status(self) -> None:
        """Notifies listeners if the status has changed."""
        others = self._executor.others.busy
        self._status = replace(self._status, others_run=others)
        self._status = step(self._status, Working(self._executor.busy or others or self._runs_old_code))
        if self._status != self._reported:
            self._reported = self._status
            self._notify(KernelChanged(self.status))


def _tell(debugger: SessionDebugger | None, event: k.ExecutorEvent | k.PassedOn, *, more: bool) -> None:
    """Tells the debugger of an event that concerns it. `more`: whether cells wait."""
    if debugger is None:
        return
    match event:
        case m.DebugEvent():
            debugger.receive(event)
        case k.RunEnded(cell=cell) if cell is not None:
            debugger.run_ended(more=more)
        case k.KernelStopped() | lifecycle.KernelStarting() | lifecycle.KernelDied():
            debugger.kernel_lost()
        case _:
            pass


def _name_of(value: object) -> object:
    return value.get("name") if isinstance(value, Mapping) else None
