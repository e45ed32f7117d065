"""Outputs on the screen: other types, looking, finding, the line that failed, copying and saving."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.ui.harness import running
from tuinb import regex_timeout
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.render.html import blocks
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pytest

    from tuinb.render.block import Block


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def bundle(**data: object) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {name.replace("__", "+").replace("_", "/", 1): value for name, value in data.items()},
        "metadata": {},
    }


def failing(line: int, text: str, count: int = 1) -> dict[str, Any]:
    traceback = [f"Cell In[{count}], line {line}", f"----> {line} {text}", "", "ValueError: no"]
    return {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": traceback}


def notebook(path: Path, *cells: tuple[str, Sequence[Mapping[str, Any]]] | str) -> Path:
    """Writes a notebook of code cells with outputs, and of Markdown where there is only text."""
    made: list[dict[str, Any]] = []
    for number, cell in enumerate(cells):
        base: dict[str, Any] = {"id": f"cell-{number}", "metadata": {}}
        if isinstance(cell, str):
            made.append({**base, "cell_type": "markdown", "source": cell})
        else:
            made.append({**base, "cell_type": "code", "execution_count": 1, "outputs": cell[1], "source": cell[0]})
    content = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


LONG = "".join(f"line {number}\n" for number in range(1000))


async def test_another_type_of_a_bundle(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_plain="the text", text_markdown="the *markdown*")]))
    async with running(path) as t:
        await t.shows("the markdown")
        await t.press("t")
        await t.shows("Show as")
        assert "text/markdown (as it comes)" in t.text()
        await t.press("down", "enter")
        await t.shows("the text")
        assert "text/plain" in t.rows()[0]
        await t.press("t", "1")
        await t.shows("the markdown")
        assert "text/plain" not in t.text()


async def test_only_one_type_is_no_choice(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [bundle(text_plain="x")]), ("b", [stream("y")]), "m")) as t:
        await t.press("t")
        await t.shows("There is no other type to choose: text/plain.")
        await t.press("j", "t")
        await t.shows("There is no other type to choose.")
        await t.press("j", "t")
        await t.shows("This cell has no output.")


async def test_a_click_on_the_fold_opens_it(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG)]))) as t:
        row = next(number for number, text in enumerate(t.rows()) if "more lines" in text)
        await t.pilot.click(offset=(20, row))
        await t.pilot.pause()
        assert "more lines" not in t.text()
        assert "line 12" in t.text()


async def test_looking_at_an_output(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG), stream("the end\n")]))) as t:
        await t.press("l", "G")
        assert t.rows()[-3] == "the end"
        assert "output 2/2 · 1,001/1,001 · stdout" in t.rows()[-2]
        await t.press("k", "k", "b")
        assert "output 1/2 · 978/1,001" in t.rows()[-2]
        await t.press("g", "space", "j")
        assert " 23/1,001" in t.rows()[-2]
        await t.press("Y")
        assert t.app.system.clipboard == LONG.removesuffix("\n")
        await t.shows("Copied 8,889 characters.")
        await t.press("t")
        await t.shows("There is no other type to choose.")
        await t.press("j")
        assert " 24/1,001" in t.rows()[-2], "a message is gone with the next key"
        await t.press("q")
        assert "COMMAND" in t.rows()[-1]
        assert "more lines" in t.text()


async def test_finding_in_what_is_looked_at(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("line", [stream(LONG)]))) as t:
        await t.press("l", "slash", "9", "9", "8")
        await t.shows("1 of 1")
        await t.press("enter")
        assert "999/1,000" in t.rows()[-2]
        await t.press("slash", "ctrl+u")
        await t.type("99")
        await t.shows("1 of 19")
        await t.press("enter", "n")
        await t.shows("2 of 19")
        assert "200/1,000" in t.rows()[-2]
        await t.press("N", "N")
        await t.shows("19 of 19, from the other end")
        await t.press("escape")
        assert t.app.pane.outputs.viewer is None


async def test_what_is_looked_at_may_go(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(LONG)])), {"a": [k.stream("new\n")]}) as t:
        await t.press("l", "G")
        t.session.run([t.cell(0)])
        await t.shows("new")
        await t.shows("1/1 · stdout")
        await t.press("slash", "x", "escape", "enter", "q")
        assert "COMMAND" in t.rows()[-1]


async def test_find_goes_to_matches_as_they_are_typed(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "some *pro*se", ("a = 7", [stream(LONG)]), ("b", [bundle(text_plain="line 777")]))
    async with running(path) as t:
        await t.press("slash")
        await t.type("777")
        await t.shows("1 of 2")
        assert "line 777" in t.text()
        assert t.app.pane.view_state.active == t.cell(1)
        await t.press("down")
        await t.shows("2 of 2")
        assert t.app.pane.view_state.active == t.cell(2)
        await t.press("enter", "n")
        await t.shows("777: 1 of 2, from the other end")
        assert "line 777" in t.text()
        await t.press("escape")
        assert t.app.pane.view_state.pattern == ""


async def test_escape_brings_back_what_was_looked_at(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", []), ("b", [stream(LONG)]), ("c", []))
    async with running(path) as t:
        before = t.text()
        await t.press("slash")
        await t.type("555")
        await t.shows("line 555")
        await t.press("escape")
        assert t.text() == before
        assert not t.app.pane.view_state.unfolded


async def test_find_from_edit_mode_goes_back_to_it(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", []), ("needle", []))
    async with running(path) as t:
        await t.press("enter", "ctrl+f")
        await t.type("need")
        await t.shows("1 of 1")
        await t.press("escape")
        assert t.app.pane.view_state.mode is Mode.EDIT
        await t.type("!")
        assert "!" in t.sources()[0]


async def test_nothing_to_find(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream("text")]))) as t:
        await t.press("n")
        await t.shows("Nothing was looked for yet")
        await t.press("slash")
        await t.type("nowhere")
        await t.shows("no match")
        await t.press("enter", "slash", "ctrl+u")
        await t.type("re:(")
        await t.shows("missing )")


async def test_an_expression_without_an_end_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex_timeout, "SECONDS", 0.05)
    path = notebook(tmp_path / "a.ipynb", ("aaa", []), ("b", [stream(f"{'a' * 200}b\n")]))
    async with running(path) as t:
        await t.press("slash")
        await t.type("re:(a+)+$")
        await t.shows("it takes too long")
        await t.press("ctrl+u")
        await t.type("b")
        await t.shows("1 of 2")


async def test_what_arrived_since_is_found_too(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("needle", []), ("b", []))
    async with running(path, {"b": [k.stream("a needle\n")]}) as t:
        await t.press("slash")
        await t.type("needle")
        await t.shows("1 of 1")
        await t.press("enter", "j", "ctrl+e")
        await t.shows("a needle")
        await t.press("n")
        await t.shows("needle: 2 of 2")
        await t.press("N")
        await t.shows("needle: 1 of 2")
        await t.press("N")
        await t.shows("needle: 2 of 2, from the other end")


async def test_a_wrapped_line_is_gone_to_by_its_row(tmp_path: Path) -> None:
    text = "x" * 2000 + "needle" + "y" * 200 + " needle\n"
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream(text + LONG)]))) as t:
        await t.press("slash")
        await t.type("needle")
        await t.shows("1 of 2")
        assert "xneedley" in t.text()
        await t.press("down")
        await t.shows("2 of 2")
        assert "y needle" in t.text()


async def test_the_line_that_failed_is_marked_until_it_is_edited(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a\n  b\nc", [failing(2, "  b")]), ("ok", []), ("z", [failing(1, "z")]))
    async with running(path) as t:
        assert "▶  b" in t.text()
        await t.press("F")
        assert t.app.pane.view_state.active == t.cell(2)
        await t.press("F")
        assert t.app.pane.view_state.active == t.cell(0)
        await t.shows("From the top again.")
        await t.press("f")
        assert t.app.pane.view_state.mode is Mode.EDIT
        assert "▶" in t.text()
        await t.type("x")
        assert t.sources()[0] == "a\n  xb\nc"
        await t.press("escape", "g", "g")
        assert "▶" not in t.rows()[2]


async def test_the_line_that_failed_from_the_whole_screen(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a\n  " + "b" * 100, [failing(2, "  " + "b" * 100)]))
    async with running(path) as t:
        await t.press("l", "f")
        await t.until(lambda: t.app.pane.editor.is_open)
        await t.pilot.pause()
        assert t.app.pane.outputs.viewer is None
        assert t.app.screen.focused is t.app.pane.editor.widget
        assert "▶  bbb" in t.text()
        await t.type("x")
        assert t.sources()[0].startswith("a\n  xb")


async def test_a_traceback_that_names_no_line(tmp_path: Path) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["E"]}
    async with running(notebook(tmp_path / "a.ipynb", ("a", [error]))) as t:
        await t.press("f")
        await t.shows("The traceback names no line of this cell.")
        await t.press("F")
        await t.shows("No other cell failed.")


async def test_copying_all_outputs_or_one(tmp_path: Path) -> None:
    outputs = [stream("\x1b[31mred\x1b[0m\x07\n"), bundle(application_json={"a": 1}), failing(1, "a")]
    async with running(notebook(tmp_path / "a.ipynb", ("a", outputs))) as t:
        await t.press("Y")
        await t.shows("Copy which output?")
        await t.press("enter")
        await t.shows("Copied")
        assert t.app.system.clipboard.startswith('red\n{\n  "a": 1\n}\nCell In[1], line 1')
        await t.press("Y", "3")
        await t.until(lambda: t.app.system.clipboard.startswith("Cell In[1]"))


async def test_saving_an_image_and_not_over_another(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(image_png="aGVsbG8=", text_plain="words")]))
    async with running(path) as t:
        await t.press("W", "enter")
        await t.shows("Saved image/png, 5 bytes")
        saved = tmp_path / "a-cell-1.png"
        assert saved.read_bytes() == b"hello"
        saved.write_bytes(b"mine")
        await t.press("W", "enter")
        await t.shows("exists already")
        await t.press("enter")
        assert saved.read_bytes() == b"mine"
        await t.press("W", "enter", "3")
        await t.until(lambda: saved.read_bytes() == b"hello")


async def test_the_pager_needs_a_terminal(tmp_path: Path) -> None:
    """Without one the screen says so, and goes on."""
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream("x")]))) as t:
        await t.press("|")
        await t.shows("this terminal can't be given to another program")


async def test_an_image_without_a_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(image_png="aGVsbG8=")]))
    async with running(path) as t:
        await t.press("w")
        await t.shows("There is no display here")
        await t.press("enter")
        await t.shows("Save the output as:")
        await t.press("escape")


async def test_a_long_output_stays_folded_where_it_is_short_enough(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [stream("x\n" * 30)]))
    async with running(path, config=Config(output_lines=50)) as t:
        assert "more lines" not in t.text()


def table(columns: int, rows: int) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>r{row}c{column}</td>' for column in range(columns))}</tr>" for row in range(rows))
    return f"<table>{cells}</table>"


async def test_a_key_in_the_viewer_does_not_render_the_output_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []
    draw = blocks.block

    def counted(markup: str, *arguments: Any) -> Block | None:  # noqa: ANN401
        rendered.append(markup)
        return draw(markup, *arguments)

    monkeypatch.setattr(blocks, "block", counted)
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_html=table(30, 3))]))
    async with running(path) as t:
        await t.press("l", "j")
        assert "text/html" in t.rows()[-2]
        before = len(rendered)
        await t.press("j", "j", "G", "k", "g")
        assert len(rendered) == before


async def test_a_wide_table_is_scrolled_and_found_in(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(text_html=table(60, 40), text_plain="plain")]))
    async with running(path) as t:
        assert "columns 1–71 of" in t.rows()[0]
        await t.press(">", "shift+right")
        assert "columns 47–117 of" in t.rows()[0]
        await t.press("slash")
        await t.type("r20c55")
        await t.shows("1 of 1")
        assert "r20c55" in t.text()
        await t.press("escape")
        assert "columns 47–117 of" in t.rows()[0]
        await t.press("l", "slash")
        await t.type("r20c55")
        await t.shows("1 of 1")
        await t.press("enter")
        assert any("r20c55" in row for row in t.rows()[:-2])
        await t.press("q", "Y")
        await t.until(lambda: t.app.system.clipboard.count("r20c") == 60)


async def test_nodes_of_a_tree_fold_by_click_and_by_key(tmp_path: Path) -> None:
    value = {"first": list(range(30)), "second": {"deep": [1, 2, 3]}}
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(application_json=value)]))
    async with running(path) as t:
        row = next(number for number, text in enumerate(t.rows()) if '"first"' in text)
        before = t.text()
        await t.pilot.click(offset=(12, row))
        await t.pilot.pause()
        assert t.app.pane.view_state.looks
        assert t.text() != before
        await t.press("l", "j", "enter")
        assert not t.app.pane.view_state.looks
        await t.pilot.click(offset=(3, 1))
        await t.pilot.pause()
        assert t.app.pane.view_state.looks
        await t.press("q")


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
        await t.shows("Follow which link?")
        await t.press("escape")


async def test_a_match_in_a_folded_tree_opens_it(tmp_path: Path) -> None:
    value = {
        "first": list(range(90)),
        "second": {"deep": [{"name": f"needle {number}", "more": "x" * 70} for number in range(30)]},
    }
    path = notebook(tmp_path / "a.ipynb", ("a", [bundle(application_json=value)]))
    async with running(path) as t:
        assert "needle 17" not in t.text()
        await t.press("slash")
        await t.type("needle 17")
        await t.shows("1 of 1")
        assert "needle 17" in "\n".join(t.rows()[:-2])
        await t.press("escape")
        assert not t.app.pane.view_state.looks
        await t.press("l", "slash")
        await t.type("needle 23")
        await t.shows("1 of 1")
        await t.press("enter")
        assert "needle 23" in "\n".join(t.rows()[:-2])
