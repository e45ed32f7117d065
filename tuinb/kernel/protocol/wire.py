"""Packs messages into signed ZeroMQ frames and back (jupyter-client.readthedocs.io, "The wire protocol"). No I/O.

The format is public and small. jupyter_client's Session would add 120 ms to the first result, because that package imports
tornado, traitlets and dateutil. It would triple the cost of a message. Here dates stay strings, and no history of signatures
is kept. Consecutive messages with the same parent header, such as those of a cell, have it parsed once.

A large message is unpacked in a thread. Each call of the json module holds the GIL to its end, and with it the event loop: at
least 80 ms for 100 MB. So the text of a stream is cut into pieces, and each becomes a message of its own.
"""

from __future__ import annotations

import getpass
import hmac
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from tuinb import deep_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

DELIMITER = b"<IDS|MSG>"
PROTOCOL = "5.4"

_HEADER, _PARENT, _METADATA, _CONTENT, _BUFFERS = range(2, 7)
"""Offsets of the frames from the delimiter. The signature has offset 1."""

LARGE = 1 << 20
"""Bytes of a frame from which a message is large."""
_PIECE = 1 << 20
"""Bytes of a piece of a stream's text."""
_STREAM = re.compile(rb'\s*\{\s*"name"\s*:\s*"(\w+)"\s*,\s*"text"\s*:\s*"')
"""The beginning of a stream's content, as the kernels write it that send a lot. Others are unpacked whole."""
_ESCAPE = 12
"""Bytes of the longest escape sequence, two surrogates."""
_SEARCHED = 1 << 12
"""Bytes in which a place to cut is searched."""
_IS_LOW_SURROGATE = re.compile(rb"\\u[dD][c-fC-F]").match


_Frame = TypeVar("_Frame", bytes, bytes | memoryview)


class MalformedMessageError(ValueError):
    """The frames are no message, or have a wrong signature."""


class WireMessage(NamedTuple):
    header: Mapping[str, Any]
    parent_header: Mapping[str, Any]
    metadata: Mapping[str, Any]
    content: Mapping[str, Any]
    buffers: tuple[bytes, ...]


class Wire:
    """Packs and unpacks the messages of one connection.

    `key` and `scheme` (such as `hmac-sha256`) are from the connection file. With an empty key messages are not signed. Raises
    ValueError if hashlib does not know the scheme.
    """

    def __init__(self, key: bytes, session: str, scheme: str = "hmac-sha256") -> None:
        self.session = session
        self._signer = hmac.new(key, digestmod=scheme.removeprefix("hmac-")) if key else None
        self._username = _username()
        self._parent_frame = b""
        self._parent: Mapping[str, Any] = {}

    def pack(
        self,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
        subshell: str = "",
    ) -> list[bytes]:
        """Returns the frames to send on a DEALER socket. `subshell` is the id of the subshell that answers, if any."""
        header = {
            "msg_id": message_id,
            "msg_type": message_type,
            "session": self.session,
            "username": self._username,
            "date": datetime.now(UTC).isoformat(),
            "version": PROTOCOL,
        }
        if subshell:
            header["subshell_id"] = subshell
        parts = [_to_json(part) for part in (header, parent_header or {}, {}, content)]
        return [DELIMITER, self._sign(parts), *parts]

    def unpack(self, frames: Sequence[bytes]) -> WireMessage:
        """Returns the message in `frames`. Raises MalformedMessageError with the reason."""
        at, parts = self._checked(frames)
        if parts[1] != self._parent_frame:
            self._parent = {} if parts[1] == b"null" else _from_json(parts[1])
            self._parent_frame = parts[1]
        return WireMessage(
            _from_json(parts[0]),
            self._parent,
            {} if parts[2] in {b"{}", b"null"} else _from_json(parts[2]),
            _from_json(parts[3]),
            tuple(frames[at + _BUFFERS :]),
        )

    def unpack_large(self, frames: Sequence[bytes | memoryview]) -> list[WireMessage]:
        """Returns the message in `frames`, in a thread. The text of a stream is cut: each piece has its message.

        Raises MalformedMessageError.
        """
        at, parts = self._checked(frames)
        header, parent, metadata = (_from_json(part) if part != b"null" else {} for part in parts[:3])
        buffers = tuple(map(bytes, frames[at + _BUFFERS :]))
        contents = _stream_in_pieces(memoryview(parts[3])) if header.get("msg_type") == "stream" else None
        contents = contents or [_from_json(parts[3], deep_json.loads_in_pieces)]
        return [WireMessage(header, parent, metadata, content, buffers) for content in contents]

    def _checked(self, frames: Sequence[_Frame]) -> tuple[int, Sequence[_Frame]]:
        """Returns where the delimiter is, and the signed parts. Raises MalformedMessageError."""
        try:
            at = frames.index(DELIMITER)
        except ValueError:
            raise MalformedMessageError("no delimiter") from None
        if len(frames) < at + _BUFFERS:
            raise MalformedMessageError(f"{len(frames) - at - 1} parts after the delimiter, where 5 are needed")
        parts = frames[at + _HEADER : at + _BUFFERS]
        if self._signer is not None and not hmac.compare_digest(frames[at + 1], self._sign(parts)):
            raise MalformedMessageError("wrong signature")
        return at, parts

    def _sign(self, parts: Sequence[bytes | memoryview]) -> bytes:
        if self._signer is None:
            return b""
        signer = self._signer.copy()
        for part in parts:
            signer.update(part)
        return signer.hexdigest().encode()


