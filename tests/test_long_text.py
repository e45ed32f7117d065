"""Long bytes and texts in pieces: as C code does it in one call."""

from __future__ import annotations

from base64 import b64encode, encodebytes
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb import long_text

PIECES = st.integers(min_value=1, max_value=4).map(lambda number: 3 * number)


@given(st.binary(max_size=40), st.sampled_from([b"a", b"\\u", b"abc"]), st.integers(min_value=0, max_value=20), PIECES)
def test_bytes_are_found(data: bytes, part: bytes, at: int, piece: int) -> None:
    data = data + part + data
    with patch.object(long_text, "PIECE", piece):
        assert long_text.find(data, part, at) == data.find(part, at)
        assert b"".join(long_text.pieces(data)) == data
        assert b"".join(long_text.to_base64(data)) == b64encode(data)
        assert long_text.from_base64(encodebytes(data).decode()) == long_text.from_base64(b64encode(data).decode()) == data


@given(st.text(), PIECES)
def test_text_is_decoded_and_encoded(text: str, piece: int) -> None:
    with patch.object(long_text, "PIECE", piece):
        assert long_text.encode(text) == text.encode()
        assert long_text.encode(f"{text}\udc80") == text.encode() + b"\xed\xb2\x80"
        assert long_text.decode(text.encode(), 0, len(text.encode())) == text


@pytest.mark.parametrize("data", ["12345678ä".encode()[:-1], b"\xff12345678", b"12\xff"])
def test_what_is_no_utf_8(data: bytes) -> None:
    with patch.object(long_text, "PIECE", 3), pytest.raises(UnicodeDecodeError):
        long_text.decode(data, 0, len(data))


@pytest.mark.parametrize("text", ["abcde", "abcdefghijklmnopq"])
def test_what_is_no_base64(text: str) -> None:
    with patch.object(long_text, "PIECE", 3), pytest.raises(ValueError, match=r"Invalid|padding"):
        long_text.from_base64(text)
