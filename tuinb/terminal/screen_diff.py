"""Computes the fewest bytes from the screen that the terminal shows (the shadow) to the screen that is wanted.

A line is a list of graphemes and a list of pen numbers, so that unchanged lines are compared at C speed. A frame is made in
passes over the shadow: rows that moved are scrolled by the terminal; text that moved sideways is shifted; long blanks are
erased; the other differences are painted, from left to right when little changed, else pen by pen (a colour costs 11 to 19
bytes, a cursor movement 3 to 7). Before that, pictures over cells that change or move are erased: terminals differ in how they
treat pixels that are scrolled or partly overwritten. Invariant: after `render` the shadow equals the wanted screen and the
screen of a terminal that received all frames. Nothing here does I/O. Only sequences that every terminal knows are used: no REP,
SU, SD, and no colons in SGR.
"""

from __future__ import annotations

from itertools import compress
from operator import ne, or_
from typing import TYPE_CHECKING, Final

from tuinb.terminal.ansi_writer import AnsiWriter
from tuinb.terminal.cells import split_cells
from tuinb.terminal.cursor import CursorShape, shape
from tuinb.terminal.painting import erasures, paint
from tuinb.terminal.pens import DEFAULT, MOST_PENS, Pens
from tuinb.terminal.pictures import Mark, Marks, Picture, Placed, placeholder_cells
from tuinb.terminal.scrolling import Line, Scroll, find_scroll
from tuinb.terminal.shifting import shift_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.segment import Segment

    from tuinb.capabilities import Capabilities

MANY_ROWS: Final = 3
"""Fewest changed rows for which rows that moved are searched."""
MOST_SCROLLS: Final = 3
SYNCHRONISED_FROM: Final = 200
"""Fewest bytes of a frame that is worth the 16 bytes of synchronised output."""


