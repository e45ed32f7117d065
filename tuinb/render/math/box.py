"""Parts of a formula as rectangles of text, and their composition."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tuinb.record import Record
from tuinb.render.block import Line, Span, plain
from tuinb.render.layout.flow import joined, line_width
from tuinb.render.math.symbols import TALL, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATOM = (
    r"[√∛∜]?(?:[^\W\d_][\u0300-\u036f\u20d0-\u20ff]*|\d+(?:[.,]\d+)?|∞|[^\W\d_]{2,})"
    r"[\u2070-\u209c\u00b2\u00b3\u00b9\u02b0-\u02b8\u1d2c-\u1d6a\u2c7c\u2c7d\u2032\u2033°†*]*"
)
_atom = re.compile(_ATOM)
_differential = re.compile("[d∂]" + _ATOM)


class Box(Record):
    """Rows of equal width. Neighbours are aligned at their rows `base`."""

    rows: tuple[Line, ...]
    width: int
    base: int = 0
    kind: Kind = Kind.ATOM

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def below(self) -> int:
        """Number of rows below the base."""
        return len(self.rows) - 1 - self.base

    @property
    def text(self) -> str:
        """Its text. Valid for a box of one row."""
        return plain(self.rows[0])


class Gap(NamedTuple):
    """Space between parts. Removed at the ends of a row. Of two adjacent gaps, the wider one remains."""

    columns: int


def text_box(*spans: Span, kind: Kind = Kind.ATOM) -> Box:
    """Returns a box of one row."""
    line = joined(spans)
    return Box((line,), line_width(line), 0, kind)


def side_by_side(items: Sequence[Box | Gap]) -> Box:
    """Joins parts and gaps into one box. Separates fractions and big operators from their neighbours."""
    spaced: list[Box] = []
    gap, last = 0, None
    for item in items:
        if isinstance(item, Gap):
            gap = max(gap, item.columns)
            continue
        if not item.width:
            continue
        if last is not None:
            gap = max(gap, _gap_between(last.kind, item.kind))
            if gap:
                spaced.append(text_box(Span(" " * gap)))
        spaced.append(item)
        gap, last = 0, item
    return beside(*spaced)


def beside(*boxes: Box, kind: Kind = Kind.ATOM) -> Box:
    """Joins boxes in a row, aligned at their bases."""
    if len(boxes) == 1:
        return boxes[0]
    base = max((box.base for box in boxes), default=0)
    below = max((box.below for box in boxes), default=0)
    if not base and not below:
        return text_box(*(span for box in boxes for span in box.rows[0]), kind=kind)
    rows: list[list[Span]] = [[] for _ in range(base + 1 + below)]
    for box in boxes:
        top = base - box.base
        for number, row in enumerate(rows):
            inside = 0 <= number - top < box.height
            row.extend(box.rows[number - top] if inside else (Span(" " * box.width),))
    return Box(tuple(joined(row) for row in rows), sum(box.width for box in boxes), base, kind)


def stacked(boxes: Sequence[Box], base: int, kind: Kind = Kind.ATOM) -> Box:
    """Stacks boxes, centred. `base` is the base row of the result."""
    width = max(box.width for box in boxes)
    return Box(tuple(row for box in boxes for row in padded(box, width).rows), width, base, kind)


def padded(box: Box, width: int, align: str = "center") -> Box:
    """Pads a box to a width."""
    spare = width - box.width
    if not spare:
        return box
    left = spare if align == "right" else 0 if align == "left" else spare // 2
    rows = tuple(joined((Span(" " * left), *row, Span(" " * (spare - left)))) for row in box.rows)
    return replace(box, rows=rows, width=width)


def fence(char: str, above: int, below: int, kind: Kind) -> Box:
    """Returns a fence for content with `above` rows above and `below` rows below its base."""
    if not above and not below:
        return text_box(Span(char), kind=kind)
    top, middle, fill, bottom = tuple(TALL[char])
    height = above + 1 + below
    if height == 2 and char in "{}":
        rows = ["⎰⎱", "⎱⎰"]["{}".index(char)]
    else:
        rows = top + fill * (height - 2) + bottom
        if middle != fill and height > 2:
            centre = (height - 1) // 2
            rows = rows[:centre] + middle + rows[centre + 1 :]
    return Box(tuple((Span(row),) for row in rows), 1, above, kind)


def in_parentheses(box: Box) -> Box:
    return beside(text_box(Span("(")), box, text_box(Span(")")))


def is_atom(text: str) -> bool:
    """Whether a text on one line is read as a unit in any context."""
    return _atom.fullmatch(text) is not None or _is_fenced(text.lstrip("√∛∜"))


def is_denominator(text: str) -> bool:
    """Whether a text after a slash is read as the whole denominator: a unit, `dx`, or a function call."""
    name, opened, rest = text.partition("(")
    applied = opened and _atom.fullmatch(name) is not None and _is_fenced(opened + rest)
    return bool(applied) or is_atom(text) or _differential.fullmatch(text) is not None


def is_numerator(text: str) -> bool:
    """Whether a text before a slash is read as the whole numerator: a product, not a sum."""
    depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        if not depth and char in " /":
            return False
    return True


def _is_fenced(text: str) -> bool:
    """Whether the parenthesis at the start closes at the end."""
    if not text.startswith("("):
        return False
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return at == len(text) - 1
    return False


def _gap_between(left: Kind, right: Kind) -> int:
    if left in (Kind.OPERATOR, Kind.OPEN) or right in (Kind.OPERATOR, Kind.CLOSE):
        return 0
    return int(left in (Kind.FRACTION, Kind.BIG) or right in (Kind.FRACTION, Kind.BIG))
