# ruff: noqa: RUF001  this module is about characters that look alike
"""Characters of formulas: scripts, accents, special alphabets, operators, tall fences.

Uses Unicode's own tables (decompositions, names, categories) where possible.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import cache
from typing import NamedTuple


class Kind(Enum):
    """The role of a part in a formula. It decides the spacing."""

    ATOM = "atom"
    OPEN = "open"
    CLOSE = "close"
    OPERATOR = "operator"
    BIG = "big"
    FRACTION = "fraction"


class Letter(NamedTuple):
    char: str
    bold: bool
    slanted: bool


TALL = {
    "(": "⎛⎜⎜⎝",
    ")": "⎞⎟⎟⎠",
    "[": "⎡⎢⎢⎣",
    "]": "⎤⎥⎥⎦",
    "{": "⎧⎨⎪⎩",
    "}": "⎫⎬⎪⎭",
    "|": "││││",
    "‖": "║║║║",
    "⌊": "⎢⎢⎢⎣",
    "⌋": "⎥⎥⎥⎦",
    "⌈": "⎡⎢⎢⎢",
    "⌉": "⎤⎥⎥⎥",
    "⟨": "╱⟨│╲",
    "⟩": "╲⟩│╱",
}
"""Tall fences: top, middle, fill, bottom."""

_OPEN, _CLOSE = frozenset("([{⌊⌈⟨"), frozenset(")]}⌋⌉⟩")
_BIG = frozenset("∑∏∐∫∬∭∮⋃⋂⋁⋀⨁⨂⨀⨆")
_UNSPACED = frozenset("∂∇∀∃∄¬√∞°′″‖∥⋯⋮⋱")
"""Mathematical symbols without space around them."""
_SEPARATORS = frozenset(",;")
_UPRIGHT_SCRIPTS = {"⊤": "ᵀ", "∘": "°", "∗": "*", "*": "*", "†": "†", "‡": "‡", "′": "′", "″": "″", "‴": "‴", "⁗": "⁗"}
"""Raised characters, and superscripts that Unicode's decompositions lack."""
_LOOKALIKES = {"∣": "|", "∗": "*", "ϕ": "φ", "ϵ": "ε"}
"""Characters with a look-alike that more terminal fonts have."""
_ACCENTS = {
    "ˆ": "\u0302",
    "^": "\u0302",
    "¯": "\u0304",
    "˙": "\u0307",
    "¨": "\u0308",
    "˜": "\u0303",
    "~": "\u0303",
    "→": "\u20d7",
    "ˇ": "\u030c",
    "´": "\u0301",
    "`": "\u0300",
    "˘": "\u0306",
    "˚": "\u030a",
    "←": "\u20d6",
}
_NAMES = {"\u0302": "hat", "\u0303": "tilde", "\u20d7": "vec", "\u0307": "dot", "\u030c": "check"}
_OVERLINE, _UNDERLINE = "\u0305", "\u0332"


def kind_of(char: str) -> Kind:
    """Returns the role of a character."""
    if char in _OPEN:
        return Kind.OPEN
    if char in _CLOSE:
        return Kind.CLOSE
    return Kind.BIG if char in _BIG else Kind.OPERATOR


def spacing_of(operator: str) -> tuple[bool, bool]:
    """Returns whether space stands before and after an operator without explicit spacing."""
    if operator in _SEPARATORS:
        return False, True
    if len(operator) != 1 or operator in _UNSPACED or operator in TALL or operator in _BIG:
        return False, False
    relation = unicodedata.category(operator) == "Sm" or "\u2190" <= operator <= "\u21ff" or operator in "·*"
    return relation, relation


def sign(operator: str) -> str:
    """Returns the operator as it is shown."""
    return _LOOKALIKES.get(operator, operator)


@cache
def letter(char: str) -> Letter:
    """Returns a letter as a terminal shows it best: bold by style, not by a special character."""
    name = unicodedata.name(char, "")
    if not name.startswith("MATHEMATICAL ") or any(kind in name for kind in ("DOUBLE-STRUCK", "SCRIPT", "FRAKTUR")):
        slanted = char.isalpha() and char < "\u0400" and not (char > "\u0370" and char.isupper())
        return Letter(_LOOKALIKES.get(char, char), bold=False, slanted=slanted)
    plain = unicodedata.normalize("NFKC", char)
    return Letter(_LOOKALIKES.get(plain, plain), bold=" BOLD" in name, slanted=" ITALIC" in name)


def as_script(text: str, *, up: bool) -> str | None:
    """Returns the text in Unicode superscripts or subscripts. Returns None if a character has none."""
    table = _scripts()[up]
    out = [table.get(char) for char in text if char != " "]
    return None if None in out or len(out) > _LONGEST or _WORD.search(text) else "".join(char for char in out if char)


def with_accent(text: str, accent: str, *, above: bool) -> str | None:
    """Returns the text with an accent above or below. Returns None if that is not possible on one line."""
    if accent in (_UNDERLINE, "_", "\u0331"):
        mark = _OVERLINE if above else _UNDERLINE
    elif accent in ("‾", _OVERLINE):
        mark = _OVERLINE
    else:
        mark = accent if unicodedata.combining(accent[0]) else _ACCENTS.get(accent, "")
    if not mark or (not above and mark != _UNDERLINE):
        return None
    if len([char for char in text if not unicodedata.combining(char)]) == 1:
        return unicodedata.normalize("NFC", text + mark)
    if mark in (_OVERLINE, _UNDERLINE, "\u0304"):
        return "".join(char if char == " " else char + (_OVERLINE if above else mark) for char in text)
    return f"{_NAMES[mark]}({text})" if mark in _NAMES else None


_LONGEST = 12
"""Maximum length of a small script. Longer scripts, and all words, are more readable after `^`."""
_WORD = re.compile(r"[a-zA-Z]{3}")


@cache
def _scripts() -> tuple[dict[str, str], dict[str, str]]:
    """Maps characters to subscripts, and characters to superscripts."""
    down: dict[str, str] = {}
    up = dict(_UPRIGHT_SCRIPTS)
    for code in (0xB2, 0xB3, 0xB9, *range(0x2B0, 0x2B9), *range(0x1D2C, 0x1D6B), *range(0x2070, 0x20A0), 0x2C7C, 0x2C7D):
        kind, _, plain = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in ("<super>", "<sub>") and " " not in plain:
            (up if kind == "<super>" else down).setdefault(chr(int(plain, 16)), chr(code))
    up["β"], up["γ"], up["δ"], up["φ"], up["χ"] = "ᵝᵞᵟᵠᵡ"
    return down, up
