"""A running session, for commands that drive it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from tuinb import __version__
from tuinb.daemon import asking, registry
from tuinb.daemon.commands.sessions import ANSWERS_WITHIN, listed, way_to
from tuinb.daemon.places import Place
from tuinb.errors import SessionError, shown
from tuinb.headless.arguments import given_path

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from types import TracebackType

    from tuinb.daemon.frames import Message
STARTS_WITHIN: Final = 10.0
"""Seconds that a session has for its first answer: it may just start."""


class Running:
    """A connection to the session of a notebook, which is named by its path, or as for `tuinb sessions`.

    `daemon` is the connection, if there is one already. Raises SessionError if there is no session, or it does not answer.
    """

    def __init__(self, name: str, daemon: socket.socket | None = None) -> None:
        self._daemon = daemon or _connect(name)
        if daemon is not None:
            return
        try:
            asking.ask(self._daemon, "status", STARTS_WITHIN)
        except SessionError as error:
            self._daemon.close()
            raise SessionError(error.what, where=name, hint="`tuinb sessions` says more") from error

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._daemon.close()

    def stream(self, what: str, **more: object) -> Iterator[Message]:
        """Sends a request and yields the parts of its answer, and `bye` if the session ends. Raises SessionError."""
        for message in asking.stream(self._daemon, what, None, version=__version__, **more):
            if message["t"] != "answer":
                yield message

    def read(self, what: str, **more: object) -> bytes:
        """Sends a request and returns the bytes that come. Raises SessionError."""
        data = b""
        for message in self.stream(what, **more):
            if message["t"] == "bye":
                raise SessionError("the session has ended")
            data += decoded(message)
        return data


def decoded(part: Message) -> bytes:
    """Returns the bytes in a part; none if it has none."""
    return base64.b64decode(str(part.get("data", "")))


def _connect(name: str) -> socket.socket:
    path = given_path(name)
    daemon = Place.of(path).connect(ANSWERS_WITHIN)
    if daemon is not None:
        return daemon
    entries = listed()
    try:
        entry = registry.choose(entries, name)
    except SessionError as error:
        if path.exists():
            ways = "`tuinb FILE` begins one, `tuinb run --detach FILE` one without a terminal"
            raise SessionError("no session of it is running", where=shown(path), hint=ways) from error
        raise
    if not entry.is_here:
        raise SessionError(f"its session runs on {entry.host}", where=name, hint=f"`{way_to(entry)}` attaches to it")
    _, daemon = registry.connect(entry, ANSWERS_WITHIN)
    if daemon is None:
        raise SessionError("its session does not listen", where=name, hint="`tuinb sessions` says more")
    return daemon
