"""The engine with its surroundings: what it asks of them, limits of macros, keys and the help."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editing.vim.cases import typed
from tests.editing.vim.oracle import is_there
from tests.editing.vim.player import Surroundings, machine_on
from tuinb.editing.buffer import Buffer, Place
from tuinb.editing.vim import ex, grammar, keys, search, substitution, tables
from tuinb.editing.vim.digraphs import digraph
from tuinb.editing.vim.machine import Machine
from tuinb.editing.vim.state import Host, Mode, Rows, Search, Vim

if TYPE_CHECKING:
    from collections.abc import Iterator


class Everything(Surroundings):
    """Surroundings that have all that can be asked for."""

    def __init__(self, text: Buffer) -> None:
        super().__init__(text)
        self.buffer = text
        self.left: list[int] = []
        self.searched: list[tuple[str, int, bool]] = []
        self.followed: list[str] = []
        self.asked: list[tuple[str, bool]] = []
        self.finds = True
        self.leaves = True
        self.types = ""

    def type_text(self, text: str) -> int | None:
        if not self.types:
            return None
        self.buffer.splice(0, 0, self.types if text != "\n" else "\n")
        return len(self.types)

    @property
    def name(self) -> str:
        return "a.ipynb"

    def visible_rows(self) -> range | None:
        return range(1, 4)

    def screen_row(self, place: Place, rows: int, wanted: int | None) -> tuple[Place, int] | None:
        line = self.buffer.lines[place.row]
        column = place.column + 4 * rows  # lines are wrapped after four characters
        return (Place(place.row, column) if 0 <= column < len(line) else place), column % 4

    def find_outside(self, regex: re.Pattern[str], count: int, *, forward: bool) -> bool:
        self.searched.append((regex.pattern, count, forward))
        return self.finds

    def follow_mark(self, name: str) -> None:
        self.followed.append(name)

    def go_to_mark(self, name: str, *, linewise: bool) -> bool:
        self.asked.append((name, linewise))
        return name == "B"

    def leave(self, direction: int) -> bool:
        self.left.append(direction)
        return self.leaves

    def run(self, command: str, argument: str = "") -> bool:
        super().run(command, argument)
        return command != "ex" or argument == "w"


def everything(text: str) -> tuple[Machine, Everything]:
    buffer = Buffer(text)
    host = Everything(buffer)
    return Machine(Vim(buffer, host)), host


def feed(machine: Machine, written: str) -> str:
    """Types keys in vim's notation, and returns the text."""
    for key in typed(written):
        machine.feed(key)
    return machine.vim.text.text


def test_lines_in_view_and_rows_of_the_screen() -> None:
    machine, host = everything("abcdefgh\nb\nc\nd\ne")
    assert feed(machine, "Hx") == "abcdefgh\n\nc\nd\ne"
    assert feed(machine, "Lx") == "abcdefgh\n\nc\n\ne"
    assert feed(machine, "Mx") == "abcdefgh\n\n\n\ne"
    assert feed(machine, "gggjx") == "abcdfgh\n\n\n\ne"
    assert feed(machine, "gkx") == "bcdfgh\n\n\n\ne"
    assert feed(machine, "dgkd3gk") == "bcdfgh\n\n\n\ne"
    assert feed(machine, "ggVGgj<Esc>") == "bcdfgh\n\n\n\ne"
    assert not host.left


def test_the_cursor_leaves_the_text_at_its_edges_only_without_an_operator() -> None:
    machine, host = everything("ab\ncd")
    feed(machine, "kdkvk<Esc>")
    assert host.left == [-1]
    feed(machine, "Gjgja<Down><Esc>")
    assert host.left == [-1, 1, 1, 1]
    host.leaves = False
    assert feed(machine, "jx") == "ab\nd"
    feed(machine, "$i<Down>x<Esc>")
    assert machine.vim.text.text == "ab\nxd"


def test_a_search_goes_on_elsewhere_behind_the_last_match() -> None:
    machine, host = everything("x a\nx")
    feed(machine, "/x<CR>")
    assert not host.searched
    feed(machine, "n2N/q<CR>")
    assert [(count, forward) for _, count, forward in host.searched] == [(1, True), (1, False), (1, True)]
    host.finds = False
    feed(machine, "gg/x<CR>n")
    assert machine.vim.cursor == (0, 0)
    assert feed(machine, "d/zz<CR>") == "x a\nx"
    assert host.messages[-1] == "Not found: zz"


