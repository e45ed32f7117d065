"""A `table` element as a grid of cells: what spans columns and rows, which columns are numbers, which are an index."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from tuinb.render.block import Span
from tuinb.render.html.inline import BLOCKS, Spans
from tuinb.render.html.styles import over, style_of
from tuinb.render.html.tree import declarations, hidden
from tuinb.render.layout.flow import BREAK, line_width
from tuinb.render.layout.tables import Cell, Grid, Look, Table, fit_or_scroll, natural
from tuinb.render.safe import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.style import Style

    from tuinb.render.block import Line
    from tuinb.render.html.tree import Element
    from tuinb.render.styles import ThemeStyles

    Draw = Callable[[Element, Style | None, int], list[Line]]
    """Draws what is inside an element at a width."""

_GAP = "  "
_LEAST_WORDS, _LEAST_NUMBER = 16, 24
"""Columns below which a column of words is not narrowed, and one of numbers."""
_MOST_COLUMNS = 1_000
_MOST_SPANNED = 100_000
"""Places of a grid, spanned ones too."""
_NATURAL = 200
"""Columns for which cells are drawn that are more than words, to see how wide they are."""
_SECTIONS = frozenset(("thead", "tbody", "tfoot"))
_NEUTRAL = frozenset(("", "...", "…", "⋮", "nan", "nat", "none", "null", "<na>", "-", "–", "\N{EM DASH}"))
"""What stands in columns of numbers and of words alike."""
_SIGNS = str.maketrans("", "", ",_%$€£¥ \xa0±°")


class _Place(NamedTuple):
    cell: Cell
    header: bool
    rows: int


class _Row(NamedTuple):
    section: str
    places: list[_Place]
    leading: int
    """How many columns from the first on are headers."""


def table_of(table: Element, base: Style | None, columns: int, styles: ThemeStyles, draw: Draw) -> Table | None:
    """The table, fitted to so many columns or to be scrolled sideways; None where it shows nothing."""
    rows = list(_Reader(styles, draw).rows(table, base))
    rows = [row for row in rows if row.section != "tfoot"] + [row for row in rows if row.section == "tfoot"]
    count = max((place.cell.column + place.cell.span for row in rows for place in row.places), default=0)
    if not any(place.cell.natural for row in rows for place in row.places):
        return None
    heads = _heads(rows)
    firm = _align(rows, heads)
    body = [row.leading for row in rows[heads:] if row.leading < count]
    grid = Grid([[place.cell for place in row.places] for row in rows], heads, min(body, default=0), firm)
    naturals, leasts = _widths(rows, heads, count, firm)
    widths = fit_or_scroll(naturals, leasts, columns - len(_GAP) * (count - 1))
    return Table(grid, widths, columns, Look(_GAP, "──", styles.role("rule")))


class _Reader:
    def __init__(self, styles: ThemeStyles, draw: Draw) -> None:
        self._styles = styles
        self._draw = draw
        self._until: list[int] = []
        """For each column, the first row that no cell from above reaches."""
        self._headed: list[bool] = []
        """For each column, whether the cell that reaches down is a header."""
        self._left = _MOST_SPANNED

    def rows(self, table: Element, base: Style | None) -> Iterator[_Row]:
        number = 0
        for section, row in _row_elements(table):
            if hidden(row):
                continue
            places = list(self._row(row, number, section, over(base, style_of(row, self._styles))))
            leading = 0
            while leading < len(self._headed) and self._until[leading] > number and self._headed[leading]:
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
            self._headed += [False] * more
            down = _count(element.get("rowspan")) if element.attributes else 1
            self._until[column : column + span] = [number + down] * span
            self._headed[column : column + span] = [header] * span
            yield _Place(self._cell(element, column, span, section, base), header, down)
            column += span

    def _cell(self, element: Element, column: int, span: int, section: str, base: Style | None) -> Cell:
        style = over(base, style_of(element, self._styles))
        if section == "thead" and element.name == "td":
            # As the types below the names in polars.
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


def _heads(rows: list[_Row]) -> int:
    """Rows of the header: those of `thead`, else the first ones that hold nothing but `th`."""
    heads = 0
    for row in rows:
        if row.section != "thead":
            break
        heads += 1
    if not heads:
        while heads < len(rows) and rows[heads].places and all(place.header for place in rows[heads].places):
            heads += 1
    return heads if heads < len(rows) or (rows and rows[0].section == "thead") else 0


def _align(rows: list[_Row], heads: int) -> frozenset[int]:
    """Aligns what has no alignment of its own, numbers to the right; gives the columns of numbers."""
    numbers, words = set(), set()
    for row in rows[heads:]:
        for place in row.places:
            cell = place.cell
            if cell.span == 1 and cell.column not in words:
                text = "" if cell.draw else "".join(span.text for span in cell.spans).strip()
                if cell.draw or not _is_number(text):
                    if cell.draw or text.lower() not in _NEUTRAL:
                        words.add(cell.column)
                elif text.lower() not in _NEUTRAL:
                    numbers.add(cell.column)
    firm = frozenset(numbers - words)
    for row in rows:
        for place in row.places:
            if not place.cell.align:
                place.cell.align = "right" if place.cell.column in firm else "left"
    return firm


def _widths(rows: list[_Row], heads: int, count: int, firm: frozenset[int]) -> tuple[list[int], list[int]]:
    """For each column, the width that it wants, and the least that it should have."""
    naturals, leasts = [1] * count, [1] * count
    for number, row in enumerate(rows):
        for place in row.places:
            cell, at = place.cell, place.cell.column
            if cell.span == 1:
                naturals[at] = max(naturals[at], cell.natural)
                keep = _LEAST_NUMBER if at in firm and number >= heads else _LEAST_WORDS
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
    """The text of a cell of which that is all there is to know, as of nearly all; None for any other."""
    if not element.children:
        return ""
    only = element.children[0]
    if len(element.children) > 1 or not isinstance(only, str) or not only.isascii():
        return None
    text = only.strip(" \t\n\f\r")
    return text if text.isprintable() and "  " not in text else None


def _in_lines(element: Element) -> bool:
    """Whether nothing inside begins a line of its own."""
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
    """The value of a span; 1 where it is none."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1
