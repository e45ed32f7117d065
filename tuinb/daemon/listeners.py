"""The sockets on which a session is reached: made anew where they were removed, as by a program that cleans /tmp.

Invariants: a socket that another session has made in the place of a removed one is its own, and stays. The folder is locked as
long as the session listens, which keeps systemd-tmpfiles from it; other programs ask no lock. So each socket is looked for once
a minute, and on SIGUSR1 at once, as in tmux.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Final

from tuinb.daemon.places import check_peer
from tuinb.errors import SessionError
from tuinb.record import Record

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.daemon.places import Place

_EVERY: Final = 60.0
"""Seconds between two looks for the sockets."""


class _Listener(Record):
    """One socket."""

    place: Place
    listening: socket.socket
    identity: tuple[int, int] | None
    """Device and inode of the socket's file. No other file gets them while the socket is open. None if it was gone at once."""

    @classmethod
    def of(cls, place: Place, listener: socket.socket) -> _Listener:
        """Returns the listener of a socket that was just made."""
        return cls(place, listener, _identity(place.address))


class Listeners:
    """Calls `on_peer` with each connection of this user. `listener` is the socket of `place`. `log` gets what went wrong."""

    def __init__(
        self,
        place: Place,
        listener: socket.socket,
        on_peer: Callable[[socket.socket], None],
        log: Callable[[list[str]], None],
        every: float = _EVERY,
    ) -> None:
        self._all = [_Listener.of(place, listener)]
        """The last one has the notebook's name of now. A run listens, besides, under the name that it was begun with."""
        self._on_peer = on_peer
        self._log = log
        self._every = every
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._folder: int | None = None
        """A descriptor that holds the lock on the folder."""
        self._problem = ""
        """Why the sockets could not be made anew the last time."""

    @property
    def place(self) -> Place:
        """Where commands look for the notebook."""
        return self._all[-1].place

    @property
    def address(self) -> Path:
        """The socket of `place`."""
        return self.place.address

    def start(self) -> None:
        """Begins to accept connections."""
        for listener in self._all:
            self._watch(listener)
        self._hold_folder()
        self._loop.add_signal_handler(signal.SIGUSR1, self.renew)
        self._timer = self._loop.call_later(self._every, self._look)

    def close(self) -> None:
        """Ends listening, and removes the sockets. Further calls do nothing."""
        if self._timer is not None:
            self._timer.cancel()
        while self._all[1:]:
            self._close(self._all.pop(0))
        if self._folder is not None:
            self._close(self._all[0])
            os.close(self._folder)
            self._folder = None

    def follow(self, place: Place, *, keeps: bool) -> None:
        """Listens at a place instead, or besides if `keeps`. A session that listens there stays. Raises SessionError."""
        if place == self.place:
            return
        with place.locked():
            connection = place.connect()
            if connection is not None:
                connection.close()
                return
            listener = _Listener.of(place, place.listen())
        if not keeps:
            self._close(self._all.pop())
        self._all.append(listener)
        self._watch(listener)

    def renew(self) -> None:
        """Makes the sockets anew that were removed."""
        if self._folder is None:  # it was closed
            return
        try:
            for number, listener in enumerate(self._all):
                self._all[number] = self._renewed(listener)
            self._problem = ""
        except (SessionError, OSError) as error:
            if str(error) != self._problem:
                self._problem = str(error)
                self._log([f"the session can't be reached, as its socket was removed: {error}\n"])

    def _look(self) -> None:
        self._timer = self._loop.call_later(self._every, self._look)
        self.renew()

    def _renewed(self, old: _Listener) -> _Listener:
        """Returns a listener in the place of one whose socket was removed. Returns other ones as they are."""
        if os.path.lexists(old.place.address):
            return old
        with old.place.locked():
            if os.path.lexists(old.place.address):  # another session has begun meanwhile
                return old
            new = _Listener.of(old.place, old.place.listen())
        self._loop.remove_reader(old.listening.fileno())
        old.listening.close()
        self._watch(new)
        self._hold_folder()
        self._log([f"{new.place.address} had been removed, and was made anew\n"])
        return new

    def _hold_folder(self) -> None:
        """Locks the folder, which may be another one than before."""
        before, self._folder = self._folder, self.place.hold_folder()
        if before is not None:
            os.close(before)

    def _watch(self, listener: _Listener) -> None:
        self._loop.add_reader(listener.listening.fileno(), self._accept, listener.listening)

    def _accept(self, listener: socket.socket) -> None:
        try:
            peer, _ = listener.accept()
        except OSError:  # it gave up meanwhile
            return
        try:
            check_peer(peer)
        except SessionError as error:
            self._log([f"{error}\n"])
            peer.close()
            return
        self._on_peer(peer)

    def _close(self, listener: _Listener) -> None:
        self._loop.remove_reader(listener.listening.fileno())
        is_anothers = _identity(listener.place.address) not in (None, listener.identity)
        listener.listening.close()
        if not is_anothers:
            listener.place.remove()


def _identity(path: Path) -> tuple[int, int] | None:
    """Returns device and inode of a file. None if there is none."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
