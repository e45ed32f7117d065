"""Highlights source code line by line, on demand. After an edit, the cost is that of the changed part.

Invariants, for each line `i` of `_lines`:
- `_stacks[i]` is the lexer's state at the start of the line, None if unknown, `_INSIDE` if a match covers the start.
- `_tokens[i]` is None if the line must be lexed. No line before `_dirty` must be lexed.
- After an edit above, a line keeps its tokens once the lexer reaches its start in the same state.

A line far below the lexed part is coloured by a guess: lexing starts in the root state at the nearest unindented line
above. Therefore the end of a huge cell is shown at once. `lex_more` lexes the lines between, some at a time.
"""

from __future__ import annotations

import time
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, TypeAlias

from tuinb.editing.block_sums import BlockSums
from tuinb.editing.buffer import common_prefix, common_suffix
from tuinb.editing.view import TAB
from tuinb.regex_timeout import regex_timeout
from tuinb.render.block import Line, Span
from tuinb.render.code.lexing import ROOT, Engine, Stack, Token, body_language, engine_of
from tuinb.render.safe import one_to_one, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pygments.token import _TokenType
    from rich.style import Style

    from tuinb.render.styles import ThemeStyles

_Pieces: TypeAlias = "tuple[tuple[int, int, _TokenType], ...]"
"""Pieces of one line: start and end in code points, and the token type."""

_INSIDE: Stack = ()
_FAR = 1500
"""Maximum number of lines that are lexed at once to reach a requested line. Beyond, a guess is shown."""
_AHEAD = 8
"""Lines that are lexed below a requested one: to limit the time of a lexing costs as much as to lex a line."""
_GUESS = 60
_LONG_LINE = 5_000
"""A longer line is not highlighted, nor is a text longer than _LONG_TEXT with a lexer that is not incremental."""
_LONG_TEXT = 60_000
_SECONDS = 0.05
"""CPU time for one lexing of a cell, besides _LINE_SECONDS and _CHARACTER_SECONDS. The regular expressions of some lexers take
minutes for a few thousand equal characters, and a notebook chooses both the lexer and the text.
"""
_LINE_SECONDS = 0.0005
_CHARACTER_SECONDS = 25e-6
"""Twice what Python's lexer takes for one-letter tokens."""
_MOST_TIMEOUTS = 3
"""Number of cells that may take too long before their language is not highlighted any more."""


