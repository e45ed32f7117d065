"""The editor and its document: text in is text out, whatever it holds, and every change is told as a splice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.document._document_navigator import DocumentNavigator
from textual.document._history import EditHistory
from textual.document._wrapped_document import WrappedDocument
from textual.widgets import TextArea

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.ui.editor.source_document import SourceDocument
from tuinb.ui.editor.text_area import SourceEditor

if TYPE_CHECKING:
    from pathlib import Path

ODD = "a\fb\u2028c\x1cd\x85e\rf\x0bg\tü\U0001f600\x00"
TEXT = st.text(st.sampled_from("ab \n\t\r\f\u2028\x85ü\U0001f600"), max_size=30)


def document(text: str) -> tuple[SourceDocument, list[tuple[int, str, str]]]:
    told: list[tuple[int, str, str]] = []
    return SourceDocument(text, lambda at, removed, inserted: told.append((at, removed, inserted))), told


@given(TEXT)
def test_any_text_survives(text: str) -> None:
    made, told = document(text)
    assert made.text == text
    assert made.lines == text.split("\n")
    assert told == []


@given(TEXT, TEXT, st.data())
def test_edits_are_splices_that_give_the_same_text(text: str, inserted: str, data: st.DataObject) -> None:
    made, told = document(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    result = made.replace_range(made.location(start), made.location(end), inserted)
    expected = text[:start] + inserted + text[end:]
    assert made.text == expected
    assert result.replaced_text == text[start:end]
    assert made.offset(result.end_location) == start + len(inserted)
    assert told == ([(start, text[start:end], inserted)] if inserted or start != end else [])


@given(TEXT, st.integers(0, 40))
def test_locations_and_offsets_agree(text: str, offset: int) -> None:
    made, _ = document(text)
    assert made.offset(made.location(offset)) == min(offset, len(text))


def test_the_size_follows_edits() -> None:
    made, _ = document("ab\n\tc")
    assert made.get_size(4).height == 2
    before = made.get_size(4).width
    made.replace_range((0, 0), (0, 0), "x" * 500 + "\n")
    assert made.get_size(4).height == 3
    assert made.get_size(4).width > max(before, 500)


@pytest.mark.parametrize(
    "name",
    [
        "_set_document",
        "_build_highlight_map",
        "_set_theme",
        "_render_line",
        "_recompute_cursor_offset",
        "_replace_via_keyboard",
        "_delete_via_keyboard",
        "_on_key",
        "_on_paste",
        "_forward_event",
        "_rewrap_and_refresh_virtual_size",
        "wrap_width",
        "_draw_cursor",
        "find_matching_bracket",
    ],
)
def test_names_of_textual_that_the_editor_stands_on(name: str) -> None:
    assert hasattr(TextArea, name), f"TextArea.{name} is gone: see tuinb/ui/editor/text_area.py"


def test_parts_of_textual_that_the_editor_makes() -> None:
    made, _ = document("x")
    wrapped = WrappedDocument(made, tab_width=4)
    assert DocumentNavigator(wrapped) is not None
    assert EditHistory(max_checkpoints=2, checkpoint_timer=1.0, checkpoint_max_characters=10).undo_stack == []
    editor = SourceEditor(
        on_splice=lambda at, removed, inserted: None,
        on_edge=lambda direction: None,
        on_wheel=lambda event, rows: None,
        route=lambda event: False,
    )
    for name in ("_matching_bracket_location", "_cursor_offset", "_highlight_query", "_line_cache", "_bindings"):
        assert hasattr(editor, name), f"TextArea's {name} is gone: see tuinb/ui/editor/text_area.py"


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


async def test_brackets_match_across_lines_and_not_beyond(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "b.ipynb", "f(\n [1, (2)],\n)")
    async with running(path) as t:
        await t.press("enter")
        editor = t.app.pane.editor.widget
        assert editor.find_matching_bracket("(", (0, 1)) == (2, 0)
        assert editor.find_matching_bracket(")", (2, 0)) == (0, 1)
        assert editor.find_matching_bracket("[", (1, 1)) == (1, 8)
        assert editor.find_matching_bracket("x", (0, 0)) is None
        editor.insert_text("((")
        assert editor.find_matching_bracket("(", (2, 1)) is None


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