def test_a_mark_in_capitals_is_followed_and_may_be_elsewhere() -> None:
    machine, host = everything("ab\ncd")
    feed(machine, "jmAgg'Ax:delmarks A<CR>mb")
    assert machine.vim.text.text == "ab\nd"
    assert host.followed == ["A", "A"]
    assert not host.asked
    feed(machine, "'B`BgUx`C")
    assert host.asked == [("B", True), ("B", False), ("C", False)]


def test_the_clipboard_and_other_registers() -> None:
    machine, host = everything("ab\ncd")
    feed(machine, '"+yyj"*dd')
    assert host.copied == "cd\n"
    assert feed(machine, '"+p') == "ab\ncd"
    host.copied = "x"
    assert feed(machine, '"*P"%P') == "ab\na.ipynbxcd"
    host.copied = ""
    feed(machine, '"+p')
    assert host.messages[-1] == "Register + is empty."
    feed(machine, 'qa"byyq:registers<CR>:marks<CR>')
    assert (host.ran[-2][0], host.ran[-2][1].splitlines()[0]) == ("page", "Registers")
    assert '"b' in host.ran[-2][1]
    assert "line 2" in host.ran[-1][1]


def test_a_command_for_lines_has_the_clipboard_and_no_text_of_the_surroundings() -> None:
    machine, host = everything("a:\nb")
    host.types = "not here"
    assert feed(machine, ":g/a/normal ox<CR>") == "a:\n    x\nb"
    assert feed(machine, ':g/x/normal 0"%P<CR>') == "a:\na.ipynb    x\nb"
    assert feed(machine, ':g/^b/normal "+yy"+p<CR>') == "a:\na.ipynb    x\nb\nb"
    assert host.copied == "b\n"
    feed(machine, ':g/^b/normal "zp<CR>')
    assert host.messages[-1] == "Register z is empty."
    feed(machine, ":g/^b/normal jjjjjjnu<CR>")
    assert not host.left
    assert not host.searched


def test_what_the_surroundings_type_is_one_step_and_moves_marks() -> None:
    machine, host = everything("ab\ncd")
    host.types = "()"
    feed(machine, "jmagg")
    assert feed(machine, "i(<CR><Esc>") == "\n()ab\ncd"
    assert machine.vim.marks["a"] == (2, 0)


class Paged(Surroundings):
    """Surroundings whose pages have two lines."""

    vim: Vim

    def run(self, command: str, argument: str = "") -> bool:
        row = self.vim.cursor.row + {"page-down": 2, "page-up": -2}[command]
        if 0 <= row < len(self.vim.lines):
            self.vim.cursor = Place(row, min(self.vim.cursor.column, len(self.vim.lines[row])))
        return 0 <= row < len(self.vim.lines)


def test_pages_while_text_is_inserted() -> None:
    buffer = Buffer("abcd\nb\nc\ndefg\n  e")
    host = Paged(buffer)
    host.vim = Vim(buffer, host)
    machine = Machine(host.vim)
    for key in (*"A", keys.PAGE_DOWN, "x", keys.PAGE_DOWN, "y", keys.PAGE_DOWN, "z", keys.PAGE_UP, keys.PAGE_UP, "!"):
        machine.feed(key)
    assert buffer.text == "ab!cd\nb\ncx\ndefg\n  yze"
    assert machine.vim.insertion is not None


def test_a_block_without_an_extent_is_nothing() -> None:
    machine, _ = everything("ab\ncd")
    assert feed(machine, "d<C-V>0") == "ab\ncd"


def test_macros_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.editing.vim.machine.MOST_KEYS", 1_000)
    machine = machine_on(("x" * 10,))
    host = machine.vim.host
    assert isinstance(host, Surroundings)
    feed(machine, "qall@aq@a")
    assert machine.vim.cursor == (0, 9)
    feed(machine, "0qbyl@bq@b")
    assert "Macros are nested too deeply." in host.messages
    feed(machine, "qcylq")
    feed(machine, "999999@c")
    assert host.messages[-1] == "The macro was stopped after 1,000 keys."


