"""A kernel's five sockets on the event loop: what comes is read in turns, what goes is signed and sent.

A ZeroMQ socket's descriptor says only that something changed, once: a socket must be read until it is empty, and looked at
again after each send. Yet a flood must not keep keys from being read. So all sockets are drained together in a turn of at
most 3 ms, the few messages of replies and prompts before the many of iopub, and a turn that left something asks the loop
for another, behind what else is ready. In a steady stream of small messages iopub is let fill up for 4 ms between turns:
to wake for each costs more than to read it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import zmq

from tuinb.errors import KernelStartError
from tuinb.kernel.protocol.events import Channel, Event, Malformed
from tuinb.kernel.protocol.wire import MalformedMessageError, Wire, WireMessage

TURN = 0.003
"""Seconds that a turn may take before it lets the loop go on."""
_STEADY = 32
"""Turns in close succession that make a stream a steady one."""
_PAUSE = 0.004
_LONG = 0.05
"""Seconds of a turn that was held up by a huge message: keys that came meanwhile go before what it brought is taken in."""
_BREATH = 0.03
"""Seconds for them to be answered in."""
_RECONNECT = 10
"""Milliseconds between attempts to connect while the kernel starts; zmq's own 100 would be seen at every start."""
_POLLIN, _NOBLOCK = int(zmq.POLLIN), int(zmq.NOBLOCK)
"""As plain integers: an enum's costs as much as the call that it is for."""
_TYPES: Mapping[Channel, zmq.SocketType] = {
    "stdin": zmq.SocketType.DEALER,
    "control": zmq.SocketType.DEALER,
    "shell": zmq.SocketType.DEALER,
    "iopub": zmq.SocketType.SUB,
}
"""In the order in which a turn reads them."""

Admit = Callable[[Channel, WireMessage], Event | None]
Deliver = Callable[[Sequence[Event]], None]