class ScreenDiff:
    """One terminal's screen."""

    def __init__(self, width: int, height: int, capabilities: Capabilities) -> None:
        self._pens = Pens(capabilities)
        self._unicode = capabilities.unicode
        self._writer = AnsiWriter(self._pens)
        self._parked: tuple[int, int] | None = None
        self._marks = Marks()
        self._laid: set[Placed] = set()
        """Pictures that are laid over their cells."""
        self.cursor: tuple[int, int] | None = None
        """Row and column for the terminal's cursor, which input methods follow; None for any place."""
        self.cursor_shape: CursorShape | None = None
        """The shape in which the cursor is shown; None hides it."""
        self._shown_shape: CursorShape | None = None
        self._shaped = False
        """Whether the terminal's cursor may have another shape than before."""
        self.resize(width, height)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        return self._width, self._height

    def resize(self, width: int, height: int) -> None:
        """Changes the size. The wanted screen is blank, and the shadow is unknown."""
        self._width, self._height = width, height
        self._wanted: list[Line] = [self._blank_line() for _ in range(height)]
        self._shown: list[Line] = [self._blank_line() for _ in range(height)]
        self._touched: set[int] = set()
        self._marks.clear()
        self.invalidate()

    @property
    def lost(self) -> bool:
        """Whether the next frame clears and paints all."""
        return self._unknown

    def invalidate(self) -> None:
        """Makes the shadow unknown: the next frame clears and paints all."""
        self._unknown = True

    def put(self, y: int, x: int, segments: Iterable[Segment], end: int | None = None) -> None:
        """Places segments on row `y` from column `x` on, cut at column `end` (by default, the screen's width)."""
        end = self._width if end is None else min(end, self._width)
        if not 0 <= y < self._height or not 0 <= x < end:
            return
        graphemes, pens, marks = self._cells(segments)
        room = end - x
        if len(graphemes) > room:
            del graphemes[room:], pens[room:]
            if _is_wide(graphemes[-1]):
                graphemes[-1] = " "
        if not graphemes:
            return
        stop = x + len(graphemes)
        self._marks.put(y, x, stop, [(x + at, mark) for at, mark in marks])
        line, line_pens = self._wanted[y]
        if not line[x] and graphemes[0]:
            line[x - 1] = " "  # half of a wide character is not shown
        if stop < self._width and not line[stop]:
            line[stop] = " "
        line[x:stop] = graphemes
        line_pens[x:stop] = pens
        self._touched.add(y)

    def render(self, *, synchronised: bool = False) -> str:
        """Returns what to send so that the terminal shows the wanted screen; empty if it does already."""
        writer = self._writer
        if len(self._pens.pens) > MOST_PENS:
            self._pens.compact(pens for screen in (self._wanted, self._shown) for _, pens in screen)
        if self._unknown:
            self._clear()
        self._lift()
        changed = [y for y in sorted(self._touched) if self._wanted[y] != self._shown[y]]
        self._touched.clear()
        if changed:
            self._update(changed)
        rest = self._rest()
        if rest is not None and (writer or rest != self._parked):
            writer.move(*rest)
        self._parked = rest
        writer.close_link()
        # A long frame would show how the cursor jumps.
        jumps = len(writer) >= SYNCHRONISED_FROM and not synchronised
        before, after = self._shape_cursor(jumps=jumps)
        frame = before + writer.take() + after
        if synchronised and len(frame) >= SYNCHRONISED_FROM:
            return f"\x1b[?2026h{frame}\x1b[?2026l"
        return frame

    def _shape_cursor(self, *, jumps: bool) -> tuple[str, str]:
        """Returns what to send before and after a frame, so that the cursor has its shape. `jumps` hides it meanwhile."""
        wanted, shown = self.cursor_shape, self._shown_shape
        self._shown_shape = wanted
        hides = shown is not None and (wanted is None or jumps)
        after = ""
        if wanted is not None:
            after = (shape(wanted) if wanted is not shown else "") + ("\x1b[?25h" if shown is None or hides else "")
            self._shaped = True
        return "\x1b[?25l" if hides else "", after

    def give_cursor_back(self, found: int) -> str:
        """Returns what to send so that the cursor is hidden, as at the start, and has the shape that was found."""
        hidden = "\x1b[?25l" if self._shown_shape is not None else ""
        shaped, self._shaped, self._shown_shape = self._shaped, False, None
        return hidden + (shape(found) if shaped else "")

    def _rest(self) -> tuple[int, int] | None:
        """Returns the cell nearest to `cursor`, which may be outside of the screen."""
        if self.cursor is None:
            return None
        row, column = self.cursor
        return max(0, min(row, self._height - 1)), max(0, min(column, self._width - 1))

    # ---- pictures

    def seen(self) -> set[Picture]:
        """Returns the pictures of which a row is on the wanted screen."""
        return self._marks.seen()

    def bare(self) -> set[Placed]:
        """Returns the pictures that are whole, whose cells are on the terminal, and that are not laid yet.

        None reaches the last row, where the sequence may make a terminal scroll.
        """
        whole = () if self._unknown else self._marks.whole() - self._laid
        return {placed for placed in whole if placed.bottom < self._height and self._is_there(placed)}

    def lay(self, placed: Placed, payload: str) -> str:
        """Returns what to send to lay a picture over its cells. The cursor and the pen do not change.

        The cells under it are erased: where a cell is 9.03 pixels wide, as in browsers, blocks would show at its edges.
        """
        self._laid.add(placed)
        columns = placed.picture.columns
        behind = self._pens.pens[self._shown[placed.y][1][placed.x - 1]].bg if placed.x else DEFAULT.bg
        blank = f"\x1b[{columns}X" if self._pens.erases_in_colour or behind == DEFAULT.bg else " " * columns
        erased = "".join(f"\x1b[{y + 1};{placed.x + 1}H{blank}" for y in range(placed.y, placed.bottom))
        return f"\x1b7\x1b[;{behind}m{erased}\x1b[{placed.y + 1};{placed.x + 1}H{payload}\x1b8"

    def _lift(self) -> None:
        """Erases the pictures whose cells change, or that moved."""
        whole = self._marks.whole() if self._laid else set()
        for placed in sorted(self._laid):
            rows = range(placed.y, placed.bottom)
            if placed in whole and self._is_there(placed):
                continue
            self._laid.discard(placed)
            for y in rows:
                self._writer.pen(0)
                self._writer.move(y, placed.x)
                self._writer.raw(f"\x1b[{placed.picture.columns}X")
                texts, pens = self._shown[y]
                texts[placed.x : placed.right] = [" "] * placed.picture.columns
                pens[placed.x : placed.right] = [0] * placed.picture.columns
            self._touched.update(rows)

    def _is_there(self, placed: Placed) -> bool:
        """Whether the cells of a picture are the same on the terminal and on the wanted screen."""
        cells = slice(placed.x, placed.right)
        for y in range(placed.y, placed.bottom):
            (texts, pens), (shown, shown_pens) = self._wanted[y], self._shown[y]
            if texts[cells] != shown[cells] or pens[cells] != shown_pens[cells]:
                return False
        return True

    def _is_free(self, top: int, bottom: int) -> bool:
        """Whether no picture lies over these rows, both included."""
        return all(placed.y > bottom or placed.bottom <= top for placed in self._laid)

    # ---- cells

    def _blank_line(self) -> Line:
        return [" "] * self._width, [0] * self._width

    def _cells(self, segments: Iterable[Segment]) -> tuple[list[str], list[int], list[tuple[int, Mark]]]:
        graphemes: list[str] = []
        pens: list[int] = []
        marks: list[tuple[int, Mark]] = []
        pen_of = self._pens.of
        for text, style, control in segments:
            if control:
                continue
            pen, blank, mark = pen_of(style)
            cells: str | tuple[str, ...] = text
            if mark is not None:
                marks.append((len(graphemes), mark))
            if mark is not None and mark.exact:
                cells = placeholder_cells(text)
            elif not (text.isascii() and text.isprintable()):
                cells = split_cells(text, self._unicode)
            graphemes += cells
            if pen == blank or " " not in cells:
                pens += [pen] * len(cells)
            elif cells is text and text.isspace():
                pens += [blank] * len(cells)
            else:
                pens += [blank if grapheme == " " else pen for grapheme in cells]
        return graphemes, pens, marks

    def _clear(self) -> None:
        writer = self._writer
        writer.forget()
        # Another program may have set margins and pen. All terminals erase alike in the default background.
        writer.raw("\x1b[r")
        writer.pen(0)
        writer.raw("\x1b[H\x1b[2J")
        writer.placed(0, 0)
        self._laid.clear()
        self._shown = [self._blank_line() for _ in range(self._height)]
        self._touched.update(range(self._height))
        self._unknown = False
        self._parked = None

    def _update(self, changed: list[int]) -> None:
        """Makes the rows that differ equal to the wanted ones, in the shadow and on the terminal."""
        writer, wanted, shown = self._writer, self._wanted, self._shown
        if len(changed) >= MANY_ROWS:
            changed = self._scroll(changed)
        rows = {y: _differences(wanted[y], shown[y]) for y in changed}
        free = {y: columns for y, columns in rows.items() if self._is_free(y, y)}
        if len(rows) <= MANY_ROWS:
            for y, columns in free.items():
                if shift_row(writer, self._pens, y, columns, wanted[y], shown[y]):
                    free[y] = _differences(wanted[y], shown[y])
        erased = erasures(self._pens, free, wanted, shown)
        paint(writer, self._pens, erased, rows | free, wanted, self._rest())
        for y in changed:
            line, pens = wanted[y]
            shown[y] = (line[:], pens[:])

    def _scroll(self, changed: list[int]) -> list[int]:
        """Scrolls blocks of rows that moved. Returns the rows that differ after that."""
        for _ in range(MOST_SCROLLS):
            scroll = find_scroll(self._wanted, self._shown, changed)
            if scroll is None or not self._is_free(scroll.top, scroll.bottom):
                break
            self._apply(scroll)
            changed = [y for y in range(self._height) if self._wanted[y] != self._shown[y]]
            if len(changed) < MANY_ROWS:
                break
        return changed

    def _apply(self, scroll: Scroll) -> None:
        writer = self._writer
        top, bottom, by = scroll
        whole = top == 0 and bottom == self._height - 1
        writer.pen(0)  # only some terminals give exposed rows the current background; the default one is the same on all
        if not whole:
            writer.raw(f"\x1b[{top + 1};{bottom + 1}r")
            writer.placed(0, 0)
        if by > 0:
            writer.move(bottom, 0)
            writer.raw("\n" * by)
            self._shown[top : bottom + 1] = self._shown[top + by : bottom + 1] + [self._blank_line() for _ in range(by)]
        else:
            writer.move(top, 0)
            writer.raw("\x1bM" * -by)
            self._shown[top : bottom + 1] = [self._blank_line() for _ in range(-by)] + self._shown[top : bottom + 1 + by]
        if not whole:
            writer.raw("\x1b[r")
            writer.placed(None, None)  # some terminals move the cursor home, some don't


def _is_wide(grapheme: str) -> bool:
    return len(split_cells(grapheme)) == 2


def _differences(wanted: Line, shown: Line) -> list[int]:
    """Returns the columns that differ."""
    differs = map(or_, map(ne, wanted[0], shown[0]), map(ne, wanted[1], shown[1]))
    return list(compress(range(len(wanted[0])), differs))
