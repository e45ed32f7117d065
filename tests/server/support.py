"""A real Jupyter server on loopback, and a relay before it whose connections can be cut or fall silent."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tuinb.server.address import Secret
from tuinb.server.kernels import KernelModel, RemoteKernel
from tuinb.server.rest import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

TOKEN = "token-that-nobody-may-see"
_START = 60.0


@dataclass(frozen=True, slots=True)
class JupyterServer:
    """A server that runs."""

    base: str
    folder: Path
    """The folder whose files it serves."""
    process: subprocess.Popen[bytes]

    @property
    def server(self) -> Server:
        """The server, with its token."""
        return Server(self.base, Secret(TOKEN))

    def url(self, file: str) -> str:
        """The URL of a file, as a browser shows it, with the token."""
        return f"{self.base}lab/tree/{file}?token={TOKEN}"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def jupyter_server(
    home: Path,
    *options: str,
    module: str = "jupyter_server",
    base_url: str = "/a/prefix/",
    tls: tuple[Path, Path] | None = None,
    token: str = TOKEN,
) -> Iterator[JupyterServer]:
    """Starts a server without extensions, and ends it. `tls` is its certificate and key, in one file, and whom it is from.

    With an empty `token` it takes none.
    """
    folder, port = home / "files", free_port()
    folder.mkdir(parents=True)
    spec = home / "data" / "kernels" / "other" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "python"}))
    own = {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("runtime", "config", "data")}
    environ = {**os.environ, **own}
    log = (home / "log").open("wb")
    process_options = [f"--{name}={value}" for name, value in _options(module, port, base_url, folder, token).items()]
    if tls is not None:
        process_options += [f"--ServerApp.certfile={tls[0]}"]
    words = [sys.executable, "-m", module, *process_options, *options]
    process = subprocess.Popen(words, stdout=log, stderr=log, env=environ, start_new_session=True)
    base = f"{'http' if tls is None else 'https'}://127.0.0.1:{port}{urllib.request.pathname2url(base_url)}"
    try:
        _wait_for(f"{base}api", process, home / "log", None if tls is None else ssl.create_default_context(cafile=tls[1]))
        yield JupyterServer(base, folder, process)
    finally:
        process.terminate()
        process.wait()
        log.close()


def _options(module: str, port: int, base_url: str, folder: Path, token: str) -> dict[str, object]:
    if module == "kernel_gateway":
        app = "KernelGatewayApp"
        return {f"{app}.port": port, f"{app}.port_retries": 0, f"{app}.base_url": base_url, f"{app}.auth_token": token}
    app = "ServerApp"
    return {
        f"{app}.port": port,
        f"{app}.port_retries": 0,
        f"{app}.base_url": base_url,
        f"{app}.root_dir": folder,
        f"{app}.jpserver_extensions": "{}",
        f"{app}.allow_root": True,
        f"{app}.open_browser": False,
        "IdentityProvider.token": token,
        "KernelRestarter.time_to_dead": 0.3,
    }


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path, tls: ssl.SSLContext | None) -> None:
    until = time.monotonic() + _START
    while True:
        with suppress(OSError):
            try:
                urllib.request.urlopen(url, timeout=5, context=tls).close()
            except urllib.error.HTTPError as error:  # a gateway answers nobody without its token
                error.close()
            return
        if process.poll() is not None or time.monotonic() > until:
            raise AssertionError(log.read_text())
        time.sleep(0.05)


class Alone(RemoteKernel):
    """A kernel that is there without REST."""

    def start(self) -> KernelModel:
        self.model = KernelModel("id", "python3", "idle", 0)
        return self.model

    def end(self, timeout: float = 0) -> None:
        """Does nothing."""


def answer(header: Mapping[str, Any], channel: str, kind: str, **content: object) -> str:
    """Returns a kernel's message in the older framing."""
    made = {"header": {"msg_type": kind, "session": "kernel"}, "parent_header": header, "metadata": {}, "content": content}
    return json.dumps({"channel": channel, **made})


class Relay:
    """Passes bytes to a server, until told otherwise."""

    def __init__(self, target: str, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.port = port
        self.received = 0
        """Bytes from clients. Those of a TLS handshake don't count."""
        self._tls = tls
        self._target = urlsplit(target)
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent: set[asyncio.StreamWriter] = set()
        self.refuses = False
        self.base = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self.base = f"{'http' if self._tls is None else 'https'}://127.0.0.1:{self.port}{self._target.path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.close()
            return
        there, back = await asyncio.open_connection(self._target.hostname, self._target.port)
        self._writers += [writer, back]
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(1 << 16):
                self.received += len(data) if target not in self._writers[::2] else 0
                if target not in self._silent:
                    target.write(data)
                    await target.drain()
            if target not in self._silent:
                target.close()

    def cut(self) -> None:
        """Closes all connections, at both ends."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def hang(self) -> None:
        """Passes nothing on any more on the present connections. Neither end notices."""
        self._silent.update(self._writers)

    async def stop(self) -> None:
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        if self._server is not None:
            self._server.close()
