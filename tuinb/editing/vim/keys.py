"""Keys as characters: control characters as terminals send them, and characters for private use for keys that type none."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ESCAPE, ENTER, TAB, BACKSPACE = "\x1b", "\r", "\t", "\x08"
UP, DOWN, LEFT, RIGHT = "\uf700", "\uf701", "\uf702", "\uf703"
INSERT, DELETE, HOME, END, PAGE_UP, PAGE_DOWN = "\uf727", "\uf728", "\uf729", "\uf72b", "\uf72c", "\uf72d"
WORD_LEFT, WORD_RIGHT = "\uf740", "\uf741"

NAMED: Mapping[str, str] = MappingProxyType(
    {
        "escape": ESCAPE,
        "enter": ENTER,
        "tab": TAB,
        "backspace": BACKSPACE,
        "space": " ",
        "up": UP,
        "down": DOWN,
        "left": LEFT,
        "right": RIGHT,
        "insert": INSERT,
        "delete": DELETE,
        "home": HOME,
        "end": END,
        "pageup": PAGE_UP,
        "pagedown": PAGE_DOWN,
        "ctrl+left": WORD_LEFT,
        "ctrl+right": WORD_RIGHT,
        "shift+left": WORD_LEFT,
        "shift+right": WORD_RIGHT,
        "shift+up": PAGE_UP,
        "shift+down": PAGE_DOWN,
        "ctrl+backslash": "\x1c",
        "ctrl+right_square_bracket": "\x1d",
        "ctrl+circumflex_accent": "\x1e",
        "ctrl+underscore": "\x1f",
        "ctrl+space": "\x00",
    }
)
"""Name of a key → its character."""

_LABELS = {
    ESCAPE: "Esc",
    ENTER: "Enter",
    TAB: "Tab",
    BACKSPACE: "Backspace",
    " ": "Space",
    UP: "Up",
    DOWN: "Down",
    LEFT: "Left",
    RIGHT: "Right",
    INSERT: "Insert",
    DELETE: "Delete",
    HOME: "Home",
    END: "End",
    PAGE_UP: "PageUp",
    PAGE_DOWN: "PageDown",
    WORD_LEFT: "Ctrl+Left",
    WORD_RIGHT: "Ctrl+Right",
}


def key_of(name: str, character: str | None) -> str | None:
    """Returns the key with a name such as `ctrl+r`, or one that types a character. None if vim knows no such key."""
    if name in NAMED:
        return NAMED[name]
    modifier, plus, letter = name.rpartition("+")
    if modifier == "ctrl" and plus and len(letter) == 1 and "a" <= letter <= "z":
        return chr(ord(letter) - 96)
    return character if not plus and character is not None and len(character) == 1 and character.isprintable() else None


def is_text(key: str) -> bool:
    """Returns whether a key types a character."""
    return key >= " " and not "\uf700" <= key <= WORD_RIGHT and key != "\x7f"


def label(keys: str) -> str:
    """Returns keys as the help and the status line show them: `gU`, `Ctrl+R`, `Esc`."""
    parts = [_LABELS.get(key) or (f"Ctrl+{chr(ord(key) + 64)}" if key < " " else key) for key in keys]
    return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)
