"""Converts a `table` element to a grid of cells: row and column spans, number columns, index columns."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tuinb.render.block import Span
from tuinb.render.html.inline import BLOCKS, Spans
from tuinb.render.html.styles import over, style_of
from tuinb.render.html.tree import declarations, hidden
from tuinb.render.layout.flow import BREAK, line_width
from tuinb.render.layout.tables import Cell, Grid, Table, TableStyle, fit_or_scroll, natural
from tuinb.render.safe import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.style import Style

    from tuinb.render.block import Line
    from tuinb.render.html.tree import Element
    from tuinb.render.styles import ThemeStyles

    Draw = Callable[[Element, Style | None, int], list[Line]]
    """Draws the content of an element at a width."""

_GAP = "  "
_MIN_TEXT_COLUMN, _MIN_NUMBER_COLUMN = 16, 24
"""Minimum width to which text columns and number columns are narrowed."""
_MOST_COLUMNS = 1_000
_MOST_SPANNED = 100_000
"""Maximum number of grid positions, including spanned ones."""
_NATURAL = 200
"""Width at which cells with block content are drawn to measure them."""
_SECTIONS = frozenset(("thead", "tbody", "tfoot"))
_NEUTRAL = frozenset(("", "...", "…", "⋮", "nan", "nat", "none", "null", "<na>", "-", "–", "\N{EM DASH}"))
"""Values that occur in number columns and in text columns."""
_SIGNS = str.maketrans("", "", ",_%$€£¥ \xa0±°")


class _Place(NamedTuple):
    cell: Cell
    header: bool
    rows: int


class _Row(NamedTuple):
    section: str
    places: list[_Place]
    leading: int
    """Number of leading header columns."""


def table_of(table: Element, base: Style | None, columns: int, styles: ThemeStyles, draw: Draw) -> Table | None:
    """Returns the table, fitted to `columns` or scrollable. Returns None if it has no visible content."""
    rows = list(_Reader(styles, draw).rows(table, base))
    rows = [row for row in rows if row.section != "tfoot"] + [row for row in rows if row.section == "tfoot"]
    count = max((place.cell.column + place.cell.span for row in rows for place in row.places), default=0)
    if not any(place.cell.natural for row in rows for place in row.places):
        return None
    header_rows = _header_rows(rows)
    unbroken = _align(rows, header_rows)
    body = [row.leading for row in rows[header_rows:] if row.leading < count]
    grid = Grid([[place.cell for place in row.places] for row in rows], header_rows, min(body, default=0), unbroken)
    naturals, leasts = _widths(rows, header_rows, count, unbroken)
    widths = fit_or_scroll(naturals, leasts, columns - len(_GAP) * (count - 1))
    return Table(grid, widths, columns, TableStyle(_GAP, "──", styles.role("rule")))


class _Reader:
    def __init__(self, styles: ThemeStyles, draw: Draw) -> None:
        self._styles = styles
        self._draw = draw
        self._until: list[int] = []
        """For each column, the first row that no cell from above covers."""
        self._header_columns: list[bool] = []
        """For each column, whether the cell that extends downwards is a header."""
        self._left = _MOST_SPANNED

    def rows(self, table: Element, base: Style | None) -> Iterator[_Row]:
        number = 0
        for section, row in _row_elements(table):
            if hidden(row):
                continue
            places = list(self._row(row, number, section, over(base, style_of(row, self._styles))))
            leading = 0
            while leading < len(self._header_columns) and self._until[leading] > number and self._header_columns[leading]:
                leading += 1
            yield _Row(section, places, leading)
            number += 1

    def _row(self, row: Element, number: int, section: str, base: Style | None) -> Iterator[_Place]:
        column = 0
        for element in row.elements():
            if element.name not in ("td", "th") or hidden(element):
                continue
            while column < len(self._until) and self._until[column] > number:
                column += 1
                self._left -= 1
            span = min(_count(element.get("colspan")) if element.attributes else 1, _MOST_COLUMNS - column, self._left)
            if span < 1:
                return
            header = element.name == "th"
            self._left -= span
            more = column + span - len(self._until)
            self._until += [0] * more
            self._header_columns += [False] * more
            down = _count(element.get("rowspan")) if element.attributes else 1
            self._until[column : column + span] = [number + down] * span
            self._header_columns[column : column + span] = [header] * span
            yield _Place(self._cell(element, column, span, section, base), header, down)
            column += span

    def _cell(self, element: Element, column: int, span: int, section: str, base: Style | None) -> Cell:
        style = over(base, style_of(element, self._styles))
        if section == "thead" and element.name == "td":
            # Polars has data types in such cells, below the column names.
            style = over(self._styles.role("muted"), style)
        cell = Cell(column=column, span=span, align=_own_align(element) or ("left" if span > 1 else ""))
        if (plain := _plain(element)) is not None:
            cell.spans = [Span(plain, style)] if plain else []
            cell.natural = len(plain)
        elif _in_lines(element):
            spans = Spans(self._styles)
            spans.add(element.children, style)
            cell.spans = spans.take()
            if len(cell.spans) == 1 and cell.spans[0] is not BREAK:
                text = cell.spans[0].text.strip()
                cell.spans = [Span(text, cell.spans[0].style)]
                cell.natural = width(text)
            elif cell.spans:
                cell.natural = natural(cell.spans)
        else:
            cell.draw = partial(self._draw, element, style)
            cell.natural = max(map(line_width, cell.lines(_NATURAL)), default=0)
        if span > 1 and element.name == "th" and cell.natural:
            cell.line_style = self._styles.role("rule")
        return cell


def _row_elements(table: Element) -> Iterator[tuple[str, Element]]:
    for child in table.elements():
        if child.name == "tr":
            yield "", child
        elif child.name in _SECTIONS and not hidden(child):
            yield from ((child.name, row) for row in child.elements() if row.name == "tr")


def _header_rows(rows: list[_Row]) -> int:
    """Returns the number of header rows: those in `thead`, or the first rows that have only `th` cells."""
    header_rows = 0
    for row in rows:
        if row.section != "thead":
            break
        header_rows += 1
    if not header_rows:
        while header_rows < len(rows) and rows[header_rows].places and all(place.header for place in rows[header_rows].places):
            header_rows += 1
    return header_rows if header_rows < len(rows) or (rows and rows[0].section == "thead") else 0


def _align(rows: list[_Row], header_rows: int) -> frozenset[int]:
    """Aligns cells without an alignment, numbers to the right. Returns the number columns."""
    numbers, words = set(), set()
    for row in rows[header_rows:]:
        for place in row.places:
            cell = place.cell
            if cell.span == 1 and cell.column not in words:
                text = "" if cell.draw else "".join(span.text for span in cell.spans).strip()
                if cell.draw or not _is_number(text):
                    if cell.draw or text.lower() not in _NEUTRAL:
                        words.add(cell.column)
                elif text.lower() not in _NEUTRAL:
                    numbers.add(cell.column)
    unbroken = frozenset(numbers - words)
    for row in rows:
        for place in row.places:
            if not place.cell.align:
                place.cell.align = "right" if place.cell.column in unbroken else "left"
    return unbroken


def _widths(rows: list[_Row], header_rows: int, count: int, unbroken: frozenset[int]) -> tuple[list[int], list[int]]:
    """Returns the natural width and the minimum width of each column."""
    naturals, leasts = [1] * count, [1] * count
    for number, row in enumerate(rows):
        for place in row.places:
            cell, at = place.cell, place.cell.column
            if cell.span == 1:
                naturals[at] = max(naturals[at], cell.natural)
                keep = _MIN_NUMBER_COLUMN if at in unbroken and number >= header_rows else _MIN_TEXT_COLUMN
                leasts[at] = max(leasts[at], min(keep, cell.natural))
    for row in rows:
        for place in row.places:
            cell = place.cell
            if cell.span > 1:
                last = cell.column + cell.span
                room = sum(naturals[cell.column : last]) + len(_GAP) * (cell.span - 1)
                naturals[last - 1] += max(0, cell.natural - room)
    return naturals, leasts


def _plain(element: Element) -> str | None:
    """Returns the text of a cell without markup, as nearly all cells are. Returns None for other cells."""
    if not element.children:
        return ""
    only = element.children[0]
    if len(element.children) > 1 or not isinstance(only, str) or not only.isascii():
        return None
    text = only.strip(" \t\n\f\r")
    return text if text.isprintable() and "  " not in text else None


def _in_lines(element: Element) -> bool:
    """Whether the content is inline only."""
    for child in element.children:
        if not isinstance(child, str) and (child.name in BLOCKS or not _in_lines(child)) and not hidden(child):
            return False
    return True


def _own_align(element: Element) -> str:
    if not element.attributes:
        return ""
    style = element.get("style")
    align = (declarations(style).get("text-align", "") if "text-align" in style else "") or element.get("align").lower()
    return align if align in ("left", "right", "center") else ""


def _is_number(text: str) -> bool:
    try:
        float(text.translate(_SIGNS).replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return False
    return True


def _count(text: str) -> int:
    """Returns the value of a span attribute, or 1 if it is invalid."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1
