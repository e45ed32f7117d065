"""Images in Markdown: pictures if alone on a line and readable, else names."""

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


def test_images_on_lines_of_their_own_are_pictures_among_the_words(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    block = shown("before\n![one](a.png)\n![two](a.png) [![three](a.png)](http://x.y)\n*after*", tmp_path)
    rows = support.text_of(block)
    assert (rows[0], rows[-1]) == ("before", "after")
    assert [span.image.row for i in range(block.height) for span in block.line(i) if span.image] == [0, 1, 2, 3] * 3
    assert support.text_of(shown("before\n![one](a.png) ![it](http://x.y/a.png)\nafter", tmp_path)) == [
        "before [image: one] [image: it] after"
    ]


def test_images_of_html_are_files_and_attachments_too(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(PNG)
    attachments: Json = {"p.png": {"image/png": b64(PNG)}}
    for source in (
        '<img src="a%20b.png">',
        "words\n<img src='a b.png?raw=1' alt=it><br>\nmore",
        '<p align="center">\n<IMG src="attachment:p.png">\n</p>',
        f'<img src="data:image/png;base64,{b64(PNG)}">',
        f'<img src="data:image/png;base64,{b64(PNG + bytes(90_000))}">',
    ):
        block = shown(source, tmp_path, attachments)
        assert [span.image.row for i in range(block.height) for span in block.line(i) if span.image] == [0, 1, 2, 3], source


def test_images_of_html_have_the_size_that_they_ask_for(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    assert shown('<img src="a.png" width="40">', tmp_path).height == 2
    assert shown('<img src="a.png" width=50% style="height: 20px">', tmp_path).height == 1
    assert shown('<img src="a.png" width="50%">', tmp_path).height == 4


def test_images_of_html_that_are_not_to_be_had_say_why_or_are_named(tmp_path: Path) -> None:
    for source, row in (
        ("<img src='none.png' alt=it>", "it, none.png: no such file"),
        ("<img src='http://x.y/a.png' alt=it>", "[image: it]"),
        ("<img src='attachment:none.png' alt=it>", "[image: it]"),
    ):
        assert support.text_of(shown(source, tmp_path)) == [row]
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.png").write_bytes(PNG)
    (row,) = support.text_of(shown("<img src='../a.png' alt=it>", tmp_path / "inner"))
    assert row.startswith("it, ../a.png: ")
