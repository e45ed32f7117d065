"""What tests of kernels share: a client that keeps every event, and a folder of connection files."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tests.support import wait_for
from tuinb.kernel.launch.connection_files import running
from tuinb.kernel.launch.spawn import CHANNEL_PORTS
from tuinb.kernel.protocol.events import Event, ExecuteReply, MessageId, Status, Stream
from tuinb.kernel.protocol.requests import Execute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.kernel.connection.port import KernelConnection

E = TypeVar("E")


class Client:
    """A connection and all events that it emitted."""

    def __init__(self, kernel: KernelConnection) -> None:
        self.kernel = kernel
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

    async def text_ends(self, end: str) -> None:
        """Waits for output. A kernel may send a line and its end by themselves."""
        await wait_for(lambda: self.text().endswith(end), what=end)


# ---- connection files of kernels that run already


KEY = "a-secret-key"
GOOD: dict[str, Any] = {"transport": "tcp", "ip": "127.0.0.1", "key": KEY, "signature_scheme": "hmac-sha256"} | dict.fromkeys(
    CHANNEL_PORTS, 1
)


class RuntimeFolder:
    """A runtime folder, with sockets that listen as kernels do."""

    def __init__(self, path: Path, sockets: ExitStack) -> None:
        self.path = path
        self.environ = {"JUPYTER_RUNTIME_DIR": str(path)}
        self._sockets = sockets
        self._age = 0.0

    def write(self, name: str, content: dict[str, Any] | str = GOOD, **more: object) -> Path:
        """Writes a connection file. Each is older than the one before."""
        path = self.path / f"kernel-{name}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content | more))
        path.chmod(0o600)
        self._age += 1.0
        os.utime(path, (1e9 - self._age,) * 2)
        return path

    def kernel(self, name: str, transport: str = "ipc", **more: object) -> Path:
        """Writes a connection file whose addresses are listened on."""
        ip = str(self.path / name) if transport == "ipc" else "127.0.0.1"
        ports = {port: number for number, port in enumerate(CHANNEL_PORTS, 1)}
        for port in CHANNEL_PORTS:
            listener = self._sockets.enter_context(socket.socket(socket.AF_UNIX if transport == "ipc" else socket.AF_INET))
            listener.bind(f"{ip}-{ports[port]}" if transport == "ipc" else (ip, 0))
            listener.listen()
            if transport == "tcp":
                ports[port] = listener.getsockname()[1]
        return self.write(name, GOOD | {"transport": transport, "ip": ip} | ports, **more)

    def names(self) -> list[str]:
        return [kernel.file.name for kernel in running(self.environ)]


@contextmanager
def runtime_folder() -> Iterator[RuntimeFolder]:
    """A runtime folder for this test, whose path leaves room for sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t") as path, ExitStack() as sockets:
        yield RuntimeFolder(Path(path), sockets)
