"""Packs messages into signed ZeroMQ frames and back (jupyter-client.readthedocs.io, "The wire protocol"). No I/O.

The format is public and small. jupyter_client's Session would add 120 ms to the first result, because that package imports
tornado, traitlets and dateutil. It would triple the cost of a message. Here dates stay strings, and no history of signatures
is kept. Consecutive messages with the same parent header, such as those of a cell, have it parsed once.
"""

from __future__ import annotations

import getpass
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from tuinb import deep_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DELIMITER = b"<IDS|MSG>"
PROTOCOL = "5.4"

_HEADER, _PARENT, _METADATA, _CONTENT, _BUFFERS = range(2, 7)
"""Offsets of the frames from the delimiter. The signature has offset 1."""


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
    # A lone surrogate, which a paste may contain, can't be encoded in UTF-8. The kernel gets a question mark instead.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _from_json(part: bytes) -> dict[str, Any]:
    try:
        value = deep_json.loads(part.decode("utf-8", "replace"))
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
