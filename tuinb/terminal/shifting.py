"""Shifts text that moved sideways in its row, as when a character is typed or deleted in the middle of a line.

The terminal can insert and delete cells of a row (ICH, DCH). Both are sent, one where the text changed and the other in the
blanks after it, so that the right end of the row (a frame, a scroll bar) does not move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tuinb.terminal.ansi_writer import AnsiWriter
    from tuinb.terminal.pens import Pens
    from tuinb.terminal.scrolling import Line

LEAST_GAIN: Final = 24
"""Fewest bytes of painting that a shift must save; it costs about 16."""
_UNKNOWN: Final = "\0"


class Shift(NamedTuple):
    """Moves cells `start` to `stop`, both included, by one column: to the right if `opens`, else to the left."""

    start: int
    stop: int
    opens: bool


def shift_row(writer: AnsiWriter, pens: Pens, y: int, columns: list[int], wanted: Line, shown: Line) -> bool:
    """Shifts cells of row `y` if that is cheaper than painting `columns`, which differ. Returns whether it did."""
    shift = _find(columns, wanted, shown)
    if shift is None or _painting_cost(pens, columns, wanted, shift) < LEAST_GAIN:
        return False
    start, stop, opens = shift
    at_edge = stop == len(shown[0]) - 1
    if opens and not at_edge:
        writer.move(y, stop)
        writer.raw("\x1b[P")
    writer.move(y, start)
    writer.raw("\x1b[@" if opens else "\x1b[P")
    if not opens and not at_edge:
        writer.move(y, stop)
        writer.raw("\x1b[@")
    texts, text_pens = shown
    if opens:
        # Only some terminals give inserted cells the current background: they must be painted.
        texts[start : stop + 1] = [_UNKNOWN, *texts[start:stop]]
        text_pens[start + 1 : stop + 1] = text_pens[start:stop]
    else:
        texts[start : stop + 1] = [*texts[start + 1 : stop + 1], _UNKNOWN]
        text_pens[start:stop] = text_pens[start + 1 : stop + 1]
    return True


def _find(columns: list[int], wanted: Line, shown: Line) -> Shift | None:
    start, last = columns[0], columns[-1]
    if start == last or "" in wanted[0][start : last + 2] or "" in shown[0][start : last + 2]:
        return None  # half a wide character can't be moved
    opened = _common(wanted, start + 1, shown, start, last - start)
    closed = _common(shown, start + 1, wanted, start, last - start)
    length = max(opened, closed)
    reached = max((x for x in columns if x <= start + length), default=start)
    return Shift(start, reached, opened >= closed) if reached > start else None


def _common(one: Line, one_start: int, other: Line, other_start: int, most: int) -> int:
    """Returns the number of equal cells from two places on."""
    count = 0
    while (
        count < most
        and one[0][one_start + count] == other[0][other_start + count]
        and one[1][one_start + count] == other[1][other_start + count]
    ):
        count += 1
    return count


def _painting_cost(pens: Pens, columns: list[int], wanted: Line, shift: Shift) -> int:
    cost = 0
    pen = None
    for x in columns:
        if shift.start < x <= shift.stop:
            if pen is None:
                pen = pens.pens[wanted[1][x]]
            text, pen = pens.transition(pen, wanted[1][x])
            cost += len(text) + 1
    return cost
