"""Wraps lines of text to a width as a terminal does, in blocks of very many lines.

A block knows the row count of each piece of its text, and makes rows on demand. A piece is some hundred lines with a known
maximum length. If that fits the width and no character is wide, rows are lines and no line is inspected. Unchanged pieces
are not counted again, so the cost of a growing stream is that of its new text. A line with more than _HUGE characters beside
its escape sequences is cut by character count and shown without colours. The state for the next line is read from its end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

from rich.cells import get_character_cell_size

from tuinb.notebook.streams.text import Piece
from tuinb.record import Record, field
from tuinb.render import ansi
from tuinb.render.block import Line, Span
from tuinb.render.layout import row_counts
from tuinb.render.safe import PAD, clean, is_narrow, one_to_one, width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.style import Style

    from tuinb.render.styles import ThemeStyles

_CARRY = 100
_HUGE = 20_000
_LONGEST_ESCAPED = 10
"""A line with many escape sequences is shown in colours up to this many times _HUGE characters."""
_PAGE = 64
"""Lines that are wrapped together."""
_KEPT_PAGES = 6
_PIECE = 1 << 15
"""Approximate number of characters in a piece of plain text."""


class LineSource(Protocol):
    """Text as lines, in pieces. Changes happen at the end."""

    @property
    def revision(self) -> int: ...
    @property
    def piece_count(self) -> int: ...
    def piece(self, index: int) -> Piece: ...
    def lines(self, start: int, stop: int) -> list[str]: ...
    def style_before(self, line: int) -> str:
        """Returns escape sequences that set the state at the start of `line`."""
        ...


class TextBlock:
    """The wrapped rows of a line source. Grows with the source.

    `base` is the style under the source's own colours. `paint`, if given, makes the spans of a line, which then has no
    colours of its own.
    """

    def __init__(
        self,
        source: LineSource,
        columns: int,
        styles: ThemeStyles,
        base: Style | None = None,
        paint: Callable[[str], Line] | None = None,
    ) -> None:
        self._source = source
        self._columns = max(1, columns)
        self._styles = styles
        self._base = base
        self._paint = paint
        self._seen: int | None = None
        self._pieces: list[Piece] = []
        self._ends: list[int] = []
        self._page_ends: dict[int, list[int]] = {}
        self._pages: OrderedDict[tuple[int, int], _Page] = OrderedDict()

    @property
    def height(self) -> int:
        self._sync()
        return self._ends[-1] if self._ends else 0

    @property
    def source(self) -> LineSource:
        """The source of the lines."""
        return self._source

    def row_of(self, line: int) -> int:
        """Returns the first row of the source's line `line`, without making the rows before it."""
        self._sync()
        if not self._pieces:
            return 0
        number = max(0, bisect_right(self._pieces, line, key=lambda piece: piece.first_line) - 1)
        row = self._ends[number - 1] if number else 0
        within = line - self._pieces[number].first_line
        ends = self._page_ends.get(number)
        if ends is None:
            return row + within
        page, within = divmod(within, _PAGE)
        within_page = self._page(number, page).ends
        return row + (ends[page - 1] if page else 0) + (within_page[within - 1] if within else 0)

    def line(self, index: int) -> Line:
        """Returns row `index`."""
        self._sync()
        number = bisect_right(self._ends, index)
        row = index - (self._ends[number - 1] if number else 0)
        ends = self._page_ends.get(number)
        if ends is None:
            page, row = divmod(row, _PAGE)
        else:
            page = bisect_right(ends, row)
            row -= ends[page - 1] if page else 0
        return self._row(self._page(number, page), row)

    def _sync(self) -> None:
        """Counts the new and changed pieces, which are at the end."""
        source, pieces, ends = self._source, self._pieces, self._ends
        if source.revision == self._seen:
            return
        self._seen = source.revision
        count = source.piece_count
        same = min(count, len(pieces))
        while same and source.piece(same - 1) != pieces[same - 1]:
            same -= 1
        if same == count == len(pieces):
            return
        for number in range(same, len(pieces)):
            self._page_ends.pop(number, None)
        self._pages.clear()
        del pieces[same:], ends[same:]
        total = ends[-1] if ends else 0
        for number in range(same, count):
            piece = source.piece(number)
            total += self._count(number, piece)
            pieces.append(piece)
            ends.append(total)

    def _count(self, number: int, piece: Piece) -> int:
        columns = self._columns
        if piece.plain and piece.max_len <= columns:
            return piece.line_count
        lines = self._source.lines(piece.first_line, piece.first_line + piece.line_count)
        if piece.max_len <= columns and is_narrow("".join(lines)):
            return piece.line_count
        if self._paint is None and piece.max_len <= _HUGE:
            counts = row_counts.counts(lines, columns, self._rows_of)
        else:
            counts = [self._rows_of(line) for line in lines]
        ends = list(accumulate(sum(counts[first : first + _PAGE]) for first in range(0, len(counts), _PAGE)))
        self._page_ends[number] = ends
        return ends[-1] if ends else 0

    def _rows_of(self, line: str) -> int:
        """Returns the number of rows of a line, if possible without making them."""
        size, columns = len(line), self._columns
        if size <= columns and is_narrow(line):
            return 1
        if (plain := self._huge(line)) is not None:
            return max(1, -(-len(plain) // _huge_step(plain, columns)))
        if line.isascii() and "\t" not in line and self._paint is None:
            return max(1, -(-len(ansi.strip(line)) // columns))
        return len(wrap(self._painted(line, ansi.PLAIN), columns))

    def _huge(self, line: str) -> str | None:
        """Returns a huge line without escape sequences. Returns None for any other line."""
        if len(line) <= _HUGE:
            return None
        plain = line if self._paint else ansi.strip(line)
        return plain if len(plain) > _HUGE or len(line) > _HUGE * _LONGEST_ESCAPED else None

    def _painted(self, line: str, state: ansi.Sgr) -> Line:
        painted = self._paint(line) if self._paint else ansi.spans(line, state, self._styles)[0]
        base = self._base
        if base is None:
            return painted
        return tuple(Span(span.text, base if span.style is None else base + span.style) for span in painted)

    def _row(self, page: _Page, index: int) -> Line:
        number = bisect_right(page.ends, index)
        text, row = page.lines[number], index - (page.ends[number - 1] if number else 0)
        rows = page.rows.get(number)
        if rows is None and len(text) > _HUGE:
            plain = page.plain[number] if number in page.plain else page.plain.setdefault(number, self._huge(text))
            if plain is not None:
                return (Span(_huge_row(plain, row, self._columns), self._base),)
        if rows is None:
            rows = page.rows[number] = wrap(self._painted(text, page.states[number]), self._columns)
        return rows[row]

    def _page(self, number: int, page: int) -> _Page:
        key = (number, page)
        found = self._pages.get(key)
        if found is not None:
            self._pages.move_to_end(key)
            return found
        piece = self._pieces[number]
        first = piece.first_line + page * _PAGE
        lines = self._source.lines(first, min(first + _PAGE, piece.first_line + piece.line_count))
        state = ansi.state_after(self._source.style_before(first))
        made = self._pages[key] = _Page(
            lines,
            ends=list(accumulate(map(self._rows_of, lines))),
            states=list(accumulate(lines, lambda before, line: ansi.state_after(line[-_HUGE:], before), initial=state)),
        )
        if len(self._pages) > _KEPT_PAGES:
            self._pages.popitem(last=False)
        return made


class _Page(Record, frozen=False):
    """Some lines, and the rows of those that were requested."""

    lines: list[str]
    ends: list[int]
    """End of each line's rows, from the top of the page."""
    states: list[ansi.Sgr]
    """State at the start of each line."""
    rows: dict[int, list[Line]] = field(default_factory=dict)
    plain: dict[int, str | None] = field(default_factory=dict)
    """Huge lines without escape sequences. None for a line that is wrapped in colours."""


class TextLines:
    """Immutable text as a line source. Splitting it costs one search for line ends."""

    revision = 0

    def __init__(self, text: str) -> None:
        self._text = text[:-1] if text.endswith("\n") else text
        self._starts: list[int] = []
        self._pieces: list[Piece] = []
        self._coloured = "\x1b" in text or "\x9b" in text
        plain = text.isascii() and "\t" not in text
        at = first = 0
        while at <= len(self._text):
            end = self._text.find("\n", at + _PIECE)
            end = len(self._text) if end < 0 else end
            lines = self._text[at:end].split("\n")
            self._pieces.append(Piece(first, len(lines), max(map(len, lines)), 0, plain))
            self._starts.append(at)
            first += len(lines)
            at = end + 1

    @property
    def piece_count(self) -> int:
        return len(self._pieces)

    def piece(self, index: int) -> Piece:
        return self._pieces[index]

    def lines(self, start: int, stop: int) -> list[str]:
        """Returns the lines from `start` up to, but not including, `stop`."""
        out: list[str] = []
        number = bisect_right(self._pieces, start, key=lambda piece: piece.first_line) - 1
        while start < stop and number < len(self._pieces):
            piece, at = self._pieces[number], self._starts[number]
            end = self._starts[number + 1] - 1 if number + 1 < len(self._starts) else len(self._text)
            lines = self._text[at:end].split("\n")[start - piece.first_line : stop - piece.first_line]
            out += lines
            start += len(lines)
            number += 1
        return out

    def style_before(self, line: int) -> str:
        """Returns the last _CARRY lines before `line`. Colours rarely come from further above."""
        if not self._coloured:
            return ""
        return "\n".join(text for text in self.lines(max(0, line - _CARRY), line) if len(text) <= _HUGE)


def _huge_step(text: str, columns: int) -> int:
    return columns if text.isascii() else max(1, columns // 2)


def _huge_row(text: str, row: int, columns: int) -> str:
    step = _huge_step(text, columns)
    shown = clean(one_to_one(text[row * step : (row + 1) * step]).replace("\t", " "))
    return shown if width(shown) <= columns else "\ufffd" * columns


def wrap(line: Line, columns: int) -> list[Line]:
    """Returns the rows of a line, each at most `columns` wide. Returns one empty row for an empty line."""
    if sum(width(span.text) for span in line) <= columns:
        return [line]
    rows: list[Line] = []
    row: list[Span] = []
    room = columns
    for span in line:
        for part, size in _parts(span.text, room, columns):
            if size > room:
                rows.append(tuple(row))
                row, room = [], columns
            row.append(Span(part, span.style))
            room -= size
    rows.append(tuple(row))
    return rows


def _parts(text: str, room: int, columns: int) -> Iterator[tuple[str, int]]:
    """Cuts text into parts, with their widths. The first part has `room` columns, the others `columns`."""
    if text.isascii():
        at = 0
        while at < len(text):
            if room == 0:
                room = columns
            part = text[at : at + room]
            yield part, len(part)
            at += len(part)
            room -= len(part)
        return
    start = used = base = 0
    if columns == 1:
        text = "".join("\ufffd" if get_character_cell_size(char) > 1 else char for char in text)
    for at, char in enumerate(text):
        size = get_character_cell_size(char)
        if used + size > room:
            # The column added after a vowel (see safe.py) stays with its letter.
            cut = base if char == PAD and base > start and not get_character_cell_size(text[at - 1]) else at
            beside = width(text[cut:at])
            if cut > start:
                yield text[start:cut], used - beside
            start, used, room = cut, beside, columns
        used += size
        base = at if size else base
    if start < len(text):
        yield text[start:], used
