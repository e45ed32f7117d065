"""Image sizes are read from the first bytes."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.render.images.header import byte_count, decode_base64, describe, orientation, read_header, size_text

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 640, 480)
GIF = b"GIF89a" + struct.pack("<HH", 3, 4) + bytes(3)
EXIF = b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998)
JPEG = b"\xff\xd8" + EXIF + b"\xff\xff\xdb\x00\x04ab" + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(9)
VP8X = b"RIFF0000WEBPVP8X" + bytes(8) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
VP8L = b"RIFF0000WEBPVP8L0000\x2f" + ((479 << 14) | 639).to_bytes(4, "little") + bytes(9)
VP8 = b"RIFF0000WEBPVP8 0000000\x9d\x01\x2a" + struct.pack("<HH", 640, 480) + bytes(4)

BMP = b"BM" + bytes(12) + struct.pack("<Iii", 40, 640, -480) + bytes(28)


@pytest.mark.parametrize(
    ("mime", "data", "size"),
    [
        ("image/png", PNG, (640, 480)),
        ("image/gif", GIF, (3, 4)),
        ("image/jpeg", JPEG, (640, 480)),
        ("image/webp", VP8X, (640, 480)),
        ("image/webp", VP8L, (640, 480)),
        ("image/webp", VP8, (640, 480)),
        ("image/png", PNG[:20], None),
        ("image/jpeg", JPEG[:100], None),
        ("image/bmp", BMP, (640, 480)),
        ("image/bmp", BMP[:20], None),
        ("image/png", b"", None),
        ("image/png", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(8), None),
    ],
)
def test_size(mime: str, data: bytes, size: tuple[int, int] | None) -> None:
    found = read_header(lambda most: data[:most])
    assert (found and (found.mime, found.size)) == (size and (mime, size))
    for text in (base64.b64encode(data).decode(), base64.encodebytes(data).decode()):
        assert decode_base64(text) == data


@given(st.binary(max_size=99))
def test_counts_bytes(data: bytes) -> None:
    assert byte_count(base64.b64encode(data).decode()) == len(data)
    assert byte_count(base64.encodebytes(data).decode()) == len(data)


@given(
    st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()),
    st.sampled_from(["image/png", "image/jpeg", "image/webp"]),
)
def test_lies_are_unreadable(data: str, mime: str) -> None:
    assert describe(mime, data)
    assert byte_count(data) >= 0


@given(st.binary(max_size=200))
def test_any_jpeg_ends(tail: bytes) -> None:
    data = b"\xff\xd8\xff" + tail
    found = read_header(lambda most: data[:most])
    assert found is None or min(found.size) > 0
    assert 1 <= orientation(data) <= 8


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (17_640, "17.6 kB"), (3_400_000, "3.4 MB"), (999_999, "1.0 MB")]
)
def test_sizes(count: int, text: str) -> None:
    assert size_text(count) == text


def test_describes() -> None:
    assert describe("image/png", base64.b64encode(PNG).decode()) == "image/png 640\N{MULTIPLICATION SIGN}480, 24 B"
    assert describe("image/png", "bm8=") == "image/png unreadable, 2 B"