class Highlighted:
    """The highlighted source of one cell."""

    def __init__(self, source: str, language: str, styles: ThemeStyles) -> None:
        self._language = language
        self._styles = styles
        self._dirty = 0
        self._gave_up = False
        """Whether lexing took too long: the cell stays plain."""
        self._start(source)

    @property
    def source(self) -> str:
        return self._source

    @property
    def lines(self) -> list[str]:
        """The lines of the source. Not to be changed."""
        return self._lines

    @property
    def line_count(self) -> int:
        return len(self._lines)

    def line(self, index: int) -> Line:
        """Returns a line to paint: tabs expanded, unsafe characters replaced."""
        self._pieces(index)
        line = self._painted[index]
        if line is None:
            line = self._paint(index)
            if index < self._dirty or self._engine is None or self._tokens[index] is not None or index in self._guessed:
                self._painted[index] = line
        return line

    def spans(self, index: int) -> Line:
        """Returns a line for an editor: one character for each source character, including tabs."""
        text = one_to_one(self._lines[index])
        out: list[Span] = []
        at = begin = 0
        style: Style | None = None
        for start, end, token in self._pieces(index):
            new = self._styles.token(token)
            if start > at and style is not None:
                out.append(Span(text[begin:at], style))
                begin, style = at, None
            if new is not style and new != style:
                if start > begin:
                    out.append(Span(text[begin:start], style))
                begin, style = start, new
            at = end
        if at < len(text) and style is not None:
            out.append(Span(text[begin:at], style))
            begin, style = at, None
        if begin < len(text):
            out.append(Span(text[begin:], style))
        return tuple(out)

    def update(self, source: str) -> None:
        """Replaces the source. Finds the difference by bisection, so an unchanged source costs one comparison."""
        old = self._source
        if source == old:
            return
        lines = source.split("\n")
        start = common_prefix(old, source)
        end = common_suffix(old, source, min(len(old), len(source)) - start)
        first = old.count("\n", 0, start)
        after = old.count("\n", len(old) - end)
        self.splice(source, first, len(self._lines) - after, lines[first : len(lines) - after])

    def splice(self, source: str, first: int, last: int, lines: list[str]) -> None:
        """Replaces the lines from `first` to `last`, exclusive. `source` is the source after that."""
        last_new = first + len(lines)
        magics = first == 0 and body_language(lines[0]) != body_language(self._lines[0])
        self._lines[first:last] = lines
        if magics or self._engine is None or not self._engine.incremental:
            self._start(source)
            return
        self._set_source(source)
        if self._sizes is not None:
            self._sizes.splice(first, last, [len(line) + 1 for line in lines])
        self._seconds = 0.0
        fresh = [None] * len(lines)
        self._tokens[first:last] = fresh
        self._painted[first:last] = fresh
        self._stacks[first + 1 : last] = fresh[1:]
        back = 0 if self._engine.edits_reach_back and len(source) < _LONG_TEXT else max(0, first - 1)
        while back and self._engine.magics and self._stacks[back] != ROOT:
            # A multiline string becomes a docstring when it is closed, so lexing starts above it.
            back -= 1
        self._tokens[back:first] = [None] * (first - back)
        self._dirty = min(self._dirty, back)
        self._keep_guesses(first - 1, last, last_new)

    @property
    def is_lexed(self) -> bool:
        """Whether `lex_more` has nothing to do."""
        return self._engine is None or not self._engine.incremental or self._dirty >= len(self._lines)

    def lex_more(self, lines: int) -> bool:
        """Lexes the next lines that are not lexed, at most `lines`. Returns whether there are more."""
        if self._engine is not None and not self.is_lexed:
            self._lex_in_time(self._engine, min(self._dirty + lines, len(self._lines) - 1))
        return not self.is_lexed

    # ---- state

    def _start(self, source: str) -> None:
        lines = self._lines = source.split("\n")
        self._set_source(source)
        self._sizes: BlockSums | None = None
        """The lengths of the lines with their ends, once a line was lexed."""
        self._engine: Engine | None = None if self._gave_up else engine_of(self._language)
        if self._engine is not None and self._engine.timeouts >= _MOST_TIMEOUTS:
            self._engine = None
        self._magic_body = False
        if self._engine is not None and self._engine.magics and (body := body_language(lines[0])):
            self._engine = engine_of(body)
            self._magic_body = True
        self._seconds = 0.0
        """Spent on lexing this source, beyond what its lines may take."""
        self._tokens: list[_Pieces | None] = [None] * len(lines)
        self._painted: list[Line | None] = [None] * len(lines)
        self._stacks: list[Stack | None] = [ROOT, *[None] * (len(lines) - 1)]
        self._dirty = 0
        self._guessed: dict[int, _Pieces] = {}

    def _set_source(self, source: str) -> None:
        self._source = source
        self._text = source + "\n"

    def _start_of(self, index: int) -> int:
        if self._sizes is None:
            self._sizes = BlockSums(len(line) + 1 for line in self._lines)
        return self._sizes.before(index)

    def _keep_guesses(self, first: int, last_old: int, last_new: int) -> None:
        """Keeps the guesses of the lines before `first`, and of those that begin at an unindented line after the change."""
        below = range(last_new, min(len(self._lines), last_new + _GUESS))
        again = next((row for row in below if self._lines[row][:1].strip()), below.stop)
        added = last_new - last_old
        kept = {}
        for row, pieces in self._guessed.items():
            if row < first:
                kept[row] = pieces
            elif row + added >= again:
                kept[row + added] = pieces
            elif last_old <= row:
                self._painted[row + added] = None
        if 0 <= first < last_new:
            self._painted[first] = None
        self._guessed = kept

    # ---- lexing

    def _pieces(self, index: int) -> _Pieces:
        if self._engine is None:
            return self._magic_line() if index == 0 and self._magic_body else ()
        kept = self._tokens[index]
        if index < self._dirty:
            return kept or ()
        if self._engine.incremental and index - self._dirty > _FAR and (kept := kept or self._guessed.get(index)) is not None:
            return kept
        # A match holds the GIL, and only the main thread can interrupt it. In other threads code is not highlighted.
        return self._lex_in_time(self._engine, index) if current_thread() is main_thread() else ()

    def _lex_in_time(self, engine: Engine, index: int) -> _Pieces:
        """Lexes up to a line. If that takes too long, the cell is not highlighted any more."""
        usual = self._usual_seconds(engine, index)
        began = time.thread_time()
        pieces: _Pieces = ()
        try:
            with regex_timeout(_SECONDS + usual):
                pieces = self._lex_to(engine, index)
        except (TimeoutError, ValueError) as error:
            # Pygments compiles a lexer at its first use, and raises ValueError from what interrupts it.
            if not isinstance(error, TimeoutError) and not isinstance(error.__cause__, TimeoutError):
                raise
            self._give_up(engine)
            return ()
        self._seconds += max(0.0, time.thread_time() - began - usual)
        if self._seconds > 2 * _SECONDS:  # a little at each of many lines
            self._give_up(engine)
        return pieces

    def _usual_seconds(self, engine: Engine, index: int) -> float:
        """Returns the time that lexing up to a line may take without anything being wrong."""
        first, last = (self._dirty, index + _AHEAD) if engine.incremental else (0, len(self._lines) - 1)
        if engine.incremental and index - first > _FAR:
            first = max(0, index - _GUESS)
        lines = self._lines[first : min(last, first + _FAR) + 1]
        return _LINE_SECONDS * len(lines) + _CHARACTER_SECONDS * min(_LONG_LINE, sum(map(len, lines)))

    def _give_up(self, engine: Engine) -> None:
        engine.timeouts += 1
        self._gave_up = True
        self._start(self._source)

    def _lex_to(self, engine: Engine, index: int) -> _Pieces:
        if not engine.incremental:
            self._lex_whole(engine)
        elif index - self._dirty > _FAR:
            return self._guess(engine, index)
        while self._dirty <= index:
            self._lex_from(engine, self._dirty, index + _AHEAD)
        return self._tokens[index] or ()

    def _lex_from(self, engine: Engine, dirty: int, wanted: int) -> None:
        """Lexes from the last known state at or above `dirty` until `wanted` is done, or until the state is as before."""
        row = dirty
        while not self._stacks[row]:
            row -= 1
        stack = self._stacks[row]
        assert stack is not None
        at, count = self._start_of(row), len(self._lines)
        while True:
            found, end_row, at, stack = self._lex_line(engine, row, at, stack)
            for i, pieces in enumerate(found, row):
                if pieces != self._tokens[i]:
                    self._tokens[i], self._painted[i] = pieces, None
            self._stacks[row + 1 : end_row] = [_INSIDE] * (end_row - row - 1)
            row = end_row
            if row >= count:
                self._dirty = count
                return
            same = self._stacks[row] == stack
            self._stacks[row] = stack
            if same and row > dirty and self._tokens[row] is not None:
                self._dirty = self._next_unknown(row)
                return
            self._tokens[row] = None
            if row > wanted:
                self._dirty = row
                return

    def _next_unknown(self, row: int) -> int:
        try:
            return self._tokens.index(None, row)
        except ValueError:
            return len(self._tokens)

    def _lex_line(self, engine: Engine, row: int, at: int, stack: Stack) -> tuple[list[_Pieces], int, int, Stack]:
        """Lexes until a match ends at the start of a line below `row`. Returns the pieces by line, that line, its offset
        and its state.
        """
        lines, text = self._lines, self._text
        end_row, goal = row + 1, at + len(lines[row]) + 1
        if row == 0 and self._magic_body:
            return [self._magic_line()], end_row, goal, stack
        if len(lines[row]) > _LONG_LINE:
            return [()], end_row, goal, stack
        tokens: list[Token] = []
        start = at
        while at != goal:
            found, at, stack = engine.step(text, at, stack)
            tokens.extend(found)
            while at > goal and end_row < len(lines):
                goal += len(lines[end_row]) + 1
                end_row += 1
            if at > goal:
                break
        return split_lines(list(_in_order(tokens, text)), start, lines[row:end_row]), end_row, goal, stack

    def _magic_line(self) -> _Pieces:
        from pygments.token import Name

        return ((0, len(self._lines[0]), Name.Decorator),)

    def _lex_whole(self, engine: Engine) -> None:
        plain = len(self._source) > _LONG_TEXT
        tokens = [] if plain else list(_in_order(engine.lexer.get_tokens_unprocessed(self._text), self._text))
        self._tokens = list(split_lines(tokens, 0, self._lines))
        self._dirty = len(self._lines)

    def _guess(self, engine: Engine, index: int) -> _Pieces:
        if index not in self._guessed:
            row = next((r for r in range(index, max(0, index - _GUESS), -1) if self._lines[r][:1].strip()), index)
            at, stack = self._start_of(row), ROOT
            while row <= min(index + _AHEAD, len(self._lines) - 1):
                found, end_row, at, stack = self._lex_line(engine, row, at, stack)
                self._guessed.update(enumerate(found, row))
                row = end_row
        return self._guessed[index]

    # ---- painting

    def piece(self, index: int, start: int, end: int, column: int) -> Line:
        """Returns a part of a line to paint from `column` on. `start` and `end` count characters of the source."""
        at, out = 0, []
        for span in self.spans(index):
            text = span.text[max(0, start - at) : max(0, end - at)]
            at += len(span.text)
            if text:
                out.append(Span(text, span.style))
        return _without_tabs(tuple(out), column)

    def _paint(self, index: int) -> Line:
        spans = self.spans(index)
        return _without_tabs(spans, 0) if "\t" in self._lines[index] else spans


