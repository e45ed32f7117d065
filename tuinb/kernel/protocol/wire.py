"""Messages as frames on a ZeroMQ socket, signed (jupyter-client.readthedocs.io, "The wire protocol"). No I/O.

The format is public and small, and speaking it here rather than through jupyter_client's Session takes 120 ms off the way
to the first result (that package imports tornado, traitlets and dateutil) and two thirds off the cost of a message: dates
stay strings, no history of signatures is kept, and the parent header, which is the same bytes for thousands of messages of
one cell, is read once.
"""

from __future__ import annotations

import getpass
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DELIMITER = b"<IDS|MSG>"
PROTOCOL = "5.4"

_HEADER, _PARENT, _METADATA, _CONTENT, _BUFFERS = range(2, 7)
"""Places after the delimiter, which is followed by the signature."""


class MalformedMessageError(ValueError):
    """Frames that are no message, or not one of this kernel's."""


class WireMessage(NamedTuple):
    header: Mapping[str, Any]
    parent_header: Mapping[str, Any]
    metadata: Mapping[str, Any]
    content: Mapping[str, Any]
    buffers: tuple[bytes, ...]


class Wire:
    """Packs and unpacks the messages of one connection.

    `key` and `scheme` (`hmac-sha256`) are the connection file's. An empty key means unsigned. Raises ValueError for a scheme
    that is unknown here.
    """

    def __init__(self, key: bytes, session: str, scheme: str = "hmac-sha256") -> None:
        self.session = session
        self._signer = hmac.new(key, digestmod=scheme.removeprefix("hmac-")) if key else None
        self._username = _username()
        self._parent_frame = b""
        self._parent: Mapping[str, Any] = {}

    def pack(
        self, message_id: str, message_type: str, content: Mapping[str, Any], parent_header: Mapping[str, Any] | None = None
    ) -> list[bytes]:
        """The frames to send on a DEALER socket."""
        header = {
            "msg_id": message_id,
            "msg_type": message_type,
            "session": self.session,
            "username": self._username,
            "date": datetime.now(UTC).isoformat(),
            "version": PROTOCOL,
        }
        parts = [_to_json(part) for part in (header, parent_header or {}, {}, content)]
        return [DELIMITER, self._sign(parts), *parts]

    def unpack(self, frames: Sequence[bytes]) -> WireMessage:
        """Raises MalformedMessageError with a reason for people."""
        try:
            at = frames.index(DELIMITER)
        except ValueError:
            raise MalformedMessageError("no delimiter") from None
        if len(frames) < at + _BUFFERS:
            raise MalformedMessageError(f"{len(frames) - at - 1} parts after the delimiter, where 5 are needed")
        parts = frames[at + _HEADER : at + _BUFFERS]
        if self._signer is not None and not hmac.compare_digest(frames[at + 1], self._sign(parts)):
            raise MalformedMessageError("wrong signature")
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

    def _sign(self, parts: Sequence[bytes]) -> bytes:
        if self._signer is None:
            return b""
        signer = self._signer.copy()
        for part in parts:
            signer.update(part)
        return signer.hexdigest().encode()


def _to_json(value: Mapping[str, Any]) -> bytes:
    # A lone surrogate, as a paste may hold one, has no UTF-8: the kernel gets a question mark instead of an error here.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _from_json(part: bytes) -> dict[str, Any]:
    try:
        value = json.loads(part.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise MalformedMessageError(f"a JSON {type(value).__name__} where an object is needed")
    return value


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "username"
