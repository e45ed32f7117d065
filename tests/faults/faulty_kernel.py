"""A kernel that is at fault: the code of a cell names the fault. Speaks the protocol over ZeroMQ by itself.

    python -m tests.faults.faulty_kernel CONNECTION_FILE [dies]

A cell with any other code prints it. What a faulty cell must show, in any case, is the line `so far`.
"""

from __future__ import annotations

import hmac
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zmq

if TYPE_CHECKING:
    from collections.abc import Callable

SO_FAR = "so far\n"
MEGABYTE, HUGE = 1 << 20, 100 << 20
MEGABYTES = 8
DEEP = 10_000
MANY = 2_000
"""Messages of a flood."""

Header = dict[str, Any]


class FaultyKernel:
    """Serves one client until it dies."""

    def __init__(self, info: dict[str, Any]) -> None:
        self._key = info["key"].encode()
        self._context = zmq.Context[zmq.Socket[bytes]]()
        self._count = 0
        self._twice = False
        self._identities: list[bytes] = []
        self._parent: Header = {}
        self._held: list[tuple[str, str, bytes, Header]] = []
        self._chance = random.Random(0)
        self._sockets = {
            name: self._bind(info, name, kind)
            for name, kind in (
                ("shell", zmq.ROUTER), ("control", zmq.ROUTER), ("stdin", zmq.ROUTER), ("iopub", zmq.PUB), ("hb", zmq.REP),
            )
        }  # fmt: skip

    def _bind(self, info: dict[str, Any], name: str, kind: zmq.SocketType) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.set_hwm(0)
        separator = "-" if info["transport"] == "ipc" else ":"
        socket.bind(f"{info['transport']}://{info['ip']}{separator}{info[f'{name}_port']}")
        return socket

    # ---- messages

    def send(self, channel: str, kind: str, content: object, parent: Header | None = None) -> None:
        """Sends a message. `content` is an object, or JSON as it is."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        parts = [
            json.dumps(self._header(kind)).encode(),
            json.dumps(self._parent if parent is None else parent).encode(),
            b"{}",
        ]
        for _ in range(2 if self._twice else 1):
            self.send_frames(channel, [self._sign([*parts, data]), *parts, data])

    def send_frames(self, channel: str, frames: list[bytes]) -> None:
        """Sends what follows the delimiter."""
        first = self._identities[:1] if channel != "iopub" else [b"topic"]
        self._sockets[channel].send_multipart([*first, b"<IDS|MSG>", *frames])

    def _header(self, kind: str) -> Header:
        self._count += 1
        return {"msg_id": f"m{self._count}", "msg_type": kind, "session": "faulty", "username": "", "version": "5.3"}

    def _sign(self, parts: list[bytes]) -> bytes:
        return hmac.new(self._key, b"".join(parts), "sha256").hexdigest().encode() if self._key else b""

    def stream(self, text: str, parent: Header | None = None) -> None:
        """Prints."""
        self.send("iopub", "stream", {"name": "stdout", "text": text}, parent)

    def status(self, state: str) -> None:
        self.send("iopub", "status", {"execution_state": state})

    def reply(self) -> None:
        """Answers the request that runs."""
        self.send("shell", "execute_reply", {"status": "ok", "execution_count": 1})

    # ---- serving

    def serve(self) -> None:
        """Serves requests, one after the other."""
        poller = zmq.Poller()
        for name in ("shell", "control", "stdin", "hb"):
            poller.register(self._sockets[name], zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self._sockets["hb"] in ready:
                self._sockets["hb"].send(self._sockets["hb"].recv())
            for name in ("control", "shell", "stdin"):
                if self._sockets[name] in ready:
                    self._receive(name)

    def _receive(self, channel: str) -> None:
        frames = self._sockets[channel].recv_multipart()
        at = frames.index(b"<IDS|MSG>")
        self._identities, self._parent = frames[:at], json.loads(frames[at + 2])
        kind, content = self._parent["msg_type"], json.loads(frames[at + 5])
        if kind == "kernel_info_request":
            self.status("busy")
            info = {"status": "ok", "protocol_version": "5.3", "implementation": "faulty", "language_info": {"name": "python"}}
            self.send(channel, "kernel_info_reply", info)
            self.status("idle")
        elif kind == "execute_request":
            self._execute(content["code"])
        elif kind == "shutdown_request":
            self.send(channel, "shutdown_reply", {"status": "ok", "restart": False})
            time.sleep(0.01)
            os._exit(0)

    def _execute(self, code: str) -> None:
        fault: Callable[[FaultyKernel], bool | None] | None = FAULTS.get(code)
        self.status("busy")
        if fault is None:
            self.stream(f"{code}\n")
        else:
            self.stream(SO_FAR)
            if fault(self):
                return
        self.reply()
        self.status("idle")
        self._twice = False


# ---- faults: each returns whether it has answered the request, or never will


def _die(kernel: FaultyKernel) -> None:
    time.sleep(0.02)
    os._exit(1)


def _die_idle(kernel: FaultyKernel) -> bool:
    kernel.reply()
    kernel.status("idle")
    time.sleep(0.2)
    os._exit(1)


def _die_prompting(kernel: FaultyKernel) -> None:
    kernel.send("stdin", "input_request", {"prompt": "? ", "password": False})
    time.sleep(0.1)
    os._exit(1)


def _die_at_interrupt(kernel: FaultyKernel) -> bool:
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    return True


def _stop(kernel: FaultyKernel) -> bool:
    time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGSTOP)
    return True


def _flood(kernel: FaultyKernel) -> None:
    for number in range(MANY):
        kernel.stream(f"{number}\n")


def _garbage(kernel: FaultyKernel) -> None:
    chance = random.Random(1)
    identity = kernel._identities[:1]
    for _ in range(200):
        frames = [chance.randbytes(chance.randrange(40)) for _ in range(chance.randrange(9))]
        for channel, socket in kernel._sockets.items():
            if channel != "hb":
                socket.send_multipart([*(identity if channel != "iopub" else ()), *frames, b"x"])
                kernel.send_frames(channel, frames)
    for content in (b"[]", b"null", b'"x"', b"{", b"\xff\xfe", b"1" * 5000, b'{"text": 1e999}', b'{"text": {}}'):
        for kind in ("stream", "display_data", "error", "status", "execute_input", "comm_open", "comm_msg"):
            kernel.send("iopub", kind, content)
            kernel.send("shell", f"{kind}_reply", content)
            kernel.send("stdin", "input_request", content)


def _wrong_signatures(kernel: FaultyKernel) -> None:
    right, kernel._key = kernel._key, b"not the key"
    kernel.stream("forged\n")
    kernel.reply()
    kernel.status("idle")
    kernel.send("stdin", "input_request", {"prompt": "password? ", "password": True})
    kernel._key = right


def _replies_to_nobody(kernel: FaultyKernel) -> None:
    for number in range(1_000):
        nobody = {"msg_id": f"nobody-{number}"}
        kernel.stream("to nobody\n", nobody)
        for channel, kind in (("shell", "execute_reply"), ("shell", "complete_reply"), ("control", "interrupt_reply")):
            kernel.send(channel, kind, {"status": "ok"}, nobody)
        kernel.send("iopub", "status", {"execution_state": "idle"}, nobody)


def _megabytes(kernel: FaultyKernel) -> None:
    for _ in range(MEGABYTES):
        kernel.stream("x" * (MEGABYTE - 1) + "\n")


def _huge(kernel: FaultyKernel) -> None:
    kernel.stream(("x" * 79 + "\n") * (HUGE // 80))


def _huge_line(kernel: FaultyKernel) -> None:
    kernel.stream("x" * HUGE)


def _deep(kernel: FaultyKernel) -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        nested = opening * DEEP + "1" + closing * DEEP
        for kind in ("display_data", "update_display_data", "comm_open", "execute_result"):
            more = '"metadata": {}, "transient": {"display_id": "d"}, "comm_id": "c", "target_name": "jupyter.widget"'
            data = f'{{"data": {{"application/json": {nested}, "text/plain": "deep"}}, {more}}}'
            kernel.send("iopub", kind, data.encode())


def _surrogates(kernel: FaultyKernel) -> None:
    kernel.send("iopub", "stream", b'{"name": "stdout", "text": "\\ud800 \\udfff\\ud83d\\n"}')
    kernel.send("iopub", "display_data", b'{"data": {"text/plain": "\\udc00", "text/html": "<b>\\ud800</b>"}, "metadata": {}}')
    kernel.send("iopub", "error", b'{"ename": "\\ud800", "evalue": "\\udfff", "traceback": ["\\ud800"]}')


def _doubled(kernel: FaultyKernel) -> None:
    kernel._twice = True  # until the reply and the idle are sent
    kernel.send("iopub", "execute_result", {"data": {"text/plain": "1"}, "metadata": {}, "execution_count": 1})


def _out_of_order(kernel: FaultyKernel) -> bool:
    kernel.status("idle")
    kernel.reply()
    kernel.status("busy")
    kernel.send("iopub", "execute_input", {"code": "late", "execution_count": 7})
    kernel.stream("after the end\n")
    return True


def _no_idle(kernel: FaultyKernel) -> bool:
    kernel.reply()
    return True


def _no_reply(kernel: FaultyKernel) -> bool:
    kernel.status("idle")
    return True


def _silent(kernel: FaultyKernel) -> bool:
    return True


def _comms(kernel: FaultyKernel) -> None:
    state = {"_model_name": "IntProgressModel", "_model_module": "@jupyter-widgets/controls", "value": 0, "max": MANY}
    for number in range(MANY // 10):
        for target in ("jupyter.widget", "unknown"):
            content = {"comm_id": f"{target}-{number}", "target_name": target, "data": {"state": state}}
            kernel.send("iopub", "comm_open", content)
    for number in range(MANY):
        data = {"method": "update", "state": {"value": number}}
        kernel.send("iopub", "comm_msg", {"comm_id": f"jupyter.widget-{number % 10}", "data": data})
        kernel.send("iopub", "comm_msg", {"comm_id": f"nobody-{number}", "data": data})


def _prompts(kernel: FaultyKernel) -> None:
    for number in range(MANY // 10):
        kernel.send("stdin", "input_request", {"prompt": f"{number}? " * 10, "password": bool(number % 2)})


FAULTS: dict[str, Callable[[FaultyKernel], bool | None]] = {
    "dies idle": _die_idle,
    "dies running": _die,
    "dies prompting": _die_prompting,
    "dies at interrupt": _die_at_interrupt,
    "is stopped": _stop,
    "floods": _flood,
    "sends garbage": _garbage,
    "signs wrongly": _wrong_signatures,
    "replies to nobody": _replies_to_nobody,
    "sends megabytes": _megabytes,
    "sends 100 MB of lines": _huge,
    "sends a line of 100 MB": _huge_line,
    "nests 10,000 levels": _deep,
    "sends lone surrogates": _surrogates,
    "sends everything twice": _doubled,
    "answers out of order": _out_of_order,
    "sends no idle": _no_idle,
    "sends no reply": _no_reply,
    "sends neither": _silent,
    "floods comms": _comms,
    "floods prompts": _prompts,
}


def main() -> None:
    """Serves the connection file, or dies at once."""
    if sys.argv[2:] == ["dies"]:
        os._exit(1)
    FaultyKernel(json.loads(Path(sys.argv[1]).read_text())).serve()


if __name__ == "__main__":
    main()
