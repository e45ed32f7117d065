"""Asks running kernels, all at once, whether they answer and whether they are busy.

Control has its own thread in most kernels, so that a kernel_info_request there is answered also while a cell runs. The same on
shell is answered only when no cell runs. The signature tells a kernel from another program on the same port. Blocks for at most
`within` seconds: call it in a thread.
"""

from __future__ import annotations

import os
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import zmq

from tuinb.errors import KernelError
from tuinb.kernel.connection.zmq_channels import open_socket, wire_of
from tuinb.kernel.protocol.codec import parse
from tuinb.kernel.protocol.events import KernelInfoReply
from tuinb.kernel.protocol.wire import MalformedMessageError
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tuinb.kernel.launch.connection_files import Running
    from tuinb.kernel.protocol.events import Channel
    from tuinb.kernel.protocol.wire import Wire

WITHIN = 0.5
"""Seconds that kernels have to answer. Idle and busy ones take 3 to 13 ms."""
_CHANNELS: tuple[Channel, ...] = ("control", "shell")


class Activity(StrEnum):
    """What a kernel does, as far as its answers tell."""

    IDLE = "idle"
    BUSY = "busy"
    SILENT = "no answer"
    """Something listens at its addresses. It is busy and can't answer meanwhile, or has another key."""


class Seen(Record):
    """A running kernel, and what it answered."""

    kernel: Running
    activity: Activity
    language: str = ""
    implementation: str = ""


def ask(kernels: Sequence[Running], within: float | None = None) -> list[Seen]:
    """Returns the kernels with what they answered, in the same order.

    Leaves out those on other machines that answer nothing, and those whose encryption or signature this program does not know.
    """
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, max(len(kernels) * len(_CHANNELS) + 8, 1024))
    answers: dict[tuple[int, Channel], KernelInfoReply] = {}
    asked: dict[zmq.Socket[bytes], tuple[int, Channel, Wire]] = {}
    poller = zmq.Poller()
    try:
        for at, kernel in enumerate(kernels):
            for channel, socket, wire in _sockets(context, kernel):
                asked[socket] = at, channel, wire
                poller.register(socket, zmq.POLLIN)
        deadline = time.monotonic() + (WITHIN if within is None else within)
        while len(answers) < len(asked) and (left := deadline - time.monotonic()) > 0:
            for socket, _ in poller.poll(max(1, int(left * 1000))):
                at, channel, wire = asked[socket]
                if (answer := _read(socket, channel, wire)) is not None:
                    answers[at, channel] = answer
    finally:
        context.destroy(linger=0)
    known = {at for at, _, _ in asked.values()}
    seen = [_seen(kernel, answers.get((at, "control")), answers.get((at, "shell"))) for at, kernel in enumerate(kernels)]
    return [
        each for at, each in enumerate(seen) if at in known and (each.activity is not Activity.SILENT or each.kernel.file.local)
    ]


def _sockets(context: zmq.Context[Any], kernel: Running) -> Iterable[tuple[Channel, zmq.Socket[bytes], Wire]]:
    """Makes the sockets to a kernel and sends the question on each."""
    session = os.urandom(16).hex()
    info = kernel.file.info
    try:
        for channel in _CHANNELS:
            wire = wire_of(info, session)
            socket = open_socket(context, info, channel, zmq.SocketType.DEALER)
            socket.send_multipart(wire.pack(f"{session}-{channel}", "kernel_info_request", {}))
            yield channel, socket, wire
    except (KernelError, zmq.ZMQError):
        return


def _read(socket: zmq.Socket[bytes], channel: Channel, wire: Wire) -> KernelInfoReply | None:
    try:
        event = parse(channel, *wire.unpack(socket.recv_multipart()))
    except MalformedMessageError:
        return None
    return event if isinstance(event, KernelInfoReply) else None


def _seen(kernel: Running, control: KernelInfoReply | None, shell: KernelInfoReply | None) -> Seen:
    answer = shell or control
    if answer is None:
        return Seen(kernel, Activity.SILENT)
    language = answer.language_info.get("name", "")
    activity = Activity.IDLE if shell is not None else Activity.BUSY
    return Seen(kernel, activity, language if isinstance(language, str) else "", answer.implementation)
