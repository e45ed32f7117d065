"""Keys in texts are those of the user's set, in the mode in which the text is shown."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap.key_texts import in_keys
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.session.events import UNDOES


@pytest.mark.parametrize(
    ("keys", "mode", "text", "shown"),
    [
        ("jupyter", "command", UNDOES, "z undoes it."),
        ("jupyter", "edit", UNDOES, "Ctrl+Z undoes it."),
        ("vim", "command", UNDOES, "u undoes it."),
        ("vim", "normal", UNDOES, "u undoes it."),
        ("vim", "insert", UNDOES, "u undoes it."),
        ("emacs", "edit", UNDOES, "Ctrl+X u undoes it."),
        ("vscode", "edit", UNDOES, "Ctrl+Z undoes it."),
        ("jupyter", "command", "{restart} restarts.", "00 restarts."),
        ("jupyter", "edit", "{restart} restarts.", "Esc, then 00 restarts."),
        ("vim", "command", "{restart} restarts.", "00 restarts."),
        ("vim", "normal", "{restart} restarts.", "Esc, then 00 restarts."),
        ("vim", "command", "{shut-down-kernel} ends it.", ":shut-down-kernel ends it."),
        ("vim", "normal", "{shut-down-kernel} ends it.", ":shut-down-kernel ends it."),
        ("vim", "normal", "{interrupt} interrupts.", "Ctrl+C interrupts."),
        ("vim", "normal", "{toggle-output} expands.", "Space o expands."),
        ("vim", "normal", "{save-output} saves it.", "Esc, then Shift+W saves it."),
        ("vim", "command", "{} {no command} {} stay", "{} {no command} {} stay"),
    ],
)
def test_a_text_names_the_keys_of_the_set(keys: str, mode: str, text: str, shown: str) -> None:
    assert in_keys(text, Keymap.from_tables(SETS[keys]), mode) == shown


def test_keys_of_the_user_are_named() -> None:
    keymap = Keymap.from_tables(SETS["vim"], {"command": {"u": "", "U": "undo"}})
    assert in_keys("{undo} undoes it.", keymap, "command") == "Shift+U undoes it."


def test_several_keys_and_keys_of_no_keymap() -> None:
    keymap = Keymap.from_tables(SETS["jupyter"])
    assert in_keys("{undo} or {redo}", keymap, "command", most=2, others={"redo": "Y"}) == "z or u or Y"
