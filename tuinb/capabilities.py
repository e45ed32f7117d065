"""What the terminal can do. `terminal.probe` fills it in; rendering and the screen diff read it."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final

from tuinb.record import Record

CUBE: Final = (0, 95, 135, 175, 215, 255)
"""Levels of red, green and blue of the colours 16 to 231 in xterm's palette."""


class Colors(IntEnum):
    """Colour depth. A greater value shows more colours."""

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


class Notifications(StrEnum):
    """The sequence that shows a notification of the desktop."""

    NONE = "none"
    OSC9 = "osc9"
    OSC777 = "osc777"


class Capabilities(Record):
    colors: Colors = Colors.TRUE
    unicode: bool = True
    """Whether the locale's encoding is UTF-8."""
    graphics: Graphics = Graphics.BLOCKS
    cell_pixels: tuple[int, int] | None = None
    """Width and height of a character cell in pixels. None if unknown."""
    largest_picture: tuple[int, int] | None = None
    """Width and height in pixels above which the terminal drops a sixel picture. None if there is no limit."""
    clipboard: bool = True
    """Whether to copy to the clipboard with OSC 52."""
    notifications: Notifications = Notifications.NONE
    cursor_shapes: bool = False
    """Whether the terminal's cursor can be a block, a bar or an underline."""
    cursor_found: int = 0
    """The shape that it had before, by its number in DECSCUSR. 0 is the user's own."""
    multiplexer: str = ""
    """`tmux`, `screen` or an empty string."""
    light_background: bool | None = None
    """Whether the terminal's background is light. None if the terminal did not report it."""


@lru_cache(maxsize=8192)
def nearest_256(red: int, green: int, blue: int) -> int:
    """Returns the number of the nearest colour in xterm's palette. Excludes the first 16 colours, which the user can
    redefine.

    Measures the distance to the nearest grey too: rounding each channel alone turns dark tints blue.
    """
    wanted = (red, green, blue)
    levels = [min((abs(level - part), n) for n, level in enumerate(CUBE))[1] for part in wanted]
    shade = max(0, min(23, round((sum(wanted) / 3 - 8) / 10)))
    tint_is_off = sum((CUBE[level] - part) ** 2 for level, part in zip(levels, wanted, strict=True))
    grey_is_off = sum((8 + 10 * shade - part) ** 2 for part in wanted)
    return 232 + shade if grey_is_off < tint_is_off else 16 + 36 * levels[0] + 6 * levels[1] + levels[2]
