"""Gives each key one name, however the terminal spells it. Names are Textual's: `ctrl+r`, `alt+up`, `question_mark`.

Terminals write the same key in four ways: a control character, ESC before a character (Alt), the xterm form `CSI 27;2;13~`
(modifyOtherKeys, what tmux sends), and kitty's `CSI 13;2u`. This module is pure: sequences and names in, names out. An unknown
sequence is not a key, because replies of the terminal have the same form. `CSI 1;2R` could be Shift+F3 or a report of the
cursor's position: it is never a key.
"""

from __future__ import annotations

import unicodedata
from typing import Final, TypeAlias

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS, MODIFIER_FUNCTIONAL_KEYS
from textual.keys import KEY_NAME_REPLACEMENTS

from tuinb.late_pattern import late_pattern

Stroke: TypeAlias = tuple[str, str | None]
"""A key's name, and the character that it types."""

_MODIFIERS: Final = ("shift", "alt", "ctrl", "super", "hyper", "meta")
"""Modifiers in the order of their bits in kitty's and xterm's encodings."""
_SHIFT, _ALT, _CTRL = 1, 2, 4
_LOCKS: Final = 64 | 128
_SILENT: Final = frozenset(MODIFIER_FUNCTIONAL_KEYS) | {"caps_lock", "num_lock", "scroll_lock"}
"""Modifiers and locks. Pressed alone they must not end a sequence of keys."""
WITH_ALT: Final = "\x00"
"""The character of a key whose sequence itself says Alt, so that it can't be Escape and another key in one read."""
_CHARACTERS: Final = {"enter": "\r", "tab": "\t", "backspace": "\x7f", "escape": "\x1b"}
_BASES: Final = {
    "\r": "enter",
    "return": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x1b": "escape",
    "backtab": "shift+tab",
    "newline": "ctrl+j",
    "\n": "ctrl+j",
}
_WHOLE: Final = {
    **dict.fromkeys(("ctrl+@", "ctrl-at", "ctrl+at"), "ctrl+space"),  # the byte NUL, too
    "ctrl+shift+at": "ctrl+shift+space",  # as tmux sends it
    "ctrl+shift+underscore": "ctrl+shift+minus",  # not the byte 0x1f, which is Ctrl+/ in most terminals
}
_SHIFTED: Final = '~!@#$%^&*()_+{}|:"<>?'
"""Symbols that a US keyboard types with Shift. Some terminals name the key by its symbol, and Shift, too."""
_LETTER_FINALS: Final = "ABCDEFHPQS"
_LIKE_A_REPORT: Final = late_pattern(r"\x1b\[[0-9;]*R|\x1b\[1;\d[p-y]")
"""Legacy keys (F3 with modifiers, mintty's digits) that can't be told from reports."""
_RELEASED: Final = "3"


def normalise(key: str, character: str | None) -> str:
    """Returns the one name of a key that Textual or a terminal names `key` and that types `character`."""
    modifiers, base = _parts(key)
    base = _BASES.get(base, base)
    if "+" in base and base != "+":
        more, base = _parts(base)
        modifiers |= more
    if len(base) == 1 and not base.isalnum():
        base = key_name(base)
    if modifiers <= {"shift"} and len(base) == 1 and base.isalpha():
        return character if character and len(character) == 1 and character.isalpha() else base.upper() if modifiers else base
    if len(base) == 1 and base.isupper() and modifiers:
        base = base.lower()
        modifiers |= {"shift"}
    name = "+".join([*sorted(modifiers), base])
    return _WHOLE.get(name, name)


def key_name(character: str) -> str:
    """Returns Textual's name for the key that types a character: `a`, `question_mark`, `space`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name) or character


def typed(character: str) -> Stroke | None:
    """Returns the key of a character outside of sequences; None if no key sends it."""
    known = ANSI_SEQUENCES_KEYS.get(character)
    if isinstance(known, tuple) and len(known) == 1 and (character <= "\x7f"):
        return normalise(known[0].value, character), character
    if character < " " or "\x7f" <= character <= "\x9f" or character == "\ufffd":
        return None
    return key_name(character), character


def alted(character: str) -> list[Stroke]:
    """Returns the keys of ESC and a character that came together.

    A control character after ESC is a key of its own, except for Alt+Enter and Alt+Backspace: a slow line delivers Escape
    and Ctrl+S together, and no command is bound to Alt+Ctrl+S.
    """
    if character in "\tbf":  # Linux's Shift+Tab; what iTerm sends for words to the left and right
        found = sequence("\x1b" + character)
    elif character in "\r\x7f\x08":
        found = normalise(f"alt+{character}", None), None
    elif " " <= character < "\x7f" or character > "\x9f":
        found = normalise(f"alt+{key_name(character)}", None), None
    else:
        escape, found = ("escape", "\x1b"), typed(character)
        return [escape] if found is None else [escape, found]
    return [] if found is None else [found]


def sequence(text: str) -> Stroke | None:
    """Returns the key of a legacy escape sequence, from Textual's table; None if it is not a key."""
    known = ANSI_SEQUENCES_KEYS.get(text)
    if isinstance(known, str):
        return key_name(known), known
    if not isinstance(known, tuple) or _LIKE_A_REPORT.fullmatch(text):
        return None
    names = [key.value for key in known]
    if names[0] == "escape" and len(names) == 2:
        names = [f"alt+{names[1]}"]
    if len(names) != 1 or names[0].startswith("<"):
        return None
    return normalise(names[0], None), None


