"""Search and replacement in a notebook on the screen: shows each match."""

from __future__ import annotations

import time
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from tuinb.editing.buffer import Place as SourcePlace
from tuinb.notebook.changes import SpliceSource, Step, Transaction
from tuinb.notebook.replacement import Replacement
from tuinb.notebook.search import SOURCE, Match, offset_of
from tuinb.render.block import FoldingBlock
from tuinb.ui.hints import short
from tuinb.ui.search.background import SLICE, BackgroundSearch, give_way
from tuinb.ui.search.find_bar import FindBar
from tuinb.ui.search.locate import nearest, node_to_expand, row_in, row_in_prose, row_of_value, start_for, target_of, texts_of
from tuinb.ui.search.query_replace import QueryBar, QueryReplace, Replaced
from tuinb.ui.search.text_search import TextSearch
from tuinb.ui.view.cell_box import Part
from tuinb.ui.view.output_area import Place
from tuinb.workspace.jumps import Place as JumpPlace
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId, ClientId
    from tuinb.notebook.search import Chunk, Query
    from tuinb.session.port import SessionPort
    from tuinb.ui.shell import Shell
    from tuinb.ui.view.notebook_view import NotebookView
    from tuinb.ui.view.output_area import OutputArea
    from tuinb.workspace.view_state import ViewState

_AT_ONCE = 1_000
"""Cells that are changed by one transaction."""


