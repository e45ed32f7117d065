"""The panel of the kernel's variables, beside the notebook or below it. It keeps its keys to itself while it has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from tuinb.analysis.staleness import OUTSIDE
from tuinb.render.safe import clean, width
from tuinb.ui.inspection.variable_rows import ORDERS, Columns, chosen
from tuinb.ui.layer import Taken
from tuinb.ui.strips import cut_with_mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.session.variables import Variable
    from tuinb.workspace.view_state import ViewState

HINTS = (
    "Enter opens  / filters  s sorts  m modules  f functions  g goes to the cell  q closes",
    "Enter opens  / filters  s sorts  g cell  q closes",
    "Enter opens  q closes",
)
_FILTER_HINTS = ("Enter keeps the filter  Esc clears it", "Enter keeps")
_BESIDE = 110
"""Columns of the screen from which the panel is beside the notebook."""
_WIDTH = 56
"""Columns of a panel beside the notebook: two fifths of the screen, at most this."""
_ROWS = (6, 14)
"""Rows of a panel below the notebook, at least and at most: two fifths of the screen."""
_DELETED, _OVERWRITTEN = "×", "»"


class VariablesPanel(Widget, can_focus=True):
    """Shows session.variables. `open_variable` and `go` are called by keys, `leave` gives the focus to the notebook."""

    DEFAULT_CSS = "VariablesPanel { layer: base; }"
    ALLOW_SELECT = False

    def __init__(
        self,
        session: SessionPort,
        state: ViewState,
        role: Callable[[str], Style],
        *,
        open_variable: Callable[[Variable], None],
        go: Callable[[CellId], None],
        leave: Callable[[], None],
        close: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._session = session
        self._state = state
        self._role = role
        self._open = open_variable
        self._go = go
        self._leave = leave
        self._close = close
        self._changed = changed
        """Called when the hints or the focus change."""
        self._variables = session.variables
        self._shown: list[Variable] = []
        self._columns: Columns | None = None
        self._name = ""
        """The selected variable. It stays selected when others come and go."""
        self._row = 0
        self._top = 0
        self._part = ""
        self._typing = False
        """Whether keys are typed into the filter."""
        self._order = ORDERS[0]
        self._modules = self._functions = False
        self._overwritten: frozenset[str] = frozenset()
        self._asked_of: CellId | None = None
        """The cell that `_overwritten` is of."""
        self._stop_watching: Callable[[], None] = lambda: None

    # ---- life

    def on_mount(self) -> None:
        self._place()
        self._stop_watching = self._variables.watch(self._read)

    def on_unmount(self) -> None:
        self._stop_watching()

    def on_resize(self) -> None:
        self._place()
        self._columns = None
        self._reveal()

    def _place(self) -> None:
        """Docks the panel beside the notebook, or below it on a narrow screen."""
        columns, rows = self.app.size
        styles = self.styles
        if columns >= _BESIDE:
            styles.dock, styles.width, styles.height = "right", min(_WIDTH, columns * 2 // 5), "100%"
        else:
            least, most = _ROWS
            styles.dock, styles.width, styles.height = "bottom", "100%", max(least, min(most, rows * 2 // 5))

    def on_focus(self) -> None:
        self._changed()
        self.refresh()

    def on_blur(self) -> None:
        self._typing = False
        self._changed()
        self.refresh()

    def follow_active(self) -> None:
        """Marks what the active cell would set again, if another cell is active now."""
        if self._state.active != self._asked_of:
            self._read()

    def _read(self) -> None:
        """Shows what was read. Runs after each reading."""
        self._asked_of = self._state.active
        self.run_worker(self._ask_overwritten(), exclusive=True)
        self._choose()

    async def _ask_overwritten(self) -> None:
        found = await self._variables.overwritten_by(self._asked_of)
        if found != self._overwritten:
            self._overwritten = found
            self.refresh()

    def _choose(self) -> None:
        variables = self._variables
        self._shown = chosen(variables.rows, self._part, self._order, modules=self._modules, functions=self._functions)
        names = [row.name for row in self._shown]
        self._row = names.index(self._name) if self._name in names else max(0, min(self._row, len(names) - 1))
        self._columns = None
        self._reveal()
        self.refresh()

    # ---- painting

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 3)

    def render_line(self, y: int) -> Strip:
        surface = Style(color=self._role("status_foreground").color, bgcolor=self._role("status_background").bgcolor)
        if y == 0:
            return self._bar(self._title(), surface + Style(bold=True))
        if y == self.size.height - 1:
            return self._bar(f" {self._footer()}", surface)
        base = Style(color=self._role("foreground").color, bgcolor=self._role("background").bgcolor)
        if self._columns is None:
            self._columns = Columns(self._shown, self.size.width, self._number)
        if y == 1:
            return self._bar(f"  {self._columns.head()}", base + self._role("muted"))
        index = self._top + y - 2
        if index >= len(self._shown):
            return self._bar(f"  {self._empty()}" if y == 2 else "", base + self._role("muted"))
        return self._variable(self._shown[index], self._columns, base, is_chosen=index == self._row)

    def _variable(self, row: Variable, columns: Columns, base: Style, *, is_chosen: bool) -> Strip:
        mark = self._mark(row)
        if is_chosen:
            base = base + (Style(reverse=True) if self.has_keys else self._role("selected_background"))
        warning = base + self._role("warning") if mark and not (is_chosen and self.has_keys) else base
        text = columns.row(row)
        return Strip([Segment(f"{mark or ' '} ", warning), Segment(text, base)]).adjust_cell_length(self.size.width, base)

    def _bar(self, text: str, style: Style) -> Strip:
        columns = self.size.width
        text = cut_with_mark(text, columns)
        return Strip([Segment(text, style)], width(text)).adjust_cell_length(columns, style)

    def _title(self) -> str:
        count = f"{len(self._shown):,}"
        if self._part:
            everything = chosen(self._variables.rows, "", "", modules=self._modules, functions=self._functions)
            count += f" of {len(everything):,}"
        parts = [f" Variables {count}"]
        if self._typing or self._part:
            parts.append(f"/{self._part}{'▏' if self._typing else ''}")
        if self._order != ORDERS[0]:
            parts.append(f"by {self._order}")
        if self._variables.problem:
            parts.append(self._variables.problem)
        return " · ".join(parts)

    def _empty(self) -> str:
        variables = self._variables
        if variables.problem:
            return variables.problem
        if not variables.rows:
            return "no variables yet"
        if self._part:
            return "no name contains this"
        return "only modules and functions: m and f show them"

    def _mark(self, row: Variable) -> str:
        if self._variables.is_of_deleted_cell(row):
            return _DELETED
        return _OVERWRITTEN if row.name in self._overwritten else ""

    def _number(self, cell: CellId) -> str:
        if cell in self._session.notebook:
            return f"[{self._session.notebook.index(cell) + 1}]"
        return "" if cell == OUTSIDE else _DELETED

    def _footer(self) -> str:
        variables = self._variables
        if variables.left:
            return f"{variables.left:,} more names: / filters all of them"
        if not self._shown:
            return ""
        row = self._shown[self._row]
        if variables.is_of_deleted_cell(row):
            return f"{_DELETED} {clean(row.name)} was set by a deleted cell: a fresh kernel will not have it"
        where = self._where(row)
        if row.name in self._overwritten and self._state.active is not None:
            number = self._session.notebook.index(self._state.active) + 1
            return f"{_OVERWRITTEN} cell {number} would set {clean(row.name)} again{f', {where}' if where else ''}"
        return f"{clean(row.name)}: {where}" if where else ""

    def _where(self, row: Variable) -> str:
        origin = row.origin
        if origin is None:
            return ""
        if origin.set_in == OUTSIDE:
            return "set by code that is no cell"
        text = f"set in cell {self._session.notebook.index(origin.set_in) + 1}"
        if origin.changed_in != origin.set_in and origin.changed_in in self._session.notebook:
            text += f", changed in cell {self._session.notebook.index(origin.changed_in) + 1}"
        return text

    # ---- keys

    @property
    def has_keys(self) -> bool:
        """Whether the panel has the focus. Textual's `has_focus` changes only after the event."""
        return self.is_attached and self.screen.focused is self

    @property
    def hints(self) -> tuple[str, ...]:
        """Hints for the status line."""
        return _FILTER_HINTS if self._typing else HINTS

    def offer_key(self, key: str, event: events.Key) -> Taken:
        """Takes the panel's keys while it has the focus. Others reach the keymap."""
        if not self.has_keys:
            return Taken.BELOW
        character = event.character if event.character is not None and event.character.isprintable() else ""
        taken = self._type(key, event) if self._typing else self._press(character.strip() or key)
        if taken:
            self._changed()
            self.refresh()
        return Taken.HERE if taken else Taken.BELOW

    def _type(self, key: str, event: events.Key) -> bool:
        if key in ("enter", "down", "up"):
            self._typing = False
        elif key in ("escape", "ctrl+c"):
            self._typing, self._part = False, ""
        elif key == "backspace":
            self._part = self._part[:-1]
        elif event.character is not None and event.character.isprintable():
            self._part += event.character
        else:
            return False
        self._variables.limit_to(self._part)
        self._choose()
        return True

    def _press(self, key: str) -> bool:
        page = self._page
        steps = {"down": 1, "j": 1, "up": -1, "k": -1, "pagedown": page, "space": page, "pageup": -page, "b": -page}
        places = {"home": 0, "end": len(self._shown) - 1, "G": len(self._shown) - 1}
        if key in steps or key in places:
            self._move(places[key] if key in places else self._row + steps[key])
        elif key == "enter" and self._shown:
            self._open(self._shown[self._row])
        elif key == "/":
            self._typing = True
        elif key == "s":
            self._order = ORDERS[(ORDERS.index(self._order) + 1) % len(ORDERS)]
            self._choose()
        elif key == "m":
            self._modules = not self._modules
            self._choose()
        elif key == "f":
            self._functions = not self._functions
            self._choose()
        elif key == "g" and self._shown:
            self._go_to_cell(self._shown[self._row])
        elif key == "escape":
            self._leave()
        elif key in ("q", "D"):
            self._close()
        else:
            # A letter, or Enter, would otherwise run a command on a cell that the user does not look at.
            return key not in (":", "?") and not key.startswith(("ctrl+", "alt+", "f"))
        return True

    def _move(self, row: int) -> None:
        self._row = max(0, min(row, len(self._shown) - 1))
        self._name = self._shown[self._row].name if self._shown else ""
        self._reveal()

    def _reveal(self) -> None:
        self._top = max(0, min(self._top, self._row, len(self._shown) - self._page), self._row - self._page + 1)

    def _go_to_cell(self, row: Variable) -> None:
        origin = row.origin
        if origin is not None and origin.set_in in self._session.notebook:
            self._go(origin.set_in)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = self._top + event.y - 2
        if 0 <= index < len(self._shown) and 2 <= event.y < self.size.height - 1:
            self._move(index)
            if event.chain > 1:
                self._open(self._shown[index])
            self.refresh()

    def on_mouse_scroll_down(self) -> None:
        self._move(self._row + 3)
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._move(self._row - 3)
        self.refresh()
