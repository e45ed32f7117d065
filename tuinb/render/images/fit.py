"""Computes the size of a picture: whole character cells, and the pixels of the image inside them."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json
    from tuinb.render.images.header import Size

DEFAULT_CELL = (10, 20)
"""Size of a cell in pixels, if the terminal does not report it."""
MAX_CELLS = 297
"""Maximum number of columns or rows. kitty's placeholders have no higher numbers."""
_LARGEST_CELL = 200
_LARGEST = 100_000
"""Maximum size, in pixels, that metadata may request."""


class Fit(Record):
    """The box of a picture, and the part that the image covers, from the upper left corner."""

    columns: int
    rows: int
    pixels: Size
    """Size of the image as shown."""
    box: Size
    """Size of all cells in pixels. At least `pixels`."""


def fit(size: Size, columns: int, rows: int, cell: Size | None, *, largest: float = 1.0) -> Fit:
    """Fits an image of `size` pixels into at most `columns` × `rows` cells of `cell` pixels. Keeps the aspect ratio.

    `largest` is the maximum scale. By default the image is not enlarged.
    """
    wide, high = usable_cell(cell)
    most = min(columns, MAX_CELLS) * wide, min(rows, MAX_CELLS) * high
    scale = min(most[0] / size[0], most[1] / size[1], largest)
    pixels = tuple(max(1, min(limit, round(side * scale))) for side, limit in zip(size, most, strict=True))
    width, height = ceil(pixels[0] / wide), ceil(pixels[1] / high)
    return Fit(width, height, (pixels[0], pixels[1]), (width * wide, height * high))


def requested_size(size: Size, metadata: Json) -> Size:
    """Returns the size that the metadata requests with `width` and `height` in pixels. Either may be missing."""
    if not isinstance(metadata, Mapping):
        return size
    width, height = _pixels(metadata.get("width")), _pixels(metadata.get("height"))
    if width and not height:
        height = max(1, round(size[1] * width / size[0]))
    elif height and not width:
        width = max(1, round(size[0] * height / size[1]))
    return (min(width, _LARGEST), min(height, _LARGEST)) if width and height else size


def _pixels(value: Json) -> int:
    """Returns a length in the notations of IPython and HTML: 640, 640.0, "640", "640px". Returns 0 for others, such as
    percentages.
    """
    if isinstance(value, str):
        digits = value.strip().removesuffix("px").rstrip()
        value = int(digits[:9]) if digits.isascii() and digits.isdecimal() else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1e9:
        return 0
    return min(round(value), _LARGEST)


def usable_cell(cell: Size | None) -> Size:
    """Returns the size of a cell in pixels, or the default if the terminal reports none or an unlikely one."""
    usable = cell is not None and all(1 <= side <= _LARGEST_CELL for side in cell)
    return cell if cell is not None and usable else DEFAULT_CELL
