"""A picture from its bytes: rows of text, and what a terminal with graphics is sent. It runs in jobs and knows no gallery."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tuinb.capabilities import Colors, Graphics
from tuinb.mime import SVG
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
"""Bytes of a span with its text and its part of the styles, about."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture's rows depend on, beside its image and its size."""

    colors: Colors
    unicode: bool
    graphics: Graphics
    backdrop: decode.Rgb
    """What transparent parts lie on."""
    needs: str = ""
    """`light` or `dark`: the background that it was made for, where its metadata says so."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture to be made."""

    source: Source
    header: Header
    fit: Fit
    look: Look
    label: str
    """A line about it, clean."""
    room: int
    """Columns for words about it."""
    quiet: Style
    warning: Style

    @cached_property
    def picture(self) -> Picture:
        """Worked out where it is asked for: it walks through all of the data, of which most is never looked at."""
        known = hash((self.source.key, self.header, self.fit, self.look))
        return Picture(f"{known & (1 << 64) - 1:016x}", self.fit.columns, self.fit.rows)


@dataclass(frozen=True, slots=True)
class Made:
    """A picture that was made."""

    lines: list[Line]
    payload: str | None = field(default=None, repr=False)
    """See Gallery.payload."""
    trouble: str = ""
    """Why it can't be shown: then `lines` say so."""

    @property
    def weight(self) -> int:
        """Bytes of memory, about."""
        return len(self.payload or "") + _SPAN_WEIGHT * sum(map(len, self.lines)) + 100 * len(self.lines)


def make(shown: Shown) -> Made:
    """The picture, or words about what is wrong with it."""
    try:
        return _make(shown)
    except (decode.UnreadableError, ValueError) as error:
        return failed(shown, str(error))
    except OSError as error:
        return failed(shown, error.strerror or "it can't be read")


def failed(shown: Shown, why: str) -> Made:
    """Words instead of a picture."""
    trouble = clean(f"{shown.label}: {why}")
    first = (Span(cut(trouble, shown.room), shown.warning),)
    return Made([first, *(() for _ in range(shown.fit.rows - 1))], trouble=trouble)


def frame(shown: Shown, index: int) -> Line:
    """A row of what stands there while the picture is made."""
    return (Span(cut(shown.label, shown.room) if index == 0 else " " * shown.fit.columns, shown.quiet),)


def cut(text: str, columns: int) -> str:
    """As much of the start of a clean text as fits in so many columns, and how it goes on."""
    if width(text) <= columns:
        return text
    while text and width(text) >= columns:
        text = text[: min(len(text) - 1, columns)]
    return text + "…"


def _make(shown: Shown) -> Made:
    fit, look = shown.fit, shown.look
    image, whole = _pixels(shown, fit.pixels)
    covered = image.width / fit.box[0], image.height / fit.box[1]
    lines = symbols.draw(image, (fit.columns, fit.rows), look.colors, look.unicode, look.backdrop, covered)
    if not whole:
        words = clean(f"the file ends early: {shown.label}")
        return Made([*lines[:-1], (Span(cut(words, shown.room), shown.warning),)])
    return Made(lines, _payload(image, shown))


def _pixels(shown: Shown, target: tuple[int, int]) -> tuple[Image, bool]:
    """The image at that size on its background, and whether all of it is there."""
    if shown.header.mime == SVG:
        from tuinb.render.images import svg

        image, whole = svg.draw(shown.source.read(), target), True
    else:
        decoded = decode.decode(shown.source.read(), shown.header.size, target)
        image, whole = decoded.image, decoded.whole
    return decode.composed(image, shown.look.backdrop, shown.look.needs), whole


def _payload(image: Image, shown: Shown) -> str | None:
    fit = shown.fit
    match shown.look.graphics:
        case Graphics.SIXEL:
            return sixel.encode(_canvas(image, shown))
        case Graphics.KITTY:
            return kitty.encode(_canvas(image, shown))
        case Graphics.ITERM:
            return iterm.encode(_canvas(image, shown), fit.columns, fit.rows)
        case _:
            return None


def _canvas(image: Image, shown: Shown) -> Image:
    """All of the picture's cells: the image in their upper left corner."""
    if image.size == shown.fit.box:
        return image
    from PIL import Image

    canvas = Image.new("RGB", shown.fit.box, shown.look.backdrop)
    canvas.paste(image, (0, 0))
    return canvas
