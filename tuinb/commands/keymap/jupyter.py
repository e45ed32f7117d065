"""The default keys, as data: mode → keys → command.

Every command with a key can be reached from every terminal: where one key needs a modified Enter or Ctrl+Shift, which some
terminals do not send, another key runs the same command. Upper-case letters are typed with Shift.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYWHERE = {
    "shift+enter": "run-and-advance",
    "ctrl+r": "run-and-advance",
    "f9": "run-and-advance",
    "ctrl+enter": "run-in-place",
    "ctrl+e": "run-in-place",
    "ctrl+j": "run-in-place",
    "alt+enter": "run-and-insert-below",
    "f8": "run-and-insert-below",
    "ctrl+s": "save",
    "ctrl+p": "palette",
    "ctrl+f": "find",
    "ctrl+g": "go-to-prompt",
    "f1": "show-help",
    "ctrl+q": "quit",
}

_COMMAND = {
    "enter": "enter-edit-mode",
    "escape": "deselect",
    "k": "select-previous",
    "up": "select-previous",
    "j": "select-next",
    "down": "select-next",
    "g g": "select-first",
    "home": "select-first",
    "G": "select-last",
    "end": "select-last",
    "pageup": "page-up",
    "shift+space": "page-up",
    "pagedown": "page-down",
    "space": "page-down",
    "a": "insert-above",
    "b": "insert-below",
    "d d": "delete-cells",
    "z": "undo",
    "u": "undo",
    "Z": "redo",
    "x": "cut-cells",
    "c": "copy-cells",
    "v": "paste-below",
    "V": "paste-above",
    "J": "extend-selection-down",
    "shift+down": "extend-selection-down",
    "K": "extend-selection-up",
    "shift+up": "extend-selection-up",
    "e": "edit-externally",
    "E": "edit-all-externally",
    "alt+up": "move-up",
    "alt+down": "move-down",
    "M": "merge-cells",
    "m": "make-markdown",
    "y": "make-code",
    "r": "make-raw",
    "1": "heading-1",
    "2": "heading-2",
    "3": "heading-3",
    "4": "heading-4",
    "5": "heading-5",
    "6": "heading-6",
    "o": "toggle-output",
    "O": "toggle-all-outputs",
    "l": "look-at-output",
    "|": "page-output",
    "t": "choose-output-type",
    "<": "scroll-output-left",
    "shift+left": "scroll-output-left",
    ">": "scroll-output-right",
    "shift+right": "scroll-output-right",
    "Y": "copy-output",
    "W": "save-output",
    "w": "open-output",
    "L": "follow-link",
    "f": "go-to-failing-line",
    "F": "next-failed-cell",
    "/": "find",
    "n": "find-next",
    "N": "find-previous",
    "i i": "interrupt",
    "ctrl+c": "interrupt",
    "0 0": "restart",
    "s": "save",
    ":": "palette",
    "ctrl+z": "suspend",
    "Q": "detach",
    "?": "show-help",
    "h": "show-help",
}

_EDIT = {
    "escape": "leave-edit-mode",
    "ctrl+o": "edit-externally",
    "ctrl+z": "undo-typing",
    "ctrl+y": "redo-typing",
    "ctrl+x": "cut-text",
    "ctrl+c": "copy-or-interrupt",
    "ctrl+v": "paste-text",
    "alt+up": "move-line-up",
    "alt+down": "move-line-down",
    "ctrl+shift+minus": "split-cell",
    "ctrl+backslash": "split-cell",
    "tab": "complete-or-indent",
    "ctrl+space": "complete",
    "shift+tab": "inspect-or-dedent",
    "ctrl+slash": "toggle-comment",
    "ctrl+underscore": "toggle-comment",  # what most terminals send for Ctrl+/
    "alt+slash": "toggle-comment",
}

DEFAULT_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {Mode.COMMAND: MappingProxyType(_EVERYWHERE | _COMMAND), Mode.EDIT: MappingProxyType(_EVERYWHERE | _EDIT)}
)
