"""The help page: it has every command, in the keys of the set."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.commands.registry import COMMANDS
from tuinb.ui.dialogs.help import help_text


@pytest.mark.parametrize("key_set", SETS)
def test_every_command_is_there(key_set: str) -> None:
    text = help_text(Keymap.from_tables(SETS[key_set]))
    assert [name for name, command in COMMANDS.items() if command.doc not in text] == []


@pytest.mark.parametrize(
    ("key_set", "line"),
    [
        ("jupyter", "Enter edits the active cell, Esc returns to command mode."),
        ("emacs", "Enter edits the active cell, Esc Esc returns to command mode."),
        ("vim", "Enter edits the active cell in normal mode"),
        ("vscode", "The palette (F1 or :) has every command."),
    ],
)
def test_the_first_lines_name_the_keys_of_the_set(key_set: str, line: str) -> None:
    assert line in help_text(Keymap.from_tables(SETS[key_set]))


@pytest.mark.parametrize(
    ("key_set", "keys"), [("jupyter", "Ctrl+P"), ("vim", "Space ?"), ("emacs", "Alt+X"), ("vscode", "Alt+X")]
)
def test_how_to_go_to_a_line_is_told_in_the_keys_of_the_set(key_set: str, keys: str) -> None:
    keymap = Keymap.from_tables(SETS[key_set])
    assert f"in edit mode ({keys}), go to line 12" in help_text(keymap)
    removed = {mode: {keys: "" for keys, name in table.items() if name == "palette"} for mode, table in SETS[key_set].items()}
    assert "in edit mode, go to line 12" in help_text(Keymap.from_tables(SETS[key_set], removed))
