"""Pixels drawn as text can be read back as pixels."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.render.images.support import BLACK, BLUE, GREEN, RED, WHITE, plot, quarters
from tuinb.capabilities import Colors
from tuinb.render.block import plain
from tuinb.render.images.symbols import draw
from tuinb.render.safe import clean, width

if TYPE_CHECKING:
    from rich.color import Color
    from rich.style import Style

    from tuinb.render.block import Line

GROUND = (30, 30, 30)
QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"


def pixels(lines: list[Line]) -> list[list[tuple[int, int, int]]]:
    """Two by two pixels for each cell."""
    rows = []
    for line in lines:
        upper, lower = [], []
        for span in line:
            assert span.style is not None
            for char in span.text:
                bits = QUADRANTS.index(char)
                four = [rgb(span.style.color if bits >> place & 1 else span.style.bgcolor) for place in range(4)]
                upper += four[:2]
                lower += four[2:]
        rows += [upper, lower]
    return rows


def rgb(color: Color | None) -> tuple[int, int, int]:
    assert color is not None
    red, green, blue = color.get_truecolor()
    return red, green, blue


def far(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_each_quarter_of_a_cell_is_a_pixel() -> None:
    image = Image.new("RGB", (8, 4), WHITE)
    for place in ((0, 0), (3, 0), (4, 1), (7, 1), (1, 2), (0, 3), (1, 3), (2, 2), (3, 2), (4, 2), (5, 3)):
        image.putpixel(place, RED)
    found = pixels(draw(image, (4, 2), Colors.TRUE, unicode=True, backdrop=GROUND))
    assert [[pixel == WHITE for pixel in row] for row in found] == [
        [image.getpixel((x, y)) == WHITE for x in range(8)] for y in range(4)
    ]
    assert far(found[0][0], RED) < 3


@pytest.mark.parametrize(("colors", "most"), [(Colors.TRUE, 4), (Colors.ANSI256, 30)])
def test_colours_are_kept(colors: Colors, most: int) -> None:
    found = pixels(draw(quarters(), (8, 4), colors, unicode=True, backdrop=GROUND))
    for (x, y), color in {(1, 1): RED, (14, 1): GREEN, (1, 6): BLUE, (14, 6): WHITE}.items():
        assert far(found[y][x], color) <= most
    assert found[7][15] == WHITE


def test_the_background_has_exactly_its_colour_and_neighbours_share_a_span() -> None:
    image = Image.new("RGB", (400, 100), (32, 29, 31))
    image.paste(Image.effect_noise((100, 100), 80).convert("RGB"), (0, 0))
    lines = draw(image, (40, 5), Colors.TRUE, unicode=True, backdrop=GROUND)
    for line in lines:
        last = line[-1]
        assert last.style is not None
        assert rgb(last.style.bgcolor) == GROUND
        assert last.text.endswith(" " * 29)


def test_thin_lines_do_not_fade() -> None:
    found = pixels(draw(plot(), (40, 15), Colors.TRUE, unicode=True, backdrop=GROUND))
    assert min(sum(pixel) for pixel in found[10][:10]) < 3 * 140
    inverted = plot().point(lambda value: 255 - value)
    found = pixels(draw(inverted, (40, 15), Colors.TRUE, unicode=True, backdrop=GROUND))
    assert max(sum(pixel) for pixel in found[10][:10]) > 3 * 115


def test_a_drawing_has_its_paper_as_background() -> None:
    for image, paper in ((plot(), WHITE), (plot().point(lambda value: 255 - value), BLACK)):
        lines = draw(image, (40, 15), Colors.TRUE, unicode=True, backdrop=WHITE)
        styles = [span.style for line in lines for span in line]
        on_paper = [style for style in styles if style is not None and far(rgb(style.bgcolor), paper) < 6]
        assert len(on_paper) > 0.85 * len(styles)


def test_braille_where_there_are_few_colours() -> None:
    lines = draw(plot(), (40, 15), Colors.ANSI16, unicode=True, backdrop=GROUND)
    text = [plain(line) for line in lines]
    assert all(len(row) == 40 and all("\u2800" <= char <= "\u28ff" for char in row) for row in text)
    assert text[0] == "\u2800" * 40
    assert {row[2] for row in text[2:13]} <= set("⡇⢸⣿")
    colors = {span.style.color.number for line in lines for span in line if span.style is not None and span.style.color}
    assert colors == {12}
    bright = draw(plot(), (40, 15), Colors.ANSI16, unicode=True, backdrop=WHITE)
    assert {span.style.color.number for line in bright for span in line if span.style and span.style.color} == {4}
    plainly = draw(plot(), (40, 15), Colors.NONE, unicode=True, backdrop=GROUND)
    assert [plain(line) for line in plainly] == text
    assert all(span.style is None for line in plainly for span in line)


def test_characters_where_there_is_no_unicode() -> None:
    rows = [plain(line) for line in draw(plot(), (40, 15), Colors.NONE, unicode=False, backdrop=GROUND)]
    assert all(len(row) == 40 and row.isascii() for row in rows)
    assert rows[0].strip() == ""
    assert rows[7][2] in "#%@"
    assert rows[7][4:16].strip() == ""


@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.sampled_from([*Colors]),
    st.booleans(),
    st.integers(1, 40),
    st.integers(1, 40),
    st.binary(min_size=3, max_size=300),
)
def test_any_picture_fills_its_cells(
    columns: int, rows: int, colors: Colors, unicode: bool, wide: int, high: int, data: bytes
) -> None:
    image = Image.frombytes("RGB", (wide, high), (data * (wide * high * 3 // len(data) + 1))[: wide * high * 3])
    lines = draw(image, (columns, rows), colors, unicode, GROUND)
    assert len(lines) == rows
    for line in lines:
        assert width(plain(line)) == columns
        assert clean(plain(line)) == plain(line)
        styles: list[Style | None] = [span.style for span in line]
        assert all(one != other for one, other in pairwise(styles))


def test_an_edge_does_not_run_into_what_fills_up_the_last_cells() -> None:
    white = Image.new("RGB", (403, 301), "white")
    found = pixels(draw(white, (51, 19), Colors.TRUE, True, GROUND, (403 / 408, 301 / 304)))
    assert {color for row in found for color in row} <= {WHITE, GROUND}
    assert WHITE in found[-1]
