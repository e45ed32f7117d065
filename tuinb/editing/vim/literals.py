"""Characters that several keys type: Ctrl+V and a code or any key, Ctrl+K and a digraph."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tuinb.editing.vim import keys
from tuinb.editing.vim.state import Failed

if TYPE_CHECKING:
    from collections.abc import Mapping

LITERAL, DIGRAPH = "\x16", "\x0b"
PREFIXES = (LITERAL, "\x11", DIGRAPH)


class _Base(NamedTuple):
    base: int
    most: int
    """Digits at most."""


_BASES: Mapping[str, _Base] = MappingProxyType(
    {"": _Base(10, 3), "o": _Base(8, 3), "x": _Base(16, 2), "u": _Base(16, 4), "U": _Base(16, 8)}
)


class Typed(NamedTuple):
    """What keys have typed."""

    text: str
    rest: str = ""
    """A key that ended a code and does not belong to it."""


def read(typed: str) -> Typed | None:
    """Reads the keys from Ctrl+V or Ctrl+K on. Returns None while more must come. Raises Failed for no character."""
    prefix, typed = typed[0], typed[1:]
    if not typed:
        return None
    if prefix == DIGRAPH:
        return _digraph(typed)
    letter = {"O": "o", "X": "x"}.get(typed[0], typed[0])
    kind = "" if letter.isascii() and letter.isdigit() else letter
    if kind not in _BASES:
        return Typed("\n" if letter == keys.ENTER else letter)
    base, most = _BASES[kind]
    digits = ""
    for key in typed[len(kind) :]:
        if not _is_digit(key, base):
            break
        digits += key
    rest = typed[len(kind) + len(digits) :]
    if len(digits) < most and not rest:
        return None
    if not digits:
        return Typed(rest)
    code = int(digits, base)
    return Typed(_character(min(code, 255) if base in (8, 10) else code), rest)


def _is_digit(key: str, base: int) -> bool:
    return key.isascii() and key in "0123456789abcdefABCDEF" and int(key, 16) < base


def _digraph(typed: str) -> Typed | None:
    from tuinb.editing.vim.digraphs import digraph  # few use it

    if typed[0] == keys.ESCAPE or typed[1:] == keys.ESCAPE:
        raise Failed
    if len(typed) < 2:
        return None
    return Typed(digraph(typed[0], typed[1]) or typed[1])


def _character(code: int) -> str:
    """Returns a character by its code. One that no file can have, and NUL, are refused."""
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise Failed(f"{code:#x} is no character.")
    return chr(code)
