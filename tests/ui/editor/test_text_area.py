"""The text area: keys, pastes and the mouse change the cell, and what is painted is the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import write_notebook
from tests.ui.harness import running

if TYPE_CHECKING:
    from pathlib import Path

ODD = "a\fb\u2028c\x1cd\x85e\rf\x0bg\tü\U0001f600\x00"


async def test_odd_characters_in_a_cell_are_left_alone(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "odd.ipynb", ODD + "\nlast", "other")
    async with running(path) as t:
        await t.press("enter", "end")
        await t.type("!")
        assert t.sources()[0] == ODD + "\nlast!"
        await t.press("ctrl+z")
        assert t.sources()[0] == ODD + "\nlast"


@pytest.mark.parametrize(
    ("source", "keys", "after"),
    [
        ("a\nb\nc", ["alt+up"], "a\nc\nb"),
        ("a\nb\nc", ["alt+up", "alt+up", "alt+up"], "c\na\nb"),
        ("a\nb\nc", ["up", "alt+down"], "a\nc\nb"),
        ("if x:\n    a", ["home", "shift+tab"], "if x:\na"),
        ("a\nb", ["shift+up", "tab"], "    a\n    b"),
        ("x", ["alt+slash"], "# x"),
        ("# x", ["alt+slash"], "x"),
        ("a\nb", ["home", "shift+up", "alt+slash"], "# a\nb"),
        ("f()", ["left", "enter"], "f(\n    \n)"),
        ("word", ["ctrl+w"], ""),
        ("abc", ["shift+left", "shift+left", "ctrl+x", "home", "ctrl+v"], "bca"),
        ("one two", ["ctrl+backslash"], "one two"),
    ],
)
async def test_keys_in_a_cell(tmp_path: Path, source: str, keys: list[str], after: str) -> None:
    path = write_notebook(tmp_path / "keys.ipynb", source)
    async with running(path) as t:
        await t.press("enter", *keys)
        joined = "\n".join(t.sources()).strip("\n") if "ctrl+backslash" in keys else t.sources()[0]
        assert joined == after


async def test_enter_indents_and_backspace_takes_a_step(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter")
        await t.type("if x:\npass\n")
        assert t.sources()[1] == "if x:\n    pass\n"
        await t.type("\n")
        await t.press("tab", "tab", "backspace")
        assert t.sources()[1] == "if x:\n    pass\n\n    "


async def test_paste_of_any_size_is_one_step(two: Path) -> None:
    async with running(two) as t:
        await t.press("b", "enter")
        text = "".join(f"x{i} = {i}\r\n" for i in range(5000))
        t.app.post_message(events.Paste(text))
        await t.until(lambda: t.sources()[1].count("\n") >= 5000)
        assert "\r" not in t.sources()[1]
        await t.press("ctrl+z")
        assert t.sources()[1] == ""


async def test_prose_is_wrapped_while_it_is_edited(two: Path) -> None:
    async with running(two, size=(50, 20)) as t:
        await t.press("b", "m", "enter")
        t.app.pane.insert_text("word " * 19)
        await t.type("word end")
        await t.shows("end")
        assert sum("word" in row for row in t.rows()) == 3
        assert t.text().index("end") < t.text().index("2 + 2")
        await t.press("home", "X")
        # The start of the row on the screen, not of the line.
        before, after = t.sources()[1].split("X")
        assert (before + after, after.count("word")) == ("word " * 20 + "end", 4)