def test_commands_of_the_surroundings() -> None:
    machine, host = everything("ab")
    feed(machine, "zz3<C-d>ZZK<Esc><C-c>:w<CR>:nothing<CR>:1tabnext<CR>:set nu<CR>")
    assert host.ran == [
        ("centre", ""), ("half-page-down", "3"), ("save-and-quit", ""), ("inspect", ""), ("escape", ""), ("interrupt", ""),
        ("ex", "w"), ("ex", "nothing"), ("set", "nu"),
    ]  # fmt: skip
    assert host.messages == ["'nothing' is not a command.", "'tabnext' takes no range."]
    assert feed(machine_on(("ab",)), "zzx") == "b"
    messages: list[str] = []
    machine, host = everything("ab")
    feed(
        machine,
        ":set ic?<CR>:set noic<CR>:set ic?<CR>:set sw?<CR>:set sw=0<CR>:set sw?<CR>:set ==<CR>:set invic<CR>:set sw=x<CR>",
    )
    messages = host.messages
    assert messages == ["ignorecase", "noignorecase", "shiftwidth=4", "shiftwidth=1", "'==' is no option."]
    feed(machine, "ga$lga<C-g>")
    assert host.messages[-3:] == ["'a'  U+0061  97", "'b'  U+0062  98", "Line 1 of 1, column 2"]
    feed(machine, "ddga")
    assert host.messages[-1] == "No character here."


SCREEN = {
    "zz": "centre", "z.": "centre", "zt": "scroll-top", "z<CR>": "scroll-top", "zb": "scroll-bottom", "z-": "scroll-bottom",
    "<C-d>": "half-page-down", "<C-u>": "half-page-up", "<C-f>": "page-down", "<C-b>": "page-up", "<PageDown>": "page-down",
    "<PageUp>": "page-up", "<C-e>": "scroll-down", "<C-y>": "scroll-up", "ZZ": "save-and-quit", "ZQ": "quit-unsaved",
    "K": "inspect", "gt": "next-tab", "gT": "previous-tab", "gf": "open-file", "gx": "follow-link", "]d": "next-problem",
    "[d": "previous-problem",
}  # fmt: skip
"""Keys that act on what is around the text, and what is asked for."""


def test_each_key_of_the_surroundings_asks_for_what_it_does() -> None:
    written = {
        typed(key).replace("<PageDown>", keys.PAGE_DOWN).replace("<PageUp>", keys.PAGE_UP): SCREEN[key] for key in SCREEN
    }
    assert written.keys() == tables.SURROUNDINGS.keys()
    for key, asked in written.items():
        for before in ("", "v"):
            if before and key not in tables.VISUAL:
                continue
            machine, host = everything("ab")
            for each in before + key:
                machine.feed(each)
            assert host.ran == [(asked, "")], key


@pytest.mark.parametrize(
    ("before", "typed", "after"),
    [
        ("          a", ":set noet<CR>:retab!<CR>", "\t  a"),
        ("\ta", ":set noet<CR>:retab 4<CR>", "\t\ta"),
        ("    a", ":set noet<CR>:retab! 4<CR>", "\ta"),
        ("ab      c d", ":set noet<CR>:retab!<CR>", "ab\tc d"),
        ("    a", ":set noet<CR>:retab 4<CR>", "    a"),
        ("\ta", ":retab x<CR>", "\ta"),
    ],
)
def test_tabs_of_another_width(before: str, typed: str, after: str) -> None:
    machine, host = everything(before)
    assert feed(machine, typed) == after
    assert host.messages == (["'x' is no width of a tab."] if "x" in typed else [])


def test_options_are_listed() -> None:
    machine, host = everything("a")
    feed(machine, ":set sw=2 noic<CR>:set<CR>:set all<CR>")
    listed = "noignorecase  smartcase  wrapscan  nogdefault  expandtab  autoindent  hlsearch  shiftwidth=2"
    assert host.messages == [listed, listed]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("<C-w>dx", "There are no windows here. gt goes to the next tab."),
        ("zcx", "A cell has no folds. On cells (Esc), zc folds the section, zo unfolds it."),
        ("i<C-r>=<Esc>x", "There are no expressions here: they need vim's script language."),
        ("2gQx", "2gQ is no command of a cell's text."),
    ],
)
def test_what_is_absent_says_so_and_takes_its_keys(typed: str, said: str) -> None:
    machine, host = everything("ab cd")
    assert feed(machine, typed) in ("b cd", "")
    assert host.messages == [said]


