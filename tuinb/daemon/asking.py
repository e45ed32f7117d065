"""Requests to a session from a command that needs no terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tuinb.daemon import frames
from tuinb.errors import SessionError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from tuinb.daemon.frames import Message


def ask(daemon: socket.socket, what: str, within: float | None = None, /, **more: object) -> Message:
    """Sends a request to a session and returns the answer.

    Raises SessionError if it is refused, the session ends, or no answer comes `within` so many seconds.
    """
    for message in stream(daemon, what, within, **more):
        if message["t"] == "answer":
            return message
    raise SessionError("the session has ended")


def stream(daemon: socket.socket, what: str, within: float | None = None, /, **more: object) -> Iterator[Message]:
    """Sends a request and yields the parts of the answer, then the answer, or `bye` if the session ends before.

    Raises SessionError as `ask` does; `within` is the limit for each message.
    """
    for message in _messages(daemon, {"t": "ask", "what": what, **more}, within):
        match message["t"]:
            case "refused":
                raise SessionError(str(message.get("say")))
            case "part" | "bye":
                yield message
            case "answer" if message.get("what") == what:
                yield message
                return


def end(daemon: socket.socket, *, within: float | None = None) -> str:
    """Ends a session, and waits until its process has ended. Returns what it says for the user. Raises SessionError."""
    said = ""
    for message in _messages(daemon, {"t": "ask", "what": "end"}, within):
        if message["t"] == "refused":
            raise SessionError(str(message.get("say")))
        if message["t"] == "bye":
            said += str(message.get("say") or "")
    return said


def _messages(daemon: socket.socket, request: Message, within: float | None) -> Iterator[Message]:
    """Sends a request and yields what comes until the session closes the connection."""
    decoder = frames.Decoder()
    try:
        daemon.settimeout(within)
        frames.send(daemon, request)
        while True:
            deadline = None if within is None else time.monotonic() + within
            while not (found := decoder.feed(data := _receive(daemon, deadline))):
                if not data:
                    return
            yield from found
    except TimeoutError as error:
        raise SessionError("it does not answer") from error
    except (BrokenPipeError, ConnectionResetError) as error:
        raise SessionError("the session has ended") from error


def _receive(daemon: socket.socket, deadline: float | None) -> bytes:
    if deadline is not None:
        daemon.settimeout(max(0.001, deadline - time.monotonic()))
    data, _ = frames.receive(daemon)
    return data
