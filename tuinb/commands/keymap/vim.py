"""Vim's keys on cells, as data, and the commands of tuinb in the modes of a cell. `editing.vim.tables` has the keys on text.

In a cell, a key that is not here is vim's own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_RUNNING = {
    "shift+enter": "run-and-advance",
    "f9": "run-and-advance",
    "ctrl+enter": "run-in-place",
    "ctrl+j": "run-in-place",
    "alt+enter": "run-and-insert-below",
    "f8": "run-and-insert-below",
    "ctrl+s": "save",
    "f1": "show-help",
    "ctrl+q": "quit",
}

_LEADER = {
    "space enter": "run-and-advance",
    "space r": "run-in-place",
    "space R": "run-all",
    "space A": "run-all-above",
    "space B": "run-all-below",
    "space c": "clear-outputs",
    "space /": "find",
    "space g": "go-to-cell",
    "space e": "edit-externally",
    "space E": "edit-all-externally",
    "space m": "make-markdown",
    "space y": "make-code",
    "space w": "make-raw",
    "space -": "split-cell",
    "space j": "merge-cells",
    "space o": "toggle-output",
    "space O": "toggle-all-outputs",
    "space l": "look-at-output",
    "space f": "go-to-failing-line",
    "space F": "next-failed-cell",
    "space n": "toggle-line-numbers",
    "space s": "save",
    "space p": "go-to-prompt",
    "space ?": "palette",
}
"""What Space begins, on cells and in normal mode."""

_COMMAND = {
    "enter": "enter-edit-mode",
    "i": "insert-in-cell",
    "a": "insert-in-cell",
    "escape": "deselect",
    "j": "select-next",
    "down": "select-next",
    "k": "select-previous",
    "up": "select-previous",
    "g g": "select-first",
    "home": "select-first",
    "G": "select-last",
    "end": "select-last",
    "ctrl+d": "page-down",
    "ctrl+f": "page-down",
    "pagedown": "page-down",
    "ctrl+u": "page-up",
    "ctrl+b": "page-up",
    "pageup": "page-up",
    "ctrl+e": "scroll-line-down",
    "ctrl+y": "scroll-line-up",
    "z z": "centre",
    "z .": "centre",
    "o": "open-cell-below",
    "O": "open-cell-above",
    "d d": "cut-cells",
    "x": "cut-cells",
    "y y": "copy-cells",
    "Y": "copy-cells",
    "p": "paste-below",
    "P": "paste-above",
    "u": "undo",
    "ctrl+r": "redo",
    "J": "extend-selection-down",
    "shift+down": "extend-selection-down",
    "K": "extend-selection-up",
    "shift+up": "extend-selection-up",
    "V": "select-all",
    "M": "merge-cells",
    "g J": "merge-cells",
    "alt+up": "move-up",
    "alt+down": "move-down",
    "m": "make-markdown",
    "r": "make-raw",
    "1": "heading-1",
    "2": "heading-2",
    "3": "heading-3",
    "4": "heading-4",
    "5": "heading-5",
    "6": "heading-6",
    "z o": "toggle-output",
    "z c": "toggle-output",
    "z a": "toggle-output",
    "z M": "toggle-all-outputs",
    "z R": "toggle-all-outputs",
    "l": "look-at-output",
    "|": "page-output",
    "t": "choose-output-type",
    "<": "scroll-output-left",
    "shift+left": "scroll-output-left",
    ">": "scroll-output-right",
    "shift+right": "scroll-output-right",
    "W": "save-output",
    "w": "open-output",
    "L": "follow-link",
    "f": "go-to-failing-line",
    "F": "next-failed-cell",
    "R": "run-stale",
    "(": "run-with-needs",
    ")": "run-following",
    "] s": "next-stale",
    "[ s": "previous-stale",
    "] e": "next-failed-cell",
    "=": "show-names",
    "/": "find",
    "n": "find-next",
    "N": "find-previous",
    "e": "edit-externally",
    "E": "edit-all-externally",
    "ctrl+c": "interrupt",
    "ctrl+p": "palette",
    "ctrl+g": "go-to-prompt",
    ":": "palette",
    "ctrl+z": "suspend",
    "Z Z": "save-and-quit",
    "Z Q": "quit-without-saving",
    "Q": "detach",
    "?": "show-help",
}

_NORMAL = {
    "space k": "inspect",
    "ctrl+p": "palette",
    "ctrl+z": "suspend",
    "shift+tab": "inspect",
}

_INSERT = {
    "tab": "complete-or-indent",
    "ctrl+n": "complete",
    "ctrl+p": "complete",
    "ctrl+space": "complete",
    "shift+tab": "inspect-or-dedent",
    "ctrl+backspace": "delete-word-left",
    "alt+backspace": "delete-word-left",
}

VIM_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        Mode.COMMAND: MappingProxyType(_RUNNING | _LEADER | _COMMAND),
        "normal": MappingProxyType(_RUNNING | _LEADER | _NORMAL),
        "visual": MappingProxyType(_RUNNING),
        "insert": MappingProxyType(_RUNNING | _INSERT),
    }
)
