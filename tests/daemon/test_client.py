"""The command at a terminal of a session, in this process."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.daemon import client, frames
from tuinb.daemon.start import begin_tab
from tuinb.daemon.tabs import Tab, Tabs
from tuinb.session.target import Arguments
from tuinb.terminal.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def attached(tmp_path: Path) -> Iterator[tuple[client._Client, socket.socket]]:
    """A client, and the daemon's end of its connection."""
    ours, theirs = socket.socketpair()
    path = tmp_path / "x.ipynb"
    with ours, theirs, Path(os.devnull).open("rb+", buffering=0) as null, client._signals() as (signals, _):
        terminal = Terminal(null.fileno(), null.fileno(), {})
        it = client._Client(Tabs(Tab(path, Arguments(str(path)))), begin_tab, terminal, picks=False)
        it._daemon.close()
        it._daemon, it._signals = ours, signals
        yield it, theirs


class Interrupted:
    """A program that an interrupt ended before its start was over."""

    returncode = 3

    def __init__(self, *_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def poll(self) -> int:
        return self.returncode


def test_a_key_that_ended_a_program_at_once_is_the_programs(
    attached: tuple[client._Client, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    it, daemon = attached
    monkeypatch.setattr("subprocess.Popen", Interrupted)
    it.start_program({"t": "run", "argv": ["less"]})
    os.kill(os.getpid(), signal.SIGQUIT)
    it._read_signals()  # no program has the terminal now
    data, _ = frames.receive(daemon)
    assert list(frames.Decoder().feed(data)) == [{"t": "ran", "code": 3}, {"t": "hup", "code": 128 + signal.SIGQUIT}]
