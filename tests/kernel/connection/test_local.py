"""The local transport, against a real ipykernel."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
import zmq

from tests.support import ROOT, wait_for
from tuinb.errors import KernelStartError
from tuinb.kernel.connection.local import LocalKernel, Timing
from tuinb.kernel.launch.kernelspecs import KernelSpec, choose
from tuinb.kernel.launch.quirks import interrupt_means
from tuinb.kernel.launch.spawn import Launched, launch
from tuinb.kernel.protocol.events import (
    CompleteReply,
    Event,
    ExecuteInput,
    ExecuteReply,
    ExecuteResult,
    Garbage,
    InputRequest,
    KernelInfoReply,
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
from tuinb.kernel.protocol.requests import Complete, Execute, InputReply, KernelInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from tuinb.kernel.connection.port import Transport

E = TypeVar("E")
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


class Client:
    """A kernel and all that it was heard to say."""

    def __init__(self, spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None) -> None:
        self.kernel = LocalKernel(spec, cwd, launched=launched, timing=timing or Timing())
        self.events: list[Event] = []
        self.last = MessageId("")
        self._ids = 0

    def hear(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def send(self, code: str) -> MessageId:
        self._ids += 1
        self.last = MessageId(f"request-{self._ids}")
        self.kernel.send(Execute(self.last, code))
        return self.last

    async def run(self, code: str) -> ExecuteReply:
        return await self.done(self.send(code))

    async def done(self, request: MessageId) -> ExecuteReply:
        """The reply, once the idle is there, too."""
        await self.wait(Status, lambda event: event.parent == request and event.state == "idle")
        return await self.wait(ExecuteReply, lambda event: event.parent == request)

    async def wait(self, kind: type[E], that: Callable[[E], bool] = lambda _: True) -> E:
        def found() -> bool:
            return any(isinstance(event, kind) and that(event) for event in self.events)

        await wait_for(found, what=kind.__name__)
        return next(event for event in self.events if isinstance(event, kind) and that(event))

    def text(self, name: str = "stdout") -> str:
        return "".join(event.text for event in self.events if isinstance(event, Stream) and event.name == name)

    @property
    def pid(self) -> int:
        assert self.kernel._launched is not None
        return self.kernel._launched.process.pid


@asynccontextmanager
async def client_of(
    spec: KernelSpec, cwd: Path, *, launched: Launched | None = None, timing: Timing | None = None
) -> AsyncIterator[Client]:
    client = Client(spec, cwd, launched=launched, timing=timing)
    try:
        yield client
    finally:
        await client.kernel.close()


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with client_of(ipykernel(), tmp_path) as client:
        await client.kernel.start(client.hear)
        yield client


# ---- running


async def test_run_results_streams_and_order(client: Client, tmp_path: Path) -> None:
    transport: Transport = client.kernel
    assert (transport.name, transport.display_name, transport.interpreter) == (
        "python3",
        "Python 3 (ipykernel)",
        sys.executable,
    )
    assert transport.log_path.endswith(".log")
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
        await client.kernel.start(client.hear)
        for request in requests:
            await client.done(request)
        assert client.text() == "0\n1\n2\n"


async def test_nothing_of_its_own_questions_is_heard(client: Client) -> None:
    await client.run("1")
    client.kernel.interrupt(InterruptMeans.MESSAGE)
    client.kernel.send(KernelInfo(MessageId("info"), "control"))
    reply = await client.wait(KernelInfoReply)
    assert (reply.parent, reply.channel) == ("info", "control")
    parents = {getattr(event, "parent", "") for event in client.events}
    assert parents <= {"", "info", "request-1"}


async def test_completion(client: Client) -> None:
    await client.run("%config Completer.use_jedi = False\nvalue_of_mine = 1")
    client.kernel.send(Complete(MessageId("complete"), "value_of_", 9))
    assert (await client.wait(CompleteReply)).matches == ("value_of_mine",)


async def test_a_flood_arrives_whole_and_leaves_the_loop_to_others(client: Client) -> None:
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


async def test_a_large_message(client: Client) -> None:
    await client.run("print('x' * 5_000_000)")
    assert len(client.text()) == 5_000_001


# ---- prompts


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


# ---- interrupts


@pytest.mark.parametrize("means", list(InterruptMeans))
async def test_interrupt(client: Client, means: InterruptMeans) -> None:
    for code in (
        "print('looping', flush=True)\nwhile True: pass",
        "print('sleeping', flush=True)\n__import__('time').sleep(600)",
    ):
        request = client.send(code)
        await client.wait(Stream, lambda event: event.text.endswith("ing\n") and event.parent == client.last)
        client.kernel.interrupt(means)
        reply = await client.done(request)
        assert (reply.status, reply.name) == ("error", "KeyboardInterrupt")
    assert (await client.run("print('alive')")).status == "ok"


@pytest.mark.parametrize("means", list(InterruptMeans))
async def test_interrupt_in_a_prompt(client: Client, means: InterruptMeans) -> None:
    request = client.send("input()")
    await client.wait(InputRequest)
    client.kernel.interrupt(means)
    assert (await client.done(request)).name == "KeyboardInterrupt"
    assert (await client.run("print('alive')")).status == "ok"


def test_means() -> None:
    message, both, signal_only = (InterruptMeans.MESSAGE,), tuple(InterruptMeans), (InterruptMeans.SIGNAL,)
    for argv, mode, means in (
        (("python", "-m", "ipykernel_launcher"), "signal", both),
        (("python", "-m", "bash_kernel"), "signal", both),
        (("R", "-e", "IRkernel::main()"), "signal", signal_only),
        (("tslab", "kernel"), "signal", signal_only),
        (("deno", "jupyter"), "signal", message),
        (("ark",), "message", message),
        (("xpython", "-f"), "signal", ()),
    ):
        assert interrupt_means(KernelSpec("k", "K", "x", argv, interrupt_mode=mode)) == means


# ---- restart and end


async def test_restart(client: Client) -> None:
    await client.run("x = 1; print('first')")
    launched = client.kernel._launched
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
    timing = Timing(shutdown=0.2, terminate=0.1)
    async with client_of(ipykernel(), tmp_path, timing=timing) as client:
        await client.kernel.start(client.hear)
        client.send("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True)\nwhile True: pass")
        await wait_for(lambda: "on" in client.text())
        await client.kernel.restart()
        assert (await client.done(client.send("print('again')"))).status == "ok"


async def test_close_twice_and_before_the_start(tmp_path: Path) -> None:
    spec = ipykernel()
    launched = launch(spec, tmp_path)
    client = Client(spec, tmp_path, launched=launched)
    await client.kernel.close()
    await client.kernel.close()
    assert launched.process.returncode is not None
    await Client(spec, tmp_path).kernel.close()


async def test_close_while_it_starts(tmp_path: Path) -> None:
    client = Client(script("import time; time.sleep(600)"), tmp_path)
    starting = asyncio.create_task(client.kernel.start(client.hear))
    await wait_for(lambda: bool(client.kernel.log_path))
    await client.kernel.close()
    with pytest.raises(KernelStartError, match="closed"):
        await starting
    assert client.events == [KernelStarting()]


async def test_children_of_the_kernel_end_with_it(client: Client) -> None:
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


async def test_kill_9(client: Client) -> None:
    request = client.send("print('on', flush=True)\nwhile True: pass")
    await wait_for(lambda: "on" in client.text())
    os.kill(client.pid, signal.SIGKILL)
    died = await client.wait(KernelDied)
    assert died.reason == "killed by SIGKILL (the system may have run out of memory)"
    assert not died.at_start
    client.kernel.send(Execute(request, "lost"))
    await client.kernel.restart()
    assert (await client.run("print('again')")).status == "ok"


async def test_exit_from_code(client: Client) -> None:
    client.send("print('last words', flush=True); exit()")
    died = await client.wait(KernelDied)
    assert died.reason == "exited with code 0"
    assert client.text() == "last words\n"


async def test_abrupt_exit_with_words_on_stderr(client: Client) -> None:
    client.send("import os; os.write(2, b'trouble'); os._exit(3)")
    died = await client.wait(KernelDied)
    assert (died.reason, died.stderr, died.at_start) == ("exited with code 3", "trouble", False)
    assert client.events[-1] == died


async def test_dies_at_start(tmp_path: Path) -> None:
    async with client_of(script("import sys; print('no module named x', file=sys.stderr); sys.exit(3)"), tmp_path) as client:
        with pytest.raises(KernelStartError, match="exited with code 3") as refused:
            await client.kernel.start(client.hear)
        assert refused.value.stderr == "no module named x"
        died = await client.wait(KernelDied)
        assert (died.reason, died.stderr, died.at_start) == ("exited with code 3", "no module named x", True)


async def test_no_such_program(tmp_path: Path) -> None:
    async with client_of(KernelSpec("k", "K", "x", ("/no/such/program",)), tmp_path) as client:
        with pytest.raises(KernelStartError, match="no such program"):
            await client.kernel.start(client.hear)
        assert (await client.wait(KernelDied)).at_start
        with pytest.raises(KernelStartError, match="no such program"):
            await client.kernel.restart()


async def test_sockets_that_can_not_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise zmq.ZMQError(errno.EMFILE)

    async with client_of(script("import time; time.sleep(600)"), tmp_path, timing=Timing(terminate=0.1)) as client:
        with monkeypatch.context() as patch:
            patch.setattr("tuinb.kernel.connection.local.Channels", refuse)
            with pytest.raises(KernelStartError, match="Too many open files"):
                await client.kernel.start(client.hear)
        assert (await client.wait(KernelDied)).at_start
        assert not alive(client.pid)


async def test_never_answers(tmp_path: Path) -> None:
    spec = KernelSpec("slow", "Slow", "x", ("sh", "-c", "echo thinking; exec sleep 600"))
    async with client_of(spec, tmp_path, timing=Timing(start=1.0, terminate=0.1)) as client:
        with pytest.raises(KernelStartError, match="did not answer within 1 s"):
            await client.kernel.start(client.hear)
        died = await client.wait(KernelDied)
        assert (died.at_start, died.stderr) == (True, "thinking")
        assert not alive(client.pid)


async def test_heartbeat(tmp_path: Path) -> None:
    async with client_of(ipykernel(), tmp_path, timing=Timing(heartbeat=0.05)) as client:
        await client.kernel.start(client.hear)
        await client.run("1")
        os.kill(client.pid, signal.SIGSTOP)
        await client.wait(HeartbeatLost)
        os.kill(client.pid, signal.SIGCONT)
        await client.wait(HeartbeatBack)
        assert not any(isinstance(event, KernelDied) for event in client.events)


# ---- others on the wire


async def test_a_second_client_of_the_same_kernel(client: Client) -> None:
    """`jupyter console --existing` finds the connection file, and neither hears the other's replies."""
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.connect import find_connection_file

    assert client.kernel._launched is not None
    file = client.kernel._launched.connection_file
    assert find_connection_file(file.stem.removeprefix("kernel-"), path=[str(file.parent)]) == str(file)
    second = AsyncKernelClient(connection_file=str(file))
    second.load_connection_file()
    second.start_channels()
    try:
        await second.wait_for_ready(timeout=20)
        await client.run("shared = 42")
        reply = await second.execute_interactive("print(shared)", output_hook=lambda message: None, timeout=20)
        assert reply["content"]["status"] == "ok"
        await client.wait(Stream, lambda event: event.text == "42\n")
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


