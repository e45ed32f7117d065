"""Pixels as text: two colours a cell and the quadrant block that fits them best; braille dots where there are few colours.

Pillow does the work on pixels, a cell costs Python about a microsecond. Colours are brought down to a palette of the picture's
own, so that neighbours are alike: fewer spans, fewer styles, fewer bytes on the wire.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from rich.color import Color
from rich.style import Style

from tuinb.capabilities import Colors, nearest_256
from tuinb.render.block import Line, Span

if TYPE_CHECKING:
    from PIL.Image import Image

    from tuinb.render.images.decode import Rgb

_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟"
"""By which quarters are in the foreground: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
_SWAPPED = bytes((0, *range(14, 0, -1))) + bytes(241)
"""The same with foreground and background exchanged; a cell of one colour stays one."""
PALETTE = 96
_SAME = 14
"""Steps of 255 by which the two colours of a cell must differ, in one of red, green and blue, to be two."""
_WHITE = (255, 255, 255)
_NEAR = 5
"""Steps by which a palette's colours may miss the background and white, whose edges would be seen."""
_FADING = 1.5
"""Pixels that one comes to stand for, from which on thin lines fade."""
_PAPER = 0.35
"""The part of a drawing that is its ground, at least."""


def draw(
    image: Image,
    cells: tuple[int, int],
    colors: Colors,
    unicode: bool,
    backdrop: Rgb,
    covered: tuple[float, float] = (1.0, 1.0),
) -> list[Line]:
    """An RGB image as rows of cells, as wide and as many as `cells` says, of which it takes the part `covered`."""
    columns, rows = cells
    if not unicode:
        return _ramp(_laid_out(image, (columns, rows), covered, None))
    if colors >= Colors.ANSI256:
        return quadrants(_laid_out(image, (columns * 2, rows * 2), covered, backdrop), colors, backdrop)
    return _braille(_laid_out(image, (columns * 2, rows * 4), covered, None), colors, backdrop)


def _laid_out(image: Image, grid: tuple[int, int], covered: tuple[float, float], ground: Rgb | None) -> Image:
    """The image on that many dots, whole ones, and what fills them up: paper, where ink is told from it (no `ground`)."""
    width, height = (min(most, max(1, round(most * part))) for most, part in zip(grid, covered, strict=True))
    shrunk = _shrunk(image, (width, height))
    if shrunk.size == grid:
        return shrunk
    from PIL import Image

    canvas = Image.new("RGB", grid, ground or tuple(shrunk.crop((width - 1, height - 1, width, height)).tobytes()))
    canvas.paste(shrunk, (0, 0))
    return canvas


def _shrunk(image: Image, size: tuple[int, int]) -> Image:
    """The image at that size. The thin lines of a plot, or its text, are kept from fading into the paper that they are on."""
    from PIL.Image import Resampling

    if min(image.width / size[0], image.height / size[1]) < _FADING or (paper := _paper(image)) is None:
        # A sharper filter would draw rings around edges.
        return image.resize(size, Resampling.HAMMING, reducing_gap=2.0)
    from PIL.ImageFilter import MaxFilter, MinFilter

    finer = image.resize((size[0] * 3, size[1] * 3), Resampling.BOX, reducing_gap=2.0)
    # Of each three by three pixels what differs most from the paper: the middle one has it after the filter.
    return finer.filter(MinFilter(3) if paper > 127 else MaxFilter(3)).resize(size, Resampling.NEAREST)


def _paper(image: Image) -> int | None:
    """How light the ground of a drawing is, of 255; None for a photograph, which has none."""
    from PIL.Image import Resampling

    sample = image.convert("L").resize((64, 64), Resampling.NEAREST).histogram()
    lightness = max(range(256), key=lambda level: sum(sample[max(0, level - 2) : level + 3]))
    return lightness if sum(sample[max(0, lightness - 2) : lightness + 3]) > _PAPER * 64 * 64 else None


