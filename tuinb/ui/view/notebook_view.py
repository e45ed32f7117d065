"""The notebook on the screen: one widget that paints the visible rows of all cells through Textual's Line API.

It holds no content: rows come from the boxes (ui.boxes), which rows from the layout (ui.layout), and both from the notebook
and the view state. Strips are kept for each cell in view until something of that cell changes. Longer than a module should
be: what is painted, what is kept of it, and what the mouse hits stand on the same fields of one widget.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tuinb.margin import MARGIN
from tuinb.notebook.search import Query
from tuinb.regex_timeout import regex_timeout
from tuinb.render.block import Span
from tuinb.render.safe import width
from tuinb.ui.view.cell_box import BoxOptions, CellBox, Part
from tuinb.ui.view.run_marks import Marks, marks
from tuinb.ui.view.text_selection import Point, TextSelection
from tuinb.ui.view.viewport import Row, Viewport
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from textual import events
    from textual.geometry import Size

    from tuinb.notebook.changes import CellId
    from tuinb.render.block import Line, Picture
    from tuinb.session.port import SessionPort
    from tuinb.ui.view.painter import Painter

_MOST_BOXES = 400
"""Boxes kept, far more than are in view, so that paging back costs nothing."""
_LEAST_BOXES = 160
"""Boxes from which on it counts what they take: many more than are in view."""
_MOST_MEMORY = 64 << 20
"""Bytes that so many may take, about."""


@dataclass(slots=True)
class _Painted:
    """The strips of one cell, and what they were made for."""

    state: tuple[object, ...]
    strips: dict[tuple[int, bool], Strip]
    """By row, and whether the scrollbar's thumb is beside it."""
    pictures: set[Picture] = field(default_factory=set)
    """Those of which a row was painted."""


