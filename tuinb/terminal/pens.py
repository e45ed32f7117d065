"""Turns each rich Style into a Pen (SGR) for one terminal's colours. Pens are interned as small integers.

A Pen holds SGR parameters reduced to what the terminal can show: two styles that look the same there are one pen and cost no
byte between them. The ids of kitty's images, which are sent as colours, stay exact. A blank cell has a pen with an empty `fg`:
only its background is visible, so it is written in the current foreground. Blinking and concealed text are not allowed.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.color import Color, ColorSystem, ColorType

from tuinb.capabilities import CUBE, Capabilities, Colors, nearest_256
from tuinb.terminal.pictures import Mark, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.style import Style

BOLD: Final = 1
DIM: Final = 2
ITALIC: Final = 4
UNDERLINE: Final = 8
REVERSE: Final = 16
STRIKE: Final = 32
SEEN_ON_BLANKS: Final = UNDERLINE | REVERSE | STRIKE

LINK_SCHEMES: Final = ("http://", "https://", "file://")
LINK_LIMIT: Final = 2000
STYLE_CACHE: Final = 8192
TRANSITION_CACHE: Final = 16384
MOST_PENS: Final = 16384
"""Number of pens above which unused ones are dropped. A picture made of blocks has a pen for each cell."""

_ON: Final = ((BOLD, "1"), (DIM, "2"), (ITALIC, "3"), (UNDERLINE, "4"), (REVERSE, "7"), (STRIKE, "9"))
_OFF: Final = ((ITALIC, "23"), (UNDERLINE, "24"), (REVERSE, "27"), (STRIKE, "29"))
_EXACT_256: Final[dict[tuple[int, int, int], int]] = {
    **{(8 + 10 * n, 8 + 10 * n, 8 + 10 * n): 232 + n for n in range(24)},
    **{(r, g, b): 16 + n for n, (r, g, b) in enumerate(product(CUBE, CUBE, CUBE)) if n > 5},
}
"""Colours of the xterm palette that are the same on all terminals, by red, green and blue. Some themes set 16 to 21."""


class Pen(NamedTuple):
    """The SGR parameters and the link (OSC 8) of a cell. An empty `fg` allows any foreground."""

    fg: str = "39"
    bg: str = "49"
    attributes: int = 0
    link: str = ""


DEFAULT: Final = Pen()
BLANK: Final = Pen(fg="")


def _transition(current: Pen | None, wanted: Pen) -> tuple[str, Pen]:
    """Returns the shortest sequence from one pen to another, and the pen that is then in force."""
    if current is None:
        whole, after = _from_reset(wanted)
        return "\x1b]8;;\x1b\\" + whole + (_link(wanted.link) if wanted.link else ""), after
    fg, attributes = wanted.fg, wanted.attributes
    if not fg:
        fg = current.fg
        attributes = current.attributes & ~SEEN_ON_BLANKS
    link = _link(wanted.link) if wanted.link != current.link else ""
    parameters = _attribute_changes(current.attributes, attributes) if attributes != current.attributes else []
    if fg != current.fg:
        parameters.append(fg)
    if wanted.bg != current.bg:
        parameters.append(wanted.bg)
    if not parameters:
        return link, current._replace(link=wanted.link)
    changes = f"\x1b[{';'.join(parameters)}m"
    if fg != "39" and wanted.bg != "49" and attributes == current.attributes:
        return link + changes, Pen(fg, wanted.bg, attributes, wanted.link)  # a reset would not be shorter
    whole, after = _from_reset(wanted)
    if len(whole) < len(changes):
        return link + whole, after
    return link + changes, Pen(fg, wanted.bg, attributes, wanted.link)


def _from_reset(wanted: Pen) -> tuple[str, Pen]:
    parameters = [code for bit, code in _ON if wanted.attributes & bit]
    if wanted.fg not in ("", "39"):
        parameters.append(wanted.fg)
    if wanted.bg != "49":
        parameters.append(wanted.bg)
    text = f"\x1b[;{';'.join(parameters)}m" if parameters else "\x1b[m"
    return text, wanted._replace(fg=wanted.fg or "39")


def _attribute_changes(old: int, new: int) -> list[str]:
    gone, came = old & ~new, new & ~old
    parameters = []
    if gone & (BOLD | DIM):
        parameters.append("22")
        came |= new & (BOLD | DIM)
    parameters += [code for bit, code in _OFF if gone & bit]
    return parameters + [code for bit, code in _ON if came & bit]


def _link(target: str) -> str:
    return f"\x1b]8;;{target}\x1b\\"


def is_short(color: int) -> bool:
    """Whether a colour (0xRRGGBB) is in the palette, and so is written by its number."""
    return (color >> 16, color >> 8 & 255, color & 255) in _EXACT_256


def safe_link(target: str | None) -> str:
    """Returns the link if it may be opened (http, https, file) and can't end its own escape sequence, else an empty string."""
    if not target or len(target) > LINK_LIMIT or not target.lower().startswith(LINK_SCHEMES):
        return ""
    return target if target.isascii() and target.isprintable() and " " not in target else ""