def quadrants(image: Image, colors: Colors, backdrop: Rgb) -> list[Line]:
    """Rows of cells from an RGB image of two pixels a cell both ways."""
    from PIL import ImageStat
    from PIL.Image import Dither, Quantize

    light, dark, bits = _two_colors(image)
    columns, rows = light.size
    swap = ImageStat.Stat(image.convert("L")).mean[0] > 127
    # What there is most of is the background: glyphs don't fill their cells to the edge in every font.
    both = _stacked(dark, light) if swap else _stacked(light, dark)
    indexed = both.quantize(PALETTE, Quantize.FASTOCTREE, dither=Dither.NONE)
    palette = _palette(indexed.getpalette() or [], colors, backdrop)
    styles = _Styles(palette)
    # Several may have become one.
    numbers = indexed.tobytes().translate(bytes(map(palette.index, palette)).ljust(256, b"\0"))
    half = columns * rows
    lines: list[Line] = []
    for start in range(0, half, columns):
        stop = start + columns
        shapes = bits[start:stop].translate(_SWAPPED) if swap else bits[start:stop]
        lines.append(_line(numbers[start:stop], numbers[half + start : half + stop], shapes, styles))
    return lines


def _two_colors(image: Image) -> tuple[Image, Image, bytes]:
    """For each cell the mean of its lighter pixels, that of its darker ones, and which are the lighter."""
    from PIL import Image, ImageChops

    size = image.width // 2, image.height // 2
    grey = image.convert("L")
    mean = grey.reduce(2).resize(grey.size, Image.Resampling.NEAREST)
    mask = ImageChops.subtract(grey, mean).point(lambda value: 255 if value > 0 else 0)
    light, dark = _mean_where(image, mask), _mean_where(image, ImageChops.invert(mask))
    apart = ImageChops.difference(light, dark)
    red, green, blue = apart.split()
    differ = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda value: 255 if value >= _SAME else 0)
    # Where no pixel is lighter than the others there is no mean of such.
    differ = ImageChops.multiply(differ, mask.reduce(2).point(lambda value: 255 if value else 0))
    bits = Image.new("L", size, 0)
    for bit in range(4):
        # An affine map takes its pixel at 2x + 1: half a step back for the left and the upper ones.
        shift = (2, 0, (bit & 1) - 1, 0, 2, (bit >> 1) - 1)
        part = mask.transform(size, Image.Transform.AFFINE, shift, Image.Resampling.NEAREST)
        bits = ImageChops.add(bits, part.point(lambda value, bit=bit: 1 << bit if value else 0))
    bits = ImageChops.multiply(bits, differ)
    dark.paste(image.reduce(2), mask=ImageChops.invert(differ))
    light.paste(dark, mask=ImageChops.invert(differ))
    return light, dark, bits.tobytes()


def _mean_where(image: Image, mask: Image, cell: tuple[int, int] = (2, 2)) -> Image:
    """The mean of those pixels of each cell that the mask has; black where it has none."""
    marked = image.copy()
    marked.putalpha(mask)
    return marked.convert("RGBa").reduce(cell).convert("RGBA").convert("RGB")


def _stacked(upper: Image, lower: Image) -> Image:
    from PIL import Image

    both = Image.new("RGB", (upper.width, upper.height * 2))
    both.paste(upper, (0, 0))
    both.paste(lower, (0, upper.height))
    return both


def _palette(flat: list[int], colors: Colors, backdrop: Rgb) -> list[Color]:
    found = []
    for at in range(0, len(flat), 3):
        rgb = (flat[at], flat[at + 1], flat[at + 2])
        for usual in (backdrop, _WHITE):
            if max(abs(mine - its) for mine, its in zip(rgb, usual, strict=True)) <= _NEAR:
                rgb = usual
                break
        found.append(Color.from_rgb(*rgb) if colors > Colors.ANSI256 else Color.from_ansi(nearest_256(*rgb)))
    return found


class _Styles:
    """Styles by two numbers of a palette."""

    def __init__(self, colors: list[Color]) -> None:
        self._colors = colors
        self._made: dict[tuple[int, int], Style] = {}

    def of(self, front: int, back: int) -> Style:
        style = self._made.get((front, back))
        if style is None:
            style = self._made[front, back] = Style(color=self._colors[front], bgcolor=self._colors[back])
        return style


