"""What a websocket to a server asks of the system, and how long the connection waits between attempts."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from asyncio.trsock import TransportSocket
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection as Peer
from websockets.asyncio.server import serve

from tests.kernel.support import Client
from tests.server.support import Alone, answer
from tests.support import wait_for
from tuinb.kernel.connection.server import ServerConnection, ServerTiming
from tuinb.kernel.protocol.lifecycle import HeartbeatLost, Reconnected
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tuinb.server.kernels import KernelModel

TIMING = ServerTiming(first=0.5, ping=100.0)  # nothing but the test sends
QUICK_ACK = getattr(sockets, "TCP_QUICKACK", None)


class Away(Alone):
    """A kernel whose server does not answer until it is told to."""

    away = 0
    """How many looks fail before one succeeds."""

    def look(self) -> KernelModel | None:
        if self.away:
            self.away -= 1
            raise ServerError("nothing listens there")
        return self.model


@pytest.fixture
async def connected() -> AsyncIterator[tuple[Client, Away, list[Peer]]]:
    """A client of a kernel that answers questions about itself and nothing else, and the other end."""
    peers: list[Peer] = []

    async def handle(peer: Peer) -> None:
        peers.append(peer)
        async for data in peer:
            header = json.loads(data)["header"]
            if header["msg_type"] == "kernel_info_request":
                await peer.send(answer(header, "control", "kernel_info_reply"))

    async with serve(handle, "127.0.0.1", 0, ping_interval=None) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        kernel = Away(Server(f"http://127.0.0.1:{port}/"), "", "")
        client = Client(ServerConnection(kernel, TIMING))
        await client.kernel.open(client.hear)
        yield client, kernel, peers
        await client.kernel.shut_down()


@pytest.mark.skipif(QUICK_ACK is None, reason="this system has no TCP_QUICKACK")
async def test_acknowledgements_are_not_delayed_after_what_is_read_and_sent(
    connected: tuple[Client, Away, list[Peer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _, peers = connected
    asked: list[tuple[int, ...]] = []
    set_option = TransportSocket.setsockopt

    def watched(socket: TransportSocket, *option: int) -> None:
        set_option(socket, *option)
        if option[:2] == (sockets.IPPROTO_TCP, QUICK_ACK):
            asked.append(option)

    monkeypatch.setattr(TransportSocket, "setsockopt", watched)
    await peers[-1].send(answer({}, "iopub", "stream", name="stdout", text="read"))
    await wait_for(lambda: client.text() == "read")
    assert asked == [(sockets.IPPROTO_TCP, QUICK_ACK, 1)]
    client.send("1")  # nothing answers that
    await wait_for(lambda: len(asked) == 2)
    assert asked[0] == asked[1]


async def test_pauses_between_attempts_grow_to_half_a_minute(
    connected: tuple[Client, Away, list[Peer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, kernel, peers = connected
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def pass_by(seconds: float) -> None:
        if TIMING.first_pause <= seconds <= TIMING.last_pause:
            pauses.append(seconds)
            seconds = 0
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", pass_by)
    monkeypatch.setattr("random.uniform", lambda low, high: (low + high) / 2)
    kernel.away = 12
    await peers[-1].close()
    await client.wait(Reconnected)
    assert pauses == pytest.approx([0.5, 0.8, 1.28, 2.05, 3.28, 5.24, 8.39, 13.4, 21.5, 30, 30, 30], rel=0.01)
    lost = [event.reason for event in client.events if isinstance(event, HeartbeatLost)]
    assert len(lost) == 13
    assert "nothing listens there. Trying to connect again." in lost[-1]
