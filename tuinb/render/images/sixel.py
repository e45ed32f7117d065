"""Encodes sixel: bands of six rows, drawn colour by colour. Works on whole rows, because Python loops over pixels are slow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_COLORS = 256
"""Colour registers in use. xterm and others have no more."""
_PLAIN = 4096
"""An image with at most this many colours is a drawing and is not dithered. Others are dithered."""
_SAMPLE = 16_384
"""Pixels from which a photograph's palette is chosen. Using all pixels takes seconds and is hardly better."""
_BAND = 6
_RUN = re.compile(rb"(.)\1{3,}")
_SHOWN = bytes(range(63, 127)) + bytes(192)
"""Maps six bits to the character of sixel."""


def encode(image: Image) -> str:
    """Returns the escape sequence that draws an RGB image at the cursor, one to one."""
    indexed = _indexed(image)
    width, height = indexed.size
    palette = indexed.getpalette() or []
    data = indexed.tobytes()
    rows = [data[at : at + width] for at in range(0, len(data), width)]
    registers = "".join(
        "#{};2;{};{};{}".format(number, *(round(level * 100 / 255) for level in palette[number * 3 : number * 3 + 3]))
        for number in sorted(set(data))
    )
    bands = b"-".join(_band(rows[at : at + _BAND]) for at in range(0, height, _BAND))
    return f'\x1bP0;1;0q"1;1;{width};{height}{registers}{bands.decode()}\x1b\\'


def _indexed(image: Image) -> Image:
    """Converts the image to a palette. Dithering triples the bytes but reduces the visible error to a sixth."""
    from PIL.Image import Dither, Quantize, Resampling

    if image.getcolors(_PLAIN) is not None:
        return image.quantize(MAX_COLORS, Quantize.MAXCOVERAGE, dither=Dither.NONE)
    share = max(1.0, (image.width * image.height / _SAMPLE) ** 0.5)
    size = max(1, round(image.width / share)), max(1, round(image.height / share))
    palette = image.resize(size, Resampling.NEAREST).quantize(MAX_COLORS, Quantize.MAXCOVERAGE, dither=Dither.NONE)
    return image.quantize(palette=palette, dither=Dither.FLOYDSTEINBERG)


def _band(rows: list[bytes]) -> bytes:
    width = len(rows[0])
    strokes = []
    for color in set(b"".join(rows)):
        only = _only(color)
        # A row with one bit a byte is an integer. Six of them, each shifted one bit further, form the band.
        bits = sum(int.from_bytes(row.translate(only), "big") << place for place, row in enumerate(rows) if color in row)
        stroke = bits.to_bytes(width, "big").translate(_SHOWN).rstrip(b"?")
        strokes.append(b"#%d%b" % (color, _RUN.sub(_counted, stroke)))
    return b"$".join(strokes)


def _counted(run: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (run.end() - run.start(), run[1])


def _only(color: int) -> bytes:
    return bytes(color) + b"\x01" + bytes(255 - color)
