"""The notebook on the screen: one widget that paints the visible rows of all cells through Textual's Line API.

It holds no content. cell_box.py makes the rows, and viewport.py decides which rows are visible. The painted strips of a cell
are cached until the cell changes. The module is long because painting, caching and the mouse share the fields of one widget.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tuinb.kernel.execution.runs import RunState
from tuinb.margin import MARGIN
from tuinb.notebook.search import Query
from tuinb.notebook.sections import heading_over, is_folded, section
from tuinb.notebook.sections import hidden as hidden_cells
from tuinb.record import Record, field
from tuinb.regex_timeout import regex_timeout
from tuinb.render.block import Span
from tuinb.render.layout.headings import without_rule
from tuinb.render.safe import width
from tuinb.session.state import Sign
from tuinb.ui.selectable_rows import SelectionMade
from tuinb.ui.tasks import report
from tuinb.ui.view.cell_box import BoxOptions, CellBox, Part
from tuinb.ui.view.painter import BREAKPOINT, CALLING, FAILING, LOGPOINT, PROBLEM, RAIL, STOPPED
from tuinb.ui.view.run_marks import Marks, marks
from tuinb.ui.view.text_selection import Point, TextSelection
from tuinb.ui.view.viewport import Row, Thumb, Viewport
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from textual import events
    from textual.geometry import Size

    from tuinb.editing.view import Rows
    from tuinb.notebook.changes import CellId
    from tuinb.render.block import Line, Picture
    from tuinb.session.port import SessionPort
    from tuinb.ui.view.painter import Painter
    from tuinb.ui.view.viewport import Box

_OUTPUT_LINES = 20
_AROUND_OUTPUTS = 4
"""Rows of a screen beside the outputs of one cell: a line of source, and the empty rows around it and them."""
_MOST_BOXES = 400
"""Maximum number of cached boxes: far more than are in view, so that paging back costs nothing."""
_LEAST_BOXES = 160
"""Number of cached boxes from which their memory is limited: more than are in view."""
_MOST_MEMORY = 64 << 20
"""Approximate maximum bytes of the cached boxes."""


class _NoRows:
    """Stands for the box of a cell that a folded heading hides."""

    height = 0


_HIDDEN = _NoRows()


class _Painted(Record, frozen=False):
    """The cached strips of one cell, and the state that they were painted for."""

    state: tuple[object, ...]
    strips: dict[tuple[int, bool], Strip]
    """Key: the row, and whether the scrollbar's thumb is beside it."""
    has_marks: bool
    """Whether a line of the source may have a mark. Else the rows of a long source are not counted."""
    pictures: set[Picture] = field(default_factory=set)
    """Pictures of which a row was painted."""


