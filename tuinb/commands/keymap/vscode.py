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
    "ctrl+shift+e": "open-file",
    "ctrl+shift+f": "find",
    "ctrl+shift+s": "save-as",
    "f3": "find-next",
    "shift+f3": "find-previous",
    "ctrl+shift+d": "show-stop",
    "alt+d": "show-stop",
    "shift+f11": "debug-step-out",
    "alt+f8": "next-problem",
    "alt+shift+f8": "previous-problem",
    "ctrl+shift+m": "next-problem",
    "ctrl+b": "contents-panel",
    "ctrl+t": "contents",
    "ctrl+shift+o": "contents",
    "ctrl+tab": "next-tab",
    "ctrl+shift+tab": "previous-tab",
    **{f"alt+{number}": f"tab-{number}" for number in range(1, 10)},
    "alt+z": "toggle-soft-wrap",
    "ctrl+,": "edit-settings",
    "ctrl+k ,": "edit-settings",  # many terminals send Ctrl+, as a comma
    "alt+shift+o": "organize-imports",
    "ctrl+k ctrl+s": "show-help",
    "ctrl+k m": "change-kind",
    "ctrl+k ctrl+f": "format-cells",
    "ctrl+k ctrl+t": "choose-theme",
    "ctrl+k ctrl+o": "open-file",
    "ctrl+k ctrl+w": "quit-all",
    "ctrl+k s": "save",
    "ctrl+k 0": "fold-all-sections",
    "ctrl+k ctrl+0": "fold-all-sections",  # many terminals send the digit alone
    "ctrl+k ctrl+j": "unfold-all-sections",
    "ctrl+k ctrl+l": "toggle-section",
}

_COMMAND = {
    "ctrl+z": "undo",  # as in its notebooks: `:suspend` suspends
    "ctrl+y": "redo",
    "ctrl+shift+z": "redo",
    "ctrl+w": "quit",
    "ctrl+home": "select-first",
    "ctrl+end": "select-last",
    "ctrl+up": "select-previous",
    "ctrl+down": "select-next",
    "l": "toggle-line-numbers",
    "g l": "look-at-output",
}

_EDIT = {
    "ctrl+shift+l": "select-all-occurrences",
    "alt+ctrl+up": "add-cursor-above",
    "alt+ctrl+down": "add-cursor-below",
    "alt+shift+i": "cursors-at-line-ends",
    "ctrl+u": "drop-cursor",
    "ctrl+x": "cut-text-or-lines",
    "ctrl+shift+z": "redo-typing",
    "f2": "rename-symbol",
    "alt+f12": "inspect",
    "alt+shift+f12": "find-references",
    "ctrl+shift+space": "inspect",
    "ctrl+.": "code-actions",
    "alt+.": "code-actions",  # many terminals send Ctrl+. as a full stop
    "ctrl+shift+backslash": "go-to-bracket",
    "alt+shift+a": "toggle-comment",
    "ctrl+k ctrl+c": "comment-lines",
    "ctrl+k ctrl+u": "uncomment-lines",
    "ctrl+k tab": "inspect",  # Ctrl+I is Tab in terminals
    "ctrl+k ctrl+d": "skip-occurrence",
    "ctrl+k ctrl+k": "delete-lines",  # many terminals send Ctrl+K for Ctrl+Shift+K
    "ctrl+k ctrl+x": "trim-lines",
}

_ELSEWHERE = {
    "command": frozenset(("f2", "shift+f2")),  # F2 renames in a cell, and edits no other cell from here
    "edit": frozenset(("ctrl+k", "shift+f2")),  # Ctrl+K begins many sequences
}
"""Mode → keys of the default set that VS Code has for something else."""


def _bindings(mode: Mode, own: Mapping[str, str]) -> Mapping[str, str]:
    usual = {keys: name for keys, name in DEFAULT_KEYS[mode].items() if keys not in _ELSEWHERE[mode]}
    return MappingProxyType({**usual, **_EVERYWHERE, **own})


VSCODE_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {Mode.COMMAND: _bindings(Mode.COMMAND, _COMMAND), Mode.EDIT: _bindings(Mode.EDIT, _EDIT)}
)
