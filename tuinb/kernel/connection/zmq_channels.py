"""A kernel's five ZeroMQ sockets on the event loop. Reads messages in turns; signs and sends messages.

The descriptor of a ZeroMQ socket becomes readable once for any number of messages. Therefore a socket must be read until it is
empty, and checked again after each send. A flood must not delay keys. Therefore a turn reads all sockets for at most 3 ms, with
the few replies and prompts before the many messages of iopub. If messages remain, the next turn is scheduled behind the other
callbacks of the loop. A large message is unpacked in a thread, while its channel waits; then a turn takes one piece of it. In a
steady stream of small messages iopub is not watched for 4 ms after a turn, because waking up for
each message costs more than reading it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import zmq

from tuinb.errors import KernelStartError
from tuinb.kernel.protocol.events import Channel, Event, Malformed
from tuinb.kernel.protocol.wire import LARGE, MalformedMessageError, Wire, WireMessage

TURN = 0.003
"""Maximum seconds of a turn, unless one message takes longer."""
_STEADY = 32
"""Turns in close succession that make a stream steady."""
_PAUSE = 0.004
"""Seconds without watching iopub in a steady stream, and between two pieces of a large message."""
_RECONNECT = 10
"""Milliseconds between attempts to connect while the kernel starts. With zmq's default of 100 every start would be slower."""
_POLLIN, _NOBLOCK = int(zmq.POLLIN), int(zmq.NOBLOCK)
"""Plain integers, because converting an enum costs as much as the call that takes it."""
_TYPES: Mapping[Channel, zmq.SocketType] = {
    "stdin": zmq.SocketType.DEALER,
    "control": zmq.SocketType.DEALER,
    "shell": zmq.SocketType.DEALER,
    "iopub": zmq.SocketType.SUB,
}
"""The sockets' types, in the order in which a turn reads the sockets."""

OnMessage = Callable[[Channel, WireMessage], Event | None]
OnEvents = Callable[[Sequence[Event]], None]