def _without_tabs(spans: Line, column: int) -> Line:
    """Returns a line that begins at `column` with spaces in place of tabs."""
    if not any("\t" in span.text for span in spans):
        return spans
    out = []
    for span in spans:
        text, *pieces = span.text.split("\t")
        for piece in pieces:
            text += " " * (TAB - (column + width(text)) % TAB) + piece
        column += width(text)
        out.append(Span(text, span.style))
    return tuple(out)


def _in_order(tokens: Iterable[Token], text: str) -> Iterator[Token]:
    """Drops tokens that overlap others or are not in the text: some lexers give wrong offsets (fortranfixed, nodejsrepl)."""
    end = 0
    for token in tokens:
        at, _, part = token
        if at >= end and text.startswith(part, at):
            end = at + len(part)
            yield token


def split_lines(tokens: list[Token], start: int, lines: list[str]) -> list[_Pieces]:
    """Splits tokens by line. The text of `lines` begins at offset `start`."""
    out: list[list[tuple[int, int, _TokenType]]] = [[] for _ in lines]
    row, line_start = 0, start
    for at, token, text in tokens:
        column = at - line_start
        while column > len(lines[row]) and row + 1 < len(lines):
            column -= len(lines[row]) + 1
            line_start += len(lines[row]) + 1
            row += 1
        end = column + len(text)
        while end > len(lines[row]):
            if column < len(lines[row]):
                out[row].append((column, len(lines[row]), token))
            if row + 1 >= len(lines):
                break
            end -= len(lines[row]) + 1
            line_start += len(lines[row]) + 1
            row, column = row + 1, 0
        else:
            if end > column:
                out[row].append((column, end, token))
    return [tuple(pieces) for pieces in out]
