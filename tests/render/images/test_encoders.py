"""Decodes the data for terminals with graphics, and compares it with the image."""

from __future__ import annotations

import base64
import re
import unicodedata
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from tests.render.images.support import BLACK, RED, plot, quarters
from tuinb.render.block import Picture
from tuinb.render.images import iterm, kitty, sixel
from tuinb.render.images.fit import MAX_CELLS
from tuinb.render.safe import width

PICTURE = Picture("digest", 40, 15)


def photograph() -> Image.Image:
    across = Image.linear_gradient("L")
    return Image.merge("RGB", [across, across.rotate(90), Image.radial_gradient("L")])


def apart(one: Image.Image, other: Image.Image) -> float:
    """Returns the mean difference of two images, 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


# ---- kitty


def controls(sequence: str) -> tuple[dict[str, str], str]:
    match = re.fullmatch(r"\x1b_G([^;]*);([A-Za-z0-9+/=]*)\x1b\\", sequence)
    assert match is not None
    return dict(pair.split("=") for pair in match[1].split(",")), match[2]


@pytest.mark.parametrize("image", [quarters(), photograph()], ids=["drawing", "photograph"])
def test_kitty_gets_a_png_in_chunks(image: Image.Image) -> None:
    sequences = kitty.transmit(kitty.encode(image), 0xABCDEF, PICTURE)
    first, *others = [controls(sequence) for sequence in sequences]
    wanted = {"a": "T", "U": "1", "f": "100", "t": "d", "i": str(0xABCDEF), "c": "40", "r": "15", "q": "1"}
    assert first[0] == wanted | {"m": "1" if others else "0"}
    assert [control["m"] for control, _ in others] == ["1"] * (len(others) - 1) + ["0"] * bool(others)
    assert all(set(control) == {"q", "m"} for control, _ in others)
    chunks = [payload for _, payload in (first, *others)]
    assert all(len(chunk) <= 4096 for chunk in chunks)
    assert all(len(chunk) % 4 == 0 for chunk in chunks)
    sent = Image.open(BytesIO(base64.b64decode("".join(chunks))))
    assert sent.size == image.size
    assert apart(sent, image) < 30
    if not kitty.is_photograph(image):
        assert apart(sent, image) == 0


def test_kitty_is_told_to_forget() -> None:
    assert kitty.delete(7) == "\x1b_Ga=d,d=I,i=7,q=2\x1b\\"


def test_placeholders_say_row_and_column() -> None:
    assert kitty.placeholders(0, 2) == "\U0010eeee\u0305\u0305\U0010eeee\u0305\u030d"
    assert kitty.placeholders(3, 1) == "\U0010eeee\u0310\u0305"
    last = kitty.placeholders(MAX_CELLS - 1, MAX_CELLS)
    assert last.endswith("\U0010eeee\U0001d244\U0001d244")
    assert width(kitty.placeholders(296, 297)) == 297
    marks = [cell[1:] for cell in last.split("\U0010eeee")[1:]]
    assert len(set(marks)) == 297
    for mark in marks:
        # kitty's table has only marks above that no Unicode normalization combines with a base.
        assert unicodedata.combining(mark) == 230
        assert unicodedata.normalize("NFKC", f"\U0010eeee\u0305{mark}") == f"\U0010eeee\u0305{mark}"


@given(st.integers(1, (1 << 24) - 1))
def test_an_images_id_is_the_colour(image_id: int) -> None:
    color = kitty.id_style(image_id).color
    assert color is not None
    assert color.triplet is not None
    assert color.triplet.red << 16 | color.triplet.green << 8 | color.triplet.blue == image_id


# ---- sixel


def read_sixel(sequence: str) -> Image.Image:
    """Draws a sixel sequence as a terminal does."""
    match = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\', sequence)
    assert match is not None
    size = int(match[1]), int(match[2])
    image = Image.new("RGB", (size[0], size[1] + 5), (1, 2, 3))
    registers: dict[int, tuple[int, int, int]] = {}
    color, x, y = BLACK, 0, 0
    for part in re.finditer(r"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])", match[3]):
        if part[2]:
            red, green, blue = (round(int(part[place]) * 255 / 100) for place in (2, 3, 4))
            registers[int(part[1])] = (red, green, blue)
        elif part[1]:
            color = registers[int(part[1])]
        elif part[8]:
            x, y = 0, y + 6 * (part[8] == "-")
        else:
            bits = ord(part[6] or part[7]) - 63
            count = int(part[5] or 1)
            for row in range(6):
                if bits >> row & 1:
                    image.paste(color, (x, y + row, x + count, y + row + 1))
            x += count
    return image.crop((0, 0, *size))


@pytest.mark.parametrize("size", [(80, 80), (7, 1), (1, 7), (31, 13)])
def test_sixel_draws_each_pixel(size: tuple[int, int]) -> None:
    image = quarters((80, 80)).resize(size, Image.Resampling.NEAREST)
    assert apart(read_sixel(sixel.encode(image)), image) < 4


def test_sixel_of_a_plot_and_of_a_photograph() -> None:
    assert apart(read_sixel(sixel.encode(plot())), plot()) < 2
    image = photograph().resize((240, 160), Image.Resampling.BICUBIC)
    assert image.getcolors(5000) is None
    assert apart(read_sixel(sixel.encode(image)), image) < 30
    seen, meant = (each.resize((60, 40), Image.Resampling.BOX) for each in (read_sixel(sixel.encode(image)), image))
    assert apart(seen, meant) < 3, "from a distance the eye sees no bands"


def test_sixel_is_short_where_colours_run() -> None:
    assert len(sixel.encode(Image.new("RGB", (1000, 600), RED))) < 1200


# ---- iTerm2


@pytest.mark.parametrize(("image", "kind"), [(plot(), "PNG"), (photograph(), "JPEG")], ids=["drawing", "photograph"])
def test_iterm_gets_a_file(image: Image.Image, kind: str) -> None:
    match = re.fullmatch(
        r"\x1b\]1337;File=inline=1;size=(\d+);width=40;height=15;preserveAspectRatio=0:([A-Za-z0-9+/=]+)\x07",
        iterm.encode(image, 40, 15),
    )
    assert match is not None
    data = base64.b64decode(match[2])
    assert len(data) == int(match[1])
    sent = Image.open(BytesIO(data))
    assert sent.format == kind
    assert apart(sent, image) < 12
