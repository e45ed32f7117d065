"""The sockets of a connection: their addresses, and messages to and from jupyter_client's own."""

from __future__ import annotations

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from tuinb.kernel.protocol.events import Event, Stream

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
