"""A connection of the daemon: long messages to slow readers, and peers that go."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from tuinb.daemon import asking, connection, frames
from tuinb.daemon.connection import Connection
from tuinb.daemon.requests import answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import pytest

    from tuinb.daemon.frames import Message
    from tuinb.daemon.host import Host

LONG = "x" * 900_000


class Listed:
    """The part of the server that an answer needs: its session is listed."""

    async def listed(self) -> None:
        pass


HOST = cast("Host", Listed())


def nothing(*_: object) -> None:
    """Takes no notice."""


async def read(peer: socket.socket, count: int) -> list[Message]:
    """Returns the next messages."""
    decoder = frames.Decoder()
    found: list[Message] = []
    while len(found) < count:
        found += decoder.feed(await asyncio.get_running_loop().sock_recv(peer, 1 << 16))
    return found


async def test_what_has_no_room_is_sent_later_and_in_order() -> None:
    here, there = socket.socketpair()
    there.setblocking(False)
    to_peer = Connection(here, nothing, nothing)
    messages = [{"t": "part", "text": LONG, "number": number} for number in range(3)]
    for message in messages:
        to_peer.send(message)
    drained = asyncio.create_task(to_peer.drain())
    await asyncio.sleep(0)
    assert not drained.done()
    assert await read(there, 3) == messages
    await drained
    to_peer.send({"t": "answer"})
    assert await read(there, 1) == [{"t": "answer"}]
    to_peer.close()
    there.close()


async def test_a_peer_that_does_not_read_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_MOST_UNSENT", 1_000_000)
    here, there = socket.socketpair()
    gone: list[Connection] = []
    to_peer = Connection(here, nothing, gone.append)
    for _ in range(4):
        to_peer.send({"t": "part", "text": LONG})
    assert gone == [to_peer]
    assert to_peer.closed
    to_peer.send({"t": "answer"})
    await to_peer.drain()
    there.close()


async def test_a_stream_ends_with_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[bool] = []

    async def endless(host: Host, message: Message) -> AsyncGenerator[Message, None]:
        try:
            yield {"number": 1}
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    monkeypatch.setattr("tuinb.daemon.requests.STREAMS", {"endless": endless})
    here, there = socket.socketpair()
    there.setblocking(False)
    to_peer = Connection(here, nothing, nothing)
    served = asyncio.create_task(answer(HOST, to_peer, {"t": "ask", "what": "endless"}))
    assert await read(there, 1) == [{"t": "part", "number": 1}]
    there.close()
    await served
    assert ended == [True]


async def test_parts_come_before_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def long(host: Host, message: Message) -> AsyncGenerator[Message, None]:
        for _ in range(5):
            yield {"text": LONG}

    monkeypatch.setattr("tuinb.daemon.requests.STREAMS", {"long": long})
    here, there = socket.socketpair()
    to_peer = Connection(here, lambda peer, message: served.append(asyncio.create_task(serve(message))), nothing)
    served: list[asyncio.Task[None]] = []

    async def serve(message: Message) -> None:
        await answer(HOST, to_peer, message)

    found = await asyncio.to_thread(lambda: list(asking.stream(there, "long", 30)))
    assert [message["t"] for message in found] == ["part"] * 5 + ["answer"]
    assert all(message["text"] == LONG for message in found[:-1])
    to_peer.close()
    there.close()
