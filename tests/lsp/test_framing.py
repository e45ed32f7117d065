"""Frames, cut anywhere, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.errors import LanguageServerError
from tuinb.lsp.framing import LONGEST, FrameReader, frame


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers()), max_size=5), st.integers(1, 40))
def test_messages_arrive_however_they_are_cut(messages: list[dict[str, object]], size: int) -> None:
    data = b"".join(frame(message) for message in messages)
    reader = FrameReader()
    found = [message for at in range(0, len(data), size) for message in reader.feed(data[at : at + size])]
    assert found == [{"jsonrpc": "2.0", **message} for message in messages]


def test_other_headers_and_cases() -> None:
    assert FrameReader().feed(b"Content-Type: x; charset=utf-8\r\ncontent-length:  2\r\n\r\n{}") == [{}]


def test_a_long_message_is_read() -> None:
    text = "x" * 2_000_000
    assert FrameReader().feed(frame({"text": text}))[0]["text"] == text


@pytest.mark.parametrize(
    "data",
    [
        b"Traceback (most recent call last):\r\n\r\n",
        b"x" * 5000,
        b"Content-Length: -3\r\n\r\n{}",
        b"Content-Length: %d\r\n\r\n{}" % (LONGEST + 1),
        b"Content-Length: 2\r\n\r\n{]",
        b"Content-Length: 2\r\n\r\n[]",
        b"Content-Length: 2\r\n\r\n\xff\xfe",
    ],
)
def test_garbage(data: bytes) -> None:
    with pytest.raises(LanguageServerError):
        FrameReader().feed(data)
