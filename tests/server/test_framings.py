"""A server or proxy that does not understand the newer framing of messages: the connection takes the older one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from websockets.asyncio.server import ServerConnection as Peer
from websockets.asyncio.server import serve

from tests.kernel.support import Client
from tests.server.support import Alone, answer
from tuinb.kernel.connection.server import ServerConnection, ServerTiming
from tuinb.kernel.protocol.websocket import SUBPROTOCOL
from tuinb.server.rest import Server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from websockets.typing import Subprotocol


@pytest.mark.parametrize("hidden", [False, True])
async def test_the_older_framing_where_the_newer_one_is_not_understood(hidden: bool) -> None:
    """`hidden`: the proxy tells only the server of the framing. Else it turns the bytes of both into text."""
    offered: list[str] = []

    async def handle(peer: Peer) -> None:
        assert peer.request is not None
        offer = peer.request.headers.get("Sec-WebSocket-Protocol", "")
        offered.append(offer)
        async for data in peer:
            if offer:
                continue  # it can't be read
            header = json.loads(data)["header"]
            if header["msg_type"] == "kernel_info_request":
                await peer.send(answer(header, "control", "kernel_info_reply"))
            else:
                await peer.send(answer(header, "iopub", "stream", name="stdout", text="understood"))
                await peer.send(answer(header, "shell", "execute_reply", status="ok"))
                await peer.send(answer(header, "iopub", "status", execution_state="idle"))

    def choose(_peer: Peer, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return offered[0] if offered and not hidden else None

    async with serve(handle, "127.0.0.1", 0, select_subprotocol=choose) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        kernel = ServerConnection(Alone(Server(f"http://127.0.0.1:{port}/"), "", ""), ServerTiming(first=0.1))
        client = Client(kernel)
        await kernel.open(client.hear)
        await client.run("1")
        assert client.text() == "understood"
        assert offered == [SUBPROTOCOL, ""]
        await kernel.shut_down()