def _to_json(value: Mapping[str, Any]) -> bytes:
    # A lone surrogate, which a paste may contain, can't be encoded in UTF-8. The kernel gets a question mark instead.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _stream_in_pieces(content: memoryview) -> list[Mapping[str, Any]] | None:
    """Returns the content of a stream message in pieces. Returns None if it has another form than kernels give it."""
    begin = _STREAM.match(content[:256])
    end = bytes(content[-16:]).rstrip()
    if begin is None or not end.endswith(b"}") or not (end := end[:-1].rstrip()).endswith(b'"'):
        return None
    text = content[begin.end() : len(content) - len(bytes(content[-16:])) + len(end) - 1]
    name = begin[1].decode()
    try:
        texts = [json.loads(f'"{str(piece, "utf-8", "replace")}"') for piece in _pieces(text)]
    except ValueError:  # the text ends before the content does, or it is not valid: json says why
        return None
    return [{"name": name, "text": lines} for lines in _whole_lines(texts)]


def _whole_lines(texts: Sequence[str]) -> Iterator[str]:
    """Yields the texts with cuts after line feeds only: a screen wraps a line anew each time that it grows."""
    line: list[str] = []
    for text in texts:
        end = text.rfind("\n") + 1
        if end:
            yield "".join((*line, text[:end]))
            line.clear()
        line.append(text[end:])
    if rest := "".join(line):
        yield rest


def _pieces(text: memoryview) -> Iterator[memoryview]:
    """Cuts the text of a string of JSON between its characters."""
    start = 0
    while start < len(text):
        end = _cut(text, start + _PIECE)
        yield text[start:end]
        start = end


def _cut(text: memoryview, least: int) -> int:
    """Returns the first place from `least` on that is between two characters, also if they are written as escapes."""
    near = bytes(text[least - _ESCAPE : least + _SEARCHED])
    for at in range(_ESCAPE, len(near) - _ESCAPE):
        if near[at] & 0xC0 == 0x80:  # within a character of UTF-8
            continue
        if b"\\" not in near[at - _ESCAPE : at]:
            return least - _ESCAPE + at
        if near[at] == 0x5C != near[at - 1] and not _IS_LOW_SURROGATE(near, at):
            return least - _ESCAPE + at
    return len(text)


def _from_json(part: bytes | memoryview, loads: Callable[[str], Any] = deep_json.loads) -> dict[str, Any]:
    try:
        value = loads(str(part, "utf-8", "replace"))
    except ValueError as error:
        raise MalformedMessageError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise MalformedMessageError(f"a JSON {type(value).__name__} where an object is needed")
    return value


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "username"
