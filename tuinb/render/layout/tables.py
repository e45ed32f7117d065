"""Tables fitted to a width, for Markdown and HTML.

The widest columns shrink first, and their content is wrapped. If columns would become too narrow, the table keeps its width
and is scrolled sideways: the first columns may stay fixed, columns appear and disappear as a whole (half a number would be
a wrong number), and marks at the edges show that there is more. Rows are drawn on demand.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from tuinb.record import Record, field
from tuinb.render.block import Line, Span
from tuinb.render.layout.flow import BREAK, flow, joined, line_width
from tuinb.render.layout.wrapped import wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.style import Style

_MIN_COLUMN = 3
"""Minimum width of a column in a Markdown table. A narrower table is shown as rows of text."""
_MAX_SCROLLED_COLUMN = 40
"""Maximum width of a column in a table that is scrolled sideways."""
_MIN_PART = 8
"""Minimum visible width of a text column that does not fit whole."""
_LEFT, _RIGHT, _MORE = "◂", "▸", "…"
_ROOM_FOR_COUNT = 20
"""Fewest columns of a table whose rule says how many columns are hidden at the right."""
_MARGIN = 2
"""Columns of a mark at an edge."""

Row = list[tuple[str, list[Span]]]
"""Cells: alignment (`left`, `center`, `right` or empty) and content."""


class TableStyle(NamedTuple):
    """What is drawn between columns, in rows and in the rule below the header."""

    separator: str
    cross: str
    rule: Style


class Cell(Record, frozen=False):
    """A cell, which may span several columns of its row."""

    spans: list[Span] = field(default_factory=list)
    align: str = ""
    column: int = 0
    span: int = 1
    draw: Callable[[int], list[Line]] | None = None
    """Makes the lines at a width. None means that `spans` is wrapped."""
    natural: int = 0
    """Width of its longest line without wrapping."""
    line_style: Style | None = None
    """Style of a line from the end of the content to the end of its columns."""

    _made: tuple[int, list[Line]] = (0, [])

    def lines(self, columns: int) -> list[Line]:
        """Returns its lines at a width. Caches the last result."""
        if self._made[0] != columns:
            self._made = (columns, self.draw(columns) if self.draw else flow(self.spans, columns))
        return self._made[1]

    def height(self, columns: int) -> int:
        if self.draw is None and self.natural <= columns and BREAK not in self.spans:
            return 1
        return len(self.lines(columns))


class Grid(NamedTuple):
    rows: Sequence[Sequence[Cell]]
    """Cells in order of columns. A missing column is covered by a cell of a row above."""
    header_rows: int
    """Number of rows above the rule."""
    frozen: int = 0
    """Number of columns that stay when the others are scrolled."""
    unbroken: frozenset[int] = frozenset()
    """Columns that are shown whole or not at all."""


class _Shown(NamedTuple):
    columns: list[tuple[int, int]]
    """Index and width of each visible column."""
    before: bool
    after: bool
    """Whether there are columns to the left and to the right."""


class Table:
    """A grid with fixed column widths, seen through `room` columns. A WideBlock."""

    def __init__(self, grid: Grid, widths: Sequence[int], room: int, style: TableStyle) -> None:
        self._grid = grid
        self._widths = widths
        self._room = room
        self._style = style
        self._gap = len(style.separator)
        self._starts = [0, *accumulate(size + self._gap for size in widths)]
        self._total = max(0, self._starts[-1] - self._gap)
        self._frozen = self._frozen_columns()
        heights = [max([cell.height(self._cell_width(cell)) for cell in row], default=1) for row in grid.rows]
        if 0 < grid.header_rows <= len(heights):
            heights[grid.header_rows - 1] += 1
        self._ends = list(accumulate(max(1, size) for size in heights))

    @property
    def height(self) -> int:
        return self._ends[-1] if self._ends else 0

    @property
    def columns(self) -> int:
        """The full width, including the mark at the left edge if no frozen column has space for it."""
        return self._total if self._total <= self._room or self._frozen else self._total + _MARGIN

    def line(self, index: int) -> Line:
        return self.window(index, 0)

    def window(self, index: int, start: int) -> Line:
        """Returns row `index`, with `start` columns scrolled out behind the frozen ones."""
        shown = self._shown(start)
        number = bisect_right(self._ends, index)
        within = index - (self._ends[number - 1] if number else 0)
        ruled = number == self._grid.header_rows - 1 and index == self._ends[number] - 1
        mark = _RIGHT if shown.after else ""
        if ruled and shown.after and self._room >= _ROOM_FOR_COUNT and (hidden := len(self._widths) - 1 - shown.columns[-1][0]):
            mark = f" +{hidden:,} {_RIGHT}"
        room = self._room - len(mark)
        spans = self._rule_spans(shown, room) if ruled else self._row_spans(number, within, shown)
        if mark:
            spans.append(Span(" " * (room - line_width(spans))))
            spans.append(Span(mark, self._style.rule))
        return joined(spans)

    # ---- visible columns

    def _frozen_columns(self) -> int:
        """Returns the number of frozen columns, reduced until enough of the others is visible."""
        frozen = min(self._grid.frozen, len(self._widths) - 1)
        while frozen > 0 and self._starts[frozen] > self._room // 2:
            frozen -= 1
        return max(0, frozen)

    def _shown(self, start: int) -> _Shown:
        numbers = range(len(self._widths))
        if self._total <= self._room:
            return _Shown(list(enumerate(self._widths)), before=False, after=False)
        base = self._starts[self._frozen]
        first = self._frozen
        while first < len(numbers) - 1 and self._starts[first] - base < start:
            first += 1
        before = first > self._frozen
        room = self._room - base - (_MARGIN if before and not self._frozen else 0)
        columns = [(i, self._widths[i]) for i in range(self._frozen)]
        for i in range(first, len(numbers)):
            size = self._widths[i]
            left = room if i == numbers[-1] else room - _MARGIN
            if size <= left:
                columns.append((i, size))
                room -= size + self._gap
                continue
            part = room - _MARGIN
            if part > 0 and (i == first or (part >= _MIN_PART and i not in self._grid.unbroken)):
                columns.append((i, part))
            return _Shown(columns, before, after=True)
        return _Shown(columns, before, after=False)

    def _cell_width(self, cell: Cell) -> int:
        last = min(cell.column + cell.span, len(self._widths))
        return max(1, self._starts[last] - self._gap - self._starts[cell.column])

    # ---- drawing

    def _row_spans(self, number: int, within: int, shown: _Shown) -> list[Span]:
        spans: list[Span] = []
        cells = iter(self._grid.rows[number])
        cell = next(cells, None)
        at = 0
        while at < len(shown.columns):
            column, size = shown.columns[at]
            while cell is not None and cell.column + cell.span <= column:
                cell = next(cells, None)
            spans += self._between(at, shown)
            at += 1
            if cell is None or cell.column > column:
                spans.append(Span(" " * size))
                continue
            while at < len(shown.columns) and shown.columns[at][0] < cell.column + cell.span:
                size += self._gap + shown.columns[at][1]
                at += 1
            spans += self._cell_spans(cell, within, size)
        while spans and not spans[-1].text.strip(" ") and spans[-1].style is None:
            spans.pop()
        return spans

    def _between(self, at: int, shown: _Shown) -> list[Span]:
        """Returns the span to the left of a visible column: the separator, or the mark for hidden columns."""
        marked = shown.before and at == self._frozen
        if marked:
            return [Span(_LEFT.ljust(self._gap if at else _MARGIN), self._style.rule)]
        return [Span(self._style.separator, self._style.rule)] if at else []

    def _cell_spans(self, cell: Cell, within: int, size: int) -> list[Span]:
        lines = cell.lines(self._cell_width(cell))
        line = cut(lines[within], size) if within < len(lines) else ()
        spare = size - line_width(line)
        if cell.line_style is not None and within == 0 and spare > 1:
            return [*line, Span(" " + "─" * (spare - 1), cell.line_style)]
        left = spare if cell.align == "right" else spare // 2 if cell.align == "center" else 0
        return [Span(" " * left), *line, Span(" " * (spare - left))]

    def _rule_spans(self, shown: _Shown, room: int) -> list[Span]:
        text = ""
        for at, (_, size) in enumerate(shown.columns):
            if at:
                text += self._style.cross
            elif shown.before and not self._frozen:
                text += "─" * _MARGIN
            text += "─" * size
        return [Span(text[:room], self._style.rule)]


def draw_table(rows: list[Row], columns: int, rule: Style) -> list[Line]:
    """Returns the lines of a Markdown table. The first row is the header."""
    count = max(map(len, rows), default=0)
    if not count:
        return []
    style = TableStyle(" │ ", "─┼─", rule)
    room = columns - len(style.separator) * (count - 1)
    if room < _MIN_COLUMN * count:
        return [line for row in rows for line in flow(_as_text(row, rule), columns)]
    cells = [
        [Cell(content, align, i, natural=natural(content)) for i, (align, content) in enumerate(row)]
        + [Cell(column=i) for i in range(len(row), count)]
        for row in rows
    ]
    widths = fit([max(row[i].natural for row in cells) for i in range(count)], room)
    table = Table(Grid(cells, 1), widths, columns, style)
    return [table.line(i) for i in range(table.height)]


def fit(naturals: Sequence[int], room: int, leasts: Sequence[int] | None = None) -> list[int]:
    """Returns column widths that fit into `room`: natural widths, limited by one common maximum.

    No column becomes narrower than its minimum in `leasts`. If the minimums do not fit, they are the result.
    """
    leasts = leasts or [1] * len(naturals)
    low, high = 1, max([1, *naturals])
    while low < high:
        limit = (low + high + 1) // 2
        if sum(max(least, min(size, limit)) for size, least in zip(naturals, leasts, strict=True)) <= room:
            low = limit
        else:
            high = limit - 1
    widths = [max(least, min(size, low)) for size, least in zip(naturals, leasts, strict=True)]
    spare = room - sum(widths)
    for i, size in enumerate(naturals):
        if size > widths[i] and spare > 0:
            widths[i] += 1
            spare -= 1
    return widths


def fit_or_scroll(naturals: Sequence[int], leasts: Sequence[int], room: int) -> list[int]:
    """Returns widths that fit into `room`, or wider ones for scrolling if columns would become too narrow."""
    if sum(leasts) <= room:
        return fit(naturals, room, leasts)
    return [min(size, max(least, _MAX_SCROLLED_COLUMN)) for size, least in zip(naturals, leasts, strict=True)]


def natural(content: Sequence[Span]) -> int:
    """Returns the width of content that is broken only at hard breaks."""
    return max((line_width(line) for line in flow(content, 10_000)), default=0)


def cut(line: Line, columns: int) -> Line:
    """Returns the start of a line, with an ellipsis if it is cut."""
    if line_width(line) <= columns:
        return line
    start = wrap(line, columns - 1)[0] if columns > 1 else ()
    return (*start, Span(_MORE, start[-1].style if start else None))


def _as_text(row: Row, rule: Style) -> list[Span]:
    spans: list[Span] = []
    for _, content in row:
        spans += [*content, Span(" | ", rule)]
    return [*spans[:-1], BREAK][:-1]
