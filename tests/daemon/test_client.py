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
    with ours, theirs, Path(os.devnull).open("rb+", buffering=0) as null:
        terminal = Terminal(null.fileno(), null.fileno(), {})
        it = client._Client(Tabs(Tab(path, Arguments(str(path)))), begin_tab, terminal, picks=False)
        it._daemon.close()
        it._daemon = ours
        yield it, theirs


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_the_session_knows_whose_a_key_is_that_became_a_signal(
    attached: tuple[client._Client, socket.socket], number: signal.Signals
) -> None:
    it, daemon = attached
    it._signal(number)
    it.attached({"t": "attached"})
    it._signal(number)
    data, _ = frames.receive(daemon)
    code = 128 + number
    assert list(frames.Decoder().feed(data)) == [{"t": "hup", "code": code}, {"t": "key", "code": code}]
