"""A connection to a kernel of a real server: reconnecting, deaths, restarts, other clients."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.kernel.support import Client
from tests.support import wait_for
from tuinb.errors import KernelError, KernelSpecError, KernelStartError
from tuinb.kernel.connection.server import ServerConnection, ServerTiming
from tuinb.kernel.protocol.events import ExecuteInput, FromOther, KernelInfoReply, MessageId, Stream
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelStarting,
    OutputDropped,
    Reconnected,
)
from tuinb.kernel.protocol.requests import KernelInfo
from tuinb.server.address import Secret
from tuinb.server.kernels import RemoteKernel
from tuinb.server.rest import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.support import JupyterServer, Relay

pytestmark = pytest.mark.server

QUICK = ServerTiming(first_pause=0.02, last_pause=0.1, probe=0.2, watch=1.0)


class ServerClient(Client):
    """A client of a kernel on a server."""

    def __init__(self, server: Server, file: str, wanted: str = "", timing: ServerTiming = QUICK) -> None:
        self.remote = RemoteKernel(server, file, wanted)
        super().__init__(ServerConnection(self.remote, timing))

    async def text_is(self, text: str) -> None:
        await wait_for(lambda: self.text() == text, what=text)

    def count(self, kind: type[object]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@asynccontextmanager
async def client_of(server: Server, file: str = "shared.ipynb", **options: object) -> AsyncIterator[ServerClient]:
    """Opens a notebook's kernel. Most tests share one, which goes on when they leave it."""
    client = ServerClient(server, file, **options)  # type: ignore[arg-type]
    await client.kernel.open(client.hear)
    try:
        yield client
    finally:
        await client.kernel.leave()


@pytest.fixture
async def client(jupyter: JupyterServer) -> AsyncIterator[ServerClient]:
    async with client_of(jupyter.server) as client:
        yield client


@pytest.fixture
async def over_relay(relay: Relay, jupyter: JupyterServer) -> AsyncIterator[ServerClient]:
    async with client_of(Server(relay.base, jupyter.server.token)) as client:
        yield client


async def test_a_notebooks_kernel_is_joined_and_goes_on(client: ServerClient, jupyter: JupyterServer) -> None:
    described = client.kernel.describe()
    assert (described.name, described.display_name, described.language) == ("python3", "Python 3 (ipykernel)", "python")
    assert described.server == jupyter.base
    assert client.kernel.pid is None
    await client.run("value = 42")
    async with client_of(jupyter.server, wanted="python3") as other:
        assert other.remote.model is not None
        assert client.remote.model is not None
        assert other.remote.model.id == client.remote.model.id
        assert other.events[-1] == KernelConnected(shared=True)
        await other.run("print(value)")
        await other.text_is("42\n")
        theirs = await client.wait(FromOther, lambda event: isinstance(event.event, ExecuteInput))
        assert theirs.parent == other.last
        assert client.text() == ""
    await client.run("print(value)")
    assert "The server has the log" in await client.kernel.log()


async def test_what_the_server_asks_in_our_name_is_no_message_of_ours(client: ServerClient) -> None:
    client.kernel.send(KernelInfo(MessageId("info")))
    await client.wait(KernelInfoReply)
    await client.run("1")
    parents = {getattr(event, "parent", None) for event in client.events if not isinstance(event, FromOther)} - {None}
    assert parents == {"info", client.last}


async def test_a_lost_connection_comes_back_and_what_was_kept_is_replayed(over_relay: ServerClient, relay: Relay) -> None:
    client = over_relay
    request = client.send("import time\nprint('before', flush=True)\ntime.sleep(0.5)\nprint('after')")
    await client.text_is("before\n")
    relay.refuses = True
    relay.cut()
    lost = await client.wait(HeartbeatLost)
    assert "Trying to connect again." in lost.reason
    later = client.send("print('queued')")
    await asyncio.sleep(0.7)
    relay.refuses = False
    await client.wait(Reconnected)
    await client.done(request)
    await client.done(later)
    assert client.text() == "before\nafter\nqueued\n"
    assert [event for event in client.events if isinstance(event, Reconnected)] == [Reconnected(lost=False)]
    assert client.count(KernelStarting) == 2


async def test_output_that_the_server_did_not_keep_is_said(
    over_relay: ServerClient, relay: Relay, jupyter: JupyterServer
) -> None:
    client = over_relay
    async with client_of(jupyter.server) as other:  # while another client is connected, nothing is kept
        client.send("import time\nprint('before', flush=True)\ntime.sleep(0.3)\nprint('after')")
        await client.text_is("before\n")
        relay.refuses = True
        relay.cut()
        await client.wait(HeartbeatLost)
        await other.wait(FromOther, lambda event: isinstance(event.event, Stream) and "after" in event.event.text)
        relay.refuses = False
        assert await client.wait(Reconnected) == Reconnected(lost=True)
        await client.run("print('next')")
        assert client.text() == "before\nnext\n"


