"""Reads the type and size of an image from its first bytes. Decodes nothing, so a false header costs nothing."""

from __future__ import annotations

import binascii
import struct
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Size: TypeAlias = tuple[int, int]
"""Width and height in pixels."""

_HEAD = 512
"""Bytes that include the size, except in a JPEG, where it may follow an embedded preview."""
JPEG_HEAD = 1 << 18
_LINE = 128
"""Maximum length of a line of base64, if the text has lines."""
_SPACES = "\n\r "
_PIECE = 1 << 18
_JPEG_START = b"\xff\xd8"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
"""JPEG markers without a length."""
_ORIENTATION = 0x112
"""EXIF tag of the camera's orientation."""


class Header(NamedTuple):
    mime: str
    """Type by the bytes, whatever type was declared."""
    size: Size
    """Size as displayed, after EXIF rotation."""


def read_header(head: Callable[[int], bytes]) -> Header | None:
    """Returns type and size of the image whose first n bytes are `head(n)`. Returns None if it is no image or the header is
    cut off.
    """
    start = head(_HEAD)
    if start.startswith(_JPEG_START) and _jpeg(start) is None:
        start = head(JPEG_HEAD)
    for mime, reader in _READERS.items():
        if (size := reader(start)) is not None:
            return Header(mime, size)
    return None


def describe(mime: str, data: str) -> str:
    """Describes a base64 image: `image/png 640×480, 17.6 kB`."""
    found = read_header(lambda most: decode_base64(data[: most * 4 // 3]))
    return description(found.mime if found else mime, found.size if found else None, byte_count(data))


def description(mime: str, size: Size | None, count: int) -> str:
    """Describes an image of `count` bytes."""
    shown = "{}\N{MULTIPLICATION SIGN}{}".format(*size) if size else "unreadable"
    return f"{mime} {shown}, {size_text(count)}"


def byte_count(data: str) -> int:
    """Returns the number of bytes of base64 text without decoding it."""
    white = sum(map((data if _has_line_breaks(data) else data[-_LINE:]).count, _SPACES))
    return max(0, (len(data) - white) * 3 // 4 - data[-4:].count("="))


def _has_line_breaks(data: str) -> bool:
    """Whether base64 text has lines. Lines have equal length, so a longer first line means that there is only one."""
    return any(space in data[:_LINE] for space in _SPACES)


def size_text(count: int) -> str:
    """Formats a number of bytes: `640 B`, `17.6 kB`, `3.4 MB`."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def decode_base64(text: str) -> bytes:
    """Decodes base64 text with or without line breaks. Decodes as much as possible of text that is cut off."""
    try:
        if _has_line_breaks(text):
            return binascii.a2b_base64(text)
        # Decodes in pieces, because other threads wait for each call.
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
    """Returns the EXIF orientation of a JPEG, 1 to 8. Returns 1 (upright) if it has none."""
    for marker, at, length in _segments(head):
        if marker == 0xE1 and (found := _exif_orientation(head[at + 4 : at + 2 + length])):
            return found
        if marker in _JPEG_FRAMES:
            break
    return 1


def _segments(head: bytes) -> Iterator[tuple[int, int, int]]:
    """Yields the segments of a JPEG before its pixels: marker, offset, length."""
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
    """Returns the orientation in an APP1 segment, 1 to 8, or 0 if it has none."""
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
"""Types whose headers can be read. The same types can be decoded."""
