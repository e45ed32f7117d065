"""The viewer: the outputs of a cell on the full screen, with a cursor. Rows are rendered when they come into view.

Keys that copy, save, page, open or change the type run the notebook's commands on the output under the cursor. The search
is the same as in the notebook, limited to this cell.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from rich.style import Style

from tuinb.commands.registry import COMMANDS
from tuinb.notebook.search import SOURCE, Match
from tuinb.render.block import plain
from tuinb.render.layout.headings import without_rule
from tuinb.render.safe import clean, width
from tuinb.ui.dialogs.base import Dialog, scroll_steps
from tuinb.ui.outputs.links import links_on
from tuinb.ui.search.controller import expose, visible_index
from tuinb.ui.search.locate import texts_of
from tuinb.ui.search.text_search import TextSearch
from tuinb.ui.selectable_rows import SelectableRows
from tuinb.ui.strips import as_strip
from tuinb.ui.view.match_marks import highlight_matches
from tuinb.ui.view.output_area import OutputArea, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from textual import events
    from textual.strip import Strip

    from tuinb.commands.command import Command
    from tuinb.commands.host import Link
    from tuinb.notebook.cell import Cell
    from tuinb.notebook.changes import CellId
    from tuinb.notebook.outputs import Output
    from tuinb.notebook.search import Chunk
    from tuinb.render.block import Line
    from tuinb.render.context import RenderContext
    from tuinb.session.port import SessionPort
    from tuinb.ui.shell import Shell
    from tuinb.ui.view.notebook_view import NotebookView
    from tuinb.workspace.view_state import ViewState

_LINE_LIMIT = 1
"""Line limit of OutputArea: so low that it measures heights instead of listing all rows. `whole` keeps it expanded."""
_COMMANDS_BY_KEY = {
    "t": "choose-output-type",
    "I": "view-table",
    "Y": "copy-output",
    "W": "save-output",
    "w": "open-output",
    "|": "page-output",
    "L": "follow-link",
    "<": "scroll-output-left",
    ">": "scroll-output-right",
    "h": "scroll-output-left",
    "left": "scroll-output-left",
    "right": "scroll-output-right",
    "shift+left": "scroll-output-left",
    "shift+right": "scroll-output-right",
    "f": "go-to-failing-line",
    "/": "find",
    "ctrl+f": "find",
    "ctrl+s": "find",
}
_END_KEYS = ("G", "end")
_CLOSE_KEYS = ("escape", "q", "l", "ctrl+c")
_HINTS = ("q closes  / finds  t type  Y copies  W saves  w opens  | pages", "q closes  / finds  t type", "q closes")


class ViewerHost(Protocol):
    """What the viewer uses of the pane below it. OutputViews implements it."""

    shell: Shell
    session: SessionPort
    state: ViewState
    view: NotebookView
    run_command: Callable[[Command], None]
    sync: Callable[[], None]

    def types_of(self, output: Output, preferred: str = "") -> Sequence[str]:
        """Returns the MIME types that can be shown, the one on the screen first."""
        ...


class Viewer(Dialog[None], SelectableRows):
    """Shows the outputs of one cell."""

    DEFAULT_CSS = "Viewer { layer: viewer; height: 100%; }"
    fills_screen = True
    is_framed = False
    badge = "VIEW"

    def __init__(self, host: ViewerHost, cell: CellId) -> None:
        super().__init__(host.shell.role)
        self._host = host
        self._cell = cell
        self._area: OutputArea | None = None
        self._rendering: RenderContext | None = None
        self._row = 0
        self._top = 0
        self._follows_end = False
        """Whether the cursor stays at the last row as output arrives."""
        self._found: tuple[Place, int] | None = None
        """The match that is shown: its row and its index within the row."""
        self._type_name: tuple[tuple[object, ...], str] = (), ""
        """Cache of `_type_of`: the state that it was computed for, and the type."""
        self._search = TextSearch(host.shell, host.session.notebook, self._texts, self._go, self.refresh)

    # ---- content

    def on_resize(self) -> None:
        self._area = None

    @property
    def area(self) -> OutputArea | None:
        """The rows, brought up to date. None if the cell has no outputs any more."""
        notebook = self._host.session.notebook
        if self._cell not in notebook or not len(notebook[self._cell].outputs):
            return None
        context = self._host.view.painter.context
        if self._area is None or context.styles is not (self._rendering and self._rendering.styles):
            self._rendering = replace(context, width=self._columns, picture_rows=self._page, enlarge_pictures=True)
            self._area = OutputArea(notebook[self._cell].outputs, self._rendering, _LINE_LIMIT)
        elif self._area.outputs is not notebook[self._cell].outputs:
            self._area = OutputArea(notebook[self._cell].outputs, self._area.context, _LINE_LIMIT)
        self._area.sync(True, self._host.state.look(self._cell))
        end = self._area.height - 1
        self._row = end if self._follows_end else max(0, min(self._row, end))
        self._top = max(0, min(self._top, end), self._row - self._page + 1)
        return self._area

    @property
    def _page(self) -> int:
        """Rows on the screen without the status line."""
        return max(1, self._host.view.size.height - 1)

    @property
    def _columns(self) -> int:
        """Columns of the notebook's view: a key may arrive before this widget has a size."""
        return max(1, self._host.view.size.width)

    @property
    def output(self) -> int:
        """Index of the output under the cursor."""
        area = self.area
        return area.place(self._row).output if area is not None and area.height else 0

    @property
    def links(self) -> list[Link]:
        """The links on the row with the cursor."""
        area = self.area
        return links_on(area.line(self._row)) if area is not None and area.height else []

    @property
    def columns(self) -> tuple[int, int]:
        """The visible columns, and the columns of the widest output; 0 if all fit."""
        area = self.area
        return self._columns, area.columns if area is not None else 0

    def render_line(self, y: int) -> Strip:
        area = self.area
        if y >= self._page:
            return self._status(area)
        base = Style(color=self.role("foreground").color, bgcolor=self.role("background").bgcolor)
        index = self._top + y
        if area is None or index >= area.height:
            return as_strip((), base, self.size.width)
        line = area.line(index)
        picture = bool(line) and line[0].image is not None
        if index == self._row and not picture:
            base += self.role("selected_background")
        if picture:
            return as_strip(line, base, self.size.width)
        return self.with_selection(as_strip(self._marked(area, index, line), base, self.size.width), index)

    def _marked(self, area: OutputArea, row: int, line: Line) -> Line:
        query = self._search.background.query
        if not query.text or self._found is None:
            return line
        place, nth = self._found
        current = nth if area.place(row) == place else -1
        return highlight_matches(line, query, self.role("bracket_match"), current, Style(reverse=True))

    def _status(self, area: OutputArea | None) -> Strip:
        notebook = self._host.session.notebook
        if area is None or not area.height:
            return self.row("no outputs any more  q closes", Style(bold=True))
        outputs, place = notebook[self._cell].outputs, area.place(self._row)
        output = outputs[place.output]
        parts = [f"{self._row + 1:,}/{area.height:,}", clean(self._type_of(output))]
        if len(outputs) > 1:
            parts.insert(0, f"output {place.output + 1}/{len(outputs):,}")
        shown, columns = self.columns
        if columns:
            start = min(self._host.state.look(self._cell).start, columns - shown)
            parts.append(f"columns {start + 1}–{start + shown} of {columns}")
        if message := self._search.background.message:
            parts.append(message)
        text = " · ".join(parts)
        room = self.size.width - width(text) - 4
        hint = next((hint for hint in _HINTS if len(hint) <= room), "")
        return self.row(f"{text}{hint.rjust(room + 2)}", Style(bold=True))

    def _type_of(self, output: Output) -> str:
        """Returns the type as which an output is shown. Cached, since finding it renders the output: too slow for each key."""
        mime = self._host.state.look(self._cell).mime
        state = (output, output.revision, mime, self._host.view.painter)
        if self._type_name[0] != state:
            types = self._host.types_of(output, mime)
            self._type_name = state, types[0] if types else output.name or output.type
        return self._type_name[1]

    # ---- moving

    def _move(self, row: int) -> None:
        area = self.area
        if area is None:
            return
        self._follows_end = False
        self._row = max(0, min(row, area.height - 1))
        self._top = max(min(self._top, self._row), self._row - self._page + 1)
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        character = event.character if event.character and event.character.isprintable() else ""
        key = character.strip() or event.key
        if key in _CLOSE_KEYS:
            self.finish(None)
        elif key in ("n", "N"):
            self._search.again(1 if key == "n" else -1)
        elif key == "enter":
            self._enter()
        elif key in _COMMANDS_BY_KEY:
            self._host.run_command(COMMANDS[_COMMANDS_BY_KEY[key]])
            self.refresh()
        elif (target := self._target(key)) is not None:
            self._move(target)
            self._follows_end = key in _END_KEYS

    def _target(self, key: str) -> int | None:
        """Returns the row to which a key moves the cursor, or None for other keys."""
        page = max(1, self._page - 1)
        area = self.area
        end = area.height - 1 if area is not None else 0
        steps = scroll_steps(page)
        places = {"g": 0, "home": 0} | dict.fromkeys(_END_KEYS, end)
        if key in steps:
            return self._row + steps[key]
        return places.get(key)

    def _enter(self) -> None:
        """Expands or collapses the node under the cursor, or opens the link there."""
        area = self.area
        if area is None:
            return
        if (node := area.node(self._row)) is not None:
            self._host.state.toggle_node(self._cell, *node)
            self._host.sync()
        elif self.links:
            self._host.run_command(COMMANDS["follow-link"])
        else:
            self._move(self._row + 1)
        self.refresh()

    # ---- the mouse

    @property
    def top_row(self) -> int:
        return self._top

    @property
    def rows_shown(self) -> int:
        return self._page

    def text_of(self, row: int) -> str:
        area = self.area
        line = area.line(row) if area is not None and row < area.height else ()
        return "" if any(span.image is not None for span in line) else plain(without_rule(line))

    def turn(self, rows: int) -> None:
        self._scroll(rows)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y < self._page and not self.has_selection:
            self._move(self._top + event.y)
            area = self.area
            if area is not None and area.node(self._row) is not None:
                self._enter()

    def on_mouse_scroll_down(self) -> None:
        self._scroll(3)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-3)

    def _scroll(self, rows: int) -> None:
        area = self.area
        if area is not None:
            self._top = max(0, min(self._top + rows, area.height - self._page))
            self._move(max(self._top, min(self._row, self._top + self._page - 1)))

    # ---- search

    async def find(self) -> None:
        """Opens the search bar for these outputs."""
        await self._search.ask([self._cell], self._cell, goes_on=self._host.state.enter_finds_next)
        self.refresh()

    def _texts(self, cell: Cell) -> Iterable[tuple[int, Iterable[Chunk]]]:
        context = self._rendering or self._host.view.painter.context
        return (text for text in texts_of(cell, context, self._host.state.look(cell.id)) if text[0] != SOURCE)

    def _go(self, match: Match) -> None:
        area, background = self.area, self._search.background
        if area is None or match.place >= len(area.outputs):
            return
        state = self._host.state
        row, nth = expose(area, state, match, background)
        place = Place(match.place, row)
        current = self.area or area
        self._move(current.row_of(place) or 0)
        self._found = (place, visible_index(current, state, match, self._row, background, nth))
