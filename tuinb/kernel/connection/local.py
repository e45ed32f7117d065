"""A kernel in a process of this machine: connect, watch, interrupt, restart, end.

The phases, and what leads from one to the next:

    NEW → STARTING    start(); the process may have been spawned long before
    STARTING → LIVE   iopub has shown that it reaches us: KernelConnected, and what was kept is sent
    STARTING → DEAD   it ended, or did not answer in time: KernelDied(at_start), and start() raises
    LIVE → DEAD       the process ended unasked: what it still said is read, then KernelDied
    DEAD, LIVE → STARTING   restart()
    any → CLOSED      close()
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import zmq

from tuinb.errors import KernelError, KernelStartError
from tuinb.kernel.connection.zmq_channels import Channels
from tuinb.kernel.launch.process import ProcessWatch, signal_group
from tuinb.kernel.launch.quirks import KEEP_OUTPUT, interrupt_means
from tuinb.kernel.launch.spawn import Launched, discard, exit_reason, launch, log_tail, relaunch, sweep
from tuinb.kernel.protocol.codec import parse, to_wire
from tuinb.kernel.protocol.events import Channel, Event, InputRequest, MessageId
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelStarting,
)
from tuinb.kernel.protocol.requests import InputReply, Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.kernel.connection.port import Sink
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.protocol.wire import WireMessage


class Phase(Enum):
    NEW = auto()
    STARTING = auto()
    LIVE = auto()
    DEAD = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds."""

    start: float = 60.0
    """From connecting to the first answer."""
    shutdown: float = 1.0
    """From the request to end to SIGTERM."""
    terminate: float = 0.3
    """From SIGTERM to SIGKILL."""
    heartbeat: float = 1.0
    """Between pings; the heart counts as lost when three in a row had no answer."""
    probe: float = 0.5
    """Between questions whether it is there, while it starts; a tenth of it once it answers but iopub is still silent."""
    last_words: float = 0.05
    """From the process's end to the conclusion that nothing more comes from it."""


_BEATS = 3
_UNTIL_REAPED = 2.0
"""Seconds; SIGKILL takes longer only where the system itself hangs, and then leaving is not to hang with it."""
_PROBES_WITHOUT_IOPUB = 20
"""Answers after which a kernel is taken as connected that never publishes its status."""
_PROBES_OPEN = 4
"""Questions that may be without an answer."""


