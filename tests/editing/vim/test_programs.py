"""Programs and files, as far as cases.txt does not have them: what fails, what is shown, what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editing.vim.cases import typed
from tests.editing.vim.player import Surroundings
from tuinb.editing.buffer import Buffer
from tuinb.editing.vim.machine import Machine
from tuinb.editing.vim.state import Failed, Host, Vim

if TYPE_CHECKING:
    from collections.abc import Callable


class Programs(Surroundings):
    """A program that writes its input in upper case, or what it is told to, and files in memory."""

    def __init__(self, text: Buffer) -> None:
        super().__init__(text)
        self.ran_programs: list[tuple[str, str]] = []
        self.written: list[tuple[str, str, bool]] = []
        self.waits: list[Callable[[], None]] = []
        self.is_slow = False

    def run_program(self, command: str, text: str, then: Callable[[str], None]) -> bool:
        self.ran_programs.append((command, text))
        says = command.removeprefix("say ").replace("/", "\n") if command.startswith("say ") else text.upper()
        if self.is_slow:
            self.waits.append(lambda: then(says))
        else:
            then(says)
        return True

    def read_file(self, name: str) -> str:
        if name == "none":
            raise Failed("none: there is no such file.")
        return "" if name == "empty" else f"  one of {name}\ntwo\n"

    def write_file(self, name: str, text: str, *, overwrites: bool) -> None:
        self.written.append((name, text, overwrites))

    def run(self, command: str, argument: str = "") -> bool:
        self.ran.append((command, argument))
        return True


def on(text: str) -> tuple[Machine, Programs]:
    """Returns an engine on a text, and its surroundings."""
    buffer = Buffer(text)
    host = Programs(buffer)
    return Machine(Vim(buffer, host)), host


def feed(machine: Machine, written: str) -> str:
    """Types keys in vim's notation. Returns the text then."""
    for key in typed(written):
        machine.feed(key)
    return machine.vim.text.text


@pytest.mark.parametrize(
    ("written", "after", "said"),
    [
        ("!!<CR>", "ab\ncd", "Which program?"),
        ("!!!<CR>", "ab\ncd", "No program ran before."),
        ("!jup<Esc>", "ab\ncd", ""),
        (":%!up<CR>", "AB\nCD", ""),
        (":%!up<CR>u:%!say \\!x<CR>", "!x", ""),
        (":r file<CR>x", "ab\n  ne of file\ntwo\ncd", ""),
        (":r empty<CR>", "ab\ncd", ""),
        (":r none<CR>", "ab\ncd", "none: there is no such file."),
        (":r<CR>", "ab\ncd", "Which file?"),
        (":1w >> out.txt<CR>", "ab\ncd", "Nothing can be appended to a file."),
        (":9r file<CR>", "ab\ncd", "The line is not in this cell."),
        (":1w<CR>", "ab\ncd", "To which file? Without a range, :w saves the notebook."),
        (":g/a/.!up<CR>", "ab\ncd", "A macro, :g and :normal can't wait for a program."),
        (":normal !!up\\<CR>", "ab\ncd", ""),
        (":!say x<CR>", "ab\ncd", "x"),
        (":!say <CR>", "ab\ncd", "say wrote nothing."),
        (":w !up<CR>", "ab\ncd", ""),
        ("qa!!up<CR>jq@a", "AB\ncd", "A macro, :g and :normal can't wait for a program."),
    ],
)
def test_what_programs_do_and_say(written: str, after: str, said: str) -> None:
    machine, host = on("ab\ncd")
    assert feed(machine, written) == after
    assert (host.messages[-1] if host.messages else "").startswith(said)


def test_what_is_written_goes_to_the_file_or_the_program() -> None:
    machine, host = on("ab\ncd\nef")
    feed(machine, ":2,3w out.txt<CR>:1wri! out.txt<CR>:w !wc -l | cat<CR>:w new.ipynb<CR>")
    assert host.written == [("out.txt", "cd\nef\n", False), ("out.txt", "ab\n", True)]
    assert host.ran_programs == [("wc -l | cat", "ab\ncd\nef\n")]
    assert host.ran == [("page", "wc -l | cat\nAB\nCD\nEF"), ("ex", "w new.ipynb")]


def test_a_slow_program_changes_no_text_that_was_changed_meanwhile() -> None:
    machine, host = on("ab\ncd")
    host.is_slow = True
    feed(machine, ":%!up<CR>x")
    machine.go_on(host.waits.pop())
    assert machine.vim.text.text == "b\ncd"
    assert host.messages == ["The text was changed meanwhile: what the program wrote is not in it."]
    feed(machine, "u:%!up<CR>")
    machine.go_on(host.waits.pop())
    assert machine.vim.text.text == "AB\nCD"
    assert feed(machine, "u") == "ab\ncd"


def test_a_text_alone_has_no_programs_and_no_files() -> None:
    said: list[str] = []

    class Alone(Host):
        def notify(self, text: str, *, error: bool = False) -> None:
            said.append(text)

    machine = Machine(Vim(Buffer("ab"), Alone()))
    assert feed(machine, "!!up<CR>:r file<CR>:1w file<CR>") == "ab"
    assert said == ["No program can be run here.", "No file can be read here.", "No file can be written here."]


def test_a_macro_ends_where_it_leaves_the_text() -> None:
    machine, host = on("ab\ncd")
    assert feed(machine, "qax<Esc>jq2@a") == "b\nd"
    assert host.ran == [("escape", ""), ("escape", "")]
