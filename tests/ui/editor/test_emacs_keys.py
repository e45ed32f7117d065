"""Emacs' keys in the program: `[keys] set = "emacs"`. tests/commands/keymap/test_emacs.py has each key by itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.config import Config
from tuinb.kernel.connection import scripted as k
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.harness import Driver

EMACS = Config(key_set="emacs", lint=False, suggestions=False)


CASES = [
    # the kill ring: kills join while repeated, and earlier ones come back
    ("one\ntwo\nthree", "ctrl+k ctrl+k ctrl+e enter ctrl+y", "two\none\n\nthree"),
    ("one two three", "alt+d alt+d ctrl+e ctrl+y", " threeone two"),
    ("one two three", "ctrl+e alt+backspace alt+backspace ctrl+a ctrl+y", "two threeone "),
    ("one two", "alt+d ctrl+e alt+backspace ctrl+y alt+y", " one"),
    ("one two", "alt+d ctrl+f ctrl+k ctrl+y alt+y alt+y", " two"),
    ("one", "ctrl+k ctrl+y ctrl+a alt+y", "one"),
    ("one", "ctrl+y", "one"),
    # the mark
    ("one two", "ctrl+space alt+f ctrl+w ctrl+e ctrl+y", " twoone"),
    ("one two", "ctrl+space alt+f alt+w ctrl+e ctrl+y", "one twoone"),
    ("one two", "ctrl+space alt+f x", "onex two"),
    ("one two", "alt+f ctrl+space ctrl+e ctrl+g ctrl+a ctrl+w", " two"),
    ("one two", "ctrl+x h ctrl+w", ""),
    ("one two", "ctrl+space alt+f ctrl+w ctrl+underscore x", "onex two"),
    ("one two", "ctrl+x h ctrl+y", "one two"),
    ("one two", "ctrl+space alt+f ctrl+x ctrl+x x", "xone two"),
    ("one two", "ctrl+w", "one two"),
    ("one\ntwo", "ctrl+space ctrl+n ctrl+n ctrl+n ctrl+w", ""),
    ("one", "ctrl+k ctrl+y ctrl+x ctrl+x x", "xone"),
    # the marks before it
    ("one two", "alt+f ctrl+space ctrl+e ctrl+space ctrl+a ctrl+u ctrl+space 1 ctrl+u ctrl+space 2", "one2 two1"),
    ("one two", "alt+f alt+> ctrl+u ctrl+space x", "onex two"),
    ("one two", "alt+f ctrl+space ctrl+c ctrl+p ctrl+c ctrl+n ctrl+g ctrl+e ctrl+u ctrl+space x", "onex two"),
    # counts
    ("abcdef", "ctrl+u ctrl+f x", "abcdxef"),
    ("abcdef", "ctrl+u 2 ctrl+f x", "abxcdef"),
    ("abcdef", "alt+2 ctrl+f x", "abxcdef"),
    ("abcdef", "alt+1 alt+0 ctrl+f x", "abcdefx"),
    ("abcdef", "ctrl+e alt+- 3 ctrl+f x", "abcxdef"),
    ("abcdef", "ctrl+u ctrl+u x", "x" * 16 + "abcdef"),
    ("abcdef", "ctrl+u 1 2 - x", "-" * 12 + "xabcdef"),
    ("abcdef", "ctrl+u 3 ctrl+d", "def"),
    ("abcdef", "ctrl+u 3 ctrl+g x", "xabcdef"),
    ("one two three", "ctrl+u 2 alt+d ctrl+y", "one two three"),
    ("abc", "escape 2 ctrl+f x", "abxc"),
    # keyboard macros
    ("a\nb\nc", "ctrl+x ( minus ctrl+a ctrl+n ctrl+x ) ctrl+x e", "-a\n-b\nc"),
    ("a\nb\nc", "ctrl+x ( minus ctrl+a ctrl+n ctrl+x ) ctrl+u 2 ctrl+x e", "-a\n-b\n-c"),
    ("a\nb\nc", "ctrl+x ( minus ctrl+a ctrl+n ctrl+x e", "-a\n-b\nc"),
    ("a\nb\nc", "f3 minus ctrl+a ctrl+n f4 f4", "-a\n-b\nc"),
    ("a\nb\nc", "f3 minus ctrl+a ctrl+n f4 ctrl+u 2 f4", "-a\n-b\n-c"),
    # sequences that run nothing insert nothing
    ("a", "ctrl+x q x", "xa"),
    ("a", "ctrl+x ctrl+g x", "xa"),
    ("a", "alt+z x", "xa"),
    ("a", "ctrl+c escape x", "xa"),
    # lists of Markdown, also in a cell that becomes Markdown while it is edited
    ("a:", "ctrl+c ctrl+t ctrl+e enter x", "a:\nx"),
    ("- a", "ctrl+c ctrl+t ctrl+e enter b ctrl+j tab c", "- a\n- b\n  - c"),
    ("- a", "ctrl+c ctrl+t ctrl+e enter ctrl+underscore x", "- ax"),
    ("- a", "ctrl+c ctrl+t ctrl+c ctrl+t ctrl+e enter b", "- a\nb"),
    # expressions, statements, rectangles, filling
    ("f(a, (b)) + c", "ctrl+f ctrl+alt+k ctrl+e ctrl+y", "f + c(a, (b))"),
    ("f(a) + c", "ctrl+u 2 ctrl+alt+f x", "f(a)x + c"),
    ("f(a) + c", "ctrl+e ctrl+u - 2 ctrl+alt+f x", "fx(a) + c"),
    ("f(a) + c", "ctrl+alt+space ctrl+alt+space ctrl+w", " + c"),
    ("x = 1\ny = 2", "alt+k ctrl+n ctrl+e ctrl+y", "\ny = 2x = 1"),
    ("ab\ncd\nef", "ctrl+f ctrl+space ctrl+n ctrl+n ctrl+e ctrl+x space x ctrl+g y", "ax\ncx\nexy"),
    ("ab\ncd", "ctrl+space ctrl+n ctrl+f ctrl+x r k ctrl+a ctrl+y", "b\na\ncd"),
    ("# a\n# b", "alt+q x", "x# a b"),
    ("ab cd", "ctrl+space alt+f ctrl+x ctrl+u x", "ABx cd"),
    ("a\nb", "ctrl+x h ctrl+c greater_than_sign ctrl+g x", "x    a\n    b"),
    # what is selected from the mark stays so, and is not replaced by what is typed
    ("a\nb", "ctrl+x h ctrl+c greater_than_sign ctrl+c greater_than_sign x", "x        a\n        b"),
    ("a\nb", "ctrl+space alt+> ctrl+c greater_than_sign x", "    a\n    bx"),
    ("a\nb", "ctrl+x h alt+; ctrl+n x", "# a\nx# b"),
    # the rest
    ("one two", "alt+u alt+c", "ONE Two"),
    ("one two", "alt+f alt+t x", "two onex"),
    ("a", "ctrl+k ctrl+underscore", "a"),
    ("a b", "alt+d alt+d ctrl+x u ctrl+x u alt+_", " b"),
    ("if x:", "ctrl+e ctrl+j y", "if x:\n    y"),
    ("a\nb", "ctrl+n alt+^ x", "ax b"),
    ("ab", "ctrl+f ctrl+o x", "ax\nb"),
    ("a", "alt+; x", "a  # x"),
]


async def test_keys_in_a_cell(tmp_path: Path) -> None:
    """Each case in a cell of its own, with nothing killed, copied or recorded before."""
    path = write_notebook(tmp_path / "keys.ipynb", *(source for source, _, _ in CASES))
    names = {"(": "left_parenthesis", ")": "right_parenthesis", "-": "minus"}
    found = []
    async with running(path, config=EMACS, completions=(), size=(80, 8)) as t:
        for number, (_, typed, _) in enumerate(CASES):
            pane = t.app.pane
            pane.context.cells.kills.texts = ()
            pane.context.cells.text = ""
            pane.view_state.activate(t.cell(number))
            pane.sync()
            await t.press(*(names.get(key, key) for key in typed.split()))
            await t.pilot.pause()
            found.append(t.sources()[number])
    wrong = [(*case, got) for case, got in zip(CASES, found, strict=True) if case[2] != got]
    assert wrong == []


async def test_a_cell_is_edited_from_the_start_and_on(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "cells.ipynb", "one", "two", "three")
    async with running(path, config=EMACS) as t:
        assert "EDIT" in t.rows()[-1]
        await t.press("1", "alt+enter", "2", "ctrl+n", "3")
        assert t.sources() == ["1one", "2two", "t3hree"]
        await t.press("ctrl+c", "ctrl+k", "x")
        assert t.sources() == ["1one", "2xtwo"]
        await t.press("escape", "escape", "j", "k", "d", "d")
        assert t.sources() == ["2xtwo"]
        assert "COMMAND" in t.rows()[-1]


async def test_a_search_goes_over_cells_from_the_cursor_and_extends_the_region(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "find.ipynb", "x foo foo", "foo", "y")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+e", "alt+b", "ctrl+s")
        await t.type("foo")
        await t.shows("2 of 3")
        await t.press("ctrl+s")
        await t.shows("3 of 3")
        await t.press("enter", "minus")
        await t.until(lambda: t.sources() == ["x foo foo", "foo-", "y"])
        await t.press("ctrl+r", "ctrl+r")
        await t.shows("3 of 3")
        await t.press("ctrl+r")
        await t.shows("2 of 3")
        await t.press("ctrl+g", "plus")
        await t.until(lambda: t.sources() == ["x foo foo", "foo-+", "y"])
        await t.press("ctrl+p", "ctrl+a", "ctrl+space", "ctrl+s")
        await t.type("foo")
        await t.press("enter", "ctrl+w")
        await t.until(lambda: t.sources() == [" foo", "foo-+", "y"])


async def test_a_key_of_another_command_ends_the_search_and_runs_it(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "end.ipynb", "a foo b", "c foo d")
    async with running(path, config=EMACS) as t:
        for key in ("ctrl+s", *"foo", "ctrl+a", "1", "ctrl+s", *"foo", "ctrl+s", "alt+d", "2", "ctrl+r", *"foo", "ctrl+b", "3"):
            t.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await t.until(lambda: "3" in "".join(t.sources()))
        assert t.sources() == ["1a foo b", "c3 foo2"]
        await t.press("alt+<", "ctrl+x", "left_parenthesis", "ctrl+s", "o", "ctrl+b", "x", "ctrl+x", "right_parenthesis")
        await t.press("ctrl+x", "e")
        await t.until(lambda: t.sources()[1] == "c3 fxxoo2")


async def test_a_search_leaves_the_mark_where_it_began(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "mark.ipynb", "one two three")
    async with running(path, config=EMACS) as t:
        await t.press("alt+f", "ctrl+s", *"three", "enter", "x", "ctrl+u", "ctrl+space", "y")
        await t.until(lambda: t.sources() == ["oney two threex"])


async def test_a_search_takes_words_of_the_text_and_goes_on_from_its_match(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "word.ipynb", "foo.a = foo_b\nfoo_c = foo_b1")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+s", "ctrl+w")
        await t.shows("1 of 4")
        await t.press("ctrl+s", "ctrl+s")
        await t.shows("3 of 4")
        await t.press("ctrl+w")
        await t.shows("/ foo_c")
        await t.press("backspace", "backspace")
        await t.shows("1 of 4")
        await t.press("ctrl+w")
        await t.shows("/ foo.a")
        await t.press("ctrl+w", "enter", "x")
        await t.until(lambda: t.sources() == ["foo.a = foox_b\nfoo_c = foo_b1"])


async def test_replacing_shows_both_lines_at_once(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "replace.ipynb", "foo", "foo")
    async with running(path, config=EMACS) as t:
        await t.press("alt+percent_sign")
        await t.shows("→")
        await t.type("foo")
        await t.press("enter")
        await t.type("bar")
        await t.press("alt+a")
        await t.until(lambda: t.sources() == ["bar", "bar"])


async def begin_query(t: Driver, found: str, replaced: str) -> None:
    await t.press("alt+percent_sign")
    await t.type(found)
    await t.press("enter")
    await t.type(replaced)
    await t.press("enter")
    await t.shows(f"Replace {found} by {replaced}?")


async def test_replacing_asks_at_each_match_and_is_undone_at_once(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "query.ipynb", "foo above", "foo foo", "a foo\nfoo", "foo")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+c", "ctrl+n")
        await begin_query(t, "foo", "spam")
        assert "y n ! . q" in t.text()
        assert "q ends" in t.rows()[-1]
        await t.press("y", "z", "n", "space", "backspace", "y")
        await t.shows("3 replaced; ^X u undoes")
        assert t.sources() == ["foo above", "spam foo", "a spam\nfoo", "spam"]
        await t.press("1")
        assert t.sources()[3] == "spam1"
        await t.press("ctrl+underscore", "ctrl+underscore")
        await t.until(lambda: t.sources() == ["foo above", "foo foo", "a foo\nfoo", "foo"])


@pytest.mark.parametrize(
    ("answers", "after"),
    [
        (("n", "y", "exclamation_mark"), ["foo b", "foo xy xy\nxy", "xy"]),
        (("exclamation_mark",), ["foo b", "xy xy xy\nxy", "xy"]),
        (("y", "full_stop", "1"), ["foo b", "xy xy1 foo\nfoo", "foo"]),
        (("q", "1"), ["foo b", "foo1 foo foo\nfoo", "foo"]),
        (("y", "escape", "1"), ["foo b", "xy foo1 foo\nfoo", "foo"]),
        (("y", "ctrl+a", "1"), ["foo b", "1xy foo foo\nfoo", "foo"]),
    ],
)
async def test_answers_at_a_match(tmp_path: Path, answers: tuple[str, ...], after: list[str]) -> None:
    path = write_notebook(tmp_path / "query.ipynb", "foo b", "foo foo foo\nfoo", "foo")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+c", "ctrl+n")
        await begin_query(t, "foo", "xy")
        await t.press(*answers)
        await t.until(lambda: t.sources() == after)
        await t.press(*(["ctrl+underscore"] * 3))
        await t.until(lambda: t.sources() == ["foo b", "foo foo foo\nfoo", "foo"])


async def test_nothing_is_asked_without_a_match(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "query.ipynb", "foo")
    async with running(path, config=EMACS) as t:
        for found, said in (("nowhere", "nothing to replace"), ("re:(f)", "there is no group 2")):
            await t.press("alt+percent_sign")
            await t.type(found)
            await t.press("enter")
            await t.type("\\2")
            await t.until(lambda: "Enter asks  ^G goes back" in t.rows()[-1])
            await t.press("enter")
            await t.shows(said)
            await t.press("ctrl+g")
        assert t.sources() == ["foo"]


async def test_macros_hold_what_is_typed_into_a_search(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "macro.ipynb", "a=1 b=2 c=3")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+x", "left_parenthesis", "ctrl+s", "equals_sign", "enter", "x", "ctrl+x", "right_parenthesis")
        await t.until(lambda: t.sources() == ["a=x1 b=2 c=3"])
        await t.press("ctrl+u", "2", "ctrl+x", "e")
        await t.until(lambda: t.sources() == ["a=x1 b=x2 c=x3"])


async def test_a_macro_that_is_not_there_or_too_long_is_refused(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "none.ipynb", "a")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+x", "e")
        await t.shows("No keyboard macro was recorded")
        await t.press("ctrl+x", "right_parenthesis")
        await t.shows("Nothing is recorded")
        await t.press("ctrl+x", "left_parenthesis", "ctrl+f", "ctrl+g", "ctrl+x", "e")
        await t.shows("No keyboard macro was recorded")
        await t.press(
            "ctrl+x", "left_parenthesis", "x", "ctrl+x", "right_parenthesis", "ctrl+u", "9", "9", "9", "9", "ctrl+x", "e"
        )
        await t.shows("more than 5,000 keys")
        assert t.sources() == ["ax"]


async def test_ctrl_g_stops_a_macro_that_is_being_typed(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "stop.ipynb", "a")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+x", "left_parenthesis", "x", "ctrl+x", "right_parenthesis")
        for key in ("ctrl+u", "4", "0", "0", "0", "ctrl+x", "e"):
            t.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await t.until(lambda: len(t.sources()[0]) > 9)
        t.app.post_message(events.Key("ctrl+g", None))
        await t.shows("Stopped typing the macro")
        await t.press("y", "z")
        await t.until(lambda: t.sources()[0].endswith("yza"))
        assert len(t.sources()[0]) < 4000
        await t.press("ctrl+u", "2", "ctrl+x", "e", "y")
        await t.until(lambda: t.sources()[0].endswith("yzxxya"))


async def test_counts_recording_and_the_region_are_in_the_status_line(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "status.ipynb", "a")
    async with running(path, config=EMACS) as t:
        await t.press("ctrl+u", "1", "2")
        assert "count 12" in t.rows()[-1]
        await t.press("ctrl+g", "ctrl+x", "left_parenthesis")
        assert "recording" in t.rows()[-1]
        await t.press("ctrl+g")
        assert "recording" not in t.rows()[-1]
        await t.press("ctrl+space")
        assert "^G cancels" in t.rows()[-1]


async def test_ctrl_g_leaves_dialogs(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "dialogs.ipynb", "a")
    async with running(path, config=EMACS) as t:
        await t.press("alt+x")
        await t.shows("PALETTE")
        await t.press("ctrl+g", "x")
        await t.until(lambda: t.sources() == ["xa"])
        assert t.app.pane.view_state.mode is Mode.EDIT


async def test_the_prompt_of_the_cell_that_runs_gets_the_keys(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "ask", "other")
    opened = asyncio.Event()
    async with running(path, {"ask": [k.gate(opened), k.prompt("name? ")], "other": [k.prompt("age? ")]}, config=EMACS) as t:
        await t.press("ctrl+c", "ctrl+c", "x")
        opened.set()
        await t.shows("^C ^G goes to its prompt")
        assert "waits for input (^C ^G): name?" in t.rows()[-1]
        await t.press("y", "ctrl+c", "ctrl+g", "b", "ctrl+g", "z", "ctrl+c", "ctrl+g", "enter")
        await t.until(lambda: t.session.prompt is None)
        assert t.sources() == ["xyzask", "other"]
        await t.press("ctrl+c", "ctrl+n", "ctrl+c", "ctrl+c")
        await t.until(lambda: "INPUT" in t.rows()[-1])
