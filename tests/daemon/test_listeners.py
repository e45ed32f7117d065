"""Sockets that are removed under a session, as by a program that cleans /tmp."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.daemon.conftest import status
from tests.support import wait_for, write_notebook
from tuinb.daemon import registry
from tuinb.daemon.listeners import Listeners
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.daemon.conftest import Attach


class Peers:
    """Takes connections and what goes wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.logged: list[str] = []

    def connected(self, peer: socket.socket) -> None:
        self.count += 1
        peer.close()


@asynccontextmanager
async def listening(place: Place, peers: Peers, every: float = 60.0) -> AsyncIterator[Listeners]:
    with place.locked():
        listener = place.listen()
    listeners = Listeners(place, listener, peers.connected, peers.logged.extend, every)
    listeners.start()
    try:
        yield listeners
    finally:
        listeners.close()


async def reached(place: Place, peers: Peers) -> None:
    """Returns once a connection was taken."""
    before = peers.count
    daemon = place.connect()
    assert daemon is not None
    daemon.close()
    await wait_for(lambda: peers.count > before)


def is_locked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_empty(folder: Path) -> bool:
    return not any(folder.iterdir())


async def test_a_removed_socket_is_made_anew_by_itself(tmp_path: Path, sockets: Path) -> None:
    place, peers = Place.of(tmp_path / "x.ipynb"), Peers()
    async with listening(place, peers, every=0.01):
        await reached(place, peers)
        place.address.unlink()
        await wait_for(place.address.exists)
        await reached(place, peers)
    assert is_empty(sockets)


async def test_a_removed_folder_is_made_anew_and_locked_again(tmp_path: Path, sockets: Path) -> None:
    place, other, peers = Place.of(tmp_path / "x.ipynb"), Place.of(tmp_path / "y.ipynb"), Peers()
    async with listening(place, peers) as listeners:
        assert is_locked(place.folder)
        listeners.follow(other, keeps=True)
        shutil.rmtree(place.folder)
        listeners.renew()
        for one in (place, other):
            await reached(one, peers)
        assert is_locked(place.folder)
    assert is_empty(sockets)


async def test_a_folder_that_can_not_be_used_is_logged_once(tmp_path: Path, sockets: Path) -> None:
    place, peers = Place.of(tmp_path / "x.ipynb"), Peers()
    async with listening(place, peers) as listeners:
        shutil.rmtree(place.folder)
        place.folder.mkdir()
        place.folder.chmod(0o777)
        listeners.renew()
        listeners.renew()
        [said] = peers.logged
        assert "other users can use the folder" in said
        place.folder.chmod(0o700)
        listeners.renew()
        await reached(place, peers)


async def test_a_session_that_took_the_place_keeps_it(tmp_path: Path, sockets: Path) -> None:
    place, first, second = Place.of(tmp_path / "x.ipynb"), Peers(), Peers()
    async with listening(place, first) as listeners:
        place.address.unlink()
        async with listening(place, second) as _:
            listeners.renew()
            listeners.close()
            await reached(place, second)
            assert first.count == 0
    assert is_empty(sockets)


@pytest.mark.kernel
def test_a_session_whose_socket_was_removed_is_attached_to_after_a_signal(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "x = 1")
    terminal = attach(path, "--no-kernel")
    terminal.wait_for("x = 1")
    terminal.wait_for(lambda: bool(registry.read().entries))
    pid = status(path)["pid"]
    shutil.rmtree(Place.of(path).folder)
    assert not status(path)
    refused = attach("attach", columns=300)
    assert refused.exit_code() == 1
    assert refused.shows(f"`kill -USR1 {pid}`")
    os.kill(pid, signal.SIGUSR1)
    terminal.wait_for(lambda: bool(status(path)))
    again = attach(path)
    again.wait_for("2 terminals")
    assert status(path)["pid"] == pid
