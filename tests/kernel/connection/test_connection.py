"""A connection, against a real ipykernel and against scripts that play a kernel."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zmq

from tests.kernel.support import Client
from tests.support import ROOT, wait_for
from tuinb.errors import KernelError, KernelStartError
from tuinb.kernel.connection.connection import Connection, Timing
from tuinb.kernel.connection.port import KernelDescription
from tuinb.kernel.launch.kernelspecs import KernelSpec, choose, find_all
from tuinb.kernel.launch.process import EndTiming, SpawnedProcess
from tuinb.kernel.launch.spawn import Launched, launch
from tuinb.kernel.protocol.events import (
    ExecuteInput,
    ExecuteReply,
    ExecuteResult,
    FromOther,
    InputRequest,
    KernelInfoReply,
    Malformed,
    MessageId,
    Status,
    Stream,
)
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    InterruptMeans,
    KernelConnected,
    KernelDied,
    KernelStarting,
)
from tuinb.kernel.protocol.requests import Execute, KernelInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tuinb.kernel.connection.port import KernelConnection

pytestmark = pytest.mark.kernel


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as short:
        monkeypatch.setenv("TMPDIR", short)
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
        yield Path(short)
        assert not any(Path(short).iterdir()), "left behind"
        assert not any((tmp_path / "runtime").glob("*")), "left behind"


def ipykernel() -> KernelSpec:
    return choose(None, notebook_dir=Path("/"), python=sys.executable)


def script(code: str) -> KernelSpec:
    """A kernelspec whose kernel is these lines of Python."""
    return KernelSpec("script", "Script", "x", (sys.executable, "-c", code, "{connection_file}"), env={"PYTHONPATH": str(ROOT)})


class LocalClient(Client):
    """A client of a child process."""

    def __init__(self, spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None) -> None:
        timing = timing or Timing()
        self.process = SpawnedProcess(spec, cwd, launched=launched, timing=timing.end)
        super().__init__(Connection(spec, self.process, timing))

    @property
    def pid(self) -> int:
        assert self.process.launched is not None
        return self.process.launched.process.pid


@asynccontextmanager
async def client_of(
    spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None
) -> AsyncIterator[LocalClient]:
    client = LocalClient(spec, cwd, launched=launched, timing=timing)
    try:
        yield client
    finally:
        await client.kernel.shut_down()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[LocalClient]:
    async with client_of(ipykernel(), tmp_path) as client:
        await client.kernel.open(client.hear)
        yield client


# ---- running


async def test_run_results_streams_and_order(client: LocalClient, tmp_path: Path) -> None:
    kernel: KernelConnection = client.kernel
    described = kernel.describe()
    assert client.process.launched is not None
    assert described.connection_file == str(client.process.launched.connection_file)
    known = KernelDescription("python3", "Python 3 (ipykernel)", "python", sys.executable)
    assert replace(described, connection_file="") == known
    assert client.events[0] == KernelStarting()
    assert client.events.count(KernelConnected()) == 1
    reply = await client.run("import os, sys; print('out'); print('err', file=sys.stderr); os.getcwd()")
    assert (reply.status, reply.count) == ("ok", 1)
    result = await client.wait(ExecuteResult)
    assert result.data["text/plain"] == repr(str(tmp_path))
    assert client.text() == "out\n"
    assert "err\n" in client.text("stderr")
    mine = [event for event in client.events if getattr(event, "parent", None) == reply.parent]
    published = [type(event) for event in mine if not isinstance(event, ExecuteReply | Stream)]
    assert published == [Status, ExecuteInput, ExecuteResult, Status]


async def test_what_is_sent_before_the_start_is_kept_in_order(tmp_path: Path) -> None:
    spec = ipykernel()
    async with client_of(spec, tmp_path, launched=launch(spec, tmp_path)) as client:
        requests = [client.send(f"print({number})") for number in range(3)]
        await client.kernel.open(client.hear)
        for request in requests:
            await client.done(request)
        assert client.text() == "0\n1\n2\n"


async def test_nothing_of_its_own_questions_is_heard(client: LocalClient) -> None:
    await client.run("1")
    client.kernel.interrupt(InterruptMeans.MESSAGE)
    client.kernel.send(KernelInfo(MessageId("info"), "control"))
    reply = await client.wait(KernelInfoReply)
    assert (reply.parent, reply.channel) == ("info", "control")
    parents = {getattr(event, "parent", "") for event in client.events}
    assert parents <= {"", "info", "request-1"}


async def test_a_flood_arrives_whole_and_leaves_the_loop_to_others(client: LocalClient) -> None:
    # By itself, the kernel's socket drops what it can't pass on within 1,000 messages, as happens on a busy machine.
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.create_task(others())
    await client.done(client.send("for i in range(5_000): print(i, flush=True)"))
    beside.cancel()
    assert client.text() == "".join(f"{number}\n" for number in range(5_000))
    assert turns > 20


# ---- interrupts


@pytest.mark.parametrize("means", list(InterruptMeans))
async def test_interrupt(client: LocalClient, means: InterruptMeans) -> None:
    for word, work in (("looping", "while True: pass"), ("sleeping", "__import__('time').sleep(600)")):
        request = client.send(f"print('{word}', flush=True)\n{work}")
        await client.text_ends(f"{word}\n")
        client.kernel.interrupt(means)
        reply = await client.done(request)
        assert (reply.status, reply.name) == ("error", "KeyboardInterrupt")
    assert (await client.run("print('alive')")).status == "ok"


@pytest.mark.parametrize("means", list(InterruptMeans))
async def test_interrupt_in_a_prompt(client: LocalClient, means: InterruptMeans) -> None:
    request = client.send("input()")
    await client.wait(InputRequest)
    client.kernel.interrupt(means)
    assert (await client.done(request)).name == "KeyboardInterrupt"
    assert (await client.run("print('alive')")).status == "ok"


# ---- restart and end


async def test_restart(client: LocalClient) -> None:
    await client.run("x = 1; print('first')")
    launched = client.process.launched
    assert launched is not None
    before, pid = launched.connection_file.read_text(), client.pid
    client.events.clear()
    await client.kernel.restart()
    assert client.events[0] == KernelStarting(restart=True)
    assert KernelConnected() in client.events
    assert (client.pid != pid, launched.connection_file.read_text()) == (True, before)
    assert (await client.run("x")).name == "NameError"
    assert not any(isinstance(event, KernelDied) for event in client.events)


async def test_restart_ends_what_does_not_listen(tmp_path: Path) -> None:
    timing = Timing(end=EndTiming(shutdown=0.2, terminate=0.1))
    async with client_of(ipykernel(), tmp_path, timing=timing) as client:
        await client.kernel.open(client.hear)
        client.send("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True)\nwhile True: pass")
        await wait_for(lambda: "on" in client.text())
        await client.kernel.restart()
        assert (await client.done(client.send("print('again')"))).status == "ok"


async def test_close_twice_and_before_the_start(tmp_path: Path) -> None:
    spec = ipykernel()
    launched = launch(spec, tmp_path)
    client = LocalClient(spec, tmp_path, launched=launched)
    await client.kernel.shut_down()
    await client.kernel.shut_down()
    assert launched.process.returncode is not None
    await LocalClient(spec, tmp_path).kernel.shut_down()


async def test_close_while_it_starts(tmp_path: Path) -> None:
    client = LocalClient(script("import time; time.sleep(600)"), tmp_path)
    starting = asyncio.create_task(client.kernel.open(client.hear))
    await wait_for(lambda: client.process.launched is not None)
    await client.kernel.shut_down()
    with pytest.raises(KernelStartError, match="closed"):
        await starting
    assert client.events == [KernelStarting()]


async def test_children_of_the_kernel_end_with_it(client: LocalClient) -> None:
    await client.run("import subprocess; child = subprocess.Popen(['sleep', '600']); print(child.pid)")
    child = int(client.text())
    os.kill(client.pid, signal.SIGKILL)
    await client.wait(KernelDied)
    await wait_for(lambda: not alive(child))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# ---- death


async def test_kill_9(client: LocalClient) -> None:
    request = client.send("print('on', flush=True)\nwhile True: pass")
    await wait_for(lambda: "on" in client.text())
    os.kill(client.pid, signal.SIGKILL)
    died = await client.wait(KernelDied)
    assert died.reason == "killed by SIGKILL (the system may have run out of memory)"
    assert not died.at_start
    client.kernel.send(Execute(request, "lost"))
    await client.kernel.restart()
    assert (await client.run("print('again')")).status == "ok"


async def test_exit_from_code(client: LocalClient) -> None:
    client.send("print('last words', flush=True); exit()")
    died = await client.wait(KernelDied)
    assert died.reason == "exited with code 0"
    assert client.text() == "last words\n"


async def test_abrupt_exit_with_words_on_stderr(client: LocalClient) -> None:
    client.send("import os; os.write(2, b'trouble'); os._exit(3)")
    died = await client.wait(KernelDied)
    assert (died.reason, died.stderr, died.at_start) == ("exited with code 3", "trouble", False)
    assert client.events[-1] == died


async def test_dies_at_start(tmp_path: Path) -> None:
    async with client_of(script("import sys; print('no module named x', file=sys.stderr); sys.exit(3)"), tmp_path) as client:
        with pytest.raises(KernelStartError, match="exited with code 3") as refused:
            await client.kernel.open(client.hear)
        assert refused.value.stderr == "no module named x"
        died = await client.wait(KernelDied)
        assert (died.reason, died.stderr, died.at_start) == ("exited with code 3", "no module named x", True)


async def test_no_such_program(tmp_path: Path) -> None:
    async with client_of(KernelSpec("k", "K", "x", ("/no/such/program",)), tmp_path) as client:
        with pytest.raises(KernelStartError, match="no such program"):
            await client.kernel.open(client.hear)
        assert (await client.wait(KernelDied)).at_start
        with pytest.raises(KernelStartError, match="no such program"):
            await client.kernel.restart()


async def test_sockets_that_can_not_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise zmq.ZMQError(errno.EMFILE)

    timing = Timing(end=EndTiming(terminate=0.1))
    async with client_of(script("import time; time.sleep(600)"), tmp_path, timing=timing) as client:
        with monkeypatch.context() as patch:
            patch.setattr("tuinb.kernel.connection.connection.ZmqChannels", refuse)
            with pytest.raises(KernelStartError, match="Too many open files"):
                await client.kernel.open(client.hear)
        assert (await client.wait(KernelDied)).at_start
        assert not alive(client.pid)


async def test_never_answers(tmp_path: Path) -> None:
    spec = KernelSpec("slow", "Slow", "x", ("sh", "-c", "echo thinking; exec sleep 600"))
    async with client_of(spec, tmp_path, timing=Timing(start=1.0, end=EndTiming(terminate=0.1))) as client:
        with pytest.raises(KernelStartError, match="did not answer within 1 s"):
            await client.kernel.open(client.hear)
        died = await client.wait(KernelDied)
        assert (died.at_start, died.stderr) == (True, "thinking")
        assert not alive(client.pid)


async def test_heartbeat(tmp_path: Path) -> None:
    async with client_of(ipykernel(), tmp_path, timing=Timing(heartbeat=0.05)) as client:
        await client.kernel.open(client.hear)
        await client.run("1")
        os.kill(client.pid, signal.SIGSTOP)
        await client.wait(HeartbeatLost)
        os.kill(client.pid, signal.SIGCONT)
        await client.wait(HeartbeatBack)
        assert not any(isinstance(event, KernelDied) for event in client.events)


async def test_the_log_is_the_end_of_what_it_wrote(client: LocalClient) -> None:
    assert await LocalClient(ipykernel(), Path("/")).kernel.log() == ""
    await client.run("import os; os.write(1, b'x' * 300_000 + b'the end \\xff'); None")
    log = await client.kernel.log()
    assert (len(log), log[-9:]) == (200_000, "the end \ufffd")
    assert client.process.launched is not None
    client.process.launched.log_path.unlink()
    with pytest.raises(KernelError, match="can't be read"):
        await client.kernel.log()


# ---- others on the wire


async def test_a_second_client_of_the_same_kernel(client: LocalClient) -> None:
    """`jupyter console --existing` finds the connection file, and neither hears the other's replies."""
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.connect import find_connection_file

    assert client.process.launched is not None
    file = client.process.launched.connection_file
    assert find_connection_file(file.stem.removeprefix("kernel-"), path=[str(file.parent)]) == str(file)
    second = AsyncKernelClient(connection_file=str(file))
    second.load_connection_file()
    second.start_channels()
    try:
        await second.wait_for_ready(timeout=20)
        await client.run("shared = 42")
        reply = await second.execute_interactive("print(shared)", output_hook=lambda message: None, timeout=20)
        assert reply["content"]["status"] == "ok"
        await client.wait(FromOther, lambda event: isinstance(event.event, Stream) and event.event.text.startswith("42"))
        assert not client.text()
        assert sum(isinstance(event, ExecuteReply) for event in client.events) == 1
    finally:
        second.stop_channels()


