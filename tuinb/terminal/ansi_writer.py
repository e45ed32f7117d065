"""Tracks the terminal's cursor and pen, and writes the fewest bytes that change them.

Position and pen are kept from frame to frame; each may be unknown (None). Only sequences that every terminal knows are used.
A line feed is written as carriage return and line feed: with and without output processing, both give column 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.terminal.pens import SEEN_ON_BLANKS

if TYPE_CHECKING:
    from tuinb.terminal.pens import Pen, Pens


class AnsiWriter:
    """Collects one frame."""

    def __init__(self, pens: Pens) -> None:
        self._pens = pens
        self._parts: list[str] = []
        self._pen: Pen | None = None
        self._asked: Pen | None = None
        self._taken: Pen | None = None
        """The pen that was requested last, and the one in force then."""
        self._y: int | None = None
        self._x: int | None = None

    def take(self) -> str:
        """Returns the frame so far. The next one starts empty."""
        text = "".join(self._parts)
        self._parts.clear()
        return text

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def at(self) -> tuple[int | None, int | None]:
        """The row and the column of the cursor, where known."""
        return self._y, self._x

    @property
    def in_force(self) -> Pen | None:
        """The pen in force, where known."""
        return self._pen

    def raw(self, text: str) -> None:
        """Adds a sequence that moves nothing and changes no pen."""
        self._parts.append(text)

    def forget(self) -> None:
        """Forgets cursor and pen, after another program wrote to the terminal."""
        self._pen = self._y = self._x = None

    def placed(self, y: int | None, x: int | None) -> None:
        """Notes where the last sequence left the cursor; None where that is unknown."""
        self._y, self._x = y, x

    def pen(self, number: int) -> None:
        """Switches to pen `number`."""
        asked = self._pens.pens[number]
        if asked is self._asked and self._pen is self._taken:
            return
        text, self._pen = self._pens.transition(self._pen, number)
        self._asked, self._taken = asked, self._pen
        if text:
            self._parts.append(text)

    def has(self, number: int) -> bool:
        """Whether pen `number` is the one in force."""
        return self._pen == self._pens.pens[number]

    def paints(self, text: str, number: int) -> bool:
        """Whether an ASCII character in pen `number` can be written as it is, without another pen."""
        asked, pen = self._pens.pens[number], self._pen
        if pen == asked:
            return True
        is_blank = text == " " and not asked.fg
        return is_blank and pen is not None and not (pen.link or pen.attributes & SEEN_ON_BLANKS) and pen.bg == asked.bg

    def close_link(self) -> None:
        """Ends an open hyperlink."""
        if self._pen is not None and self._pen.link:
            self._parts.append("\x1b]8;;\x1b\\")
            self._pen = self._pen._replace(link="")

    def text(self, text: str, cells: int, width: int) -> None:
        """Writes text that takes `cells` cells on a line of `width`."""
        self._parts.append(text)
        if self._x is not None:
            # At the last column terminals differ in where the cursor is.
            self._x = self._x + cells if self._x + cells < width else None

    def move(self, y: int, x: int) -> None:
        """Moves the cursor to row `y`, column `x`."""
        if self._y == y and self._x == x:
            return
        self._parts.append(shortest_move(self._y, self._x, y, x))
        self._y, self._x = y, x


def shortest_move(from_y: int | None, from_x: int | None, y: int, x: int) -> str:
    """Returns the shortest sequence for a move; `from_*` are None where unknown."""
    best = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"
    if from_y == y:
        for candidate in _along(from_x, x):
            if len(candidate) < len(best):
                best = candidate
    elif from_y is not None:
        down = y - from_y
        vertical = _counted(down, "B") if down > 0 else _counted(-down, "A")
        for along in [""] if from_x == x else _along(from_x, x):
            if len(vertical) + len(along) < len(best):
                best = vertical + along
        if 0 < down <= 3:
            candidate = "\r" + "\n" * down + (_counted(x, "C") if x else "")
            if len(candidate) < len(best):
                best = candidate
    return best


def _along(from_x: int | None, x: int) -> list[str]:
    """Returns sequences that move to column `x` on the same row."""
    ways = [f"\x1b[{x + 1}G" if x else "\r"]
    if from_x is not None:
        step = x - from_x
        if step > 0:
            ways.append(_counted(step, "C"))
        else:
            ways.append("\b" * -step if step >= -4 else _counted(-step, "D"))
    return ways


def _counted(count: int, final: str) -> str:
    return f"\x1b[{count}{final}" if count > 1 else f"\x1b[{final}"
