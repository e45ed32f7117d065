"""Draws pixels as text: a quadrant block with two colours for each cell, or braille dots on terminals with few colours.

Pillow processes the pixels; a cell costs about a microsecond in Python. Colours are reduced to a palette of the picture, so
that neighbours are equal. This means fewer spans, fewer styles and fewer bytes to the terminal.
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
"""Indexed by the quarters in the foreground: 1 upper left, 2 upper right, 4 lower left, 8 lower right."""
_SWAPPED = bytes((0, *range(14, 0, -1))) + bytes(241)
"""Maps shapes to those with foreground and background exchanged. A cell of one colour is unchanged."""
PALETTE = 96
_SAME = 14
"""Minimum difference of the two colours of a cell, in one channel of 0 to 255. Cells with a smaller difference get one
colour.
"""
_WHITE = (255, 255, 255)
_NEAR = 5
"""Maximum difference at which a palette colour is replaced by the background or white. Otherwise edges would be visible."""
_FADING = 1.5
"""Minimum reduction, in pixels, at which thin lines would fade."""
_PAPER = 0.35
"""Minimum share of an image that is background, for a drawing."""


def draw(
    image: Image,
    cells: tuple[int, int],
    colors: Colors,
    unicode: bool,
    backdrop: Rgb,
    covered: tuple[float, float] = (1.0, 1.0),
) -> list[Line]:
    """Draws an RGB image as rows of cells. `cells` is the number of columns and rows. `covered` is the share of them that
    the image covers.
    """
    columns, rows = cells
    if not unicode:
        return _ramp(_on_grid(image, (columns, rows), covered, None))
    if colors >= Colors.ANSI256:
        return quadrants(_on_grid(image, (columns * 2, rows * 2), covered, backdrop), colors, backdrop)
    return _braille(_on_grid(image, (columns * 2, rows * 4), covered, None), colors, backdrop)


def _on_grid(image: Image, grid: tuple[int, int], covered: tuple[float, float], ground: Rgb | None) -> Image:
    """Returns the image on a grid of dots. Fills the rest with `ground`, or with the colour of the last pixel if `ground`
    is None.
    """
    width, height = (min(most, max(1, round(most * part))) for most, part in zip(grid, covered, strict=True))
    shrunk = _shrunk(image, (width, height))
    if shrunk.size == grid:
        return shrunk
    from PIL import Image

    canvas = Image.new("RGB", grid, ground or tuple(shrunk.crop((width - 1, height - 1, width, height)).tobytes()))
    canvas.paste(shrunk, (0, 0))
    return canvas


def _shrunk(image: Image, size: tuple[int, int]) -> Image:
    """Shrinks the image. Keeps thin lines and text of a plot from fading into the background."""
    from PIL.Image import Resampling

    if min(image.width / size[0], image.height / size[1]) < _FADING or (paper := _paper(image)) is None:
        # A sharper filter would draw rings around edges.
        return image.resize(size, Resampling.HAMMING, reducing_gap=2.0)
    from PIL.ImageFilter import MaxFilter, MinFilter

    finer = image.resize((size[0] * 3, size[1] * 3), Resampling.BOX, reducing_gap=2.0)
    # The filter moves the pixel that differs most from the background into the middle of each three by three pixels.
    return finer.filter(MinFilter(3) if paper > 127 else MaxFilter(3)).resize(size, Resampling.NEAREST)


def _paper(image: Image) -> int | None:
    """Returns the lightness of a drawing's background, 0 to 255. Returns None for a photograph."""
    from PIL.Image import Resampling

    sample = image.convert("L").resize((64, 64), Resampling.NEAREST).histogram()
    lightness = max(range(256), key=lambda level: sum(sample[max(0, level - 2) : level + 3]))
    return lightness if sum(sample[max(0, lightness - 2) : lightness + 3]) > _PAPER * 64 * 64 else None


def quadrants(image: Image, colors: Colors, backdrop: Rgb) -> list[Line]:
    """Returns rows of cells from an RGB image of two by two pixels a cell."""
    from PIL import ImageStat
    from PIL.Image import Dither, Quantize

    light, dark, bits = _two_colors(image)
    columns, rows = light.size
    swap = ImageStat.Stat(image.convert("L")).mean[0] > 127
    # The more common colour becomes the background, because glyphs do not fill their cells in every font.
    both = _stacked(dark, light) if swap else _stacked(light, dark)
    indexed = both.quantize(PALETTE, Quantize.FASTOCTREE, dither=Dither.NONE)
    palette = _palette(indexed.getpalette() or [], colors, backdrop)
    styles = _Styles(palette)
    # Several palette entries may have become equal.
    numbers = indexed.tobytes().translate(bytes(map(palette.index, palette)).ljust(256, b"\0"))
    half = columns * rows
    lines: list[Line] = []
    for start in range(0, half, columns):
        stop = start + columns
        shapes = bits[start:stop].translate(_SWAPPED) if swap else bits[start:stop]
        lines.append(_line(numbers[start:stop], numbers[half + start : half + stop], shapes, styles))
    return lines


