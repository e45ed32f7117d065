"""The messages between the command and the daemon: JSON objects, each after its length in 4 bytes, on a Unix socket.

A message has a type, `t`. Readers ignore types and keys that they do not know, so that either side may be newer. PROTOCOL
changes only if an old reader would do the wrong thing.

    command → daemon
        hello       v, version, pid, env, cwd, theme, graphics, kernel, existing; with two descriptors: the terminal's input and
                    output; tabs, at: the tabs of the terminal and the index of this one; held: the settings that the terminal
                    had, if another screen has left it as it was; say: what the user should know; leaving: how the user
                    leaves all tabs (commands.host.Scope); picks: offer other notebooks; typed, carried: as in `left`
        winch       the terminal's size changed
        cont        the command was stopped and goes on
        tstp        the command was asked to stop
        hup         code: the terminal went away, or a signal ended the command
        key         code: Ctrl+C or Ctrl+\\ came as a signal, as the terminal is, or was just now, a program's
        ran         code: the program of `run` has ended
        tabs        tabs, at: as in `hello`, after a change
        release     leave the terminal as it is, for another tab
        stay        the notebook that was asked for by `go` is not shown
        notice      say, severity: show a message
        ask         what, and more by `what`: a request without a terminal
    daemon → command
        attached    the screen begins
        stop        give the terminal to the shell: stop the process
        run         argv, env; with the descriptor of its standard input, or none: run a program on the terminal; `env` is what
                    differs from the environment in `hello`
        go          tab: the index of a tab, or path: a notebook that becomes one; show that instead
        save        save the notebooks of the other tabs that have unsaved changes
        left        then, ends, ended, typed, carried: the screen has ended and left the terminal as it was, for another tab;
                    `then` says whether all tabs are to be left (commands.host.Scope), `ends` that this one is no more, `ended`
                    that another terminal ended it; `typed` are keys and pastes that were meant for the other tab; `carried`
                    are the texts that were cut or copied (CellClipboard.carried)
        bye         code, say, ends: the screen has ended; print the lines in `say`; if `ends`, wait for the daemon's end
        refused     say: why the screen or the request is refused
        part        a piece of a long answer, which comes before it
        answer      what, and more by `what`
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tuinb.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Sequence

PROTOCOL: Final = 1
MOST_BYTES: Final = 1 << 20
"""Maximum length of a message. An environment, the longest part of one, rarely has a tenth of it."""
MOST_DESCRIPTORS: Final = 2
_LENGTH: Final = struct.Struct("!I")
_CHUNK: Final = 1 << 16
_SAY_MOST: Final = 1 << 16
"""Maximum characters of the lines in `say`."""

Message: TypeAlias = dict[str, Any]


def encode(message: Message) -> bytes:
    """Returns the bytes of a message. Raises SessionError if it is too long."""
    data = json.dumps(message).encode("ascii")
    if len(data) > MOST_BYTES:
        raise SessionError(f"a message of {len(data):,} bytes is too long", hint="make the environment smaller")
    return _LENGTH.pack(len(data)) + data


class Decoder:
    """Splits a stream of bytes into messages."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Returns the messages that are complete now. Raises SessionError for what is no message."""
        self._data += data
        found: list[Message] = []
        while len(self._data) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._data)
            if length > MOST_BYTES:
                raise SessionError(f"a message of {length:,} bytes is too long")
            end = _LENGTH.size + length
            if len(self._data) < end:
                break
            found.append(_parse(bytes(self._data[_LENGTH.size : end])))
            del self._data[:end]
        return found


def _parse(data: bytes) -> Message:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"a message is no JSON: {error}") from error
    if not isinstance(message, dict) or not isinstance(message.get("t"), str):
        raise SessionError("a message is no JSON object with a type")
    return message


def send(connection: socket.socket, message: Message, descriptors: Sequence[int] = ()) -> None:
    """Sends a message, with descriptors. Raises OSError, also if a socket that does not block has no room."""
    data = encode(message)
    sent = socket.send_fds(connection, [data], list(descriptors)) if descriptors else 0
    connection.sendall(data[sent:])


def receive(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Returns what has come: bytes (none at the end of the stream) and descriptors, which no child inherits. Raises OSError."""
    data, descriptors, _, _ = socket.recv_fds(connection, _CHUNK, MOST_DESCRIPTORS)
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    return data, descriptors


def spoken(lines: Sequence[str]) -> str:
    """Returns lines for `say`, cut if there is too much."""
    return "".join(lines)[:_SAY_MOST]
