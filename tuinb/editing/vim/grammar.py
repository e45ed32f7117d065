"""Reads keys as a command: `parse` is called again with each key, until the command is complete.

["r] [n] operator [v V Ctrl+V] [n] (motion | i/a object | the operator again)    ["r] [n] other command [argument]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuinb.editing.vim import literals
from tuinb.editing.vim.operators import Command
from tuinb.editing.vim.registers import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any


class Entry(NamedTuple):
    """A key in a table: what it does, and what follows it."""

    function: Callable[..., Any]
    argument: str = ""
    """`character` or `line`."""
    repeats: bool = False
    """Whether `.` repeats it."""
    repeated_as: str = ""
    """The keys that `.` repeats instead of these."""
    doc: str = ""
    """A line for the help; empty for that of the function."""

    @property
    def help(self) -> str:
        """A line for the help."""
        return self.doc or (self.function.__doc__ or "").partition("\n")[0].removesuffix(".")


class Grammar(NamedTuple):
    """The keys of a mode."""

    motions: Mapping[str, Entry]
    objects: Mapping[str, Entry]
    operators: Mapping[str, Entry]
    others: Mapping[str, Entry]
    selects: bool = False
    """Whether text is selected, so that an operator has no motion."""


class Incomplete(NamedTuple):
    """More keys must come."""

    expects: str
    """`command`, `motion`, `character`, `register` or `line`."""
    sign: str = ""
    """What the line begins with: `:`, `/` or `?`."""


class Invalid(NamedTuple):
    """The keys are no command."""


class _More(Exception):  # noqa: N818
    def __init__(self, expects: str, sign: str = "") -> None:
        self.incomplete = Incomplete(expects, sign)


class _Wrong(Exception):  # noqa: N818
    pass


class _Reader:
    def __init__(self, keys: str, line: str | None) -> None:
        self._keys = keys
        self._at = 0
        self._line = line

    def next(self, expects: str) -> str:
        if self._at >= len(self._keys):
            raise _More(expects)
        self._at += 1
        return self._keys[self._at - 1]

    def peek(self) -> str:
        return self._keys[self._at : self._at + 1]

    def character(self) -> str:
        """Reads a character, which Ctrl+V or Ctrl+K may begin."""
        typed = self.next("character")
        if typed not in literals.PREFIXES:
            return typed
        while (found := literals.read(typed)) is None:
            typed += self.next("character")
        return found.text

    def line(self, sign: str) -> str:
        if self._line is None:
            raise _More("line", sign)
        return self._line

    def count(self) -> int | None:
        digits = ""
        while self.peek().isascii() and self.peek().isdigit() and (digits or self.peek() != "0"):
            digits += self.next("command")
        return min(int(digits), 999_999) if digits else None

    def prefix(self) -> tuple[int | None, str]:
        """Reads counts and registers, in any order."""
        count, register = None, ""
        while True:
            more = self.count()
            if more is not None:
                count = more if count is None else count * more
            if self.peek() != '"':
                return count, register
            self.next("command")
            register = self.next("register")
            if not (register.isascii() and (register.isalnum() or register in '"-_.:/%+*')):
                raise _Wrong

    def name(self, tables: Collection[Mapping[str, Entry]], expects: str) -> str:
        """Reads the longest name that a table has."""
        name = self.next(expects)
        while not any(name in table for table in tables):
            if not any(other.startswith(name) for table in tables for other in table):
                raise _Wrong
            name += self.next("command")
        return name


def parse(keys: str, line: str | None, grammar: Grammar) -> Command | Incomplete | Invalid:
    """Reads keys. `line` is what was written after `:`, `/` or `?`, once it was."""
    reader = _Reader(keys, line)
    try:
        return _command(reader, grammar)
    except _More as more:
        return more.incomplete
    except _Wrong:
        return Invalid()


def _command(reader: _Reader, grammar: Grammar) -> Command:
    count, register = reader.prefix()
    tables = (grammar.motions, grammar.operators, grammar.others, *((grammar.objects,) if grammar.selects else ()))
    name = reader.name(tables, "command")
    if name in grammar.operators and not grammar.selects:
        return _operation(reader, grammar, name, count, register)
    entry = grammar.others.get(name) or grammar.motions.get(name) or grammar.objects.get(name)
    argument = _argument(reader, name, entry) if entry is not None else ""
    return Command(name, count, register, argument)


def _operation(reader: _Reader, grammar: Grammar, operator: str, count: int | None, register: str) -> Command:
    force = ""
    while (key := reader.peek()) in ("v", "V", Kind.BLOCK) and key:
        force = reader.next("motion")
    more = reader.count()
    if more is not None:
        count = more if count is None else count * more
    while (key := reader.peek()) in ("v", "V", Kind.BLOCK) and key:
        force = reader.next("motion")
    doubled = {operator, operator[-1]}
    motions = {**grammar.motions, **grammar.objects, **{keys: Entry(_doubled) for keys in doubled}}
    name = reader.name((motions,), "motion")
    if name in doubled:
        return Command("_", count, register, "", operator, force)
    return Command(name, count, register, _argument(reader, name, motions[name]), operator, force)


def _doubled() -> None:
    """Stands for an operator that is typed twice."""


def _argument(reader: _Reader, name: str, entry: Entry) -> str:
    if entry.argument == "line":
        return reader.line(name)
    return reader.character() if entry.argument == "character" else ""
