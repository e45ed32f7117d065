"""Messages on the websocket of a Jupyter server, as bytes and back. No I/O.

The server offers `v1.kernel.websocket.jupyter.org`: the parts of the message as they are on ZeroMQ, without a signature, behind
a table of offsets (jupyter-server.readthedocs.io, "WebSocket kernel wire protocols"). An older server takes JSON.
"""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, cast, get_args

from tuinb import deep_json
from tuinb.kernel.protocol.events import Channel
from tuinb.kernel.protocol.wire import DELIMITER, MalformedMessageError, Wire, WireMessage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUBPROTOCOL: Final = "v1.kernel.websocket.jupyter.org"
_CHANNELS: Final = frozenset(get_args(Channel))
_WORD: Final = 8
_LEAST: Final = 6
"""Offsets of a message without buffers: of the channel, of its four parts, and its end."""
_PARTS: Final = ("header", "parent_header", "metadata", "content")


class WebsocketWire:
    """Packs and unpacks the messages of one websocket. `v1`: whether the server took SUBPROTOCOL."""

    def __init__(self, session: str, *, v1: bool) -> None:
        self._wire = Wire(b"", session)
        self._v1 = v1

    def pack(
        self,
        channel: Channel,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
        subshell: str = "",
    ) -> bytes | str:
        """Returns a message to send. `subshell`: see Wire."""
        parts = self._wire.pack(message_id, message_type, content, parent_header, subshell)[2:]
        if self._v1:
            return _join([channel.encode(), *parts])
        fields = {name: json.loads(part) for name, part in zip(_PARTS, parts, strict=True)}
        return json.dumps({"channel": channel, "buffers": [], **fields})

    def unpack(self, data: bytes | str) -> tuple[Channel, WireMessage]:
        """Returns a message that has arrived. Raises MalformedMessageError."""
        if self._v1 and isinstance(data, bytes):
            channel, *parts = _split(data)
            return _channel(channel.decode("utf-8", "replace")), self._wire.unpack([DELIMITER, b"", *parts])
        text, buffers = _split_default(data) if isinstance(data, bytes) else (data, ())
        try:
            fields = deep_json.loads(text)
        except ValueError as error:
            raise MalformedMessageError(f"not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise MalformedMessageError(f"a JSON {type(fields).__name__} where an object is needed")
        header, parent, metadata, content = (fields.get(name) or {} for name in _PARTS)
        if not all(isinstance(part, dict) for part in (header, parent, metadata, content)):
            raise MalformedMessageError("a part of the message is no object")
        return _channel(fields.get("channel")), WireMessage(header, parent, metadata, content, tuple(buffers))


def _channel(name: object) -> Channel:
    if not isinstance(name, str) or name not in _CHANNELS:
        raise MalformedMessageError("an unknown channel")
    return cast("Channel", name)


def _join(parts: Sequence[bytes]) -> bytes:
    offsets = [_WORD * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


def _split(data: bytes) -> list[bytes]:
    """Returns the channel and the parts of a message. Raises MalformedMessageError."""
    count = int.from_bytes(data[:_WORD], "little")
    if not _LEAST <= count <= len(data) // _WORD - 1:
        raise MalformedMessageError("a table of offsets that is no table")
    offsets = struct.unpack_from(f"<{count}Q", data, _WORD)
    return _pieces(data, offsets, _WORD * (count + 1))


def _pieces(data: bytes, offsets: Sequence[int], least: int) -> list[bytes]:
    """Returns what is between each two offsets, of which the first is `least` or more. Raises MalformedMessageError."""
    if offsets[0] < least or offsets[-1] > len(data) or any(start > end for start, end in pairwise(offsets)):
        raise MalformedMessageError("offsets that are outside the message")
    return [data[start:end] for start, end in pairwise(offsets)]


def _split_default(data: bytes) -> tuple[str, Sequence[bytes]]:
    """Returns the JSON and the buffers of a message in the older framing. Raises MalformedMessageError."""
    count = int.from_bytes(data[:4], "big")
    if not 1 <= count <= len(data) // 4 - 1:
        raise MalformedMessageError("a table of offsets that is no table")
    offsets = [*struct.unpack_from(f">{count}I", data, 4), len(data)]
    text, *buffers = _pieces(data, offsets, 4 * (count + 1))
    return text.decode("utf-8", "replace"), buffers
