"""Decodes images of every kind, and reports damaged ones."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.render.images.support import BLACK, BLUE, GREEN, RED, WHITE, data_of, plot, quarters
from tuinb.render.images import header
from tuinb.render.images.decode import Decoded, UnreadableError, decode, flattened

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

CORNERS = ((2, 2), (37, 2), (2, 37), (37, 37))


def decoded(data: bytes, target: tuple[int, int] = (40, 40)) -> Decoded:
    found = header.read_header(lambda most: data[:most])
    assert found is not None
    return decode(data, found.size, target)


def corners(image: Pixels) -> list[tuple[int, ...]]:
    rgb = image.convert("RGB")
    found = []
    for place in CORNERS:
        pixel = rgb.getpixel(place)
        assert isinstance(pixel, tuple)
        found.append(pixel)
    return found


def near(found: list[tuple[int, ...]], *wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 24 for one, other in zip(found, wanted, strict=True) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
def test_every_type(kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    found = decoded(data_of(quarters(), kind, **options))
    assert found.image.size == (40, 40)
    assert found.image.mode == "RGB"
    assert found.whole
    assert near(corners(found.image), RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_mode_of_a_png(mode: str) -> None:
    source = quarters().convert("L").convert("I").point(lambda value: value * 256).convert("I;16") if mode == "I;16" else None
    image = decoded(data_of(source or quarters().convert(mode))).image
    assert image.mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")
    lightness = [sum(pixel) for pixel in corners(image)]
    assert lightness[3] == max(lightness) >= 3 * 240


def test_transparency_of_a_palette() -> None:
    image = quarters().quantize(8)
    for transparency in (0, bytes((0, 128, 255))):
        found = decoded(data_of(image, transparency=transparency)).image
        assert found.mode == "RGBA"
        assert found.getchannel("A").getextrema() == (0, 255)


def test_cmyk() -> None:
    assert near(corners(decoded(data_of(quarters().convert("CMYK"), "JPEG", quality=95)).image), RED, GREEN, BLUE, WHITE)


def test_the_first_frame_of_a_moving_gif() -> None:
    data = data_of(quarters(), "GIF", save_all=True, append_images=[Image.new("RGB", (80, 80), BLACK)])
    assert near(corners(decoded(data).image), RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize(
    ("orientation", "colors"),
    [
        (1, (RED, GREEN, BLUE, WHITE)),
        (2, (GREEN, RED, WHITE, BLUE)),
        (3, (WHITE, BLUE, GREEN, RED)),
        (4, (BLUE, WHITE, RED, GREEN)),
        (5, (RED, BLUE, GREEN, WHITE)),
        (6, (BLUE, RED, WHITE, GREEN)),
        (7, (WHITE, GREEN, BLUE, RED)),
        (8, (GREEN, WHITE, RED, BLUE)),
        (9, (RED, GREEN, BLUE, WHITE)),
    ],
)
def test_photographs_stand_upright(orientation: int, colors: tuple[tuple[int, int, int], ...]) -> None:
    exif = Image.Exif()
    exif[0x112] = orientation
    data = data_of(quarters((160, 80)), "JPEG", quality=95, exif=exif)
    found = header.read_header(lambda most: data[:most])
    assert found is not None
    assert found.size == ((80, 160) if 5 <= orientation <= 8 else (160, 80))
    assert near(corners(decoded(data).image), *colors)


def test_a_file_that_ends_early_shows_what_there_is() -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    noise.paste(RED, (0, 0, 200, 40))
    for kind in ("PNG", "JPEG"):
        data = data_of(noise, kind)
        found = decoded(data[: len(data) // 2], (100, 100))
        assert not found.whole
        assert near([corners(found.image)[0]], RED)


def test_headers_that_lie() -> None:
    data = data_of(quarters())
    with pytest.raises(UnreadableError, match="says 90×80, but it holds 80×80"):
        decode(data, (90, 80), (40, 40))
    with pytest.raises(UnreadableError, match="not an image of a known type"):
        decode(b"GIF", (9, 9), (9, 9))


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Returns an 8-bit grey PNG with arbitrary pixel data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def test_gigapixels_are_not_decoded() -> None:
    with pytest.raises(UnreadableError, match="2,500 million pixels, the limit is 40 million"):
        decoded(png(50_000, 50_000, b""))


def test_a_gif_whose_frame_is_larger_than_it_says() -> None:
    data = bytearray(data_of(quarters(), "GIF"))
    data[6:10] = struct.pack("<HH", 8, 8)
    with pytest.raises(UnreadableError, match="says 8×8, but it holds 80×80"):
        decoded(bytes(data))


DATA = [data_of(quarters((24, 24)), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]


@given(st.sampled_from(DATA), st.data())
def test_damaged_files_raise_nothing_else(data: bytes, choice: st.DataObject) -> None:
    at = choice.draw(st.integers(0, len(data) - 1))
    tail = choice.draw(st.binary(max_size=12))
    hurt = data[:at] + tail + data[at + choice.draw(st.integers(0, 12)) :]
    found = header.read_header(lambda most: hurt[:most])
    if found is None or max(found.size) > 2000:
        return
    with suppress(UnreadableError):
        assert decode(hurt, found.size, (5, 5)).image.size == (5, 5)


# ---- transparency

DARK_GROUND, LIGHT_GROUND = (30, 30, 30), (253, 246, 227)


def transparent(ink: tuple[int, int, int]) -> Pixels:
    lines = plot().convert("L").point(lambda value: 255 - value)
    image = Image.new("RGBA", lines.size, ink)
    image.putalpha(lines)
    return image


@pytest.mark.parametrize(
    ("ink", "backdrop", "needs", "ground"),
    [
        (BLACK, DARK_GROUND, "", WHITE),
        (BLACK, LIGHT_GROUND, "", LIGHT_GROUND),
        (WHITE, DARK_GROUND, "", DARK_GROUND),
        (WHITE, LIGHT_GROUND, "", (17, 17, 17)),
        (WHITE, DARK_GROUND, "light", WHITE),
        (WHITE, DARK_GROUND, "dark", DARK_GROUND),
        (BLACK, LIGHT_GROUND, "dark", (17, 17, 17)),
    ],
)
def test_what_is_transparent_stays_readable(
    ink: tuple[int, int, int], backdrop: tuple[int, int, int], needs: str, ground: tuple[int, int, int]
) -> None:
    image = flattened(transparent(ink), backdrop, needs)
    assert image.mode == "RGB"
    assert image.getpixel((1, 1)) == ground


def test_opaque_images_are_left_alone() -> None:
    assert flattened(quarters().convert("RGBA"), DARK_GROUND).tobytes() == quarters().tobytes()
    image = quarters()
    assert flattened(image, DARK_GROUND, "light") is image
