"""Shapes of the terminal's cursor (DECSCUSR), and the question which one it has (DECRQSS), so that it is given back as found.

Terminals that are not known to have shapes are asked. One that does not answer keeps its cursor hidden: it is painted.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

from tuinb.late_pattern import late_pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

QUESTION: Final = "\x1bP$q q\x1b\\"
_REPLY: Final = late_pattern(r"\x1bP1\$r(\d) q")
_TERMS: Final = ("kitty", "ghostty", "alacritty", "foot", "wezterm", "contour", "rio", "iterm", "tmux")
_PROGRAMS: Final = frozenset(
    {"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "mintty", "rio", "WarpTerminal", "Apple_Terminal"}
)
_VARIABLES: Final = ("VTE_VERSION", "XTERM_VERSION", "KONSOLE_VERSION", "WT_SESSION", "TMUX")
"""Variables that such terminals set."""


class CursorShape(IntEnum):
    """A shape that does not blink, by its number in DECSCUSR."""

    BLOCK = 2
    UNDERLINE = 4
    BAR = 6


def is_known(environ: Mapping[str, str]) -> bool:
    """Returns whether the environment tells that the terminal has shapes. GNU screen, within another one, does not."""
    term = environ.get("TERM", "").lower()
    if term in ("linux", "dumb", "") or term.startswith("screen") or environ.get("STY"):
        return bool(environ.get("TMUX")) and not environ.get("STY")
    return (
        any(name in term for name in _TERMS)
        or environ.get("TERM_PROGRAM") in _PROGRAMS
        or any(environ.get(name) for name in _VARIABLES)
    )


def shape(number: int) -> str:
    """Returns what to send for a shape by its number. 0 is the user's own."""
    return f"\x1b[{number} q"


def found(reply: str) -> int | None:
    """Returns the number of the shape that the terminal reports. None if a reply is no such report."""
    match = _REPLY.match(reply)
    return None if match is None else int(match[1])
