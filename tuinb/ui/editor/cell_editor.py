"""Opens the text area over the source of the active cell in edit mode, and closes it when the mode ends.

Splices of the text area become transactions of this screen. All other changes of the cell, undo and redo too, are copied into
the text area. The cursor of a cell is kept at its text. The text area is imported when it is mounted, after the first paint.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias

from rich.style import Style
from textual import events

from tuinb.editing.buffer import carried_over
from tuinb.editing.marks import MOST
from tuinb.editing.selection import Selection
from tuinb.errors import TuinbError
from tuinb.margin import MARGIN
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Step, Transaction
from tuinb.ui.view.cell_box import Part
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.notebook.changes import Applied, Selected
    from tuinb.session.port import SessionPort
    from tuinb.ui.editor.text_area import SourceEditor, TextSplice
    from tuinb.ui.layer import Typed
    from tuinb.ui.view.notebook_view import NotebookView

    Cursors: TypeAlias = dict[CellId, tuple[str, int]]
    """Cells that were edited before, with their source then and the cursor."""

_MOST_CURSORS = 500
"""Cells whose cursors and marks are kept. The cell that was left first is dropped first."""


class ModalKeys(Protocol):
    """Keys that have modes of their own over the text area (vim_keys.VimKeys)."""

    def opened(self, cell: str) -> None:
        """Begins the text of a cell, which the text area has opened."""
        ...

    def closed(self) -> None:
        """Ends the text."""
        ...

    def begin_inserting(self) -> None:
        """Begins insert mode, now or at the text that is opened next."""
        ...

    def begin_with(self, key: str) -> None:
        """Types a key, now or at the text that is opened next."""
        ...

    def end_recording(self) -> bool:
        """Ends the recording of keys in a register. Returns False if there is none."""
        ...

    @property
    def selected_span(self) -> tuple[int, int] | None:
        """Where the text that the keys have selected begins and ends. None if they have selected none."""
        ...


class CellEditor:
    """The editor of one pane. Call `sync` after each command, and `place` after each change of cell positions."""

    def __init__(
        self,
        session: SessionPort,
        view_state: ViewState,
        client: ClientId,
        view: NotebookView,
        on_change: Callable[[bool], None],
        on_edge: Callable[[int], None],
        on_error: Callable[[TuinbError], None],
        cursors: Cursors,
    ) -> None:
        self._session = session
        self._state = view_state
        self._client = client
        self._view = view
        self._on_change = on_change
        self._on_edge = on_edge
        self._on_error = on_error
        self._cursors = cursors
        self._placed = (-1, -1, -1)
        """Line of the view, width and height of the widget."""
        self._language = ""
        """The language by whose rules the open cell is edited."""
        self._marks: dict[CellId, tuple[str, tuple[int, ...], bool]] = {}
        """Cells with marks, their text then, the marks, and whether text was selected from the first one."""
        self.cell: CellId | None = None
        """The cell that is being edited; None if the editor is closed."""
        self.suggest: Callable[[str], str] | None = None
        """Returns how a line that is typed goes on."""
        self.vim: ModalKeys | None = None
        """Vim's keys, if the set of keys has them."""
        self.ready = False
        """Whether the widget is mounted. Nothing uses it before."""

    @cached_property
    def widget(self) -> SourceEditor:
        """The text area, built at its first use."""
        from tuinb.ui.editor.text_area import SourceEditor

        widget = SourceEditor(self._spliced, self._on_change, self._on_edge, self._view.wheel)
        widget.display = False
        widget.suggest = self.suggest
        return widget

    def mounted(self) -> None:
        """Notes that the text area is mounted. It is hidden until a cell is edited: call `sync` in the same turn."""
        self.ready = True
        self.restyle()

    @property
    def is_open(self) -> bool:
        """Whether a cell is being edited."""
        return self.cell is not None

    @property
    def position(self) -> str:
        """Line and column of the cursor, such as `12:34`, how much is selected, or how many cursors there are.

        The editor must be open.
        """
        if (cursors := len(self.widget.state.selections)) > 1:
            return f"{cursors} cursors"
        selected = self.widget.selected_text
        if not selected:
            row, column = self.widget.place
            return f"{row + 1}:{column + 1}"
        lines = selected.count("\n") + (not selected.endswith("\n"))
        size = f"{len(selected):,} character{'s' if len(selected) > 1 else ''}"
        return f"{lines} lines, {size}" if lines > 1 else size

    @property
    def has_text(self) -> bool:
        """Whether a cell that is not empty is being edited."""
        return self.cell is not None and bool(self.widget.text)

    def put(self, event: Typed) -> None:
        """Types the character of a key, or inserts a paste, if a cell is being edited. Another key does nothing."""
        if self.cell is None:
            return
        if isinstance(event, events.Paste):
            self.widget.insert_text(event.text)
        elif event.is_printable and event.character is not None:
            self.widget.type_text(event.character)

    def restyle(self) -> None:
        """Applies the colours of the current theme."""
        if not self.ready:
            return
        from tuinb.ui.editor.row_painter import EditorStyles

        painter = self._view.painter
        role = painter.role
        ansi = painter.context.theme.ansi
        styles = EditorStyles(
            base=painter.code,
            current=painter.code + role("current_line_background"),
            cursor=Style(reverse=True) if ansi else role("cursor"),
            selection=role("selected_background"),
            bracket=role("bracket_match"),
            muted=role("muted"),
        )
        self.widget.colour(styles, None if self.cell is None else self._view.box(self.cell).highlighted)

    def sync(self) -> None:
        """Opens, moves or closes the editor to match the mode and the active cell. Opens a cell of another kind anew."""
        if not self.ready:
            return
        wanted = self._state.active if self._state.mode is Mode.EDIT else None
        if wanted is not None and wanted not in self._session.notebook:
            wanted = None
        if wanted == self.cell and (wanted is None or self._language_of(wanted) == self._language):
            self._fit()
            return
        self.close()
        if wanted is not None:
            self._open(wanted)

    def _open(self, cell: CellId) -> None:
        source = self._session.notebook[cell].source
        text, cursor = self._cursors.get(cell, (source, 0))
        cursor = carried_over(cursor, text, source)
        self.cell = cell
        self._view.repaint()
        box = self._view.box(cell)
        self._language = self._language_of(cell)
        self.widget.read_only = bool(self._session.read_only)
        self._fit()
        self.widget.open(source, box.highlighted, self._language, cursor)
        self._restore_marks(cell, source)
        self.widget.display = True
        # `focus` would run later, and the next key may have arrived already.
        self.widget.screen.set_focus(self.widget, scroll_visible=False)
        self.widget.adds_cursors = self.vim is None
        if self.vim is not None:
            self.vim.opened(cell)
        self.follow_cursor()

    def _language_of(self, cell: CellId) -> str:
        """Returns the language by whose rules a cell is edited."""
        return self._session.notebook.language if self._session.notebook[cell].kind == "code" else "markdown"

    def _restore_marks(self, cell: CellId, source: str) -> None:
        """Sets the marks as they were when the cell was edited before: a search, for example, closes the editor."""
        if cell in self._marks:
            text, marks, marking = self._marks.pop(cell)
            self.widget.restore_marks([carried_over(mark, text, source) for mark in marks], marking=marking)

    def follow_access(self) -> None:
        """Takes no text while another process writes the notebook."""
        if self.cell is not None:
            self.widget.read_only = bool(self._session.read_only)

    def close(self) -> None:
        """Closes the editor. The cell already has the text, since each edit is applied at once."""
        if self.cell is None:
            return
        self._keep_cursor(self.cell, self.widget.text, self.widget.cursor)
        self._keep_marks(self.cell)
        if self.vim is not None:
            self.vim.closed()
        self._session.end_typing()
        self.cell = None
        self.measure()
        self.widget.display = False
        self._view.screen.set_focus(self._view, scroll_visible=False)
        self._view.repaint()

    def cursors(self) -> Cursors:
        """Returns the cursors of the cells, that of the open editor included."""
        found = dict(self._cursors)
        if self.cell is not None:
            found[self.cell] = self.widget.text, self.widget.cursor
        return found

    def set_cursor(self, cell: CellId, offset: int) -> None:
        """Sets where the cursor is when a cell is edited next. The editor must not be open in that cell.

        Where cells are always edited and this one was edited last, the mark is left where the cursor was, as Emacs does.
        """
        source = self._session.notebook[cell].source
        if self._state.keeps_editing and cell == next(reversed(self._cursors), None):
            text, at = self._cursors[cell]
            known, marks, marking = self._marks.pop(cell, (text, (), False))
            if not marking and at != offset:
                marks = (at, *(mark for mark in marks if mark != at))[: MOST + 1]
            if marks:
                self._marks[cell] = known, marks, marking
        self._keep_cursor(cell, source, offset)

    def _keep_cursor(self, cell: CellId, source: str, cursor: int) -> None:
        self._cursors.pop(cell, None)
        while len(self._cursors) >= _MOST_CURSORS:
            del self._cursors[next(iter(self._cursors))]
        self._cursors[cell] = source, cursor

    def _keep_marks(self, cell: CellId) -> None:
        state = self.widget.state
        if state.mark is not None:
            while len(self._marks) >= _MOST_CURSORS:
                del self._marks[next(iter(self._marks))]
            self._marks[cell] = self.widget.text, (state.mark, *state.earlier_marks), state.marking

    def follow_cursor(self) -> None:
        """Scrolls the cursor's row into view."""
        if self.cell is not None:
            self.measure()
            self._view.reveal(self.cell, Part.SOURCE, self.widget.point.row)
            self.place()

    def measure(self) -> None:
        """Passes the rows of the editor to the view."""
        rows = None if self.cell is None else (self.cell, self.widget.rows, self.widget.state.rows)
        if rows != self._view.editor:
            self._view.editor = rows
            self._view.repaint()

    def _fit(self) -> None:
        """Passes what the widget depends on, besides its text."""
        if self.cell is not None:
            numbers = self._view.box(self.cell).number_width() > 0
            state, is_prose = self._state, self._session.notebook[self.cell].kind == "markdown"
            wraps = is_prose or state.soft_wrap
            self.widget.fit(self._view.painter.content, wraps=wraps, numbers=numbers, relative=state.relative_numbers)
            lists = is_prose and state.continue_lists
            self.widget.set_typing(auto_close=state.auto_close, hanging=state.hanging_indent, lists=lists)

    def place(self) -> None:
        """Places the text area over the part of the source of its cell that is in view."""
        if self.cell is None:
            return
        top = self._view.source_top(self.cell)
        self._fit()
        self.measure()
        view, width = self._view.size.height, self._view.painter.content
        first = max(0, -(top or 0))
        rows = min(self.widget.rows, first + view) - first
        # Out of view, it keeps the keys.
        y, lines = (-1, 1) if top is None or rows <= 0 or top >= view else (max(0, top), min(rows, view - max(0, top)))
        self.widget.show(first, page=max(1, view - 3))
        # Setting any of these styles lays out the screen again, so only changed ones are set.
        old, self._placed = self._placed, (y, width, lines)
        styles = self.widget.styles
        if y != old[0]:
            styles.offset = (MARGIN, y)
        if width != old[1]:
            styles.width = width
        if lines != old[2]:
            styles.height = lines

    def follow(self, applied: Applied) -> None:
        """Copies a changed source into the text area.

        Undo and redo by this screen select what was selected there, or set the cursor where the text changed.
        """
        moves = applied.origin == self._client and applied.step in (Step.UNDO, Step.REDO)
        splices = {change.cell: change for change in applied.changes if isinstance(change, SpliceSource)}
        for cell, last in splices.items():
            source, at = self._session.notebook[cell].source, last.at + len(last.inserted)
            selections = applied.selections or (Selection(at, at),)
            if cell == self.cell:
                self.widget.replace_source(source)
                if moves:
                    self.widget.select(*selections)
            elif moves:
                self._keep_cursor(cell, source, selections[-1].head)

    def _spliced(self, splices: Sequence[TextSplice], selected: Selected | None) -> None:
        if self.cell is None:
            return
        changes = tuple(SpliceSource(self.cell, *splice) for splice in splices)
        try:
            self._session.apply(Transaction(changes, self._client, Step.TYPING, "typing"), selected)
        except TuinbError as error:
            self._on_error(error)