class LocalKernel:
    """Serves `transport.Transport`. `launched` is the process where it was spawned beforehand."""

    def __init__(self, spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None) -> None:
        self._spec = spec
        self._cwd = cwd
        self._launched = launched
        self._timing = timing or Timing()
        self._session = os.urandom(16).hex()
        self._own_prefix = f"{self._session}-own-"
        self._own_count = 0
        self._phase = Phase.NEW
        self._sink: Sink | None = None
        self._pending: list[Request] = []
        self._channels: Channels | None = None
        self._watch: ProcessWatch | None = None
        self._connected: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heart_lost = False
        self._probes = self._probe_replies = 0
        self._reached = False
        self._answered = False
        """Whether this process has said anything of its own; a welcome comes from a thread that starts early."""
        self._prompt_header: dict[str, Any] = {}
        self._changing = asyncio.Lock()
        """Held while a process is being ended or started; `close` needs it, too, but cuts a start short first."""

    # ---- what it is

    @property
    def name(self) -> str:
        return self._spec.name

    @property
    def display_name(self) -> str:
        return self._spec.display_name

    @property
    def interpreter(self) -> str:
        return self._spec.interpreter

    @property
    def log_path(self) -> str:
        return str(self._launched.log_path) if self._launched is not None else ""

    # ---- Transport

    async def start(self, sink: Sink) -> None:
        """See Transport. Where it fails, KernelDied is emitted, too, so that there is one way to hear of an end."""
        async with self._changing:
            self._sink = sink
            self._phase = Phase.STARTING
            self._emit(KernelStarting())
            await self._come_up()
        sweep()

    def send(self, request: Request) -> None:
        """Kept while it starts; dropped when it is dead, because an end has freed whatever waited."""
        match self._phase:
            case Phase.NEW | Phase.STARTING:
                self._pending.append(request)
            case Phase.LIVE:
                self._transmit(request)
            case Phase.DEAD | Phase.CLOSED:
                pass

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        return interrupt_means(self._spec)

    def interrupt(self, means: InterruptMeans) -> None:
        if self._phase is not Phase.LIVE or self._launched is None or self._channels is None:
            return
        match means:
            case InterruptMeans.MESSAGE:
                self._channels.send("control", self._own_id(), "interrupt_request", {})
            case InterruptMeans.SIGNAL:
                signal_group(self._launched.process, signal.SIGINT)

    async def restart(self) -> None:
        async with self._changing:
            if self._phase is Phase.CLOSED:
                raise KernelStartError("it was closed", where=self.name)
            await self._go_down(restart=True)
            self._pending.clear()
            self._phase = Phase.STARTING
            self._emit(KernelStarting(restart=True))
            await self._come_up()

    async def close(self) -> None:
        self._phase = Phase.CLOSED
        if self._connected is not None and not self._connected.done():
            self._connected.set_exception(KernelStartError("it was closed while it started", where=self.name))
        async with self._changing:
            await self._go_down(restart=False)
            if self._launched is not None:
                discard(self._launched)

    # ---- up and down

    async def _come_up(self) -> None:
        try:
            if self._launched is None:
                self._launched = launch(self._spec, self._cwd)
            elif self._launched.process.returncode is not None:
                relaunch(self._launched)
            await self._connect(self._launched)
        except KernelError as error:
            if self._phase is not Phase.CLOSED:
                self._phase = Phase.DEAD
                error.stderr = log_tail(self._launched) if self._launched is not None else ""
                await self._go_down(restart=False)
                self._emit(KernelDied(error.what, error.stderr, at_start=True))
            raise

    async def _connect(self, launched: Launched) -> None:
        loop = asyncio.get_running_loop()
        self._connected = None
        self._probes = self._probe_replies = 0
        self._reached = self._answered = self._heart_lost = False
        self._watch = ProcessWatch(launched.process, self._process_ended)
        try:
            self._channels = Channels(launched.info, self._session, self._admit, self._deliver)
        except zmq.ZMQError as error:  # no more files may be opened, say
            raise KernelStartError(f"its sockets can't be made: {error}", where=self.name) from error
        self._connected = loop.create_future()
        self._probe()
        try:
            async with asyncio.timeout(self._timing.start):
                await self._connected
        except TimeoutError:
            raise KernelStartError(f"it did not answer within {self._timing.start:g} s", where=self.name) from None
        finally:
            self._stop_timer()
        self._timer = loop.call_later(self._timing.heartbeat, self._beat)

    async def _go_down(self, *, restart: bool) -> None:
        """Ends the process, gently where it listens, and closes the sockets; afterwards it has been waited for."""
        self._stop_timer()
        if self._launched is not None:
            if self._watch is None:
                self._watch = ProcessWatch(self._launched.process, self._process_ended)
            self._watch.expected = True
            await self._end_process(self._launched, self._watch, restart=restart)
            self._watch.close()
            self._watch = None
        if self._channels is not None:
            self._channels.close()
            self._channels = None

    async def _end_process(self, launched: Launched, watch: ProcessWatch, *, restart: bool) -> None:
        if self._channels is not None and self._reached and not watch.ended:
            self._channels.send("control", self._own_id(), "shutdown_request", {"restart": restart})
            await watch.wait(self._timing.shutdown)
        if not watch.ended:
            signal_group(launched.process, signal.SIGTERM)
            await watch.wait(self._timing.terminate)
        if not watch.ended:
            signal_group(launched.process, signal.SIGKILL)
            await watch.wait(_UNTIL_REAPED)

    # ---- what arrives

    def _admit(self, channel: Channel, message: WireMessage) -> Event | None:
        parent = message.parent_header.get("msg_id")
        kind = message.header.get("msg_type")
        if kind == "iopub_welcome":
            ours = self._channels is not None and message.content.get("subscription") == self._channels.welcome_topic
            return self._connect_done() if ours else None
        self._answered = True
        if isinstance(parent, str) and parent.startswith(self._own_prefix):
            return self._own_answer(channel)
        event = parse(channel, *message)
        if isinstance(event, InputRequest):
            self._prompt_header = dict(message.header)
        return event

    def _own_answer(self, channel: Channel) -> Event | None:
        """An answer to a probe or an interrupt; on iopub it proves that iopub reaches us."""
        if self._phase is not Phase.STARTING:
            return None
        if channel == "iopub":
            return self._connect_done()
        self._probe_replies += 1
        if self._probe_replies >= _PROBES_WITHOUT_IOPUB:
            return self._connect_done()
        self._schedule_probe(self._timing.probe / 10)
        return None

    def _connect_done(self) -> KernelConnected | None:
        if self._phase is not Phase.STARTING or self._connected is None or self._connected.done():
            return None
        self._phase = Phase.LIVE
        self._reached = True
        self._connected.set_result(None)
        if self._spec.is_ipykernel and self._channels is not None:
            silently = {"silent": True, "store_history": False, "allow_stdin": False, "stop_on_error": False}
            self._channels.send("shell", self._own_id(), "execute_request", {"code": KEEP_OUTPUT, **silently})
        pending, self._pending = self._pending, []
        for request in pending:
            self._transmit(request)
        return KernelConnected()

    def _deliver(self, events: Sequence[Event]) -> None:
        if self._heart_lost and self._channels is not None and not self._channels.missed_beats:
            self._heart_lost = False
            events = [HeartbeatBack(), *events]
        if self._sink is not None:
            self._sink(events)

    def _emit(self, event: Event) -> None:
        if self._sink is not None:
            self._sink((event,))

    # ---- what is sent

    def _transmit(self, request: Request) -> None:
        if self._channels is None:
            return
        channel, kind, content = to_wire(request)
        header = None
        if isinstance(request, InputReply) and self._prompt_header.get("msg_id") == request.parent:
            header = self._prompt_header
        self._channels.send(channel, request.id, kind, content, header)

    def _own_id(self) -> MessageId:
        self._own_count += 1
        return MessageId(f"{self._own_prefix}{self._own_count}")

    def _probe(self) -> None:
        """Asks whether it is there. Where control has a thread of its own, the cell that waits on shell is not held up."""
        if self._channels is None:
            return
        if self._probes - self._probe_replies < _PROBES_OPEN:
            self._probes += 1
            channel: Channel = "control" if self._spec.is_ipykernel else "shell"
            self._channels.send(channel, self._own_id(), "kernel_info_request", {})
        self._schedule_probe(self._timing.probe)

    def _schedule_probe(self, seconds: float) -> None:
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._probe)

    def _beat(self) -> None:
        if self._channels is None or self._phase is not Phase.LIVE:
            return
        missed = self._channels.missed_beats
        if missed >= _BEATS and not self._heart_lost:
            self._heart_lost = True
            self._emit(HeartbeatLost())
        elif missed == 0 and self._heart_lost:
            self._heart_lost = False
            self._emit(HeartbeatBack())
        if missed <= _BEATS:
            self._channels.ping()
        self._timer = asyncio.get_running_loop().call_later(self._timing.heartbeat, self._beat)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # ---- the end that nobody asked for

    def _process_ended(self, watch: ProcessWatch, code: int) -> None:
        """Its last messages are still on their way through the sockets."""
        asyncio.get_running_loop().call_later(self._timing.last_words, self._bury, watch, code)

    def _bury(self, watch: ProcessWatch, code: int) -> None:
        if watch is not self._watch or watch.expected or self._launched is None or self._channels is None:
            return
        if not self._channels.quiet:
            self._process_ended(watch, code)
            return
        reason = exit_reason(code)
        if self._phase is Phase.STARTING and self._connected is not None and not self._connected.done():
            self._connected.set_exception(KernelStartError(reason, where=self.name))
            return
        if self._phase is Phase.LIVE:
            self._phase = Phase.DEAD
            self._stop_timer()
            self._channels.close()
            self._watch = self._channels = None
            self._emit(KernelDied(reason, log_tail(self._launched), at_start=not self._answered))
