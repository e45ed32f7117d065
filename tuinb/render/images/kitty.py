"""kitty's graphics protocol: an image is sent once, then shown wherever its placeholder characters are.

Source: "Unicode placeholders" in https://sw.kovidgoyal.net/kitty/graphics-protocol/. The marks of a placeholder encode the
row and column of the image, and the foreground colour encodes the image id. Every placeholder has both, so that each cell
can be written alone.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style

if TYPE_CHECKING:
    from PIL.Image import Image

    from tuinb.render.block import Picture

PLACEHOLDER = "\U0010eeee"
CHUNK = 2048
"""Base64 characters of one escape sequence. All but the last must be a multiple of 4. A key press may wait for one sequence."""
_MANY_COLORS = 1 << 15
_RANGES = """
    305 30D-30E 310 312 33D-33F 346 34A-34C 350-352 357 35B 363-36F 483-487 592-595 597-599 59C-5A1 5A8-5A9 5AB-5AC 5AF 5C4
    610-617 657-65B 65D-65E 6D6-6DC 6DF-6E2 6E4 6E7-6E8 6EB-6EC 730 732-733 735-736 73A 73D 73F-741 743 745 747 749-74A
    7EB-7F1 7F3 816-819 81B-823 825-827 829-82D 951 953-954 F82-F83 F86-F87 135D-135F 17DD 193A 1A17 1A75-1A7C 1B6B
    1B6D-1B73 1CD0-1CD2 1CDA-1CDB 1CE0 1DC0-1DC1 1DC3-1DC9 1DCB-1DCC 1DD1-1DE6 1DFE 20D0-20D1 20D4-20D7 20DB-20DC 20E1 20E7
    20E9 20F0 2CEF-2CF1 2DE0-2DFF A66F A67C-A67D A6F0-A6F1 A8E0-A8F1 AAB0 AAB2-AAB3 AAB7-AAB8 AABE-AABF AAC1 FE20-FE26
    10A0F 10A38 1D185-1D189 1D1AA-1D1AD 1D242-1D244
"""
"""The 297 marks for the numbers from 0, in order (rowcolumn-diacritics.txt of kitty)."""


def encode(image: Image) -> str:
    """Returns the image as base64 of a PNG, for `transmit`. A photograph is dithered to 256 colours, for a quarter of the
    bytes.
    """
    if is_photograph(image):
        from PIL.Image import Dither, Quantize

        palette = image.quantize(256, Quantize.FASTOCTREE, dither=Dither.NONE)
        image = image.quantize(palette=palette, dither=Dither.FLOYDSTEINBERG)
    return b64encode(png(image)).decode()


def is_photograph(image: Image) -> bool:
    """Whether an RGB image has too many colours for an efficient PNG."""
    return image.getcolors(_MANY_COLORS) is None


def png(image: Image) -> bytes:
    """Returns the image as a PNG."""
    out = BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()


def transmit(payload: str, image_id: int, picture: Picture) -> list[str]:
    """Returns escape sequences that send a payload and create a virtual placement of the picture's size. Send them in
    order.

    `image_id` has 24 bits and is not 0. The terminal replies only if it rejects the image.
    """
    control = f"a=T,U=1,f=100,t=d,i={image_id},c={picture.columns},r={picture.rows},"
    chunks = [payload[at : at + CHUNK] for at in range(0, len(payload), CHUNK)]
    last = len(chunks) - 1
    return [f"\x1b_G{'' if number else control}q=1,m={int(number < last)};{chunk}\x1b\\" for number, chunk in enumerate(chunks)]


def delete(image_id: int) -> str:
    """Returns the escape sequence that deletes an image in the terminal."""
    return f"\x1b_Ga=d,d=I,i={image_id},q=2\x1b\\"


@lru_cache(maxsize=512)
def placeholders(row: int, columns: int) -> str:
    """Returns the text for a row of an image."""
    marks = _marks()
    return "".join(f"{PLACEHOLDER}{marks[row]}{mark}" for mark in marks[:columns])


@lru_cache(maxsize=512)
def id_style(image_id: int) -> Style:
    """Returns the style of an image's placeholders. Its colour encodes the id, so it must reach the terminal unchanged."""
    return Style(color=Color.from_rgb(image_id >> 16 & 255, image_id >> 8 & 255, image_id & 255))


@lru_cache(maxsize=1)
def _marks() -> tuple[str, ...]:
    found: list[str] = []
    for part in _RANGES.split():
        first, _, last = part.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    return tuple(found)
