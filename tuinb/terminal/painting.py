"""Paints the cells that differ: erases long blanks first, then writes text in the order that costs least.

Left to right, each change of colour costs an SGR sequence. So few pieces are also taken with that first which costs least after
the one before: a key changes two or three, and often the pen in force is that of the second. Many pieces are also taken pen by
pen: each then costs a cursor movement instead, and short gaps are written over (a later pen paints them right). All orders give
the same screen; the cheaper one is taken. Long blanks at the end of a piece, such as those of a line of code before the scroll
bar, are erased when the piece is written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from tuinb.terminal.ansi_writer import shortest_move
from tuinb.terminal.cells import is_doubtful
from tuinb.terminal.pens import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tuinb.terminal.ansi_writer import AnsiWriter
    from tuinb.terminal.pens import Pen, Pens
    from tuinb.terminal.scrolling import Line

LEAST_ERASED: Final = 9
"""Fewest changed blanks that are worth an erasure, which costs a movement and 3 to 5 bytes."""
LEAST_ERASED_AFTER_TEXT: Final = 12
"""Fewest blanks at the end of a piece that are worth an erasure: what follows may need a movement, too."""
SHORT_GAP: Final = 3
"""Most unchanged cells that are cheaper to write again than to jump over."""
FEW_PIECES: Final = 8
"""Most pieces for which an order by the cost of each is considered. It takes some microseconds for each pair."""
MANY_PIECES: Final = 12
"""Fewest pieces of text for which painting pen by pen is considered."""
_MOVE_COST: Final = 5
_SEQUENCE_COST: Final = 3
"""Bytes of an SGR sequence besides its parameters."""


class Piece(NamedTuple):
    """Adjacent cells of one row that one pen can write, blanks included."""

    y: int
    start: int
    stop: int
    pen: int
    is_erased: bool = False
    """Whether all cells are made blank by one sequence."""


def erasures(
    pens: Pens,
    rows: dict[int, list[int]],
    wanted: Sequence[Line],
    shown: Sequence[Line],
) -> list[Piece]:
    """Returns what to erase where that saves writing blanks. Updates `rows` (row → columns that differ) and `shown`."""
    erased: list[Piece] = []
    for y, columns in rows.items():
        if len(columns) < LEAST_ERASED:
            continue
        found = _erasable(pens, columns, wanted[y])
        if found is None:
            continue
        start, stop, pen = found
        if not pens.can_erase(pen) or _ends_text(pens, start, columns, wanted[y]):
            continue
        line, line_pens = shown[y]
        erased.append(Piece(y, start, stop, pen, True))
        line[start:stop] = [" "] * (stop - start)
        line_pens[start:stop] = [pen] * (stop - start)
        texts, text_pens = wanted[y]
        rows[y] = [x for x in range(len(line)) if texts[x] != line[x] or text_pens[x] != line_pens[x]]
    return erased


def _ends_text(pens: Pens, start: int, columns: list[int], wanted: Line) -> bool:
    """Whether blanks from `start` on follow text that is written, in their background: then they are erased without a move."""
    (texts, text_pens), last = wanted, start - 1
    return last in columns and texts[last] != " " and pens.blank[text_pens[last]] == text_pens[start]


def _erasure(cells: int, stop: int, width: int) -> str:
    """Returns the sequence that erases `cells` cells from the cursor to column `stop`, and does not move it."""
    return "\x1b[K" if stop == width else f"\x1b[{cells}X"


def _erasable(pens: Pens, columns: list[int], wanted: Line) -> tuple[int, int, int] | None:
    """Returns the part of a row that is best erased and the pen to erase with: start, stop, pen."""
    texts, text_pens = wanted
    last = next((x for x in reversed(columns) if texts[x] == " " and pens.is_plain_blank(text_pens[x])), -1)
    if last < 0:
        return None
    pen = text_pens[last]
    width = len(texts)
    stop = last + 1
    while stop < width and texts[stop] == " " and text_pens[stop] == pen:
        stop += 1
    start = last
    while start > 0 and texts[start - 1] == " " and text_pens[start - 1] == pen:
        start -= 1
    changed = set(columns)
    tail = sum(1 for x in range(start, stop) if x in changed)
    gain = tail
    best_gain, best_start = tail, start
    first = columns[0]
    for x in range(start - 1, first - 1, -1):
        if texts[x] == " " and text_pens[x] == pen:
            gain += x in changed
        elif x not in changed:
            gain -= 1
        if gain > best_gain and (texts[x] == " " or x in changed):
            best_gain, best_start = gain, x
    return (best_start, stop, pen) if best_gain >= LEAST_ERASED else None


def paint(
    writer: AnsiWriter,
    pens: Pens,
    erased: Sequence[Piece],
    rows: Mapping[int, list[int]],
    wanted: Sequence[Line],
    rest: tuple[int, int] | None,
) -> None:
    """Erases, and writes the cells of `rows` (row → columns that differ). The cursor is moved to `rest` afterwards."""
    pieces = [piece for y, columns in rows.items() for piece in _pieces(pens, y, columns, wanted[y])]
    if len(erased) + len(pieces) <= FEW_PIECES:
        pieces = _cheapest(writer, pens, [*erased, *pieces], rest)
    else:
        for piece in erased:
            _write(writer, pens, piece, wanted[piece.y])
    if len(pieces) >= MANY_PIECES:
        by_pen: defaultdict[int, list[Piece]] = defaultdict(list)
        for piece in pieces:
            by_pen[piece.pen].append(piece)
        if _cost_in_order(pens, pieces) > _MOVE_COST * len(pieces) + _cost_of_each(pens, by_pen):
            _paint_by_pen(writer, pens, by_pen, wanted)
            return
    for piece in pieces:
        _write_gap(writer, piece, wanted[piece.y], {}, 0)
        _write(writer, pens, piece, wanted[piece.y])


def _cheapest(writer: AnsiWriter, pens: Pens, pieces: list[Piece], rest: tuple[int, int] | None) -> list[Piece]:
    """Returns a few pieces in their order, or in another one if that costs fewer bytes, with the movement to `rest`.

    What is erased in a row comes before what is written there.
    """
    if len(pieces) < 2:
        return pieces
    other = _nearest_first(writer, pens, pieces)
    return other if _cost(writer, pens, other, rest) < _cost(writer, pens, pieces, rest) else pieces


def _nearest_first(writer: AnsiWriter, pens: Pens, pieces: list[Piece]) -> list[Piece]:
    """Returns pieces in an order in which each costs little after the one before."""
    left, order = pieces[:], []
    at, pen = writer.at, writer.in_force
    while len(left) > 1:
        waiting = {piece.y for piece in left if piece.is_erased}
        steps = [(_step(pens, at, pen, piece), piece) for piece in left if piece.is_erased or piece.y not in waiting]
        (_, at, pen), best = min(steps, key=lambda step: step[0][0])
        order.append(best)
        left.remove(best)
    return order + left


def _step(
    pens: Pens, at: tuple[int | None, int | None], pen: Pen | None, piece: Piece
) -> tuple[int, tuple[int | None, int | None], Pen]:
    """Returns the bytes before a piece for the cursor and the pen, and both behind it."""
    sequence, after = pens.transition(pen, piece.pen)
    move = 0 if at == (piece.y, piece.start) else len(shortest_move(*at, piece.y, piece.start))
    return move + len(sequence), (piece.y, piece.start if piece.is_erased else piece.stop), after


def _cost(writer: AnsiWriter, pens: Pens, pieces: Sequence[Piece], rest: tuple[int, int] | None) -> int:
    """Returns the bytes of movements and colours for pieces in an order, and of the movement to `rest`."""
    cost, at, pen = 0, writer.at, writer.in_force
    for piece in pieces:
        more, at, pen = _step(pens, at, pen, piece)
        cost += more
    return cost if rest is None or at == rest else cost + len(shortest_move(*at, *rest))


def _pieces(pens: Pens, y: int, columns: list[int], line: Line) -> list[Piece]:
    """Cuts the changed columns of a row into pieces. Joins two of one pen over a short gap."""
    texts, text_pens = line
    blank = pens.blank
    pieces: list[Piece] = []
    start = stop = -1
    pen = -1  # of the piece's text; of its blanks while it has none
    for x in columns:
        here = text_pens[x]
        if start >= 0 and (x == stop or (x - stop <= SHORT_GAP and _writable(texts, text_pens, stop, x, pen, blank))):
            if here == pen or (texts[x] == " " and here == blank[pen]):
                stop = x + 1
                continue
            if blank[here] == pen:  # only blanks so far: they go with the text that follows
                pen, stop = here, x + 1
                continue
        if start >= 0:
            pieces.append(Piece(y, start, stop, pen))
        start, stop, pen = x, x + 1, here
    if start >= 0:
        pieces.append(Piece(y, start, stop, pen))
    return pieces


def _writable(texts: Sequence[str], text_pens: Sequence[int], start: int, stop: int, pen: int, blank: Sequence[int]) -> bool:
    """Whether the unchanged cells between two pieces can be written again in `pen`, at a byte each."""
    fitting = (pen, blank[pen])
    return all(texts[x] and texts[x].isascii() and text_pens[x] in fitting for x in range(start, stop))


def _cost_in_order(pens: Pens, pieces: list[Piece]) -> int:
    """Returns the bytes of SGR, about, for painting from left to right."""
    cost = 0
    last = -1
    before = DEFAULT
    for _, _, _, number, _ in pieces:
        if number == last:
            continue
        last, pen = number, pens.pens[number]
        fg = len(pen.fg) + 1 if pen.fg != before.fg else 0
        bg = len(pen.bg) + 1 if pen.bg != before.bg else 0
        attributes = 3 if pen.attributes != before.attributes else 0
        if fg or bg or attributes:
            cost += fg + bg + attributes + _SEQUENCE_COST
        before = pen
    return cost


def _cost_of_each(pens: Pens, numbers: Iterable[int]) -> int:
    """Returns the bytes of SGR, about, for taking each pen once, those of one background together."""
    used = [pens.pens[number] for number in numbers]
    return sum(len(pen.fg) + 1 + _SEQUENCE_COST for pen in used) + sum(map(len, {pen.bg for pen in used}))


def _paint_by_pen(writer: AnsiWriter, pens: Pens, by_pen: dict[int, list[Piece]], wanted: Sequence[Line]) -> None:
    order = sorted(by_pen, key=lambda number: (not writer.has(number), pens.pens[number].bg, -len(by_pen[number])))
    rank = {number: place for place, number in enumerate(order)}
    pending: dict[int, dict[int, int]] = defaultdict(dict)
    for number, pieces in by_pen.items():
        place = rank[number]
        for row, start, stop, *_ in pieces:
            later = pending[row]
            for column in range(start, stop):
                later[column] = place
    for place, number in enumerate(order):
        for piece in by_pen[number]:
            line = wanted[piece.y]
            _write_gap(writer, piece, line, pending[piece.y], place)
            _write(writer, pens, piece, line)


def _write_gap(writer: AnsiWriter, piece: Piece, line: Line, later: Mapping[int, int], place: int) -> None:
    """Writes the few cells before a piece again instead of a jump: those that look so in the pen that is in force, such as
    blanks between words, and those that are painted over. `later` has the place of the last paint of each column.
    """
    (y, x), (texts, text_pens) = writer.at, line
    if piece.is_erased:
        return
    if y != piece.y or x is None or not 0 < piece.start - x <= SHORT_GAP:
        return
    gap = range(x, piece.start)
    if all(
        texts[i].isascii() and texts[i] and (later.get(i, -1) > place or writer.paints(texts[i], text_pens[i])) for i in gap
    ):
        writer.text("".join(texts[x : piece.start]), len(gap), len(texts))


def _write(writer: AnsiWriter, pens: Pens, piece: Piece, line: Line) -> None:
    y, start, stop, pen, is_erased = piece
    texts = line[0]
    if is_erased:
        writer.move(y, start)
        writer.pen(pen)
        writer.raw(_erasure(stop - start, stop, len(texts)))
        return
    if not texts[start]:
        start -= 1  # of a wide character both halves are written
    if stop < len(texts) and not texts[stop]:
        stop += 1
    writer.move(y, start)
    writer.pen(pen)
    text = "".join(texts[start:stop])
    blanks = len(text) - len(text.rstrip(" "))
    if blanks < LEAST_ERASED_AFTER_TEXT or not pens.can_erase(pens.blank[pen]):
        blanks = 0
    end = stop - blanks
    if len(text) == 1 or text.isascii() or not any(map(is_doubtful, texts[start:end])):
        writer.text(text[: len(text) - blanks], end - start, len(texts))
    else:
        _write_doubtful(writer, y, start, end, line)
    if blanks:
        writer.move(y, end)
        writer.raw(_erasure(blanks, stop, len(texts)))


def _write_doubtful(writer: AnsiWriter, y: int, start: int, stop: int, line: Line) -> None:
    """Writes columns of a row in the pen in force. Some of their characters take other widths on some terminals."""
    texts = line[0]
    doubtful = wide = False
    for x in range(start, stop):
        if texts[x]:
            writer.move(y, x)
            doubtful, wide = is_doubtful(texts[x]), x + 1 < stop and not texts[x + 1]
            if doubtful and wide:
                writer.raw("\x1b[2X")  # its mark fills the second half on some terminals only
            writer.text(texts[x], 2 if wide else 1, len(texts))
            if doubtful:
                writer.placed(y, None)
    if doubtful and not wide and stop < len(texts) and texts[stop].isascii() and texts[stop]:
        writer.move(y, stop)  # where a mark of the last cell may have spilt
        writer.pen(line[1][stop])
        writer.text(texts[stop], 1, len(texts))