class NotebookSearch:
    """Search in the sources and outputs of a notebook. `sync` and `place_overlays` are methods of the pane.

    `set_cursor` sets where the cursor is when a cell is edited next.
    `client` is the origin of replacements.
    """

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        client: ClientId,
        state: ViewState,
        view: NotebookView,
        sync: Callable[[], None],
        place_overlays: Callable[[], None],
        set_cursor: Callable[[CellId, int], None],
    ) -> None:
        self._shell = shell
        self._session = session
        self._client = client
        self._state = state
        self._view = view
        self._sync = sync
        self._place_overlays = place_overlays
        self._set_cursor = set_cursor
        self._replacing = False
        """Whether all matches are being replaced."""
        self._replaced_at: tuple[CellId, int] | None = None
        """Behind what was replaced last, while the bar is open."""
        self._undo_in_cell = ""
        """The key that undoes in the cell that was being edited before the bar was opened. Empty if none was."""
        self._edits_found = False
        """Whether the match that is gone to without the bar is edited."""
        self._query: QueryReplace | None = None
        """What asks at each match, once the bar has ended for that."""
        self._search = TextSearch(shell, session.notebook, self._texts, self._go, self._report)

    def _texts(self, cell: Cell) -> Iterable[tuple[int, Iterable[Chunk]]]:
        return texts_of(cell, self._view.painter.context, self._state.look(cell.id))

    async def ask(self, cursor: SourcePlace | None, *, backward: bool = False, replaces: bool = False, seed: str = "") -> None:
        """Opens the search bar. Escape restores the view as it was.

        The search begins at the `cursor` if a cell is being edited. Enter puts the cursor on the match, and goes on with
        editing where a cell was being edited. `seed` is the text to find at first; without one, it is that of the last search.
        """
        state, view = self._state, self._view
        before = copy(state)
        before.unfolded, before.looks = set(state.unfolded), dict(state.looks)
        self._undo_in_cell = self._undo_key() if state.mode is Mode.EDIT else ""
        self._replaced_at = None
        state.mode = Mode.COMMAND
        self._sync()
        view.viewport.cover(FindBar.ROWS)
        cells = self._session.notebook.order
        at = None
        if cursor is not None and state.active is not None:
            at = Match(state.active, SOURCE, cursor.row, cursor.column, -1)
        kept = await self._search.ask(
            cells,
            state.active,
            at=at,
            direction=-1 if backward else 1,
            replaces=replaces,
            is_incremental=state.keeps_editing,
            replace=self._replace,
            ask=self._begin_query if state.keeps_editing else None,
            grown=self._cover,
            goes_on=state.enter_finds_next,
            seed=seed,
        )
        self._undo_in_cell = ""
        asked, self._query = self._query, None
        if asked is not None:
            await self._shell.dialogs.open(QueryBar(self._shell.role, asked.question, asked, self._shell.give_back))
        view.viewport.cover(0)
        if not kept:
            state.active, state.anchor = before.active, before.anchor
            state.unfolded, state.looks = before.unfolded, before.looks
            state.scroll_cell, state.scroll_row = before.scroll_cell, before.scroll_row
            state.mode, state.pattern = before.mode, ""
            view.found = None
        else:
            if before.active is not None and state.active != before.active:
                state.jumps.remember(JumpPlace(before.active))
            if (self._put_cursor() or state.keeps_editing) and before.mode is Mode.EDIT:
                state.mode = Mode.EDIT
        self._replaced_at = None
        self._sync()
        if asked is not None:
            self._report_replaced(asked.replaced)

    def _cover(self, rows: int) -> None:
        """Keeps the match in view while the bar covers more rows."""
        self._view.viewport.cover(rows)
        self._reveal()

    def _put_cursor(self) -> bool:
        """Puts the cursor of a cell on the match that is shown. Returns False if that is not in a source.

        Where cells are always edited, a search forward ends behind the match, as in Emacs. If what was replaced was the last
        match, the cursor is behind that.
        """
        match, notebook = self._search.background.current, self._session.notebook
        if match is None and self._replaced_at is not None and self._replaced_at[0] in notebook:
            self._state.activate(self._replaced_at[0])
            self._set_cursor(*self._replaced_at)
            return True
        if match is None or match.place != SOURCE or match.cell not in notebook:
            return False
        if (at := offset_of(notebook[match.cell].source, match)) is not None:
            is_behind = self._state.keeps_editing and self._search.direction > 0
            self._set_cursor(match.cell, at + match.length if is_behind else at)
        return at is not None

    def again(self, direction: int) -> None:
        """Goes to the next match (1) or the previous one (-1). Goes on with editing where a cell was being edited."""
        self._edits_found = self._state.mode is Mode.EDIT
        self._state.pattern = self._search.background.query.text
        self._search.again(direction)

    # ---- replacing

    def _replace(self, text: str, every: bool) -> bool:
        """Replaces the match that is shown, or all, in sources alone. Returns whether there is one."""
        search, session = self._search, self._session
        if self._replacing:
            return False
        replacement = Replacement(search.background.query, text)
        if session.read_only or replacement.problem:
            search.said = replacement.problem or "the notebook is read-only"
            return False
        if not every:
            return self._replace_shown(replacement)
        self._replacing, search.said = True, "replacing…"
        self._shell.system.run_later(self._replace_all(replacement, search.background.query))
        return True

    def _begin_query(self, text: str) -> bool:
        """Begins to ask at each match, after the bar. Returns whether there is one."""
        search, session = self._search, self._session
        query, start = search.background.query, search.background.current
        replacement = Replacement(query, text)
        if session.read_only or replacement.problem:
            search.said = replacement.problem or "the notebook is read-only"
        elif not self._replacing:
            search.said = "nothing to replace"
            if start is not None and start.cell in session.notebook:
                asked = QueryReplace(session.notebook, query, replacement, start, self)
                self._query = asked if asked.current is not None else None
        return self._query is not None

    def _report_replaced(self, number: int) -> None:
        undoes = f"; {self._undo_key()} undoes" if number else ""
        self._shell.dialogs.notify(self._search.background.query.problem or f"{number:,} replaced{undoes}")

    def show(self, match: Match) -> None:
        """Shows a match, as Replacer."""
        self._search.background.current = match
        self._go(match)

    def replace(self, splice: SpliceSource, *, goes_on: bool) -> None:
        """Replaces the match that is shown, as Replacer."""
        step, background = Step.MORE if goes_on else Step.EDIT, self._search.background
        self._session.apply(Transaction((splice,), self._client, step, "replace"))
        if background.current is not None:
            background.current = background.current._replace(length=len(splice.inserted))

    async def _replace_all(self, replacement: Replacement, query: Query) -> None:
        """Replaces all matches as one step, in parts, so that no key waits for it."""
        try:
            self._search.report(await self._replace_in_parts(replacement, query))
        finally:
            self._replacing = False
        self._sync()

    async def _replace_in_parts(self, replacement: Replacement, query: Query) -> str:
        """Replaces all matches. Returns what was replaced."""
        matches, cells = await self.replace_in(tuple(self._session.notebook.order), replacement, start=0, goes_on=False)
        if query.problem:  # it took too long somewhere
            return query.problem
        if not cells:
            return "nothing to replace"
        return f"{matches:,} in {cells:,} cell{'s' * (cells > 1)}; {self._undo_key()} undoes"

    def _undo_key(self) -> str:
        """Returns the key that undoes after the bar, which leads back into a cell that was edited, but not from an output."""
        match = self._search.background.current
        in_source = self._replaced_at is not None if match is None else match.place == SOURCE
        is_in_cell = self._state.keeps_editing or in_source
        return (self._undo_in_cell if is_in_cell else "") or short(self._shell.in_keys("{undo|undo-typing}"))

    async def replace_in(self, order: Sequence[CellId], replacement: Replacement, *, start: int, goes_on: bool) -> Replaced:
        """Replaces all matches in cells, as Replacer. If the expression takes too long in one of them, replaces none."""
        notebook = self._session.notebook
        found: list[tuple[SpliceSource, int, str]] = []
        until = time.perf_counter() + SLICE
        for cell in order:
            since = start if cell == order[0] else 0
            if cell in notebook and (change := replacement.in_cell(notebook[cell], since)) is not None:
                found.append((*change, notebook[cell].source))
            if time.perf_counter() > until:
                await give_way()
                until = time.perf_counter() + SLICE
        cells = matches = 0
        if replacement.timed_out:
            return Replaced(0, 0)
        for first in range(0, len(found), _AT_ONCE):
            # A source that somebody else has changed meanwhile is left as it is.
            part = [one for one in found[first : first + _AT_ONCE] if self._is_source(one[0].cell, one[2])]
            changes = tuple([splice for splice, _, _ in part])
            if changes:
                step = Step.MORE if cells or goes_on else Step.EDIT
                self._session.apply(Transaction(changes, self._client, step, "replace"))
            cells += len(part)
            matches += sum(number for _, number, _ in part)
            await give_way()
        return Replaced(matches, cells)

    def _is_source(self, cell: CellId, source: str) -> bool:
        notebook = self._session.notebook
        return cell in notebook and notebook[cell].source == source

    def _replace_shown(self, replacement: Replacement) -> bool:
        """Replaces one match, and goes to the next one behind what is inserted."""
        background, notebook = self._search.background, self._session.notebook
        match = background.current
        if match is None or match.cell not in notebook:
            return False
        source = notebook[match.cell].source
        at = offset_of(source, match)
        if match.place != SOURCE or at is None or (at, at + match.length) not in background.query.hits(source):
            # An output, or a source that somebody has changed since.
            background.step(1)
            return False
        removed, inserted = source[at : at + match.length], replacement.of(source, at, at + match.length)
        splice = SpliceSource(match.cell, at, removed, inserted)
        self._session.apply(Transaction((splice,), self._client, label="replace"))
        self._replaced_at = match.cell, at + len(inserted)
        lines = inserted.split("\n")
        column = len(lines[-1]) + (match.column if len(lines) == 1 else 0)
        background.current = Match(match.cell, SOURCE, match.line + len(lines) - 1, column, 0)
        background.step(1)
        return True

    def _report(self) -> None:
        background = self._search.background
        if background.query.text and background.message != "searching…":
            self._shell.dialogs.notify(f"{background.query.text}: {background.message}")
            self._reveal()
            if self._put_cursor() and self._edits_found:
                self._state.mode = Mode.EDIT
                self._sync()

    def _go(self, match: Match) -> None:
        state = self._state
        if match.cell not in self._session.notebook:
            return
        state.pattern, state.mode = self._search.background.query.text, Mode.COMMAND
        state.activate(match.cell)
        part, row, nth = self._place(match)
        self._view.found = (match.cell, part, row, nth)
        self._sync()
        self._reveal()

    def _reveal(self) -> None:
        view = self._view
        if view.found is not None and view.found[0] in self._session.notebook:
            view.reveal(*view.found[:3])
            view.refresh()
            self._place_overlays()

    def _place(self, match: Match) -> tuple[Part, int, int]:
        """Opens the outputs that hide a match. Returns the part and the row that show it, and its index within the row."""
        view, background = self._view, self._search.background
        box = view.box(match.cell)
        if match.place == SOURCE:
            if box.prose is not None:
                return (Part.PROSE, *row_in_prose(box.prose, self._number(match), background.query))
            row = box.source.point(SourcePlace(min(match.line, box.highlighted.line_count - 1), match.column)).row
            piece = box.source.piece(row)
            if not piece.start and piece.end == len(box.highlighted.lines[piece.line]):
                return Part.SOURCE, row, self._number(match, match.column)
            column = box.number_width() + piece.indent + match.column - piece.start
            return Part.SOURCE, row, nearest(box.line(box.row_of(Part.SOURCE, row)), background.query, column)
        if box.area is None or match.place >= len(self._session.notebook[match.cell].outputs):
            return Part.HEADER, 0, 0
        row, nth = expose(box.area, self._state, match, background)
        if box.area.row_of(Place(match.place, row)) is None:
            self._state.unfolded.add(match.cell)
        box = view.box(match.cell)
        shown = box.area.row_of(Place(match.place, row)) if box.area is not None else None
        if box.area is None or shown is None:
            return Part.OUTPUT, 0, nth
        return Part.OUTPUT, shown, visible_index(box.area, self._state, match, shown, background, nth)

    def _number(self, match: Match, before: int | None = None) -> int:
        """Returns the index of a match among those in its source, or among those on its line, `before` characters of which
        come before it.
        """
        source = self._session.notebook[match.cell].source
        at = offset_of(source, match) or 0
        first = 0 if before is None else at - before
        return sum(first <= start < at for start, _ in self._search.background.query.hits(source))