async def test_a_kernel_over_tcp_that_publishes_no_status(tmp_path: Path) -> None:
    spec = script(SILENT_ON_IOPUB + FAKE)
    async with client_of(spec, tmp_path, timing=Timing(probe=0.05)) as client:
        await client.kernel.start(client.hear)
        assert client.events == [KernelStarting(), KernelConnected()]


async def test_garbage_is_an_event(tmp_path: Path) -> None:
    async with client_of(script(BABBLING + FAKE), tmp_path) as client:
        await client.kernel.start(client.hear)
        client.kernel.send(KernelInfo(MessageId("info")))
        await client.wait(Status, lambda event: event.parent == "info")
        reasons = {event.reason for event in client.events if isinstance(event, Garbage)}
        assert {"no delimiter", "2 parts after the delimiter, where 5 are needed", "wrong signature"} <= reasons
        assert any("text is int" in reason for reason in reasons)


async def test_the_kernels_socket_keeps_what_waits_and_nothing_is_left_behind(client: Client) -> None:
    thread = "get_ipython().kernel.iopub_thread"
    await client.run(f"before = set(globals()); print({thread}.socket.get(__import__('zmq').SNDHWM), In[-1:], _oh)")
    assert client.text().startswith("0 [")
    await client.run("print(sorted(name for name in before if not name.startswith('_')))")
    assert client.text().endswith("['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']\n")
