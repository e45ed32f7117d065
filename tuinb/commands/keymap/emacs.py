"""Emacs' keys, as data: on text those of Emacs, on cells those of its notebook mode EIN.

Cells are always edited: command mode, with the default keys, is entered by Esc Esc alone. Each `M-x` can be typed as Esc x.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tuinb.commands.keymap.jupyter import ARROWS, DEFAULT_KEYS, SHARED
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERYWHERE = {
    "alt+x": "palette",
    "ctrl+g": "cancel",
    "ctrl+u": "count",
    **{f"alt+{digit}": f"count-{digit}" for digit in "0123456789"},
    "alt+-": "count-negative",
    "ctrl+x ctrl+s": "save",
    "ctrl+x ctrl+w": "save-as",
    "ctrl+x ctrl+f": "open-file",
    "ctrl+x b": "choose-tab",
    "ctrl+x ctrl+b": "choose-tab",
    "ctrl+x left": "previous-tab",
    "ctrl+x right": "next-tab",
    "ctrl+x k": "quit",
    "ctrl+x ctrl+c": "quit-all",
    "ctrl+x ctrl+z": "detach",
    "ctrl+x (": "start-macro",
    "ctrl+x )": "end-macro",
    "ctrl+x e": "run-macro",
    "ctrl+z": "suspend",
    "ctrl+s": "find",
    "ctrl+r": "find-backward",
    "alt+%": "replace",
    "alt+,": "jump-back",
    "ctrl+l": "centre",
    # cells, as EIN has them
    "ctrl+c ctrl+c": "run-in-place",
    "ctrl+enter": "run-in-place",
    "alt+enter": "run-and-advance",
    "shift+enter": "run-and-advance",
    "ctrl+c ctrl+a": "insert-above",
    "ctrl+c ctrl+b": "insert-below",
    "ctrl+c ctrl+n": "select-next",
    "ctrl+c ctrl+p": "select-previous",
    "ctrl+c ctrl+k": "cut-cells",
    "ctrl+c ctrl+w": "copy-cells",
    "ctrl+c ctrl+y": "paste-below",
    "ctrl+c up": "move-up",
    "ctrl+c down": "move-down",
    "ctrl+c ctrl+t": "change-kind",
    "ctrl+c enter": "merge-cells",
    "ctrl+c ctrl+e": "toggle-output",
    "ctrl+c ctrl+l": "clear-outputs",
    "ctrl+c ctrl+z": "interrupt",
    "ctrl+c ctrl+o": "look-at-output",
    "ctrl+c ctrl+g": "go-to-prompt",
    "ctrl+c '": "edit-externally",
    "f12": "debug-step-out",
    **SHARED,
    "f3": "start-macro",
    "f4": "end-or-run-macro",
    "ctrl+x ctrl+a ctrl+b": "toggle-breakpoint",
    "ctrl+x ctrl+a ctrl+l": "show-stop",
}

_EDIT = {
    "escape escape": "leave-edit-mode",
    "f7": "run-selection",
    "shift+f7": "run-to-cursor",
    # motion
    "ctrl+f": "cursor-right",
    "ctrl+b": "cursor-left",
    "ctrl+n": "cursor-down",
    "ctrl+p": "cursor-up",
    "ctrl+a": "cursor-whole-line-start",
    "ctrl+e": "cursor-whole-line-end",
    "alt+f": "cursor-next-word",
    "alt+b": "cursor-previous-word",
    "alt+m": "cursor-indentation",
    "alt+{": "cursor-previous-paragraph",
    "alt+}": "cursor-next-paragraph",
    "alt+<": "mark-and-go-to-start",
    "alt+>": "mark-and-go-to-end",
    "ctrl+alt+f": "cursor-next-expression",
    "ctrl+alt+b": "cursor-previous-expression",
    "ctrl+alt+n": "cursor-next-expression",
    "ctrl+alt+p": "cursor-previous-expression",
    "ctrl+alt+u": "cursor-out-of-brackets",
    "ctrl+alt+d": "cursor-into-brackets",
    "ctrl+alt+a": "cursor-definition-start",
    "ctrl+alt+e": "cursor-definition-end",
    "alt+a": "cursor-sentence-start",
    "alt+e": "cursor-sentence-end",
    "ctrl+v": "cursor-page-down",
    "alt+v": "cursor-page-up",
    "alt+.": "go-to-definition",
    "alt+?": "find-references",
    "shift+f12": "find-references",
    "alt+r": "rename-symbol",
    "alt+g g": "go-to-line",
    "alt+g alt+g": "go-to-line",
    "alt+g n": "next-problem",
    "alt+g p": "previous-problem",
    "alt+g alt+n": "next-problem",
    "alt+g alt+p": "previous-problem",
    # the mark and the kill ring
    "ctrl+space": "set-mark",
    "ctrl+x ctrl+x": "exchange-mark",
    "ctrl+x h": "mark-all",
    "alt+h": "mark-paragraph",
    "ctrl+alt+h": "mark-definition",
    "ctrl+alt+space": "mark-expression",
    "alt+@": "mark-word",
    "ctrl+x space": "select-rectangle",
    "ctrl+x r t": "select-rectangle",
    "ctrl+x r k": "kill-rectangle",
    "ctrl+x r d": "kill-rectangle",
    "ctrl+x r space": "mark",
    "ctrl+x r m": "mark",
    "ctrl+x r j": "go-to-mark",
    "ctrl+x r b": "go-to-mark",
    "ctrl+k": "kill-line",
    "ctrl+alt+k": "kill-expression",
    "alt+k": "kill-sentence",
    "alt+d": "kill-word",
    "ctrl+delete": "kill-word",
    "alt+backspace": "kill-word-left",
    "ctrl+backspace": "kill-word-left",
    "ctrl+w": "kill-region",
    "alt+w": "copy-region",
    "ctrl+y": "yank",
    "alt+y": "yank-earlier",
    # editing
    "enter": "new-line",
    "ctrl+j": "new-line",
    "ctrl+o": "open-line",
    "backspace": "delete-left",
    "delete": "delete-right",
    "ctrl+d": "delete-right",
    "ctrl+slash": "undo-typing",
    "ctrl+underscore": "undo-typing",  # what most terminals send for Ctrl+/
    "ctrl+shift+minus": "undo-typing",  # what others send for Ctrl+_
    "ctrl+x u": "undo-typing",
    "alt+_": "redo-typing",
    "tab": "complete-or-indent",
    "shift+tab": "inspect-or-dedent",
    "alt+/": "complete",
    "ctrl+t": "transpose",
    "alt+t": "transpose-words",
    "ctrl+alt+t": "transpose-expressions",
    "ctrl+x ctrl+t": "transpose-lines",
    "ctrl+x ctrl+o": "delete-blank-lines",
    "ctrl+x ctrl+u": "upper-region",
    "ctrl+x ctrl+l": "lower-region",
    "ctrl+x tab": "indent-lines",
    "ctrl+c >": "indent-lines",
    "ctrl+c <": "dedent",
    "alt+q": "fill-paragraph",
    "alt+j": "comment-line",
    "alt+u": "upper-word",
    "alt+l": "lower-word",
    "alt+c": "capital-word",
    "alt+;": "comment",
    "alt+^": "join-line-above",
    "alt+backslash": "delete-blanks",
    "alt+space": "one-space",
    "alt+up": "move-line-up",
    "alt+down": "move-line-down",
    "ctrl+c ctrl+s": "split-cell",
    "ctrl+c ctrl+f": "inspect",
}


def _with_escape(table: Mapping[str, str]) -> dict[str, str]:
    """Adds Esc before a key for each key with Alt."""
    twins = {_without_alt(keys): name for keys, name in table.items() if keys.startswith(("alt+", "ctrl+alt+"))}
    return {**table, **twins}


def _without_alt(keys: str) -> str:
    return f"escape {keys.replace('alt+', '', 1)}"


_COMMAND = {keys: name for keys, name in DEFAULT_KEYS[Mode.COMMAND].items() if not keys.startswith(("ctrl+", "alt+", "f"))}

EMACS_KEYS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        Mode.COMMAND: MappingProxyType({**_COMMAND, "f": "go-to-failing-line", **_EVERYWHERE}),
        Mode.EDIT: MappingProxyType(_with_escape({**ARROWS, **_EVERYWHERE, **_EDIT})),
    }
)
