"""Names of keys: from the spelling in a table of keys to Textual's names, and from those to the labels in the help.

Textual names a key that types no letter or digit after its Unicode character (`question_mark`), with a few exceptions.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from tuinb.errors import ConfigError

_MODIFIERS = ("alt", "ctrl", "hyper", "meta", "shift", "super")
_NAMED = frozenset(("enter", "escape", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown")) | {
    *("up", "down", "left", "right", "space"),
    *(f"f{number}" for number in range(1, 25)),
}
_SHORT = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Unicode name → Textual's name, where they differ."""
_LONG = {short: long for long, short in _SHORT.items()} | {"minus": "hyphen-minus"}
_BEYOND_KEYBOARDS = "\U00010000"
"""First character whose Unicode name is no key: names such as `banana` follow."""
_LABELS = {"pageup": "PageUp", "pagedown": "PageDown", "escape": "Esc"}


def name_of(character: str) -> str:
    """Returns Textual's name of the key that types a character: `g`, `question_mark`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace(" ", "_").replace("-", "_")
    return _SHORT.get(name, name)


@cache
def _hyphenated() -> dict[str, str]:
    """Maps names of keys to characters whose Unicode name has a hyphen, such as LESS-THAN SIGN."""
    characters = map(chr, range(0xA0, 0x3000))
    return {name_of(char): char for char in ("<", ">", *characters) if "-" in unicodedata.name(char, "")}


def character_of(name: str) -> str:
    """Returns the character that a key types, or an empty string for a key such as `pageup`."""
    if len(name) == 1 or name in _NAMED:
        return name if len(name) == 1 else ""
    try:
        character = unicodedata.lookup(_LONG.get(name, name).replace("_", " "))
    except KeyError:
        return _hyphenated().get(name, "")
    return character if character.isprintable() and character < _BEYOND_KEYBOARDS else ""


def key_name(written: str) -> str:
    """Returns Textual's name for a written key: `ctrl+R` is `ctrl+r`, `shift+g` is `G`, `?` is `question_mark`.

    Raises ValueError for an unknown key.
    """
    if len(written) == 1:
        return name_of(written)
    *modifiers, base = [*written[:-1].split("+"), "+"] if written.endswith("+") else written.split("+")
    modifiers = sorted({modifier.lower() for modifier in modifiers if modifier})
    if not base or any(modifier not in _MODIFIERS for modifier in modifiers):
        raise ValueError(written)
    if len(base) == 1:
        base = base.upper() if modifiers == ["shift"] else name_of(base.lower())
    else:
        base = base.lower()
        if base not in _NAMED and not character_of(base):
            raise ValueError(written)
    if modifiers == ["shift"] and len(base) == 1:
        return base
    if modifiers == ["ctrl"] and base == "at":
        return "ctrl+space"  # terminals send the byte NUL for both
    return "+".join([*modifiers, base])


def to_sequence(written: str) -> tuple[str, ...]:
    """Parses a sequence of keys: `d d` → ("d", "d"). Raises ConfigError for an unknown key or an empty sequence."""
    parts = written.split()
    if not parts:
        raise ConfigError("a binding has no key", hint="write keys as `d d` or `ctrl+r`")
    sequence = []
    for part in parts:
        try:
            sequence.append(key_name(part))
        except ValueError:
            hint = "examples of keys: `ctrl+r`, `shift+enter`, `pageup`, `f9`, `G`"
            raise ConfigError(f"there is no key '{part}'", where=f"keys '{written}'", hint=hint) from None
    return tuple(sequence)


def label(sequence: tuple[str, ...]) -> str:
    """Returns a sequence as the help shows it: `dd`, `Shift+M`, `Ctrl+\\`."""
    parts = [_label(key) for key in sequence]
    return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)


def _label(key: str) -> str:
    *modifiers, base = key.split("+")
    character = character_of(base)
    if not modifiers and character:
        return f"Shift+{character}" if character.isalpha() and character.isupper() else character
    shown = _LABELS.get(base) or character.upper() or base.capitalize()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])
