"""Asking kernels all at once, against threads that answer as idle, busy and foreign kernels do."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq

from tuinb.kernel.connection.survey import Activity, ask
from tuinb.kernel.launch.connection_files import ConnectionFile, Running
from tuinb.kernel.launch.spawn import CHANNEL_PORTS
from tuinb.kernel.protocol.wire import MalformedMessageError, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

INFO = {"implementation": "k", "protocol_version": "5.4", "banner": "", "language_info": {"name": "lang"}}


@contextmanager
def kernel(answers: tuple[str, ...], key: str = "key", reply: str = "kernel_info_reply") -> Iterator[Running]:
    """A thread that answers kernel_info on these channels. As kernels do, it ignores what is not signed with its key."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    ends = threading.Event()
    sockets = {name: context.socket(zmq.SocketType.ROUTER) for name in ("control", "shell")}
    ports = {name: socket.bind_to_random_port("tcp://127.0.0.1") for name, socket in sockets.items()}

    def serve() -> None:
        wire = Wire(b"key", "kernel")
        while not ends.is_set():
            for name in answers:
                if sockets[name].poll(5):
                    identity, *frames = sockets[name].recv_multipart()
                    try:
                        message = wire.unpack(frames)
                    except MalformedMessageError:
                        continue
                    sockets[name].send_multipart([identity, b"garbage"])
                    sockets[name].send_multipart([identity, *wire.pack("1", reply, INFO, message.header)])

    thread = threading.Thread(target=serve)
    thread.start()
    info: dict[str, Any] = dict.fromkeys(CHANNEL_PORTS, 1) | {f"{name}_port": port for name, port in ports.items()}
    info |= {"transport": "tcp", "ip": "127.0.0.1", "key": key}
    try:
        yield Running(ConnectionFile(Path("kernel-1.json"), json.loads(json.dumps(info)), local=True))
    finally:
        ends.set()
        thread.join()
        context.destroy(linger=0)


def test_idle_and_busy() -> None:
    with kernel(("control", "shell")) as idle, kernel(("control",)) as busy:
        seen = ask([idle, busy], 0.4)
    assert [(each.kernel, each.activity) for each in seen] == [(idle, Activity.IDLE), (busy, Activity.BUSY)]
    assert {(each.language, each.implementation) for each in seen} == {("lang", "k")}


def test_the_signature_decides() -> None:
    with kernel(("control", "shell"), key="another") as other, kernel(("control", "shell"), reply="status") as odd:
        away = Running(ConnectionFile(Path("kernel-2.json"), dict(other.file.info), local=False))
        unknown = Running(ConnectionFile(Path("kernel-3.json"), {"signature_scheme": "rot13", "key": "k"}, local=True))
        seen = ask([other, away, unknown, odd], 0.2)
    assert [(each.kernel, each.activity) for each in seen] == [(other, Activity.SILENT), (odd, Activity.SILENT)]


def test_nobody() -> None:
    assert ask([]) == []
