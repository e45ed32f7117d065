"""One connection of the daemon: messages in and out, on the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Final

from tuinb.daemon import frames
from tuinb.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.daemon.frames import Message

_MOST_UNSENT: Final = 4 << 20
"""Bytes that wait for a peer that reads slowly."""


class Connection:
    """Calls `on_message` for each message, and `on_closed` once the other end is gone. `peer` must have been checked."""

    def __init__(
        self,
        peer: socket.socket,
        on_message: Callable[[Connection, Message], None],
        on_closed: Callable[[Connection], None],
    ) -> None:
        peer.setblocking(False)
        self._peer = peer
        self._on_message = on_message
        self._on_closed = on_closed
        self._decoder = frames.Decoder()
        self._descriptors: list[int] = []
        self._unsent = bytearray()
        """What the socket had no room for."""
        self._waiters: list[asyncio.Future[None]] = []
        """Set when all is sent, and when the connection is closed."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(peer.fileno(), self._read)
        self.closed = False

    @property
    def is_abandoned(self) -> bool:
        """Whether the other end has closed the connection, and all that it sent was read."""
        try:
            return not self._peer.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def take_descriptors(self) -> list[int]:
        """Returns the descriptors that came. The caller closes them."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Sends a message. A peer that is gone, or does not read, is disconnected."""
        if self.closed:
            return
        if self._unsent and (descriptors or len(self._unsent) > _MOST_UNSENT):
            self._drop()
            return
        data = frames.encode(message)
        if not self._unsent:
            try:
                data = data[self._send(data, descriptors) :]
            except OSError:
                self._drop()
                return
        if data:
            self._unsent += data
            self._loop.add_writer(self._peer.fileno(), self._write)

    def _send(self, data: bytes | bytearray, descriptors: Sequence[int] = ()) -> int:
        """Sends as much as the socket takes. Returns the number of bytes. Raises OSError."""
        if descriptors:
            return socket.send_fds(self._peer, [data], list(descriptors))
        try:
            return self._peer.send(data)
        except BlockingIOError:
            return 0

    def _write(self) -> None:
        try:
            del self._unsent[: self._send(self._unsent)]
        except OSError:
            self._drop()
            return
        if not self._unsent:
            self._loop.remove_writer(self._peer.fileno())
            self._wake()

    async def drain(self) -> None:
        """Returns once all messages were handed to the system, or the connection is closed."""
        while self._unsent and not self.closed:
            await self._next_wake()

    async def wait_closed(self) -> None:
        """Returns once the connection is closed."""
        while not self.closed:
            await self._next_wake()

    async def _next_wake(self) -> None:
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def close(self) -> None:
        """Closes the connection, without a call of `on_closed`."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._peer.fileno())
        self._loop.remove_writer(self._peer.fileno())
        self._wake()
        self._peer.close()
        for descriptor in self.take_descriptors():
            os.close(descriptor)

    def _drop(self) -> None:
        self.close()
        self._on_closed(self)

    def _read(self) -> None:
        try:
            data, descriptors = frames.receive(self._peer)
        except BlockingIOError:
            return
        except OSError:
            self._drop()
            return
        self._descriptors += descriptors
        if not data:
            self._drop()
            return
        try:
            messages = self._decoder.feed(data)
        except SessionError as error:
            self.send({"t": "refused", "say": str(error)})
            self._drop()
            return
        for message in messages:
            if not self.closed:
                self._on_message(self, message)
