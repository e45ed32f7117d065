"""Long bytes and texts, handled in pieces by C code, which holds the GIL to the end of each call.

One call takes 35 ms for the 48 MB of a notebook with many images, most of it for new pages of memory: a key that is typed
meanwhile waits. These functions are for threads.
"""

from __future__ import annotations

import binascii
from codecs import iterdecode
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE: Final = 3 << 16
"""Bytes or characters of a piece. A multiple of three: base64 has four characters for three bytes."""


def pieces(data: bytes) -> Iterator[bytes]:
    """Yields the bytes in pieces."""
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]


def find(data: bytes, part: bytes, at: int = 0) -> int:
    """Returns what `data.find(part, at)` does."""
    while at < len(data):
        if (found := data.find(part, at, at + PIECE + len(part) - 1)) >= 0:
            return found
        at += PIECE
    return -1


def decode(data: bytes, start: int, end: int) -> str:
    """Returns data[start:end], which is UTF-8, as text. Of long parts, only joining the pieces holds the GIL for long.

    Raises UnicodeDecodeError, whose offsets are in a piece.
    """
    if end - start <= PIECE:
        return data[start:end].decode()
    return "".join(iterdecode((data[at : min(at + PIECE, end)] for at in range(start, end, PIECE)), "utf-8"))


def encode(text: str) -> bytes:
    """Returns a text in UTF-8. Lone surrogates stay."""
    written = BytesIO()  # its buffer grows and becomes `bytes` in place
    for at in range(0, len(text), PIECE):
        written.write(text[at : at + PIECE].encode("utf-8", "surrogatepass"))
    return written.getvalue()


def to_base64(data: bytes) -> Iterator[bytes]:
    """Yields the bytes in base64, on one line, in pieces."""
    for piece in pieces(data):
        yield binascii.b2a_base64(piece, newline=False)


def from_base64(text: str) -> bytes:
    """Returns the bytes of base64, which may be on several lines. Raises ValueError."""
    written, rest = BytesIO(), ""
    for at in range(0, len(text), PIECE):
        rest += "".join(text[at : at + PIECE].split())
        whole = len(rest) - len(rest) % 4
        written.write(binascii.a2b_base64(rest[:whole]))
        rest = rest[whole:]
    written.write(binascii.a2b_base64(rest))
    return written.getvalue()
