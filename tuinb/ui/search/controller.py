"""Find on the screen: the line to write on, the search behind it, and the way to each match."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.notebook.search import SOURCE, Match
from tuinb.render.block import FoldingBlock
from tuinb.ui.search.background import Hunt
from tuinb.ui.search.find_bar import FindLine
from tuinb.ui.search.locate import fold_over, nearest, row_in, row_in_prose, row_of_value, start_for, target_of, texts_of
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.output_area import Place
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.search import Chunk, Texts
    from tuinb.ui.app import TuinbApp
    from tuinb.ui.view.output_area import OutputArea
    from tuinb.workspace.view_state import ViewState


class Finding:
    """One search and its line; `go` shows a match, and `uncover` brings it out from under a message."""

    def __init__(
        self, app: TuinbApp, texts: Texts, go: Callable[[Match], None], uncover: Callable[[], None] = lambda: None
    ) -> None:
        self._app = app
        self._uncover = uncover
        self.hunt = Hunt(app.session.notebook, texts, go, self._changed)
        self._line: FindLine | None = None

    async def ask(self, cells: Sequence[CellId], origin: CellId | None) -> bool:
        """Lets somebody write what to look for, and looks for it meanwhile; whether it was kept."""
        hunt, before = self.hunt, (self.hunt.query.text, self.hunt.current)

        def typed(text: str) -> None:
            hunt.start(text, cells, origin)

        self._line = FindLine(self._app.role, hunt.query.text, typed, hunt.step, lambda: hunt.message)
        try:
            kept = await self._app.host.open_dialog(self._line)
        finally:
            self._line = None
        if not kept:
            hunt.stop()
            hunt.restore(*before)
        return bool(kept)

    def again(self, direction: int) -> None:
        """Goes to another match of what was looked for last."""
        if self.hunt.query.text:
            self.hunt.step(direction)
        else:
            self._app.host.notify("Nothing was looked for yet: / finds.")

    def _changed(self) -> None:
        if self._line is not None:
            self._line.tell()
        elif (viewer := self._app.host.viewer) is not None:
            viewer.refresh()  # its last row has the message
        elif self.hunt.query.text and self.hunt.message != "searching…":
            self._app.host.notify(f"{self.hunt.query.text}: {self.hunt.message}")
            self._uncover()


class NotebookFinding:
    """Find in the sources and outputs of the notebook."""

    def __init__(self, app: TuinbApp) -> None:
        self._app = app
        self._finding = Finding(app, self._texts, self._go, self._reveal)

    def _texts(self, cell: Cell) -> Iterable[tuple[int, Iterable[Chunk]]]:
        return texts_of(cell, self._app.view.painter.context, self._app.view_state.look(cell.id))

    async def ask(self) -> None:
        """Opens the line. Escape brings back what was looked at."""
        app, state = self._app, self._app.view_state
        before = copy(state)
        before.unfolded, before.looks = set(state.unfolded), dict(state.looks)
        state.mode = Mode.COMMAND
        app.sync(reveal=False)
        app.view.layout_rows.cover(1)
        kept = await self._finding.ask(app.session.notebook.order, state.active)
        app.view.layout_rows.cover(0)
        if not kept:
            state.active, state.anchor = before.active, before.anchor
            state.unfolded, state.looks = before.unfolded, before.looks
            state.scroll_cell, state.scroll_row = before.scroll_cell, before.scroll_row
            state.mode, state.pattern = before.mode, ""
            app.view.found = None
        app.sync(reveal=False)

    def again(self, direction: int) -> None:
        self._app.view_state.pattern = self._finding.hunt.query.text
        self._finding.again(direction)

    def _go(self, match: Match) -> None:
        app, state, hunt = self._app, self._app.view_state, self._finding.hunt
        if match.cell not in app.session.notebook:
            return
        state.pattern, state.mode = hunt.query.text, Mode.COMMAND
        state.activate(match.cell)
        part, row, nth = self._place(match)
        app.view.found = (match.cell, part, row, nth)
        app.sync(reveal=False)
        self._reveal()

    def _reveal(self) -> None:
        view = self._app.view
        if view.found is not None and view.found[0] in self._app.session.notebook:
            view.reveal(*view.found[:3])
            view.refresh()
            self._app.place_overlays()

    def _place(self, match: Match) -> tuple[Part, int, int]:
        """The row that shows a match, opening the outputs that hide it; and the how manieth of that row it is."""
        view, hunt = self._app.view, self._finding.hunt
        box = view.box(match.cell)
        if match.place == SOURCE:
            if box.prose is not None:
                return (Part.PROSE, *row_in_prose(box.prose, hunt.number(match, 2), hunt.query))
            return Part.SOURCE, match.line, hunt.number(match, 3)
        if box.area is None or match.place >= len(self._app.session.notebook[match.cell].outputs):
            return Part.HEADER, 0, 0
        row, nth = reach(box.area, self._app.view_state, match, hunt)
        if box.area.row_of(Place(match.place, row)) is None:
            self._app.view_state.unfolded.add(match.cell)
        box = view.box(match.cell)
        shown = box.area.row_of(Place(match.place, row)) if box.area is not None else None
        if box.area is None or shown is None:
            return Part.OUTPUT, 0, nth
        return Part.OUTPUT, shown, seen(box.area, self._app.view_state, match, shown, hunt, nth)


def reach(area: OutputArea, state: ViewState, match: Match, hunt: Hunt) -> tuple[int, int]:
    """Opens nodes that hide a match, and scrolls sideways to it; its row in its output, and the how manieth of that it is."""
    block = area.block(match.place)
    if isinstance(block, FoldingBlock):
        target = target_of(area.outputs[match.place], area.context, state.look(match.cell), match)
        flipped: set[str] = set()
        while (node := fold_over(block, target, hunt.query)) is not None and node not in flipped:
            flipped.add(node)
            state.toggle_node(match.cell, match.place, node)
            area.sync(area.whole, state.look(match.cell))
            block = area.block(match.place)
            if not isinstance(block, FoldingBlock):
                return 0, 0
        return row_of_value(block, target, hunt.query), 0
    look = state.look(match.cell)
    state.set_look(match.cell, replace(look, start=start_for(block, match, look.start, area.context.width)))
    return row_in(block, match, hunt.number(match, 3), hunt.query)


def seen(area: OutputArea, state: ViewState, match: Match, row: int, hunt: Hunt, nth: int) -> int:
    """The how manieth match of a row is the one: where that is scrolled sideways, others of it are out of view."""
    start = state.look(match.cell).start
    return nearest(area.line(row), hunt.query, match.column - start) if start else nth