class NotebookView(Widget, can_focus=True):
    """The cells. Keys do not end here: the app hands them to commands."""

    DEFAULT_CSS = "NotebookView { width: 1fr; height: 1fr; layer: base; }"
    ALLOW_SELECT = False

    @dataclass
    class Clicked(Message):
        """A cell was clicked, on a part of it; `column` counts from the start of the content."""

        cell: CellId
        part: Part
        index: int
        column: int
        double: bool

    @dataclass
    class Selected(Message):
        """Text was selected with the mouse."""

        text: str

    class Scrolled(Message):
        """The view moved, and what lies over it has to follow."""

    class Refitted(Message):
        """The view has another size: cells have other heights."""

    def __init__(self, session: SessionPort, view: ViewState, painter: Callable[[int], Painter]) -> None:
        super().__init__()
        self._session = session
        self._view = view
        self._make_painter = painter
        self.painter = painter(80)
        self._boxes: dict[CellId, CellBox] = {}
        """The one asked for last stands last."""
        self._painted: dict[CellId, _Painted] = {}
        self._coloured = False
        self._fitted: Size | None = None
        """The size that the painter and the layout are for."""
        self.viewport = Viewport(session.notebook, view, self.box)
        self.selection = TextSelection()
        self.prompt_cell: CellId | None = None
        """The cell under which the kernel's prompt is open."""
        self.prompt_text: str | None = None
        self.output_lines = 20
        self._query: Query | None = None
        self.found: tuple[CellId, Part, int, int] | None = None
        """The match that was gone to: its cell, part, row in that, and the how manieth of the row it is."""
        self.editor: tuple[CellId, int] | None = None
        """The cell that the editor lies over, and the rows that it takes."""

    # ---- boxes

    def box(self, cell: CellId) -> CellBox:
        """The cell's box, current."""
        box = self._boxes.pop(cell, None)
        if box is None:
            self._make_room()
            language = self._session.notebook.language if self._coloured else "text"
            box = CellBox(self._session.notebook[cell], language, self.painter.context)
        self._boxes[cell] = box
        box.sync(
            BoxOptions(
                editing=self._view.mode is Mode.EDIT and cell == self._view.active,
                editor_rows=self.editor[1] if self.editor is not None and self.editor[0] == cell else 0,
                whole=cell in self._view.unfolded,
                prompt=self.prompt_text if cell == self.prompt_cell else None,
                line_numbers=self._view.line_numbers,
                output_lines=self.output_lines,
                look=self._view.look(cell),
                edited=self._edited(cell),
            )
        )
        return box

    def _edited(self, cell: CellId) -> bool:
        """Whether the source was changed since it ran, or since it was loaded with its outputs."""
        ran, revision = self._session.run_of(cell).source_revision, self._session.notebook[cell].source_revision
        return revision != (0 if ran is None else ran)

    def _make_room(self) -> None:
        """Drops the half that was not asked for for longest, where there are too many boxes or they take too much.

        Asking the layout what is in view would ask for boxes again.
        """
        count = len(self._boxes)
        if count < _MOST_BOXES and (count < _LEAST_BOXES or sum(box.memory for box in self._boxes.values()) < _MOST_MEMORY):
            return
        for cell in list(self._boxes)[: count // 2]:
            del self._boxes[cell]
            self._painted.pop(cell, None)

    def forget(self, cells: frozenset[CellId] | None = None) -> None:
        """Drops what was rendered of these cells (all, where None): the theme, the width, or the kind of a cell changed."""
        for cell in list(self._boxes) if cells is None else cells:
            self._boxes.pop(cell, None)
            self._painted.pop(cell, None)
        self.viewport.invalidate()

    def colour(self) -> None:
        """Code in colour and images as pictures from now on: both would make the first paint later."""
        self._coloured = True
        self.render_anew()

    def render_anew(self) -> None:
        """What depends on what the terminal can do is rendered again; nothing is scrolled, unless the active cell was in view
        and would not be: other cells have other heights now.
        """
        active = self._view.active
        seen = active is not None and self.viewport.visible(active)
        self.painter = self._make_painter(self.painter.columns)
        self.forget()
        if seen and active is not None and not self.viewport.visible(active):
            self.reveal_active()
        self.refresh()

    def forget_picture(self, picture: Picture) -> frozenset[CellId]:
        """Drops what was painted of the cells that show a picture; these."""
        cells = frozenset(cell for cell, painted in self._painted.items() if picture in painted.pictures)
        for cell in cells:
            del self._painted[cell]
        return cells

    def showing(self, models: AbstractSet[str]) -> frozenset[CellId]:
        """The cells in view that show any of these models of widgets."""
        seen = self.viewport.cells()
        return frozenset(cell for cell in seen if (box := self._boxes.get(cell)) is not None and box.shows(models))

    def is_deleted(self, cell: CellId) -> bool:
        """Whether the cell is not in the notebook any more."""
        return cell not in self._session.notebook

    def repaint(self) -> None:
        """Something in view changed."""
        self.viewport.invalidate()
        self.refresh()

    def repaint_header(self, cell: CellId) -> None:
        """The source of a cell changed under the editor that lies over it: its header may say so now."""
        top = self.viewport.top_of(cell)
        painted = self._painted.get(cell)
        if top is None or painted is None:
            return
        box, width = self._boxes.get(cell), self.size.width
        if box is not None and box.failing is not None and self._edited(cell):
            self.refresh(Region(0, max(0, top), width, max(1, min(self.size.height, top + box.height) - max(0, top))))
        said = marks(self._session.notebook[cell], self._session.run_of(cell), time.time())
        if said != painted.state[1] and top >= 0:
            self.refresh(Region(0, top, width, 2))

    # ---- size and theme

    def on_resize(self, event: events.Resize) -> None:
        if self._fit():
            self.refresh()

    def _fit(self) -> bool:
        """Follows the widget's size, and says whether it is a new one. Textual paints once before it sends Resize."""
        if self._fitted == self.size:
            return False
        if self._fitted is not None:
            # Later: a message that is made while the screen paints counts as the screen's own, and does not reach the app.
            self.call_later(self._refitted)
        self._start_over()
        return True

    def _refitted(self) -> None:
        self.post_message(self.Refitted())

    def _start_over(self) -> None:
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
        """Brings the active cell into view; of one taller than the screen its top, unless a part of it is in view."""
        cell = self._view.active
        if cell is None or cell not in self._session.notebook:
            return
        height = self.box(cell).height
        if height <= self.viewport.height or not self.viewport.visible(cell):
            self._reveal(cell, 0, height - 1)

    def reveal(self, cell: CellId, part: Part, index: int) -> None:
        """Brings one row into view."""
        row = self.box(cell).row_of(part, index)
        self._reveal(cell, row, row)

    def _reveal(self, cell: CellId, first: int, last: int) -> None:
        before = self._view.scroll_cell, self._view.scroll_row
        self.viewport.reveal(cell, first, last)
        if (self._view.scroll_cell, self._view.scroll_row) != before:
            self._moved()

    def scroll_by(self, rows: int) -> None:
        self.viewport.scroll(rows)
        self._moved()

    def source_top(self, cell: CellId) -> int | None:
        """The line of the widget where the cell's source starts, negative above it; None where the cell is out of view."""
        top = self.viewport.top_of(cell)
        return None if top is None else top + self.box(cell).row_of(Part.SOURCE)

    # ---- painting

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget. There is no border and no padding to go through Textual's own path for."""
        self._fit()
        rows, thumb = self.viewport.rows(), self.viewport.thumb()
        painted: dict[CellId, tuple[_Painted, CellBox, Marks]] = {}
        first, last = (thumb.top, thumb.top + thumb.size) if thumb is not None else (0, 0)
        whole = crop.x == 0 and crop.width == self.size.width
        chosen = frozenset(self._view.selected(self._session.notebook)) if self._view.anchor is not None else frozenset()
        strips = []
        for y in crop.line_range:
            beside = first <= y < last
            if y < len(rows):
                row = rows[y]
                if row.cell not in painted:
                    painted[row.cell] = self._of_cell(row.cell, selected=row.cell in chosen)
                strip = self._strip(row, painted[row.cell], beside)
            elif not rows and y == 1:
                strip = self.painter.hint("No cells yet: Enter or b makes one, Ctrl+V pastes.")
            else:
                strip = self.painter.blank(thumb=beside)
            strips.append(strip if whole else strip.crop(crop.x, crop.right))
        return strips

    def _of_cell(self, cell: CellId, *, selected: bool) -> tuple[_Painted, CellBox, Marks]:
        """What is painted of a cell already, if it still looks like that."""
        box = self.box(cell)
        said = marks(self._session.notebook[cell], self._session.run_of(cell), time.time())
        active = cell == self._view.active
        found = self.found if self._view.pattern and self.found is not None and self.found[0] == cell else None
        state = (box.version, said, active, selected, self._view.mode if active else None, self._view.pattern, found)
        painted = self._painted.get(cell)
        if painted is None or painted.state != state:
            painted = self._painted[cell] = _Painted(state, {})
        return painted, box, said

    def _strip(self, row: Row, of_cell: tuple[_Painted, CellBox, Marks], thumb: bool) -> Strip:
        painted, box, said = of_cell
        if row.row >= box.height:
            # Outputs went after the rows were laid out: the bridge has not told yet, and something else asked for a paint.
            return self.painter.blank(thumb=thumb)
        strip = painted.strips.get((row.row, thumb))
        if strip is None:
            strip = self._paint(box, row.row, said, painted, thumb=thumb)
            painted.strips[row.row, thumb] = strip
        span = self.selection.span(row, self._session.notebook) if self.selection.active else None
        return strip if span is None or _is_picture(box.line(row.row)) else self._with_selection(strip, *span)

    def _with_selection(self, strip: Strip, start: int, end: int) -> Strip:
        end = min(end, self.painter.content)
        left, middle, right = strip.divide([MARGIN + start, MARGIN + end, strip.cell_length])
        return Strip.join([left, middle.apply_style(Style(reverse=True)), right])

    def _paint(self, box: CellBox, row: int, said: Marks, painted: _Painted, *, thumb: bool) -> Strip:
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
            prompt = Span(said.prompt, bar if active and bar else painter.role(said.prompt_role))
        line = box.line(row)
        painted.pictures.update(span.image.picture for span in line if span.image is not None)
        if part is Part.HEADER:
            bar = None
            line = self._header(said, box.note)
        elif self._view.pattern and part is not Part.PROMPT:
            line = self._with_matches(line, (box.cell, part, index))
        failing = part is Part.SOURCE and index == box.failing
        return painter.row(
            line, bar=bar, prompt=prompt, code=part is Part.SOURCE, selected=selected, thumb=thumb, failing=failing
        )

    def _with_matches(self, line: Line, place: tuple[CellId, Part, int]) -> Line:
        """A row with what was searched for marked."""
        from tuinb.ui.view.match_marks import marked

        if self._query is None or self._query.text != self._view.pattern:
            self._query = Query(self._view.pattern, regex_timeout)
        current = self.found[3] if self.found is not None and self.found[:3] == place else -1
        return marked(line, self._query, self.painter.role("bracket_match"), current, Style(reverse=True))

    def _header(self, said: Marks, note: str) -> Line:
        """What the run has to say, and how the outputs are shown, at the right end."""
        painter = self.painter
        run = Span(said.note, painter.role(said.note_role))
        if not note or width(said.note) + width(note) + 3 > painter.content:
            return (Span(" " * (painter.content - width(said.note))), run) if said.note else ()
        shown = Span(f"{note} · " if said.note else note, painter.role("muted"))
        return (Span(" " * (painter.content - width(shown.text) - width(said.note))), shown, run)

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
        if event.x >= self.size.width - 1:
            self.viewport.go_to_share(event.y / max(1, self.size.height))
            self._moved()
            return
        point = self._point(event.x, event.y)
        self.capture_mouse()
        self.selection.begin(point)
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.selection.dragging and (point := self._point(event.x, event.y)):
            if event.y < 0 or event.y >= self.size.height:
                self.viewport.scroll(-1 if event.y < 0 else 1)
                self._moved()
            if self.selection.extend(point):
                self.refresh()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if not self.selection.dragging:
            return
        self.release_mouse()
        self.selection.end()
        if self.selection.active:
            self.post_message(self.Selected(self.selected_text()))

    def on_click(self, event: events.Click) -> None:
        point = self._point(event.x, event.y)
        if point is None or self.selection.active or event.x >= self.size.width - 1 or event.y >= len(self.viewport.rows()):
            return
        part, index = self.box(point.cell).part(point.row)
        column = point.column - self.box(point.cell).number_width() if event.x >= MARGIN else -1
        self.post_message(self.Clicked(point.cell, part, index, column, event.chain >= 2))

    def selected_text(self) -> str:
        """The text under the mouse's selection, without margins."""
        notebook = self._session.notebook

        def line_of(cell: CellId, row: int) -> Line:
            line = self.box(cell).line(row)
            return () if _is_picture(line) else line

        return self.selection.text(notebook, lambda cell: self.box(cell).height, line_of)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.wheel(event, 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.wheel(event, -3)

    def wheel(self, event: events.MouseEvent, rows: int) -> None:
        """Scrolls; for what is laid over the notebook, too."""
        event.stop()
        self.scroll_by(rows)

    def _moved(self) -> None:
        self.refresh()
        self.post_message(self.Scrolled())

    def region_of(self, cell: CellId, part: Part) -> Region | None:
        """Where a part's first row is, relative to this widget; None where its cell is out of view."""
        top = self.viewport.top_of(cell)
        if top is None:
            return None
        return Region(MARGIN, top + self.box(cell).row_of(part), self.painter.content, 1)


def _is_picture(line: Line) -> bool:
    """Whether a picture's row is in a line, of which nothing is worth copying."""
    return any(span.image is not None for span in line)
