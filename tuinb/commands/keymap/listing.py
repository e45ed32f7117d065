"""The keys of a set as text, mode by mode, made from the tables: for the help page and `tuinb keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tuinb.commands.keymap.key_names import label
from tuinb.commands.registry import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.editing.vim.grammar import Entry

_TITLES = {
    "command": "On cells (command mode)",
    "edit": "In a cell (edit mode)",
    "normal": "In a cell: normal mode, besides vim's keys",
    "visual": "In a cell: visual mode, besides vim's keys",
    "insert": "In a cell: insert mode, besides vim's keys",
}
VIM_MODE = "normal"
"""The mode that keymaps with vim's keys have."""


class Table(NamedTuple):
    """Keys with what they do."""

    title: str
    rows: list[tuple[str, str]]
    """Keys of one meaning, separated by blanks, and a line about them."""


def tables(keymap: Keymap) -> list[Table]:
    """Returns the keys of all modes."""
    found = [Table(_TITLES[mode], _of_mode(keymap, mode)) for mode in keymap.modes]
    return [*found, *vim_tables()] if VIM_MODE in keymap.modes else found


def _of_mode(keymap: Keymap, mode: str) -> list[tuple[str, str]]:
    by_command: dict[str, list[str]] = {}
    for keys, name in keymap.shown_bindings(mode).items():
        by_command.setdefault(name, []).append(label(keys))
    return [("  ".join(keys), COMMANDS[name].doc) for name, keys in by_command.items()]


def vim_tables() -> list[Table]:
    """Returns vim's keys on text."""
    from tuinb.editing.vim import ex, tables

    commands = [(command.usage, command.doc) for command in ex.COMMANDS.values()]
    return [
        Table("vim: motions", _of_vim(tables.MOTIONS)),
        Table("vim: operators, before a motion or an object", _of_vim(tables.OPERATORS)),
        Table("vim: objects, after an operator or in visual mode (i inside, a around)", _of_vim(tables.OBJECTS)),
        Table("vim: normal mode", _of_vim(tables.NORMAL)),
        Table("vim: visual mode", _of_vim(tables.VISUAL)),
        Table("vim: insert and replace mode", _of_vim(tables.INSERT)),
        Table("vim: ex commands on the text of the cell", commands),
    ]


def _of_vim(table: Mapping[str, Entry]) -> list[tuple[str, str]]:
    from tuinb.editing.vim.keys import label as vim_label

    by_doc: dict[str, list[str]] = {}
    for key, entry in table.items():
        by_doc.setdefault(entry.help, []).append(vim_label(key))
    return [("  ".join(dict.fromkeys(keys)), doc) for doc, keys in by_doc.items()]
