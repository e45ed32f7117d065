"""Tables aligned and fitted to a width: the widest columns give way first, and what is in them is flowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.render.block import Line, Span
from tuinb.render.flow import BREAK, flow, joined, line_width

if TYPE_CHECKING:
    from rich.style import Style

_SEPARATOR = " │ "
_LEAST = 3
"""Columns that a column needs; a table that can't have so many is shown as rows of text."""

Row = list[tuple[str, list[Span]]]
"""Cells: `left`, `center`, `right` or an empty string, and the content."""


def draw_table(rows: list[Row], columns: int, rule: Style) -> list[Line]:
    """The lines of a table; the first row is its header."""
    count = max(map(len, rows), default=0)
    if not count:
        return []
    room = columns - len(_SEPARATOR) * (count - 1)
    if room < _LEAST * count:
        return [line for row in rows for line in flow(_as_text(row, rule), columns)]
    natural = [max(_natural(row[i][1]) for row in rows if i < len(row)) for i in range(count)]
    widths = fit(natural, room)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines.extend(_row_lines(row, widths, rule))
        if number == 0:
            lines.append((Span("─┼─".join("─" * size for size in widths), rule),))
    return lines


def fit(natural: list[int], room: int) -> list[int]:
    """Widths of columns that together fit the room: as wide as they want, but none wider than one common limit."""
    low, high = 1, max(1, *natural)
    while low < high:
        limit = (low + high + 1) // 2
        if sum(min(size, limit) for size in natural) <= room:
            low = limit
        else:
            high = limit - 1
    widths = [max(1, min(size, low)) for size in natural]
    spare = room - sum(widths)
    for i, size in enumerate(natural):
        if size > widths[i] and spare > 0:
            widths[i] += 1
            spare -= 1
    return widths


def _natural(content: list[Span]) -> int:
    return max((line_width(line) for line in flow(content, 10_000)), default=0)


def _row_lines(row: Row, widths: list[int], rule: Style) -> list[Line]:
    cells = [flow(content, size) for (_, content), size in zip(row, widths, strict=False)]
    cells += [[()] for _ in widths[len(cells) :]]
    lines: list[Line] = []
    for number in range(max(map(len, cells))):
        spans: list[Span] = []
        for i, (cell, size) in enumerate(zip(cells, widths, strict=True)):
            if i:
                spans.append(Span(_SEPARATOR, rule))
            line = cell[number] if number < len(cell) else ()
            spare = size - line_width(line)
            align = row[i][0] if i < len(row) else ""
            left = spare if align == "right" else spare // 2 if align == "center" else 0
            spans += [Span(" " * left), *line, Span(" " * (spare - left if i + 1 < len(widths) else 0))]
        lines.append(joined(spans))
    return lines


def _as_text(row: Row, rule: Style) -> list[Span]:
    spans: list[Span] = []
    for _, content in row:
        spans += [*content, Span(" | ", rule)]
    return [*spans[:-1], BREAK][:-1]
