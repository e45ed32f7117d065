"""The text of a stream output, as a small terminal with unlimited scrollback.

A flood is few huge messages or many tiny ones, so text without cursor movement is only scanned at C speed and kept in
pieces of about 64 kB. `\\r`, `\\b` and the cursor sequences of nested progress bars are interpreted over the last
`LIVE_LINES` lines; what stands above them never changes. The rule for `\\r` is JupyterLab's: go to the start of the line
and overwrite. One code point is one column.

Invariants: any chunking of the same text gives the same lines; a closed piece holds whole lines and is never changed, only
taken back whole; the lists that a mark names only ever grow, and are replaced where something must go; without a live tail
the cursor is at the end of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Final, NamedTuple

from tuinb.notebook.streams.live_tail import (
    BROKEN,
    HELD,
    INTERPRETED,
    LIVE_LINES,
    LONGEST_HELD,
    MADE_VISIBLE,
    UNUSUAL,
    LiveTail,
)
from tuinb.notebook.streams.sgr import ESC, style_after
from tuinb.record import Record

PIECE: Final = 65_536
"""Maximum characters of a piece, unless one line alone is longer."""
_PARTS: Final = 512
_LONG: Final = 4096


class Piece(NamedTuple):
    """A run of whole lines, as the unit in which wrapped rows are counted. Only the last few pieces ever change."""

    first_line: int
    line_count: int
    max_len: int
    """Code points of the longest line with its escape sequences: an upper bound of the columns of narrow text."""
    revision: int
    """A number that differs for another piece or other text."""
    plain: bool
    """Whether it is ASCII without tabs, so that a character takes one column at most."""


class _Closed(Record, frozen=False, eq=False):
    """Lines that no later text changes."""

    text: str
    first: int
    count: int
    revision: int
    widest: int = -1
    style: str | None = None


class StreamMark(Record, eq=False):
    """The content of a stream at one moment. Made in constant time; later changes of the stream do not affect it."""

    revision: int
    closed: list[_Closed]
    closed_count: int
    head: list[str]
    head_count: int
    parts: list[str]
    parts_count: int
    size: int
    newlines: int
    closed_chars: int
    floor: int
    held: str
    live: LiveTail | None


class StreamText:
    """Text that only grows at its end, as a terminal shows it."""

    __slots__ = (
        "_closed",
        "_closed_chars",
        "_floor",
        "_head",
        "_held",
        "_live",
        "_newlines",
        "_parts",
        "_size",
        "_tail",
        "_tail_is_plain",
        "_tail_revision",
        "revision",
    )

    def __init__(self, text: str = "") -> None:
        self.revision = 0
        self._closed: list[_Closed] = []
        self._closed_chars = 0
        self._head: list[str] = []
        """Parts, of PIECE characters or more, of a line that is not finished yet."""
        self._parts: list[str] = []
        self._size = 0
        self._newlines = 0
        """Number of line feeds before the live tail."""
        self._floor = 0
        self._held = ""
        self._live: LiveTail | None = None
        self._tail: list[str] = []
        self._tail_is_plain = True
        self._tail_revision = -1
        if text:
            self.append(text)

    # ---- writing

    def append(self, text: str) -> None:
        """Writes `text` at the cursor. An incomplete sequence at its end is held until the rest arrives."""
        if self._held:
            text = self._held + text
            self._held = ""
        self.revision += 1
        escapes = ESC in text
        if escapes and (match := HELD.search(text, max(0, len(text) - LONGEST_HELD))):
            self._held = match[0]
            text = text[: match.start()]
        unusual = escapes and UNUSUAL.search(text) is not None
        if unusual:
            text = BROKEN.sub(MADE_VISIBLE, text)
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        if not unusual and "\r" not in text and "\b" not in text:
            self._plain(text)
            return
        done = 0
        for match in INTERPRETED.finditer(text):
            if match.start() > done:
                self._plain(text[done : match.start()])
            if self._live is None:
                self._live = self._enter()
            self._live.control(match[0])
            done = match.end()
        if done < len(text):
            self._plain(text[done:])

    def _plain(self, text: str) -> None:
        """Writes text without cursor movement: through the live tail while the cursor is inside it or the text is short."""
        while (live := self._live) is not None and text:
            cut = len(text) if len(text) < _LONG else 0
            if not cut:
                if live.at_end:
                    self._leave(live)
                    break
                cut = text.find("\n") + 1 or len(text)
            live.write(text[:cut])
            text = text[cut:]
            if live.overfull:
                self._add(live.take_settled())
        if text:
            self._add(text)

    def _add(self, text: str) -> None:
        if len(text) < PIECE:  # of a longer one, its pieces are counted
            self._newlines += text.count("\n")
        elif self._parts and self._parts[-1].endswith("\n"):  # else the long text would be copied behind these lines
            self._close("".join((*self._head, *self._parts)))
            self._head, self._parts, self._size = [], [], 0
            self._newlines = self._tail_first()
        self._size += len(text)
        self._parts.append(text)
        if self._size >= PIECE:
            self._close_lines()
        elif len(self._parts) > _PARTS:
            self._parts = ["".join(self._parts)]

    def _close_lines(self) -> None:
        """Turns the whole lines among the open parts into pieces. Text after the last line feed stays open."""
        text = "".join(self._parts)
        start = text.find("\n") + 1
        if not start:
            self._head.append(text)
            self._parts, self._size = [], 0
            return
        if self._head:
            self._close("".join((*self._head, text[:start])))
            self._head = []
        else:
            start = 0
        while len(text) - start >= PIECE:
            end = text.rfind("\n", start, start + PIECE) + 1 or text.find("\n", start + PIECE) + 1
            if not end:
                break
            self._close(text[start:end])
            start = end
        rest = text[start:]
        self._newlines = self._tail_first() + rest.count("\n")
        self._parts, self._size = ([rest] if rest else []), len(rest)
        if len(rest) >= PIECE:
            self._head, self._parts, self._size = [rest], [], 0

    def _close(self, text: str) -> None:
        first = self._closed[-1].first + self._closed[-1].count if self._closed else 0
        self._closed.append(_Closed(text, first, text.count("\n"), self.revision))
        self._closed_chars += len(text)

    def _enter(self) -> LiveTail:
        """Moves the last lines of the kept text into a live tail."""
        last = self._newlines
        self._floor = max(self._floor, last - LIVE_LINES + 1)
        wanted = last - self._floor + 1
        text = "".join((*self._head, *self._parts))
        if self._closed and text.count("\n") < wanted:
            keep = len(self._closed)
            lines = text.count("\n")
            while keep and lines < wanted:
                keep -= 1
                lines += self._closed[keep].count
            text = "".join((*(piece.text for piece in self._closed[keep:]), text))
            self._closed_chars -= sum(len(piece.text) for piece in self._closed[keep:])
            self._closed = self._closed[:keep]
        split = text.rsplit("\n", wanted)
        above = f"{split[0]}\n" if len(split) > wanted else ""
        rows = split[1:] if above else split
        self._head, self._parts, self._size = [], ([above] if above else []), len(above)
        self._newlines = last - len(rows) + 1
        return LiveTail(rows, self._newlines, self._floor, style_after(self._style_closed(), above))

    def _leave(self, live: LiveTail) -> None:
        self._floor = live.floor
        self._live = None
        if text := live.text():
            self._add(text)

    # ---- reading

    @property
    def line_count(self) -> int:
        """Number of lines. A line feed at the very end opens no line."""
        if self._live is not None:
            return self._live.first + self._live.line_count
        last = self._parts[-1] if self._parts else self._head[-1] if self._head else "\n"
        return self._newlines + (not last.endswith("\n"))

    @property
    def chars(self) -> int:
        """Number of characters that are held."""
        live = 0 if self._live is None else len(self._live.text())
        return self._closed_chars + sum(map(len, self._head)) + self._size + live

    def text(self) -> str:
        """Returns the whole text without overwritten text, as files store it."""
        live = () if self._live is None else (self._live.text(),)
        return "".join((*(piece.text for piece in self._closed), *self._head, *self._parts, *live, self._held))

    def moves(self) -> str:
        """Returns the sequences that take the cursor from the end of the text to where it is now; empty if it is there."""
        return "" if self._live is None else self._live.moves()

    def as_written(self) -> str:
        """Returns text that makes another stream like this one: with the same text, and the cursor at the same place."""
        text = self.text()
        return f"{text.removesuffix(self._held)}{self.moves()}{self._held}"

    def lines(self, start: int, stop: int) -> list[str]:
        """Returns lines `start` to `stop` without line feeds, with SGR sequences. The cost follows `stop - start`."""
        start, stop = max(start, 0), min(stop, self.line_count)
        found: list[str] = []
        at = bisect_right(self._closed, start, key=lambda piece: piece.first) - 1
        while start < stop and 0 <= at < len(self._closed):
            piece = self._closed[at]
            if piece.first + piece.count > start:
                taken = _lines_of(piece.text)[start - piece.first : min(stop - piece.first, piece.count)]
                found += taken
                start += len(taken)
            at += 1
        if start < stop:
            first = self._tail_first()
            found += self._tail_lines()[start - first : stop - first]
        return found

    def style_before(self, line: int) -> str:
        """Returns the SGR sequence in force where `line` starts, which lines above may have set. Empty if nothing is set."""
        at = bisect_right(self._closed, line, key=lambda piece: piece.first) - 1
        if 0 <= at < len(self._closed) and line < self._closed[at].first + self._closed[at].count:
            first, style = self._closed[at].first, self._style_of(at)
            if ESC not in self._closed[at].text:
                return style
        else:
            first, style = self._tail_first(), self._style_closed()
        return style_after(style, "\n".join(self.lines(first, line)))

    @property
    def piece_count(self) -> int:
        """Number of pieces. Together they hold every line once, in order."""
        return len(self._closed) + (self.line_count > self._tail_first())

    def piece(self, index: int) -> Piece:
        """Returns one piece. Raises IndexError outside `range(piece_count)`."""
        if not 0 <= index < self.piece_count:
            raise IndexError(index)
        if index < len(self._closed):
            piece = self._closed[index]
            if piece.widest < 0:
                piece.widest = max(map(len, _lines_of(piece.text)))
            return Piece(piece.first, piece.count, piece.widest, piece.revision, _is_plain(piece.text))
        lines = self._tail_lines()
        return Piece(self._tail_first(), len(lines), max(map(len, lines)), self.revision, self._tail_is_plain)

    def _tail_first(self) -> int:
        return self._closed[-1].first + self._closed[-1].count if self._closed else 0

    def _tail_lines(self) -> list[str]:
        if self._tail_revision != self.revision:
            live = () if self._live is None else (self._live.text(),)
            text = "".join((*self._head, *self._parts, *live))
            self._tail, self._tail_is_plain = text.split("\n"), _is_plain(text)
            if not self._tail[-1]:
                self._tail.pop()
            self._tail_revision = self.revision
        return self._tail

    def _style_closed(self) -> str:
        """Returns the style after the last closed piece."""
        last = len(self._closed) - 1
        return style_after(self._style_of(last), self._closed[last].text) if self._closed else ""

    def _style_of(self, index: int) -> str:
        known = index
        while known > 0 and self._closed[known].style is None:
            known -= 1
        style = self._closed[known].style or ""
        for at in range(known, index):
            self._closed[at].style = style
            style = style_after(style, self._closed[at].text)
        self._closed[index].style = style
        return style

    # ---- marks

    def mark(self) -> StreamMark:
        """Returns a mark of the current content, for `truncate`."""
        return StreamMark(
            self.revision,
            self._closed,
            len(self._closed),
            self._head,
            len(self._head),
            self._parts,
            len(self._parts),
            self._size,
            self._newlines,
            self._closed_chars,
            self._floor,
            self._held,
            None if self._live is None else self._live.copy(),
        )

    def truncate(self, mark: StreamMark) -> None:
        """Gives this stream the content at a mark, of this or another stream. The revision still grows."""
        self.revision = max(self.revision, mark.revision) + 1
        self._closed = mark.closed[: mark.closed_count]
        self._head = mark.head[: mark.head_count]
        self._parts = mark.parts[: mark.parts_count]
        self._size, self._newlines, self._closed_chars = mark.size, mark.newlines, mark.closed_chars
        self._floor, self._held = mark.floor, mark.held
        self._live = None if mark.live is None else mark.live.copy()


def _lines_of(text: str) -> list[str]:
    """Returns the lines of a piece, not to be changed. A larger piece holds a huge line, and is not worth caching."""
    return _split(text) if len(text) <= 2 * PIECE else text.split("\n")


@lru_cache(maxsize=2)
def _split(text: str) -> list[str]:
    """Cached, since callers read a few lines at a time, all of the same piece."""
    return text.split("\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "\t" not in text
