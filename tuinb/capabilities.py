"""What the terminal can do, as frozen data: filled in by terminal.probe, handed to render and to the screen diff."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


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
    kitty_keyboard: bool = False
    clipboard: bool = True
    """Whether OSC 52 is worth sending."""
    multiplexer: str = ""
    """`tmux`, `screen` or an empty string."""
    light_background: bool | None = None
    """Whether the terminal's own background is light; None where it has not said."""