def _line(fronts: bytes, backs: bytes, bits: bytes, styles: _Styles) -> Line:
    """A row of cells, with those of equal colours in one span."""
    spans: list[Span] = []
    text: list[str] = []
    front = back = -1
    for fore, ground, bit in zip(fronts, backs, bits, strict=True):
        if ground == back and (not bit or fore == ground):
            text.append(" ")
            continue
        if (fore, ground) != (front, back):
            if ground == back == front:
                # Only blanks so far: any foreground does for them.
                front = fore
            else:
                if text:
                    spans.append(Span("".join(text), styles.of(front, back)))
                text, front, back = [], fore, ground
        text.append(_QUADRANTS[bit if fore != ground else 0])
    spans.append(Span("".join(text), styles.of(front, back)))
    return tuple(spans)


# ---- few colours


_SHADES = " .:-=+*#%@"
_FAINT, _FULL = 40, 140
"""Of 255 steps, the ink that is left out and the ink that is drawn solid."""
_DOTS = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
"""The bits of a braille character's dots, row by row."""
_HUES = ((0, 1), (43, 3), (85, 2), (128, 6), (170, 4), (213, 5), (255, 1))
"""Of 256 steps of hue, where which of the terminal's colours is: red, yellow, green, cyan, blue, magenta, red."""
_COLORFUL = 90
"""Of 255, the saturation from which on a cell is shown in a colour."""


def _ramp(image: Image) -> list[Line]:
    """A character a cell, the denser the more ink."""
    grey = _ink(image)
    text = grey.point(lambda value: ord(_SHADES[value * len(_SHADES) // 256])).tobytes().decode()
    return [(Span(text[at : at + image.width]),) for at in range(0, len(text), image.width)]


def _ink(image: Image) -> Image:
    """How much each pixel is not what most of the picture is: ink on paper, or light in the dark. Faint lines fade."""
    from PIL import ImageOps

    grey = ImageOps.autocontrast(image.convert("L"))
    if sum(grey.histogram()[128:]) * 2 > grey.width * grey.height:
        grey = ImageOps.invert(grey)
    return grey.point([min(255, max(0, (level - _FAINT) * 255 // (_FULL - _FAINT))) for level in range(256)])


def _braille(image: Image, colors: Colors, backdrop: Rgb) -> list[Line]:
    """Dots for ink, in the terminal's colours where it has any."""
    from PIL import Image, ImageChops

    dots = _ink(image).convert("1").convert("L")
    size = image.width // 2, image.height // 4
    bits = Image.new("L", size, 0)
    for place, bit in enumerate(_DOTS):
        shift = (2, 0, place % 2 - 1, 0, 4, place // 2 - 2)
        part = dots.transform(size, Image.Transform.AFFINE, shift, Image.Resampling.NEAREST)
        bits = ImageChops.add(bits, part.point(lambda value, bit=bit: bit if value else 0))
    inks = _inks(image, dots) if colors else bytes(size[0] * size[1])
    styles = {number: Style(color=Color.from_ansi(number + (8 if sum(backdrop) < 3 * 128 else 0))) for number in range(1, 7)}
    pattern, lines = bits.tobytes(), []
    for start in range(0, len(pattern), size[0]):
        runs = groupby(range(start, start + size[0]), key=lambda at: inks[at] if pattern[at] else 0)
        lines.append(tuple(Span("".join(chr(0x2800 + pattern[at]) for at in run), styles.get(ink)) for ink, run in runs))
    return lines


def _inks(image: Image, dots: Image) -> bytes:
    """For each cell the number of the terminal's colour that its dots have, 1 to 6; 0 for greys."""
    from PIL import ImageChops

    hue, saturation, value = _mean_where(image, dots, (2, 4)).convert("HSV").split()
    seen = ImageChops.multiply(saturation, value).point(lambda level: 255 if level >= _COLORFUL else 0)
    nearest = [min(_HUES, key=lambda known: abs(known[0] - level))[1] for level in range(256)]
    return ImageChops.multiply(hue.point(nearest), seen).tobytes()
