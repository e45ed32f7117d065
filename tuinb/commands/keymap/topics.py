"""Help on one key, command or ex command: `:help dw`, `:help i_CTRL-N`, `:help :s`, `:help save-as`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tuinb.commands.ex_line import ALIASES, EX
from tuinb.commands.keymap.key_names import character_of, label
from tuinb.commands.keymap.listing import VIM_MODE, tables
from tuinb.commands.keymap.mappings import keys_of
from tuinb.commands.registry import COMMANDS
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.editing.vim.grammar import Grammar

_MODES = {"i": "insert", "v": "visual", "n": "normal"}
"""What begins a topic of one mode, as in vim: `i_CTRL-N`."""
_CONTROL = re.compile(r"CTRL-(?=.)", re.IGNORECASE)
_MOST = 40


class Topic(NamedTuple):
    """What is known of one meaning of a word."""

    keys: str
    where: str
    """The mode in which it is so; empty for a command."""
    doc: str

    def __str__(self) -> str:
        return f"{self.keys}  {self.where + ': ' if self.where else ''}{self.doc}"


def help_on(keymap: Keymap, word: str) -> list[Topic]:
    """Returns what a key, a command or an ex command does; if there is none of the name, what mentions the word."""
    mode, _, rest = word.partition("_")
    mode, written = (_MODES[mode], rest) if mode in _MODES and rest else ("", word)
    found = [] if mode else [*_commands(keymap, word)]
    if not word.startswith(":") or word == ":":
        found += [topic for topic in _keys(keymap, written) if not mode or topic.where == f"{mode} mode"]
    return list(dict.fromkeys(found)) or list(_mentioned(keymap, word.lower()))[:_MOST]


def _commands(keymap: Keymap, word: str) -> Iterator[Topic]:
    name = word.lower().lstrip(":").removesuffix("!").replace("_", "-")
    name = ALIASES.get(name, name)
    if name in EX and (len(name) > 1 or word.startswith(":")):
        yield Topic(EX[name].usage, "", EX[name].doc)
    if VIM_MODE in keymap.modes and word.startswith(":"):
        from tuinb.editing.vim import ex

        command = ex.command_of(word[1:])
        if command is not None:
            yield Topic(command.usage, "in a cell", command.doc)
    if name in COMMANDS:
        yield Topic("  ".join(keymap.describe(name)) or f":{name}", "", COMMANDS[name].doc)


def _keys(keymap: Keymap, written: str) -> Iterator[Topic]:
    try:
        sequence = keys_of(_CONTROL.sub("Ctrl+", written))
    except ConfigError:
        return
    commands, _ = keymap.meanings(sequence)
    for mode, name in commands.items():
        yield Topic(label(sequence), "on cells" if mode == "command" else f"{mode} mode", COMMANDS[name].doc)
    if VIM_MODE in keymap.modes:
        from tuinb.editing.vim import keys

        typed = "".join(keys.key_of(name, character_of(name) or None) or "\0" for name in sequence)
        for mode, doc in _of_vim(typed):
            if mode not in commands:
                yield Topic(keys.label(typed), f"{mode} mode", doc)


def _of_vim(typed: str) -> Iterator[tuple[str, str]]:
    """Yields the modes in which vim's keys have a meaning, and that."""
    from tuinb.editing.vim import tables as vim

    for mode, grammar in (("normal", vim.NORMAL_GRAMMAR), ("visual", vim.VISUAL_GRAMMAR)):
        if doc := _in_grammar(typed, grammar):
            yield mode, doc
    if typed in vim.INSERT:
        yield "insert", vim.INSERT[typed].help


def _in_grammar(typed: str, grammar: Grammar) -> str:
    """Returns what keys do in a mode: an operator alone or with a motion, a motion, an object, another command."""
    from tuinb.editing.vim.grammar import parse
    from tuinb.editing.vim.operators import Command

    every = {**grammar.others, **grammar.motions, **grammar.objects}
    if typed in grammar.operators:
        return f"{grammar.operators[typed].help}, before a motion or an object"
    if typed in grammar.others or typed in grammar.motions or (typed in grammar.objects and grammar.selects):
        return every[typed].help
    command = parse(typed, None, grammar)
    if not isinstance(command, Command) or isinstance(parse(typed[:-1], None, grammar), Command):
        return f"A text object, after an operator: {every[typed].help}" if typed in grammar.objects else ""
    if command.operator:
        over = "the line" if command.name == "_" else every[command.name].help
        return f"{grammar.operators[command.operator].help}; {over[:1].lower()}{over[1:]}"
    return every[command.name].help


def _mentioned(keymap: Keymap, word: str) -> Iterator[Topic]:
    for name, command in COMMANDS.items():
        if word in name or word in command.doc.lower():
            yield Topic("  ".join(keymap.describe(name)) or f":{name}", "", command.doc)
    for table in tables(keymap):
        if table.title.startswith("vim"):
            yield from (Topic(keys, "", doc) for keys, doc in table.rows if word in doc.lower())
