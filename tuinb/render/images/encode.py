"""Makes a picture from image bytes: rows of text, and the data for a terminal with graphics. Runs in jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tuinb.capabilities import Colors, Graphics
from tuinb.mime import SVG
from tuinb.record import Record
from tuinb.render.block import Line, Picture, Span
from tuinb.render.images import decode, iterm, kitty, sixel, symbols
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from PIL.Image import Image
    from rich.style import Style

    from tuinb.render.images.fit import Fit
    from tuinb.render.images.header import Header
    from tuinb.render.images.sources import Source

_SPAN_WEIGHT = 200
"""Approximate memory of a span, with its text and its share of the styles, in bytes."""

_DIMMED = 0.7
"""Brightness of a dimmed picture."""


class Appearance(Record):
    """What the rows of a picture depend on besides the image and the size."""

    colors: Colors
    unicode: bool
    graphics: Graphics
    backdrop: decode.Rgb
    """Colour under transparent parts."""
    needs: str = ""
    """Background for which the image was made, by its metadata: `light`, `dark` or empty."""
    dim: bool = False
    """Whether it is dimmed."""


@dataclass(frozen=True, eq=False)
class PictureRequest:
    """A picture to make."""

    source: Source
    header: Header
    fit: Fit
    look: Appearance
    label: str
    """Description of the picture, safe to paint."""
    room: int
    """Columns available for text."""
    muted: Style
    warning: Style

    @cached_property
    def picture(self) -> Picture:
        """Computed on demand, because it reads all the data. Most pictures are never shown."""
        known = hash((self.source.key, self.header, self.fit, self.look))
        return Picture(f"{known & (1 << 64) - 1:016x}", self.fit.columns, self.fit.rows)


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A picture that was made, or an error."""

    lines: list[Line]
    payload: str | None = field(default=None, repr=False)
    """See Gallery.payload."""
    error: str = ""
    """Why it can't be shown. `lines` then has the same text."""

    @property
    def weight(self) -> int:
        """Approximate memory in bytes."""
        return len(self.payload or "") + _SPAN_WEIGHT * sum(map(len, self.lines)) + 100 * len(self.lines)


def make(request: PictureRequest) -> MadePicture:
    """Returns the picture, or text with the problem."""
    try:
        return _make(request)
    except (decode.UnreadableError, ValueError) as error:
        return failed(request, str(error))
    except OSError as error:
        return failed(request, error.strerror or "it can't be read")


def failed(request: PictureRequest, why: str) -> MadePicture:
    """Returns text instead of a picture."""
    error = clean(f"{request.label}: {why}")
    first = (Span(cut(error, request.room), request.warning),)
    return MadePicture([first, *(() for _ in range(request.fit.rows - 1))], error=error)


def frame(request: PictureRequest, index: int) -> Line:
    """Returns a row of the placeholder for a picture that is not made yet."""
    return (Span(cut(request.label, request.room) if index == 0 else " " * request.fit.columns, request.muted),)


def cut(text: str, columns: int) -> str:
    """Cuts a safe text to `columns`, with an ellipsis."""
    if width(text) <= columns:
        return text
    while text and width(text) >= columns:
        text = text[: min(len(text) - 1, columns)]
    return text + "…"


def _make(request: PictureRequest) -> MadePicture:
    fit, look = request.fit, request.look
    image, whole = _pixels(request, fit.pixels)
    covered = image.width / fit.box[0], image.height / fit.box[1]
    lines = symbols.draw(image, (fit.columns, fit.rows), look.colors, look.unicode, look.backdrop, covered)
    if not whole:
        words = clean(f"the file ends early: {request.label}")
        return MadePicture([*lines[:-1], (Span(cut(words, request.room), request.warning),)])
    return MadePicture(lines, _payload(image, request))


def _pixels(request: PictureRequest, target: tuple[int, int]) -> tuple[Image, bool]:
    """Returns the image at a size on its background, and whether it is complete."""
    if request.header.mime == SVG:
        from tuinb.render.images import svg

        image, whole = svg.draw(request.source.read(), target), True
    else:
        decoded = decode.decode(request.source.read(), request.header.size, target)
        image, whole = decoded.image, decoded.whole
    image = decode.flattened(image, request.look.backdrop, request.look.needs)
    return image.point([int(value * _DIMMED) for value in range(256)] * 3) if request.look.dim else image, whole


def _payload(image: Image, request: PictureRequest) -> str | None:
    fit = request.fit
    match request.look.graphics:
        case Graphics.SIXEL:
            return sixel.encode(_canvas(image, request))
        case Graphics.KITTY:
            return kitty.encode(_canvas(image, request))
        case Graphics.ITERM:
            return iterm.encode(_canvas(image, request), fit.columns, fit.rows)
        case _:
            return None


def _canvas(image: Image, request: PictureRequest) -> Image:
    """Returns the image padded to the size of its cells."""
    if image.size == request.fit.box:
        return image
    from PIL import Image

    canvas = Image.new("RGB", request.fit.box, request.look.backdrop)
    canvas.paste(image, (0, 0))
    return canvas
