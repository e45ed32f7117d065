"""Splits text into the cells that it takes on a terminal, and checks it a last time before it is sent.

Each cell holds one grapheme whose width is the same on every terminal; the second half of a wide one is an empty string.
Control characters and bidi controls become U+FFFD. A grapheme whose width differs between terminals is reduced to a part that
has one width, and padded: a joined emoji to its first part, a flag to its letters. Widths are rich's, because Textual laid the
screen out with them.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len, get_character_cell_size

from tuinb.terminal.pictures import PLACEHOLDER

REPLACEMENT: Final = "\ufffd"
MAX_MARKS: Final = 8
"""Combining marks kept on one character. More of them would overflow the height of the line."""

_JOINER: Final = "\u200d"
_EMOJI_SELECTOR: Final = "\ufe0f"
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FIRST_FLAG_LETTER: Final = 0x1F1E6
_ASCII_ART: Final = {
    **dict.fromkeys("─━┄┅┈┉═╌╍╴╶╸╺▔▁\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("│┃┆┇┊┋║╎╏╵╷╹╻▏▎▍▌▐▕", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╯╰┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬", "+"),
    **dict.fromkeys("█▉▊▋▓▒░▀▄■", "#"),
    **dict.fromkeys("•·●◦▪", "*"),
    **dict.fromkeys("▶►▸→»\u276f\u203a", ">"),
    **dict.fromkeys("◀◄◂←«\u276e\u2039", "<"),
    **dict.fromkeys("▲▴↑", "^"),
    **dict.fromkeys("▼▾↓", "v"),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u201c\u201d", '"'),
    "…": ".",
    "✓": "+",
    "✗": "x",
    "\u00d7": "x",
}


@lru_cache(maxsize=4096)
def split_cells(text: str, unicode: bool = True) -> tuple[str, ...]:
    """Returns the cells that `text` takes; in ASCII for a terminal without UTF-8 (`unicode` false)."""
    cells: list[str] = []
    joined = False
    marks = 0
    base = ""
    for char in text:
        if char == _JOINER:
            joined = bool(cells)
            continue
        if joined:
            joined = False
            continue
        if char == "\xa0" and cells and _spills(cells[-1]):
            cells.append("")
            continue
        if char == _EMOJI_SELECTOR and base:
            cells += [" "] * (cell_len(base + char) - cell_len(base))
            base = ""
            continue
        width = get_character_cell_size(char)
        if width == 0 and cells and unicodedata.category(char) in ("Mn", "Me", "Mc") and not _is_selector(char):
            marks += 1
            if unicode and marks <= MAX_MARKS:
                lead = -1 if cells[-1] else -2
                cells[lead] += char
            continue
        marks = 0
        base = char if width else base
        cells += _plain_cells(char, width, unicode)
    return tuple(cells)


@lru_cache(maxsize=4096)
def is_doubtful(cell: str) -> bool:
    """Whether terminals move the cursor by different widths for this cell, so that it must be placed again after it."""
    return len(cell) > 1 and any(unicodedata.category(mark) != "Mn" or not unicodedata.combining(mark) for mark in cell[1:])


def _spills(cell: str) -> bool:
    """Whether a combining mark of the cell takes a column of its own on some terminals."""
    return any(unicodedata.category(mark) == "Mc" for mark in cell[1:])


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


@lru_cache(maxsize=4096)
def _plain_cells(char: str, width: int, unicode: bool) -> tuple[str, ...]:
    """Returns the cells of one character; none if it is invisible and harmless."""
    if " " <= char <= "~":
        return (char,)
    if char == "\xa0":
        return (" ",)
    category = unicodedata.category(char)
    if category in ("Cc", "Cs", "Zl", "Zp") or char in _BIDI or char == PLACEHOLDER:
        return _padded(REPLACEMENT if unicode else "?", max(width, 1))
    if width == 0:
        return ()
    if not unicode:
        return _padded(_ASCII_ART.get(char, "?"), width)
    if 0 <= ord(char) - _FIRST_FLAG_LETTER < 26:
        return _padded(chr(ord("A") + ord(char) - _FIRST_FLAG_LETTER), width)
    wide = unicodedata.east_asian_width(char) in ("W", "F")
    if category == "Cf" or (category == "Cn" and not wide) or width != (2 if wide else 1):
        return _padded(REPLACEMENT, width)
    return (char, "") if wide else (char,)


def _padded(char: str, width: int) -> tuple[str, ...]:
    return (char, *([" "] * (width - 1)))