def test_each_key_of_folds_says_that_there_are_none() -> None:
    for key in "acovxACOMRdDEfFijkmnNrX":
        machine, host = everything("ab")
        assert feed(machine, f"z{key}x") == "b", key
        assert [message.partition(".")[0] for message in host.messages] == ["A cell has no folds"], key


def test_absent_keys_are_not_listed() -> None:
    assert not tables.ABSENT.keys() & {*tables.NORMAL, *tables.VISUAL, *tables.MOTIONS, *tables.OPERATORS, *tables.OBJECTS}


def test_options_are_listed_if_one_is_unknown() -> None:
    machine = machine_on(("ab",))
    host = machine.vim.host
    assert isinstance(host, Surroundings)
    feed(machine, ":set hls?<CR>:set nohls<CR>:set ts=2<CR>")
    assert not machine.vim.options.hlsearch
    assert host.messages == [
        "hlsearch",
        "'ts=2' is no option here. There are ignorecase, smartcase, wrapscan, gdefault, expandtab, autoindent, hlsearch, "
        "shiftwidth, number, relativenumber and wrap.",
    ]


def test_a_save_without_questions_is_no_program() -> None:
    machine, host = everything("ab")
    feed(machine, ":w! other.ipynb<CR>:w!<CR>")
    assert host.ran == [("ex", "w! other.ipynb"), ("ex", "w!")]


def test_bare_surroundings_have_nothing() -> None:
    machine = Machine(Vim(Buffer("ab\ncd")))
    assert feed(machine, 'xu<C-r>"+yygj:w<CR>:set nu<CR>:reg<CR>:marks<CR>"+pLxjkko<Esc>') == "b\n\nd"
    assert machine.vim.host.name == ""
    host = Host()
    assert not host.find_outside(re.compile(""), 1, forward=True)
    assert not host.go_to_mark("A", linewise=True)


@pytest.mark.parametrize(
    ("written", "expects"),
    [("", ""), ("d", "motion"), ("f", "character"), ('"', "register"), ('"a', "command"), ("2d3", "motion"), ("g", "command")],
)
def test_what_an_unfinished_command_expects(written: str, expects: str) -> None:
    machine = machine_on(("ab",))
    feed(machine, written)
    assert machine.expects == expects
    assert machine.vim.pending == written
    machine.reset()
    assert not machine.vim.pending


def test_reset_ends_what_is_unfinished() -> None:
    machine = machine_on(("ab cd",))
    feed(machine, "v")
    machine.reset()
    assert machine.vim.mode is Mode.NORMAL
    feed(machine, ":s")
    machine.reset()
    assert machine.vim.mode is Mode.NORMAL
    assert feed(machine, "x") == "b cd"


@pytest.mark.parametrize(
    ("name", "character", "key"),
    [
        ("escape", None, "\x1b"),
        ("ctrl+r", None, "\x12"),
        ("question_mark", "?", "?"),
        ("space", " ", " "),
        ("shift+enter", None, None),
        ("f5", None, None),
        ("ctrl+1", None, None),
    ],
)
def test_keys_by_their_names(name: str, character: str | None, key: str | None) -> None:
    assert keys.key_of(name, character) == key


def test_keys_are_shown_as_they_are_typed() -> None:
    assert keys.label("gU") == "gU"
    assert keys.label("z\r") == "z Enter"
    assert keys.label("\x12") == "Ctrl+R"


def test_every_key_has_a_line_of_help() -> None:
    every = [tables.MOTIONS, tables.OBJECTS, tables.OPERATORS, tables.NORMAL, tables.VISUAL, tables.INSERT]
    assert all(entry.help and not entry.help.endswith(".") for table in every for entry in table.values())
    assert all(command.doc for command in ex.COMMANDS.values())


def test_no_key_of_a_table_is_the_start_of_another() -> None:
    for modes in (tables.NORMAL_GRAMMAR, tables.VISUAL_GRAMMAR):
        names = [*modes.motions, *modes.operators, *modes.others, *(modes.objects if modes.selects else ())]
        assert not [(one, other) for one in names for other in names if one != other and other.startswith(one)]


def test_a_doubled_operator_is_a_line() -> None:
    assert grammar.parse("2gUU", None, tables.NORMAL_GRAMMAR) == grammar.parse("2gUgU", None, tables.NORMAL_GRAMMAR)
    grammar._doubled()


