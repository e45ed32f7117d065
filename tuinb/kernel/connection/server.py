"""A connection to a kernel of a Jupyter server: messages over a websocket, the kernel's life by REST.

The transitions between phases:

    ABSENT → STARTING    open(), restart().
    STARTING → LIVE      The websocket is open: the server has made sure that iopub is connected. Emits KernelConnected.
    STARTING → ABSENT    The server refused or does not answer. Emits KernelDied(at_start); open() or restart() raises.
    LIVE → LIVE          The websocket is lost. Emits HeartbeatLost, and tries again with growing pauses, for ever. Meanwhile
                         requests wait. Then emits Reconnected.
    LIVE → STARTING      The kernel died, and the server restarts it; or another client did. Emits KernelDied, KernelStarting.
    LIVE → ABSENT        The server has the kernel no more. Emits KernelDied.
    any → ABSENT         shut_down(), leave(). There is no transition after it.

The session id is the same for life: the server keeps what the kernel sends meanwhile only for that id, and only while no other
client is connected. REST runs in threads. Nothing here waits on the event loop.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket as sockets
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from tuinb.errors import KernelError, KernelStartError
from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.protocol.codec import parse, to_wire
from tuinb.kernel.protocol.events import (
    NO_PARENT,
    Channel,
    Event,
    FromOther,
    InputRequest,
    Malformed,
    MessageId,
    Status,
    Stream,
)
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelStarting,
    OutputDropped,
    Phase,
    Reconnected,
)
from tuinb.kernel.protocol.requests import Complete, Evaluate, InputReply, Inspect, KernelInfo, Request
from tuinb.kernel.protocol.websocket import SUBPROTOCOL, WebsocketWire
from tuinb.kernel.protocol.wire import MalformedMessageError
from tuinb.record import Record
from tuinb.server.rest import ServerError

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from tuinb.kernel.connection.port import Sink
    from tuinb.kernel.protocol.wire import WireMessage
    from tuinb.server.kernels import RemoteKernel

_TURN: Final = 0.003
"""Seconds of reading after which other callbacks of the loop have their turn."""
_GONE: Final = "its server has it no more: it was shut down there, or the server was restarted"
_REMEMBERED: Final = 50
_QUICK_ACK: Final = getattr(sockets, "TCP_QUICKACK", None)
_RATE: Final = ("IOPub data rate exceeded", "IOPub message rate exceeded")
"""How the server's own message begins that it has dropped output."""
_DROPPED: Final = "the server dropped output, which came faster than its limit"


class ServerTiming(Record):
    """Intervals and time limits, in seconds."""

    open: float = 90.0
    """For the websocket. The server opens it once the kernel answers, which it gives 60 s."""
    first: float = 3.0
    """For the first answer on a websocket, until it is opened once more without SUBPROTOCOL."""
    ping: float = 7.0
    """Between pings. The server itself needs 90 s to notice a connection that is dead."""
    pong: float = 15.0
    """Without an answer to a ping until the connection counts as lost."""
    first_pause: float = 0.5
    """Before the second attempt to connect again. The first is made at once."""
    last_pause: float = 30.0
    """The longest pause between attempts."""
    watch: float = 15.0
    """Between looks whether the server still has the kernel. It does not tell when another client ends it."""
    ended: float = 0.5
    """From the kernel's word that it ends or restarts until the look."""
    probe: float = 1.0
    """Between questions whether a kernel that restarts answers."""
    restart: float = 60.0
    """For a restarted kernel to answer."""


