"""The text area: one TextArea, placed over the source of the cell that is being edited.

It holds the source while it is open and reports each change as a splice. It is as tall as its text, and the view clips and
scrolls it, so that a cell looks the same before, during and after editing. It keeps no undo history: the notebook's history has
all that was typed. This module may use private names of TextArea; tests/ui/editor/test_text_area.py fails when one is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.document._document import Location, Selection
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument
from textual.geometry import Offset
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from tuinb.editing import languages
from tuinb.render.code.highlight import TAB, Highlighted, common_prefix, common_suffix
from tuinb.ui.editor.source_document import SourceDocument
from tuinb.ui.layer import copy_typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip

    from tuinb.render.block import Line
    from tuinb.ui.layer import Typed

_BRACKET = re.compile(r"[()\[\]{}]")
_PARTNER = {"(": ")", "[": "]", "{": "}", ")": "(", "]": "[", "}": "{"}
_BRACKET_LINES = 400
"""Lines in which the matching bracket is searched, up or down."""


class SourceEditor(TextArea):
    """Edits the source of one cell at a time, which `open` sets.

    `on_splice` is called with each edit of the user, `on_edge` when the cursor leaves the text, up (-1) or down (1).
    `route` is called with each key and paste; the text area handles those for which it returns False.
    """

    DEFAULT_CSS = """
    SourceEditor {
        position: absolute; layer: editor; border: none; padding: 0; scrollbar-size: 0 0; overflow: hidden hidden;
        &:focus { border: none; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        on_splice: Callable[[int, str, str], None],
        on_edge: Callable[[int], None],
        on_wheel: Callable[[events.MouseEvent, int], None],
        route: Callable[[Typed], bool],
    ) -> None:
        self._on_splice = on_splice
        self._route = route
        self.queued = 0
        """Keys in the message queue of this widget. Later keys must queue behind them."""
        self._replacing_source = False
        """Whether the current edit comes from another origin, so that it is not reported."""
        self._on_edge = on_edge
        self._on_wheel = on_wheel
        self._highlighted: Highlighted | None = None
        self._rules = languages.Language()
        self._strips: dict[int, tuple[Line, tuple[object, ...], Strip]] = {}
        """Painted strips by line, each with the line and the state that it was painted for."""
        self.page_rows = 20
        """Rows that Page Up and Page Down move."""
        self._columns = 0
        super().__init__(soft_wrap=False, show_line_numbers=False, tab_behavior="focus", theme="css", max_checkpoints=0)
        self.cursor_blink = False
        self.indent_width = TAB
        self.match_cursor_bracket = True
        self.highlight_cursor_line = False

    # ---- the text

    def open(self, source: str, highlighted: Highlighted, language: str) -> None:
        """Sets the source and its colours. Moves the cursor to the start."""
        self.set_reactive(TextArea.soft_wrap, language == "markdown")
        self._highlighted = highlighted
        self._rules = languages.rules(language)
        self._set_document(source, None)

    @property
    def wrap_width(self) -> int:
        """Columns that prose is wrapped to; 0 for text that is not wrapped."""
        return max(1, self._columns - self.gutter_width - 1) if self.soft_wrap else 0

    def fit(self, columns: int) -> None:
        """Wraps prose to the columns that the editor will have. Textual would wrap it at the next layout, after `rows` is
        read.
        """
        if columns != self._columns:
            self._columns = columns
            if self.soft_wrap:
                self._rewrap_and_refresh_virtual_size()

    def _set_document(self, text: str, language: str | None) -> None:
        self._highlight_query = None
        self.document = SourceDocument(text, self._spliced)
        self.wrapped_document = WrappedDocument(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._strips.clear()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    @property
    def source(self) -> SourceDocument:
        """The document of the text."""
        assert isinstance(self.document, SourceDocument)
        return self.document

    @property
    def rows(self) -> int:
        """Rows of the whole text: its lines, or more if prose is wrapped."""
        return self.wrapped_document.height

    @property
    def cursor_row(self) -> int:
        """Row of the cursor, counted from 0."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y

    @property
    def line_count(self) -> int:
        """Lines of the text."""
        return self.document.line_count

    @property
    def cursor(self) -> int:
        """Offset of the cursor in the source, in code points."""
        return self.source.offset(self.cursor_location)

    @cursor.setter
    def cursor(self, offset: int) -> None:
        self.move_cursor(self.source.location(offset))

    def replace_source(self, source: str) -> None:
        """Sets the text after a change from another origin. Keeps the cursor at its text."""
        old = self.text
        if source == old:
            return
        start = common_prefix(old, source)
        end = common_suffix(old, source, min(len(old), len(source)) - start)
        self._replacing_source = True
        try:
            first, last = self.source.location(start), self.source.location(len(old) - end)
            self.replace(source[start : len(source) - end], first, last, maintain_selection_offset=True)
        finally:
            self._replacing_source = False

    def _spliced(self, at: int, removed: str, inserted: str) -> None:
        if self._highlighted is not None:
            self._highlighted.update(self.document.text)
        if not self._replacing_source:
            self._on_splice(at, removed, inserted)

    # ---- painting

    def colour(self, base: Style, cursor: Style, selection: Style, bracket: Style, gutter: Style) -> None:
        """Sets the colours."""
        self.register_theme(
            TextAreaTheme(
                name="tuinb",
                base_style=base,
                cursor_style=cursor,
                selection_style=selection,
                bracket_matching_style=bracket,
                gutter_style=gutter,
            )
        )
        self.theme = "tuinb"
        self._set_theme("tuinb")
        self._strips.clear()

    def _build_highlight_map(self) -> None:
        """Does nothing: `get_line` returns coloured text."""

    def render_line(self, y: int) -> Strip:
        """Returns a row of the text. Cached until its line or its marks change: a key changes one or two rows."""
        index = self.wrapped_document.offset_to_location(Offset(0, y))[0]
        if self._highlighted is None or self.soft_wrap or y >= self.rows:
            return self._render_line(y)
        line, selection, bracket = self._highlighted.line(index), self.selection, self._matching_bracket_location
        marked = selection.end[0] == index or (not selection.is_empty and selection.contains_line(index))
        state = (
            selection if marked else None,
            bracket if bracket is not None and (marked or bracket[0] == index) else None,
            self.size,
            self.virtual_size.width,
            self.scroll_offset.x,
            self.gutter_width,
            self._draw_cursor,
        )
        cached = self._strips.get(index)
        if cached is None or cached[0] is not line or cached[1] != state:
            cached = self._strips[index] = (line, state, self._render_line(y))
        return cached[2]

    def get_line(self, line_index: int) -> Text:
        """Returns a line of the text in colour."""
        if self._highlighted is None:
            return Text(end="", no_wrap=True)
        spans = ((span.text, span.style or "") for span in self._highlighted.spans(line_index))
        return Text.assemble(*spans, end="", no_wrap=True)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scrolls sideways only. The view scrolls up and down."""
        if not self.size.width:  # opened but not laid out yet
            self.call_after_refresh(self._show_cursor)
            return self.scroll_offset
        self._recompute_cursor_offset()  # type: ignore[no-untyped-call]
        x, width = self._cursor_offset[0], max(1, self.size.width - self.gutter_width)
        left = self.scroll_offset.x
        if x < left or x >= left + width:
            self.scroll_to(x=max(0, x - width * 2 // 3) if x >= width else 0, y=0, animate=False, force=True)
        return self.scroll_offset

    def _show_cursor(self) -> None:
        """Shows the cursor of an editor that was laid out meanwhile. A frame that was painted before had it at the start."""
        self.scroll_cursor_visible()
        self.refresh()

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Returns the location of the matching bracket, or None if there is none within 400 lines."""
        if bracket not in _PARTNER:
            return None
        row, column = search_from
        forward = bracket in "([{"
        lines = self.source.lines
        depth, step = 0, 1 if forward else -1
        end = min(len(lines), row + _BRACKET_LINES) if forward else max(-1, row - _BRACKET_LINES)
        for r in range(row, end, step):
            found = [m for m in _BRACKET.finditer(lines[r]) if r != row or (m.start() - column) * step >= 0]
            for match in found if forward else reversed(found):
                if match[0] == bracket:
                    depth += 1
                elif match[0] == _PARTNER[bracket]:
                    depth -= 1
                    if depth == 0:
                        return r, match.start()
        return None

    # ---- keys

    def take(self, event: Typed) -> None:
        """Queues a key or a paste. Keys of commands are queued, too, so that nothing overtakes what was typed before it."""
        self.queued += 1
        self._forward_event(copy_typed(event))

    async def _on_key(self, event: events.Key) -> None:
        # Keys must not bubble: Textual would run the binding of a bubbled key after later keys changed the text.
        event.stop()
        event.prevent_default()
        self.queued = max(0, self.queued - 1)
        if self._route(event) or not self.display:
            return
        if event.key == "enter" and not self.read_only:
            self._new_line()
        elif event.is_printable and event.character is not None:
            if not self.read_only:
                self._replace_via_keyboard(event.character, *self.selection)
        elif event.key in self._bindings.key_to_bindings:
            await self.run_action(self._bindings.get_bindings_for_key(event.key)[0].action)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.queued = max(0, self.queued - 1)
        if not self._route(event) and self.display and not self.read_only:
            self.insert_text(event.text)

    def insert_text(self, text: str) -> None:
        """Replaces the selection by `text`."""
        if result := self._replace_via_keyboard(text.replace("\r\n", "\n").replace("\r", "\n"), *self.selection):
            self.move_cursor(result.end_location)

    def _new_line(self) -> None:
        start, end = sorted(self.selection)
        line = self.document[start[0]]
        text = "\n" + languages.next_indent(line, start[1], self._rules)
        if start == end and languages.between_brackets(line, start[1]):
            self._replace_via_keyboard(text + "\n" + languages.indent_of(line), start, end)
            self.move_cursor((start[0] + 1, len(text) - 1))
        else:
            self._replace_via_keyboard(text, start, end)

    def action_delete_left(self) -> None:
        """Deletes the character before the cursor; within the indentation, back to the previous indent step."""
        (row, column), step = self.cursor_location, len(self._rules.indent)
        before = self.document[row][:column]
        if not self.read_only and self.selection.is_empty and before and not before.strip(" "):
            self._delete_via_keyboard((row, (column - 1) // step * step), (row, column))
        else:
            super().action_delete_left()

    def action_cursor_up(self, select: bool = False) -> None:
        """Moves the cursor up; from the first line, to the cell above."""
        if self.cursor_at_first_line and not select:
            self._on_edge(-1)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Moves the cursor down; from the last line, to the cell below."""
        if self.cursor_at_last_line and not select:
            self._on_edge(1)
        else:
            super().action_cursor_down(select)

    def action_cursor_page_up(self) -> None:
        self.move_cursor_relative(rows=-self.page_rows)

    def action_cursor_page_down(self) -> None:
        self.move_cursor_relative(rows=self.page_rows)

    # ---- the mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._on_wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._on_wheel(event, -3)

    # ---- actions of commands

    def indent(self) -> None:
        """Indents the selected lines. Without a selection, inserts spaces up to the next tab stop."""
        if self.selection.is_empty:
            row, column = self.cursor_location
            step = len(self._rules.indent)
            self.insert(" " * (step - column % step), (row, column))
        else:
            self._change_lines(lambda lines: languages.indent_lines(lines, self._rules))

    def dedent(self) -> None:
        """Dedents the selected lines."""
        self._change_lines(lambda lines: languages.dedent_lines(lines, self._rules))

    def comment(self) -> None:
        """Comments or uncomments the selected lines."""
        self._change_lines(lambda lines: languages.toggle_comment(lines, self._rules))

    def move_lines(self, direction: int) -> None:
        """Moves the selected lines one line up (-1) or down (1)."""
        first, last = self._selected_rows()
        lines = self.source.lines
        other = first - 1 if direction < 0 else last + 1
        if not 0 <= other < len(lines) or self.read_only:
            return
        block = lines[first : last + 1]
        top, bottom = min(first, other), max(last, other)
        text = "\n".join([*block, lines[other]] if direction < 0 else [lines[other], *block])
        start, end = self.selection
        self._rewrite(top, bottom, text, Selection((start[0] + direction, start[1]), (end[0] + direction, end[1])))

    def _selected_rows(self) -> tuple[int, int]:
        """Returns the first and the last row of the selection. A row whose start ends the selection is not part of it."""
        start, end = sorted(self.selection)
        return start[0], end[0] - 1 if end[1] == 0 and end[0] > start[0] else end[0]

    def _change_lines(self, change: Callable[[list[str]], list[str]]) -> None:
        if self.read_only:
            return
        first, last = self._selected_rows()
        old = self.source.lines[first : last + 1]
        new = change(old)
        if new == old:
            return
        shift = {first + i: len(b) - len(a) for i, (a, b) in enumerate(zip(old, new, strict=True))}

        def moved(location: Location) -> Location:
            row, column = location
            return row, max(0, column + shift.get(row, 0)) if column or self.selection.is_empty else 0

        start, end = self.selection
        self._rewrite(first, last, "\n".join(new), Selection(moved(start), moved(end)))

    def _rewrite(self, first: int, last: int, text: str, selection: Selection) -> None:
        self.replace(text, (first, 0), (last, len(self.document[last])))
        self.selection = Selection(self.clamp_visitable(selection.start), self.clamp_visitable(selection.end))
