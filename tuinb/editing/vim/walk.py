"""Walking over a text by characters, words, sentences and brackets, as vim's motions do.

A walker may stand behind the last character of a line. Which of its steps end there decides what many motions and text
objects do at the ends of lines, so that they are built on the same few steps as in vim.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPPED, NEXT_LINE, AT_LINE_END, NOWHERE = 0, 1, 2, -1
"""Results of a step: to a character, to another line, behind the last character of the line, to nowhere."""
FAR = 1 << 30
"""The column of the screen that is wanted after `$`: the end of each line."""
_BLANKS = " \t"


def kind_of(character: str, *, big: bool = False) -> int:
    """Returns the class of a character: 0 blank or none, 1 punctuation, 2 and more letters. With `big`, 1 if not blank."""
    if not character or character in _BLANKS:
        return 0
    if big:
        return 1
    if character.isalnum() or character == "_":
        code = ord(character)
        if code < 0x3040:
            return 2
        if code < 0x30A0:
            return 0x3040
        if code < 0x3100:
            return 0x30A0
        if 0x4E00 <= code < 0xA000 or 0x20000 <= code < 0x30000:
            return 0x4E00
        return 0xAC00 if 0xAC00 <= code < 0xD7A4 else 2
    return 3 if unicodedata.category(character) == "So" and ord(character) >= 0x2600 else 1


def width_of(character: str) -> int:
    """Returns the columns that a character other than a tab takes."""
    if character < "\x7f" and character >= " ":
        return 1
    if character < " " or character == "\x7f":
        return 2
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def screen_column(line: str, column: int, tab: int) -> int:
    """Returns the column of the screen at which a character of a line begins."""
    before = line[:column]
    if before.isascii() and before.isprintable():
        return column
    x = 0
    for character in before:
        x += tab - x % tab if character == "\t" else width_of(character)
    return x


def column_at(line: str, wanted: int, tab: int) -> int:
    """Returns the last column of a line that begins at or before a column of the screen; at most the length of the line."""
    if line.isascii() and line.isprintable():
        return min(wanted, len(line))
    x = 0
    for column, character in enumerate(line):
        x += tab - x % tab if character == "\t" else width_of(character)
        if x > wanted:
            return column
    return len(line)


def indent_width(line: str, tab: int) -> int:
    """Returns the columns of the leading blanks."""
    return screen_column(line, first_nonblank(line), tab)


def first_nonblank(line: str) -> int:
    """Returns the column of the first character that is no blank, or the length of the line."""
    return len(line) - len(line.lstrip(_BLANKS))


class Walker:
    """A place in lines that steps forwards and backwards."""

    __slots__ = ("big", "column", "lines", "row")

    def __init__(self, lines: Sequence[str], place: Place, *, big: bool = False) -> None:
        self.lines = lines
        self.row, self.column = place
        self.big = big

    @property
    def place(self) -> Place:
        """Where it is."""
        return Place(self.row, self.column)

    @place.setter
    def place(self, place: Place) -> None:
        self.row, self.column = place

    @property
    def character(self) -> str:
        """The character here; empty behind the end of the line."""
        return self.lines[self.row][self.column : self.column + 1]

    @property
    def kind(self) -> int:
        """The class of the character here."""
        return kind_of(self.character, big=self.big)

    @property
    def on_empty_line(self) -> bool:
        """Whether the line is empty."""
        return not self.lines[self.row]

    @property
    def on_blank(self) -> bool:
        """Whether a space or a tab is here."""
        return bool(self.character) and self.character in _BLANKS

    def step(self) -> int:
        """Goes one character on."""
        length = len(self.lines[self.row])
        if self.column < length:
            self.column += 1
            return STEPPED if self.column < length else AT_LINE_END
        if self.row + 1 < len(self.lines):
            self.row, self.column = self.row + 1, 0
            return NEXT_LINE
        return NOWHERE

    def back(self) -> int:
        """Goes one character back."""
        if self.column:
            self.column -= 1
            return STEPPED
        if self.row:
            self.row -= 1
            self.column = len(self.lines[self.row])
            return NEXT_LINE
        return NOWHERE

    def step_over(self) -> int:
        """Goes one character on, and over the end of a line."""
        result = self.step()
        return self.step() if result >= NEXT_LINE and self.column else result

    def back_over(self) -> int:
        """Goes one character back, and over the end of a line."""
        result = self.back()
        return self.back() if result == NEXT_LINE and self.column else result

    def _to_end_of_kind(self) -> None:
        kind = self.kind
        while self.kind == kind:
            self.step()

    # ---- words

    def to_next_word(self, count: int, *, in_line: bool) -> bool:
        """Goes to the start of the next word. With `in_line`, the last of them ends with its line. False at the end."""
        for left in range(count - 1, -1, -1):
            kind, last = self.kind, self.row + 1 == len(self.lines)
            stops = in_line and not left
            result = self.step()
            if result == NOWHERE or (result >= NEXT_LINE and last):
                return False
            if result >= NEXT_LINE and stops:
                return True
            while kind and self.kind == kind:
                result = self.step()
                if result == NOWHERE or (result >= NEXT_LINE and stops):
                    return True
            while not self.kind and not (self.column == 0 and self.on_empty_line):
                result = self.step()
                if result == NOWHERE or (result >= NEXT_LINE and last):
                    return True
        return True

    def to_word_end(self, count: int, *, stays: bool = False, at_empty: bool = False) -> bool:
        """Goes to the end of a word. With `stays`, the first may be the word here; `at_empty` stops at empty lines."""
        for _ in range(count):
            kind = self.kind
            if self.step() == NOWHERE:
                return False
            if self.kind == kind and kind:
                self._to_end_of_kind()
            elif not stays or not kind:
                while not self.kind and not (at_empty and self.column == 0 and self.on_empty_line):
                    if self.step() == NOWHERE:
                        return False
                if not self.kind:
                    stays = False
                    continue
                self._to_end_of_kind()
            self.back()
            stays = False
        return True

    def to_previous_word(self, count: int, *, stays: bool = False) -> bool:
        """Goes back to the start of a word. With `stays`, the first may be the word here. False at the start."""
        for _ in range(count):
            kind = self.kind
            if self.back() == NOWHERE:
                return False
            if not stays or kind == self.kind or not kind:
                while not self.kind and not (self.column == 0 and self.on_empty_line):
                    if self.back() == NOWHERE:
                        return True
                kind = self.kind
                while kind and self.kind == kind:
                    if self.back() == NOWHERE:
                        return True
                if kind:
                    self.step()
            else:
                self.step()
            stays = False
        return True

    def to_previous_word_end(self, count: int, *, in_line: bool = False) -> bool:
        """Goes back to the end of a word. False at the start of the text."""
        for _ in range(count):
            kind = self.kind
            result = self.back()
            if result == NOWHERE:
                return False
            if in_line and result == NEXT_LINE:
                return True
            while kind and self.kind == kind:
                result = self.back()
                if result == NOWHERE or (in_line and result == NEXT_LINE):
                    return True
            while not self.kind and not (self.column == 0 and self.on_empty_line):
                result = self.back()
                if result == NOWHERE or (in_line and result == NEXT_LINE):
                    return True
        return True

    def to_run_start(self) -> None:
        """Goes back, in the line, to the start of the characters of one class."""
        kind = self.kind
        while self.column:
            self.column -= 1
            if self.kind != kind:
                self.column += 1
                break

    # ---- sentences

    def to_sentence(self, count: int, *, forward: bool) -> bool:
        """Goes to the start of a sentence. False if there are not as many."""
        for left in range(count - 1, -1, -1):
            skips = True
            if not self.character:
                found, ends = forward, self._over_empty_lines(forward=forward)
                if ends and left and forward:
                    return False
            elif forward and self.column == 0 and self._starts_paragraph():
                found = self.row + 1 < len(self.lines)
                if not found:
                    return False
                self.row += 1
            else:
                found = False
                if not forward:
                    self.back_over()
            if not found:
                self._before_end_of_sentence(forward=forward)
                skips = self._to_sentence_end(forward=forward) != NOWHERE
                if not skips and left:
                    return False
            while skips and self.on_blank and self.step_over() != NOWHERE:
                pass
        return True

    def _over_empty_lines(self, *, forward: bool) -> bool:
        """Goes to a line that is not empty. Returns whether the text ends before."""
        while (self.step_over() if forward else self.back_over()) != NOWHERE:
            if self.character:
                return False
        return True

    def _starts_paragraph(self) -> bool:
        line = self.lines[self.row]
        return not line or line[0] == "\f"

    def _before_end_of_sentence(self, *, forward: bool) -> None:
        """Goes back over blanks and the marks that end a sentence."""
        dot = False
        while (character := self.character) and character in " \t.!?)]\"'":
            before = Walker(self.lines, self.place)
            if before.back_over() == NOWHERE or (before.on_empty_line and forward):
                break
            if dot:
                break
            if character in ".!?":
                dot = True
            if character in ")]\"'" and (not before.character or before.character not in ".!?)]\"'"):
                break
            self.back_over()

    def _to_sentence_end(self, *, forward: bool) -> int:
        first = self.row
        while True:
            character = self.character
            if not character or (self.column == 0 and self._starts_paragraph()):
                if not forward and self.row != first:
                    self.row += 1
                    self.column = 0
                return STEPPED
            if character in ".!?":
                after = Walker(self.lines, self.place)
                result = after.step()
                while result != NOWHERE and after.character and after.character in ")]\"'":
                    result = after.step()
                if result == NOWHERE or not after.character or after.character in _BLANKS:
                    self.place = after.place
                    if not self.character:
                        self.step()
                    return STEPPED
            if (self.step_over() if forward else self.back_over()) == NOWHERE:
                return NOWHERE


# ---- brackets

_CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_OPENERS = {closer: opener for opener, closer in _CLOSERS.items()}
_REACH = 5_000
"""Lines in which a matching bracket is searched."""


def matching(lines: Sequence[str], place: Place) -> Place | None:
    """Returns the bracket that matches the one at a place, or the first one after it in its line."""
    line = lines[place.row]
    for column in range(place.column, len(line)):
        character = line[column]
        if character in "([{":
            return find_bracket(lines, Place(place.row, column), character, _CLOSERS[character], forward=True)
        if character in ")]}":
            return find_bracket(lines, Place(place.row, column), character, _OPENERS[character], forward=False)
    return None


def find_bracket(
    lines: Sequence[str], start: Place, same: str, wanted: str, *, forward: bool, quotes: bool = True
) -> Place | None:
    """Returns the nearest `wanted` bracket from `start` on that no `same` one belongs to.

    As in vim, brackets in quotes do not count, unless the start is in quotes, too: a line with an even number of quotes tells.
    Without `quotes`, all count.
    """
    line = lines[start.row]
    escaped = _backslashes(line, start.column) & 1 if line[start.column : start.column + 1] == same else 0
    if not quotes:
        return _find_any_bracket(lines, start, same, wanted, escaped, forward=forward)
    scan, depth = _BracketScan(lines, start, forward=forward), 0
    while scan.advance():
        character = scan.character
        if character not in (same, wanted) or not scan.counts or _backslashes(scan.line, scan.column) & 1 != escaped:
            continue
        if character == wanted and not depth:
            return Place(scan.row, scan.column)
        depth += 1 if character == same else -1
    return None


def _find_any_bracket(
    lines: Sequence[str], start: Place, same: str, wanted: str, escaped: int, *, forward: bool
) -> Place | None:
    """Returns the nearest bracket as `find_bracket` does, where quotes do not tell. Goes over lines without one at once."""
    depth = 0
    last = min(len(lines), start.row + _REACH + 1) if forward else max(-1, start.row - _REACH - 1)
    for row in range(start.row, last, 1 if forward else -1):
        line = lines[row]
        if wanted not in line and "\\" not in line and row != start.row:
            depth += line.count(same)
            continue
        columns = [column for column, character in enumerate(line) if character in (same, wanted)]
        if row == start.row:
            columns = [column for column in columns if (column > start.column if forward else column < start.column)]
        for column in columns if forward else reversed(columns):
            if _backslashes(line, column) & 1 != escaped:
                continue
            if line[column] == wanted and not depth:
                return Place(row, column)
            depth += 1 if line[column] == same else -1
    return None


class _BracketScan:
    """Goes over the characters from a place on, and knows which are in quotes."""

    def __init__(self, lines: Sequence[str], start: Place, *, forward: bool) -> None:
        self._lines = lines
        self._first = start.row
        self._forward = forward
        self.row, self.column = start
        self.line = lines[self.row]
        self._quotes: bool | None = None
        """Whether the line has an even number of quotes, so that they tell. None at a new line."""
        self._quoted = False
        self._starts_quoted: bool | None = None

    @property
    def character(self) -> str:
        return self.line[self.column : self.column + 1]

    @property
    def counts(self) -> bool:
        """Whether a bracket here counts."""
        return not self._quoted or bool(self._starts_quoted)

    def advance(self) -> bool:
        """Goes to the next character. Returns False at the end of the text, or far from the start."""
        if not self._move():
            return False
        if self._quotes is None:
            self._begin_line()
        if self._starts_quoted is None:
            self._starts_quoted = False
        if not self.character:
            if not self.column or self.line[self.column - 1] != "\\":
                self._quoted = self._starts_quoted = False
        elif self.character == '"' and self._quotes:
            if not _backslashes(self.line, self.column) & 1:
                self._quoted, self._starts_quoted = not self._quoted, False
        elif self.character == "'":
            self.column += _character_literal(self.line, self.column, forward=self._forward)
        return True

    def _move(self) -> bool:
        inside = self.column < len(self.line) if self._forward else self.column > 0
        step = 1 if self._forward else -1
        if inside:
            self.column += step
            return True
        self.row += step
        self._quotes = None
        if not 0 <= self.row < len(self._lines) or abs(self.row - self._first) > _REACH:
            return False
        self.line = self._lines[self.row]
        self.column = 0 if self._forward else len(self.line)
        return True

    def _begin_line(self) -> None:
        even, within = _quotes(self.line, self.column if self._forward else self.column + 1)
        self._quotes = even
        if even:
            return
        self._quoted = False
        if self.line.endswith("\\"):
            self._continued(within=True, here=not self._forward)
        if self.row and self._lines[self.row - 1].endswith("\\"):
            self._continued(within=within, here=self._forward)

    def _continued(self, *, within: bool, here: bool) -> None:
        """Takes a line into account that a backslash continues: a string may go over its end."""
        self._quotes = True
        if self._starts_quoted is None:
            self._quoted = within
            self._starts_quoted = within or None
        elif here:
            self._quoted = True


def _quotes(line: str, column: int) -> tuple[bool, bool]:
    """Returns whether the number of quotes in a line is even, and whether a column is within quotes."""
    count, within, at = -1, False, 0
    while at < len(line):
        if at == column:
            within = not count & 1
        if line[at] == '"' and not (at and line[at - 1] == "'" and line[at + 1 : at + 2] == "'"):
            count += 1
        if line[at] == "\\" and at + 1 < len(line):
            at += 1
        at += 1
    return bool(count & 1), within


def _character_literal(line: str, column: int, *, forward: bool) -> int:
    """Returns how far to go over `'c'` or `'\\c'`, or 0."""
    if forward:
        if line[column + 1 : column + 2] == "\\" and line[column + 3 : column + 4] == "'":
            return 3
        return 2 if column + 2 < len(line) and line[column + 2] == "'" else 0
    if column > 1 and line[column - 2] == "'":
        return -2
    return -3 if column > 2 and line[column - 2] == "\\" and line[column - 3] == "'" else 0


def _backslashes(line: str, column: int) -> int:
    return column - len(line[:column].rstrip("\\"))