class _QuickAcking(ClientConnection):
    """Acknowledges what arrives at once. The server leaves Nagle's algorithm on, and would wait 40 ms before each reply."""

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol. The system turns the option off by itself again and again."""
        super().data_received(data)
        self.acknowledge()

    def acknowledge(self) -> None:
        """Turns delayed acknowledgements off."""
        raw = self.transport.get_extra_info("socket")
        if _QUICK_ACK is not None and raw is not None:
            with suppress(OSError):
                raw.setsockopt(sockets.IPPROTO_TCP, _QUICK_ACK, 1)


class ServerConnection:
    """Implements KernelConnection for a kernel of a Jupyter server."""

    def __init__(self, kernel: RemoteKernel, timing: ServerTiming | None = None) -> None:
        self._kernel = kernel
        self._timing = timing or ServerTiming()
        self._session = os.urandom(16).hex()
        self._own_prefix = f"{self._session}-own-"
        self._own_count = 0
        self._wire = WebsocketWire(self._session, v1=True)
        self._phase = Phase.ABSENT
        self._closed = False
        self._sink: Sink | None = None
        self._socket: ClientConnection | None = None
        self._pending: list[Request] = []
        """Requests that wait for the kernel or the websocket."""
        self._outbox: deque[bytes | str] = deque()
        """Messages on their way to the websocket. One leaves when it was sent."""
        self._to_send = asyncio.Event()
        self._heard = asyncio.Event()
        """Set when the present websocket has brought an answer."""
        self._v1 = True
        """Whether to offer SUBPROTOCOL."""
        self._batch: list[Event] = []
        """Events that were read and not yet passed on."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._kernel_session = ""
        """The session id of the kernel's process, as its replies have it."""
        self._restarting = False
        """Whether a restart is under way, by this connection or by the server."""
        self._probes: dict[str, set[Channel]] = {}
        """The questions whether the kernel answers after a restart, with the channels on which each was answered."""
        self._answered: asyncio.Future[None] | None = None
        self._prompt_header: dict[str, Any] = {}
        self._ends = asyncio.Event()
        """Set when the kernel says that it ends or restarts."""
        self._asked: deque[str] = deque(maxlen=_REMEMBERED)
        """The ids of the last kernel_info requests of the executor."""
        self._changing = asyncio.Lock()

    # ---- KernelConnection

    def describe(self) -> KernelDescription:
        """See KernelConnection."""
        model, spec = self._kernel.model, self._kernel.spec
        name = model.name if model is not None else self._kernel.wanted
        return KernelDescription(
            name,
            spec.display_name if spec is not None else name,
            spec.language if spec is not None else "",
            "",
            adopted=self._kernel.joined,
            server=self._kernel.server.name,
        )

    @property
    def pid(self) -> int | None:
        """See KernelConnection."""
        return None

    async def open(self, sink: Sink) -> None:
        """See KernelConnection."""
        async with self._changing:
            self._require_open()
            self._sink = sink
            self._phase = Phase.STARTING
            self._emit(KernelStarting())
            try:
                await asyncio.to_thread(self._start)
                self._require_open()
                self._emit(KernelStarting())  # its name is known now
                await self._dial()
                self._require_open()
            except (KernelError, ServerError) as error:
                self._fail_start(error)
            self._phase = Phase.LIVE
            self._emit(KernelConnected(shared=self._kernel.joined))
            self._transmit_pending()
            self._run(self._watch())

    def _start(self) -> None:
        """Starts the kernel, or waits until it has started. In a thread."""
        kernel = self._kernel
        model = kernel.start()
        if kernel.wanted and kernel.language is None and model.name != kernel.wanted:
            hint = "leave --kernel out to use it; :switch-kernel changes it"
            raise KernelStartError(f"its kernel there is {model.name}, not {kernel.wanted}", where=self._where, hint=hint)

    def _fail_start(self, error: KernelError | ServerError) -> None:
        known = error if isinstance(error, KernelError) else _start_error(error)
        if not self._closed:
            self._phase = Phase.ABSENT
            self._emit(KernelDied(known.what, at_start=True))
        raise known from None

    def send(self, request: Request) -> None:
        """See KernelConnection. While the websocket is lost, requests wait."""
        if self._phase is Phase.LIVE and self._socket is not None:
            self._transmit(request)
        elif self._phase is not Phase.ABSENT or (self._sink is None and not self._closed):
            self._pending.append(request)

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """See KernelConnection. The server knows how its kernel is interrupted."""
        return (InterruptMeans.MESSAGE,)

    def interrupt(self, means: InterruptMeans) -> None:
        """See KernelConnection."""
        if self._phase is Phase.LIVE:
            self._run(self._interrupt())

    async def _interrupt(self) -> None:
        try:
            await asyncio.to_thread(self._kernel.interrupt)
        except ServerError:  # the websocket may be open all the same
            self._post("control", self._own_id(), "interrupt_request", {})

    async def restart(self) -> None:
        """See KernelConnection."""
        async with self._changing:
            self._require_open()
            self._drop_requests()
            self._phase = Phase.STARTING
            self._restarting = True
            self._emit(KernelStarting(restart=True))
            try:
                await asyncio.to_thread(self._kernel.restart)
                await self._wait_for_answer()
            except ServerError as error:
                self._fail_start(error)
            finally:
                self._restarting = False
            if self._closed:
                raise self._closed_error()
            self._phase = Phase.LIVE
            self._emit(KernelConnected())
            self._transmit_pending()

    async def _wait_for_answer(self) -> None:
        """Asks the kernel until one question is answered on shell and on iopub. Raises ServerError if none is.

        The server's sockets connect again one by one. Outputs of a kernel that can reply already may still get lost.
        """
        answered = self._answered = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._timing.restart):
                while not answered.done():
                    self._probes[self._ask()] = set()
                    await asyncio.wait({answered}, timeout=self._timing.probe)
        except TimeoutError:
            what = f"its kernel did not answer within {self._timing.restart:g} s"
            raise ServerError(what, where=self._where, hint="restart it once more") from None
        finally:
            self._answered = None
            self._probes.clear()

    async def log(self) -> str:
        """See KernelConnection."""
        return "The server has the log of this kernel."

    async def shut_down(self) -> None:
        """See KernelConnection."""
        await self._close(end=True)

    async def leave(self) -> None:
        """See KernelConnection. The kernel of a notebook on the server goes on there. Another one is nobody else's."""
        await self._close(end=not self._kernel.has_session)

    async def _close(self, *, end: bool) -> None:
        was_closed, self._closed, self._phase = self._closed, True, Phase.ABSENT
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()
        if end and not was_closed:
            with suppress(ServerError):  # the server is gone, or cannot be reached
                await asyncio.to_thread(self._kernel.end)

    def _require_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    def _closed_error(self) -> KernelStartError:
        return KernelStartError("it was closed", where=self._where)

    @property
    def _where(self) -> str:
        return self._kernel.server.name

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ---- the websocket

    async def _dial(self) -> None:
        """Opens the websocket and begins to read it. Raises ServerError."""
        server = self._kernel.server
        url = f"ws{server.base.removeprefix('http')}{self._kernel.path}/channels?session_id={self._session}"
        headers = server.credentials()
        headers.pop("X-XSRFToken", None)
        try:
            socket = await connect(
                url,
                additional_headers=headers,
                subprotocols=[Subprotocol(SUBPROTOCOL)] if self._v1 else None,
                ssl=server.context,
                create_connection=_QuickAcking,
                compression=None,
                max_size=None,
                open_timeout=self._timing.open,
                ping_interval=self._timing.ping,
                ping_timeout=self._timing.pong,
                close_timeout=1.0,
            )
        except InvalidStatus as error:
            response = error.response
            body = (
                response.headers.get("Location", "").encode()
                if 300 <= response.status_code < 400
                else bytes(response.body or b"")
            )
            raise server.refusal(response.status_code, body) from None
        except (OSError, InvalidHandshake, WebSocketException) as error:
            raise server.unreachable(error) from None
        if self._closed:
            await socket.close()
            return
        self._wire = WebsocketWire(self._session, v1=socket.subprotocol == SUBPROTOCOL)
        self._socket = socket
        self._heard.clear()
        self._run(self._read(socket))
        if self._v1 and not await self._is_understood():
            self._v1 = False
            self._socket = None
            await socket.close()
            await self._dial()

    async def _is_understood(self) -> bool:
        """Returns whether the kernel answers. Some proxies hide SUBPROTOCOL from one end, or turn bytes into text."""
        self._post("control", self._own_id(), "kernel_info_request", {})
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timing.first):
                await self._heard.wait()
        return self._heard.is_set()

    async def _write(self, socket: ClientConnection) -> None:
        """Sends messages until it is cancelled. What was not sent waits for the next websocket."""
        with suppress(ConnectionClosed):  # the reader connects again
            while True:
                while self._outbox:
                    data = self._outbox[0]
                    await socket.send(data)
                    if self._outbox and self._outbox[0] is data:
                        self._outbox.popleft()
                    if isinstance(socket, _QuickAcking):
                        socket.acknowledge()
                self._to_send.clear()
                await self._to_send.wait()

    async def _read(self, socket: ClientConnection) -> None:
        """Reads messages until the websocket is closed, then connects again."""
        loop, wire = asyncio.get_running_loop(), self._wire
        began = time.perf_counter()
        writer = self._run(self._write(socket))
        try:
            while True:
                data = await socket.recv()
                if not self._batch:
                    # Reading goes on without a pause while messages wait. What was read till then is passed on as one.
                    loop.call_soon(self._flush)
                    began = time.perf_counter()
                try:
                    event = self._on_message(*wire.unpack(data))
                except MalformedMessageError as error:
                    event = Malformed("iopub", str(error))
                if event is not None:
                    self._batch.append(event)
                if time.perf_counter() - began > _TURN:
                    await asyncio.sleep(0)
                    began = time.perf_counter()
        except ConnectionClosed as error:
            writer.cancel()
            self._flush()
            if socket is self._socket:
                self._socket = None
                self._run(self._reconnect(_closed_because(error)))

    async def _watch(self) -> None:
        """Looks whether the server still has the kernel, again and again, and at once when the kernel says that it ends."""
        while not self._closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ends.wait(), self._timing.watch)
                self._ends.clear()
                await asyncio.sleep(self._timing.ended)
                self._ask()
            if self._phase is Phase.ABSENT:
                return
            if self._phase is Phase.LIVE and self._socket is not None:
                with suppress(ServerError):  # the websocket knows whether the server is gone
                    if await asyncio.to_thread(self._kernel.look) is None and self._phase is Phase.LIVE:
                        self._lose(_GONE)
                        return

    async def _reconnect(self, reason: str) -> None:
        """Connects again, with growing pauses, for ever."""
        pause = 0.0
        while not self._closed:
            self._emit(HeartbeatLost(f"{self._where}: {reason}. Trying to connect again."))
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(max(pause * 1.6, self._timing.first_pause), self._timing.last_pause)
            try:
                model = await asyncio.to_thread(self._kernel.look)
                if model is None:
                    self._lose(_GONE)
                    return
                await self._dial()
            except ServerError as error:
                reason = f"{error.what} ({error.hint})" if error.hint else error.what
                continue
            if self._socket is not None:
                # What the server still counts as connected got the messages that are missing here.
                self._emit(Reconnected(lost=model.connections > 0))
                self._ask()
                self._transmit_pending()
            return

    def _lose(self, reason: str) -> None:
        self._phase = Phase.ABSENT
        self._drop_requests()
        self._emit(KernelDied(reason))

    # ---- receiving

    def _on_message(self, channel: Channel, message: WireMessage) -> Event | None:
        header, parent_header = message.header, message.parent_header
        parent, kind = parent_header.get("msg_id"), header.get("msg_type")
        is_own = isinstance(parent, str) and parent.startswith(self._own_prefix)
        if channel != "iopub" and isinstance(kind, str) and kind.endswith("_reply"):
            self._on_process(str(header.get("session", "")), is_own=is_own)
        if is_own:
            self._heard.set()
            if parent in self._probes:
                self._on_probe(channel, self._probes[parent])
            return None
        if kind == "shutdown_reply" and not self._restarting:
            self._ends.set()
        event = parse(channel, *message)
        if isinstance(event, Status) and event.parent == NO_PARENT:
            self._on_state(event.state, str(header.get("session", "")))
            return None
        if parent_header.get("msg_type") == "kernel_info_request" and channel == "iopub" and parent not in self._asked:
            return None  # the server asks the kernel in our name whether iopub is connected
        client = parent_header.get("session") or self._session
        if channel == "iopub" and client != self._session:
            request = str(parent_header.get("msg_type", ""))
            return FromOther(str(client), request, MessageId(parent if isinstance(parent, str) else ""), event)
        if isinstance(event, InputRequest):
            self._prompt_header = dict(header)
        elif isinstance(event, Stream) and event.name == "stderr" and event.text.startswith(_RATE):
            self._batch.append(OutputDropped(event.parent, _DROPPED))
        return event

    def _on_probe(self, channel: Channel, answers: set[Channel]) -> None:
        answers.add(channel)
        if answers >= {"shell", "iopub"} and self._answered is not None and not self._answered.done():
            self._answered.set_result(None)

    def _on_process(self, session: str, *, is_own: bool) -> None:
        """Notes which process has replied. Another one than before was started by another client, meanwhile.

        Some kernels give the session id of the request back. A reply to a cell ends that cell first: the kernel is asked again.
        """
        if session in ("", self._session, self._kernel_session):
            return
        if is_own or not self._kernel_session:
            known, self._kernel_session = self._kernel_session, session
            if known and not self._restarting:
                self._on_restarted_by_others()
        else:
            self._ask()

    def _ask(self) -> MessageId:
        """Sends a kernel_info request, whose reply tells which process the kernel is. Returns its id."""
        asked = self._own_id()
        self._post("shell", asked, "kernel_info_request", {})
        return asked

    def _on_state(self, state: str, session: str) -> None:
        """Handles a status that answers no request: of the kernel's process, or of the server about it."""
        if state == "dead":
            self._batch.append(KernelDied("it died, and the server could not restart it"))
            self._phase = Phase.ABSENT
        elif state == "restarting" and not self._restarting:
            self._restarting = True
            self._phase = Phase.STARTING
            self._drop_requests()
            self._flush()
            self._emit(KernelDied("it died; the server restarts it"))
            self._emit(KernelStarting(restart=True))
            self._run(self._follow_restart())
        elif state == "starting" and session != self._kernel_session:
            known, self._kernel_session = self._kernel_session, session
            if known and not self._restarting:
                self._on_restarted_by_others()

    async def _follow_restart(self) -> None:
        """Waits until the kernel that the server restarts answers."""
        try:
            await self._wait_for_answer()
        except ServerError as error:
            self._lose(error.what)
            return
        finally:
            self._restarting = False
        if self._phase is Phase.STARTING:
            self._phase = Phase.LIVE
            self._emit(KernelConnected())
            self._transmit_pending()

    def _on_restarted_by_others(self) -> None:
        self._flush()
        self._drop_requests()
        self._emit(KernelStarting(restart=True, by_others=True))
        self._emit(KernelConnected(shared=True))

    def _flush(self) -> None:
        if self._batch:
            batch, self._batch = self._batch, []
            if self._sink is not None and not self._closed:
                self._sink(batch)

    def _emit(self, event: Event) -> None:
        self._flush()
        if self._sink is not None and not self._closed:
            self._sink((event,))

    # ---- sending

    def _transmit_pending(self) -> None:
        pending, self._pending = self._pending, []
        for request in pending:
            self.send(request)

    def _transmit(self, request: Request) -> None:
        channel, kind, content = to_wire(request)
        if isinstance(request, KernelInfo):
            self._asked.append(request.id)
        header = None
        if isinstance(request, InputReply) and self._prompt_header.get("msg_id") == request.parent:
            header = self._prompt_header
        subshell = request.route.subshell if isinstance(request, Complete | Inspect | Evaluate) else ""
        self._post(channel, request.id, kind, content, header, subshell)

    def _post(
        self,
        channel: Channel,
        message_id: MessageId,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
        subshell: str = "",
    ) -> None:
        """Sends a message, if the websocket is open."""
        if self._socket is not None:
            self._outbox.append(self._wire.pack(channel, message_id, message_type, content, parent_header, subshell))
            self._to_send.set()

    def _drop_requests(self) -> None:
        """Forgets requests to a kernel that is gone."""
        self._pending.clear()
        self._outbox.clear()

    def _own_id(self) -> MessageId:
        self._own_count += 1
        return MessageId(f"{self._own_prefix}{self._own_count}")


def _start_error(error: ServerError) -> KernelStartError:
    return KernelStartError(error.what, where=error.where, hint=error.hint)


def _closed_because(error: ConnectionClosed) -> str:
    """Returns why a websocket was closed, in words."""
    received = error.rcvd
    if received is None:
        return "the connection was lost"
    return f"the server closed the connection ({received.code}{': ' + received.reason if received.reason else ''})"
