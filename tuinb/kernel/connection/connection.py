"""The state machine of a connection to one kernel: connects, watches, interrupts, restarts and ends it.

The transitions between phases:

    ABSENT → STARTING    open(), restart(). The process may have been spawned earlier.
    STARTING → LIVE      iopub is connected. Emits KernelConnected and sends the pending requests.
    STARTING → ABSENT    The process ended or did not answer in time. Emits KernelDied(at_start); open() or restart() raises.
    LIVE → ABSENT        The process ended unasked. Reads its last messages, then emits KernelDied.
    any → ABSENT         shut_down(). There is no transition after it.

A kernel that tuinb did not start (`attach`) is not watched by its process, but by its socket:

    LIVE → STARTING      The kernel or the network closed the connection. Emits HeartbeatLost.
    STARTING → LIVE      It answers again. Emits KernelStarting(by_others) first if it is another process, else HeartbeatBack.
    STARTING → ABSENT    It did not answer for a while, or had said that it ends. Emits KernelDied.
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
from tuinb.kernel.launch.existing import ExistingProcess, spec_of
from tuinb.kernel.launch.process import EndTiming, SpawnedProcess
from tuinb.kernel.launch.quirks import KEEP_OUTPUT, interrupt_means, interrupt_means_of_foreign, quirks
from tuinb.kernel.launch.spawn import sweep
from tuinb.kernel.protocol.codec import parse, to_wire
from tuinb.kernel.protocol.events import Channel, Event, FromOther, InputRequest, MessageId
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelSilent,
    KernelStarting,
    Phase,
)
from tuinb.kernel.protocol.requests import Complete, Evaluate, InputReply, Inspect, KernelInfo, Request

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tuinb.kernel.connection.port import Channels, KernelConnection, Sink
    from tuinb.kernel.launch.connection_files import Running
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.process import KernelProcess
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.kernel.protocol.wire import WireMessage


@dataclass(frozen=True, slots=True)
class Timing:
    """Intervals and time limits of a connection, in seconds."""

    start: float = 60.0
    """Time limit from the start of the channels to KernelConnected."""
    heartbeat: float = 1.0
    """Between pings. The heartbeat is lost after three pings in a row without an answer."""
    probe: float = 0.5
    """Between probes while the kernel starts. A tenth of it once the kernel answers but nothing has arrived on iopub."""
    silent: float = 2.0
    """Until KernelSilent, if a kernel that tuinb did not start answers nothing."""
    regain: float = 10.0
    """Until a kernel that tuinb did not start counts as ended, once its connection is closed. A server restarts one in 6 s."""
    drain: float = 0.05
    """Between checks whether all messages of an ended process have been read."""
    end: EndTiming = field(default_factory=EndTiming)


_BEATS = 3
_PROBES_WITHOUT_IOPUB = 20
"""Replies to probes after which a kernel that sends nothing on iopub counts as connected."""
_PROBES_OPEN = 4
"""Maximum number of probes without a reply."""


def connect(
    spec: KernelSpec,
    cwd: Path,
    *,
    launched: Launched | None = None,
    kept: bool = False,
    notebook: str = "",
    timing: Timing | None = None,
) -> KernelConnection:
    """Returns a connection to a kernel of `spec` with the working directory `cwd`. The spec's provisioner runs it, if any.

    `launched` is the process that `launch_early` or `adopt` of spawn.py returned. `kept`, `notebook`: see SpawnedProcess.
    """
    timing = timing or Timing()
    if spec.provisioner:
        from tuinb.kernel.launch.provisioned import ProvisionedProcess

        return Connection(spec, ProvisionedProcess(spec, cwd), timing)
    process = SpawnedProcess(spec, cwd, launched=launched, kept=kept, notebook=notebook, timing=timing.end)
    return Connection(spec, process, timing)


def attach(kernel: Running, timing: Timing | None = None) -> KernelConnection:
    """Returns a connection to a kernel that tuinb did not start."""
    return Connection(spec_of(kernel.file), ExistingProcess(kernel), timing)


class Connection:
    """Implements KernelConnection over ZeroMQ."""

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
        """Number of starts of the process. The end of an earlier run is ignored."""
        self._used = False
        """Whether the kernel was sent code of the user, to run, complete or explain."""
        self._ending = False
        """Whether the connection is ending the process itself."""
        self._heart_lost = False
        self._kernel_session = ""
        """The session id of the kernel's process, as its answers have it."""
        self._regaining: asyncio.TimerHandle | None = None
        """Set while a kernel that tuinb did not start has closed the connection: when it counts as ended."""
        self._said_end = False
        """Whether such a kernel has said that it ends."""
        self._probes = self._probe_replies = 0
        self._reached = False
        """Whether this run has connected."""
        self._answered = False
        """Whether this run has sent any message but iopub_welcome, which a thread sends before the kernel is ready."""
        self._prompt_header: dict[str, Any] = {}
        self._changing = asyncio.Lock()
        """Held while the process is started or ended. `shut_down` cancels a start, then acquires the lock, too."""

    # ---- KernelConnection

    def describe(self) -> KernelDescription:
        """See KernelConnection."""
        spec, process = self._spec, self._process
        return KernelDescription(
            spec.name,
            spec.display_name,
            spec.language,
            spec.interpreter,
            process.adopted,
            folder=str(process.folder or ""),
            connection_file=str(process.connection_file or ""),
            foreign=not process.owned,
        )

    @property
    def pid(self) -> int | None:
        """See KernelConnection."""
        return self._process.pid

    async def open(self, sink: Sink) -> None:
        """See KernelConnection."""
        async with self._changing:
            self._require_open()
            self._sink = sink
            self._phase = Phase.STARTING
            self._emit(KernelStarting())
            await self._start()
        sweep()  # Not before this kernel answers, because it takes time.

    def send(self, request: Request) -> None:
        """See KernelConnection. Drops requests to a dead kernel: nothing waits for their replies after KernelDied."""
        self._used = self._used or not isinstance(request, KernelInfo)
        if self._phase is Phase.LIVE:
            self._transmit(request)
        elif self._phase is Phase.STARTING or (self._sink is None and not self._closed):
            self._pending.append(request)

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """See KernelConnection."""
        if isinstance(self._process, ExistingProcess):
            return interrupt_means_of_foreign(self._spec, signals=self._process.can_interrupt)
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
            if not self._process.owned:
                raise KernelStartError("tuinb did not start it, and can't restart it", where=self._spec.display_name)
            await self._stop(restart=True)
            self._pending.clear()
            self._phase = Phase.STARTING
            self._emit(KernelStarting(restart=True))
            await self._start()

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
            await self._stop(restart=False)
            self._process.discard()

    async def leave(self) -> None:
        """See KernelConnection."""
        await self.shut_down()

    def _require_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    def _closed_error(self) -> KernelStartError:
        return KernelStartError("it was closed", where=self._spec.name)

    # ---- start and end

    async def _start(self) -> None:
        try:
            await self._connect(await self._launch())
        except KernelError as error:
            if not self._closed:
                self._phase = Phase.ABSENT
                error.stderr = self._process.log_tail()
                await self._stop(restart=False)
                self._emit(KernelDied(error.what, error.stderr, at_start=True))
            raise

    async def _launch(self) -> Mapping[str, Any]:
        """Starts the process in a task, so that `shut_down` can cancel a start that takes minutes."""
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
        self._used = self._used or self._process.adopted
        # An adopted kernel without a control thread answers only when its cell ends, and must not be ended for that.
        limit = None if self._process.adopted else self._timing.start
        try:
            on_disconnect = None if self._process.owned else self._on_disconnect
            self._channels = ZmqChannels(info, self._session, self._on_message, self._on_events, on_disconnect)
        except zmq.ZMQError as error:  # for example, the limit of open files is reached
            raise KernelStartError(f"its sockets can't be made: {error}", where=self._spec.name) from error
        self._connected = loop.create_future()
        self._probe()
        silent = None if self._process.owned else loop.call_later(self._timing.silent, self._report_silence)
        try:
            async with asyncio.timeout(limit):
                await self._connected
        except TimeoutError:
            message = f"it did not answer within {self._timing.start:g} s"
            raise KernelStartError(message, where=self._spec.name) from None
        finally:
            self._stop_timer()
            if silent is not None:
                silent.cancel()
        self._timer = loop.call_later(self._timing.heartbeat, self._beat)

    async def _stop(self, *, restart: bool) -> None:
        """Ends the process and closes the channels. Sends shutdown_request first if the kernel has connected."""
        self._ending = True
        self._stop_timer()
        self._stop_regaining()
        # At shutdown_request ipykernel imports psutil, which may be a file beside the notebook. Before a cell has run, no such
        # file may run.
        reads = self._channels is not None and self._reached and (self._used or not self._spec.is_ipykernel)
        await self._process.end((lambda: self._request_shutdown(restart=restart)) if reads else None, restart=restart)
        if self._channels is not None:
            self._channels.close()
            self._channels = None

    def _request_shutdown(self, *, restart: bool) -> None:
        if self._channels is not None:
            self._channels.send("control", self._own_id(), "shutdown_request", {"restart": restart})

    # ---- receiving

    def _on_message(self, channel: Channel, message: WireMessage) -> Event | None:
        parent = message.parent_header.get("msg_id")
        kind = message.header.get("msg_type")
        if kind == "iopub_welcome":
            ours = self._channels is not None and message.content.get("subscription") == self._channels.welcome_topic
            return self._finish_connecting() if ours else None
        client = message.parent_header.get("session") or self._session
        if self._ending and client != self._session:
            return None  # The answer to the shutdown_request of jupyter_client's manager.
        self._answered = True
        if isinstance(parent, str) and parent.startswith(self._own_prefix):
            return self._on_own_reply(channel, str(message.header.get("session", "")))
        event = parse(channel, *message)
        if channel == "iopub" and client != self._session:
            self._said_end = self._said_end or (kind == "shutdown_reply" and message.content.get("restart") is False)
            request = str(message.parent_header.get("msg_type", ""))
            return FromOther(str(client), request, MessageId(parent if isinstance(parent, str) else ""), event)
        if isinstance(event, InputRequest):
            self._prompt_header = dict(message.header)
        return event

    def _on_own_reply(self, channel: Channel, session: str) -> Event | None:
        """Handles an answer to a request of the connection itself. One on iopub shows that iopub is connected.

        `session` is the session id of the kernel.
        """
        if self._phase is not Phase.STARTING:
            self._kernel_session = self._kernel_session or session  # iopub_welcome came before the answer
            return None
        known, self._kernel_session = self._kernel_session, session
        if self._regaining is not None:
            # The network may have failed, but not between programs of one machine.
            local = isinstance(self._process, ExistingProcess) and self._process.local
            return self._on_regained(restarted=local or session != known)
        if channel == "iopub":
            return self._finish_connecting()
        self._probe_replies += 1
        if self._probe_replies >= _PROBES_WITHOUT_IOPUB:
            return self._finish_connecting()
        self._schedule_probe(self._timing.probe / 10)
        return None

    def _finish_connecting(self) -> KernelConnected | None:
        if self._phase is not Phase.STARTING or self._connected is None or self._connected.done():
            return None
        self._phase = Phase.LIVE
        self._reached = True
        self._connected.set_result(None)
        if self._quirks.drops_output and self._channels is not None and self._process.owned:
            options = {"silent": True, "store_history": False, "allow_stdin": False, "stop_on_error": False}
            self._channels.send("shell", self._own_id(), "execute_request", {"code": KEEP_OUTPUT, **options})
        self._transmit_pending()
        return KernelConnected(shared=not self._process.owned)

    def _on_events(self, events: Sequence[Event]) -> None:
        if self._heart_lost and self._phase is Phase.LIVE and self._channels is not None and not self._channels.missed_beats:
            self._heart_lost = False
            events = [HeartbeatBack(), *events]
        if self._sink is not None:
            self._sink(events)

    def _emit(self, event: Event) -> None:
        if self._sink is not None:
            self._sink((event,))

    # ---- sending

    def _transmit_pending(self) -> None:
        pending, self._pending = self._pending, []
        for request in pending:
            self._transmit(request)

    def _transmit(self, request: Request) -> None:
        if self._channels is None:
            return
        channel, kind, content = to_wire(request)
        header = None
        if isinstance(request, InputReply) and self._prompt_header.get("msg_id") == request.parent:
            header = self._prompt_header
        subshell = request.route.subshell if isinstance(request, Complete | Inspect | Evaluate) else ""
        self._channels.send(channel, request.id, kind, content, header, subshell)

    def _own_id(self) -> MessageId:
        self._own_count += 1
        return MessageId(f"{self._own_prefix}{self._own_count}")

    def _probe(self) -> None:
        """Sends a kernel_info_request. On control, if that has its own thread, it does not delay a cell that waits on shell."""
        if self._channels is None:
            return
        if self._probes - self._probe_replies < _PROBES_OPEN:
            self._probes += 1
            on_control = self._quirks.control_while_busy or not self._process.owned
            channel: Channel = "control" if on_control else "shell"
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

    # ---- a kernel that tuinb did not start

    def _report_silence(self) -> None:
        if not self._answered:
            self._emit(KernelSilent())

    def _on_disconnect(self) -> None:
        """The kernel ended or restarts, or the network is down."""
        if self._phase is not Phase.LIVE:
            return
        loop = asyncio.get_running_loop()
        self._phase = Phase.STARTING
        self._probes = self._probe_replies = 0
        self._regaining = loop.call_later(0.0 if self._said_end else self._timing.regain, self._give_up)
        if not self._heart_lost:
            self._heart_lost = True
            self._emit(HeartbeatLost())
        self._probe()

    def _on_regained(self, *, restarted: bool) -> Event:
        """The kernel answers again. After a restart, what was sent to the process before gets no reply any more."""
        self._stop_timer()
        self._stop_regaining()
        self._heart_lost = False
        self._timer = asyncio.get_running_loop().call_later(self._timing.heartbeat, self._beat)
        if not restarted:
            self._phase = Phase.LIVE
            self._transmit_pending()
            return HeartbeatBack()
        self._pending.clear()
        self._emit(KernelStarting(restart=True, by_others=True))
        self._phase = Phase.LIVE
        self._transmit_pending()
        return KernelConnected(shared=True)

    def _give_up(self) -> None:
        self._regaining = None
        self._lose("it was ended where it was started")

    def _stop_regaining(self) -> None:
        if self._regaining is not None:
            self._regaining.cancel()
            self._regaining = None

    # ---- unasked end

    def _process_ended(self, run: int, reason: str) -> None:
        """Schedules `_report_end`. The last messages may still be in the sockets."""
        asyncio.get_running_loop().call_later(self._timing.drain, self._report_end, run, reason)

    def _report_end(self, run: int, reason: str) -> None:
        """Emits KernelDied, or fails the start, once all messages have been read."""
        if run != self._runs or self._ending:
            return
        if self._channels is None or not self._channels.quiet:
            self._process_ended(run, reason)
            return
        if self._phase is Phase.STARTING and self._connected is not None and not self._connected.done():
            self._connected.set_exception(KernelStartError(reason, where=self._spec.name))
            return
        if self._phase is Phase.LIVE:
            self._lose(reason)

    def _lose(self, reason: str) -> None:
        self._phase = Phase.ABSENT
        self._stop_timer()
        if self._channels is not None:
            self._channels.close()
            self._channels = None
        self._emit(KernelDied(reason, self._process.log_tail(), at_start=not self._answered))
