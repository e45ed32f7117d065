"""One connection of the daemon: messages in and out, on the event loop."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from tuinb.daemon import frames
from tuinb.errors import SessionError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Sequence

    from tuinb.daemon.frames import Message


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
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(peer.fileno(), self._read)
        self.closed = False

    def take_descriptors(self) -> list[int]:
        """Returns the descriptors that came. The caller closes them."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Sends a message. A peer that is gone, or does not read, is disconnected."""
        if self.closed:
            return
        try:
            frames.send(self._peer, message, descriptors)
        except OSError:
            self._drop()

    def close(self) -> None:
        """Closes the connection, without a call of `on_closed`."""
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._peer.fileno())
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