def control_sequence(parameters: str, final: str) -> list[Stroke] | None:
    """Returns the keys of `CSI parameters final` in kitty's and xterm's forms; None if it is not a key.

    Returns an empty list for a key that is ignored (a modifier alone, a release).
    """
    if not set(parameters) <= set("0123456789;:"):
        return None
    fields = [field.split(":") for field in parameters.split(";")]
    if len(fields) > 3 or any(len(number) > 7 for field in fields for number in field):
        return None
    numbers = [[int(number) if number else 0 for number in field] for field in fields]
    first = numbers[0][0] or 1
    bits = _bits(numbers)
    if len(fields) > 1 and len(fields[1]) > 1 and fields[1][1] == _RELEASED:
        return []
    if final == "u" and parameters:
        texts = numbers[2] if len(numbers) > 2 else []
        shifted = _character(numbers[0][1]) if len(numbers[0]) > 1 and numbers[0][1] else ""
        return _kitty(first, bits, [_character(code) for code in texts if code], shifted)
    if final == "~":
        if first == 27 and len(numbers) == 3:
            return _kitty(numbers[2][0], bits, [])
        name = FUNCTIONAL_KEYS.get(f"{first}~")
        return None if name is None or not parameters or len(fields) > 2 else _named(name, bits)
    if final == "Z" and first == 1:
        return _named("tab", bits | _SHIFT)
    if final in _LETTER_FINALS and first == 1 and len(fields) <= 2:
        name = FUNCTIONAL_KEYS.get(f"1{final}")
        return None if name is None else _named(name, bits)
    return None


def _bits(numbers: list[list[int]]) -> int:
    return max(0, (numbers[1][0] if len(numbers) > 1 else 1) - 1) & ~_LOCKS


def _kitty(code: int, bits: int, texts: list[str], shifted: str = "") -> list[Stroke] | None:
    name = FUNCTIONAL_KEYS.get(f"{code}u")
    if texts:
        if not all(text.isprintable() and text for text in texts):
            return None
        shifted = "shift+" if bits & _SHIFT and texts == [" "] else ""
        return [(shifted + key_name(text), text) for text in texts]
    if name is not None:
        return _named(name, bits)
    character = _character(code)
    if not character.isprintable() or not character:
        return None
    if bits & ~_SHIFT == 0:
        if bits and character.isalpha():
            character = character.upper()
        prefix = "shift+" if bits and character == " " else ""
        return [(prefix + key_name(character), character)]
    symbol = _symbol(character, shifted, bits)
    return _named(key_name(symbol), bits & ~_SHIFT) if symbol else _named(key_name(character), bits)


def _symbol(character: str, shifted: str, bits: int) -> str:
    """Returns the symbol or digit that Shift and a key type, which name it beside Alt, as where Esc is sent before them: Alt+{.

    Returns an empty string for other keys: letters, and those with Ctrl, of which Ctrl+Shift+- is bound.
    """
    symbol = shifted or (character if character in _SHIFTED else "")
    return symbol if bits & _SHIFT and not bits & _CTRL and symbol.isprintable() and not symbol.isalpha() else ""


def _named(name: str, bits: int) -> list[Stroke]:
    if name in _SILENT:
        return []
    modifiers = [modifier for place, modifier in enumerate(_MODIFIERS) if bits & (1 << place)]
    if not modifiers:
        return [(name, name if len(name) == 1 else _CHARACTERS.get(name))]
    return [(normalise("+".join([*modifiers, name]), None), WITH_ALT if bits & _ALT else None)]


def _character(code: int) -> str:
    """Returns the character of a code point, or an empty string."""
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""


def _parts(key: str) -> tuple[set[str], str]:
    """Splits a key's name into its modifiers and the rest."""
    modifiers: set[str] = set()
    while True:
        head, plus, rest = key.partition("+")
        if not plus or not rest or head not in _MODIFIERS:
            return modifiers, key
        modifiers.add(head)
        key = rest
