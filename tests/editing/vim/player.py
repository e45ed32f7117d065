"""Plays keys on our own engine, with a history of its own in place of the notebook's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.editing.vim.oracle import Answer, Case
from tuinb.editing import languages
from tuinb.editing.buffer import Buffer, Place
from tuinb.editing.vim.machine import Machine
from tuinb.editing.vim.registers import Held
from tuinb.editing.vim.state import Host, Vim

if TYPE_CHECKING:
    from collections.abc import Callable


_PROGRAMS = frozenset(("cat", "echo", "printf", "sort", "tr", "true"))
"""What cases.txt runs."""


class Surroundings(Host):
    """Keeps whole texts as steps of undo, and a clipboard."""

    def __init__(self, text: Buffer, *, indents: bool = True) -> None:
        self._text = text
        self._indents = indents
        self._undo: list[str] = []
        self._redo: list[str] = []
        self._now = text.text
        self.messages: list[str] = []
        self.ran: list[tuple[str, str]] = []
        self.copied = ""

    def end_step(self) -> None:
        if self._text.text != self._now:
            self._undo.append(self._now)
            self._redo.clear()
            self._now = self._text.text

    def undo(self) -> bool:
        return self._walk(self._undo, self._redo)

    def redo(self) -> bool:
        return self._walk(self._redo, self._undo)

    def _walk(self, ahead: list[str], behind: list[str]) -> bool:
        if not ahead:
            return False
        behind.append(self._now)
        self._now = ahead.pop()
        self._text.splice(0, len(self._text.text), self._now)
        return True

    def indent_below(self, row: int) -> str | None:
        line = self._text.lines[row]
        return line[: len(line) - len(line.lstrip())] + "    " if self._indents and line.endswith(":") else None

    @property
    def clipboard(self) -> str:
        return self.copied

    def copy(self, text: str) -> None:
        self.copied = text

    def notify(self, text: str, *, error: bool = False) -> None:
        self.messages.append(text)

    def run_program(self, command: str, text: str, then: Callable[[str], None]) -> bool:
        if command.split()[0] not in _PROGRAMS:  # random keys must run nothing
            return False
        then(subprocess.run(["sh", "-c", command], input=text, capture_output=True, text=True, check=True).stdout)
        return True

    def run(self, command: str, argument: str = "") -> bool:
        self.ran.append((command, argument))
        return command == "escape"


def machine_on(lines: tuple[str, ...], row: int = 0, column: int = 0) -> Machine:
    """Returns an engine on a text."""
    text = Buffer("\n".join(lines))
    vim = Vim(text, Surroundings(text), languages.rules("python"))
    vim.move(Place(row, column))
    return Machine(vim)


def play(case: Case, registers: str = "", *, indents: bool = False) -> Answer:
    """Returns what our engine makes of a case. The last change is `rZ` and the last substitution one of ZZZZ, as in vim.

    All registers have the text `registers` at first. With `indents`, new lines are indented by the rules of a language.
    """
    machine = machine_on(("Y",))
    vim = machine.vim
    for key in "rZ:s/ZZZZ//e\r":
        machine.feed(key)
    vim.shared.search = None
    vim.shared.inserted = "Z"
    vim.shared.lines.clear()
    text = Buffer("\n".join(case.lines))
    vim.text, vim.host = text, Surroundings(text, indents=indents)
    if registers:
        for name in "abcdefghijklmnopqrstuvwxyz0123456789-":
            vim.shared.registers.set(name, Held(registers))
        vim.shared.registers.set("0", Held(registers))
        vim.host.copy(registers)
    vim.marks.clear()
    vim.changes.clear()
    vim.change_index = 0
    vim.undo_cursors.clear()
    vim.line_before = None
    vim.move(vim.clamped(Place(case.row, case.column)))
    for key in case.keys:
        machine.feed(key)
    # vim ends what is unfinished
    if vim.mode.value in ("INSERT", "REPLACE"):
        machine.feed("\x1b")
    return Answer(tuple(text.lines), *vim.cursor)
