"""The whole text of outputs: to copy without colours, to page with them."""

from __future__ import annotations

from typing import Any

import pytest

from tuinb import themes
from tuinb.notebook.changes import AppendStream, CellData, CellId, ClientId, OutputData, Step, Transaction
from tuinb.notebook.document import Notebook
from tuinb.render.context import RenderContext
from tuinb.render.styles import ThemeStyles
from tuinb.ui.outputs.text import pages_of, text_of

THEME = themes.load("dark")
CONTEXT = RenderContext(width=30, theme=THEME, styles=ThemeStyles(THEME))


def notebook(output: dict[str, Any]) -> Notebook:
    return Notebook([CellData(CellId("c"), "code", "", {}, (OutputData(output),))])


def bundle(mime: str, value: object) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {mime: value}}


def error(*frames: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "E", "evalue": "v", "traceback": list(frames)}


TABLE = "<table><tr>" + "".join(f"<td>cell {number}</td>" for number in range(20)) + "</tr></table>"


@pytest.mark.parametrize(
    ("output", "mime", "copied", "paged"),
    [
        (
            {"output_type": "stream", "name": "stdout", "text": "\x1b[1mb\x1b[0m\x1b]0;t\x07\n"},
            "",
            "b\n",
            "\x1b[1mb\x1b[0m\n\x1b[0m",
        ),
        (error("\x1b[31mone\x1b[0m", "two"), "", "one\ntwo", "\x1b[31mone\x1b[0m\ntwo\x1b[0m\n"),
        (error(), "", "E: v", "E: v\x1b[0m\n"),
        (bundle("text/plain", ["a\n", "b"]), "text/plain", "a\nb", "a\nb\x1b[0m\n"),
        (bundle("application/json", {"a": 1}), "application/json", '{\n  "a": 1\n}\n', '{\n  "a": 1\n}\x1b[0m\n'),
        (bundle("text/markdown", "*a*"), "text/markdown", "*a*", "*a*\x1b[0m\n"),
        (bundle("image/png", "aGVsbG8="), "image/png", "", "image/png: no text\x1b[0m\n"),
        (bundle("text/html", "<p>one</p><p>two</p>"), "text/html", "one\n\ntwo\n", "one\n\ntwo\n"),
    ],
)
async def test_text(output: dict[str, Any], mime: str, copied: str, paged: str) -> None:
    of = notebook(output).at(0).outputs[0]
    assert await text_of(of, mime, CONTEXT) == copied
    assert "".join(pages_of(of, mime, CONTEXT)) == paged


async def test_a_wide_table_is_given_whole() -> None:
    of = notebook(bundle("text/html", TABLE)).at(0).outputs[0]
    text = await text_of(of, "text/html", CONTEXT)
    assert all(f"cell {number}" in text for number in range(20))


def test_what_arrives_later_is_not_paged() -> None:
    it = notebook({"output_type": "stream", "name": "stdout", "text": "early\n"})
    pages = pages_of(it.at(0).outputs[0], "", CONTEXT)
    it.apply(Transaction((AppendStream(CellId("c"), "stdout", "late\n"),), ClientId("k"), Step.OUTPUT))
    assert "".join(pages) == "early\n\x1b[0m"