class ZmqChannels:
    """Implements Channels. A message that is sent before the kernel is ready waits in its socket.

    `info` is the content of a connection file. `on_message` returns the event of a message, or None to drop it. `on_events`
    gets the events of each turn. `on_disconnect` is called when the kernel, or the network, has closed the connection. Raises
    KernelStartError if zmq or hashlib lacks the encryption or the signature scheme.
    """

    def __init__(
        self,
        info: Mapping[str, Any],
        session: str,
        on_message: OnMessage,
        on_events: OnEvents,
        on_disconnect: Callable[[], None] | None = None,
    ) -> None:
        self._wire = wire_of(info, session)
        _curve_keys(info)  # raises while there are no sockets to close
        self._on_message = on_message
        self._on_events = on_events
        self._loop = asyncio.get_running_loop()
        self._next_turn: asyncio.Handle | None = None
        self._large: dict[Channel, deque[WireMessage | Malformed]] = {}
        """What is left of a large message, for each channel that waits for one. Nothing while it is unpacked."""
        self._open = True
        self._turns_in_a_row = 0
        self._last_turn = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self.welcome_topic = f"welcome-{session}"
        """See Channels. Kernels with JEP 65 send iopub_welcome for each new subscription."""
        self.missed_beats = 0
        """See Channels."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        # The kernel sends a prompt on stdin to the identity that sent the request on shell.
        self._sockets = {channel: open_socket(self._context, info, channel, kind, session) for channel, kind in _TYPES.items()}
        self._on_disconnect = on_disconnect
        self._monitor: zmq.Socket[bytes] | None = None
        if on_disconnect is not None:
            self._monitor = self._sockets["control"].get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._sockets["iopub"].subscribe(b"")
        self._sockets["iopub"].subscribe(self.welcome_topic.encode())
        self._heartbeat = open_socket(self._context, info, "hb", zmq.SocketType.DEALER)
        for socket in (*self._sockets.values(), self._heartbeat):
            self._loop.add_reader(socket.FD, self._wake)
        if self._monitor is not None:
            self._loop.add_reader(self._monitor.FD, self._watch)
            self._watch()
        self._iopub_descriptor = self._sockets["iopub"].FD
        self._schedule_turn()

    def send(
        self,
        channel: Channel,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
        subshell: str = "",
    ) -> None:
        """See Channels."""
        frames = self._wire.pack(message_id, message_type, content, parent_header, subshell)
        self._sockets[channel].send_multipart(frames, zmq.NOBLOCK)
        self._schedule_turn()

    def ping(self) -> None:
        """See Channels."""
        self.missed_beats += 1
        # A REQ socket can't send again after a lost answer. A DEALER that sends an empty frame first looks like one.
        self._heartbeat.send_multipart([b"", b"ping"], zmq.NOBLOCK)
        self._schedule_turn()

    @property
    def quiet(self) -> bool:
        """See Channels."""
        scheduled = self._next_turn is not None or self._pause is not None or self._large
        return not scheduled and not any(_readable(socket) for socket in self._sockets.values())

    def close(self) -> None:
        """See Channels."""
        if not self._open:
            return
        self._open = False
        for pending in (self._next_turn, self._pause):
            if pending is not None:
                pending.cancel()
        if self._monitor is not None:
            self._loop.remove_reader(self._monitor.FD)
            self._sockets["control"].disable_monitor()
            self._monitor.close(linger=0)
        for socket in (*self._sockets.values(), self._heartbeat):
            self._loop.remove_reader(socket.FD)
            socket.close(linger=0)
        self._context.term()

    def _watch(self) -> None:
        """Reads what zmq tells of the control socket."""
        lost = False
        while self._monitor is not None and _readable(self._monitor):
            self._monitor.recv_multipart(zmq.NOBLOCK)
            lost = True
        if lost and self._on_disconnect is not None:
            self._on_disconnect()

    def _schedule_turn(self) -> None:
        if self._next_turn is None:
            self._next_turn = self._loop.call_soon(self._turn)

    def _wake(self) -> None:
        if self._next_turn is None:
            self._turn()

    def _pause_iopub(self, began: float) -> None:
        """Stops watching iopub for a while if the stream is steady."""
        self._turns_in_a_row = self._turns_in_a_row + 1 if began - self._last_turn < _PAUSE * 1.5 else 0
        self._last_turn = began
        if self._turns_in_a_row >= _STEADY and self._pause is None:
            self._loop.remove_reader(self._iopub_descriptor)
            self._pause = self._loop.call_later(_PAUSE, self._resume_iopub)

    def _resume_iopub(self) -> None:
        self._pause = None
        self._loop.add_reader(self._iopub_descriptor, self._wake)
        self._schedule_turn()

    def _turn(self) -> None:
        self._next_turn = None
        events: list[Event] = []
        try:
            self._read_sockets(events)
        except Exception:
            self._schedule_turn()  # for the messages behind the one that failed: nothing else would read them
            raise
        finally:
            if events:
                self._on_events(events)

    def _read_sockets(self, events: list[Event]) -> None:
        """Reads for one turn. Schedules the next one if that is needed."""
        began = time.perf_counter()
        deadline = began + TURN
        more = has_piece = False
        while _readable(self._heartbeat):
            self._heartbeat.recv_multipart(zmq.NOBLOCK)
            self.missed_beats = 0
        for channel, socket in self._sockets.items():
            is_readable = _readable(socket)  # a socket that is not asked would wake the loop for ever
            if channel in self._large:
                has_piece |= self._take_piece(channel, events)
            elif is_readable:
                more |= self._drain(channel, socket, events, deadline)
        if more:
            self._schedule_turn()
        elif has_piece:  # between pieces, the screen paints
            self._next_turn = self._loop.call_later(_PAUSE, self._turn)
        elif events:
            self._pause_iopub(began)

    def _take_piece(self, channel: Channel, events: list[Event]) -> bool:
        """Takes the next piece of a large message. Returns False while it is unpacked."""
        pieces = self._large[channel]
        if not pieces:
            return False
        piece = pieces.popleft()
        if not pieces:
            del self._large[channel]
        event = piece if isinstance(piece, Malformed) else self._on_message(channel, piece)
        if event is not None:
            events.append(event)
        return True

    def _begin_large(self, channel: Channel, frames: list[bytes | memoryview]) -> None:
        """Unpacks a large message in a thread. The channel is not read meanwhile: its order is kept."""
        self._large[channel] = deque()
        unpacking = self._loop.run_in_executor(None, self._wire.unpack_large, frames)
        unpacking.add_done_callback(partial(self._end_large, channel))

    def _end_large(self, channel: Channel, unpacking: asyncio.Future[list[WireMessage]]) -> None:
        if not self._open or unpacking.cancelled():
            return
        try:
            self._large[channel].extend(unpacking.result())
        except MalformedMessageError as error:
            self._large[channel].append(Malformed(channel, str(error)))
        self._schedule_turn()

    def _drain(self, channel: Channel, socket: zmq.Socket[bytes], events: list[Event], deadline: float) -> bool:
        """Reads at least one message, then more until `deadline`. Returns whether there may be more."""
        unpack, on_message, now = self._wire.unpack, self._on_message, time.perf_counter
        while True:
            try:
                # A Frame knows whether another one follows. With bytes that takes a second call.
                parts = [socket.recv(_NOBLOCK, copy=False)]
                while parts[-1].more:
                    parts.append(socket.recv(_NOBLOCK, copy=False))
            except zmq.Again:
                return False
            if any(len(part) >= LARGE for part in parts):
                self._begin_large(channel, [part.buffer if len(part) >= LARGE else part.bytes for part in parts])
                return False
            frames = [part.bytes for part in parts]
            try:
                event = on_message(channel, unpack(frames))
            except MalformedMessageError as error:
                event = Malformed(channel, str(error))
            if event is not None:
                events.append(event)
            if now() >= deadline:
                return True


def open_socket(
    context: zmq.Context[Any], info: Mapping[str, Any], channel: str, kind: zmq.SocketType, identity: str = ""
) -> zmq.Socket[bytes]:
    """Returns a socket that connects to one channel of a kernel. A DEALER gets the identity, if it is not empty.

    Raises KernelStartError if pyzmq does not support CURVE, and zmq.ZMQError.
    """
    curve = _curve_keys(info)
    socket: zmq.Socket[bytes] = context.socket(kind)
    # With the default limit of 1,000 a flood loses messages, even the idle status that ends a run.
    socket.set_hwm(0)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
    if identity and kind is zmq.SocketType.DEALER:
        socket.setsockopt(zmq.ROUTING_ID, identity.encode())
    if curve is not None:
        # Kernel and clients share the key pair of the connection file. Without the server's key a socket never connects.
        public, secret = curve
        socket.setsockopt(zmq.CURVE_PUBLICKEY, public)
        socket.setsockopt(zmq.CURVE_SECRETKEY, secret)
        socket.setsockopt(zmq.CURVE_SERVERKEY, public)
    separator = "-" if info["transport"] == "ipc" else ":"
    socket.connect(f"{info['transport']}://{info['ip']}{separator}{info[f'{channel}_port']}")
    return socket


def wire_of(info: Mapping[str, Any], session: str) -> Wire:
    """Returns the wire for the key and the scheme of a connection file. Raises KernelStartError for an unknown scheme."""
    key, scheme = info.get("key") or b"", str(info.get("signature_scheme") or "hmac-sha256")
    try:
        return Wire(key if isinstance(key, bytes) else str(key).encode(), session, scheme)
    except ValueError as error:
        raise KernelStartError(f"its signature scheme {scheme!r} is unknown") from error


def _curve_keys(info: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    """Returns the public and the secret key of an encrypted connection (jupyter_client's `transport_encryption`).

    Returns None if the connection is not encrypted. Raises KernelStartError if pyzmq does not support CURVE.
    """
    public, secret = (str(info.get(name) or "").encode() for name in ("curve_publickey", "curve_secretkey"))
    if not public and not secret:
        return None
    if not zmq.has("curve"):
        raise KernelStartError(
            "its connection is encrypted with CURVE, which this pyzmq can't do",
            hint="install a pyzmq whose libzmq is built with libsodium",
        )
    return public, secret


def _readable(socket: zmq.Socket[bytes]) -> bool:
    return bool(int(socket.getsockopt(zmq.EVENTS)) & _POLLIN)