def test_many_steps_of_undo_are_remembered_within_limits() -> None:
    machine = machine_on(("a",))
    machine.vim.undo_cursors = dict.fromkeys(((number, number) for number in range(2_001)), Place(0, 0))
    feed(machine, "x")
    assert len(machine.vim.undo_cursors) == 1


def test_nothing_was_done_before() -> None:
    machine = machine_on(("ab",))
    host = machine.vim.host
    assert isinstance(host, Surroundings)
    feed(machine, ".@@&g;;n:&&<CR>i<C-a><Esc>:s<Esc>:<BS>")
    assert host.messages == [
        "No macro was played before.",
        "Nothing was substituted before.",
        "There is no pattern to search again.",
        "Nothing was substituted before.",
        "Nothing was inserted before.",
    ]
    assert feed(machine, "x") == "b"


def test_undo_without_a_known_cursor() -> None:
    machine = machine_on(("a", "b"))
    feed(machine, "Gox<Esc>gg")
    machine.vim.undo_cursors.clear()
    feed(machine, "u")
    assert machine.vim.cursor == (1, 0)


def test_undo_of_something_else_leaves_the_cursor() -> None:
    class Elsewhere(Host):
        def undo(self) -> bool:
            return True

    machine = Machine(Vim(Buffer("ab"), Elsewhere()))
    feed(machine, "lu")
    assert machine.vim.cursor == (0, 1)


def test_tabs_as_indentation() -> None:
    machine = machine_on(("a",))
    feed(machine, ":set noet<CR>>>>>")
    assert feed(machine, ">>o<Esc>") == "\t    a\n"


class Limited(Surroundings):
    """Surroundings whose limit of time is over before anything is searched."""

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        if seconds:
            raise TimeoutError
        yield


@pytest.mark.parametrize(
    "written", ["/a<CR>", "?a<CR>", "*", "gn", ":s/a/b/<CR>", ":g/a/d<CR>", ":/a/d<CR>", ":sort /a/<CR>", ":g/a/norm *<CR>"]
)
def test_a_pattern_without_an_end_is_given_up(written: str) -> None:
    text = Buffer("a\na")
    host = Limited(text)
    machine = Machine(Vim(text, host))
    machine.vim.shared.search = Search("a", forward=True)
    assert feed(machine, written) == "a\na"
    assert len(host.messages) == 1
    assert "takes too long, and was given up" in host.messages[0]
    assert feed(machine, "x") == "\na"


class LimitedLater(Surroundings):
    """Surroundings whose limit of time is over at the third search."""

    searches = 0

    @contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        self.searches += 1
        if self.searches > 2:
            raise TimeoutError
        yield


def test_what_was_changed_before_a_pattern_was_given_up_is_one_step() -> None:
    text = Buffer("a\na\na")
    host = LimitedLater(text)
    machine = Machine(Vim(text, host))
    assert feed(machine, ":g/a/s/a/b/<CR>") == "b\na\na"
    assert "takes too long" in host.messages[-1]
    assert feed(machine, "u") == "a\na\na"


def test_questions_of_a_substitution() -> None:
    machine, host = everything("a\na\na\na")
    feed(machine, ":%s/a/<C-v><CR>é/c<CR>")
    vim = machine.vim
    assert vim.confirmation is not None
    assert vim.mode == "CONFIRM"
    assert substitution.question(vim.confirmation).startswith("Replace with ↵é? (y)es")
    feed(machine, "<C-e><C-y>")
    assert [command for command, _ in host.ran[-2:]] == ["scroll-down", "scroll-up"]
    assert feed(machine, "yyyy") == "\né\n\né\n\né\n\né"
    assert host.messages[-1] == "4 substitutions in 4 lines."
    assert feed(machine, "u") == "a\na\na\na"
    feed(machine, ":%s/a/b/c<CR>y")
    machine.reset()
    assert vim.mode == "NORMAL"
    assert feed(machine, "u") == "a\na\na\na"
    feed(machine, ":g/a/s//b/c<CR>")
    assert "can't ask within :g" in host.messages[-1]


