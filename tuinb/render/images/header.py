"""Type and size of an image, read from its first bytes: nothing is decoded, so that a lying file costs nothing."""

from __future__ import annotations

import binascii
import struct
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

_HEAD = 512
"""Bytes that hold a size, but for JPEG's, which may stand behind an embedded preview."""
JPEG_HEAD = 1 << 18
_LINE = 128
"""Characters of a line of base64 at most, where it has lines."""
_SPACES = "\n\r "
_PIECE = 1 << 18
_JPEG_START = b"\xff\xd8"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""JPEG markers that have no length after them."""
_ORIENTATION = 0x112
"""EXIF's tag for how a camera was held."""


class Header(NamedTuple):
    mime: str
    """The type that the bytes are, whatever they were said to be."""
    size: Size
    """As it is to be seen: a photograph taken upright is higher than wide."""


def read_header(head: Callable[[int], bytes]) -> Header | None:
    """Type and size of the image whose first n bytes are `head(n)`; None where it is none, or its header is cut off."""
    start = head(_HEAD)
    if start.startswith(_JPEG_START) and _jpeg(start) is None:
        start = head(JPEG_HEAD)
    for mime, reader in _READERS.items():
        if (size := reader(start)) is not None:
            return Header(mime, size)
    return None


def describe(mime: str, data: str) -> str:
    """A line about a base64 image: `image/png 640×480, 17.6 kB`."""
    found = read_header(lambda most: unbase64(data[: most * 4 // 3]))
    return described(found.mime if found else mime, found.size if found else None, byte_count(data))


def described(mime: str, size: Size | None, count: int) -> str:
    """A line about an image of `count` bytes."""
    shown = "{}\N{MULTIPLICATION SIGN}{}".format(*size) if size else "unreadable"
    return f"{mime} {shown}, {size_text(count)}"


def byte_count(data: str) -> int:
    """How many bytes the base64 text `data` stands for, without decoding it."""
    white = sum(map((data if _is_broken(data) else data[-_LINE:]).count, _SPACES))
    return max(0, (len(data) - white) * 3 // 4 - data[-4:].count("="))


def _is_broken(data: str) -> bool:
    """Whether base64 text has lines. They are of equal length: if the first were longer than any, there is but one."""
    return any(space in data[:_LINE] for space in _SPACES)


def size_text(count: int) -> str:
    """A number of bytes for people: `640 B`, `17.6 kB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def unbase64(text: str) -> bytes:
    """The bytes of base64 text with or without line breaks; of what was cut off, as much as there is."""
    try:
        if _is_broken(text):
            return binascii.a2b_base64(text)
        # In pieces: other threads wait for each.
        return b"".join(binascii.a2b_base64(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE))
    except ValueError:
        pass
    text = "".join(text.split()).rstrip("=")
    try:
        return binascii.a2b_base64(text[: len(text) // 4 * 4])
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


def _bmp(head: bytes) -> Size | None:
    if head[:2] != b"BM" or len(head) < 26 or head[6:10] != bytes(4):
        return None
    if int.from_bytes(head[14:18], "little") == 12:
        return _checked(*struct.unpack("<HH", head[18:22]))
    width, height = struct.unpack("<ii", head[18:26])
    return _checked(width, abs(height)) if width > 0 else None


def _jpeg(head: bytes) -> Size | None:
    turned = False
    for marker, at, length in _segments(head):
        if marker == 0xE1:
            turned = _exif_orientation(head[at + 4 : at + 2 + length]) >= 5
        elif marker in _JPEG_FRAMES and at + 9 <= len(head):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return _checked(height, width) if turned else _checked(width, height)
    return None


def orientation(head: bytes) -> int:
    """How a JPEG is to be turned, 1 to 8, by its EXIF data; 1, not at all, where it doesn't say. Other types never do."""
    for marker, at, length in _segments(head):
        if marker == 0xE1 and (found := _exif_orientation(head[at + 4 : at + 2 + length])):
            return found
        if marker in _JPEG_FRAMES:
            break
    return 1


def _segments(head: bytes) -> Iterator[tuple[int, int, int]]:
    """A JPEG's segments up to its pixels: marker, where it stands, the length that follows it."""
    at = 2 if head.startswith(_JPEG_START) else len(head)
    while at + 4 <= len(head) and head[at] == 0xFF:
        marker = head[at + 1]
        length = max(2, int.from_bytes(head[at + 2 : at + 4], "big"))
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_BARE:
            at += 2
        else:
            yield marker, at, length
            at += 2 + length


def _exif_orientation(data: bytes) -> int:
    """From the content of an APP1 segment: 1 to 8, or 0 where it has none."""
    tiff = data[6:] if data.startswith(b"Exif\0\0") else b""
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    first = int.from_bytes(tiff[4:8], order)
    count = int.from_bytes(tiff[first : first + 2], order)
    for at in range(first + 2, min(first + 2 + 12 * count, len(tiff) - 11), 12):
        if int.from_bytes(tiff[at : at + 2], order) == _ORIENTATION:
            value = int.from_bytes(tiff[at + 8 : at + 10], order)
            return value if 1 <= value <= 8 else 0
    return 0


def _checked(width: int, height: int) -> Size | None:
    return (width, height) if width and height else None


_READERS: dict[str, Callable[[bytes], Size | None]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/bmp": _bmp,
}
TYPES = frozenset(_READERS)
"""The types whose headers are known; the same that are decoded."""