FAKE = """
import json, sys, zmq
from tuinb.kernel.protocol.wire import Wire
info = json.load(open(sys.argv[1]))
context = zmq.Context()
sockets = {}
for name, kind in (("shell", zmq.ROUTER), ("control", zmq.ROUTER), ("stdin", zmq.ROUTER), ("iopub", zmq.PUB), ("hb", zmq.REP)):
    sockets[name] = context.socket(kind)
    sockets[name].bind(f"{info['transport']}://{info['ip']}:{info[name + '_port']}")
wire = Wire(info["key"].encode(), "fake")
poller = zmq.Poller()
for socket in sockets.values():
    poller.register(socket, zmq.POLLIN)
while True:
    ready = dict(poller.poll())
    if sockets["hb"] in ready:
        sockets["hb"].send(sockets["hb"].recv())
    for name in ("shell", "control"):
        if sockets[name] in ready:
            identity, *frames = sockets[name].recv_multipart()
            message = wire.unpack(frames)
            if message.header["msg_type"] == "shutdown_request":
                sys.exit()
            answer(name, identity, message)
"""
SILENT_ON_IOPUB = """
def answer(name, identity, message):
    sockets[name].send_multipart([identity, *wire.pack("r", "kernel_info_reply", {"status": "ok"}, message.header)])
"""
BABBLING = (
    SILENT_ON_IOPUB
    + """
    status = wire.pack("s", "status", {"execution_state": "idle"}, message.header)
    sockets["iopub"].send_multipart([b"topic"])
    sockets["iopub"].send_multipart([b"topic", b"<IDS|MSG>", b"", b"{"])
    sockets["iopub"].send_multipart([b"t", *status[:1], b"0" * 64, *status[2:]])
    sockets["iopub"].send_multipart([b"t", *wire.pack("s", "stream", {"name": "stdout", "text": 7}, message.header)])
    sockets["iopub"].send_multipart([b"t", *status])
"""
)