def expose(area: OutputArea, state: ViewState, match: Match, background: BackgroundSearch) -> tuple[int, int]:
    """Opens the nodes that hide a match and scrolls sideways to it. Returns its row in the output and its index in the row."""
    block = area.block(match.place)
    if isinstance(block, FoldingBlock):
        target = target_of(area.outputs[match.place], area.context, state.look(match.cell), match)
        flipped: set[str] = set()
        while (node := node_to_expand(block, target, background.query)) is not None and node not in flipped:
            flipped.add(node)
            state.toggle_node(match.cell, match.place, node)
            area.sync(area.whole, state.look(match.cell))
            block = area.block(match.place)
            if not isinstance(block, FoldingBlock):
                return 0, 0
        return row_of_value(block, target, background.query), 0
    look = state.look(match.cell)
    state.set_look(match.cell, replace(look, start=start_for(block, match, look.start, area.context.width)))
    return row_in(block, match, background.number(match, 3), background.query)


def visible_index(area: OutputArea, state: ViewState, match: Match, row: int, background: BackgroundSearch, nth: int) -> int:
    """Returns the index of a match among the visible ones of its row. `nth` is its index if the row is not scrolled."""
    start = state.look(match.cell).start
    return nearest(area.line(row), background.query, match.column - start) if start else nth