def test_the_clipboard_instead_of_the_register_without_a_name() -> None:
    machine, host = everything("one two\nthree")
    machine.vim.options.clipboard = "unnamedplus"
    feed(machine, "dw")
    assert host.copied == "one "
    assert feed(machine, "<C-v>jy$p") == "twot\nthrtee"  # what was copied as a block is put as one
    host.copied = ""
    assert feed(machine, "u0P") == "ttwo\ntthree"  # without a clipboard, the register
    host.copied = "x\n"
    assert feed(machine, "P") == "x\nttwo\ntthree"
    assert feed(machine, 'j"ayyP') == "x\nx\nttwo\ntthree"


def test_y_to_the_end_of_the_line() -> None:
    machine, _ = everything("one two")
    machine.vim.options.yank_to_end = True
    assert feed(machine, "wY0P") == "twoone two"


@pytest.mark.parametrize(
    ("written", "said"),
    [("i<C-v>ud800", "0xd800 is no character"), ("i<C-v>000", "0x0 is no character"), ("i<C-v>Uffffffff", "no character")],
)
def test_characters_that_no_file_has_are_not_typed(written: str, said: str) -> None:
    machine, host = everything("a")
    assert feed(machine, written) == "a"
    assert said in host.messages[-1]
    assert machine.vim.mode is Mode.INSERT


@pytest.mark.skipif(not is_there(), reason="no vim with +eval is installed")
def test_digraphs_are_vims() -> None:
    script = "set encoding=utf-8\ncall writefile([json_encode(digraph_getlist(1))], $OUT)\nqa!\n"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "script.vim").write_text(script)
        environ = os.environ | {"OUT": f"{folder}/out", "HOME": folder}
        command = ["vim", "-es", "-N", "-u", "NONE", "-i", "NONE", "-S", f"{folder}/script.vim"]
        subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        pairs = json.loads((Path(folder) / "out").read_text())
    # Control characters and those for private use are not typed.
    pairs = [(keys, character) for keys, character in pairs if unicodedata.category(character) not in ("Cc", "Co")]
    assert [keys for keys, character in pairs if digraph(*keys) != character] == []
    assert len(pairs) > 1_000


@given(
    rows=st.lists(st.integers(0, 60), max_size=20, unique=True).map(sorted),
    steps=st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 60), st.integers(0, 5), st.integers(0, 5))), max_size=30),
)
def test_rows_of_a_global_command_follow_their_lines(rows: list[int], steps: list[tuple[int, int, int] | None]) -> None:
    followed, simple = Rows(rows), list(rows)
    for step in steps:
        if step is None:
            assert followed.pop() == (simple.pop(0) if simple else None)
        else:
            first, removed, added = step
            followed.move(first, removed, added)
            kept = [row for row in simple if not first <= row < first + removed]
            simple = [row + added - removed if row >= first + removed else row for row in kept]


@given(
    text=st.text("ab\n", max_size=60),
    pattern=st.sampled_from(["a", "ab", "^a", "b$", "$", "a*", "a\n", "(?P<vimstart>)b"]),
    here=st.integers(0, 61),
)
def test_the_nearest_match_is_that_of_all(text: str, pattern: str, here: int) -> None:
    regex, here = re.compile(pattern, re.MULTILINE), min(here, len(text))
    every = search.all_matches(regex, text)
    assert search.match_after(regex, text, here) == next((match for match in every if match[0] > here), None)
    before = [match for match in every if match[0] < here]
    assert search.match_before(regex, text, here) == (before[-1] if before else None)


def test_a_match_far_before_the_cursor() -> None:
    machine = machine_on(("x y", *("a" * 100 for _ in range(200))), 190)
    assert feed(machine, "?y<CR>x").startswith("x \na")


def test_a_search_with_a_count_goes_on_elsewhere_where_nothing_matches() -> None:
    machine, host = everything("a\nb")
    feed(machine, "2/zz<CR>")
    assert host.searched == [("zz", 2, True)]


def test_recording_ends_once_and_commands_are_known_by_their_letters() -> None:
    machine, _ = everything("ab")
    feed(machine, "qax")
    assert machine.vim.shared.end_recording()
    assert not machine.vim.shared.end_recording()
    assert machine.vim.held("a").text == "x"
    found = [command and command.usage for command in map(ex.command_of, ("s", "wri", "sor", "nothing"))]
    usages = (ex.COMMANDS[name].usage for name in ("substitute", "write", "sort"))
    assert found == [*usages, None]
