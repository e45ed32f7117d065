"""How large an image is shown: whole character cells, and the pixels of the image in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.render.images.header import Size

USUAL_CELL = (10, 20)
"""Pixels of a cell where the terminal doesn't say."""
MOST_CELLS = 297
"""Columns or rows of a picture: kitty's placeholders count no further."""
_LARGEST_CELL = 200
_LARGEST = 100_000
"""Pixels that metadata may ask for."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The box that a picture takes, and its part that the image covers, from the upper left corner."""

    columns: int
    rows: int
    pixels: Size
    """The image's size as it is shown."""
    box: Size
    """The size of all of its cells, in pixels; at least `pixels`."""


def fit(size: Size, columns: int, rows: int, cell: Size | None, *, enlarge: bool = False) -> Fit:
    """An image of `size` pixels in at most `columns` × `rows` cells of `cell` pixels, its aspect kept.

    It is made larger than it is only with `enlarge`.
    """
    wide, high = _cell(cell)
    most = min(columns, MOST_CELLS) * wide, min(rows, MOST_CELLS) * high
    scale = min(most[0] / size[0], most[1] / size[1])
    if not enlarge:
        scale = min(scale, 1.0)
    pixels = tuple(max(1, min(limit, round(side * scale))) for side, limit in zip(size, most, strict=True))
    width, height = ceil(pixels[0] / wide), ceil(pixels[1] / high)
    return Fit(width, height, (pixels[0], pixels[1]), (width * wide, height * high))


def wanted(size: Size, metadata: Json) -> Size:
    """The size that the metadata of a bundle's type asks for: `width` and `height` in pixels, either or both."""
    if not isinstance(metadata, Mapping):
        return size
    width, height = _pixels(metadata.get("width")), _pixels(metadata.get("height"))
    if width and not height:
        height = max(1, round(size[1] * width / size[0]))
    elif height and not width:
        width = max(1, round(size[0] * height / size[1]))
    return (min(width, _LARGEST), min(height, _LARGEST)) if width and height else size


def _pixels(value: Json) -> int:
    """A length as IPython and HTML write it: 640, 640.0, "640", "640px". 0 for anything else (a percentage, say)."""
    if isinstance(value, str):
        digits = value.strip().removesuffix("px").rstrip()
        value = int(digits[:9]) if digits.isascii() and digits.isdecimal() else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1e9:
        return 0
    return min(round(value), _LARGEST)


def _cell(cell: Size | None) -> Size:
    usable = cell is not None and all(1 <= side <= _LARGEST_CELL for side in cell)
    return cell if cell is not None and usable else USUAL_CELL
