"""Vim's keys in the program: `[keys] set = "vim"`. tests/editing/vim has what they make of a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.support import wait_for, write_notebook
from tests.ui.harness import running
from tests.ui.notebooks import LONG, notebook, stream
from tuinb.commands.registry import COMMANDS
from tuinb.config import Config, VimSettings
from tuinb.editing.vim import tables
from tuinb.kernel.execution.runs import RunState
from tuinb.notebook.changes import ClientId, SpliceSource, Transaction
from tuinb.terminal.cursor import CursorShape
from tuinb.ui.editor import vim_keys

if TYPE_CHECKING:
    from pathlib import Path

VIM = Config(key_set="vim")
NAMES = {
    " ": "space", "\n": "enter", "(": "left_parenthesis", ")": "right_parenthesis", "=": "equals_sign", ":": "colon",
    "/": "slash", "%": "percent_sign", "$": "dollar_sign", ".": "full_stop", '"': "quotation_mark", "<": "less_than_sign",
    ">": "greater_than_sign", "@": "at", "~": "tilde", "'": "apostrophe", "?": "question_mark", "*": "asterisk",
    "\\": "backslash", "+": "plus", ",": "comma",
}  # fmt: skip


def keys(written: str) -> list[str]:
    """Returns the names of keys: each character is one, and so is each name in brackets, as in `<ctrl+r>`."""
    found, rest = [], written
    while rest:
        name, more = (rest[1:].split(">", 1)) if rest.startswith("<") and ">" in rest else ("", rest[1:])
        found.append(name or NAMES.get(rest[0], rest[0]))
        rest = more
    return found


@pytest.mark.parametrize(
    ("source", "typed", "after"),
    [
        ("one two", "dw", "two"),
        ("one two", "ciwnew<escape>", "new two"),
        ("one\ntwo", "yyp", "one\none\ntwo"),
        ("one two", "dwu", "one two"),
        ("one two", "dwu<ctrl+r>", "two"),
        ("one two", "ixyz<escape>.u", "xyzone two"),
        ("if x:", "oa<escape>", "if x:\n    a"),
        ("f", "A(<escape>.", "f()()"),
        ("a\nb\na", ":%s/a/x/\n", "x\nb\nx"),
        ("a\nb", "qqIx<escape>jq@q", "xa\nxb"),
        ("one two", "vey$p", "one twoone"),
        ("one two", "i<tab>x<escape>", "    xone two"),
        ("a b", "f x", "ab"),
        ("ab", "r ", " b"),
        ("one", ":nonsense\nx", "ne"),
        ("one two", "i-<alt+x>", "one two"),
        ("one two", "i-<ctrl+left_square_bracket>x", "one two"),
        ("one", '"+yypu', "one"),
        ("a\nb\nc", "ma:$\nx'aix<escape>", "xa\nb\n"),
        ("a1\nb\na2\na3", ":g/a/normal A #x\n", "a1 #x\nb\na2 #x\na3 #x"),
        ("if a:\nb\nif c:", ":g/if/normal op\n", "if a:\n    p\nb\nif c:\n    p"),
        ("a1\nb\na2", "ggx:g/a/normal u\n", "1\nb\na2"),
        ("a1\nb\na2", ":g/./normal jIx\n", "a1\nxb\nxa2"),
    ],
)
async def test_keys_in_a_cell(tmp_path: Path, source: str, typed: str, after: str) -> None:
    path = write_notebook(tmp_path / "keys.ipynb", source)
    async with running(path, config=VIM, completions=()) as t:
        await t.press("enter", *keys(typed))
        assert t.sources()[0] == after


@pytest.mark.parametrize(("continues", "after"), [(None, "- a\nb"), (True, "- a\n- b")])
async def test_a_list_goes_on_only_if_that_is_set(tmp_path: Path, continues: bool | None, after: str) -> None:
    path = write_notebook(tmp_path / "list.ipynb", "- a")
    async with running(path, config=replace(VIM, continue_lists=continues)) as t:
        await t.press("m", "enter", *keys("A\nb"))
        assert t.sources() == [after]


async def test_modes_and_the_line_are_in_the_status_line(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "modes.ipynb", "one two", "three")
    async with running(path, config=VIM) as t:
        assert "COMMAND" in t.rows()[-1]
        for typed, mode in [
            ("\n", "NORMAL"),
            ("i", "INSERT"),
            ("<escape>v", "VISUAL"),
            ("V", "V-LINE"),
            ("<ctrl+v>", "V-BLOCK"),
        ]:
            await t.press(*keys(typed))
            assert f" {mode} " in t.rows()[-1]
        await t.press("escape", "R")
        assert " REPLACE " in t.rows()[-1]
        await t.press("escape", *keys('"a2d'))
        assert '"a2d' in t.rows()[-1]
        await t.press("escape", *keys("qa"))
        assert "recording @a" in t.rows()[-1]
        await t.press(*keys("q:s/one/"))
        assert " :s/one/" in t.rows()[-1]
        await t.press("escape", "escape")
        assert "COMMAND" in t.rows()[-1]


async def test_keys_are_recorded_and_played_from_the_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "macros.ipynb", "one", "two", "three")
    async with running(path, config=VIM, completions=()) as t:
        await t.press(*keys("qaA;<escape><escape>"))
        assert " COMMAND " in t.rows()[-1]
        assert "recording @a" in t.rows()[-1]
        await t.press(*keys("q"))
        assert "recording" not in t.rows()[-1]
        assert "Recorded." in "\n".join(t.rows())
        await t.press(*keys("j@a"))
        assert "COMMAND" in t.rows()[-1]
        await t.press(*keys("j@@"))
        assert t.sources() == ["one;", "two;", "three;"]
        await t.press(*keys("\n3@ax"))  # it ends where it leaves the cell
        assert t.sources() == ["one;", "two;"]


async def test_a_register_on_cells_types_nothing(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "registers.ipynb", "one", "two"), config=VIM) as t:
        await t.press(*keys('"ayyjp'))
        assert t.sources() == ["one", "two", "one"]
        await t.press(*keys('k"+yyP'))
        assert t.sources() == ["one", "two", "two", "one"]


async def test_keys_that_run_nothing_on_cells_take_the_next_one(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "prefixes.ipynb", "one", "two"), config=VIM) as t:
        await t.press(*keys("gxzx[xdjykZi"))
        assert t.sources() == ["one", "two"]
        assert "COMMAND" in t.rows()[-1]
        assert "1/2" in t.rows()[-1]
        assert "Shift+Z i runs no command." in "\n".join(t.rows())


async def test_normal_in_each_line_stays_in_the_cell(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "normal.ipynb", "a\nb\nc"), config=VIM, completions=()) as t:
        await t.press("enter", *keys(":%normal A;\n"))
        assert t.sources() == ["a;\nb;\nc;"]
        assert " NORMAL " in t.rows()[-1]
        await t.press(*keys(":2,3normal d\nu"))
        assert t.sources() == ["a\nb\nc"]


async def test_keys_on_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "cells.ipynb", "one", "two")
    async with running(path, config=VIM) as t:
        await t.press(*keys("onew<escape><escape>"))
        assert t.sources() == ["one", "new", "two"]
        await t.press(*keys("ddp"))
        assert t.sources() == ["one", "two", "new"]
        await t.press(*keys("ggOtop<escape><escape>"))
        assert t.sources() == ["top", "one", "two", "new"]
        await t.press(*keys("jix<escape><escape>uuu"))
        assert t.sources() == ["one", "two", "new"]


async def test_a_range_of_cells_is_a_line_of_the_palette(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ranges.ipynb", "one", "two", "three", "two")
    async with running(path, config=VIM) as t:
        await t.press(*keys(":2,3d\nuu"), *keys(":%s/two/2/g\n"))
        assert t.sources() == ["one", "2", "three", "2"]
        assert "2 substitutions in 2 cells. u undoes that." in "\n".join(t.rows())
        await t.press(*keys(":g/2/m0\n"))
        assert t.sources() == ["2", "2", "one", "three"]


async def test_zeros_on_cells_restart(two: Path) -> None:
    async with running(two, config=VIM) as t:
        await t.press("0", "0")
        await t.shows("Restart the kernel? Its variables will be lost.")
        await t.press("enter")
        await t.shows("The kernel was not restarted.")
        await t.press("0", "r")
        await t.shows("Restart the kernel and run all cells?")


async def test_digits_on_cells_are_a_count(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "counts.ipynb", *(str(number) for number in range(15)))
    async with running(path, config=VIM) as t:
        await t.press("3", "j")
        assert t.app.pane.view_state.active == t.cell(3)
        await t.press("1", "0")
        await t.shows("count 10")
        await t.press("j")
        assert t.app.pane.view_state.active == t.cell(13)
        await t.press("2", "escape", "k")
        assert t.app.pane.view_state.active == t.cell(12)
        assert not t.session.modified
        await t.press("space", "2")
        assert t.sources()[12] == "## 12"


async def test_counts_of_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "counts.ipynb", *"abcdefg")
    async with running(path, config=VIM) as t:

        async def after(typed: str) -> str:
            await t.press(*keys(typed))
            return "".join(t.sources())

        assert await after("3Gx") == "abdefg"
        assert await after("2dd") == "abfg"
        assert await after("2ggP") == "adebfg"
        assert await after("gg2yy2p") == "aadaddebfg"
        assert await after("2u") == "abfg"
        assert await after("2<ctrl+r>") == "aadaddebfg"
        assert await after("2uG9dd") == "abf"
        assert await after("gg1Jdd") == "f"
        assert t.app.pane.view_state.active == t.cell(0)


async def test_the_cursor_leaves_a_cell_at_its_edges(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "edges.ipynb", "abc\ndef", "ghi\njkl")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\nlljjx"))
        assert t.sources() == ["abc\ndef", "gh\njkl"]
        await t.press(*keys("kkx"))
        assert t.sources() == ["ac\ndef", "gh\njkl"]
        await t.press(*keys("ka"), "down", "down", *keys("!<escape>"))
        assert t.sources() == ["ac\ndef", "gh!\njkl"]
        await t.press(*keys("dk"))
        assert t.sources() == ["ac\ndef", "gh!\njkl"]
        await t.press("ctrl+d", "ctrl+d", "x")
        assert t.sources() == ["ac\ndef", "gh!\njk"]
        await t.press("ctrl+u", "ctrl+b", "x")
        assert t.sources() == ["ac\ndf", "gh!\njk"]


async def test_pages_in_insert_mode(tmp_path: Path) -> None:
    long = "\n".join(["ab"] * 100)
    path = write_notebook(tmp_path / "pages.ipynb", long, "cd")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\nA"), "pagedown", *keys("!<escape>"))
        lines = t.sources()[0].split("\n")
        row = lines.index("ab!")
        assert 0 < row < 99
        await t.press("i", *["pagedown"] * 20, *keys("?<escape>"))
        assert t.sources()[1] == "cd?"
        await t.press(*keys("u1Gi"), "pageup", *keys("x<escape>"))
        assert t.sources()[0].split("\n")[-1] == "xab"
        await t.press(*keys("a"), "pageup", "shift+up", *["pageup"] * 20, *keys("y<escape>"))
        assert t.sources()[0].startswith("ay")


async def test_space_waits_for_its_key_in_normal_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.ui.keys.keyboard.HINT_SECONDS", 0.02)
    async with running(write_notebook(tmp_path / "menu.ipynb", "abc"), config=VIM) as t:
        await t.press("enter", "space")
        await t.shows("Merge the selected cells")
        await t.press("x")
        await t.shows("Space x runs no command")
        await t.press("f", "space", "space", "escape", "x")
        assert t.sources() == ["bc"]
        await t.press("space", "2")
        assert t.sources() == ["## bc"]


async def test_the_cursor_is_scrolled_to_an_edge_of_the_view(tmp_path: Path) -> None:
    cells = ["\n".join(f"{letter}{number}" for number in range(30)) for letter in "abc"]
    async with running(write_notebook(tmp_path / "scroll.ipynb", *cells), config=VIM, size=(40, 21)) as t:
        await t.press(*keys("j\n10Gzt"))
        assert "b9" in t.rows()[0]
        for typed, row in (("zb", 19), ("z\n", 0), ("z-", 19), ("zz", 10)):
            await t.press(*keys(typed))
            assert "b9" in t.rows()[row]
        await t.press(*keys("<escape>zt"))
        assert "b0" in t.rows()[0]
        await t.press(*keys("zb"))
        assert "b0" in t.rows()[19]


def test_all_that_vims_keys_ask_of_their_surroundings_is_there() -> None:
    asked = {name for name, _ in tables.SURROUNDINGS.values()}
    assert asked <= {*vim_keys.COMMANDS, *vim_keys.PAGES}
    assert set(vim_keys.COMMANDS.values()) <= set(COMMANDS)


async def test_leaving_for_rendered_text_says_that_keys_act_on_cells(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "prose.ipynb", "one", "two"), config=VIM) as t:
        await t.press("j", "m", "k", *keys("\nj"))
        await t.shows("Keys act on cells here: this one is not shown as source. Enter edits it.")
        assert "COMMAND" in t.rows()[-1]


async def test_jumps_in_a_cell_and_to_matches_in_others_are_gone_back(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "jumps.ipynb", "one\ntwo\nthree\nfour", "five")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\njGgg<ctrl+o><ctrl+o>x"))
        assert t.sources()[0] == "one\nwo\nthree\nfour"
        await t.press(*keys("<tab>x"))
        assert t.sources()[0] == "one\nwo\nthree\nour"
        await t.press(*keys("k/five\nx<ctrl+o>x"))
        assert t.sources() == ["one\nwo\nhree\nour", "ive"]
        await t.press(*keys("j:1\n<ctrl+o>x"))
        assert t.sources()[0] == "one\nwo\nhree\nur"


async def test_links_and_the_screen_in_normal_mode(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "links.ipynb", "x"), config=VIM) as t:
        await t.press(*keys("\ngx"))
        await t.shows("no link")
        await t.press(*keys("<ctrl+l>x"))
        assert t.sources() == [""]


async def test_keys_for_tabs_and_files_in_normal_mode(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "tabs.ipynb", "x"), config=VIM) as t:
        for typed in ("\ngt", "2gt", "gT", "gf"):
            await t.press(*keys(typed))
            await t.shows("it has no tabs")
            await t.press("l")
            assert "it has no tabs" not in t.text()
        await t.press(*keys("<escape>"))
        assert t.sources() == ["x"]


async def test_hints_among_the_cells_name_keys_of_the_set(tmp_path: Path) -> None:
    async with running(notebook(tmp_path / "long.ipynb", ("x", [stream(LONG)])), config=VIM) as t:
        await t.shows("(Space o expands, Space l views, | pages)")
    async with running(write_notebook(tmp_path / "empty.ipynb"), config=VIM) as t:
        await t.shows("This notebook has no cells: Enter inserts one, p pastes.")


async def test_escape_and_a_function_key_in_one_read(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "run.ipynb", ""), config=VIM) as t:
        await t.press(*keys("\nione"), "alt+f9", *keys("itwo<escape>"))
        assert t.sources() == ["one", "two"]
        assert t.session.run_of(t.cell(0)).state is not RunState.NEVER


async def test_a_search_goes_on_in_other_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "find.ipynb", "x = 1", "y = x", "z")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\n/x\nx"))
        assert t.sources() == ["x = 1", "y = ", "z"]
        await t.press(*keys("nx"))
        assert t.sources() == [" = 1", "y = ", "z"]
        await t.press(*keys("/q\n"))
        await t.shows("Not found: q")
        await t.press(*keys("?z\nx"))
        assert t.sources()[2] == ""


async def test_upper_case_marks_lead_to_other_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "marks.ipynb", "one\n  two three", "four", "five")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\njwmAOnew<escape>jj0x`Ax"))
        assert t.sources() == ["one\n  new\n  wo three", "our", "five"]  # it moves with its text
        await t.press(*keys("jj0'Ax<ctrl+o>x"))
        assert t.sources() == ["one\n  new\n  o three", "our", "ive"]
        await t.press(*keys("d'A"))
        await t.shows("Mark A is not set")
        await t.press(*keys("mA:marks\n"))
        await t.shows("A  line 1, column 1")
        await t.press(*keys("<escape>k`Ax"))  # the mark is here now
        assert t.sources() == ["one\n  new\n  o three", "our", "ve"]
        await t.press(*keys("k:marks\n"))
        await t.shows("A  cell 3: ve")
        await t.press(*keys("<escape>:delmarks A\n`A"))
        await t.shows("Mark A is not set")


async def test_upper_case_marks_are_those_of_the_notebook(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "marks.ipynb", "one", "two")
    async with running(path, config=VIM) as t:
        await t.press(*keys("j:mark B\nk\n`Bx"))
        assert t.sources() == ["one", "wo"]
        await t.press(*keys("lmCOnew<escape>j<escape>k'"))
        await t.shows("B  cell 2: wo")
        await t.shows("C  cell 2: wo")
        await t.press(*keys("j\nx"))
        assert t.sources() == ["one", "new\nw"]
        await t.press(*keys("<escape>dd"))
        await t.press(*keys("\n`C"))
        await t.shows("Mark C is not set")


async def test_undo_gives_back_each_command_and_the_work_of_others(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "undo.ipynb", "one two three", "four")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\ndwixy<escape>$x"))
        assert t.sources()[0] == "xytwo thre"
        change = SpliceSource(t.cell(0), 0, "", "> ")
        t.session.apply(Transaction((change,), ClientId("another")))
        await t.press(*keys("j0x<escape>k"))
        assert t.sources() == ["> xytwo thre", "our"]
        await t.press("u")  # in the other cell, which is edited then
        assert t.sources() == ["> xytwo thre", "four"]
        await t.press("ctrl+r")
        assert t.sources()[1] == "our"
        await t.press(*keys("uuuuuuuu"))
        assert t.sources() == ["one two three", "four"]
        await t.shows("Nothing to undo")


async def test_the_mouse_a_paste_and_options(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "mouse.ipynb", "one two\nthree", "b")
    async with running(path, config=VIM) as t:
        await t.press("enter", "v")
        area = t.app.pane.editor.widget
        await t.pilot.click(area, offset=(4, 0))
        await t.pilot.pause()
        assert " NORMAL " in t.rows()[-1]
        await t.press("x")
        assert t.sources()[0] == "one wo\nthree"
        await t.pilot.click(area, offset=(1, 0), times=2)
        await t.pilot.pause()
        await t.press("d")
        assert t.sources()[0] == " wo\nthree"
        await t.press("u", "v")
        t.app.post_message(events.Paste("pasted\n"))
        await t.pilot.pause()
        assert t.sources()[0] == "pasted\none wo\nthree"
        await t.press(*keys("u:set nu\n"))
        assert t.sources()[0] == "one wo\nthree"
        assert t.app.pane.view_state.line_numbers
        await t.press(*keys(":set rnu!\n:set nowrap\n:set nothing\n"))
        assert t.app.pane.view_state.relative_numbers
        assert not t.app.pane.view_state.soft_wrap
        await t.shows("'nothing' is no option here")
        await t.press(*keys(":registers\n"))
        await t.shows('"-')
        await t.press("escape", *keys(":run-cell 9\n"))
        await t.shows("names no cell")
        await t.press(*keys(":2d\n"))
        assert t.sources()[0] == "one wo"


async def test_completions_and_suggestions_in_insert_mode(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "complete.ipynb", "value = 1", "")
    async with running(path, config=VIM, completions=("value", "valid")) as t:
        await t.press(*keys("j\niva<tab>"))
        await t.shows("valid")
        await t.press("enter")
        await t.shows("INSERT")
        assert t.sources()[1] in ("value", "valid")
        chosen = t.sources()[1]
        await t.press(*keys("<escape>o<escape>."))
        assert t.sources()[1] == f"{chosen}\n\n"


async def test_keys_of_vims_list_of_completions(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "list.ipynb", "")
    async with running(path, config=VIM, completions=("value", "valid")) as t:
        await t.press(*keys("\niva<ctrl+x><ctrl+o>"))
        await t.shows("valid")
        await t.press("ctrl+e")
        assert not t.app.pane.completion.display
        await t.press("ctrl+x", "ctrl+n")
        await t.shows("valid")
        candidate = t.app.pane.completion.candidate
        assert candidate is not None
        await t.press("ctrl+n", "ctrl+y")
        assert t.sources()[0] in {"value", "valid"} - {candidate.text}
        await t.press(*keys("\n<ctrl+y><ctrl+y><escape>"))  # without a list, those of vim
        assert t.sources()[0].endswith("\nva")


async def test_a_read_only_notebook_stays_as_it_is(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "read.ipynb", "one two")
    async with running(path, config=VIM) as t:
        await t.press("enter")
        t.app.pane.editor.widget.read_only = True
        await t.press(*keys("dwix<escape>:s/o/x/\n"))
        await t.shows("read-only")
        assert t.sources() == ["one two"]


async def test_what_is_selected_is_marked(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "block.ipynb", "abc\ndef\nghi")
    async with running(path, config=VIM) as t:

        def marked() -> tuple[tuple[int, int], ...]:
            return t.app.pane.editor.widget.marked

        await t.press("enter", "ctrl+v", "l", "j")
        assert marked() == ((0, 2), (4, 6))
        await t.press("V")
        assert marked() == ((0, 8),)
        await t.press("G")
        assert marked() == ((0, 11),)
        await t.press("d")
        assert t.sources() == [""]


async def test_matches_are_marked_until_noh(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "matches.ipynb", "ab a\nab", "ab")
    async with running(path, config=VIM) as t:

        def found() -> tuple[tuple[int, int], ...]:
            return t.app.pane.editor.widget.found

        await t.press(*keys("\n/ab\n"))
        assert found() == ((0, 2), (5, 7))
        await t.press("x")
        assert found() == ((0, 2),)
        await t.press(*keys(":noh\n"))
        assert found() == ()
        await t.press("n")
        assert found() == ((0, 2),)
        assert t.app.pane.view_state.active == t.cell(1)


async def test_keys_that_stand_for_others(tmp_path: Path) -> None:
    settings = VimSettings(escape="jk", mappings={"normal": {"gh": "^", ",": "Space", "x": "dd"}, "command": {"q": "o"}})
    path = write_notebook(tmp_path / "mapped.ipynb", "  one\ntwo", "b")
    async with running(path, config=Config(key_set="vim", vim=settings)) as t:
        await t.press(*keys("\n$ghi-jk"))
        assert t.sources()[0] == "  -one\ntwo"
        assert " NORMAL " in t.rows()[-1]
        await t.press(*keys("jAj"))
        await wait_for(lambda: t.sources()[0] == "  -one\ntwoj")  # the time is over
        await t.press(*keys("<escape>x"))
        assert t.sources()[0] == "  -one"
        await t.press(*keys("fxfn,m"))  # the key that f waits for is not mapped
        assert t.session.notebook[t.cell(0)].kind == "markdown"
        await t.press(*keys("<escape><escape>q"))
        assert t.sources() == ["  -one", "", "b"]


async def test_a_key_that_a_command_awaits_begins_no_mapping(tmp_path: Path) -> None:
    settings = VimSettings(mappings={"normal": {"gh": "^"}}, timeout=60_000)
    async with running(write_notebook(tmp_path / "gg.ipynb", "one\ntwo"), config=Config(key_set="vim", vim=settings)) as t:
        await t.press(*keys("\njggi-<escape>"))
        assert t.sources() == ["-one\ntwo"]


async def test_a_paste_comes_behind_keys_that_wait(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "paste.ipynb", "a")
    async with running(path, config=Config(key_set="vim", vim=VimSettings(escape="jk", timeout=9_000))) as t:
        await t.press(*keys("\nAj"))
        assert t.sources() == ["a"]
        t.app.post_message(events.Paste("pasted"))
        await t.pilot.pause()
        assert t.sources() == ["ajpasted"]


async def test_ctrl_o_as_a_prefix_of_commands_on_cells(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "prefix.ipynb", "one", "two")
    async with running(path, config=Config(key_set="vim", vim=VimSettings(ctrl_o="cells"))) as t:
        await t.press(*keys("\n<ctrl+o>o"))
        assert t.sources() == ["one", "", "two"]
        await t.press(*keys("new<escape><ctrl+o>d"))
        assert t.sources() == ["one", "two"]


async def test_the_clipboard_and_the_end_of_the_line(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "clipboard.ipynb", "one two\nthree")
    async with running(path, config=Config(key_set="vim", vim=VimSettings(clipboard="unnamedplus", yank="end"))) as t:
        await t.press(*keys("\nwY"))
        assert t.app.pane.context.system.clipboard == "two"
        await t.press(*keys("jdd"))
        assert t.app.pane.context.system.clipboard == "three\n"
        await t.press("p")
        assert t.sources() == ["one two\nthree"]
        t.app.pane.context.system.copy("else")
        await t.press(*keys("$p"))
        assert t.sources() == ["one two\nthreeelse"]


async def test_the_shape_of_the_cursor_tells_the_mode(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "shapes.ipynb", "one two", "b")
    async with running(path, config=VIM) as t:
        area = t.app.pane.editor.widget
        await t.press("enter")
        assert area.cursor_shape is None  # the terminal is not known to have shapes
        t.app.capabilities = replace(t.app.capabilities, cursor_shapes=True)
        for typed, shape in [
            ("l", CursorShape.BLOCK),
            ("i", CursorShape.BAR),
            ("x", CursorShape.BAR),
            ("<escape>v", CursorShape.BLOCK),
            ("<escape>R", CursorShape.UNDERLINE),
            ("<escape>:", None),
            ("<escape>w", CursorShape.BLOCK),
            ("<escape>", None),
        ]:
            await t.press(*keys(typed))
            assert area.cursor_shape is shape, typed


async def test_a_substitution_asks_about_each_match(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "ask.ipynb", "a a\nb a", "a")
    async with running(path, config=VIM) as t:
        area = t.app.pane.editor.widget
        await t.press(*keys("\n:%s/a/xyz/gc\n"))
        assert " CONFIRM  Replace with xyz? (y)es (n)o (a)ll (l)ast (q)uit" in t.rows()[-1]
        assert area.marked == ((0, 1),)
        await t.press("y")
        assert t.sources()[0] == "xyz a\nb a"
        assert area.marked == ((4, 5),)
        await t.press("n", "y")
        assert t.sources() == ["xyz a\nb xyz", "a"]
        assert " NORMAL " in t.rows()[-1]
        await t.press("u")
        assert t.sources()[0] == "a a\nb a"


async def test_a_pattern_without_an_end_costs_a_sentence(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "evil.ipynb", "a" * 60 + "b", "a" * 60 + "b")
    async with running(path, config=VIM) as t:
        await t.press(*keys("\n/\\(a\\+\\)\\+$\n"))
        await t.shows("takes too long, and was given up")
        await t.press("x")
        assert t.sources()[0] == "a" * 59 + "b"
        await t.press(*keys(":%s/\\(a\\+\\)\\+$//\n"))
        await t.press("x")
        assert t.sources()[0] == "a" * 58 + "b"
