"""The state machine of one kernel's connection, however its process is run: connect, watch, interrupt, restart, end.

The phases, and what leads from one to the next:

    ABSENT → STARTING    open(), restart(); the process may have been spawned long before
    STARTING → LIVE      iopub has shown that it reaches us: KernelConnected, and the requests kept so far are sent
    STARTING → ABSENT    it ended, or did not answer in time: KernelDied(at_start), and open() or restart() raises
    LIVE → ABSENT        the process ended unasked: what it still said is read, then KernelDied
    any → ABSENT         shut_down(), after which nothing else leads anywhere
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import zmq

from tuinb.errors import KernelError, KernelStartError
from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.connection.zmq_channels import ZmqChannels
from tuinb.kernel.launch.process import EndTiming, SpawnedProcess
from tuinb.kernel.launch.quirks import KEEP_OUTPUT, interrupt_means, quirks
from tuinb.kernel.launch.spawn import sweep
from tuinb.kernel.protocol.codec import parse, to_wire
from tuinb.kernel.protocol.events import Channel, Event, InputRequest, MessageId
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelStarting,
    Phase,
)
from tuinb.kernel.protocol.requests import InputReply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuinb.kernel.connection.port import Channels, KernelConnection, Sink
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.process import KernelProcess
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.kernel.protocol.wire import WireMessage


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds."""

    start: float = 60.0
    """From connecting to the first answer."""
    heartbeat: float = 1.0
    """Between pings; the heart counts as lost when three in a row had no answer."""
    probe: float = 0.5
    """Between probes while it starts; a tenth of it once it answers but iopub is still silent."""
    last_words: float = 0.05
    """From the process's end to the conclusion that nothing more comes from it."""
    end: EndTiming = field(default_factory=EndTiming)


_BEATS = 3
_PROBES_WITHOUT_IOPUB = 20
"""Answers after which a kernel that never publishes its status counts as connected."""
_PROBES_OPEN = 4
"""Probes that may be without an answer."""


def connect(spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None) -> KernelConnection:
    """Returns a connection to a kernel of `spec` that works in `cwd`: a child process, or what the spec's provisioner runs.

    `launched` is the child process if `launch_early` gave one.
    """
    timing = timing or Timing()
    if spec.provisioner:
        from tuinb.kernel.launch.provisioned import ProvisionedProcess

        return Connection(spec, ProvisionedProcess(spec, cwd), timing)
    return Connection(spec, SpawnedProcess(spec, cwd, launched=launched, timing=timing.end), timing)


