"""What the terminal can do, as frozen data: filled in by terminal.probe, handed to render and to the screen diff."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

CUBE: Final = (0, 95, 135, 175, 215, 255)
"""The levels of red, green and blue in the colours 16 to 231 of xterm's palette."""


class Colors(IntEnum):
    """Colour depth; compares by how much it can show."""

    NONE = 0
    ANSI16 = 16
    ANSI256 = 256
    TRUE = 1 << 24


class Graphics(StrEnum):
    NONE = "none"
    BLOCKS = "blocks"
    SIXEL = "sixel"
    ITERM = "iterm"
    KITTY = "kitty"


@dataclass(frozen=True, slots=True)
class Capabilities:
    colors: Colors = Colors.TRUE
    unicode: bool = True
    """Whether the locale's encoding is UTF-8."""
    graphics: Graphics = Graphics.BLOCKS
    cell_pixels: tuple[int, int] | None = None
    """Width and height of one character cell in pixels, where known."""
    largest_picture: tuple[int, int] | None = None
    """Width and height in pixels beyond which a sixel picture is dropped, where there is such a limit."""
    clipboard: bool = True
    """Whether OSC 52 is worth sending."""
    multiplexer: str = ""
    """`tmux`, `screen` or an empty string."""
    light_background: bool | None = None
    """Whether the terminal's own background is light; None where it has not said."""


@lru_cache(maxsize=8192)
def nearest_256(red: int, green: int, blue: int) -> int:
    """The number of the colour of xterm's palette that comes nearest; not one of the first sixteen, which are the user's own.

    Rounding alone makes dark tints blue.
    """
    wanted = (red, green, blue)
    levels = [min((abs(level - part), n) for n, level in enumerate(CUBE))[1] for part in wanted]
    shade = max(0, min(23, round((sum(wanted) / 3 - 8) / 10)))
    tint_is_off = sum((CUBE[level] - part) ** 2 for level, part in zip(levels, wanted, strict=True))
    grey_is_off = sum((8 + 10 * shade - part) ** 2 for part in wanted)
    return 232 + shade if grey_is_off < tint_is_off else 16 + 36 * levels[0] + 6 * levels[1] + levels[2]
