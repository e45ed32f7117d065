"""Joins the executor of one notebook to its kernel's connection, with the clock and the requests that wait for replies.

Effects go out in one place and one order: changes and events to `deliver`, then requests to the connection. Only one of
start, restart and stop runs at a time, and the latest wins: a restart cancels a start that hangs.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tuinb.errors import KernelError
from tuinb.kernel.execution.effects import Effects, InterruptTimedOut, KernelStopped, PromptOpened, StartFailed
from tuinb.kernel.execution.executor import Executor
from tuinb.kernel.protocol import events as m
from tuinb.kernel.protocol import lifecycle, requests
from tuinb.kernel.protocol.events import MessageId
from tuinb.kernel.protocol.lifecycle import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.notebook.widgets import Widgets

PATIENCE = 5.0
"""Seconds until an interrupt counts as without effect."""
FRESH = 0.3
"""Seconds from its start in which a cell may not hear an interrupt: ipykernel says busy before it listens for SIGINT."""
AGAIN = 0.5
"""Seconds until an interrupt of such a cell is sent once more."""
ANSWER_WITHIN = 3.0
"""Seconds until a question counts as unanswered."""


class KernelLink:
    """`deliver` is given all effects; everything happens on the event loop."""

    def __init__(
        self,
        deliver: Callable[[Effects], None],
        widgets: Widgets,
        *,
        clock: Callable[[], float] = time.monotonic,
        patience: float = PATIENCE,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self.executor = Executor(widgets)
        self.connection: KernelConnection | None = None
        """The latest one, kept after its end for its description and its log."""
        self._deliver = deliver
        self._clock = clock
        self._patience = patience
        self._answer_within = answer_within
        self._heard: KernelConnection | None = None
        self._ticker: asyncio.TimerHandle | None = None
        self._asked: dict[MessageId, asyncio.Future[m.Event | None]] = {}
        self._changes: set[asyncio.Task[None]] = set()
        self._interrupted: MessageId | None = None
        self._resisted = 0
        self._offered = False
        self._watch: asyncio.TimerHandle | None = None
        self._repeat: asyncio.TimerHandle | None = None

    @property
    def now(self) -> float:
        return self._clock()

    @property
    def changing(self) -> bool:
        """Whether a start, restart or end is under way."""
        return bool(self._changes)

    def act(self, effects: Effects) -> None:
        """Carries out what the executor said."""
        for event in effects.events:
            match event:
                case m.CompleteReply() | m.InspectReply():
                    self._settle(event.parent, event)
                case lifecycle.KernelDied() | lifecycle.KernelStarting():
                    self._settle_all()
                case PromptOpened():
                    self._stop_watching()
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
        """Ends what is there and starts another. A KernelError becomes the event StartFailed."""
        await self._alone(lambda: self._start(make))

    async def restart(self) -> None:
        """Ends the process and starts it again. What is queued from here on waits for the new one."""
        self._free(Phase.STARTING, lifecycle.KernelStarting(restart=True))
        await self._alone(self._restart)

    async def stop(self) -> None:
        """Ends the kernel."""
        await self._alone(self._stop)

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
        """Frees what runs and waits, and tells why."""
        freed = self.executor.free(self.now, phase)
        self.act(Effects(freed.changes, (*freed.events, cause), freed.requests))

    async def _start(self, make: Callable[[], KernelConnection]) -> None:
        await self._stop()
        connection = self.connection = self._heard = make()
        self._receive(connection, (lifecycle.KernelStarting(),))
        # One that fails is closed only when another takes its place: its log is still to be read.
        await connection.open(lambda events: self._receive(connection, events))

    async def _restart(self) -> None:
        if self.connection is not None:
            await self.connection.restart()

    async def _stop(self) -> None:
        self._heard = None
        self._settle_all()
        if self.executor.phase is not Phase.ABSENT:
            self._free(Phase.ABSENT, KernelStopped())
        if self.connection is not None:
            await self.connection.shut_down()

    def _receive(self, connection: KernelConnection, events: Sequence[m.Event]) -> None:
        if connection is self._heard:
            self.act(self.executor.receive(events, self.now))

    # ---- an idle or a reply that is lost

    def _arm(self) -> None:
        deadline = self.executor.deadline
        if self._ticker is None and deadline is not None:
            self._ticker = asyncio.get_running_loop().call_later(max(0.0, deadline - self.now), self._tick)

    def _tick(self) -> None:
        self._ticker = None
        self.act(self.executor.tick(self.now))

    # ---- questions

    async def ask(self, make: Callable[[MessageId], requests.Request]) -> m.Event | None:
        """The reply to a request; None where the kernel is busy (it would answer only after its cell), or does not answer."""
        if self.connection is None or self.executor.phase is not Phase.LIVE or self.executor.busy:
            return None
        request = self.tell(make)
        future = self._asked[request] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(future, self._answer_within)
        except TimeoutError:
            return None
        finally:
            self._asked.pop(request, None)

    def tell(self, make: Callable[[MessageId], requests.Request]) -> MessageId:
        """Sends a request for no cell."""
        request = make(MessageId(uuid4().hex))
        self.executor.own(request.id)
        if self.connection is not None:
            self.connection.send(request)
        return request.id

    def _settle(self, request: MessageId, answer: m.Event | None) -> None:
        future = self._asked.get(request)
        if future is not None and not future.done():
            future.set_result(answer)

    def _settle_all(self) -> None:
        for request in self._asked:
            self._settle(request, None)

    # ---- interrupting

    def interrupt(self) -> bool:
        """Interrupts by the gentlest means that has not been without effect on what runs. False: only a restart is left."""
        running = self.executor.in_flight
        if self.connection is None or (running is None and self.executor.prompt is None):
            return True
        if running != self._interrupted:
            self._stop_watching()
            self._interrupted, self._resisted, self._offered = running, 0, False
        means = self.connection.interrupt_means()
        if self._resisted < len(means):
            self.connection.interrupt(means[self._resisted])
            if self._repeat is None and running is not None and self.now - self.executor.running_since < FRESH:
                self._repeat = asyncio.get_running_loop().call_later(AGAIN, self._interrupt_again, running)
            if self._watch is None:
                self._watch = asyncio.get_running_loop().call_later(self._patience, self._without_effect, running)
            return True
        if self._offered:
            return False
        self._offer()
        return True

    def _interrupt_again(self, running: MessageId) -> None:
        self._repeat = None
        if self.connection is not None and self.executor.in_flight == running and self.executor.prompt is None:
            means = self.connection.interrupt_means()
            if self._resisted < len(means):
                self.connection.interrupt(means[self._resisted])

    def _without_effect(self, running: MessageId | None) -> None:
        self._watch = None
        if running is not None and self.executor.in_flight == running:
            self._resisted += 1
            self._offer()

    def _offer(self) -> None:
        means = self.connection.interrupt_means() if self.connection is not None else ()
        stronger = means[self._resisted] if self._resisted < len(means) else None
        self._offered = stronger is None
        self.act(Effects((), (InterruptTimedOut(stronger),)))

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def close(self) -> None:
        """Lets go of the timers."""
        self._stop_watching()
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
