"""Find: matches that are gone to as the pattern is typed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.ui.harness import running
from tests.ui.notebooks import LONG, bundle, notebook, stream
from tuinb import regex_timeout
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.notebook.changes import Applied, ClientId, DeleteCell, SpliceSource, Step, Transaction
from tuinb.ui.search import controller
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
        await t.shows("777: 1 of 2, wrapped")
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


async def test_the_cursor_is_on_the_match(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("a", []), ("two\nold needle needle", []), ("x", [stream("needle\n")]))
    async with running(path) as t:
        await t.press("enter", "ctrl+f")
        await t.type("need")
        await t.shows("1 of 3")
        await t.press("enter")
        assert (t.app.pane.view_state.mode, t.app.pane.view_state.active) == (Mode.EDIT, t.cell(1))
        await t.type("1")
        await t.until(lambda: t.sources()[1] == "two\nold 1needle needle")
        await t.press("escape", "n")  # the same match, which has moved
        await t.shows("need: 1 of 3")
        await t.press("n")
        await t.shows("need: 2 of 3")
        await t.press("enter")
        await t.type("2")
        await t.until(lambda: t.sources()[1] == "two\nold 1needle 2needle")
        await t.press("ctrl+f")
        await t.shows("2 of 3")  # the one at the cursor
        await t.press("up", "up", "enter")
        await t.until(lambda: t.app.pane.view_state.mode is Mode.COMMAND)  # an output can't be edited


async def test_nothing_to_find(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("a", [stream("text")]))) as t:
        await t.press("n")
        await t.shows("No search yet")
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
        await t.shows("needle: 2 of 2, wrapped")


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


async def test_all_matches_in_sources_are_replaced_as_one_step(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("foo = foo", [stream("foo\n")]), "a foo here", ("bar", []))
    async with running(path) as t:
        await t.press("slash")
        await t.type("foo")
        await t.shows("1 of 4")
        await t.press("tab")
        await t.shows("Alt+A all")
        await t.until(lambda: "Enter replaces  Esc goes back" in t.rows()[-1])
        await t.press("tab")
        await t.until(lambda: "Enter goes on  Esc goes back" in t.rows()[-1])
        await t.press("enter")
        await t.type("spam")
        await t.press("alt+a")
        await t.shows("3 in 2 cells; z undoes")
        await t.until(lambda: "Enter replaces  Esc ends" in t.rows()[-1])
        await t.press("escape")
        assert t.sources() == ["spam = spam", "a spam here", "bar"]
        assert "foo" in t.text()
        await t.press("z")
        assert t.sources() == ["foo = foo", "a foo here", "bar"]
        await t.press("slash")
        await t.type("here")
        await t.press("tab")
        await t.type("there")
        await t.press("alt+a")
        await t.shows("1 in 1 cell; z undoes")


async def test_replacing_from_a_cell_that_is_edited_leads_back_into_it(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("ab ab", []))
    async with running(path) as t:
        await t.press("enter", "ctrl+f")
        await t.type("ab")
        await t.press("tab")
        await t.type("x")
        await t.press("alt+a")
        await t.shows("2 in 1 cell; ^Z undoes")
        await t.press("escape", "ctrl+z")
        assert t.sources() == ["ab ab"]
        await t.press("ctrl+f")
        await t.type("ab")
        await t.shows("1 of 2")
        await t.press("tab")
        await t.type("x")
        await t.press("enter", "enter")  # then there is no other
        await t.until(lambda: t.sources() == ["x x"])
        await t.press("escape", "exclamation_mark")
        assert t.sources() == ["x x!"]


async def test_matches_are_replaced_one_by_one(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("ab ab", [stream("ab\n")]), ("ab", []))
    async with running(path) as t:
        await t.press("slash")
        await t.type("re:(a)b")
        await t.shows("1 of 4")
        await t.press("tab")
        await t.type("x\\1\\n")
        await t.press("enter")
        await t.shows("1 of 3")
        await t.press("down", "enter")  # an output, which is passed over
        await t.shows("3 of 3")
        await t.press("enter")
        await t.until(lambda: t.sources()[1] == "xa\n")
        await t.press("shift+tab", "enter", "escape", "z", "z")
        assert t.sources() == ["ab ab", "ab"]


async def test_what_can_not_be_replaced_is_said(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("ab", []))
    async with running(path) as t:
        await t.press("slash")
        await t.type("re:a")
        await t.shows("1 of 1")
        await t.press("alt+a", "tab")
        await t.type("\\1")
        await t.press("enter")
        await t.shows("there is no group 1")
        await t.press("tab", "end")
        await t.type("b")
        await t.press("tab", "ctrl+u", "alt+a")
        await t.press("alt+a")
        await t.shows("nothing to replace")
        await t.press("escape")
        assert t.sources() == [""]


async def test_a_cell_that_goes_while_its_match_is_shown(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("ab", []), ("c", []))
    async with running(path) as t:
        await t.press("slash")
        await t.type("a")
        await t.shows("1 of 1")
        await t.press("tab")
        for change in (SpliceSource(t.cell(0), 0, "a", "b"), DeleteCell(t.cell(0))):
            t.session.apply(Transaction((change,), ClientId("other")))
            await t.press("enter")
        await t.press("escape")
        assert t.sources() == ["c"]


async def test_many_cells_are_replaced_in_parts_and_undone_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller, "_AT_ONCE", 2)
    path = notebook(tmp_path / "a.ipynb", *((f"ab{number}", []) for number in range(5)))
    async with running(path) as t:
        steps = list[Step]()
        t.session.listen(lambda event: steps.append(event.step) if isinstance(event, Applied) else None)
        await t.press("slash")
        await t.type("ab")
        await t.shows("1 of 5")
        await t.press("tab")
        await t.type("x")
        await t.press("alt+a")
        await t.shows("5 in 5 cells")
        assert steps == [Step.EDIT, Step.MORE, Step.MORE]
        assert t.sources() == ["x0", "x1", "x2", "x3", "x4"]
        await t.press("escape", "z")
        assert t.sources() == ["ab0", "ab1", "ab2", "ab3", "ab4"]
        assert not t.session.modified
        await t.press("Z")
        assert t.sources() == ["x0", "x1", "x2", "x3", "x4"]


async def test_a_cell_that_changes_while_all_are_replaced_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controller, "_AT_ONCE", 1)
    path = notebook(tmp_path / "a.ipynb", ("ab", []), ("ab", []), ("ab", []))
    async with running(path) as t:

        def change(event: object) -> None:
            if isinstance(event, Applied) and event.label == "replace" and t.sources()[1] == "ab":
                splice = SpliceSource(t.cell(1), 0, "", "new ")
                t.session.apply(Transaction((splice,), ClientId("other")))

        t.session.listen(change)
        await t.press("slash")
        await t.type("ab")
        await t.shows("1 of 3")
        await t.press("tab")
        await t.type("x")
        await t.press("alt+a")
        await t.shows("2 in 2 cells")
        assert t.sources() == ["x", "new ab", "x"]


async def test_replacing_all_goes_on_after_the_bar_is_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = asyncio.Event()

    async def wait() -> None:
        await ended.wait()

    monkeypatch.setattr(controller, "give_way", wait)
    path = notebook(tmp_path / "a.ipynb", ("ab", []), ("ab", []))
    async with running(path) as t:
        await t.press("slash")
        await t.type("ab")
        await t.shows("1 of 2")
        await t.press("tab")
        await t.type("x")
        await t.press("alt+a", "alt+a")
        await t.shows("replacing…")
        await t.type("y")  # a key does not wait for it
        await t.shows("→ xy")
        await t.press("escape")
        ended.set()
        await t.shows("ab: 2 in 2 cells; z undoes")
        assert t.sources() == ["x", "x"]


async def test_the_second_line_does_not_hide_the_match(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", "\n\n".join(f"word {number}" for number in range(9)), ("needle", []))
    async with running(path, size=(80, 20)) as t:
        await t.press("slash")
        await t.type("needle")
        await t.shows("1 of 1")
        above = next(y for y, row in enumerate(t.rows()) if "Find" in row)
        assert "needle" in t.rows()[above - 1], "the last row above the bar"
        await t.press("tab")
        await t.shows("Alt+A all")
        above = next(y for y, row in enumerate(t.rows()) if "Find" in row)
        assert any("needle" in row for row in t.rows()[:above])
        assert "│ / needle" in t.text(), "where it was while it had the keys"


async def test_enter_goes_on_and_escape_stays_with_the_keys_of_vs_code(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("old old old", []), ("x", []))
    async with running(path, config=Config(key_set="vscode")) as t:
        await t.press("enter", "ctrl+home", "ctrl+f")
        await t.type("old")
        await t.shows("1 of 3")
        await t.press("enter", "enter")
        await t.shows("3 of 3")
        await t.press("shift+enter")
        await t.shows("2 of 3")
        await t.press("escape")
        await t.until(lambda: t.app.pane.view_state.mode is Mode.EDIT)
        assert t.app.pane.editor.widget.cursor == 4
        await t.press("f3")  # without leaving the cell
        await t.until(lambda: t.app.pane.editor.is_open and t.app.pane.editor.widget.cursor == 8)
        await t.type("1")
        await t.until(lambda: t.sources()[0] == "old old 1old")
        await t.press("shift+f3")
        await t.until(lambda: t.app.pane.editor.is_open and t.app.pane.editor.widget.cursor == 4)


async def test_escape_goes_back_where_nothing_is_found_with_the_keys_of_vs_code(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", ("one", []), ("two", []))
    async with running(path, config=Config(key_set="vscode")) as t:
        await t.press("enter", "ctrl+f")
        await t.type("nowhere")
        await t.shows("no match")
        await t.press("enter", "escape")
        await t.type("!")
        await t.until(lambda: "!" in t.sources()[0])


async def test_what_is_selected_is_searched(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "a.ipynb", ("ab\nab abc", []), ("ab", []))) as t:
        await t.press("enter", "ctrl+home", "shift+right", "shift+right", "ctrl+f")
        await t.shows("/ ab")
        await t.shows("1 of 4")
