"""Questions to the terminal after the first paint, and what its answers change.

Nothing waits for an answer: it is used whenever it comes. A terminal that answers nothing keeps the capabilities that its
environment gave it. Kitty images are sent only to terminals known to draw Unicode placeholders: several know the rest of that
protocol and would show boxes. Inside tmux the terminal around it is asked by passthrough. If tmux blocks passthrough, no answer
comes, and images would not get through either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tuinb.capabilities import Graphics
from tuinb.terminal import cursor, probe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.capabilities import Capabilities

KITTY_QUERY_ID: Final = 31
LEAST_KITTY: Final = (0, 28)
"""The first kitty that knows Unicode placeholders."""
_KITTY_QUERY: Final = f"\x1b_Gi={KITTY_QUERY_ID},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_VERSION: Final = "\x1b[>q"
CELL_PIXELS: Final = "\x1b[16t"
_WINDOW_PIXELS: Final = "\x1b[14t"
_BACKGROUND: Final = "\x1b]11;?\x1b\\"
_LARGEST_CELL: Final = 256
_XTERM_LARGEST: Final = (1000, 1000)
"""xterm's default maxGraphicSize. It is not asked for: other terminals might scroll on that question."""
_SIXEL: Final = "4"
"""The device attribute of terminals that draw sixels."""

_KITTY_REPLY: Final = re.compile(r"\x1b_Gi=(\d{1,10})[^;]*;(.*)", re.DOTALL)
_PIXELS_REPLY: Final = re.compile(r"\x1b\[([46]);(\d{1,5});(\d{1,5})t")
_COLOUR_REPLY: Final = re.compile(r"\x1b\]11;(?:rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})|#([0-9a-f]{6}))", re.I)
_NUMBERED: Final = re.compile(r"(\d{1,6})\.(\d{1,6})")


def passthrough(text: str) -> str:
    """Wraps sequences so that tmux passes them on to the terminal around it."""
    return f"\x1bPtmux;{text.replace(chr(27), chr(27) * 2)}\x1b\\"


def questions(environ: Mapping[str, str], known: Capabilities) -> str:
    """Returns the questions to send; none to a terminal that would show a question instead of answering it."""
    if environ.get("TERM", "").startswith("linux") or known.multiplexer == "screen":
        return ""
    if known.multiplexer == "tmux":
        return _BACKGROUND + CELL_PIXELS + _WINDOW_PIXELS + passthrough(_VERSION)
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return _BACKGROUND
    return _BACKGROUND + CELL_PIXELS + _WINDOW_PIXELS + _VERSION + _KITTY_QUERY + cursor.QUESTION


def kitty_error(sequence: str) -> int | None:
    """Returns the id of the image that a kitty terminal reports an error about; None if the reply is no such report."""
    reply = _KITTY_REPLY.match(sequence)
    if reply is None or reply[2] == "OK" or int(reply[1]) == KITTY_QUERY_ID:
        return None
    return int(reply[1])


@dataclass(slots=True)
class Answers:
    """The answers so far."""

    kitty: bool = False
    """Whether it takes kitty's images."""
    sixel: bool = False
    version: str = ""
    """As XTVERSION gives it: `kitty(0.35.2)`, `XTerm(379)`, `WezTerm 20240203`."""
    cell: tuple[int, int] | None = None
    """Width and height of a cell in pixels."""
    window: tuple[int, int] | None = None
    """Width and height of all cells together in pixels."""
    light: bool | None = None
    cursor: int | None = None
    """The shape of its cursor, by its number in DECSCUSR."""

    def take(self, sequence: str) -> bool:
        """Stores a reply. Returns whether it answers one of the questions."""
        if sequence.startswith("\x1bP>|"):
            self.version = sequence[4:]
        elif sequence.startswith("\x1b[?") and sequence.endswith("c"):
            self.sixel = _SIXEL in sequence[3:-1].split(";")[1:]
        elif kitty := _KITTY_REPLY.match(sequence):
            if int(kitty[1]) != KITTY_QUERY_ID:
                return False
            self.kitty = kitty[2] == "OK"
        elif pixels := _PIXELS_REPLY.fullmatch(sequence):
            size = int(pixels[3]), int(pixels[2])
            if pixels[1] == "6":
                self.cell = size
            else:
                self.window = size
        elif colour := _COLOUR_REPLY.match(sequence):
            self.light = _is_light(colour)
        elif (shape := cursor.found(sequence)) is not None:
            self.cursor = shape
        else:
            return False
        return True


def settled(known: Capabilities, answers: Answers, size: tuple[int, int], *, chosen: bool) -> Capabilities:
    """Returns the capabilities by the answers. `size`: columns and rows; `chosen`: the user chose how images are shown."""
    cell = known.cell_pixels
    if answers.cell is not None and _is_cell(answers.cell):
        cell = answers.cell
    elif cell is None and answers.window is not None and all(size):
        told = answers.window[0] // size[0], answers.window[1] // size[1]
        cell = told if _is_cell(told) else None
    light = known.light_background if answers.light is None else answers.light
    graphics = known.graphics if chosen or known.graphics is Graphics.NONE else _graphics(known, answers)
    notifications = probe.notifications(_name(answers)) if answers.version else known.notifications
    largest = _XTERM_LARGEST if _name(answers) == "xterm" else known.largest_picture
    return replace(
        known,
        cell_pixels=cell,
        light_background=light,
        graphics=graphics,
        largest_picture=largest,
        notifications=notifications,
        cursor_shapes=known.cursor_shapes or answers.cursor is not None,
        cursor_found=known.cursor_found if answers.cursor is None else answers.cursor,
    )


def _name(answers: Answers) -> str:
    return re.split(r"[ (]", answers.version, maxsplit=1)[0].lower()


def _graphics(known: Capabilities, answers: Answers) -> Graphics:
    name = _name(answers)
    if name in ("kitty", "ghostty"):
        number = _NUMBERED.search(answers.version)
        new = name == "ghostty" or (number is not None and (int(number[1]), int(number[2])) >= LEAST_KITTY)
        # tmux reduces an id that is sent as a colour to its palette, unless it knows the terminal around it for true colour.
        reached = answers.kitty if not known.multiplexer else known.colors > 256
        return Graphics.KITTY if new and reached else Graphics.BLOCKS
    if known.multiplexer:
        return Graphics.BLOCKS
    if name in ("iterm2", "wezterm"):
        return Graphics.ITERM
    if known.graphics is Graphics.ITERM and not name:
        return Graphics.ITERM
    if answers.sixel:
        return Graphics.SIXEL
    return Graphics.BLOCKS if name and known.graphics is not Graphics.SIXEL else known.graphics


def _is_cell(size: tuple[int, int]) -> bool:
    return all(1 < pixels <= _LARGEST_CELL for pixels in size)


def _is_light(colour: re.Match[str]) -> bool:
    if colour[4]:
        parts = [int(colour[4][i : i + 2], 16) / 255 for i in (0, 2, 4)]
    else:
        parts = [int(part, 16) / (16 ** len(part) - 1) for part in colour.groups()[:3]]
    red, green, blue = parts
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
