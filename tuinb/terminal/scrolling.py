"""Finds a block of rows that moved up or down, so that the terminal can scroll it.

Rows whose text appears elsewhere vote for candidates. The edges of a row are left out: a scroll bar and a selection mark stay
while the text moves. If no row votes, they vote without the numbers that they begin with: a line that is inserted moves the
lines below it, and gives each another number. A candidate is worth the cells that need not be sent.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from operator import ne
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LEAST_GAIN: Final = 40
"""Fewest cells that a scroll must save; it costs about 20 bytes."""
_MOST_CANDIDATES: Final = 2
_EDGE: Final = 2
_NUMBERS: Final = " 0123456789"
"""Characters of line numbers, and of the blanks beside them."""

Line = tuple[list[str], list[int]]
"""The graphemes and the pens of one row."""


class Scroll(NamedTuple):
    """Moves rows `top` to `bottom`, both included, up by `by` rows (down if it is negative)."""

    top: int
    bottom: int
    by: int


def find_scroll(wanted: Sequence[Line], shown: Sequence[Line], changed: Sequence[int]) -> Scroll | None:
    """Returns the scroll that saves most, if one is worth it. `changed` are the rows that differ."""
    candidates = _candidates(wanted, shown, changed)
    if not candidates:
        return None
    differs = frozenset(changed)

    @cache
    def before(y: int) -> int:
        """Returns the cells of a row that differ without a scroll."""
        return _difference(wanted[y], shown[y]) if y in differs else 0

    best: Scroll | None = None
    most = LEAST_GAIN - 1
    for by in candidates:
        gain, scroll = _best_block(wanted, shown, before, by, most)
        if gain > most:
            best, most = scroll, gain
    return best


def _candidates(wanted: Sequence[Line], shown: Sequence[Line], changed: Sequence[int]) -> list[int]:
    old = [(_text(shown[y]), y) for y in changed]
    new = [(_text(wanted[y]), y) for y in changed]
    return _votes(old, new) or _votes(*([(text.lstrip(_NUMBERS), y) for text, y in texts] for texts in (old, new)))


def _votes(old: Sequence[tuple[str, int]], new: Sequence[tuple[str, int]]) -> list[int]:
    """Returns by how many rows the texts moved most often. `old` and `new` are texts with their rows."""
    where: dict[str, int] = {}
    for text, y in old:
        where[text] = -1 if text in where else y  # a text that occurs twice is ambiguous
    votes: Counter[int] = Counter()
    for text, y in new:
        was = where.get(text, -1)
        if was >= 0 and was != y and text and not text.isspace():
            votes[was - y] += 1
    return [by for by, count in votes.most_common(_MOST_CANDIDATES) if count > 1]


def _text(line: Line) -> str:
    return "".join(line[0][_EDGE:-_EDGE])


def _difference(one: Line, other: Line) -> int:
    texts: int = sum(map(ne, one[0], other[0]))
    pens: int = sum(map(ne, one[1], other[1]))
    return texts + pens


def _best_block(
    wanted: Sequence[Line], shown: Sequence[Line], before: Callable[[int], int], by: int, least: int
) -> tuple[int, Scroll]:
    """Returns the block of rows with the greatest sum of gains by this scroll, and that sum. Exposed rows count as blank.

    A sum that is not over `least` may be too large.
    """
    height = len(wanted)
    first, last = max(0, -by), min(height, height - by)
    best_sum, best = 0, (first, first - 1)
    running, start = 0, first
    for y in range(first, last):
        if running <= 0:
            running, start = 0, y
        running += before(y) - _difference(wanted[y], shown[y + by])
        if running > best_sum:
            best_sum, best = running, (start, y)
    start, end = best
    scroll = Scroll(start, end + by, by) if by > 0 else Scroll(start + by, end, by)
    exposed = range(end + 1, end + by + 1) if by > 0 else range(start + by, start)
    blank: Line = ([" "] * len(wanted[0][0]), [0] * len(wanted[0][0]))
    for y in exposed:
        if best_sum <= least:
            break
        best_sum += min(0, before(y) - _difference(wanted[y], blank))
    return best_sum, scroll