async def test_a_connection_that_dies_silently_is_noticed_by_pings(jupyter: JupyterServer, relay: Relay) -> None:
    timing = ServerTiming(ping=0.1, pong=0.2, first_pause=0.02)
    async with client_of(Server(relay.base, jupyter.server.token), timing=timing) as client:
        relay.hang()
        await client.wait(HeartbeatLost)
        assert await client.wait(Reconnected) == Reconnected(lost=True)
        await client.run("print('back')")
        assert client.text() == "back\n"


async def test_restart(client: ServerClient, jupyter: JupyterServer) -> None:
    async with client_of(jupyter.server) as other:
        await other.run("gone = 1")
        await client.run("1")
        client.events.clear()
        await client.kernel.restart()
        life = [event for event in client.events if isinstance(event, KernelStarting | KernelConnected | KernelDied)]
        assert life == [KernelStarting(restart=True), KernelConnected()]
        assert (await client.run("gone")).name == "NameError"
        await other.wait(KernelStarting, lambda event: event.by_others)
        assert KernelStarting(restart=True, by_others=True) not in client.events
        await other.run("print('both')")
        assert other.text() == "both\n"


async def test_a_kernel_that_dies_is_restarted_by_its_server(client: ServerClient) -> None:
    client.send("import os; os._exit(7)")
    died = await client.wait(KernelDied)
    assert died.reason == "it died; the server restarts it"
    await wait_for(lambda: client.count(KernelConnected) == 2)
    assert KernelStarting(restart=True) in client.events
    assert (await client.run("print('alive')")).status == "ok"


async def test_an_interrupt_is_the_servers(client: ServerClient) -> None:
    request = client.send("import time\nprint('begun', flush=True)\ntime.sleep(60)")
    await client.text_is("begun\n")
    assert client.kernel.interrupt_means() == (InterruptMeans.MESSAGE,)
    client.kernel.interrupt(InterruptMeans.MESSAGE)
    assert (await client.done(request)).name == "KeyboardInterrupt"


async def test_a_flood_that_the_server_cuts_is_said(client: ServerClient) -> None:
    request = client.send("for n in range(16):\n    print('x' * 1_000_000, flush=True)")
    await client.done(request)
    dropped = await client.wait(OutputDropped)
    assert dropped.parent == request
    assert "faster than its limit" in dropped.reason
    assert "IOPub data rate exceeded" in client.text("stderr")
    assert len(client.text()) < 16_000_000


async def test_an_image_of_three_megabytes(client: ServerClient) -> None:
    await client.run("from IPython.display import display\ndisplay({'image/png': 'x' * 3_000_000}, raw=True)")
    assert client.count(HeartbeatLost) == 0


async def test_a_kernel_that_is_ended_elsewhere_and_one_that_is_ended_here(jupyter: JupyterServer) -> None:
    async with client_of(jupyter.server, "ended.ipynb") as client, client_of(jupyter.server, "ended.ipynb") as other:
        await other.kernel.shut_down()
        await other.kernel.shut_down()
        died = await client.wait(KernelDied)
        assert "its server has it no more" in died.reason
        client.send("1")
        assert not [each for each in jupyter.server.request("GET", "api/sessions") if each["path"] == "ended.ipynb"]
        with pytest.raises(KernelStartError, match="it was closed"):
            await other.kernel.restart()


async def test_a_gateway_gives_variables_to_its_kernels(gateway: JupyterServer) -> None:
    remote = RemoteKernel(gateway.server, "", "python3", environ={"KERNEL_OF_MINE": "yes"})
    client = Client(ServerConnection(remote, QUICK))
    await client.kernel.open(client.hear)
    await client.run("import os\nprint(os.environ.get('KERNEL_OF_MINE'))")
    await client.kernel.leave()
    assert client.text() == "yes\n"


async def test_a_kernel_without_a_session_ends_when_it_is_left(jupyter: JupyterServer) -> None:
    async with client_of(jupyter.server, "") as client:
        assert client.remote.model is not None
        assert client.events[-1] == KernelConnected(shared=False)
        await client.run("1")
    kernels = jupyter.server.request("GET", "api/kernels")
    assert client.remote.model.id not in {each["id"] for each in kernels}


@pytest.mark.parametrize(
    ("wanted", "token", "kind", "why"),
    [
        ("none", None, KernelSpecError, r"there is no kernel 'none' on the server \(:switch-kernel chooses one of .*python3"),
        ("", "wrong", KernelStartError, "it refuses the token"),
    ],
)
async def test_a_kernel_that_does_not_start(
    wanted: str, token: str | None, kind: type[KernelError], why: str, jupyter: JupyterServer
) -> None:
    server = Server(jupyter.base, Secret(token)) if token else jupyter.server
    client = ServerClient(server, "none.ipynb", wanted)
    with pytest.raises(kind, match=why):
        await client.kernel.open(client.hear)
    died = client.events[-1]
    assert isinstance(died, KernelDied)
    assert died.at_start
    client.send("1")
    await client.kernel.shut_down()


async def test_a_kernel_that_the_notebook_does_not_have_there(client: ServerClient, jupyter: JupyterServer) -> None:
    other = ServerClient(jupyter.server, "shared.ipynb", "other")
    with pytest.raises(KernelStartError, match="its kernel there is python3, not other"):
        await other.kernel.open(other.hear)
    await other.kernel.leave()
    await client.run("1")
