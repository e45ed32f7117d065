"""The frames of the Language Server Protocol: a header with the length of a JSON text, an empty line, the text."""

from __future__ import annotations

import json
import re
from typing import Any

from tuinb import deep_json
from tuinb.errors import LanguageServerError

LONGEST = 64 * 1024 * 1024
"""Bytes of a message. No answer about a notebook comes near."""
_LONGEST_HEADER = 4096
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_LONG = 1_000_000
"""Bytes from which on a message is read in pieces, so that the reading thread does not hold the others."""


def frame(message: dict[str, Any]) -> bytes:
    """Returns a message as bytes for a server."""
    body = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameReader:
    """Reads the frames in what a server writes. May be used in any one thread."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._length = -1
        """Length of the message whose header was read. -1 before it."""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Returns the messages that are complete now. Raises LanguageServerError for what is no message."""
        self._rest += data
        found: list[dict[str, Any]] = []
        while (body := self._next()) is not None:
            found.append(_parsed(body))
        return found

    def _next(self) -> bytes | None:
        """Takes the next message off what was read."""
        if self._length < 0:
            end = self._rest.find(b"\r\n\r\n", 0, _LONGEST_HEADER + 4)
            if end < 0:
                if len(self._rest) > _LONGEST_HEADER:
                    raise LanguageServerError("it writes what is no message of the protocol")
                return None
            length = _LENGTH.search(self._rest[:end].replace(b"\r\n", b"\n"))
            if length is None:
                raise LanguageServerError("it writes what is no message of the protocol")
            self._length = int(length[1])
            if self._length > LONGEST:
                raise LanguageServerError(f"it writes a message of {self._length:,} bytes")
            del self._rest[: end + 4]
        if len(self._rest) < self._length:
            return None
        body = bytes(self._rest[: self._length])
        del self._rest[: self._length]
        self._length = -1
        return body


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode("utf-8")
        message = deep_json.loads_in_pieces(text) if len(body) > _LONG else deep_json.loads(text)
    except ValueError:
        raise LanguageServerError("it writes messages that are not JSON") from None
    if not isinstance(message, dict):
        raise LanguageServerError("it writes messages that are no JSON objects")
    return message
