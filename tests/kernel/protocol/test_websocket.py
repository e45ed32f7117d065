"""Messages on a server's websocket: what is packed is unpacked, and anything else is malformed."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.kernel.protocol.websocket import WebsocketWire
from tuinb.kernel.protocol.wire import MalformedMessageError

CONTENT = {"code": "print('ä\u2028')", "n": [1, {"x": None}]}


@pytest.mark.parametrize("v1", [True, False])
def test_both_framings(v1: bool) -> None:
    wire = WebsocketWire("session", v1=v1)
    channel, message = wire.unpack(wire.pack("control", "id", "execute_request", CONTENT, {"msg_id": "parent"}))
    assert channel == "control"
    assert message.content == CONTENT
    assert (message.header["msg_id"], message.header["msg_type"], message.header["session"]) == (
        "id",
        "execute_request",
        "session",
    )
    assert (message.parent_header, message.metadata, message.buffers) == ({"msg_id": "parent"}, {}, ())


def framed(*parts: bytes) -> bytes:
    offsets = [8 * (len(parts) + 2)]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts)


HEADER = b'{"msg_id": "1", "msg_type": "comm_msg"}'


def test_buffers_of_both_framings() -> None:
    buffers = [b"", b"\x00\xff", b"abc"]
    _, message = WebsocketWire("s", v1=True).unpack(framed(b"iopub", HEADER, b"{}", b"{}", b'{"a": 1}', *buffers))
    assert (message.content, [*message.buffers]) == ({"a": 1}, buffers)
    text = json.dumps({"channel": "iopub", "header": {"msg_type": "x"}, "parent_header": None, "content": {"a": 1}}).encode()
    offsets = [4 * 5, 20 + len(text), 20 + len(text), 22 + len(text)]
    data = struct.pack(">5I", 4, *offsets) + text + b"".join(buffers)
    channel, message = WebsocketWire("s", v1=False).unpack(data)
    assert (channel, message.content, message.parent_header, [*message.buffers]) == ("iopub", {"a": 1}, {}, buffers)


@pytest.mark.parametrize("v1", [True, False])
@pytest.mark.parametrize(
    "data",
    [
        b"", b"\x01", struct.pack("<Q", 1 << 60), struct.pack(">I", 1 << 30), "[]", "{", '"x"',
        '{"channel": "shell", "header": 3}', '{"channel": "other"}', '{"channel": [], "content": {}}',
        framed(b"other", HEADER, b"{}", b"{}", b"{}"),
        framed(b"shell", b"[]", b"{}", b"{}", b"{}"), framed(b"shell", HEADER, b"{}", b"{}", b"no"),
        struct.pack("<7Q", 6, 0, 56, 56, 56, 56, 56), struct.pack("<7Q", 6, 56, 57, 57, 57, 57, 99),
        struct.pack("<7Q", 6, 56, 57, 56, 56, 56, 56), struct.pack(">3I", 2, 12, 11),
    ],
)  # fmt: skip
def test_what_is_no_message(data: bytes | str, v1: bool) -> None:
    with pytest.raises(MalformedMessageError):
        WebsocketWire("s", v1=v1).unpack(data)


@given(st.binary(max_size=80), st.booleans(), st.integers(0, 100))
def test_bytes_of_any_kind_are_a_message_or_malformed(data: bytes, v1: bool, at: int) -> None:
    good = framed(b"iopub", HEADER, b"{}", b"{}", b"{}", b"buffer")
    for candidate in (data, good[:at] + data + good[at:], good[:at]):
        try:
            channel, _ = WebsocketWire("s", v1=v1).unpack(candidate)
        except MalformedMessageError:
            continue
        assert channel in {"iopub", "shell", "control", "stdin"}
