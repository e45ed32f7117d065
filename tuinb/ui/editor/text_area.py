"""The text area: paints the rows of the text that is edited, over the source of its cell, and turns keys into edits.

`tuinb.editing` has the text, its rows, and what keys do to them; here they are painted through Textual's Line API. The widget
is as tall as the part of the text that is in view. It reports each change as a splice, and keeps no undo history: the
notebook's history has all that was typed.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from tuinb.editing import languages, marks, motions, operators, pairs
from tuinb.editing.buffer import Buffer, Place, difference
from tuinb.editing.selection import Edit, Selection, State, are_apart
from tuinb.editing.view import Point, Rows
from tuinb.late_pattern import late_pattern
from tuinb.notebook.changes import Selected
from tuinb.render.safe import clean, width
from tuinb.ui.editor.row_painter import EditorStyles, Mark, paint
from tuinb.ui.strips import cut
from tuinb.ui.view.cell_box import CONTINUED, MEASURE

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Mapping, Sequence

    from rich.style import Style
    from textual import events

    from tuinb.editing.buffer import Splice
    from tuinb.editing.selection import Motion, Operator
    from tuinb.editing.view import Piece
    from tuinb.render.code.highlight import Highlighted
    from tuinb.terminal.cursor import CursorShape

_EDGES: Mapping[Motion, int] = {motions.up: -1, motions.down: 1}
"""Motions that leave the text at its first or last row."""
_LINE_ENDS = (motions.line_end, motions.whole_line_end)
"""Motions that take all that is suggested."""
_WORD_ENDS = (motions.word_right, motions.next_word)
"""Motions that take the first word of it."""
_LONGEST_SUGGESTED = 400
"""Characters of the longest line for which something is suggested."""
_FIRST_WORD = late_pattern(r"\W*\w*")
_LEX_LINES = 20
"""Lines that are lexed at once between keys: some milliseconds."""
_LEX_PAUSE = 0.01
"""Seconds between them."""
_MOST_STRIPS = 2_000
"""Maximum number of cached strips: far more than are in view."""


class TextSplice(NamedTuple):
    """An edit: at an offset, a text was replaced by another one."""

    at: int
    removed: str
    inserted: str


class SourceEditor(Widget, can_focus=True):
    """Edits the source of one cell at a time, which `open` sets.

    `on_splices` is called with each edit of the user: splices in their order, most often one, and what is selected around
    them. `on_change` is called
    after it, and after each move of the cursor, with whether the text changed. `on_edge` is called when the cursor leaves the
    text, up (-1) or down (1).
    """

    DEFAULT_CSS = "SourceEditor { position: absolute; layer: editor; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        on_splices: Callable[[Sequence[TextSplice], Selected | None], None],
        on_change: Callable[[bool], None],
        on_edge: Callable[[int], None],
        on_wheel: Callable[[events.MouseEvent, int], None],
    ) -> None:
        super().__init__()
        self._on_splices = on_splices
        self._on_change = on_change
        self._on_edge = on_edge
        self._on_wheel = on_wheel
        self.suggest: Callable[[str], str] | None = None
        """Returns how a line goes on, given the part before the cursor. None if nothing is to be suggested."""
        self.suggestion = ""
        """How the line of the cursor may go on, shown instead of what is after the cursor."""
        self.typed = ""
        """The character that a key types, while `on_change` is called for it."""
        self.read_only = False
        self.revision = 0
        """Number of changes of the text, and of moves of the cursor also if they led nowhere."""
        self.shape: CursorShape | None = None
        """The shape of the terminal's cursor, which is shown where the text area has the focus. None to paint one instead."""
        self.marked: tuple[tuple[int, int], ...] = ()
        """Parts of the text that vim's keys have selected."""
        self.found: tuple[tuple[int, int], ...] = ()
        """Matches of what was searched with vim's keys."""
        self.adds_cursors = True
        """Whether Alt and a click add a cursor. vim's keys have one."""
        self._styles: EditorStyles | None = None
        self._highlighted: Highlighted | None = None
        self._numbers = self._relative = self._wraps = False
        self._columns = 1
        self._top = self._left = 0
        """The first row and the first column that are shown."""
        self._bracket: tuple[int, int] | None = None
        """Offsets of the bracket at the cursor and of the one that matches it."""
        self._painted: dict[tuple[object, ...], tuple[object, tuple[object, ...], list[Segment]]] = {}
        """Painted rows without numbers by line and start, each with the line and the state that it was painted for."""
        self._strips: dict[tuple[int, str], tuple[list[Segment], Strip]] = {}
        """Painted rows and their strips, by the row's identity and the line number, which each new line above changes."""
        self._shown: list[Strip] | None = None
        """The strips in view; None if they are out of date."""
        self._selecting = False
        self._lexing: asyncio.TimerHandle | None = None
        self.state = _state("", "")

    # ---- the text

    def open(self, source: str, highlighted: Highlighted, language: str, cursor: int) -> None:
        """Sets the source, its colours and the offset of the cursor."""
        self._highlighted = highlighted
        self.suggestion = ""
        old, self.state = self.state, _state(source, language)
        self.state.auto_close, self.state.hanging = old.auto_close, old.hanging
        self.state.continues_lists = old.continues_lists
        self.state.selection = Selection(cursor, cursor)
        self.revision += 1
        self._forget_strips()
        self._left = 0
        self._lex_later()
        self._fit()
        self._moved()

    def fit(self, columns: int, *, wraps: bool, numbers: bool, relative: bool) -> None:
        """Sets the columns that the editor has, whether lines are wrapped to them, and how lines are numbered.

        `relative` numbers count from the line of the cursor, which alone has its own number.
        """
        if (columns, wraps, numbers, relative) != (self._columns, self._wraps, self._numbers, self._relative):
            self._columns, self._wraps, self._numbers, self._relative = columns, wraps, numbers, relative
            self._fit()
            self._moved()

    def set_typing(self, *, auto_close: bool, hanging: bool, lists: bool) -> None:
        """Sets whether brackets and quotes close themselves, how lines within brackets are indented, whether lists go on."""
        self.state.auto_close, self.state.hanging, self.state.continues_lists = auto_close, hanging, lists

    def _fit(self) -> None:
        """Wraps the text. One column beside it is for the cursor."""
        self.state.rows.fit(max(1, self._columns - self.number_columns - 1) if self._wraps else 0)

    def show(self, top: int, page: int) -> None:
        """Sets the first row that is shown, and the rows that a page has."""
        self.state.page = page
        if top != self._top:
            self._top = top
            self._repaint()

    @property
    def text(self) -> str:
        """The text."""
        return self.state.buffer.text

    @property
    def number_columns(self) -> int:
        """Columns of line numbers with the space after them."""
        return len(str(len(self.state.buffer.lines))) + 2 if self._numbers else 0

    @property
    def rows(self) -> int:
        """Rows of the whole text."""
        return self.state.rows.total

    @property
    def cursor(self) -> int:
        """Offset of the cursor in the source, in code points."""
        return self.state.selection.head

    @cursor.setter
    def cursor(self, offset: int) -> None:
        self.select(Selection(offset, offset))

    @property
    def place(self) -> Place:
        """Line and column of the cursor, from 0."""
        return self.state.buffer.place(self.cursor)

    @property
    def point(self) -> Point:
        """Row and column of the cursor on the screen, from the start of the text."""
        return self.state.rows.point(self.place)

    @property
    def selected_text(self) -> str:
        """The selected text, or an empty string. Of several selections, a line each."""
        selections = sorted(self.state.selections, key=lambda each: each.start)
        return "\n".join(self.text[each.start : each.end] for each in selections if not each.is_empty)

    def select(self, *selections: Selection) -> None:
        """Selects text, or sets the cursor, at one place or several."""
        end = len(self.text)
        self.state.selections = tuple(Selection(min(each.anchor, end), min(each.head, end)) for each in selections)
        self.state.marking = False
        self._changed(text=False)

    def restore_marks(self, marks: Sequence[int], *, marking: bool) -> None:
        """Sets the mark and those before it. If `marking`, selects the text from the mark to the cursor."""
        self.state.mark, self.state.earlier_marks, self.state.marking = marks[0], tuple(marks[1:]), marking
        if marking:
            self.state.selection = Selection(marks[0], self.cursor)
            self._repaint()

    def update(self, change: Callable[[State], None]) -> None:
        """Changes what is selected, or the mark, by a function of `editing`."""
        change(self.state)
        self._changed(text=False)

    def go_to_point(self, row: int, x: int, *, extend: bool = False) -> None:
        """Sets the cursor to the nearest place to a row and a column of the screen, from the start of the text."""
        head = self.state.buffer.offset(self.state.rows.place(Point(row, x)))
        self.select(Selection(self.state.selection.anchor if extend else head, head))

    def replace_source(self, source: str) -> None:
        """Sets the text after a change from another origin. Keeps the cursor at its text."""
        if source != self.text:
            self.suggestion = ""
            self._splice(*difference(self.text, source))
            self.revision += 1
            self._moved()
            # The change may be one of several, so what follows from it is for later.
            self.call_later(self._on_change, True)

    def move(self, motion: Motion, *, extend: bool = False) -> None:
        """Moves the cursor, or the end of the selection if `extend`."""
        if self.suggestion and not extend and self._takes_suggestion(motion):
            return
        extend = extend or self.state.marking
        direction = 0 if extend or len(self.state.selections) > 1 else _EDGES.get(motion, 0)
        if direction and motions.at_edge(self.state, self.state.selection, direction):
            self._on_edge(direction)
        else:
            self.state.move(motion, extend=extend)
            self._changed(text=False)

    def _takes_suggestion(self, motion: Motion) -> bool:
        """Inserts what is suggested, or its first word, if a motion leads there. Returns whether it does."""
        row, column = self.place
        line, at, suggestion = self.state.buffer.lines[row], self.cursor, self.suggestion
        # Within brackets that closed themselves, Right steps over them.
        if motion not in _LINE_ENDS and (column < len(line) or motion not in (motions.right, *_WORD_ENDS)):
            return False
        if motion in _WORD_ENDS:
            suggestion = "".join(_FIRST_WORD.findall(suggestion)[:1])
        end = at + len(suggestion)
        self.apply(Edit(at, at + len(line) - column, suggestion, Selection(end, end)))
        return True

    def drop_suggestion(self) -> None:
        """Hides what is suggested, as something else helps."""
        if self.suggestion:
            self.suggestion = ""
            self._repaint()

    def _suggest(self) -> str:
        """Returns how the line goes on. Only brackets and quotes that closed themselves may be after the cursor."""
        row, column = self.place
        line = self.state.buffer.lines[row]
        rest = range(self.cursor, self.cursor + len(line) - column)
        if (
            len(line) > _LONGEST_SUGGESTED
            or self.suggest is None
            or not self.state.selection.is_empty
            or not set(rest) <= set(self.state.closers)
        ):
            return ""
        return self.suggest(line[:column])

    def change(self, operator: Operator) -> list[str]:
        """Changes the text, unless it is read-only. Returns what each edit removed, in the order of the selections."""
        if self.read_only:
            return []
        if len(self.state.selections) > 1:
            return self._change_each([operator] * len(self.state.selections))
        edit = operator(self.state, self.state.selection)
        return [] if edit is None else [self.apply(edit)]

    def _change_each(self, operators: Sequence[Operator]) -> list[str]:
        """Changes the text at each of several selections by its operator, as one step. Returns what each edit removed."""
        before = self.state.selections
        edits = [operator(self.state, each) for operator, each in zip(operators, before, strict=True)]
        removed, splices = self._apply_apart(edits) if are_apart(before, edits) else self._apply_in_turn(operators, edits)
        self.state.merge()
        if splices:
            self._on_splices(splices, Selected(before, self.state.selections))
            self._changed(text=True)
        return removed

    def _apply_apart(self, edits: Sequence[Edit | None]) -> tuple[list[str], list[TextSplice]]:
        """Applies edits of all selections from the last to the first, so that none moves what is still to be done."""
        selections, splices = self.state.selections, []
        once = {edit.change: edit for edit in edits if edit is not None}.values()
        removed = [self.text[edit.start : edit.end] for edit in once]
        self.state.selections = ()
        for edit in sorted(once, key=lambda edit: edit.start, reverse=True):
            old = self.text[edit.start : edit.end]
            self._splice(edit.start, edit.end, edit.text)
            self.state.remember_closers(edit)
            if old or edit.text:
                splices.append(TextSplice(edit.start, old, edit.text))
        self.state.finish_apart(selections, edits)
        return removed, splices

    def _apply_in_turn(self, operators: Sequence[Operator], edits: Sequence[Edit | None]) -> tuple[list[str], list[TextSplice]]:
        """Changes the text by the operator of each selection, where they change the same text. Equal edits are made once."""
        removed: list[str] = []
        splices: list[TextSplice] = []
        done: set[tuple[int, int, str]] = set()
        for index, (operator, planned) in enumerate(zip(operators, edits, strict=True)):
            if planned is not None and planned.change in done:
                continue
            if planned is not None:
                done.add(planned.change)
            edit = operator(self.state, self.state.selections[index])
            if edit is None:
                continue
            removed.append(self.text[edit.start : edit.end])
            self._splice(edit.start, edit.end, edit.text)
            self.state.finish_one(index, edit)
            if removed[-1] or edit.text:
                splices.append(TextSplice(edit.start, removed[-1], edit.text))
        return removed, splices

    def apply(self, edit: Edit) -> str:
        """Replaces text and selects what the edit says. Returns what was replaced."""
        removed, before = self.text[edit.start : edit.end], self.state.selections
        if self.state.marking:  # What was passed since a mark was set is no selection that is typed over.
            before = (Selection(self.cursor, self.cursor),)
        self._splice(edit.start, edit.end, edit.text)
        self.state.finish(edit)
        if removed or edit.text:
            self._on_splices((TextSplice(edit.start, removed, edit.text),), Selected(before, self.state.selections))
        self._changed(text=True)
        return removed

    def insert_text(self, text: str) -> None:
        """Replaces the selection by `text`, as it is. Several selections get a line of it each, if it has as many."""
        self._end_marking()
        selections, lines = self.state.selections, text.split("\n")
        if len(selections) == len(lines) > 1 and not self.read_only:
            order = sorted(range(len(selections)), key=lambda index: selections[index].start)
            line_of = dict(zip(order, lines, strict=True))
            self._change_each([operators.insert(line_of[index]) for index in range(len(selections))])
        else:
            self.change(operators.insert(text))

    def _end_marking(self) -> None:
        """Selects nothing if what is selected was passed since a mark was set: what is typed then replaces nothing."""
        if self.state.marking:
            marks.deselect(self.state)

    def type_text(self, text: str) -> None:
        """Inserts what a key types. Brackets and quotes close themselves."""
        self._end_marking()
        for character in text:
            self.typed = character
            try:
                self.change(pairs.type_text(character))
            finally:
                self.typed = ""

    def new_line(self) -> None:
        """Starts a line, indented by the rules of the language."""
        self._end_marking()
        self.change(operators.new_line)

    def edit(self, start: int, end: int, text: str) -> Splice:
        """Replaces text. The cursor stays at its text; vim's keys set it afterwards."""
        removed = self.text[start:end]
        splice = self._splice(start, end, text)
        self._on_splices((TextSplice(start, removed, text),), None)
        self._changed(text=True)
        return splice

    def _splice(self, start: int, end: int, text: str) -> Splice:
        highlighted, old = self._highlighted, self.text
        splice = self.state.splice(start, end, text)
        if highlighted is not None and highlighted.source == old:
            first, lines = splice.start.row, self.state.buffer.lines
            highlighted.splice(self.text, first, splice.last_row + 1, lines[first : splice.last_new_row + 1])
        self._lex_later()
        self._fit()
        return splice

    def _changed(self, *, text: bool) -> None:
        top = self._top
        self.revision += 1
        self.suggestion = self._suggest() if self.typed and text else ""
        self._follow_cursor()
        self._on_change(text)
        if self._top == top:
            self._repaint()

    def _moved(self) -> None:
        self._follow_cursor()
        self._repaint()

    def _follow_cursor(self) -> None:
        """Scrolls sideways to the cursor, and finds the bracket that matches the one at the cursor, or before it."""
        selection, text_columns = self.state.selection, max(1, self._columns - self.number_columns)
        self._bracket = motions.bracket_pair(self.state, selection.head) if selection.is_empty else None
        x = 0 if self._wraps else self.point.x
        if not self._left <= x < self._left + text_columns:
            self._left = max(0, x - text_columns * 2 // 3) if x >= text_columns else 0

    def _lex_later(self) -> None:
        """Lexes what is far from view, between keys, so that a page shows its colours without delay."""
        if self._lexing is None:
            self._lexing = asyncio.get_running_loop().call_later(_LEX_PAUSE, self._lex)

    def _lex(self) -> None:
        self._lexing = None
        if not self.display or self._highlighted is None or self._highlighted.is_lexed:
            return  # What was lexed as it was painted is not painted again.
        if self._highlighted.lex_more(_LEX_LINES):
            self._lex_later()
        else:
            self._repaint()

    # ---- painting

    def colour(self, styles: EditorStyles, highlighted: Highlighted | None) -> None:
        """Sets the colours; `highlighted` is the open source in these colours."""
        self._styles, self._highlighted = styles, highlighted
        self._forget_strips()
        self._repaint()

    def _forget_strips(self) -> None:
        self._painted.clear()
        self._strips.clear()

    def _repaint(self) -> None:
        """Paints the rows that changed."""
        old, self._shown = self._shown, None
        new = self._rows_in_view()
        if old is None or len(old) != len(new):
            self.refresh()
            return
        columns = self.size.width
        # Of a long line that changed, most rows are as before.
        changed = [Region(0, y, columns, 1) for y, strip in enumerate(new) if strip is not old[y] and strip != old[y]]
        if self.cursor_shape is not None:  # The terminal's cursor moves with a frame, also of nothing else.
            changed.append(Region(*self.offset_of(self.cursor), 1, 1))
        if changed:
            self.refresh(*changed)

    def _rows_in_view(self) -> list[Strip]:
        columns, height = self.size
        if self._shown is None or len(self._shown) != height:
            strips: list[Strip] = []
            if self._highlighted is not None and self._styles is not None and self._top < self.rows:
                if max(len(self._painted), len(self._strips)) > _MOST_STRIPS:
                    self._forget_strips()
                self._highlighted.update(self.text)  # the cell's box, which shares it, may have another text
                marked, numbers = self._marked_lines(), self.number_columns
                current = self.point.row if self.state.selection.is_empty else -1
                for row, piece in enumerate(islice(self.state.rows.pieces(self._top), height), self._top):
                    marks = self._marks(piece, self._styles) if piece.line in marked else ()
                    rest = self._styles.current if row == current else self._styles.base
                    painted = self._row(piece, marks, columns - numbers, self._highlighted, self._styles, rest)
                    strips.append(self._strip(painted, piece, columns, numbers, self._styles))
            blank = self._styles.base if self._styles is not None else None
            strips += [Strip.blank(columns, blank)] * (height - len(strips))
            self._shown = strips
        return self._shown

    def render_lines(self, crop: Region) -> list[Strip]:
        """Returns the strips of a region. Replaces Textual's method, which also handles borders and padding."""
        strips = self._rows_in_view()[crop.y : crop.bottom]
        whole = crop.x == 0 and crop.width == self.size.width
        return strips if whole else [strip.crop(crop.x, crop.right) for strip in strips]

    def _row(
        self,
        piece: Piece,
        marks: tuple[Mark, ...],
        columns: int,
        highlighted: Highlighted,
        styles: EditorStyles,
        rest: Style,
    ) -> list[Segment]:
        """Returns a row of the text without its number; `rest` is the style behind its end.

        Cached until its line or its marks change. Of a long line that is edited, the rows below the edit are cached by their
        text.
        """
        line, text = highlighted.line(piece.line), self.state.buffer.lines[piece.line]
        suggestion = self.suggestion if self.suggestion and piece.line == self.place.row and self._is_last(piece) else ""
        state: tuple[object, ...] = (piece[1:], marks, columns, self._left, suggestion)
        key: tuple[object, ...] = id(line), piece.start, rest is styles.current  # all empty lines are one object
        source: object = line
        if piece.continues and not marks and not suggestion and len(line) == 1 and "\t" not in text:
            source, key = line[0].style, (text[piece.start : piece.end], piece.indent, rest is styles.current)
            state = (piece.end == len(text), *state[2:])
        cached = self._painted.get(key)
        if cached is None or cached[0] is not source or cached[1] != state:
            row = self._paint(piece, marks, columns, highlighted, styles, suggestion, rest)
            cached = self._painted[key] = (source, state, row)
        return cached[2]

    def _strip(self, row: list[Segment], piece: Piece, columns: int, numbers: int, styles: EditorStyles) -> Strip:
        """Returns a painted row with its line number in the first columns, as many as `numbers`."""
        number = f"{self._number(piece):>{numbers - 2}}  " if numbers else ""
        cached = self._strips.get((id(row), number))
        if cached is None or cached[0] is not row:
            before = [Segment(number, styles.base + styles.muted)] if number else []
            cached = self._strips[id(row), number] = (row, Strip([*before, *row], columns))
        return cached[1]

    def _number(self, piece: Piece) -> str:
        if piece.continues:
            return ""
        distance = abs(piece.line - self.place.row) if self._relative and self.has_focus else 0
        return str(distance or piece.line + 1)

    def _paint(
        self,
        piece: Piece,
        marks: tuple[Mark, ...],
        columns: int,
        highlighted: Highlighted,
        styles: EditorStyles,
        suggestion: str,
        rest: Style,
    ) -> list[Segment]:
        base = styles.base
        start, x = piece.start, piece.indent
        if self._left:
            row = self.state.rows.point(Place(piece.line, 0)).row
            start = self.state.rows.place(Point(row, self._left)).column
            x = self.state.rows.point(Place(piece.line, start)).x
        mark = [Segment(CONTINUED.rjust(x - 1) + " ", base + styles.muted)] if piece.continues and x else []
        last = len(self.state.buffer.lines[piece.line])
        end = last + 1 if piece.end == last else piece.end
        spans = highlighted.line(piece.line)
        if "\t" in self.state.buffer.lines[piece.line]:
            spans = highlighted.spans(piece.line)
        if suggestion:
            end = min(end, self.place.column)
        text, x_end = paint(spans, start, end, x, self._left + columns, marks, base)
        if suggestion:
            shown = cut(clean(suggestion, tabs=1), max(0, self._left + columns - x_end))
            text += [Segment(shown[:1], base + styles.muted + styles.cursor), Segment(shown[1:], base + styles.muted)]
            x_end += width(shown)
        before = max(0, self._left - x)
        if before or x_end > self._left + columns:
            text = list(Strip(text).crop(before, before + columns))
            x_end = min(x_end, self._left + columns)
        if (room := self._left + columns - max(x_end, self._left)) > 0:
            text.append(Segment(" " * room, rest))
        return [*mark, *text]

    def _is_last(self, piece: Piece) -> bool:
        """Returns whether a piece has the cursor's end of its line."""
        return piece.end == len(self.state.buffer.lines[piece.line]) and piece.start <= self.place.column

    def _marked_lines(self) -> Container[int]:
        """Returns the lines on which something is marked."""
        row, selection = self.state.buffer.place, self.state.selection
        if self.marked or self.found or len(self.state.selections) > 1:
            brackets = [(offset, offset) for offset in self._bracket or ()]
            selected = [(each.start, each.end) for each in self.state.selections]
            spans = (*self.marked, *self.found, *brackets, *selected)
            return {line for start, end in spans for line in range(row(start).row, row(end).row + 1)}
        if not selection.is_empty:
            return range(row(selection.start).row, row(selection.end).row + 1)
        return {row(offset).row for offset in (selection.head, *(self._bracket or ()))}

    def _marks(self, piece: Piece, styles: EditorStyles) -> tuple[Mark, ...]:
        """Returns what is marked on a row: the selection, brackets that match, the cursor."""
        origin = self.state.buffer.start(piece.line)
        last = len(self.state.buffer.lines[piece.line])
        start, end = piece.start, last + 1 if piece.end == last else piece.end
        found = [
            Mark(max(start, first - origin), min(end, stop - origin), style)
            for spans, style in ((self.found, styles.bracket), (self.marked, styles.selection))
            for first, stop in spans
            if first - origin < end and stop - origin > start
        ]
        found += [
            Mark(max(start, each.start - origin), min(end, each.end - origin), styles.selection)
            for each in self.state.selections
            if not each.is_empty
        ]
        found += [Mark(offset - origin, offset - origin + 1, styles.bracket) for offset in self._bracket or ()]
        if self.has_focus and self.shape is None:
            heads = [each.head - origin for each in self.state.selections]
            found += [Mark(head, head + 1, styles.cursor) for head in heads]
        return tuple(mark for mark in found if start <= mark.start < min(mark.end, end))

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's cursor belongs on the screen."""
        return self.region.offset + self.offset_of(self.cursor)

    @property
    def cursor_shape(self) -> CursorShape | None:
        """The shape of the terminal's cursor; None to hide it: it is painted, or not in view."""
        if self.shape is None:
            return None
        place, (columns, rows) = self.offset_of(self.cursor), self.size
        return self.shape if place.y in range(rows) and place.x in range(columns) else None

    def offset_of(self, offset: int) -> Offset:
        """Returns where an offset of the source is shown, from the corner of this widget."""
        row, x = self.state.rows.point(self.state.buffer.place(offset))
        return Offset(self.number_columns + x - self._left, row - self._top)

    def on_unmount(self) -> None:
        if self._lexing is not None:
            self._lexing.cancel()

    def on_resize(self) -> None:
        self._shown = None

    def on_focus(self) -> None:
        self._repaint()

    def on_blur(self) -> None:
        self._repaint()

    # ---- the mouse

    def _go_to_mouse(self, event: events.MouseEvent, *, extend: bool = False) -> None:
        self.go_to_point(self._top + event.y, event.x - self.number_columns + self._left, extend=extend)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        others = self.state.selections if event.meta and self.adds_cursors else ()
        self._go_to_mouse(event)
        if others:  # Alt: one more cursor
            self.select(*others, self.state.selection)
            self.update(State.merge)
            return
        self._selecting = True
        self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._selecting:
            self._go_to_mouse(event, extend=True)

    def on_mouse_up(self) -> None:
        self._end_selecting()

    def on_hide(self) -> None:
        self._end_selecting()

    def _end_selecting(self) -> None:
        if self._selecting:
            self._selecting = False
            self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Selects the word at a double click, the line at a third one."""
        if event.meta and self.adds_cursors:
            return
        if event.chain == 2:
            self.select(motions.word_around(self.state, self.cursor))
        elif event.chain == 3:
            self.select(motions.line_around(self.state, self.cursor))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._on_wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._on_wheel(event, -3)


def _state(source: str, language: str) -> State:
    buffer = Buffer(source)
    return State(buffer, Rows(buffer.lines, MEASURE, hangs=language != "markdown"), languages.rules(language))
