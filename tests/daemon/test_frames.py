"""Messages on a socket: whole however they arrive, ignored where unknown, limited in size."""

from __future__ import annotations

import os
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.daemon import frames
from tuinb.errors import SessionError

MESSAGES = st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers(), max_size=4), max_size=4)


@given(MESSAGES, st.data())
def test_any_chunking_gives_the_same_messages(bodies: list[dict[str, object]], data: st.DataObject) -> None:
    messages = [{**body, "t": "x"} for body in bodies]
    stream = b"".join(map(frames.encode, messages))
    decoder, found = frames.Decoder(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += decoder.feed(stream[:size])
        stream = stream[size:]
    assert found == messages


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"t": 1}', b"nonsense", b"\xff", b"[" * 100_000])
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(SessionError):
        frames.Decoder().feed(struct.pack("!I", len(body)) + body)


def test_a_long_message_is_refused_before_it_has_come() -> None:
    with pytest.raises(SessionError, match="too long"):
        frames.Decoder().feed(struct.pack("!I", frames.MOST_BYTES + 1))
    with pytest.raises(SessionError, match="too long"):
        frames.encode({"t": "x", "env": "e" * frames.MOST_BYTES})


def test_descriptors_come_with_a_message_and_no_child_inherits_them() -> None:
    here, there = socket.socketpair()
    reader, writer = os.pipe()
    with here, there:
        frames.send(here, {"t": "hello"}, (reader, writer))
        data, descriptors = frames.receive(there)
        assert frames.Decoder().feed(data) == [{"t": "hello"}]
        os.write(descriptors[1], b"x")
        assert os.read(reader, 1) == b"x"
        assert not any(map(os.get_inheritable, descriptors))
    for descriptor in (reader, writer, *descriptors):
        os.close(descriptor)
