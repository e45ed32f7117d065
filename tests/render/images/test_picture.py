"""Images of bundles, of bytes and of files as blocks."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.render.images.support import b64, context, data_of, plot, quarters
from tests.render.support import check, text_of
from tuinb import themes
from tuinb.capabilities import Capabilities, Colors, Graphics
from tuinb.render.block import plain
from tuinb.render.images import svg
from tuinb.render.images.gallery import Gallery
from tuinb.render.images.picture import PictureBlock, from_file, original, render, render_bytes
from tuinb.render.registry import render_bundle, render_markdown
from tuinb.render.styles import ThemeStyles

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.render.block import Block

PNG = b64(data_of(quarters((200, 200))))
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><rect width="90" height="90" fill="red"/></svg>'


def size(block: Block | None) -> tuple[int, int]:
    assert isinstance(block, PictureBlock)
    check(block, 80)
    return block.picture.columns, block.picture.rows


def line(block: Block | None) -> str:
    assert block is not None
    (only,) = text_of(block)
    return only


def test_a_bundle() -> None:
    bundle = {"text/plain": "<Figure>", "image/png": PNG}
    assert size(render_bundle(bundle, context())) == (48, 24)
    assert size(render_bundle(bundle, context(), {"image/png": {"width": 100}})) == (10, 5)
    assert size(render_bundle(bundle, context(), {"image/png": {"width": 400, "height": 200}})) == (40, 10)
    assert size(render_bundle(bundle, context(12))) == (12, 6)
    assert size(render_bundle(bundle, context(picture_rows=4))) == (8, 4)


def test_no_sixel_picture_is_larger_than_what_the_terminal_takes() -> None:
    limited = Capabilities(graphics=Graphics.SIXEL, cell_pixels=(10, 20), largest_picture=(150, 100))
    assert size(render("image/png", PNG, None, context(capabilities=limited))) == (10, 5)
    assert size(render("image/png", PNG, None, context(capabilities=replace(limited, cell_pixels=None)))) == (10, 5)
    whole = replace(limited, largest_picture=(0, 0))
    assert size(render("image/png", PNG, None, context(capabilities=whole))) == (1, 1)
    blocks = replace(limited, graphics=Graphics.BLOCKS)
    assert size(render("image/png", PNG, None, context(capabilities=blocks))) == (20, 10)


def test_all_that_its_rows_depend_on_makes_another_picture() -> None:
    base = context(colors=Colors.TRUE)
    one = render("image/png", PNG, None, base)
    light = render("image/png", PNG, {"image/png": {"needs_background": "light"}}, base)
    few = render("image/png", PNG, None, context(colors=Colors.ANSI256))
    same = render("image/jpeg", "".join(list(PNG)), {"image/jpeg": {"needs_background": 3}}, base)
    digests = []
    for block in (one, light, few, same):
        assert isinstance(block, PictureBlock)
        digests.append(block.picture.digest)
    assert digests[0] == digests[3]
    assert len(set(digests)) == 3


def test_pictures_are_dimmed_on_dark_backgrounds_alone() -> None:
    white = b64(data_of(Image.new("RGB", (40, 40), (255, 255, 255))))
    for theme, dims, brightness in (("dark", True, 178), ("dark", False, 255), ("light", True, 255)):
        base = replace(context(dim_pictures=dims), theme=themes.load(theme), styles=ThemeStyles(themes.load(theme)))
        block = render("image/png", white, None, base)
        assert isinstance(block, PictureBlock)
        colours = {color for span in block.line(0) if span.style for color in (span.style.color, span.style.bgcolor) if color}
        assert (brightness, brightness, brightness) in {tuple(color.get_truecolor()) for color in colours}


@pytest.mark.parametrize("unicode", [True, False])
def test_what_fills_up_the_last_cells_is_no_ink(unicode: bool) -> None:
    white = b64(data_of(Image.new("RGB", (205, 205), "white")))
    few = context(capabilities=Capabilities(Colors.ANSI16, unicode=unicode))
    block = render("image/png", white, None, few)
    assert size(block) == (21, 11)
    assert block is not None
    assert not "".join(text_of(block)).strip(" \u2800")


def test_without_pictures_a_line_describes_it() -> None:
    said = f"image/png 200×200, {len(data_of(quarters((200, 200))))} B"
    for quiet in (context(pictures=None), context(graphics=Graphics.NONE), context(80, pictures=None)):
        assert line(render("image/png", PNG, None, quiet)) == said
    assert line(render("image/png", PNG, None, context(3))) == "im…"
    assert line(render("image/png", PNG, None, context(pictures=None), "a \x1b[31mcat\n")).startswith("a ␛[31mcat , image/png")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "image/png unreadable, 0 B"),
        (b"GIF89a", "image/png unreadable, 6 B"),
        (
            data_of(Image.new("1", (50_000, 40_000)), compress_level=1)[:99],
            "image/png 50000×40000, 99 B: it is too large to show",
        ),
        (data_of(quarters())[:40], "image/png 80×80, 40 B: it is damaged"),
    ],
)
def test_what_cant_be_shown_is_a_line(data: bytes, said: str) -> None:
    assert line(render("image/png", b64(data), None, context())).startswith(said)


def test_a_type_that_is_another() -> None:
    block = render("image/jpeg", PNG, None, context())
    assert size(block) == (20, 10)
    assert line(render("image/jpeg", PNG, None, context(pictures=None))).startswith("image/png")


def test_a_file_that_ends_early_says_so_below_what_there_is() -> None:
    noise = data_of(Image.effect_noise((200, 200), 90))
    block = render("image/png", b64(noise[: len(noise) // 2]), None, context(graphics=Graphics.KITTY))
    assert size(block) == (20, 10)
    assert isinstance(block, PictureBlock)
    *picture, last = text_of(block)
    assert last.startswith("the file ends early: image/png 200×200")
    assert len(set("".join(picture))) > 3
    assert isinstance(block.pictures, Gallery)
    assert block.pictures.payload(block.picture) is None


def test_full_screen_fills_it() -> None:
    assert size(render("image/png", PNG, None, context(80, picture_rows=30, enlarge_pictures=True))) == (60, 30)
    assert original("image/png", PNG) == data_of(quarters((200, 200)))


def test_bytes() -> None:
    assert size(render_bytes("image/png", data_of(plot()), context(), "a plot")) == (40, 15)
    assert line(render_bytes("image/png", b"", context(), "a plot")) == "a plot, image/png unreadable, 0 B"


# ---- SVG


def test_svg_through_resvg() -> None:
    pytest.importorskip("resvg_py", reason="the extra tuinb[svg] is not installed")
    shown = context()
    assert size(render("image/svg+xml", SVG, None, shown)) == (10, 5)
    assert size(render("image/svg+xml", SVG, {"image/svg+xml": {"width": 200}}, shown)) == (20, 10)
    assert size(render_bytes("image/svg+xml", SVG.encode(), shown)) == (10, 5)
    assert size(render("image/svg+xml", SVG, None, replace(shown, enlarge_pictures=True))) == (48, 24)
    assert line(render("image/svg+xml", "<html/>", None, shown)) == "image/svg+xml, 7 B: it is not an SVG"
    assert line(render("image/svg+xml", SVG[:90], None, shown)).startswith("image/svg+xml 100×100, 90 B: it is not valid XML")
    assert original("image/svg+xml", SVG) == SVG.encode()


def test_a_picture_in_blocks_takes_the_room_of_its_output() -> None:
    wide = {"image/png": b64(data_of(quarters((240, 160))))}
    assert size(render_bundle(wide, context(80))) == (72, 24)
    assert size(render_bundle(wide, context(80, picture_rows=30))) == (80, 27)
    assert size(render_bundle(wide, context(80, Graphics.KITTY))) == (24, 8), "at its own size where all pixels are shown"
    icon = {"image/png": b64(data_of(quarters((8, 8))))}
    assert size(render_bundle(icon, context(80))) == (8, 4), "a column for each pixel"
    markdown = render_markdown("![](attachment:a)", context(80), {"a": wide})
    assert markdown.height == 8


def test_svg_without_resvg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "available", lambda: False)
    bundle = {"image/svg+xml": SVG, "text/plain": "<Drawing>"}
    hint = "image/svg+xml: pip install 'tuinb[svg]' to see it as a picture"
    assert text_of(render_bundle(bundle, context())) == ["<Drawing>", hint]
    assert line(render_bundle({"image/svg+xml": SVG}, context())) == hint
    assert size(render_bundle(bundle | {"image/png": PNG}, context())) == (48, 24)
    assert line(render_bytes("image/svg+xml", SVG.encode(), context(), "a")) == f"a, image/svg+xml, {len(SVG)} B"


# ---- files


def test_files_below_the_notebooks_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data_of(plot()))
    (tmp_path / "a.svg").write_text(SVG)
    (tmp_path / "text.png").write_text("text")
    os.mkfifo(tmp_path / "fifo.png")
    shown = context(folder=tmp_path)
    assert size(from_file("a.png", shown)) == (40, 15)
    assert line(from_file("text.png", shown, "alt")) == "alt, text.png, image unreadable, 4 B"
    assert line(from_file("../b.png", shown)) == "../b.png: no such file"
    assert line(from_file("fifo.png", shown)) == "fifo.png: it is not a regular file"
    assert line(from_file("a.png", replace(shown, folder=None))) == "a.png"
    assert line(from_file("a.svg", replace(shown, pictures=None))) == f"a.svg, image/svg+xml, {len(SVG)} B"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data_of(plot()))
    (tmp_path / "a.png").chmod(0)
    assert line(from_file("a.png", context(folder=tmp_path))) == "a.png: Permission denied"


def test_a_file_that_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data_of(plot()))
    shown = context(folder=tmp_path)
    real = from_file("a.png", shown)
    assert isinstance(real, PictureBlock)
    path.unlink()
    assert isinstance(real.pictures, Gallery)
    real.pictures.forget(real.picture)
    gone = real.request.source
    with pytest.raises(OSError, match="No such file"):
        gone.read()


@given(
    st.sampled_from(["image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/svg+xml"]),
    st.text(max_size=60) | st.binary(max_size=60).map(b64),
    st.none() | st.dictionaries(st.sampled_from(["image/png", "width"]), st.dictionaries(st.just("width"), st.integers())),
    st.integers(1, 80),
)
def test_anything_is_shown_as_something(mime: str, text: str, metadata: Any, columns: int) -> None:  # noqa: ANN401
    block = render(mime, text, metadata, context(columns))
    if block is not None:
        check(block, columns)
        assert plain(block.line(0))