async def test_a_kernel_over_tcp_is_encrypted_where_it_can_be(tmp_path: Path) -> None:
    own = find_all()["python3"]
    if not zmq.has("curve") or "supported_encryption" not in own.metadata:
        pytest.skip("this ipykernel or pyzmq has no CURVE")
    spec = replace(ipykernel(), other_interpreter=False, metadata={**own.metadata, "tuinb": {"transport": "tcp"}})
    async with client_of(spec, tmp_path) as client:
        await client.kernel.open(client.hear)
        for _ in range(2):
            await client.run("get_ipython().kernel.parent.curve_secretkey is not None")
            assert (await client.wait(ExecuteResult)).data["text/plain"] == "True"
            client.events.clear()
            await client.kernel.restart()
        assert client.process.launched is not None
        info = client.process.launched.info
        sockets: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        with sockets, sockets.socket(zmq.SocketType.DEALER) as eavesdropper:  # it knows the port and no key
            eavesdropper.setsockopt(zmq.LINGER, 0)
            failures = eavesdropper.get_monitor_socket(
                zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
            )
            eavesdropper.connect(f"tcp://{info['ip']}:{info['shell_port']}")
            assert await asyncio.to_thread(failures.poll, 20_000), "it was let in"
            eavesdropper.disable_monitor()
            failures.close()