class ZmqChannels:
    """Implements Channels. Connected from the start; what is sent before the kernel listens waits in its socket.

    `info` is a connection file's content. `admit` makes the event of a message, or None for one that goes no further;
    `deliver` gets the events of each turn. Raises KernelStartError if zmq or hashlib can't do what `info` asks for.
    """

    def __init__(self, info: Mapping[str, Any], session: str, admit: Admit, deliver: Deliver) -> None:
        self._wire = _wire(info, session)
        self._curve = _curve_keys(info)
        self._admit = admit
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._again: asyncio.Handle | None = None
        """The next turn, or what the last one left to take in."""
        self._open = True
        self._turns_in_a_row = 0
        self._last_turn = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self.welcome_topic = f"welcome-{session}"
        """A kernel that greets new subscribers (JEP 65) answers this one, which is nobody else's, on iopub."""
        self.missed_beats = 0
        """Pings that no heartbeat has answered since the last that did."""
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._sockets = {channel: self._connect(info, channel, kind, session) for channel, kind in _TYPES.items()}
        self._sockets["iopub"].subscribe(b"")
        self._sockets["iopub"].subscribe(self.welcome_topic.encode())
        self._heartbeat = self._connect(info, "hb", zmq.SocketType.DEALER, "")
        for socket in (*self._sockets.values(), self._heartbeat):
            self._loop.add_reader(socket.FD, self._wake)
        self._iopub_descriptor = self._sockets["iopub"].FD
        self._ask_turn()

    def send(
        self,
        channel: Channel,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
    ) -> None:
        frames = self._wire.pack(message_id, message_type, content, parent_header)
        self._sockets[channel].send_multipart(frames, zmq.NOBLOCK)
        self._ask_turn()

    def ping(self) -> None:
        """Asks the heartbeat for a sign of life."""
        self.missed_beats += 1
        # A REQ socket that missed one answer is of no more use; the empty frame makes a DEALER look like one.
        self._heartbeat.send_multipart([b"", b"ping"], zmq.NOBLOCK)
        self._ask_turn()

    @property
    def quiet(self) -> bool:
        """Whether nothing is left to read now."""
        return self._again is None and self._pause is None and not any(_readable(socket) for socket in self._sockets.values())

    def close(self) -> None:
        """Safe to call twice. What was not sent yet is given up."""
        if not self._open:
            return
        self._open = False
        for pending in (self._again, self._pause):
            if pending is not None:
                pending.cancel()
        for socket in (*self._sockets.values(), self._heartbeat):
            self._loop.remove_reader(socket.FD)
            socket.close(linger=0)
        self._context.term()

    def _connect(self, info: Mapping[str, Any], channel: str, kind: zmq.SocketType, identity: str) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        # With the default of 1,000 a flood loses messages, the one that says that the cell is done among them.
        socket.set_hwm(0)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
        if identity and kind is zmq.SocketType.DEALER:
            # A prompt on stdin goes to the identity that the request on shell came from.
            socket.setsockopt(zmq.ROUTING_ID, identity.encode())
        if self._curve is not None:
            # Kernel and clients share the key pair of the connection file; without the server's key a socket only hangs.
            public, secret = self._curve
            socket.setsockopt(zmq.CURVE_PUBLICKEY, public)
            socket.setsockopt(zmq.CURVE_SECRETKEY, secret)
            socket.setsockopt(zmq.CURVE_SERVERKEY, public)
        separator = "-" if info["transport"] == "ipc" else ":"
        socket.connect(f"{info['transport']}://{info['ip']}{separator}{info[f'{channel}_port']}")
        return socket

    def _ask_turn(self) -> None:
        if self._again is None:
            self._again = self._loop.call_soon(self._turn)

    def _wake(self) -> None:
        if self._again is None:
            self._turn()

    def _pause_iopub(self, began: float) -> None:
        """In a steady stream, wakes no more for iopub for a while."""
        self._turns_in_a_row = self._turns_in_a_row + 1 if began - self._last_turn < _PAUSE * 1.5 else 0
        self._last_turn = began
        if self._turns_in_a_row >= _STEADY and self._pause is None:
            self._loop.remove_reader(self._iopub_descriptor)
            self._pause = self._loop.call_later(_PAUSE, self._resume_iopub)

    def _resume_iopub(self) -> None:
        self._pause = None
        self._loop.add_reader(self._iopub_descriptor, self._wake)
        self._ask_turn()

    def _turn(self) -> None:
        self._again = None
        began = time.perf_counter()
        deadline = began + TURN
        events: list[Event] = []
        more = False
        while _readable(self._heartbeat):
            self._heartbeat.recv_multipart(zmq.NOBLOCK)
            self.missed_beats = 0
        for channel, socket in self._sockets.items():
            if _readable(socket):
                more |= self._drain(channel, socket, events, deadline)
        if events and time.perf_counter() - began > _LONG:
            self._again = self._loop.call_later(_BREATH, self._take_in, events)
            return
        if more:
            self._ask_turn()
        elif events:
            self._pause_iopub(began)
        if events:
            self._deliver(events)

    def _take_in(self, events: Sequence[Event]) -> None:
        self._again = None
        self._ask_turn()
        self._deliver(events)

    def _drain(self, channel: Channel, socket: zmq.Socket[bytes], events: list[Event], deadline: float) -> bool:
        """Reads at least one message, and until `deadline` or the last; whether there may be more."""
        unpack, admit, now = self._wire.unpack, self._admit, time.perf_counter
        while True:
            try:
                # As frames: a frame says whether another follows, which costs a second call otherwise.
                frame = socket.recv(_NOBLOCK, copy=False)
                frames = [frame.bytes]
                while frame.more:
                    frame = socket.recv(_NOBLOCK, copy=False)
                    frames.append(frame.bytes)
            except zmq.Again:
                return False
            try:
                event = admit(channel, unpack(frames))
            except MalformedMessageError as error:
                event = Malformed(channel, str(error))
            if event is not None:
                events.append(event)
            if now() >= deadline:
                return True


def _wire(info: Mapping[str, Any], session: str) -> Wire:
    key, scheme = info.get("key") or b"", str(info.get("signature_scheme") or "hmac-sha256")
    try:
        return Wire(key if isinstance(key, bytes) else str(key).encode(), session, scheme)
    except ValueError as error:
        raise KernelStartError(f"its messages are signed in a way that is unknown here: {scheme}") from error


def _curve_keys(info: Mapping[str, Any]) -> tuple[bytes, bytes] | None:
    """Returns the public and the secret key of an encrypted connection (jupyter_client's `transport_encryption`)."""
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
