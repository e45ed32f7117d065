"""Several cursors in the program, with VS Code's keys. tests/editing/test_cursors.py has how they are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.editing.selection import Selection
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

VSCODE = Config(key_set="vscode", lint=False, suggestions=False)
CASES = [
    ("foo = foo\nfoo", "ctrl+d ctrl+d ctrl+d b a r", "bar = bar\nbar"),
    ("foo = foo\nfoo", "ctrl+shift+l backspace a", "a = a\na"),
    ("one\ntwo\nthree", "ctrl+home ctrl+x end ctrl+v x", "one\ntwox\nthree"),
    ("one\ntwo", "ctrl+end ctrl+x ctrl+home ctrl+v ctrl+v", "two\ntwo\none"),
    ("a\nb\nc", "ctrl+home alt+ctrl+down ctrl+x ctrl+v", "a\nb\nc"),
    ("one\ntwo", "ctrl+home ctrl+x shift+end ctrl+v", "one\n"),
    ("foo foo", "ctrl+d ctrl+d ctrl+d right exclamation_mark", "foo! foo!"),
    ("foo foo", "ctrl+d ctrl+d end x", "foo foox"),
    ("foo = foo\nb\nc", "ctrl+d ctrl+d ctrl+shift+k", "b\nc"),
    ("foo = foo\nb\nc", "ctrl+d ctrl+d alt+down x", "b\nx = x\nc"),
    ("foo = foo\nb\nc", "ctrl+d ctrl+d left ctrl+x ctrl+v", "foo = foo\nb\nc"),
    ("foo = foo\nb\nc", "ctrl+d ctrl+d ctrl+right_square_bracket", "    foo = foo\nb\nc"),
    ("foo foo", "ctrl+d ctrl+d x ctrl+z", "foo foo"),
    ("foo foo", "ctrl+d ctrl+d x escape y", "x xy"),
    ("a\nb\nc", "alt+ctrl+down alt+ctrl+down x", "xa\nxb\nxc"),
    ("a\nb\nc", "ctrl+end alt+ctrl+up alt+ctrl+up x", "ax\nbx\ncx"),
    ("a\nb", "alt+ctrl+down ctrl+slash", "# a\n# b"),
    ("f f", "ctrl+d ctrl+d right left_parenthesis 1 right_parenthesis x", "f(1)x f(1)x"),
    ("foo bar", "ctrl+d ctrl+x ctrl+v ctrl+v", "foofoo bar"),
    ("f f", "ctrl+d ctrl+d a b ctrl+z", "f f"),
    ("one\ntwo", "ctrl+x end ctrl+v", "one\ntwo"),
]


async def test_typing_at_many_cursors_moves_none_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "ab = 1\n" * 500), config=VSCODE) as t:
        await t.press("enter", "ctrl+home", "ctrl+shift+l")
        monkeypatch.setattr(Selection, "moved", None)
        await t.press("x", "y", "backspace")
        assert t.sources()[0] == "x = 1\n" * 500
        monkeypatch.undo()
        await t.press("ctrl+z")
        assert len(t.app.pane.editor.widget.state.selections) == 500


async def test_alt_and_a_click_add_a_cursor(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a.ipynb", "one\ntwo\nthree")) as t:
        await t.press("enter", "ctrl+home")
        area = t.app.pane.editor.widget
        for x, y in ((2, 1), (3, 2), (3, 2)):
            await t.pilot.click(area, offset=(x, y), meta=True)
        await t.type("x")
        await t.until(lambda: t.sources()[0] == "xone\ntwxo\nthrxee")
        await t.pilot.click(area, offset=(0, 2))
        await t.type("y")
        await t.until(lambda: t.sources()[0] == "xone\ntwxo\nythrxee")


async def test_editing_at_several_cursors(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "several.ipynb", *(source for source, _, _ in CASES))
    found = []
    async with running(path, config=VSCODE, completions=(), size=(80, 8)) as t:
        for number, (_, typed, _) in enumerate(CASES):
            pane = t.app.pane
            pane.view_state.activate(t.cell(number))
            pane.view_state.mode = Mode.EDIT
            pane.sync()
            await t.press(*typed.split())
            await t.pilot.pause()
            found.append(t.sources()[number])
    assert [(*case, got) for case, got in zip(CASES, found, strict=True) if case[2] != got] == []


UNDONE = [
    ("foo foo", "ctrl+d ctrl+d x ctrl+z", [(0, 3), (4, 7)]),
    ("foo foo", "ctrl+d ctrl+d x y ctrl+z ctrl+y", [(2, 2), (5, 5)]),
    ("foo foo", "ctrl+d ctrl+d x left y ctrl+z", [(0, 0), (2, 2)]),
    ("a\nb", "alt+ctrl+down delete escape home ctrl+z", [(0, 0), (2, 2)]),
    ("foo foo", "ctrl+shift+l backspace ctrl+z ctrl+y", [(1, 1), (0, 0)]),
    ("abc", "shift+right x end ctrl+z", [(0, 1)]),
]


async def test_undo_and_redo_select_what_was_selected(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "undone.ipynb", *(source for source, _, _ in UNDONE))
    found = []
    async with running(path, config=VSCODE, size=(80, 8)) as t:
        for number, (_, typed, _) in enumerate(UNDONE):
            t.app.pane.view_state.activate(t.cell(number))
            t.app.pane.view_state.mode = Mode.EDIT
            t.app.pane.sync()
            await t.press(*typed.split())
            await t.pilot.pause()
            found.append([(each.anchor, each.head) for each in t.app.pane.editor.widget.state.selections])
    assert [(*case, got) for case, got in zip(UNDONE, found, strict=True) if case[2] != got] == []


async def test_each_cursor_gets_a_line_of_a_paste_with_as_many(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "paste.ipynb", "x x")
    async with running(path, config=VSCODE) as t:
        await t.press("enter", "ctrl+d", "ctrl+d")
        t.app.post_message(events.Paste("one\ntwo"))
        await t.until(lambda: t.sources() == ["one two"])
        t.app.post_message(events.Paste("!"))
        await t.until(lambda: t.sources() == ["one! two!"])


async def test_all_cursors_are_painted_and_escape_keeps_one(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "shown.ipynb", "a\na")
    async with running(path, config=VSCODE) as t:
        await t.press("enter", "alt+ctrl+down")
        widget = t.app.pane.editor.widget
        cursor = widget._styles.cursor.bgcolor if widget._styles is not None else None
        rows = [row for row in t.strips() if row.text.rstrip().endswith("a")]
        assert sum(any(seg.style is not None and seg.style.bgcolor == cursor for seg in row) for row in rows) == 2
        assert "2 cursors" in t.rows()[-1]
        await t.press("escape")
        assert len(widget.state.selections) == 1
        assert " EDIT " in t.rows()[-1]
        await t.press("escape")
        assert " COMMAND " in t.rows()[-1]
