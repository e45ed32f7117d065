"""The rows in which a text is shown: lines that are wrapped to a width, and where a position of the text is on a row.

A row is a piece of one line. A line that is not wrapped is one row. Columns count from the start of the text on the screen; a
row that continues a line may hang, that is, begin further right. What characters look like is the caller's: see Measure.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from tuinb.editing.block_sums import BlockSums
from tuinb.editing.buffer import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tuinb.editing.buffer import Splice

TAB = 4
"""Columns between tab stops."""
HANG = 2
"""Columns by which a row that continues a line of code is indented more than the line."""
_STEP = 1024
"""Characters between the known columns of a long line."""


class Measure(NamedTuple):
    """How text looks on the screen."""

    shown: Callable[[str], str]
    """Returns a line as it is painted: one character for each, tabs as they are."""
    width: Callable[[str], int]
    """Returns the columns of painted text without tabs. An ASCII character takes one."""


class Piece(NamedTuple):
    """A row: a line, and the part of it that the row shows."""

    line: int
    start: int
    end: int
    indent: int
    """Column at which the row begins."""
    continues: bool
    """Whether the line begins on a row above."""


class Point(NamedTuple):
    """A position on the screen, from the start of the text."""

    row: int
    x: int


class Rows:
    """The rows of a list of lines, which `splice` follows."""

    def __init__(self, lines: list[str], measure: Measure, *, width: int = 0, hangs: bool = False) -> None:
        """`width` are the columns to which lines are wrapped; 0 wraps none. `hangs` is whether continued rows hang."""
        self._lines = lines
        self._measure = measure
        self._width = width
        self._hangs = hangs
        self._steps: tuple[str, list[int]] = ("", [0])
        """The line that was measured last, if it is long, and the columns of every 1,024th character, as far as known."""
        self._wrap()

    def _wrap(self) -> None:
        self._breaks = [self._breaks_of(line) for line in self._lines]
        self._counts = BlockSums(len(breaks) + 1 for breaks in self._breaks)

    def fit(self, width: int) -> bool:
        """Wraps to another width. Returns whether it is another one."""
        if width == self._width:
            return False
        self._width = width
        self._wrap()
        return True

    @property
    def total(self) -> int:
        """The number of rows."""
        return self._counts.total

    def splice(self, splice: Splice) -> None:
        """Follows a change that was made to the lines."""
        first, last, last_new = splice.start.row, splice.last_row, splice.last_new_row
        if first == last == last_new:
            old = self._lines[first]
            self._forget_steps(splice)
            breaks = [self._breaks_after(old, splice)]
        else:
            breaks = [self._breaks_of(line) for line in self._lines[first : last_new + 1]]
        self._breaks[first : last + 1] = breaks
        self._counts.splice(first, last + 1, [len(each) + 1 for each in breaks])

    # ---- positions

    def point(self, place: Place) -> Point:
        """Returns where a place is on the screen. One between two rows of a line is at the start of the second."""
        breaks = self._breaks[place.row]
        index = bisect_right(breaks, place.column)
        start = breaks[index - 1] if index else 0
        indent = self._hang(self._lines[place.row]) if index else 0
        return Point(self._counts.before(place.row) + index, self._x(place.row, start, place.column, indent))

    def place(self, point: Point) -> Place:
        """Returns the place that is shown at a point, or the nearest one on that row."""
        row = max(0, min(point.row, self.total - 1))
        line, start, end, indent, _ = piece = self.piece(row)
        column = self._column(piece, point.x) if point.x > indent else start
        return Place(line, min(column, end if end == len(self._lines[line]) else max(start, end - 1)))

    def piece(self, row: int) -> Piece:
        """Returns the part of a line that a row shows."""
        return self._piece(*self._counts.find(row))

    def line_at(self, row: int) -> int | None:
        """Returns the line that begins on a row. None for a row that continues one."""
        line, index = self._counts.find(row)
        return None if index else line

    def pieces(self, row: int) -> Iterator[Piece]:
        """Yields a row and all that follow."""
        line, index = self._counts.find(row)
        while line < len(self._lines):
            for each in range(index, len(self._breaks[line]) + 1):
                yield self._piece(line, each)
            line, index = line + 1, 0

    def _piece(self, line: int, index: int) -> Piece:
        breaks, text = self._breaks[line], self._lines[line]
        start = breaks[index - 1] if index else 0
        end = breaks[index] if index < len(breaks) else len(text)
        return Piece(line, start, end, self._hang(text) if index else 0, index > 0)

    # ---- measuring

    def _hang(self, line: str) -> int:
        if not self._hangs or self._width < 4 * HANG:
            return 0
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        return min(self._advance(indent, 0), self._width // 2) + HANG

    def _advance(self, shown: str, x: int) -> int:
        """Returns the column after text that begins at column `x`."""
        if "\t" not in shown:
            return x + (len(shown) if shown.isascii() else self._measure.width(shown))
        first, *others = shown.split("\t")
        x += self._measure.width(first)
        for piece in others:
            x += TAB - x % TAB + self._measure.width(piece)
        return x

    def _x(self, line: int, start: int, column: int, indent: int) -> int:
        text = self._lines[line]
        if _is_plain(text):
            return indent + column - start
        if column - start > _STEP and not start:
            steps = self._known_steps(text, column // _STEP)
            start = column // _STEP * _STEP
            indent = steps[column // _STEP]
        return self._advance(self._measure.shown(text)[start:column], indent)

    def _column(self, piece: Piece, x: int) -> int:
        """Returns the index of the character of a row that covers a column, or the end of the row."""
        text = self._lines[piece.line]
        at, column = piece.start, piece.indent
        if _is_plain(text):
            return min(piece.end, at + x - column)
        shown = self._measure.shown(text)
        if piece.end - at > _STEP and not at:
            count = 0
            while (count + 1) * _STEP <= piece.end and self._known_steps(text, count + 1)[count + 1] <= x:
                count += 1
            at, column = count * _STEP, self._steps[1][count]
        while at < piece.end:
            column = self._advance(shown[at], column)
            if column > x:
                break
            at += 1
        return at

    def _known_steps(self, text: str, count: int) -> list[int]:
        if self._steps[0] is not text:
            self._steps = (text, [0])
        steps = self._steps[1]
        if len(steps) <= count:
            shown = self._measure.shown(text)
            for at in range(len(steps) - 1, count):
                steps.append(self._advance(shown[at * _STEP : (at + 1) * _STEP], steps[at]))
        return steps

    def _forget_steps(self, splice: Splice) -> None:
        """Keeps the known columns before a change of the line."""
        text, steps = self._steps
        line = self._lines[splice.start.row]
        if (
            len(text) == len(line) - len(splice.inserted) + len(splice.removed)
            and text[: splice.start.column] == (line[: splice.start.column])
        ):
            self._steps = (line, steps[: splice.start.column // _STEP + 1])

    # ---- wrapping

    def _breaks_of(self, line: str) -> Sequence[int]:
        """Returns the starts of the rows of a line after the first row."""
        if not self._width or (len(line) <= self._width and _is_plain(line)):
            return ()
        return tuple(self._breaks_from(line, [], 0, {}, 0))

    def _breaks_after(self, line: str, splice: Splice) -> Sequence[int]:
        """Returns the starts of the rows of a line after a change within it: those above and below it stay."""
        old = self._breaks[splice.start.row]
        added, column = len(splice.inserted) - len(splice.removed), splice.start.column
        if not old or not line[:column].strip(" \t"):
            return self._breaks_of(line)
        # Where a row ends follows from the word that begins the next one.
        kept = list(old[: max(0, bisect_right(old, column) - 2)])
        below = {start + added: index for index, start in enumerate(old)}
        found = self._breaks_from(line, kept, column + len(splice.inserted), below, added)
        return tuple(found)

    def _breaks_from(self, line: str, starts: list[int], changed: int, below: dict[int, int], added: int) -> list[int]:
        """Adds the starts of the rows after those in `starts`.

        Behind `changed`, a row that begins where one began before is followed by the same rows: `below` are their starts.
        """
        shown, hang = self._measure.shown(line), self._hang(line)
        old = list(below)
        at = starts[-1] if starts else 0
        while True:
            indent = hang if starts else 0
            end = self._fitting(shown, at, indent)
            if end >= len(shown):
                return starts
            at = self._break(shown, at, end, hang)
            if at >= len(shown):  # one wide character that does not fit on any row
                return starts
            starts.append(at)
            if at > changed and at in below:
                return starts + old[below[at] + 1 :]

    def _fitting(self, shown: str, at: int, x: int) -> int:
        """Returns the index of the first character that does not fit on the row that begins at `at` in column `x`."""
        plain = shown[at : at + self._width - x]
        if _is_plain(plain):
            return at + len(plain)
        for index in range(at, len(shown)):
            x = self._advance(shown[index], x)
            if x > self._width:
                return index
        return len(shown)

    def _break(self, shown: str, at: int, end: int, hang: int) -> int:
        """Returns the start of the next row: after a blank, if the word behind it fits on a row, else `end`.

        A blank behind the last column stays on the row: there is a column for the cursor.
        """
        if shown[end] == " " and end + 1 < len(shown):
            return end + 1
        blank = shown.rfind(" ", at, end)
        if blank >= 0 and shown[at:blank].strip():
            limit = self._fitting(shown, blank + 1, hang)
            if limit >= len(shown) or shown.find(" ", blank + 1, limit + 1) >= 0:
                return blank + 1
        return max(end, at + 1)


def _is_plain(text: str) -> bool:
    """Returns whether each character takes one column."""
    return text.isascii() and "\t" not in text
