"""The panel of the kernel's variables."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from tuinb.analysis.page import OUTSIDE
from tuinb.render.safe import clean
from tuinb.ui.inspection.side_panel import SidePanel
from tuinb.ui.inspection.variable_rows import ORDERS, Columns, chosen

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style
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
_DELETED, _OVERWRITTEN = "×", "»"


class VariablesPanel(SidePanel):
    """Shows session.variables. `open_variable` and `go` are called by keys, `leave` gives the focus to the notebook."""

    HEAD = 2

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
        super().__init__(role, changed)
        self._session = session
        self._state = state
        self._open = open_variable
        self._go = go
        self._leave = leave
        self._close = close
        self._variables = session.variables
        self._shown: list[Variable] = []
        self._columns: Columns | None = None
        self._name = ""
        """The selected variable. It stays selected when others come and go."""
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
        super().on_mount()
        # A reading may be a task of an earlier screen, whose app `self.app` would be in it.
        context = copy_context()
        self._stop_watching = self._variables.watch(lambda: context.copy().run(self._read))

    def on_unmount(self) -> None:
        self._stop_watching()

    def on_resize(self) -> None:
        self._columns = None
        super().on_resize()

    def on_blur(self) -> None:
        self._typing = False
        super().on_blur()

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
    def mode(self) -> str:
        """What the status line calls the panel."""
        return "VARIABLES"

    @property
    def _count(self) -> int:
        return len(self._shown)

    @property
    def _placed(self) -> Columns:
        if self._columns is None:
            self._columns = Columns(self._shown, self.size.width, self._number)
        return self._columns

    def _head(self, base: Style) -> Strip:
        return self._bar(f"  {self._placed.head()}", base + self._role("muted"))

    def _line(self, index: int, base: Style) -> Strip:
        row = self._shown[index]
        mark = self._mark(row)
        warning = base + self._role("warning") if mark and not (index == self._row and self.has_keys) else base
        text = self._placed.row(row)
        return Strip([Segment(f"{mark or ' '} ", warning), Segment(text, base)]).adjust_cell_length(self.size.width, base)

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
            return str(self._session.notebook.index(cell) + 1)
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
    def hints(self) -> tuple[str, ...]:
        """Hints for the status line."""
        return _FILTER_HINTS if self._typing else HINTS

    def _take(self, key: str, event: events.Key) -> bool:
        return self._type(key, event) if self._typing else super()._take(key, event)

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
        if key == "enter" and self._shown:
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
            return False
        return True

    def _move(self, row: int) -> None:
        super()._move(row)
        self._name = self._shown[self._row].name if self._shown else ""

    def _open_row(self) -> None:
        self._open(self._shown[self._row])

    def _go_to_cell(self, row: Variable) -> None:
        origin = row.origin
        if origin is not None and origin.set_in in self._session.notebook:
            self._go(origin.set_in)
