"""The same tests of running code against each way to reach a kernel.

    local        a process that tuinb spawned
    existing     a process that tuinb did not start, by its connection file
    server       a kernel of a Jupyter server, over its websocket
    gateway      a kernel of a Jupyter Kernel Gateway
    provisioner  a kernel that a plug-in of jupyter_client starts

Each has one kernel for all tests. They follow one another on it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.kernel.launch.test_provisioned import forget_plugins, install_plugin, write_spec
from tests.kernel.support import Client
from tests.support import wait_for
from tuinb.kernel.connection.connection import Connection, attach, connect
from tuinb.kernel.connection.server import ServerConnection
from tuinb.kernel.launch.connection_files import find
from tuinb.kernel.launch.kernelspecs import choose
from tuinb.kernel.launch.process import SpawnedProcess
from tuinb.kernel.protocol.events import (
    CommClosed,
    CommMessage,
    CommOpen,
    CompleteReply,
    DisplayData,
    ErrorOutput,
    ExecuteInput,
    ExecuteReply,
    ExecuteResult,
    InputRequest,
    InspectReply,
    MessageId,
    Status,
    Stream,
    SubshellReply,
)
from tuinb.kernel.protocol.lifecycle import KernelConnected, KernelDied, KernelStarting
from tuinb.kernel.protocol.requests import (
    CommSend,
    Complete,
    CreateSubshell,
    DeleteSubshell,
    InputReply,
    Inspect,
    Route,
)
from tuinb.server.kernels import RemoteKernel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.server.support import JupyterServer

pytestmark = [pytest.mark.kernel, pytest.mark.server, pytest.mark.asyncio(loop_scope="module")]


@asynccontextmanager
async def opened(client: Client) -> AsyncIterator[Client]:
    await client.kernel.open(client.hear)
    try:
        yield client
    finally:
        await client.kernel.shut_down()


def local(folder: Path) -> Client:
    spec = choose(None, notebook_dir=Path("/"), python=sys.executable)
    return Client(Connection(spec, SpawnedProcess(spec, folder)))


def provisioned(folder: Path, patch: pytest.MonkeyPatch) -> Client:
    patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # else the kernel may print a warning before it is connected
    install_plugin(folder, patch)
    forget_plugins()
    stanza = {"provisioner_name": "test-plugin", "config": {}}
    write_spec(folder, {"argv": [], "metadata": {"kernel_provisioner": stanza}})
    return Client(connect(choose("far", notebook_dir=folder), folder))


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["local", "existing", "server", "gateway", "provisioner"])
async def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with AsyncExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp", prefix="t"))
        patch.setenv("TMPDIR", folder)
        patch.setenv("JUPYTER_RUNTIME_DIR", f"{folder}/runtime")
        if request.param in ("server", "gateway"):
            running: JupyterServer = request.getfixturevalue("jupyter" if request.param == "server" else "gateway")
            file = "transports.ipynb" if request.param == "server" else ""
            client = Client(ServerConnection(RemoteKernel(running.server, file, "python3")))
        elif request.param == "provisioner":
            client = provisioned(tmp_path_factory.mktemp("provisioner"), patch)
            stack.callback(forget_plugins)
        else:
            client = local(tmp_path_factory.mktemp("local"))
        await stack.enter_async_context(opened(client))
        if request.param == "existing":
            await client.run("1")  # iopub may be connected before the kernel listens everywhere
            found = find(client.kernel.describe().connection_file, None, os.environ)
            client = await stack.enter_async_context(opened(Client(attach(found))))
        yield client


@pytest.fixture
def client(kernel: Client) -> Client:
    kernel.events.clear()
    return kernel


async def test_results_streams_errors_and_their_order(client: Client) -> None:
    request = client.send("import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 + 1")
    reply = await client.done(request)
    own = [event for event in client.events if getattr(event, "parent", None) == request]
    shown = [event for event in own if not isinstance(event, ExecuteReply)]
    # A kernel that is slow sends what one print wrote in pieces.
    kinds = [(kind, name) for (kind, name), _ in groupby(shown, lambda event: (type(event), getattr(event, "name", "")))]
    streams = [(Stream, "stdout"), (Stream, "stderr")]
    assert kinds == [(Status, ""), (ExecuteInput, ""), *streams, (ExecuteResult, ""), (Status, "")]
    assert reply.status == "ok"
    (result,) = [event for event in own if isinstance(event, ExecuteResult)]
    assert (result.data["text/plain"], result.count) == ("2", reply.count)
    assert (await client.run("1 / 0")).name == "ZeroDivisionError"
    error = await client.wait(ErrorOutput)
    assert error.parent == client.last
    assert (await client.run("'queued behind an error'")).status == "ok"


async def test_a_display_and_a_large_message(client: Client) -> None:
    await client.run("from IPython.display import display\ndisplay({'image/png': 'x' * 5_000_000}, raw=True)")
    assert len((await client.wait(DisplayData)).data["image/png"]) == 5_000_000


async def test_many_small_messages_arrive_whole_and_in_order(client: Client) -> None:
    await client.run("for i in range(800): print(i, flush=True)")
    assert client.text() == "".join(f"{number}\n" for number in range(800))


@pytest.mark.parametrize(
    ("code", "hidden"), [("print(input('name? '))", False), ("import getpass; print(getpass.getpass('name? '))", True)]
)
async def test_prompts(client: Client, code: str, *, hidden: bool) -> None:
    request = client.send(code)
    prompt = await client.wait(InputRequest)
    assert (prompt.parent, prompt.prompt, prompt.password) == (request, "name? ", hidden)
    client.kernel.send(InputReply(MessageId("answer"), prompt.id, "Ada"))
    assert (await client.done(request)).status == "ok"
    assert client.text() == "Ada\n"


async def test_several_prompts(client: Client) -> None:
    request = client.send("print([input(), input(), input()])")
    answered: set[MessageId] = set()
    for answer in "abc":
        prompt = await client.wait(InputRequest, lambda event: event.id not in answered)
        answered.add(prompt.id)
        client.kernel.send(InputReply(MessageId(f"answer-{answer}"), prompt.id, answer))
    await client.done(request)
    assert client.text() == "['a', 'b', 'c']\n"


async def test_completion_and_documentation(client: Client) -> None:
    await client.run("%config Completer.use_jedi = False\nvalue_of_mine = 1")
    client.kernel.send(Complete(MessageId("complete"), "value_of_", 9))
    assert (await client.wait(CompleteReply)).matches == ("value_of_mine",)
    client.kernel.send(Inspect(MessageId("inspect"), "print", 5))
    assert (await client.wait(InspectReply)).found


async def test_a_subshell_completes_while_a_cell_runs(client: Client) -> None:
    await client.run("%config Completer.use_jedi = False\nvalue_of_mine = 1")
    asked = client.send("input()")
    prompt = await client.wait(InputRequest)
    client.kernel.send(CreateSubshell(MessageId("create")))
    subshell = (await client.wait(SubshellReply)).subshell
    client.kernel.send(Complete(MessageId("while"), "value_of_", 9, Route("shell", subshell)))
    assert (await client.wait(CompleteReply)).matches == ("value_of_mine",)
    assert not any(isinstance(event, ExecuteReply) and event.parent == asked for event in client.events)
    client.kernel.send(DeleteSubshell(MessageId("delete"), subshell))
    await wait_for(lambda: SubshellReply(MessageId("delete"), "") in client.events)
    client.kernel.send(InputReply(MessageId("answer"), prompt.id, ""))
    await client.done(asked)


async def test_comms(client: Client) -> None:
    await client.run(
        "from comm import create_comm\nmine = create_comm('target', {'a': 1}, buffers=[b'\\x00buffer'])\n"
        "mine.on_msg(lambda message: mine.send({'back': message['content']['data']}))"
    )
    there = await client.wait(CommOpen)
    assert (there.target, there.data, there.buffers) == ("target", {"a": 1}, (b"\x00buffer",))
    client.kernel.send(CommSend(MessageId("say"), there.comm_id, {"b": 2}))
    assert (await client.wait(CommMessage)).data == {"back": {"b": 2}}
    await client.run("mine.close()")
    await client.wait(CommClosed)


@pytest.mark.parametrize("code", ["while True: pass", "__import__('time').sleep(600)", "input()"])
async def test_the_gentlest_interrupt(client: Client, code: str) -> None:
    request = client.send(f"print('begun', flush=True)\n{code}")
    await client.wait(Stream)
    if code == "input()":
        await client.wait(InputRequest)
    client.kernel.interrupt(client.kernel.interrupt_means()[0])
    reply = await client.done(request)
    assert (reply.status, reply.name) == ("error", "KeyboardInterrupt")
    assert (await client.run("1")).status == "ok"


async def test_a_kernel_that_dies_is_told_and_restarted(client: Client, request: pytest.FixtureRequest) -> None:
    how = request.node.callspec.params["kernel"]
    if how == "existing":
        pytest.skip("nobody restarts a kernel that somebody else started")
    client.send("import os\nos._exit(7)")
    await client.wait(KernelDied)
    if how in ("server", "gateway"):  # their servers do it by themselves
        await client.wait(KernelConnected)
    else:
        await client.kernel.restart()
    assert (await client.run("'again'")).status == "ok"
    assert (await client.wait(ExecuteResult)).data["text/plain"] == "'again'"


async def test_a_restart_forgets_all_and_keeps_the_connection(client: Client, request: pytest.FixtureRequest) -> None:
    if request.node.callspec.params["kernel"] == "existing":
        pytest.skip("nobody restarts a kernel that somebody else started")
    await client.run("import os\ngone = os.getpid()")
    waits = client.send("print('begun', flush=True)\nimport time\ntime.sleep(600)")
    await wait_for(lambda: client.text() == "begun\n")
    client.events.clear()
    await client.kernel.restart()
    life = [event for event in client.events if isinstance(event, KernelStarting | KernelConnected | KernelDied)]
    assert life == [KernelStarting(restart=True), KernelConnected()]
    assert not any(isinstance(event, ExecuteReply) and event.parent == waits for event in client.events)
    assert (await client.run("gone")).name == "NameError"
    assert (await client.run("1 + 1")).count == 2
    assert (await client.wait(ExecuteResult)).data["text/plain"] == "2"
    waits = client.send("print('begun', flush=True)\nwhile True: pass")
    await wait_for(lambda: client.text() == "begun\n")  # its debugger may have warned on stderr before
    client.kernel.interrupt(client.kernel.interrupt_means()[0])  # the new process is the one that is interrupted
    assert (await client.done(waits)).name == "KeyboardInterrupt"
