"""The text area: keys, pastes and the mouse change the cell, and what is painted is the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rich.style import Style
from textual import events

from tests.support import write_notebook
from tests.ui.harness import Driver, running
from tuinb.config import Config
from tuinb.kernel.connection.scripted import ScriptedKernel
from tuinb.notebook.changes import ClientId, SpliceSource, Transaction
from tuinb.render.block import Span
from tuinb.terminal.cursor import CursorShape
from tuinb.ui.editor import text_area
from tuinb.ui.editor.row_painter import Mark, paint

if TYPE_CHECKING:
    from pathlib import Path

    from rich.segment import Segment
    from textual.geometry import Region

    from tuinb.render.block import Line

ODD = "a\fb\u2028c\x1cd\x85e\rf\x0bg\tü\U0001f600\x00"


async def test_odd_characters_in_a_cell_are_left_alone(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "odd.ipynb", ODD + "\nlast", "other")
    async with running(path) as t:
        await t.press("enter", "ctrl+end")
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
        ("", ["f", "left_parenthesis", "a", "right_parenthesis"], "f(a)"),
        ("a\nb", ["alt+shift+down", "x"], "a\nb\nbx"),
        ("a\nb", ["alt+shift+up", "x"], "a\nbx\nb"),
        ("a", ["ctrl+right_square_bracket"], "    a"),
        ("abc", ["shift+left", "shift+left", "ctrl+x", "home", "ctrl+v"], "bca"),
        ("one two", ["ctrl+backslash"], "one two"),
    ],
)
async def test_keys_in_a_cell(tmp_path: Path, source: str, keys: list[str], after: str) -> None:
    path = write_notebook(tmp_path / "keys.ipynb", source)
    async with running(path) as t:
        await t.press("enter", "ctrl+end", *keys)
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


async def test_the_cursor_goes_to_both_ends_of_the_cell_and_to_a_line(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "c.ipynb", "a\n  b\nc")
    async with running(path) as t:
        await t.press("enter", "ctrl+end")
        await t.shows("3:2  1/1")
        await t.press("ctrl+home")
        await t.shows("1:1  1/1")
        await t.press("ctrl+g")
        await t.shows("Go to line (1 to 3):")
        await t.press("2", "enter")
        await t.shows("2:3  1/1")
        await t.type("x")
        assert t.sources() == ["a\n  xb\nc"]
        await t.shows("2:4  1/1")
        await t.press("ctrl+p", "3", "enter", "y")
        assert t.sources() == ["a\n  xb\nyc"]


async def test_enter_puts_the_cursor_where_it_was_left(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "x", "right", "right", "escape", "j", "k", "enter", "y")
        assert t.sources()[0] == "x1 y+ 1"
        await t.press("escape")
        change = SpliceSource(t.cell(0), 0, "", "above\n")
        t.session.apply(Transaction((change,), ClientId("other")))
        await t.press("enter", "z")
        assert t.sources()[0] == "above\nx1 yz+ 1"


async def test_long_lines_are_wrapped_in_both_modes(tmp_path: Path) -> None:
    source = "  x = f(" + ", ".join(f"argument{i}" for i in range(12)) + ")"
    async with running(write_notebook(tmp_path / "w.ipynb", source, "below"), size=(60, 20)) as t:
        rows = [row.removeprefix("▌").rstrip() for row in t.rows()]
        assert sum("↳" in row for row in rows) == 3
        assert rows[2].index("↳") == rows[1].index("x")
        for _ in range(2):
            await t.press("enter")
            assert [row.removeprefix("▌").rstrip() for row in t.rows()[:8]] == rows[:8]
            await t.press("escape")
        await t.press("enter", "ctrl+home", "down", "end", "!")
        assert t.sources()[0].partition("!")[0].endswith(rows[2].split()[-1])
        await t.press("escape", "ctrl+p", *"toggle-soft-wrap", "enter")
        assert "↳" not in t.text()
        assert "…" in t.text()
        await t.press("enter", "ctrl+end")
        assert "argument11)" in t.text()


async def test_the_mouse_sets_the_cursor_and_selects(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "m.ipynb", "one two three\n" * 3 + "end")) as t:
        await t.press("enter")
        editor = t.app.pane.editor.widget
        await t.pilot.click(editor, offset=(5, 1))
        assert editor.place == (1, 5)
        await t.pilot.click(editor, offset=(5, 1), times=2)
        assert editor.selected_text == "two"
        await t.pilot.click(editor, offset=(5, 1), times=3)
        assert editor.selected_text == "one two three"
        await t.pilot.mouse_down(editor, offset=(4, 0))
        await t.pilot.hover(editor, offset=(3, 2))
        await t.pilot.mouse_up(editor, offset=(3, 2))
        assert editor.selected_text == "two three\none two three\none"
        await t.press("x")
        assert t.sources()[0].startswith("one x two three\n")


async def test_the_cursor_of_a_cell_taller_than_the_screen_stays_in_view(tmp_path: Path) -> None:
    lines = [f"line_{i}" for i in range(200)]
    async with running(write_notebook(tmp_path / "t.ipynb", "above", "\n".join(lines), "below")) as t:
        await t.press("j", "enter", "ctrl+end")
        editor, region = t.app.pane.editor.widget, t.app.pane.editor.widget.region
        assert "line_199" in t.text()
        assert region.y <= editor.cursor_screen_offset.y < region.bottom
        await t.press("pageup", "pageup")
        row = editor.place.row
        assert f"line_{row}" in t.rows()[editor.cursor_screen_offset.y]
        await t.press("enter", "backspace", "ctrl+home")
        assert "line_0" in t.text()
        await t.pilot.click(editor, offset=(2, 3))
        assert editor.place == (3, 2)


async def test_a_read_only_cell_takes_no_text(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter")
        t.app.pane.editor.widget.read_only = True
        await t.press("x", "enter", "delete", "right", "right")
        t.app.post_message(events.Paste("more"))
        await t.pilot.pause()
        assert t.sources()[0] == "1 + 1"
        assert t.app.pane.editor.widget.place == (0, 2)


async def test_a_paste_is_left_as_it_is(two: Path) -> None:
    async with running(two) as t:
        await t.press("enter", "ctrl+end", "enter")
        t.app.post_message(events.Paste("f('(\n  if x:\nelse:"))
        await t.pilot.pause()
        assert t.sources()[0] == "1 + 1\nf('(\n  if x:\nelse:"


async def test_brackets_are_not_closed_if_that_is_off(two: Path) -> None:
    async with running(two, config=Config(auto_close=False)) as t:
        await t.press("enter", "ctrl+end")
        await t.type("(")
        assert t.sources()[0] == "1 + 1("
        t.app.execute("toggle-auto-close")
        await t.type("[")
        assert t.sources()[0] == "1 + 1([]"


async def suggested(t: Driver, typed: str) -> None:
    """Types into a new cell below, and waits for the suggestion of the last letter."""
    await t.press("b", "enter")
    await t.type(typed[:2])
    widget = t.app.pane.editor.widget
    await t.until(lambda: widget.suggest is not None and widget.suggest("df.he") != "")
    await t.type(typed[2:])


@pytest.mark.parametrize(
    ("typed", "keys", "after"),
    [
        ("df.he", ["end"], "df.head(10).T"),
        ("df.he", ["right"], "df.head(10).T"),
        ("df.he", ["ctrl+right"], "df.head"),
        ("df.he", ["x"], "df.hex"),
        ("df.he", ["left", "end"], "df.he"),
        ("df.he", ["shift+end"], "df.he"),
        ("df.head(", ["right"], "df.head()"),
        ("df.head(", ["end"], "df.head(10).T"),
        ("df.head(", ["backspace", "end"], "df.head"),
    ],
)
async def test_a_line_is_suggested_and_taken(tmp_path: Path, typed: str, keys: list[str], after: str) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "df.head(10).T")
    async with running(path, config=Config(completion="off")) as t:
        await suggested(t, typed)
        assert sum("df.head(10).T" in row for row in t.rows()) == 2
        await t.press(*keys)
        assert t.sources()[1] == after
        await t.press("escape")
        assert [row.partition("[ ] ")[2].strip() for row in t.rows() if "[ ] " in row][1] == after


async def test_the_history_of_the_kernel_is_suggested_after_the_notebook(tmp_path: Path) -> None:
    kernel = ScriptedKernel()
    kernel.history = ("df.head(5)", "df.hello()\nelsewhere = 1")
    async with running(write_notebook(tmp_path / "n.ipynb", "df.head(10)"), kernel=kernel) as t:
        await suggested(t, "df")
        suggest = t.app.pane.editor.widget.suggest
        assert suggest is not None
        await t.until(lambda: suggest("elsew") == "here = 1")
        assert suggest("df.he") == "ad(10)"


async def test_a_list_of_completions_replaces_a_suggestion(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "df.head(10).T")
    async with running(path, completions=["df.head", "df.hex"]) as t:
        await suggested(t, "df.he")
        await t.until(lambda: t.app.pane.completion.is_open)
        assert t.app.pane.editor.widget.suggestion == ""


async def test_the_status_line_counts_what_is_selected(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "n.ipynb", "one\ntwo\nthree")) as t:
        await t.press("enter", "shift+right")
        assert " 1 character " in t.rows()[-1]
        await t.press("shift+down", "shift+down")
        assert "3 lines, 9 characters" in t.rows()[-1]
        await t.press("right")
        assert "3:2" in t.rows()[-1]


async def test_nothing_is_suggested_if_that_is_off_or_in_prose(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "df.head(10)")
    async with running(path, config=Config(suggestions=False)) as t:
        await t.press("b", "enter")
        await t.type("df.h")
        assert t.app.pane.editor.widget.suggestion == ""
    async with running(path) as t:
        await t.press("b", "m", "enter")
        await t.type("df.h")
        assert t.app.pane.editor.widget.suggestion == ""


async def test_relative_numbers_count_from_the_cursor(tmp_path: Path) -> None:
    config = Config(line_numbers=True, relative_numbers=True)
    async with running(write_notebook(tmp_path / "n.ipynb", "a\nb\nc"), size=(60, 20), config=config) as t:
        await t.press("enter", "down")
        assert [row[8:10].strip() for row in t.rows()[1:4]] == ["1", "2", "1"]
        await t.press("escape")
        assert [row[8:10].strip() for row in t.rows()[1:4]] == ["1", "2", "3"]


async def test_line_numbers_stand_beside_the_lines(tmp_path: Path) -> None:
    source = "x = 1\n" + "word " * 30
    async with running(write_notebook(tmp_path / "n.ipynb", source), size=(60, 20), config=Config(line_numbers=True)) as t:
        shown = [row.removeprefix("▌") for row in t.rows()[:6]]
        await t.press("enter", "ctrl+end")
        assert [row.removeprefix("▌") for row in t.rows()[:6]] == shown
        assert t.app.pane.editor.widget.offset_of(0).x == 3
        assert [row[8:10].strip() for row in t.rows()[1:4]] == ["1", "2", ""]


def test_a_row_is_painted_from_a_column_on() -> None:
    red, base = Style(color="red"), Style()
    line = (Span("a\tb", red), Span("中c"))

    def painted(start: int, end: int, x: int, columns: int, *marks: Mark) -> tuple[list[tuple[str, bool]], int]:
        segments, stop = paint(line, start, end, x, columns, marks, base)
        return [(text, bool(style and style.bold)) for text, style, _ in segments], stop

    bold = Style(bold=True)
    assert painted(0, 6, 0, 20) == ([("a   b", False), ("中c", False), (" ", False)], 9)
    assert painted(2, 5, 4, 20) == ([("b", False), ("中c", False)], 8)
    assert painted(0, 6, 0, 20, Mark(2, 4, bold)) == (
        [("a   ", False), ("b", True), ("中", True), ("c", False), (" ", False)],
        9,
    )
    assert painted(0, 6, 0, 3) == ([("a   b", False)], 5)


async def test_the_row_of_the_cursor_stands_out_behind_its_text_unless_something_is_selected(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "a = 1\n" + f"{'word' * 5} " * 8 + "\nb = 2")
    async with running(path, size=(60, 20)) as t:
        plain, current = (t.app.role(name).bgcolor for name in ("code_background", "current_line_background"))

        def lines() -> list[bool]:
            text, last = ([next(iter(strip.crop(x, x + 1))).style for strip in t.strips()[1:7]] for x in (11, 56))
            assert {style.bgcolor for style in last if style} <= {plain, current}
            assert {style.bgcolor for style in text if style} == {plain}, "painted anew with each move otherwise"
            return [style is not None and style.bgcolor == current for style in last]

        assert not any(lines()), "only in edit mode"
        await t.press("enter")
        assert lines() == [True, False, False, False, False, False]
        await t.press("down")
        assert lines() == [False, True, False, False, False, False], "of the rows that a line is wrapped to, only one"
        await t.press("shift+right")
        assert not any(lines())
        await t.press("escape")
        assert not any(lines())


async def test_a_key_paints_one_row_also_among_numbered_empty_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_notebook(tmp_path / "n.ipynb", "\n" * 8 + "a")
    async with running(path, config=Config(lint=False, line_numbers=True)) as t:
        await t.press("enter", "ctrl+end", "b")
        painted: list[str] = []

        def counted(line: Line, *others: Any) -> tuple[list[Segment], int]:  # noqa: ANN401
            painted.append("".join(span.text for span in line))
            return paint(line, *others)

        monkeypatch.setattr(text_area, "paint", counted)
        await t.press("c")
        assert painted == ["abc"]


@pytest.mark.parametrize("other", ["one", "\n".join("abcde")])
async def test_the_box_and_the_editor_of_a_cell_paint_their_own_texts(tmp_path: Path, other: str) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "zero", "")) as t:
        await t.press("j", "enter", *"one", "enter", *"two", "enter", *"three")
        for key in ("up", "down"):
            t.app.pane.view.box(t.cell(1)).highlighted.update(other)
            await t.press(key)
        words = [word for word in t.text().split() if word.isalpha()]
        assert words[words.index("zero") + 1 :][:3] == ["one", "two", "three"]


async def test_nothing_is_painted_between_keys_unless_more_was_lexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_area, "_LEX_PAUSE", 0.0)
    async with running(write_notebook(tmp_path / "n.ipynb", "a = 1\nb = 2"), config=Config(completion="off")) as t:
        await t.press("enter", "end")
        widget = t.app.pane.editor.widget
        widget.shape = CursorShape.BAR
        painted: list[tuple[object, ...]] = []
        refresh = widget.refresh

        def count(*regions: Region, **options: bool) -> object:
            painted.append(regions)
            return refresh(*regions, **options)

        monkeypatch.setattr(widget, "refresh", count)
        await t.press("1")
        await t.until(lambda: widget._lexing is None)
        assert len(painted) == 1


async def test_rows_of_a_long_line_below_an_edit_are_not_painted_anew(tmp_path: Path) -> None:
    source = "# " + "".join(f"word{number} " for number in range(1000))
    async with running(write_notebook(tmp_path / "n.ipynb", source), size=(60, 20)) as t:
        await t.press("enter", "ctrl+home", "right")
        widget = t.app.pane.editor.widget
        before = widget.render_lines(widget.size.region)
        await t.press("x")
        after = widget.render_lines(widget.size.region)
        assert [old is new for old, new in zip(before, after, strict=True)] == [False] + [True] * (len(before) - 1)
        await t.press("backspace", *"a longer word".replace(" ", "_"))
        assert t.sources()[0].startswith("#a_longer_word word0")
        shown = "".join(strip.text.strip().lstrip("↳ ") + " " for strip in widget.render_lines(widget.size.region))
        assert t.sources()[0].startswith(shown.strip())
