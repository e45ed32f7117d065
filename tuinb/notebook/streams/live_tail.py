"""The last lines of a stream, as a screen in which the cursor moves.

Rows stay strings until the cursor edits them; only then they become cells. Each cell remembers the sequences that stood
before it and the style that it was written in, so that untouched text is given back as it came and overwritten text keeps
the right colours around it. Invariants: where `at_end` is set, the cursor stands behind the last row and the text's own
style there is the cursor's; no row holds an ESC that does not start a whole, passive sequence, so a row read again as
text means the same; rows above `floor` are never changed. Sequences that do not move the cursor take no column.
"""

from __future__ import annotations

import re
from typing import Final

from tuinb.late_pattern import late_pattern
from tuinb.notebook.streams.sgr import ESC, style_after, transition

LIVE_LINES: Final = 100
"""Number of lines that the cursor can reach, counted from the last one."""
_MAX_COLUMN: Final = 4096
_MAX_ROW: Final = 65_536
"""A longer row is not edited: the cursor goes to a new row."""

_CSI: Final = r"\[[0-?]{0,64}[ -/]{0,8}[@-~]"
_STRING: Final = r"[\]PX^_][^\x00-\x1f]{0,4096}(?:\x07|\x1b\\)"
_SHORT: Final = r"[ -/]{1,8}[0-~]|[0-OQ-WYZ\\`-~]"
_MOVING: Final = r"\[(?:[0-9;]{0,64}[A-GK]|0?J)"
_PASSIVE: Final = rf"(?!{_MOVING})(?:{_CSI}|{_STRING}|{_SHORT})"

BROKEN: Final = late_pattern(rf"\x1b(?!{_MOVING}|{_PASSIVE})")
"""An ESC that starts no sequence."""
MADE_VISIBLE: Final = "\u241b"
"""The visible replacement of a broken ESC."""
UNUSUAL: Final = late_pattern(rf"\x1b(?!\[[0-9;]{{0,64}}m|{_PASSIVE})")
"""An ESC that starts no sequence, or one that moves the cursor: colours come first, as nearly all of them are."""
INTERPRETED: Final = late_pattern(rf"\r[^\r\n\x08\x1b]*(?:\r[^\r\n\x08\x1b]*)*|\x08+|\x1b{_MOVING}")
"""Text that can't simply be appended: lines written over each other, `\b`, a sequence that moves the cursor.

Each way of it begins with a character of its own: for such, `re` looks many times as fast.
"""
HELD: Final = late_pattern(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|[ -/]{0,8}|[\]PX^_][^\x00-\x1f]{0,4096}\x1b?)?\Z",
)
"""The start of a sequence at the end of a chunk."""
LONGEST_HELD: Final = 4_100
"""Maximum characters that HELD matches."""
_TOKEN: Final = late_pattern(rf"(\x1b{_PASSIVE})|([^\x1b]+)", re.DOTALL)
_WHOLE: Final = late_pattern(rf"\x1b{_PASSIVE}")
_LINE_TOKEN: Final = late_pattern(rf"(\n)|(\x1b{_PASSIVE})|([^\x1b\n]+)", re.DOTALL)


class _Cells:
    """One row that the cursor edits. `start` and `end` are the styles in force before and after it."""

    __slots__ = ("chars", "end", "pres", "shared", "start", "styles", "tail")

    def __init__(self, row: str, start: str) -> None:
        self.start = start
        self.chars: list[str] = []
        self.pres: list[str] = []
        self.styles: list[str] = []
        self.shared = False
        self.tail, self.end = "", start
        self.extend(row)

    def extend(self, text: str) -> None:
        """Adds text behind the last cell, as if it had stood there from the start."""
        style, pre = self.end, self.tail
        for match in _TOKEN.finditer(text):
            if match[1]:
                pre += match[1]
                style = style_after(style, match[1])
            else:
                count = len(match[2])
                self.chars += match[2]
                self.pres += [pre, *[""] * (count - 1)]
                self.styles += [style] * count
                pre = ""
        self.tail, self.end = pre, style

    def copy(self) -> _Cells:
        other = _Cells("", self.start)
        other.chars, other.pres, other.styles = self.chars[:], self.pres[:], self.styles[:]
        other.tail, other.end = self.tail, self.end
        return other

    def text(self) -> str:
        return "".join([part for pair in zip(self.pres, self.chars, strict=True) for part in pair]) + self.tail

    def write(self, column: int, run: str, style: str) -> None:
        have, count = len(self.chars), len(run)
        if column > have:
            self.write(have, " " * (column - have), "")
            have = column
        stop = column + count
        before = self._style_at(column)
        if column == have and self.tail != transition(before, self.end):
            pre = self.tail + transition(self.end, style)
        else:
            pre = transition(before, style)
        self.chars[column:stop] = run
        self.pres[column:stop] = [pre, *[""] * (count - 1)]
        self.styles[column:stop] = [style] * count
        if stop < have:
            self.pres[stop] = transition(style, self.styles[stop])
        else:
            self.tail = transition(style, self.end)

    def end_in(self, style: str) -> None:
        """Makes `style` the one in force behind the row."""
        before = self._style_at(len(self.chars))
        if self.tail == transition(before, self.end):
            self.tail = transition(before, style)
        else:
            self.tail += transition(self.end, style)
        self.end = style

    def cut(self, column: int) -> None:
        """Erases from `column` on."""
        if column < len(self.chars):
            del self.chars[column:], self.pres[column:], self.styles[column:]
            self.tail = transition(self._style_at(column), self.end)

    def _style_at(self, column: int) -> str:
        return self.styles[column - 1] if column else self.start


