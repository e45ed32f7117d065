"""A scripted kernel behind a websocket that a server restarts: its sockets are connected again one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection as Peer
from websockets.asyncio.server import serve

from tests.kernel.support import Client
from tests.server.support import Alone, answer
from tests.support import wait_for
from tuinb.kernel.connection.server import ServerConnection, ServerTiming
from tuinb.kernel.protocol.lifecycle import KernelConnected, KernelDied
from tuinb.server.rest import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def connected() -> AsyncIterator[tuple[Client, list[Peer], list[str]]]:
    """A client, what it is connected to, and the channels on which kernel_info requests are answered."""
    peers: list[Peer] = []
    channels = ["shell", "iopub"]

    async def handle(peer: Peer) -> None:
        peers.append(peer)
        async for data in peer:
            header = json.loads(data)["header"]
            if "shell" in channels:
                await peer.send(answer(header, "shell", "kernel_info_reply"))
            if "iopub" in channels:
                await peer.send(answer(header, "iopub", "status", execution_state="idle"))

    async with serve(handle, "127.0.0.1", 0) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        timing = ServerTiming(first=0.5, probe=0.02, restart=1.0)
        client = Client(ServerConnection(Alone(Server(f"http://127.0.0.1:{port}/"), "", ""), timing))
        await client.kernel.open(client.hear)
        client.events.clear()
        yield client, peers, channels
        await client.kernel.shut_down()


async def restart(peer: Peer) -> None:
    """Tells as a server does that it restarts the kernel."""
    await peer.send(answer({}, "iopub", "status", execution_state="restarting"))


@pytest.mark.parametrize("first", ["shell", "iopub"])
async def test_it_is_connected_once_replies_and_outputs_arrive(
    connected: tuple[Client, list[Peer], list[str]], first: str
) -> None:
    client, peers, channels = connected
    channels[:] = [first]
    await restart(peers[-1])
    await client.wait(KernelDied)
    for _ in range(10):
        await (await peers[-1].ping())
    assert KernelConnected() not in client.events
    channels[:] = ["iopub", "shell"]
    await client.wait(KernelConnected)


async def test_one_without_outputs_has_not_answered(connected: tuple[Client, list[Peer], list[str]]) -> None:
    client, peers, channels = connected
    channels[:] = ["shell"]
    await restart(peers[-1])
    await wait_for(lambda: sum(isinstance(event, KernelDied) for event in client.events) == 2)
    assert KernelConnected() not in client.events