class NotebookView(Widget, can_focus=True):
    """The cells. It handles no keys: the router sends keys to commands."""

    DEFAULT_CSS = "NotebookView { width: 1fr; height: 1fr; layer: base; }"
    ALLOW_SELECT = False

    class Clicked(Message):
        """A cell was clicked. `index` is the row within the part, `column` the column of the content; -1 in the margin."""

        def __init__(self, cell: CellId, part: Part, index: int, column: int, *, double: bool) -> None:
            super().__init__()
            self.cell, self.part, self.index, self.column, self.double = cell, part, index, column, double

    class Scrolled(Message):
        """The view scrolled. The editor and the prompt must be placed again."""

    class Refitted(Message):
        """The size of the view changed, and with it the heights of cells."""

    def __init__(self, session: SessionPort, view: ViewState, painter: Callable[[int], Painter]) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._make_painter = painter
        self.painter = painter(80)
        self._boxes: dict[CellId, CellBox] = {}
        """Cached boxes. The box used last is last."""
        self._painted: dict[CellId, _Painted] = {}
        self._coloured = False
        self._fitted: Size | None = None
        """Size for which the painter and the viewport were set up."""
        self.viewport = Viewport(session.notebook, view, self._box_in_view)
        self._hidden: frozenset[CellId] = frozenset()
        """The cells that folded headings hide."""
        self._folded_at: tuple[int, dict[CellId, bool]] | None = None
        """The revision of the notebook, and the folds of the screen, for which they were found."""
        self.selection = TextSelection()
        self._grip: Thumb | None = None
        """The size of the scrollbar's thumb when the mouse took it, and as `top` the row within it that the mouse holds."""
        self.prompt_cell: CellId | None = None
        """The cell below which the kernel's prompt is open."""
        self.prompt_text: str | None = None
        self.time_from = 0.0
        """Seconds that a run without an error took for its time to be shown."""
        self.output_lines: int | None = None
        """Maximum lines of a cell's outputs while collapsed. None for two thirds of the screen, at least _OUTPUT_LINES. Outputs
        that fit on the screen are then not collapsed.
        """
        self._query: Query | None = None
        self.found: tuple[CellId, Part, int, int] | None = None
        """The current match: its cell, its part, the row within the part, and the index of the match within the row."""
        self.editor: tuple[CellId, int, Rows] | None = None
        """The edited cell, the number of rows of the editor over it, and these rows."""

    # ---- folds

    def fold(self) -> None:
        """Finds which cells are hidden by folded headings, after a change of the notebook or of the folds."""
        notebook, state = self._session.notebook, (self._session.notebook.revision, dict(self._view.folds))
        if state != self._folded_at:
            self._folded_at = state
            hidden = hidden_cells(notebook, self._view.folds)
            if hidden != self._hidden:
                self._hidden = hidden
                self.viewport.invalidate()
        scroll = self._view.scroll_cell
        if scroll in self._hidden:
            while scroll is not None and scroll in self._hidden:
                scroll = heading_over(notebook, scroll)
            self._view.scroll_cell, self._view.scroll_row = scroll, 0

    def hides(self, cell: CellId | None) -> bool:
        """Returns whether a folded heading hides a cell."""
        return cell in self._hidden

    def unfold_over(self, cell: CellId | None) -> None:
        """Shows a cell if folded headings hide it, on this screen alone: to look at it changes no notebook."""
        over = cell
        while over is not None and self.hides(cell):
            over = heading_over(self._session.notebook, over)
            if over is not None and is_folded(self._session.notebook[over], self._view.folds):
                self._view.folds[over] = False
                self.fold()

    @property
    def keeps_editing(self) -> bool:
        """Whether a cell is always edited."""
        return self._view.keeps_editing

    def _box_in_view(self, cell: CellId) -> Box:
        return _HIDDEN if cell in self._hidden else self.box(cell)

    def _note_of_fold(self, cell: CellId) -> str:
        """Returns what a folded heading hides. Empty for other cells."""
        notebook = self._session.notebook
        index = notebook.index(cell) + 1 if self._hidden and cell in notebook else len(notebook)
        if (
            index >= len(notebook)
            or notebook.order[index] not in self._hidden
            or not is_folded(notebook[cell], self._view.folds)
        ):
            return ""
        cells = section(notebook, cell)
        failures = sum(self._session.run_of(each).state is RunState.ERROR for each in cells)
        count = f"▸ {len(cells)} cell{'s' if len(cells) > 1 else ''}"
        return f"{count}, {failures} failed" if failures else count

    # ---- boxes

    def box(self, cell: CellId) -> CellBox:
        """Returns the box of a cell, brought up to date."""
        box = self._boxes.pop(cell, None)
        if box is None:
            self._drop_old_boxes()
            language = self._session.notebook.language if self._coloured else "text"
            box = CellBox(self._session.notebook[cell], language, self.painter.context)
        self._boxes[cell] = box
        editor_rows, editor = self.editor[1:] if self.editor is not None and self.editor[0] == cell else (0, None)
        box.sync(
            BoxOptions(
                editing=self._view.mode is Mode.EDIT and cell == self._view.active,
                editor_rows=editor_rows,
                editor=editor,
                whole=cell in self._view.unfolded or cell == self.prompt_cell,
                prompt=self.prompt_text if cell == self.prompt_cell else None,
                line_numbers=self._view.line_numbers,
                soft_wrap=self._view.soft_wrap,
                output_lines=self.output_lines or max(_OUTPUT_LINES, self.viewport.height * 2 // 3),
                fitting_lines=0 if self.output_lines else self.viewport.height - _AROUND_OUTPUTS,
                look=self._view.look(cell),
                edited=self._session.is_edited(cell),
                hides=self._note_of_fold(cell),
            )
        )
        return box

    def _marks(self, cell: CellId) -> Marks:
        """Returns the marks of a cell as they are now. What is only perhaps so is shown on request."""
        doubt = self._session.doubt_of(cell)
        if doubt is not None and doubt.sign is Sign.PERHAPS and not self._view.show_perhaps:
            doubt = None
        return marks(self._session.notebook[cell], self._session.run_of(cell), time.time(), doubt, time_from=self.time_from)

    def _drop_old_boxes(self) -> None:
        """Drops the half of the boxes that was not used for longest, if they are too many or too large.

        It does not ask the viewport which cells are in view, since the viewport would ask for boxes.
        """
        count = len(self._boxes)
        if count < _MOST_BOXES and (count < _LEAST_BOXES or sum(box.memory for box in self._boxes.values()) < _MOST_MEMORY):
            return
        for cell in list(self._boxes)[: count // 2]:
            del self._boxes[cell]
            self._painted.pop(cell, None)

    def forget(self, cells: frozenset[CellId] | None = None) -> None:
        """Drops the boxes and strips of these cells, or of all if None, after a change of theme, width or kind."""
        for cell in list(self._boxes) if cells is None else cells:
            self._boxes.pop(cell, None)
            self._painted.pop(cell, None)
        self.viewport.invalidate()

    def colour(self) -> None:
        """Shows code in colour and images as pictures from now on. Both would delay the first paint."""
        self._coloured = True
        self.render_anew()

    def render_anew(self) -> None:
        """Renders all cells again, after a change of the theme or of the terminal's capabilities.

        Scrolls only if the active cell was in view and the new heights would move it out of view.
        """
        active = self._view.active
        seen = active is not None and self.viewport.visible(active)
        self.painter = self._make_painter(self.painter.columns)
        self.forget()
        if seen and active is not None and not self.viewport.visible(active):
            self.reveal_active()
        self.refresh()

    def forget_picture(self, picture: Picture) -> frozenset[CellId]:
        """Drops the strips of the cells that show a picture. Returns these cells."""
        cells = frozenset(cell for cell, painted in self._painted.items() if picture in painted.pictures)
        for cell in cells:
            del self._painted[cell]
        return cells

    def showing(self, models: AbstractSet[str]) -> frozenset[CellId]:
        """Returns the cells in view that show any of these widget models."""
        seen = self.viewport.cells()
        return frozenset(cell for cell in seen if (box := self._boxes.get(cell)) is not None and box.shows(models))

    def is_deleted(self, cell: CellId) -> bool:
        """Returns whether a cell is no longer in the notebook."""
        return cell not in self._session.notebook

    def repaint(self) -> None:
        """Lays out and paints the view again, after a change of the notebook or the view state."""
        self.viewport.invalidate()
        self.refresh()

    def repaint_header(self, cell: CellId) -> None:
        """Paints the header of an edited cell again if its marks changed, and the mark of the failing line."""
        top = self.viewport.top_of(cell)
        painted = self._painted.get(cell)
        if top is None or painted is None:
            return
        box, width = self._boxes.get(cell), self.size.width
        if box is not None and box.failing is not None and self._session.is_edited(cell):
            self.refresh(Region(0, max(0, top), width, max(1, min(self.size.height, top + box.height) - max(0, top))))
        run_marks = self._marks(cell)
        if run_marks != painted.state[1] and top >= 0:
            self.refresh(Region(0, top, width, 2))

    # ---- size and theme

    def on_resize(self, event: events.Resize) -> None:
        if self._fit():
            self.refresh()

    def _fit(self) -> bool:
        """Adapts to the widget's size. Returns whether the size is new. Textual paints once before it sends Resize."""
        if self._fitted == self.size:
            return False
        if self._fitted is not None:
            # Textual does not send a message to the app if it is created while the screen paints, hence the delay.
            self.call_later(self._post_refitted)
        self._adapt_to_size()
        return True

    def _post_refitted(self) -> None:
        self.post_message(self.Refitted())

    def _adapt_to_size(self) -> None:
        active = self._view.active
        seen = self._fitted is None or (active is not None and self.viewport.visible(active))
        self._fitted = self.size
        self.painter = self._make_painter(max(MARGIN + 2, self.size.width - 1))
        self.forget()
        self.viewport.resize(self.size.height)
        self.selection.clear()
        if seen:
            self.reveal_active()

    # ---- scrolling

    def reveal_active(self) -> None:
        """Scrolls the active cell into view; a cell taller than the view only if no part of it is visible, then its top."""
        cell = self._view.active
        if cell is None or cell not in self._session.notebook:
            return
        height = self.box(cell).height
        if height <= self.viewport.height or not self.viewport.visible(cell):
            self._reveal(cell, 0, height - 1)

    def reveal(self, cell: CellId, part: Part, index: int) -> None:
        """Scrolls one row into view, and unfolds the headings that hide its cell."""
        self.unfold_over(cell)
        row = self.box(cell).row_of(part, index)
        self._reveal(cell, row, row)

    def _reveal(self, cell: CellId, first: int, last: int) -> None:
        before = self._view.scroll_cell, self._view.scroll_row
        self.viewport.reveal(cell, first, last)
        if (self._view.scroll_cell, self._view.scroll_row) != before:
            self._moved()

    def scroll_by(self, rows: int) -> None:
        """Scrolls by rows, down if positive."""
        self.viewport.scroll(rows)
        self._moved()

    def source_top(self, cell: CellId) -> int | None:
        """Returns the line of the widget where a cell's source starts, negative above it. None if the cell is out of view."""
        top = self.viewport.top_of(cell)
        return None if top is None else top + self.box(cell).row_of(Part.SOURCE)

    # ---- painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """Returns the strips of a region. Replaces Textual's method, which also handles borders and padding.

        After an unexpected error, which is reported, the region is empty, and keys still work: what is unsaved can be saved.
        """
        try:
            return self._render_lines(crop)
        except Exception as error:
            report(error)
            return [self.painter.blank(thumb=False).crop(crop.x, crop.right) for _ in crop.line_range]

    def _render_lines(self, crop: Region) -> list[Strip]:
        self._fit()
        rows, thumb = self.viewport.rows(), self.viewport.thumb()
        painted: dict[CellId, tuple[_Painted, CellBox, Marks]] = {}
        first, last = (thumb.top, thumb.top + thumb.size) if thumb is not None else (0, 0)
        whole = crop.x == 0 and crop.width == self.size.width
        in_selection = frozenset(self._view.selected(self._session.notebook)) if self._view.anchor is not None else frozenset()
        strips = []
        for y in crop.line_range:
            beside = first <= y < last
            if y < len(rows):
                row = rows[y]
                if row.cell not in painted:
                    painted[row.cell] = self._painted_of(row.cell, selected=row.cell in in_selection)
                strip = self._strip(row, painted[row.cell], beside)
            elif not rows and y == 1:
                strip = self.painter.hint(self._empty_hint)
            else:
                strip = self.painter.blank(thumb=beside)
            strips.append(strip if whole else strip.crop(crop.x, crop.right))
        return strips

    @property
    def _empty_hint(self) -> str:
        keys = self.painter.context.keys
        insert = " or ".join(filter(None, (keys.get("enter-edit-mode") or "Enter", keys.get("insert-below"))))
        pastes = f", {key} pastes" if (key := keys.get("paste-below")) else ""
        return f"This notebook has no cells: {insert} inserts one{pastes}."

    def _painted_of(self, cell: CellId, *, selected: bool) -> tuple[_Painted, CellBox, Marks]:
        """Returns the cached strips of a cell, or an empty cache if they are stale, with its box and marks."""
        box = self.box(cell)
        run_marks = self._marks(cell)
        active = cell == self._view.active
        found = self.found if self._view.pattern and self.found is not None and self.found[0] == cell else None
        mode, problems = self._view.mode if active else None, self._view.problems.get(cell)
        debug = (self._session.breakpoints_of(cell), self._stopped_line(cell))
        state = (box.version, run_marks, active, selected, mode, self._view.pattern, found, debug, problems)
        painted = self._painted.get(cell)
        if painted is None or painted.state != state:
            has_marks = bool(problems or debug[0] or debug[1] is not None or box.failing is not None)
            painted = self._painted[cell] = _Painted(state, {}, has_marks)
        return painted, box, run_marks

    def _strip(self, row: Row, cached: tuple[_Painted, CellBox, Marks], thumb: bool) -> Strip:
        painted, box, run_marks = cached
        if row.row >= box.height:
            # Outputs were removed after the rows were laid out, and the repainter has not laid them out again yet.
            return self.painter.blank(thumb=thumb)
        strip = painted.strips.get((row.row, thumb))
        if strip is None:
            strip = self._paint(box, row.row, run_marks, painted, thumb=thumb)
            painted.strips[row.row, thumb] = strip
        span = self.selection.span(row, self._session.notebook) if self.selection.active else None
        return strip if span is None or _is_picture(box.line(row.row)) else self._with_selection(strip, *span)

    def _with_selection(self, strip: Strip, start: int, end: int) -> Strip:
        end = min(end, self.painter.content)
        left, middle, right = strip.divide([MARGIN + start, MARGIN + end, strip.cell_length])
        return Strip.join([left, middle.apply_style(Style(reverse=True)), right])

    def _paint(self, box: CellBox, row: int, run_marks: Marks, painted: _Painted, *, thumb: bool) -> Strip:
        painter = self.painter
        part, index = box.part(row)
        active, selected = bool(painted.state[2]), bool(painted.state[3])
        bar = None
        if active:
            bar = painter.role("editing" if self._view.mode is Mode.EDIT else "active")
        elif selected:
            bar = painter.role("active")
        prompt = Span("")
        if part is Part.SOURCE and index == 0:
            prompt = Span(run_marks.prompt, bar if active and bar else painter.role(run_marks.prompt_role))
        line = box.line(row)
        painted.pictures.update(span.image.picture for span in line if span.image is not None)
        if part is Part.HEADER:
            bar = None
            line = self._header(run_marks, box.note)
        elif self._view.pattern and part is not Part.PROMPT:
            line = self._with_matches(line, (box.cell, part, index))
        mark = self._line_mark(box, index) if part is Part.SOURCE and painted.has_marks else None
        if part is Part.OUTPUT and box.area is not None:
            mark = Span(RAIL, painter.role(box.area.role(index)))
        return painter.row(line, bar=bar, prompt=prompt, code=part is Part.SOURCE, selected=selected, thumb=thumb, mark=mark)

    def _stopped_line(self, cell: CellId) -> int | None:
        """Returns the line of a cell at which the kernel is stopped."""
        stop = self._session.stop
        if stop is None:
            return None
        return next((frame.line for frame in stop.frames if frame.cell == cell), None)

    def _line_mark(self, box: CellBox, index: int) -> Span | None:
        """Returns the mark of a row of the source."""
        role, stopped = self.painter.role, self._stopped_line(box.cell)
        breakpoints, problems = self._session.breakpoints_of(box.cell), self._view.problems.get(box.cell, ())
        line = box.line_at(index)
        if line is None:
            return None
        if line == stopped:
            is_innermost = self._session.stop is not None and self._session.stop.frames[0].cell == box.cell
            return Span(STOPPED if is_innermost else CALLING, role("running"))
        if line == box.failing:
            return Span(FAILING, role("error"))
        point = next((point for point in breakpoints if point.line == line), None)
        if point is not None:
            return Span(LOGPOINT if point.message else BREAKPOINT, role("error"))
        found = {problem.is_error for problem in problems if problem.line == line}
        return Span(PROBLEM, role("error" if True in found else "warning")) if found else None

    def _with_matches(self, line: Line, place: tuple[CellId, Part, int]) -> Line:
        """Returns a row with the matches of the last search highlighted."""
        from tuinb.ui.view.match_marks import highlight_matches

        if self._query is None or self._query.text != self._view.pattern:
            self._query = Query(self._view.pattern, regex_timeout)
        current = self.found[3] if self.found is not None and self.found[:3] == place else -1
        return highlight_matches(line, self._query, self.painter.role("bracket_match"), current, Style(reverse=True))

    def _header(self, run_marks: Marks, note: str) -> Line:
        """Returns the header: the state of the run and how the outputs are shown, at the right end."""
        painter = self.painter
        run = Span(run_marks.note, painter.role(run_marks.note_role))
        if not note or width(run_marks.note) + width(note) + 3 > painter.content:
            return (Span(" " * (painter.content - width(run_marks.note))), run) if run_marks.note else ()
        shown = Span(f"{note} · " if run_marks.note else note, painter.role("muted"))
        return (Span(" " * (painter.content - width(shown.text) - width(run_marks.note))), shown, run)

    # ---- the mouse

    def _point(self, x: int, y: int) -> Point | None:
        rows = self.viewport.rows()
        if not rows:
            return None
        row = rows[max(0, min(y, len(rows) - 1))]
        return Point(row.cell, row.row, max(0, x - MARGIN))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if event.button != 1:
            return
        self.capture_mouse()
        if event.x >= self.size.width - 1:
            self._grab_thumb(event.y)
            return
        point = self._point(event.x, event.y)
        self.selection.begin(point)
        self.refresh()

    def _grab_thumb(self, y: int) -> None:
        """Begins to drag the scrollbar's thumb. A press beside it brings its middle there first."""
        thumb = self.viewport.thumb()
        if thumb is None:
            return
        is_on_thumb = thumb.top <= y < thumb.top + thumb.size
        self._grip = Thumb(y - thumb.top if is_on_thumb else thumb.size // 2, thumb.size)
        if not is_on_thumb:
            self._drag_thumb(y, self._grip)

    def _drag_thumb(self, y: int, grip: Thumb) -> None:
        self.viewport.move_thumb(Thumb(y - grip.top, grip.size))
        self._moved()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._grip is not None:
            self._drag_thumb(event.y, self._grip)
        elif self.selection.dragging and (point := self._point(event.x, event.y)):
            if event.y < 0 or event.y >= self.size.height:
                self.viewport.scroll(-1 if event.y < 0 else 1)
                self._moved()
            if self.selection.extend(point):
                self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self.release_mouse()
        self._grip = None
        if not self.selection.dragging:
            return
        self.selection.end()
        if self.selection.active and (text := self.selected_text()):
            self.post_message(SelectionMade(text))

    def on_click(self, event: events.Click) -> None:
        point = self._point(event.x, event.y)
        if point is None or self.selection.active or event.x >= self.size.width - 1 or event.y >= len(self.viewport.rows()):
            return
        part, index = self.box(point.cell).part(point.row)
        column = point.column - self.box(point.cell).number_width() if event.x >= MARGIN else -1
        self.post_message(self.Clicked(point.cell, part, index, column, double=event.chain >= 2))

    def selected_text(self) -> str:
        """Returns the text that is selected with the mouse, without margins and pictures."""
        notebook = self._session.notebook

        def line_of(cell: CellId, row: int) -> Line:
            line = self.box(cell).line(row)
            return () if _is_picture(line) else without_rule(line)

        return self.selection.text(
            notebook, lambda cell: self._box_in_view(cell).height, line_of, lambda cell, row: self.box(cell).hang(row)
        )

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.wheel(event, -3)

    def wheel(self, event: events.MouseEvent, rows: int) -> None:
        """Scrolls by rows for a mouse wheel, also over the editor and the prompt."""
        event.stop()
        self.scroll_by(rows)

    def _moved(self) -> None:
        self.refresh()
        self.post_message(self.Scrolled())

    def region_of(self, cell: CellId, part: Part) -> Region | None:
        """Returns the region of a part's first row, relative to this widget. None if its cell is out of view."""
        top = self.viewport.top_of(cell)
        if top is None:
            return None
        return Region(MARGIN, top + self.box(cell).row_of(part), self.painter.content, 1)


def _is_picture(line: Line) -> bool:
    """Returns whether a line is a row of a picture, which has no text to copy."""
    return any(span.image is not None for span in line)
