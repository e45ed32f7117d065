"""The sockets of a connection: their addresses, and messages to and from jupyter_client's own."""

from __future__ import annotations

import asyncio
import json
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

from tests.support import wait_for
from tuinb.errors import KernelStartError
from tuinb.kernel.connection.zmq_channels import ZmqChannels
from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.kernel.launch.spawn import connection_info
from tuinb.kernel.protocol.codec import parse
from tuinb.kernel.protocol.events import Channel, Event, KernelInfoReply, Malformed, Stream
from tuinb.kernel.protocol.wire import Wire, WireMessage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHANNELS = ("shell", "control", "stdin", "iopub")


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path leaves room for sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as folder:
        yield Path(folder)


def written_by_jupyter(folder: Path, transport: str) -> dict[str, Any]:
    """A connection file of jupyter_client's making."""
    ip = str(folder / "kernel") if transport == "ipc" else "127.0.0.1"
    file, _ = write_connection_file(str(folder / "kernel.json"), transport=transport, ip=ip, key=b"a key")
    info: dict[str, Any] = json.loads(Path(file).read_text())
    return info


def written_by_us(folder: Path, transport: str) -> dict[str, Any]:
    return dict(connection_info(KernelSpec("k", "K", "x", (), metadata={"tuinb": {"transport": transport}}), folder))


def ignore(_events: Sequence[Event]) -> None:
    pass


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
@pytest.mark.parametrize("write", [written_by_us, written_by_jupyter])
async def test_addresses_are_those_that_jupyter_client_connects_to(write: Any, transport: str, short: Path) -> None:  # noqa: ANN401
    info = write(short, transport)
    client = BlockingKernelClient()
    client.load_connection_info(info)
    channels = ZmqChannels(info, "session", lambda channel, message: parse(channel, *message), ignore)
    try:
        for name in CHANNELS:
            with getattr(client, f"connect_{name}")() as theirs:
                theirs.linger = 0
                assert channels._sockets[name].getsockopt(zmq.LAST_ENDPOINT) == theirs.getsockopt(zmq.LAST_ENDPOINT)  # type: ignore[index]
    finally:
        channels.close()
        client.context.term()


@pytest.mark.parametrize(
    "security",
    [
        {"key": b"bytes, as a KernelManager has it"},
        {"key": "text, as a file has it"},
        {"key": "long", "signature_scheme": "hmac-sha512"},
        {"key": ""},
        {"key": b"encrypted", "curve": True},
    ],
)
async def test_messages_pass_to_and_from_jupyter_clients_session(security: dict[str, Any], short: Path) -> None:
    """Its session plays the kernel, behind sockets of its own."""
    events: list[Event] = []
    key, scheme = security["key"], security.get("signature_scheme", "hmac-sha256")
    info = written_by_us(short, "ipc") | {"key": key, "signature_scheme": scheme}
    public, secret = zmq.curve_keypair()
    if "curve" in security:
        info |= {"curve_publickey": public.decode(), "curve_secretkey": secret.decode()}
    session = Session(key=key if isinstance(key, bytes) else key.encode(), signature_scheme=scheme)
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context())
        sockets = {}
        for name, kind in (("shell", zmq.SocketType.ROUTER), ("iopub", zmq.SocketType.PUB)):
            socket = sockets[name] = stack.enter_context(context.socket(kind))
            socket.linger = 0
            if "curve" in security:
                socket.curve_server, socket.curve_publickey, socket.curve_secretkey = True, public, secret
            socket.bind(f"ipc://{info['ip']}-{info[f'{name}_port']}")
        channels = ZmqChannels(info, "session", lambda channel, message: parse(channel, *message), events.extend)
        stack.callback(channels.close)
        channels.send("shell", "id-1", "execute_request", {"code": "é"})

        async def answered() -> bool:
            """Publishes until the subscription has come through."""
            session.send(sockets["iopub"], "stream", {"name": "stdout", "text": "ü"}, parent=request, ident=b"topic")
            return bool(events)

        await wait_for(lambda: bool(sockets["shell"].poll(0)))
        identity, request = session.recv(sockets["shell"], mode=0)
        assert identity == [b"session"]
        assert request is not None
        assert (request["header"]["msg_id"], request["content"]) == ("id-1", {"code": "é"})
        await wait_for(answered)
        assert isinstance(events[0], Stream)
        assert (events[0].parent, events[0].text) == ("id-1", "ü")


async def test_encryption_that_zmq_can_not_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zmq, "has", lambda _what: False)
    info = {"key": "", "curve_publickey": "public", "curve_secretkey": "secret"}
    with pytest.raises(KernelStartError, match="encrypted with CURVE"):
        ZmqChannels(info, "session", lambda _channel, _message: None, ignore)