def _two_colors(image: Image) -> tuple[Image, Image, bytes]:
    """Returns for each cell the mean of the lighter pixels, the mean of the darker pixels, and which pixels are lighter."""
    from PIL import Image, ImageChops

    size = image.width // 2, image.height // 2
    grey = image.convert("L")
    mean = grey.reduce(2).resize(grey.size, Image.Resampling.NEAREST)
    mask = ImageChops.subtract(grey, mean).point(lambda value: 255 if value > 0 else 0)
    light, dark = _mean_where(image, mask), _mean_where(image, ImageChops.invert(mask))
    apart = ImageChops.difference(light, dark)
    red, green, blue = apart.split()
    differ = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda value: 255 if value >= _SAME else 0)
    # If no pixel is lighter than the others, there is no mean of lighter pixels.
    differ = ImageChops.multiply(differ, mask.reduce(2).point(lambda value: 255 if value else 0))
    bits = Image.new("L", size, 0)
    for bit in range(4):
        # An affine map samples at 2x + 1, so the left and upper pixels need a shift of half a step.
        shift = (2, 0, (bit & 1) - 1, 0, 2, (bit >> 1) - 1)
        part = mask.transform(size, Image.Transform.AFFINE, shift, Image.Resampling.NEAREST)
        bits = ImageChops.add(bits, part.point(lambda value, bit=bit: 1 << bit if value else 0))
    bits = ImageChops.multiply(bits, differ)
    dark.paste(image.reduce(2), mask=ImageChops.invert(differ))
    light.paste(dark, mask=ImageChops.invert(differ))
    return light, dark, bits.tobytes()


def _mean_where(image: Image, mask: Image, cell: tuple[int, int] = (2, 2)) -> Image:
    """Returns the mean of the masked pixels of each cell. Black if the mask is empty."""
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
    """Styles by two palette indexes."""

    def __init__(self, colors: list[Color]) -> None:
        self._colors = colors
        self._made: dict[tuple[int, int], Style] = {}

    def of(self, front: int, back: int) -> Style:
        style = self._made.get((front, back))
        if style is None:
            style = self._made[front, back] = Style(color=self._colors[front], bgcolor=self._colors[back])
        return style


def _line(fronts: bytes, backs: bytes, bits: bytes, styles: _Styles) -> Line:
    """Returns a row of cells. Cells of equal colours share a span."""
    spans: list[Span] = []
    text: list[str] = []
    front = back = -1
    for fore, ground, bit in zip(fronts, backs, bits, strict=True):
        if ground == back and (not bit or fore == ground):
            text.append(" ")
            continue
        if (fore, ground) != (front, back):
            if ground == back == front:
                # Only blanks so far, which work with any foreground.
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
"""Ink levels, of 255, below which nothing is drawn and above which the dot is solid."""
_DOTS = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
"""Bits of the dots of a braille character, row by row."""
_HUES = ((0, 1), (43, 3), (85, 2), (128, 6), (170, 4), (213, 5), (255, 1))
"""Hue (0 to 255) of the terminal's colours: red, yellow, green, cyan, blue, magenta, red."""
_COLORFUL = 90
"""Minimum saturation (0 to 255) of a coloured cell."""


def _ramp(image: Image) -> list[Line]:
    """Draws one character a cell, denser for more ink."""
    grey = _ink(image)
    text = grey.point(lambda value: ord(_SHADES[value * len(_SHADES) // 256])).tobytes().decode()
    return [(Span(text[at : at + image.width]),) for at in range(0, len(text), image.width)]


def _ink(image: Image) -> Image:
    """Returns how much each pixel differs from the background: ink on paper, or light on black. Removes faint lines."""
    from PIL import ImageOps

    grey = ImageOps.autocontrast(image.convert("L"))
    if sum(grey.histogram()[128:]) * 2 > grey.width * grey.height:
        grey = ImageOps.invert(grey)
    return grey.point([min(255, max(0, (level - _FAINT) * 255 // (_FULL - _FAINT))) for level in range(256)])


def _braille(image: Image, colors: Colors, backdrop: Rgb) -> list[Line]:
    """Draws ink as dots, in the terminal's colours if it has any."""
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
    """Returns for each cell the number of the terminal's colour of its dots, 1 to 6. 0 means grey."""
    from PIL import ImageChops

    hue, saturation, value = _mean_where(image, dots, (2, 4)).convert("HSV").split()
    seen = ImageChops.multiply(saturation, value).point(lambda level: 255 if level >= _COLORFUL else 0)
    nearest = [min(_HUES, key=lambda known: abs(known[0] - level))[1] for level in range(256)]
    return ImageChops.multiply(hue.point(nearest), seen).tobytes()
