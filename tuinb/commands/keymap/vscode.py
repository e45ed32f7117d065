"""The keys of VS Code, as data: the default keys, but for those that its users have in their fingers for something else."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYWHERE = {
    "f1": "palette",
    "alt+x": "palette",  # terminals send no Ctrl+Shift+P
    "ctrl+shift+p": "palette",
    "ctrl+p": "open-file",
    "ctrl+shift+f": "find",
}

_COMMAND = {
    "ctrl+z": "undo",  # as in its notebooks: `:suspend` suspends
    "ctrl+y": "redo",
    "ctrl+shift+z": "redo",
    "l": "toggle-line-numbers",
    "g l": "look-at-output",
}

_EDIT = {
    "ctrl+shift+l": "select-all-occurrences",
    "alt+ctrl+up": "add-cursor-above",
    "alt+ctrl+down": "add-cursor-below",
    "ctrl+x": "cut-text-or-lines",
    "ctrl+shift+z": "redo-typing",
    "f2": "rename-symbol",
    "alt+f8": "next-problem",
    "alt+shift+f8": "previous-problem",
    "ctrl+shift+backslash": "go-to-bracket",
}

VSCODE_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        Mode.COMMAND: MappingProxyType({**DEFAULT_KEYS[Mode.COMMAND], **_EVERYWHERE, **_COMMAND}),
        Mode.EDIT: MappingProxyType({**DEFAULT_KEYS[Mode.EDIT], **_EVERYWHERE, **_EDIT}),
    }
)
