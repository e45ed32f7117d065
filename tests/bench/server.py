"""A notebook and its kernel on a Jupyter server of this machine: its first result, a reply, keys, a flood, a save."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from tests.bench import notebooks
from tests.bench.figures import LETTERS, RUN, Row, Setting, changes, flood_rows, seconds_to
from tests.bench.notebooks import READY_SHOWN, SEEN
from tests.bench.outputs import held
from tests.kernel.support import Client
from tests.server.support import TOKEN, JupyterServer, jupyter_server
from tests.support import ROOT
from tests.terminal_emulator import ENTER, Terminal
from tuinb.kernel.connection.server import ServerConnection
from tuinb.kernel.protocol.events import ExecuteReply, MessageId, Status
from tuinb.notebook import changes as c
from tuinb.server import known
from tuinb.server.kernels import RemoteKernel
from tuinb.session.remote import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tuinb.kernel.protocol.events import Event

SAVE = "\x13"
_REPLIES = 40
ALONE = """
import json, sys, urllib.request
from websockets.sync.client import connect

base, token, path = sys.argv[1:]
headers = {"Authorization": f"token {token}"}
body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
request = urllib.request.Request(f"{base}api/sessions", json.dumps(body).encode(), headers)
with urllib.request.urlopen(request) as answer:
    kernel = json.load(answer)["kernel"]["id"]
url = f"ws{base.removeprefix('http')}api/kernels/{kernel}/channels?session_id=alone"
with connect(url, additional_headers=headers, max_size=None, open_timeout=90) as socket:
    header = {"msg_id": "1", "msg_type": "execute_request", "session": "alone", "username": "", "version": "5.3", "date": ""}
    content = {"code": "print('rea' + 'dy', 6 * 7)", "silent": False, "store_history": True, "allow_stdin": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
    socket.send(json.dumps(message))
    for data in socket:
        found = json.loads(data)
        if found["msg_type"] == "stream":
            print(found["content"]["text"], flush=True)
            break
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnServer(Setting):
    """A setting whose notebooks are on a server. Their kernels run there."""

    running: JupyterServer

    def program(
        self, notebook: Path, *options: str, rows: int = 40, columns: int = 120, env: Mapping[str, str] | None = None
    ) -> Terminal:
        """See Setting. `notebook` is the file in the server's folder."""
        command = [sys.executable, "-m", "tuinb", self.running.url(notebook.name), *options]
        return Terminal(command, rows=rows, columns=columns, env=env, cwd=ROOT)


def server(setting: Setting) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="tuinb-bench-") as home, jupyter_server(Path(home) / "server") as running:
        there = _OnServer(running.folder, setting.quick, running=running)
        yield _first_result(there)
        yield asyncio.run(_reply(running))
        yield from _keys(there)
        loop = "for i in range(100000): print('flood line', i)"
        yield from flood_rows(there, "100,000 lines through a server", loop, 60, 25)
        yield from _saves(there)


def _first_result(setting: _OnServer) -> Row:
    ours, theirs = [], []
    for number in range(setting.runs):
        notebook = notebooks.write(setting.folder / f"result{number}.ipynb", [notebooks.code(0, notebooks.READY)])
        words = [sys.executable, "-c", ALONE, setting.running.base, TOKEN, f"alone{number}.ipynb"]
        with Terminal(words) as terminal:
            theirs.append(seconds_to(terminal, READY_SHOWN))
        with setting.program(notebook) as terminal:
            terminal.wait_for("6 * 7")
            terminal.send(RUN)
            ours.append(seconds_to(terminal, READY_SHOWN))
    detail = f"{median(ours):.3f} s; websockets {median(theirs):.3f} s"
    return Row("start to first result on a server ÷ websockets alone", median(ours) / median(theirs), "", 1.3, 1.0, detail)


async def _reply(running: JupyterServer) -> Row:
    client = Client(ServerConnection(RemoteKernel(running.server, "reply.ipynb", "python3")))
    arrived = asyncio.Event()

    def hear(events: Sequence[Event]) -> None:
        client.hear(events)
        arrived.set()

    await client.kernel.open(hear)
    times = []
    try:
        for _ in range(_REPLIES):
            client.events.clear()
            began = time.perf_counter()
            request = client.send("1")
            while not _is_done(client, request):
                arrived.clear()
                await arrived.wait()
            times.append(1000 * (time.perf_counter() - began))
    finally:
        await client.kernel.shut_down()
    return Row("a reply of a server's kernel, median", median(times), "ms", 15, 10, f"worst {max(times):.1f} ms")


def _is_done(client: Client, request: MessageId) -> bool:
    own = [event for event in client.events if getattr(event, "parent", None) == request]
    is_idle = any(isinstance(event, Status) and event.state == "idle" for event in own)
    return is_idle and any(isinstance(event, ExecuteReply) for event in own)


def _keys(setting: _OnServer) -> Iterator[Row]:
    with setting.program(notebooks.many(setting.folder / "keys.ipynb", 2_000)) as terminal:
        terminal.wait_for(SEEN)
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.settle(1.5)
        terminal.send(ENTER)
        terminal.settle(0.8)
        times = [changes(terminal, letter, quiet=0.15)[0] for letter in LETTERS]
    yield Row("key to screen on a server, median", median(times), "ms", 10, 5, f"worst {max(times):.1f} ms")


def _saves(setting: _OnServer) -> Iterator[Row]:
    """Saves 48 MB of images: how long it holds other threads, and keys that are typed meanwhile."""
    images = notebooks.images(setting.folder / "images.ipynb")
    loaded = read(known.locate(setting.running.url(images.name)))
    loaded.notebook.apply(c.Transaction((c.SpliceSource(loaded.notebook.order[0], 0, "", "x"),), c.KERNEL))
    longest, used = held(partial(loaded.file.save_now, loaded.notebook))
    detail = f"{used:.2f} s of processor time in all"
    yield Row("longest hold of other threads, saving 48 MB to a server", longest, "ms", 15, 10, detail)
    with setting.program(images) as terminal:
        terminal.wait_for(SEEN)
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.settle(1.5)
        terminal.send(ENTER)
        terminal.settle(0.8)
        changes(terminal, LETTERS[0], quiet=0.5)
        saved = images.stat().st_mtime_ns
        terminal.send(SAVE)
        times: list[float] = []
        while images.stat().st_mtime_ns == saved or len(times) < len(LETTERS):
            times.append(changes(terminal, LETTERS[len(times) % len(LETTERS)], quiet=0.03)[0])
    yield Row("worst key while 48 MB are saved to a server", max(times), "ms", 60, 25, f"median {median(times):.1f} ms")


FIGURES = {"server": server}