class Connection:
    """Implements KernelConnection over ZeroMQ, for a process that tuinb starts and ends."""

    def __init__(self, spec: KernelSpec, process: KernelProcess, timing: Timing | None = None) -> None:
        self._spec = spec
        self._quirks = quirks(spec)
        self._process = process
        self._timing = timing or Timing()
        self._session = os.urandom(16).hex()
        self._own_prefix = f"{self._session}-own-"
        self._own_count = 0
        self._phase = Phase.ABSENT
        self._closed = False
        """Whether `shut_down` was called."""
        self._sink: Sink | None = None
        self._pending: list[Request] = []
        self._channels: Channels | None = None
        self._launching: asyncio.Task[Mapping[str, Any]] | None = None
        self._connected: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._runs = 0
        """Starts of the process so far: tells the end of this run from that of an earlier one."""
        self._ending = False
        """Whether the end of the process is wanted."""
        self._heart_lost = False
        self._probes = self._probe_replies = 0
        self._reached = False
        """Whether this run has answered."""
        self._answered = False
        """Whether this run has sent anything but a welcome, which comes from a thread that starts early."""
        self._prompt_header: dict[str, Any] = {}
        self._changing = asyncio.Lock()
        """Held while the process is started or ended. `shut_down` needs it too, but first cuts a start short."""

    # ---- KernelConnection

    def describe(self) -> KernelDescription:
        """See KernelConnection."""
        spec = self._spec
        return KernelDescription(spec.name, spec.display_name, spec.language, spec.interpreter)

    async def open(self, sink: Sink) -> None:
        """See KernelConnection."""
        async with self._changing:
            self._require_open()
            self._sink = sink
            self._phase = Phase.STARTING
            self._emit(KernelStarting())
            await self._come_up()
        sweep()  # What killed front ends left behind. It waits until this kernel answers.

    def send(self, request: Request) -> None:
        """See KernelConnection. Drops requests to a dead kernel: its end has freed everything that waited for it."""
        if self._phase is Phase.LIVE:
            self._transmit(request)
        elif self._phase is Phase.STARTING or (self._sink is None and not self._closed):
            self._pending.append(request)

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """See KernelConnection."""
        return interrupt_means(self._spec)

    def interrupt(self, means: InterruptMeans) -> None:
        """See KernelConnection."""
        if self._phase is not Phase.LIVE or self._channels is None:
            return
        match means:
            case InterruptMeans.MESSAGE:
                self._channels.send("control", self._own_id(), "interrupt_request", {})
            case InterruptMeans.SIGNAL:
                self._process.interrupt()

    async def restart(self) -> None:
        """See KernelConnection."""
        async with self._changing:
            self._require_open()
            await self._go_down(restart=True)
            self._pending.clear()
            self._phase = Phase.STARTING
            self._emit(KernelStarting(restart=True))
            await self._come_up()

    async def log(self) -> str:
        """See KernelConnection."""
        return await self._process.log()

    async def shut_down(self) -> None:
        """See KernelConnection."""
        self._closed = True
        self._phase = Phase.ABSENT
        if self._launching is not None:
            self._launching.cancel()
        if self._connected is not None and not self._connected.done():
            self._connected.set_exception(self._closed_error())
        async with self._changing:
            await self._go_down(restart=False)
            self._process.discard()

    def _require_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    def _closed_error(self) -> KernelStartError:
        return KernelStartError("it was closed", where=self._spec.name)

    # ---- up and down

    async def _come_up(self) -> None:
        try:
            await self._connect(await self._launch())
        except KernelError as error:
            if not self._closed:
                self._phase = Phase.ABSENT
                error.stderr = self._process.last_words()
                await self._go_down(restart=False)
                self._emit(KernelDied(error.what, error.stderr, at_start=True))
            raise

    async def _launch(self) -> Mapping[str, Any]:
        """Starts the process, as a task: some take minutes, and `shut_down` cancels them."""
        self._runs += 1
        run = self._runs
        self._ending = False
        self._connected = None
        self._launching = asyncio.create_task(self._process.start(lambda reason: self._process_ended(run, reason)))
        try:
            return await self._launching
        except asyncio.CancelledError:
            self._require_open()
            raise
        finally:
            self._launching = None

    async def _connect(self, info: Mapping[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        self._probes = self._probe_replies = 0
        self._reached = self._answered = self._heart_lost = False
        self._require_open()
        try:
            self._channels = ZmqChannels(info, self._session, self._admit, self._deliver)
        except zmq.ZMQError as error:  # no more files may be opened, say
            raise KernelStartError(f"its sockets can't be made: {error}", where=self._spec.name) from error
        self._connected = loop.create_future()
        self._probe()
        try:
            async with asyncio.timeout(self._timing.start):
                await self._connected
        except TimeoutError:
            message = f"it did not answer within {self._timing.start:g} s"
            raise KernelStartError(message, where=self._spec.name) from None
        finally:
            self._stop_timer()
        self._timer = loop.call_later(self._timing.heartbeat, self._beat)

    async def _go_down(self, *, restart: bool) -> None:
        """Ends the process, gently if it listens, and closes the channels. Afterwards the process has been waited for."""
        self._ending = True
        self._stop_timer()
        listens = self._channels is not None and self._reached
        await self._process.end((lambda: self._request_shutdown(restart=restart)) if listens else None, restart=restart)
        if self._channels is not None:
            self._channels.close()
            self._channels = None

    def _request_shutdown(self, *, restart: bool) -> None:
        if self._channels is not None:
            self._channels.send("control", self._own_id(), "shutdown_request", {"restart": restart})

    # ---- what arrives

    def _admit(self, channel: Channel, message: WireMessage) -> Event | None:
        parent = message.parent_header.get("msg_id")
        kind = message.header.get("msg_type")
        if kind == "iopub_welcome":
            ours = self._channels is not None and message.content.get("subscription") == self._channels.welcome_topic
            return self._connect_done() if ours else None
        if self._ending and message.parent_header.get("session", self._session) != self._session:
            return None  # A kernel manager's own shutdown_request
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
        if self._quirks.drops_output and self._channels is not None:
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
            channel: Channel = "control" if self._quirks.control_while_busy else "shell"
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

    # ---- an end that was not asked for

    def _process_ended(self, run: int, reason: str) -> None:
        """Waits for the last messages, which are still on their way through the sockets."""
        asyncio.get_running_loop().call_later(self._timing.last_words, self._bury, run, reason)

    def _bury(self, run: int, reason: str) -> None:
        if run != self._runs or self._ending:
            return
        if self._channels is None or not self._channels.quiet:
            self._process_ended(run, reason)
            return
        if self._phase is Phase.STARTING and self._connected is not None and not self._connected.done():
            self._connected.set_exception(KernelStartError(reason, where=self._spec.name))
            return
        if self._phase is Phase.LIVE:
            self._phase = Phase.ABSENT
            self._stop_timer()
            self._channels.close()
            self._channels = None
            self._emit(KernelDied(reason, self._process.last_words(), at_start=not self._answered))
