"""Type and size of an image, read from its first bytes: nothing is decoded, so that a lying file costs nothing."""

from __future__ import annotations

import binascii
import re
import struct
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

_HEAD = 4096
"""Base64 characters that hold a size, but for JPEG's, which may stand behind an embedded preview."""
_JPEG_HEAD = 1 << 20
_WHITE = re.compile(r"\s+")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""JPEG markers that have no length after them."""


def size_of(mime: str, data: str) -> Size | None:
    """The size of the base64 image `data`; None where it is no such image, or its header is cut off."""
    reader = _READERS.get(mime)
    if reader is None:
        return None
    return reader(_decode(data, _JPEG_HEAD if mime == "image/jpeg" else _HEAD))


def byte_count(data: str) -> int:
    """How many bytes the base64 text `data` stands for, without decoding it."""
    white = sum(map(data.count, "\n\r "))
    return max(0, (len(data) - white) * 3 // 4 - data[-4:].count("="))


def describe(mime: str, data: str) -> str:
    """A line about a base64 image: `image/png 640×480, 17.6 kB`."""
    size = size_of(mime, data)
    shown = "{}\N{MULTIPLICATION SIGN}{}".format(*size) if size else "unreadable"
    return f"{mime} {shown}, {size_text(byte_count(data))}"


def size_text(count: int) -> str:
    """A number of bytes for people: `640 B`, `17.6 kB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def _decode(data: str, most: int) -> bytes:
    head = _WHITE.sub("", data[:most])
    try:
        return binascii.a2b_base64(head[: len(head) // 4 * 4])
    except ValueError:
        return b""


def _png(head: bytes) -> Size | None:
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR" or len(head) < 24:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return _checked(width, height)


def _gif(head: bytes) -> Size | None:
    if head[:6] not in (b"GIF87a", b"GIF89a") or len(head) < 10:
        return None
    return _checked(*struct.unpack("<HH", head[6:10]))


def _webp(head: bytes) -> Size | None:
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return None
    kind = head[12:16]
    if kind == b"VP8X":
        return _checked(int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1)
    if kind == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return _checked((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", head[26:30])
        return _checked(width & 0x3FFF, height & 0x3FFF)
    return None


def _jpeg(head: bytes) -> Size | None:
    if head[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return _checked(width, height)
        else:
            at += 2 if marker in _JPEG_BARE else 2 + max(2, int.from_bytes(head[at + 2 : at + 4], "big"))
    return None


def _checked(width: int, height: int) -> Size | None:
    return (width, height) if width and height else None


_READERS: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
}
TYPES = frozenset(_READERS)
"""The types whose headers are known."""
