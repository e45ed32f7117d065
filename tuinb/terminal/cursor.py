"""Shapes of the terminal's cursor (DECSCUSR), and the question which one it has (DECRQSS), so that it is given back as found.

Terminals that are not known to have shapes are asked. One that does not answer keeps its cursor hidden: it is painted.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from tuinb.late_pattern import late_pattern

QUESTION: Final = "\x1bP$q q\x1b\\"
_REPLY: Final = late_pattern(r"\x1bP1\$r(\d) q")


class CursorShape(IntEnum):
    """A shape that does not blink, by its number in DECSCUSR."""

    BLOCK = 2
    UNDERLINE = 4
    BAR = 6


def shape(number: int) -> str:
    """Returns what to send for a shape by its number. 0 is the user's own."""
    return f"\x1b[{number} q"


def found(reply: str) -> int | None:
    """Returns the number of the shape that the terminal reports. None if a reply is no such report."""
    match = _REPLY.match(reply)
    return None if match is None else int(match[1])
