"""Links of prose and of outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.harness import running
from tests.ui.notebooks import bundle, notebook, stream

if TYPE_CHECKING:
    from pathlib import Path


async def test_links_of_prose_and_outputs(tmp_path: Path) -> None:
    page = '<p><a href="https://example.org/page">a page</a></p>'
    printed = "\x1b]8;;https://example.org/x\x1b\\here\x1b]8;;\x1b\\ (see http://127.0.0.1:8080/?token=a_(b), [https://x.y].)\n"
    path = notebook(
        tmp_path / "a.ipynb",
        "[text](https://example.org/prose) [other](data.txt) [top](#top) [bad](javascript:alert()) [mail](mailto:a@b.c)",
        ("a", [bundle(text_html=page + "<a href='data.txt'><b>the</b> data</a><a href='#x'>up</a><a href='http://['>x</a>")]),
        ("b", [stream(printed)]),
        ("c", [bundle(text_markdown="[more](sub/more.md)"), bundle(text_plain="'http://a.b/c'"), bundle(image_png="")]),
    )
    async with running(path) as t:
        found = [[tuple(link) for link in t.app.pane.outputs.links_of(t.cell(number))] for number in range(4)]
        assert found[0] == [("text", "https://example.org/prose"), ("other", "data.txt")]
        assert found[1] == [("a page", "https://example.org/page"), ("the data", "data.txt")]
        assert found[2] == [
            ("here", "https://example.org/x"),
            ("", "http://127.0.0.1:8080/?token=a_(b)"),
            ("", "https://x.y"),
        ]
        assert found[3] == [("more", "sub/more.md"), ("", "http://a.b/c")]
        await t.press("L")
        await t.shows("Open which link?")
        await t.press("escape")
