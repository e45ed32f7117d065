"""Images in Markdown: pictures where they stand alone, names where they don't or may not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.render import support
from tests.render.images.support import b64, context, data_of, quarters
from tuinb.render.block import Block, plain
from tuinb.render.registry import render_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Json

PNG = data_of(quarters())


def shown(source: str, folder: Path | None, attachments: Json = None) -> Block:
    block = render_markdown(source, context(40, folder=folder), attachments)
    support.check(block, 40)
    return block


def is_picture(block: Block) -> bool:
    return block.height > 2 and all(block.line(i)[-1].style is not None for i in range(block.height))


def test_an_image_that_stands_alone_is_a_picture(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(PNG)
    data = b64(PNG)
    assert is_picture(shown("![red](a%20b.png)", tmp_path))
    assert is_picture(shown("[![red](<a b.png?raw=1>)](http://x.y)", tmp_path))
    assert is_picture(shown(f"![](data:image/png;base64,{data})", None))
    assert is_picture(shown("![](attachment:p.png)", None, {"p.png": {"image/png": data}}))
    assert is_picture(shown("![](attachment:p.png)", None, {"p.png": {"image/png": [data[:20], data[20:]]}}))


def test_a_picture_is_indented_with_what_it_stands_in(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    block = shown("- > ![](a.png)", tmp_path)
    assert block.height > 2
    assert plain(block.line(0)).startswith("• ▎ ")
    assert plain(block.line(1)).startswith("  ▎ ")


def test_images_among_words_and_those_elsewhere_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    for source, row in (
        ("see ![it](a.png)", "see [image: it]"),
        ("![it](http://x.y/a.png)", "[image: it]"),
        ("![it](//x.y/a.png)", "[image: it]"),
        ("![it](attachment:none.png)", "[image: it]"),
    ):
        assert support.text_of(shown(source, tmp_path)) == [row]
    outside = tmp_path / "inner"
    outside.mkdir()
    (block,) = support.text_of(shown("![it](../a.png)", outside))
    assert block.startswith("it, ../a.png: ")
    assert not is_picture(shown("![it](a.png)", None))
