"""Joins the executor of one notebook to its kernel's connection, with the clock and the requests that wait for replies.

Effects go out in one place and one order: changes and events to `deliver`, then requests to the connection. Only one of
start, restart and stop runs at a time, and the latest wins: a restart cancels a start that hangs.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tuinb.errors import KernelError, NotNowError
from tuinb.kernel.execution.effects import Effects, InterruptTimedOut, KernelStopped, PromptOpened, StartFailed
from tuinb.kernel.execution.executor import Executor
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import MessageId
from tuinb.kernel.protocol.lifecycle import Phase
from tuinb.kernel.subshell import Subshell

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence

    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.protocol.requests import Route
    from tuinb.notebook.widgets import Widgets

INTERRUPT_TIMEOUT = 5.0
"""Seconds after which an interrupt of a running cell counts as without effect."""
JUST_STARTED = 0.3
"""Seconds from its start in which a cell may miss an interrupt: ipykernel reports busy before it handles SIGINT."""
REPEAT_AFTER = 0.5
"""Seconds after which the interrupt of such a cell is sent once more."""
REPLY_TIMEOUT = 10.0
"""Seconds to wait for a reply to a request. The first completion of names of a large module takes that long."""


class KernelClient:
    """Joins the executor to one connection; handles timeouts and interrupts.

    Calls `deliver` with all effects. All methods run on the event loop.
    """

    def __init__(
        self,
        deliver: Callable[[Effects], None],
        widgets: Widgets,
        *,
        clock: Callable[[], float] = time.monotonic,
        interrupt_timeout: float = INTERRUPT_TIMEOUT,
        reply_timeout: float = REPLY_TIMEOUT,
    ) -> None:
        self.executor = Executor(widgets)
        self.connection: KernelConnection | None = None
        """The latest one, kept after its end for its description and its log."""
        self._deliver = deliver
        self._clock = clock
        self._interrupt_timeout = interrupt_timeout
        self._reply_timeout = reply_timeout
        self._current: KernelConnection | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._tick_at = 0.0
        """When the ticker is due, on the executor's clock."""
        self._waiting: dict[MessageId, asyncio.Future[m.Event | None]] = {}
        self._published: dict[MessageId, asyncio.Future[Mapping[str, Any] | None]] = {}
        """Requests whose code publishes an answer."""
        self._changes: set[asyncio.Task[None]] = set()
        self._subshell = Subshell(self._reply_to)
        self.info: m.KernelInfoReply | None = None
        """What the kernel says of itself. None until it has answered."""
        self._prepared = ""
        """The id of the subshell that `evaluate` has prepared."""
        self._interrupted: MessageId | None = None
        self._failed_means = 0
        self._offered = False
        self._timeout: asyncio.TimerHandle | None = None
        self._repeat: asyncio.TimerHandle | None = None

    @property
    def now(self) -> float:
        """The time of the executor's clock."""
        return self._clock()

    @property
    def changing(self) -> bool:
        """Whether a start, restart or end is under way."""
        return bool(self._changes)

    def apply(self, effects: Effects) -> None:
        """Delivers changes and events, then sends requests."""
        for event in effects.events:
            match event:
                case (
                    m.CompleteReply()
                    | m.InspectReply()
                    | m.SubshellReply()
                    | m.HistoryReply()
                    | m.ExecuteReply()
                    | m.DebugReply()
                ):
                    self._settle(event.parent, event)
                case m.DisplayData():
                    self._publish(event.parent, event.data)
                case m.KernelInfoReply():
                    self.info = event
                    self._settle(event.parent, event)
                    self._subshell.follow(event)
                case lifecycle.KernelDied() | lifecycle.KernelStarting():
                    self._subshell.forget()
                    self.info = None
                    self._settle_all()
                case PromptOpened():
                    self._cancel_timeout()
                case _:
                    pass
        try:
            self._deliver(effects)
        finally:
            if self.connection is not None:
                for request in effects.requests:
                    self.connection.send(request)
            self._arm()

    # ---- the kernel's life

    async def start(self, make: Callable[[], KernelConnection]) -> None:
        """Ends the current kernel, if there is one, and starts another. A KernelError becomes the event StartFailed."""
        await self._alone(lambda: self._start(make))

    async def restart(self) -> None:
        """Restarts the kernel. Frees the running and waiting cells. Cells queued from now on wait for the new process."""
        self._free(Phase.STARTING, lifecycle.KernelStarting(restart=True))
        await self._alone(self._restart)

    async def stop(self, *, leave: bool = False) -> None:
        """Ends the kernel. `leave`: only leaves one that others can use."""
        await self._alone(partial(self._stop, leave=leave))

    async def _alone(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        others = set(self._changes)
        for other in others:
            other.cancel()
        task = asyncio.create_task(self._after(others, work))
        self._changes.add(task)
        task.add_done_callback(self._changes.discard)
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    async def _after(self, others: set[asyncio.Task[None]], work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if others:
            await asyncio.wait(others)
        try:
            await work()
        except KernelError as error:
            self._free(Phase.ABSENT, StartFailed(error))

    def _free(self, phase: Phase, cause: KernelStopped | StartFailed | lifecycle.KernelStarting) -> None:
        """Frees the running and waiting cells, and delivers why."""
        freed = self.executor.free(self.now, phase)
        self.apply(Effects(freed.changes, (*freed.events, cause), freed.requests))

    async def _start(self, make: Callable[[], KernelConnection]) -> None:
        await self._stop()
        connection = self.connection = self._current = make()
        self._receive(connection, (lifecycle.KernelStarting(),))
        # A connection that fails is shut down only when another replaces it, since its log can still be read.
        await connection.open(lambda events: self._receive(connection, events))

    async def _restart(self) -> None:
        if self.connection is not None:
            await self.connection.restart()

    async def _stop(self, *, leave: bool = False) -> None:
        if self.connection is not None and self.executor.phase is Phase.LIVE and self.connection.describe().goes_on:
            await self._subshell.delete()
        self._current = None
        self._settle_all()
        if self.executor.phase is not Phase.ABSENT:
            self._free(Phase.ABSENT, KernelStopped())
        if self.connection is not None:
            await (self.connection.leave() if leave else self.connection.shut_down())

    def _receive(self, connection: KernelConnection, events: Sequence[m.Event]) -> None:
        if connection is self._current:
            self.apply(self.executor.receive(events, self.now))

    # ---- a lost idle or reply

    def _arm(self) -> None:
        deadline = self.executor.deadline
        if deadline is None or (self._ticker is not None and self._tick_at <= deadline):
            return
        if self._ticker is not None:
            self._ticker.cancel()
        self._tick_at = deadline
        self._ticker = asyncio.get_running_loop().call_later(max(0.0, deadline - self.now), self._tick)

    def _tick(self) -> None:
        self._ticker = None
        self.apply(self.executor.tick(self.now))

    # ---- requests for no cell

    async def request(self, make: Callable[[MessageId, Route], requests.Request]) -> m.Event | None:
        """Sends a request and returns its reply, also while a cell runs if the kernel can reply then.

        Returns None if it can't, or does not reply in time.
        """
        if self.connection is None or self.executor.phase is not Phase.LIVE:
            return None
        is_busy = self.executor.busy or self.executor.others.busy
        route = await self._subshell.route() if is_busy else requests.SHELL
        return None if route is None else await self._reply_to(lambda request: make(request, route))

    async def debug(self, command: str, arguments: Mapping[str, Any], *, seconds: float) -> m.DebugReply | None:
        """Sends a request to the debugger in the kernel and returns its reply, also while a cell runs.

        Returns None if it does not reply within `seconds`. Its channel is then blocked, so that only a restart helps.
        """
        if self.connection is None or self.executor.phase is not Phase.LIVE:
            return None
        reply = await self._reply_to(lambda request: requests.Debug(request, command, arguments), seconds)
        return reply if isinstance(reply, m.DebugReply) else None

    async def execute_silently(self, code: str) -> bool:
        """Runs code that leaves nothing behind. Returns whether it ended without an error: not if the kernel is busy."""
        if self.is_busy:
            return False
        options = {"silent": True, "store_history": False, "allow_stdin": False, "stop_on_error": False}
        reply = await self._reply_to(lambda request: requests.Execute(request, code, **options))
        return isinstance(reply, m.ExecuteReply) and reply.status == "ok"

    async def ask_info(self) -> m.KernelInfoReply | None:
        """Returns what the kernel says of itself. Returns None if it does not reply in time."""
        if self.info is None and not self.is_busy:
            await self._reply_to(requests.KernelInfo)
        return self.info

    @property
    def is_busy(self) -> bool:
        """Whether it runs code, or there is no kernel."""
        absent = self.connection is None or self.executor.phase is not Phase.LIVE
        return absent or self.executor.busy or self.executor.others.busy

    async def evaluate(
        self, name: str, expression: str, prepare: str, seconds: float, *, busy: bool = False
    ) -> m.ExecuteReply | None:
        """Has the kernel evaluate an expression, and returns the reply. Returns None if there is none in `seconds`.

        While a cell runs, or if `busy`, a subshell does it; a new one runs the code `prepare` first. Raises NotNowError if the
        kernel has no subshells.
        """
        if self.connection is None or self.executor.phase is not Phase.LIVE:
            raise NotNowError("no kernel runs")
        route = requests.SHELL
        if busy or self.executor.busy or self.executor.others.busy:
            found = await self._subshell.route()
            if found is None or not found.subshell:
                raise NotNowError("the kernel is busy")
            route = found
        if route.subshell != self._prepared and route.subshell:
            ready = partial(requests.Evaluate, name=name, expression="None", code=prepare, route=route)
            done = await self._reply_to(ready, seconds)
            if not isinstance(done, m.ExecuteReply) or done.status != "ok":
                raise NotNowError("the kernel is busy")
            self._prepared = route.subshell
        make = partial(requests.Evaluate, name=name, expression=expression, route=route)
        reply = await self._reply_to(make, seconds)
        return reply if isinstance(reply, m.ExecuteReply) else None

    async def published(self, code: str, seconds: float) -> Mapping[str, Any] | None:
        """Runs code that is kept nowhere, and returns the data that it publishes first.

        Returns None if it publishes nothing in `seconds`. Raises NotNowError if the kernel is busy.
        """
        if self.is_busy:
            raise NotNowError("the kernel is busy")
        options = {"silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": False}
        sent = self.send(lambda request: requests.Execute(request, code, **options))
        future = self._published[sent] = asyncio.get_running_loop().create_future()
        self._waiting[sent] = asyncio.get_running_loop().create_future()
        self._waiting[sent].add_done_callback(lambda reply: self._end_publishing(sent, reply))
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            del self._published[sent], self._waiting[sent]

    def _end_publishing(self, request: MessageId, reply: asyncio.Future[m.Event | None]) -> None:
        """Waits no more if the code has failed, or the kernel has ended. What it publishes may come after the reply."""
        event = None if reply.cancelled() else reply.result()
        if not isinstance(event, m.ExecuteReply) or event.status != "ok":
            self._publish(request, None)

    def _publish(self, request: MessageId, data: Mapping[str, Any] | None) -> None:
        future = self._published.get(request)
        if future is not None and not future.done():
            future.set_result(data)

    async def _reply_to(self, make: Callable[[MessageId], requests.Request], seconds: float | None = None) -> m.Event | None:
        """Sends a request and returns its reply. Returns None if it does not come in time, or if the kernel ends."""
        sent = self.send(make)
        future = self._waiting[sent] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(future, self._reply_timeout if seconds is None else seconds)
        except TimeoutError:
            return None
        finally:
            self._waiting.pop(sent, None)

    def send(self, make: Callable[[MessageId], requests.Request]) -> MessageId:
        """Sends a request that belongs to no cell. Returns its id."""
        request = make(MessageId(uuid4().hex))
        if isinstance(request, requests.Evaluate):
            self.executor.evaluates(request.id)
        else:
            self.executor.own(request.id)
        if self.connection is not None:
            self.connection.send(request)
        return request.id

    def _settle(self, request: MessageId, answer: m.Event | None) -> None:
        future = self._waiting.get(request)
        if future is not None and not future.done():
            future.set_result(answer)

    def _settle_all(self) -> None:
        for request in self._waiting:
            self._settle(request, None)

    # ---- interrupting

    def interrupt(self, *, also_idle: bool = False) -> bool:
        """Interrupts the running cell by the gentlest means that has not failed on it. Returns False if none is left.

        `also_idle` interrupts a kernel that runs no cell of this executor, too.
        """
        running = self.executor.in_flight
        works = running is not None or self.executor.prompt is not None or self.executor.handles_widgets
        if self.connection is None or not (works or also_idle):
            return True
        if running != self._interrupted:
            self._cancel_timeout()
            self._interrupted, self._failed_means, self._offered = running, 0, False
        means = self.connection.interrupt_means()
        if self._failed_means < len(means):
            self.executor.interrupted()
            self.connection.interrupt(means[self._failed_means])
            if self._repeat is None and running is not None and self.now - self.executor.running_since < JUST_STARTED:
                self._repeat = asyncio.get_running_loop().call_later(REPEAT_AFTER, self._interrupt_again, running)
            if self._timeout is None:
                self._timeout = asyncio.get_running_loop().call_later(self._interrupt_timeout, self._on_timeout, running)
            return True
        if self._offered:
            return False
        self._report_timeout()
        return True

    def _interrupt_again(self, running: MessageId) -> None:
        self._repeat = None
        executor = self.executor
        if self.connection is not None and executor.in_flight == running and not executor.asks_in(running):
            means = self.connection.interrupt_means()
            if self._failed_means < len(means):
                self.connection.interrupt(means[self._failed_means])

    def _on_timeout(self, running: MessageId | None) -> None:
        self._timeout = None
        if running is not None and self.executor.in_flight == running:
            self._failed_means += 1
            self._report_timeout()

    def _report_timeout(self) -> None:
        means = self.connection.interrupt_means() if self.connection is not None else ()
        stronger = means[self._failed_means] if self._failed_means < len(means) else None
        self._offered = stronger is None
        self.apply(Effects((), (InterruptTimedOut(stronger),)))

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def close(self) -> None:
        """Cancels the timers."""
        self._cancel_timeout()
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