class LiveTail:
    """The last lines of a stream and the cursor in them. `first` is the number of its first line in the stream."""

    __slots__ = ("_base", "_column", "_measured", "_row", "_rows", "_style", "at_end", "first", "floor")

    def __init__(self, rows: list[str], first: int, floor: int, base: str) -> None:
        self._rows: list[str | _Cells] = [*rows]
        self.first = first
        self.floor = floor
        self._base = base
        """The style in force before the first row."""
        self._row = len(rows) - 1
        self._column = 0
        self.at_end = True
        self._style = self._style_before(len(rows))
        self._measured: tuple[int, str] | None = None
        """The cached result of `_end` for a last row that is a string."""

    def copy(self) -> LiveTail:
        """Returns a tail that shares its rows until one of the two edits them."""
        for row in self._rows:
            if isinstance(row, _Cells):
                row.shared = True
        other = LiveTail([], self.first, self.floor, self._base)
        other._rows = self._rows[:]
        other._row, other._column, other.at_end, other._style = self._row, self._column, self.at_end, self._style
        other._measured = self._measured
        return other

    # ---- reading

    @property
    def line_count(self) -> int:
        """Number of lines. An empty last row does not count."""
        return len(self._rows) - (not _text(self._rows[-1]))

    @property
    def overfull(self) -> bool:
        """Whether `take_settled` should be called."""
        return len(self._rows) >= 2 * LIVE_LINES

    def text(self) -> str:
        return "\n".join(map(_text, self._rows))

    def moves(self) -> str:
        """Returns the sequences that take the cursor, and its style, from the end of `text` to where it is now."""
        if self.at_end:
            return ""
        width, style = self._end()
        up, left = len(self._rows) - 1 - self._row, width - self._column
        parts = (f"{ESC}[{up}A" if up else "", f"{ESC}[{left}D" if left > 0 else f"{ESC}[{-left}C" if left else "")
        return "".join((*parts, transition(style, self._style)))

    def take_settled(self) -> str:
        """Removes the rows that the cursor can't reach any more, and returns their text."""
        count = self.floor - self.first
        self._base = self._style_before(count)
        settled = "".join([f"{_text(row)}\n" for row in self._rows[:count]])
        del self._rows[:count]
        self._row -= count
        self.first += count
        return settled

    # ---- writing

    def write(self, text: str) -> None:
        """Writes text that holds no control but line feeds and passive sequences."""
        if not self.at_end:
            text = self._write_inside(text)
        if text:
            self._extend(text)

    def _write_inside(self, text: str) -> str:
        """Writes until the cursor is at the end. Returns the rest of the text."""
        for match in _LINE_TOKEN.finditer(text):
            if match[3]:
                self._run(match[3])
            elif match[1]:
                self._line_feed()
            else:
                self._style = style_after(self._style, match[2])
            if self.at_end:
                return text[match.end() :]
        return ""

    def control(self, token: str) -> None:
        """Carries out one match of INTERPRETED."""
        self._leave_end()
        if token[0] == "\r":
            self._overwrite(token.split("\r")[1:])
        elif token[0] == "\b":
            self._back(len(token))
        else:
            self._sequence(token[-1], token[2:-1].partition(";")[0])
        self._land()

    def _back(self, count: int) -> None:
        """Moves left. Stops at the row's end on the way, so that the result does not depend on where the text is cut."""
        beyond = self._column - self._end()[0] if self._row == len(self._rows) - 1 else 0
        if 0 < beyond < count:
            self._column -= beyond
            self._land()
            self._leave_end()
            count -= beyond
        self._column = max(0, self._column - count)

    def _overwrite(self, runs: list[str]) -> None:
        """Writes each run from the start of the line. Skips a run that a later one covers completely."""
        if len(runs) > 1 and self._row == len(self._rows) - 1 and self._is_simple(max(map(len, runs))):
            seen: list[str] = []
            longest = -1
            for run in reversed(runs):
                if len(run) > longest:
                    seen.append(run)
                    longest = len(run)
            runs = seen[::-1]
        for run in runs:
            self.at_end = False
            self._column = 0
            self._land()
            if run:
                self._run(run)

    def _is_simple(self, longest: int) -> bool:
        """Returns whether runs that are overwritten later can be skipped on the cursor's row."""
        if max(longest, self._end()[0]) > _MAX_ROW:
            return False
        cells = self._cells()
        return not cells.tail and cells.end == self._style

    def _sequence(self, final: str, argument: str) -> None:
        number = int(argument[:9] or "0")
        count = number or 1
        match final:
            case "A" | "F":
                self._row = max(self.floor - self.first, self._row - count)
            case "B" | "E":
                self._row = min(len(self._rows) - 1, self._row + count)
            case "C":
                self._column = max(self._column, min(self._column + count, _MAX_COLUMN))
            case "D":
                self._column = max(0, self._column - count)
            case "G":
                self._column = min(count - 1, _MAX_COLUMN)
            case "K":
                self._erase_line(number)
            case _:
                self._cells().cut(self._column)
                del self._rows[self._row + 1 :]
                self._measured = None
        if final in "EF":
            self._column = 0

    def _erase_line(self, mode: int) -> None:
        if mode == 0:
            self._cells().cut(self._column)
        elif mode == 1:
            cells = self._cells()
            if count := min(self._column + 1, len(cells.chars)):
                cells.write(0, " " * count, "")
        elif mode == 2:
            self._cells().cut(0)

    def _run(self, run: str) -> None:
        if self.at_end:
            self._extend(run)
            return
        cells = self._cells()
        width = len(cells.chars)
        if self._row == len(self._rows) - 1:
            # The cursor lands behind the row's old end on its way: from there on this is text at the end.
            count = width - self._column if self._column < width else self._column == width or 1
            self._write(cells, run[:count])
            if len(run) > count:
                self._run(run[count:])
        else:
            self._write(cells, run)

    def _write(self, cells: _Cells, run: str) -> None:
        cells.write(self._column, run, self._style)
        self._column += len(run)
        self._land()

    def _extend(self, text: str) -> None:
        """Adds text behind the last row, where the cursor is. A row that is finished becomes a string again."""
        first, *others = text.split("\n")
        row = self._rows[-1]
        if isinstance(row, _Cells) and not others and len(row.chars) + len(first) <= _MAX_ROW:
            self._unshared(row).extend(first)
        else:
            self._rows[-1] = _text(row) + first
        self._measured = None
        if others:
            self._rows += others
            self._row = len(self._rows) - 1
            self.floor = max(self.floor, self.first + self._row - LIVE_LINES + 1)
        self._style = style_after(self._style, text)

    def _line_feed(self) -> None:
        self._column = 0
        self._row += 1
        if self._row == len(self._rows):
            self._row -= 1
            self._end_in_style()
            self._extend("\n")
            self.at_end = True
        else:
            self._land()

    def _leave_end(self) -> None:
        if self.at_end:
            self._column, _ = self._end()
            self.at_end = False

    def _land(self) -> None:
        """If the cursor is at the end of the last row, sets `at_end` and makes the text's style there the cursor's."""
        if self._row == len(self._rows) - 1 and self._column == self._end()[0]:
            self._end_in_style()
            self.at_end = True

    def _end_in_style(self) -> None:
        """Makes the cursor's style the one in force after the last row, which the cursor is on."""
        width, style = self._end()
        if style == self._style:
            return
        if width <= _MAX_ROW:
            self._cells().end_in(self._style)
        else:
            self._rows[-1] = f"{_text(self._rows[-1])}{transition(style, self._style)}"
            self._measured = width, self._style

    def _end(self) -> tuple[int, str]:
        """Returns the column after the last row, and the style in force there. Cached, since a row may be long."""
        row = self._rows[-1]
        if isinstance(row, _Cells):
            return len(row.chars), row.end
        if self._measured is None:
            self._measured = _width(row), self._style if self.at_end else self._style_before(len(self._rows))
        return self._measured

    def _cells(self) -> _Cells:
        """Returns the cursor's row, ready to be edited."""
        row = self._rows[self._row]
        if (self._end()[0] if self._row == len(self._rows) - 1 else _width(row)) > _MAX_ROW:
            self._row = len(self._rows) - 1
            self._line_feed()
            row = self._rows[self._row]
        if isinstance(row, str):
            row = _Cells(row, self._style_before(self._row))
            self._rows[self._row] = row
        return self._unshared(row)

    def _unshared(self, row: _Cells) -> _Cells:
        """Returns the cursor's row, copied if a copy of this tail shares it."""
        if row.shared:
            row = row.copy()
            self._rows[self._row] = row
        return row

    def _style_before(self, index: int) -> str:
        at = index
        while at and isinstance(self._rows[at - 1], str):
            at -= 1
        above = self._rows[at - 1] if at else None
        style = above.end if isinstance(above, _Cells) else self._base
        for row in self._rows[at:index]:
            style = style_after(style, _text(row))
        return style


def _text(row: str | _Cells) -> str:
    return row if isinstance(row, str) else row.text()


def _width(row: str | _Cells) -> int:
    if isinstance(row, str):
        return len(_WHOLE.sub("", row)) if ESC in row else len(row)
    return len(row.chars)
