"""Asks for a key or a sequence of keys, and tells what it does in each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style

from tuinb.commands.keymap.key_names import label, name_of
from tuinb.commands.registry import COMMANDS
from tuinb.terminal.keys import normalise
from tuinb.ui.dialogs.base import Dialog
from tuinb.ui.floating import BORDER

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip

    from tuinb.commands.keymap.keymap import Keymap
    from tuinb.ui.dialogs.base import Role


class DescribeKey(Dialog[str]):
    """Takes keys up to the end of a binding. Its result says what they do."""

    badge = "WHICH KEY"
    hints = ("any key tells what it does",)

    def __init__(self, role: Role, keymap: Keymap) -> None:
        super().__init__(role)
        self._keymap = keymap
        self._keys: tuple[str, ...] = ()
        self.styles.height = 1 + BORDER

    def render_line(self, y: int) -> Strip:
        pending = f" {label(self._keys)}…" if self._keys else ""
        return self.row(f"Press a key to see what it does:{pending}", Style(bold=True))

    def on_key(self, event: events.Key) -> None:
        event.stop()
        key = normalise(event.key, event.character)
        self._keys = (*self._keys, name_of(key) if len(key) == 1 else key)
        commands, goes_on = self._keymap.meanings(self._keys)
        if goes_on:
            self.refresh()
        else:
            self.finish(meaning(self._keys, commands))


def meaning(keys: tuple[str, ...], commands: dict[str, str]) -> str:
    """Returns what keys do in each mode, in words."""
    by_command: dict[str, list[str]] = {}
    for mode, name in commands.items():
        by_command.setdefault(name, []).append(mode)
    if not by_command:
        return f"{label(keys)} runs no command."
    said = [f"in {' and '.join(modes)} mode: {COMMANDS[name].doc} ({name})" for name, modes in by_command.items()]
    return f"{label(keys)} {'; '.join(said)}."