async def test_a_kernel_over_tcp_that_publishes_no_status(tmp_path: Path) -> None:
    spec = script(SILENT_ON_IOPUB + FAKE)
    async with client_of(spec, tmp_path, timing=Timing(probe=0.05)) as client:
        await client.kernel.open(client.hear)
        assert client.events == [KernelStarting(), KernelConnected()]


async def test_garbage_is_an_event(tmp_path: Path) -> None:
    async with client_of(script(BABBLING + FAKE), tmp_path) as client:
        await client.kernel.open(client.hear)
        client.kernel.send(KernelInfo(MessageId("info")))
        await client.wait(Status, lambda event: event.parent == "info")
        reasons = {event.reason for event in client.events if isinstance(event, Malformed)}
        assert {"no delimiter", "2 parts after the delimiter, where 5 are needed", "wrong signature"} <= reasons
        assert any("text is int" in reason for reason in reasons)


async def test_the_kernels_socket_keeps_what_waits_and_nothing_is_left_behind(client: LocalClient) -> None:
    thread = "get_ipython().kernel.iopub_thread"
    await client.run(f"before = set(globals()); print({thread}.socket.get(__import__('zmq').SNDHWM), In[-1:], _oh)")
    assert client.text().startswith("0 [")
    await client.run("print(sorted(name for name in before if not name.startswith('_')))")
    assert client.text().endswith("['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']\n")