class Pens:
    """The table of pens of one terminal."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._colors = capabilities.colors
        # GNU screen erases to the default background, not to the current one.
        self.erases_in_colour = capabilities.multiplexer != "screen"
        self.pens: list[Pen] = [BLANK]
        """Pens by number; 0 is a blank on the default background."""
        self.blank: list[int] = [0]
        """Pen number → number of the pen for the blanks in its text."""
        self._numbers: dict[Pen, int] = {BLANK: 0}
        self._styles: dict[Style | None, tuple[int, int, Mark | None]] = {}
        self._transitions: dict[tuple[Pen | None, int], tuple[str, Pen]] = {}

    def of(self, style: Style | None) -> tuple[int, int, Mark | None]:
        """Returns the pen numbers for a style's text and for the blanks in it, and the mark in the style, if any."""
        known = self._styles.get(style)
        if known is not None:
            return known
        if len(self._styles) >= STYLE_CACHE:
            self._styles.clear()  # styles carry positions as meta data, so their number has no limit
        pen = self._pen(style)
        mark = None if style is None else mark_of(style)
        if mark is not None and mark.exact and style is not None and style.color is not None:
            pen = Pen(";".join(style.color.get_ansi_codes()), pen.bg)
        number = self._intern(pen)
        self._styles[style] = found = (number, self.blank[number], mark)
        return found

    def transition(self, current: Pen | None, wanted: int) -> tuple[str, Pen]:
        """Returns the shortest sequence from pen `current` (None: unknown) to pen number `wanted`, and the new pen."""
        key = (current, wanted)
        found = self._transitions.get(key)
        if found is None:
            if len(self._transitions) >= TRANSITION_CACHE:
                self._transitions.clear()
            found = self._transitions[key] = _transition(current, self.pens[wanted])
        return found

    def compact(self, used: Iterable[list[int]]) -> None:
        """Drops all pens that the given lists do not hold, and renumbers the lists in place."""
        old = self.pens
        self.pens, self.blank, self._numbers = [BLANK], [0], {BLANK: 0}
        self._styles.clear()
        self._transitions.clear()
        renumbered: dict[int, int] = {}
        for numbers in used:
            for number in set(numbers) - renumbered.keys():
                renumbered[number] = self._intern(old[number])
            numbers[:] = map(renumbered.__getitem__, numbers)

    def is_plain_blank(self, number: int) -> bool:
        """Whether erasing to this pen's background looks the same as a blank written with it."""
        return not self.pens[number].fg

    def can_erase(self, number: int) -> bool:
        """Whether erasing in this pen gives what its blanks look like on this terminal."""
        return self.is_plain_blank(number) and (self.erases_in_colour or self.pens[number].bg == DEFAULT.bg)

    def _intern(self, pen: Pen) -> int:
        number = self._numbers.get(pen)
        if number is None:
            number = self._numbers[pen] = len(self.pens)
            self.pens.append(pen)
            self.blank.append(number)
            if pen.fg and not pen.attributes & SEEN_ON_BLANKS:
                self.blank[number] = self._intern(Pen(fg="", bg=pen.bg))
        return number

    def _pen(self, style: Style | None) -> Pen:
        if style is None:
            return DEFAULT
        attributes = 0
        for bit, on in (
            (BOLD, style.bold),
            (DIM, style.dim),
            (ITALIC, style.italic),
            (UNDERLINE, style.underline or style.underline2),
            (REVERSE, style.reverse),
            (STRIKE, style.strike),
        ):
            if on:
                attributes |= bit
        fg = self._color(style.color, foreground=True)
        bg = self._color(style.bgcolor, foreground=False)
        if style.color is not None and style.color != style.bgcolor and fg != "39" and _background_of(fg) == bg:
            fg = _contrasting(fg, style.color)
        return Pen(fg, bg, attributes, safe_link(style.link))

    def _color(self, color: Color | None, *, foreground: bool) -> str:
        default = "39" if foreground else "49"
        if color is None or self._colors is Colors.NONE or color.type is ColorType.DEFAULT:
            return default
        if color.triplet is not None and color.type is ColorType.TRUECOLOR and self._colors > Colors.ANSI16:
            kind = "38" if foreground else "48"
            exact = _EXACT_256.get(color.triplet)
            if exact is None and self._colors is Colors.ANSI256:
                exact = nearest_256(*color.triplet)
            return f"{kind};2;{';'.join(map(str, color.triplet))}" if exact is None else f"{kind};5;{exact}"
        if self._colors is Colors.ANSI16:
            color = color.downgrade(ColorSystem.STANDARD)
        return ";".join(color.get_ansi_codes(foreground))


def _background_of(fg: str) -> str:
    """Returns the background parameters for the colour of foreground parameters."""
    head, _, rest = fg.partition(";")
    return f"{int(head) + 10};{rest}" if rest else str(int(head) + 10)


def _contrasting(fg: str, color: Color) -> str:
    """Returns black or white for text that was reduced to the colour of its background."""
    red, green, blue = color.get_truecolor()
    light = red * 299 + green * 587 + blue * 114 > 127_000
    black, white = ("38;5;232", "38;5;231") if ";" in fg else ("30", "97")
    return white if light and fg != white else black if fg != black else white