async def test_a_signature_that_is_unknown() -> None:
    with pytest.raises(KernelStartError, match="signature scheme 'hmac-rot13' is unknown"):
        ZmqChannels({"key": b"key", "signature_scheme": "hmac-rot13"}, "session", lambda _channel, _message: None, ignore)


class Publisher:
    """Publishes on iopub and answers on shell, for one client. LARGE is small here."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        stack.enter_context(patch("tuinb.kernel.connection.zmq_channels.LARGE", 2_000))
        stack.enter_context(patch("tuinb.kernel.protocol.wire._PIECE", 1_000))
        info = written_by_us(folder, "ipc") | {"key": "key"}
        self.session = Session(key=b"key")
        context = stack.enter_context(zmq.Context())
        self.sockets = {}
        for name, kind in (("shell", zmq.SocketType.ROUTER), ("iopub", zmq.SocketType.PUB)):
            socket = self.sockets[name] = stack.enter_context(context.socket(kind))
            socket.linger = 0
            socket.bind(f"ipc://{info['ip']}-{info[f'{name}_port']}")
        self.events: list[Event] = []
        self.channels = ZmqChannels(info, "session", lambda channel, message: parse(channel, *message), self.events.extend)
        stack.callback(self.channels.close)

    def publish(self, text: str, *, key: bytes = b"key") -> None:
        self.session.key = key
        self.session.send(self.sockets["iopub"], "stream", {"name": "stdout", "text": text}, ident=b"topic")

    async def connected(self) -> None:
        """Publishes until the subscription has come through."""

        async def heard() -> bool:
            self.publish("hello")
            return bool(self.events)

        await wait_for(heard)
        self.publish("begin")
        await wait_for(lambda: "begin" in self.texts())
        self.events.clear()

    def texts(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Stream)]


async def test_large_messages_keep_the_order_of_their_channel(short: Path) -> None:
    with ExitStack() as stack:
        kernel = Publisher(short, stack)
        await kernel.connected()
        lines = "".join(f"{number}\n" for number in range(2_000))
        for text in ("a", lines, "b", "x" * 3_000, "c"):
            kernel.publish(text)
        kernel.publish("y" * 3_000, key=b"another")
        kernel.publish("d")
        await wait_for(lambda: "d" in kernel.texts())
        assert [type(event) for event in kernel.events][-2:] == [Malformed, Stream]
        texts = kernel.texts()
        assert (texts[0], "".join(texts[1:-4]), texts[-4:]) == ("a", lines, ["b", "x" * 3_000, "c", "d"])
        assert len(texts) > 10
        await wait_for(lambda: kernel.channels.quiet)


async def test_a_large_message_holds_no_other_channel_and_is_dropped_at_the_end(short: Path) -> None:
    going = threading.Event()

    def unpack(*_: object) -> list[WireMessage]:
        going.wait(10)
        return []

    with ExitStack() as stack:
        kernel = Publisher(short, stack)
        await kernel.connected()
        stack.enter_context(patch.object(Wire, "unpack_large", unpack))
        kernel.channels.send("shell", "id", "kernel_info_request", {})
        await wait_for(lambda: bool(kernel.sockets["shell"].poll(0)))
        identity, request = kernel.session.recv(kernel.sockets["shell"], mode=0)
        kernel.publish("x" * 3_000)
        await wait_for(lambda: bool(kernel.channels._large))
        kernel.session.send(kernel.sockets["shell"], "kernel_info_reply", {}, parent=request, ident=identity)
        await wait_for(lambda: any(isinstance(event, KernelInfoReply) for event in kernel.events))
        assert not kernel.channels.quiet
        kernel.channels.close()
        going.set()


async def test_an_error_at_one_message_ends_neither_the_reader_nor_the_messages_behind_it(short: Path) -> None:
    errors: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(str(context["exception"])))
    with ExitStack() as stack:
        kernel = Publisher(short, stack)
        await kernel.connected()

        def read(channel: Channel, message: WireMessage) -> Event:
            if message.content["text"].startswith("bad"):
                raise RuntimeError("a bug")
            return parse(channel, *message)

        kernel.channels._on_message = read
        for text in ("a", "bad", "b", "bad\n" * 1_000 + "c\n" * 1_000, "d"):
            kernel.publish(text)
        await wait_for(lambda: "d" in kernel.texts())
        assert kernel.texts()[:2] == ["a", "b"]
        assert "".join(kernel.texts()[2:-1]).endswith("c\n" * 100)
        assert set(errors) == {"a bug"}
